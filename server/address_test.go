package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"veille/archive"
)

// TestSpellings: whatever programs and proxies make of an address within a
// path, it means the page.
func TestSpellings(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct{ page, asked string }{
		{"https://a.example/x", "https:/a.example/x"},
		{"https://a.example/x", "http://a.example/x"},
		{"https://a.example/x", "a.example/x"},
		{"https://a.example/x", "//a.example/x"},
		{"https://a.example/x", "https://www.a.example/x"},
		{"https://a.example/x", "HTTPS://A.Example/x"},
		{"https://a.example/x", "https%3A%2F%2Fa.example%2Fx"},
		{"https://a.example/x", "https://a.example:443/x"},
		{"https://a.example/x", "https://a.example/y/../x"},
		{"http://www.b.example/", "b.example"},
		{"https://a.example/", "https://a.example"},
		{"https://a.example/q?a=1&b=//x/../y&c=%2F", "https://a.example/q?a=1&b=//x/../y&c=%2F"},
		{"https://a.example/q?a=1&b=//x/../y&c=%2F", "https%3A%2F%2Fa.example%2Fq?a=1&b=//x/../y&c=%2F"},
		{"https://a.example/q?ui=fr&q=%zz;", "https://a.example/q?ui=fr&q=%zz;"},
		{"https://a.example/a//b/%2F/c", "https://a.example/a//b/%2F/c"},
		{"https://a.example/caf%C3%A9", "https://a.example/café"},
		{"https://a.example/caf%C3%A9?x=%C3%A9", "https://a.example/caf%C3%A9?x=é"},
		{"https://xn--bcher-kva.example/", "https://bücher.example/"},
		{"https://a.example/20260303/", "https://a.example/20260303/"},
		{"https://a.example/https://b.example/", "https://a.example/https://b.example/"},
		{"https://a.example/[x]", "https://a.example/[x]"},
		{"https://[2001:db8::1]/", "https://[2001:db8::1]/"},
	} {
		if _, err := w.server.Archive.Page(t.Context(), tt.page); err != nil {
			w.keep(tt.page, morning, wire("200 OK", "Content-Type: text/html\r\n", "<p>"+tt.page), archive.Content)
		}
		want := "/web/20260303080000/" + tt.page
		// A server may be asked with letters as they are; Go's client would escape them.
		for _, prefix := range []string{"/timegate/", "/web/", "/web/2026/", "/web/20260303080000/"} {
			req := &http.Request{Method: "GET", Header: http.Header{}, URL: &url.URL{Scheme: "http", Host: strings.TrimPrefix(w.web.URL, "http://"), Opaque: prefix + tt.asked}}
			res, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			got, _ := strings.CutPrefix(res.Header.Get("Location"), "http://localhost:8080")
			if prefix == "/web/20260303080000/" && tt.asked == tt.page {
				if res.StatusCode != 200 {
					t.Errorf("GET %s%s: %s", prefix, tt.asked, res.Status)
				}
				continue
			}
			if got != want || res.StatusCode != http.StatusFound {
				t.Errorf("GET %s%s leads (%s) to %q, want %q", prefix, tt.asked, res.Status, got, want)
			}
		}
	}
}

// TestLooseCharacters: an address may hold what a header may not; its memento
// is found all the same, wherever the TimeGate leads.
func TestLooseCharacters(t *testing.T) {
	w := newWorld(t)
	ask := func(path string) *http.Response { // with letters as they are; Go's client would escape them
		t.Helper()
		res, err := http.DefaultTransport.RoundTrip(&http.Request{Method: "GET", Header: http.Header{},
			URL: &url.URL{Scheme: "http", Host: strings.TrimPrefix(w.web.URL, "http://"), Opaque: path}})
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res
	}
	for _, page := range []string{"https://a.example/a|b^c", "https://a.example/q?x={a|b}", "https://a.example/q?`"} {
		w.keep(page, morning, wire("200 OK", "Content-Type: text/html\r\n", "<p>Text of "+page), archive.Content)
		for _, prefix := range []string{"/timegate/", "/web/", "/web/2026/", "/web/2026id_/"} {
			res := ask(prefix + page)
			for hops := 0; res.StatusCode == http.StatusFound && hops < 3; hops++ {
				to := strings.TrimPrefix(res.Header.Get("Location"), "http://localhost:8080")
				if strings.ContainsAny(to, "{}|^`") {
					t.Errorf("GET %s%s leads to %q", prefix, page, to)
				}
				res = ask(to)
			}
			if res.StatusCode != http.StatusOK || res.Header.Get("Memento-Datetime") == "" {
				t.Errorf("GET %s%s ends with %s", prefix, page, res.Status)
			}
		}
	}
}

// FuzzReplayAddress: what stands behind /web/ either has a time that is one and
// an address, or is a wrong request; nothing else.
func FuzzReplayAddress(f *testing.F) {
	for _, s := range []string{"20260303080000/https://a.example/", "2026id_/a.example", "*/x", "20260231/x", "2026*/http://x/?y", "99999999999999/x", "https:/x", "20260303080000000/x", "%68ttp%3A//x", "http%3A%2F%2Fx%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := parseReplay(text); err == nil && r.digits != "" {
			at, err := parseMoment(r.digits)
			if err != nil {
				t.Fatalf("%q was taken, and %q is no time: %v", text, r.digits, err)
			}
			if len(r.digits) <= 14 && !strings.HasPrefix(stamp(at), r.digits) {
				t.Errorf("%q means %s", r.digits, at)
			}
		}
		mended, _ := mend(text)
		if again, _ := mend(mended); again != mended && !escapedScheme.MatchString(mended) {
			t.Errorf("mend(%q) = %q, and again %q", text, mended, again)
		}
		for _, c := range []byte(inHeader(text)) {
			if c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '"' {
				t.Errorf("inHeader(%q) holds %q", text, c)
			}
		}
	})
}

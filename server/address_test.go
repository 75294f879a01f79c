package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"veille/archive"
)

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

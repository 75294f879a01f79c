package server

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"veille/archive"
	"veille/internal/attacks"
)

// keep puts an answer into the archive as the crawler does, read as class. Hops
// are redirects before it, address and answer in turn.
func (w *world) keep(address string, at time.Time, answer string, class archive.Class, hops ...string) *archive.Capture {
	w.t.Helper()
	c := &archive.Capture{Source: w.server.Sources.Sources[0].ID, URL: address, Lang: "en", Time: at}
	final := address
	for i := 0; i < len(hops); i += 2 {
		c.Exchanges = append(c.Exchanges, archive.Exchange{URL: final, Time: at, Response: []byte(hops[i+1])})
		final = hops[i]
	}
	c.Exchanges = append(c.Exchanges, archive.Exchange{URL: final, Time: at, Response: []byte(answer)})
	if err := w.server.Archive.Add(w.t.Context(), c); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.server.Archive.AddReadings(w.t.Context(), c.Seq, []archive.Reading{{Capture: c.Seq, Class: class}}); err != nil {
		w.t.Fatal(err)
	}
	return c
}

// wire is an HTTP answer as it crossed the wire.
func wire(status, headers, body string) string {
	return "HTTP/1.1 " + status + "\r\n" + headers + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body)) + body
}

// fetch asks and follows nothing.
func (w *world) fetch(path string, headers ...string) (*http.Response, string) {
	w.t.Helper()
	req, err := http.NewRequest("GET", w.web.URL+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res, string(b)
}

var morning = time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)

// TestLongTimeMaps go on in further ones, which together hold each memento once.
func TestLongTimeMaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const page, n = "https://a.example/", 2*mementosAPage + 7
	var captures []*archive.Capture
	var readings []archive.Reading
	for i := range n {
		captures = append(captures, &archive.Capture{Source: w.server.Sources.Sources[0].ID, URL: page, Time: morning.Add(time.Duration(i) * time.Hour),
			Exchanges: []archive.Exchange{{URL: page, Response: []byte(wire("200 OK", "Content-Type: text/html\r\n", "<p>x"))}}})
	}
	if err := w.server.Archive.Add(t.Context(), captures...); err != nil {
		t.Fatal(err)
	}
	for _, c := range captures {
		readings = append(readings, archive.Reading{Capture: c.Seq, Class: archive.Content})
	}
	if _, err := w.server.Archive.AddReadings(t.Context(), captures[n-1].Seq, readings); err != nil {
		t.Fatal(err)
	}
	memento := regexp.MustCompile(`(?m)^<([^>]*)>; rel="((?:first |last )*memento)"; datetime="([^"]*)"`)
	onward := regexp.MustCompile(`(?m)^<http://localhost:8080([^>]*)>; rel="timemap"; type="application/link-format"; from="([^"]*)"; until="([^"]*)"`)
	self := regexp.MustCompile(`^<http://localhost:8080([^>]*)>; rel="self"; type="application/link-format"; from="([^"]*)"; until="([^"]*)"`)
	seen, promised := map[string]bool{}, map[string][]string{}
	todo := []string{"/timemap/link/" + page}
	for i := 0; i < len(todo); i++ {
		_, body := w.fetch(todo[i])
		me := self.FindStringSubmatch(body)
		if me == nil || me[1] != todo[i] {
			t.Fatalf("%s begins %.200s", todo[i], body)
		}
		if p := promised[todo[i]]; p != nil && !slices.Equal(p, me[2:]) {
			t.Errorf("%s spans %q, the map before it said %q", todo[i], me[2:], p)
		}
		all := memento.FindAllStringSubmatch(body, -1)
		if all[0][3] != me[2] || all[len(all)-1][3] != me[3] {
			t.Errorf("%s says it spans %q, and holds %s to %s", todo[i], me[2:], all[0][3], all[len(all)-1][3])
		}
		for k, m := range all {
			if seen[m[1]] {
				t.Errorf("%s is listed twice", m[1])
			}
			seen[m[1]] = true
			if first, last := i == 0 && k == 0, len(seen) == n; first != strings.Contains(m[2], "first") || last != strings.Contains(m[2], "last") {
				t.Errorf("memento %d is called %q", len(seen), m[2])
			}
		}
		for _, o := range onward.FindAllStringSubmatch(body, -1) {
			if !slices.Contains(todo, o[1]) {
				todo = append(todo, o[1])
			}
			promised[o[1]] = o[2:]
		}
	}
	if len(seen) != n || len(todo) != 3 {
		t.Errorf("%d maps list %d mementos, want 3 and %d", len(todo), len(seen), n)
	}
	if _, body := w.fetch("/timemap/cdxj/3/" + page); strings.Count(body, "\n") != 7 {
		t.Errorf("the third CDXJ map is\n%s", body)
	}
}

// TestOfOneSecondTheLastCounts: Memento's times are to the second.
func TestOfOneSecondTheLastCounts(t *testing.T) {
	w := newWorld(t)
	const page = "https://a.example/"
	for i, ms := range []int{100, 200, 300, 5000} {
		w.keep(page, morning.Add(time.Duration(ms)*time.Millisecond), wire("200 OK", "Content-Type: text/html\r\n", fmt.Sprintf("<p>reading %d", i)), archive.Content)
	}
	if _, body := w.fetch("/timemap/link/" + page); strings.Count(body, "datetime=") != 2 {
		t.Errorf("the map is\n%s", body)
	}
	w.want("/web/20260303080000/"+page, 200, "reading 2")
	res, _ := w.fetch("/timegate/"+page, "Accept-Datetime", "Tue, 03 Mar 2026 08:00:00 GMT")
	if got := res.Header.Get("Location"); !strings.HasSuffix(got, "/web/20260303080000/"+page) {
		t.Errorf("the TimeGate leads to %s", got)
	}
}

// TestRedirects: a page that led elsewhere is a memento that leads there, if
// what it led to is in the archive; otherwise it says where it led.
func TestRedirects(t *testing.T) {
	w := newWorld(t)
	page := func(text string) string { return wire("200 OK", "Content-Type: text/html\r\n", "<h1>"+text+"</h1>") }
	w.keep("https://a.example/new", morning, page("the new page"), archive.Content)
	w.keep("https://a.example/old", morning.Add(time.Hour), wire("301 Moved Permanently", "Location: /new\r\n", ""), archive.Moved)
	w.keep("https://a.example/lost", morning, wire("302 Found", "Location: https://elsewhere.example/a?b\r\n", ""), archive.Moved)
	w.keep("https://a.example/gone", morning, page("front page"), archive.Moved, "https://a.example/", wire("302 Found", "Location: /\r\n", ""))
	w.keep("https://a.example/short", morning, page("the long page"), archive.Content, "https://a.example/long", wire("301 Moved Permanently", "Location: /long\r\n", ""))
	w.keep("https://a.example/evil", morning, wire("302 Found", "Location: javascript:alert(1)\r\n", ""), archive.Moved)
	w.keep("https://a.example/self", morning, wire("302 Found", "Location: /self\r\n", ""), archive.Moved)

	res, _ := w.fetch("/web/20260303090000/https://a.example/old")
	if res.StatusCode != 301 || res.Header.Get("Location") != "/web/20260303080000/https://a.example/new" ||
		res.Header.Get("Memento-Datetime") != "Tue, 03 Mar 2026 09:00:00 GMT" || !strings.Contains(res.Header.Get("Link"), `<https://a.example/old>; rel="original"`) {
		t.Errorf("the old page answers %s, %v", res.Status, res.Header)
	}
	w.want("/web/20260303080000/https://a.example/lost", 200, "https://elsewhere.example/a?b")
	w.want("/web/20260303080000/https://a.example/gone", 200, "https://a.example/", "front page", "led elsewhere")
	w.want("/web/20260303080000/https://a.example/short", 200, "https://a.example/long", "the long page", "sent us on")
	w.want("/web/20260303080000/https://a.example/self", 200, "led elsewhere")
	if body := w.want("/web/20260303080000/https://a.example/evil", 200, "javascript:alert(1)"); strings.Contains(body, `href="javascript`) {
		t.Error("a redirection to a script is a link")
	}
}

// TestBytes: what comes is byte for byte what was archived, coded as it was for
// those who take that coding, and from the capture that holds it.
func TestBytes(t *testing.T) {
	w := newWorld(t)
	const text = "<p>Le délai est de trente jours.</p>"
	var coded bytes.Buffer
	z := gzip.NewWriter(&coded)
	io.WriteString(z, text)
	z.Close()
	const page = "https://a.example/x"
	w.keep(page, morning, wire("200 OK", "Content-Type: text/html; charset=UTF-8\r\nContent-Encoding: gzip\r\nETag: \"1\"\r\nX-Own: yes\r\n", coded.String()), archive.Content)
	w.keep(page, morning.Add(time.Hour), "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n", archive.Content)
	for _, at := range []string{"20260303080000", "20260303090000"} {
		path := "/web/" + at + "id_/" + page
		res, body := w.fetch(path, "Accept-Encoding", "identity")
		if body != text || res.Header.Get("Content-Encoding") != "" || res.Header.Get("Content-Type") != "text/html; charset=UTF-8" || res.StatusCode != 200 {
			t.Errorf("%s: %s, %v\n%q", path, res.Status, res.Header, body)
		}
		res, body = w.fetch(path, "Accept-Encoding", "br;q=0.5, gzip")
		if body != coded.String() || res.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s, coded: %v\n%q", path, res.Header, body)
		}
		line, err := w.server.Archive.IndexLine(t.Context(), 1)
		if err != nil || res.Header.Get("X-Archive-Payload-Digest") != line.Digest || line.Digest == "" {
			t.Errorf("digest %q, the index says %+v (%v)", res.Header.Get("X-Archive-Payload-Digest"), line, err)
		}
		if res, _ := w.fetch(path, "Accept-Encoding", "gzip;q=0.0"); res.Header.Get("Content-Encoding") != "" {
			t.Error("a coding that was refused is sent")
		}
		w.want("/web/"+at+"/"+page, 200, "Le délai est de trente jours.")
	}
	res, _ := w.fetch("/web/20260303080000id_/" + page)
	if res.Header.Get("X-Archive-Orig-X-Own") != "yes" {
		t.Errorf("archived headers: %v", res.Header)
	}
}

// TestHostileReplay: whatever was archived, the page that shows it holds none
// of it but text, links into the archive and pictures in themselves, all within
// its frame.
func TestHostileReplay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pages, err := attacks.List("//evil.example")
	if err != nil {
		t.Fatal(err)
	}
	harmless := map[int]string{}
	for i, page := range append([]string{"<p>harmless</p>"}, pages...) {
		address := fmt.Sprintf("https://a.example/%d", i)
		for k, kind := range []string{"text/html", "text/html; charset=utf-7", "application/xhtml+xml", "text/html; charset=x-user-defined\"><script>"} {
			at := morning.Add(time.Duration(k) * time.Hour)
			w.keep(address, at, wire("200 OK", "Content-Type: "+kind+"\r\n", fmt.Sprintf("<!doctype html><title>%s</title><body>%s<!--%d-->", page, page, k)), archive.Content)
			res, body := w.fetch(replayPath(at, address))
			if res.StatusCode != 200 {
				t.Fatalf("%q: %s", page, res.Status)
			}
			frame := inspect(t, page, body)
			if i == 0 {
				harmless[k] = frame
			}
			if diff := cmp.Diff(harmless[k], frame); diff != "" {
				t.Errorf("%q changes our own page:\n%s", page, diff)
			}
		}
	}
}

// inspect reads a replayed page as a browser would, and returns the elements
// that are ours: all but those in the frame.
func inspect(t *testing.T, page, body string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var ours strings.Builder
	var walk func(n *html.Node, in bool)
	walk = func(n *html.Node, in bool) {
		if n.Type == html.ElementNode {
			if n.Data == "article" && !in {
				in = true
				ours.WriteString("<article>")
			}
			if slices.Contains([]string{"script", "style", "iframe", "frame", "object", "embed", "base", "form", "svg", "math", "template", "video", "audio", "input", "button", "portal"}, n.Data) || n.Namespace != "" {
				t.Errorf("%q comes out with <%s>", page, n.Data)
			}
			var rel, href string
			for _, a := range n.Attr {
				switch {
				case strings.HasPrefix(a.Key, "on"), slices.Contains([]string{"style", "ping", "srcset", "srcdoc", "background", "poster", "action", "formaction", "http-equiv"}, a.Key):
					t.Errorf("%q comes out with %s=%q", page, a.Key, a.Val)
				case a.Key == "src" && !strings.HasPrefix(a.Val, "data:image/"):
					t.Errorf("%q loads %q", page, a.Val)
				case a.Key == "href":
					href = a.Val
				case a.Key == "rel":
					rel = a.Val
				}
			}
			live := strings.HasPrefix(href, "https://a.example/") && rel == "external noreferrer nofollow" && !in
			if href != "" && !strings.HasPrefix(href, "#") && !live && (!strings.HasPrefix(href, "/") || strings.HasPrefix(href, "//")) {
				t.Errorf("%q links to %q", page, href)
			}
			if !in {
				ours.WriteString("<" + n.Data + ">")
			}
		}
		for c := range n.ChildNodes() {
			walk(c, in)
		}
	}
	walk(root, false)
	return ours.String()
}

// TestHostileHeaders: archived headers govern nothing.
func TestHostileHeaders(t *testing.T) {
	w := newWorld(t)
	const page = "https://a.example/x"
	w.keep(page, morning, wire("200 OK", "Content-Type: text/html\r\nRefresh: 0;url=//evil.example/\r\nSet-Cookie: a=b\r\nLink: <//evil.example/>; rel=preload; as=image\r\n"+
		"Content-Security-Policy: script-src *\r\nClear-Site-Data: \"*\"\r\nSourceMap: //evil.example/\r\nLocation: //evil.example/\r\nAccess-Control-Allow-Credentials: true\r\n"+
		"Service-Worker-Allowed: /\r\nMemento-Datetime: Sat, 01 Jan 2000 00:00:00 GMT\r\nReport-To: {\"url\":\"//evil.example/\"}\r\nContent-Disposition: inline\r\nX-Frame-Options: x\r\n",
		"<p>x"), archive.Content)
	for _, path := range []string{"/web/20260303080000/" + page, "/web/20260303080000id_/" + page} {
		res, _ := w.fetch(path)
		for _, h := range []string{"Refresh", "Set-Cookie", "Clear-Site-Data", "Sourcemap", "Location", "Access-Control-Allow-Credentials", "Service-Worker-Allowed", "Report-To"} {
			if res.Header.Get(h) != "" {
				t.Errorf("%s answers %s: %s", path, h, res.Header.Get(h))
			}
		}
		if p := res.Header.Values("Content-Security-Policy"); len(p) != 1 || !strings.HasPrefix(p[0], "sandbox") || strings.Contains(p[0], "script") {
			t.Errorf("%s: policy %q", path, p)
		}
		if l := strings.Join(res.Header.Values("Link"), ", "); strings.Contains(l, "evil") || res.Header.Get("Memento-Datetime") != "Tue, 03 Mar 2026 08:00:00 GMT" {
			t.Errorf("%s: %v", path, res.Header)
		}
		if d := res.Header.Get("Content-Disposition"); strings.Contains(path, "id_") != strings.HasPrefix(d, "attachment") {
			t.Errorf("%s: Content-Disposition %q", path, d)
		}
	}
}

// TestHostileAddresses: what is asked for is never markup and never a header.
func TestHostileAddresses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pages, err := attacks.List("//evil.example")
	if err != nil {
		t.Fatal(err)
	}
	live := regexp.MustCompile(`(?i)<(script|img|svg|iframe|object|embed|style|base|meta http)\b|<[^>]*\son\w+=|href="(javascript|data|vbscript):|href="//`)
	pages = append(pages, "x\r\nSet-Cookie: a=b", "javascript:alert(1)", "data:text/html,x", `x>; rel="stylesheet", <//evil.example/>; rel="preload`)
	for _, prefix := range []string{"/web/", "/web/2026/", "/web/2026id_/", "/web/*/", "/timegate/", "/timemap/link/", "/timemap/"} {
		for _, p := range pages {
			for _, address := range []string{url.PathEscape(p), "https://a.example/" + url.PathEscape(p), "https://a.example/?" + url.QueryEscape(p)} {
				res, body := w.fetch(prefix + address)
				if res.StatusCode != 404 && res.StatusCode != 400 {
					t.Errorf("GET %s%s: %s", prefix, address, res.Status)
				}
				if m := live.FindString(body); m != "" {
					t.Errorf("GET %s%s says %q", prefix, address, m)
				}
				if res.Header.Get("Set-Cookie") != "" || strings.Count(res.Header.Get("Link"), ";") > 1 {
					t.Errorf("GET %s%s: %v", prefix, address, res.Header)
				}
			}
		}
	}
}

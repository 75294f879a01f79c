package crawler

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/archive/warc"
	"veille/source"
)

// TestBytesAsTheyCrossedTheWire: what is archived is the request and the
// answer byte for byte – order of headers, chunks, codings – and the body read
// back is decoded.
func TestBytesAsTheyCrossedTheWire(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	fmt.Fprint(z, "<p>Le délai est de 30 jours.</p>")
	z.Close()
	answer := "HTTP/1.1 200 OK\r\nX-Zulu: first\r\nContent-Type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\nX-Alpha: last\r\n\r\n" +
		fmt.Sprintf("%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", 10, zipped.Bytes()[:10], zipped.Len()-10, zipped.Bytes()[10:])
	w := newWorld(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/page" {
			http.NotFound(rw, r)
			return
		}
		c, _, _ := rw.(http.Hijacker).Hijack()
		fmt.Fprint(c, answer)
		c.Close()
	}), onePage)
	w.run(Options{})
	c := w.last("/page")
	if got := string(c.Exchanges[0].Response); got != answer {
		t.Errorf("archived answer:\n%q\nwant\n%q", got, answer)
	}
	if string(c.Body) != "<p>Le délai est de 30 jours.</p>" {
		t.Errorf("body %q", c.Body)
	}
	request := ""
	for _, r := range records(t, w.archive.Dir()) {
		if r.Type() == warc.TypeRequest && strings.HasSuffix(r.Get("WARC-Target-URI"), "/page") {
			request = string(r.Block)
		}
	}
	if !strings.HasPrefix(request, "GET /page HTTP/1.1\r\nHost: ") || !strings.Contains(request, "User-Agent: Veille/0\r\n") || !strings.HasSuffix(request, "\r\n\r\n") {
		t.Errorf("archived request:\n%q", request)
	}
}

// records reads all WARC files of a data directory.
func records(t *testing.T, dir string) []*warc.Record {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "warc", "*.warc.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no WARC files: %v", err)
	}
	var out []*warc.Record
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r := warc.NewReader(f, 0)
		for rec, _, err := r.Next(); err == nil; rec, _, err = r.Next() {
			out = append(out, rec)
		}
	}
	return out
}

func TestACertificateThatIsNotTrusted(t *testing.T) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	defer srv.Close()
	w := newWorld(t, http.NotFoundHandler(), strings.ReplaceAll(strings.ReplaceAll(onePage, "HOST", strings.TrimPrefix(srv.URL, "https://")), "http://", "https://"))
	rep := w.run(Options{})
	if len(rep.Errors) != 1 || !strings.Contains(rep.Errors[0].Error, "TLS with 127.0.0.1") {
		t.Errorf("report %+v, want an error about TLS", rep.Errors)
	}
}

func TestSitemaps(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	fmt.Fprint(z, `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://HOST/page</loc><lastmod>2026-01-01</lastmod></url><url><loc> http://HOST/other </loc></url></urlset>`)
	z.Close()
	w := newWorld(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/sitemap.xml":
			fmt.Fprintf(rw, `<sitemapindex><sitemap><loc>http://%s/part.xml.gz</loc></sitemap></sitemapindex>`, r.Host)
		case "/part.xml.gz":
			b, _ := gzip.NewReader(bytes.NewReader(zipped.Bytes()))
			var plain bytes.Buffer
			plain.ReadFrom(b)
			var again bytes.Buffer
			z := gzip.NewWriter(&again)
			fmt.Fprint(z, strings.ReplaceAll(plain.String(), "HOST", r.Host))
			z.Close()
			rw.Header().Set("Content-Type", "application/gzip")
			rw.Write(again.Bytes())
		case "/page", "/other":
			fmt.Fprint(rw, "<p>text</p>")
		default:
			http.NotFound(rw, r)
		}
	}), `
hosts: {"HOST": {min_delay: 0s}}
sources:
  - {id: s, kind: ngo, jurisdiction: BE, topics: [dublin], lang: en, sitemap: "http://HOST/sitemap.xml"}
`)
	rep := w.run(Options{})
	if rep.Fetched != 2 || len(rep.Errors) != 0 {
		t.Errorf("through a sitemap index: %+v, want 2 pages", rep)
	}
}

func FuzzSitemap(f *testing.F) {
	f.Add([]byte(`<urlset><url><loc>http://example.org/</loc></url></urlset>`))
	f.Add([]byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, data []byte) { sitemapLinks("", data, "") })
}

func FuzzListing(f *testing.F) {
	f.Add(`<base href="/x/"><a href="y">z</a>`)
	find := htmlLinks("")
	f.Fuzz(func(t *testing.T, page string) { find("http://example.org/", []byte(page), "text/html") })
}

// TestNamesOfThisMachineAreNotReachedFromOutside: a public page cannot lead to
// the operator's own services.
func TestNamesOfThisMachineAreNotReachedFromOutside(t *testing.T) {
	g := &guard{named: map[string]bool{}}
	g.name("http://127.0.0.1:8000/x")
	for addr, ok := range map[string]bool{"127.0.0.1:8000": true, "127.0.0.1:22": false, "evil.example:80": false} {
		if err := g.control(addr)("tcp4", "127.0.0.1"+addr[strings.LastIndex(addr, ":"):], nil); (err == nil) != ok {
			t.Errorf("dialling %s, which is this machine: %v", addr, err)
		}
	}
	for _, address := range []string{"10.0.0.1:80", "169.254.169.254:80", "192.168.1.1:443"} {
		if err := g.control("public.example:80")("tcp4", address, nil); err == nil {
			t.Errorf("%s was reached", address)
		}
	}
	if !source.Loopback("127.0.0.1:8000") || source.Loopback("example.org") {
		t.Error("loopback hosts are mistaken")
	}
}

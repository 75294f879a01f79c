package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// oddities is a site that answers in all the ways in which answers differ on
// the wire. Its texts change when it grows older.
type oddities struct{ age atomic.Int64 }

// bodies are what its pages bring, decoded.
func (o *oddities) body(path string) string {
	text := fmt.Sprintf("<!doctype html><html lang=en><head><title>%s</title></head><body><main><h1>%s</h1><p>The time for an appeal is %d days. "+
		"Whoever is held in a closed centre may appeal; the appeal suspends the return.</p></main></body></html>", path[1:], path[1:], 30-10*o.age.Load())
	if path == "/latin" {
		text = strings.ReplaceAll(text, "an appeal is", "un recours d\xe9pos\xe9 est")
	}
	return text
}

// ServeHTTP implements [http.Handler].
func (o *oddities) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	body := o.body(r.URL.Path)
	switch r.URL.Path {
	case "/robots.txt":
		fmt.Fprint(w, "User-agent: *\nDisallow: /intranet/\n")
	case "/plain", "/plain/":
		fmt.Fprint(w, body)
	case "/latin":
		h.Set("Content-Type", "text/html; charset=iso-8859-1")
		fmt.Fprint(w, body)
	case "/chunked":
		for i := range len(body) / 50 {
			fmt.Fprint(w, body[50*i:50*i+50])
			w.(http.Flusher).Flush()
		}
		fmt.Fprint(w, body[len(body)/50*50:])
	case "/gzip", "/gzip-chunked":
		var b bytes.Buffer
		gz := gzip.NewWriter(&b)
		io.WriteString(gz, body)
		gz.Close()
		h.Set("Content-Encoding", "gzip")
		if r.URL.Path == "/gzip-chunked" {
			w.Write(b.Next(40))
			w.(http.Flusher).Flush()
		}
		w.Write(b.Bytes())
	case "/validated":
		h.Set("ETag", fmt.Sprintf(`"v%d"`, o.age.Load()))
		if r.Header.Get("If-None-Match") == h.Get("ETag") {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, body)
	case "/old":
		http.Redirect(w, r, "/plain?from=old&a=1", http.StatusMovedPermanently)
	case "/withdrawn":
		if o.age.Load() > 0 {
			w.WriteHeader(http.StatusGone)
			return
		}
		fmt.Fprint(w, body)
	case "/cut":
		h.Set("Content-Length", "100000")
		fmt.Fprint(w, body)
		panic(http.ErrAbortHandler)
	default:
		http.NotFound(w, r)
	}
}

var oddPages = []string{"/plain", "/latin", "/chunked", "/gzip", "/gzip-chunked", "/validated", "/old", "/withdrawn", "/cut", "/missing"}

// An oddArchive is the archive of a site of oddities, looked at three times:
// twice at one age, once at the next.
type oddArchive struct {
	t     *testing.T
	site  *oddities
	url   string
	args  []string
	data  string
	warc  []string  // its WARC files, one a day
	clock time.Time // a day later at each look
}

func archiveOfOddities(t *testing.T) *oddArchive {
	t.Helper()
	o := &oddArchive{t: t, site: &oddities{}, data: t.TempDir(), clock: time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)}
	web := httptest.NewServer(o.site)
	t.Cleanup(web.Close)
	o.url = web.URL
	host := strings.TrimPrefix(web.URL, "http://")
	yaml := "hosts:\n  " + host + ": {min_delay: 0s}\nsources:\n  - id: odd\n    name: {en: Oddities}\n    institution: odd\n    kind: government\n" +
		"    jurisdiction: BE\n    topics: [appeals]\n    schedule: \"@every 1h\"\n    pages:\n"
	for _, p := range oddPages {
		yaml += "      - {en: \"" + web.URL + p + "\"}\n"
	}
	sources := filepath.Join(o.data, "sources.yaml")
	if err := os.WriteFile(sources, []byte(yaml), 0o644); err != nil {
		t.Fatal(err)
	}
	o.args = []string{"--data", o.data, "--sources", sources}
	o.look()
	o.look()
	o.site.age.Add(1)
	o.look()
	var err error
	if o.warc, err = filepath.Glob(filepath.Join(o.data, "warc", "*.warc.gz")); err != nil || len(o.warc) != 3 {
		t.Fatalf("WARC files %q, %v", o.warc, err)
	}
	return o
}

// run carries out a command, which must succeed unless it is one that looks:
// that pages are missing or cut makes it fail, as it should.
func (o *oddArchive) run(args ...string) {
	o.t.Helper()
	var out bytes.Buffer
	a := &app{out: &out, err: &out, now: func() time.Time { return o.clock }}
	if code := a.run(o.t.Context(), append(args, o.args...)); code != 0 && !strings.Contains(out.String(), "/cut") {
		o.t.Fatalf("veille %s: exit status %d\n%s", strings.Join(args, " "), code, &out)
	}
}

func (o *oddArchive) look() {
	o.t.Helper()
	o.run("crawl")
	o.clock = o.clock.AddDate(0, 0, 1)
}

// export makes an export and returns its file.
func (o *oddArchive) export(name string, args ...string) string {
	o.t.Helper()
	file := filepath.Join(o.t.TempDir(), name)
	o.run(append([]string{"export"}, append(args, "-o", file)...)...)
	return file
}

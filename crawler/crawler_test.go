package crawler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/archive"
	"veille/internal/demosite"
	"veille/source"
)

// A world is a local site, an archive and a crawler between them.
type world struct {
	t       *testing.T
	site    *httptest.Server
	archive *archive.Archive
	crawler *Crawler
	clock   time.Time
}

func newWorld(t *testing.T, h http.Handler, yaml string) *world {
	t.Helper()
	w := &world{t: t, site: httptest.NewServer(h), clock: time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)}
	t.Cleanup(w.site.Close)
	host := strings.TrimPrefix(w.site.URL, "http://")
	list, err := source.Parse("sources.yaml", []byte(strings.ReplaceAll(yaml, "HOST", host)))
	if err != nil {
		t.Fatal(err)
	}
	if w.archive, err = archive.Open(t.TempDir(), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.archive.Close() })
	w.crawler = &Crawler{Archive: w.archive, Sources: list, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return w.clock },
		Timeout: 2 * time.Second, MaxBody: 1 << 20}
	return w
}

func (w *world) run(o Options) *Report {
	w.t.Helper()
	rep, err := w.crawler.Run(w.t.Context(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	return rep
}

func (w *world) page(path string) *archive.Page {
	w.t.Helper()
	p, err := w.archive.Page(w.t.Context(), w.site.URL+path)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) last(path string) *archive.Capture {
	w.t.Helper()
	c, err := w.archive.Capture(w.t.Context(), w.page(path).Last.Seq)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

const onePage = `
hosts: {"HOST": {min_delay: 0s}}
sources:
  - {id: s, kind: ngo, jurisdiction: BE, topics: [dublin], schedule: "@every 1h", pages: [{en: "http://HOST/page"}]}
`

func TestTheDemonstrationSite(t *testing.T) {
	site, err := demosite.New()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, site, string(demosite.Sources("HOST", "@every 1h")))
	rep := w.run(Options{})
	if rep.Fetched != 15 || len(rep.Errors) != 0 {
		t.Errorf("first pass: %+v, want 15 pages and no errors", rep)
	}
	w.clock = w.clock.Add(2 * time.Hour)
	for range 3 {
		site.Advance()
	}
	rep = w.run(Options{DueOnly: true})
	if rep.Fetched != 16 || rep.Unchanged != 7 {
		t.Errorf("after three changes: %+v, want 16 pages, 7 unchanged", rep)
	}
	if !w.page("/en/news/return-hub-agreement").News || w.page("/en/news/new-centre").News {
		t.Error("only what is new on a listing looked at before is news")
	}
	rep = w.run(Options{DueOnly: true})
	if rep.Fetched != 0 {
		t.Errorf("at once again: %d pages fetched, want none: nothing is due", rep.Fetched)
	}
}

func TestValidatorsAreSent(t *testing.T) {
	w := newWorld(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/page" {
			http.NotFound(rw, r)
			return
		}
		rw.Header().Set("ETag", `"v1"`)
		if r.Header.Get("If-None-Match") == `"v1"` {
			rw.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(rw, "<p>text</p>")
	}), onePage)
	w.run(Options{})
	rep := w.run(Options{})
	if rep.Unchanged != 1 || w.last("/page").Status != http.StatusNotModified {
		t.Errorf("%+v with status %d, want one page not modified", rep, w.last("/page").Status)
	}
	if got := string(w.last("/page").Body); got != "<p>text</p>" {
		t.Errorf("the unchanged page's body is %q", got)
	}
}

// TestAnswersThatAreNoPage: each is kept as what it is, with the reason.
func TestAnswersThatAreNoPage(t *testing.T) {
	for name, tt := range map[string]struct {
		serve func(http.ResponseWriter, *http.Request)
		err   string
		hops  int
	}{
		"endless": {func(rw http.ResponseWriter, r *http.Request) {
			for range 40 {
				if _, err := rw.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, "body over 1 MB", 1},
		"loop":     {func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/page", http.StatusFound) }, "redirect loop", 1},
		"too many": {func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, r.URL.Path+"/x", http.StatusFound) }, "more than 10 redirects", 11},
		"private": {func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://10.0.0.1/", http.StatusFound)
		}, "private network", 2},
		"hang up": {func(rw http.ResponseWriter, r *http.Request) {
			c, _, _ := rw.(http.Hijacker).Hijack()
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
			c.Close()
		}, "hung up", 1},
		"garbage": {func(rw http.ResponseWriter, r *http.Request) {
			c, _, _ := rw.(http.Hijacker).Hijack()
			fmt.Fprint(c, "\x00\x01\x02 this is not HTTP\r\n\r\n")
			c.Close()
		}, "malformed HTTP", 1},
		"slow": {func(rw http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "no answer within", 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/robots.txt" {
					http.NotFound(rw, r)
					return
				}
				tt.serve(rw, r)
			}), onePage)
			if name == "slow" {
				w.crawler.Timeout = 50 * time.Millisecond
			}
			rep := w.run(Options{})
			c := w.last("/page")
			if !strings.Contains(c.Err, tt.err) || len(rep.Errors) != 1 {
				t.Errorf("capture says %q, report %+v, want %q", c.Err, rep.Errors, tt.err)
			}
			if w.page("/page").Fails != 1 {
				t.Errorf("%d failures, want 1", w.page("/page").Fails)
			}
			if r, err := w.archive.Verify(t.Context()); err != nil || !r.OK {
				t.Errorf("verify: %+v %v", r, err)
			}
		})
	}
}

func TestRobotsIsObeyedOnEveryHop(t *testing.T) {
	asked := map[string]bool{}
	w := newWorld(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked[r.URL.Path] = true
		switch r.URL.Path {
		case "/robots.txt":
			fmt.Fprint(rw, "User-agent: veille\nDisallow: /secret\n")
		case "/page":
			http.Redirect(rw, r, "/secret", http.StatusFound)
		}
	}), onePage)
	rep := w.run(Options{})
	if asked["/secret"] || len(rep.Errors) != 1 || !strings.Contains(rep.Errors[0].Error, "robots.txt") {
		t.Errorf("asked for %v, report %+v", asked, rep.Errors)
	}
}

func TestRobotsThatCannotBeHadForbidsAll(t *testing.T) {
	broken, asked := true, 0
	w := newWorld(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			if asked++; broken {
				http.Error(rw, "down", http.StatusInternalServerError)
				return
			}
			http.NotFound(rw, r)
			return
		}
		fmt.Fprint(rw, "<p>text</p>")
	}), onePage)
	if rep := w.run(Options{}); rep.Fetched != 0 || len(rep.Errors) != 1 {
		t.Errorf("with robots.txt down: %+v", rep)
	}
	broken = false
	if rep := w.run(Options{}); rep.Fetched != 1 {
		t.Errorf("with robots.txt back: %+v", rep)
	}
	w.run(Options{})
	if asked != 2 {
		t.Errorf("robots.txt was asked for %d times, want 2: within a day the archive knows it", asked)
	}
	w.clock = w.clock.Add(25 * time.Hour)
	w.run(Options{})
	if asked != 3 {
		t.Errorf("after a day robots.txt was asked for %d times, want 3", asked)
	}
}

func TestFailuresBackOff(t *testing.T) {
	w := newWorld(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(rw, r)
			return
		}
		rw.Header().Set("Retry-After", "7200")
		rw.WriteHeader(http.StatusServiceUnavailable)
	}), onePage)
	w.run(Options{})
	next, err := w.crawler.NextDue(t.Context())
	if err != nil || next.Sub(w.clock) != 2*time.Hour {
		t.Errorf("after Retry-After of two hours due in %s (%v)", next.Sub(w.clock), err)
	}
	src := w.crawler.Sources.Sources[0]
	var waits []time.Duration
	for fails := 1; fails < 11; fails += 3 {
		waits = append(waits, Due(src, &archive.Page{Fails: fails, Last: archive.Look{Time: w.clock}}).Sub(w.clock))
	}
	if fmt.Sprint(waits) != "[10m0s 1h20m0s 10h40m0s 24h0m0s]" {
		t.Errorf("waits after 1, 4, 7, 10 failures: %v", waits)
	}
}

func TestOneRequestAtATimePerHost(t *testing.T) {
	var mu sync.Mutex
	now, most := 0, 0
	yaml := "hosts: {\"HOST\": {min_delay: 0s}}\nsources:\n"
	for i := range 5 {
		yaml += fmt.Sprintf("  - {id: s%d, kind: ngo, jurisdiction: BE, topics: [dublin], pages: [{en: \"http://HOST/a%d\"}, {en: \"http://HOST/b%d\"}]}\n", i, i, i)
	}
	w := newWorld(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		fmt.Fprint(rw, "x")
		mu.Lock()
		now--
		mu.Unlock()
	}), yaml)
	if rep := w.run(Options{}); rep.Fetched != 10 || most != 1 {
		t.Errorf("%d pages, at most %d at once, want 10 and 1", rep.Fetched, most)
	}
}

func TestWithoutAContactOnlyThisMachine(t *testing.T) {
	list, err := source.Parse("sources.yaml", []byte(strings.ReplaceAll(onePage, "HOST", "example.org")))
	if err != nil {
		t.Fatal(err)
	}
	c := &Crawler{Sources: list, Log: slog.New(slog.DiscardHandler)}
	if _, err := c.Run(t.Context(), Options{}); !errors.Is(err, ErrNoContact) {
		t.Errorf("run: %v, want ErrNoContact", err)
	}
	if _, err := c.Fetch(t.Context(), "https://example.org/"); !errors.Is(err, ErrNoContact) {
		t.Errorf("fetch: %v, want ErrNoContact", err)
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := l.Addr().String()
	l.Close()
	w := newWorld(t, http.NotFoundHandler(), strings.ReplaceAll(onePage, "HOST", host))
	rep := w.run(Options{})
	if len(rep.Errors) != 1 || !strings.Contains(rep.Errors[0].Error, "refused") {
		t.Errorf("report %+v, want a refused connection", rep.Errors)
	}
}

func TestStoppedInTheMiddleKeepsWhatCame(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	yaml := "hosts: {\"HOST\": {min_delay: 0s}}\nsources:\n  - {id: s, kind: ngo, jurisdiction: BE, topics: [dublin], pages: [{en: \"http://HOST/1\"}, {en: \"http://HOST/2\"}, {en: \"http://HOST/3\"}]}\n"
	w := newWorld(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/2" {
			cancel()
			<-r.Context().Done()
		}
		fmt.Fprint(rw, "x")
	}), yaml)
	if _, err := w.crawler.Run(ctx, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("run: %v, want context.Canceled", err)
	}
	if w.last("/1").Status != 200 {
		t.Error("what was fetched before the stop is not archived")
	}
	if _, err := w.archive.Page(t.Context(), w.site.URL+"/2"); err == nil {
		t.Error("the page under way was archived")
	}
}

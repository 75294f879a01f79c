package main

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/index"
	"veille/server"
)

// An instance that may not look at pages, for want of a contact address, says so
// once and tries ever less often; when it may, it says that too.
func TestPassesThatFailAreTriedLessOften(t *testing.T) {
	const text = "sources:\n  - id: be-x\n    name: {en: X}\n    institution: x\n    kind: government\n    jurisdiction: BE\n    topics: [voluntary-return]\n    schedule: '@every 6h'\n    pages:\n      - {en: 'https://x.example/'}\n"
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	var log bytes.Buffer
	s := newService(t, text, func() time.Time { return now }, slog.New(slog.NewTextHandler(&log, nil)))
	for range 10 {
		s.pass(t.Context())
	}
	if s.trouble.times != 1 {
		t.Errorf("%d passes at once", s.trouble.times)
	}
	for range 24 * 60 { // a day
		now = now.Add(time.Minute)
		s.pass(t.Context())
	}
	if s.trouble.times < 25 || s.trouble.times > 32 {
		t.Errorf("%d passes in a day", s.trouble.times)
	}
	if said := log.String(); !strings.Contains(said, "no contact address") || strings.Count(said, "\n") != 1 {
		t.Errorf("in a day it says:\n%s", said)
	}
	log.Reset()
	s.house.sources.Sources[0].Enabled = false
	now = now.Add(longTrouble)
	s.pass(t.Context())
	if said := log.String(); !strings.Contains(said, "well again") || s.trouble != (trouble{}) {
		t.Errorf("when it may it says %q; %+v", said, s.trouble)
	}
}

// serviceOf is an instance that watches pages of a site, every hour.
func serviceOf(t *testing.T, now func() time.Time, site http.Handler, pages ...string) *service {
	t.Helper()
	web := httptest.NewServer(site)
	t.Cleanup(web.Close)
	text := "hosts:\n  " + strings.TrimPrefix(web.URL, "http://") + ": {min_delay: 0s}\nsources:\n  - id: be-x\n    name: {en: X}\n    institution: x\n    kind: government\n    jurisdiction: BE\n" +
		"    topics: [voluntary-return]\n    schedule: '@every 1h'\n    pages:\n"
	for _, page := range pages {
		text += "      - {en: '" + web.URL + page + "'}\n"
	}
	return newService(t, text, now, slog.New(slog.DiscardHandler))
}

// newService is an instance with a text of sources.
func newService(t *testing.T, text string, now func() time.Time, log *slog.Logger) *service {
	t.Helper()
	dir := t.TempDir()
	sources := filepath.Join(dir, "sources.yaml")
	if err := os.WriteFile(sources, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	a := &app{out: io.Discard, err: io.Discard, now: now, log: log, flags: &flags{}}
	a.flags.Data, a.flags.Sources = dir, sources
	h, err := a.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.newService(h, &mailFlags{}, "127.0.0.1:0", func(*server.Server) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close() })
	return s
}

// found is how many passages that stand have a word.
func (s *service) found(t *testing.T, word string) int {
	res, err := s.house.index.Search(t.Context(), s.house.archive, index.Query{Text: word})
	if err != nil {
		t.Error(err)
		return 0
	}
	return res.Total
}

// What a pass has brought is found while the pass goes on: here a publisher's
// second page comes only once the first one can be searched.
func TestALongPassIsFoundBeforeItsEnd(t *testing.T) {
	var s *service
	seen := make(chan int, 1)
	s = serviceOf(t, time.Now, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/one":
			fmt.Fprint(rw, "<main><h1>Return</h1><p>A return hub opens in May, and another one in June.</p></main>")
		case "/two":
			for s.found(t, "hub") == 0 && r.Context().Err() == nil {
				time.Sleep(time.Millisecond) // until it is there; the request's own time is the limit
			}
			seen <- s.found(t, "hub")
			fmt.Fprint(rw, "<main><h1>Return</h1><p>Nobody is returned from here.</p></main>")
		default:
			http.NotFound(rw, r)
		}
	}), "/one", "/two")
	s.readEvery = 10 * time.Millisecond
	s.pass(t.Context())
	if s.trouble != (trouble{}) {
		t.Errorf("the pass failed: %+v", s.trouble)
	}
	if n := <-seen; n != 1 {
		t.Errorf("during the pass %d passages were found", n)
	}
}

// Of passes that follow one another soon not each is indexed, but what they
// brought is, and it is known when.
func TestPassesInQuickSuccessionAreIndexedTogether(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	word := "alpha"
	s := serviceOf(t, func() time.Time { return now }, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/one" {
			http.NotFound(rw, r)
			return
		}
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(rw, "<main><h1>Return</h1><p>A return hub of the name %s opens in May.</p></main>", word)
	}), "/one")
	const step = 90 * time.Minute // by then the page is due in any case: not every hour to the minute
	s.house.indexEvery = 3 * step
	pass := func(says string, found int, in time.Duration) {
		t.Helper()
		word = says
		s.pass(t.Context())
		if s.trouble != (trouble{}) {
			t.Fatalf("the pass failed: %+v", s.trouble)
		}
		if n := s.found(t, says); n != found {
			t.Errorf("%q is found %d times after its pass, want %d", says, n, found)
		}
		if got := s.house.indexIn(now); got != in {
			t.Errorf("after the pass of %q the next is indexed in %v, want %v", says, got, in)
		}
		now = now.Add(step)
	}
	pass("alpha", 1, 0)      // long after the one before
	pass("alpha", 1, 0)      // nothing to read
	pass("beta", 0, step)    // too soon
	pass("beta", 1, 0)       // nothing to read, and what was read is indexed
	pass("gamma", 0, 2*step) // too soon again
	now = now.Add(-24 * time.Hour)
	pass("gamma", 1, 0) // the clock was set back
}

// An index that cannot be brought up to date is not tried again before passes are
// made again, although something is owed to it.
func TestWhatIsOwedToTheIndexWaitsForPassesToBeWell(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	s := serviceOf(t, func() time.Time { return now }, http.NotFoundHandler(), "/one")
	s.house.indexEvery = 10 * time.Second
	if got := s.owedIn(now); got != 0 {
		t.Errorf("with nothing owed a pass is wanted in %v", got)
	}
	s.house.owed, s.house.indexedAt = true, now.Add(-4*time.Second)
	if got := s.owedIn(now); got != 6*time.Second {
		t.Errorf("a pass for what is owed is wanted in %v", got)
	}
	s.trouble.until = now.Add(time.Minute)
	if got := s.owedIn(now); got != time.Minute {
		t.Errorf("after a pass that failed the next is wanted in %v", got)
	}
}

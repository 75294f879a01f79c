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
	dir := t.TempDir()
	sources := filepath.Join(dir, "sources.yaml")
	const text = "sources:\n  - id: be-x\n    name: {en: X}\n    institution: x\n    kind: government\n    jurisdiction: BE\n    topics: [voluntary-return]\n    schedule: '@every 6h'\n    pages:\n      - {en: 'https://x.example/'}\n"
	if err := os.WriteFile(sources, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	var log bytes.Buffer
	a := &app{out: io.Discard, err: io.Discard, now: func() time.Time { return now }, log: slog.New(slog.NewTextHandler(&log, nil))}
	a.flags = &flags{}
	a.flags.Data, a.flags.Sources = dir, sources
	h, err := a.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.newService(h, &mailFlags{}, "127.0.0.1:0", func(*server.Server) {})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
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
	h.sources.Sources[0].Enabled = false
	now = now.Add(longTrouble)
	s.pass(t.Context())
	if said := log.String(); !strings.Contains(said, "well again") || s.trouble != (trouble{}) {
		t.Errorf("when it may it says %q; %+v", said, s.trouble)
	}
}

// What a pass has brought is found while the pass goes on: here a publisher's
// second page comes only once the first one can be searched.
func TestALongPassIsFoundBeforeItsEnd(t *testing.T) {
	var s *service
	found := func() int {
		res, err := s.house.index.Search(t.Context(), s.house.archive, index.Query{Text: "hub"})
		if err != nil {
			t.Error(err)
			return 0
		}
		return res.Total
	}
	seen := make(chan int, 1)
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/one":
			fmt.Fprint(rw, "<main><h1>Return</h1><p>A return hub opens in May, and another one in June.</p></main>")
		case "/two":
			for found() == 0 && r.Context().Err() == nil {
				time.Sleep(time.Millisecond) // until it is there; the request's own time is the limit
			}
			seen <- found()
			fmt.Fprint(rw, "<main><h1>Return</h1><p>Nobody is returned from here.</p></main>")
		default:
			http.NotFound(rw, r)
		}
	}))
	defer site.Close()
	dir := t.TempDir()
	sources := filepath.Join(dir, "sources.yaml")
	text := "hosts:\n  " + strings.TrimPrefix(site.URL, "http://") + ": {min_delay: 0s}\nsources:\n  - id: be-x\n    name: {en: X}\n    institution: x\n    kind: government\n    jurisdiction: BE\n" +
		"    topics: [voluntary-return]\n    schedule: '@every 6h'\n    pages:\n      - {en: '" + site.URL + "/one'}\n      - {en: '" + site.URL + "/two'}\n"
	if err := os.WriteFile(sources, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	a := &app{out: io.Discard, err: io.Discard, now: time.Now, log: slog.New(slog.DiscardHandler)}
	a.flags = &flags{}
	a.flags.Data, a.flags.Sources = dir, sources
	h, err := a.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s, err = a.newService(h, &mailFlags{}, "127.0.0.1:0", func(*server.Server) {}); err != nil {
		t.Fatal(err)
	}
	defer s.close()
	s.readEvery = 10 * time.Millisecond
	s.pass(t.Context())
	if s.trouble != (trouble{}) {
		t.Errorf("the pass failed: %+v", s.trouble)
	}
	if n := <-seen; n != 1 {
		t.Errorf("during the pass %d passages were found", n)
	}
}

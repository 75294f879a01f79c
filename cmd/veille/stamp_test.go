package main

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/internal/demosite"
	"veille/internal/tsatest"
)

// TestServeStampsTheLog: an instance has its log stamped when it starts, and
// not again on the same day; an authority that is away keeps it from nothing.
func TestServeStampsTheLog(t *testing.T) {
	site, err := demosite.New()
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(site)
	defer web.Close()
	auth, err := tsatest.New(time.Now, nil)
	if err != nil {
		t.Fatal(err)
	}
	tsa := httptest.NewServer(auth)
	defer tsa.Close()
	data := t.TempDir()
	sources := data + "/sources.yaml"
	if err := os.WriteFile(sources, demosite.Sources(strings.TrimPrefix(web.URL, "http://"), "@every 1h"), 0o644); err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, args: []string{"--data", data, "--sources", sources}}
	d.run("crawl")
	stamps := func() []string {
		files, err := filepath.Glob(data + "/log/stamps/*.tsr")
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	serve := func(url string, until func(*started) bool) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		s := start(t, ctx, "serve", "--listen", "127.0.0.1:0", "--data", data, "--sources", sources, "--tsa", url)
		for !until(s) {
			select {
			case code := <-s.done:
				t.Fatalf("serve ended with %d:\n%s", code, s.errs)
			case <-time.After(time.Millisecond):
			}
		}
		stop()
		if code := <-s.done; code != 0 {
			t.Errorf("serve ended with %d:\n%s", code, s.errs)
		}
	}
	serve("http://127.0.0.1:1/", func(s *started) bool { return strings.Contains(s.errs.String(), "the log was not time-stamped") })
	if have := stamps(); len(have) != 0 {
		t.Errorf("nobody stamped it, and there is %q", have)
	}
	serve(tsa.URL, func(*started) bool { return len(stamps()) == 1 })
	d.run("crawl")
	serve(tsa.URL, func(*started) bool { return true })
	if have := stamps(); len(have) != 1 {
		t.Errorf("on one day it was stamped %d times", len(have))
	}
	d.run("verify")
}

package main

import (
	"context"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/internal/tsatest"
)

// TestServeStampsTheLog: an instance has its log stamped when it starts, and
// not again on the same day; an authority that is away keeps it from nothing.
func TestServeStampsTheLog(t *testing.T) {
	demo := watchDemo(t, "@every 1h")
	auth, err := tsatest.New(time.Now, nil)
	if err != nil {
		t.Fatal(err)
	}
	tsa := httptest.NewServer(auth)
	defer tsa.Close()
	d := &desk{t: t, args: demo.args()}
	d.run("crawl")
	stamps := func() []string {
		files, err := filepath.Glob(demo.Data + "/log/stamps/*.tsr")
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	serve := func(url string, until func(*started) bool) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		s := start(t, ctx, demo.args("serve", "--listen", "127.0.0.1:0", "--tsa", url)...)
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

package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"veille/internal/demosite"
)

// A watched is the demonstration site on a server of its own, and a data
// directory whose sources.yaml watches it.
type watched struct {
	*demosite.Site
	URL     string
	looks   atomic.Int64 // at its English page of closed centres
	Data    string
	Sources string // the file
}

// watchDemo serves the demonstration site until the test ends.
func watchDemo(t *testing.T, schedule string) *watched {
	t.Helper()
	site, err := demosite.New()
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{Site: site, Data: t.TempDir()}
	web := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/en/closed-centres" {
			w.looks.Add(1)
		}
		site.ServeHTTP(rw, r)
	}))
	t.Cleanup(web.Close)
	w.URL = web.URL
	w.Sources = filepath.Join(w.Data, "sources.yaml")
	if err := os.WriteFile(w.Sources, demosite.Sources(strings.TrimPrefix(web.URL, "http://"), schedule), 0o644); err != nil {
		t.Fatal(err)
	}
	return w
}

// args is a command on it.
func (w *watched) args(command ...string) []string {
	return append(command, "--data", w.Data, "--sources", w.Sources)
}

package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/internal/demosite"
)

// A watched is the demonstration site on a server of its own, and a data
// directory whose sources.yaml watches it.
type watched struct {
	*demosite.Site
	URL     string
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
	web := httptest.NewServer(site)
	t.Cleanup(web.Close)
	w := &watched{Site: site, URL: web.URL, Data: t.TempDir()}
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

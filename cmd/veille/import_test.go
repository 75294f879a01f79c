package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cancelling calls a function once something is written.
type cancelling struct {
	bytes.Buffer
	on     string
	cancel func()
}

// Write implements [io.Writer].
func (c *cancelling) Write(b []byte) (int, error) {
	if strings.Contains(string(b), c.on) {
		c.cancel()
	}
	return c.Buffer.Write(b)
}

// TestAnInterruptedImport: Ctrl-C ends an import between two batches; the same
// command goes on, and nothing is there twice.
func TestAnInterruptedImport(t *testing.T) {
	dir := t.TempDir()
	var crawl bytes.Buffer
	for i := range 200 {
		body := fmt.Sprintf("<html lang=en><body><main><h1>Return</h1><p>A decision is taken within %d days of the application.</p></main></body></html>", i/20)
		answer := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		gz := gzip.NewWriter(&crawl)
		fmt.Fprintf(gz, "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-%012d>\r\nWARC-Date: %s\r\n"+
			"WARC-Target-URI: https://example.org/return\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n",
			i, time.Date(2025, 1, 1, i, 0, 0, 0, time.UTC).Format(time.RFC3339), len(answer), answer)
		if err := gz.Close(); err != nil {
			t.Fatal(err)
		}
	}
	file, sources := filepath.Join(dir, "crawl.warc.gz"), filepath.Join(dir, "sources.yaml")
	for name, data := range map[string][]byte{file: crawl.Bytes(), sources: []byte("contact: a@example.org\nsources: []\n")} {
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"import", file, "--data", filepath.Join(dir, "data"), "--sources", sources}
	ctx, cancel := context.WithCancel(t.Context())
	var out bytes.Buffer
	errs := &cancelling{on: "captures: 120 of 200", cancel: cancel}
	if code := run(ctx, args, &out, errs); code != 1 || !strings.Contains(errs.String(), "interrupted: what was taken stays") {
		t.Fatalf("interrupted: exit status %d\n%s%s", code, out.String(), errs.String())
	}
	if !strings.HasPrefix(out.String(), "64 captures, 0 duplicates, 0 new versions") {
		t.Errorf("interrupted: %s", out.String())
	}
	d := &desk{t: t, args: args[2:]}
	d.run("verify")
	if got := d.run("import", file); !strings.Contains(got, "136 captures, 64 duplicates, 10 new versions") {
		t.Errorf("again: %s", got)
	}
	d.run("verify")
}

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"veille/archive"
	"veille/archive/warc"
)

// TestARebuildChangesNothing: an archive with all that can be in one – crawled,
// added, imported into the past, read anew – answers byte for byte as before
// when catalogue and index have been made again from the WARC files.
func TestARebuildChangesNothing(t *testing.T) {
	demo := watchDemo(t, "@every 1h")
	d := &desk{t: t, args: demo.args()}
	d.run("crawl")
	for range 4 {
		demo.Advance()
		d.run("crawl")
	}
	statistics := demo.URL + "/en/statistics"
	saved := filepath.Join(demo.Data, "saved.html")
	if err := os.WriteFile(saved, []byte(page("640 places in March.")), 0o644); err != nil {
		t.Fatal(err)
	}
	d.run("add", saved, "--url", statistics, "--at", "2026-03-01", "--by", "a reader", "--reason", "robots.txt")
	other := filepath.Join(demo.Data, "other.warc.gz")
	if err := os.WriteFile(other, otherWARC(t, statistics), 0o644); err != nil {
		t.Fatal(err)
	}
	d.run("import", other)
	readAnew(t, demo.Data)
	before := answers(t, d)
	d.run("verify")
	d.run("rebuild")
	after := answers(t, d)
	for name, want := range before {
		if got := after[name]; got != want {
			t.Errorf("%s: after a rebuild\n%.2000s\nbefore it\n%.2000s", name, got, want)
		}
	}
	if len(before) < 25 || len(after) != len(before) {
		t.Errorf("%d answers before, %d after", len(before), len(after))
	}
	d.run("verify")
}

func page(text string) string {
	return `<html lang="en"><head><title>Return in figures</title></head><body><main><h1>Return in figures</h1><p>There were ` + text + `</p></main></body></html>`
}

// otherWARC is another crawler's file, of years ago.
func otherWARC(t *testing.T, url string) []byte {
	t.Helper()
	var w warc.Writer
	for year := 2019; year < 2023; year++ {
		body := page(fmt.Sprintf("%d places in %d.", year/2, year))
		r := warc.New(warc.TypeResponse, time.Date(year, 5, 1, 9, 0, 0, 0, time.UTC), "application/http;msgtype=response",
			fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
		r.Set("WARC-Target-URI", url)
		if _, err := w.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	return w.Bytes()
}

// readAnew reads the latest version's capture in another way, as a new release
// of the program might.
func readAnew(t *testing.T, data string) {
	t.Helper()
	a, err := archive.Open(data, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	s, err := a.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for id := s.LatestVersion; id > 0; id-- {
		v, err := a.Version(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if v.Until != nil || v.Late || v.Gone || len(v.Blocks) < 2 {
			continue
		}
		upto, err := a.Cursor(t.Context(), archive.Extract)
		if err != nil {
			t.Fatal(err)
		}
		again := &archive.Version{Title: v.Title, Lang: v.Lang, Strategy: "other", Blocks: v.Blocks[1:]}
		added, err := a.AddReadings(t.Context(), upto, []archive.Reading{{Capture: v.Capture, Class: archive.Content, Version: again}})
		if err != nil || len(added) != 1 || added[0].Cause != archive.Reextracted {
			t.Fatalf("read anew: %v, %v", added, err)
		}
		return
	}
	t.Fatal("no version can be read anew")
}

// port is what differs between two runs of a server.
var port = regexp.MustCompile(`(?:localhost|127\.0\.0\.1):\d+`)

// answers are what the program says of all that it has, by what was asked.
func answers(t *testing.T, d *desk) map[string]string {
	t.Helper()
	out := map[string]string{"changes": d.run("changes", "--json", "--min-weight", "0", "--limit", "500")}
	for _, q := range []string{"places", "return", "retour", "terugkeer"} {
		out["search "+q] = withoutTime(d.run("search", q, "--json", "--limit", "100"))
		out["search past "+q] = withoutTime(d.run("search", q, "--past", "--json", "--limit", "100"))
		out["search 2021 "+q] = withoutTime(d.run("search", q, "--as-of", "2021-01-01", "--json"))
	}
	ctx, stop := context.WithCancel(t.Context())
	s := start(t, ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, d.args...)...)
	defer func() { stop(); <-s.done }()
	for v := 1; ; v++ {
		res, err := http.Get(fmt.Sprintf("%s/v/%d", s.url, v))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode == http.StatusNotFound {
			return out
		}
		out[fmt.Sprint("/v/", v)] = port.ReplaceAllString(string(body), "") // pages name the address at which they are served
	}
}

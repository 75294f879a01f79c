package server

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"veille/archive"
)

// TestHostilePagesStayText: whatever an archived page, title, address or
// reason holds, our pages show it as text, and load and run nothing.
func TestHostilePagesStayText(t *testing.T) {
	w := newWorld(t)
	src := w.server.Sources.Sources[0].ID
	payloads := []string{
		`<script>alert(1)</script>`,
		`"><img src=x onerror=alert(1)>`,
		`</mark><svg onload=alert(1)>`,
		`<mark>kept</mark> javascript:alert(1)`,
		`{{.Title}} {{t "skip"}}`,
		`]]></summary><script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>`,
		"\u202eevil \x00 \ufffd",
	}
	text := func(extra string) []archive.Block {
		var blocks []archive.Block
		for i, p := range payloads {
			kind := []archive.Kind{archive.Heading, archive.Paragraph, archive.Item, archive.Row, archive.Quote, archive.Code, archive.Article}[i]
			blocks = append(blocks, archive.Block{Kind: kind, Role: archive.Main, Path: []string{p}, Marker: p, Text: "hostile " + p + extra, Level: 2})
		}
		return blocks
	}
	for i, extra := range []string{"", " shall pay 100 euro"} {
		c := &archive.Capture{Source: src, URL: `http://127.0.0.1/a"><script>alert(2)</script>`, Lang: `en"><script>`, Time: w.clock, Exchanges: []archive.Exchange{{
			URL: "http://127.0.0.1/a", Time: w.clock, Request: []byte("GET /a HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
			Response: []byte("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + string(rune('a'+i)))}}}
		if err := w.server.Archive.Add(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		v := &archive.Version{Capture: c.Seq, Cause: archive.Published, Title: payloads[0], Lang: "en", PublishedOn: payloads[1], UpdatedOn: payloads[2], Blocks: text(extra)}
		if _, err := w.server.Archive.AddReadings(t.Context(), c.Seq, []archive.Reading{{Capture: c.Seq, Class: archive.Content, Reason: payloads[1], Version: v}}); err != nil {
			t.Fatal(err)
		}
		w.clock = w.clock.Add(1e12)
	}
	if err := w.server.Index.Sync(t.Context(), w.server.Log, w.server.Archive); err != nil {
		t.Fatal(err)
	}
	// Tags and attributes that no page of ours has, but for our own script and
	// pictures, which are known by how they begin.
	ours := regexp.MustCompile(`<script src="/assets/veille\.js\?[\w-]+" defer></script>|<svg class="[\w -]*"`)
	live := regexp.MustCompile(`(?i)<(script|img|svg|iframe|object|embed|style|base)\b|<[^>]*\son\w+=|href="javascript:`)
	for _, path := range []string{"/", "/?min_weight=0", "/search?q=hostile", "/search?q=hostile&past=1", "/sources", "/source/" + src, "/page/1", "/v/1", "/v/2", "/change/1..2",
		"/changes.atom", "/search.atom?q=hostile", "/page/1.atom"} {
		body := w.want(path, http.StatusOK)
		if m := live.FindString(ours.ReplaceAllString(body, "")); m != "" {
			t.Errorf("GET %s holds %q", path, m)
		}
	}
	if body := w.want("/search?q=hostile", http.StatusOK, "<mark>hostile</mark>"); !strings.Contains(body, "&lt;script&gt;") {
		t.Error("the passage is not shown as the text it is")
	}
}

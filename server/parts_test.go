package server

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"veille/archive"
)

// TestLongWordingInParts: a law too long for a page is shown in parts. Every
// block is on one of them, the parts follow each other, a link to a block finds
// its part, and the whole text is there for those who ask.
func TestLongWordingInParts(t *testing.T) {
	w := newWorld(t)
	const articles = 900
	var blocks []archive.Block
	for i := range articles {
		blocks = append(blocks, archive.Block{Kind: archive.Heading, Role: archive.Main, Level: 2, Text: fmt.Sprintf("Article %d", i+1)},
			archive.Block{Kind: archive.Paragraph, Role: archive.Main, Path: []string{fmt.Sprintf("Article %d", i+1)}, Text: strings.Repeat("The authority shall decide within thirty days. ", 5)})
	}
	w.keepVersion("https://a.example/law", blocks)
	const most = 100_000
	id := regexp.MustCompile(`<(?:p|h2|h3|h4|li|tr) id="b(\d+)"`)
	seen := map[string]int{}
	next, pages := "/v/1", 0
	for next != "" && pages < 100 {
		body := w.want(next, http.StatusOK, "data-parts", `href="/v/1?whole=1"`)
		if len(body) > most {
			t.Errorf("GET %s has %d bytes", next, len(body))
		}
		for _, m := range id.FindAllStringSubmatch(body, -1) {
			seen[m[1]]++
		}
		next = ""
		if m := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(body); m != nil {
			next = m[1]
		}
		pages++
	}
	for i := range blocks {
		if n := seen[fmt.Sprint(i)]; n != 1 {
			t.Errorf("block %d is on %d pages", i, n)
		}
	}
	if pages < 3 {
		t.Errorf("the law has %d pages: the test does not test", pages)
	}
	w.want("/v/1", http.StatusOK, "<i id=b1001></i>", ">Article 1</a>")
	if body := w.want("/v/1?block=b1001", http.StatusOK, `id="b1001"`); strings.Contains(body, `id="b0"`) || strings.Contains(body, "<i id=b1001>") {
		t.Error("the part of block 1001 shows the first block, or names block 1001 twice")
	}
	if body := w.want("/v/1?whole=1", http.StatusOK); len(id.FindAllString(body, -1)) != len(blocks) || strings.Contains(body, "data-parts") {
		t.Error("the whole text is not whole")
	}
	w.want("/v/1?block=b99999", http.StatusBadRequest)
	w.want("/v/1?offset=x", http.StatusBadRequest)
}

// keepVersion adds a capture of a page with a wording of these blocks.
func (w *world) keepVersion(url string, blocks []archive.Block) {
	w.t.Helper()
	c := &archive.Capture{Source: w.server.Sources.Sources[0].ID, URL: url, Lang: "en", Time: w.clock, Exchanges: []archive.Exchange{{URL: url, Time: w.clock, Request: []byte("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"),
		Response: []byte("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")}}}
	if err := w.server.Archive.Add(w.t.Context(), c); err != nil {
		w.t.Fatal(err)
	}
	v := &archive.Version{Capture: c.Seq, Cause: archive.Published, Title: "A law", Lang: "en", Blocks: blocks}
	if _, err := w.server.Archive.AddReadings(w.t.Context(), c.Seq, []archive.Reading{{Capture: c.Seq, Class: archive.Content, Version: v}}); err != nil {
		w.t.Fatal(err)
	}
}

package server

import (
	"testing"

	"veille/archive"
)

// TestRemark: what is to be said of a page that is read – another language,
// nearly another page's text – stands on its source's page and in the API.
func TestRemark(t *testing.T) {
	w := newWorld(t)
	c := &archive.Capture{Source: "demo-ministry", URL: "https://example.org/nl/report", Lang: "nl", Time: w.clock, Exchanges: []archive.Exchange{{URL: "https://example.org/nl/report", Time: w.clock,
		Response: []byte("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>x</p>")}}}
	if err := w.server.Archive.Add(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	v := &archive.Version{Capture: c.Seq, Lang: "fr", Title: "Rapport", Blocks: []archive.Block{{Kind: archive.Paragraph, Role: archive.Main, Text: "Le texte."}}}
	const remark = "declared to be in language nl, but the text is in fr"
	if _, err := w.server.Archive.AddReadings(t.Context(), c.Seq, []archive.Reading{{Capture: c.Seq, Class: archive.Content, Reason: remark, Version: v}}); err != nil {
		t.Fatal(err)
	}
	w.want("/source/demo-ministry", 200, remark, "1 page with a remark")
	w.want("/api/v1/sources/demo-ministry", 200, `"remark": "`+remark, `"remarked": 1`)
}

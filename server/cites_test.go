package server

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"veille/archive"
)

// TestRuns: the text is whole, and its citations lead to the publisher in the
// language of the page.
func TestRuns(t *testing.T) {
	text := "Richtlijn 2008/115/EG (RvS 11 september 2019, nr. 245.404) <b>"
	got := runs(text, "nl")
	want := []run{
		{"Richtlijn 2008/115/EG", "https://eur-lex.europa.eu/legal-content/NL/TXT/?uri=CELEX:32008L0115", "32008L0115"},
		{Text: " (RvS 11 september 2019, nr. "},
		{"245.404", "https://www.raadvst-consetat.be/arr.php?nr=245404&l=nl", "RvS 245404"},
		{Text: ") <b>"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	var whole strings.Builder
	for _, r := range got {
		whole.WriteString(r.Text)
	}
	if whole.String() != text {
		t.Errorf("runs make %q", whole.String())
	}
	if got := runs("", "nl"); len(got) != 0 {
		t.Errorf("runs of nothing: %v", got)
	}
}

func TestCites(t *testing.T) {
	got := Cites("COM(2025) 101 final", "fr")
	want := []CiteDocument{{Kind: "com", ID: "COM(2025) 101", Same: []string{"52025PC0101", "52025DC0101"}, Text: "COM(2025) 101 final",
		Link: "https://eur-lex.europa.eu/legal-content/FR/TXT/?uri=COM:2025:101:FIN"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestWordingLinksAndLanguages: on the page of a wording, what is cited leads
// to its publisher, and a paragraph in another language says so; the API gives
// the same.
func TestWordingLinksAndLanguages(t *testing.T) {
	w := newWorld(t)
	at := w.clock
	c := &archive.Capture{Source: "demo-ministry", URL: "https://example.org/report", Lang: "fr", Time: at, Exchanges: []archive.Exchange{{URL: "https://example.org/report", Time: at,
		Response: []byte("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>x</p>")}}}
	if err := w.server.Archive.Add(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	v := &archive.Version{Capture: c.Seq, Cause: archive.Published, Lang: "fr", Title: "Rapport", Blocks: []archive.Block{
		{Kind: archive.Paragraph, Role: archive.Main, Text: "Entrée en vigueur : 12-06-2026"},
		{Kind: archive.Paragraph, Role: archive.Main, Text: "De minister antwoordt dat het centrum van de dienst niet voor gezinnen wordt gebruikt (GwH nr. 22/2025)."},
		{Kind: archive.Row, Role: archive.Main, Text: "Directive | 2008/115/CE | directive 2008/115/CE"},
		{Kind: archive.Paragraph, Role: archive.Main, Text: "La loi sur les étrangers", Refs: []string{"1980-12-15/30", "no such thing"}},
	}}
	v.MovedTo = "https://example.org/rapport"
	added, err := w.server.Archive.AddReadings(t.Context(), c.Seq, []archive.Reading{{Capture: c.Seq, Class: archive.Content, Version: v}})
	if err != nil {
		t.Fatal(err)
	}
	id := added[0].ID
	w.want(fmt.Sprintf("/v/%d", id), 200, `<p id="b1" lang="nl"`, `<a class="cited" href="https://www.const-court.be/public/n/2025/2025-022n.pdf" title="ECLI:BE:GHCC:2025:ARR.022"`,
		`href="https://eur-lex.europa.eu/legal-content/FR/TXT/?uri=CELEX:32008L0115" title="32008L0115"`, "12 June 2026",
		`href="https://www.ejustice.just.fgov.be/cgi_loi/change_lg.pl?language=fr&amp;la=F&amp;cn=1980121530&amp;table_name=loi"`, `<a href="https://example.org/rapport"`)
	w.want(fmt.Sprintf("/api/v1/versions/%d", id), 200, `"in_force_on": "2026-06-12"`, `"lang": "nl"`, `"id": "ECLI:BE:GHCC:2025:ARR.022"`, `"kind": "celex"`, `"kind": "justel"`, `"moved_to": "https://example.org/rapport"`)
}

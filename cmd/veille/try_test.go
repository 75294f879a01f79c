package main

import (
	"bytes"
	"strings"
	"testing"

	"veille/archive"
	"veille/extract"
	"veille/server"
	"veille/source"
)

// TestSnippet: whatever is tried, what is to be pasted is taken by `veille
// check` as it is, under an id that is free.
func TestSnippet(t *testing.T) {
	const taken = "sources:\n  - {id: be-fedasil-retour, kind: government, jurisdiction: BE, topics: [all], pages: [{fr: \"https://other.example/\"}]}\n"
	list, err := source.Parse("sources.yaml", []byte(taken))
	if err != nil {
		t.Fatal(err)
	}
	block := tryBlock{Kind: archive.Paragraph, Role: archive.Main, Text: "The closed centres have 751 places. Frontex helps. A closed centre is no prison."}
	for _, test := range []struct {
		name string
		d    tryDoc
		want []string
	}{
		{"a ministry", tryDoc{URL: "https://www.fedasil.be/fr/retour", Class: archive.Content, Lang: "fr", Title: `Retour "volontaire": l’essentiel #1`, Twins: map[string]string{"nl": "https://www.fedasil.be/nl/terugkeer", "fr": "https://www.fedasil.be/fr/retour"}},
			[]string{"id: be-fedasil-retour-2", "kind: government", `{fr: "https://www.fedasil.be/fr/retour", nl: "https://www.fedasil.be/nl/terugkeer"}`, "topics: [all]"}},
		{"topics by the words of the text", tryDoc{URL: "https://home-affairs.ec.europa.eu/x_en", Class: archive.Content, Lang: "en", Blocks: []tryBlock{block}},
			[]string{"topics: [closed-centres, frontex]", "jurisdiction: EU", "kind: eu"}},
		{"redirected", tryDoc{URL: "https://example.org/node/1", FinalURL: "https://example.org/news/one", Class: archive.Content, Lang: "en"}, []string{`"https://example.org/news/one"`}},
		{"script", tryDoc{URL: "https://hudoc.echr.coe.int/eng?i=001-1", Class: archive.Error, Kind: extract.KindScript}, []string{"render: js", "jurisdiction: INT", "kind: court"}},
		{"blocked", tryDoc{URL: "https://news.belgium.be/nl/a", Class: archive.Blocked, Reason: "status 403: the server\nrefuses \"it\""}, []string{"enabled: false", "note:"}},
		{"feed", tryDoc{URL: "https://www.gov.uk/guidance", Class: archive.Content, Lang: "en", Feeds: []string{"https://www.gov.uk/guidance.atom"}}, []string{`# feed: "https://www.gov.uk/guidance.atom"`, "jurisdiction: GB"}},
		{"this machine", tryDoc{URL: "http://127.0.0.1:8000/", Class: archive.Content}, []string{"en:"}},
		{"odd", tryDoc{URL: "https://xn--mnchen-3ya.de/%F0%9F%98%80/", Class: archive.Content, Lang: "sq", Title: "\u00a0\x00\u202e"}, []string{"sq:"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := snippet(&test.d, list)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
			if _, err := source.Parse("sources.yaml", []byte(taken+got)); err != nil {
				t.Errorf("the snippet does not pass the check: %v\n%s", err, got)
			}
		})
	}
}

// TestTryPrint: without a terminal there are no colours, and chrome is told by
// its mark.
func TestTryPrint(t *testing.T) {
	var out bytes.Buffer
	d := &tryDoc{URL: "https://example.org/x", Status: 200, Class: archive.Content, Lang: "nl", Declared: "nl", Detected: "fr", Title: "Titel",
		Twins: map[string]string{"fr": "https://example.org/fr"}, Cites: []server.CiteDocument{{Kind: "celex", ID: "32008L0115", Link: "https://eur-lex.example/x"}},
		Blocks: []tryBlock{{Kind: archive.Heading, Role: archive.Main, Text: "Titel", level: 1}, {Kind: archive.Item, Role: archive.Main, Text: "punt", marker: "a)", Lang: "fr"}, {Kind: archive.Paragraph, Role: archive.Boilerplate, Text: "menu"}},
		Why:    []string{"because"}, Source: "s"}
	d.Dates.InForce = "2026-06-12"
	d.print(&app{out: &out}, true)
	for _, want := range []string{"class content\n", "language: nl (declared nl, looks like fr), 1 blocks in fr", "in force: 2026-06-12", "twins: fr https://example.org/fr",
		"  h1        Titel\n", "  item      [fr] a) punt\n", "- paragraph menu\n", "celex                32008L0115", "why:\n  because", "The source s watches this page."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Errorf("colours without a terminal:\n%q", out.String())
	}
}

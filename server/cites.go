package server

import (
	"veille/archive"
	"veille/cite"
)

// A CiteDocument is one act, judgment or document that a text cites. IDs are
// the normal spellings; [cite.Kind] has the kinds.
type CiteDocument struct {
	Kind string   `json:"kind"`
	ID   string   `json:"id"`
	Same []string `json:"same,omitempty"` // further numbers of the same thing
	Text string   `json:"text"`           // as it is written there, "" if only a link leads to it
	Link string   `json:"link,omitempty"` // where the publisher shows it
}

// Cites lists what a text cites, in order, with links in its language.
func Cites(text, lang string) []CiteDocument {
	found := cite.Find(text)
	out := make([]CiteDocument, len(found))
	for i := range found {
		c := &found[i]
		out[i] = CiteDocument{Kind: string(c.Kind), ID: c.ID, Same: c.Same, Text: text[c.Start:c.End], Link: c.Link(lang)}
	}
	return out
}

// Refs lists what the links of a block lead to and its text does not name.
func Refs(b *archive.Block, lang string) []CiteDocument {
	out := make([]CiteDocument, 0, len(b.Refs))
	for _, id := range b.Refs {
		if c, ok := cite.Parse(id); ok {
			out = append(out, CiteDocument{Kind: string(c.Kind), ID: c.ID, Same: c.Same, Link: c.Link(lang)})
		}
	}
	return out
}

// A run is a stretch of text; one with a link is a citation, and ID what it
// cites.
type run struct{ Text, Link, ID string }

// runs cuts a text at its citations.
func runs(text, lang string) []run {
	found := cite.Find(text)
	out := make([]run, 0, 2*len(found)+1)
	last := 0
	for i := range found {
		c := &found[i]
		if c.Start > last {
			out = append(out, run{Text: text[last:c.Start]})
		}
		out = append(out, run{text[c.Start:c.End], c.Link(lang), c.ID})
		last = c.End
	}
	if last < len(text) {
		out = append(out, run{Text: text[last:]})
	}
	return out
}

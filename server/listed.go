package server

import (
	"context"
	"fmt"
	"slices"

	"veille/archive"
	"veille/diff"
)

// changeDocument is the document of a change that was computed.
func (d *Documents) changeDocument(c *diff.Change, uiLang string) *ChangeDocument {
	of := stretch{to: c.To.ID}
	if c.From != nil {
		of.from = c.From.ID
	}
	return d.documentOf(c, d.cache.back(of), uiLang, c.Summary)
}

// documentOf is the document of a change, after which the page had the text of an
// earlier version again, nil for none.
func (d *Documents) documentOf(c *diff.Change, back *archive.Version, uiLang string, summary func(lang string) string) *ChangeDocument {
	doc := &ChangeDocument{ID: c.ID(), Source: c.To.Source, URL: c.To.URL, Lang: c.To.Lang, Title: c.To.Title, Topics: []string{},
		To: VersionRef{c.To.ID, c.To.Seen}, Weight: c.Weight, Senses: c.Senses, Edits: c.Edits, Hidden: c.Hidden, Groups: c.Groups,
		Link: "/change/" + c.ID(), page: c.To.Page}
	if c.From != nil {
		doc.From = &VersionRef{c.From.ID, c.From.Seen}
		if c.To.Gone || doc.Title == "" {
			doc.Title = c.From.Title
		}
		if doc.Lang == "" {
			doc.Lang = c.From.Lang
		}
	}
	if doc.Title == "" {
		doc.Title = doc.URL
	}
	if src := d.source(c.To.Source); src != nil {
		doc.Publisher = src.Label(doc.Lang)
		if src.Topics != nil {
			doc.Topics = src.Topics
		}
	}
	if doc.Senses == nil {
		doc.Senses = []string{}
	}
	if uiLang == "" {
		uiLang = doc.Lang
	}
	doc.Summary = summary(uiLang)
	if back != nil {
		doc.Back = &VersionRef{back.ID, back.Seen}
		doc.Summary = diff.GoneBack(uiLang, doc.Summary, back.Seen.By)
	}
	return doc
}

// tell is what lists tell of a change.
func (d *Documents) tell(c *diff.Change, of stretch) toldChange {
	k := toldChange{From: of.from, To: of.to, Page: c.To.Page, Weight: c.Weight, Hidden: c.Hidden, Senses: c.Senses, Signature: c.Signature(), Twin: c.TwinSignature(),
		Excerpt: excerpt(&ChangeDocument{Edits: c.Edits})}
	if back := d.cache.back(of); back != nil {
		k.Back = back.ID
	}
	for _, lang := range Langs {
		k.Summaries = append(k.Summaries, c.Summary(lang))
	}
	return k
}

// listed is [Documents.Change] as far as lists need it: without edits and groups,
// for which two versions would have to be compared.
func (d *Documents) listed(ctx context.Context, from, to archive.Seq, uiLang string) (*ChangeDocument, error) {
	of := stretch{from, to}
	d.cache.expire(of, d.now())
	n := slices.Index(Langs, uiLang)
	k, ok := toldChange{}, false
	if n >= 0 {
		k, ok = d.told.get(of)
	}
	if !ok || n >= len(k.Summaries) {
		return d.Change(ctx, from, to, uiLang)
	}
	c := &diff.Change{Weight: k.Weight, Senses: k.Senses, Hidden: k.Hidden}
	var back *archive.Version
	for _, v := range []struct {
		to **archive.Version
		id archive.Seq
	}{{&c.From, from}, {&c.To, to}, {&back, k.Back}} {
		if v.id == 0 {
			continue
		}
		var err error
		if *v.to, err = d.Archive.VersionHead(ctx, v.id); err != nil {
			return nil, fmt.Errorf("change %d..%d: %w", from, to, err)
		}
	}
	doc := d.documentOf(c, back, uiLang, func(string) string { return k.Summaries[n] })
	doc.told, doc.excerpt = true, k.Excerpt
	return doc, nil
}

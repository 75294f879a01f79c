package server

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"veille/archive"
	"veille/crawler"
	"veille/extract"
	"veille/source"
)

// Source describes one source and how it fares; the error for an unknown id wraps
// fs.ErrNotExist.
func (d *Documents) Source(ctx context.Context, id string) (*SourceDocument, []PageDocument, error) {
	s := d.source(id)
	if s == nil {
		return nil, nil, fmt.Errorf("source %s: %w", quote(id), fs.ErrNotExist)
	}
	pages, err := d.Archive.Pages(ctx, id)
	if err != nil {
		return nil, nil, fmt.Errorf("source %s: %w", id, err)
	}
	doc, list, err := d.sourceDocument(ctx, s, pages)
	if err != nil {
		return nil, nil, fmt.Errorf("source %s: %w", id, err)
	}
	return doc, list, nil
}

// SourceList lists all sources in the order of sources.yaml, and how they fare.
func (d *Documents) SourceList(ctx context.Context) (*SourcesDocument, error) {
	pages, err := d.Archive.Pages(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("sources: %w", err)
	}
	of := map[string][]*archive.Page{}
	for _, p := range pages {
		of[p.Source] = append(of[p.Source], p)
	}
	list := &SourcesDocument{Total: len(d.Sources.Sources), Sources: []SourceDocument{}}
	for _, s := range d.Sources.Sources {
		doc, _, err := d.sourceDocument(ctx, s, of[s.ID])
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", s.ID, err)
		}
		list.Sources = append(list.Sources, *doc)
	}
	return list, nil
}

// sourceDocument sums up the pages of a source: it is as ill as its illest
// page, was last looked at when any page was, and is next when any will be.
func (d *Documents) sourceDocument(ctx context.Context, s *source.Source, pages []*archive.Page) (*SourceDocument, []PageDocument, error) {
	doc := &SourceDocument{ID: s.ID, Name: s.Name, Institution: s.Institution, Kind: s.Kind, Jurisdiction: s.Jurisdiction,
		Topics: s.Topics, Enabled: s.Enabled, Schedule: s.Schedule.String(), Note: s.Note, Link: "/source/" + s.ID,
		Health: Health{State: StateNever}}
	if doc.Topics == nil {
		doc.Topics = []string{}
	}
	list := []PageDocument{}
	for _, p := range pages {
		pd, err := d.pageDocument(ctx, p)
		if err != nil {
			return nil, nil, err
		}
		list = append(list, *pd)
		doc.Pages++
		doc.Versions += p.Versions
		doc.Health.join(pd.Health)
		if pd.Remark != "" {
			doc.Remarked++
		}
		if pd.State == StateBlocked || pd.State == StateFailing {
			doc.Troubled++
		}
	}
	if !s.Enabled {
		doc.State, doc.NextLook = StateOff, time.Time{}
	}
	return doc, list, nil
}

// gravity orders states: a source shows its gravest.
var gravity = map[string]int{StateNever: 0, StateOff: 1, StateGone: 2, StateOK: 3, StateFailing: 4, StateBlocked: 5}

func (h *Health) join(o Health) {
	if gravity[o.State] > gravity[h.State] {
		h.State, h.Since, h.Reason = o.State, o.Since, o.Reason
	} else if o.State == h.State && !o.Since.IsZero() && o.Since.Before(h.Since) {
		h.Since, h.Reason = o.Since, o.Reason
	}
	if o.LastLook.After(h.LastLook) {
		h.LastLook = o.LastLook
	}
	if o.LastContent.After(h.LastContent) {
		h.LastContent = o.LastContent
	}
	if !o.NextLook.IsZero() && (h.NextLook.IsZero() || o.NextLook.Before(h.NextLook)) {
		h.NextLook = o.NextLook
	}
}

func (d *Documents) pageDocument(ctx context.Context, p *archive.Page) (*PageDocument, error) {
	doc := &PageDocument{ID: p.ID, Source: p.Source, URL: p.URL, Lang: p.Lang, Title: p.Title, Link: fmt.Sprintf("/page/%d", p.ID)}
	if doc.Title == "" {
		doc.Title = p.URL
	}
	h := &doc.Health
	h.State, h.LastLook, h.LastContent, h.Remark = StateOK, p.Last.Time, p.LastContent.Time, extract.Remark(p)
	if p.Last.Seq == 0 {
		h.State = StateNever
	}
	if p.Fails > 0 {
		if err := d.trouble(ctx, p, h); err != nil {
			return nil, err
		}
	}
	s := d.source(p.Source)
	if s == nil || !s.Enabled {
		if h.State == StateOK || h.State == StateNever {
			h.State = StateOff
		}
		return doc, nil
	}
	if p.Last.Seq != 0 {
		h.NextLook = crawler.Due(s, p)
	}
	return doc, nil
}

// trouble says since when and why a page brings no usable answer.
func (d *Documents) trouble(ctx context.Context, p *archive.Page, h *Health) error {
	looks, err := d.Archive.Looks(ctx, p.ID, min(p.Fails, 1000))
	if err != nil {
		return err
	}
	h.State, h.Reason = StateFailing, reason(p.Last)
	switch p.Last.Class {
	case archive.Blocked:
		h.State = StateBlocked
	case archive.Gone:
		h.State = StateGone
	}
	if len(looks) > 0 {
		h.Since = looks[len(looks)-1].Time
	}
	return nil
}

// reason says in the words of crawler or reader why a look brought nothing.
func reason(l archive.Look) string {
	switch {
	case l.Reason != "":
		return l.Reason
	case l.Err != "":
		return l.Err
	case l.Status != 0:
		return fmt.Sprintf("HTTP %d", l.Status)
	}
	return string(l.Class)
}

// Versions is the history of the page at an address.
func (d *Documents) Versions(ctx context.Context, url string) (*VersionsDocument, error) {
	p, err := d.page(ctx, url)
	if err != nil {
		return nil, err
	}
	return d.history(ctx, p)
}

func (d *Documents) history(ctx context.Context, p *archive.Page) (*VersionsDocument, error) {
	pd, err := d.pageDocument(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("page %d: %w", p.ID, err)
	}
	versions, err := d.Archive.History(ctx, p.ID)
	if err != nil {
		return nil, fmt.Errorf("page %d: %w", p.ID, err)
	}
	doc := &VersionsDocument{Page: *pd, Total: len(versions), Versions: []VersionDocument{}}
	for _, v := range versions {
		doc.Versions = append(doc.Versions, versionDocument(v))
	}
	return doc, nil
}

// Version is one wording, with its blocks.
func (d *Documents) Version(ctx context.Context, id archive.Seq) (*VersionDocument, error) {
	v, err := d.Archive.Version(ctx, id)
	if err != nil {
		return nil, err
	}
	doc := versionDocument(v)
	doc.Blocks = make([]BlockDocument, 0, len(v.Blocks))
	doc.InForceOn = extract.InForce(v)
	langs := extract.BlockLanguages(v)
	for i, b := range v.Blocks {
		path := b.Path
		if path == nil {
			path = []string{}
		}
		cites := append(Cites(b.Text, langs[i]), Refs(&b, langs[i])...)
		if langs[i] == v.Lang {
			langs[i] = ""
		}
		doc.Blocks = append(doc.Blocks, BlockDocument{string(b.Kind), string(b.Role), path, b.Marker, b.Level, b.Text, b.Since, langs[i], cites})
	}
	return &doc, nil
}

func versionDocument(v *archive.Version) VersionDocument {
	return VersionDocument{Version: v.ID, Number: v.Number, URL: v.URL, Title: v.Title, Lang: v.Lang, Gone: v.Gone, Cause: string(v.Cause),
		Seen: v.Seen, Until: v.Until, PublishedOn: v.PublishedOn, UpdatedOn: v.UpdatedOn, MovedTo: v.MovedTo, MovedFrom: v.MovedFrom, Capture: v.Capture, Prev: v.Prev,
		Link: fmt.Sprintf("/v/%d", v.ID)}
}

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"veille/archive"
	"veille/crawler"
	"veille/extract"
	"veille/server"
	"veille/source"
)

type tryCmd struct {
	Page string `arg:"" name:"url|file" help:"Address of a page, or name of a saved file."`
	JSON bool   `help:"Print one JSON document."`
	Why  bool   `help:"Say also why it was read so."`
}

// tryDoc is what `veille try --json` prints.
type tryDoc struct {
	URL      string        `json:"url"`
	FinalURL string        `json:"final_url,omitempty"` // where redirects led
	Status   int           `json:"status"`
	Class    archive.Class `json:"class"`
	Kind     extract.Kind  `json:"kind,omitempty"`
	Reason   string        `json:"reason,omitempty"`
	Lang     string        `json:"lang"`
	Declared string        `json:"declared,omitempty"` // the language that source or page declare
	Detected string        `json:"detected,omitempty"` // the one that the text looks like
	Title    string        `json:"title"`
	Dates    struct {
		Published string `json:"published,omitempty"`
		Updated   string `json:"updated,omitempty"`
		InForce   string `json:"in_force,omitempty"`
	} `json:"dates"`
	Canonical string                `json:"canonical,omitempty"` // the address that the page calls its own
	Twins     map[string]string     `json:"twins,omitempty"`
	Feeds     []string              `json:"feeds,omitempty"`
	Cites     []server.CiteDocument `json:"cites,omitempty"` // each once
	Strategy  string                `json:"strategy,omitempty"`
	Blocks    []tryBlock            `json:"blocks"`
	Source    string                `json:"source,omitempty"`  // that names the page already
	Snippet   string                `json:"snippet,omitempty"` // to paste into sources.yaml, where none does
	Why       []string              `json:"why,omitempty"`
}

type tryBlock struct {
	Kind archive.Kind `json:"kind"`
	Path []string     `json:"path"`
	Text string       `json:"text"`
	Role archive.Role `json:"role"`
	Lang string       `json:"lang,omitempty"` // where it is not the page's
	// Cites are the acts and judgments that the text cites, or its links lead to.
	Cites []server.CiteDocument `json:"cites,omitempty"`

	marker string
	level  int
}

// Run fetches a page, or reads a file, and prints what is read in it. An
// answer that is no page makes the exit status 1.
func (c *tryCmd) Run(ctx context.Context, a *app) error {
	list, err := a.trySources()
	if err != nil {
		return err
	}
	capture, err := a.fetch(ctx, list, c.Page)
	if err != nil {
		return err
	}
	past, told := a.past(ctx, list, capture.URL)
	text, err := extract.ReadAfter(ctx, capture, list, past)
	if err != nil {
		return fmt.Errorf("read %s: %w", c.Page, err)
	}
	text.Why = append(text.Why, told)
	doc := newTryDoc(capture, text)
	if !strings.HasPrefix(doc.URL, "file:") {
		if s := list.Claim(doc.URL); s != nil {
			doc.Source = s.ID
		} else if doc.Class != archive.Gone && doc.Class != archive.Soft404 {
			if doc.Snippet, err = snippet(doc, list); err != nil {
				return err
			}
		}
	}
	if c.JSON {
		err = writeJSON(a.out, doc)
	} else {
		doc.print(a, c.Why)
	}
	if err == nil && doc.Class != archive.Content {
		err = errFailed
	}
	return err
}

// trySources reads sources.yaml if it is there: a page can be tried without.
func (a *app) trySources() (*source.List, error) {
	if _, err := os.Stat(a.flags.Sources); err != nil {
		list := &source.List{Contact: a.flags.Contact}
		return list, nil
	}
	return a.loadSources()
}

// fetch gets a page from the network, or a saved one from a file.
func (a *app) fetch(ctx context.Context, list *source.List, page string) (*archive.Capture, error) {
	if strings.HasPrefix(page, "http://") || strings.HasPrefix(page, "https://") {
		c := &crawler.Crawler{Sources: list, Log: a.log, Now: a.now, Version: version()}
		return c.Fetch(ctx, page)
	}
	f, err := readSaved(page)
	if err != nil {
		return nil, err
	}
	address := f.address
	if address == "" {
		address = "file:///" + filepath.ToSlash(filepath.Base(page))
	}
	return f.capture(address, a.now()), nil
}

func newTryDoc(c *archive.Capture, t *extract.Text) *tryDoc {
	d := &tryDoc{URL: c.URL, Status: c.Status, Class: t.Class, Kind: t.Kind, Reason: t.Reason, Lang: t.Detected, Declared: t.Declared, Detected: t.Detected,
		Why: t.Why, Blocks: []tryBlock{}}
	if c.FinalURL != c.URL {
		d.FinalURL = c.FinalURL
	}
	related := crawler.RelatedOf(c.FinalURL, c.Header, c.Body)
	d.Canonical, d.Twins, d.Feeds = related.Canonical, related.Twins, related.Feeds
	if d.Canonical == c.URL {
		d.Canonical = ""
	}
	if t.Version != nil {
		d.read(t.Version)
	}
	return d
}

// read takes over what was read in the page.
func (d *tryDoc) read(v *archive.Version) {
	d.Lang, d.Title, d.Strategy = v.Lang, v.Title, v.Strategy
	d.Dates.Published, d.Dates.Updated, d.Dates.InForce = v.PublishedOn, v.UpdatedOn, extract.InForce(v)
	langs, cited := extract.BlockLanguages(v), map[string]bool{}
	for i, b := range v.Blocks {
		t := tryBlock{Kind: b.Kind, Path: append([]string{}, b.Path...), Text: b.Text, Role: b.Role, Cites: append(server.Cites(b.Text, langs[i]), server.Refs(&b, langs[i])...), marker: b.Marker, level: b.Level}
		if langs[i] != v.Lang {
			t.Lang = langs[i]
		}
		for _, c := range t.Cites {
			if !cited[c.ID] {
				cited[c.ID] = true
				d.Cites = append(d.Cites, c)
			}
		}
		d.Blocks = append(d.Blocks, t)
	}
}

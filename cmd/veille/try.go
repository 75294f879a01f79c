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
	URL    string        `json:"url"`
	Status int           `json:"status"`
	Class  archive.Class `json:"class"`
	Reason string        `json:"reason,omitempty"`
	Lang   string        `json:"lang"`
	Title  string        `json:"title"`
	Dates  struct {
		Published string `json:"published,omitempty"`
		Updated   string `json:"updated,omitempty"`
	} `json:"dates"`
	Strategy string     `json:"strategy,omitempty"`
	Blocks   []tryBlock `json:"blocks"`
	Why      []string   `json:"why,omitempty"`
}

type tryBlock struct {
	Kind archive.Kind `json:"kind"`
	Path []string     `json:"path"`
	Text string       `json:"text"`
	Role archive.Role `json:"role"`
	// Cites are the acts and judgments that the text cites.
	Cites []server.CiteDocument `json:"cites,omitempty"`
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
	if c.JSON {
		err = writeJSON(a.out, doc)
	} else {
		c.print(a, doc)
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
	d := &tryDoc{URL: c.URL, Status: c.Status, Class: t.Class, Reason: t.Reason, Lang: t.Detected, Why: t.Why, Blocks: []tryBlock{}}
	if v := t.Version; v != nil {
		d.Lang, d.Title, d.Strategy = v.Lang, v.Title, v.Strategy
		d.Dates.Published, d.Dates.Updated = v.PublishedOn, v.UpdatedOn
		for _, b := range v.Blocks {
			d.Blocks = append(d.Blocks, tryBlock{b.Kind, append([]string{}, b.Path...), b.Text, b.Role, server.Cites(b.Text, v.Lang)})
		}
	}
	return d
}

func (c *tryCmd) print(a *app, d *tryDoc) {
	fmt.Fprintf(a.out, "%s\nstatus %d, class %s", d.URL, d.Status, d.Class)
	if d.Reason != "" {
		fmt.Fprintf(a.out, ": %s", d.Reason)
	}
	fmt.Fprintf(a.out, "\ntitle: %s\nlanguage: %s   published: %s   updated: %s   main text found by: %s\n\n",
		d.Title, d.Lang, orDash(d.Dates.Published), orDash(d.Dates.Updated), orDash(d.Strategy))
	for _, b := range d.Blocks {
		mark := " "
		if b.Role == archive.Boilerplate {
			mark = "-"
		}
		fmt.Fprintf(a.out, "%s %-9s %s\n", mark, b.Kind, b.Text)
	}
	if c.Why {
		fmt.Fprintf(a.out, "\n%s\n", strings.Join(d.Why, "\n"))
	}
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"veille/archive"
)

type addCmd struct {
	Page   string `arg:"" name:"file|url" help:"A saved page or PDF; or an address, to fetch now."`
	URL    string `placeholder:"URL" help:"Address of the page that was saved. Needed for a file."`
	At     string `placeholder:"TIME" help:"When it was saved: 2026-03-01 or 2026-03-01T09:30:00Z. Now, if it is not given."`
	Source string `placeholder:"ID" help:"Source that the page belongs to; the one that names it in sources.yaml, if it is not given."`
	By     string `placeholder:"WHO" help:"Who saved it; kept with the capture."`
	Reason string `placeholder:"WHY" help:"Why it was added by hand; kept with the capture."`
	JSON   bool   `help:"Print one JSON document."`
}

// Run keeps the page as a capture, reads and indexes it.
func (c *addCmd) Run(ctx context.Context, a *app) error {
	h, err := a.open(ctx)
	if err != nil {
		return a.explainLock(err)
	}
	defer h.close()
	capture, err := c.capture(ctx, a, h)
	if err != nil {
		return err
	}
	if err := h.archive.Add(ctx, capture); err != nil {
		return err
	}
	p := &pass{}
	if err := h.sync(ctx, a, p); err != nil {
		return err
	}
	look, err := h.archive.Look(ctx, capture.Seq)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(a.out, map[string]any{"capture": capture.Seq, "url": capture.URL, "source": capture.Source,
			"class": look.Class, "new_versions": p.read.NewVersions})
	}
	fmt.Fprintf(a.out, "capture %d of %s (%s): %s, %d new versions\n", capture.Seq, capture.URL, capture.Source, look.Class, p.read.NewVersions)
	return nil
}

func (c *addCmd) capture(ctx context.Context, a *app, h *house) (*archive.Capture, error) {
	fetched := strings.HasPrefix(c.Page, "http://") || strings.HasPrefix(c.Page, "https://")
	address := c.URL
	if address == "" {
		if !fetched {
			return nil, errors.New("say which page it is, with --url")
		}
		address = c.Page
	}
	address, err := h.sources.Canonical(address)
	if err != nil {
		return nil, err
	}
	at, err := parseTime(c.At, a.now())
	if err != nil {
		return nil, fmt.Errorf("--at: %w", err)
	}
	if at.After(a.now().Add(time.Minute)) {
		return nil, fmt.Errorf("--at: %s lies in the future", at.Format(time.RFC3339))
	}
	var capture *archive.Capture
	if fetched {
		capture, err = h.crawler.Fetch(ctx, c.Page)
	} else {
		capture, err = savedCapture(c.Page, address, at)
	}
	if err != nil {
		return nil, err
	}
	capture.URL, capture.Origin = address, archive.Added
	capture.Notes = map[string]string{"added": "by hand", "added-by": c.By, "added-why": c.Reason, "added-from": c.Page,
		"added-at": a.now().UTC().Format(time.RFC3339)}
	return capture, c.belongs(ctx, h, capture)
}

// belongs finds the source of a capture.
func (c *addCmd) belongs(ctx context.Context, h *house, capture *archive.Capture) error {
	capture.Source = c.Source
	page, err := h.archive.Page(ctx, capture.URL)
	switch {
	case err == nil:
		capture.Lang, capture.Document = page.Lang, page.Document
		if capture.Source == "" {
			capture.Source = page.Source
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if s := h.sources.Claim(capture.URL); s != nil && capture.Source == "" {
		capture.Source = s.ID
	}
	if capture.Source == "" {
		return fmt.Errorf("no source names %s; say which it belongs to, with --source", capture.URL)
	}
	src := h.sources.Source(capture.Source)
	if src == nil {
		return fmt.Errorf("there is no source %q in %s", capture.Source, h.sources.File)
	}
	for _, d := range src.Pages {
		for _, p := range d.Pages {
			if p.URL == capture.URL {
				capture.Lang, capture.Document = p.Lang, d.ID
			}
		}
	}
	return nil
}

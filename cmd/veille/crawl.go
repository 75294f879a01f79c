package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"veille/archive"
	"veille/crawler"
	"veille/diff"
)

type crawlCmd struct {
	Source []string `arg:"" optional:"" help:"Ids of the sources to crawl; all that are enabled if none is given."`
	Due    bool     `help:"Only the pages that are due by their schedule."`
	JSON   bool     `help:"Print one JSON document."`
}

// crawlDoc is what `veille crawl --json` prints.
type crawlDoc struct {
	Fetched     int        `json:"fetched"`
	Unchanged   int        `json:"unchanged"`
	NewVersions int        `json:"new_versions"`
	Blocked     int        `json:"blocked"`
	Errors      []crawlErr `json:"errors"`
	Remarks     []crawlErr `json:"remarks,omitempty"` // on pages that were read all the same
	TookS       float64    `json:"took_s"`
}

type crawlErr struct {
	Source string `json:"source"`
	URL    string `json:"url"`
	Error  string `json:"error"`
}

// Run makes one pass. Pages that could not be fetched are listed, and make the
// exit status 1; all others have been dealt with.
func (c *crawlCmd) Run(ctx context.Context, a *app) error {
	list, err := a.loadSources()
	if err != nil {
		return err
	}
	h, err := a.openArchive(list)
	if err != nil {
		return a.explainLock(err)
	}
	defer h.close()
	start := time.Now()
	p, err := h.pass(ctx, a, crawler.Options{Sources: c.Source, DueOnly: c.Due, Progress: a.progress("crawling")})
	if err != nil {
		return err
	}
	doc := p.document()
	doc.TookS = time.Since(start).Seconds()
	if c.JSON {
		err = writeJSON(a.out, doc)
	} else {
		err = c.print(ctx, a, h, p, doc)
	}
	if err == nil && len(doc.Errors) > 0 {
		err = errFailed
	}
	return err
}

func (p *pass) document() *crawlDoc {
	d := &crawlDoc{Fetched: p.crawl.Fetched, Unchanged: p.crawl.Unchanged, NewVersions: p.read.NewVersions,
		Blocked: p.read.Blocked, Errors: []crawlErr{}}
	for _, e := range p.crawl.Errors {
		d.Errors = append(d.Errors, crawlErr{e.Source, e.URL, e.Error})
	}
	for _, e := range p.read.Errors {
		if e.Class == archive.Error { // an answer, but no page: 5xx, empty, unreadable
			d.Errors = append(d.Errors, crawlErr{e.Source, e.URL, e.Error})
		}
	}
	for _, e := range p.read.Remarks {
		d.Remarks = append(d.Remarks, crawlErr{e.Source, e.URL, e.Error})
	}
	return d
}

func (c *crawlCmd) print(ctx context.Context, a *app, h *house, p *pass, d *crawlDoc) error {
	var memory diff.Memory
	for _, v := range p.read.Added {
		if v.Prev == 0 || v.Cause != archive.Published {
			continue
		}
		before, err := h.archive.Version(ctx, v.Prev)
		if err != nil {
			return err
		}
		after, err := h.archive.Version(ctx, v.ID)
		if err != nil {
			return err
		}
		ch, _, err := memory.Between(ctx, h.archive, before, after, a.now())
		if err != nil {
			return err
		}
		fmt.Fprintf(a.out, "%d  %s  %s\n   %s\n", ch.Weight, ch.ID(), v.URL, ch.Summary("en"))
	}
	for _, e := range d.Errors {
		fmt.Fprintf(a.err, "%s: %s: %s\n", e.Source, e.URL, e.Error)
	}
	for _, e := range d.Remarks {
		fmt.Fprintf(a.out, "remark  %s: %s: %s\n", e.Source, e.URL, e.Error)
	}
	fmt.Fprintf(a.out, "%d fetched, %d unchanged, %d new versions, %d blocked, %d errors in %.1f s\n",
		d.Fetched, d.Unchanged, d.NewVersions, d.Blocked, len(d.Errors), d.TookS)
	return nil
}

// progress shows how far long work has come: a bar on a terminal, a line every
// tenth of the way otherwise.
func (a *app) progress(what string) func(done, total int, item string) {
	if a.flags.Quiet {
		return nil
	}
	if isTerminal(a.err) {
		var bar *progressbar.ProgressBar
		return func(done, total int, _ string) {
			if bar == nil {
				bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(a.err), progressbar.OptionSetDescription(what),
					progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
			}
			bar.ChangeMax(total)
			_ = bar.Set(done) // a bar that cannot be drawn is no failure of the work
		}
	}
	last := 0
	return func(done, total int, _ string) {
		tenth := done * 10 / max(total, 1)
		if tenth < last { // another stage of the work
			last = 0
		}
		if tenth > last {
			last = tenth
			fmt.Fprintf(a.err, "%s: %d of %d\n", what, done, total)
		}
	}
}

// staged is the progress of work in stages, each of which says its name and is
// counted by itself; nil if nobody wants to know.
func (a *app) staged(what string) func(done, total int64, stage string) {
	if a.flags.Quiet {
		return nil
	}
	var now string
	var show func(done, total int, item string)
	return func(done, total int64, stage string) {
		if show == nil || stage != now {
			now, show = stage, a.progress(what+": "+stage)
		}
		show(int(done), int(total), "")
	}
}

// writeJSON prints one document, indented, with < > & as they are.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

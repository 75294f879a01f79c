package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"veille/archive"
	"veille/server"
)

type blameCmd struct {
	URL  string `arg:"" help:"Address of the page."`
	At   string `placeholder:"TIME" help:"The wording that stood then: 2026-03-01 or 2026-03-01T09:30:00Z. Now, if it is not given."`
	All  bool   `help:"Menus, banners and footers too."`
	JSON bool   `help:"Print one JSON document."`
}

// Run tells who said it since when, word by word.
func (c *blameCmd) Run(ctx context.Context, a *app) error {
	at, err := server.ParseTime("--at", c.At, true)
	if err != nil {
		return err
	}
	v := url.Values{"url": {c.URL}}
	set(v, "at", c.At)
	var doc server.BlameDocument
	err = a.consult(ctx, func(d *server.Documents) error {
		got, err := d.Blame(ctx, c.URL, at)
		if err == nil {
			doc = *got
		}
		return err
	}, "blame", v, &doc)
	if err != nil {
		return err
	}
	if c.JSON {
		return server.Write(a.out, doc)
	}
	c.print(a, &doc)
	return nil
}

// print writes each run of words behind the version it stands since, and what
// is known of when that came.
func (c *blameCmd) print(a *app, d *server.BlameDocument) {
	fmt.Fprintf(a.out, "%s\n%s  version %d\n\n", d.Title, d.URL, d.Version)
	for _, o := range d.Origins {
		fmt.Fprintf(a.out, "%6d  %s  %d words\n", o.Version, interval(o.FirstSeen), o.Words)
	}
	for _, b := range d.Blocks {
		if b.Role != string(archive.Main) && !c.All || len(b.Tokens) == 0 {
			continue
		}
		fmt.Fprintln(a.out)
		for i := 0; i < len(b.Tokens); {
			var run strings.Builder
			since := b.Tokens[i].Since
			for ; i < len(b.Tokens) && b.Tokens[i].Since == since; i++ {
				run.WriteString(b.Tokens[i].Text)
			}
			fmt.Fprintf(a.out, "%6d  %s\n", since, strings.TrimSpace(run.String()))
		}
	}
}

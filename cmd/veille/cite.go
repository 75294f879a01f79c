package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"veille/archive"
	"veille/server"
)

type citeCmd struct {
	What    string `arg:"" name:"url|version" help:"Address of a page, or the number of a version (the N of /v/N)."`
	At      string `placeholder:"TIME" help:"Of a page, the wording that stood then: 2026-03-01 or 2026-03-01T09:30:00Z. The latest, if it is not given."`
	Block   int    `default:"-1" placeholder:"N" help:"One block of the wording (the N of #bN), with its text."`
	Format  string `default:"text" enum:"text,bibtex,ris,csl" help:"text, bibtex, ris or csl (CSL-JSON)."`
	BaseURL string `name:"base-url" env:"VEILLE_BASE_URL" placeholder:"URL" help:"Public address of the site, for permanent links."`
	JSON    bool   `help:"Print one JSON document, with all forms."`
}

// Run prints a reference to a wording.
func (c *citeCmd) Run(ctx context.Context, a *app) error {
	q := server.CiteQuery{Block: c.Block, BaseURL: strings.TrimRight(c.BaseURL, "/")}
	v := url.Values{}
	if n, err := strconv.ParseInt(c.What, 10, 64); err == nil && n > 0 {
		q.Version = archive.Seq(n)
		v.Set("version", c.What)
	} else {
		q.URL = c.What
		v.Set("url", c.What)
	}
	if c.At != "" && q.Version != 0 {
		return errors.New("--at: a version has its time; give the address of a page")
	}
	var err error
	if q.At, err = server.ParseTime("--at", c.At, true); err != nil {
		return err
	}
	set(v, "at", c.At)
	if c.Block >= 0 {
		v.Set("block", fmt.Sprint(c.Block))
	}
	var doc server.CitationDocument
	err = a.consult(ctx, func(d *server.Documents) error {
		got, err := d.Cite(ctx, q)
		if err == nil {
			doc = *got
		}
		return err
	}, "cite", v, &doc)
	if err != nil {
		return err
	}
	if c.BaseURL != "" {
		doc.Rebase(q.BaseURL)
	}
	if doc.Local() {
		fmt.Fprintln(a.err, "veille: the reference has no link that others can follow; give the public address of the site: --base-url https://veille.example.org, or VEILLE_BASE_URL")
	}
	if c.JSON {
		return server.Write(a.out, doc)
	}
	return server.WriteCitation(a.out, &doc, c.Format)
}

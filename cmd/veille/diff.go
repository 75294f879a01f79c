package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"

	"veille/archive"
	"veille/redline"
	"veille/server"
)

type diffCmd struct {
	URL    string `arg:"" name:"url|from..to" help:"Address of the page, or a change as veille changes prints it: /change/45..48 or 45..48."`
	From   string `placeholder:"T|N" help:"Version or time to compare from; the version before, if it is not given."`
	To     string `placeholder:"T|N" help:"Version or time to compare to; the latest, if it is not given."`
	Format string `default:"text" enum:"text,json,html,docx" help:"text, json, html or docx: a Word document with tracked changes."`
	Layout string `default:"inline" enum:"inline,side" help:"With --format html: inline, or side for the two wordings side by side."`
	All    bool   `help:"Show housekeeping too, in text."`
	Output string `short:"o" placeholder:"FILE" help:"Write to this file instead of the terminal."`
	UILang string `name:"ui-lang" placeholder:"LANG" help:"Language of the summary; that of the page, if it is not given."`
	Limit  int    `placeholder:"N" help:"In JSON, so many edits at most; all, if it is not given."`
	Offset int    `placeholder:"N" help:"In JSON, how many edits to pass over."`
	JSON   bool   `help:"The same as --format json."`
}

// Run shows what changed between two versions of a page.
func (c *diffCmd) Run(ctx context.Context, a *app) error {
	if c.Format == "docx" && c.Output == "" && isTerminal(a.out) {
		return errors.New("--format docx: a Word document is not for a terminal; name a file with --output change.docx")
	}
	part := c.Limit != 0 || c.Offset != 0
	if c.Limit < 0 || c.Offset < 0 || part && !c.JSON && c.Format != "json" {
		return errors.New("--limit and --offset are numbers of edits, of 0 or more, and belong to --json")
	}
	doc, err := c.change(ctx, a)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := c.write(ctx, a, &b, doc); err != nil {
		return err
	}
	if c.Output != "" {
		if err := os.WriteFile(c.Output, b.Bytes(), 0o644); err != nil {
			return fmt.Errorf("--output: %w", err)
		}
		return nil
	}
	_, err = a.out.Write(b.Bytes())
	return err
}

// changeID is a change as lists and links have it.
var changeID = regexp.MustCompile(`^(?:(?:https?://[^/]+)?/change/)?(\d+)\.\.(\d+)$`)

// change is the one that is asked for.
func (c *diffCmd) change(ctx context.Context, a *app) (*server.ChangeDocument, error) {
	v := url.Values{}
	set(v, "ui", c.UILang)
	for name, n := range map[string]int{"limit": c.Limit, "offset": c.Offset} {
		if n > 0 {
			v.Set(name, fmt.Sprint(n))
		}
	}
	path, find := "diff", func(d *server.Documents) (*server.ChangeDocument, error) {
		return d.Diff(ctx, c.URL, c.From, c.To, c.UILang)
	}
	if m := changeID.FindStringSubmatch(c.URL); m == nil {
		set(v, "url", c.URL)
		set(v, "from", c.From)
		set(v, "to", c.To)
	} else {
		if c.From != "" || c.To != "" {
			return nil, fmt.Errorf("%s names both versions; leave --from and --to out, or give the page's address", c.URL)
		}
		id := m[1] + ".." + m[2]
		path, find = "changes/"+id, func(d *server.Documents) (*server.ChangeDocument, error) { return d.ChangeByID(ctx, id, c.UILang) }
	}
	var doc server.ChangeDocument
	err := a.consult(ctx, func(d *server.Documents) error {
		got, err := find(d)
		if err == nil {
			doc = *got.Part(c.Limit, c.Offset)
		}
		return err
	}, path, v, &doc)
	return &doc, err
}

// write writes the change in the form asked for.
func (c *diffCmd) write(ctx context.Context, a *app, b *bytes.Buffer, doc *server.ChangeDocument) error {
	if c.JSON || c.Format == "json" {
		return server.Write(b, doc)
	}
	change := doc.Redline()
	switch c.Format {
	case "html":
		return redline.HTML(b, change, redline.Layout(c.Layout), redline.LabelsIn(or(c.UILang, doc.Lang)))
	case "docx":
		var err error
		if change.Blocks, err = c.text(ctx, a, doc.To.Version); err == nil && doc.From != nil {
			change.Was, err = c.text(ctx, a, doc.From.Version)
		}
		if err != nil {
			return err
		}
		return redline.DOCX(b, change)
	}
	return redline.Text(b, change, c.Output == "" && isTerminal(a.out), c.All)
}

// text are the blocks of a version.
func (c *diffCmd) text(ctx context.Context, a *app, version archive.Seq) ([]archive.Block, error) {
	var whole server.VersionDocument
	err := a.consult(ctx, func(d *server.Documents) error {
		got, err := d.Version(ctx, version)
		if err == nil {
			whole = *got
		}
		return err
	}, fmt.Sprintf("versions/%d", version), nil, &whole)
	return whole.Text(), err
}

package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"veille/diff"
	"veille/server"
)

type passageCmd struct {
	URL   string `arg:"" help:"Address of the page."`
	Block string `arg:"" help:"Which passage: b7, the eighth block of the wording, or an anchor such as art-7-par-2, with all that stands under it."`
	At    string `placeholder:"TIME" help:"In the wording that stood then. The latest, if it is not given."`
	JSON  bool   `help:"Print one JSON document."`
}

// Run tells all wordings that a passage ever had.
func (c *passageCmd) Run(ctx context.Context, a *app) error {
	at, err := server.ParseTime("--at", c.At, true)
	if err != nil {
		return err
	}
	v := url.Values{"url": {c.URL}, "block": {c.Block}}
	set(v, "at", c.At)
	var doc server.PassageDocument
	err = a.consult(ctx, func(d *server.Documents) error {
		got, err := d.Passage(ctx, c.URL, at, c.Block)
		if err == nil {
			doc = *got
		}
		return err
	}, "passage", v, &doc)
	if err != nil {
		return err
	}
	if c.JSON {
		return server.Write(a.out, doc)
	}
	fmt.Fprintf(a.out, "%s\n%s  %s of version %d  %s\n", shown(doc.Title), doc.URL, doc.Where, doc.Version, shown(strings.Join(doc.Path, " › ")))
	for _, w := range doc.Wordings {
		op := w.Op
		if op == "" {
			op = "under other headings"
		}
		fmt.Fprintf(a.out, "\nversion %d: %s, %s%s, %s\n", w.Version, op, interval(w.FirstSeen), gone(w.Gone), plural(w.Versions, "version"))
		if w.Away != nil {
			fmt.Fprintf(a.out, "  not on the page at our looks from %s to %s\n", moment(w.Away.From), moment(w.Away.To))
		}
		if len(w.Senses) > 0 {
			var codes []string
			for _, s := range w.Senses {
				codes = append(codes, s.Code)
			}
			fmt.Fprintf(a.out, "  %s\n", strings.Join(codes, ", "))
		}
		fmt.Fprintf(a.out, "  %s\n", wordsInline(w.Words, w.Text))
	}
	if doc.Gone != nil {
		fmt.Fprintf(a.out, "\ngone (%s) %s\n", doc.GoneBy, interval(*doc.Gone))
	}
	if doc.More {
		fmt.Fprintln(a.out, "there are more wordings")
	}
	return nil
}

// wordsInline writes a redline in one paragraph: [-gone-] and {+come+}, as
// wdiff does; the text where there is no redline.
func wordsInline(words []diff.Word, text string) string {
	if len(words) == 0 {
		return strings.ReplaceAll(shownLines(text), "\n", "\n  ")
	}
	var b strings.Builder
	for _, w := range words {
		switch w.Op {
		case diff.Deleted:
			b.WriteString("[-" + w.Text + "-]")
		case diff.Inserted:
			b.WriteString("{+" + w.Text + "+}")
		default:
			b.WriteString(w.Text)
		}
	}
	return strings.ReplaceAll(shownLines(b.String()), "\n", "\n  ")
}

type collateCmd struct {
	URL     string   `arg:"" help:"Address of the page."`
	Version []string `arg:"" optional:"" help:"Versions or times, up to 24; the last four wordings, if none is given."`
	All     bool     `help:"Menus, banners and footers too; in text also what is the same in all."`
	JSON    bool     `help:"Print one JSON document."`
}

// Run sets wordings of a page beside one another.
func (c *collateCmd) Run(ctx context.Context, a *app) error {
	v := url.Values{"url": {c.URL}, "version": c.Version}
	if c.All {
		v.Set("all", "true")
	}
	var doc server.CollationDocument
	err := a.consult(ctx, func(d *server.Documents) error {
		got, err := d.Collate(ctx, c.URL, c.Version, c.All)
		if err == nil {
			doc = *got
		}
		return err
	}, "collation", v, &doc)
	if err != nil {
		return err
	}
	if c.JSON {
		return server.Write(a.out, doc)
	}
	fmt.Fprintf(a.out, "%s\n%s\n", shown(doc.Title), doc.URL)
	for _, col := range doc.Columns {
		fmt.Fprintf(a.out, "  version %d  %s%s\n", col.Version, interval(col.FirstSeen), gone(col.Gone))
	}
	same := 0
	for _, r := range doc.Rows {
		if r.Same && !c.All {
			same++
			continue
		}
		fmt.Fprintf(a.out, "\n%s\n", shown(strings.Join(r.Path, " › ")))
		before := ""
		for k, cell := range r.Cells {
			text := "–"
			switch {
			case cell.Text == nil:
			case *cell.Text == before:
				text = "the same"
			default:
				text, before = wordsInline(cell.Words, *cell.Text), *cell.Text
			}
			fmt.Fprintf(a.out, "  %6d  %s\n", doc.Columns[k].Version, text)
		}
	}
	fmt.Fprintf(a.out, "\n%s %s", plural(doc.Differ, "passage"), map[bool]string{true: "differs", false: "differ"}[doc.Differ == 1])
	if same > 0 {
		fmt.Fprintf(a.out, ", %d are the same in all (--all shows them)", same)
	}
	fmt.Fprintln(a.out)
	return nil
}

type reuseCmd struct {
	URL   string `arg:"" optional:"" help:"Address of the page."`
	Block string `arg:"" optional:"" help:"Which passage of it: b7, or an anchor such as art-7-par-2."`
	At    string `placeholder:"TIME" help:"In the wording that stood then. The latest, if it is not given."`
	Text  string `placeholder:"TEXT" help:"A text, instead of a passage of a page."`
	All   bool   `help:"Menus, banners and footers too."`
	JSON  bool   `help:"Print one JSON document."`
}

// Run tells on which other pages the words of a passage stand.
func (c *reuseCmd) Run(ctx context.Context, a *app) error {
	at, err := server.ParseTime("--at", c.At, true)
	if err != nil {
		return err
	}
	v := url.Values{}
	for name, value := range map[string]string{"url": c.URL, "block": c.Block, "at": c.At, "text": c.Text} {
		set(v, name, value)
	}
	if c.All {
		v.Set("all", "true")
	}
	var doc server.ReuseDocument
	err = a.consult(ctx, func(d *server.Documents) error {
		got, err := d.Reuse(ctx, c.URL, at, c.Block, c.Text, c.All)
		if err == nil {
			doc = *got
		}
		return err
	}, "reuse", v, &doc)
	if err != nil {
		return err
	}
	if c.JSON {
		return server.Write(a.out, doc)
	}
	fmt.Fprintf(a.out, "%s\n", shown(doc.Text))
	if doc.FirstSeen != nil {
		fmt.Fprintf(a.out, "  first seen %s\n", interval(*doc.FirstSeen))
	}
	if b := doc.Before; b != nil {
		fmt.Fprintf(a.out, "  the page had nearly these words before: %s%s  %s\n", interval(b.FirstSeen), gone(b.Gone), b.Link)
	}
	for _, w := range doc.Common {
		fmt.Fprintf(a.out, "common wording, on %s: %s\n", plural(w.Pages, "page"), shown(w.Text))
	}
	if doc.AllCommon {
		fmt.Fprintln(a.out, "all of it is common wording; the first pages that had it:")
	}
	for _, p := range doc.Passages {
		fmt.Fprintf(a.out, "\n%s\n%s  %s  (%s, %s)\n  first seen %s%s%s\n  %.0f %% of these words, %.0f %% of its own\n  %s\n", shown(p.Title), p.URL, p.Link, p.Source, p.Lang,
			interval(p.FirstSeen), gone(p.Gone), inRecord(&p), 100*p.Share, 100*p.OfOther, wordsInline(p.Words, p.Text))
	}
	fmt.Fprintf(a.out, "\n%s\n", plural(len(doc.Passages), "other page"))
	if doc.More {
		fmt.Fprintln(a.out, "there are more than could be compared")
	}
	return nil
}

// inRecord says which of two was seen first. It never says more.
func inRecord(p *server.ReusedPassage) string {
	switch {
	case p.Order == "":
		return ""
	case p.Order == "same":
		return ": at the same look"
	case p.Certain:
		return ": " + p.Order + " in our record"
	}
	return ": " + p.Order + " in our record, but our looks leave it open"
}

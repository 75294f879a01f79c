package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"veille/index"
	"veille/server"
)

type traceCmd struct {
	Phrase string   `arg:"" help:"What to trace: words that stand side by side; one that ends in * is the beginning of a word."`
	Lang   []string `placeholder:"LANG" help:"Only texts in this language."`
	Source []string `placeholder:"ID" help:"Only this source."`
	Exact  bool     `help:"Do not trace other names of the concept."`
	All    bool     `help:"Menus, banners and footers too."`
	Format string   `default:"text" enum:"text,json,csv" help:"text, json or csv."`
	JSON   bool     `help:"The same as --format json."`
}

// Run tells where and when a phrase ever stood.
func (c *traceCmd) Run(ctx context.Context, a *app) error {
	v := url.Values{"q": {c.Phrase}, "lang": c.Lang, "source": c.Source}
	for name, on := range map[string]bool{"exact": c.Exact, "all": c.All} {
		if on {
			v.Set(name, "true")
		}
	}
	var doc server.TraceDocument
	err := a.consult(ctx, func(d *server.Documents) error {
		got, err := d.Trace(ctx, index.TraceQuery{Phrase: c.Phrase, Langs: c.Lang, Sources: c.Source, Exact: c.Exact, All: c.All})
		if err == nil {
			doc = *got
		}
		return err
	}, "trace", v, &doc)
	if err != nil {
		return pointAt(c.Phrase, err)
	}
	switch {
	case c.JSON || c.Format == "json":
		return server.Write(a.out, doc)
	case c.Format == "csv":
		return server.WriteKWIC(csv.NewWriter(a.out), &doc)
	}
	c.print(a, &doc)
	return nil
}

func (c *traceCmd) print(a *app, d *server.TraceDocument) {
	if d.FirstSeen == nil {
		fmt.Fprintf(a.out, "%q never stood on a page that was read\n", d.Phrase)
		return
	}
	fmt.Fprintf(a.out, "%q was first seen %s\n", d.Phrase, interval(*d.FirstSeen))
	for _, e := range d.Expanded {
		fmt.Fprintf(a.out, "traced also: %s (--exact: do not)\n", strings.Join(e.Terms, ", "))
	}
	for _, p := range d.Pages {
		fmt.Fprintf(a.out, "\n%s\n%s  (%s, %s)\n", p.Title, p.URL, p.Source, p.Lang)
		for _, s := range p.Spans {
			fmt.Fprintf(a.out, "  %s%s, %s\n    %s\n", interval(s.FirstSeen), gone(s.Gone), plural(s.Versions, "version"), marked(s.Text, isTerminal(a.out)))
		}
		for _, g := range p.Gaps {
			fmt.Fprintf(a.out, "  could not be seen between %s and %s: %s\n", moment(g.After), until(g.By), g.Reason)
		}
	}
	for _, r := range d.Replaced {
		fmt.Fprintf(a.out, "\n%s: %q gave way to %q", r.Link, r.Before, r.After)
	}
	if len(d.Replaced) > 0 {
		fmt.Fprintln(a.out)
	}
	if d.More {
		fmt.Fprintln(a.out, "there is more; narrow it down with --source or --lang")
	}
}

func until(t time.Time) string {
	if t.IsZero() {
		return "now"
	}
	return moment(t)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

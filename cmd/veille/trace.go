package main

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"veille/index"
	"veille/server"
)

type traceCmd struct {
	Phrase  string   `arg:"" help:"What to trace: words side by side, in which * stands for any letters; OR and NEAR/n between them; or concept:ID."`
	Lang    []string `placeholder:"LANG" help:"Only texts in this language."`
	Source  []string `placeholder:"ID" help:"Only this source."`
	Exact   bool     `help:"Only what is typed: no inflections and other spellings, no other names of the concept."`
	Without []string `placeholder:"FORM" help:"Leave out a form that was found."`
	All     bool     `help:"Menus, banners and footers too."`
	Format  string   `default:"text" enum:"text,json,csv,timeline" help:"text, json, csv (one row a wording's span) or timeline (CSV, one row a period)."`
	BaseURL string   `name:"base-url" env:"VEILLE_BASE_URL" placeholder:"URL" help:"Public address of the site, for the permanent links of csv."`
	JSON    bool     `help:"The same as --format json."`
	excelFlag
}

// Run tells where and when a phrase ever stood.
func (c *traceCmd) Run(ctx context.Context, a *app) error {
	v := url.Values{"q": {c.Phrase}, "lang": c.Lang, "source": c.Source, "without": c.Without}
	for name, on := range map[string]bool{"exact": c.Exact, "all": c.All} {
		if on {
			v.Set(name, "true")
		}
	}
	var doc server.TraceDocument
	err := a.consult(ctx, func(d *server.Documents) error {
		got, err := d.Trace(ctx, index.TraceQuery{Phrase: c.Phrase, Langs: c.Lang, Sources: c.Source, Exact: c.Exact, Without: c.Without, All: c.All})
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
		return server.WriteConcordance(a.out, c.csv(), &doc, strings.TrimRight(c.BaseURL, "/"))
	case c.Format == "timeline":
		return server.WriteTimeline(a.out, c.csv(), &doc)
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
	c.forms(a, d)
	for _, p := range d.Pages {
		fmt.Fprintf(a.out, "\n%s\n%s  (%s, %s; now %s)\n", p.Title, p.URL, p.Source, p.Lang, often(&p.Now))
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

// forms prints how the phrase stands in the texts, and how often it stood.
func (c *traceCmd) forms(a *app, d *server.TraceDocument) {
	fmt.Fprintln(a.out, "forms (--without FORM leaves one out):")
	for _, f := range d.Forms {
		off := ""
		if f.Off {
			off = ", left out"
		}
		fmt.Fprintf(a.out, "  %4d  %-24s %s, %s; %s%s%s\n", f.Lines, f.Form, f.Lang, f.How, interval(f.FirstSeen), gone(f.Gone), off)
	}
	most := 0.0
	for _, p := range d.Timeline.Periods {
		if p.Per10k != nil {
			most = max(most, *p.Per10k)
		}
	}
	fmt.Fprintf(a.out, "how often, at the end of each %s:\n", d.Timeline.Step)
	for i, p := range d.Timeline.Periods {
		if i > 0 && i+1 < len(d.Timeline.Periods) && p.Ever == 0 && p.Unseen == 0 && d.Timeline.Periods[i-1].Ever == 0 {
			continue // it did not stand, as before
		}
		bar := ""
		if p.Per10k != nil && most > 0 {
			bar = strings.Repeat("█", int(20**p.Per10k/most))
		}
		unseen := ""
		if p.Unseen > 0 {
			unseen = ", " + plural(p.Unseen, "page") + " not seen for some of it"
		}
		fmt.Fprintf(a.out, "  %-10s %-20s %s on %d of %d pages%s\n", p.Period, bar, often(&p.FrequencyDocument), p.Pages, p.PagesRead, unseen)
	}
}

// often is a frequency with its denominator.
func often(f *server.FrequencyDocument) string {
	if f.Per10k == nil {
		return "no words were read"
	}
	return fmt.Sprintf("%d in %d words, %.1f per 10,000", f.Times, f.Words, *f.Per10k)
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

package main

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"veille/index"
	"veille/server"
)

type figuresCmd struct {
	Phrase string   `arg:"" optional:"" help:"What the figures stand with: words side by side, in the same passage or in a heading above it."`
	URL    string   `placeholder:"URL" help:"Only this page; without PHRASE all figures of it."`
	Lang   []string `placeholder:"LANG" help:"Only texts in this language."`
	Source []string `placeholder:"ID" help:"Only this source."`
	Exact  bool     `help:"Do not look for other names of the concept."`
	Format string   `default:"text" enum:"text,json,csv" help:"text, json or csv."`
	JSON   bool     `help:"The same as --format json."`
	excelFlag
}

// Run lists amounts, periods and dates with all values they ever had.
func (c *figuresCmd) Run(ctx context.Context, a *app) error {
	v := url.Values{"q": {c.Phrase}, "url": {c.URL}, "lang": c.Lang, "source": c.Source}
	if c.Exact {
		v.Set("exact", "true")
	}
	var doc server.FiguresDocument
	err := a.consult(ctx, func(d *server.Documents) error {
		got, err := d.Figures(ctx, server.FiguresQuery{TraceQuery: index.TraceQuery{Phrase: c.Phrase, Langs: c.Lang, Sources: c.Source, Exact: c.Exact}, URL: c.URL})
		if err == nil {
			doc = *got
		}
		return err
	}, "figures", v, &doc)
	if err != nil {
		return pointAt(c.Phrase, err)
	}
	switch {
	case c.JSON || c.Format == "json":
		return server.Write(a.out, doc)
	case c.Format == "csv":
		return server.WriteFigures(a.out, c.csv(), &doc)
	}
	page := ""
	for i := range doc.Figures {
		s := &doc.Figures[i]
		if s.URL != page {
			page = s.URL
			fmt.Fprintf(a.out, "%s\n%s  (%s, %s)\n", s.Title, s.URL, s.Source, s.Lang)
		}
		fmt.Fprintf(a.out, "  %s%s  (%s)%s\n", under(s), s.What, strings.TrimSpace(s.Kind+" "+s.Unit), bars(s.Values))
		for _, value := range s.Values {
			fmt.Fprintf(a.out, "    %-20s %s%s\n", value.Text, interval(value.FirstSeen), gone(value.Gone))
		}
	}
	fmt.Fprintf(a.out, "%s\n", plural(doc.Total, "figure"))
	if doc.More {
		fmt.Fprintln(a.out, "not every page was read; --source, --lang or --url leads to the others")
	}
	return nil
}

// under is where a figure stands: the two headings nearest above it, but not the title.
func under(s *server.FigureSeries) string {
	path := s.Path
	for len(path) > 0 && path[0] == s.Title {
		path = path[1:]
	}
	if len(path) == 0 {
		return ""
	}
	return strings.Join(path[max(0, len(path)-2):], " › ") + ": "
}

// bars draws values of which there are several as a small chart.
func bars(values []server.FigureValue) string {
	numbers, most := make([]float64, len(values)), 0.0
	for i, v := range values {
		n, err := strconv.ParseFloat(v.Value, 64)
		if err != nil || n < 0 {
			return ""
		}
		numbers[i], most = n, max(most, n)
	}
	if len(values) < 2 || most == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("  ")
	for _, n := range numbers {
		b.WriteRune([]rune("▁▂▃▄▅▆▇█")[int(n/most*7)])
	}
	return b.String()
}

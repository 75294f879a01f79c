package main

import (
	"context"
	"fmt"
	"html/template"
	"net/url"
	"strings"

	"veille/diff"
	"veille/server"
)

type diffCmd struct {
	URL    string `arg:"" help:"Address of the page."`
	From   string `placeholder:"T|N" help:"Version or time to compare from; the version before, if it is not given."`
	To     string `placeholder:"T|N" help:"Version or time to compare to; the latest, if it is not given."`
	Format string `default:"text" enum:"text,json,html" help:"text, json or html."`
	UILang string `name:"ui-lang" placeholder:"LANG" help:"Language of the summary; that of the page, if it is not given."`
	JSON   bool   `help:"The same as --format json."`
}

// Run shows what changed between two versions of a page.
func (c *diffCmd) Run(ctx context.Context, a *app) error {
	v := url.Values{"url": {c.URL}}
	set(v, "from", c.From)
	set(v, "to", c.To)
	set(v, "ui", c.UILang)
	var doc server.ChangeDocument
	err := a.consult(ctx, func(d *server.Documents) error {
		got, err := d.Diff(ctx, c.URL, c.From, c.To, c.UILang)
		if err == nil {
			doc = *got
		}
		return err
	}, "diff", v, &doc)
	if err != nil {
		return err
	}
	switch {
	case c.JSON || c.Format == "json":
		return server.Write(a.out, doc)
	case c.Format == "html":
		return redline.Execute(a.out, doc)
	}
	printDiff(a, &doc)
	return nil
}

// printDiff prints a change for reading: coloured on a terminal, with [-…-]
// and {+…+} elsewhere.
func printDiff(a *app, d *server.ChangeDocument) {
	del, ins, end := [2]string{"[-", "-]"}, [2]string{"{+", "+}"}, ""
	if isTerminal(a.out) {
		del, ins, end = [2]string{"\x1b[31;9m", "\x1b[0m"}, [2]string{"\x1b[34;4m", "\x1b[0m"}, "\x1b[0m"
	}
	fmt.Fprintf(a.out, "%s\n%s\n%s  weight %d  %s\n\n%s\n", d.Title, d.URL, d.ID, d.Weight, strings.Join(d.Senses, ", "), d.Summary)
	for _, e := range d.Edits {
		if e.Weight < server.DefaultWeight && d.Weight >= server.DefaultWeight {
			continue
		}
		fmt.Fprintf(a.out, "\n%s (%s, weight %d)\n  ", strings.Join(e.Path, " › "), e.Op, e.Weight)
		switch {
		case len(e.Words) > 0:
			for _, w := range e.Words {
				switch w.Op {
				case diff.Deleted:
					fmt.Fprint(a.out, del[0], w.Text, del[1])
				case diff.Inserted:
					fmt.Fprint(a.out, ins[0], w.Text, ins[1])
				default:
					fmt.Fprint(a.out, w.Text)
				}
			}
		case e.Before == "":
			fmt.Fprint(a.out, ins[0], e.After, ins[1])
		case e.After == "":
			fmt.Fprint(a.out, del[0], e.Before, del[1])
		default:
			fmt.Fprint(a.out, e.After)
		}
		fmt.Fprintln(a.out, end)
		for _, s := range e.Senses {
			fmt.Fprintf(a.out, "  %s: %s\n", s.Code, s.Evidence)
		}
	}
	if d.Hidden > 0 {
		fmt.Fprintf(a.out, "\n%d edits are housekeeping\n", d.Hidden)
	}
}

// redline is a change as an HTML fragment.
var redline = template.Must(template.New("redline").Parse(`<article class="change" lang="{{.Lang}}">
<h1>{{.Title}}</h1>
<p><a href="{{.URL}}">{{.URL}}</a></p>
<p>{{.Summary}}</p>
{{range .Edits}}<section data-op="{{.Op}}" data-weight="{{.Weight}}">
<p>{{range .Path}}{{.}} › {{end}}{{if .Words}}{{range .Words}}{{if eq (printf "%s" .Op) "delete"}}<del>{{.Text}}</del>{{else if eq (printf "%s" .Op) "insert"}}<ins>{{.Text}}</ins>{{else}}{{.Text}}{{end}}{{end}}{{else}}{{with .Before}}<del>{{.}}</del>{{end}}{{with .After}}<ins>{{.}}</ins>{{end}}{{end}}</p>
{{with .Senses}}<ul>{{range .}}<li>{{.Code}}: {{.Evidence}}</li>{{end}}</ul>{{end}}
</section>
{{end}}</article>
`))

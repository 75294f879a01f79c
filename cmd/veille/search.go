package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"veille/archive"
	"veille/index"
	"veille/server"
)

type searchCmd struct {
	Query        string   `arg:"" help:"What to look for; see docs/query.md."`
	AsOf         string   `name:"as-of" placeholder:"TIME" help:"Search what stood at this time: 2026-03-01 or 2026-03-01T09:30:00Z."`
	Past         bool     `help:"Search also what no longer stands."`
	Lang         []string `placeholder:"LANG" help:"Only texts in this language."`
	Source       []string `placeholder:"ID" help:"Only this source."`
	Kind         []string `placeholder:"KIND" help:"Only sources of this kind, such as court."`
	Jurisdiction []string `placeholder:"CODE" help:"Only sources of this jurisdiction, such as BE."`
	Topic        []string `placeholder:"ID" help:"Only sources about this topic."`
	From         string   `placeholder:"TIME" help:"Only what was first seen at this time or later."`
	Until        string   `placeholder:"TIME" help:"Only what was first seen at this time or earlier."`
	Sort         string   `default:"relevance" enum:"relevance,newest,oldest" help:"Order: relevance, newest or oldest."`
	Limit        int      `default:"20" help:"How many passages."`
	Offset       int      `help:"How many passages to pass over."`
	Cursor       string   `placeholder:"CURSOR" help:"* for an answer that is read page by page and does not change meanwhile; then the cursor of the page before."`
	Exact        bool     `help:"Do not search other names of the concepts in the query."`
	Document     string   `placeholder:"NAME" help:"Only this document, by groups[].document of an earlier answer."`
	Grouped      bool     `help:"List documents, twins in other languages together, with the best passages of each."`
	All          bool     `help:"Search menus, banners and footers too."`
	JSON         bool     `help:"Print one JSON document."`
}

// Run searches, in this process or by asking the running instance.
func (c *searchCmd) Run(ctx context.Context, a *app) error {
	q, err := c.query()
	if err != nil {
		return err
	}
	var doc server.SearchDocument
	err = a.consult(ctx, func(d *server.Documents) error {
		got, err := d.Search(ctx, q)
		if err == nil {
			doc = *got
		}
		return err
	}, "search", c.values(), &doc)
	if err != nil {
		return pointAt(c.Query, err)
	}
	if c.JSON {
		return server.Write(a.out, doc)
	}
	c.print(a, &doc)
	return nil
}

func (c *searchCmd) query() (index.Query, error) {
	q := index.Query{Text: c.Query, Langs: c.Lang, Sources: c.Source, Kinds: c.Kind, Jurisdictions: c.Jurisdiction, Topics: c.Topic,
		All: c.All, Exact: c.Exact, Past: c.Past, Sort: c.Sort, Limit: c.Limit, Offset: c.Offset,
		Document: c.Document, Grouped: c.Grouped, Cursor: c.Cursor}
	for _, t := range []struct {
		text, flag string
		to         *time.Time
		end        bool
	}{{c.AsOf, "--as-of", &q.AsOf, true}, {c.From, "--from", &q.From, false}, {c.Until, "--until", &q.Until, true}} {
		if t.text == "" {
			continue
		}
		at, err := server.ParseTime(t.flag, t.text, t.end)
		if err != nil {
			return q, err
		}
		*t.to = at
	}
	return q, nil
}

func (c *searchCmd) values() url.Values {
	v := url.Values{"q": {c.Query}, "lang": c.Lang, "source": c.Source, "kind": c.Kind, "jurisdiction": c.Jurisdiction, "topic": c.Topic}
	set(v, "as_of", c.AsOf)
	set(v, "from", c.From)
	set(v, "until", c.Until)
	set(v, "document", c.Document)
	set(v, "cursor", c.Cursor)
	set(v, "sort", c.Sort)
	set(v, "limit", fmt.Sprint(c.Limit))
	set(v, "offset", fmt.Sprint(c.Offset))
	for name, on := range map[string]bool{"past": c.Past, "exact": c.Exact, "all": c.All, "grouped": c.Grouped} {
		if on {
			v.Set(name, "true")
		}
	}
	return v
}

func set(v url.Values, name, value string) {
	if value != "" {
		v.Set(name, value)
	}
}

// echoed is how much of a query is repeated on either side of a wrong character.
const echoed = 40

// pointAt shows under a query the character that an error is about.
func pointAt(query string, err error) error {
	var qe *index.QueryError
	if !errors.As(err, &qe) || qe.Pos < 0 || qe.Pos > len(query) {
		return err
	}
	before, after := []rune(query[:qe.Pos]), []rune(query[qe.Pos:])
	what := fmt.Sprintf("query, character %d: %s", len(before)+1, qe.Msg)
	if strings.ContainsAny(query, "\n\t") {
		return errors.New(what)
	}
	if len(before) > echoed {
		before = append([]rune("…"), before[len(before)-echoed+1:]...)
	}
	if len(after) > echoed {
		after = append(after[:echoed-1:echoed-1], '…')
	}
	return fmt.Errorf("%s\n  %s%s\n  %s^", what, string(before), string(after), strings.Repeat(" ", len(before)))
}

func (c *searchCmd) print(a *app, d *server.SearchDocument) {
	for _, u := range d.Understood {
		fmt.Fprintf(a.out, "%s understood as %s (--exact: only as it is written)\n", u.Text, u.Name)
	}
	for _, e := range d.Expanded {
		fmt.Fprintf(a.out, "searched also: %s (--exact: do not)\n", strings.Join(e.Terms, ", "))
	}
	if d.Loose {
		fmt.Fprintln(a.out, "pages with most of these words come first; AND between the words asks for all")
	}
	if s := d.Suggestion; s != nil {
		fmt.Fprintf(a.out, "did you mean: %s\n", s.Query)
	}
	if d.LookedSince != nil {
		fmt.Fprintf(a.out, "nothing is known of that time: the first of these pages was first seen at %s\n", moment(*d.LookedSince))
	}
	groups, next := d.Groups, 0
	for i, h := range d.Hits {
		if i == next && len(groups) > 0 {
			if groups[0].Total > groups[0].Hits {
				fmt.Fprintf(a.out, "\n%d of %d passages of one document (--document '%s': all)", groups[0].Hits, groups[0].Total, groups[0].Document)
			}
			next, groups = next+groups[0].Hits, groups[1:]
		}
		fmt.Fprintf(a.out, "\n%s\n  %s  %s\n", strings.Join(append([]string{h.Title}, h.Path...), " › "), h.URL, h.Link)
		fmt.Fprintf(a.out, "  %sfirst seen %s%s\n", lead(h.Change), interval(h.FirstSeen), gone(h.Until))
		fmt.Fprintf(a.out, "  %s\n", marked(h.Highlight, isTerminal(a.out)))
		for _, r := range h.Replaced {
			fmt.Fprintf(a.out, "  in its place: %s  %s\n", r.Text, r.Link)
		}
	}
	if len(d.Hits) > 0 {
		fmt.Fprintln(a.out)
	}
	fmt.Fprintf(a.out, "%d passages of %d pages in %.1f ms\n", d.Total, d.Pages, d.TookMS)
	if d.Cursor != "" {
		fmt.Fprintf(a.out, "the next page: --cursor %s\n", d.Cursor)
	}
}

// interval says all that is known of when something was first there.
func interval(i archive.Interval) string {
	if i.After.IsZero() {
		return "by " + moment(i.By)
	}
	return "between " + moment(i.After) + " and " + moment(i.By)
}

// lead says what was done to a passage, where changes were searched for.
func lead(change string) string {
	if change == "" {
		return ""
	}
	return change + "; "
}

func gone(until *archive.Interval) string {
	if until == nil {
		return ", still there"
	}
	return ", gone " + interval(*until)
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// marked turns <mark> into bold on a terminal, and into nothing elsewhere.
func marked(html string, terminal bool) string {
	on, off := "", ""
	if terminal {
		on, off = "\x1b[1m", "\x1b[0m"
	}
	return strings.NewReplacer("<mark>", on, "</mark>", off, "&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'", "&quot;", `"`, "&amp;", "&").Replace(html)
}

// consult answers with the archive of this process, or asks the instance that
// has it open.
func (a *app) consult(ctx context.Context, answer func(*server.Documents) error, path string, query url.Values, doc any) error {
	h, err := a.open(ctx)
	if errors.Is(err, archive.ErrLocked) {
		return a.ask(ctx, path, query, doc)
	}
	if err != nil {
		return err
	}
	if err := h.catchUp(ctx, a); err != nil {
		return errors.Join(err, h.close())
	}
	err = answer(&server.Documents{Archive: h.archive, Index: h.index, Sources: h.sources, Thesaurus: h.thesaurus, Now: a.now})
	return errors.Join(err, h.close())
}

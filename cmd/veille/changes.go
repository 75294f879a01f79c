package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"veille/server"
)

type changesCmd struct {
	Since     string   `placeholder:"TIME" help:"Only changes first seen at this time or later."`
	Until     string   `placeholder:"TIME" help:"Only changes first seen at this time or earlier."`
	Source    []string `placeholder:"ID" help:"Only this source."`
	Topic     []string `placeholder:"ID" help:"Only sources about this topic."`
	Sense     []string `placeholder:"CODE" help:"Only changes in this sense, such as deadline."`
	MinWeight int      `name:"min-weight" default:"2" help:"Least weight, 0 to 5; 0 shows housekeeping too."`
	Lang      string   `placeholder:"LANG" help:"Only texts in this language."`
	UILang    string   `name:"ui-lang" placeholder:"LANG" help:"Language of the summaries; that of the page, if it is not given."`
	Grouped   bool     `help:"With --json: give the same edits on many pages, and the returns of a page to earlier wordings, as one change each."`
	Limit     int      `default:"100" help:"How many changes."`
	Offset    int      `help:"How many changes to pass over."`
	JSON      bool     `help:"Print one JSON document."`
}

// Run lists changes, newest first.
func (c *changesCmd) Run(ctx context.Context, a *app) error {
	q := server.ChangesQuery{Sources: c.Source, Topics: c.Topic, Senses: c.Sense, MinWeight: c.MinWeight, Lang: c.Lang, UILang: c.UILang,
		Grouped: c.Grouped || !c.JSON, Limit: c.Limit, Offset: c.Offset}
	if c.MinWeight < 0 || c.MinWeight > 5 {
		return fmt.Errorf("--min-weight: %d is no weight; use 0 to 5", c.MinWeight)
	}
	var err error
	if c.Since != "" {
		if q.Since, err = server.ParseTime("--since", c.Since, false); err != nil {
			return err
		}
	}
	if c.Until != "" {
		if q.Until, err = server.ParseTime("--until", c.Until, true); err != nil {
			return err
		}
	}
	var doc server.ChangesDocument
	err = a.consult(ctx, func(d *server.Documents) error {
		got, err := d.Changes(ctx, q)
		if err == nil {
			doc = *got
		}
		return err
	}, "changes", c.values(), &doc)
	if err != nil {
		return err
	}
	if c.JSON {
		return server.Write(a.out, doc)
	}
	for _, ch := range doc.Changes {
		head := fmt.Sprintf("%s  weight %d  %s", moment(ch.To.Seen.By), ch.Weight, strings.Join(ch.Senses, ", ")) // a move has no sense
		fmt.Fprintf(a.out, "%s\n  %s\n  %s  %s\n", strings.TrimRight(head, " "), ch.Summary, ch.URL, ch.Link)
		if n := len(ch.Also); n > 0 {
			fmt.Fprintf(a.out, "  the same on %d more of its pages, such as %s\n", n, ch.Also[0].URL)
		}
		if n := len(ch.Folded); n > 0 {
			fmt.Fprintf(a.out, "  it had gone back to an earlier wording %d times before\n", n)
		}
		fmt.Fprintln(a.out)
	}
	fmt.Fprintf(a.out, "%d changes", doc.Total)
	if doc.Hidden > 0 {
		fmt.Fprintf(a.out, ", %d of less weight hidden (--min-weight 0 shows them)", doc.Hidden)
	}
	fmt.Fprintln(a.out)
	return nil
}

func (c *changesCmd) values() url.Values {
	v := url.Values{"source": c.Source, "topic": c.Topic, "sense": c.Sense}
	set(v, "since", c.Since)
	set(v, "until", c.Until)
	set(v, "min_weight", fmt.Sprint(c.MinWeight))
	set(v, "lang", c.Lang)
	set(v, "ui", c.UILang)
	set(v, "limit", fmt.Sprint(c.Limit))
	set(v, "offset", fmt.Sprint(c.Offset))
	if c.Grouped || !c.JSON {
		set(v, "grouped", "true")
	}
	return v
}

package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"veille/server"
)

type driftCmd struct {
	Since  string   `placeholder:"TIME" help:"Only changes first seen at this time or later."`
	Source []string `placeholder:"ID" help:"Only this source."`
	Days   int      `default:"14" help:"How many days a translation may take."`
	JSON   bool     `help:"Print one JSON document."`
}

// Run lists changes of one language version that another has not followed in
// time, and when it did in the end.
func (c *driftCmd) Run(ctx context.Context, a *app) error {
	if c.Days < 1 {
		return fmt.Errorf("--days: %d is no number of days; use 1 or more", c.Days)
	}
	q := server.DriftQuery{Sources: c.Source, Lag: time.Duration(c.Days) * 24 * time.Hour}
	v := url.Values{"source": c.Source, "days": {fmt.Sprint(c.Days)}}
	if c.Since != "" {
		set(v, "since", c.Since)
		var err error
		if q.Since, err = server.ParseTime("--since", c.Since, false); err != nil {
			return err
		}
	}
	var doc server.DriftDocument
	err := a.consult(ctx, func(d *server.Documents) error {
		got, err := d.Drift(ctx, q)
		if err == nil {
			doc = *got
		}
		return err
	}, "drift", v, &doc)
	if err != nil {
		return err
	}
	if c.JSON {
		return server.Write(a.out, doc)
	}
	for _, x := range doc.Drifts {
		fmt.Fprintf(a.out, "%s  %s changed, %s did not in time\n  %s\n  %s  %s\n  %s\n", moment(x.Seen.Seen.By), x.Lang, x.TwinLang, x.Summary, x.Change.URL, x.Change.Link, x.TwinURL)
		for _, p := range x.Passages {
			fmt.Fprintf(a.out, "    %s%s\n      %s: %s\n", strings.Join(append(p.Path, string(p.Op)), " › "), "", x.Lang, or(p.After, "—"))
			if p.Before != "" {
				fmt.Fprintf(a.out, "      before: %s\n", p.Before)
			}
			fmt.Fprintf(a.out, "      %s: %s\n", x.TwinLang, or(p.Twin, "—"))
		}
		if f := x.Followed; f != nil {
			fmt.Fprintf(a.out, "  %s followed on %s, too late  /v/%d\n", x.TwinLang, moment(f.Seen.By), f.Version)
		}
		fmt.Fprintln(a.out)
	}
	fmt.Fprintf(a.out, "%s\n", plural(doc.Total, "drift"))
	return nil
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

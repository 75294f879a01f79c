package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"veille/evidence"
	"veille/server"
)

type exportTEICmd struct {
	What    string `arg:"" optional:"" name:"url|change" help:"Address of a page, for all its wordings; or a change, such as 17..18, for its two."`
	Version string `placeholder:"N" help:"Only this version (the N of /v/N); with --block, the version that the block is one of."`
	Block   string `placeholder:"N" help:"Only the passage that is this block of --version, in all its wordings."`
	All     bool   `help:"Menus, banners and footers too."`
	BaseURL string `name:"base-url" env:"VEILLE_BASE_URL" placeholder:"URL" help:"Public address of the site, for permanent links."`
	outFlags
}

// Run writes the edition.
func (c *exportTEICmd) Run(ctx context.Context, a *app) error {
	q := url.Values{}
	switch {
	case (c.What == "") == (c.Version == ""):
		return errors.New("say which wordings: the address of a page, a change such as 17..18, or --version N; one of them")
	case c.Block != "" && c.Version == "":
		return errors.New("--block: give its --version too")
	case c.Version != "":
		q.Set("version", c.Version)
	case strings.Contains(c.What, "://"):
		q.Set("url", c.What)
	default:
		q.Set("change", c.What)
	}
	set(q, "block", c.Block)
	if c.All {
		q.Set("all", "1")
	}
	return a.write(c.outFlags, func(w io.Writer) error {
		return a.export(ctx, w, "/export/archive.tei.xml", q, func(x *server.Exports) error {
			x.BaseURL = strings.TrimRight(c.BaseURL, "/")
			return x.Edition(ctx, w, q)
		})
	})
}

type exportCorpusCmd struct {
	Search       string   `placeholder:"QUERY" help:"What to look for; see docs/query.md."`
	Trace        string   `placeholder:"PHRASE" help:"Or a phrase, wherever and whenever it stood."`
	AsOf         string   `name:"as-of" placeholder:"TIME" help:"With --search: what stood at this time."`
	Past         bool     `help:"With --search: also what no longer stands."`
	Lang         []string `placeholder:"LANG" help:"Only texts in this language."`
	Source       []string `placeholder:"ID" help:"Only this source."`
	Kind         []string `placeholder:"KIND" help:"With --search: only sources of this kind, such as court."`
	Jurisdiction []string `placeholder:"CODE" help:"With --search: only sources of this jurisdiction, such as BE."`
	Topic        []string `placeholder:"ID" help:"With --search: only sources about this topic."`
	Exact        bool     `help:"Do not look for other names of the concepts in it."`
	All          bool     `help:"Menus, banners and footers too."`
	BaseURL      string   `name:"base-url" env:"VEILLE_BASE_URL" placeholder:"URL" help:"Public address of the site, for permanent links."`
	JSON         bool     `help:"Print one JSON document."`
	outFlags
}

// Run freezes the corpus.
func (c *exportCorpusCmd) Run(ctx context.Context, a *app) error {
	switch {
	case (c.Search == "") == (c.Trace == ""):
		return errors.New("say what the corpus is to hold: --search QUERY or --trace PHRASE; one of them")
	case c.Trace != "" && (c.AsOf != "" || c.Past || len(c.Kind)+len(c.Jurisdiction)+len(c.Topic) > 0):
		return errors.New("--as-of, --past, --kind, --jurisdiction and --topic belong to --search")
	}
	q := url.Values{"lang": c.Lang, "source": c.Source, "kind": c.Kind, "jurisdiction": c.Jurisdiction, "topic": c.Topic}
	set(q, "q", c.Search)
	set(q, "trace", c.Trace)
	set(q, "as_of", c.AsOf)
	for name, on := range map[string]bool{"past": c.Past, "exact": c.Exact, "all": c.All} {
		if on {
			q.Set(name, "1")
		}
	}
	if err := checkTimes(map[string]string{"--as-of": c.AsOf}); err != nil {
		return err
	}
	if c.Out == "" {
		c.Out = "corpus.zip"
	}
	if c.JSON && c.Out == "-" {
		return errors.New("--json and -o -: only one of them can have standard output")
	}
	var rep *evidence.Exported // nil where an instance makes it
	err := a.write(c.outFlags, func(w io.Writer) error {
		return a.export(ctx, w, "/export/corpus.zip", q, func(x *server.Exports) (err error) {
			x.BaseURL = strings.TrimRight(c.BaseURL, "/")
			rep, err = x.Corpus(ctx, w, q)
			return err
		})
	})
	if err != nil {
		return pointAt(c.Search+c.Trace, err)
	}
	return a.packed(c.Out, c.JSON, rep)
}

// packed says what a package holds.
func (a *app) packed(file string, asJSON bool, rep *evidence.Exported) error {
	var err error
	switch {
	case asJSON:
		err = writeJSON(a.out, map[string]any{"file": file, "holds": rep})
	case file != "-" && rep != nil:
		fmt.Fprintf(a.out, "%s: %d captures of %d pages, %d wordings, from %s to %s\n", file, rep.Captures, rep.Pages, rep.Versions, moment(rep.First), moment(rep.Last))
	case file != "-":
		fmt.Fprintln(a.out, file)
	}
	if rep == nil {
		return err
	}
	return errors.Join(err, a.damaged(rep.Damaged))
}

package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"strings"
	"time"

	"veille/archive"
	"veille/evidence"
	"veille/index"
)

// passageColumns are those of passages.csv: one row a passage that a search
// finds. Intervals are two columns each: not there at the first time, there at
// the second; gone_… is empty while the passage stands.
var passageColumns = []string{"text", "heading", "title", "url", "source", "lang", "first_seen_after", "first_seen_by", "gone_after", "gone_by", "version", "permalink"}

// searchSet is the captures that were made while what a search finds stood. It
// returns what was found, oldest first unless the parameters say otherwise.
func (x *Exports) searchSet(ctx context.Context, s *evidence.Set, values url.Values) ([]index.Hit, error) {
	q, err := searchQuery(values)
	if err != nil {
		return nil, err
	}
	if values.Get("sort") == "" {
		q.Sort = "oldest"
	}
	q.From, q.Until = time.Time{}, time.Time{} // of captures, here
	hits, err := x.found(ctx, q)
	if err != nil {
		return nil, err
	}
	for i := range hits {
		p := evidence.Passage{Page: hits[i].Page, From: hits[i].FirstSeen.By}
		if u := hits[i].Until; u != nil {
			p.Until = u.By
		}
		s.Passages = append(s.Passages, p)
	}
	s.Title, s.Asked = "Search: "+q.Text, "what shows the passages found by the search “"+q.Text+"”"+scope(&q, x.now())
	return hits, nil
}

// found is everything that a search finds; too much is an error.
func (x *Exports) found(ctx context.Context, q index.Query) ([]index.Hit, error) {
	if x.Index == nil {
		return nil, errors.New("search: no index is open")
	}
	if err := checkSort(&q); err != nil {
		return nil, err
	}
	q.Whole, q.Limit, q.Offset = true, 0, 0
	r, err := x.Index.Search(ctx, x.Archive, q)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	if r.Total > index.MaxWhole {
		return nil, &InputError{"q", fmt.Sprintf("it finds %d passages", r.Total), fmt.Sprintf("narrow it down to %d or fewer", index.MaxWhole)}
	}
	return r.Hits, nil
}

// traceSet is the captures that were made while the lines of a trace stood.
func (x *Exports) traceSet(ctx context.Context, s *evidence.Set, values url.Values) (*TraceDocument, error) {
	q := traceQuery(values)
	q.Phrase = values.Get("trace")
	doc, err := x.Trace(ctx, q)
	if err != nil {
		return nil, err
	}
	if doc.More {
		return nil, &InputError{"trace", "it stands in more passages than can be looked at", "narrow it down with source or lang"}
	}
	for i := range doc.Pages {
		p := &doc.Pages[i]
		for k := range p.Spans {
			passage := evidence.Passage{Page: p.Page, From: p.Spans[k].FirstSeen.By}
			if g := p.Spans[k].Gone; g != nil {
				passage.Until = g.By
			}
			s.Passages = append(s.Passages, passage)
		}
	}
	s.Title, s.Asked = "Trace: "+q.Phrase, "what shows the phrase “"+q.Phrase+"” wherever it ever stood, until "+x.now().Format(time.RFC3339)
	return doc, nil
}

// passages writes the table of what a search finds: q and the other parameters
// of a search, without those that choose a page of hits.
func (x *Exports) passages(ctx context.Context, w io.Writer, format evidence.Format, values url.Values) error {
	q, err := searchQuery(values)
	if err != nil {
		return err
	}
	hits, err := x.found(ctx, q)
	if err != nil {
		return err
	}
	return x.writePassages(w, format, hits)
}

func (x *Exports) writePassages(w io.Writer, format evidence.Format, hits []index.Hit) error {
	rows := evidence.NewRows(w, format, passageColumns)
	for i := range hits {
		h := &hits[i]
		var gone archive.Interval
		if h.Until != nil {
			gone = *h.Until
		}
		if err := rows.Row(h.Text, evidence.List{Items: h.Path, Sep: " › "}, h.Title, h.URL, h.Source, h.Lang, h.FirstSeen.After, h.FirstSeen.By,
			gone.After, gone.By, int64(h.Version), x.BaseURL+h.Link()); err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	return rows.Close()
}

// concordance writes the table of a trace: q and its other parameters.
func (x *Exports) concordance(ctx context.Context, w io.Writer, format evidence.Format, values url.Values) error {
	doc, err := x.Trace(ctx, traceQuery(values))
	if err != nil {
		return err
	}
	return WriteConcordance(w, format, doc, x.BaseURL)
}

// Corpus writes what a search (q) or a trace (trace) finds as a frozen corpus:
// see [evidence.Exporter.Corpus].
func (x *Exports) Corpus(ctx context.Context, w io.Writer, q url.Values) (*evidence.Exported, error) {
	s := &evidence.Set{}
	var tables []evidence.CorpusTable
	command := "veille export corpus"
	switch {
	case q.Get("trace") != "":
		doc, err := x.traceSet(ctx, s, q)
		if err != nil {
			return nil, err
		}
		command += " --trace '" + strings.ReplaceAll(q.Get("trace"), "'", `'\''`) + "'"
		tables = append(tables, evidence.CorpusTable{Name: "concordance.csv", About: "the phrase wherever it stood, one row a wording's span and not one a capture.",
			Rows: len(s.Passages), Write: func(w io.Writer) error { return WriteConcordance(w, evidence.CSV, doc, x.BaseURL) }})
	case q.Get("q") != "":
		hits, err := x.searchSet(ctx, s, q)
		if err != nil {
			return nil, err
		}
		command += " --search '" + strings.ReplaceAll(q.Get("q"), "'", `'\''`) + "'"
		if !truth(q.Get("past")) {
			command += " --as-of " + or(q.Get("as_of"), x.now().Format(time.RFC3339))
		}
		tables = append(tables, evidence.CorpusTable{Name: "passages.csv", About: "the passages that were found, one row each.",
			Rows: len(hits), Write: func(w io.Writer) error { return x.writePassages(w, evidence.CSV, hits) }})
	default:
		return nil, &InputError{"q", "nothing says what the corpus is to hold", "give a search, q, or a phrase, trace"}
	}
	for _, name := range []string{"source", "lang", "kind", "jurisdiction", "topic"} {
		for _, v := range list(q[name]) {
			command += " --" + name + " " + v
		}
	}
	for _, name := range []string{"past", "exact", "all"} {
		if truth(q.Get(name)) {
			command += " --" + name
		}
	}
	rep, err := x.Exporter().Corpus(ctx, w, s, command, tables)
	if errors.Is(err, evidence.ErrEmpty) {
		err = fmt.Errorf("%w (%w)", err, fs.ErrNotExist)
	}
	return rep, err
}

// Edition writes the wordings of a page as a TEI edition. One of these chooses:
// url or page (all wordings), change (both), version (that one, or with block the
// passage in all wordings); all takes menus and footers too.
func (x *Exports) Edition(ctx context.Context, w io.Writer, q url.Values) error {
	ed, err := x.edition(ctx, q)
	if err != nil {
		return err
	}
	if err = x.Exporter().TEI(ctx, w, ed); errors.Is(err, evidence.ErrEmpty) {
		err = fmt.Errorf("%w (%w)", err, fs.ErrNotExist)
	}
	return err
}

func (x *Exports) edition(ctx context.Context, q url.Values) (*evidence.Edition, error) {
	ed := &evidence.Edition{All: truth(q.Get("all"))}
	s := &evidence.Set{}
	var page *archive.Page
	var err error
	if ed.Block, err = parseBlock(q.Get("block")); err != nil {
		return nil, err
	}
	switch {
	case q.Get("version") != "":
		err = x.versionSet(ctx, s, q.Get("version"), 0)
	case q.Get("change") != "":
		err = x.changeSet(ctx, s, q.Get("change"))
	default:
		page, err = x.exportedPage(ctx, q)
	}
	if err == nil && page == nil {
		page, err = x.pageOf(ctx, s.Versions[0])
	}
	switch {
	case err != nil:
		return nil, err
	case ed.Block < 0:
		ed.Versions = s.Versions
	case q.Get("version") == "":
		return nil, &InputError{"block", "a block is one of a version", "give version too"}
	default:
		ed.From = s.Versions[0]
	}
	ed.Page, ed.Publisher = page.ID, page.Source
	if src := x.source(page.Source); src != nil {
		ed.Publisher = src.Label(page.Lang)
	}
	return ed, nil
}

// pageOf is the page of a version.
func (x *Exports) pageOf(ctx context.Context, id archive.Seq) (*archive.Page, error) {
	v, err := x.Archive.VersionHead(ctx, id)
	if err != nil {
		return nil, err
	}
	return x.Archive.PageByID(ctx, v.Page)
}

package server

import (
	"context"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"veille/archive"
	"veille/diff"
	"veille/evidence"
	"veille/index"
)

// A FiguresDocument lists the figures that stand with a phrase, each with all
// values it ever had.
type FiguresDocument struct {
	Phrase  string         `json:"phrase"`
	Total   int            `json:"total"`
	Figures []FigureSeries `json:"figures"` // those that changed first, then by page
	More    bool           `json:"more"`    // there is more than could be looked at: narrow it down
}

// A FigureSeries is one figure of one page over time.
type FigureSeries struct {
	Source string        `json:"source"`
	URL    string        `json:"url"`
	Lang   string        `json:"lang"`
	Title  string        `json:"title"`
	Path   []string      `json:"path"`
	What   string        `json:"what"` // its sentence, with "…" in its place
	Kind   string        `json:"kind"` // "amount", "period" or "date"
	Unit   string        `json:"unit"`
	Values []FigureValue `json:"values"` // oldest first
}

// A FigureValue is a value and the time for which it stood.
type FigureValue struct {
	Value     string            `json:"value"` // in digits: "1145", "2026-03-12"
	Text      string            `json:"text"`  // as it stands: "1 145 places"
	FirstSeen archive.Interval  `json:"first_seen"`
	Gone      *archive.Interval `json:"gone"` // null: it still stands
	Version   archive.Seq       `json:"version"`
	Link      string            `json:"link"`
}

// Figures finds the figures that stand in one block with a phrase, or under a
// heading that has it. A figure is the same in two versions if its sentence is
// but for the figure; or else if it is of the same kind and unit at the same
// place of the text. Wrong phrases are an *index.QueryError.
func (d *Documents) Figures(ctx context.Context, q index.TraceQuery) (*FiguresDocument, error) {
	traced, err := d.Trace(ctx, q)
	if err != nil {
		return nil, err
	}
	names := d.Thesaurus
	if q.Exact {
		names = nil
	}
	match, err := index.Compile(`"`+strings.ReplaceAll(q.Phrase, `"`, " ")+`"`, names)
	if err != nil {
		return nil, fmt.Errorf("figures: %w", err)
	}
	doc := &FiguresDocument{Phrase: q.Phrase, Figures: []FigureSeries{}, More: traced.More}
	for i := range traced.Pages {
		series, err := d.pageFigures(ctx, &traced.Pages[i], match)
		if err != nil {
			return nil, fmt.Errorf("figures: %w", err)
		}
		doc.Figures = append(doc.Figures, series...)
	}
	slices.SortStableFunc(doc.Figures, func(a, b FigureSeries) int { return len(b.Values) - len(a.Values) })
	doc.Total = len(doc.Figures)
	return doc, nil
}

// pageFigures follows the figures of one page through its versions.
func (d *Documents) pageFigures(ctx context.Context, p *TracedPage, match *index.Matcher) ([]FigureSeries, error) {
	history, err := d.Archive.History(ctx, p.Page)
	if err != nil {
		return nil, err
	}
	var all []FigureSeries
	for _, h := range history {
		var found []FigureSeries
		if !h.Gone {
			v, err := d.Archive.Version(ctx, h.ID)
			if err != nil {
				return nil, err
			}
			found = figuresOf(v, p, match)
		}
		all = follow(all, found, h)
	}
	return all, nil
}

// figuresOf are the figures of a version that stand with the phrase.
func figuresOf(v *archive.Version, p *TracedPage, match *index.Matcher) []FigureSeries {
	var out []FigureSeries
	for n := range v.Blocks {
		b := &v.Blocks[n]
		if b.Role == archive.Boilerplate {
			continue
		}
		figures := diff.Figures(v.Lang, b.Text)
		if len(figures) == 0 || !match.Match(v.Lang, strings.Join(b.Path, "\n\n")+"\n\n"+b.Text) {
			continue
		}
		path := b.Path
		if path == nil {
			path = []string{}
		}
		for _, f := range figures {
			out = append(out, FigureSeries{Source: p.Source, URL: p.URL, Lang: p.Lang, Title: p.Title, Path: path, What: f.What, Kind: f.Kind, Unit: f.Unit,
				Values: []FigureValue{{Value: f.Value, Text: f.Text, FirstSeen: v.Seen, Version: v.ID, Link: fmt.Sprintf("/v/%d#b%d", v.ID, n)}}})
		}
	}
	return out
}

// follow adds the figures found in the next version to the series.
func follow(all, found []FigureSeries, v *archive.Version) []FigureSeries {
	used := make([]bool, len(found))
	next := make([]*FigureSeries, len(all))
	pick := func(same func(a, b *FigureSeries) bool) {
		for i := range all {
			if next[i] != nil || all[i].last().Gone != nil {
				continue
			}
			for j := range found {
				if !used[j] && all[i].Kind == found[j].Kind && same(&all[i], &found[j]) {
					used[j], next[i] = true, &found[j]
					break
				}
			}
		}
	}
	pick(func(a, b *FigureSeries) bool {
		return a.What == b.What && a.Unit == b.Unit && a.last().Value == b.last().Value
	})
	pick(func(a, b *FigureSeries) bool { return a.What == b.What })
	pick(func(a, b *FigureSeries) bool { return a.Unit == b.Unit && slices.Equal(a.Path, b.Path) })
	for i := range all {
		s, last := &all[i], all[i].last()
		switch {
		case last.Gone != nil:
		case next[i] == nil:
			last.Gone = &v.Seen
		default:
			s.What, s.Path, s.Unit = next[i].What, next[i].Path, next[i].Unit
			if now := *next[i].last(); now.Value != last.Value {
				last.Gone = &v.Seen
				s.Values = append(s.Values, now)
			}
		}
	}
	for j := range found {
		if !used[j] {
			all = append(all, found[j])
		}
	}
	return all
}

func (s *FigureSeries) last() *FigureValue { return &s.Values[len(s.Values)-1] }

var figureColumns = []string{"what", "kind", "unit", "value", "text", "first_seen_after", "first_seen_by", "gone_after", "gone_by", "version", "path", "source", "lang", "url", "link"}

// WriteFigures writes one line for each value of each figure, with CRLF line
// ends as RFC 4180 has them. A cell that a spreadsheet would run is disarmed.
func WriteFigures(w *csv.Writer, doc *FiguresDocument) error {
	w.UseCRLF = true
	rows := [][]string{figureColumns}
	for i := range doc.Figures {
		s := &doc.Figures[i]
		for _, v := range s.Values {
			var gone archive.Interval
			if v.Gone != nil {
				gone = *v.Gone
			}
			row := []string{s.What, s.Kind, s.Unit, v.Value, v.Text, stampCell(v.FirstSeen.After), stampCell(v.FirstSeen.By), stampCell(gone.After), stampCell(gone.By),
				strconv.FormatInt(int64(v.Version), 10), strings.Join(s.Path, " › "), s.Source, s.Lang, s.URL, v.Link}
			for k := range row {
				row[k] = evidence.Cell(row[k])
			}
			rows = append(rows, row)
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return fmt.Errorf("write figures: %w", err)
	}
	return nil
}

type figuresInput struct {
	Q      string   `query:"q" required:"true" doc:"What the figures stand with: a phrase in the same passage or in a heading above it."`
	Lang   []string `query:"lang,explode"`
	Source []string `query:"source,explode"`
	Exact  bool     `query:"exact" doc:"Only the words as typed, not the other names of their concepts."`
}

func (w *web) apiFigures(ctx context.Context, in *figuresInput) (*answer[*FiguresDocument], error) {
	doc, err := w.docs.Figures(ctx, index.TraceQuery{Phrase: in.Q, Langs: list(in.Lang), Sources: list(in.Source), Exact: in.Exact})
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(doc, nil)
}

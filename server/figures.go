package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"veille/archive"
	"veille/evidence"
	"veille/index"
)

// A FiguresDocument lists the figures that stand with a phrase, each with all
// values it ever had.
type FiguresDocument struct {
	Phrase  string         `json:"phrase"`
	Total   int            `json:"total"`
	Figures []FigureSeries `json:"figures"` // those beside the words as typed first, of them those that changed most, then by page
	More    bool           `json:"more"`    // there is more than could be looked at: narrow it down
}

// A FigureSeries is one figure of one page over time.
type FigureSeries struct {
	Source string         `json:"source"`
	URL    string         `json:"url"`
	Lang   string         `json:"lang"`
	Title  string         `json:"title"`
	Page   archive.PageID `json:"page"`
	Path   []string       `json:"path"`
	What   string         `json:"what"` // its sentence, with "…" in its place
	Kind   string         `json:"kind"` // "amount", "period" or "date"
	Unit   string         `json:"unit"`
	Values []FigureValue  `json:"values"` // oldest first
	Gaps   []Gap          `json:"gaps"`   // when we could not see the page
	named  bool           // the page has other names of the phrase only, as in other languages
}

// A FigureValue is a value and the time for which it stood.
type FigureValue struct {
	Value     string            `json:"value"` // in digits: "1145", "2026-03-12"
	Unit      string            `json:"unit"`  // then: a period may go from months to days
	Text      string            `json:"text"`  // as it stands: "1 145 places"
	FirstSeen archive.Interval  `json:"first_seen"`
	Gone      *archive.Interval `json:"gone"` // null: it still stands
	Version   archive.Seq       `json:"version"`
	Link      string            `json:"link"`
}

// A FiguresQuery chooses figures: those that stand with its phrase on all pages
// where that ever stood, or those of the page at URL, all of them if there is no
// phrase.
type FiguresQuery struct {
	index.TraceQuery
	URL string
}

// maxFigureBlocks is after how many different blocks no further page is read for its
// figures. What a version has in common with those before it costs little and counts a
// twentieth: a code of 4,000 blocks in fifty versions is about 15,000.
const maxFigureBlocks = 50_000

// Figures finds the figures that stand in one block with a phrase, or under a
// heading that has it, or all of a page. A figure is the same in two versions if
// its sentence is but for the figure; or else if it is of the same kind and unit
// at the same place of the text. Wrong phrases are an *index.QueryError.
func (d *Documents) Figures(ctx context.Context, q FiguresQuery) (*FiguresDocument, error) {
	doc, err := d.figuresOf(ctx, q)
	if err != nil {
		return nil, err
	}
	if err := d.fillGaps(ctx, doc.Figures); err != nil {
		return nil, fmt.Errorf("figures: %w", err)
	}
	return doc, nil
}

// figuresOf is Figures but for the gaps.
func (d *Documents) figuresOf(ctx context.Context, q FiguresQuery) (*FiguresDocument, error) {
	var match *phrase
	if q.Phrase != "" {
		var err error
		if match, err = tracedPhrase(q.Phrase, d.Thesaurus, q.Exact); err != nil {
			return nil, fmt.Errorf("figures: %w", err)
		}
	}
	turns := d.turns
	if q.URL != "" {
		turns = d.brief
	}
	done, err := turns.take(ctx)
	if err != nil {
		return nil, fmt.Errorf("figures: %w", err)
	}
	defer done()
	doc := &FiguresDocument{Phrase: q.Phrase, Figures: []FigureSeries{}}
	pages, err := d.figurePages(ctx, q, doc)
	if err != nil {
		return nil, fmt.Errorf("figures: %w", err)
	}
	if err := d.figuresOn(ctx, doc, pages, match, maxFigureBlocks); err != nil {
		return nil, fmt.Errorf("figures: %w", err)
	}
	doc.Figures = inOrder(doc.Figures)
	doc.Total = len(doc.Figures)
	return doc, nil
}

// figuresOn puts the figures of pages into a document, until so many blocks have
// been read or more.
func (d *Documents) figuresOn(ctx context.Context, doc *FiguresDocument, pages []FigureSeries, match *phrase, most int) error {
	read, room := 0, []byte(nil)
	for i := range pages {
		if read >= most {
			doc.More = true
			return nil
		}
		found, err := d.pageFigures(ctx, pages[i], match, &room)
		if err != nil {
			return err
		}
		read += found.blocks
		doc.Figures = append(doc.Figures, found.series...)
	}
	return nil
}

// inOrder are series in the order in which a document has them.
func inOrder(all []FigureSeries) []FigureSeries {
	places := make([]int, len(all)) // they are large
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(i, j int) int {
		a, b := &all[i], &all[j]
		return cmp.Or(typedFirst(a, b), len(b.Values)-len(a.Values), i-j)
	})
	out := make([]FigureSeries, len(all))
	for i, place := range places {
		out[i] = all[place]
	}
	return out
}

// fillGaps finds when the pages of some series could not be seen.
func (d *Documents) fillGaps(ctx context.Context, some []FigureSeries) error {
	known := map[archive.PageID][]Gap{}
	for i := range some {
		s := &some[i]
		gaps, ok := known[s.Page]
		if !ok {
			var err error
			if gaps, err = d.gaps(ctx, s.Page); err != nil {
				return err
			}
			known[s.Page] = gaps
		}
		s.Gaps = gaps
	}
	return nil
}

// figurePages are the pages that a query looks at, each as a series without a
// figure.
func (d *Documents) figurePages(ctx context.Context, q FiguresQuery, doc *FiguresDocument) ([]FigureSeries, error) {
	var pages []FigureSeries
	switch {
	case q.URL != "":
		p, err := d.page(ctx, q.URL)
		if err != nil {
			return nil, err
		}
		pages = []FigureSeries{{Source: p.Source, URL: p.URL, Lang: p.Lang, Title: p.Title, Page: p.ID}}
	case q.Phrase == "":
		return nil, &InputError{"q", "neither a phrase nor a page is named", "give the words that the figures stand with, or the address of a page"}
	case d.Index == nil:
		return nil, errors.New("no index is open")
	default:
		traced, err := d.Index.TracedPages(ctx, d.Archive, q.TraceQuery)
		if err != nil {
			return nil, err
		}
		doc.More = traced.More
		for _, p := range traced.Pages {
			pages = append(pages, FigureSeries{Source: p.Source, URL: p.URL, Lang: p.Lang, Title: p.Title, Page: p.Page, named: p.Named})
		}
		slices.SortStableFunc(pages, func(a, b FigureSeries) int { return typedFirst(&a, &b) })
	}
	return pages, nil
}

// typedFirst puts pages that have the words as they were typed before those
// that have other names of them only.
func typedFirst(a, b *FigureSeries) int {
	switch {
	case a.named == b.named:
		return 0
	case b.named:
		return -1
	}
	return 1
}

// alike reports whether two sentences share half of their words or more: then
// one may be the other reworded.
func alike(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	count := map[string]int{}
	for _, w := range x {
		count[w]++
	}
	shared := 0
	for _, w := range y {
		if count[w] > 0 {
			count[w]--
			shared++
		}
	}
	return 2*shared >= max(len(x), len(y))
}

func (s *FigureSeries) last() *FigureValue { return &s.Values[len(s.Values)-1] }

var figureColumns = []string{"what", "kind", "unit", "value", "text", "first_seen_after", "first_seen_by", "gone_after", "gone_by", "version", "path", "source", "lang", "url", "link"}

// WriteFigures writes one line for each value of each figure. A cell that a
// spreadsheet would run is disarmed.
func WriteFigures(w io.Writer, format evidence.Format, doc *FiguresDocument) error {
	rows := [][]string{figureColumns}
	for i := range doc.Figures {
		s := &doc.Figures[i]
		for _, v := range s.Values {
			var gone archive.Interval
			if v.Gone != nil {
				gone = *v.Gone
			}
			row := []string{s.What, s.Kind, v.Unit, v.Value, v.Text, stampCell(v.FirstSeen.After), stampCell(v.FirstSeen.By), stampCell(gone.After), stampCell(gone.By),
				strconv.FormatInt(int64(v.Version), 10), strings.Join(s.Path, " › "), s.Source, s.Lang, s.URL, v.Link}
			for k := range row {
				row[k] = evidence.Cell(row[k])
			}
			rows = append(rows, row)
		}
	}
	if err := evidence.NewCSV(w, format).WriteAll(rows); err != nil {
		return fmt.Errorf("write figures: %w", err)
	}
	return nil
}

type figuresInput struct {
	Q      string   `query:"q" doc:"What the figures stand with: a phrase in the same passage or in a heading above it, with OR, NEAR/n, stars or concept:ID as in a trace. Needed without url."`
	URL    string   `query:"url" doc:"Address of a page that is watched: its figures only, all of them without q."`
	Lang   []string `query:"lang,explode"`
	Source []string `query:"source,explode"`
	Exact  bool     `query:"exact" doc:"Only the words as typed, not the other names of their concepts."`
}

func (w *web) apiFigures(ctx context.Context, in *figuresInput) (*answer[*FiguresDocument], error) {
	q := index.TraceQuery{Phrase: in.Q, Langs: list(in.Lang), Sources: list(in.Source), Exact: in.Exact}
	doc, err := w.docs.Figures(ctx, FiguresQuery{q, in.URL})
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(doc, nil)
}

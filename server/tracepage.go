package server

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"veille/archive"
	"veille/index"
)

// shownLines is how many lines of a page's concordance are shown before the
// rest is folded.
const shownLines = 12

type tracePage struct {
	Q          string
	Langs      []option
	Exact      bool
	Error      *pointed
	Doc        *TraceDocument
	Expanded   []expanded
	Chart      *chart
	Pages      []tracedSection
	CSVHref    string
	JSONHref   string
	ExactHref  string
	SearchHref string
	Examples   []example
}

// A tracedSection is a page with its lines.
type tracedSection struct {
	TracedPage
	Shown, More []TraceSpan
	Since       archive.Interval
	Gone        *archive.Interval // nil while it stands
}

// A kwicLine is one line of the concordance.
type kwicLine struct {
	Lang string
	Span TraceSpan
}

// trace tells the story of a phrase: "/trace?q=…".
func (w *web) trace(rw http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	q := traceQuery(query)
	v := w.view(rw, r, "trace")
	p := &tracePage{Q: q.Phrase, Exact: q.Exact, Langs: w.searchForm(v.t, query).Langs}
	v.Page, v.NoIndex, v.Title = p, len(query) > 0, v.t.T("trace.title")
	if q.Phrase == "" {
		for _, e := range []string{"return hub", "voluntary", "centre* fermé*"} {
			p.Examples = append(p.Examples, example{Query: e, Href: "/trace?" + url.Values{"q": {e}}.Encode()})
		}
		return w.render(rw, r, http.StatusOK, "trace.html", v)
	}
	v.Title = q.Phrase + " – " + v.Title
	doc, err := w.docs.Trace(r.Context(), q)
	var wrong *index.QueryError
	if errors.As(err, &wrong) {
		p.Error = point(q.Phrase, wrong)
		return w.render(rw, r, http.StatusBadRequest, "trace.html", v)
	}
	if err != nil {
		return err
	}
	p.Doc = doc
	for _, e := range doc.Expanded {
		x := expanded{Label: e.Concept, Terms: e.Terms}
		if len(x.Terms) > shownTerms {
			x.Terms, x.More = x.Terms[:shownTerms], x.Terms[shownTerms:]
		}
		p.Expanded = append(p.Expanded, x)
	}
	p.Chart = chartOf(doc, w.now())
	for _, page := range doc.Pages {
		s := tracedSection{TracedPage: page, Shown: page.Spans, Since: page.Stands[0].FirstSeen, Gone: page.Stands[len(page.Stands)-1].Gone}
		if len(s.Shown) > shownLines {
			s.Shown, s.More = s.Shown[:shownLines], s.Shown[shownLines:]
		}
		p.Pages = append(p.Pages, s)
	}
	same := without(query, "ui").Encode()
	p.CSVHref, p.JSONHref = "/trace.csv?"+same, "/api/v1/trace?"+same
	exact := without(query, "ui")
	exact.Set("exact", "1")
	p.ExactHref = "/trace?" + exact.Encode()
	p.SearchHref = "/search?" + url.Values{"q": {`"` + q.Phrase + `"`}, "past": {"1"}}.Encode()
	return w.render(rw, r, http.StatusOK, "trace.html", v)
}

// traceCSV is the concordance: "/trace.csv?q=…".
func (w *web) traceCSV(rw http.ResponseWriter, r *http.Request) error {
	doc, err := w.docs.Trace(r.Context(), traceQuery(r.URL.Query()))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := WriteKWIC(csv.NewWriter(&b), doc); err != nil {
		return err
	}
	rw.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	rw.Header().Set("Content-Disposition", `attachment; filename="trace.csv"`)
	_, err = rw.Write(b.Bytes())
	return err
}

func traceQuery(query url.Values) index.TraceQuery {
	return index.TraceQuery{Phrase: query.Get("q"), Langs: list(query["lang"]), Sources: list(query["source"]),
		Exact: truth(query.Get("exact")), All: truth(query.Get("all"))}
}

// A chart is a bar for each page over one span of time, drawn by the server.
// Its numbers are thousandths of the width.
type chart struct {
	From, To time.Time
	Rows     []chartRow
}

type chartRow struct {
	Title, Lang, Link string
	Bars              []bar
}

// A bar is a stretch in which the words stood ("stood"), may have stood
// ("perhaps": they came or went between two looks), or could not be seen ("gap").
type bar struct {
	Kind     string
	X, Width int
}

// chartOf draws the first pages of a trace.
func chartOf(doc *TraceDocument, now time.Time) *chart {
	if len(doc.Pages) == 0 {
		return nil
	}
	c := &chart{From: now, To: now}
	earlier := func(t time.Time) {
		if !t.IsZero() && t.Before(c.From) {
			c.From = t
		}
	}
	for _, p := range doc.Pages {
		earlier(p.Stands[0].FirstSeen.By)
		earlier(p.Stands[0].FirstSeen.After)
	}
	whole := max(c.To.Sub(c.From), time.Second)
	at := func(t time.Time) int { return int(max(0, min(1000, 1000*t.Sub(c.From)/whole))) }
	for i, p := range doc.Pages {
		if i == 40 {
			break
		}
		row := chartRow{Title: p.Title, Lang: p.Lang, Link: fmt.Sprintf("#p%d", p.Page)}
		add := func(kind string, from, to time.Time) {
			if x := at(from); !to.Before(from) {
				row.Bars = append(row.Bars, bar{kind, x, max(2, at(to)-x)})
			}
		}
		for _, s := range p.Stands {
			if !s.FirstSeen.After.IsZero() {
				add("perhaps", s.FirstSeen.After, s.FirstSeen.By)
			}
			if s.Gone == nil {
				add("stood", s.FirstSeen.By, c.To)
				continue
			}
			add("stood", s.FirstSeen.By, s.Gone.After)
			add("perhaps", s.Gone.After, s.Gone.By)
		}
		for _, g := range p.Gaps {
			to := g.By
			if to.IsZero() {
				to = c.To
			}
			add("gap", g.After, to)
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

package server

import (
	"bytes"
	"encoding/csv"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"veille/archive"
	"veille/index"
)

// shownLines is how many lines of a page's concordance are shown before the
// rest is folded.
const shownLines = 12

type tracePage struct {
	Q           string
	Langs       []option
	Exact       bool
	Error       *pointed
	Doc         *TraceDocument
	Expanded    []expanded
	Forms       []formLink
	Line        *columns
	Chart       *chart
	Pages       []tracedSection
	CSVHref     string
	Exports     []pair
	LineHref    string
	JSONHref    string
	ExactHref   string
	SearchHref  string
	FiguresHref string
	Examples    []example
}

// A tracedSection is a page with its lines.
type tracedSection struct {
	TracedPage
	Shown, More []TraceSpan
	Since       archive.Interval
	Gone        *archive.Interval // nil while it stands
}

// A formLink is a form, and where it is left out or taken back.
type formLink struct {
	TraceForm
	Href string
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
		for _, e := range []string{"return hub", "voluntary", "*hub", "return NEAR/5 country"} {
			p.Examples = append(p.Examples, example{Query: e, Href: "/trace?" + url.Values{"q": {e}}.Encode()})
		}
		return w.render(rw, r, http.StatusOK, "trace.html", v)
	}
	v.Title = q.Phrase + " – " + v.Title
	doc, err := w.docs.Trace(r.Context(), q)
	var wrong *index.QueryError
	if errors.As(err, &wrong) {
		p.Error = point(v.t, q.Phrase, wrong)
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
	p.Forms, p.Line = formLinks(doc.Forms, query), columnsOf(&doc.Timeline)
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
	p.LineHref = with("/trace.csv", without(query, "ui"), "table", "timeline")
	p.Exports = exportsOf(v.t, query, "concordance", "trace")[1:] // CSV has its link
	exact := without(query, "ui")
	exact.Set("exact", "1")
	exact.Del("without")
	p.ExactHref = "/trace?" + exact.Encode()
	p.SearchHref = "/search?" + url.Values{"q": {`"` + q.Phrase + `"`}, "past": {"1"}}.Encode()
	p.FiguresHref = "/figures?" + without(query, "ui", "without", "all").Encode()
	return w.render(rw, r, http.StatusOK, "trace.html", v)
}

// formLinks are the forms, each with the address that switches it.
func formLinks(forms []TraceForm, query url.Values) []formLink {
	var out []formLink
	for _, f := range forms {
		q := without(query, "ui")
		off := list(q["without"])
		if f.Off {
			off = slices.DeleteFunc(off, func(o string) bool { return o == f.Form })
		} else {
			off = append(off, f.Form)
		}
		q["without"] = off
		out = append(out, formLink{f, "/trace?" + q.Encode() + "#forms"})
	}
	return out
}

// traceCSV is the concordance, or with table=timeline how often the phrase
// stood period by period: "/trace.csv?q=…".
func (w *web) traceCSV(rw http.ResponseWriter, r *http.Request) error {
	doc, err := w.docs.Trace(r.Context(), traceQuery(r.URL.Query()))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	name, write := "kwic.csv", WriteKWIC
	switch table := r.URL.Query().Get("table"); table {
	case "", "kwic":
	case "timeline":
		name, write = "phrase_timeline.csv", WriteTimeline
	default:
		return &InputError{"table", quote(table) + " is no table of a trace", "use kwic or timeline"}
	}
	if err := write(csv.NewWriter(&b), doc); err != nil {
		return err
	}
	rw.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	rw.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, err = rw.Write(b.Bytes())
	return err
}

func traceQuery(query url.Values) index.TraceQuery {
	return index.TraceQuery{Phrase: query.Get("q"), Langs: list(query["lang"]), Sources: list(query["source"]),
		Exact: truth(query.Get("exact")), Without: list(query["without"]), All: truth(query.Get("all"))}
}

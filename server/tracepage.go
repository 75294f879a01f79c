package server

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"veille/archive"
	"veille/index"
)

// How much of a trace one page shows: lines of a page's concordance, before a
// link leads to all of them; forms; and lines that went of which it is looked at
// what came instead.
const (
	shownLines    = 8
	shownForms    = 40
	shownReplaced = 24
)

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
	Leaves      *leaves
	MoreForms   int    // beyond those in Forms
	Went        int    // lines that went, if not all of them were looked at for what came instead
	WentHref    string // where they are
	WholeHref   string // the whole trace, where only one page of it is shown
	CSVHref     string
	Exports     []pair
	LineHref    string
	JSONHref    string
	ExactHref   string
	SearchHref  string // the search for the same; "" where none can find it
	FiguresHref string
	WatchHref   string // the form to subscribe; "" where no search can find what is traced
	Save        string // what is kept of the trace, as parameters
	Examples    []example
}

// A tracedSection is a page with its lines.
type tracedSection struct {
	TracedPage
	Shown    []TraceSpan
	More     int    // lines that are not shown
	MoreHref string // all lines of the page
	Since    archive.Interval
	Gone     *archive.Interval // nil while it stands
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
		for _, e := range strings.Split(v.t.T("trace.examples"), ", ") {
			p.Examples = append(p.Examples, example{Query: e, Href: "/trace?" + url.Values{"q": {e}}.Encode()})
		}
		return w.render(rw, r, http.StatusOK, "trace.html", v)
	}
	v.Title = headed(q.Phrase) + " – " + v.Title
	looks := shownReplaced
	switch {
	case query.Get("document") != "" || query.Get("offset") != "":
		looks = 0 // that is told at the beginning
	case truth(query.Get("replaced")):
		looks = maxReplaced
	}
	doc, err := w.docs.outline(r.Context(), q, looks)
	var wrong *index.QueryError
	if errors.As(err, &wrong) {
		p.Error = point(v.t, q.Phrase, wrong)
		return w.render(rw, r, http.StatusBadRequest, "trace.html", v)
	}
	if err != nil {
		return err
	}
	p.Doc = doc
	v.Feeds = w.feeds(v.t, v.t.T("feed.trace", q.Phrase), "/trace", only(query, "q", "lang", "source", "exact", "without", "all"))
	if err := w.fillTrace(p, query, looks); err != nil {
		return err
	}
	same := without(query, "ui", "offset", "document", "replaced")
	p.CSVHref, p.JSONHref = "/trace.csv?"+same.Encode(), "/api/v1/trace?"+same.Encode()
	p.LineHref = with("/trace.csv", same, "table", "timeline")
	p.Exports = exportsOf(v.t, same, "concordance", "trace")[1:] // CSV has its link
	exact := without(same, "without")
	exact.Set("exact", "1")
	p.ExactHref = "/trace?" + exact.Encode()
	p.Save = savedTrace(same)
	if search := watched(q.Phrase, q.Langs, doc.Forms); search != "" {
		found := url.Values{"q": {search}, "source": q.Sources}
		p.WatchHref = subscribeHref(found)
		found.Set("past", "1")
		p.SearchHref = "/search?" + found.Encode()
	}
	p.FiguresHref = "/figures?" + without(same, "without", "all").Encode()
	return w.render(rw, r, http.StatusOK, "trace.html", v)
}

// fillTrace chooses what of a trace the address asks for: its beginning, with
// the charts; a later part of its pages; or all lines of one page.
func (w *web) fillTrace(p *tracePage, query url.Values, looks int) error {
	doc, same := p.Doc, without(query, "ui", "offset", "document", "replaced")
	offset, err := offsetOf(query)
	if err != nil {
		return err
	}
	if query.Get("document") != "" {
		return w.fillTracedPage(p, query, offset)
	}
	from, to, l := leaf("/trace", same, offset, len(doc.Pages), max(leafBytes/3, leafBytes-300*len(doc.Timeline.Periods)), func(i int) int {
		return 1200 + 750*min(len(doc.Pages[i].traced.Spans), shownLines)
	})
	p.Leaves = l
	for i := range doc.Pages[from:to] {
		page := &doc.Pages[from+i]
		page.tell(shownLines)
		s := sectionOf(*page)
		if n := len(page.traced.Spans) - shownLines; n > 0 {
			s.More = n
			s.MoreHref = with("/trace", same, "document", strconv.FormatInt(int64(s.Page), 10))
		}
		p.Pages = append(p.Pages, s)
	}
	p.Chart = chartOf(doc, from, to, w.now())
	if from == 0 {
		w.beginTrace(p, same, looks)
	}
	return nil
}

// beginTrace fills what is told of a whole trace.
func (w *web) beginTrace(p *tracePage, same url.Values, looks int) {
	doc := p.Doc
	for _, e := range doc.Expanded {
		x := expanded{Label: e.Concept, Terms: e.Terms}
		if len(x.Terms) > shownTerms {
			x.Terms, x.More = x.Terms[:shownTerms], x.Terms[shownTerms:]
		}
		p.Expanded = append(p.Expanded, x)
	}
	p.Forms, p.Line = formLinks(doc.Forms, same), columnsOf(&doc.Timeline)
	if n := len(p.Forms) - shownForms; n > 0 {
		p.Forms, p.MoreForms = p.Forms[:shownForms], n
	}
	went := 0
	for i := range doc.Pages {
		for k := range doc.Pages[i].traced.Spans {
			if doc.Pages[i].traced.Spans[k].Until != 0 {
				went++
			}
		}
	}
	if went > looks && looks < maxReplaced {
		p.Went, p.WentHref = went, with("/trace", same, "replaced", "1")+"#replaced"
	}
}

// fillTracedPage shows all lines of one page.
func (w *web) fillTracedPage(p *tracePage, query url.Values, offset int) error {
	id, ok := parseSeq(query.Get("document"))
	i := slices.IndexFunc(p.Doc.Pages, func(t TracedPage) bool { return ok && int64(t.Page) == int64(id) })
	if i < 0 {
		return &InputError{"document", "these words never stood on page " + quote(query.Get("document")), "follow the links of the trace"}
	}
	p.Doc.Pages[i].tell(len(p.Doc.Pages[i].traced.Spans))
	s := sectionOf(p.Doc.Pages[i])
	from, to, l := leaf("/trace", query, offset, len(s.Spans), leafBytes, func(k int) int { return 600 + len(s.Spans[k].Text) })
	s.Shown, p.Leaves = s.Shown[from:to], l
	p.Pages = []tracedSection{s}
	p.WholeHref = "/trace?" + without(query, "ui", "offset", "document").Encode()
	return nil
}

func sectionOf(page TracedPage) tracedSection {
	return tracedSection{TracedPage: page, Shown: page.Spans, Since: page.Stands[0].FirstSeen, Gone: page.Stands[len(page.Stands)-1].Gone}
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
	format, err := csvFormat(r.URL.Query())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	var name string
	switch table := r.URL.Query().Get("table"); table {
	case "", "kwic":
		name, err = "kwic.csv", WriteConcordance(&b, format, doc, w.baseURL(r))
	case "timeline":
		name, err = "phrase_timeline.csv", WriteTimeline(&b, format, doc)
	default:
		err = &InputError{"table", quote(table) + " is no table of a trace", "use kwic or timeline"}
	}
	if err != nil {
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

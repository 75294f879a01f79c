package server

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"veille/index"
)

// How many values of a figure are shown before the older ones are folded, and of
// how many there is more than a count.
const (
	shownValues  = 8
	foldedValues = 24
)

type figuresPage struct {
	Q, URL    string
	Langs     []option
	Exact     bool
	Error     *pointed
	Doc       *FiguresDocument
	PageTitle string // of URL
	PageLang  string
	PageHref  string
	Changed   int // figures that had more than one value
	Series    []figureView
	Same      []figureView // had one value only
	Leaves    *leaves
	Anywhere  string // the same without the page
	Whole     string // all figures of the page
	CSVHref   string
	ExcelHref string
	JSONHref  string
	TraceHref string
	Examples  []example
}

// A figureView is a figure as its template needs it: its values newest first.
type figureView struct {
	*FigureSeries
	Chart       *figureChart
	Shown, More []FigureValue
	Cut         int // values older than those
}

// A figureValueRow is a value with the language of its text.
type figureValueRow struct {
	Lang  string
	Value FigureValue
}

// figures lists the figures that stand with a phrase or on a page, with every
// value they ever had: "/figures?q=…", "/figures?url=…".
func (w *web) figures(rw http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	q := figuresQuery(query)
	v := w.view(rw, r, "trace")
	p := &figuresPage{Q: q.Phrase, URL: q.URL, Exact: q.Exact, Langs: w.searchForm(v.t, query).Langs}
	v.Page, v.NoIndex, v.Title = p, len(query) > 0, v.t.T("figures.title")
	if q.Phrase == "" && q.URL == "" {
		for _, e := range strings.Split(v.t.T("figures.examples"), ", ") {
			p.Examples = append(p.Examples, example{Query: e, Href: "/figures?" + url.Values{"q": {e}}.Encode()})
		}
		return w.render(rw, r, http.StatusOK, "figures.html", v)
	}
	if q.Phrase != "" {
		v.Title = headed(q.Phrase) + " – " + v.Title
	}
	doc, err := w.docs.figuresOf(r.Context(), q)
	var wrong *index.QueryError
	if errors.As(err, &wrong) {
		p.Error = point(v.t, q.Phrase, wrong)
		return w.render(rw, r, http.StatusBadRequest, "figures.html", v)
	}
	if err != nil {
		return err
	}
	if err := w.fillFigures(r, p, doc, v.t); err != nil {
		return err
	}
	if p.PageTitle != "" && q.Phrase == "" {
		v.Title += " – " + p.PageTitle
	}
	return w.render(rw, r, http.StatusOK, "figures.html", v)
}

// fillFigures draws the figures that the address asks for, and says where else
// they are.
func (w *web) fillFigures(r *http.Request, p *figuresPage, doc *FiguresDocument, t *tongue) error {
	query := without(r.URL.Query(), "ui")
	offset, err := offsetOf(query)
	if err != nil {
		return err
	}
	from, to, l := leaf("/figures", query, offset, doc.Total, leafBytes, func(i int) int {
		if n := len(doc.Figures[i].Values); n > 1 {
			return 2000 + 60*n + 250*min(n, foldedValues)
		}
		return 600
	})
	p.Doc, p.Leaves = doc, l
	for i := range doc.Figures {
		if len(doc.Figures[i].Values) > 1 {
			p.Changed++
		}
	}
	if err := w.docs.fillGaps(r.Context(), doc.Figures[from:to]); err != nil {
		return err
	}
	now := w.now()
	for i := from; i < to; i++ {
		s := &doc.Figures[i]
		view := figureView{FigureSeries: s, Shown: slices.Clone(s.Values)}
		slices.Reverse(view.Shown)
		if len(s.Values) == 1 {
			p.Same = append(p.Same, view)
			continue
		}
		view.Chart = chartFigure(t, s, now)
		if len(view.Shown) > shownValues {
			view.Shown, view.More = view.Shown[:shownValues], view.Shown[shownValues:]
		}
		if n := foldedValues - shownValues; len(view.More) > n {
			view.More, view.Cut = view.More[:n], len(view.More)-n
		}
		p.Series = append(p.Series, view)
	}
	query.Del("offset")
	p.CSVHref, p.JSONHref = "/figures.csv?"+query.Encode(), "/api/v1/figures?"+query.Encode()
	p.ExcelHref = forExcel(t, "/figures.csv", query)
	if p.Q != "" {
		p.TraceHref = "/trace?" + without(query, "url").Encode()
	}
	if p.URL == "" {
		return nil
	}
	page, err := w.docs.page(r.Context(), p.URL)
	if err != nil {
		return err
	}
	p.PageTitle, p.PageLang, p.PageHref = page.Title, page.Lang, fmt.Sprintf("/page/%d", page.ID)
	if p.Q != "" {
		p.Anywhere, p.Whole = with("/figures", query, "url", ""), with("/figures", nil, "url", p.URL)
	}
	return nil
}

// figuresCSV is the same as a table, one line a value: "/figures.csv?q=…".
func (w *web) figuresCSV(rw http.ResponseWriter, r *http.Request) error {
	doc, err := w.docs.figuresOf(r.Context(), figuresQuery(r.URL.Query()))
	if err != nil {
		return err
	}
	format, err := csvFormat(r.URL.Query())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := WriteFigures(&b, format, doc); err != nil {
		return err
	}
	rw.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	rw.Header().Set("Content-Disposition", `attachment; filename="figures.csv"`)
	_, err = rw.Write(b.Bytes())
	return gone(err)
}

func figuresQuery(query url.Values) FiguresQuery {
	return FiguresQuery{TraceQuery: index.TraceQuery{Phrase: query.Get("q"), Langs: list(query["lang"]), Sources: list(query["source"]), Exact: truth(query.Get("exact"))}, URL: query.Get("url")}
}

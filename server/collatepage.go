package server

import (
	"net/http"
	"net/url"
	"slices"

	"veille/archive"
)

type collatePage struct {
	Doc      *CollationDocument
	Groups   []rowGroup
	Leaves   *leaves
	SameHref string // where rows that are the same in all are shown too
	Choices  []columnChoice
	JSONHref string
}

// A rowGroup is rows in a run, or how many rows in a run are the same in every
// wording and are not shown.
type rowGroup struct {
	Same int
	Rows []rowView
}

// A rowView is a row as its template needs it.
type rowView struct {
	CollationRow
	Under []string // its path, where it is not that of the row before
}

// collatedRows are rows with the document whose columns they have.
type collatedRows struct {
	Doc  *CollationDocument
	Rows []rowView
}

// A columnChoice is a wording of the page that can be put in the table.
type columnChoice struct {
	ID    archive.Seq
	Label string
	On    bool
}

// collate is the table of several wordings of a page:
// "/collate?url=…&version=17&version=21". Passages that are the same in all are
// counted; with same=1 they are shown.
func (w *web) collate(rw http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	doc, err := w.docs.Collate(r.Context(), query.Get("url"), list(query["version"]), truth(query.Get("all")))
	if err != nil {
		return err
	}
	v := w.view(rw, r, "page")
	p := &collatePage{Doc: doc, JSONHref: "/api/v1/collation?" + without(query, "ui", "same", "offset").Encode()}
	if err := p.choose(query); err != nil {
		return err
	}
	history, err := w.Archive.History(r.Context(), doc.Page)
	if err != nil {
		return err
	}
	for _, h := range slices.Backward(history) {
		on := slices.ContainsFunc(doc.Columns, func(c CollationColumn) bool { return c.Version == h.ID })
		if on || len(p.Choices) < 200 {
			p.Choices = append(p.Choices, columnChoice{h.ID, v.t.T("wording.n", h.Number) + " · " + v.t.Stamp(h.Time), on})
		}
	}
	v.Title, v.Page, v.NoIndex = v.t.T("collate.title")+" – "+doc.Title, p, true
	return w.render(rw, r, http.StatusOK, "collate.html", v)
}

// choose sets out the rows that the address asks for.
func (p *collatePage) choose(query url.Values) error {
	offset, err := offsetOf(query)
	if err != nil {
		return err
	}
	whole := truth(query.Get("same"))
	// Items are rows, or runs of rows that are not shown: from and the number of them.
	type item struct{ from, same int }
	var items []item
	for i := range p.Doc.Rows {
		switch n := len(items); {
		case whole || !p.Doc.Rows[i].Same:
			items = append(items, item{from: i})
		case n > 0 && items[n-1].same > 0:
			items[n-1].same++
		default:
			items = append(items, item{i, 1})
		}
	}
	from, to, l := leaf("/collate", query, offset, len(items), leafBytes, func(i int) int {
		if items[i].same > 0 {
			return 1000 // and the head of the table after it
		}
		return weightOfRow(&p.Doc.Rows[items[i].from])
	})
	p.Leaves = l
	if !whole && p.Doc.Differ < len(p.Doc.Rows) {
		p.SameHref = with("/collate", without(query, "ui", "offset"), "same", "1")
	}
	for _, it := range items[from:to] {
		n := len(p.Groups)
		if it.same > 0 {
			p.Groups = append(p.Groups, rowGroup{Same: it.same})
			continue
		}
		if n == 0 || p.Groups[n-1].Same > 0 {
			p.Groups = append(p.Groups, rowGroup{})
		}
		last := &p.Groups[len(p.Groups)-1]
		view := rowView{CollationRow: p.Doc.Rows[it.from]}
		if n := len(last.Rows); n == 0 || !slices.Equal(last.Rows[n-1].Path, view.Path) {
			view.Under = shown(view.Path, p.Doc.Title)
		}
		last.Rows = append(last.Rows, view)
	}
	return nil
}

// weightOfRow is about how many bytes a row is as HTML.
func weightOfRow(r *CollationRow) int {
	n := 100
	for i := range r.Cells {
		c := &r.Cells[i]
		n += 130 + 15*len(c.Words)
		for _, word := range c.Words {
			n += len(word.Text)
		}
		if c.Text != nil && len(c.Words) == 0 {
			n += len(*c.Text)
		}
	}
	return n
}

package server

import (
	"net/http"
	"slices"

	"veille/archive"
)

// collatedSize is how many rows of a collation one page shows.
const collatedSize = 1000

type collatePage struct {
	Doc      *CollationDocument
	Groups   []rowGroup
	Cut      int // rows beyond
	Choices  []columnChoice
	JSONHref string
}

// A rowGroup is rows in a run: all the same in every wording, or not.
type rowGroup struct {
	Same bool
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
// "/collate?url=…&version=17&version=21".
func (w *web) collate(rw http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	doc, err := w.docs.Collate(r.Context(), query.Get("url"), list(query["version"]), truth(query.Get("all")))
	if err != nil {
		return err
	}
	v := w.view(rw, r, "page")
	p := &collatePage{Doc: doc, JSONHref: "/api/v1/collation?" + without(query, "ui").Encode()}
	rows := doc.Rows
	if len(rows) > collatedSize {
		p.Cut, rows = len(rows)-collatedSize, rows[:collatedSize]
	}
	for _, row := range rows {
		if n := len(p.Groups); n == 0 || p.Groups[n-1].Same != row.Same {
			p.Groups = append(p.Groups, rowGroup{Same: row.Same})
		}
		last := &p.Groups[len(p.Groups)-1]
		view := rowView{CollationRow: row}
		if n := len(last.Rows); n == 0 || !slices.Equal(last.Rows[n-1].Path, row.Path) {
			view.Under = row.Path
		}
		last.Rows = append(last.Rows, view)
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

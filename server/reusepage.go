package server

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
)

type reusePage struct {
	Doc      *ReuseDocument
	Source   string
	Passages []reusedView
	JSONHref string
	Story    string // the passage's biography
}

// A reusedView is a passage as its template needs it.
type reusedView struct {
	ReusedPassage
	Percent, OtherPercent int
	Runs                  [][]wordRun
}

// reuse tells where else the words of a passage stand: "/v/41/reuse/b7".
func (w *web) reuse(rw http.ResponseWriter, r *http.Request) error {
	id, err := pathSeq(r, "version")
	if err != nil {
		return err
	}
	ver, err := w.Archive.Version(r.Context(), id)
	if err != nil {
		return err
	}
	doc, err := w.docs.reuseOf(r.Context(), ver, r.PathValue("block"), truth(r.URL.Query().Get("all")))
	if err != nil {
		return err
	}
	p := &reusePage{Doc: doc, Source: ver.Source, Story: fmt.Sprintf("/v/%d/passage/%s", ver.ID, doc.Where)}
	p.JSONHref = "/api/v1/reuse?" + url.Values{"url": {ver.URL}, "block": {doc.Where}, "at": {stampCell(ver.Time)}}.Encode()
	percent := func(x float64) int { return int(math.Round(100 * x)) }
	for _, u := range doc.Passages {
		p.Passages = append(p.Passages, reusedView{u, percent(u.Share), percent(u.OfOther), wordLines(PassageWording{Words: u.Words, Text: u.Text})})
	}
	v := w.view(rw, r, "version")
	v.Title, v.Page, v.NoIndex = v.t.T("reuse.title")+" – "+doc.Title, p, true
	return w.render(rw, r, http.StatusOK, "reuse.html", v)
}

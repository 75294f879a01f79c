package server

import (
	"net/http"
	"slices"
	"strconv"
)

type sourcesPage struct {
	Sources []SourceDocument
	Tally   []tally
}

type tally struct {
	State string
	Count int
}

// sources lists what is watched and how it fares: "/sources", the troubled first.
func (w *web) sources(rw http.ResponseWriter, r *http.Request) error {
	doc, err := w.docs.SourceList(r.Context())
	if err != nil {
		return err
	}
	p := &sourcesPage{Sources: doc.Sources}
	order := []string{StateBlocked, StateFailing, StateOK, StateGone, StateNever, StateOff}
	slices.SortStableFunc(p.Sources, func(a, b SourceDocument) int {
		return slices.Index(order, a.State) - slices.Index(order, b.State)
	})
	for _, state := range order {
		n := 0
		for _, s := range p.Sources {
			if s.State == state {
				n++
			}
		}
		if n > 0 {
			p.Tally = append(p.Tally, tally{state, n})
		}
	}
	v := w.view(rw, r, "sources")
	v.Title, v.Page = v.t.T("sources.title"), p
	v.Description = v.t.T("sources.lead")
	return w.render(rw, r, http.StatusOK, "sources.html", v)
}

type sourcePage struct {
	Doc     *SourceDocument
	Pages   []PageDocument
	Changes []*ChangeDocument
}

// source is one source, its pages and its latest changes: "/source/{id}", and
// its feeds.
func (w *web) source(rw http.ResponseWriter, r *http.Request) error {
	id, feed := r.PathValue("id"), ""
	if w.Sources.Source(id) == nil {
		id, feed = twin(id)
	}
	doc, pages, err := w.docs.Source(r.Context(), id)
	if err != nil {
		return err
	}
	if feed != "" {
		return w.sourceFeed(rw, r, feed, doc)
	}
	v := w.view(rw, r, "source")
	p := &sourcePage{Doc: doc, Pages: pages}
	q := ChangesQuery{Sources: []string{id}, MinWeight: DefaultWeight, UILang: v.Lang}
	if p.Changes, err = w.newest(r, q, 10); err != nil {
		return err
	}
	label := w.sourceLabel(id, v.Lang)
	v.Title, v.Page = label, p
	v.Feeds = w.feeds(v.t, v.t.T("feed.of", label), "/source/"+id, nil)
	return w.render(rw, r, http.StatusOK, "source.html", v)
}

// number is a whole number in a link.
func number(n int64) string { return strconv.FormatInt(n, 10) }

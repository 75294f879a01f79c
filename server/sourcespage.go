package server

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"veille/source"
)

type sourcesPage struct {
	Sources []sourceLine
	Tally   []tally
	Pages   int
	Places  []option // jurisdictions, as links that narrow the list down
	Place   string   // the one that is chosen
}

// A tally counts what is in a state; X and Width are its part of a bar.
type tally struct {
	State    string
	Count    int
	X, Width string
}

// A sourceLine is a source and how much of it can be seen.
type sourceLine struct {
	SourceDocument
	Seen   int    // pages that are neither blocked nor failing
	Robots string // "", "forbidden", "permitted" or "allowed"
}

// tallyOf counts states, the gravest first.
func tallyOf(states []string) []tally {
	var out []tally
	x := 0.0
	for _, state := range []string{StateBlocked, StateFailing, StateOK, StateGone, StateNever, StateOff} {
		n := 0
		for _, s := range states {
			if s == state {
				n++
			}
		}
		if n > 0 {
			width := 100 * float64(n) / float64(len(states))
			out = append(out, tally{state, n, percent(x), percent(width)})
			x += width
		}
	}
	return out
}

// robotsVerdict says what robots.txt decides about a source, as far as it is
// known from its latest look: "forbidden", "permitted" where the operator has a
// permission instead, or "allowed" where pages were read; "" before the first.
func (w *web) robotsVerdict(s *SourceDocument) string {
	if strings.Contains(s.Reason, "robots.txt") {
		return "forbidden"
	}
	src := w.Sources.Source(s.ID)
	if src == nil {
		return ""
	}
	for _, p := range src.Addresses() {
		if u, err := url.Parse(p.URL); err == nil && w.Sources.Host(u.Host).Robots == source.RobotsPermitted {
			return "permitted"
		}
	}
	if !s.LastContent.IsZero() {
		return "allowed"
	}
	return ""
}

// sources lists what is watched and how it fares: "/sources", the troubled first.
func (w *web) sources(rw http.ResponseWriter, r *http.Request) error {
	doc, err := w.docs.SourceList(r.Context())
	if err != nil {
		return err
	}
	place := r.URL.Query().Get("jurisdiction")
	p := &sourcesPage{Place: place}
	var states, places []string
	for i := range doc.Sources {
		d := &doc.Sources[i]
		if !slices.Contains(places, d.Jurisdiction) {
			places = append(places, d.Jurisdiction)
		}
		if place != "" && d.Jurisdiction != place {
			continue
		}
		states = append(states, d.State)
		p.Pages += d.Pages
		p.Sources = append(p.Sources, sourceLine{*d, d.Pages - d.Troubled, w.robotsVerdict(d)})
	}
	if place != "" && len(p.Sources) == 0 {
		return errNoPlace(place)
	}
	order := []string{StateBlocked, StateFailing, StateOK, StateGone, StateNever, StateOff}
	slices.SortStableFunc(p.Sources, func(a, b sourceLine) int {
		return slices.Index(order, a.State) - slices.Index(order, b.State)
	})
	p.Tally = tallyOf(states)
	slices.Sort(places)
	v := w.view(rw, r, "sources")
	if len(places) > 1 {
		for _, id := range append([]string{""}, places...) {
			p.Places = append(p.Places, option{Label: or(v.t.Of("place", id), v.t.T("filters.all")), Href: with("/sources", nil, "jurisdiction", id), Current: id == place})
		}
	}
	v.Title, v.Page = v.t.T("sources.title"), p
	v.Description = v.t.T("sources.lead")
	v.Feeds = w.feeds(v.t, v.t.T("feed.of", v.Title), "/sources", only(r.URL.Query(), "jurisdiction"))
	return w.render(rw, r, http.StatusOK, "sources.html", v)
}

// errNoPlace is the error of a country or body that no source is of.
func errNoPlace(place string) error {
	return &InputError{"jurisdiction", "no source is from " + quote(place), "follow one of the links on the page of sources"}
}

type sourcePage struct {
	Doc     *SourceDocument
	Robots  string
	Tally   []tally // of its pages
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
	p := &sourcePage{Doc: doc, Pages: pages, Robots: w.robotsVerdict(doc)}
	var states []string
	for _, page := range pages {
		states = append(states, page.State)
	}
	p.Tally = tallyOf(states)
	q := ChangesQuery{Sources: []string{id}, MinWeight: DefaultWeight, UILang: v.Lang}
	if p.Changes, err = w.newest(r, q, 10, w.docs.listed); err != nil {
		return err
	}
	label := w.sourceLabel(id, v.Lang)
	v.Title, v.Page = label, p
	v.Feeds = w.feeds(v.t, v.t.T("feed.of", label), "/source/"+id, nil)
	return w.render(rw, r, http.StatusOK, "source.html", v)
}

// number is a whole number in a link.
func number(n int64) string { return strconv.FormatInt(n, 10) }

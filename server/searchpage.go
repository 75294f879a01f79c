package server

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/index"
)

// shownTerms is how many terms of a concept are shown before they are folded.
const shownTerms = 6

type searchPage struct {
	Form           searchForm
	Asked          bool
	Error          *pointed
	Doc            *SearchDocument
	AsOf           string
	Expanded       []expanded
	Chosen, Facets []facet
	Groups         []hitGroup
	Understood     []understood
	Suggested      string
	SuggestedHref  string
	Examples       []example
	Newer, Older   string
	Grown          bool // the archive has grown since the page before, which is no longer to be had
	FirstHref      string

	Calendar     *calendar // if it is asked for
	CalendarHref string
	FeedHref     string
	JSONHref     string
	WACZHref     string

	SubscribeHref, TraceHref, ExactHref, PastHref, AllHref string
	Exports                                                []pair // what is found, in other forms
	Save                                                   string // what is kept of the search, as parameters
}

type searchForm struct {
	Q, AsOf, Today string
	Langs, Sorts   []option
	Past, Exact    bool
	Keep           []pair
}

type pair struct{ Name, Value string }

type expanded struct {
	Label       string
	Terms, More []string
}

type facet struct {
	Label, Href string
	Terms       []facetLink
}

type facetLink struct {
	Label, Href string
	Count       int
	Current     bool
}

type hit struct {
	SearchHit
	Marked  []marked
	InPlace []Successor // with no more of their texts than a glance takes in
	Span    *span
}

// glance is how much of a text is shown of what took a passage's place, in
// characters.
const glance = 240

func atAGlance(list []Successor) []Successor {
	out := slices.Clone(list)
	for i := range out {
		if r := []rune(out[i].Text); len(r) > glance {
			out[i].Text = strings.TrimSpace(string(r[:glance-1])) + "…"
		}
	}
	return out
}

// A hitGroup is a document with its twins: the best passages, and how many more.
type hitGroup struct {
	Title, Link, Lang, Source string
	Hits                      []hit
	More                      int
	MoreHref                  string
}

// An understood is a number that was read in the search.
type understood struct{ Text, Name, Href string }

type example struct{ Query, What, Href string }

// facetKeys are the facets, by the parameter that chooses one of its values.
var facetKeys = []string{"source", "topic", "lang", "kind", "jurisdiction"}

// search finds passages: "/search".
func (w *web) search(rw http.ResponseWriter, r *http.Request) error {
	v := w.view(rw, r, "search")
	query := r.URL.Query()
	q, err := searchQuery(query)
	if err != nil {
		return err
	}
	p := &searchPage{Form: w.searchForm(v.t, query)}
	v.Page, v.Title, v.NoIndex = p, v.t.T("search.title"), len(query) > 0
	p.Asked = q.Text != "" || q.Document != "" || !q.AsOf.IsZero() || !q.From.IsZero() || !q.Until.IsZero() ||
		slices.ContainsFunc(facetKeys, func(k string) bool { return query.Get(k) != "" })
	if !p.Asked {
		p.Examples = examples(v.t)
		return w.render(rw, r, http.StatusOK, "search.html", v)
	}
	if q.Text != "" {
		v.Title = headed(q.Text) + " – " + v.Title
	}
	q.Grouped = q.Document == ""
	var wrong *index.QueryError
	p.Doc, p.Grown, err = w.searchOn(r.Context(), q, query.Get("cursor"))
	if errors.As(err, &wrong) {
		p.Error, p.Examples = point(v.t, q.Text, wrong), examples(v.t)
		return w.render(rw, r, http.StatusBadRequest, "search.html", v)
	}
	if err != nil {
		return err
	}
	w.fillSearch(p, v.t, q, query)
	if truth(query.Get("calendar")) {
		if p.Calendar, err = w.calendar(r.Context(), v.t, q, query); err != nil {
			return err
		}
	}
	v.Feeds = w.feeds(v.t, v.t.T("feed.search", q.Text), "/search", without(query, "ui", "offset", "cursor", "sort"))
	if q.Text != "" {
		v.Feeds = append(v.Feeds, icsLink(v.t, only(query, "q", "source", "topic", "lang")))
	}
	return w.render(rw, r, http.StatusOK, "search.html", v)
}

// searchOn finds a page of results: the first, or the one at a cursor. So pages
// are those of one state of the archive, and neither repeat nor lose anything. Of
// a state that is no longer kept the results are those of now from the offset on,
// and grown is true.
func (w *web) searchOn(ctx context.Context, q index.Query, at string) (doc *SearchDocument, grown bool, err error) {
	if at == "" || at == index.FirstCursor {
		q.Cursor = index.FirstCursor
		doc, err = w.docs.Search(ctx, q)
		return doc, false, err
	}
	on := q
	on.Cursor, on.Offset = at, 0
	doc, err = w.docs.Search(ctx, on)
	if !errors.Is(err, errExpired) {
		return doc, false, err
	}
	q.Cursor = index.FirstCursor
	doc, err = w.docs.Search(ctx, q)
	return doc, true, err
}

// searchQuery reads what pages, feeds and API call the parts of a search.
func searchQuery(query url.Values) (q index.Query, err error) {
	q = index.Query{Text: strings.TrimSpace(query.Get("q")), Langs: list(query["lang"]), Sources: list(query["source"]), Kinds: list(query["kind"]),
		Document: query.Get("document"), Jurisdictions: list(query["jurisdiction"]), Topics: list(query["topic"]), Sort: query.Get("sort"),
		All: truth(query.Get("all")), Exact: truth(query.Get("exact")), Past: truth(query.Get("past"))}
	if q.AsOf, err = ParseTime("as_of", query.Get("as_of"), true); err != nil {
		return q, err
	}
	if q.From, err = ParseTime("from", query.Get("from"), false); err != nil {
		return q, err
	}
	if q.Until, err = ParseTime("until", query.Get("until"), true); err != nil {
		return q, err
	}
	if !q.Until.IsZero() {
		q.Until = q.Until.Add(time.Millisecond)
	}
	if q.Limit, err = parseNumber("limit", query.Get("limit"), defaultHits, 1, maxHits); err != nil {
		return q, err
	}
	q.Offset, err = parseNumber("offset", query.Get("offset"), 0, 0, maxFound)
	return q, err
}

func truth(text string) bool { return text == "1" || text == "true" || text == "on" }

func (w *web) searchForm(t *tongue, query url.Values) searchForm {
	f := searchForm{Q: query.Get("q"), Today: w.now().Format(time.DateOnly),
		Past: truth(query.Get("past")), Exact: truth(query.Get("exact"))}
	if at, err := ParseTime("as_of", query.Get("as_of"), true); err == nil && !at.IsZero() {
		f.AsOf = at.Format(time.DateOnly) // the field takes nothing else
	}
	for _, l := range Langs {
		f.Langs = append(f.Langs, option{Label: t.Of("lang", l), Value: l, Current: query.Get("lang") == l})
	}
	for _, s := range sorts {
		f.Sorts = append(f.Sorts, option{Label: t.Of("sort", s), Value: s, Current: query.Get("sort") == s})
	}
	for _, key := range []string{"source", "topic", "kind", "jurisdiction", "from", "until", "all", "document"} {
		for _, value := range query[key] {
			f.Keep = append(f.Keep, pair{key, value})
		}
	}
	return f
}

// fillSearch prepares what was found for its template.
func (w *web) fillSearch(p *searchPage, t *tongue, q index.Query, query url.Values) {
	base := without(query, "offset", "cursor", "ui", "calendar")
	if !q.AsOf.IsZero() {
		if p.AsOf = t.Stamp(q.AsOf); len(query.Get("as_of")) == len(time.DateOnly) {
			p.AsOf = t.Date(q.AsOf)
		}
	}
	for _, e := range p.Doc.Expanded {
		x := expanded{Label: e.Concept, Terms: e.Terms}
		if c := w.Thesaurus.Concept(e.Concept); c != nil {
			x.Label = c.Label(t.lang)
		}
		if len(e.Terms) > shownTerms+1 {
			x.Terms, x.More = e.Terms[:shownTerms], e.Terms[shownTerms:]
		}
		p.Expanded = append(p.Expanded, x)
	}
	w.fillGroups(p, base)
	w.spans(p.Groups)
	for _, u := range p.Doc.Understood {
		p.Understood = append(p.Understood, understood{u.Text, u.cite.Name(t.lang), u.cite.Link(t.lang)})
	}
	if s := p.Doc.Suggestion; s != nil {
		p.Suggested, p.SuggestedHref = s.Query, with("/search", base, "q", s.Query)
	}
	w.fillFacets(p, t, base)
	if q.Document != "" {
		p.Chosen = append(p.Chosen, facet{Label: t.T("search.onedocument"), Href: with("/search", base, "document", "")})
	}
	p.FirstHref = with("/search", base, "offset", "")
	if p.Doc.back != "" {
		p.Newer = pageOf(base, q.Offset-q.Limit, p.Doc.back)
	}
	if p.Doc.Cursor != "" {
		p.Older = pageOf(base, q.Offset+q.Limit, p.Doc.Cursor)
	}
	p.CalendarHref = with("/search", base, "calendar", "1") + "#calendar"
	p.FeedHref, p.JSONHref, p.WACZHref = with("/search.atom", base, "sort", ""), with("/api/v1/search", base, "sort", base.Get("sort")), with("/export/archive.wacz", base, "sort", "")
	p.SubscribeHref, p.Save = subscribeHref(query), searchValues(query.Encode()).Encode()
	p.Exports = exportsOf(t, query, "passages", "q")
	if !strings.ContainsAny(strings.Trim(q.Text, `"`), `":()~`) && !strings.Contains(q.Text, " OR ") && !strings.Contains(q.Text, " AND ") {
		p.TraceHref = "/trace?" + url.Values{"q": {strings.Trim(q.Text, `"`)}}.Encode()
	}
	p.ExactHref = with("/search", base, "exact", "1")
	p.PastHref = with("/search", without(base, "as_of"), "past", "1")
	p.AllHref = with("/search", url.Values{}, "q", q.Text)
}

// pageOf is another page of results: where it begins, should its cursor expire.
func pageOf(base url.Values, offset int, cursor string) string {
	q := maps.Clone(base)
	q.Set("cursor", cursor)
	return with("/search", q, "offset", positive(offset))
}

// subscribeHref is the form to subscribe, filled in with a search.
func subscribeHref(query url.Values) string {
	subscribe := url.Values{}
	for from, to := range map[string]string{"topic": "topics", "source": "sources"} {
		if values := list(query[from]); len(values) > 0 {
			subscribe[to] = values
		}
	}
	if q := strings.TrimSpace(query.Get("q")); q != "" {
		subscribe.Set("query", q)
	}
	return "/subscribe?" + subscribe.Encode()
}

// fillGroups puts the hits under their documents. Without groups all are of one.
func (w *web) fillGroups(p *searchPage, base url.Values) {
	groups := p.Doc.Groups
	if len(groups) == 0 && len(p.Doc.Hits) > 0 {
		groups = []FoundDocument{{Hits: len(p.Doc.Hits), Total: len(p.Doc.Hits)}}
	}
	hits := p.Doc.Hits
	for _, g := range groups {
		first := hits[0]
		out := hitGroup{Title: first.Title, Link: first.Link, Lang: first.Lang, Source: first.Source, More: g.Total - g.Hits}
		if out.More > 0 {
			out.MoreHref = with("/search", base, "document", g.Document)
		}
		for _, h := range hits[:g.Hits] {
			out.Hits = append(out.Hits, hit{SearchHit: h, Marked: marks(h.Highlight), InPlace: atAGlance(h.Replaced)})
		}
		p.Groups, hits = append(p.Groups, out), hits[g.Hits:]
	}
}

func positive(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// fillFacets makes links that narrow a search down, and links that take back
// what it is narrowed down to.
func (w *web) fillFacets(p *searchPage, t *tongue, base url.Values) {
	counts := map[string][]FacetTerm{"source": p.Doc.Facets.Source, "topic": p.Doc.Facets.Topic, "lang": p.Doc.Facets.Lang,
		"kind": p.Doc.Facets.Kind, "jurisdiction": p.Doc.Facets.Jurisdiction}
	for _, key := range facetKeys {
		for _, value := range list(base[key]) {
			p.Chosen = append(p.Chosen, facet{Label: w.term(t, key, value), Href: with("/search", base, key, "")})
		}
		f := facet{Label: t.T("facet." + key)}
		for _, c := range counts[key][:min(len(counts[key]), 12)] {
			f.Terms = append(f.Terms, facetLink{Label: w.term(t, key, c.Term), Count: c.Count,
				Href: with("/search", base, key, c.Term), Current: base.Get(key) == c.Term})
		}
		if len(f.Terms) > 1 {
			p.Facets = append(p.Facets, f)
		}
	}
	years := facet{Label: t.T("facet.year")}
	for _, c := range p.Doc.Facets.Year {
		if len(c.Term) != 4 {
			continue
		}
		q := without(base, "until")
		q.Set("until", c.Term+"-12-31")
		years.Terms = append(years.Terms, facetLink{Label: c.Term, Count: c.Count, Href: with("/search", q, "from", c.Term+"-01-01")})
	}
	if len(years.Terms) > 1 {
		p.Facets = append(p.Facets, years)
	}
	for _, key := range []string{"from", "until"} {
		if value := base.Get(key); value != "" {
			p.Chosen = append(p.Chosen, facet{Label: t.T("facet.year") + " " + map[string]string{"from": "≥ ", "until": "≤ "}[key] + value,
				Href: with("/search", base, key, "")})
		}
	}
}

// term names a value of a facet.
func (w *web) term(t *tongue, key, value string) string {
	switch key {
	case "source":
		return w.sourceLabel(value, t.lang)
	case "topic":
		return w.topicLabel(value, t.lang)
	case "lang", "kind":
		return t.Of(key, value)
	case "jurisdiction":
		return t.Of("place", value)
	}
	return value
}

// without is a query with some of its parameters taken away.
func without(query url.Values, keys ...string) url.Values {
	out := url.Values{}
	for k, v := range query {
		if !slices.Contains(keys, k) {
			out[k] = slices.Clone(v)
		}
	}
	return out
}

// examples are searches to learn from.
func examples(t *tongue) []example {
	var out []example
	for _, kind := range []string{"concept", "phrase", "or", "not", "prefix", "field", "number", "removed", "asof"} {
		query := t.T("search.eg." + kind)
		out = append(out, example{query, t.T("search.ex." + kind), "/search?" + url.Values{"q": {query}}.Encode()})
	}
	return out
}

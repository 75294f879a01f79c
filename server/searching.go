package server

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"veille/index"
)

// What a search may ask for. The index allows no more than maxFound hits to
// be passed over and shown together.
const (
	defaultHits = 20
	maxHits     = 1000
	maxFound    = 10_000
)

// sorts are the orders of a search.
var sorts = []string{"relevance", "newest", "oldest"}

// errExpired is that of a cursor whose state of the index is no longer kept.
var errExpired = &InputError{"cursor", "it has expired: the archive has grown since", "begin again with cursor=*"}

// Search finds passages. A wrong search is an *index.QueryError.
func (d *Documents) Search(ctx context.Context, q index.Query) (*SearchDocument, error) {
	if d.Index == nil {
		return nil, errors.New("search: no index is open")
	}
	if err := d.checkSearch(&q); err != nil {
		return nil, err
	}
	r, err := d.Index.Search(ctx, d.Archive, q)
	switch {
	case errors.Is(err, index.ErrCursorExpired):
		return nil, errExpired
	case errors.Is(err, index.ErrCursor):
		return nil, &InputError{"cursor", "it is none that this search gave", "take it from the page before, with the same search and without offset; cursor=* begins"}
	case err != nil:
		return nil, fmt.Errorf("search: %w", err)
	}
	doc := &SearchDocument{Total: r.Total, Pages: r.Pages, Loose: r.Loose, TookMS: math.Round(float64(r.Took.Microseconds())/100) / 10,
		Expanded: []Expansion{}, Hits: []SearchHit{}}
	for _, e := range r.Expanded {
		doc.Expanded = append(doc.Expanded, Expansion(e))
	}
	if !r.Since.IsZero() {
		doc.LookedSince = &r.Since
	}
	doc.Documents, doc.Cursor, doc.back = r.Documents, r.Cursor, r.Back
	for _, g := range r.Groups {
		doc.Groups = append(doc.Groups, FoundDocument(g))
	}
	if s := r.Suggestion; s != nil {
		doc.Suggestion = &Suggestion{Query: s.Query}
		for _, w := range s.Words {
			doc.Suggestion.Words = append(doc.Suggestion.Words, Misspelling(w))
		}
	}
	for _, u := range r.Understood {
		doc.Understood = append(doc.Understood, Understanding{u.Text, u.Cite.ID, u.Cite.Name("en"), u.Cite})
	}
	for i := range r.Hits {
		doc.Hits = append(doc.Hits, searchHit(&r.Hits[i]))
	}
	doc.Facets = FacetDocument{Source: terms(r, "source"), Lang: terms(r, "lang"), Kind: terms(r, "kind"),
		Jurisdiction: terms(r, "jurisdiction"), Topic: terms(r, "topic"), Year: terms(r, "year")}
	return doc, nil
}

// checkSort is an *[InputError] about an order that is none.
func checkSort(q *index.Query) error {
	if q.Sort != "" && !slices.Contains(sorts, q.Sort) {
		return &InputError{"sort", "there is no order " + quote(q.Sort), "use relevance, newest or oldest"}
	}
	return nil
}

func (d *Documents) checkSearch(q *index.Query) error {
	if err := checkSort(q); err != nil {
		return err
	}
	if q.Limit < 0 || q.Limit > maxHits {
		return &InputError{"limit", fmt.Sprintf("%d hits cannot be shown at once", q.Limit), "ask for 1 to 1000"}
	}
	if q.Limit == 0 {
		q.Limit = defaultHits
	}
	if q.Offset < 0 || q.Offset+q.Limit > maxFound {
		return &InputError{"offset", "only the first 10000 hits can be reached", "narrow the search down"}
	}
	return nil
}

func searchHit(h *index.Hit) SearchHit {
	path := h.Path
	if path == nil {
		path = []string{}
	}
	hit := SearchHit{Source: h.Source, URL: h.URL, Lang: h.Lang, Title: h.Title, Path: path, Text: h.Text, Highlight: h.Highlight,
		FirstSeen: h.FirstSeen, Until: h.Until, Version: h.Version, Score: h.Score, Link: h.Link(), Change: h.Change}
	by := h.Came
	if h.Change == "removed" {
		by = h.Went
	}
	hit.Weight, hit.Senses = by.Weight, by.Senses
	if h.Gone != 0 {
		hit.EndedBy = fmt.Sprintf("/change/%d..%d", h.Last, h.Gone)
	}
	for i := range h.Replaced {
		hit.Replaced = append(hit.Replaced, Successor{h.Replaced[i].Text, h.Replaced[i].Link()})
	}
	return hit
}

func terms(r *index.Result, facet string) []FacetTerm {
	out := []FacetTerm{}
	for _, f := range r.Facets[facet] {
		out = append(out, FacetTerm(f))
	}
	return out
}

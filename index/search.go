package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"

	"veille/archive"
)

// The limits of a page of hits.
const (
	defaultLimit = 20
	maxLimit     = 1000
	maxOffset    = 10_000
)

// Search finds passages. For a wrong query the error is a *[QueryError]. The
// archive tells the numbers of the blocks in today's versions; if a is nil,
// hits name the version that brought the passage
// instead.
func (x *Index) Search(ctx context.Context, a *archive.Archive, q Query) (res *Result, err error) {
	defer x.damaged(&err)
	began := time.Now()
	n, qerr := parse(q.Text)
	if qerr != nil {
		return nil, qerr
	}
	res = &Result{Expanded: []Expansion{}, Hits: []Hit{}}
	rolesGiven := n.asks("role")
	if n != nil && !q.Exact {
		e := &expander{thesaurus: x.thesaurus, done: map[string]bool{}}
		n = e.expand(n)
		res.Expanded = append(res.Expanded, e.found...)
	}
	req, err := x.request(&q, n, rolesGiven)
	if err != nil {
		return nil, err
	}
	if ctx, err = x.withAverages(ctx); err != nil {
		return nil, err
	}
	found, err := x.bleve.SearchInContext(ctx, req)
	if err != nil {
		var qe *QueryError
		if errors.As(err, &qe) {
			return nil, qe
		}
		return nil, fmt.Errorf("search: %w", err)
	}
	res.Total = int(found.Total)
	res.Facets = x.facets(found.Facets)
	latest := latest{}
	for _, h := range found.Hits {
		hit, err := x.hit(n, h)
		if err == nil && a != nil {
			err = x.places.find(ctx, a, hit, &q, latest)
		}
		if err != nil {
			return nil, err
		}
		res.Hits = append(res.Hits, *hit)
	}
	res.Took = time.Since(began)
	return res, nil
}

// request makes Bleve's request for a query whose text has been parsed.
func (x *Index) request(q *Query, n *node, rolesGiven bool) (*bleve.SearchRequest, error) {
	limit := q.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	if limit < 0 || limit > maxLimit || q.Offset < 0 || q.Offset+limit > maxOffset {
		return nil, fmt.Errorf("search: limit %d, offset %d: at most %d hits at a time and %d in all; narrow the search", q.Limit, q.Offset, maxLimit, maxOffset)
	}
	var langs []string
	if len(q.Langs) > 0 {
		langs = q.Langs
	}
	body := allQuery(nil, nil)
	if n != nil {
		body = (&planner{x, langs}).body(n)
	}
	whole := query.NewBooleanQuery([]query.Query{body}, nil, nil)
	if f := x.filter(q, rolesGiven); f != nil {
		whole.AddFilter(f)
	}
	req := bleve.NewSearchRequestOptions(whole, limit, q.Offset, false)
	req.Fields = []string{fieldStored}
	switch q.Sort {
	case "", "relevance":
		req.SortBy([]string{"-_score", "-" + fieldOrder})
	case "newest":
		req.SortBy([]string{"-" + fieldOrder})
	case "oldest":
		req.SortBy([]string{fieldOrder})
	default:
		return nil, fmt.Errorf("search: there is no sort %q; use relevance, newest or oldest", q.Sort)
	}
	req.AddFacet(fieldFacet, bleve.NewFacetRequest(fieldFacet, 100_000))
	return req, nil
}

// withAverages tells Bleve's BM25 how long passages usually are. By itself it
// would guess from the number of different words, which differs with the way
// the index was built up.
func (x *Index) withAverages(ctx context.Context) (context.Context, error) {
	count, err := x.bleve.DocCount()
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	stats := &search.BM25Stats{DocCount: float64(count), FieldCardinality: map[string]int{}}
	for _, field := range []string{fieldSource, fieldLang, fieldRole, fieldPage, fieldStanding, fieldFrom, fieldUntil, "*"} {
		stats.FieldCardinality[field] = int(count)
	}
	for field, average := range averages {
		stats.FieldCardinality[field] = average * int(count)
	}
	return context.WithValue(ctx, search.BM25StatsKey, stats), nil
}

// hit tells all about a passage that was found.
func (x *Index) hit(n *node, found *search.DocumentMatch) (*Hit, error) {
	var p passage
	stored, _ := found.Fields[fieldStored].(string)
	if err := json.Unmarshal([]byte(stored), &p); err != nil {
		return nil, fmt.Errorf("passage %s: %w", found.ID, ErrDamaged)
	}
	h := &Hit{ID: found.ID, Source: p.Source, URL: p.URL, Lang: p.Lang, Title: p.Title, Path: p.Path, Text: p.Text,
		Role: p.Role, Kind: p.Kind, Page: p.Page, FirstSeen: p.Seen, Until: p.Until, Since: p.Since, Version: p.Since,
		Block: -1, Score: math.Round(found.Score*1e6) / 1e6}
	if h.Path == nil {
		h.Path = []string{}
	}
	h.Highlight = highlight(p.Text, marks(n, p.Lang, p.Text))
	if p.Seen.By.UnixMilli() == p.From {
		h.Block = p.Block
	}
	return h, nil
}

package index

import (
	"context"

	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
	"github.com/blevesearch/bleve/v2/search/searcher"
	bindex "github.com/blevesearch/bleve_index_api"
)

// Queries of our own, for three things that Bleve's do otherwise: its
// alternatives multiply the score by the share of them that matched, which
// would punish a term for having many names; its scores hold the rarity of a
// term twice in conjunctions and once alone; and its boolean query takes a part
// that can match nothing for a part that is not there, so that "zzz* AND x"
// would find every x.

// A build makes the searcher of a query over one state of the index.
type build func(ctx context.Context, r bindex.IndexReader, m mapping.IndexMapping, o search.SearcherOptions) (search.Searcher, error)

// Searcher makes a build a Bleve query.
func (b build) Searcher(ctx context.Context, r bindex.IndexReader, m mapping.IndexMapping, o search.SearcherOptions) (search.Searcher, error) {
	return b(ctx, r, m, o)
}

// termQuery finds the passages with a term in a field.
func termQuery(field, term string, boost float64) query.Query {
	return build(func(ctx context.Context, r bindex.IndexReader, _ mapping.IndexMapping, o search.SearcherOptions) (search.Searcher, error) {
		s, err := searcher.NewTermSearcher(ctx, r, term, field, 1, o)
		return scaled(s, boost, err)
	})
}

// fixedQuery finds what q finds, each with the same score.
func fixedQuery(q query.Query, score float64) query.Query {
	return build(func(ctx context.Context, r bindex.IndexReader, m mapping.IndexMapping, o search.SearcherOptions) (search.Searcher, error) {
		o.Score = "none"
		s, err := q.Searcher(ctx, r, m, o)
		if err != nil {
			return nil, err
		}
		return &leaf{Searcher: s, fixed: true, score: score}, nil
	})
}

// anyQuery finds what one of the queries finds; the scores add up.
func anyQuery(qs ...query.Query) query.Query {
	if len(qs) == 1 {
		return qs[0]
	}
	return build(func(ctx context.Context, r bindex.IndexReader, m mapping.IndexMapping, o search.SearcherOptions) (search.Searcher, error) {
		kids, err := searchersOf(ctx, qs, r, m, o)
		if err != nil {
			return nil, err
		}
		return &union{kids: kids, current: make([]*search.DocumentMatch, len(kids))}, nil
	})
}

// allQuery finds what all of the queries find, but none of not. With no query
// at all it finds everything but not.
func allQuery(qs, not []query.Query) query.Query {
	if len(qs) == 0 {
		qs = []query.Query{fixedQuery(query.NewMatchAllQuery(), 0)}
	}
	if len(qs) == 1 && len(not) == 0 {
		return qs[0]
	}
	return build(func(ctx context.Context, r bindex.IndexReader, m mapping.IndexMapping, o search.SearcherOptions) (search.Searcher, error) {
		kids, err := searchersOf(ctx, qs, r, m, o)
		if err != nil {
			return nil, err
		}
		must := kids[0]
		if len(kids) > 1 {
			if must, err = searcher.NewConjunctionSearcher(ctx, r, kids, o); err != nil {
				return nil, err
			}
		}
		if len(not) == 0 {
			return scaled(must, 1, nil)
		}
		without, err := anyQuery(not...).Searcher(ctx, r, m, o)
		if err != nil {
			must.Close()
			return nil, err
		}
		s, err := searcher.NewBooleanSearcher(ctx, r, &leaf{Searcher: must, score: 1}, nil, without, o)
		return scaled(s, 1, err)
	})
}

func searchersOf(ctx context.Context, qs []query.Query, r bindex.IndexReader, m mapping.IndexMapping, o search.SearcherOptions) ([]search.Searcher, error) {
	kids := make([]search.Searcher, 0, len(qs))
	for _, q := range qs {
		s, err := q.Searcher(ctx, r, m, o)
		if err != nil {
			for _, k := range kids {
				k.Close()
			}
			return nil, err
		}
		kids = append(kids, s)
	}
	return kids, nil
}

// scaled wraps a searcher so that its score is multiplied, and no norm that
// depends on the rest of the query gets into it.
func scaled(s search.Searcher, by float64, err error) (search.Searcher, error) {
	if err != nil {
		return nil, err
	}
	return &leaf{Searcher: s, score: by}, nil
}

// A leaf is a searcher whose score is its own affair.
type leaf struct {
	search.Searcher
	fixed bool    // score is the score, not a factor
	score float64 // factor or score
}

// SetQueryNorm is not to change scores.
func (l *leaf) SetQueryNorm(float64) {}

// Weight is what other searchers would compute a norm from.
func (l *leaf) Weight() float64 { return 1 }

// Next implements [search.Searcher].
func (l *leaf) Next(ctx *search.SearchContext) (*search.DocumentMatch, error) {
	d, err := l.Searcher.Next(ctx)
	return l.scored(d), err
}

// Advance implements [search.Searcher].
func (l *leaf) Advance(ctx *search.SearchContext, id bindex.IndexInternalID) (*search.DocumentMatch, error) {
	d, err := l.Searcher.Advance(ctx, id)
	return l.scored(d), err
}

func (l *leaf) scored(d *search.DocumentMatch) *search.DocumentMatch {
	if d == nil {
		return nil
	}
	d.FieldTermLocations = d.FieldTermLocations[:0]
	if l.fixed {
		d.Score = l.score
	} else {
		d.Score *= l.score
	}
	return d
}

// A union finds what any of its kids finds, in the order of the index.
type union struct {
	kids    []search.Searcher
	current []*search.DocumentMatch // the next match of each kid, nil at its end
	started bool
}

// Next implements [search.Searcher].
func (u *union) Next(ctx *search.SearchContext) (*search.DocumentMatch, error) {
	if !u.started {
		u.started = true
		for i, k := range u.kids {
			d, err := k.Next(ctx)
			if err != nil {
				return nil, err
			}
			u.current[i] = d
		}
	}
	first := -1
	for i, d := range u.current {
		if d != nil && (first < 0 || d.IndexInternalID.Compare(u.current[first].IndexInternalID) < 0) {
			first = i
		}
	}
	if first < 0 {
		return nil, nil
	}
	found := u.current[first]
	for i := first; i < len(u.kids); i++ {
		d := u.current[i]
		if d == nil || i != first && !d.IndexInternalID.Equals(found.IndexInternalID) {
			continue
		}
		next, err := u.kids[i].Next(ctx)
		if err != nil {
			return nil, err
		}
		u.current[i] = next
		if i != first {
			found.Score += d.Score
			ctx.DocumentMatchPool.Put(d)
		}
	}
	return found, nil
}

// Advance implements [search.Searcher].
func (u *union) Advance(ctx *search.SearchContext, id bindex.IndexInternalID) (*search.DocumentMatch, error) {
	for i, k := range u.kids {
		d := u.current[i]
		if u.started && (d == nil || d.IndexInternalID.Compare(id) >= 0) {
			continue
		}
		if d != nil {
			ctx.DocumentMatchPool.Put(d)
		}
		next, err := k.Advance(ctx, id)
		if err != nil {
			return nil, err
		}
		u.current[i] = next
	}
	u.started = true
	return u.Next(ctx)
}

// Close implements [search.Searcher].
func (u *union) Close() error {
	var first error
	for _, k := range u.kids {
		if err := k.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Weight, SetQueryNorm: see leaf.
func (u *union) Weight() float64 { return 1 }

// SetQueryNorm is not to change scores.
func (u *union) SetQueryNorm(float64) {}

// Count is at most how many it finds.
func (u *union) Count() uint64 {
	var n uint64
	for _, k := range u.kids {
		n += k.Count()
	}
	return n
}

// Min implements [search.Searcher].
func (u *union) Min() int { return 0 }

// Size implements [search.Searcher].
func (u *union) Size() int {
	n := 0
	for _, k := range u.kids {
		n += k.Size() + 16
	}
	return n
}

// DocumentMatchPoolSize implements [search.Searcher].
func (u *union) DocumentMatchPoolSize() int {
	n := len(u.kids) + 1
	for _, k := range u.kids {
		n += k.DocumentMatchPoolSize()
	}
	return n
}

package index

import (
	"context"
	"math"
	"slices"

	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
	bindex "github.com/blevesearch/bleve_index_api"
)

// phraseQuery finds the passages with terms in this order in a field. Bleve's
// own reads the positions of every passage with any of the terms; this one
// first finds the passages that have them all, and reads only theirs.
func phraseQuery(field string, terms []string, boost float64) query.Query {
	if len(terms) == 1 {
		return termQuery(field, terms[0], boost)
	}
	return build(func(ctx context.Context, r bindex.IndexReader, m mapping.IndexMapping, o search.SearcherOptions) (search.Searcher, error) {
		distinct := slices.Compact(slices.Sorted(slices.Values(terms)))
		all := make([]query.Query, len(distinct))
		for i, t := range distinct {
			q := query.NewTermQuery(t)
			q.SetField(field)
			all[i] = q
		}
		o.Score = "none"
		candidates, err := query.NewConjunctionQuery(all).Searcher(ctx, r, m, o)
		if err != nil {
			return nil, err
		}
		p := &phrase{Searcher: candidates, boost: boost, average: float64(averages[field])}
		docs, err := r.DocCount()
		for _, t := range terms {
			var f bindex.TermFieldReader
			if err == nil {
				f, err = r.TermFieldReader(ctx, []byte(t), field, true, true, true)
			}
			if err != nil {
				p.Close()
				return nil, err
			}
			p.readers = append(p.readers, f)
			with := float64(f.Count())
			p.idf += math.Log(1 + (float64(docs)-with+0.5)/(with+0.5))
		}
		p.positions, p.docs = make([][]uint64, len(terms)), make([]bindex.TermFieldDoc, len(terms))
		return p, nil
	})
}

// A phrase is the searcher of a phrase: of the candidates, which have all its
// terms, those that have them in order.
type phrase struct {
	search.Searcher // the candidates
	readers         []bindex.TermFieldReader
	positions       [][]uint64            // of each term in the candidate looked at
	docs            []bindex.TermFieldDoc // one a reader, which keeps hold of it
	idf, boost      float64
	average         float64
}

// Weight is what other searchers would compute a norm from.
func (p *phrase) Weight() float64 { return 1 }

// SetQueryNorm is not to change scores.
func (p *phrase) SetQueryNorm(float64) {}

// Next implements [search.Searcher].
func (p *phrase) Next(ctx *search.SearchContext) (*search.DocumentMatch, error) {
	d, err := p.Searcher.Next(ctx)
	return p.first(ctx, d, err)
}

// Advance implements [search.Searcher].
func (p *phrase) Advance(ctx *search.SearchContext, id bindex.IndexInternalID) (*search.DocumentMatch, error) {
	d, err := p.Searcher.Advance(ctx, id)
	return p.first(ctx, d, err)
}

// first returns the first match from candidate d on.
func (p *phrase) first(ctx *search.SearchContext, d *search.DocumentMatch, err error) (*search.DocumentMatch, error) {
	for ; d != nil && err == nil; d, err = p.Searcher.Next(ctx) {
		norm, err := p.read(d.IndexInternalID)
		if err != nil {
			return nil, err
		}
		if n := p.count(); n > 0 {
			tf, length := math.Sqrt(float64(n)), 1/(norm*norm) // as Bleve's BM25 has it
			d.Score = p.boost * p.idf * tf * search.BM25_k1 /
				(tf + search.BM25_k1*(1-search.BM25_b+search.BM25_b*length/p.average))
			return d, nil
		}
		ctx.DocumentMatchPool.Put(d)
	}
	return nil, err
}

// read reads the positions of the terms in a candidate, and its norm.
func (p *phrase) read(id bindex.IndexInternalID) (norm float64, err error) {
	for i, r := range p.readers {
		p.positions[i] = p.positions[i][:0]
		doc, err := r.Advance(id, p.docs[i].Reset())
		if err != nil {
			return 0, err
		}
		if doc == nil || !doc.ID.Equals(id) {
			continue
		}
		norm = doc.Norm
		for _, v := range doc.Vectors {
			p.positions[i] = append(p.positions[i], v.Pos)
		}
		slices.Sort(p.positions[i])
	}
	return norm, nil
}

// count returns how often the terms stand in order at the positions read.
func (p *phrase) count() int {
	n := 0
next:
	for _, at := range p.positions[0] {
		for i := 1; i < len(p.positions); i++ {
			if _, ok := slices.BinarySearch(p.positions[i], at+uint64(i)); !ok {
				continue next
			}
		}
		n++
	}
	return n
}

// Close implements [search.Searcher].
func (p *phrase) Close() error {
	err := p.Searcher.Close()
	for _, r := range p.readers {
		if cerr := r.Close(); err == nil {
			err = cerr
		}
	}
	return err
}

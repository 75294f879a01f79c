package index

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"
	"time"
)

// Ranking. A passage counts for what it says and for the page it stands in:
// BM25 over passages and, for more, BM25 over pages. Words that stand
// side by side in the query and in the passage count once more.
const (
	pageShare = 1.5
	pairShare = 0.35
)

// neverAlike is by how much scores must differ to be different: they are sums
// whose order may vary.
const neverAlike = 1e-9

// A candidate is a passage that was found.
type candidate struct {
	doc   uint32
	score float64
	at    int64 // when it came, or went if that is what is asked for
	of    side
}

// results fills in the hits and the counts.
func (e *engine) results(res *Result, h *holds, n *node) error {
	all := e.accepted(h)
	res.Total, res.Pages = len(all), h.pages()
	res.Facets = e.facets(all)
	if e.q.Grouped {
		all = e.grouped(res, all)
	} else {
		all = first(all, e.q.Offset+e.q.Limit, e.order())
		all = all[min(e.q.Offset, len(all)):]
	}
	for _, c := range all {
		id, p, err := e.stored(c.doc)
		if err != nil {
			return err
		}
		hit := hitOf(id, p, &c)
		if !e.q.Bare {
			hit.Highlight = highlight(p.Text, marks(n, p.Lang, p.Text))
			if hit.Replaced, err = e.x.replacements(p); err != nil {
				return err
			}
		}
		res.Hits = append(res.Hits, hit)
	}
	return nil
}

// accepted are the passages found in pages of which the query is true, at a
// time at which they stood, or came or went.
func (e *engine) accepted(h *holds) []candidate {
	if e.changes() {
		out := make([]candidate, 0, len(e.happened))
		for c := range e.happened {
			at := e.from[c.doc]
			if c.of == removed {
				at = e.until[c.doc]
			}
			if h.at(e.page[c.doc], stretch{at, at + 1}) {
				out = append(out, candidate{c.doc, e.scoreOf(c.doc), at, c.of})
			}
		}
		return out
	}
	out := make([]candidate, 0, len(e.touched))
	for _, d := range e.touched {
		if h.at(e.page[d], stretch{e.from[d], e.until[d]}) {
			out = append(out, candidate{d, e.scoreOf(d), e.from[d], stands})
		}
	}
	return out
}

// scoreOf is the score of a passage that was found.
func (e *engine) scoreOf(d uint32) float64 {
	score := float64(e.score[d])
	if score > 0 {
		score += pageShare * e.pageScore[e.page[d]]
	}
	return score
}

// order compares two candidates: negative if a comes first. Of equals the
// latest comes first, then the order of the page.
func (e *engine) order() func(a, b candidate) int {
	place := func(a, b candidate) int {
		return cmp.Or(cmp.Compare(e.page[a.doc], e.page[b.doc]), cmp.Compare(e.block[a.doc], e.block[b.doc]), cmp.Compare(e.until[b.doc], e.until[a.doc]), cmp.Compare(a.of, b.of), cmp.Compare(a.doc, b.doc))
	}
	newest := func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.at, a.at), place(a, b))
	}
	changed := func(c candidate) int64 { // last, as far as the search may know
		if until := e.until[c.doc]; e.q.Past && c.of == stands && until != forever {
			return until
		}
		return c.at
	}
	switch e.q.Sort {
	case "newest":
		return func(a, b candidate) int { return cmp.Or(cmp.Compare(changed(b), changed(a)), place(a, b)) }
	case "oldest":
		return func(a, b candidate) int { return cmp.Or(cmp.Compare(a.at, b.at), place(a, b)) }
	}
	return func(a, b candidate) int {
		if d := a.score - b.score; d > neverAlike || d < -neverAlike {
			return cmp.Compare(b.score, a.score)
		}
		return newest(a, b)
	}
}

// first returns the first most candidates in order.
func first(all []candidate, most int, order func(a, b candidate) int) []candidate {
	if len(all) > 2*most {
		h := &worst{list: slices.Clone(all[:most]), order: order}
		heap.Init(h)
		for _, c := range all[most:] {
			if order(c, h.list[0]) < 0 {
				h.list[0] = c
				heap.Fix(h, 0)
			}
		}
		all = h.list
	}
	slices.SortFunc(all, order)
	return all[:min(len(all), most)]
}

// A worst is a heap whose root is the candidate that comes last.
type worst struct {
	list  []candidate
	order func(a, b candidate) int
}

func (w *worst) Len() int           { return len(w.list) }
func (w *worst) Less(i, j int) bool { return w.order(w.list[i], w.list[j]) > 0 }
func (w *worst) Swap(i, j int)      { w.list[i], w.list[j] = w.list[j], w.list[i] }
func (w *worst) Push(x any)         { w.list = append(w.list, x.(candidate)) }
func (w *worst) Pop() any           { panic("a heap of fixed size") }

// facets counts the sources, languages and years found, and from the sources
// their kinds, jurisdictions and topics.
func (e *engine) facets(found []candidate) map[string][]Facet {
	kinds := make([]int, len(e.kinds))
	years := map[int]int{}
	var bounds yearBounds
	for _, c := range found {
		kinds[e.kind[c.doc]]++
		years[bounds.year(c.at)]++
	}
	counts := map[string]map[string]int{}
	for _, name := range []string{"source", "lang", "kind", "jurisdiction", "topic", "year"} {
		counts[name] = map[string]int{}
	}
	for year, n := range years {
		counts["year"][time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Format("2006")] = n
	}
	for k, n := range kinds {
		if n == 0 {
			continue
		}
		counts["source"][e.kinds[k].source] += n
		counts["lang"][e.kinds[k].lang] += n
		if s := e.x.sources.Source(e.kinds[k].source); s != nil {
			counts["kind"][s.Kind] += n
			counts["jurisdiction"][s.Jurisdiction] += n
			for _, topic := range s.Topics {
				counts["topic"][topic] += n
			}
		}
	}
	out := map[string][]Facet{}
	for name, terms := range counts {
		list := make([]Facet, 0, len(terms))
		for term, count := range terms {
			if term != "" {
				list = append(list, Facet{term, count})
			}
		}
		slices.SortFunc(list, func(a, b Facet) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Term, b.Term))
		})
		out[name] = list
	}
	return out
}

// yearBounds remembers the year that was asked for last: most passages that
// stand side by side came in the same one.
type yearBounds struct {
	from, until int64
	is          int
}

func (y *yearBounds) year(ms int64) int {
	if ms < y.from || ms >= y.until {
		y.is = time.UnixMilli(ms).UTC().Year()
		y.from = time.Date(y.is, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
		y.until = time.Date(y.is+1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	}
	return y.is
}

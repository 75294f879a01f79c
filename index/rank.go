package index

import (
	"cmp"
	"container/heap"
	"slices"
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
	res.Pages = h.pages()
	counts := e.counts()
	all := &best{most: e.q.Offset + e.q.Limit, order: e.order()}
	take, documents := all.add, e.documents()
	if e.q.Grouped {
		take = documents.add
	}
	e.accepted(h, func(c candidate) {
		res.Total++
		counts.add(c)
		take(c)
	})
	res.Facets = counts.facets()
	shown := all.first()
	shown = shown[min(e.q.Offset, len(shown)):]
	if e.q.Grouped {
		shown = documents.shown(res)
	}
	for _, c := range shown {
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

// accepted gives the passages found in pages of which the query is true, at a
// time at which they stood, or came or went.
func (e *engine) accepted(h *holds, take func(candidate)) {
	if e.changes() {
		for c := range e.happened {
			at := e.from[c.doc]
			if c.of == removed {
				at = e.until[c.doc]
			}
			if h.at(e.page[c.doc], stretch{at, at + 1}) {
				take(candidate{c.doc, e.scoreOf(c.doc), at, c.of})
			}
		}
		return
	}
	for _, d := range e.touched {
		if h.times == nil {
			if page := e.page[d]; h.bits[page/64]&(1<<(page%64)) != 0 {
				take(candidate{d, e.scoreOf(d), e.from[d], stands})
			}
		} else if h.at(e.page[d], stretch{e.from[d], e.until[d]}) {
			take(candidate{d, e.scoreOf(d), e.from[d], stands})
		}
	}
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

// best are the first candidates in order of those that are added.
type best struct {
	most  int
	order func(a, b candidate) int
	list  []candidate
	heap  bool // so many were added that list is a heap of most of them
}

func (b *best) add(c candidate) {
	if b.heap {
		b.better(c)
		return
	}
	if b.list = append(b.list, c); len(b.list) <= 2*b.most {
		return
	}
	more := slices.Clone(b.list[b.most:])
	b.list, b.heap = b.list[:b.most], true
	heap.Init((*worst)(b))
	for _, c := range more {
		b.better(c)
	}
}

// better takes a candidate in the place of the last, if it comes before that.
func (b *best) better(c candidate) {
	if b.order(c, b.list[0]) < 0 {
		b.list[0] = c
		heap.Fix((*worst)(b), 0)
	}
}

// first are these in order.
func (b *best) first() []candidate {
	slices.SortFunc(b.list, b.order)
	return b.list[:min(len(b.list), b.most)]
}

// first returns the first most candidates in order.
func first(all []candidate, most int, order func(a, b candidate) int) []candidate {
	b := &best{most: most, order: order}
	for _, c := range all {
		b.add(c)
	}
	return b.first()
}

// A worst is a heap whose root is the candidate that comes last.
type worst best

func (w *worst) Len() int           { return len(w.list) }
func (w *worst) Less(i, j int) bool { return w.order(w.list[i], w.list[j]) > 0 }
func (w *worst) Swap(i, j int)      { w.list[i], w.list[j] = w.list[j], w.list[i] }
func (w *worst) Push(x any)         { w.list = append(w.list, x.(candidate)) }
func (w *worst) Pop() any           { panic("a heap of fixed size") }

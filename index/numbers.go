package index

import "context"

// Numbers of acts, judgments and documents. A number that is typed, in whatever
// spelling, finds the document that bears it and every passage that cites it.
// The document comes first, with the first of its passages.

const (
	boostCites = 2.0
	boostSelf  = 60.0 // more than words bring, so that the document comes first
)

// citing reads the passages that cite a number.
func (e *engine) citing(n *node, pass filter) ([]term, error) {
	var out []term
	for _, k := range n.keys {
		t, err := e.term(e.ctx, fieldCites, k, boostCites, pass)
		if err != nil {
			return nil, err
		}
		if len(t.postings) > 0 {
			out = append(out, t)
		}
	}
	if len(out) > 1 {
		out = []term{joined(out, boostCites)}
	}
	return out, nil
}

// numbered decides a number: of pages that bear it it is true as long as they
// stand, of others while a passage cites it.
func (e *engine) numbered(n *node, pass filter, counts bool) (*holds, error) {
	h, err := e.leaf(n, pass, counts)
	if err != nil || n.field != "" {
		return h, err
	}
	first := map[int32]uint32{} // by page: the passage that speaks for it
	for _, k := range n.keys {
		t, err := e.term(e.ctx, fieldIs, k, 1, pass)
		if err != nil {
			return nil, err
		}
		for _, p := range t.postings {
			page := e.page[p.doc]
			h.add(page, stretch{e.from[p.doc], e.until[p.doc]})
			if was, ok := first[page]; !ok || e.leads(p.doc, was) {
				first[page] = p.doc
			}
		}
	}
	h.settle()
	if counts {
		for page, d := range first {
			e.touch(d)
			e.add(d, 1)
			e.pageScore[page] += boostSelf
		}
	}
	return h, nil
}

// bearing are the pages that bear one of some numbers themselves.
func (e *engine) bearing(keys []string, pass filter) (map[int32]bool, error) {
	pages := map[int32]bool{}
	for _, k := range keys {
		t, err := e.term(e.ctx, fieldIs, k, 1, pass)
		if err != nil {
			return nil, err
		}
		for _, p := range t.postings {
			pages[e.page[p.doc]] = true
		}
	}
	return pages, nil
}

// leads reports whether passage a rather than b speaks for the page: the one
// that stood last, of these the first in the text.
func (e *engine) leads(a, b uint32) bool {
	if e.until[a] != e.until[b] {
		return e.until[a] > e.until[b]
	}
	return e.block[a] < e.block[b]
}

// The bounds of what a query may have the index read.
const (
	maxExpanded = 4096       // words that its prefixes and similar words stand for
	maxPostings = 10_000_000 // places of words in passages
)

// expanded counts the words that a prefix or a similar word stands for.
func (e *engine) expanded(words, pos int) error {
	if e.words += words; e.words > maxExpanded {
		return wrong(pos, "words-many", maxExpanded)
	}
	return nil
}

// term reads the passages that have a word, as far as the bounds allow.
func (e *engine) term(ctx context.Context, field, word string, boost float64, pass func(doc uint32) bool) (term, error) {
	return e.postings(ctx, field, word, boost, pass, e.readPostings)
}

// phrase reads the passages that have words side by side, as far as the bounds
// allow.
func (e *engine) phrase(ctx context.Context, field string, words []string, boost float64, pass func(doc uint32) bool) (term, error) {
	if len(words) == 1 {
		return e.term(ctx, field, words[0], boost, pass)
	}
	return e.together(ctx, field, words, boost, pass, nil, e.readPostings)
}

// readPostings counts the places that a query has the index read.
func (e *engine) readPostings(n int) error {
	if e.read += n; e.read > maxPostings {
		return wrong(0, "broad")
	}
	return nil
}

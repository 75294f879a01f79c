package index

import (
	"cmp"
	"maps"
	"slices"
)

// What was put in, and what was taken out.
//
// Words were added to a page by a change if the wording after it has them more
// often than the one before, and removed if less often: so words that only
// moved, that now stand in two paragraphs instead of one, or whose paragraph
// was otherwise reworded, are neither. Of the passages that went with the words
// those are shown whose words are not found again: first each is paired with
// the passage that took its place, then with the nearest that came.
//
// Only changes of the publisher count: not the first look at a page that was
// there before we came, unless it was found new on a listing, and not what we
// read in another way.

// A happening is a passage's coming or going in answer to a query.
type happening struct {
	doc uint32
	of  side
}

// A turn is a change of a page: what came and went with it that has the words.
type turn struct{ came, went []uint32 }

// moment is when a page turned.
type moment struct {
	page int32
	at   int64
}

// changed decides words that must have been put in or taken out.
func (e *engine) changed(n *node, pass filter, counts bool) (*holds, error) {
	of := n.side()
	amount, terms, err := e.amounts(n)
	if err != nil {
		return nil, err
	}
	turns := map[moment]*turn{}
	at := func(d uint32, t int64) *turn {
		m := moment{e.page[d], t}
		of := turns[m]
		if of == nil {
			of = &turn{}
			turns[m] = of
		}
		return of
	}
	for d := range amount {
		came := at(d, e.from[d])
		came.came = append(came.came, d)
		if e.until[d] != forever {
			went := at(d, e.until[d])
			went.went = append(went.went, d)
		}
	}
	h := newHolds(e.pages, true)
	shown := map[uint32]bool{}
	for m, t := range turns {
		for _, d := range e.surplus(t, of, amount) {
			if e.news(d, of) && pass(d) && e.inPeriod(m.at) {
				h.add(m.page, stretch{m.at, m.at + 1})
				shown[d] = true
			}
		}
	}
	h.settle()
	if counts {
		for i := range terms {
			terms[i].postings = slices.DeleteFunc(terms[i].postings, func(p posting) bool { return !shown[p.doc] })
			e.count(&terms[i], false)
		}
		for d := range shown {
			e.happened[happening{d, of}] = true
		}
	}
	return h, nil
}

// news reports whether a passage came or went by a change of the publisher.
func (e *engine) news(d uint32, of side) bool {
	if of == removed {
		return e.until[d] != forever && e.events[e.went[d]].News
	}
	return e.events[e.came[d]].News
}

// surplus are the passages of one side of a turn whose words the other side
// does not have.
func (e *engine) surplus(t *turn, of side, amount map[uint32]float32) []uint32 {
	have, against := t.came, t.went
	if of == removed {
		have, against = t.went, t.came
	}
	left, over := map[uint32]float32{}, float32(0)
	for _, d := range have {
		left[d] = amount[d]
		over += amount[d]
	}
	for _, d := range against {
		over -= amount[d]
	}
	if over <= 0 || len(against) == 0 {
		if over <= 0 {
			return nil
		}
		return have
	}
	inOrder := func(a, b uint32) int { return cmp.Or(cmp.Compare(e.block[a], e.block[b]), cmp.Compare(a, b)) }
	slices.SortFunc(have, inOrder)
	slices.SortFunc(against, inOrder)
	spare := map[uint32]float32{}
	for _, d := range against {
		spare[d] = amount[d]
	}
	pair := func(a, b uint32) {
		both := min(left[a], spare[b])
		left[a] -= both
		spare[b] -= both
	}
	for _, p := range e.successive(have, against, of) {
		pair(p[0], p[1])
	}
	near := newNearby(e.block, have)
	for _, b := range against {
		for spare[b] > 0 {
			a, ok := near.to(e.block[b], left)
			if !ok {
				break
			}
			pair(a, b)
		}
	}
	return slices.DeleteFunc(slices.Clone(have), func(d uint32) bool { return left[d] <= 0 })
}

// successive are the pairs of passages one of which took the other's place, in
// the order of the first.
func (e *engine) successive(have, against []uint32, of side) (pairs [][2]uint32) {
	stands, follows := e.block, e.next // what one must have, and the other say
	if of == removed {
		stands, follows = e.next, e.block
	}
	by := map[int32][]uint32{}
	for _, b := range against {
		by[follows[b]] = append(by[follows[b]], b)
	}
	for _, a := range have {
		for _, b := range by[stands[a]] {
			pairs = append(pairs, [2]uint32{a, b})
		}
	}
	return pairs
}

// amounts says how often each passage has the words of a node.
func (e *engine) amounts(n *node) (map[uint32]float32, []term, error) {
	if len(n.kids) == 0 {
		terms, err := e.terms(n, func(uint32) bool { return true })
		out := map[uint32]float32{}
		for _, t := range terms {
			for _, p := range t.postings { // a form and its stem are found at the same place
				out[p.doc] = max(out[p.doc], p.freq)
			}
		}
		return out, terms, err
	}
	var all map[uint32]float32
	var terms []term
	for _, k := range n.kids {
		amount, more, err := e.amounts(k)
		if err != nil {
			return nil, nil, err
		}
		terms = append(terms, more...)
		switch {
		case all == nil:
			all = amount
		case n.op == opAnd:
			maps.DeleteFunc(all, func(d uint32, _ float32) bool { return amount[d] == 0 })
			for d := range all {
				all[d] = min(all[d], amount[d])
			}
		default:
			for d, f := range amount {
				all[d] += f
			}
		}
	}
	return all, terms, nil
}

// everyChange finds all that was put in or taken out, whatever its words.
func (e *engine) everyChange(pass filter, of side) *holds {
	h := newHolds(e.pages, true)
	for n, page := range e.page {
		d := uint32(n)
		at := e.from[d]
		if of == removed {
			at = e.until[d]
		}
		if page != 0 && e.news(d, of) && e.inPeriod(at) && pass(d) {
			h.add(page, stretch{at, at + 1})
			e.happened[happening{d, of}] = true
		}
	}
	h.settle()
	return h
}

// inPeriod reports whether a change happened in the period that is asked for.
func (e *engine) inPeriod(at int64) bool {
	q := e.q
	return (q.From.IsZero() || at >= q.From.UnixMilli()) && (q.Until.IsZero() || at < q.Until.UnixMilli()) &&
		(q.AsOf.IsZero() || at <= q.AsOf.UnixMilli())
}

// side is what a node asks of its words.
func (n *node) side() side {
	for _, k := range n.kids {
		if s := k.side(); s != stands {
			return s
		}
	}
	return n.change
}

package diff

import (
	"slices"
	"strings"

	"veille/archive"
)

// How a passage is found that was joined with another, or split, and reworded in
// the same step. Of its parts one at most was paired with it by similarity; the
// others are left over, beside that one.

const (
	regrouped = 0.6 // share of a neighbour's words that must be on the other side, as weighed
	inARow    = 2   // only words of which so many follow one another count
	leastWord = 3.0 // and what they weigh
)

// regroup makes splits and joins of those of the reworded pairs from one on whose
// neighbours are on the other side of them.
func (p *pairer) regroup(first int) {
	if p.weights == nil {
		return // nothing was left for similarity
	}
	for k := first; k < len(p.links); k++ {
		l := &p.links[k]
		if l.op != Substitute || p.a[l.i].bare || p.b[l.j].bare {
			continue
		}
		if lo, n := p.beside(p.a, p.toB, l.i, &p.b[l.j]); n > 1 {
			l.op, l.i, l.n, l.reworded = Join, lo, n, true
			for i := lo; i < lo+n; i++ {
				p.toB[i] = l.j
			}
			p.toA[l.j] = lo
			continue
		}
		if lo, n := p.beside(p.b, p.toA, l.j, &p.a[l.i]); n > 1 {
			l.op, l.j, l.m, l.reworded = Split, lo, n, true
			for j := lo; j < lo+n; j++ {
				p.toA[j] = l.i
			}
			p.toB[l.i] = lo
		}
	}
}

// beside finds the run of blocks around one that went together into a block of
// the other side: where it begins, and how many they are.
func (p *pairer) beside(blocks []blockInfo, partner []int, at int, whole *blockInfo) (lo, n int) {
	lo, n = at, 1
	for n < splitParts {
		switch {
		case lo > 0 && p.belongs(blocks, partner, lo-1, lo, lo+n, whole):
			lo, n = lo-1, n+1
		case lo+n < len(blocks) && p.belongs(blocks, partner, lo+n, lo, lo+n, whole):
			n++
		default:
			return lo, n
		}
	}
	return lo, n
}

// belongs reports whether a block next to blocks lo to hi went with them into
// the block of the other side: most of its words stand there, in order, before or
// after theirs, and are not theirs.
func (p *pairer) belongs(blocks []blockInfo, partner []int, at, lo, hi int, whole *blockInfo) bool {
	x := &blocks[at]
	if partner[at] >= 0 || x.bare || x.Role != whole.Role || x.Kind == archive.Heading || x.words < moveWords {
		return false
	}
	if p.contained(p.bagOf(x), p.bagOf(whole)) < regrouped {
		return false
	}
	var others []token
	for k := lo; k < hi; k++ {
		others = append(others, p.texts.tokens(blocks[k].Text)...)
	}
	own, all := p.texts.tokens(x.Text), p.texts.tokens(whole.Text)
	parts, from := slices.Concat(others, own), len(others)
	if at < lo {
		parts, from = slices.Concat(own, others), 0
	}
	w := compareTokens(parts, all)
	total, kept := 0.0, 0.0
	for k := from; k < from+len(own); k++ {
		if w.a[k].kind == mark {
			continue
		}
		weight := p.weightOf(&w.a[k])
		if total += weight; inRow(w.toB, k, from, from+len(own)) {
			kept += weight
		}
	}
	if kept < leastWord || kept < regrouped*total {
		return false
	}
	return p.weightOfBoth(w)-p.weightOfBoth(compareTokens(others, all)) >= regrouped*total
}

// weightOfBoth is what the words weigh that two texts have in common.
func (p *pairer) weightOfBoth(w *wording) (sum float64) {
	for k := range w.a {
		if w.toB[k] >= 0 && w.a[k].kind != mark {
			sum += p.weightOf(&w.a[k])
		}
	}
	return sum
}

// weightOf is what a word of a block that was compared counts.
func (p *pairer) weightOf(t *token) float64 { return p.weights[p.tokens.id(strings.ToLower(t.key))] }

// inRow reports whether a token corresponds to one of the other side, as do its
// neighbours between from and to: inARow of them at least, one after another.
func inRow(toB []int, k, from, to int) bool {
	if toB[k] < 0 {
		return false
	}
	lo, hi := k, k+1
	for lo > from && hi-lo < inARow && toB[lo-1] >= 0 && toB[lo-1] == toB[lo]-1 {
		lo--
	}
	for hi < to && hi-lo < inARow && toB[hi] >= 0 && toB[hi] == toB[hi-1]+1 {
		hi++
	}
	return hi-lo >= inARow
}

// contained is the share of a bag of tokens that another holds as well, short
// words counting less.
func (p *pairer) contained(x, in []int32) float64 {
	shared, total := p.shared(x, in)
	if total == 0 {
		return 0
	}
	return shared / total
}

package diff

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

const (
	splitStarts  = 16 // so many beginnings are tried
	anywhere     = -1
	splitParts   = 8    // at most so many blocks are taken for one
	gapPairs     = 4096 // up to so many pairs of a gap are all compared
	window       = 6    // in a larger gap, neighbours compared on each side
	rareBlocks   = 32   // a token in more blocks than this says nothing about a pair
	candidates   = 6    // partners elsewhere that are compared in full
	likeNear     = 0.35 // similarity needed within a gap
	likeOnly     = 0.20 // if the two are alone in it and of one kind
	likeFar      = 0.60 // similarity needed elsewhere
	likeFarWords = 8    // and tokens
)

// bagOf returns the tokens of a block as integers, punctuation and case left out.
func (p *pairer) bagOf(x *blockInfo) []int32 {
	if x.bag == 0 {
		toks := p.texts.tokens(x.Text)
		bag := make([]int32, 0, len(toks))
		for _, t := range toks {
			if t.kind != mark {
				bag = append(bag, p.tokens.id(strings.ToLower(t.key)))
			}
		}
		p.bags = append(p.bags, bag)
		x.bag = int32(len(p.bags))
	}
	return p.bags[x.bag-1]
}

// splits is step 4: a block of one side whose words are exactly those of
// several consecutive blocks of the other side, in the same gap or, failing
// that, elsewhere.
func (p *pairer) splits(one, many []blockInfo, toMany, toOne []int, op Op) {
	gapOne, gapMany := p.gapA, p.gapB
	if op == Join {
		gapOne, gapMany = p.gapB, p.gapA
	}
	wanted := map[[2]int32]bool{} // first two tokens of what may have been split
	for i := range one {
		if toMany[i] < 0 {
			if bag := p.bagOf(&one[i]); len(bag) >= moveWords {
				wanted[[2]int32{bag[0], bag[1]}] = true
			}
		}
	}
	if len(wanted) == 0 {
		return
	}
	starts := map[[3]int32][]int{} // by the gap and first two tokens
	for j := range many {
		if toOne[j] < 0 {
			if bag := p.bagOf(&many[j]); len(bag) > 1 && wanted[[2]int32{bag[0], bag[1]}] {
				k := [3]int32{int32(gapMany[j]), bag[0], bag[1]}
				starts[k] = append(starts[k], j)
				if k[0] = anywhere; len(starts[k]) < splitStarts {
					starts[k] = append(starts[k], j)
				}
			}
		}
	}
	for i := range one {
		if toMany[i] >= 0 {
			continue
		}
		bag := p.bagOf(&one[i])
		if len(bag) < moveWords {
			continue
		}
		near, far := starts[[3]int32{int32(gapOne[i]), bag[0], bag[1]}], starts[[3]int32{anywhere, bag[0], bag[1]}]
		for _, j := range slices.Concat(near[:min(len(near), splitStarts)], far) {
			if parts := p.parts(bag, many, toOne, j); parts != nil && many[j].Role == one[i].Role {
				p.group(i, parts, op)
				break
			}
		}
	}
}

// parts returns the free consecutive blocks from j on whose tokens together
// are the bag, nil if there are none.
func (p *pairer) parts(bag []int32, many []blockInfo, toOne []int, j int) []int {
	var parts []int
	role := many[j].Role
	for n := 0; j < len(many) && len(parts) < splitParts && toOne[j] < 0; j++ {
		piece := p.bagOf(&many[j])
		if many[j].Role != role || n+len(piece) > len(bag) || !slices.Equal(bag[n:n+len(piece)], piece) {
			return nil
		}
		parts = append(parts, j)
		if n += len(piece); n == len(bag) && len(parts) > 1 {
			return parts
		}
	}
	return nil
}

// group records a split or a join.
func (p *pairer) group(one int, parts []int, op Op) {
	if op == Split {
		p.toB[one] = parts[0]
		for _, j := range parts {
			p.toA[j] = one
		}
		p.links = append(p.links, link{op: Split, i: one, n: 1, j: parts[0], m: len(parts)})
		return
	}
	p.toA[one] = parts[0]
	for _, i := range parts {
		p.toB[i] = one
	}
	p.links = append(p.links, link{op: Join, i: parts[0], n: len(parts), j: one, m: 1})
}

// A candidate is a pair of blocks that may be one block reworded.
type candidate struct {
	i, j  int
	score float64
}

// similar is step 5: pairs of similar blocks, the most similar first.
func (p *pairer) similar() {
	var freeA, freeB []int
	for i := range p.a {
		if p.toB[i] < 0 {
			freeA = append(freeA, i)
			p.bagOf(&p.a[i])
		}
	}
	for j := range p.b {
		if p.toA[j] < 0 {
			freeB = append(freeB, j)
			p.bagOf(&p.b[j])
		}
	}
	if len(freeA) == 0 || len(freeB) == 0 {
		return
	}
	p.weigh()
	cs := p.near(freeA, freeB)
	cs = append(cs, p.far(freeA, freeB)...)
	p.best(cs)
}

// best pairs candidates, the most similar first.
func (p *pairer) best(cs []candidate) {
	slices.SortFunc(cs, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), a.i-b.i, a.j-b.j)
	})
	for _, c := range cs {
		if p.toB[c.i] < 0 && p.toA[c.j] < 0 {
			p.pair(c.i, c.j, Substitute)
		}
	}
}

// within pairs what is left under numbers that correspond, by similarity.
func (p *pairer) within() {
	if p.weights == nil {
		return // nothing was left for similarity
	}
	freeB := map[int][]int{} // by the number it stands under
	for j := range p.b {
		if o := p.ownerB[j]; o >= 0 && p.toA[j] < 0 && !p.b[j].bare && p.toA[o] >= 0 {
			freeB[o] = append(freeB[o], j)
		}
	}
	var cs []candidate
	tried := map[int]int{} // pairs compared, by number
	for i := range p.a {
		o := p.ownerA[i]
		if o < 0 || p.toB[i] >= 0 || p.a[i].bare || p.toB[o] < 0 {
			continue
		}
		for _, j := range freeB[p.toB[o]] {
			if tried[o]++; tried[o] > gapPairs {
				break
			}
			if s, ok := p.likeness(i, j, len(freeB[p.toB[o]]) == 1); ok {
				cs = append(cs, candidate{i, j, s})
			}
		}
	}
	p.best(cs)
}

// near compares the free blocks of each gap with one another: all of them in
// a small gap, neighbours in a large one.
func (p *pairer) near(freeA, freeB []int) []candidate {
	var out []candidate
	for len(freeA) > 0 && len(freeB) > 0 {
		ga, gb := p.gapA[freeA[0]], p.gapB[freeB[0]]
		na := run(freeA, p.gapA)
		nb := run(freeB, p.gapB)
		if ga < gb {
			freeA = freeA[na:]
			continue
		}
		if gb < ga {
			freeB = freeB[nb:]
			continue
		}
		for x, i := range freeA[:na] {
			lo, hi := 0, nb
			if na*nb > gapPairs {
				mid := int(float64(x) / float64(na) * float64(nb))
				lo, hi = max(0, mid-window), min(nb, mid+window+1)
			}
			for y := lo; y < hi; y++ {
				distance := math.Abs(float64(x)/float64(na) - float64(y)/float64(nb))
				if s, ok := p.likeness(i, freeB[y], na == 1 && nb == 1); ok {
					out = append(out, candidate{i, freeB[y], s + 0.15 - 0.1*distance})
				}
			}
		}
		freeA, freeB = freeA[na:], freeB[nb:]
	}
	return out
}

// run is how many of the free blocks lie in the same gap as the first.
func run(free []int, gap []int) int {
	n := 1
	for n < len(free) && gap[free[n]] == gap[free[0]] {
		n++
	}
	return n
}

// likeness rates two blocks of one gap.
func (p *pairer) likeness(i, j int, alone bool) (float64, bool) {
	x, y := &p.a[i], &p.b[j]
	if x.Role != y.Role {
		return 0, false
	}
	if x.bare || y.bare {
		return 0, false
	}
	s := p.overlap(p.bagOf(x), p.bagOf(y))
	least := likeNear
	if alone && x.Kind == y.Kind {
		least = likeOnly
		if n := leading.FindString(x.Text); n != "" && n == leading.FindString(y.Text) {
			s = max(s, likeOnly) // "§ 12a (repealed)" and what § 12a says now
		}
	}
	if s < least {
		return 0, false
	}
	if slices.Equal(x.Path, y.Path) {
		s += 0.05
	}
	if x.Kind == y.Kind && x.Marker == y.Marker {
		s += 0.05
	}
	return s, true
}

// far compares each free block with those elsewhere that share its rare
// tokens.
func (p *pairer) far(freeA, freeB []int) []candidate {
	where := map[int32][]int{} // token: blocks of b
	for _, j := range freeB {
		bag := slices.Clone(p.bagOf(&p.b[j]))
		if len(bag) < likeFarWords {
			continue
		}
		slices.Sort(bag)
		for _, t := range slices.Compact(bag) {
			if len(where[t]) <= rareBlocks {
				where[t] = append(where[t], j)
			}
		}
	}
	var out []candidate
	p.met = make([]int, len(p.b))
	for _, i := range freeA {
		for _, j := range p.sharing(i, where) {
			x, y := &p.a[i], &p.b[j]
			if s := p.overlap(p.bagOf(x), p.bagOf(y)); s >= likeFar && x.Role == y.Role && p.gapA[i] != p.gapB[j] {
				out = append(out, candidate{i, j, s})
			}
		}
	}
	return out
}

// sharing returns the blocks that share most with a[i], a token counting the
// more the fewer blocks have it.
func (p *pairer) sharing(i int, where map[int32][]int) []int {
	if len(p.bagOf(&p.a[i])) < likeFarWords {
		return nil
	}
	var met []int
	for _, t := range p.bagOf(&p.a[i]) {
		if js := where[t]; len(js) > 0 && len(js) <= rareBlocks {
			for _, j := range js {
				if p.met[j] == 0 {
					met = append(met, j)
				}
				p.met[j] += 1000 / len(js)
			}
		}
	}
	var most []int // few: each finds its place among them
	for _, j := range met {
		k := len(most)
		for k > 0 && cmp.Or(p.met[j]-p.met[most[k-1]], most[k-1]-j) > 0 {
			k--
		}
		if k < candidates {
			most = slices.Insert(most, k, j)[:min(len(most)+1, candidates)]
		}
	}
	for _, j := range met {
		p.met[j] = 0
	}
	return most
}

// overlap is how much two bags of tokens have in common, from 0 to 1: twice
// what they share over what they have (Dice), short words counting less.
func (p *pairer) overlap(x, y []int32) float64 {
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	shared, total := p.shared(y, x)
	for _, t := range x {
		total += p.weights[t]
	}
	return 2 * shared / total
}

// shared is what the tokens of a bag weigh that another has as well, and what all
// of them do.
func (p *pairer) shared(x, in []int32) (shared, total float64) {
	for _, t := range in {
		p.count[t]++
	}
	for _, t := range x {
		total += p.weights[t]
		if p.count[t] > 0 {
			p.count[t]--
			shared += p.weights[t]
		}
	}
	for _, t := range in {
		p.count[t] = 0
	}
	return shared, total
}

// weigh says what each token counts: short words 0.3, figures 0.5, others 1.
func (p *pairer) weigh() {
	p.weights, p.count = make([]float64, p.tokens.size()), make([]int32, p.tokens.size())
	for s, id := range p.tokens.ids {
		switch {
		case hasDigit(s):
			p.weights[id] = 0.5
		case len(s) <= 3:
			p.weights[id] = 0.3
		default:
			p.weights[id] = 1
		}
	}
}

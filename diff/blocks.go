package diff

import (
	"regexp"

	"veille/archive"
)

// How blocks are aligned. Blocks have the same text when their [blockKey] is
// the same; kind, level and marker may differ (that is a reformat or a
// renumber), and the path does not count: when a heading is reworded, what
// stands under it has not changed.
//
//  1. Blocks of some length are aligned in order; then, between those, all
//     blocks. Bare numbers such as "Art. 9" do not take part in the first
//     round, so that they follow their text when everything is renumbered.
//  2. Equal texts left over have moved.
//  3. Texts left over that are equal but for the number in front were renumbered.
//  4. Texts left over that are together one text were split or joined.
//  5. The rest is paired by similarity (pair.go); what finds no partner was
//     inserted or deleted.
//     A neighbour left over most of whose words are on the other side of such a pair,
//     beside those of its block, was split from it or joined with it (regroup.go).
//  6. A bare number follows the text under it: "Art. 9" became "Art. 11" if
//     that is where its words went, whatever else bears the number 9 now. What
//     is left under two numbers that correspond is paired by similarity.
//  7. Of all pairs together, the longest run that keeps its order has stayed in
//     place; equal texts that are not in it have moved.
//
// The alignment is computed in one direction only, chosen by the contents, so
// that what moved from old to new is what moves back from new to old.

// moveWords is how many words a block needs in order to be seen as moved:
// below that, the same words elsewhere are chance. A shorter block moves with
// its neighbour.
const moveWords = 4

// A blockInfo is a block prepared for alignment.
type blockInfo struct {
	*archive.Block
	id    int32 // of text and role: equal ids are the same block
	text  int32 // of the text alone
	raw   int32 // of the text to the letter
	bag   int32 // of its tokens among the bags, from 1 on, once needed
	words int8  // how many words there are, up to moveWords
	bare  bool  // nothing but a number: "Art. 9", "§ 2", "3."
}

// A link says how blocks of both versions correspond: n blocks from i on, of
// which there are more than one in a join only, and m from j on, in a split only.
type link struct {
	op         Op // "" for blocks in place with the same text; Move, Substitute, Split, Join
	i, n, j, m int
	away       bool // reworded, split or joined, and moved as well
	same       bool // one block on each side, with the same text to the letter
	reworded   bool // split or joined, and other words put in or left out
}

// leading is the number in front of a provision.
var leading = regexp.MustCompile(`^(?:(?i:arts?\.|articles?|artikel[ns]?|§§?|sections?|chapter|chapitre|hoofdstuk|kapitel|title|titre|titel|part|partie|deel|teil|annex|annexe|bijlage|anlage|anhang|point|punt|nummer|nr\.)\s*(?:[LRDA]\.?\s?\*?)?(?:\d+|[IVXLC]+\b|1er\b)[\w/.:°-]*|[LRD]\.?\s?\*?\d{3}-\d[\d-]*|\d+(?:[./]\d+)*(?:bis|ter|quater)?[.)°:]+|[a-zA-Z]\)|[a-z]\.|\(\w{1,4}\))[\s.:–—-]*`)

// alignBlocks returns the links between two versions; a block without a link
// was inserted or deleted.
func alignBlocks(old, new []archive.Block) []link { return alignTexts(old, new, nil) }

// alignTexts is alignBlocks with texts that may have been cut before.
func alignTexts(old, new []archive.Block, texts lexer) []link {
	swapped := after(old, new)
	if swapped {
		old, new = new, old
	}
	var pr preparer
	p := &pairer{texts: texts}
	p.a, p.b = pr.prepare(old, new)
	p.size = pr.size()
	p.align()
	if swapped {
		for k := range p.links {
			l := &p.links[k]
			l.i, l.n, l.j, l.m = l.j, l.m, l.i, l.n
			switch l.op {
			case Split:
				l.op = Join
			case Join:
				l.op = Split
			}
		}
	}
	return p.links
}

// after gives any two different versions an order that depends on their
// contents only.
func after(a, b []archive.Block) bool {
	for i := 0; i < min(len(a), len(b)); i++ {
		if a[i].Text != b[i].Text {
			return a[i].Text > b[i].Text
		}
	}
	return len(a) > len(b)
}

// A pairer aligns two lists of blocks.
type pairer struct {
	a, b       []blockInfo
	size       int
	toB, toA   []int // the partner of each block, or -1
	ownerA     []int // the bare number that each block stands under, or -1
	ownerB     []int
	gapA, gapB []int // after step 1: the stretch between aligned blocks in which a block lies
	links      []link
	texts      lexer
	tokens     interner
	bags       [][]int32

	weights []float64 // by token: see weigh
	count   []int32   // by token: scratch space of overlap
	met     []int     // by block of b: scratch space of sharing
}

// align runs the steps.
func (p *pairer) align() {
	p.toB, p.toA = unpaired(len(p.a)), unpaired(len(p.b))
	p.ownerA, p.ownerB = owners(p.a), owners(p.b)
	p.links = make([]link, 0, min(len(p.a), len(p.b)))
	p.inOrder()
	p.number()
	p.moves(func(x *blockInfo) int32 { return x.id })
	p.moves(func(x *blockInfo) int32 { return x.text })
	p.renumbered()
	p.splits(p.a, p.b, p.toB, p.toA, Split)
	p.splits(p.b, p.a, p.toA, p.toB, Join)
	alike := len(p.links)
	p.similar()
	p.regroup(alike)
	p.follow()
	p.within()
	p.few()
	p.relocate()
}

func unpaired(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = -1
	}
	return s
}

// pair records that a[i] corresponds to b[j].
func (p *pairer) pair(i, j int, op Op) {
	p.toB[i], p.toA[j] = j, i
	p.links = append(p.links, link{op: op, i: i, n: 1, j: j, m: 1, same: p.a[i].raw == p.b[j].raw})
}

// inOrder is step 1: blocks with equal text that stand in the same order.
func (p *pairer) inOrder() {
	strong := func(x *blockInfo) bool { return x.words >= moveWords && !x.bare }
	ka, ia := ids(p.a, strong)
	kb, ib := ids(p.b, strong)
	i, j := 0, 0
	for _, m := range matchSequences(ka, kb, p.size) {
		for k := 0; k < m.n; k++ {
			x, y := ia[m.a+k], ib[m.b+k]
			if u, v := x-1, y-1; u >= i && v >= j && p.a[u].bare && p.b[v].bare && p.a[u].Role == p.b[v].Role {
				p.fill(i, u, j, v)
				p.pairNumbers(u, v)
			} else {
				p.fill(i, x, j, y)
			}
			p.pair(x, y, "")
			i, j = x+1, y+1
		}
	}
	p.fill(i, len(p.a), j, len(p.b))
}

// fill aligns all blocks between two aligned ones, except bare numbers. Only
// areas that have something on both sides cost anything.
func (p *pairer) fill(alo, ahi, blo, bhi int) {
	for alo < ahi && blo < bhi && p.placeA(alo) == p.placeB(blo) && !p.a[alo].bare {
		p.pair(alo, blo, "")
		alo, blo = alo+1, blo+1
	}
	for alo < ahi && blo < bhi && p.placeA(ahi-1) == p.placeB(bhi-1) && !p.a[ahi-1].bare {
		ahi, bhi = ahi-1, bhi-1
		p.pair(ahi, bhi, "")
	}
	if alo == ahi || blo == bhi {
		return
	}
	var in denser
	ka, ia := in.dense(p.a, alo, ahi, p.placeA)
	kb, ib := in.dense(p.b, blo, bhi, p.placeB)
	for _, m := range matchSequences(ka, kb, len(ka)+len(kb)) {
		for k := 0; k < m.n; k++ {
			p.pair(ia[m.a+k], ib[m.b+k], "")
		}
	}
}

// A place is what two blocks must have in common to be aligned by fill: the
// text, and, where it is a few words that may stand anywhere ("repealed"), the
// number of the article as well.
type place struct{ id, under int32 }

func (p *pairer) placeA(i int) place { return placeOf(p.a, p.ownerA, i) }
func (p *pairer) placeB(j int) place { return placeOf(p.b, p.ownerB, j) }

func placeOf(blocks []blockInfo, owner []int, i int) place {
	x := place{blocks[i].id, -1}
	if o := owner[i]; o >= 0 && o != i && blocks[i].words < moveWords {
		x.under = blocks[o].id
	}
	return x
}

// A denser numbers places from 0 on.
type denser struct{ ids map[place]int32 }

// dense lists the numbers and indexes of the blocks of a stretch that are no
// bare numbers.
func (t *denser) dense(blocks []blockInfo, lo, hi int, of func(int) place) (keys []int32, index []int) {
	if t.ids == nil {
		t.ids = make(map[place]int32)
	}
	for i := lo; i < hi; i++ {
		if blocks[i].bare {
			continue
		}
		x := of(i)
		n, ok := t.ids[x]
		if !ok {
			n = int32(len(t.ids))
			t.ids[x] = n
		}
		keys, index = append(keys, n), append(index, i)
	}
	return keys, index
}

// ids lists the ids and indexes of the blocks that pass.
func ids(blocks []blockInfo, pass func(*blockInfo) bool) (keys []int32, index []int) {
	keys, index = make([]int32, 0, len(blocks)), make([]int, 0, len(blocks))
	for i := range blocks {
		if pass(&blocks[i]) {
			keys = append(keys, blocks[i].id)
			index = append(index, i)
		}
	}
	return keys, index
}

// number numbers the gaps between aligned blocks; a gap has the same number
// on both sides.
func (p *pairer) number() {
	p.gapA, p.gapB = make([]int, len(p.a)), make([]int, len(p.b))
	gap, j := 0, 0
	for i := range p.a {
		if k := p.toB[i]; k >= 0 {
			for ; j < k; j++ {
				p.gapB[j] = gap
			}
			j++
			gap++
		}
		p.gapA[i] = gap
	}
	for ; j < len(p.b); j++ {
		p.gapB[j] = gap
	}
}

// moves is step 2: equal texts left over, in order of occurrence, and short
// neighbours that went along.
func (p *pairer) moves(key func(*blockInfo) int32) {
	waiting := map[int32][]int{}
	for j := range p.b {
		if p.toA[j] < 0 && p.b[j].words >= moveWords && !p.b[j].bare {
			waiting[key(&p.b[j])] = append(waiting[key(&p.b[j])], j)
		}
	}
	for i := range p.a {
		if js := waiting[key(&p.a[i])]; p.toB[i] < 0 && len(js) > 0 {
			waiting[key(&p.a[i])] = js[1:]
			p.pair(i, js[0], Move)
			p.along(i, js[0], -1)
			p.along(i, js[0], +1)
		}
	}
}

// along moves the short neighbours of a moved block with it.
func (p *pairer) along(i, j, step int) {
	for {
		i, j = i+step, j+step
		if i < 0 || j < 0 || i >= len(p.a) || j >= len(p.b) || p.toB[i] >= 0 || p.toA[j] >= 0 || p.a[i].id != p.b[j].id || p.a[i].words >= moveWords {
			return
		}
		p.pair(i, j, Move)
	}
}

// renumbered is step 3: texts that are equal but for the number in front.
func (p *pairer) renumbered() {
	bodies := map[string][]int{}
	for j := range p.b {
		if x := &p.b[j]; p.toA[j] < 0 && x.words >= moveWords && !x.bare {
			if body := bodyOf(x.Text); body != "" {
				bodies[body] = append(bodies[body], j)
			}
		}
	}
	for i := range p.a {
		x := &p.a[i]
		if p.toB[i] >= 0 || x.words < moveWords || x.bare {
			continue
		}
		body := bodyOf(x.Text)
		if js := bodies[body]; body != "" && len(js) > 0 && p.b[js[0]].Role == x.Role {
			bodies[body] = js[1:]
			p.pair(i, js[0], Substitute)
		}
	}
}

// bodyOf is what a text says without the number in front, "" if it has none.
func bodyOf(text string) string {
	if n := len(leading.FindString(text)); n > 0 {
		return blockKey(text[n:])
	}
	return ""
}

// relocate is step 7.
func (p *pairer) relocate() {
	at := unpaired(len(p.a)) // the link of each block of a
	for k, l := range p.links {
		at[l.i] = k
	}
	pairs := make([]match, 0, len(p.links))
	for _, k := range at {
		if k >= 0 {
			pairs = append(pairs, match{p.links[k].i, p.links[k].j, k})
		}
	}
	stays := make([]bool, len(p.links))
	for _, m := range longestIncreasing(pairs) {
		stays[m.n] = true
	}
	for k := range p.links {
		switch l := &p.links[k]; {
		case l.op == "" && !stays[k]:
			l.op = Move
		case l.op == Move && stays[k]:
			l.op = ""
		case l.op != "" && l.op != Move:
			l.away = !stays[k]
		}
	}
}

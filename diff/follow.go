package diff

// follow is step 6: bare numbers go with the text that stands under them.
//
// Each bare number of the new version is given to the old number under which
// most of its words stood, unless that one's words went elsewhere in greater
// part; words that stand anywhere, such as "repealed", do not count. What is left – numbers over a text that is wholly new, or over none –
// is paired with the same number in the same gap.
func (p *pairer) follow() {
	shares := map[[2]int]int{} // words that went from under one number to under another
	for _, l := range p.links {
		i, j := p.ownerA[l.i], p.ownerB[l.j]
		if i >= 0 && j >= 0 && i != l.i && j != l.j && p.b[l.j].words >= moveWords {
			shares[[2]int{i, j}] += len(p.b[l.j].Text)
		}
	}
	bestA, bestB := unpaired(len(p.a)), unpaired(len(p.b))
	for k, n := range shares {
		i, j := k[0], k[1]
		if b := bestA[i]; b < 0 || n > shares[[2]int{i, b}] || n == shares[[2]int{i, b}] && j < b {
			bestA[i] = j
		}
		if b := bestB[j]; b < 0 || n > shares[[2]int{b, j}] || n == shares[[2]int{b, j}] && i < b {
			bestB[j] = i
		}
	}
	for i, j := range bestA {
		if j >= 0 && bestB[j] == i && p.toB[i] < 0 && p.toA[j] < 0 && p.a[i].Role == p.b[j].Role {
			p.pairNumbers(i, j)
		}
	}
	p.leftOver(func(x *blockInfo) bool { return x.bare },
		func(i int) [2]int { return [2]int{p.gapA[i], int(p.a[i].id)} },
		func(j int) [2]int { return [2]int{p.gapB[j], int(p.b[j].id)} })
}

// few pairs what is left of blocks of a few words: those that are the same
// under numbers that correspond, then, in texts without numbers, those that are
// the same in the same gap.
func (p *pairer) few() {
	weak := func(x *blockInfo) bool { return !x.bare && x.words < moveWords }
	p.leftOver(weak, func(i int) [2]int {
		if o := p.ownerA[i]; o >= 0 && p.toB[o] >= 0 {
			return [2]int{p.toB[o], int(p.a[i].id)}
		}
		return nowhere
	}, func(j int) [2]int {
		if o := p.ownerB[j]; o >= 0 {
			return [2]int{o, int(p.b[j].id)}
		}
		return nowhere
	})
	p.leftOver(weak, func(i int) [2]int {
		if p.ownerA[i] < 0 {
			return [2]int{p.gapA[i], int(p.a[i].id)}
		}
		return nowhere
	}, func(j int) [2]int {
		if p.ownerB[j] < 0 {
			return [2]int{p.gapB[j], int(p.b[j].id)}
		}
		return nowhere
	})
}

// nowhere is the key of what leftOver does not pair.
var nowhere = [2]int{-1, -1}

// leftOver pairs the blocks that are left and pass, in order, where their keys
// are the same.
func (p *pairer) leftOver(pass func(*blockInfo) bool, keyA, keyB func(int) [2]int) {
	first := map[[2]int]int32{} // the first block of b that waits under a key, from 1 on
	var next []int32            // the one that waits after each
	for j := len(p.b) - 1; j >= 0; j-- {
		if p.toA[j] < 0 && pass(&p.b[j]) {
			if k := keyB(j); k != nowhere {
				if next == nil {
					next = make([]int32, len(p.b))
				}
				next[j] = first[k]
				first[k] = int32(j) + 1
			}
		}
	}
	if len(first) == 0 {
		return
	}
	for i := range p.a {
		if p.toB[i] >= 0 || !pass(&p.a[i]) {
			continue
		}
		k := keyA(i)
		if j := int(first[k]) - 1; j >= 0 && p.a[i].id == p.b[j].id {
			first[k] = next[j]
			p.pair(i, j, "")
		}
	}
}

// pairNumbers pairs two bare numbers, the same or not.
func (p *pairer) pairNumbers(i, j int) {
	if p.a[i].id == p.b[j].id {
		p.pair(i, j, "")
		return
	}
	p.pair(i, j, Substitute)
}

// owners tells of each block which bare number it stands under: itself if it
// is one, -1 before the first.
func owners(blocks []blockInfo) []int {
	out := make([]int, len(blocks))
	last := -1
	for i := range blocks {
		if blocks[i].bare {
			last = i
		}
		out[i] = last
	}
	return out
}

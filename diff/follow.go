package diff

// follow is step 6: bare numbers go with the text that stands under them.
//
// Each bare number of the new version is given to the old number under which
// most of its words stood, unless that one's words went elsewhere in greater
// part; words that stand anywhere, such as "repealed", do not count. What is left – numbers over a text that is wholly new, or over none –
// is paired with the same number in the same gap.
func (p *pairer) follow() {
	ownerA, ownerB := owners(p.a), owners(p.b)
	shares := map[[2]int]int{} // words that went from under one number to under another
	for _, l := range p.links {
		i, j := ownerA[l.i], ownerB[l.j]
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
	type place struct {
		gap int
		id  int32
	}
	waiting := map[place][]int{}
	for j := range p.b {
		if p.b[j].bare && p.toA[j] < 0 {
			k := place{p.gapB[j], p.b[j].id}
			waiting[k] = append(waiting[k], j)
		}
	}
	for i := range p.a {
		k := place{p.gapA[i], p.a[i].id}
		if js := waiting[k]; p.a[i].bare && p.toB[i] < 0 && len(js) > 0 {
			waiting[k] = js[1:]
			p.pair(i, js[0], "")
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

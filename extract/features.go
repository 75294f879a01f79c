package extract

import (
	"math"

	"golang.org/x/net/html/atom"
)

// kindOf numbers the element of a unit.
func kindOf(a atom.Atom) float32 {
	switch a {
	case atom.P:
		return 1
	case atom.Li:
		return 2
	case atom.H1:
		return 3
	case atom.H2:
		return 4
	case atom.H3:
		return 5
	case atom.H4, atom.H5, atom.H6:
		return 6
	case atom.Td, atom.Th:
		return 7
	case atom.Dt, atom.Dd:
		return 8
	case atom.Blockquote, atom.Pre, atom.Figcaption:
		return 9
	case atom.Div:
		return 10
	case atom.Section, atom.Article, atom.Main:
		return 11
	}
	return 12
}

func share(a, b int32) float32 {
	if b == 0 {
		return 0
	}
	return float32(a) / float32(b)
}

func logOf(n int32) float32 { return float32(math.Log1p(float64(n))) }

// features fills in what is known of unit k. Their order is that of
// featureNames, and of the forest that was grown on them.
func (s *scorer) features(k int, f []float32) []float32 {
	u := &s.units[k]
	pl := &s.places[u.node]
	n := &s.p.nodes[u.node]
	f = append(f[:0],
		logOf(u.size), float32(u.words), share(u.link, u.size), float32(u.links), share(u.commas*100, u.size), share(u.digits, u.size),
		share(u.upper, u.size), float32(u.stops), share(u.strong, u.size), share(u.size, u.words), boolOf(u.lastByte == '.' || u.lastByte == '!' || u.lastByte == '?'), boolOf(u.lastByte == ':'),
		boolOf(u.repeated), kindOf(n.n.DataAtom), float32(pl.depth),
		float32(pl.chrome), float32(n.chrome))
	f = append(f, bits(uint32(pl.around), 12)...)
	f = append(f, bits(uint32(pl.near), 12)...)
	f = append(f, bits(uint32(pl.tags), 16)...)
	// where it stands
	at := float32(k) / float32(len(s.units))
	f = append(f, at, float32(k), float32(len(s.units)-k), share(u.before, s.total))
	if s.h1 >= 0 {
		f = append(f, float32(max(-50, min(50, k-s.h1))))
	} else {
		f = append(f, 99)
	}
	f = append(f, boolOf(s.mark >= 0 && u.node >= s.mark && u.node < s.p.nodes[s.mark].end), boolOf(u.node >= s.top && u.node < s.p.nodes[s.top].end))
	if s.mark >= 0 {
		f = append(f, share(s.p.nodes[s.mark].text, s.total))
	} else {
		f = append(f, -1)
	}
	f = append(f, share(s.p.nodes[s.top].text, s.total))
	f = append(f, pl.ranking/max(s.places[s.top].score, 1))
	// how far up an element holds the top one
	up, levels := u.node, float32(0)
	for up > 0 && !(s.top >= up && s.top < s.p.nodes[up].end) {
		up = s.p.nodes[up].parent
		levels++
	}
	f = append(f, levels, share(s.p.nodes[up].text, s.total))
	// the elements around
	e := n.parent
	for range 4 {
		if e < 0 {
			f = append(f, 0, 0, 0, 0, 0)
			continue
		}
		x := &s.p.nodes[e]
		f = append(f, logOf(x.text), share(x.link, x.text), logOf(s.places[e].units), share(s.places[e].long, s.places[e].units), share(x.text, s.total))
		e = x.parent
	}
	// the neighbours
	for _, d := range [...]int{-1, 1, -2, 2, -3, 3} {
		j := k + d
		if j < 0 || j >= len(s.units) {
			f = append(f, -1, -1, -1)
			continue
		}
		v := &s.units[j]
		f = append(f, logOf(v.size), share(v.link, v.size), kindOf(s.p.nodes[v.node].n.DataAtom))
	}
	// the page
	f = append(f, logOf(s.total), s.linkShare, s.longShare, logOf(int32(len(s.units))), s.article, s.product, min(s.mains, 3), min(s.articles, 30))
	f = append(f, s.forum, s.list, s.commentShare, logOf(int32(s.longLeft)), boolOf(k >= s.firstComment), float32(max(-50, min(50, k-s.firstComment))),
		logOf(u.same), logOf(u.sameSize/max(u.same, 1)), share(u.sameSize, s.total), float32(u.lastLong), float32(u.nextLong), float32(u.longBefore)/max(s.longLeft, 1))
	if u.heading >= 0 {
		h := &s.units[u.heading]
		f = append(f, float32(min(int32(k)-u.heading, 60)), kindOf(s.p.nodes[h.node].n.DataAtom), logOf(h.size))
	} else {
		f = append(f, -1, 0, 0)
	}
	i := len(f)
	for range phrases {
		f = append(f, 0)
	}
	if u.heading >= 0 {
		phraseHits(s.units[u.heading].head, f[i:])
	}
	i = len(f)
	for range phrases {
		f = append(f, 0)
	}
	if u.size < 200 {
		phraseHits(u.head, f[i:])
	}
	return f
}

func bits(set uint32, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(set >> i & 1)
	}
	return out
}

func boolOf(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

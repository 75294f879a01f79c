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

// features fills in what is known of unit k. Their order is the one the forest
// was grown on: to add some or change their order is to grow it anew.
func (s *scorer) features(k int, f []float32) []float32 {
	f = s.ofText(&s.units[k], f[:0])
	f = s.ofPlace(k, f)
	f = s.ofElements(&s.units[k], f)
	f = s.ofNeighbours(k, f)
	f = s.ofPage(k, f)
	f = s.ofPhrases(&s.units[k], f)
	return s.ofRest(&s.units[k], f)
}

// ofText adds what a unit's text and element say themselves, and the names and
// elements around.
func (s *scorer) ofText(u *unit, f []float32) []float32 {
	pl, n := &s.places[u.node], &s.p.nodes[u.node]
	f = append(f,
		logOf(u.size), float32(u.words), share(u.link, u.size), float32(u.links), share(u.commas*100, u.size), share(u.digits, u.size),
		share(u.upper, u.size), float32(u.stops), share(u.strong, u.size), share(u.size, u.words),
		boolOf(u.lastByte == '.' || u.lastByte == '!' || u.lastByte == '?'), boolOf(u.lastByte == ':'),
		boolOf(u.repeated), kindOf(n.n.DataAtom), float32(pl.depth), float32(pl.chrome), float32(n.chrome))
	f = appendBits(f, uint32(pl.around), 12)
	f = appendBits(f, uint32(pl.near), 12)
	return appendBits(f, uint32(pl.tags), 16)
}

// ofPlace adds where a unit stands: in the page, against its first heading, the
// element it marks as main and the one with the highest score.
func (s *scorer) ofPlace(k int, f []float32) []float32 {
	u := &s.units[k]
	fromTitle := float32(99)
	if s.h1 >= 0 {
		fromTitle = float32(max(-50, min(50, k-s.h1)))
	}
	marked := float32(-1)
	if s.mark >= 0 {
		marked = share(s.p.nodes[s.mark].text, s.total)
	}
	up, levels := u.node, float32(0) // the nearest element that holds the top one
	for up > 0 && !(s.top >= up && s.top < s.p.nodes[up].end) {
		up = s.p.nodes[up].parent
		levels++
	}
	return append(f, float32(k)/float32(len(s.units)), float32(k), float32(len(s.units)-k), share(u.before, s.total), fromTitle,
		boolOf(s.mark >= 0 && u.node >= s.mark && u.node < s.p.nodes[s.mark].end), boolOf(u.node >= s.top && u.node < s.p.nodes[s.top].end),
		marked, share(s.p.nodes[s.top].text, s.total), s.places[u.node].ranking/max(s.places[s.top].score, 1),
		levels, share(s.p.nodes[up].text, s.total))
}

// ofElements adds what the four elements around a unit hold.
func (s *scorer) ofElements(u *unit, f []float32) []float32 {
	e := s.p.nodes[u.node].parent
	for range 4 {
		if e < 0 {
			f = append(f, 0, 0, 0, 0, 0)
			continue
		}
		x := &s.p.nodes[e]
		f = append(f, logOf(x.text), share(x.link, x.text), logOf(s.places[e].units), share(s.places[e].long, s.places[e].units), share(x.text, s.total))
		e = x.parent
	}
	return f
}

// ofNeighbours adds what the three units on either side are.
func (s *scorer) ofNeighbours(k int, f []float32) []float32 {
	for _, d := range [...]int{-1, 1, -2, 2, -3, 3} {
		j := k + d
		if j < 0 || j >= len(s.units) {
			f = append(f, -1, -1, -1)
			continue
		}
		v := &s.units[j]
		f = append(f, logOf(v.size), share(v.link, v.size), kindOf(s.p.nodes[v.node].n.DataAtom))
	}
	return f
}

// ofPage adds what kind of page it is, and how the unit lies among its
// sentences, its comments and the units like itself.
func (s *scorer) ofPage(k int, f []float32) []float32 {
	u := &s.units[k]
	return append(f, logOf(s.total), s.linkShare, s.longShare, logOf(int32(len(s.units))), s.article, s.product, min(s.mains, 3), min(s.articles, 30),
		s.forum, s.list, s.commentShare, logOf(int32(s.longLeft)), boolOf(k >= s.firstComment), float32(max(-50, min(50, k-s.firstComment))),
		logOf(u.same), logOf(u.sameSize/max(u.same, 1)), share(u.sameSize, s.total),
		float32(u.lastLong), float32(u.nextLong), float32(u.longBefore)/max(s.longLeft, 1))
}

// ofPhrases adds what the last heading says, and a short unit itself.
func (s *scorer) ofPhrases(u *unit, f []float32) []float32 {
	at := len(f)
	f = append(f, -1, 0, 0)
	for range 2 * len(phrases) {
		f = append(f, 0)
	}
	if u.heading >= 0 {
		h := &s.units[u.heading]
		f[at], f[at+1], f[at+2] = float32(min(s.of[u.node]-u.heading, 60)), kindOf(s.p.nodes[h.node].n.DataAtom), logOf(h.size)
		phraseHits(h.head, f[at+3:])
	}
	if u.size < 500 {
		phraseHits(u.head, f[at+3+len(phrases):])
	}
	return f
}

// ofRest adds what captions, embedded things and titles are known by.
func (s *scorer) ofRest(u *unit, f []float32) []float32 {
	pl := &s.places[u.node]
	f = append(f, share(u.slanted, u.size), s.inTitle(u), boolOf(u.size > 0 && u.slanted == u.size), float32(s.p.nodes[u.node].end-u.node))
	f = appendBits(f, uint32(pl.around>>13), 3)
	return appendBits(f, uint32(pl.near>>13), 3)
}

func appendBits(f []float32, set uint32, n int) []float32 {
	for i := range n {
		f = append(f, float32(set>>i&1))
	}
	return f
}

func boolOf(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

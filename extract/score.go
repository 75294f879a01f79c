package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A unit is the text that stands directly in one block-level element: what is
// judged as main text or chrome.
type unit struct {
	node               int32 // the element
	first              int32 // its first text
	size               int32 // bytes, white space not counted
	link               int32 // of these, in links
	links              int32
	before             int32 // bytes of text in the units before
	words              int32
	commas             int32
	digits             int32
	upper              int32
	stops              int32 // ends of sentences
	strong             int32 // bytes in bold
	slanted            int32 // bytes in italics
	head               []byte
	lastByte           byte
	repeated           bool  // the same text stood before
	same               int32 // units in elements of the same kind and classes
	sameSize           int32 // bytes in these
	heading            int32 // the unit of the last heading before, -1 for none
	lastLong, nextLong int32 // units to the nearest sentence before and after
	longBefore         int32 // bytes of sentences before
	odds               float32
	main               bool
}

// maxHead bounds how much of a unit's text is kept for looking at its words.
const maxHead = 96

// A place is what is known of an element and of those around it.
type place struct {
	block   int32    // nearest element that breaks the line, itself perhaps
	names   nameKind // its own
	around  nameKind // its own and of those around it
	near    nameKind // its own and of the two around it
	tags    tagSet
	depth   int16
	chrome  chrome // the strongest around it
	units   int32  // in it
	long    int32  // of these, with a sentence or more
	score   float32
	ranking float32 // highest score around it
	from    int32   // first of its units; they are consecutive
}

// A scorer judges the units of a page.
type scorer struct {
	p      *page
	places []place
	units  []unit
	of     []int32 // unit of a block-level element, -1 for none
	top    int32   // the element with the highest score
	h1     int     // unit of the first heading of the highest level, -1 for none
	total  int32   // bytes of text in all units
	names  map[string]nameKind
	mark   int32 // the largest element that the page marks as its main one, -1 for none
	pageFeatures
}

type pageFeatures struct {
	article, product, mains, articles   float32
	linkShare, longShare                float32
	forum, list, commentShare, longLeft float32
	firstComment                        int
	title                               map[string]bool // words of it
	story                               bool            // the page calls itself news, or an article with the time it was published
}

func newScorer(p *page) *scorer {
	s := &scorer{p: p, places: make([]place, len(p.nodes)), of: make([]int32, len(p.nodes)), h1: -1, mark: -1, names: map[string]nameKind{}}
	s.lookAround()
	s.gather()
	s.rank()
	s.lookAtPage()
	return s
}

// lookAround notes, from the outside in, what stands around each element.
func (s *scorer) lookAround() {
	for i := range s.p.nodes {
		n := &s.p.nodes[i]
		pl := &s.places[i]
		s.of[i] = -1
		var up *place
		if n.parent >= 0 {
			up = &s.places[n.parent]
			*pl = place{block: up.block, around: up.around, near: up.names, tags: up.tags, depth: up.depth + 1, chrome: up.chrome}
			if g := s.p.nodes[n.parent].parent; g >= 0 {
				pl.near |= s.places[g].names
			}
		}
		if n.n.Type != html.ElementNode {
			continue
		}
		for j := range n.n.Attr {
			a := &n.n.Attr[j]
			switch a.Key {
			case "class", "id", "itemprop", "role":
				k, ok := s.names[a.Val]
				if !ok {
					k = namesOf(a.Val)
					s.names[a.Val] = k
				}
				pl.names |= k
			case "style":
				if strings.Contains(a.Val, "display:none") || strings.Contains(a.Val, "display: none") {
					pl.names |= saysHidden
				}
			case "hidden", "aria-hidden":
				if a.Val != "false" {
					pl.names |= saysHidden
				}
			}
		}
		if n.n.DataAtom == atom.Body || n.n.DataAtom == atom.Html {
			pl.names = 0
		}
		pl.around |= pl.names
		pl.near |= pl.names
		pl.tags |= tagOf(n.n)
		pl.chrome = max(pl.chrome, n.chrome)
		if !isInline(n.n.DataAtom) || n.n.DataAtom == atom.Td || n.n.DataAtom == atom.Th || n.parent < 0 {
			pl.block = int32(i)
		}
	}
}

// gather collects the units.
func (s *scorer) gather() {
	seen := map[string]bool{}
	inLink, inBold, inSlant := int32(0), int32(0), int32(0)
	for i := int32(0); int(i) < len(s.p.nodes); i++ {
		n := &s.p.nodes[i]
		if n.n.Type == html.ElementNode {
			switch n.n.DataAtom {
			case atom.A:
				inLink = max(inLink, n.end)
				if k := s.of[s.places[i].block]; k >= 0 && n.text > 0 {
					s.units[k].links++
				}
			case atom.B, atom.Strong:
				inBold = max(inBold, n.end)
			case atom.I, atom.Em:
				inSlant = max(inSlant, n.end)
			}
			continue
		}
		if n.text == 0 {
			continue
		}
		b := s.places[i].block
		k := s.of[b]
		if k < 0 {
			k = int32(len(s.units))
			s.of[b] = k
			s.units = append(s.units, unit{node: b, first: i})
			if inLink > i {
				s.units[k].links = 1
			}
		}
		u := &s.units[k]
		u.add(n.n.Data, n.text)
		if inLink > i {
			u.link += n.text
		}
		if inBold > i {
			u.strong += n.text
		}
		if inSlant > i {
			u.slanted += n.text
		}
		s.total += n.text
	}
	sum := int32(0)
	for k := range s.units {
		u := &s.units[k]
		u.before = sum
		sum += u.size
		key := string(u.head)
		u.repeated = seen[key]
		seen[key] = true
		if s.h1 < 0 && s.p.nodes[u.node].n.DataAtom == atom.H1 {
			s.h1 = k
		}
	}
}

// add counts a text.
func (u *unit) add(text string, size int32) {
	u.size += size
	space := true
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c <= ' ' {
			space = true
			continue
		}
		if space {
			u.words++
			if len(u.head) > 0 && len(u.head) < maxHead {
				u.head = append(u.head, ' ')
			}
			space = false
		}
		switch {
		case c >= '0' && c <= '9':
			u.digits++
		case c >= 'A' && c <= 'Z':
			u.upper++
		case c == ',' || c == ';':
			u.commas++
		case c == '.' || c == '!' || c == '?':
			if i+1 >= len(text) || text[i+1] <= ' ' {
				u.stops++
			}
		}
		if len(u.head) < maxHead {
			if c >= 'A' && c <= 'Z' {
				c |= 0x20
			}
			u.head = append(u.head, c)
		}
		u.lastByte = c
	}
}

// rank gives elements a score for the sentences right in them, as readability
// does, and counts units.
func (s *scorer) rank() {
	for k := range s.units {
		u := &s.units[k]
		long := u.size >= 80 && u.link*2 < u.size
		for i := u.node; i >= 0; i = s.p.nodes[i].parent {
			if s.places[i].units == 0 {
				s.places[i].from = int32(k)
			}
			s.places[i].units++
			if long {
				s.places[i].long++
			}
		}
		if u.size < 25 {
			continue
		}
		points := (1 + float32(u.commas) + min(float32(u.size)/100, 3)) * (1 - float32(u.link)/float32(u.size))
		if s.places[u.node].chrome == strongChrome || s.places[u.node].around&saysComment != 0 {
			points /= 4
		}
		i := u.node
		if a := s.p.nodes[i].n.DataAtom; a != atom.Div && a != atom.Section && a != atom.Article {
			i = s.p.nodes[i].parent
		}
		for share := float32(1); i >= 0 && share > 0.2; i = s.p.nodes[i].parent {
			s.places[i].score += points * share
			share /= 2
		}
	}
	for i := range s.places {
		n := &s.p.nodes[i]
		if n.parent >= 0 {
			s.places[i].ranking = max(s.places[i].score, s.places[n.parent].ranking)
		}
		if s.places[i].score > s.places[s.top].score {
			s.top = int32(i)
		}
	}
}

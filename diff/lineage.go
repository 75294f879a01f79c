package diff

import (
	"slices"

	"veille/archive"
)

// A Step is how some blocks of one version became those of another.
type Step struct {
	From, To []int // the blocks in the old and in the new version, in order
	Op       Op    // "" where their text is the same and in its place
	Away     bool  // reworded and moved as well
	// Edits are what became of the text, one for each block, split or join that
	// was changed.
	Edits []Edit
}

// Back finds what some blocks of the new version were in the old one, by the
// alignment that redlines use. A step without From says that they came with
// the new version.
func Back(old, new *archive.Version, blocks []int) *Step {
	return step(old, new, func(l link) bool {
		return slices.ContainsFunc(blocks, func(j int) bool { return j >= l.j && j < l.j+l.m })
	})
}

// Forth finds what some blocks of the old version became in the new one. A
// step without To says that they went.
func Forth(old, new *archive.Version, blocks []int) *Step {
	return step(old, new, func(l link) bool {
		return slices.ContainsFunc(blocks, func(i int) bool { return i >= l.i && i < l.i+l.n })
	})
}

// step describes the links that concern.
func step(old, new *archive.Version, concerns func(link) bool) *Step {
	d := newDescriber(old, new)
	s := &Step{Edits: []Edit{}}
	for _, l := range alignTexts(old.Blocks, new.Blocks, d.texts) {
		if !concerns(l) {
			continue
		}
		for i := l.i; i < l.i+l.n; i++ {
			s.From = append(s.From, i)
		}
		for j := l.j; j < l.j+l.m; j++ {
			s.To = append(s.To, j)
		}
		s.Away = s.Away || l.away
		if e, ok := d.linked(l); ok {
			s.Edits = append(s.Edits, e)
		}
	}
	slices.Sort(s.From)
	slices.Sort(s.To)
	slices.SortFunc(s.Edits, func(a, b Edit) int { return a.To - b.To })
	for i := range s.Edits {
		if e := &s.Edits[i]; s.Op == "" || e.Weight > s.heaviest() || s.Op == Reformat || s.Op == Move && e.Op == Substitute {
			s.Op = e.Op
		}
	}
	return s
}

// heaviest is the weight of the edit that gave the step its op.
func (s *Step) heaviest() int {
	for i := range s.Edits {
		if s.Edits[i].Op == s.Op {
			return s.Edits[i].Weight
		}
	}
	return 0
}

// Compare spells out what became of a text, word by word. The equal and
// deleted words put together are before, the equal and inserted ones after, to
// the byte.
func Compare(before, after string) []Word {
	return compareWords(before, after).words()
}

// Shared is how many words two texts have in common, in order, and how many
// each has. Punctuation does not count.
func Shared(a, b string) (shared, ofA, ofB int) {
	w := compareTokens(tokenise(a), tokenise(b))
	for i := range w.a {
		if w.a[i].kind == mark {
			continue
		}
		ofA++
		if w.toB[i] >= 0 {
			shared++
		}
	}
	for i := range w.b {
		if w.b[i].kind != mark {
			ofB++
		}
	}
	return shared, ofA, ofB
}

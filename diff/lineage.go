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

// Instead finds what was put in where some blocks of the old version were taken
// out: the blocks without a partner between the same two blocks that stayed. It
// is said only where it is plain what replaced what: all that was taken out there
// by all that was put in, if that is not much more, or the nth by the nth of as
// many; nil otherwise. With the versions exchanged it finds what gave way.
func Instead(old, new *archive.Version, blocks []int) []int {
	toB, toA := unpaired(len(old.Blocks)), unpaired(len(new.Blocks))
	stays := make([]bool, len(old.Blocks))
	for _, l := range alignBlocks(old.Blocks, new.Blocks) {
		for i := l.i; i < l.i+l.n; i++ {
			toB[i], stays[i] = l.j, l.op != Move && !l.away
		}
		for j := l.j; j < l.j+l.m; j++ {
			toA[j] = l.i
		}
	}
	if len(blocks) == 0 || slices.ContainsFunc(blocks, func(i int) bool { return toB[i] >= 0 }) {
		return nil
	}
	role := old.Blocks[blocks[0]].Role
	lo, hi := blocks[0], blocks[len(blocks)-1]
	for lo > 0 && !stays[lo-1] {
		lo--
	}
	for hi < len(old.Blocks)-1 && !stays[hi+1] {
		hi++
	}
	from, to := 0, len(new.Blocks)
	if lo > 0 {
		from = toB[lo-1] + 1
	}
	if hi < len(old.Blocks)-1 {
		to = toB[hi+1]
	}
	lone := func(blocks []archive.Block, partner []int, lo, hi int) (out []int) {
		for k := lo; k < hi; k++ {
			if partner[k] < 0 && blocks[k].Role == role {
				out = append(out, k)
			}
		}
		return out
	}
	return instead(old, new, blocks, lone(old.Blocks, toB, lo, hi+1), lone(new.Blocks, toA, from, to))
}

// instead chooses among what was put in between two blocks that stayed.
func instead(old, new *archive.Version, blocks, gone, fresh []int) []int {
	switch {
	case len(gone) == len(fresh):
		var out []int
		for _, i := range blocks {
			k := slices.Index(gone, i)
			if k < 0 || old.Blocks[i].Kind != new.Blocks[fresh[k]].Kind {
				return nil
			}
			out = append(out, fresh[k])
		}
		return out
	case len(fresh) > 0 && len(gone) == len(blocks) && max(len(gone), len(fresh)) <= splitParts*min(len(gone), len(fresh)):
		return fresh
	}
	return nil
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

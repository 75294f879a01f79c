package index

import (
	"math/bits"
	"slices"
	"sync"
)

// maxStood is how many choices are remembered: who makes one mostly makes it
// again, with other words.
const maxStood = 16

// stood remembers which main passages stood at the moments, and are of the
// sources and languages, that were asked for last, as long as a state is used.
type stood struct {
	mu   sync.Mutex
	last []chosen // the latest last
}

// A choice is what is asked for: what stands now, or stood at a moment (ms), and
// is of some kinds (see chosenOf).
type choice struct {
	now   bool
	at    int64
	kinds string
}

type chosen struct {
	choice
	set passageSet
}

// chosenOf is a list in a form that can be compared.
func chosenOf(list []bool) string {
	out := make([]byte, len(list))
	for i, is := range list {
		if out[i] = 'n'; is {
			out[i] = 'y'
		}
	}
	return string(out)
}

// those are the main passages that fit a choice, not to be changed. kinds are
// those of the choice, nil for all.
func (s *stood) those(of *state, c choice, kinds []bool) passageSet {
	s.mu.Lock()
	for i, was := range s.last {
		if was.choice == c {
			s.last = append(slices.Delete(s.last, i, i+1), was)
			s.mu.Unlock()
			return was.set
		}
	}
	s.mu.Unlock()
	var set passageSet
	if c.now {
		set = slices.Clone(of.standing)
	} else {
		set = of.stoodAt(c.at)
	}
	if kinds != nil {
		of.ofKinds(set, kinds)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.last) == maxStood {
		s.last = slices.Delete(s.last, 0, 1)
	}
	s.last = append(s.last, chosen{c, set})
	return set
}

// stoodAt finds the main passages that stood at a moment. It looks at every
// passage, and so does without branches.
func (s *state) stoodAt(at int64) passageSet {
	set := s.noPassages()
	for i := range set {
		first := i * 64
		from := s.from[first:min(first+64, len(s.from))]
		until, main := s.until[first:][:len(from)], s.main[first:][:len(from)]
		var stand uint64
		for k, f := range from {
			in := uint64((f-at-1)&(at-until[k])) >> 63 // f ≤ at < until: both differences are negative
			stand |= in << k
		}
		if stand != 0 {
			for k, is := range main {
				if !is {
					stand &^= 1 << k
				}
			}
		}
		set[i] = stand
	}
	return set
}

// ofKinds leaves those of some kinds in a set.
func (s *state) ofKinds(set passageSet, kinds []bool) {
	for i, all := range set {
		for left := all; left != 0; left &= left - 1 {
			if k := bits.TrailingZeros64(left); !kinds[s.kind[i*64+k]] {
				all &^= 1 << k
			}
		}
		set[i] = all
	}
}

package index

import (
	"slices"
	"sync"
)

// maxStood is how many moments are remembered: who asks for one mostly asks for
// it again.
const maxStood = 16

// stood remembers which main passages stood at the moments that were asked for
// last, as long as a state is used.
type stood struct {
	mu   sync.Mutex
	last []stoodAt // the latest last
}

type stoodAt struct {
	at  int64 // ms
	set passageSet
}

// at are the main passages that stood at a moment, not to be changed.
func (s *stood) at(of *state, at int64) passageSet {
	s.mu.Lock()
	for i, was := range s.last {
		if was.at == at {
			s.last = append(slices.Delete(s.last, i, i+1), was)
			s.mu.Unlock()
			return was.set
		}
	}
	s.mu.Unlock()
	set := of.stoodAt(at)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.last) == maxStood {
		s.last = slices.Delete(s.last, 0, 1)
	}
	s.last = append(s.last, stoodAt{at, set})
	return set
}

// stoodAt finds them. It looks at every passage, and so does without branches.
func (s *state) stoodAt(at int64) passageSet {
	set := s.noPassages()
	for i := range set {
		first := i * 64
		from := s.from[first:min(first+64, len(s.from))]
		until, main := s.until[first:][:len(from)], s.main[first:][:len(from)]
		var bits uint64
		for k, f := range from {
			in := uint64((f-at-1)&(at-until[k])) >> 63 // f ≤ at < until: both differences are negative
			bits |= in << k
		}
		if bits != 0 {
			for k, is := range main {
				if !is {
					bits &^= 1 << k
				}
			}
		}
		set[i] = bits
	}
	return set
}

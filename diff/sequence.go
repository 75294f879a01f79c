package diff

import (
	"cmp"
	"slices"
)

// The sequence engine: which elements of one sequence stand, in the same
// order, in another. Elements are small integers (see interner), so that
// comparing costs nothing and counting needs no map.
//
// Common ends are trimmed; then the elements that occur exactly once on each
// side are the candidates for anchors, and their longest increasing
// subsequence becomes the anchors (patience diff); between anchors the same
// again; where there are no anchors, Myers' linear-space algorithm. Myers'
// search is broken off at a cost that grows with neither side, so the whole
// is near-linear, at the price of more than the fewest edits in texts that
// have little in common. There is no randomness, clock or map order in it.

// A match says that n elements from a on equal n elements from b on.
type match struct{ a, b, n int }

const (
	maxCost   = 256 // edits after which the search for the shortest script is broken off
	maxDepth  = 16  // levels of anchors within anchors
	smallArea = 32  // elements of both sides together for which Myers alone is best
)

// matchSequences returns the matches between a and b, in order and disjoint. All elements
// must lie in [0, size).
func matchSequences(a, b []int32, size int) []match {
	s := &sequencer{a: a, b: b, size: size}
	s.between(0, len(a), 0, len(b), maxDepth)
	return s.out
}

// A sequencer is one run of the engine.
type sequencer struct {
	a, b     []int32
	out      []match
	size     int
	seen     []occurrence // by element, once needed
	round    int32        // what counts in seen is what has this round
	forward  []int
	backward []int
}

// An occurrence counts an element in the area under consideration.
type occurrence struct {
	round    int32
	inA, inB int32
	posA     int32
	posB     int32
}

// emit records a match, lengthening the one before if it follows on.
func (s *sequencer) emit(a, b, n int) {
	if n == 0 {
		return
	}
	if k := len(s.out) - 1; k >= 0 && s.out[k].a+s.out[k].n == a && s.out[k].b+s.out[k].n == b {
		s.out[k].n += n
		return
	}
	s.out = append(s.out, match{a, b, n})
}

// between aligns a[alo:ahi] with b[blo:bhi].
func (s *sequencer) between(alo, ahi, blo, bhi, depth int) {
	head := 0
	for alo+head < ahi && blo+head < bhi && s.a[alo+head] == s.b[blo+head] {
		head++
	}
	s.emit(alo, blo, head)
	alo, blo = alo+head, blo+head
	tail := 0
	for alo < ahi-tail && blo < bhi-tail && s.a[ahi-tail-1] == s.b[bhi-tail-1] {
		tail++
	}
	ahi, bhi = ahi-tail, bhi-tail
	if alo < ahi && blo < bhi {
		var anchors []match
		if depth > 0 && ahi-alo+bhi-blo > smallArea {
			anchors = s.anchors(alo, ahi, blo, bhi)
		}
		if len(anchors) == 0 {
			s.myers(alo, ahi, blo, bhi)
		} else {
			for _, m := range anchors {
				s.between(alo, m.a, blo, m.b, depth-1)
				s.emit(m.a, m.b, 1)
				alo, blo = m.a+1, m.b+1
			}
			s.between(alo, ahi, blo, bhi, depth-1)
		}
	}
	s.emit(ahi, bhi, tail)
}

// anchors returns the longest increasing run of elements that occur exactly
// once on each side of the area.
func (s *sequencer) anchors(alo, ahi, blo, bhi int) []match {
	if s.seen == nil {
		s.seen = make([]occurrence, s.size)
	}
	s.round++
	for i := alo; i < ahi; i++ {
		o := &s.seen[s.a[i]]
		if o.round != s.round {
			*o = occurrence{round: s.round}
		}
		o.inA++
		o.posA = int32(i)
	}
	for j := blo; j < bhi; j++ {
		if o := &s.seen[s.b[j]]; o.round == s.round {
			o.inB++
			o.posB = int32(j)
		}
	}
	var unique []match
	for i := alo; i < ahi; i++ {
		if o := &s.seen[s.a[i]]; o.inA == 1 && o.inB == 1 {
			unique = append(unique, match{i, int(o.posB), 1})
		}
	}
	return longestIncreasing(unique)
}

// longestIncreasing takes matches in the order of a and returns a longest
// subsequence that is in the order of b as well.
func longestIncreasing(ms []match) []match {
	if slices.IsSortedFunc(ms, func(x, y match) int { return cmp.Compare(x.b, y.b) }) {
		return ms // as a rule: nothing moved
	}
	piles := make([]int, 0, len(ms)) // index of the smallest end of a run of each length
	prev := make([]int, len(ms))
	for i, m := range ms {
		lo, hi := 0, len(piles)
		for lo < hi {
			if mid := (lo + hi) / 2; ms[piles[mid]].b < m.b {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		prev[i] = -1
		if lo > 0 {
			prev[i] = piles[lo-1]
		}
		if lo == len(piles) {
			piles = append(piles, i)
		} else {
			piles[lo] = i
		}
	}
	out := make([]match, len(piles))
	for i, k := piles[len(piles)-1], len(piles)-1; k >= 0; i, k = prev[i], k-1 {
		out[k] = ms[i]
	}
	return out
}

// myers aligns an area by divide and conquer at a point of a shortest path.
func (s *sequencer) myers(alo, ahi, blo, bhi int) {
	for alo < ahi && blo < bhi && s.a[alo] == s.b[blo] {
		s.emit(alo, blo, 1)
		alo, blo = alo+1, blo+1
	}
	tail := 0
	for alo < ahi-tail && blo < bhi-tail && s.a[ahi-tail-1] == s.b[bhi-tail-1] {
		tail++
	}
	ahi, bhi = ahi-tail, bhi-tail
	if alo < ahi && blo < bhi {
		x, y := s.split(s.a[alo:ahi], s.b[blo:bhi])
		n, m := ahi-alo, bhi-blo
		x, y = min(max(x, 0), n), min(max(y, 0), m)
		if x+y > 0 && x+y < n+m {
			s.myers(alo, alo+x, blo, blo+y)
			s.myers(alo+x, ahi, blo+y, bhi)
		}
	}
	s.emit(ahi, bhi, tail)
}

// split finds a point on a shortest path from one corner of the area to the
// other, searching from both ends. After maxCost steps it settles for the
// point furthest along that either search has reached.
func (s *sequencer) split(a, b []int32) (x, y int) {
	n, m := len(a), len(b)
	if len(s.forward) < n+m+3 {
		s.forward, s.backward = make([]int, n+m+3), make([]int, n+m+3)
	}
	off := m + 1 // where diagonal 0 (x-y) lies
	fw, bw := s.forward, s.backward
	far := n + m + 1
	delta := n - m
	odd := delta&1 != 0
	fmin, fmax, bmin, bmax := 0, 0, delta, delta
	fw[off], bw[off+delta] = 0, n
	for cost := 1; ; cost++ {
		fmin, fmax = widen(fw, off, fmin, fmax, -m, n, -1)
		for k := fmax; k >= fmin; k -= 2 {
			x = max(fw[off+k-1]+1, fw[off+k+1])
			for y = x - k; x < n && y < m && a[x] == b[y]; {
				x, y = x+1, y+1
			}
			fw[off+k] = x
			if odd && bmin <= k && k <= bmax && bw[off+k] <= x {
				return x, y
			}
		}
		bmin, bmax = widen(bw, off, bmin, bmax, -m, n, far)
		for k := bmax; k >= bmin; k -= 2 {
			x = min(bw[off+k-1], bw[off+k+1]-1)
			for y = x - k; x > 0 && y > 0 && a[x-1] == b[y-1]; {
				x, y = x-1, y-1
			}
			bw[off+k] = x
			if !odd && fmin <= k && k <= fmax && x <= fw[off+k] {
				return x, y
			}
		}
		if cost >= maxCost {
			return furthest(fw, bw, off, n, m, [4]int{fmin, fmax, bmin, bmax})
		}
	}
}

// widen extends the range of diagonals by one on each side, or shrinks it
// where it would leave the area, so that every second diagonal is visited.
func widen(v []int, off, lo, hi, least, most, outside int) (int, int) {
	if lo > least {
		lo--
		v[off+lo-1] = outside
	} else {
		lo++
	}
	if hi < most {
		hi++
		v[off+hi+1] = outside
	} else {
		hi--
	}
	return lo, hi
}

// furthest returns the point inside the area that has come furthest from its
// own corner.
func furthest(fw, bw []int, off, n, m int, diagonals [4]int) (x, y int) {
	best := -1
	for k := diagonals[0]; k <= diagonals[1]; k += 2 {
		if fx := fw[off+k]; fx <= n && fx-k <= m && fx-k >= 0 && fx+fx-k > best {
			best, x, y = fx+fx-k, fx, fx-k
		}
	}
	for k := diagonals[2]; k <= diagonals[3]; k += 2 {
		if bx := bw[off+k]; bx >= 0 && bx-k >= 0 && bx-k <= m && n+m-bx-(bx-k) > best {
			best, x, y = n+m-bx-(bx-k), bx, bx-k
		}
	}
	return x, y
}

// An interner gives equal strings the same small integer.
type interner struct{ ids map[string]int32 }

// id returns the number of a string, a new one if it has none.
func (t *interner) id(s string) int32 {
	if t.ids == nil {
		t.ids = make(map[string]int32)
	}
	n, ok := t.ids[s]
	if !ok {
		n = int32(len(t.ids))
		t.ids[s] = n
	}
	return n
}

// size is how many different strings there are.
func (t *interner) size() int { return len(t.ids) }

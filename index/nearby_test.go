package index

import (
	"math/rand/v2"
	"testing"
)

// TestTheNearestIsFound: the same as by looking at all of them, whatever is left.
func TestTheNearestIsFound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		size := 1 + r.IntN(12)
		block, list, left := make([]int32, size), make([]uint32, size), map[uint32]float32{}
		at := int32(0)
		for i := range list {
			at += int32(r.IntN(3))
			block[i], list[i], left[uint32(i)] = at, uint32(i), 1
		}
		n := newNearby(block, list)
		for range 2 * size {
			to := int32(r.IntN(int(at) + 3))
			want, any := uint32(0), false
			for _, d := range list {
				if far := func(d uint32) int32 { return max(block[d]-to, to-block[d]) }; left[d] > 0 && (!any || far(d) < far(want)) {
					want, any = d, true
				}
			}
			got, ok := n.to(to, left)
			if ok != any || ok && got != want {
				t.Fatalf("blocks %v, left %v: nearest to %d is %d %v, want %d %v", block, left, to, got, ok, want, any)
			}
			if ok {
				left[got] = 0
			}
		}
	}
}

package index

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestPlacesAreReadAsTheyWereKept: passages far apart, long and short ones.
func TestPlacesAreReadAsTheyWereKept(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	part := newPlacesPart(0)
	var docs []uint32
	var all [][]uint32
	for d := uint32(0); len(docs) < 3000; d += 1 + r.Uint32N(300) {
		at, positions := uint32(0), []uint32{}
		for range r.IntN(9) {
			at += 1 + r.Uint32N(1<<r.IntN(20))
			positions = append(positions, at)
		}
		if !part.add(d, float32(d%7), positions) {
			t.Fatalf("passage %d is not kept", d)
		}
		docs, all = append(docs, d), append(all, positions)
	}
	if !part.end() {
		t.Fatal("the end is not kept")
	}
	from := 0
	for i, d := range docs {
		n, ok := part.find(d, from)
		if !ok || n != i {
			t.Fatalf("passage %d is number %d (%t), want %d", d, n, ok, i)
		}
		if norm, positions := part.read(n, nil); norm != float64(d%7) || !slices.Equal(positions, all[i]) {
			t.Errorf("passage %d stands at %v with norm %g, want %v and %d", d, positions, norm, all[i], d%7)
		}
		if i%3 == 0 { // some are passed over
			from = n
		}
		if _, ok := part.find(d+1, n); ok != (i+1 < len(docs) && docs[i+1] == d+1) {
			t.Errorf("passage %d is found: %t", d+1, ok)
		}
	}
}

// TestTooLongPlacesAreNotKept: it is said, so that they are read each time.
func TestTooLongPlacesAreNotKept(t *testing.T) {
	part := newPlacesPart(0)
	if !part.add(1, 1, make([]uint32, 1<<16)) {
		t.Error("the first is refused, which needs no offset")
	}
	if part.add(2, 1, []uint32{1}) {
		t.Error("a passage is kept at an offset that two bytes do not hold")
	}
}

// TestPostingsAreReadAsTheyWereKept: also where weights are those of another average.
func TestPostingsAreReadAsTheyWereKept(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	pack := newPacker(0)
	var want []posting
	const average = 40
	for d := uint32(60_000); d < 200_000; d += 1 + r.Uint32N(100) {
		freq, norm := 1+r.IntN(5), 1/float64(1+r.IntN(300))
		pack.add(d, freq, norm)
		if d%2 == 0 {
			want = append(want, posting{d + 5, float32(freq), float32(saturate(float64(freq), lengthOf(norm), average))})
		}
	}
	part := pack.out.weighed(7)
	if got := part.weighed(average).appendTo(nil, 5, func(d uint32) bool { return (d-5)%2 == 0 }); !slices.Equal(got, want) {
		t.Errorf("%d postings are not the %d that were kept", len(got), len(want))
	}
	if got := part.appendTo(nil, 5, func(d uint32) bool { return (d-5)%2 == 0 }); slices.Equal(got, want) {
		t.Error("another average makes no difference")
	}
}

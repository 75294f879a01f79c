package index

import (
	"math"
	"math/bits"
	"slices"
)

// A holds says of which pages, and at which times, a part of a query is true.
//
// A query is asked of pages as they stood: "a AND b" is true of a page at a
// moment when some passage has a and some passage has b. Where the moment is
// given, a bit a page says it all; where any moment will do, each page has the
// stretches of time for which it is true.
type holds struct {
	bits  []uint64
	times map[int32][]stretch // nil where the moment is given
}

// A stretch is a time [from, until), in ms.
type stretch struct{ from, until int64 }

var always = stretch{math.MinInt64, math.MaxInt64}

func newHolds(pages int, past bool) *holds {
	if past {
		return &holds{times: map[int32][]stretch{}}
	}
	return &holds{bits: make([]uint64, (pages+63)/64)}
}

// add says that it is true of a page at a time. Stretches may come in any
// order; settle puts them in order.
func (h *holds) add(page int32, t stretch) {
	if h.times != nil {
		h.times[page] = append(h.times[page], t)
		return
	}
	h.bits[page/64] |= 1 << (page % 64)
}

func (h *holds) settle() {
	for page, ts := range h.times {
		h.times[page] = merged(ts)
	}
}

// merged sorts stretches and joins those that touch.
func merged(ts []stretch) []stretch {
	slices.SortFunc(ts, func(a, b stretch) int {
		switch {
		case a.from < b.from:
			return -1
		case a.from > b.from:
			return 1
		}
		return 0
	})
	out := ts[:0]
	for _, t := range ts {
		if n := len(out); n > 0 && t.from <= out[n-1].until {
			out[n-1].until = max(out[n-1].until, t.until)
			continue
		}
		out = append(out, t)
	}
	return out
}

// and leaves what is true of both.
func (h *holds) and(o *holds) {
	for i := range h.bits {
		h.bits[i] &= o.bits[i]
	}
	for page, a := range h.times {
		var both []stretch
		b := o.times[page]
		for i, j := 0, 0; i < len(a) && j < len(b); {
			if t := (stretch{max(a[i].from, b[j].from), min(a[i].until, b[j].until)}); t.from < t.until {
				both = append(both, t)
			}
			if a[i].until < b[j].until {
				i++
			} else {
				j++
			}
		}
		if both == nil {
			delete(h.times, page)
			continue
		}
		h.times[page] = both
	}
}

// or adds what is true of the other.
func (h *holds) or(o *holds) {
	for i := range h.bits {
		h.bits[i] |= o.bits[i]
	}
	for page, ts := range o.times {
		h.times[page] = merged(append(slices.Clone(h.times[page]), ts...))
	}
}

// without takes away what is true of the other.
func (h *holds) without(o *holds) {
	for i := range h.bits {
		h.bits[i] &^= o.bits[i]
	}
	for page, ts := range h.times {
		var left []stretch
		for _, t := range ts {
			for _, cut := range o.times[page] {
				if cut.until <= t.from || cut.from >= t.until {
					continue
				}
				if cut.from > t.from {
					left = append(left, stretch{t.from, cut.from})
				}
				t.from = max(t.from, min(cut.until, t.until))
			}
			if t.from < t.until {
				left = append(left, t)
			}
		}
		if left == nil {
			delete(h.times, page)
			continue
		}
		h.times[page] = left
	}
}

// at reports whether it is true of a page at some time of a stretch.
func (h *holds) at(page int32, t stretch) bool {
	if h.times == nil {
		return h.bits[page/64]&(1<<(page%64)) != 0
	}
	return slices.ContainsFunc(h.times[page], func(s stretch) bool { return s.from < t.until && t.from < s.until })
}

// pages is of how many pages it is ever true.
func (h *holds) pages() int {
	n := len(h.times)
	for _, b := range h.bits {
		n += bits.OnesCount64(b)
	}
	return n
}

// each calls f for every page of which it is ever true.
func (h *holds) each(f func(page int32)) {
	for page := range h.times {
		f(page)
	}
	for i, b := range h.bits {
		for ; b != 0; b &= b - 1 {
			f(int32(i*64 + bits.TrailingZeros64(b)))
		}
	}
}

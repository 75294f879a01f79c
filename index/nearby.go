package index

import (
	"cmp"
	"slices"
)

// A nearby finds the passage that stands nearest to a place, of some of one
// page, and forgets those of which nothing is left.
type nearby struct {
	block []int32  // by passage
	list  []uint32 // in the order of their blocks
	next  []int    // by place in list: the first one from there on that is not forgotten, as far as is known
	prev  []int    // likewise backwards, one more than the place; 0 for none
}

// newNearby takes passages in the order of their blocks.
func newNearby(block []int32, list []uint32) *nearby {
	n := &nearby{block: block, list: list, next: make([]int, len(list)+1), prev: make([]int, len(list)+1)}
	for i := range n.next {
		n.next[i], n.prev[i] = i, i
	}
	return n
}

// follow is the end of a chain, which it shortens.
func follow(chain []int, i int) int {
	for chain[i] != i {
		chain[i] = chain[chain[i]]
		i = chain[i]
	}
	return i
}

// to is the passage with something left that stands nearest to a block, of
// several the first.
func (n *nearby) to(block int32, left map[uint32]float32) (best uint32, ok bool) {
	from := n.from(block)
	after := follow(n.next, from)
	for after < len(n.list) && left[n.list[after]] <= 0 {
		n.next[after] = after + 1
		after = follow(n.next, after)
	}
	before := follow(n.prev, from)
	for before > 0 && left[n.list[before-1]] <= 0 {
		n.prev[before] = before - 1
		before = follow(n.prev, before)
	}
	if before == 0 {
		if after == len(n.list) {
			return 0, false
		}
		return n.list[after], true
	}
	at := n.block[n.list[before-1]]
	if after < len(n.list) && n.block[n.list[after]]-block < block-at {
		return n.list[after], true
	}
	first := follow(n.next, n.from(at)) // of those in the same block
	for left[n.list[first]] <= 0 {
		n.next[first] = first + 1
		first = follow(n.next, first)
	}
	return n.list[first], true
}

// from is the place of the first that stands in a block or behind it.
func (n *nearby) from(block int32) int {
	at, _ := slices.BinarySearchFunc(n.list, block, func(d uint32, block int32) int { return cmp.Compare(n.block[d], block) })
	return at
}

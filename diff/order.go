package diff

import (
	"cmp"
	"slices"
)

// inOrder fills the places of edits and puts them in the order of the new text.
func inOrder(edits []Edit, place []int) {
	last := -1 // where the nearest block before stands
	for i, p := range place {
		if p < 0 {
			place[i] = last
		} else {
			last = p
		}
	}
	for k := range edits {
		e := &edits[k]
		if e.Place = e.To; e.From >= 0 && (e.Op == Delete || e.Op == Move || e.Away) {
			e.Place = place[e.From]
		}
	}
	sorted(edits, func(e *Edit) [2]int {
		if e.To >= 0 {
			return [2]int{e.To, 0}
		}
		return [2]int{e.Place, 1 + e.From}
	})
}

// sorted puts edits in an order; those that are equal in it stay as they are.
// Edits are large, so that each is moved once only.
func sorted(edits []Edit, order func(*Edit) [2]int) {
	type key struct {
		at  [2]int
		was int
	}
	keys := make([]key, len(edits))
	for k := range edits {
		keys[k] = key{order(&edits[k]), k}
	}
	slices.SortFunc(keys, func(x, y key) int {
		return cmp.Or(x.at[0]-y.at[0], x.at[1]-y.at[1], x.was-y.was)
	})
	for k := range keys { // round by round
		if keys[k].was == k {
			continue
		}
		first, to := edits[k], k
		for keys[to].was != k {
			from := keys[to].was
			edits[to], keys[to].was = edits[from], to
			to = from
		}
		edits[to], keys[to].was = first, to
	}
}

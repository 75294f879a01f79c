package index

import (
	"slices"
)

// groupHits is how many passages of a document are shown together.
const groupHits = 3

// A Group is a document that was found, with its twins in other languages: its
// best passages are the next so many of [Result.Hits].
type Group struct {
	Document string // for [Query.Document]
	Hits     int    // shown
	Total    int    // found
}

// grouped chooses the documents that are shown, in the order of their best
// passages, and the best passages of each.
func (e *engine) grouped(res *Result, all []candidate) []candidate {
	order := e.order()
	total := map[int32]int{}
	best := map[int32][]candidate{}
	for _, c := range all {
		g := e.group[e.page[c.doc]]
		total[g]++
		list := best[g]
		if len(list) == groupHits && order(c, list[groupHits-1]) > 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(list, c, order)
		list = slices.Insert(list, at, c)
		best[g] = list[:min(len(list), groupHits)]
	}
	leads := make([]candidate, 0, len(best))
	for _, list := range best {
		leads = append(leads, list[0])
	}
	res.Documents = len(leads)
	leads = first(leads, e.q.Offset+e.q.Limit, order)
	var shown []candidate
	for _, c := range leads[min(e.q.Offset, len(leads)):] {
		g := e.group[e.page[c.doc]]
		res.Groups = append(res.Groups, Group{e.byGroup[g], len(best[g]), total[g]})
		shown = append(shown, best[g]...)
	}
	return shown
}

// ofDocument leaves only the passages of one document; nil for all.
func (e *engine) ofDocument() filter {
	if e.q.Document == "" {
		return nil
	}
	g, ok := e.groups[e.q.Document]
	return func(d uint32) bool { return ok && e.group[e.page[d]] == g }
}

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

// documents are those of the passages found.
type documents struct {
	*engine
	order func(a, b candidate) int
	total map[int32]int
	best  map[int32][]candidate
	found []int32 // in the order in which they were found
}

func (e *engine) documents() *documents {
	return &documents{engine: e, order: e.order(), total: map[int32]int{}, best: map[int32][]candidate{}}
}

// add puts a passage among those of its document.
func (d *documents) add(c candidate) {
	g := d.group[d.page[c.doc]]
	if d.total[g]++; d.total[g] == 1 {
		d.found = append(d.found, g)
	}
	list := d.best[g]
	if len(list) == groupHits && d.order(c, list[groupHits-1]) > 0 {
		return
	}
	at, _ := slices.BinarySearchFunc(list, c, d.order)
	list = slices.Insert(list, at, c)
	d.best[g] = list[:min(len(list), groupHits)]
}

// shown chooses the documents that are shown, in the order of their best
// passages, and the best passages of each.
func (d *documents) shown(res *Result) (shown []candidate) {
	leads := make([]candidate, 0, len(d.found))
	for _, g := range d.found { // in the same order each time: see neverAlike
		leads = append(leads, d.best[g][0])
	}
	res.Documents = len(leads)
	leads = first(leads, d.q.Offset+d.q.Limit, d.order)
	for _, c := range leads[min(d.q.Offset, len(leads)):] {
		g := d.group[d.page[c.doc]]
		res.Groups = append(res.Groups, Group{d.byGroup[g], len(d.best[g]), d.total[g]})
		shown = append(shown, d.best[g]...)
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

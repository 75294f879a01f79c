package server

import (
	"net/url"
	"strconv"
)

// leafBytes is about how many bytes of HTML a page gives to a list that is
// longer: with all around it, it stays below 100 KB.
const leafBytes = 72 << 10

// leaves are where a reader is in a list that is longer than a page.
type leaves struct {
	From, To, Total int // of what is shown, the first is 1
	Prev, Next      string
	All             string // where all of it is; "" if there is no such page
}

// leaf cuts a list of n into pages of about budget bytes, by what each of it
// weighs, and chooses the page on which number offset stands: from <= to <= n.
// What weighs more than a page has one of its own. The leaves are nil where the
// whole list is one page.
func leaf(path string, query url.Values, offset, n, budget int, weigh func(i int) int) (from, to int, l *leaves) {
	starts, sum := []int{0}, 0
	for i := range n {
		w := weigh(i)
		if sum += w; sum > budget && i > starts[len(starts)-1] {
			starts, sum = append(starts, i), w
		}
	}
	if len(starts) == 1 {
		return 0, n, nil
	}
	k := 0
	for k+1 < len(starts) && starts[k+1] <= offset {
		k++
	}
	starts = append(starts, n)
	from, to = starts[k], starts[k+1]
	l = &leaves{From: from + 1, To: to, Total: n}
	query = without(query, "ui", "offset", "note", "block")
	at := func(start int) string {
		if start == 0 {
			return with(path, query, "offset", "")
		}
		return with(path, query, "offset", strconv.Itoa(start))
	}
	if k > 0 {
		l.Prev = at(starts[k-1])
	}
	if to < n {
		l.Next = at(to)
	}
	return from, to, l
}

// offsetOf is where an address asks a list to go on.
func offsetOf(query url.Values) (int, error) {
	return parseNumber("offset", query.Get("offset"), 0, 0, 1<<30)
}

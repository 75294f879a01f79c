package server

import (
	"net/url"
	"strconv"
)

// leaves are where a reader is in a list that is longer than a page.
type leaves struct {
	From, To, Total int // of what is shown, the first is 1
	Prev, Next      string
	All             string // where all of it is; "" if there is no such page
}

// leaf chooses the part of a list that an address asks for with offset=: at most
// size of total. The part is nil-safe: from <= to <= total.
func leaf(path string, query url.Values, total, size int) (from, to int, l *leaves, err error) {
	if from, err = parseNumber("offset", query.Get("offset"), 0, 0, 1<<30); err != nil {
		return 0, 0, nil, err
	}
	from = min(from, total)
	to = min(from+size, total)
	if from == 0 && to == total {
		return from, to, nil, nil
	}
	l = &leaves{From: min(from+1, total), To: to, Total: total}
	query = without(query, "ui")
	if from > 0 {
		l.Prev = with(path, query, "offset", "")
		if from > size {
			l.Prev = with(path, query, "offset", strconv.Itoa(from-size))
		}
	}
	if to < total {
		l.Next = with(path, query, "offset", strconv.Itoa(to))
	}
	return from, to, l, nil
}

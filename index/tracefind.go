package index

import (
	"cmp"
	"context"
	"slices"

	"veille/archive"
)

// The bounds of a trace. What stands nearly everywhere nobody reads to its end:
// then the oldest places are told, and that there are more.
const (
	maxTraced = 40_000 // passages that are told whole,
	maxLines  = 40_000 // and places in which a key stands in them
	oldest    = 10_000 // are told of more, of either
)

// A tracer gathers the lines of one trace.
type tracer struct {
	*state
	q     *TraceQuery
	text  *textReader
	pages map[archive.PageID]*tracedPage
	read  map[[2]string][]keyPlace // by language and text
	forms map[[2]string]*Form      // by language and text
	paths map[string][]string
	last  []string          // of paths
	name  []byte            // of a path
	texts map[string]string // that lines have, each once
	stood []occurrence
	lines int // so far

	reading   passage
	standings []standing // room for them
	passages  int        // that may have a key
}

func newTracer(s *state, q *TraceQuery, keys []*key) *tracer {
	return &tracer{state: s, q: q, text: newTextReader(keys), pages: map[archive.PageID]*tracedPage{}, forms: map[[2]string]*Form{}, read: map[[2]string][]keyPlace{},
		paths: map[string][]string{}, texts: map[string]string{}}
}

// collect reads the passages that have a key; of too many the oldest.
func (tr *tracer) collect(ctx context.Context, keys []*key, pass filter) (more bool, err error) {
	found := tr.noPassages()
	for _, k := range keys {
		if err := k.passages(ctx, tr.state, pass, found, found); err != nil {
			return false, err
		}
	}
	list := found.list()
	if tr.passages = len(list); len(list) <= maxTraced {
		tr.read = make(map[[2]string][]keyPlace, len(list)/2)
		if over, err := tr.look(ctx, list, maxLines); err != nil || !over { // as they lie in the index
			return false, err
		}
		clear(tr.pages)
		tr.stood, tr.lines = tr.stood[:0], 0
	}
	list = least(list, min(oldest, len(list)), tr.older)
	slices.SortFunc(list, tr.older)
	_, err = tr.look(ctx, list, oldest)
	return true, err
}

// older puts passages in the order of their time.
func (tr *tracer) older(a, b uint32) int {
	return cmp.Or(cmp.Compare(tr.from[a], tr.from[b]), cmp.Compare(tr.page[a], tr.page[b]), cmp.Compare(tr.block[a], tr.block[b]), cmp.Compare(a, b))
}

// look takes the lines of passages until there are so many.
func (tr *tracer) look(ctx context.Context, list []uint32, most int) (over bool, err error) {
	for i, d := range list {
		if i%256 == 0 && ctx.Err() != nil {
			return false, ctx.Err()
		}
		p, err := tr.traced(d)
		if err != nil {
			return false, err
		}
		if tr.passage(d, p); tr.lines >= most && i+1 < len(list) {
			return true, nil
		}
	}
	return false, nil
}

// least puts the n least of a list before the others, and returns them (Hoare's
// selection).
func least[T any](list []T, n int, compare func(a, b T) int) []T {
	for low, high := 0, len(list)-1; low < high; {
		pivot := list[low+(high-low)/2]
		i, j := low, high
		for i <= j {
			for compare(list[i], pivot) < 0 {
				i++
			}
			for compare(list[j], pivot) > 0 {
				j--
			}
			if i <= j {
				list[i], list[j] = list[j], list[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case n-1 <= j:
			high = j
		case n-1 >= i:
			low = i
		default:
			return list[:n]
		}
	}
	return list[:n]
}

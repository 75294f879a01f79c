package index

import (
	"context"
	"reflect"
	"slices"

	"veille/archive"
)

// A trace is followed from one state of the index to the next: each Sync says of
// which pages it wrote passages, and only these are read again. The trace is the
// one that would be made anew: that of the other pages is what it was, as all of
// a passage but its number is. Where words that are new in the index are ways of
// writing the phrase, where forms are left out, and where there is more than can
// be looked at, it is made anew.

// maxWritten is of how many pages passages may have been written since a trace
// was made, for it to be followed.
const maxWritten = 5000

// A former is a trace of an earlier state, and the pages that were written since.
type former struct {
	*traced
	used    int
	written []map[archive.PageID]bool
	pages   int // in all of them
}

// wrote reports whether passages of a page were written since.
func (f *former) wrote(page archive.PageID) bool {
	return slices.ContainsFunc(f.written, func(pages map[archive.PageID]bool) bool { return pages[page] })
}

// follow gives the traces of a state to the next one, before which passages of
// these pages were written.
func (ts *traces) follow(next *traces, written map[archive.PageID]bool) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	next.mu.Lock()
	defer next.mu.Unlock()
	next.clock, next.former = ts.clock, map[string]*former{}
	give := func(name string, f *former) {
		if f.pages+len(written) > maxWritten {
			return
		}
		next.former[name] = &former{f.traced, f.used, append(slices.Clip(f.written), written), f.pages + len(written)}
		next.lines += f.lines
	}
	for name, f := range ts.former {
		give(name, f)
	}
	for name, t := range ts.known {
		if t.err == nil && len(t.without) == 0 && !t.trace.More {
			give(name, &former{traced: t, used: t.used})
		}
	}
}

// formerOf is the trace of an earlier state by its name, nil if there is none.
func (ts *traces) formerOf(name string) *former {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return ts.former[name]
}

// retrace makes a trace from an earlier one, or reports that it is to be made
// anew. made has its keys.
func (s *state) retrace(ctx context.Context, a *archive.Archive, q *TraceQuery, f *former, pass filter, made *traced) (ok bool, err error) {
	if !reflect.DeepEqual(f.keys, made.keys) {
		return false, nil
	}
	tr := newTracer(s, q, made.keys)
	if more, err := tr.collect(ctx, made.keys, func(d uint32) bool { return f.wrote(archive.PageID(s.page[d])) && pass(d) }); err != nil || more {
		return false, err
	}
	for _, o := range f.stood {
		if f.wrote(o.page) {
			continue
		}
		if o.kind, ok = s.numbers[f.kinds[o.kind]]; !ok {
			return false, nil
		}
		tr.stood = append(tr.stood, o)
	}
	made.passages, made.lines = f.passages+tr.passages, len(tr.stood)
	if made.passages > maxTraced || made.lines >= maxLines {
		return false, nil
	}
	var pages []TracedPage
	for i := range f.trace.Pages {
		if p := &f.trace.Pages[i]; !f.wrote(p.Page) {
			pages = append(pages, *p)
		}
	}
	return true, tr.finish(ctx, a, pages, made)
}

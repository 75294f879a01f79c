package index

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"veille/archive"
)

// Traces that were made last are kept: a page of the site, its timeline and its
// table are the same trace, and so are those of all its readers. A trace is kept
// with the state of the index that it was made in, and nobody gets one of an
// index that has grown since: from one state to the next it is followed
// (tracefollow.go). What depends on the moment it is asked
// for, the timeline, is counted for each caller. Of several who ask for the same
// at the same time one makes it, and the others wait.

// The bounds of keeping traces.
const (
	keptTraces     = 64
	keptTraceLines = 150_000 // of all that are kept, but for the last one
)

// errNotMade is what those get who waited for a trace that was not made.
var errNotMade = errors.New("the trace was not made")

// A traced is a trace without its timeline, and what that is counted from.
type traced struct {
	trace    *Trace
	stood    []occurrence
	lines    int
	passages int       // that may have a key, at most
	keys     []*key    // that were looked for
	kinds    []variety // by the numbers in stood
	without  []string

	done chan struct{} // closed when it is made, or err says why not
	err  error
	used int
}

// traces are those that are kept, by what was asked for.
type traces struct {
	mu     sync.Mutex
	known  map[string]*traced
	former map[string]*former // of an earlier state, until they are asked for
	lines  int                // of all of them
	clock  int
}

// name is what a trace is known by: all that it depends on but the moment.
func (q *TraceQuery) name(a *archive.Archive) string {
	return fmt.Sprintf("%p %q %q %q %t %q %t", a, q.Phrase, q.Langs, q.Sources, q.Exact, q.Without, q.All)
}

// get returns a trace that is kept, or makes it.
func (ts *traces) get(ctx context.Context, name string, fill func(*traced) error) (*traced, error) {
	for {
		ts.mu.Lock()
		t := ts.known[name]
		if t == nil {
			t = &traced{done: make(chan struct{}), err: errNotMade}
			if ts.known == nil {
				ts.known = map[string]*traced{}
			}
			ts.known[name] = t
			ts.mu.Unlock()
			return t, ts.make(name, t, fill)
		}
		ts.clock++
		t.used = ts.clock
		ts.mu.Unlock()
		select {
		case <-t.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		switch {
		case t.err == nil:
			return t, nil
		case errors.Is(t.err, errNotMade) || errors.Is(t.err, context.Canceled) || errors.Is(t.err, context.DeadlineExceeded):
			continue // it is not what was asked for that was wrong
		}
		return nil, t.err
	}
}

// made is a trace that is kept, nil if there is none.
func (ts *traces) made(name string) *traced {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := ts.known[name]
	if t == nil || t.err != nil {
		return nil
	}
	ts.clock++
	t.used = ts.clock
	return t
}

// make makes a trace that others may wait for.
func (ts *traces) make(name string, t *traced, fill func(*traced) error) (err error) {
	err = errNotMade
	defer func() { // fill may panic
		ts.mu.Lock()
		defer ts.mu.Unlock()
		defer close(t.done)
		if t.err = err; err != nil {
			delete(ts.known, name)
			return
		}
		ts.clock++
		t.used = ts.clock
		ts.lines += t.lines
		ts.leave(name)
		ts.drop(t)
	}()
	err = fill(t)
	return err
}

// leave lets go of a trace of an earlier state.
func (ts *traces) leave(name string) {
	if f := ts.former[name]; f != nil {
		ts.lines -= f.lines
		delete(ts.former, name)
	}
}

// drop lets go of the traces that were asked for longest ago, while there are
// too many. One that is being made is left.
func (ts *traces) drop(but *traced) {
	for len(ts.known)+len(ts.former) > keptTraces || ts.lines > keptTraceLines {
		oldest, used, old := "", 0, false
		for name, t := range ts.known {
			if t != but && t.err == nil && (oldest == "" || t.used < used) {
				oldest, used, old = name, t.used, false
			}
		}
		for name, f := range ts.former {
			if oldest == "" || f.used < used {
				oldest, used, old = name, f.used, true
			}
		}
		switch {
		case oldest == "":
			return
		case old:
			ts.leave(oldest)
		default:
			ts.lines -= ts.known[oldest].lines
			delete(ts.known, oldest)
		}
	}
}

// counted is the trace with its timeline, which ends now.
func (t *traced) counted(x *Index, s *state, q *TraceQuery) *Trace {
	out := *t.trace
	out.Pages = slices.Clone(t.trace.Pages) // their frequencies are counted too
	(&tracer{state: s, q: q, stood: t.stood}).count(&out, x.sources)
	return &out
}

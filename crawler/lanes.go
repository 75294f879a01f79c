package crawler

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// errNotAsked is wrapped by the error about a request that was not made,
// because its host is to be left alone for a while. It is no fact about the
// page, so no capture is made of it.
var errNotAsked = errors.New("not asked")

// Limits of patience with a host within a run.
const (
	// longestWait is how long a run waits for a host that asked to be left
	// alone; the pages of one that asked for more are left for a later run.
	longestWait = time.Minute
	// mostSilent is after how many requests in a row without an answer the
	// host's other pages are left for later.
	mostSilent = 3
	silentRest = 10 * time.Minute
)

// Lanes keep requests to a host apart: one at a time, with a pause between.
// They outlive a run, so that the next one keeps the distance too.
type lanes struct {
	mu sync.Mutex
	by map[string]*lane
}

// A lane is one host's. Whoever holds the token may use the rest.
type lane struct {
	token  chan struct{}
	next   time.Time // not before: the host asked for it
	last   time.Time // when the last answer ended
	silent int       // requests in a row without an answer
}

func (l *lanes) lane(host string) *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by == nil {
		l.by = map[string]*lane{}
	}
	if l.by[host] == nil {
		l.by[host] = &lane{token: make(chan struct{}, 1)}
		l.by[host].token <- struct{}{}
	}
	return l.by[host]
}

// A turn is the right to make one request to a host. Whoever has it gives it
// back with leave.
type turn struct{ lane *lane }

// enter waits for a host's turn: until no other request is under way, and
// pause has passed since the last one ended. Where the host is to be left
// alone for longer than a run waits, the error wraps errNotAsked. The waiting
// is real time, whatever clock the crawler was given.
func (l *lanes) enter(ctx context.Context, host string, pause time.Duration) (*turn, error) {
	n := l.lane(host)
	select {
	case <-n.token:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if asked := time.Until(n.next); asked > longestWait {
		n.token <- struct{}{}
		why := "asked to be left alone"
		if n.silent >= mostSilent {
			why = fmt.Sprintf("did not answer %d times in a row and is left alone", n.silent)
		}
		return nil, fmt.Errorf("%s %s for another %s: %w", host, why, asked.Round(time.Second), errNotAsked)
	}
	at := n.next
	if from := n.last.Add(pause); !n.last.IsZero() && from.After(at) {
		at = from
	}
	if wait := time.Until(at); wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			n.token <- struct{}{}
			return nil, ctx.Err()
		}
	}
	return &turn{n}, nil
}

// leave gives the turn back. answered says whether the host said anything;
// rest is how long it asked to be left alone, 0 if it did not.
func (t *turn) leave(answered bool, rest time.Duration) {
	n := t.lane
	n.last = time.Now()
	if answered {
		n.silent = 0
	} else if n.silent++; n.silent >= mostSilent {
		rest = max(rest, silentRest)
	}
	if until := n.last.Add(rest); rest > 0 && until.After(n.next) {
		n.next = until
	}
	n.token <- struct{}{}
}

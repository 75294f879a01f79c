package crawler

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Lanes keep requests to a host apart: one at a time, with a pause between.
type lanes struct {
	now func() time.Time

	mu sync.Mutex
	by map[string]*lane
}

// A lane is one host's. Whoever holds the token may use the rest.
type lane struct {
	token chan struct{}
	next  time.Time // not before
	last  time.Time // when the last answer ended
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

// enter waits for a host's turn: until no other request is under way, and
// pause has passed since the last one ended. It returns what gives the turn
// back; until, if not zero, is a time before which the host asked to be left
// alone.
func (l *lanes) enter(ctx context.Context, host string, pause time.Duration) (leave func(until time.Time), err error) {
	n := l.lane(host)
	select {
	case <-n.token:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	at := n.next
	if !n.last.IsZero() && n.last.Add(pause).After(at) {
		at = n.last.Add(pause)
	}
	now := l.now()
	if asked := n.next.Sub(now); asked > time.Minute {
		n.token <- struct{}{}
		return nil, fmt.Errorf("%s asked to be left alone for another %s", host, asked.Round(time.Second))
	}
	if wait := at.Sub(now); wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			n.token <- struct{}{}
			return nil, ctx.Err()
		}
	}
	return func(until time.Time) {
		n.last = l.now()
		if until.After(n.next) {
			n.next = until
		}
		n.token <- struct{}{}
	}, nil
}

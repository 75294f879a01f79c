package index

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// No more searches run at a time than the machine can do at a time; the others
// wait their turn. So each is done soon after it has begun, rather than all of
// them late, and memory is needed for those that run.

// longTurn is how long a search keeps others waiting: one that needs longer goes
// on beside them.
const longTurn = 100 * time.Millisecond

// A gate lets a number of callers in at a time, in the order in which they came.
type gate chan struct{}

func newGate() gate { return make(gate, max(2, runtime.GOMAXPROCS(0))) }

// enter waits until there is room, or ctx ends. leave must be called then, and
// may be called more than once.
func (g gate) enter(ctx context.Context) (leave func(), err error) {
	select {
	case g <- struct{}{}:
		return sync.OnceFunc(func() { <-g }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// enterFor is enter, but that the next may come in after a while, whatever the
// caller does.
func (g gate) enterFor(ctx context.Context, most time.Duration) (leave func(), err error) {
	release, err := g.enter(ctx)
	if err != nil {
		return nil, err
	}
	timer := time.AfterFunc(most, release)
	return func() {
		timer.Stop()
		release()
	}, nil
}

package courtesy

import (
	"testing"
	"testing/synctest"
	"time"
)

// What counts is the processor time that a piece needed, not how long it took.
func TestWaitingIsNoWork(t *testing.T) {
	g := &Gate{}
	done := g.Begin(t.Context())
	began, n := threadTime(), 0
	for threadTime()-began < 20*time.Millisecond {
		n++
	}
	defer crowd(g)()
	done()
	g.mu.Lock()
	wait := time.Until(g.next)
	g.mu.Unlock()
	if n == 0 || wait <= 0 {
		t.Errorf("after 20 ms of work and %d rounds the next piece begins at once", n)
	}
	synctest.Test(t, func(t *testing.T) {
		g := &Gate{}
		defer crowd(g)()
		done := g.Begin(t.Context())
		time.Sleep(time.Hour)
		done()
		began := time.Now()
		g.Begin(t.Context())()
		if waited := time.Since(began); waited > 100*time.Millisecond {
			t.Errorf("after an hour of waiting for others it waited for another %v", waited)
		}
	})
}

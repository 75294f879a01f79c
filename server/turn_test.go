package server

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestLongQuestionsTakeTurns: one after another, a bounded number of them, and
// none waits for ever.
func TestLongQuestionsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTurns()
		ts.most = 2
		var all []func() // every turn there is
		for ts.room.TryAcquire(1) {
			all = append(all, func() { ts.room.Release(1) })
		}
		came := make(chan error, 2)
		for range 2 {
			go func() {
				done, err := ts.take(t.Context())
				if came <- err; err == nil {
					done()
				}
			}()
		}
		synctest.Wait()
		if _, err := ts.take(t.Context()); !errors.Is(err, errBusy) {
			t.Errorf("the third who waits got %v, not that there are too many", err)
		}
		for _, done := range all {
			done()
		}
		if err := errors.Join(<-came, <-came); err != nil {
			t.Errorf("those who waited got no turn: %v", err)
		}
	})
}

// TestNobodyWaitsForEver: who has waited long is told so; who has left is not.
func TestNobodyWaitsForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTurns()
		for ts.room.TryAcquire(1) {
		}
		began := time.Now()
		if _, err := ts.take(t.Context()); !errors.Is(err, errBusy) || time.Since(began) != longestWait {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		ctx, leave := context.WithCancel(t.Context())
		leave()
		if _, err := ts.take(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("who has left got %v", err)
		}
	})
}

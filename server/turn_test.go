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
		ts := newTurns(.5)
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
		ts := newTurns(.5)
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

// TestNobodyWaitsBehindAGiant: a question that goes on for long goes on beside
// the next, as many as there is room for; each gives back what it took.
func TestNobodyWaitsBehindAGiant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTurns(0)
		began := time.Now()
		var giants []func()
		for n := range mostBeside + 1 {
			done, err := ts.take(t.Context())
			if err != nil || time.Since(began) != time.Duration(n)*longestTurn {
				t.Fatalf("giant %d after %s: %v", n, time.Since(began), err)
			}
			giants = append(giants, done)
		}
		if _, err := ts.take(t.Context()); !errors.Is(err, errBusy) {
			t.Errorf("one more beside all giants: %v", err)
		}
		giants[0]()
		done, err := ts.take(t.Context()) // the last of the giants makes room
		if err != nil {
			t.Fatal(err)
		}
		done()
		for _, done := range giants[1:] {
			done()
		}
		if !ts.room.TryAcquire(1) || ts.room.TryAcquire(1) || !ts.beside.TryAcquire(mostBeside) || ts.beside.TryAcquire(1) {
			t.Error("there are other turns than before")
		}
	})
}

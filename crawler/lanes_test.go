package crawler

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLanesKeepTheirDistance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l lanes
		var mu sync.Mutex
		var begun []time.Duration
		start := time.Now()
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				turn, err := l.enter(t.Context(), "a.example", 5*time.Second)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				begun = append(begun, time.Since(start))
				mu.Unlock()
				time.Sleep(2 * time.Second) // the request itself
				turn.leave(true, 0)
			})
		}
		all.Go(func() {
			if turn, err := l.enter(t.Context(), "b.example", time.Hour); err != nil || time.Since(start) != 0 {
				t.Errorf("another host waited for %s: %v", time.Since(start), err)
			} else {
				turn.leave(true, 0)
			}
		})
		all.Wait()
		for i, at := range begun {
			if want := time.Duration(i) * 7 * time.Second; at != want {
				t.Errorf("request %d began after %s, want %s", i, at, want)
			}
		}
	})
}

func TestLanesEndTheirWaitWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l lanes
		turn, err := l.enter(t.Context(), "a.example", 0)
		if err != nil {
			t.Fatal(err)
		}
		turn.leave(true, 0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.enter(ctx, "a.example", time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("entered within the pause: %v", err)
		}
		if turn, err = l.enter(t.Context(), "a.example", 0); err != nil { // the token was given back
			t.Fatal(err)
		}
		turn.leave(true, 0)
	})
}

func TestLanesLeaveAHostAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l lanes
		visit := func(answered bool, rest time.Duration) error {
			turn, err := l.enter(t.Context(), "a.example", 0)
			if err == nil {
				turn.leave(answered, rest)
			}
			return err
		}
		start := time.Now()
		visit(true, 30*time.Second)
		if err := visit(true, time.Hour); err != nil || time.Since(start) != 30*time.Second {
			t.Errorf("a short rest is waited for: %v after %s", err, time.Since(start))
		}
		if err := visit(true, 0); !errors.Is(err, errNotAsked) {
			t.Errorf("asked within the hour: %v", err)
		}
		time.Sleep(time.Hour)
		for range mostSilent {
			if err := visit(false, 0); err != nil {
				t.Error(err)
			}
		}
		if err := visit(true, 0); !errors.Is(err, errNotAsked) {
			t.Errorf("asked a host that does not answer: %v", err)
		}
		time.Sleep(silentRest)
		if err := visit(true, 0); err != nil {
			t.Errorf("after the rest: %v", err)
		}
	})
}

package courtesy

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// newGate is one for which sleeping is work.
func newGate() *Gate {
	start := time.Now()
	return &Gate{clock: func() time.Duration { return time.Since(start) }}
}

// crowd has as many people be answered as there are processors, until done.
func crowd(g *Gate) (done func()) {
	var all []func()
	for range runtime.GOMAXPROCS(0) {
		all = append(all, g.Answer())
	}
	return func() {
		for _, leave := range all {
			leave()
		}
	}
}

// work does pieces of ten milliseconds for so long, and returns how many.
func work(ctx context.Context, d time.Duration) (pieces int) {
	for end := time.Now().Add(d); time.Now().Before(end); pieces++ {
		done := Begin(ctx)
		time.Sleep(10 * time.Millisecond)
		done()
	}
	return pieces
}

func TestWithoutReadersNothingWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		if n := work(With(t.Context(), g), time.Second); n != 100 {
			t.Errorf("%d pieces in the time of 100", n)
		}
		if n := work(t.Context(), time.Second); n != 100 {
			t.Errorf("without a gate: %d pieces in the time of 100", n)
		}
	})
}

// Beside readers who never cease the background has its share, however many
// workers it has, and each worker its part of it.
func TestBesideReadersTheBackgroundHasItsShare(t *testing.T) {
	for _, workers := range []int{1, 2, 16} {
		synctest.Test(t, func(t *testing.T) {
			g := newGate()
			defer crowd(g)()
			ctx := With(t.Context(), g)
			pieces := make([]int, workers)
			var all sync.WaitGroup
			for n := range pieces {
				all.Go(func() { pieces[n] = work(ctx, 100*time.Second) })
			}
			all.Wait()
			sum := 0
			for n, p := range pieces {
				if sum += p; p < 90 { // one in a second
					t.Errorf("of %d workers number %d did %d pieces in 100 s", workers, n, p)
				}
			}
			// Those who have waited for a second go on whatever the others do.
			if most := 2100 + 100*workers; sum < 1900 || sum > most {
				t.Errorf("%d workers did %d pieces in 100 s, want about 2000", workers, sum)
			}
		})
	}
}

func TestWhoWaitsGoesOnWhenTheLastReaderIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		ctx := With(t.Context(), g)
		answered := crowd(g)
		done := Begin(ctx)
		time.Sleep(100 * time.Millisecond)
		done() // the next would begin in 400 ms
		began := time.Now()
		go func() {
			time.Sleep(30 * time.Millisecond)
			answered()
		}()
		Begin(ctx)()
		if waited := time.Since(began); waited != 30*time.Millisecond {
			t.Errorf("it waited for %v, and the readers were there for 30ms", waited)
		}
	})
}

// A piece that takes long is no reason to wait for long, and whoever is told to
// stop does not wait at all.
func TestNobodyWaitsForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		defer crowd(g)()
		long := func() {
			done := g.Begin(t.Context())
			time.Sleep(time.Hour)
			done()
			done() // once is enough
		}
		long()
		began := time.Now()
		g.Begin(t.Context())
		if waited := time.Since(began); waited != longest {
			t.Errorf("after an hour's work it waited for %v", waited)
		}
		long()
		ctx, stop := context.WithCancel(t.Context())
		stop()
		began = time.Now()
		g.Begin(ctx)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("told to stop, it waited for %v", waited)
		}
	})
}

// On a machine of many processors few readers leave room enough.
func TestFewReadersOnALargeMachineAreNotInTheWay(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8))
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		for range 3 {
			defer g.Answer()()
		}
		if n := work(With(t.Context(), g), time.Second); n != 100 {
			t.Errorf("beside 3 readers on 8 processors: %d pieces in the time of 100", n)
		}
		defer g.Answer()()
		if n := work(With(t.Context(), g), time.Second); n > 25 {
			t.Errorf("beside 4 readers on 8 processors: %d pieces in the time of 100", n)
		}
	})
}

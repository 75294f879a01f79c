package server

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// Questions that take long take turns, so that there is always a processor for
// pages that are quick, and for the crawler. Those about all pages – a trace, the
// figures beside a phrase – take theirs on half of the processors, and those
// about one page or a few – who said what since when, where else a wording
// stands – do not wait for them. One that goes on for long goes on beside the
// next, as far as there is room: nobody waits behind a giant. Who would wait too
// long, or behind too many, is asked to come back.
const (
	maxWaiting  = 400
	longestWait = 40 * time.Second
	longestTurn = time.Second
	mostBeside  = 3
	retryAfter  = "15" // seconds
)

// errBusy is for those who do not get a turn.
var errBusy = errors.New("too many long questions are being answered; try again in a few seconds")

// turns are given in the order in which they were asked for. They may be used
// concurrently.
type turns struct {
	room    *semaphore.Weighted
	beside  *semaphore.Weighted // for those that go on for long
	waiting atomic.Int64
	most    int64         // who may wait
	patient time.Duration // for so long
}

// newTurns makes as many as a share of the processors, one at least.
func newTurns(share float64) *turns {
	n := max(1, int64(share*float64(runtime.GOMAXPROCS(0))))
	return &turns{room: semaphore.NewWeighted(n), beside: semaphore.NewWeighted(mostBeside), most: maxWaiting, patient: longestWait}
}

// take waits for a turn; done must be called after it. Somebody who has one must
// not ask for another. The error is errBusy, or the one of ctx if that has ended.
// Nil turns are given at once.
func (t *turns) take(ctx context.Context) (done func(), err error) {
	if t == nil {
		return func() {}, nil
	}
	if t.room.TryAcquire(1) {
		return t.taken(), nil
	}
	defer t.waiting.Add(-1)
	if t.waiting.Add(1) > t.most {
		return nil, errBusy
	}
	short, stop := context.WithTimeout(ctx, t.patient)
	defer stop()
	if t.room.Acquire(short, 1) == nil {
		return t.taken(), nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return nil, errBusy
}

// taken is a turn that goes on beside the others once it is long.
func (t *turns) taken() (done func()) {
	var mu sync.Mutex // guards all below
	var timer *time.Timer
	in, over := t.room, false
	mu.Lock()
	defer mu.Unlock()
	timer = time.AfterFunc(longestTurn, func() {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case over:
		case t.beside.TryAcquire(1):
			in = t.beside
			t.room.Release(1)
		default:
			timer.Reset(longestTurn)
		}
	})
	return func() {
		mu.Lock()
		defer mu.Unlock()
		over = true
		timer.Stop()
		in.Release(1)
	}
}

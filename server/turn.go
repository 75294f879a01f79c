package server

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// Questions that take long – a trace, the figures beside a phrase, who said what
// since when – take turns, on half of the processors: the other half is for pages
// that are quick, and for the crawler. Who would wait too long, or behind too
// many, is asked to come back.
const (
	maxWaiting  = 100
	longestWait = 20 * time.Second
	retryAfter  = "15" // seconds
)

// errBusy is for those who do not get a turn.
var errBusy = errors.New("too many long questions are being answered; try again in a few seconds")

// turns are given in the order in which they were asked for. They may be used
// concurrently.
type turns struct {
	room    *semaphore.Weighted
	waiting atomic.Int64
	most    int64         // who may wait
	patient time.Duration // for so long
}

func newTurns() *turns {
	return &turns{room: semaphore.NewWeighted(int64(max(1, runtime.GOMAXPROCS(0)/2))), most: maxWaiting, patient: longestWait}
}

// take waits for a turn; done must be called after it. Somebody who has one must
// not ask for another. The error is errBusy, or the one of ctx if that has ended.
// Nil turns are given at once.
func (t *turns) take(ctx context.Context) (done func(), err error) {
	if t == nil {
		return func() {}, nil
	}
	done = func() { t.room.Release(1) }
	if t.room.TryAcquire(1) {
		return done, nil
	}
	defer t.waiting.Add(-1)
	if t.waiting.Add(1) > t.most {
		return nil, errBusy
	}
	short, stop := context.WithTimeout(ctx, t.patient)
	defer stop()
	if t.room.Acquire(short, 1) == nil {
		return done, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return nil, errBusy
}

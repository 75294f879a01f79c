// Package courtesy has what is done in the background give way to people who
// are being answered: a page is there when it is wanted, and the crawl a little
// later.
package courtesy

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// While people are being answered, what is done in the background has a fifth of
// the time of one processor: after each piece of work it pauses for four times the
// processor time that was needed, but never for longer than a second, so that it
// goes on in any case.
const (
	pauses  = 4
	longest = time.Second
	// apart is how soon the next may begin that waited beside one who went on: they
	// do not begin all at once.
	apart = 2 * time.Millisecond
)

// A Gate knows who is being answered. Its zero value is ready, a nil one lets
// everything pass, and it may be used concurrently.
type Gate struct {
	mu      sync.Mutex
	readers int
	next    time.Time     // while somebody is being answered, no piece begins before
	left    chan struct{} // closed when nobody is any more; nil if nobody waits for that

	clock func() time.Duration // processor time; nil: that of the thread
}

// Answer says that somebody is being answered, until done is called.
func (g *Gate) Answer() (done func()) {
	if g == nil {
		return func() {}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.readers++
	return sync.OnceFunc(g.answered)
}

func (g *Gate) answered() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.readers--
	if !g.busy() && g.left != nil {
		close(g.left)
		g.left = nil
	}
}

// busy reports whether the processors are wanted: more people are being answered
// than leave half of them free. g.mu is held.
func (g *Gate) busy() bool { return g.readers > (runtime.GOMAXPROCS(0)-1)/2 }

// Begin waits until a piece of work in the background may begin, a second at
// most, or until ctx ends: the work itself heeds that. done is to be called when it
// is over, by the same goroutine. A piece is what takes some milliseconds; whoever
// waits must hold nothing that people wait for.
func (g *Gate) Begin(ctx context.Context) (done func()) {
	if g == nil {
		return func() {}
	}
	for last := time.Now().Add(longest); !g.pass(ctx, last); {
	}
	now := g.clock
	if now == nil {
		runtime.LockOSThread()
		now = threadTime
	}
	began := now()
	return sync.OnceFunc(func() {
		g.spent(now() - began)
		if g.clock == nil {
			runtime.UnlockOSThread()
		}
	})
}

// pass reports whether a piece may begin; if not, it has waited for a while. At
// last it may in any case.
func (g *Gate) pass(ctx context.Context, last time.Time) bool {
	g.mu.Lock()
	now := time.Now()
	busy := g.busy()
	if !busy || !now.Before(g.next) || !now.Before(last) || ctx.Err() != nil {
		if soon := now.Add(apart); busy && g.next.Before(soon) {
			g.next = soon
		}
		g.mu.Unlock()
		return true
	}
	until := g.next
	if last.Before(until) {
		until = last
	}
	if g.left == nil {
		g.left = make(chan struct{})
	}
	left := g.left
	g.mu.Unlock()
	t := time.NewTimer(until.Sub(now))
	defer t.Stop()
	select {
	case <-t.C:
	case <-left:
	case <-ctx.Done():
	}
	return false
}

// spent puts the next piece off, if there is somebody to give way to.
func (g *Gate) spent(took time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.busy() {
		return
	}
	now := time.Now()
	next := now
	if g.next.After(now) {
		next = g.next
	}
	if next = next.Add(pauses * took); next.Sub(now) > longest {
		next = now.Add(longest)
	}
	g.next = next
}

// key is that of a gate in a context.
type key struct{}

// With gives work in the background a gate to pass.
func With(ctx context.Context, g *Gate) context.Context { return context.WithValue(ctx, key{}, g) }

// Begin is [Gate.Begin] of the gate that ctx was given. Work without one, that of
// a command which nobody waits beside, begins at once.
func Begin(ctx context.Context) (done func()) {
	g, _ := ctx.Value(key{}).(*Gate)
	return g.Begin(ctx)
}

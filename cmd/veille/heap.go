package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Memory is spent on speed while there is little of it in use: the fewer times
// what nobody needs any more is looked for, the more of the processor is there
// for readers. The more is in use, the more often it is looked for: at half of what
// is in use, but earlier where the heap would become large.
const (
	smallHeap  = 384 << 20 // bytes: up to here the heap may grow before it is swept
	largeHeap  = 480 << 20 // bytes: beyond, garbage may be least
	usualSpare = 50        // per cent of what is in use that may be garbage
	leastSpare = 20
	mostSpare  = 200
	heapEvery  = 100 * time.Millisecond
)

// spareFor is how much garbage may lie beside so many bytes in use, in per cent
// of them.
func spareFor(live uint64) int {
	if live == 0 {
		return mostSpare
	}
	usual := min(max(smallHeap*100/live, 100+usualSpare), 100+mostSpare)
	return int(min(usual, max(largeHeap*100/live, 100+leastSpare))) - 100
}

// tendHeap says again and again how much garbage may lie beside what is in use,
// until ctx ends. It is for commands that run for long, where nobody has set GOGC.
func tendHeap(ctx context.Context) {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	tick := time.NewTicker(heapEvery)
	defer tick.Stop()
	for now := usualSpare; ; {
		select {
		case <-ctx.Done():
			debug.SetGCPercent(usualSpare)
			return
		case <-tick.C:
		}
		metrics.Read(sample)
		spare := spareFor(sample[0].Value.Uint64())
		if spare > now*5/4 || spare < now { // setting it stops the world for a moment
			debug.SetGCPercent(spare)
			now = spare
		}
	}
}

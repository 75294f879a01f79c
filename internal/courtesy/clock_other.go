//go:build !linux

package courtesy

import "time"

// threadTime grows by the processor time of the thread that calls it, at most:
// here only the clock is known.
func threadTime() time.Duration { return time.Duration(time.Now().UnixNano()) }

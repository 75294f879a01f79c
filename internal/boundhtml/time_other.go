//go:build !linux

package boundhtml

import "time"

// threadTime tells the time that has passed: what a thread used of it cannot
// be known here. Ten seconds of a busy machine count as one.
func threadTime() (now func() time.Duration, release func()) {
	begin := time.Now()
	return func() time.Duration { return time.Since(begin) / 10 }, func() {}
}

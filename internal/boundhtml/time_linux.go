package boundhtml

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// threadTime ties the caller to its thread until release is called; now tells
// the processor time that this thread has used.
func threadTime() (now func() time.Duration, release func()) {
	runtime.LockOSThread()
	now = func() time.Duration {
		var u unix.Rusage
		if err := unix.Getrusage(unix.RUSAGE_THREAD, &u); err != nil {
			return 0
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return now, runtime.UnlockOSThread
}

package extract

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// limitChild bounds the memory and the time of a child process that has just
// begun, and takes away its right to write files. What it cannot do it leaves:
// the clock of the caller and the cap on the output bound it too.
func limitChild(pid int) {
	for resource, limit := range map[int]uint64{unix.RLIMIT_AS: maxPDFMemory, unix.RLIMIT_CPU: uint64(maxPDFTime / time.Second), unix.RLIMIT_FSIZE: 0} {
		_ = unix.Prlimit(pid, resource, &unix.Rlimit{Cur: limit, Max: limit}, nil)
	}
}

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

package extract

import (
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

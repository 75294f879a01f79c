package archive

import (
	"os"
	"syscall"
)

// fdatasync waits until the file's bytes, and as much of its metadata as is
// needed to read them back, are on disk.
func fdatasync(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }

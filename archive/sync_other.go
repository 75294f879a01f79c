//go:build !linux

package archive

import "os"

// fdatasync waits until the file is on disk.
func fdatasync(f *os.File) error { return f.Sync() }

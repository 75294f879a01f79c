// Command veille watches policy and legislation pages: it crawls them on
// schedule, keeps every wording, shows what changed, and tells subscribers.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	if os.Getenv("GOGC") == "" { // who sets it knows the machine
		debug.SetGCPercent(usualSpare) // small machines: half the memory for a few per cent of time
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

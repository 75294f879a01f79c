// Command authority is a time-stamp authority (RFC 3161) to try
// `veille prove --tsa` with. It says nothing that anyone could rely on: its key
// is made anew at each start.
//
//	go run ./internal/tsatest/authority
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"time"

	"veille/internal/tsatest"
)

func main() {
	listen := flag.String("listen", "localhost:3180", "where to listen")
	root := flag.String("root", "tsa-root.pem", "where to write the root certificate")
	flag.Parse()
	if err := run(*listen, *root); err != nil {
		fmt.Fprintln(os.Stderr, "authority:", err)
		os.Exit(1)
	}
}

// run serves until it is interrupted.
func run(listen, root string) error {
	a, err := tsatest.New(time.Now, nil)
	if err != nil {
		return err
	}
	if err := os.WriteFile(root, a.PEM(), 0o644); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	srv := &http.Server{Addr: listen, Handler: a, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { srv.Close() })
	fmt.Printf("time-stamps from http://%s; its root certificate is %s\n", listen, root)
	if err := srv.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return nil
}

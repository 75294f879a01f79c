package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"veille/internal/demosite"
	"veille/server"
	"veille/source"
)

type demoCmd struct {
	Listen string        `default:"localhost:8080" placeholder:"ADDR" help:"Address to listen on."`
	Every  time.Duration `default:"6s" help:"Time between two changes of the demonstration site."`
	Keep   string        `placeholder:"DIR" help:"Keep the demonstration's data in this directory, with its sources.yaml; otherwise it is removed at the end."`
}

// Run starts the demonstration site on a loopback port, watches it, and serves
// the full product, with the mails to be read in the outbox.
func (c *demoCmd) Run(ctx context.Context, a *app) error {
	dir := c.Keep
	if dir == "" {
		tmp, err := os.MkdirTemp("", "veille-demo-")
		if err != nil {
			return fmt.Errorf("demonstration data: %w", err)
		}
		defer os.RemoveAll(tmp)
		dir = tmp
	}
	a.flags.Data = dir
	site, err := demosite.New()
	if err != nil {
		return err
	}
	l, err := c.listen(dir)
	if err != nil {
		return err
	}
	web := &http.Server{Handler: site, ReadHeaderTimeout: 5 * time.Second}
	go web.Serve(l)
	defer web.Close()
	yaml := demosite.Sources(l.Addr().String(), "@every 2s")
	list, err := source.Parse("demo.yaml", yaml)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, demoSources), yaml, 0o644); err != nil {
		return fmt.Errorf("demonstration data: %w", err)
	}
	h, err := a.openWith(ctx, list)
	if err != nil {
		return err
	}
	s, err := a.newService(h, &mailFlags{From: "Veille demonstration <veille@example.org>"}, c.Listen,
		func(web *server.Server) { web.Open = true })
	if err != nil {
		return err
	}
	s.idle = time.Second
	fmt.Fprintf(a.err, "veille: watching a demonstration site at http://%s; it changes every %s. Stop with Ctrl-C.\n", l.Addr(), c.Every)
	go c.change(ctx, a, site)
	return s.run(ctx)
}

// demoSources is the file in the directory of --keep that says what was
// watched, so that other commands can work on what was kept:
// --data DIR --sources DIR/sources.yaml.
const demoSources = "sources.yaml"

// listen opens the demonstration site's port: where it was when the directory
// was last used, so that its pages have the same addresses, if that is free.
func (c *demoCmd) listen(dir string) (net.Listener, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("demonstration data: %w", err)
	}
	old, err := os.ReadFile(filepath.Join(dir, demoSources))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("demonstration data: %w", err)
	}
	if err == nil {
		host, ok := demosite.Host(old)
		if !ok {
			return nil, fmt.Errorf("--keep: %s holds a %s that is not the demonstration's; use another directory", dir, demoSources)
		}
		if l, err := net.Listen("tcp", host); err == nil {
			return l, nil
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("demonstration site: %w", err)
	}
	return l, nil
}

// change lets the site change, and says so.
func (c *demoCmd) change(ctx context.Context, a *app, site *demosite.Site) {
	wait := 2 * c.Every // let the first wording be seen
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		fmt.Fprintln(a.err, "site:", site.Advance())
		if wait = c.Every; site.Step() >= len(demosite.Steps) {
			wait = 10 * c.Every
		}
	}
}

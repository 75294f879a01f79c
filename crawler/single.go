package crawler

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"veille/archive"
	"veille/source"
)

// page is what the archive knows of an address, nil if nothing.
func (c *Crawler) page(ctx context.Context, url string) (*archive.Page, error) {
	if c.Archive == nil {
		return nil, nil
	}
	p, err := c.Archive.Page(ctx, url)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return p, err
}

// Fetch fetches one page, politely, and archives nothing: for trying a page
// that is not in sources.yaml yet. An answer that is no good is no error; it is
// the capture's Err.
func (c *Crawler) Fetch(ctx context.Context, address string) (*archive.Capture, error) {
	return c.fetch(ctx, address, true)
}

// FetchFor is Fetch for somebody who asks over the network: this machine and its
// private neighbours are reached only where sources.yaml names them.
func (c *Crawler) FetchFor(ctx context.Context, address string) (*archive.Capture, error) {
	return c.fetch(ctx, address, false)
}

// fetch fetches one page; named says that the host may be reached wherever it is.
func (c *Crawler) fetch(ctx context.Context, address string, named bool) (*archive.Capture, error) {
	canonical, err := c.Sources.Canonical(address)
	if err != nil {
		return nil, err
	}
	if !source.Loopback(hostOf(canonical)) && c.Sources.Contact == "" {
		return nil, fmt.Errorf("%w: publishers must be able to reach you; set --contact", ErrNoContact)
	}
	g := c.newGuard()
	if named {
		g.name(canonical)
	}
	r := c.newRun(Options{}, g)
	defer r.close()
	j := &job{source: c.Sources.Claim(canonical), url: canonical, purpose: archive.PurposePage}
	r.newLine(ctx).do(j)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for {
		select {
		case got := <-r.captures:
			if got.Purpose == archive.PurposePage {
				got.Parse()
				return got, nil
			}
		default:
			return nil, fmt.Errorf("fetch %s: %s", canonical, r.report.Errors[0].Error)
		}
	}
}

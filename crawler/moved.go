package crawler

import (
	"context"

	"veille/archive"
)

// maxMoved is the most pages of a source of which it is looked up where they
// lead.
const maxMoved = 1000

// movedTo reports whether a page of the source leads to this address by a
// redirect. A page keeps its address, and so its history, when the publisher
// gives it another: what the listing then shows under the new address is no
// new document. As a host's pages that are known are looked at before those
// that were found just now, the redirect has been seen, if not in an earlier
// run, then in this one. Earlier ones are looked up once a run.
func (r *run) movedTo(ctx context.Context, source, address string) bool {
	r.mu.Lock()
	seen, led := r.looked[source], r.moved[source][address]
	r.looked[source] = true
	r.mu.Unlock()
	if seen || led {
		return led
	}
	pages, err := r.c.Archive.Pages(ctx, source)
	for _, p := range pages[:min(len(pages), maxMoved)] {
		if p.Purpose != archive.PurposePage || p.LastContent.Seq == 0 || err != nil {
			continue
		}
		var c *archive.Capture
		if c, err = r.c.Archive.Capture(ctx, p.LastContent.Seq); err == nil && c.FinalURL != p.URL {
			r.leads(source, c.FinalURL)
		}
	}
	if err != nil && ctx.Err() == nil && r.c.Log != nil {
		r.c.Log.Warn("look up where pages lead", "source", source, "err", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.moved[source][address]
}

// leads notes that a known page of a source leads to this address.
func (r *run) leads(source, address string) {
	to, err := r.c.Sources.Canonical(address)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.moved[source] == nil {
		r.moved[source] = map[string]bool{}
	}
	r.moved[source][to] = true
}

package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"veille/archive"
)

// maxPlaces is how many passages' places are remembered, over all versions.
const maxPlaces = 100_000

// places remembers where passages stand in versions, for the versions that
// were asked for last.
type places struct {
	mu       sync.Mutex
	versions map[archive.Seq]*layout
	size     int // passages in all layouts
	clock    int // grows with every use
}

// A layout is where a version has its passages.
type layout struct {
	title  string
	blocks map[string]int // number of the block, by the passage's id
	used   int            // clock at the last use
}

// latest remembers, during one search, which versions of pages are shown.
type latest map[archive.PageID]archive.Seq

func (l latest) of(ctx context.Context, a *archive.Archive, page archive.PageID) (archive.Seq, error) {
	p, err := a.PageByID(ctx, page)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("page %d: %w", page, err)
	}
	l[page] = p.Latest
	return p.Latest, nil
}

// find fills the hit's Version, Block and Title: of the version in which the
// passage stood at the query's moment, or last. Where the archive does not have
// it, because another one was indexed, they stay as they are.
func (p *places) find(ctx context.Context, a *archive.Archive, h *Hit, q *Query, latest latest) error {
	if h.Block < 0 {
		return p.search(ctx, a, h, q, latest)
	}
	var at time.Time
	switch {
	case h.Change == added.String():
		at = h.FirstSeen.By
	case (q.Past || h.Change == removed.String()) && h.Until != nil:
		at = h.Until.By.Add(-time.Millisecond)
	case !q.Past:
		at = q.AsOf
	}
	s, err := a.Standing(ctx, h.Page, h.Since, h.Block, at)
	switch {
	case errors.Is(err, fs.ErrNotExist): // another archive
		return nil
	case err != nil:
		return fmt.Errorf("page %d: %w", h.Page, err)
	case s.Block < 0: // the archive is ahead of the index; or another block speaks for the same text now
		return p.search(ctx, a, h, q, latest)
	}
	if h.Version, h.Block = s.Version, s.Block; s.Title != "" {
		h.Title = s.Title
	}
	return nil
}

// search finds the same in the texts themselves.
func (p *places) search(ctx context.Context, a *archive.Archive, h *Hit, q *Query, latest latest) error {
	var v *archive.Version
	var err error
	id := latest[h.Page] // of this page, when it was asked for another hit
	switch {
	case h.Change == added.String():
		id = h.Since
	case (q.Past || h.Change == removed.String()) && h.Last != 0:
		id = h.Last
	case id != 0:
	case !q.Past && !q.AsOf.IsZero():
		v, err = a.VersionAt(ctx, h.Page, q.AsOf)
	default:
		id, err = latest.of(ctx, a, h.Page)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("page %d: %w", h.Page, err)
	}
	if v != nil {
		id = v.ID
		if !q.Past {
			latest[h.Page] = id
		}
	}
	if id == 0 {
		return nil
	}
	l := p.get(id)
	if l == nil {
		if v == nil {
			if v, err = a.Version(ctx, id); errors.Is(err, fs.ErrNotExist) {
				return nil
			} else if err != nil {
				return err
			}
		}
		l = &layout{title: v.Title, blocks: outlineOf(v, nil).block}
		p.put(id, l)
	}
	// The archive may be ahead of the index: then the passage is gone there.
	if n, ok := l.blocks[h.ID]; ok {
		h.Version, h.Block = id, n
		if l.title != "" {
			h.Title = l.title
		}
	}
	return nil
}

func (p *places) get(id archive.Seq) *layout {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.versions[id]
	if l != nil {
		p.clock++
		l.used = p.clock
	}
	return l
}

func (p *places) put(id archive.Seq, l *layout) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.versions == nil {
		p.versions = map[archive.Seq]*layout{}
	}
	if p.versions[id] != nil {
		return
	}
	p.clock++
	l.used = p.clock
	p.versions[id] = l
	p.size += len(l.blocks)
	for p.size > maxPlaces && len(p.versions) > 1 {
		oldest := id
		for k, v := range p.versions {
			if v.used < p.versions[oldest].used {
				oldest = k
			}
		}
		p.size -= len(p.versions[oldest].blocks)
		delete(p.versions, oldest)
	}
}

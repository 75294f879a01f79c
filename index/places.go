package index

import (
	"context"
	"fmt"
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

// find fills the hit's Version, Block and Title: of the version in which the
// passage stood at the query's moment, or last.
func (p *places) find(ctx context.Context, a *archive.Archive, h *Hit, q *Query) error {
	var v *archive.Version
	var id archive.Seq
	var err error
	switch {
	case q.Past && h.Until != nil, !q.Past && !q.AsOf.IsZero():
		t := q.AsOf
		if q.Past {
			t = h.Until.By.Add(-time.Millisecond)
		}
		if v, err = a.VersionAt(ctx, h.Page, t); err != nil {
			return fmt.Errorf("page %d: %w", h.Page, err)
		}
		id = v.ID
	default:
		page, err := a.PageByID(ctx, h.Page)
		if err != nil {
			return fmt.Errorf("page %d: %w", h.Page, err)
		}
		id = page.Latest
	}
	l := p.get(id)
	if l == nil {
		if v == nil {
			if v, err = a.Version(ctx, id); err != nil {
				return err
			}
		}
		l = &layout{title: v.Title, blocks: layoutOf(v)}
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

// layoutOf finds for each passage of a version the first block that is it.
func layoutOf(v *archive.Version) map[string]int {
	blocks := passages(v)
	for i := range v.Blocks {
		id := passageID(v.Page, &v.Blocks[i])
		if n, ok := blocks[id]; ok && i < n {
			blocks[id] = i
		}
	}
	return blocks
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

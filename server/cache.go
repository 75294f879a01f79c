package server

import (
	lru "container/list"
	"sync"

	"veille/archive"
	"veille/diff"
)

// How many changes are kept whole, and of how many the head is kept.
const (
	maxChanges = 128
	maxHeads   = 100_000
)

// A stretch is two versions of a page; from is 0 where the page appeared.
type stretch struct{ from, to archive.Seq }

// A head is what lists need to know of a change to choose it.
type head struct {
	weight int
	senses []string
}

// A changeCache keeps what was computed. Versions never change, so nothing in
// it ever becomes wrong; it forgets only to stay small. The zero value is
// ready, and may be used concurrently.
type changeCache struct {
	mu    sync.Mutex // guards all fields
	heads map[stretch]head
	whole map[stretch]*lru.Element // of *diff.Change
	order lru.List                 // the latest used in front
}

func (c *changeCache) head(s stretch) (head, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h, ok := c.heads[s]
	return h, ok
}

func (c *changeCache) change(s stretch) *diff.Change {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.whole[s]
	if e == nil {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(kept).change
}

// kept is an entry of changeCache.order.
type kept struct {
	stretch stretch
	change  *diff.Change
}

func (c *changeCache) put(s stretch, change *diff.Change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.heads == nil || len(c.heads) >= maxHeads {
		c.heads = map[stretch]head{}
	}
	if c.whole == nil {
		c.whole = map[stretch]*lru.Element{}
	}
	c.heads[s] = head{change.Weight, change.Senses}
	if c.whole[s] != nil {
		return
	}
	c.whole[s] = c.order.PushFront(kept{s, change})
	if c.order.Len() > maxChanges {
		last := c.order.Back()
		delete(c.whole, last.Value.(kept).stretch)
		c.order.Remove(last)
	}
}

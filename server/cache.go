package server

import (
	lru "container/list"
	"sync"
	"time"

	"veille/archive"
	"veille/diff"
	"veille/internal/recent"
)

// How many changes are kept whole – by number, and by about how much memory they
// take – and of how many the head is kept.
const (
	maxChanges = 20_000
	maxWhole   = 48 << 20
	maxHeads   = 100_000
	maxBlames  = 16
	maxFigures = 12 << 20 // of texts, with these, in bytes, about
	maxTexts   = 4        // versions with their blocks
)

// A stretch is two versions of a page; from is 0 where the page appeared.
type stretch struct{ from, to archive.Seq }

// A head is what lists need to know of a change to choose it.
type head struct {
	weight    int
	senses    []string
	signature string      // see diff.Change.Signature
	twin      string      // see diff.Change.TwinSignature
	back      archive.Seq // the earlier version whose text the page has again, 0 for none
}

// A changeCache keeps what was computed. Versions never change, so nothing in
// it ever becomes wrong; it forgets only to stay small – but for passages that flap, until it is
// known whether their wording lasts. The zero value is ready, and may be used
// concurrently.
type changeCache struct {
	mu    sync.Mutex // guards all fields
	heads map[stretch]head
	whole map[stretch]*lru.Element // of *diff.Change
	size  int                      // of whole, about, in bytes
	order lru.List                 // the latest used in front
	backs map[stretch]*archive.Version
	texts map[archive.Seq]diff.Fingerprint
	// blames are told apart by the history that they tell: an earlier wording may
	// be woven in.
	blames map[string]*BlameDocument
	// figures are those that texts have: pages often share texts.
	figures *recent.Map[figuredText, []diff.Figure]
	latest  []*archive.Version    // with their blocks, the one read last in front
	until   map[stretch]time.Time // when what was computed may be otherwise; not there: never
}

// text is a version that was read a moment ago, nil if there is none.
func (c *changeCache) text(id archive.Seq) *archive.Version {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, v := range c.latest {
		if v.ID == id {
			return v
		}
	}
	return nil
}

// putText keeps a version for a moment: the step before begins where this one ends.
func (c *changeCache) putText(v *archive.Version) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.latest = append([]*archive.Version{v}, c.latest[:min(len(c.latest), maxTexts-1)]...)
}

// expire forgets a change that may be told otherwise from now on, because its
// wording has stood long enough since.
func (c *changeCache) expire(s stretch, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if until, ok := c.until[s]; !ok || now.Before(until) {
		return
	}
	delete(c.until, s)
	delete(c.heads, s)
	if e := c.whole[s]; e != nil {
		c.drop(e)
	}
}

func (c *changeCache) blame(history string) *BlameDocument {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.blames[history]
}

func (c *changeCache) putBlame(history string, doc *BlameDocument) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.blames == nil || len(c.blames) >= maxBlames {
		c.blames = map[string]*BlameDocument{}
	}
	c.blames[history] = doc
}

// A figuredText is a text in a language.
type figuredText struct{ lang, text string }

// figuresIn are the figures of a text, which are not to be modified.
func (c *changeCache) figuresIn(lang, text string) []diff.Figure {
	c.mu.Lock()
	if c.figures == nil {
		c.figures = recent.New[figuredText](maxFigures, func(list []diff.Figure) int64 {
			n := int64(400) // with the text
			for i := range list {
				n += 100 + int64(len(list[i].What)+len(list[i].Text))
			}
			return n
		})
	}
	known := c.figures
	c.mu.Unlock()
	key := figuredText{lang, text}
	found, ok := known.Get(key)
	if !ok {
		found = diff.Figures(lang, text)
		known.Put(key, found)
	}
	return found
}

func (c *changeCache) head(s stretch) (head, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h, ok := c.heads[s]
	return h, ok
}

// headNow is head of a change that is not told otherwise from now on. The clock is
// asked only of one that may be.
func (c *changeCache) headNow(s stretch, now func() time.Time) (h head, ok bool) {
	c.mu.Lock()
	h, ok = c.heads[s]
	_, ends := c.until[s]
	c.mu.Unlock()
	if !ends {
		return h, ok
	}
	c.expire(s, now())
	return c.head(s)
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
	size    int
}

// drop forgets a whole change.
func (c *changeCache) drop(e *lru.Element) {
	k := e.Value.(kept)
	c.size -= k.size
	delete(c.whole, k.stretch)
	c.order.Remove(e)
}

// room makes the maps of heads, or empties them where they are full.
func (c *changeCache) room() {
	if c.heads == nil || len(c.heads) >= maxHeads {
		c.heads, c.backs, c.until = map[stretch]head{}, map[stretch]*archive.Version{}, map[stretch]time.Time{}
	}
}

// sizeOf is about how many bytes a change takes in memory.
func sizeOf(c *diff.Change) int {
	n := 2000
	for i := range c.Edits {
		e := &c.Edits[i]
		n += 400 + 2*(len(e.Before)+len(e.After)) + 64*len(e.Words) + 200*len(e.Senses)
	}
	return n
}

// back is the earlier version whose text a change brought back, nil for none.
func (c *changeCache) back(s stretch) *archive.Version {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.backs[s]
}

func (c *changeCache) fingerprint(v archive.Seq) (diff.Fingerprint, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, ok := c.texts[v]
	return f, ok
}

func (c *changeCache) putFingerprint(v archive.Seq, f diff.Fingerprint) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.texts == nil || len(c.texts) >= maxHeads {
		c.texts = map[archive.Seq]diff.Fingerprint{}
	}
	c.texts[v] = f
}

// put keeps a change and the earlier version whose text it brought back, until
// a time or, if that is zero, for good.
func (c *changeCache) put(s stretch, change *diff.Change, back *archive.Version, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.room()
	if !until.IsZero() {
		c.until[s] = until
	}
	h := head{weight: change.Weight, senses: change.Senses, signature: change.Signature(), twin: change.TwinSignature()}
	if back != nil {
		h.back, c.backs[s] = back.ID, back
	}
	if c.whole == nil {
		c.whole = map[stretch]*lru.Element{}
	}
	c.heads[s] = h
	if c.whole[s] != nil {
		return
	}
	size := sizeOf(change)
	c.whole[s] = c.order.PushFront(kept{s, change, size})
	c.size += size
	for c.order.Len() > maxChanges || c.size > maxWhole && c.order.Len() > 1 {
		c.drop(c.order.Back())
	}
}

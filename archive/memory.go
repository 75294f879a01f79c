package archive

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"veille/internal/recent"
)

// How much of the catalogue is kept in memory: the texts of versions, the
// histories of pages and the looks at them in bytes, about, and pages by number.
const (
	textsInMemory     = 48 << 20
	historiesInMemory = 16 << 20
	momentsInMemory   = 8 << 20 // of versions, in bytes, about
	looksInMemory     = 16 << 20
	pagesInMemory     = 20_000
	versionsInMemory  = 50_000 // of which the page is known
)

// A memory keeps what was read from the catalogue, so that the same page is not
// put together anew for each reader. This process alone writes the catalogue, so
// nothing in it can become wrong unnoticed: whoever writes says what of, and that
// is forgotten when it is committed. What was read meanwhile is not kept.
type memory struct {
	texts     *recent.Map[Seq, []Block] // a version's own
	histories *recent.Map[PageID, []Version]
	moments   *recent.Map[PageID, []Moment]
	looks     *recent.Map[PageID, []Look] // all, newest first
	pages     *recent.Map[PageID, *Page]
	pageOf    *recent.Map[Seq, PageID] // of versions
	steps     allSteps

	mu      sync.Mutex // guards all below
	commits uint64
	woven   uint64   // of which versions are other
	watched []PageID // all pages that are watched, in order; nil if not known
	sources map[string]uint64
}

func newMemory() *memory {
	return &memory{
		texts:     recent.New[Seq](textsInMemory, sizeOfBlocks),
		histories: recent.New[PageID](historiesInMemory, sizeOfHistory),
		moments:   recent.New[PageID](momentsInMemory, func(list []Moment) int64 { return 64 + 48*int64(len(list)) }),
		looks:     recent.New[PageID](looksInMemory, sizeOfLooks),
		pages:     recent.New[PageID](pagesInMemory, func(*Page) int64 { return 1 }),
		pageOf:    recent.New[Seq](versionsInMemory, func(PageID) int64 { return 1 }),
		sources:   map[string]uint64{},
	}
}

func sizeOfBlocks(blocks []Block) int64 {
	n := int64(64)
	for i := range blocks {
		n += 160 + int64(len(blocks[i].Text))
	}
	return n
}

func sizeOfHistory(list []Version) int64 {
	n := int64(64)
	for i := range list {
		n += 500 + int64(len(list[i].Title))
	}
	return n
}

func sizeOfLooks(list []Look) int64 {
	n := int64(64)
	for i := range list {
		n += 200 + int64(len(list[i].Err)+len(list[i].Reason))
	}
	return n
}

// changes are what a transaction has written, so far as a memory may hold it.
type changes struct {
	pages     map[PageID]bool // whose row or looks are other
	histories map[PageID]bool // whose versions are other
	texts     []Seq           // versions whose texts are stored otherwise
	sources   map[string]bool // whose pages those are
	listed    bool            // there is another page
}

// touch notes that a page of a source, or a look at it, is other.
func (c *changes) touch(page PageID, source string) {
	if c.pages == nil {
		c.pages, c.sources = map[PageID]bool{}, map[string]bool{}
	}
	c.pages[page], c.sources[source] = true, true
}

// wove notes that the versions of a page, which is touched too, are other.
func (c *changes) wove(page PageID) {
	if c.histories == nil {
		c.histories = map[PageID]bool{}
	}
	c.histories[page] = true
}

// forget drops what a transaction that was committed has made wrong.
func (m *memory) forget(c *changes) {
	m.steps.wrote(c.histories)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.commits++
	for id := range c.sources {
		m.sources[id]++
	}
	for id := range c.pages {
		m.pages.Drop(id)
		m.looks.Drop(id)
	}
	for id := range c.histories {
		m.histories.Drop(id)
		m.moments.Drop(id)
	}
	if len(c.histories)+len(c.texts) > 0 {
		m.woven++
	}
	for _, id := range c.texts {
		m.texts.Drop(id)
	}
	if c.listed {
		m.watched = nil
	}
}

// now is a name for the state of the catalogue: what is read after it was asked
// for may be kept if it is still the same then.
func (m *memory) now() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.commits
}

// keep calls put unless something was written since.
func (m *memory) keep(since uint64, put func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.commits == since {
		put()
	}
}

// Revision tells the states of a source's pages apart ("": of all that is in the
// archive): it is another after each write that concerns them, for as long as
// the archive is open.
func (a *Archive) Revision(source string) uint64 {
	a.memory.mu.Lock()
	defer a.memory.mu.Unlock()
	if source == "" {
		return a.memory.commits
	}
	return a.memory.sources[source]
}

// Wordings tells the states of all versions apart: it is another after each write
// that lists a version, gives one another place in its page's history or to another
// source, and the same after a look that found nothing new, for as long as the
// archive is open.
func (a *Archive) Wordings() uint64 {
	a.memory.mu.Lock()
	defer a.memory.mu.Unlock()
	return a.memory.woven
}

// history is what [Archive.History] returns, of which the caller may modify
// nothing.
func (a *Archive) history(ctx context.Context, page PageID) ([]Version, error) {
	if list, ok := a.memory.histories.Get(page); ok {
		return list, nil
	}
	since := a.memory.now()
	rows, err := a.read.QueryContext(ctx, `SELECT `+versionColumns+versionFrom+`WHERE v.page = $1 ORDER BY v.time, v.id`, page)
	list, err := collect(rows, err, func(row scanner) (Version, error) {
		v, err := scanVersion(row)
		if err != nil {
			return Version{}, err
		}
		return *v, nil
	})
	if err == nil {
		a.memory.keep(since, func() { a.memory.histories.Put(page, list) })
	}
	return list, err
}

// looks are all captures of a page without their bytes, newest first, of which
// the caller may modify nothing.
func (a *Archive) looks(ctx context.Context, page PageID) ([]Look, error) {
	if list, ok := a.memory.looks.Get(page); ok {
		return list, nil
	}
	since := a.memory.now()
	rows, err := a.read.QueryContext(ctx, `SELECT `+lookColumns+` FROM capture WHERE page = $1 ORDER BY time DESC, seq DESC`, page)
	list, err := collect(rows, err, scanLook)
	if err == nil {
		a.memory.keep(since, func() { a.memory.looks.Put(page, list) })
	}
	return list, err
}

// pagesAtOnce is how many pages are asked for in one query.
const pagesAtOnce = 500

// ofPages are lists by page: those in memory, and of the other pages what a
// query says, which has their numbers in place of its %s.
func ofPages[T any](ctx context.Context, a *Archive, kept *recent.Map[PageID, []T], pages []PageID, query string, scan func(scanner) (PageID, T, error)) (map[PageID][]T, error) {
	out := make(map[PageID][]T, len(pages))
	var missing []any
	since := a.memory.now()
	for _, page := range pages {
		list, ok := kept.Get(page)
		if out[page] = list; !ok {
			missing = append(missing, page)
		}
	}
	for some := range slices.Chunk(missing, pagesAtOnce) {
		rows, err := a.read.QueryContext(ctx, fmt.Sprintf(query, placeholders(1, len(some))), some...)
		_, err = collect(rows, err, func(row scanner) (none struct{}, err error) {
			page, one, err := scan(row)
			if err == nil {
				out[page] = append(out[page], one)
			}
			return none, err
		})
		if err != nil {
			return nil, fmt.Errorf("read of %d pages: %w", len(some), err)
		}
	}
	a.memory.keep(since, func() {
		for _, page := range missing {
			id := page.(PageID)
			kept.Put(id, out[id])
		}
	})
	return out, nil
}

// page is the page of a number, of which the caller may modify nothing.
func (a *Archive) page(ctx context.Context, id PageID) (*Page, error) {
	if p, ok := a.memory.pages.Get(id); ok {
		return p, nil
	}
	since := a.memory.now()
	p, err := scanPage(a.read.QueryRowContext(ctx, pageColumns+pageLooks+`WHERE p.id = $1`, id))
	if err != nil {
		return nil, notExist(err, "page %d", id)
	}
	a.memory.keep(since, func() { a.memory.pages.Put(id, p) })
	return p, nil
}

// watched are the numbers of the pages that are watched, in order; the caller
// may modify nothing.
func (a *Archive) watched(ctx context.Context) ([]PageID, error) {
	a.memory.mu.Lock()
	ids, since := a.memory.watched, a.memory.commits
	a.memory.mu.Unlock()
	if ids != nil {
		return ids, nil
	}
	rows, err := a.read.QueryContext(ctx, `SELECT id FROM page WHERE purpose = 'page' ORDER BY id`)
	ids, err = collect(rows, err, func(row scanner) (id PageID, err error) {
		err = row.Scan(&id)
		return id, err
	})
	if err == nil {
		a.memory.keep(since, func() { a.memory.watched = slices.Clip(ids) })
	}
	return ids, err
}

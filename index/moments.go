package index

import (
	"context"
	"sort"
	"sync"

	"veille/archive"
)

// maxMoments is how many moments are remembered, over all pages.
const maxMoments = 500_000

// moments remembers when the versions of pages came, as long as a state is
// used: each trace asks it of every page that has the phrase.
type moments struct {
	mu    sync.Mutex
	pages map[archive.PageID]*history
	size  int
}

// A history is when the versions of a page came, oldest first.
type history struct {
	times    []int64 // ms
	versions []archive.Seq
	standing []int // of the versions before each, and of all, those that were not withdrawn
}

func (m *moments) of(ctx context.Context, a *archive.Archive, page archive.PageID) (*history, error) {
	m.mu.Lock()
	h := m.pages[page]
	m.mu.Unlock()
	if h != nil {
		return h, nil
	}
	list, err := a.Moments(ctx, page)
	if err != nil {
		return nil, err
	}
	h = &history{standing: []int{0}}
	for n, v := range list {
		stands := h.standing[n]
		if !v.Gone {
			stands++
		}
		h.times, h.versions, h.standing = append(h.times, v.Time.UnixMilli()), append(h.versions, v.ID), append(h.standing, stands)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.size += len(list); m.pages == nil || m.size > maxMoments {
		m.pages, m.size = map[archive.PageID]*history{}, len(list)
	}
	m.pages[page] = h
	return h, nil
}

// between is how many versions came, and were not withdrawn, from one moment
// until before another, and the first one that came then or later, 0 for none.
func (h *history) between(from, until int64) (versions int, next archive.Seq) {
	first := func(t int64) int { return sort.Search(len(h.times), func(i int) bool { return h.times[i] >= t }) }
	i, j := first(from), first(until)
	if j < len(h.versions) {
		next = h.versions[j]
	}
	return max(0, h.standing[j]-h.standing[i]), next
}

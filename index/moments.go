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
// used: each trace asks it of all pages that have the phrase.
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

// of are the histories of pages, by page.
func (m *moments) of(ctx context.Context, a *archive.Archive, pages []archive.PageID) (map[archive.PageID]*history, error) {
	out := make(map[archive.PageID]*history, len(pages))
	var missing []archive.PageID
	m.mu.Lock()
	for _, page := range pages {
		if h := m.pages[page]; h != nil {
			out[page] = h
		} else {
			missing = append(missing, page)
		}
	}
	m.mu.Unlock()
	if len(missing) == 0 {
		return out, nil
	}
	came, err := a.Moments(ctx, missing...)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for page, list := range came {
		h := historyOf(list)
		out[page] = h
		if m.size += len(list); m.pages == nil || m.size > maxMoments {
			m.pages, m.size = map[archive.PageID]*history{}, len(list)
		}
		m.pages[page] = h
	}
	return out, nil
}

func historyOf(list []archive.Moment) *history {
	h := &history{times: make([]int64, len(list)), versions: make([]archive.Seq, len(list)), standing: make([]int, len(list)+1)}
	for n, v := range list {
		h.times[n], h.versions[n], h.standing[n+1] = v.Time.UnixMilli(), v.ID, h.standing[n]
		if !v.Gone {
			h.standing[n+1]++
		}
	}
	return h
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

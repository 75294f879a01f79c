package diff

import (
	"context"
	"fmt"
	"sync"
	"time"

	"veille/archive"
)

// A Past is where the versions of a page are: an [archive.Archive].
type Past interface {
	// History returns all versions of a page without their blocks, the earliest first.
	History(ctx context.Context, page archive.PageID) ([]*archive.Version, error)
	Version(ctx context.Context, id archive.Seq) (*archive.Version, error)
}

// A Memory keeps the traces of versions, so that each is read once. The zero
// value is ready, and may be used concurrently.
type Memory struct {
	mu     sync.Mutex // guards traces
	traces map[archive.Seq]*Trace
}

// memoryTraces is how many traces are kept. It forgets only to stay small.
const memoryTraces = 2048

// Between compares two versions of a page as [Between] does and settles the
// outcome by what the versions before have shown: see [Change.Settle]. Whoever
// tells of a change in an archive asks here, so that lists, mails, feeds and
// tables give it one weight. now is when it is told; until is when the outcome may
// be another because the new wording will have stood long enough, zero if never.
func (m *Memory) Between(ctx context.Context, past Past, from, to *archive.Version, now time.Time) (c *Change, until time.Time, err error) {
	c = Between(from, to)
	until, err = m.settle(ctx, past, c, now)
	return c, until, err
}

// settle settles a change by what the versions before it have shown.
func (m *Memory) settle(ctx context.Context, past Past, c *Change, now time.Time) (until time.Time, err error) {
	from, to := c.From, c.To
	if from == nil || to == nil || from.Gone || to.Gone || c.Weight < news {
		return time.Time{}, nil
	}
	history, err := past.History(ctx, to.Page)
	if err != nil {
		return time.Time{}, fmt.Errorf("settle change %s: %w", c.ID(), err)
	}
	stood := now.Sub(to.Time)
	var before []*archive.Version
	for _, h := range history {
		if h.Number <= from.Number && !h.Gone && to.Time.Sub(h.Time) <= volatileSpan {
			before = append(before, h)
		}
		if h.ID == to.ID && h.Until != nil {
			stood = h.Until.By.Sub(to.Time)
		}
	}
	if len(before) <= volatileFlips || stood >= volatileLasts {
		return time.Time{}, nil
	}
	before = before[max(0, len(before)-VolatileVersions):]
	traces := make([]*Trace, len(before))
	for i, h := range before {
		if traces[i], err = m.trace(ctx, past, h.ID); err != nil {
			return time.Time{}, fmt.Errorf("settle change %s: %w", c.ID(), err)
		}
	}
	c.Settle(traces, stood)
	if c.damped() {
		return to.Time.Add(volatileLasts), nil
	}
	return time.Time{}, nil
}

// trace is the trace of a version.
func (m *Memory) trace(ctx context.Context, past Past, id archive.Seq) (*Trace, error) {
	m.mu.Lock()
	t := m.traces[id]
	m.mu.Unlock()
	if t != nil {
		return t, nil
	}
	v, err := past.Version(ctx, id)
	if err != nil {
		return nil, err
	}
	t = TraceOf(v)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.traces == nil || len(m.traces) >= memoryTraces {
		m.traces = map[archive.Seq]*Trace{}
	}
	m.traces[id] = t
	return t, nil
}

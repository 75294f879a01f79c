package archive

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Lists of what changed are chosen among all steps, by every reader. So the
// steps are kept in memory, some forty bytes each, and those of a page are read
// again after its versions became others. An archive of very many versions is
// asked each time instead.

// stepsInMemory is how many versions an archive may have for that.
const stepsInMemory = 250_000

// maxStale is how many pages' steps are read again rather than all.
const maxStale = 300

// A stepRow is a step, and what it is chosen by. Its texts are numbers of names.
type stepRow struct {
	from, to            Seq
	page                PageID
	time                int64
	cause, lang, source uint16
	late                bool
}

// newer puts steps in the order of [Archive.Steps].
func newer(a, b stepRow) int { return cmp.Or(cmp.Compare(b.time, a.time), cmp.Compare(b.to, a.to)) }

// allSteps are the steps of an archive, newest first. The list is never
// modified, but replaced.
type allSteps struct {
	reading sync.Mutex // held while they are read

	mu      sync.Mutex // guards all below
	list    []stepRow
	known   bool
	names   []string
	numbers map[string]uint16
	stale   map[PageID]uint64 // pages whose steps are to be read again, and which writing made them so
	writes  uint64
}

// wrote notes pages whose steps are others.
func (s *allSteps) wrote(pages map[PageID]bool) {
	if len(pages) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	if !s.known {
		return
	}
	for id := range pages {
		s.stale[id] = s.writes
	}
}

// now are the steps as they are, if nothing is to be read again.
func (s *allSteps) now() (list []stepRow, stale []PageID, writes uint64, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list, slices.Collect(maps.Keys(s.stale)), s.writes, s.known
}

// put takes a list that was read after so many writings.
func (s *allSteps) put(list []stepRow, writes uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.known && s.writes != writes {
		return // which pages were written meanwhile is not known
	}
	if s.stale == nil {
		s.stale = map[PageID]uint64{}
	}
	s.list, s.known = list, true
	maps.DeleteFunc(s.stale, func(_ PageID, by uint64) bool { return by <= writes })
}

// number is that of a name.
func (s *allSteps) number(name string) (uint16, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.numbers[name]
	if !ok {
		if len(s.names) > 1<<15 {
			return 0, errors.New("too many sources and languages")
		}
		if s.numbers == nil {
			s.numbers = map[string]uint16{}
		}
		n = uint16(len(s.names))
		s.names, s.numbers[name] = append(s.names, name), n
	}
	return n, nil
}

// named are the names, by number.
func (s *allSteps) named() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names
}

// allSteps returns all steps, newest first, or ok false if there are too many to
// be kept in memory.
func (a *Archive) allSteps(ctx context.Context) (list []stepRow, ok bool, err error) {
	s := &a.memory.steps
	if list, stale, _, known := s.now(); known && len(stale) == 0 {
		return list, true, nil
	}
	s.reading.Lock()
	defer s.reading.Unlock()
	list, stale, writes, known := s.now()
	switch {
	case known && len(stale) == 0:
		return list, true, nil
	case known && len(stale) <= maxStale:
		args := make([]any, len(stale))
		for i, id := range stale {
			args[i] = id
		}
		again, err := a.readSteps(ctx, `AND v.page IN (`+placeholders(1, len(stale))+`)`, args...)
		if err != nil {
			return nil, false, err
		}
		kept := slices.DeleteFunc(slices.Clone(list), func(r stepRow) bool { return slices.Contains(stale, r.page) })
		list = append(kept, again...)
		slices.SortFunc(list, newer)
	default:
		var n int
		if err := a.read.QueryRowContext(ctx, `SELECT count(*) FROM version`).Scan(&n); err != nil {
			return nil, false, fmt.Errorf("count versions: %w", err)
		}
		if n > stepsInMemory {
			return nil, false, nil
		}
		if list, err = a.readSteps(ctx, ""); err != nil {
			return nil, false, err
		}
	}
	s.put(list, writes)
	return list, true, nil
}

// readSteps reads the steps that a condition chooses, newest first.
func (a *Archive) readSteps(ctx context.Context, where string, args ...any) ([]stepRow, error) {
	rows, err := a.read.QueryContext(ctx, `SELECT v.prev, v.id, v.page, v.time, v.cause, v.lang, p.source, v.late`+versionFrom+
		`WHERE (v.prev <> 0 OR p.news = 1) `+where+` ORDER BY v.time DESC, v.id DESC`, args...)
	return collect(rows, err, func(row scanner) (r stepRow, err error) {
		var cause, lang, source sql.RawBytes
		var late int
		if err := row.Scan(&r.from, &r.to, &r.page, &r.time, &cause, &lang, &source, &late); err != nil {
			return r, err
		}
		r.late = late != 0
		s := &a.memory.steps
		for _, f := range []struct {
			to   *uint16
			name sql.RawBytes
		}{{&r.cause, cause}, {&r.lang, lang}, {&r.source, source}} {
			if *f.to, err = s.number(string(f.name)); err != nil {
				return r, err
			}
		}
		return r, nil
	})
}

// A stepChoice is a filter as the rows know it.
type stepChoice struct {
	StepFilter
	since, until int64
	cause, lang  int // -1 for any, -2 for one that nothing has
	sources      map[uint16]bool
	after        *stepRow // only what comes after it, in the order asked for
}

// choice reads a filter; none is set if it chooses nothing.
func (a *Archive) choice(ctx context.Context, f *StepFilter) (c *stepChoice, none bool, err error) {
	s := &a.memory.steps
	c = &stepChoice{StepFilter: *f, cause: -1, lang: -1}
	if !f.Since.IsZero() {
		c.since = ms(f.Since)
	}
	if !f.Until.IsZero() {
		c.until = ms(f.Until)
	}
	if f.Past > 0 {
		c.after = &stepRow{to: f.Past}
		err := a.read.QueryRowContext(ctx, `SELECT time FROM version WHERE id = $1`, f.Past).Scan(&c.after.time)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, true, nil
		} else if err != nil {
			return nil, false, fmt.Errorf("version %d: %w", f.Past, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	number := func(name string) int {
		if n, ok := s.numbers[name]; ok {
			return int(n)
		}
		return -2
	}
	if f.Published {
		c.cause = number(string(Published))
	}
	if f.Lang != "" {
		c.lang = number(f.Lang)
	}
	if len(f.Sources) > 0 {
		c.sources = map[uint16]bool{}
		for _, id := range f.Sources {
			if n := number(id); n >= 0 {
				c.sources[uint16(n)] = true
			}
		}
		none = len(c.sources) == 0
	}
	return c, none || c.cause == -2 || c.lang == -2, nil
}

// takes reports whether a step is chosen.
func (c *stepChoice) takes(r *stepRow) bool {
	return r.to > c.After && (c.UpTo == 0 || r.to <= c.UpTo) &&
		(c.Since.IsZero() || r.time >= c.since) && (c.Until.IsZero() || r.time < c.until) &&
		(c.cause < 0 || r.cause == uint16(c.cause)) && (c.lang < 0 || r.lang == uint16(c.lang)) &&
		(c.Page == 0 || r.page == c.Page) && (c.sources == nil || c.sources[r.source]) && !(c.News && r.late)
}

// among chooses steps of a list.
func (c *stepChoice) among(list []stepRow, names []string) []Step {
	if c.after != nil {
		n, found := slices.BinarySearchFunc(list, *c.after, newer)
		switch {
		case c.Oldest:
			list = list[:n]
		case found:
			list = list[n+1:]
		default:
			list = list[n:]
		}
	}
	var out []Step
	skip := c.Offset
	for i := range list {
		r := &list[i]
		if c.Oldest {
			r = &list[len(list)-1-i]
		}
		if !c.takes(r) {
			continue
		}
		if skip--; skip >= 0 {
			continue
		}
		out = append(out, Step{From: r.from, To: r.to, Page: r.page, Time: at(r.time), Cause: Cause(names[r.cause])})
		if c.Limit > 0 && len(out) == c.Limit {
			break
		}
	}
	return out
}

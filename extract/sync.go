package extract

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"

	"golang.org/x/sync/errgroup"

	"veille/archive"
	"veille/internal/courtesy"
	"veille/source"
)

// Bounds of one batch of captures: what is read at once, and lost if the
// program is killed before the batch is kept.
const (
	batchCaptures = 64
	batchBytes    = 24 << 20
)

// Sync reads the captures after the cursor "extract", in order, and hands the
// archive what it read, batch by batch. It may be repeated and interrupted at
// any time. The error is the archive's or ctx's: an answer that cannot be read
// is a fact about its page, listed in the Report.
func Sync(ctx context.Context, log *slog.Logger, a *archive.Archive, list *source.List) (*Report, error) {
	s := &syncer{archive: a, list: list, log: log, report: &Report{}, pages: map[archive.PageID]*pageState{},
		hosts: map[string]*Habits{}, known: map[string][]known{}}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	after, err := a.Cursor(ctx, archive.Extract)
	if err != nil {
		return nil, fmt.Errorf("extract: %w", err)
	}
	kept := after
	for c, err := range a.Captures(ctx, after) {
		if err != nil {
			return s.report, fmt.Errorf("extract: %w", err)
		}
		after = c.Seq
		if err := s.take(ctx, c); err != nil {
			return s.report, fmt.Errorf("extract: %w", err)
		}
		if s.full() {
			if err := s.keep(ctx, after); err != nil {
				return s.report, fmt.Errorf("extract: %w", err)
			}
			kept = after
		}
	}
	if after > kept {
		if err := s.keep(ctx, after); err != nil {
			return s.report, fmt.Errorf("extract: %w", err)
		}
	}
	return s.report, nil
}

// A syncer is one pass of Sync.
type syncer struct {
	archive *archive.Archive
	list    *source.List
	log     *slog.Logger
	report  *Report

	hosts map[string]*Habits // what the pages of a host share, by its name
	batch []*archive.Capture
	bytes int
	pages map[archive.PageID]*pageState
	known map[string][]known // the texts of a source's pages, once one is new
}

// A pageState is what must be known of a page to read its next capture. While
// a batch is read, one goroutine at a time has it.
type pageState struct {
	head    archive.Version             // the latest version, without blocks; Capture 0 if there is none
	read    bool                        // a capture of this batch has been read
	missing bool                        // that capture answered 404
	held    bool                        // that capture was held for truncated
	size    *textSize                   // of the latest version, nil if not looked up
	shown   *archive.Capture            // the capture of this batch that brought the latest version, nil if it is older
	blocks  []archive.Block             // of the latest version, nil if not looked up
	host    *Habits                     // what the pages of the host share
	habits  *Habits                     // and what this page does, nil if not looked up
	fresh   bool                        // there is no version yet
	jobs    []int                       // indexes in the batch
	left    map[archive.Seq]Fingerprint // of the text that stood before captures that withdrew it
}

// take puts a capture into the batch, unless there is nothing to read in it.
func (s *syncer) take(ctx context.Context, c *archive.Capture) error {
	if c.Purpose != archive.PurposePage && c.Purpose != "" {
		return nil
	}
	st := s.pages[c.Page]
	if st == nil {
		var err error
		if st, err = s.load(ctx, c.Page); err != nil {
			return err
		}
		if c.Same && !c.Late && !st.head.Gone && !s.movedSince(st, c) {
			if held, err := s.heldBefore(ctx, st, c); err != nil || !held {
				return err // the same answer as before has been read before
			}
		}
		if st.host, err = s.learnHost(ctx, c); err != nil {
			return err
		}
		s.pages[c.Page] = st
	}
	if c.Unchanged() {
		whole, err := s.archive.Capture(ctx, c.Seq)
		switch {
		case errors.Is(err, archive.ErrDamaged):
			c.Err = err.Error()
		case err != nil:
			return err
		default:
			c = whole
		}
	}
	st.jobs = append(st.jobs, len(s.batch))
	s.batch = append(s.batch, c)
	s.bytes += len(c.Body)
	return nil
}

func (s *syncer) full() bool { return len(s.batch) >= batchCaptures || s.bytes >= batchBytes }

// load fetches the state of a page.
func (s *syncer) load(ctx context.Context, id archive.PageID) (*pageState, error) {
	st := &pageState{}
	p, err := s.archive.PageByID(ctx, id)
	if err != nil || p.Latest == 0 {
		st.fresh = err == nil
		return st, err
	}
	head, err := s.archive.VersionHead(ctx, p.Latest)
	if err != nil {
		return nil, err
	}
	st.head = *head
	return st, nil
}

// keep reads the batch, pages in parallel, and hands it over in order.
func (s *syncer) keep(ctx context.Context, upto archive.Seq) error {
	read := make([][]archive.Reading, len(s.batch))
	group, readCtx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, st := range s.pages {
		if len(st.jobs) == 0 {
			continue
		}
		group.Go(func() error {
			for _, i := range st.jobs {
				done := courtesy.Begin(readCtx)
				r, err := s.read(readCtx, st, s.batch[i])
				done()
				if err != nil {
					return err
				}
				read[i] = r
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	var readings []archive.Reading
	last := make([]archive.Reading, len(read)) // of each capture of the batch
	for i := range read {                      // in order, so that the later of two is the one that is recognised
		r := &read[i][len(read[i])-1]
		if err := s.compare(ctx, s.batch[i], s.pages[s.batch[i].Page], r); err != nil {
			return err
		}
		readings = append(readings, read[i]...)
		last[i] = *r
	}
	done := courtesy.Begin(ctx)
	added, err := s.archive.AddReadings(ctx, upto, readings)
	done()
	if err != nil {
		return err
	}
	s.tell(last, added)
	for _, c := range s.batch { // the archive's iterator may still hold the captures
		c.Body, c.Exchanges = nil, nil
	}
	s.batch, s.bytes, s.pages = s.batch[:0], 0, map[archive.PageID]*pageState{}
	return nil
}

// read makes a reading of one capture. If it had to be read by another
// strategy than the page's latest version, that version's capture is read
// again first: so the difference that our way of reading makes stands between
// two readings of one capture, and what the publisher changed is told alone.
func (s *syncer) read(ctx context.Context, st *pageState, c *archive.Capture) ([]archive.Reading, error) {
	past, err := s.past(ctx, st, c)
	if err != nil {
		return nil, err
	}
	text, err := ReadAfter(ctx, c, s.list, past)
	if err != nil {
		return nil, err
	}
	var again []archive.Reading
	if v := text.Version; v != nil && !v.Gone && !c.Late && flipped(st.head.Strategy, v.Strategy) {
		old, err := s.again(ctx, st, v.Strategy)
		if err != nil {
			return nil, err
		}
		if old != nil {
			again = append(again, *old)
			s.log.Info("read otherwise than before", "source", c.Source, "url", c.URL, "before", st.head.Strategy, "now", v.Strategy)
			if text, err = ReadAfter(ctx, c, s.list, &Past{Strategy: v.Strategy, Blocks: old.Version.Blocks, Habits: past.Habits}); err != nil {
				return nil, err
			}
		}
	}
	listed, err := s.move(ctx, st, c, text.Version)
	if err != nil {
		return nil, err
	}
	if listed != nil && again == nil {
		again = append(again, *listed)
	}
	r, err := s.conclude(ctx, st, c, text)
	return append(again, r), err
}

// flipped reports whether two versions of a page are of different strategies.
func flipped(before, now string) bool { return before != "" && before != now }

// again reads the capture of the page's latest version by another strategy;
// nil if that is not how it can be read.
func (s *syncer) again(ctx context.Context, st *pageState, strategy string) (*archive.Reading, error) {
	c := st.shown
	if st.head.Gone {
		return nil, nil
	}
	if c == nil {
		var err error
		if c, err = s.archive.Capture(ctx, st.head.Capture); err != nil {
			return nil, err
		}
	}
	text, err := ReadAfter(ctx, c, s.list, &Past{Strategy: strategy, unselected: strategy == strategyScored})
	if err != nil || text.Version == nil || text.Version.Strategy != strategy {
		return nil, err
	}
	text.Version.MovedTo = st.head.MovedTo
	return &archive.Reading{Capture: c.Seq, Class: text.Class, Reason: text.Reason, Version: text.Version}, nil
}

// past is what earlier captures tell of the page of capture c.
func (s *syncer) past(ctx context.Context, st *pageState, c *archive.Capture) (*Past, error) {
	past := &Past{Strategy: st.head.Strategy}
	if c.Late || st.head.Capture == 0 || st.head.Gone {
		past.Habits = st.host
		return past, nil
	}
	if st.blocks == nil && st.head.ID != 0 {
		v, err := s.archive.Version(ctx, st.head.ID)
		if err != nil {
			return nil, err
		}
		st.blocks = v.Blocks
	}
	if st.habits == nil {
		h := *st.host
		if err := h.learnPage(ctx, s.archive, c.Page); err != nil {
			return nil, err
		}
		st.habits = &h
	}
	past.Blocks, past.Habits = st.blocks, st.habits
	return past, nil
}

// learnHost returns what the pages of a capture's host share, learned once in a pass.
func (s *syncer) learnHost(ctx context.Context, c *archive.Capture) (*Habits, error) {
	host := hostOf(c.URL)
	h := s.hosts[host]
	if h == nil {
		var err error
		if h, err = learnHost(ctx, s.archive, c.Source, host); err != nil {
			return nil, err
		}
		s.hosts[host] = h
	}
	return h, nil
}

// conclude makes the reading of a capture, and what is known of its page then.
func (s *syncer) conclude(ctx context.Context, st *pageState, c *archive.Capture, text *Text) (archive.Reading, error) {
	r := archive.Reading{Capture: c.Seq, Class: text.Class, Reason: text.Reason, Version: text.Version}
	if text.Class == archive.Gone {
		if err := s.withdraw(ctx, st, c, &r); err != nil {
			return r, err
		}
	}
	if c.Late { // what it shows is not what the page is now
		return r, nil
	}
	held, err := s.hold(ctx, st, c, &r)
	if err != nil {
		return r, err
	}
	st.read, st.missing, st.held = true, c.Status == http.StatusNotFound, held
	if r.Version != nil {
		st.head = *r.Version
		st.head.Blocks, st.blocks, st.shown = nil, r.Version.Blocks, c
		size := sizeOf(r.Version.Blocks)
		st.size = &size
	}
	return r, nil
}

// withdraw decides whether a page that is gone was withdrawn: at once with
// 410, with 404 only when the capture before said so too, and in any case only
// if there was something to withdraw. One 404 alone may be an accident.
func (s *syncer) withdraw(ctx context.Context, st *pageState, c *archive.Capture, r *archive.Reading) error {
	certain := c.Status == http.StatusGone
	if c.Status == http.StatusNotFound {
		before, err := s.missingBefore(ctx, st, c)
		if err != nil {
			return err
		}
		certain = before
	}
	if st.head.Capture == 0 || !certain {
		if st.head.Capture != 0 {
			r.Reason += ": the page is taken for withdrawn if the next look says so too"
		}
		r.Version = nil
		return nil
	}
	r.Version.Title, r.Version.Lang, r.Version.Strategy = st.head.Title, st.head.Lang, st.head.Strategy
	return s.leave(ctx, st, c)
}

// missingBefore reports whether the capture of the page before c was a 404.
func (s *syncer) missingBefore(ctx context.Context, st *pageState, c *archive.Capture) (bool, error) {
	if st.read && !c.Late {
		return st.missing, nil
	}
	looks, err := s.archive.LooksBefore(ctx, c, 1)
	if err != nil || len(looks) == 0 {
		return false, err
	}
	return looks[0].Status == http.StatusNotFound, nil
}

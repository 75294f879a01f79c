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
	"veille/source"
)

// Bounds of one batch of captures: what is read at once, and lost if the
// program is killed before the batch is kept.
const (
	batchCaptures = 64
	batchBytes    = 24 << 20
)

// A Report says what one Sync did.
type Report struct {
	Read        int // captures read; repetitions of an earlier answer need no reading
	NewVersions int
	Blocked     int                // answers that were refusals or challenges
	Errors      []PageError        // answers that were no content for other reasons
	Added       []*archive.Version // without their blocks
}

// A PageError is a page whose answer could not be used.
type PageError struct {
	Source, URL string
	Class       archive.Class
	Error       string // one sentence
}

// Sync reads the captures after the cursor "extract", in order, and hands the
// archive what it read, batch by batch. It may be repeated and interrupted at
// any time. The error is the archive's or ctx's: an answer that cannot be read
// is a fact about its page, listed in the Report.
func Sync(ctx context.Context, log *slog.Logger, a *archive.Archive, list *source.List) (*Report, error) {
	s := &syncer{archive: a, list: list, log: log, report: &Report{}, pages: map[archive.PageID]*pageState{}, known: map[string][]known{}}
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

	batch []*archive.Capture
	bytes int
	pages map[archive.PageID]*pageState
	known map[string][]known // the texts of a source's pages, once one is new
}

// A pageState is what must be known of a page to read its next capture. While
// a batch is read, one goroutine at a time has it.
type pageState struct {
	head    archive.Version // the latest version, without blocks; Capture 0 if there is none
	read    bool            // a capture of this batch has been read
	missing bool            // that capture answered 404
	held    bool            // that capture was held for truncated
	size    *textSize       // of the latest version, nil if not looked up
	fresh   bool            // there is no version yet
	jobs    []int           // indexes in the batch
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
		if c.Same && !c.Late && !st.head.Gone {
			if held, err := s.heldBefore(ctx, st, c); err != nil || !held {
				return err // the same answer as before has been read before
			}
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
	readings := make([]archive.Reading, len(s.batch))
	group, readCtx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, st := range s.pages {
		if len(st.jobs) == 0 {
			continue
		}
		group.Go(func() error {
			for _, i := range st.jobs {
				r, err := s.read(readCtx, st, s.batch[i])
				if err != nil {
					return err
				}
				readings[i] = r
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i := range readings { // in order, so that the later of two is the one that is recognised
		if st := s.pages[s.batch[i].Page]; st.fresh && readings[i].Version != nil {
			if err := s.recognise(ctx, s.batch[i], st, &readings[i]); err != nil {
				return err
			}
			st.fresh = false
		}
	}
	added, err := s.archive.AddReadings(ctx, upto, readings)
	if err != nil {
		return err
	}
	s.tell(readings, added)
	for _, c := range s.batch { // the archive's iterator may still hold the captures
		c.Body, c.Exchanges = nil, nil
	}
	s.batch, s.bytes, s.pages = s.batch[:0], 0, map[archive.PageID]*pageState{}
	return nil
}

// read makes a reading of one capture.
func (s *syncer) read(ctx context.Context, st *pageState, c *archive.Capture) (archive.Reading, error) {
	text, err := ReadAs(ctx, c, s.list, st.head.Strategy)
	if err != nil {
		return archive.Reading{}, err
	}
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
		st.head.Blocks = nil
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
	return nil
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

// tell logs and counts a batch that was kept.
func (s *syncer) tell(readings []archive.Reading, added []*archive.Version) {
	for i, r := range readings {
		c := s.batch[i]
		s.report.Read++
		switch r.Class {
		case archive.Content:
			continue
		case archive.Blocked:
			s.report.Blocked++
		case archive.Gone:
		default:
			if c.Err == "" { // what the crawler has reported is not reported again
				s.report.Errors = append(s.report.Errors, PageError{c.Source, c.URL, r.Class, r.Reason})
			}
		}
		s.log.Info("no content", "source", c.Source, "url", c.URL, "capture", c.Seq, "class", r.Class, "reason", r.Reason)
	}
	for _, v := range added {
		s.log.Info("new version", "source", v.Source, "url", v.URL, "capture", v.Capture, "version", v.ID)
	}
	s.report.NewVersions += len(added)
	for _, v := range added {
		head := *v
		head.Blocks = nil // a first crawl adds many
		s.report.Added = append(s.report.Added, &head)
	}
}

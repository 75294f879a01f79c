// Package crawler fetches what is due, politely, and hands every answer to the
// archive. It has no memory of its own: when a page was last looked at, which
// robots.txt holds, which pages a listing brought, all is read from there.
//
// A request passes a chain of round-trippers of ours –
//
//	robots → politeness → conditional → recorder → guarded dialer
//
// – above which Colly follows redirects and finds links. Colly's own robots,
// limits, cache, charsets and body cap are not used.
package crawler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"crypto/x509"

	"golang.org/x/sync/semaphore"

	"veille/archive"
	"veille/internal/courtesy"
	"veille/internal/levenshtein"
	"veille/source"
)

// ErrNoContact is wrapped by the error about hosts that may not be crawled
// because the operator has given no address.
var ErrNoContact = errors.New("no contact address")

// A Crawler crawls the pages of a list of sources. Its fields must not change
// while it works; its methods may not be called concurrently, except NextDue.
type Crawler struct {
	Archive *archive.Archive // nil for one that only does Fetch
	Sources *source.List
	Log     *slog.Logger
	Now     func() time.Time // nil: time.Now
	Version string           // of the program, for the User-Agent
	// AllowPrivate are networks of the operator's that may be crawled, beside
	// public ones and the loopback hosts that sources.yaml names.
	AllowPrivate []netip.Prefix
	Roots        *x509.CertPool // of TLS; nil: the system's
	Timeout      time.Duration  // of one request; 0: DefaultTimeout
	MaxBody      int64          // bytes; 0: DefaultMaxBody
	Hosts        int            // crawled at once; 0: 16
	Browser      string         // path of Chromium, for sources with render: js; "": the system's

	lanes lanes // outlive a run: requests of two runs keep their distance too
}

// Options choose what Run does.
type Options struct {
	Sources []string // ids; none: all that are enabled
	DueOnly bool     // leave out what is not due by its schedule
	// Progress is told after each page how many are done, of how many known.
	Progress func(done, total int, url string)
}

// A Report says what a run brought.
type Report struct {
	Fetched   int // pages asked for and answered, changed or not
	Unchanged int // of these, those that had not changed
	Errors    []PageError
}

// A PageError says why a page could not be had.
type PageError struct{ Source, URL, Error string }

func (c *Crawler) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// userAgent names the program and how to reach its operator, in the form that
// publishers ask for.
func (c *Crawler) userAgent() string {
	v := c.Version
	if v == "" {
		v = "0"
	}
	if c.Sources.Contact == "" {
		return "Veille/" + v
	}
	return "Veille/" + v + " (+" + strings.Map(printable, c.Sources.Contact) + ")"
}

func printable(r rune) rune {
	if r < ' ' || r > '~' || r == '(' || r == ')' {
		return -1
	}
	return r
}

// Run makes one pass over the chosen sources: many hosts at once, each host
// one request at a time. What was fetched when ctx ends is archived. The error
// is for what keeps it from working: an unknown source, no contact, an archive
// that fails. Pages that could not be had are in the report.
func (c *Crawler) Run(ctx context.Context, o Options) (*Report, error) {
	chosen, err := c.choose(o.Sources)
	if err != nil {
		return nil, err
	}
	r := c.newRun(o, c.newGuard())
	written := make(chan error, 1)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() { written <- r.write(context.WithoutCancel(ctx), cancel) }()
	if err := r.planAll(ctx, chosen); err != nil {
		cancel(err)
	}
	r.start(ctx)
	r.working.Wait()
	close(r.captures)
	err = <-written
	r.close()
	if cause := context.Cause(ctx); err == nil && cause != nil {
		err = cause
	}
	slices.SortFunc(r.report.Errors, func(a, b PageError) int { return strings.Compare(a.Source+" "+a.URL, b.Source+" "+b.URL) })
	return r.report, err
}

// choose finds the sources and sees to it that they may be crawled.
func (c *Crawler) choose(ids []string) ([]*source.Source, error) {
	var chosen []*source.Source
	for _, id := range ids {
		s := c.Sources.Source(id)
		if s == nil {
			return nil, fmt.Errorf("there is no source %q in %s; %s", id, c.Sources.File, c.near(id))
		}
		if !s.Enabled {
			return nil, fmt.Errorf("source %s is not enabled in %s; %s", id, c.Sources.File, s.Note)
		}
		chosen = append(chosen, s)
	}
	if len(ids) == 0 {
		for _, s := range c.Sources.Sources {
			if s.Enabled {
				chosen = append(chosen, s)
			}
		}
	}
	if c.Sources.Contact == "" {
		for _, s := range chosen {
			for _, p := range s.Addresses() {
				if !source.Loopback(hostOf(p.URL)) {
					return nil, fmt.Errorf("source %s: %w: publishers must be able to reach you; set contact in sources.yaml, or --contact", s.ID, ErrNoContact)
				}
			}
		}
	}
	return chosen, nil
}

// near names the sources whose ids are most like one that does not exist.
func (c *Crawler) near(id string) string {
	type candidate struct {
		id   string
		away int
	}
	var all []candidate
	for _, s := range c.Sources.Sources {
		away := levenshtein.Distance(id, s.ID)
		if strings.Contains(s.ID, id) {
			away = 0
		}
		if away <= max(2, len(id)/3) {
			all = append(all, candidate{s.ID, away})
		}
	}
	if len(all) == 0 {
		return "its ids stand after `id:`"
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return a.away - b.away })
	var ids []string
	for _, a := range all[:min(3, len(all))] {
		ids = append(ids, a.id)
	}
	return "did you mean " + strings.Join(ids, " or ") + "?"
}

// newGuard lets this machine be reached by the hosts that sources.yaml names.
func (c *Crawler) newGuard() *guard {
	g := &guard{named: map[string]bool{}, allow: c.AllowPrivate, roots: c.Roots}
	for _, s := range c.Sources.Sources {
		for _, p := range s.Addresses() {
			g.name(p.URL)
		}
	}
	return g
}

// A run is one pass.
type run struct {
	c          *Crawler
	o          Options
	transports []*http.Transport
	recorder   *recorder
	slots      chan struct{} // hosts at once

	captures chan *archive.Capture
	room     *semaphore.Weighted // bytes of captures that wait to be archived
	working  sync.WaitGroup

	mu        sync.Mutex // guards what follows
	report    *Report
	queues    map[string]*queue
	order     []string
	started   bool
	robots    map[string]*robotsMemo
	holds     map[string]time.Time // hosts to be left alone until, by name
	seen      map[string]bool
	moved     map[string]map[string]bool // by source: addresses to which its pages lead
	looked    map[string]bool            // sources of which the archive was asked for them
	documents map[string]map[string]bool // by source: documents of which it has pages under another address
	total     int
	done      int
}

// Captures that wait to be archived are at most so many, and so large together.
const (
	mostWaiting      = 64
	mostWaitingBytes = 8 << 20
)

func (c *Crawler) newRun(o Options, g *guard) *run {
	hosts, maxBody, timeout := c.Hosts, c.MaxBody, c.Timeout
	if hosts <= 0 {
		hosts = 16
	}
	if maxBody <= 0 {
		maxBody = DefaultMaxBody
	}
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	allowed, public := newTransport(g, maxBody), newTransport(&guard{roots: g.roots}, maxBody)
	return &run{c: c, o: o, transports: []*http.Transport{allowed, public},
		recorder: &recorder{next: allowed, public: public, timeout: timeout, maxBody: maxBody, now: c.now},
		slots:    make(chan struct{}, hosts), captures: make(chan *archive.Capture, mostWaiting), room: semaphore.NewWeighted(2 * mostWaitingBytes),
		report: &Report{Errors: []PageError{}}, queues: map[string]*queue{}, robots: map[string]*robotsMemo{},
		holds: map[string]time.Time{}, seen: map[string]bool{}, moved: map[string]map[string]bool{}, looked: map[string]bool{}, documents: map[string]map[string]bool{}}
}

func (r *run) close() {
	for _, t := range r.transports {
		t.CloseIdleConnections()
	}
}

// hand gives a capture to the writer; it waits while too much is waiting.
func (r *run) hand(c *archive.Capture) {
	// The context never ends: what was fetched is archived.
	if r.room.Acquire(context.Background(), weight(c)) == nil {
		r.captures <- c
	}
}

// fail notes that a page could not be had.
func (r *run) fail(s, url string, err string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Errors = append(r.report.Errors, PageError{s, url, err})
}

// write takes captures as they come and adds whatever is waiting in one go, so
// that one sync to disk serves many.
func (r *run) write(ctx context.Context, cancel context.CancelCauseFunc) error {
	var failed error
	for c := range r.captures {
		batch, size := r.waiting(c)
		if failed == nil { // else only drain: those who fetch must not hang
			done := courtesy.Begin(ctx)
			failed = r.c.Archive.Add(ctx, batch...)
			if done(); failed != nil {
				cancel(failed)
			} else {
				r.count(batch)
			}
		}
		r.room.Release(size)
	}
	return failed
}

// waiting is a capture with those that wait behind it.
func (r *run) waiting(c *archive.Capture) (batch []*archive.Capture, size int64) {
	batch, size = append(batch, c), weight(c)
	for len(batch) < mostWaiting && size < mostWaitingBytes {
		select {
		case c, ok := <-r.captures:
			if !ok {
				return batch, size
			}
			batch, size = append(batch, c), size+weight(c)
		default:
			return batch, size
		}
	}
	return batch, size
}

// weight is a capture's size in memory, roughly, and at most what may wait.
func weight(c *archive.Capture) int64 {
	n := int64(1 << 10)
	for _, x := range c.Exchanges {
		n += int64(len(x.Request) + len(x.Response))
	}
	return min(n, mostWaitingBytes)
}

func (r *run) count(batch []*archive.Capture) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range batch {
		if c.Purpose != archive.PurposePage {
			continue
		}
		r.done++
		if c.Err == "" && c.Status != 0 {
			r.report.Fetched++
		}
		if c.Unchanged() {
			r.report.Unchanged++
		}
		if c.Err == "" && c.Status >= http.StatusInternalServerError {
			r.report.Errors = append(r.report.Errors, PageError{c.Source, c.URL, fmt.Sprintf("the server answers %d %s", c.Status, http.StatusText(c.Status))})
		}
		if r.o.Progress != nil {
			r.o.Progress(r.done, max(r.total, r.done), c.URL)
		}
	}
}

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

	"veille/archive"
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
	r := &run{c: c, o: o, report: &Report{Errors: []PageError{}}, queues: map[string]*queue{}, robots: map[string]*robotsMemo{},
		captures: make(chan *archive.Capture, 64), seen: map[string]bool{}}
	r.chain(c.newGuard())
	r.slots = make(chan struct{}, max(c.Hosts, 0)+16*flag(c.Hosts == 0))
	written := make(chan error, 1)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() { written <- r.write(context.WithoutCancel(ctx), cancel) }()
	for _, s := range chosen {
		if err := r.plan(ctx, s); err != nil {
			cancel(err)
			break
		}
	}
	r.start(ctx)
	r.working.Wait()
	close(r.captures)
	err = <-written
	r.transport.CloseIdleConnections()
	if cause := context.Cause(ctx); err == nil && cause != nil {
		err = cause
	}
	slices.SortFunc(r.report.Errors, func(a, b PageError) int { return strings.Compare(a.Source+" "+a.URL, b.Source+" "+b.URL) })
	return r.report, err
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// choose finds the sources and sees to it that they may be crawled.
func (c *Crawler) choose(ids []string) ([]*source.Source, error) {
	var chosen []*source.Source
	for _, id := range ids {
		s := c.Sources.Source(id)
		if s == nil {
			return nil, fmt.Errorf("there is no source %q in %s; `veille check` reads the file, and its ids stand after `id:`", id, c.Sources.File)
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
	c         *Crawler
	o         Options
	transport *http.Transport
	recorder  *recorder
	lanes     *lanes
	slots     chan struct{} // hosts at once

	captures chan *archive.Capture
	working  sync.WaitGroup

	mu      sync.Mutex // guards what follows
	report  *Report
	queues  map[string]*queue
	order   []string
	started bool
	robots  map[string]*robotsMemo
	seen    map[string]bool
	total   int
	done    int
}

func (r *run) chain(g *guard) {
	maxBody, timeout := r.c.MaxBody, r.c.Timeout
	if maxBody == 0 {
		maxBody = DefaultMaxBody
	}
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	r.transport = newTransport(g, maxBody)
	r.recorder = &recorder{next: r.transport, timeout: timeout, maxBody: maxBody, now: r.c.now}
	r.lanes = &lanes{now: r.c.now}
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
	const most, mostBytes = 64, 8 << 20
	var failed error
	for c := range r.captures {
		batch, size := []*archive.Capture{c}, weight(c)
		for len(batch) < most && size < mostBytes {
			select {
			case c, ok := <-r.captures:
				if ok {
					batch, size = append(batch, c), size+weight(c)
					continue
				}
			default:
			}
			break
		}
		if failed != nil {
			continue // only drain: those who fetch must not hang
		}
		if failed = r.c.Archive.Add(ctx, batch...); failed != nil {
			cancel(failed)
			continue
		}
		r.count(batch)
	}
	return failed
}

func weight(c *archive.Capture) int {
	n := 0
	for _, x := range c.Exchanges {
		n += len(x.Response)
	}
	return n
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
		if r.o.Progress != nil {
			r.o.Progress(r.done, max(r.total, r.done), c.URL)
		}
	}
}

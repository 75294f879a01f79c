package crawler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gocolly/colly/v2"

	"veille/archive"
	"veille/source"
)

const maxRedirects = 10

// A visit is one page on its way: the hops made so far.
type visit struct {
	job   *job
	hops  []archive.Exchange
	err   error
	notes map[string]string
}

// A line is one host's worker: it makes visits one after another, through a
// collector of its own.
type line struct {
	run       *run
	ctx       context.Context
	visit     *visit
	collector *colly.Collector
}

// RoundTrip makes one hop of the current visit: robots, politeness, then the
// wire. It implements [http.RoundTripper] for Colly.
func (l *line) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := l.hop(req)
	if err != nil {
		l.visit.err = err
		return nil, err
	}
	return res, nil
}

func (l *line) hop(req *http.Request) (*http.Response, error) {
	v := l.visit
	address := req.URL.String()
	if len(v.hops) > maxRedirects {
		return nil, fmt.Errorf("more than %d redirects, the last to %s", maxRedirects, address)
	}
	for _, x := range v.hops {
		if x.URL == address {
			return nil, fmt.Errorf("redirect loop: %s leads back to itself", address)
		}
	}
	if len(v.hops) > 0 && source.Loopback(req.URL.Host) && !source.Loopback(hostOf(v.job.url)) {
		return nil, fmt.Errorf("redirected to %s, which is this machine: not followed", address)
	}
	allowed, pattern, delay, err := l.run.allowed(l.ctx, req.URL)
	if err != nil {
		return nil, err
	}
	if !allowed {
		return nil, &forbidden{req.URL.Host, req.URL.RequestURI(), pattern}
	}
	v.notes["robots"] = "allow " + pattern
	l.dress(req, len(v.hops) == 0)
	pause := max(l.run.c.Sources.Host(req.URL.Host).MinDelay, delay)
	leave, err := l.run.lanes.enter(l.ctx, req.URL.Host, pause)
	if err != nil {
		return nil, err
	}
	res, x, err := l.run.recorder.roundTrip(req)
	var until time.Time
	if err == nil && (res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusServiceUnavailable) {
		until = askedUntil(res.Header.Get("Retry-After"), l.run.c.now())
	}
	leave(until)
	v.hops = append(v.hops, *x)
	if err == nil && v.job.find == nil && res.StatusCode < 300 {
		res.Body = http.NoBody // Colly need not read what nobody looks for links in
	}
	return res, err
}

// dress gives a request our own headers, and the validators of the last answer
// where it asks for the page itself.
func (l *line) dress(req *http.Request, first bool) {
	h := http.Header{}
	h.Set("User-Agent", l.run.c.userAgent())
	h.Set("Accept", "text/html,application/xhtml+xml,application/pdf;q=0.9,application/xml;q=0.8,*/*;q=0.7")
	if a := l.visit.job.source; a != nil && a.Accept != "" {
		h.Set("Accept", a.Accept)
	}
	h.Set("Accept-Encoding", "gzip, br")
	if lang := l.visit.job.lang; lang != "" {
		h.Set("Accept-Language", lang)
	}
	if p := l.visit.job.page; first && p != nil && l.visit.job.find == nil {
		if p.ETag != "" {
			h.Set("If-None-Match", p.ETag)
		}
		if p.LastModified != "" {
			h.Set("If-Modified-Since", p.LastModified)
		}
	}
	req.Header = h
}

// askedUntil is until when a host that answered 429 or 503 is left alone; zero
// if it does not say: then only the page itself waits, see due.
func askedUntil(value string, now time.Time) time.Time {
	var seconds int
	if _, err := fmt.Sscanf(value, "%d", &seconds); err == nil && seconds > 0 {
		return now.Add(min(time.Duration(seconds)*time.Second, longestRetry))
	}
	if t, err := http.ParseTime(value); err == nil {
		return t
	}
	return time.Time{}
}

// forbidden is the error about a page that robots.txt keeps for people.
type forbidden struct{ host, path, rule string }

func (f *forbidden) Error() string {
	return fmt.Sprintf("robots.txt of %s forbids %s (%s); ask the publisher, or put saved copies in with `veille add`", f.host, f.path, f.rule)
}

// newLine makes a host's worker.
func (r *run) newLine(ctx context.Context) *line {
	l := &line{run: r, ctx: ctx}
	c := colly.NewCollector(colly.StdlibContext(ctx))
	c.AllowURLRevisit = true
	c.IgnoreRobotsTxt = true // ours applies, to every hop
	c.ParseHTTPErrorResponse = true
	c.MaxBodySize = 0
	c.DetectCharset = false
	c.SetRequestTimeout(24 * time.Hour) // the recorder's applies to each hop
	c.WithTransport(l)
	c.SetRedirectHandler(func(*http.Request, []*http.Request) error { return nil }) // the line counts them
	c.OnResponse(func(res *colly.Response) {
		if find := l.visit.job.find; find != nil && res.StatusCode == http.StatusOK {
			l.discover(find, res)
		}
	})
	l.collector = c
	return l
}

// do makes one visit and hands its capture over.
func (l *line) do(j *job) {
	l.visit = &visit{job: j, notes: map[string]string{}}
	start := l.run.c.now()
	err := l.collector.Visit(j.url)
	if l.ctx.Err() != nil {
		return // stopped half-way: not an answer
	}
	if l.visit.err != nil {
		err = l.visit.err // Colly's words stand around it
	}
	c := &archive.Capture{URL: j.url, Lang: j.lang, Document: j.document, Purpose: j.purpose, News: j.news, Time: start,
		Exchanges: l.visit.hops, Notes: l.visit.notes}
	if j.source != nil {
		c.Source = j.source.ID
	}
	var no *forbidden
	switch {
	case errors.As(err, &no):
		l.run.fail(c.Source, j.url, err.Error())
		if j.page != nil && j.page.Last.Err != "" && start.Sub(j.page.Last.Time) < 24*time.Hour {
			return // it has been noted today
		}
		c.Err = err.Error()
	case err != nil && !answered(l.visit):
		c.Err = err.Error()
		l.run.fail(c.Source, j.url, c.Err)
	}
	l.run.captures <- c
}

// answered reports whether a visit ended with a whole answer, whatever Colly
// thinks of its status.
func answered(v *visit) bool { return v.err == nil && len(v.hops) > 0 }

// start lets the hosts' workers run, and those of hosts found later.
func (r *run) start(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.started = true
	for _, host := range r.order {
		r.wake(ctx, host)
	}
}

// wake starts a host's worker if it has jobs and none is running. r.mu is held.
func (r *run) wake(ctx context.Context, host string) {
	q := r.queues[host]
	if q.running || len(q.jobs) == 0 || !r.started {
		return
	}
	q.running = true
	r.working.Go(func() {
		select {
		case r.slots <- struct{}{}:
			defer func() { <-r.slots }()
		case <-ctx.Done():
			return
		}
		l := r.newLine(ctx)
		for j := r.take(q); j != nil && ctx.Err() == nil; j = r.take(q) {
			l.do(j)
		}
	})
}

// take is a queue's next job, nil when there is none; then its worker ends.
func (r *run) take(q *queue) *job {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(q.jobs) == 0 {
		q.running = false
		return nil
	}
	j := q.jobs[0]
	q.jobs[0] = nil
	q.jobs = q.jobs[1:]
	return j
}

// page is what the archive knows of an address, nil if nothing.
func (c *Crawler) page(ctx context.Context, url string) (*archive.Page, error) {
	if c.Archive == nil {
		return nil, nil
	}
	p, err := c.Archive.Page(ctx, url)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return p, err
}

// Fetch fetches one page, politely, and archives nothing: for trying a page
// that is not in sources.yaml yet. An answer that is no good is no error; it is
// the capture's Err.
func (c *Crawler) Fetch(ctx context.Context, address string) (*archive.Capture, error) {
	canonical, err := c.Sources.Canonical(address)
	if err != nil {
		return nil, err
	}
	if !source.Loopback(hostOf(canonical)) && c.Sources.Contact == "" {
		return nil, fmt.Errorf("%w: publishers must be able to reach you; set --contact", ErrNoContact)
	}
	r := &run{c: c, report: &Report{}, queues: map[string]*queue{}, robots: map[string]*robotsMemo{}, seen: map[string]bool{},
		captures: make(chan *archive.Capture, 64)}
	g := c.newGuard()
	g.name(canonical)
	r.chain(g)
	defer r.transport.CloseIdleConnections()
	j := &job{source: c.Sources.Claim(canonical), url: canonical, purpose: archive.PurposePage}
	r.newLine(ctx).do(j)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for {
		select {
		case got := <-r.captures:
			if got.Purpose == archive.PurposePage {
				got.Parse()
				return got, nil
			}
		default:
			return nil, fmt.Errorf("%s: no answer", canonical)
		}
	}
}

// get fetches a helper file, such as robots.txt, through the same politeness
// and the same recorder, following up to most redirects.
func (r *run) get(ctx context.Context, address string, most int) ([]byte, int, []archive.Exchange, error) {
	var hops []archive.Exchange
	for {
		u, err := url.Parse(address)
		if err != nil {
			return nil, 0, hops, err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, 0, hops, err
		}
		req.Header.Set("User-Agent", r.c.userAgent())
		req.Header.Set("Accept-Encoding", "gzip, br")
		leave, err := r.lanes.enter(ctx, u.Host, r.c.Sources.Host(u.Host).MinDelay)
		if err != nil {
			return nil, 0, hops, err
		}
		res, x, err := r.recorder.roundTrip(req)
		leave(time.Time{})
		hops = append(hops, *x)
		if err != nil {
			return nil, 0, hops, err
		}
		var body bytes.Buffer
		io.Copy(&body, res.Body) // from memory: cannot fail
		to := res.Header.Get("Location")
		if res.StatusCode/100 != 3 || to == "" {
			return body.Bytes(), res.StatusCode, hops, nil
		}
		next, err := u.Parse(strings.TrimSpace(to))
		if err != nil || len(hops) > most {
			return nil, res.StatusCode, hops, fmt.Errorf("more than %d redirects, or a bad one: %.100q", most, to)
		}
		address = next.String()
	}
}

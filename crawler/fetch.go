package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gocolly/colly/v2"

	"veille/archive"
	"veille/internal/courtesy"
	"veille/source"
)

const maxRedirects = 10

// A visit is one page on its way: the hops made so far.
type visit struct {
	job    *job
	hops   []archive.Exchange
	asked  map[string]bool // addresses, each with the cookies sent there
	public bool            // a hop went to a public address: no further one may be private
	header http.Header     // of the last hop
	status int             // of the last hop, 0 if it had no answer
	body   []byte          // of the last hop, decoded
	err    error
	notes  map[string]string
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
// wire. It implements [http.RoundTripper] for Colly. The response it returns
// has no body: who looks for links takes the visit's, which is not yet
// tampered with by guesses about its charset.
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
	// Back to the same address is a loop, unless a cookie was given there.
	state := address + "\x00" + req.Header.Get("Cookie")
	if v.asked[state] {
		return nil, fmt.Errorf("redirect loop: %s leads back to itself", address)
	}
	v.asked[state] = true
	if len(v.hops) > 0 && source.Loopback(req.URL.Host) && !source.Loopback(hostOf(v.job.url)) {
		return nil, fmt.Errorf("redirected to %s, which is this machine: not followed", address)
	}
	delay, err := l.askRobots(req.URL)
	if err != nil {
		return nil, err
	}
	req = l.dress(req, len(v.hops) == 0)
	res, h, err := l.run.request(l.ctx, req, delay, v.public)
	if h == nil {
		return nil, err
	}
	v.hops, v.body = append(v.hops, h.Exchange), h.body
	v.public = v.public || isPublic(h.IP)
	if err == nil {
		v.header, v.status = res.Header, res.StatusCode
	}
	if h.tls != "" {
		v.notes["tls"] = h.tls
	}
	return res, err
}

// askRobots asks robots.txt about one hop, and returns the pause it wants.
func (l *line) askRobots(u *url.URL) (time.Duration, error) {
	if h := l.run.c.Sources.Host(u.Host); h.Robots == source.RobotsPermitted {
		l.visit.notes["robots"] = "not asked, by permission: " + h.Permission
		return 0, nil
	}
	v, err := l.run.allowed(l.ctx, u, l.visit.public)
	switch {
	case err != nil:
		return 0, err
	case v.none != "":
		return 0, fmt.Errorf("robots.txt of %s could not be had, so nothing may be fetched there now: %s", u.Host, v.none)
	case !v.ok:
		return 0, &forbidden{u.Host, u.RequestURI(), v.pattern}
	}
	l.visit.notes["robots"] = strings.TrimSpace("allow " + v.pattern)
	return v.delay, nil
}

// dress returns the request with our own headers, and the validators of the
// last answer where it asks for the page itself. A cookie set earlier in the
// same visit stays; none outlives the visit.
func (l *line) dress(req *http.Request, first bool) *http.Request {
	h := http.Header{}
	h.Set("User-Agent", l.run.c.userAgent())
	h.Set("Accept", "text/html,application/xhtml+xml,application/pdf;q=0.9,application/xml;q=0.8,*/*;q=0.7")
	if a := l.visit.job.accept; a != "" {
		h.Set("Accept", a)
	} else if a := l.visit.job.source; a != nil && a.Accept != "" {
		h.Set("Accept", a.Accept)
	}
	h.Set("Accept-Encoding", "gzip, br")
	if lang := l.visit.job.lang; lang != "" {
		h.Set("Accept-Language", lang)
	}
	if c := req.Header.Get("Cookie"); c != "" {
		h.Set("Cookie", c)
	}
	if p := l.visit.job.page; first && p != nil && l.visit.job.find == nil {
		if p.ETag != "" {
			h.Set("If-None-Match", p.ETag)
		}
		if p.LastModified != "" {
			h.Set("If-Modified-Since", p.LastModified)
		}
	}
	req = req.Clone(req.Context())
	req.Header = h
	return req
}

// request makes one polite request: it waits for the host's turn, and minds
// what the answer says about the next one. Without a hop none was made.
func (r *run) request(ctx context.Context, req *http.Request, delay time.Duration, publicOnly bool) (*http.Response, *hop, error) {
	host := r.c.Sources.Host(req.URL.Host)
	turn, err := r.c.lanes.enter(ctx, host.Name, max(host.MinDelay, delay))
	if err != nil {
		return nil, nil, err
	}
	res, h, err := r.recorder.roundTrip(req, publicOnly)
	var rest time.Duration
	if err == nil {
		rest = askedRest(res, r.c.now())
	}
	turn.leave(len(h.Response) > 0 || ctx.Err() != nil, rest)
	return res, h, err
}

// askedRest is how long a host that answered 429 or 503 is left alone: as long
// as its Retry-After says (RFC 9110 §10.2.3), at most a day. Where it does not
// say, a minute after 429; after 503 only the page itself waits, see [Due].
func askedRest(res *http.Response, now time.Time) time.Duration {
	var rest time.Duration
	switch res.StatusCode {
	case http.StatusTooManyRequests:
		rest = time.Minute
	case http.StatusServiceUnavailable:
	default:
		return 0
	}
	value := res.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		rest = time.Duration(seconds) * time.Second
	} else if t, err := http.ParseTime(value); err == nil {
		rest = t.Sub(now)
	}
	return max(0, min(rest, longestRetry))
}

func isPublic(ip string) bool {
	a, err := netip.ParseAddr(ip)
	return err == nil && !a.Unmap().IsLoopback() && !a.Unmap().IsPrivate() && !a.Unmap().IsLinkLocalUnicast()
}

// forbidden is the error about a page that robots.txt keeps for people.
type forbidden struct{ host, path, rule string }

// forbiddenPrefix begins the error, by which the archive's looks are known.
const forbiddenPrefix = "robots.txt forbids "

func (f *forbidden) Error() string {
	return fmt.Sprintf(forbiddenPrefix+"%s%s (rule %s); ask the publisher, or put saved copies in with `veille add`", f.host, f.path, f.rule)
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
	c.SetRequestTimeout(0) // waiting for a turn does not count; the recorder limits each hop
	c.WithTransport(l)
	c.SetRedirectHandler(func(*http.Request, []*http.Request) error { return nil }) // the line counts them
	c.OnResponse(func(res *colly.Response) {
		if find := l.visit.job.find; find != nil && res.StatusCode == http.StatusOK {
			l.discover(find, res.Request.URL.String())
		} else if find == nil && res.StatusCode == http.StatusMultipleChoices {
			l.choices(res.Request.URL.String())
		}
	})
	l.collector = c
	return l
}

// do makes one visit and hands its capture over.
func (l *line) do(j *job) {
	if j.found && l.run.movedTo(l.ctx, j.source.ID, j.url) {
		return // a page that is watched under its old address leads here
	}
	l.visit = &visit{job: j, asked: map[string]bool{}, notes: map[string]string{}}
	start := l.run.c.now()
	jar, err := cookiejar.New(nil)
	if err != nil {
		l.run.fail(j.sourceID(), j.url, err.Error())
		return
	}
	l.collector.SetCookieJar(jar)
	err = l.collector.Visit(j.url)
	if l.ctx.Err() != nil {
		return // stopped half-way: not an answer
	}
	if l.visit.err != nil {
		err = l.visit.err // Colly's words stand around it
	}
	if err == nil && len(l.visit.hops) > 1 && j.page != nil {
		l.run.leads(j.sourceID(), l.visit.hops[len(l.visit.hops)-1].URL)
	}
	if err == nil && l.mustRender(j) {
		err = l.render()
		l.visit.err = err
	}
	c := &archive.Capture{Source: j.sourceID(), URL: j.url, Lang: j.lang, Document: j.document, Purpose: j.purpose, News: j.news, Time: start,
		Exchanges: l.visit.hops, Notes: l.visit.notes}
	if j.note != "" {
		c.Notes["publisher"] = j.note
	}
	if c.Purpose == archive.PurposePage && (j.document == "" || j.alone) {
		var other bool
		if c.Document, other = l.document(j, err == nil); other {
			c.News = false // another address of what is known
		}
	}
	if err != nil && !answered(l.visit) {
		l.run.fail(c.Source, j.url, err.Error())
		if errors.Is(err, errNotAsked) && len(l.visit.hops) == 0 {
			return
		}
		if j.page != nil && strings.HasPrefix(err.Error(), forbiddenPrefix) && forbiddenUntil(j.page).After(start) {
			return // it has been noted today
		}
		c.Err = err.Error()
	}
	l.run.hand(c)
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
			courtesy.Begin(ctx)() // a look costs little itself, and brings work for others
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

// get fetches a helper file, such as robots.txt, through the same politeness
// and the same recorder, following up to most redirects.
func (r *run) get(ctx context.Context, address string, most int, public bool) (body []byte, status int, hops []archive.Exchange, err error) {
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, 0, hops, err
		}
		if len(hops) > 0 && source.Loopback(req.URL.Host) && !source.Loopback(hostOf(hops[0].URL)) {
			return nil, 0, hops, fmt.Errorf("redirected to %s, which is this machine: not followed", address)
		}
		req.Header.Set("User-Agent", r.c.userAgent())
		req.Header.Set("Accept-Encoding", "gzip, br")
		res, h, err := r.request(ctx, req, 0, public)
		if h == nil {
			return nil, 0, hops, err
		}
		hops, public = append(hops, h.Exchange), public || isPublic(h.IP)
		if err != nil {
			return nil, 0, hops, err
		}
		to := res.Header.Get("Location")
		if res.StatusCode/100 != 3 || to == "" {
			return h.body, res.StatusCode, hops, nil
		}
		next, err := req.URL.Parse(strings.TrimSpace(to))
		if err != nil || len(hops) > most {
			return nil, res.StatusCode, hops, fmt.Errorf("more than %d redirects, or a bad one: %.100q", most, to)
		}
		address = next.String()
	}
}

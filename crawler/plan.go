package crawler

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"veille/archive"
	"veille/source"
)

// A job is one thing to fetch.
type job struct {
	source   *source.Source
	url      string
	lang     string
	document string
	alone    bool // the document is no more than the page's own address
	news     bool // it came to a listing that had been looked at before
	purpose  archive.Purpose
	page     *archive.Page // what the archive knows of it, nil if nothing
	find     finder        // for a discovery: how pages are found in it
	accept   string        // the Accept header it wants, "" for the source's
	note     string        // what the publisher said of it where it was found
	found    bool          // by a listing, just now, and not known before
	depth    int           // of a discovery: how many indexes led to it
}

func (j *job) sourceID() string {
	if j.source == nil {
		return ""
	}
	return j.source.ID
}

// A queue is one host's jobs, done one after another.
type queue struct {
	jobs    []*job
	running bool
}

// firstRetry is the wait after a first failure; it doubles with each further
// one, up to longestRetry.
const (
	firstRetry   = 10 * time.Minute
	longestRetry = 24 * time.Hour
	// blockedSteps is how many failures ahead a refusal counts: those who put
	// up a challenge do not want to be asked again soon.
	blockedSteps = 5
)

// Due is when a page that was last looked at so is to be looked at again. Failures of
// the moment – no answer, 429, 5xx – are tried again before the schedule says
// so, ever later; a page that is refused or not there waits for its schedule
// at least. Nothing is asked before the time a Retry-After gave, or within a
// day of a robots.txt that forbids it.
func Due(s *source.Source, p *archive.Page) time.Time {
	next := s.Schedule.Next(p.Last.Time, p.URL)
	if l := p.Last; p.Fails > 0 {
		retry := l.Time.Add(retryWait(p.Fails))
		switch {
		case l.Class == archive.Blocked:
			next = latest(next, l.Time.Add(retryWait(p.Fails+blockedSteps)))
		case l.Status == 0 || l.Status == http.StatusTooManyRequests || l.Status >= http.StatusInternalServerError:
			next = retry
		case passing(l):
			if retry.Before(next) {
				next = retry
			}
		default:
			next = latest(next, retry)
		}
	}
	return latest(next, retryUntil(p.Last), forbiddenUntil(p))
}

// passing reports an answer that came with status 200 and was no good in a way
// that passes: the site was being worked on, or most of the page was missing.
// What is to be confirmed by another look is looked at again soon.
func passing(l archive.Look) bool {
	return l.Class == archive.Error && (strings.HasPrefix(l.Reason, "truncated: ") || strings.HasPrefix(l.Reason, "maintenance: "))
}

// retryWait is the pause after so many failures in a row.
func retryWait(fails int) time.Duration {
	if fails >= 9 {
		return longestRetry
	}
	return min(firstRetry<<max(0, fails-1), longestRetry)
}

// retryUntil is the time a Retry-After asked for, at most a day after the look.
func retryUntil(l archive.Look) time.Time {
	if most := l.Time.Add(longestRetry); l.RetryAfter.After(most) {
		return most
	}
	return l.RetryAfter
}

// forbiddenUntil is until when a verdict of robots.txt stands, zero if the
// page's last look met none.
func forbiddenUntil(p *archive.Page) time.Time {
	if !strings.HasPrefix(p.Last.Err, forbiddenPrefix) {
		return time.Time{}
	}
	return p.Last.Time.Add(robotsAge)
}

func latest(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare)
}

// A hostState is what the looks at a host's pages say about the host.
type hostState struct {
	pages    int
	asked    time.Time       // left alone until: the host asked for it
	answered time.Time       // the latest look with an answer
	silent   []*archive.Page // whose latest look had none
}

// hold is until when the host is left alone: as long as it asked for; or, if
// several of its pages (or all) had no answer since its last one, as long as
// the most patient of them.
func (h *hostState) hold() time.Time {
	hold, silent := h.asked, 0
	var until time.Time
	for _, p := range h.silent {
		if p.Last.Time.After(h.answered) {
			silent++
			until = latest(until, p.Last.Time.Add(retryWait(p.Fails)))
		}
	}
	if silent > 0 && silent >= min(mostSilent, h.pages) {
		hold = latest(hold, until)
	}
	return hold
}

func (h *hostState) see(p *archive.Page) {
	h.pages++
	switch l := p.Last; {
	case l.Status == http.StatusTooManyRequests || l.Status == http.StatusServiceUnavailable:
		h.asked = latest(h.asked, retryUntil(l))
		h.answered = latest(h.answered, l.Time)
	case l.Status != 0:
		h.answered = latest(h.answered, l.Time)
	case !strings.HasPrefix(l.Err, forbiddenPrefix):
		h.silent = append(h.silent, p)
	}
}

// A hostBook gathers the states of hosts, by name.
type hostBook struct {
	list *source.List
	by   map[string]*hostState
}

func (b *hostBook) see(p *archive.Page) {
	if b.by == nil {
		b.by = map[string]*hostState{}
	}
	name := b.list.Host(hostOf(p.URL)).Name
	if b.by[name] == nil {
		b.by[name] = &hostState{}
	}
	b.by[name].see(p)
}

// hold is until when the host of an address is left alone, zero if it is not.
func (b *hostBook) hold(address string) time.Time {
	if h := b.by[b.list.Host(hostOf(address)).Name]; h != nil {
		return h.hold()
	}
	return time.Time{}
}

// candidates are all that could be fetched of a source: the pages it names,
// its listings, and the pages found before.
func (c *Crawler) candidates(ctx context.Context, s *source.Source) ([]*job, error) {
	pages, err := c.Archive.Pages(ctx, s.ID)
	if err != nil {
		return nil, fmt.Errorf("plan %s: %w", s.ID, err)
	}
	known := make(map[string]*archive.Page, len(pages))
	for _, p := range pages {
		known[p.URL] = p
	}
	now := c.now()
	var jobs []*job
	named := map[string]bool{}
	for _, d := range s.Pages {
		for _, ref := range d.Pages {
			j := &job{source: s, url: c.Sources.Address(ref, now), lang: ref.Lang, document: d.ID, purpose: archive.PurposePage,
				alone: len(d.Pages) == 1 && d.ID == ref.URL}
			if j.page = known[j.url]; j.page == nil { // of another source until now, perhaps
				if j.page, err = c.page(ctx, j.url); err != nil {
					return nil, fmt.Errorf("plan %s: %w", s.ID, err)
				}
			}
			named[j.url] = true
			jobs = append(jobs, j)
		}
	}
	for _, l := range listings(s, c.Sources, now) {
		if l.page, err = c.page(ctx, l.url); err != nil {
			return nil, fmt.Errorf("plan %s: %w", s.ID, err)
		}
		jobs = append(jobs, l)
	}
	for _, p := range pages {
		if !named[p.URL] && c.watchedStill(s, p.URL) {
			jobs = append(jobs, &job{source: s, url: p.URL, lang: p.Lang, document: p.Document, news: p.News, purpose: archive.PurposePage, page: p})
		}
	}
	return jobs, nil
}

// planAll queues what is to be fetched of the chosen sources.
func (r *run) planAll(ctx context.Context, chosen []*source.Source) error {
	if !r.o.DueOnly {
		for _, s := range chosen {
			jobs, err := r.c.candidates(ctx, s)
			if err != nil {
				return err
			}
			for _, j := range jobs {
				r.add(j)
			}
		}
		return nil
	}
	now := r.c.now()
	waiting, book, err := r.c.agenda(ctx, chosen)
	if err != nil {
		return err
	}
	for _, j := range waiting {
		if !latest(j.due, book.hold(j.url)).After(now) {
			r.add(j.job)
		}
	}
	for name, h := range book.by {
		r.holds[name] = h.hold()
	}
	return nil
}

// An appointment is a job and when it is due.
type appointment struct {
	*job
	due time.Time // zero: at once
}

// agenda is all that could be fetched, when it is due by itself, and what is
// known of the hosts, which may put it off.
func (c *Crawler) agenda(ctx context.Context, sources []*source.Source) ([]appointment, *hostBook, error) {
	book := &hostBook{list: c.Sources}
	var all []appointment
	for _, s := range sources {
		jobs, err := c.candidates(ctx, s)
		if err != nil {
			return nil, nil, err
		}
		for _, j := range jobs {
			a := appointment{job: j}
			if j.page != nil {
				a.due = Due(s, j.page)
				book.see(j.page)
			}
			all = append(all, a)
		}
	}
	return all, book, nil
}

// watchedStill reports whether a page that the archive has of a source is one
// it found and still takes, and not one that sources.yaml named once and names
// no more.
func (c *Crawler) watchedStill(s *source.Source, url string) bool {
	if c.Sources.Claim(url) == s {
		return true
	}
	if s.Follow != nil && slices.ContainsFunc(s.Follow.Deny, func(re *regexp.Regexp) bool { return re.MatchString(url) }) {
		return false
	}
	return s.Finds()
}

// add queues a job, unless its address is queued already.
func (r *run) add(j *job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := string(j.purpose) + " " + j.url
	if r.seen[key] {
		return
	}
	r.seen[key] = true
	host := hostOf(j.url)
	q := r.queues[host]
	if q == nil {
		q = &queue{}
		r.queues[host] = q
		r.order = append(r.order, host)
	}
	q.jobs = append(q.jobs, j)
	if j.purpose == archive.PurposePage {
		r.total++
	}
}

// NextDue is when the next page of any enabled source is due, zero if there is
// none at all. It may be called while Run works.
func (c *Crawler) NextDue(ctx context.Context) (time.Time, error) {
	var enabled []*source.Source
	for _, s := range c.Sources.Sources {
		if s.Enabled {
			enabled = append(enabled, s)
		}
	}
	all, book, err := c.agenda(ctx, enabled)
	if err != nil {
		return time.Time{}, err
	}
	var next time.Time
	for _, a := range all {
		t := latest(a.due, book.hold(a.url))
		if t.IsZero() {
			t = c.now()
		}
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	return next, nil
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

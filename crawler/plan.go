package crawler

import (
	"context"
	"fmt"
	"net/url"
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
	news     bool
	purpose  archive.Purpose
	page     *archive.Page // what the archive knows of it, nil if nothing
	find     finder        // for a discovery: how pages are found in it
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
)

// Due is when a page that was last looked at so is to be looked at again: on
// its source's schedule, or later after failures or when the server asked for it.
func Due(s *source.Source, p *archive.Page) time.Time {
	next := s.Schedule.Next(p.Last.Time, p.URL)
	if p.Fails > 0 {
		wait := longestRetry
		if p.Fails < 9 {
			wait = min(firstRetry<<(p.Fails-1), longestRetry)
		}
		next = p.Last.Time.Add(wait)
	}
	if until := p.Last.RetryAfter; until.After(next) {
		next = until
		if most := p.Last.Time.Add(longestRetry); next.After(most) {
			next = most
		}
	}
	return next
}

// known are the pages of a source that the archive has, by address.
func (c *Crawler) known(ctx context.Context, s *source.Source) (map[string]*archive.Page, []*archive.Page, error) {
	pages, err := c.Archive.Pages(ctx, s.ID)
	if err != nil {
		return nil, nil, err
	}
	by := make(map[string]*archive.Page, len(pages))
	for _, p := range pages {
		by[p.URL] = p
	}
	return by, pages, nil
}

// plan queues what is to be fetched of a source: its listings, the pages it
// names, and those found before.
func (r *run) plan(ctx context.Context, s *source.Source) error {
	known, pages, err := r.c.known(ctx, s)
	if err != nil {
		return fmt.Errorf("plan %s: %w", s.ID, err)
	}
	now := r.c.now()
	want := func(p *archive.Page) bool { return !r.o.DueOnly || p == nil || !Due(s, p).After(now) }
	for _, d := range s.Pages {
		for _, ref := range d.Pages {
			p := known[r.c.Sources.Address(ref, now)]
			if want(p) {
				r.add(&job{source: s, url: r.c.Sources.Address(ref, now), lang: ref.Lang, document: d.ID, purpose: archive.PurposePage, page: p})
			}
		}
	}
	for _, l := range listings(s, r.c.Sources, now) {
		p, err := r.c.page(ctx, l.url)
		if err != nil {
			return fmt.Errorf("plan %s: %w", s.ID, err)
		}
		if l.page = p; want(p) {
			r.add(l)
		}
	}
	for _, p := range pages {
		if want(p) && r.c.watchedStill(s, p.URL) {
			r.add(&job{source: s, url: p.URL, lang: p.Lang, document: p.Document, news: p.News, purpose: archive.PurposePage, page: p})
		}
	}
	return nil
}

// watchedStill reports whether a page that the archive has of a source is one
// it found, and not one that sources.yaml named once and names no more.
func (c *Crawler) watchedStill(s *source.Source, url string) bool {
	return c.Sources.Claim(url) == s || s.Follow != nil || len(s.Feed)+len(s.Sitemap) > 0
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
	var next time.Time
	sooner := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	now := c.now()
	for _, s := range c.Sources.Sources {
		if !s.Enabled {
			continue
		}
		known, pages, err := c.known(ctx, s)
		if err != nil {
			return time.Time{}, err
		}
		for _, p := range pages {
			if c.watchedStill(s, p.URL) {
				sooner(Due(s, p))
			}
		}
		for _, d := range s.Pages {
			for _, ref := range d.Pages {
				if known[c.Sources.Address(ref, now)] == nil {
					sooner(now)
				}
			}
		}
		for _, l := range listings(s, c.Sources, now) {
			p, err := c.page(ctx, l.url)
			if err != nil {
				return time.Time{}, err
			}
			if p == nil {
				sooner(now)
			} else {
				sooner(Due(s, p))
			}
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

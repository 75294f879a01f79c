package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"veille/archive"
)

// robotsSource is the id under which robots.txt files are archived.
const robotsSource = "robots"

// robotsAge is how long a robots.txt holds (RFC 9309 §2.4).
const robotsAge = 24 * time.Hour

// A robotsMemo is a host's robots.txt for the length of one run.
type robotsMemo struct {
	once  sync.Once
	rules *rules
	none  string // why nothing may be fetched, "" if the rules hold
	err   error
}

// allowed asks a host's robots.txt whether an address may be fetched; pattern
// is the rule that decided, delay the pause it asks for.
func (r *run) allowed(ctx context.Context, u *url.URL) (ok bool, pattern string, delay time.Duration, err error) {
	origin := u.Scheme + "://" + u.Host
	r.mu.Lock()
	memo := r.robots[origin]
	if memo == nil {
		memo = &robotsMemo{}
		r.robots[origin] = memo
	}
	r.mu.Unlock()
	memo.once.Do(func() { memo.rules, memo.none, memo.err = r.robotsOf(ctx, origin+"/robots.txt") })
	if memo.err != nil {
		return false, "", 0, memo.err
	}
	if memo.none != "" {
		return false, memo.none, 0, nil
	}
	ok, pattern = memo.rules.allows(u.RequestURI())
	return ok, pattern, memo.rules.delay, nil
}

// robotsOf reads a robots.txt: from the archive if it was fetched within the
// day, else from the network. 4xx means that there are no rules; no answer, 429
// and 5xx mean that nothing may be fetched.
func (r *run) robotsOf(ctx context.Context, address string) (*rules, string, error) {
	page, err := r.c.page(ctx, address)
	if err != nil {
		return nil, "", fmt.Errorf("look up %s: %w", address, err)
	}
	if page != nil && r.c.now().Sub(page.Last.Time) < robotsAge && page.Last.Err == "" && page.Last.Status/100 != 5 && page.Last.Status != 429 {
		if page.Last.Status/100 == 4 {
			return &rules{}, "", nil
		}
		c, err := r.c.Archive.Capture(ctx, page.Last.Seq)
		if err != nil {
			return nil, "", err
		}
		return parseRobots(c.Body, robotsToken), "", nil
	}
	start := r.c.now()
	body, status, hops, err := r.get(ctx, address, 5)
	if ctx.Err() != nil {
		return nil, "", ctx.Err()
	}
	c := &archive.Capture{Source: robotsSource, URL: address, Purpose: archive.PurposeRobots, Time: start, Exchanges: hops}
	if err != nil {
		c.Err = err.Error()
	}
	r.captures <- c
	switch {
	case err != nil:
		return nil, "robots.txt could not be fetched: " + err.Error(), nil
	case status == http.StatusTooManyRequests || status/100 == 5:
		return nil, fmt.Sprintf("robots.txt answers %d, which means: fetch nothing", status), nil
	case status/100 == 2:
		return parseRobots(body, robotsToken), "", nil
	}
	return &rules{}, "", nil
}

// name lets an address's host be dialled though it is this machine.
func (g *guard) name(address string) {
	u, err := url.Parse(address)
	if err == nil && u.Host != "" {
		g.named[dialled(u.Scheme, u.Host)] = true
	}
}

var errNotList = errors.New("not a list of pages")

// languageOf is the language of what a listing brings.
func languageOf(lang, fallback string) string {
	if strings.TrimSpace(lang) != "" {
		return lang
	}
	return fallback
}

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

// A verdict is what a robots.txt says about one address.
type verdict struct {
	ok      bool
	pattern string        // the rule that decided, "" if none did
	delay   time.Duration // the pause it asks for
	none    string        // why robots.txt could not be had, and nothing may be fetched
}

// allowed asks a host's robots.txt whether an address may be fetched. The file
// itself always may (RFC 9309 §2.2.2).
func (r *run) allowed(ctx context.Context, u *url.URL, public bool) (verdict, error) {
	if u.Path == "/robots.txt" {
		return verdict{ok: true}, nil
	}
	origin := u.Scheme + "://" + u.Host
	r.mu.Lock()
	memo := r.robots[origin]
	if memo == nil {
		memo = &robotsMemo{}
		r.robots[origin] = memo
	}
	r.mu.Unlock()
	memo.once.Do(func() { memo.rules, memo.none, memo.err = r.robotsOf(ctx, origin+"/robots.txt", public) })
	if memo.err != nil || memo.none != "" {
		return verdict{none: memo.none}, memo.err
	}
	v := verdict{delay: memo.rules.delay}
	v.ok, v.pattern = memo.rules.allows(u.RequestURI())
	return v, nil
}

// robotsOf reads a robots.txt: from the archive if it was fetched within the
// day, else from the network. 4xx means that there are no rules; no answer, 429
// and 5xx mean that nothing may be fetched.
func (r *run) robotsOf(ctx context.Context, address string, public bool) (*rules, string, error) {
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
	body, status, hops, err := r.get(ctx, address, 5, public)
	if ctx.Err() != nil {
		return nil, "", ctx.Err()
	}
	if errors.Is(err, errNotAsked) && len(hops) == 0 {
		return nil, "", err
	}
	c := &archive.Capture{Source: robotsSource, URL: address, Purpose: archive.PurposeRobots, Time: start, Exchanges: hops}
	if err != nil {
		c.Err = err.Error()
	}
	r.hand(c)
	switch {
	case err != nil:
		return nil, err.Error(), nil
	case status == http.StatusTooManyRequests || status/100 == 5:
		return nil, fmt.Sprintf("it answers %d", status), nil
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

package crawler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/mmcdole/gofeed"
	"golang.org/x/net/html/charset"

	"veille/archive"
	"veille/internal/boundhtml"
	"veille/source"
)

// A link is a page found: its address, absolute, and the words that named it.
type link struct {
	url, title string
	lang       string    // "" if the listing does not say
	document   string    // shared with its twins, "" if it has none
	note       string    // what the publisher says has changed there
	modified   time.Time // when the listing says it last changed, zero if it does not say
	given      bool      // the address follows a template of sources.yaml, and may be on another host
}

// A finder finds the links of a listing, feed or sitemap. nested are further
// files of the same kind to look in.
type finder func(address string, body []byte, contentType string) (links []link, nested []string, err error)

// listings are what a source's pages are found in, as jobs.
func listings(s *source.Source, list *source.List, now time.Time) []*job {
	var jobs []*job
	add := func(refs []source.PageRef, find finder) {
		for _, ref := range refs {
			jobs = append(jobs, &job{source: s, url: list.Address(ref, now), lang: languageOf(ref.Lang, s.Lang), purpose: archive.PurposeDiscovery, find: find})
		}
	}
	if s.Follow != nil {
		add(s.Follow.From, htmlLinks(s.Follow.Links))
	}
	add(s.Feed, feedLinks)
	add(s.Sitemap, sitemapLinks)
	for i := range s.Discover {
		d := &s.Discover[i]
		first := len(jobs)
		add(d.From, published(d))
		for _, j := range jobs[first:] {
			j.accept = accepts[d.As]
		}
	}
	return jobs
}

// discover queues the pages, and the further listings, that a listing names.
func (l *line) discover(find finder, address string) {
	j := l.visit.job
	links, nested, err := find(address, l.visit.body, l.visit.header.Get("Content-Type"))
	if err != nil {
		l.run.fail(j.source.ID, j.url, err.Error())
		return
	}
	if err := l.take(j, links, nested); err != nil && l.ctx.Err() == nil {
		l.run.fail(j.source.ID, j.url, err.Error())
	}
}

func (l *line) take(j *job, links []link, nested []string) error {
	c, first := l.run.c, l.firstLook(j)
	limit := source.DefaultLimit
	if j.source.Follow != nil && j.source.Follow.Limit > 0 {
		limit = j.source.Follow.Limit
	}
	for _, n := range nested[:min(len(nested), maxNested)] {
		address, err := c.Sources.Canonical(n)
		if err != nil || j.depth >= deepest(j.url, address) || !mayLead(j.url, address) {
			continue
		}
		page, err := c.page(l.ctx, address)
		if err != nil {
			return err
		}
		l.enqueue(&job{source: j.source, url: address, lang: j.lang, purpose: archive.PurposeDiscovery, find: j.find, accept: j.accept,
			page: page, depth: j.depth + 1, news: j.news || first.lacks(address)})
	}
	taken := 0
	for _, k := range links {
		address, err := c.Sources.Canonical(k.url)
		from := j.url
		if k.given {
			from = address
		}
		if err != nil || address == j.url || !mayLead(j.url, address) || !c.Sources.Follows(j.source, from, address, k.title) {
			continue
		}
		if taken++; taken > limit {
			break
		}
		if c.Sources.Claim(address) != nil {
			continue // queued, or not due; or another source's
		}
		page, err := c.page(l.ctx, address)
		if err != nil {
			return err
		}
		if page != nil && (page.Source == j.source.ID || c.watchedBy(page)) {
			l.hinted(j, page, k)
			continue
		}
		lang, document := languageOf(k.lang, languageOf(j.lang, j.source.Lang)), ""
		if k.document != "" {
			if document, err = c.Sources.Canonical(k.document); err != nil {
				document = ""
			}
		}
		l.enqueue(&job{source: j.source, url: address, lang: lang, document: document, note: k.note, page: page, found: page == nil,
			news: page == nil && (j.news || first.lacks(address)), purpose: archive.PurposePage})
	}
	return nil
}

// hinted looks at a page of the same source before its time if the listing
// says that it changed since the last look. It is a hint and no more: what
// changed, the page says.
func (l *line) hinted(j *job, page *archive.Page, k link) {
	if k.modified.IsZero() || !k.modified.After(page.Last.Time) || k.modified.After(l.run.c.now().Add(24*time.Hour)) ||
		page.Source != j.source.ID || page.Purpose != archive.PurposePage {
		return
	}
	l.enqueue(&job{source: j.source, url: page.URL, lang: page.Lang, document: page.Document, note: k.note, page: page, news: page.News, purpose: archive.PurposePage})
}

// watchedBy reports whether a page is found, and watched, by a source that is
// still there.
func (c *Crawler) watchedBy(p *archive.Page) bool {
	s := c.Sources.Source(p.Source)
	return p.Purpose == archive.PurposePage && s != nil && s.Enabled && c.watchedStill(s, p.URL)
}

// mayLead reports whether a listing may name this address: one out in the
// world may not name this machine.
func mayLead(from, to string) bool {
	return !source.Loopback(hostOf(to)) || source.Loopback(hostOf(from))
}

// A firstLook is the addresses that a listing named when it was first read;
// nil if this is the first time.
type firstLook map[string]bool

// lacks reports whether an address came later, which makes it news. What stood
// there from the beginning is none, even if a run that was killed left it to
// this one to fetch.
func (f firstLook) lacks(url string) bool { return f != nil && !f[url] }

// firstLook reads the first answer ever had of a listing. One that can no
// longer be read makes everything new news, and the log says so.
func (l *line) firstLook(j *job) firstLook {
	if j.page == nil || j.page.LastContent.Seq == 0 {
		return nil
	}
	named := firstLook{}
	c, err := l.run.c.firstAnswer(l.ctx, j.page.ID)
	if err == nil {
		var links []link
		var nested []string
		if links, nested, err = j.find(c.FinalURL, c.Body, c.Header.Get("Content-Type")); err == nil {
			for _, k := range links {
				nested = append(nested, k.url)
			}
			for _, n := range nested {
				if address, err := l.run.c.Sources.Canonical(n); err == nil {
					named[address] = true
				}
			}
		}
	}
	if err != nil && l.run.c.Log != nil && l.ctx.Err() == nil {
		l.run.c.Log.Warn("read first look at listing", "source", j.source.ID, "url", j.url, "err", err)
	}
	return named
}

// firstAnswer is the first capture of a page that brought something to read.
func (c *Crawler) firstAnswer(ctx context.Context, id archive.PageID) (*archive.Capture, error) {
	looks, err := c.Archive.Looks(ctx, id, 0)
	if err != nil {
		return nil, err
	}
	for _, l := range slices.Backward(looks) {
		if l.Status == http.StatusOK && l.Err == "" {
			return c.Archive.Capture(ctx, l.Seq)
		}
	}
	return nil, fmt.Errorf("page %d was never answered: %w", id, fs.ErrNotExist)
}

// How far sitemap indexes are followed.
const (
	maxNested = 50 // files of one index
	maxDepth  = 3  // indexes within indexes
	maxTurns  = 25 // pages of one list
)

// deepest is how deep in lists one may stand that leads to another: the next
// page of the same list has another query at the same place.
func deepest(from, to string) int {
	from, _, _ = strings.Cut(from, "?")
	if to, _, turned := strings.Cut(to, "?"); turned && from == to {
		return maxTurns
	}
	return maxDepth
}

// enqueue adds a job, unless its host is to be left alone, and wakes the
// host's worker.
func (l *line) enqueue(j *job) {
	if l.run.holds[l.run.c.Sources.Host(hostOf(j.url)).Name].After(l.run.c.now()) {
		return
	}
	l.run.add(j)
	l.run.mu.Lock()
	defer l.run.mu.Unlock()
	l.run.wake(l.ctx, hostOf(j.url))
}

// htmlLinks finds the links of a page that a CSS selector chooses.
func htmlLinks(selector string) finder {
	if selector == "" {
		selector = "a[href]"
	}
	return func(address string, body []byte, contentType string) ([]link, []string, error) {
		doc, err := parsePage(body, contentType)
		if errors.Is(err, io.EOF) {
			return nil, nil, nil // empty
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read listing: %w", err)
		}
		base, err := parseBase(address, doc)
		if err != nil {
			return nil, nil, err
		}
		var links []link
		doc.Find(selector).Each(func(_ int, s *goquery.Selection) {
			href, ok := s.Attr("href")
			if !ok {
				href, ok = s.Find("a[href]").First().Attr("href")
			}
			if to, err := base.Parse(strings.TrimSpace(href)); ok && err == nil {
				links = append(links, link{url: to.String(), title: strings.Join(strings.Fields(s.Text()), " ")})
			}
		})
		return links, nil, nil
	}
}

// parsePage parses a page of HTML in bounded time, in whatever character set
// it is. The error is io.EOF for an empty one.
func parsePage(body []byte, contentType string) (*goquery.Document, error) {
	text, err := charset.NewReader(bytes.NewReader(body), contentType)
	if err != nil {
		return nil, err
	}
	decoded, err := io.ReadAll(text)
	if err != nil {
		return nil, err
	}
	root, err := boundhtml.Parse(context.Background(), decoded) // it ends by itself
	if err != nil {
		return nil, err
	}
	return goquery.NewDocumentFromNode(root), nil
}

// feedLinks finds the items of an RSS, Atom or JSON feed.
func feedLinks(address string, body []byte, _ string) ([]link, []string, error) {
	if err := boundFeed(body); err != nil {
		return nil, nil, fmt.Errorf("read feed: %w", err)
	}
	feed, err := gofeed.NewParser().Parse(bytes.NewReader(body))
	if err != nil {
		return nil, nil, fmt.Errorf("read feed: %w", err)
	}
	base, err := parseBase(address, nil)
	if err != nil {
		return nil, nil, err
	}
	var links []link
	for _, item := range feed.Items {
		to := item.Link
		if to == "" && strings.HasPrefix(item.GUID, "http") {
			to = item.GUID
		}
		if u, err := base.Parse(strings.TrimSpace(to)); err == nil && to != "" {
			k := link{url: u.String(), title: item.Title}
			if item.UpdatedParsed != nil {
				k.modified = *item.UpdatedParsed
			}
			links = append(links, k)
		}
	}
	return links, nil, nil
}

package crawler

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/gocolly/colly/v2"
	"github.com/mmcdole/gofeed"

	"veille/archive"
	"veille/source"
)

// A link is a page found: its address, absolute, and the words that named it.
type link struct{ url, title string }

// A finder finds the links of a listing, feed or sitemap. nested are further
// files of the same kind to look in.
type finder func(address string, body []byte) (links []link, nested []string, err error)

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
	return jobs
}

// discover queues the pages that a listing names.
func (l *line) discover(find finder, res *colly.Response) {
	j := l.visit.job
	links, nested, err := find(res.Request.URL.String(), res.Body)
	if err != nil {
		l.run.fail(j.source.ID, j.url, err.Error())
		return
	}
	known, _, err := l.run.c.known(l.ctx, j.source)
	if err != nil {
		l.visit.err = err
		return
	}
	// Once the listing has been looked at before, what is new on it is news.
	looked := j.page != nil && j.page.LastContent.Seq != 0
	limit := source.DefaultLimit
	if j.source.Follow != nil && j.source.Follow.Limit > 0 {
		limit = j.source.Follow.Limit
	}
	taken := 0
	for _, n := range nested {
		if taken++; taken > maxNested {
			break
		}
		l.enqueue(&job{source: j.source, url: n, lang: j.lang, purpose: archive.PurposeDiscovery, find: once(find), page: j.page})
	}
	taken = 0
	for _, k := range links {
		address, err := l.run.c.Sources.Canonical(k.url)
		if err != nil || address == j.url || !l.run.c.Sources.Follows(j.source, j.url, address, k.title) {
			continue
		}
		if taken++; taken > limit {
			break
		}
		if known[address] != nil || l.run.c.Sources.Claim(address) != nil {
			continue // queued, or not due; or another source's
		}
		l.enqueue(&job{source: j.source, url: address, lang: languageOf(j.lang, j.source.Lang), news: looked, purpose: archive.PurposePage})
	}
}

// maxNested is how many sitemaps of a sitemap index are read.
const maxNested = 50

// once is a finder that looks no further: what is nested in what was nested
// already is left.
func once(find finder) finder {
	return func(address string, body []byte) ([]link, []string, error) {
		links, _, err := find(address, body)
		return links, nil, err
	}
}

// enqueue adds a job and wakes its host's worker.
func (l *line) enqueue(j *job) {
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
	return func(address string, body []byte) ([]link, []string, error) {
		doc, err := goquery.NewDocumentFromReader(bytes.NewReader(body))
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
				links = append(links, link{to.String(), strings.Join(strings.Fields(s.Text()), " ")})
			}
		})
		return links, nil, nil
	}
}

// feedLinks finds the items of an RSS, Atom or JSON feed.
func feedLinks(address string, body []byte) ([]link, []string, error) {
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
			links = append(links, link{u.String(), item.Title})
		}
	}
	return links, nil, nil
}

// sitemapLinks finds the addresses of a sitemap or sitemap index, gzipped or
// not (sitemaps.org 0.9; at most 50,000 of them).
func sitemapLinks(_ string, body []byte) ([]link, []string, error) {
	const most = 50_000
	var r io.Reader = bytes.NewReader(body)
	if bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, nil, fmt.Errorf("read sitemap: %w", err)
		}
		r = io.LimitReader(z, 50<<20)
	}
	d := xml.NewDecoder(r)
	d.Strict = false
	var links []link
	var nested []string
	var inIndex, inLoc bool
	for len(links)+len(nested) < most {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read sitemap: %w", err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			inIndex = inIndex || t.Name.Local == "sitemapindex"
			inLoc = t.Name.Local == "loc"
		case xml.EndElement:
			inLoc = false
		case xml.CharData:
			if at := strings.TrimSpace(string(t)); inLoc && at != "" {
				if inIndex {
					nested = append(nested, at)
				} else {
					links = append(links, link{url: at})
				}
			}
		}
	}
	if len(links)+len(nested) == 0 {
		return nil, nil, fmt.Errorf("read sitemap: %w", errNotList)
	}
	return links, nested, nil
}

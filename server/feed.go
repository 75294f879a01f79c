package server

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Feeds: every list has twins whose names end in .atom (RFC 4287) and .json
// (JSON Feed 1.1). An entry's id is a tag (RFC 4151) of the change or the
// passage, "tag:host,2026:change/17..18": it stays the same whatever becomes of
// the address.

const (
	tagYear  = "2026"
	feedSize = 100 // entries
	atomKind = "application/atom+xml"
	jsonKind = "application/feed+json"
)

// twin parts a name from the ending that asks for a feed: "atom", "json", or "".
func twin(name string) (base, feed string) {
	for _, f := range []string{"atom", "json"} {
		if base, ok := strings.CutSuffix(name, "."+f); ok {
			return base, f
		}
	}
	return name, ""
}

// feeds are the links to a list's twins.
func (w *web) feeds(t *tongue, title, path string, query url.Values) []feedLink {
	end := ""
	if len(query) > 0 {
		end = "?" + query.Encode()
	}
	return []feedLink{
		{atomKind, t.T("feed.atom"), title, path + ".atom" + end},
		{jsonKind, t.T("feed.json"), title, path + ".json" + end},
	}
}

// A feed is a list on its way to become Atom or JSON.
type feed struct {
	id, title, lang string
	page, self      string // absolute addresses
	updated         time.Time
	items           []item
}

// An item is an entry of a feed.
type item struct {
	id, link, via  string
	title, summary string
	lang           string
	time           time.Time
	tags           []string
	change         *changeFacts
}

// changeFacts are the facts of a change that readers of a JSON Feed can use.
type changeFacts struct {
	ID     string      `json:"id"`
	Weight int         `json:"weight"`
	Senses []string    `json:"senses"`
	Source string      `json:"source"`
	From   *VersionRef `json:"from"`
	To     VersionRef  `json:"to"`
}

// tag is the id of a thing on this site.
func (w *web) tag(r *http.Request, thing string) string {
	host := r.Host
	if w.base != nil {
		host = w.base.Hostname()
	} else if u, err := url.Parse("http://" + host); err == nil {
		host = u.Hostname()
	}
	return "tag:" + or(host, "localhost") + "," + tagYear + ":" + thing
}

// changesFeed is "/changes.atom" and "/changes.json", with the filters of "/".
func (w *web) changesFeed(rw http.ResponseWriter, r *http.Request) error {
	_, kind := twin(r.URL.Path)
	q, err := changesQuery(r.URL.Query())
	if err != nil {
		return err
	}
	t := w.tongues[must(choose(r))]
	return w.feedOf(rw, r, kind, q, "changes", t.T("feed.changes"), with("/", without(r.URL.Query(), "ui"), "ui", ""))
}

func (w *web) pageFeed(rw http.ResponseWriter, r *http.Request, kind string, p *PageDocument) error {
	t := w.tongues[must(choose(r))]
	q := ChangesQuery{MinWeight: DefaultWeight, Page: p.ID}
	return w.feedOf(rw, r, kind, q, strings.TrimPrefix(p.Link, "/"), t.T("feed.of", p.Title), p.Link)
}

func (w *web) sourceFeed(rw http.ResponseWriter, r *http.Request, kind string, s *SourceDocument) error {
	t := w.tongues[must(choose(r))]
	q := ChangesQuery{MinWeight: DefaultWeight, Sources: []string{s.ID}}
	return w.feedOf(rw, r, kind, q, strings.TrimPrefix(s.Link, "/"), t.T("feed.of", w.sourceLabel(s.ID, t.lang)), s.Link)
}

// topicsFeed is "/topics.atom" and "/topics.json": the changes of all topics.
func (w *web) topicsFeed(rw http.ResponseWriter, r *http.Request) error {
	return w.listFeed(rw, r, "topics.title", "/topics", nil)
}

// sourcesFeed is "/sources.atom" and "/sources.json": the changes of all sources,
// or with ?jurisdiction= of those of one country or body.
func (w *web) sourcesFeed(rw http.ResponseWriter, r *http.Request) error {
	place := r.URL.Query().Get("jurisdiction")
	if place == "" {
		return w.listFeed(rw, r, "sources.title", "/sources", nil)
	}
	chosen := w.Sources.Select(nil, []string{place}, nil)
	if len(chosen) == 0 {
		return errNoPlace(place)
	}
	return w.listFeed(rw, r, "sources.title", with("/sources", nil, "jurisdiction", place), chosen)
}

// listFeed answers with the changes of some sources, nil for all, for a page that
// lists more than changes.
func (w *web) listFeed(rw http.ResponseWriter, r *http.Request, title, page string, sources []string) error {
	_, kind := twin(r.URL.Path)
	t := w.tongues[must(choose(r))]
	return w.feedOf(rw, r, kind, ChangesQuery{MinWeight: DefaultWeight, Sources: sources}, strings.TrimPrefix(page, "/"), t.T("feed.of", t.T(title)), page)
}

// must is the language of a request whose ?ui= has been looked at before.
func must(lang string, _ error) string { return lang }

// feedOf answers with the changes that a query chooses.
func (w *web) feedOf(rw http.ResponseWriter, r *http.Request, kind string, q ChangesQuery, thing, title, page string) error {
	lang := must(choose(r))
	q.UILang = lang
	changes, err := w.newest(r, q, feedSize, w.docs.listed)
	if err != nil {
		return err
	}
	base := w.baseURL(r)
	f := &feed{id: w.tag(r, thing), title: "Veille – " + title, lang: lang, page: base + page, self: base + r.URL.RequestURI()}
	for _, c := range changes {
		f.items = append(f.items, item{
			id: w.tag(r, "change/"+c.ID), link: base + c.Link, via: c.URL, title: c.Title, summary: c.Summary, lang: c.Lang,
			time: c.To.Seen.By, tags: append(append([]string{"weight-" + fmt.Sprint(c.Weight)}, c.Senses...), c.Topics...),
			change: &changeFacts{c.ID, c.Weight, c.Senses, c.Source, c.From, c.To},
		})
	}
	return w.sendFeed(rw, r, kind, f)
}

// searchFeed is "/search.atom" and "/search.json": what a search finds, the
// newest first. An entry stands for a passage in the version that brought it, or
// in the last that had it, where what was taken out is searched for.
func (w *web) searchFeed(rw http.ResponseWriter, r *http.Request) error {
	_, kind := twin(r.URL.Path)
	query := r.URL.Query()
	q, err := searchQuery(query)
	if err != nil {
		return err
	}
	q.Sort, q.Offset = "newest", 0
	if query.Get("limit") == "" {
		q.Limit = feedSize
	}
	doc, err := w.docs.Search(r.Context(), q)
	if err != nil {
		return err
	}
	lang := must(choose(r))
	base := w.baseURL(r)
	f := &feed{id: w.tag(r, "search?"+without(query, "ui").Encode()), title: "Veille – " + w.tongues[lang].T("feed.search", q.Text), lang: lang,
		page: base + with("/search", without(query, "ui"), "ui", ""), self: base + r.URL.RequestURI()}
	for _, h := range doc.Hits {
		i := item{id: w.tag(r, strings.TrimPrefix(strings.Replace(h.Link, "#", "/", 1), "/")), link: base + h.Link, via: h.URL,
			title: h.Title, summary: h.Text, lang: h.Lang, time: h.FirstSeen.By, tags: append([]string{h.Source}, h.Senses...)}
		if h.Change == "removed" && h.Until != nil { // the news is that it went
			i.id, i.time, i.link = i.id+"/"+h.Change, h.Until.By, base+or(h.EndedBy, h.Link)
		}
		f.items = append(f.items, i)
	}
	return w.sendFeed(rw, r, kind, f)
}

// sendFeed writes a feed as Atom or JSON.
func (w *web) sendFeed(rw http.ResponseWriter, r *http.Request, kind string, f *feed) error {
	for _, i := range f.items {
		if i.time.After(f.updated) {
			f.updated = i.time
		}
	}
	if f.updated.IsZero() {
		// A feed must say when it was updated; nothing has been seen yet.
		f.updated = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	rw.Header().Set("Cache-Control", "public, max-age=300")
	rw.Header().Add("Vary", "Accept-Language, Cookie")
	rw.Header().Set("Content-Language", f.lang)
	var b strings.Builder
	if kind == "json" {
		if err := Write(&b, f.json()); err != nil {
			return err
		}
		return w.send(rw, r, jsonKind+"; charset=utf-8", []byte(b.String()))
	}
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", " ")
	if err := enc.Encode(f.atom()); err != nil {
		return fmt.Errorf("feed: %w", err)
	}
	b.WriteString("\n")
	return w.send(rw, r, atomKind+"; charset=utf-8", []byte(b.String()))
}

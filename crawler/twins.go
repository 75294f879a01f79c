package crawler

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"veille/archive"
	"veille/source"
)

// maxTwins is the most languages that one document is taken to have; a list of
// more is a menu of something else.
const maxTwins = 40

// languageNames are the words by which language switchers name languages.
var languageNames = map[string]string{
	"en": "en", "eng": "en", "english": "en", "fr": "fr", "fra": "fr", "français": "fr", "francais": "fr", "nl": "nl", "nld": "nl", "ned": "nl", "nederlands": "nl",
	"de": "de", "deu": "de", "deutsch": "de", "es": "es", "español": "es", "it": "it", "italiano": "it", "ar": "ar", "العربية": "ar", "sq": "sq", "shqip": "sq", "da": "da", "dansk": "da",
}

// switcher is found in the class, id or label of what holds a language switcher.
var switcher = regexp.MustCompile(`(?i)(?:^|[^a-z])(?:lang|language|languages|langue|langues|taal|talen|sprache|sprachen|i18n|locale|wpml|lang-?switch\w*|language-?switch\w*|lang-?select\w*|site-language)(?:[^a-z]|$)`)

// relatedWords are the words of which a page has one if it says anything of its
// place among others.
var relatedWords = []string{"canonical", "alternate", "hreflang", "lang-", "\"lang", "_lang", "language", "Language", "langue", "taal", "talen", "sprache", "Sprache", "locale", "i18n", "wpml"}

// front is the path of a site's front page, in one language or none.
var front = regexp.MustCompile(`^/?(?:[a-z]{2}(?:[-_][a-zA-Z]{2})?/?)?(?:(?:index|home|default)(?:\.[a-z]{3,5})?/?)?$`)

// A Related is what a page says of its place among others.
type Related struct {
	// Canonical is the address that the page calls its own, "" if it does not.
	Canonical string
	// Twins are the addresses at which it stands in other languages, by
	// language; the page's own is there only if it names itself.
	Twins map[string]string
	// Feeds are the feeds it offers.
	Feeds []string
}

// RelatedOf reads what a page says of its place among others. Twins are named
// by hreflang in the Link header (RFC 8288) or in <link>, or else in a language
// switcher. They are on the publisher's own site; a switcher that leads from a
// deep page to a front page says only that there is no translation.
func RelatedOf(address string, h http.Header, body []byte) *Related {
	r := &Related{Twins: map[string]string{}}
	at, err := url.Parse(address)
	if err != nil {
		return r
	}
	own := *at
	note := func(lang, href string) { r.note(&own, at, lang, href) }
	linkHeader(h, note)
	if !slices.ContainsFunc(relatedWords, func(w string) bool { return bytes.Contains(body, []byte(w)) }) {
		return r
	}
	doc, err := parsePage(body, h.Get("Content-Type"))
	if err != nil {
		return r
	}
	if base, err := parseBase(address, doc); err == nil {
		at = base
	}
	doc.Find("link[rel~=alternate][hreflang][href]").Each(func(_ int, s *goquery.Selection) {
		note(s.AttrOr("hreflang", ""), s.AttrOr("href", ""))
	})
	if len(r.Twins) == 0 {
		switched(doc, note)
	}
	if len(r.Twins) > maxTwins {
		r.Twins = map[string]string{}
	}
	doc.Find("link[rel~=alternate][href], link[rel~=canonical][href]").Each(func(_ int, s *goquery.Selection) {
		to, err := at.Parse(strings.TrimSpace(s.AttrOr("href", "")))
		if err != nil || to.Scheme != "http" && to.Scheme != "https" {
			return
		}
		switch kind := s.AttrOr("type", ""); {
		case strings.Contains(s.AttrOr("rel", ""), "canonical"):
			if r.Canonical == "" {
				r.Canonical = to.String()
			}
		case (kind == "application/rss+xml" || kind == "application/atom+xml" || kind == "application/feed+json") && len(r.Feeds) < 10:
			r.Feeds = append(r.Feeds, to.String())
		}
	})
	return r
}

// note notes one twin, unless it cannot be one.
func (r *Related) note(own, at *url.URL, lang, href string) {
	lang, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(lang)), "-")
	to, err := at.Parse(strings.TrimSpace(href))
	if err != nil || !slices.Contains(source.Languages, lang) || !sameSite(own.Hostname(), to.Hostname()) ||
		to.Scheme != "http" && to.Scheme != "https" || isFront(to) && !isFront(own) {
		return
	}
	if _, twice := r.Twins[lang]; !twice {
		to.Fragment = ""
		r.Twins[lang] = to.String()
	}
}

func isFront(u *url.URL) bool { return u.RawQuery == "" && front.MatchString(u.Path) }

// switched reads a language switcher: links that are marked with a language,
// or named like one, in an element that says it holds languages.
func switched(doc *goquery.Document, note func(lang, href string)) {
	doc.Find("a[href]").EachWithBreak(func(i int, s *goquery.Selection) bool {
		lang := s.AttrOr("hreflang", "")
		if lang == "" {
			lang = languageNames[strings.ToLower(strings.TrimSpace(s.Text()))]
		}
		if lang == "" || !inSwitcher(s) {
			return i < 5000
		}
		note(lang, s.AttrOr("href", ""))
		return i < 5000
	})
}

func inSwitcher(s *goquery.Selection) bool {
	for range 5 {
		if switcher.MatchString(s.AttrOr("class", "") + " " + s.AttrOr("id", "") + " " + s.AttrOr("aria-label", "") + " " + s.AttrOr("role", "")) {
			return true
		}
		if s = s.Parent(); s.Length() == 0 {
			return false
		}
	}
	return false
}

var linkEntry = regexp.MustCompile(`<([^<>]+)>((?:\s*;\s*[a-zA-Z]+\s*=\s*(?:"[^"]*"|[^",;\s]+))*)`)

func linkHeader(h http.Header, note func(lang, href string)) {
	for _, v := range h.Values("Link") {
		for _, m := range linkEntry.FindAllStringSubmatch(v[:min(len(v), 16<<10)], -1) {
			lang, alternate := "", false
			for p := range strings.SplitSeq(m[2], ";") {
				k, val, _ := strings.Cut(strings.TrimSpace(p), "=")
				val = strings.Trim(val, `" `)
				switch strings.ToLower(k) {
				case "hreflang":
					lang = val
				case "rel":
					alternate = slices.Contains(strings.Fields(strings.ToLower(val)), "alternate")
				}
			}
			if alternate && lang != "" {
				note(lang, m[1])
			}
		}
	}
}

// sameSite reports whether two hosts are one publisher's: the same but for the
// first label, as www.cgra.be and nl.cgra.be are.
func sameSite(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	a, b = strings.ToLower(a), strings.ToLower(b)
	_, restA, okA := strings.Cut(a, ".")
	_, restB, okB := strings.Cut(b, ".")
	return okA && strings.Contains(restA, ".") && restA == restB || okB && restB == a && strings.Contains(a, ".") || okA && restA == b && strings.Contains(b, ".")
}

// document is the document of a page of which sources.yaml does not say which
// one it is: the one that is known, or else the one that the page itself names.
// other reports that the page calls a known page of the source its own address:
// it is an alias, and of the same document.
func (l *line) document(j *job, answered bool) (document string, other bool) {
	if p := j.page; p != nil && p.Document != "" && p.Document != j.url {
		return p.Document, false
	}
	// One that was asked today is not parsed again to find what it did not say then.
	if p := j.page; answered && l.visit.header != nil && (p == nil || p.LastContent.Seq == 0 || !sameDay(p.LastContent.Time, l.run.c.now())) {
		d, canonical := l.run.c.document(j.url, l.visit.header, l.visit.body)
		if canonical != "" {
			p, err := l.run.c.page(l.ctx, canonical)
			if err == nil && p != nil && p.Source == j.sourceID() && p.Purpose == archive.PurposePage && p.LastContent.Seq != 0 {
				if p.Document != "" {
					canonical = p.Document
				}
				return canonical, true
			}
		}
		if d != "" {
			return d, false
		}
	}
	if j.document == "" && l.run.namesDocument(l.ctx, j.sourceID(), j.url) {
		return j.url, false
	}
	return j.document, false
}

// namesDocument reports whether other pages of a source are of the document
// that bears this page's address: they called it theirs. It is looked up once a run.
func (r *run) namesDocument(ctx context.Context, source, address string) bool {
	if r.c.Archive == nil { // a page is only tried
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	named, known := r.documents[source]
	if !known {
		named = map[string]bool{}
		r.documents[source] = named
		pages, err := r.c.Archive.Pages(ctx, source)
		if err != nil && ctx.Err() == nil && r.c.Log != nil {
			r.c.Log.Warn("look up documents", "source", source, "err", err)
		}
		for _, p := range pages {
			if p.Document != p.URL {
				named[p.Document] = true
			}
		}
	}
	return named[address]
}

func sameDay(a, b time.Time) bool {
	return a.UTC().Truncate(24 * time.Hour).Equal(b.UTC().Truncate(24 * time.Hour))
}

// document is the id that a found page shares with its twins: the first, in
// the order of their spelling, of its own address and theirs. Each twin that
// names the others comes to the same one. "" if there are none. canonical is
// the address that the page calls its own, where it is another than it was
// found at, "" if it names none: a deep page that calls a front page its own,
// or one on another publisher's site, is mistaken.
func (c *Crawler) document(address string, h http.Header, body []byte) (document, canonical string) {
	related := RelatedOf(address, h, body)
	first, others := address, 0
	if canonical = c.ownAddress(address, related.Canonical); canonical != "" {
		first, others = canonical, 1
	}
	for _, to := range related.Twins {
		twin, err := c.Sources.Canonical(to)
		if err != nil || twin == address || twin == canonical {
			continue
		}
		others++
		first = min(first, twin)
	}
	if others == 0 {
		return "", canonical
	}
	return first, canonical
}

// ownAddress is the canonical spelling of what a page calls its own address,
// "" if it is the one it was found at, or cannot be.
func (c *Crawler) ownAddress(address, said string) string {
	if said == "" {
		return ""
	}
	own, err := c.Sources.Canonical(said)
	if err != nil || own == address {
		return ""
	}
	from, err := url.Parse(address)
	if err != nil {
		return ""
	}
	to, err := url.Parse(own)
	if err != nil || !sameSite(from.Hostname(), to.Hostname()) || isFront(to) && !isFront(from) {
		return ""
	}
	return own
}

package extract

import (
	"net/http"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"veille/archive"
)

// A meta is what a page says about itself outside its text.
type meta struct {
	title     string // of the <title> element
	ogTitle   string
	site      string // og:site_name
	lang      string // as declared in the page or its header
	published string // as "2006-01-02"
	updated   string
	inForce   string // from when the act has been in force
	applies   string // and, where that is not said, from when this text of it applies
	force     string // "in force", "partly in force", "not in force"
}

// meta reads title, language and dates from the head of the page.
func (p *page) meta(h http.Header) meta {
	m := meta{}
	if p.root != nil {
		m.lang = langCode(attr(p.root, "lang"))
		if m.lang == "" {
			m.lang = langCode(attr(p.root, "xml:lang"))
		}
	}
	for _, n := range p.heads {
		switch n.DataAtom {
		case atom.Title:
			if m.title == "" && n.FirstChild != nil {
				m.title = clean(n.FirstChild.Data)
			}
		case atom.Script:
			if n.FirstChild != nil {
				m.jsonLD(n.FirstChild.Data)
			}
		case atom.Meta:
			m.element(n)
		}
	}
	if m.lang == "" && h != nil {
		m.lang = langCode(h.Get("Content-Language"))
	}
	return m
}

// element reads one <meta>, by its name, property or http-equiv.
func (m *meta) element(n *html.Node) {
	m.states(n, func() string { return "" })
	name := attr(n, "property")
	for _, k := range []string{"name", "itemprop", "http-equiv"} {
		if name == "" {
			name = attr(n, k)
		}
	}
	content := attr(n, "content")
	if name == "" || content == "" {
		return
	}
	switch strings.ToLower(name) {
	case "og:title":
		set(&m.ogTitle, clean(content))
	case "og:site_name":
		set(&m.site, clean(content))
	case "content-language", "language", "dc.language", "dcterms.language":
		set(&m.lang, langCode(content))
	case "article:published_time", "datepublished", "dc.date", "dc.date.issued", "dc.date.created", "dcterms.issued",
		"dcterms.created", "dcterms.date", "date", "pubdate", "publishdate", "publication_date":
		set(&m.published, parseDate(content))
	case "article:modified_time", "og:updated_time", "datemodified", "dc.date.modified", "dcterms.modified",
		"last-modified", "lastmod", "revised":
		set(&m.updated, parseDate(content))
	}
}

// set keeps the first value that is not empty.
func set(s *string, v string) {
	if *s == "" {
		*s = v
	}
}

// pageDates adds the dates that stand in the text: <time datetime> elements
// and lines such as "Last updated: 15 March 2023".
func (p *page) pageDates(m *meta, blocks []archive.Block) {
	for i := range p.nodes {
		n := &p.nodes[i]
		if n.n.DataAtom == atom.Time && n.parent >= 0 {
			p.timeElement(m, int32(i))
		}
	}
	p.states(m)
	textDates(m, blocks)
}

func (p *page) timeElement(m *meta, i int32) {
	n := &p.nodes[i]
	value := attr(n.n, "datetime")
	if value == "" {
		return
	}
	prop := attr(n.n, "itemprop") + " " + attr(n.n, "class")
	switch {
	case strings.Contains(prop, "odified") || strings.Contains(prop, "updated"):
		set(&m.updated, parseDate(value))
	case strings.Contains(prop, "ublish") || hasAttr(n.n, "pubdate"):
		set(&m.published, parseDate(value))
	case p.nodes[n.parent].main && m.published == "":
		around := p.nodes[n.parent]
		if around.text < 120 && !updatedWords.MatchString(p.textOf(n.parent)) {
			m.published = parseDate(value)
		}
	}
}

func hasAttr(n *html.Node, name string) bool {
	for i := range n.Attr {
		if n.Attr[i].Key == name {
			return true
		}
	}
	return false
}

// textDates looks for labelled dates in short blocks. A page has no more of
// them than its first ones: those further down are of other documents.
func textDates(m *meta, blocks []archive.Block) {
	for i := range blocks {
		t := blocks[i].Text
		if len(t) > 160 || !strings.Contains(t, "20") && !strings.Contains(t, "19") {
			continue
		}
		if m.updated == "" {
			m.updated = labelled(t, updatedWords)
		}
		if m.published == "" {
			m.published = labelled(t, publishedWords)
		}
		if m.updated != "" && m.published != "" {
			return
		}
	}
}

// pageTitle chooses the title of a page: its main heading, or what it tells
// social networks, or its <title> without the name of the site.
func pageTitle(m *meta, blocks []archive.Block) string {
	first := ""
	for i := range blocks {
		b := &blocks[i]
		if b.Kind == archive.Heading && b.Level == 1 && b.Role == archive.Main {
			first = b.Text
			break
		}
	}
	if len(first) >= 3 && len(first) <= 300 {
		return first
	}
	if m.ogTitle != "" {
		return trimSite(m.ogTitle, m.site)
	}
	if m.title != "" {
		return trimSite(m.title, m.site)
	}
	if first == "" {
		for i := range blocks {
			if blocks[i].Kind == archive.Heading && blocks[i].Role == archive.Main {
				return shorten(blocks[i].Text)
			}
		}
	}
	return shorten(first)
}

// trimSite takes the name of the site off a title: what follows the last
// separator if it is the site's name, or shorter than what precedes it.
func trimSite(title, site string) string {
	for _, sep := range []string{" | ", " – ", " — ", " :: ", " » ", " - "} {
		i := strings.LastIndex(title, sep)
		if i <= 0 {
			continue
		}
		head, tail := strings.TrimSpace(title[:i]), strings.TrimSpace(title[i+len(sep):])
		if strings.EqualFold(tail, site) || sep == " | " || len(tail) < len(head) && len(tail) <= 50 {
			return head
		}
	}
	return title
}

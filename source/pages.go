package source

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// A claim says which source names a page, and where.
type claim struct {
	source *Source
	line   int
}

// page reads one document: its twins by language, {fr: address, nl: address},
// with an optional name of the document they share.
func (l *loader) page(s *Source, n ast.Node) {
	var d Document
	if text, ok := l.resolve(n).(*ast.StringNode); ok {
		if s.Lang == "" {
			l.problem(text, "write {en: "+text.Value+"}, with the page's language", "the page has no language")
			return
		}
		if u := l.url(text); u != "" {
			s.Pages = append(s.Pages, Document{Pages: []PageRef{{s.Lang, u}}})
		}
		return
	}
	for _, kv := range l.pairs(n, "a page") {
		lang := l.key(kv)
		if lang == "document" {
			l.text("document", &d.ID)(kv.Value)
			continue
		}
		known := l.language(kv.Key, lang)
		url := l.url(kv.Value)
		if known && slices.ContainsFunc(d.Pages, func(p PageRef) bool { return p.Lang == lang }) {
			l.problem(kv.Key, "write two entries", "the document has two addresses in %q", lang)
		}
		if url != "" && known {
			d.Pages = append(d.Pages, PageRef{lang, url})
		}
	}
	if len(d.Pages) > 0 {
		s.Pages = append(s.Pages, d)
	}
}

// A place is an address in a source, before it is settled.
type place struct {
	source *Source
	url    string
}

// settle makes the addresses canonical by the rules of the sources too, which
// hold on the hosts that they name and are known only now, and notes pages
// that are named twice.
func (l *loader) settle() {
	l.forget()
	for _, s := range l.list.Sources {
		for i := range s.Pages {
			d := &s.Pages[i]
			for j := range d.Pages {
				p := &d.Pages[j]
				n := l.settleRef(s, p)
				l.claim(s, n, p.URL)
			}
			if d.ID == "" {
				d.ID = d.Pages[0].URL
			}
		}
		if s.Follow != nil {
			l.settleRefs(s, s.Follow.From)
		}
		l.settleRefs(s, s.Feed)
		l.settleRefs(s, s.Sitemap)
		for i := range s.Discover {
			l.settleRefs(s, s.Discover[i].From)
		}
	}
}

func (l *loader) settleRefs(s *Source, refs []PageRef) {
	for i := range refs {
		l.settleRef(s, &refs[i])
	}
}

// settleRef gives one address its last form; it returns where it was read.
func (l *loader) settleRef(s *Source, p *PageRef) ast.Node {
	at := place{s, p.URL}
	n := l.placed[at][0]
	if len(l.placed[at]) > 1 {
		l.placed[at] = l.placed[at][1:]
	}
	c, err := l.canonical(p.URL)
	if err != nil {
		l.problem(n, "change the address, or the rule under `refuse:`", "bad URL: %v", err)
		return n
	}
	p.URL = c
	if p.Lang == "" {
		p.Lang = s.Lang
	}
	return n
}

// claim notes that s names the page; two sources cannot.
func (l *loader) claim(s *Source, n ast.Node, url string) {
	if first, taken := l.claimed[url]; taken {
		who := "this source"
		if first.source != s {
			who = "source " + first.source.ID
		}
		l.problem(n, "keep it in one place", "the page is claimed already, by %s in line %d: %s", who, first.line, url)
		return
	}
	line, _ := position(n)
	l.claimed[url] = claim{s, line}
}

func (l *loader) follow(s *Source) func(ast.Node) {
	return func(n ast.Node) {
		f := &Follow{Limit: DefaultLimit}
		var links []string
		var lang string
		l.mapping(n, "follow", fields{
			"from":   l.refs("listing", &f.From),
			"links":  l.texts("links", l.selector, &links),
			"allow":  l.regexps("allow", &f.Allow),
			"deny":   l.regexps("deny", &f.Deny),
			"titles": l.regexps("titles", &f.Titles),
			"limit":  l.number("limit", &f.Limit),
			"lang":   l.lang(&lang),
		})
		f.Links = strings.Join(links, ", ")
		if f.Links == "" {
			f.Links = "a[href]"
		}
		for i := range f.From {
			if f.From[i].Lang == "" {
				f.From[i].Lang = lang
			}
		}
		s.Follow = f
	}
}

// refs reads listings, feeds or sitemaps: an address, a list of them, or
// addresses by language.
func (l *loader) refs(what string, to *[]PageRef) func(ast.Node) {
	return l.refsWith(what, to, func(url string) string { return url })
}

// refsWith is refs with addresses of which with makes the one to fetch.
func (l *loader) refsWith(what string, to *[]PageRef, with func(url string) string) func(ast.Node) {
	return func(n ast.Node) {
		for _, item := range l.items(n) {
			switch l.resolve(item).(type) {
			case *ast.MappingNode, *ast.MappingValueNode:
				for _, kv := range l.pairs(item, what) {
					lang := l.key(kv)
					if u := l.urlWith(kv.Value, with); l.language(kv.Key, lang) && u != "" {
						*to = append(*to, PageRef{lang, u})
					}
				}
			default:
				if u := l.urlWith(item, with); u != "" {
					*to = append(*to, PageRef{"", u})
				}
			}
		}
	}
}

package source

import (
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
	if text, ok := n.(*ast.StringNode); ok {
		if s.Lang == "" {
			l.problem(text, "write {en: "+text.Value+"}, with the page's language", "the page has no language")
			return
		}
		if u := l.url(text); u != "" && l.claim(s, text, u) {
			s.Pages = append(s.Pages, Document{u, []PageRef{{s.Lang, u}}})
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
		if url != "" && known && l.claim(s, kv.Value, url) {
			d.Pages = append(d.Pages, PageRef{lang, url})
		}
	}
	if len(d.Pages) == 0 {
		return
	}
	if d.ID == "" {
		d.ID = d.Pages[0].URL
	}
	s.Pages = append(s.Pages, d)
}

// claim notes that s names the page; two sources cannot.
func (l *loader) claim(s *Source, n ast.Node, url string) bool {
	if first, taken := l.claimed[url]; taken {
		who := "this source"
		if first.source != s {
			who = "source " + first.source.ID
		}
		l.problem(n, "keep it in one place", "the page is claimed already, by %s in line %d: %s", who, first.line, url)
		return false
	}
	l.claimed[url] = claim{s, n.GetToken().Position.Line}
	return true
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
			"lang":   l.oneOf("language", Languages, &lang),
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
	return func(n ast.Node) {
		for _, item := range l.items(n) {
			switch item.(type) {
			case *ast.MappingNode, *ast.MappingValueNode:
				for _, kv := range l.pairs(item, what) {
					lang := l.key(kv)
					if u := l.url(kv.Value); l.language(kv.Key, lang) && u != "" {
						*to = append(*to, PageRef{lang, u})
					}
				}
			default:
				if u := l.url(item); u != "" {
					*to = append(*to, PageRef{"", u})
				}
			}
		}
	}
}

package source

import (
	neturl "net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// A Discovery is a publisher's own way to say what he has published: an answer
// in his own format, in which pages are found.
type Discovery struct {
	As   string    // one of [DiscoveryKinds]
	From []PageRef // where to ask; with As "sparql" the query is part of it
	// Page are templates of the pages' addresses, one for each language; empty:
	// the addresses that the answer gives. Names in braces are values of the
	// answer: {celex}. The twins of one entry are one document.
	Page []Template
}

// A Template is an address with names in braces.
type Template struct {
	Lang string // "" if undeclared
	URL  string
}

// DiscoveryKinds are the formats that are known:
//
//	sparql       answers to a SPARQL query (CELLAR of the EU's Publications Office)
//	govuk        items of the GOV.UK content API, with what they list and their change notes
//	hudoc        RSS and query answers of the Council of Europe's HUDOC
//	legislation  Atom of legislation.gov.uk, with the effects it tells
//	gesetze      the table of contents of gesetze-im-internet.de
//	rechtspraak  Atom of the Dutch courts' open data
var DiscoveryKinds = []string{"sparql", "govuk", "hudoc", "legislation", "gesetze", "rechtspraak"}

// maxQuery is the longest SPARQL query, in bytes: it travels in an address.
const maxQuery = 3000

// discover reads the entries of the key of that name.
func (l *loader) discover(s *Source) func(ast.Node) {
	return func(n ast.Node) {
		for _, item := range l.items(n) {
			if d := l.discovery(item); d != nil {
				s.Discover = append(s.Discover, *d)
			}
		}
	}
}

func (l *loader) discovery(n ast.Node) *Discovery {
	var d Discovery
	var from, page ast.Node
	var query string
	seen := l.mapping(n, "discover", fields{
		"as":    l.oneOf("as", DiscoveryKinds, &d.As),
		"from":  func(n ast.Node) { from = n },
		"query": l.text("query", &query),
		"page":  func(n ast.Node) { page = n },
	})
	if seen["as"] == nil {
		l.problem(n, "add `as:` with one of "+strings.Join(DiscoveryKinds, ", "), "discover does not say what the answer is")
		return nil
	}
	if from == nil {
		l.problem(n, "add `from:` with the address to ask", "discover has no address")
		return nil
	}
	switch {
	case d.As == "sparql" && query == "":
		l.problem(n, "add `query:`", "discover as sparql asks nothing")
	case d.As != "sparql" && query != "":
		l.problem(seen["query"], "write `as: sparql`, or leave it out", "discover as %s takes no query", d.As)
	case len(query) > maxQuery:
		l.problem(seen["query"], "make it shorter", "the query is longer than %d bytes", maxQuery)
	}
	if page != nil {
		l.templates(page, &d.Page)
	}
	l.asked(from, query, &d)
	return &d
}

// asked reads the addresses, each with the query if there is one.
func (l *loader) asked(n ast.Node, query string, d *Discovery) {
	l.refsWith("listing", &d.From, func(url string) string {
		if query == "" {
			return url
		}
		mark := "?"
		if strings.Contains(url, "?") {
			mark = "&"
		}
		return url + mark + "format=" + neturl.QueryEscape("application/sparql-results+json") + "&query=" + neturl.QueryEscape(strings.Join(strings.Fields(query), " "))
	})(n)
}

var templateName = regexp.MustCompile(`\{[^{}]*\}`)

// templates reads one address for all, or addresses by language.
func (l *loader) templates(n ast.Node, to *[]Template) {
	add := func(n ast.Node, lang string) {
		var text string
		l.text("page", &text)(n)
		plain := templateName.ReplaceAllString(text, "x")
		if _, err := l.list.Canonical(plain); err != nil || !strings.Contains(text, "{") {
			l.problem(n, `write an address with a name in braces, such as "http://publications.europa.eu/resource/celex/{celex}.ENG"`, "page %q is none", text)
			return
		}
		*to = append(*to, Template{lang, text})
	}
	switch l.resolve(n).(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		for _, kv := range l.pairs(n, "page") {
			if lang := l.key(kv); l.language(kv.Key, lang) {
				add(kv.Value, lang)
			}
		}
	default:
		add(n, "")
	}
}

// Fill is the template's address with values for its names; "" if one is
// missing. Values are escaped for a path, and keep their slashes.
func (t Template) Fill(values map[string]string) string {
	missing := false
	out := templateName.ReplaceAllStringFunc(t.URL, func(name string) string {
		v, ok := values[name[1:len(name)-1]]
		if !ok || v == "" || slices.Contains(strings.Split(v, "/"), "..") {
			missing = true
			return ""
		}
		if strings.Contains(v, "://") {
			return v
		}
		return (&neturl.URL{Path: v}).EscapedPath()
	})
	if missing {
		return ""
	}
	return out
}

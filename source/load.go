package source

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// A loader reads one file; it gathers problems and goes on.
type loader struct {
	file     string
	list     *List
	problems Problems
	claimed  map[string]claim     // by canonical address
	lines    map[string]int       // where each id was first used
	anchors  map[string]ast.Node  // by name
	placed   map[place][]ast.Node // where each address was read, until they are settled
	current  *Source              // being read
}

// Load reads a sources.yaml. If there is any mistake in it the error is a
// [Problems] that lists all of them, and there is no List.
func Load(file string) (*List, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("sources: %w; name another file with --sources", err)
	}
	return Parse(file, data)
}

// Parse is Load for a file's contents. It never panics, whatever they are.
func Parse(file string, data []byte) (*List, error) {
	l := &loader{file: file, list: &List{File: file, Hosts: map[string]Host{}},
		claimed: map[string]claim{}, lines: map[string]int{}, anchors: map[string]ast.Node{}, placed: map[place][]ast.Node{}}
	if body := l.parse(data); body != nil {
		l.document(body)
	}
	if len(l.problems) > 0 {
		l.sortProblems()
		return nil, l.problems
	}
	l.forget()
	return l.list, nil
}

// syntax makes a problem of what the YAML parser says.
func (l *loader) syntax(err error) {
	p := Problem{File: l.file, Line: 1, Col: 1, What: err.Error(), Do: "mend the YAML"}
	var ye yaml.Error
	if errors.As(err, &ye) {
		p.What = "not YAML: " + ye.GetMessage()
		if t := ye.GetToken(); t != nil && t.Position != nil {
			p.Line, p.Col = t.Position.Line, t.Position.Column
		}
	}
	p.What, _, _ = strings.Cut(p.What, "\n")
	l.problems = append(l.problems, p)
}

func (l *loader) document(body ast.Node) {
	var hosts, sources ast.Node
	seen := l.mapping(body, "the file", fields{
		"contact":      l.contact,
		"zone":         l.zone,
		"blocked":      l.signatures(&l.list.Blocked),
		"not_found":    l.signatures(&l.list.NotFound),
		"unavailable":  l.signatures(&l.list.Unavailable),
		"drop_params":  l.texts("parameter", nil, &l.list.DropParams),
		"hosts":        func(n ast.Node) { hosts = n },
		"institutions": l.institutionNames,
		"sources":      func(n ast.Node) { sources = n },
	})
	if hosts != nil { // first: they say what is canonical
		pairs := l.pairs(hosts, "hosts")
		for _, kv := range pairs {
			l.host(kv)
		}
		l.aliases(pairs)
		l.forget()
	}
	if sources == nil {
		if _, ok := seen["sources"]; !ok {
			l.problem(body, "list them under `sources:`", "there are no sources")
		}
		return
	}
	for _, n := range l.items(sources) {
		l.source(n)
	}
	l.settle()
}

// forget drops what the list worked out while it was half-read.
func (l *loader) forget() { l.list.once, l.list.index = sync.Once{}, nil }

func (l *loader) zone(n ast.Node) {
	var name string
	l.text("zone", &name)(n)
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		l.problem(n, "write one such as Europe/Brussels", "time zone %q is unknown", name)
		return
	}
	l.list.Zone = zone
}

func (l *loader) host(kv *ast.MappingValueNode) {
	h := Host{Name: plainHost(l.key(kv)), MinDelay: DefaultMinDelay}
	l.hostName(kv.Key, strings.TrimPrefix(h.Name, "*."))
	l.mapping(kv.Value, "host "+h.Name, fields{
		"min_delay":    l.duration("min_delay", &h.MinDelay),
		"aliases":      l.texts("alias", l.hostName, &h.Aliases),
		"https":        l.flag("https", &h.HTTPS),
		"robots":       l.oneOf("robots", []string{RobotsObey, RobotsPermitted}, &h.Robots),
		"permission":   l.text("permission", &h.Permission),
		"blocked":      l.signatures(&h.Blocked),
		"not_found":    l.signatures(&h.NotFound),
		"unavailable":  l.signatures(&h.Unavailable),
		"must_contain": l.texts("text", nil, &h.MustContain),
		"drop_params":  l.texts("parameter", nil, &h.DropParams),
		"refuse":       l.regexps("refuse", &h.Refuse),
		"note":         l.text("note", &h.Note),
	})
	if h.Robots == RobotsPermitted && h.Permission == "" {
		l.problem(kv.Key, "add `permission:` with who allowed what, and when", "host %s goes beyond robots.txt without a permission", h.Name)
	}
	if _, twice := l.list.Hosts[h.Name]; twice {
		l.problem(kv.Key, "give it one entry", "host %s stands in two entries", h.Name)
	}
	l.list.Hosts[h.Name] = h
}

// hostName reports whether a text is the name of a host, with or without a port.
func (l *loader) hostName(n ast.Node, name string) bool {
	c, err := new(index).canonical("https://" + name + "/")
	if err == nil && hostOf(c) == plainHost(name) {
		return true
	}
	l.problem(n, "write it as in an address: example.org, or 127.0.0.1:8000", "%q is not a host", name)
	return false
}

// aliases reports names that stand for two hosts.
func (l *loader) aliases(pairs []*ast.MappingValueNode) {
	owner := map[string]string{}
	for _, kv := range pairs {
		name := plainHost(l.key(kv))
		for _, a := range l.list.Hosts[name].Aliases {
			a = plainHost(a)
			first, taken := owner[a]
			if _, host := l.list.Hosts[a]; host {
				first, taken = a, true
			}
			if taken && first != name {
				l.problem(kv.Key, "leave it to one of them", "the alias %s of host %s is also of host %s", a, name, first)
			}
			owner[a] = name
		}
	}
}

func (l *loader) signatures(to *[]Signature) func(ast.Node) {
	return func(n ast.Node) {
		for _, item := range l.items(n) {
			var s Signature
			l.mapping(item, "signature", fields{
				"status":       l.number("status", &s.Status),
				"header":       l.text("header", &s.Header),
				"header_value": l.text("header_value", &s.HeaderValue),
				"text":         l.text("text", &s.Text),
				"max_bytes":    l.number("max_bytes", &s.MaxBytes),
				"reason":       l.text("reason", &s.Reason),
			})
			if s.Status == 0 && s.Header == "" && s.Text == "" {
				l.problem(item, "give it a status, a header or a text", "the signature matches every answer")
				continue
			}
			*to = append(*to, s)
		}
	}
}

func (l *loader) source(n ast.Node) {
	if _, ok := l.resolve(n).(ast.MapNode); !ok {
		l.problem(n, "write it as keys and values", "a source is not a mapping")
		return
	}
	s := &Source{Enabled: true, Name: map[string]string{}}
	l.current = s
	var pages, schedules []ast.Node
	seen := l.mapping(n, "a source", fields{
		"id":           l.sourceID(s),
		"name":         l.names(s.Name),
		"institution":  l.institution(s),
		"kind":         l.oneOf("kind", Kinds, &s.Kind),
		"jurisdiction": l.jurisdiction(s),
		"topics":       l.texts("topic", l.topic, &s.Topics),
		"schedule":     l.schedule(s, &schedules),
		"every":        l.schedule(s, &schedules),
		"lang":         l.lang(&s.Lang),
		"pages":        func(n ast.Node) { pages = l.items(n) },
		"follow":       l.follow(s),
		"feed":         l.refs("feed", &s.Feed),
		"sitemap":      l.refs("sitemap", &s.Sitemap),
		"discover":     l.discover(s),
		"enabled":      l.flag("enabled", &s.Enabled),
		"select":       l.texts("select", l.selector, &s.Select),
		"drop":         l.texts("drop", l.selector, &s.Drop),
		"read":         l.read(s),
		"render":       l.oneOf("render", []string{"js"}, &s.Render),
		"accept":       l.text("accept", &s.Accept),
		"blocked":      l.signatures(&s.Blocked),
		"not_found":    l.signatures(&s.NotFound),
		"unavailable":  l.signatures(&s.Unavailable),
		"must_contain": l.texts("text", nil, &s.MustContain),
		"drop_params":  l.texts("parameter", nil, &s.DropParams),
		"refuse":       l.regexps("refuse", &s.Refuse),
		"note":         l.text("note", &s.Note),
	})
	for _, must := range []string{"id", "kind", "jurisdiction", "topics"} {
		if _, ok := seen[must]; !ok {
			l.problem(n, "add `"+must+":`", "the source %s has no %s", s.ID, must)
		}
	}
	if len(schedules) > 1 {
		l.problem(schedules[1], "keep one of them", "the source %s has both schedule and every", s.ID)
	}
	for _, p := range pages {
		l.page(s, p)
	}
	if len(schedules) > 0 {
		l.polite(s, schedules[0])
	}
	if s.Follow != nil && len(s.Follow.From)+len(s.Feed)+len(s.Sitemap)+len(s.Discover) == 0 {
		l.problem(n, "add `from:`, or a feed or sitemap", "follow of the source %s names no listing", s.ID)
	}
	if s.Follow == nil && len(s.Pages)+len(s.Feed)+len(s.Sitemap)+len(s.Discover) == 0 && len(pages) == 0 {
		l.problem(n, "give it pages, follow, feed or sitemap", "the source %s watches nothing", s.ID)
	}
	l.list.Sources = append(l.list.Sources, s)
}

package source

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// A loader reads one file; it gathers problems and goes on.
type loader struct {
	file     string
	list     *List
	problems Problems
	claimed  map[string]claim // by canonical address
	lines    map[string]int   // where each id was first used
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

// Parse is Load for a file's contents.
func Parse(file string, data []byte) (*List, error) {
	l := &loader{file: file, claimed: map[string]claim{}, lines: map[string]int{}, list: &List{File: file, Hosts: map[string]Host{}}}
	f, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, l.syntax(err)
	}
	if len(f.Docs) == 0 || f.Docs[0].Body == nil {
		return nil, Problems{{file, 1, 1, "the file is empty", "list at least one source under `sources:`"}}
	}
	l.document(f.Docs[0].Body)
	if len(l.problems) > 0 {
		l.sortProblems()
		return nil, l.problems
	}
	l.forget()
	return l.list, nil
}

// syntax makes a problem of what the YAML parser says.
func (l *loader) syntax(err error) Problems {
	p := Problem{File: l.file, Line: 1, Col: 1, What: err.Error(), Do: "mend the YAML"}
	var ye yaml.Error
	if errors.As(err, &ye) {
		p.What = "not YAML: " + ye.GetMessage()
		if t := ye.GetToken(); t != nil && t.Position != nil {
			p.Line, p.Col = t.Position.Line, t.Position.Column
		}
	}
	p.What, _, _ = strings.Cut(p.What, "\n")
	return Problems{p}
}

func (l *loader) document(body ast.Node) {
	var hosts, sources ast.Node
	seen := l.mapping(body, "the file", fields{
		"contact":     l.text("contact", &l.list.Contact),
		"zone":        l.zone,
		"blocked":     l.signatures(&l.list.Blocked),
		"not_found":   l.signatures(&l.list.NotFound),
		"drop_params": l.texts("parameter", nil, &l.list.DropParams),
		"hosts":       func(n ast.Node) { hosts = n },
		"sources":     func(n ast.Node) { sources = n },
	})
	if hosts != nil { // first: they say what is canonical
		for _, kv := range l.pairs(hosts, "hosts") {
			l.host(kv)
		}
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
}

// forget drops what the list worked out while it was half-read.
func (l *loader) forget() { l.list.once, l.list.index = sync.Once{}, nil }

func (l *loader) zone(n ast.Node) {
	var name string
	l.text("zone", &name)(n)
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" {
		l.problem(n, "write one such as Europe/Brussels", "time zone %q is unknown", name)
		return
	}
	l.list.Zone = zone
}

func (l *loader) host(kv *ast.MappingValueNode) {
	h := Host{Name: strings.ToLower(l.key(kv)), MinDelay: DefaultMinDelay}
	if _, err := l.list.Canonical("http://" + strings.TrimPrefix(h.Name, "*.") + "/"); err != nil {
		l.problem(kv.Key, "write it as in an address: example.org, or 127.0.0.1:8000", "%q is not a host", h.Name)
	}
	l.mapping(kv.Value, "host "+h.Name, fields{
		"min_delay":   l.duration("min_delay", &h.MinDelay),
		"aliases":     l.texts("alias", nil, &h.Aliases),
		"https":       l.flag("https", &h.HTTPS),
		"robots":      l.oneOf("robots", []string{RobotsObey, RobotsPermitted}, &h.Robots),
		"permission":  l.text("permission", &h.Permission),
		"blocked":     l.signatures(&h.Blocked),
		"not_found":   l.signatures(&h.NotFound),
		"drop_params": l.texts("parameter", nil, &h.DropParams),
		"refuse":      l.regexps("refuse", &h.Refuse),
		"note":        l.text("note", &h.Note),
	})
	if h.Robots == RobotsPermitted && h.Permission == "" {
		l.problem(kv.Key, "add `permission:` with who allowed what, and when", "host %s goes beyond robots.txt without a permission", h.Name)
	}
	if _, twice := l.list.Hosts[h.Name]; twice {
		l.problem(kv.Key, "give it one entry", "host %s stands in two entries", h.Name)
	}
	l.list.Hosts[h.Name] = h
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

var (
	idForm           = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	jurisdictionForm = regexp.MustCompile(`^([A-Z]{2}|INT)$`)
)

func (l *loader) source(n ast.Node) {
	if _, ok := n.(ast.MapNode); !ok {
		l.problem(n, "write it as keys and values", "a source is not a mapping")
		return
	}
	s := &Source{Enabled: true, Name: map[string]string{}}
	var pages []ast.Node
	var schedules int
	seen := l.mapping(n, "a source", fields{
		"id":           l.sourceID(s),
		"name":         l.names(s.Name),
		"institution":  l.text("institution", &s.Institution),
		"kind":         l.oneOf("kind", Kinds, &s.Kind),
		"jurisdiction": l.jurisdiction(s),
		"topics":       l.texts("topic", l.topic, &s.Topics),
		"schedule":     l.schedule(s, &schedules),
		"every":        l.schedule(s, &schedules),
		"lang":         l.oneOf("language", Languages, &s.Lang),
		"pages":        func(n ast.Node) { pages = l.items(n) },
		"follow":       l.follow(s),
		"feed":         l.refs("feed", &s.Feed),
		"sitemap":      l.refs("sitemap", &s.Sitemap),
		"enabled":      l.flag("enabled", &s.Enabled),
		"select":       l.texts("select", l.selector, &s.Select),
		"drop":         l.texts("drop", l.selector, &s.Drop),
		"render":       l.oneOf("render", []string{"js"}, &s.Render),
		"accept":       l.text("accept", &s.Accept),
		"blocked":      l.signatures(&s.Blocked),
		"not_found":    l.signatures(&s.NotFound),
		"drop_params":  l.texts("parameter", nil, &s.DropParams),
		"refuse":       l.regexps("refuse", &s.Refuse),
		"note":         l.text("note", &s.Note),
	})
	for _, must := range []string{"id", "kind", "jurisdiction", "topics"} {
		if _, ok := seen[must]; !ok {
			l.problem(n, "add `"+must+":`", "the source %s has no %s", s.ID, must)
		}
	}
	if schedules > 1 {
		l.problem(seen["every"], "keep one of them", "the source %s has both schedule and every", s.ID)
	}
	for _, p := range pages {
		l.page(s, p)
	}
	if s.Follow != nil && len(s.Follow.From)+len(s.Feed)+len(s.Sitemap) == 0 {
		l.problem(n, "add `from:`, or a feed or sitemap", "follow of the source %s names no listing", s.ID)
	}
	if s.Follow == nil && len(s.Pages)+len(s.Feed)+len(s.Sitemap) == 0 && len(pages) == 0 {
		l.problem(n, "give it pages, follow, feed or sitemap", "the source %s watches nothing", s.ID)
	}
	l.list.Sources = append(l.list.Sources, s)
}

func (l *loader) sourceID(s *Source) func(ast.Node) {
	return func(n ast.Node) {
		l.text("id", &s.ID)(n)
		if !idForm.MatchString(s.ID) || s.ID == "robots" || s.ID == "imported" {
			l.problem(n, "use lower-case letters, digits and hyphens", "%q cannot be a source's id", s.ID)
		} else if line, twice := l.lines[s.ID]; twice {
			l.problem(n, "ids are never reused: choose another", "duplicate id %q, first used in line %d", s.ID, line)
		} else {
			l.lines[s.ID] = n.GetToken().Position.Line
		}
	}
}

func (l *loader) names(to map[string]string) func(ast.Node) {
	return func(n ast.Node) {
		if t, ok := n.(*ast.StringNode); ok {
			to[""] = t.Value
			return
		}
		for _, kv := range l.pairs(n, "name") {
			lang := l.key(kv)
			l.language(kv.Key, lang)
			var s string
			l.text("name", &s)(kv.Value)
			to[lang] = s
		}
	}
}

func (l *loader) language(n ast.Node, lang string) bool {
	if slices.Contains(Languages, lang) {
		return true
	}
	l.problem(n, orNearest(lang, Languages), "language %q is unknown", lang)
	return false
}

func (l *loader) jurisdiction(s *Source) func(ast.Node) {
	return func(n ast.Node) {
		l.text("jurisdiction", &s.Jurisdiction)(n)
		if !jurisdictionForm.MatchString(s.Jurisdiction) {
			l.problem(n, "write an ISO 3166 code of two capitals, EU, or INT", "jurisdiction %q is unknown", s.Jurisdiction)
		}
	}
}

func (l *loader) topic(n ast.Node, id string) bool {
	if TopicByID(id) != nil {
		return true
	}
	var ids []string
	for _, t := range topics {
		ids = append(ids, t.ID)
	}
	l.problem(n, orNearest(id, ids), "topic %q is unknown", id)
	return false
}

func (l *loader) schedule(s *Source, count *int) func(ast.Node) {
	return func(n ast.Node) {
		*count++
		var text string
		l.text("schedule", &text)(n)
		if _, err := time.ParseDuration(text); err == nil {
			text = "@every " + text // the key says it
		}
		sch, err := parseSchedule(text, l.list.Zone)
		if err != nil {
			l.problem(n, `write "@every 6h" or a cron expression such as "20 6 * * *"`, "bad schedule %q: %v", text, err)
			return
		}
		s.Schedule = sch
	}
}

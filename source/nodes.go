package source

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/andybalholm/cascadia"
	"github.com/goccy/go-yaml/ast"
)

// fields says what to do with the value of each key of a mapping.
type fields map[string]func(ast.Node)

// mapping reads a mapping: unknown keys are problems, known ones are handed on.
// It returns the keys that were there.
func (l *loader) mapping(n ast.Node, what string, fs fields) map[string]ast.Node {
	seen := map[string]ast.Node{}
	for _, kv := range l.pairs(n, what) {
		key := l.key(kv)
		if _, twice := seen[key]; twice {
			l.problem(kv.Key, "keep one of them", "%s has the key %q twice", what, key)
			continue
		}
		seen[key] = kv.Key
		read, ok := fs[key]
		if !ok {
			l.problem(kv.Key, orNearest(key, sortedKeys(fs)), "%s has no key %q", what, key)
			continue
		}
		read(kv.Value)
	}
	return seen
}

// pairs are the entries of a mapping; anything else is a problem.
func (l *loader) pairs(n ast.Node, what string) []*ast.MappingValueNode {
	switch m := l.resolve(n).(type) {
	case *ast.MappingNode:
		return m.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}
	}
	l.problem(n, "write it as keys and values", "%s is not a mapping", what)
	return nil
}

func (l *loader) key(kv *ast.MappingValueNode) string {
	return kv.Key.GetToken().Value
}

func sortedKeys(fs fields) []string {
	keys := make([]string, 0, len(fs))
	for k := range fs {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// text reads a string (or a number or word that YAML reads as something else).
func (l *loader) text(what string, to *string) func(ast.Node) {
	return func(n ast.Node) {
		switch v := l.resolve(n).(type) {
		case *ast.StringNode:
			*to = strings.TrimSpace(v.Value)
		case *ast.LiteralNode:
			*to = strings.TrimSpace(v.Value.Value)
		case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
			*to = v.GetToken().Value
		case *ast.NullNode:
			*to = ""
		case nil:
			l.problem(n, "write the value itself, or name it with & above", "the alias of %s stands for nothing", what)
		default:
			l.problem(n, "write one value", "%s is not a text", what)
		}
	}
}

func (l *loader) flag(what string, to *bool) func(ast.Node) {
	return func(n ast.Node) {
		b, ok := l.resolve(n).(*ast.BoolNode)
		if !ok {
			l.problem(n, "write true or false", "%s is not true or false", what)
			return
		}
		*to = b.Value
	}
}

func (l *loader) number(what string, to *int) func(ast.Node) {
	return func(n ast.Node) {
		i, ok := l.resolve(n).(*ast.IntegerNode)
		if ok {
			if v, is := i.Value.(uint64); is && v <= 1_000_000 {
				*to = int(v)
				return
			}
		}
		l.problem(n, "write a whole number from 0 to 1000000", "%s is not such a number", what)
	}
}

func (l *loader) duration(what string, to *time.Duration) func(ast.Node) {
	return func(n ast.Node) {
		var s string
		l.text(what, &s)(n)
		d, err := time.ParseDuration(s)
		if s == "0" {
			d, err = 0, nil
		}
		if err != nil || d < 0 || d > 24*time.Hour {
			l.problem(n, "write a duration up to 24h, such as 5s", "%s %q is not one", what, s)
			return
		}
		*to = d
	}
}

// items are the elements of a list; a single value counts as a list of one.
func (l *loader) items(n ast.Node) []ast.Node {
	switch v := l.resolve(n).(type) {
	case *ast.SequenceNode:
		return v.Values
	case *ast.NullNode:
		return nil
	}
	return []ast.Node{n}
}

func (l *loader) texts(what string, check func(ast.Node, string) bool, to *[]string) func(ast.Node) {
	return func(n ast.Node) {
		for _, item := range l.items(n) {
			var s string
			l.text(what, &s)(item)
			if s == "" {
				continue
			}
			if check == nil || check(item, s) {
				*to = append(*to, s)
			}
		}
	}
}

func (l *loader) oneOf(what string, words []string, to *string) func(ast.Node) {
	return func(n ast.Node) {
		l.text(what, to)(n)
		if !slices.Contains(words, *to) {
			l.problem(n, orNearest(*to, words), "%s %q is unknown", what, *to)
		}
	}
}

func (l *loader) selector(n ast.Node, s string) bool {
	if _, err := cascadia.ParseGroup(s); err != nil {
		l.problem(n, "mend the CSS selector", "%q is not a CSS selector (%v)", s, err)
		return false
	}
	return true
}

func (l *loader) regexps(what string, to *[]*regexp.Regexp) func(ast.Node) {
	return func(n ast.Node) {
		var texts []string
		l.texts(what, func(n ast.Node, s string) bool {
			re, err := regexp.Compile(s)
			if err != nil {
				l.problem(n, "mend the regular expression (RE2)", "%s %q does not parse: %v", what, s, err)
				return false
			}
			*to = append(*to, re)
			return true
		}, &texts)(n)
	}
}

// url reads an address in canonical form; "" and a problem if it is none.
func (l *loader) url(n ast.Node) string {
	return l.urlWith(n, func(url string) string { return url })
}

// urlWith is url with an address of which with makes the one that counts.
func (l *loader) urlWith(n ast.Node, with func(url string) string) string {
	var s string
	l.text("address", &s)(n)
	c, err := l.canonical(with(s))
	if err != nil {
		l.problem(n, "write a full address such as https://example.org/page", "bad URL: %v", err)
		return ""
	}
	if braces := otherBraces.FindString(s); braces != "" {
		l.problem(n, "write the address itself; {yyyy} {mm} {dd} {m} {d} stand for the day", "the address holds the placeholder %s", braces)
		return ""
	}
	at := place{l.current, c}
	l.placed[at] = append(l.placed[at], n)
	return c
}

// otherBraces are placeholders that are not of the day.
var otherBraces = regexp.MustCompile(`\{([^}]{5,}|[^ymd}][^}]*|)\}`)

// canonical is the canonical form of an address; one with date placeholders
// keeps them, and is checked as it will be on some day.
func (l *loader) canonical(s string) (string, error) {
	if !dated(s) {
		return l.list.Canonical(s)
	}
	_, err := l.list.Canonical(fillDate(s, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)))
	return s, err
}

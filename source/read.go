package source

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// A Read says which fields of a JSON answer hold what.
type Read struct {
	Title Path
	Body  []Field // in the order in which they are told
	Date  Path    // published
	// Updated is the day of the last update; a change in it alone is no change.
	Updated Path
	Lang    Path
}

// A Field is a part of the text.
type Field struct {
	Path    Path
	Heading bool // the title of what follows it
}

// A Path leads to values in a JSON document, step by step. It is written
// details.parts[].body: names of members with dots between, [] for every
// element of an array, [0] for one of them, ["a.b"] for a name with a dot,
// bracket or space in it.
type Path []Step

// A Step is one step of a Path: Each, or Index unless it is -1, or Name.
type Step struct {
	Name  string
	Index int
	Each  bool
}

// maxSteps bounds the steps of one path.
const maxSteps = 32

// ParsePath reads a path; the error says what is wrong in it.
func ParsePath(s string) (Path, error) {
	var p Path
	rest := s
	for i := 0; rest != ""; i++ {
		if len(p) >= maxSteps {
			return nil, fmt.Errorf("it has more than %d steps", maxSteps)
		}
		var step Step
		var err error
		switch {
		case rest[0] == '[':
			step, rest, err = bracket(rest)
		case rest[0] == '.' && i > 0:
			step, rest, err = member(rest[1:])
		case i == 0:
			step, rest, err = member(rest)
		default:
			err = fmt.Errorf("%q is neither a dot nor a bracket", rest[:1])
		}
		if err != nil {
			return nil, err
		}
		p = append(p, step)
	}
	if len(p) == 0 {
		return nil, fmt.Errorf("it is empty")
	}
	return p, nil
}

// bracket reads [], [3] or ["name"].
func bracket(s string) (Step, string, error) {
	if strings.HasPrefix(s, `["`) {
		quoted, err := strconv.QuotedPrefix(s[1:])
		if err != nil || !strings.HasPrefix(s[1+len(quoted):], "]") {
			return Step{}, "", fmt.Errorf(`%s is not closed with "]`, s)
		}
		name, err := strconv.Unquote(quoted)
		return Step{Name: name, Index: -1}, s[len(quoted)+2:], err
	}
	inside, rest, ok := strings.Cut(s[1:], "]")
	if !ok {
		return Step{}, "", fmt.Errorf("%q is not closed", s)
	}
	if inside == "" {
		return Step{Index: -1, Each: true}, rest, nil
	}
	n, err := strconv.Atoi(inside)
	if err != nil || n < 0 || n > 1_000_000 {
		return Step{}, "", fmt.Errorf("[%s] is neither [] nor a number", inside)
	}
	return Step{Index: n}, rest, nil
}

func member(s string) (Step, string, error) {
	end := strings.IndexAny(s, ".[]\" \t")
	if end < 0 {
		end = len(s)
	}
	if end == 0 {
		return Step{}, "", fmt.Errorf("a name is missing before %q", s)
	}
	if end < len(s) && s[end] != '.' && s[end] != '[' {
		return Step{}, "", fmt.Errorf(`%q has a %q in it: write ["…"]`, s, s[end:end+1])
	}
	return Step{Name: s[:end], Index: -1}, s[end:], nil
}

// String writes the path as ParsePath reads it.
func (p Path) String() string {
	var b strings.Builder
	for i, s := range p {
		switch {
		case s.Each:
			b.WriteString("[]")
		case s.Index >= 0:
			fmt.Fprintf(&b, "[%d]", s.Index)
		case s.Name == "" || strings.ContainsAny(s.Name, ".[]\" \t"):
			fmt.Fprintf(&b, "[%q]", s.Name)
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.Name)
		}
	}
	return b.String()
}

// read reads the key `read`.
func (l *loader) read(s *Source) func(ast.Node) {
	return func(n ast.Node) {
		r := &Read{}
		var body []string
		l.mapping(n, "read", fields{
			"title":   l.path("title", &r.Title),
			"date":    l.path("date", &r.Date),
			"updated": l.path("updated", &r.Updated),
			"lang":    l.path("lang", &r.Lang),
			"body": l.texts("body", func(n ast.Node, text string) bool {
				path, heading := strings.CutSuffix(text, " as heading")
				p, ok := l.parsePath(n, path)
				if ok {
					r.Body = append(r.Body, Field{p, heading})
				}
				return ok
			}, &body),
		})
		if len(body) == 0 && len(l.problems) == 0 {
			l.problem(n, "add `body:` with the fields that hold the text", "read names no text")
		}
		s.Read = r
	}
}

func (l *loader) path(what string, to *Path) func(ast.Node) {
	return func(n ast.Node) {
		var text string
		l.text(what, &text)(n)
		*to, _ = l.parsePath(n, text)
	}
}

func (l *loader) parsePath(n ast.Node, text string) (Path, bool) {
	p, err := ParsePath(text)
	if err != nil {
		l.problem(n, "write one such as details.parts[].body", "%q is not a path: %v", text, err)
	}
	return p, err == nil
}

package source

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"veille/internal/levenshtein"
)

// A Problem is one mistake in sources.yaml.
type Problem struct {
	File      string
	Line, Col int
	What, Do  string // what is wrong; what to do
}

func (p Problem) String() string {
	return fmt.Sprintf("%s:%d:%d: %s; %s", p.File, p.Line, p.Col, p.What, p.Do)
}

// Problems are all mistakes in a file, in its order. They are the error that
// [Load] returns.
type Problems []Problem

// Error lists the problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func (l *loader) problem(n ast.Node, do, what string, args ...any) {
	line, col := position(n)
	l.problems = append(l.problems, Problem{l.file, line, col, fmt.Sprintf(what, args...), do})
}

// position is where a node begins: keys and values at their first key.
func position(n ast.Node) (line, col int) {
	switch m := n.(type) {
	case *ast.MappingNode:
		if len(m.Values) > 0 && !m.IsFlowStyle {
			return position(m.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return position(m.Key)
	}
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 1, 1
	}
	p := n.GetToken().Position
	return max(p.Line, 1), max(p.Column, 1)
}

func (l *loader) sortProblems() {
	slices.SortStableFunc(l.problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Col - b.Col
	})
}

// nearest is the word of a list that is most like name, "" if none is like it.
func nearest(name string, words []string) string {
	best, least := "", 1+len(name)/3
	for _, w := range words {
		if d := levenshtein.Distance(name, w); d <= least {
			if best == "" || d < least {
				best, least = w, d
			}
		}
	}
	return best
}

// orNearest is the advice for a word that is not of a list.
func orNearest(name string, words []string) string {
	if w := nearest(name, words); w != "" {
		return fmt.Sprintf("did you mean %q?", w)
	}
	return "use one of " + strings.Join(words, ", ")
}

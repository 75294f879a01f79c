package source

import (
	"bytes"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// The limits of a file: far above what people write, and low enough to keep
// the YAML parser from trouble.
const (
	maxFile  = 4 << 20  // bytes
	maxLine  = 64 << 10 // bytes
	maxDepth = 200      // brackets open at once
)

// parse makes a tree of the data; nil, and a problem, if that cannot be done.
func (l *loader) parse(data []byte) (body ast.Node) {
	if !l.checkSize(data) {
		return nil
	}
	defer func() {
		if recover() != nil {
			l.at(1, 1, "look for a bracket, quote or indentation out of place", "not YAML that can be read")
			body = nil
		}
	}()
	f, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		l.syntax(err)
		return nil
	}
	for _, doc := range f.Docs {
		switch {
		case doc.Body == nil:
		case body == nil:
			body = doc.Body
		default:
			l.problem(doc.Body, "keep everything in one, without ---", "a second YAML document begins")
		}
	}
	if body == nil {
		l.at(1, 1, "list at least one source under `sources:`", "the file is empty")
		return nil
	}
	ast.Walk(anchors(l.anchors), body)
	return body
}

func (l *loader) checkSize(data []byte) bool {
	if len(data) > maxFile {
		l.at(1, 1, "make it shorter", "the file is longer than 4 MiB")
		return false
	}
	depth, n := 0, 0
	for line := range bytes.Lines(data) {
		n++
		if len(line) > maxLine {
			l.at(n, 1, "break it", "the line is longer than 64 KiB")
			return false
		}
		for i, c := range line {
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth--
			}
			if depth > maxDepth {
				l.at(n, i+1, "close them", "more than 200 brackets are open")
				return false
			}
		}
	}
	return true
}

func (l *loader) at(line, col int, do, what string) {
	l.problems = append(l.problems, Problem{l.file, line, col, what, do})
}

// anchors collects the nodes that have a name (&name).
type anchors map[string]ast.Node

// Visit implements ast.Visitor.
func (a anchors) Visit(n ast.Node) ast.Visitor {
	if named, ok := n.(*ast.AnchorNode); ok && named.Name != nil && named.Value != nil {
		a[named.Name.GetToken().Value] = named.Value
	}
	return a
}

// resolve goes through anchors, aliases and tags to the value itself; nil if
// they lead nowhere.
func (l *loader) resolve(n ast.Node) ast.Node {
	for range 10 {
		switch v := n.(type) {
		case *ast.AnchorNode:
			n = v.Value
		case *ast.TagNode:
			n = v.Value
		case *ast.AliasNode:
			n = l.anchors[v.Value.GetToken().Value]
		default:
			return n
		}
	}
	return nil
}

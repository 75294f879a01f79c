package index

import (
	"strings"

	"veille/thesaurus"
)

// An expander widens queries by the names of the concepts they mention.
type expander struct {
	thesaurus *thesaurus.Thesaurus
	beside    string // all words of the query, which settle the meaning of everyday ones
	names     int
	found     []Expansion
	done      map[string]bool // concepts in found
}

// widened is a query with the names of the concepts that it mentions, and which
// these are.
func widened(n *node, t *thesaurus.Thesaurus) (*node, []Expansion) {
	var beside []string
	var collect func(*node)
	collect = func(n *node) {
		if n.field == "" && len(n.kids) == 0 {
			beside = append(beside, n.text)
		}
		for _, k := range n.kids {
			if k.op != opNot {
				collect(k)
			}
		}
	}
	collect(n)
	e := &expander{thesaurus: t, done: map[string]bool{}, beside: strings.Join(beside, " ")}
	return e.expand(n), e.found
}

// expand returns the query n, widened.
func (e *expander) expand(n *node) *node {
	switch n.op {
	case opOr:
		if n.either { // a number, and the words it was typed in
			if names := e.lookup(n.kids[1].text, nil, n.kids[1]); names != nil {
				n.kids = append(n.kids, names)
			}
			return n
		}
		return e.or(n)
	case opAnd:
		n.kids = e.and(n.kids)
		return n
	case opWord, opPhrase:
		if names := e.lookup(n.text, nil, n); names != nil {
			return &node{op: opOr, pos: n.pos, kids: []*node{n, names}, rare: n.rare, either: true}
		}
	}
	return n
}

// or widens alternatives. Concepts that several of them name are added once.
func (e *expander) or(n *node) *node {
	seen := map[string]bool{}
	var added []*node
	for i, k := range n.kids {
		if k.op != opWord && k.op != opPhrase {
			n.kids[i] = e.expand(k)
		} else if names := e.lookup(k.text, seen, k); names != nil {
			added = append(added, names)
		}
	}
	n.kids = append(n.kids, added...)
	return n
}

// and widens conjunctions: runs of words that are a concept's name together,
// longest first, and single terms.
func (e *expander) and(kids []*node) []*node {
	var out []*node
	for i := 0; i < len(kids); {
		n := 1
		var names *node
		for j := i; j < len(kids) && (kids[j].op == opWord || kids[j].op == opPhrase) && kids[j].field == "" && kids[j].change == kids[i].change; j++ {
			n = j - i + 1
		}
		for ; n > 1 && names == nil; n-- {
			if names = e.lookup(textOf(kids[i:i+n]), nil, kids[i:i+n]...); names != nil {
				break
			}
		}
		if names == nil {
			out = append(out, e.expand(kids[i]))
			i++
			continue
		}
		all := &node{op: opAnd, pos: kids[i].pos, kids: kids[i : i+n]}
		out = append(out, &node{op: opOr, pos: all.pos, kids: []*node{all, names}, either: kids[i].change != stands})
		i += n
	}
	return out
}

func textOf(nodes []*node) string {
	texts := make([]string, len(nodes))
	for i, n := range nodes {
		texts[i] = n.text
	}
	return strings.Join(texts, " ")
}

// lookup returns a node with the further names of the concepts that a phrase
// names, nil if there are none. Concepts in seen are left out, and noted there.
func (e *expander) lookup(phrase string, seen map[string]bool, of ...*node) *node {
	if of[0].field != "" {
		return nil
	}
	added := &node{op: opNames, pos: of[0].pos, change: of[0].change}
	said := strings.Join(exactWords(phrase), " ")
	for _, c := range e.thesaurus.LookupIn(phrase, e.beside) {
		if seen[c.ID] {
			continue
		}
		if seen != nil {
			seen[c.ID] = true
		}
		terms := c.Names()
		if e.names += len(terms); e.names > maxNames {
			break
		}
		for _, name := range terms {
			// Words that are a name together count for more where they stand together.
			if words := exactWords(name); len(of) > 1 || strings.Join(words, " ") != said {
				added.names = append(added.names, words)
			}
		}
		if !e.done[c.ID] {
			e.done[c.ID] = true
			e.found = append(e.found, Expansion{c.ID, terms})
		}
	}
	if len(added.names) == 0 {
		return nil
	}
	return added
}

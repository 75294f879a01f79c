package index

import (
	"slices"
	"strings"
)

// The limits of a query. They bound the time and memory any query can take.
const (
	maxQueryBytes = 4096
	maxLeaves     = 64  // words, phrases and field clauses
	maxDepth      = 20  // of parentheses and NOTs
	maxNames      = 600 // names added from the thesaurus
	maxNear       = 50  // words between those of a NEAR
)

type op int

const (
	opAnd    op = iota
	opOr        // also: a term and the names of its concept (names)
	opNot       // one kid
	opWord      // words[0], and its inflections
	opPhrase    // words, in this order
	opPrefix    // words that begin with words[0]
	opField     // field has value
	opNames     // any of names: what the thesaurus added
	opNear      // words, in any order, with at most distance others between them
	opFuzzy     // words that differ from words[0] in distance letters
)

// A node is part of a parsed query.
type node struct {
	op    op
	pos   int
	kids  []*node
	words []string // folded
	text  string   // as typed
	field string   // of opField; "title" or "path" for words, phrases and prefixes there; else ""
	names [][]string
	// distance is of opNear and opFuzzy.
	distance int
	// said is set on an opAnd that was written with AND.
	said bool
	// rare is set on a word in a conjunction with at least one word that is a
	// stop word nowhere: it may be left out where it is a stop word.
	rare bool
}

type parser struct {
	lexemes []lexeme
	at      int
	leaves  int
	depth   int
}

// parse reads a query. The node is nil for a query without text.
func parse(q string) (*node, *QueryError) {
	if len(q) > maxQueryBytes {
		return nil, &QueryError{maxQueryBytes, "the query is too long; at most 4096 bytes are read"}
	}
	lexemes, err := lex(q)
	if err != nil {
		return nil, err
	}
	p := &parser{lexemes: lexemes}
	if len(lexemes) == 1 {
		return nil, nil
	}
	n, err := p.or("")
	if err != nil {
		return nil, err
	}
	if l := p.peek(); l.kind == lexClose {
		return nil, &QueryError{l.pos, "there is no ( for this )"}
	}
	if n == nil {
		return nil, &QueryError{0, "there is no letter or digit to search for"}
	}
	return n, nil
}

func (p *parser) peek() lexeme { return p.lexemes[p.at] }

func (p *parser) next() lexeme {
	l := p.lexemes[p.at]
	if l.kind != lexEnd {
		p.at++
	}
	return l
}

// or reads a list of alternatives. Like all that follow, it takes the field
// that the words are to be searched in, "" for the body, and returns nil for
// what holds nothing to search for.
func (p *parser) or(field string) (*node, *QueryError) {
	var kids []*node
	pos := p.peek().pos
	for {
		n, err := p.and(field)
		if err != nil {
			return nil, err
		}
		if n != nil {
			kids = append(kids, n)
		}
		if p.peek().kind != lexOr {
			return group(opOr, pos, kids), nil
		}
		p.next()
	}
}

// and reads what must all be there.
func (p *parser) and(field string) (*node, *QueryError) {
	var kids []*node
	pos, said := p.peek().pos, false
	for first := true; ; first = false {
		if p.peek().kind == lexAnd {
			said = true
			l := p.next()
			if first {
				return nil, &QueryError{l.pos, "AND needs something before it"}
			}
			if k := p.peek().kind; k == lexEnd || k == lexClose || k == lexAnd || k == lexOr {
				return nil, &QueryError{l.pos, "AND needs something after it"}
			}
		}
		l := p.peek()
		switch l.kind {
		case lexEnd, lexClose, lexOr:
			if first {
				return nil, p.missing(l)
			}
			n := group(opAnd, pos, kids)
			if n != nil && n.op == opAnd {
				n.said = n.said || said
			}
			return n, nil
		}
		n, err := p.near(field)
		if err != nil {
			return nil, err
		}
		if n != nil {
			kids = append(kids, n)
		}
	}
}

// near reads words that must stand near one another.
func (p *parser) near(field string) (*node, *QueryError) {
	n, err := p.unary(field)
	for err == nil && p.peek().kind == lexNear {
		l := p.next()
		if k := p.peek().kind; k != lexWord || n == nil || n.op != opWord && n.op != opNear || n.field != "" {
			return nil, &QueryError{l.pos, l.text + " stands between two words"}
		}
		var next *node
		if next, err = p.unary(field); err != nil {
			return nil, err
		}
		if next == nil || next.op != opWord {
			return nil, &QueryError{l.pos, l.text + " stands between two words"}
		}
		n = &node{op: opNear, pos: n.pos, text: n.text + " " + next.text, words: append(slices.Clone(n.words), next.words...), distance: max(n.distance, l.n)}
	}
	return n, err
}

// missing says what is wrong where something to search for should stand.
func (p *parser) missing(l lexeme) *QueryError {
	if p.at > 0 {
		switch before := p.lexemes[p.at-1]; before.kind {
		case lexOr:
			return &QueryError{before.pos, "OR needs something after it"}
		case lexOpen:
			return &QueryError{before.pos, "there is nothing between these parentheses"}
		}
	}
	switch l.kind {
	case lexOr:
		return &QueryError{l.pos, "OR needs something before it"}
	case lexNear:
		return &QueryError{l.pos, l.text + " stands between two words"}
	case lexClose:
		return &QueryError{l.pos, "there is no ( for this )"}
	}
	return &QueryError{l.pos, "something to search for is missing here"}
}

func (p *parser) unary(field string) (*node, *QueryError) {
	if p.depth++; p.depth > maxDepth {
		return nil, &QueryError{p.peek().pos, "the query is nested too deeply"}
	}
	defer func() { p.depth-- }()
	l := p.next()
	switch l.kind {
	case lexNear:
		return nil, &QueryError{l.pos, l.text + " stands between two words"}
	case lexNot:
		switch k := p.peek().kind; k {
		case lexEnd, lexClose, lexAnd, lexOr:
			return nil, &QueryError{l.pos, l.text + " needs something after it"}
		}
		n, err := p.unary(field)
		if err != nil || n == nil {
			return nil, err
		}
		return &node{op: opNot, pos: l.pos, kids: []*node{n}}, nil
	case lexOpen:
		n, err := p.or(field)
		if err != nil {
			return nil, err
		}
		if p.next().kind != lexClose {
			return nil, &QueryError{l.pos, "this ( is not closed"}
		}
		return n, nil
	case lexField:
		if field != "" {
			return nil, &QueryError{l.pos, "a field cannot stand inside a field"}
		}
		switch k := p.peek(); {
		case k.kind != lexWord && k.kind != lexPhrase && k.kind != lexOpen, k.kind == lexWord && k.pos != l.pos+len(l.text)+1:
			return nil, &QueryError{l.pos, l.text + ": needs a value right after the colon"}
		}
		return p.unary(l.text)
	}
	return p.leaf(l, field)
}

// leaf reads a word, a prefix or a phrase, in a field or in the body.
func (p *parser) leaf(l lexeme, field string) (*node, *QueryError) {
	if p.leaves++; p.leaves > maxLeaves {
		return nil, &QueryError{l.pos, "the query has too many words; at most 64 are read"}
	}
	n := &node{pos: l.pos, text: l.text, field: field}
	if field != "" && field != "title" && field != "path" && field != "article" {
		n.op = opField
		n.text = strings.TrimSpace(l.text)
		if n.text == "" || strings.HasSuffix(n.text, "*") {
			return nil, &QueryError{l.pos, field + ": needs a whole value"}
		}
		if field == "role" && n.text != "main" && n.text != "boilerplate" {
			return nil, &QueryError{l.pos, "role: is main or boilerplate"}
		}
		return n, nil
	}
	n.words = exactWords(l.text)
	switch {
	case len(n.words) == 0:
		if strings.HasPrefix(l.text, "*") {
			return nil, &QueryError{l.pos, "* needs the beginning of a word before it"}
		}
		return nil, nil
	case l.kind == lexPhrase || field != "":
		n.op = opPhrase
	case len(n.words) == 1:
		n.op = opWord
	default:
		n.op = opPhrase
	}
	if l.kind == lexWord && strings.HasSuffix(l.text, "*") {
		return prefixed(n)
	}
	if l.n > 0 {
		if len(n.words) > 1 || field != "" {
			return nil, &QueryError{l.pos, "~ stands at the end of a single word"}
		}
		n.op, n.distance = opFuzzy, l.n
	}
	return n, nil
}

// prefixed makes of the node of a word that ends in * what it means: the last
// word is only a beginning.
func prefixed(n *node) (*node, *QueryError) {
	last := len(n.words) - 1
	if len([]rune(n.words[last])) < 2 {
		return nil, &QueryError{n.pos, "* needs at least two letters before it"}
	}
	end := &node{op: opPrefix, pos: n.pos, text: n.text, field: n.field, words: n.words[last:]}
	if last == 0 {
		return end, nil
	}
	n.words = n.words[:last]
	if n.op = opPhrase; last == 1 && n.field == "" {
		n.op = opWord
	}
	return group(opAnd, n.pos, []*node{n, end}), nil
}

// group joins nodes; one alone stays as it is.
func group(o op, pos int, kids []*node) *node {
	switch len(kids) {
	case 0:
		return nil
	case 1:
		return kids[0]
	}
	if o == opAnd {
		needed := false
		for _, k := range kids {
			needed = needed || k.op != opNot && (k.op != opWord || !isStopSomewhere(k.words[0]))
		}
		for _, k := range kids {
			k.rare = needed
		}
	}
	return &node{op: o, pos: pos, kids: kids}
}

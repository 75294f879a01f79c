package index

import (
	"slices"
	"strings"
	"sync/atomic"

	"veille/cite"
)

// The limits of a query. They bound the time and memory any query can take.
const (
	maxQueryBytes = 4096
	maxLeaves     = 64  // words, phrases and field clauses
	maxDepth      = 20  // of parentheses and NOTs
	maxNames      = 600 // names added from the thesaurus
	maxNear       = 50  // words between those of a NEAR
	maxNearWords  = 10
	maxFuzzyWord  = 40 // letters of a word~
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
	opCite      // the document that keys number, and what cites it; with field "cites" only that
)

// What a part of a query asks of words: that they stand, or that a change put
// them in or took them out.
type side int8

const (
	stands side = iota
	added
	removed
)

func (s side) String() string { return [...]string{"", "added", "removed"}[s] }

// A node is part of a parsed query.
type node struct {
	op    op
	pos   int
	kids  []*node
	words []string                    // folded
	text  string                      // as typed
	forms []atomic.Pointer[wordForms] // of an opWord in a Matcher, as stemmed has the languages; nil: not asked for yet
	field string                      // of opField; "title" or "path" for words, phrases and prefixes there; else ""
	names [][]string
	keys  []string // of opCite, and of opField "article": spellings in the index
	// change is of words, phrases and the like, and of opCite: whether they must
	// stand, or have been put in or taken out.
	change side
	named  bool // of opField "article": it was written among words
	least  int  // of opField "weight"
	// distance is of opNear and opFuzzy.
	distance int
	// said is set on an opAnd that was written with AND.
	said bool
	// rare is set on a word in a conjunction with at least one word that is a
	// stop word nowhere: it may be left out where it is a stop word.
	rare bool
	// either is set on an opOr whose kids are names of one thing: a term and the
	// names of its concept, a number and the words it was typed in.
	either bool
}

// A question is a query that has been read: what is asked of pages, and what
// is asked of the whole search. root is nil for a query without text.
type question struct {
	root       *node
	when       when
	understood []Understanding
	// changes is set where some words must have been put in or taken out;
	// additions and removals say which.
	changes, additions, removals bool
}

type parser struct {
	lexemes []lexeme
	at      int
	leaves  int
	depth   int
	nested  int  // parentheses, and what else makes a clause one among several
	change  side // of the words being read
	out     *question
}

// parse reads a query.
func parse(q string) (*question, *QueryError) {
	if len(q) > maxQueryBytes {
		return nil, wrong(maxQueryBytes, "long", maxQueryBytes)
	}
	lexemes, err := lex(q)
	if err != nil {
		return nil, err
	}
	p := &parser{lexemes: lexemes, out: &question{}}
	if len(lexemes) == 1 {
		return p.out, nil
	}
	n, err := p.or("")
	if err != nil {
		return nil, err
	}
	if l := p.peek(); l.kind == lexClose {
		return nil, wrong(l.pos, "close")
	}
	if n == nil && !p.out.when.given {
		return nil, wrong(0, "nothing")
	}
	p.out.root = n
	return p.out, p.out.settle()
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
				return nil, wrong(l.pos, "before", "AND")
			}
			if k := p.peek().kind; k == lexEnd || k == lexClose || k == lexAnd || k == lexOr {
				return nil, wrong(l.pos, "after", "AND")
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
		if err := p.period(l); err != nil {
			return nil, err
		}
	}
}

// near reads words that must stand near one another.
func (p *parser) near(field string) (*node, *QueryError) {
	n, err := p.unary(field)
	for err == nil && p.peek().kind == lexNear {
		l := p.next()
		if k := p.peek().kind; k != lexWord || n == nil || n.op != opWord && n.op != opNear || n.field != "" {
			return nil, wrong(l.pos, "near", l.text)
		}
		var next *node
		if next, err = p.unary(field); err != nil {
			return nil, err
		}
		if next == nil || next.op != opWord {
			return nil, wrong(l.pos, "near", l.text)
		}
		if len(n.words) == maxNearWords {
			return nil, wrong(l.pos, "near-many", maxNearWords)
		}
		n = &node{op: opNear, pos: n.pos, change: n.change, text: n.text + " " + next.text, words: append(slices.Clone(n.words), next.words...), distance: max(n.distance, l.n)}
	}
	return n, err
}

// missing says what is wrong where something to search for should stand.
func (p *parser) missing(l lexeme) *QueryError {
	if p.at > 0 {
		switch before := p.lexemes[p.at-1]; before.kind {
		case lexOr:
			return wrong(before.pos, "after", "OR")
		case lexOpen:
			return wrong(before.pos, "empty")
		}
	}
	switch l.kind {
	case lexOr:
		return wrong(l.pos, "before", "OR")
	case lexNear:
		return wrong(l.pos, "near", l.text)
	case lexClose:
		return wrong(l.pos, "close")
	}
	return wrong(l.pos, "missing")
}

func (p *parser) unary(field string) (*node, *QueryError) {
	if p.depth++; p.depth > maxDepth {
		return nil, wrong(p.peek().pos, "deep")
	}
	defer func() { p.depth-- }()
	l := p.next()
	switch l.kind {
	case lexNear:
		return nil, wrong(l.pos, "near", l.text)
	case lexNot:
		switch k := p.peek().kind; k {
		case lexEnd, lexClose, lexAnd, lexOr:
			return nil, wrong(l.pos, "after", l.text)
		}
		p.nested++
		n, err := p.unary(field)
		p.nested--
		if err != nil || n == nil {
			return nil, err
		}
		return &node{op: opNot, pos: l.pos, kids: []*node{n}}, nil
	case lexOpen:
		p.nested++
		n, err := p.or(field)
		p.nested--
		if err != nil {
			return nil, err
		}
		if p.next().kind != lexClose {
			return nil, wrong(l.pos, "open")
		}
		return n, nil
	case lexField:
		return p.clause(l, field)
	case lexCite:
		return p.cited(l, field)
	case lexArticle:
		return p.article(l, field)
	}
	return p.leaf(l, field)
}

// leaf reads a word, a prefix or a phrase, in a field or in the body.
func (p *parser) leaf(l lexeme, field string) (*node, *QueryError) {
	if p.leaves++; p.leaves > maxLeaves {
		return nil, wrong(l.pos, "many", maxLeaves)
	}
	n := &node{pos: l.pos, text: l.text, field: field, change: p.change}
	switch field {
	case "", "title", "path":
	case "article":
		if n.keys = articleKeys(l.text); n.keys != nil {
			n.op = opField
			return n, nil
		}
	case "cites":
		c, ok := cite.Parse(l.text)
		if !ok {
			return nil, wrong(l.pos, "cite", l.text)
		}
		return p.number(l, &c, field), nil
	default:
		return p.value(n, l)
	}
	n.words = exactWords(l.text)
	switch {
	case len(n.words) == 0:
		if strings.HasPrefix(l.text, "*") {
			return nil, wrong(l.pos, "star-start")
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
		if len(n.words) > 1 || field != "" || len(n.words[0]) > maxFuzzyWord {
			return nil, wrong(l.pos, "tilde-word", maxFuzzyWord)
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
		return nil, wrong(n.pos, "star-short")
	}
	end := &node{op: opPrefix, pos: n.pos, text: n.text, field: n.field, words: n.words[last:], change: n.change}
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

package index

import (
	"strconv"
	"strings"
	"time"

	"veille/archive"
	"veille/cite"
)

// Clauses: what stands before a colon in a query, and its value.
//
// Most fields choose among passages, and may stand wherever a word may. added:
// and removed: hold words of which a change is asked. in:, from:, until: and
// as-of: are asked of the whole search, and stand beside all else.

// when is what a query asks of the whole search.
type when struct {
	from, until, asOf time.Time // until is the first moment that is too late
	in                side
	given             bool
	field             string // the last that was given, and where
	pos               int
	timeField         string // likewise of the last that is a time
	timePos           int
	seen              map[string]bool
}

// An Understanding is a number of an act, judgment or document that was read
// in a query.
type Understanding struct {
	Text string // as it was typed
	Cite cite.Cite
}

// clause reads what follows a field's name.
func (p *parser) clause(l lexeme, field string) (*node, *QueryError) {
	if field != "" {
		return nil, wrong(l.pos, "field-inside")
	}
	k := p.peek()
	switch k.kind {
	case lexWord, lexPhrase, lexOpen, lexCite:
	default:
		return nil, wrong(l.pos, "field-value", l.text)
	}
	if (k.kind == lexWord || k.kind == lexCite) && k.pos != l.pos+len(l.text)+1 {
		return nil, wrong(l.pos, "field-value", l.text)
	}
	switch l.text {
	case "added", "removed":
		return p.changed(l)
	case "in", "from", "since", "until", "as-of":
		return nil, p.setting(l, p.next())
	}
	was := p.change
	p.change = stands
	n, err := p.unary(l.text)
	p.change = was
	return n, err
}

// changed reads words that must have been put in or taken out.
func (p *parser) changed(l lexeme) (*node, *QueryError) {
	if p.change != stands {
		return nil, wrong(l.pos, "field-inside")
	}
	p.change = added
	if l.text == "removed" {
		p.change = removed
	}
	from := p.at
	p.nested++
	n, err := p.unary("")
	p.nested--
	p.change = stands
	if err != nil {
		return nil, err
	}
	for _, inner := range p.lexemes[from:p.at] {
		if inner.kind == lexField {
			return nil, wrong(inner.pos, "change-inside", l.text)
		}
	}
	return n, nil
}

// setting reads what is asked of the whole search.
func (p *parser) setting(l, value lexeme) *QueryError {
	if p.nested > 0 || p.change != stands || value.kind == lexOpen || value.kind == lexCite {
		return wrong(l.pos, "field-top", l.text)
	}
	w := &p.out.when
	name := l.text
	if name == "since" {
		name = "from"
	}
	if w.seen[name] {
		return wrong(l.pos, "field-twice", l.text)
	}
	if w.seen == nil {
		w.seen = map[string]bool{}
	}
	w.seen[name] = true
	w.given, w.field, w.pos = true, l.text, l.pos
	text := strings.TrimSpace(value.text)
	if name == "in" {
		switch text {
		case "added":
			w.in = added
		case "removed":
			w.in = removed
		default:
			return wrong(value.pos, "field-one-of", "in", "added, removed")
		}
		return nil
	}
	w.timeField, w.timePos = l.text, l.pos
	from, until, ok := parsePeriod(text)
	if !ok {
		return wrong(value.pos, "field-time", l.text)
	}
	switch name {
	case "from":
		w.from = from
	case "until":
		w.until = until
	case "as-of":
		w.asOf = until.Add(-time.Millisecond)
	}
	return nil
}

// periodWords begin a period that is said in words, after a clause about changes.
var periodWords = map[string]string{"since": "from", "depuis": "from", "sinds": "from", "seit": "from",
	"until": "until", "tot": "until", "bis": "until"}

// period reads "since 2025" after a clause about changes: removed:"voluntary"
// since 2025. last is the lexeme that the clause before began with.
func (p *parser) period(last lexeme) *QueryError {
	if last.kind != lexField || last.text != "added" && last.text != "removed" && last.text != "in" {
		return nil
	}
	for p.nested == 0 && p.at+1 < len(p.lexemes) {
		l, value := p.lexemes[p.at], p.lexemes[p.at+1]
		name := periodWords[strings.ToLower(l.text)]
		if l.kind != lexWord || name == "" || value.kind != lexWord {
			return nil
		}
		if _, _, ok := parsePeriod(value.text); !ok {
			return nil
		}
		p.at += 2
		if err := p.setting(lexeme{kind: lexField, text: name, pos: l.pos}, value); err != nil {
			return err
		}
	}
	return nil
}

// periodForms are the forms of a period, and its length.
var periodForms = []struct {
	form               string
	years, months, day int
}{{"2006", 1, 0, 0}, {"2006-01", 0, 1, 0}, {time.DateOnly, 0, 0, 1}}

// parsePeriod reads a year, a month, a day or a moment (RFC 3339, or the same
// without zone: UTC). until is the first moment after it.
func parsePeriod(text string) (from, until time.Time, ok bool) {
	for _, p := range periodForms {
		if t, err := time.Parse(p.form, text); err == nil && len(text) == len(p.form) {
			return t, t.AddDate(p.years, p.months, p.day), t.Year() >= 1000
		}
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC(), t.UTC().Add(time.Millisecond), t.Year() >= 1000 && t.Year() < 9999
		}
	}
	return from, until, false
}

// value reads the value of a field that takes whole values.
func (p *parser) value(n *node, l lexeme) (*node, *QueryError) {
	n.op, n.text = opField, strings.TrimSpace(l.text)
	switch {
	case n.text == "" || strings.HasSuffix(n.text, "*") || l.n > 0:
		return nil, wrong(l.pos, "field-whole", n.field)
	case n.field == "role" && n.text != string(archive.Main) && n.text != string(archive.Boilerplate):
		return nil, wrong(l.pos, "field-one-of", "role", "main, boilerplate")
	case n.field == "weight":
		w, err := strconv.Atoi(n.text)
		if err != nil || w < 0 || w > 5 {
			return nil, wrong(l.pos, "field-number", "weight", 0, 5)
		}
		n.least = w
	}
	return n, nil
}

// cited reads a number that was typed among the words.
func (p *parser) cited(l lexeme, field string) (*node, *QueryError) {
	if field != "" && field != "cites" {
		return p.leaf(lexeme{kind: lexPhrase, text: l.text, pos: l.pos}, field)
	}
	if p.leaves++; p.leaves > maxLeaves {
		return nil, wrong(l.pos, "many", maxLeaves)
	}
	return p.number(l, l.cite, field), nil
}

// number is what a number means: what bears it, what cites it, and where it is
// written as it was typed.
func (p *parser) number(l lexeme, c *cite.Cite, field string) *node {
	p.out.understood = append(p.out.understood, Understanding{l.text, *c})
	n := &node{op: opCite, pos: l.pos, text: l.text, field: field, keys: c.Keys(), change: p.change}
	words := exactWords(l.text)
	if field != "" || len(words) == 0 {
		return n
	}
	typed := &node{op: opPhrase, pos: l.pos, text: l.text, words: words, change: p.change}
	return &node{op: opOr, pos: l.pos, kids: []*node{n, typed}, either: true}
}

// settle checks what only the whole of a query shows.
func (q *question) settle() *QueryError {
	w := &q.when
	if !w.from.IsZero() && !w.until.IsZero() && !w.from.Before(w.until) {
		return wrong(w.timePos, "period", "from", "until")
	}
	if w.in != stands {
		q.root.ask(w.in)
		q.additions, q.removals = w.in == added, w.in == removed
	}
	var not *node
	q.root.sides(false, func(n *node, negated bool) {
		if negated {
			not = n
			return
		}
		q.additions, q.removals = q.additions || n.change == added, q.removals || n.change == removed
	})
	q.changes = q.additions || q.removals
	if not != nil && !q.changes {
		return wrong(not.pos, "change-not", not.change)
	}
	return nil
}

// ask makes all words of a query ask for a change.
func (n *node) ask(of side) {
	if n == nil {
		return
	}
	if n.change == stands && !n.filters() {
		n.change = of
	}
	for _, k := range n.kids {
		k.ask(of)
	}
}

// sides calls f for what asks for a change, and says whether it must not have been.
func (n *node) sides(not bool, f func(n *node, not bool)) {
	if n == nil {
		return
	}
	if n.change != stands && len(n.kids) == 0 {
		f(n, not)
	}
	for _, k := range n.kids {
		k.sides(not != (n.op == opNot), f)
	}
}

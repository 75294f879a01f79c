package index

import (
	"strings"
	"time"
)

// Conditions that exclude each other. A search that asks for both finds nothing
// whatever the archive holds, and is told so rather than answered with nothing.

// A kindOf is what the conditions on sources, languages and roles can be true of.
type kindOf struct {
	variety
	main bool
}

// A condition is one of those that must all be true, as it was typed.
type condition struct {
	pos  int // -1: beside the query
	text string
	is   func(kindOf) bool
}

// contradiction reports the first condition of a query that those before it
// exclude. Only what is asked of the whole query is looked at: what stands
// between ORs has another side to be true on.
func (x *Index) contradiction(n *node, q *Query, c *columns) *QueryError {
	all := x.conditions(n, q)
	if len(all) < 2 {
		return nil
	}
	left := x.kindsOf(c)
	for i, cond := range all {
		if !anyOf(x.kindsOf(c), cond.is) {
			continue // nothing is so by itself, which the answer tells
		}
		if left = leave(left, cond.is); len(left) > 0 {
			continue
		}
		return contradicted(all[:i], cond, x.kindsOf(c))
	}
	return nil
}

// conditions are those on sources, languages and roles that are asked of the
// whole query, in its text and beside it.
func (x *Index) conditions(n *node, q *Query) []condition {
	var all []condition
	for _, list := range q.lists() {
		if len(list.values) == 0 {
			continue
		}
		or := &node{op: opOr, pos: -1}
		for _, v := range list.values {
			or.kids = append(or.kids, &node{op: opField, field: list.field, text: v})
		}
		all = append(all, x.condition(or))
	}
	for _, k := range n.conjuncts(nil) {
		if k.kinds() {
			all = append(all, x.condition(k))
		}
	}
	return all
}

// since is when the first passage came of those pages that a search covers, where
// it asks only for what stood before that; otherwise the zero time.
func (x *Index) since(n *node, q *Query, c *columns) time.Time {
	asked := q.Until
	if !q.Past && !q.AsOf.IsZero() && (asked.IsZero() || q.AsOf.Before(asked)) {
		asked = q.AsOf
	}
	if asked.IsZero() {
		return time.Time{}
	}
	left := x.kindsOf(c)
	for _, cond := range x.conditions(n, q) {
		left = leave(left, cond.is)
	}
	covered := map[variety]bool{}
	for _, k := range left {
		covered[k.variety] = true
	}
	var first time.Time
	for k, kind := range c.kinds {
		if at := time.UnixMilli(c.first[k]).UTC(); covered[kind] && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	if !first.After(asked) {
		return time.Time{}
	}
	return first
}

// contradicted says what excludes a condition: one of those before it, or else
// all of them together.
func contradicted(before []condition, cond condition, kinds []kindOf) *QueryError {
	var texts []string
	for _, b := range before {
		if anyOf(kinds, b.is) && !anyOf(leave(kinds, b.is), cond.is) {
			texts = []string{b.text}
			break
		}
		texts = append(texts, b.text)
	}
	err := wrong(cond.pos, "contradiction", short(strings.Join(texts, " ")), short(cond.text))
	if cond.pos < 0 {
		err.Param, _, _ = strings.Cut(cond.text, ":")
	}
	return err
}

// kindsOf are all that conditions can choose among: the languages of each source,
// found or declared, and the roles. A source without pages has any.
func (x *Index) kindsOf(c *columns) []kindOf {
	seen := map[variety]bool{}
	langs := x.known("lang", c)
	for _, k := range c.kinds {
		seen[k] = true
	}
	for _, s := range x.sources.Sources {
		for _, l := range langs {
			seen[variety{s.ID, l}] = true
		}
	}
	var out []kindOf
	for k := range seen {
		out = append(out, kindOf{k, true}, kindOf{k, false})
	}
	return out
}

func anyOf(kinds []kindOf, is func(kindOf) bool) bool {
	for _, k := range kinds {
		if is(k) {
			return true
		}
	}
	return false
}

func leave(kinds []kindOf, is func(kindOf) bool) []kindOf {
	var out []kindOf
	for _, k := range kinds {
		if is(k) {
			out = append(out, k)
		}
	}
	return out
}

// conjuncts are the parts of a query that must all be true.
func (n *node) conjuncts(to []*node) []*node {
	if n == nil {
		return to
	}
	if n.op != opAnd {
		return append(to, n)
	}
	for _, k := range n.kids {
		to = k.conjuncts(to)
	}
	return to
}

// kinds reports whether a node asks for sources, languages and roles only.
func (n *node) kinds() bool {
	if n.op == opField {
		switch n.field {
		case "source", "institution", "kind", "jurisdiction", "lang", "topic", "role":
			return true
		}
		return false
	}
	for _, k := range n.kids {
		if !k.kinds() {
			return false
		}
	}
	return len(n.kids) > 0
}

func (x *Index) condition(n *node) condition {
	return condition{n.pos, n.typed(), x.kindTest(n)}
}

// kindTest makes of a node what it says of a kind.
func (x *Index) kindTest(n *node) func(kindOf) bool {
	if n.op == opField {
		if n.field == "role" {
			main := n.text == "main"
			return func(k kindOf) bool { return k.main == main }
		}
		is := x.varietyTest(n)
		return func(k kindOf) bool { return is(k.variety) }
	}
	tests := make([]func(kindOf) bool, len(n.kids))
	for i, k := range n.kids {
		tests[i] = x.kindTest(k)
	}
	return func(k kindOf) bool {
		for _, is := range tests {
			if is(k) == (n.op != opAnd) {
				return n.op == opOr
			}
		}
		return n.op != opOr
	}
}

// typed is a condition on kinds as one would type it.
func (n *node) typed() string {
	if n.op == opField {
		return n.field + ":" + n.text
	}
	texts := make([]string, len(n.kids))
	for i, k := range n.kids {
		texts[i] = k.typed()
	}
	switch {
	case n.op == opNot:
		return "-" + texts[0]
	case n.op == opOr && len(texts) > 1:
		return "(" + strings.Join(texts, " OR ") + ")"
	}
	return strings.Join(texts, " ")
}

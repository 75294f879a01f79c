package index

import (
	"slices"
	"strings"
)

// A filter says which passages count.
type filter func(doc uint32) bool

// base is what the fields of the query ask for.
func (e *engine) base(rolesGiven bool) filter {
	q := e.q
	kinds := e.allowed(q)
	from, until := int64(-forever), int64(forever)
	if !q.From.IsZero() && !e.changes() {
		from = q.From.UnixMilli()
	}
	if !q.Until.IsZero() && !e.changes() {
		until = q.Until.UnixMilli()
	}
	roles := !q.All && !rolesGiven
	at := q.AsOf.UnixMilli()
	now := q.AsOf.IsZero()
	c := e.columns
	document := e.ofDocument()
	if roles && !q.Past && !e.past && document == nil && from == -forever && until == forever { // as most searches are
		if now && kinds == nil {
			return e.standing.has
		}
		return e.stood.those(e.state, choice{now, at, chosenOf(kinds)}, kinds).has
	}
	return func(d uint32) bool {
		switch {
		case document != nil && !document(d):
			return false
		case roles && !c.main[d], kinds != nil && !kinds[c.kind[d]], c.from[d] < from, c.from[d] >= until:
			return false
		case q.Past || e.past:
			return true
		case now:
			return c.until[d] == forever
		}
		return c.from[d] <= at && at < c.until[d]
	}
}

// allowed are the kinds of passages that the query's lists leave, nil for all.
func (e *engine) allowed(q *Query) []bool {
	if len(q.Langs)+len(q.Sources)+len(q.Kinds)+len(q.Jurisdictions)+len(q.Topics) == 0 {
		return nil
	}
	var of []string
	if len(q.Kinds)+len(q.Jurisdictions)+len(q.Topics) > 0 {
		of = e.x.sources.Select(each(q.Kinds, strings.ToLower), each(q.Jurisdictions, strings.ToUpper), each(q.Topics, strings.ToLower))
	}
	return e.kindsWhere(func(s variety) bool {
		return (len(q.Langs) == 0 || holdsFold(q.Langs, s.lang)) && (len(q.Sources) == 0 || holdsFold(q.Sources, s.source)) &&
			(len(q.Kinds)+len(q.Jurisdictions)+len(q.Topics) == 0 || slices.Contains(of, s.source))
	})
}

func each(list []string, f func(string) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

// holdsFold is slices.Contains, whatever the case of the letters.
func holdsFold(list []string, value string) bool {
	return slices.ContainsFunc(list, func(v string) bool { return strings.EqualFold(v, value) })
}

func (e *engine) kindsWhere(ok func(variety) bool) []bool {
	out := make([]bool, len(e.kinds))
	for i, s := range e.kinds {
		out[i] = ok(s)
	}
	return out
}

// filters reports whether a node chooses passages by what is known about them,
// and not by their words.
func (n *node) filters() bool {
	switch n.op {
	case opField:
		return true
	case opWord, opPhrase, opPrefix, opNames, opNear, opFuzzy, opCite:
		return n.field != ""
	}
	return !slices.ContainsFunc(n.kids, func(k *node) bool { return !k.filters() })
}

// filter makes of a node that filters what it says.
func (e *engine) filter(n *node) (filter, error) {
	switch n.op {
	case opNot:
		f, err := e.filter(n.kids[0])
		return func(d uint32) bool { return !f(d) }, err
	case opAnd, opOr:
		fs := make([]filter, len(n.kids))
		for i, k := range n.kids {
			var err error
			if fs[i], err = e.filter(k); err != nil {
				return nil, err
			}
		}
		return func(d uint32) bool {
			for _, f := range fs {
				if f(d) == (n.op == opOr) {
					return n.op == opOr
				}
			}
			return n.op == opAnd
		}, nil
	case opField:
		if n.field != "article" {
			return e.field(n), nil
		}
	}
	terms, err := e.terms(n, func(uint32) bool { return true })
	if err != nil {
		return nil, err
	}
	has := map[uint32]bool{}
	for _, t := range terms {
		for _, p := range t.postings {
			has[p.doc] = true
		}
	}
	if n.op != opCite {
		return func(d uint32) bool { return has[d] }, nil
	}
	own, err := e.bearing(n.keys, func(uint32) bool { return true })
	return func(d uint32) bool { return has[d] && !own[e.page[d]] }, err
}

// field chooses by what is known about a passage.
func (e *engine) field(n *node) filter {
	switch n.field {
	case "role":
		main := n.text == "main"
		return func(d uint32) bool { return e.main[d] == main }
	case "sense":
		code := strings.ToLower(n.text)
		return e.byEvent(func(ev *Event) bool { return slices.Contains(ev.Senses, code) })
	case "weight":
		return e.byEvent(func(ev *Event) bool { return ev.News && ev.Weight >= n.least })
	}
	ok := e.kindsWhere(e.x.varietyTest(n))
	return func(d uint32) bool { return ok[e.kind[d]] }
}

// varietyTest makes of a field of sources or languages what it says of a variety.
func (x *Index) varietyTest(n *node) func(variety) bool {
	v := n.text
	var of []string
	switch n.field {
	case "lang":
		v = strings.ToLower(v)
		return func(s variety) bool { return s.lang == v }
	case "kind":
		of = x.sources.Select([]string{strings.ToLower(v)}, nil, nil)
	case "jurisdiction":
		of = x.sources.Select(nil, []string{strings.ToUpper(v)}, nil)
	case "topic":
		of = x.sources.Select(nil, nil, []string{strings.ToLower(v)})
	case "institution":
		for _, s := range x.sources.Sources {
			if strings.EqualFold(s.Institution, v) {
				of = append(of, s.ID)
			}
		}
	default:
		return func(s variety) bool { return strings.EqualFold(s.source, v) }
	}
	return func(s variety) bool { return slices.Contains(of, s.source) }
}

// byEvent chooses by the changes that a passage was part of: the one that
// brought it, the one that took it away, or, where not only one of them is
// asked for, either that has happened by the moment that is asked for.
func (e *engine) byEvent(ok func(*Event) bool) filter {
	fits := make([]bool, len(e.events))
	for i := range e.events {
		fits[i] = ok(&e.events[i])
	}
	q := e.asked
	onlyRemoved, onlyAdded := q.changes && q.removals && !q.additions, q.changes && q.additions && !q.removals
	return func(d uint32) bool {
		return !onlyRemoved && fits[e.came[d]] || !onlyAdded && e.past && e.until[d] != forever && fits[e.went[d]]
	}
}

// changes reports whether the query asks for what was put in or taken out.
func (e *engine) changes() bool { return e.asked != nil && e.asked.changes }

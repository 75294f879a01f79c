package index

import (
	"slices"

	"veille/archive"
)

// A PageChange is a change of one page, of which a query is asked: what a
// subscription wants to know.
type PageChange struct {
	// Page is what is known of the page and holds for all its passages. Text,
	// Path, Role, Block, Marker and Effect are not looked at.
	Page Passage
	// Old and New are the wordings; nil where there is none.
	Old, New *archive.Version
	// Effects are the edits that count. Whole says that the page came, went or
	// came back, and that all of it counts.
	Effects []Effect
	Whole   *Effect
	// Title says that the page's title changed, and counts.
	Title bool
}

// Change reports whether a query is about a change: whether a search would find
// the page as it stood before or after it, and, among the passages shown, one
// that the change put in or took out. Where the query asks for words that were
// added or removed, it is asked of this change, and all else of the page after
// it. A page's new title counts as one of its passages.
//
// Passages whose words stand in the page before and after are no part of a
// change, though they moved. The empty query is about every change.
func (m *Matcher) Change(c *PageChange) bool { return m.About(Prepare(c, nil)) }

// Touches reports whether a query could be about a change that concerns a text:
// it has one of the query's words, or the query can do without words. It is
// quick, and never false where [Matcher.Change] is true and text is all that the
// change concerns.
func (m *Matcher) Touches(lang, text string) bool {
	return m.TouchesText(new(Lexicon).Text(lang, text))
}

// TouchesText is Touches of a text that was read before.
func (m *Matcher) TouchesText(t *Text) bool {
	r := &t.reading
	wordless, any := true, m.query.free()
	var look func(n *node)
	look = func(n *node) {
		switch {
		case n == nil || n.op == opNot || any:
		case n.op == opCite: // the page may bear the number
			any = true
		case len(n.kids) == 0:
			if n.filters() || n.common() {
				return
			}
			wordless = false
			any = r.eval(n) != no
		default:
			for _, k := range n.kids {
				look(k)
			}
		}
	}
	look(m.query)
	return any || wordless
}

// free reports whether a query can be about a change that concerns a text which has
// none of its words: where one thing or another is asked for and one is no word
// (weight:3 OR appeal), or a part of it says only what is not to be there.
func (n *node) free() bool {
	switch {
	case n == nil || n.op == opNot || n.filters():
		return true
	case n.op == opOr:
		return slices.ContainsFunc(n.kids, (*node).free)
	case n.op != opAnd:
		return false
	}
	words := false
	for _, k := range n.kids {
		if k.op == opNot || k.filters() {
			continue // says which passages count
		}
		if words = true; k.free() {
			return true
		}
	}
	return !words
}

// A view is a page at one moment, beside a change.
type view struct {
	m      *Matcher
	page   *prepared
	before *view // where changes are asked for: what stood before
	part   bool  // something that the change did is shown
}

// readings are the passages of a wording, those that the change concerns with
// its effect; none where there is no page.
func (c *PageChange) readings(v *archive.Version, old bool, l *Lexicon) (out []*reading) {
	if v == nil || v.Gone {
		return nil
	}
	effects := map[int]*Effect{}
	for i := range c.Effects {
		e := &c.Effects[i]
		blocks := e.To
		if old {
			blocks = e.From
		}
		for _, b := range blocks {
			if effects[b] == nil || effects[b].Weight < e.Weight {
				effects[b] = e
			}
		}
	}
	passages, readings := make([]Passage, len(v.Blocks)), make([]reading, len(v.Blocks))
	out = make([]*reading, len(v.Blocks), len(v.Blocks)+1)
	for i := range v.Blocks {
		b, p := &v.Blocks[i], &passages[i]
		*p = c.Page
		p.Lang, p.Title, p.Text, p.Path, p.Role, p.Block, p.Marker = v.Lang, v.Title, b.Text, b.Path, string(b.Role), b.Kind, b.Marker
		if p.Path == nil {
			p.Path = []string{}
		}
		if p.Effect = effects[i]; c.Whole != nil {
			p.Effect = c.Whole
		}
		readings[i] = reading{passage: p, lexicon: l}
		out[i] = &readings[i]
	}
	if c.Title && v.Title != "" {
		p := c.Page
		p.Lang, p.Title, p.Text, p.Path, p.Role, p.Block = v.Lang, v.Title, v.Title, []string{}, string(archive.Main), archive.Heading
		p.Effect = &Effect{Weight: 2, Senses: []string{}}
		out = append(out, &reading{passage: &p, lexicon: l})
	}
	return out
}

// same takes those out of what changed whose words stand on both sides.
func same(old, new []*reading) {
	type words struct{ role, text string }
	of := func(r *reading) words { return words{r.passage.Role, r.passage.Text} }
	all := make(map[words][]*reading, len(old))
	for _, r := range old {
		all[of(r)] = append(all[of(r)], r)
	}
	for _, r := range new {
		before := all[of(r)]
		r.same = len(before) > 0
		for _, b := range before {
			b.same = true
		}
	}
}

// changed reports whether the change concerns a passage.
func (r *reading) changed() bool { return r.passage.Effect != nil && !r.same }

// answers reports whether the query is true of the page and shows something
// that the change did.
func (v *view) answers() bool {
	n := v.m.query
	pass := func(r *reading) bool { return r.passage.Role != string(archive.Boilerplate) }
	if n.asks("role") {
		pass = func(*reading) bool { return true }
	}
	v.part = false
	if n == nil {
		return v.everything(pass, true)
	}
	return v.eval(n, pass, true) && v.part
}

// eval decides a node as [engine.eval] does.
func (v *view) eval(n *node, pass func(*reading) bool, counts bool) bool {
	switch n.op {
	case opAnd, opNot:
		return v.and(n, pass, counts)
	case opOr:
		if n.either && n.side() != stands {
			return v.turned(n, pass, counts)
		}
		any := false
		for _, k := range n.kids {
			any = v.eval(k, pass, counts) || any // what each of them finds is shown
		}
		return any
	}
	switch {
	case n.filters():
		return v.everything(func(r *reading) bool { return pass(r) && r.eval(n) != no }, counts)
	case n.change != stands:
		return v.turned(n, pass, counts)
	}
	if !v.page.could(n) {
		return false
	}
	shows := counts && !n.common()
	for _, r := range v.page.readings { // what changed comes first: one is enough
		if pass(r) && r.eval(n) == yes {
			v.shows(r, shows)
			return true
		}
	}
	return false
}

func (v *view) and(n *node, pass func(*reading) bool, counts bool) bool {
	kids := n.kids
	if n.op == opNot {
		kids = []*node{n}
	}
	var words, not []*node
	for _, k := range kids {
		inner, negated := k, k.op == opNot
		if negated {
			inner = k.kids[0]
		}
		switch {
		case inner.filters():
			before := pass
			pass = func(r *reading) bool { return before(r) && (r.eval(inner) != no) != negated }
		case negated:
			not = append(not, inner)
		case k.change != stands && k.common() && len(kids) > 1:
		default:
			words = append(words, k)
		}
	}
	all := true
	if len(words) == 0 {
		all = v.everything(pass, counts)
	}
	for _, k := range words {
		all = v.eval(k, pass, counts) && all
	}
	for _, k := range not {
		all = all && !v.eval(k, pass, false)
	}
	return all
}

// everything is true of a page that has passages that pass.
func (v *view) everything(pass func(*reading) bool, counts bool) bool {
	if of := v.m.asked.when.in; of != stands && counts {
		return v.happened(of, pass)
	}
	any := false
	for _, r := range v.page.readings {
		if pass(r) {
			any = true
			v.shows(r, counts)
		}
	}
	return any
}

// happened reports whether the change put in, or took out, a passage that passes.
func (v *view) happened(of side, pass func(*reading) bool) bool {
	from := v
	if of == removed {
		from = v.before
	}
	any := slices.ContainsFunc(from.page.readings, func(r *reading) bool { return r.changed() && pass(r) })
	v.part = v.part || any
	return any
}

// shows notes that a passage would be shown.
func (v *view) shows(r *reading, counts bool) {
	if counts && v.before == nil && r.changed() {
		v.part = true
	}
}

// turned decides words that must have been put in or taken out: the page has
// them more often after the change, or less often.
func (v *view) turned(n *node, pass func(*reading) bool, counts bool) bool {
	gained, lost := v, v.before
	if n.side() == removed {
		gained, lost = lost, gained
	}
	more, there := 0, false
	for _, r := range gained.page.readings {
		a := r.amount(n)
		more += a
		there = there || a > 0 && r.changed() && pass(r)
	}
	for _, r := range lost.page.readings {
		more -= r.amount(n)
	}
	if more <= 0 || !there {
		return false
	}
	v.part = v.part || counts
	return true
}

// amount is how often a passage has the words of a node.
func (r *reading) amount(n *node) int {
	if len(n.kids) == 0 {
		if n.op == opCite {
			return len(cited(n.keys, r.passage.Text))
		}
		tokens, _ := r.in(n.field)
		count := 0
		for i := range tokens {
			if n.matches(r.passage.Lang, tokens, i) > 0 {
				count++
			}
		}
		return count
	}
	all := -1
	for _, k := range n.kids {
		a := r.amount(k)
		switch {
		case all < 0:
			all = a
		case n.op == opAnd:
			all = min(all, a)
		default:
			all += a
		}
	}
	return max(all, 0)
}

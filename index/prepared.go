package index

// A Text is one that several queries are asked of. Its words are found once. Not
// safe for concurrent use.
type Text struct{ reading reading }

// Text reads a text in a language.
func (l *Lexicon) Text(lang, text string) *Text {
	return &Text{reading{passage: &Passage{Lang: lang, Text: text}, tokens: l.analyse(lang, text), lexicon: l}}
}

// AddKeys puts the keys of a text to those of others; see [Matcher.Keys].
func (t *Text) AddKeys(keys map[string]bool) {
	tokens := t.reading.tokens
	for i := range tokens {
		tokens[i].keys(func(key string) { keys[key] = true })
		if i > 0 {
			keys[tokens[i-1].exact+" "+tokens[i].exact] = true
		}
	}
}

// A Prepared change is one of which several queries are asked. Its words are
// found once. Not safe for concurrent use.
type Prepared struct {
	change   *PageChange
	lexicon  *Lexicon
	old, new prepared
}

// prepared is one side of a change.
type prepared struct {
	readings []*reading
	lang     string
	lexicon  *Lexicon // in which the page's words are stamped
	isOld    bool
}

// Prepare makes a change ready for [Matcher.About]; l may be nil.
func Prepare(c *PageChange, l *Lexicon) *Prepared {
	if l == nil {
		l = &Lexicon{}
	}
	p := &Prepared{change: c, lexicon: l}
	p.old, p.new = prepared{readings: c.readings(c.Old, true, l), lexicon: l, isOld: true}, prepared{readings: c.readings(c.New, false, l), lexicon: l}
	if c.Old != nil {
		p.old.lang = c.Old.Lang
	}
	if c.New != nil {
		p.new.lang = c.New.Lang
	}
	same(p.old.readings, p.new.readings)
	p.old.sort()
	p.new.sort()
	return p
}

// sort puts first what changed: words that are found there need not be looked for elsewhere.
func (p *prepared) sort() {
	at := 0
	for i, r := range p.readings {
		if r.changed() {
			copy(p.readings[at+1:i+1], p.readings[at:i])
			p.readings[at] = r
			at++
		}
	}
}

// About is [Matcher.Change] of a change that was made ready.
func (m *Matcher) About(p *Prepared) bool {
	if m.query == nil && !m.asked.changes {
		return true
	}
	p.lexicon.Read(p.change.Old, p.change.New)
	if m.asked.changes {
		return (&view{m: m, page: &p.new, before: &view{m: m, page: &p.old}}).answers()
	}
	holds := func(side *prepared) bool { return side.could(m.query) && (&view{m: m, page: side}).answers() }
	return holds(&p.new) || holds(&p.old)
}

// could reports whether a page has the words without which a query is not true
// of it. It is quick, and at times true where the query is not.
func (p *prepared) could(n *node) bool {
	switch {
	case n == nil:
		return true
	case n.op == opAnd:
		for _, k := range n.kids {
			if !p.could(k) {
				return false
			}
		}
		return true
	case n.op == opOr:
		for _, k := range n.kids {
			if p.could(k) {
				return true
			}
		}
		return false
	case n.field != "" || n.change != stands:
		return true
	}
	switch n.op {
	case opWord:
		f := n.formsIn(p.lang)
		return p.has(n.words[0]) || f.key != "" && p.has(f.key) || n.rare && isStop(p.lang, n.words[0]) || len(f.parts) > 0 && p.has(stemKey+f.parts[0])
	case opPhrase, opNear:
		return p.hasAll(n.words)
	case opNames:
		for _, words := range n.names {
			if p.hasAll(words) {
				return true
			}
		}
		return false
	}
	return true
}

func (p *prepared) hasAll(words []string) bool {
	for _, w := range words {
		if !p.has(w) {
			return false
		}
	}
	return true
}

func (p *prepared) has(key string) bool { return p.lexicon.has(key, p.isOld) }

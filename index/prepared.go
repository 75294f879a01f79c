package index

import (
	"strings"

	"veille/thesaurus"
)

// A Lexicon remembers the stems and parts of words that were met, and the words of the
// texts of one change: for asking many queries of many changes. Its zero value
// is ready. Not safe for concurrent use.
type Lexicon struct {
	words map[string]map[string]token // by language and word
	texts map[[2]string][]token       // by language and text
}

// Forget lets go of the texts: another change is looked at.
func (l *Lexicon) Forget() { clear(l.texts) }

// analyse is [analyse], each text and each word once.
func (l *Lexicon) analyse(lang, text string) []token {
	if l == nil {
		return analyse(lang, text)
	}
	if l.texts == nil {
		l.words, l.texts = map[string]map[string]token{}, map[[2]string][]token{}
	}
	key := [2]string{lang, text}
	if tokens, ok := l.texts[key]; ok {
		return tokens
	}
	known := l.words[lang]
	if known == nil {
		known = map[string]token{}
		l.words[lang] = known
	}
	words := thesaurus.Words(text)
	tokens := make([]token, len(words))
	for i, w := range words {
		t, ok := known[w.Text]
		if !ok {
			word := strings.Clone(w.Text)
			t = token{exact: word, stem: languages()[lang].stem(word), parts: splitters()[lang].parts(word)}
			known[word] = t
		}
		t.start, t.end = w.Start, w.End
		tokens[i] = t
	}
	l.texts[key] = tokens
	return tokens
}

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
	addKeys(keys, tokens)
	for i := 1; i < len(tokens); i++ {
		keys[tokens[i-1].exact+" "+tokens[i].exact] = true
	}
}

func addKeys(keys map[string]bool, tokens []token) {
	for _, t := range tokens {
		if keys[t.exact] = true; t.stem != "" {
			keys[stemKey+t.stem] = true
		}
		for _, part := range t.parts {
			keys[stemKey+part] = true
		}
	}
}

// A Prepared change is one of which several queries are asked. Its words are
// found once. Not safe for concurrent use.
type Prepared struct{ old, new prepared }

// prepared is one side of a change.
type prepared struct {
	readings []*reading
	lang     string
	keys     map[string]bool // of all passages; nil until they are asked for
}

// Prepare makes a change ready for [Matcher.About]; l may be nil.
func Prepare(c *PageChange, l *Lexicon) *Prepared {
	p := &Prepared{}
	p.old.readings, p.new.readings = c.readings(c.Old, true, l), c.readings(c.New, false, l)
	if c.Old != nil {
		p.old.lang = c.Old.Lang
	}
	if c.New != nil {
		p.new.lang = c.New.Lang
	}
	same(p.old.readings, p.new.readings)
	return p
}

// About is [Matcher.Change] of a change that was made ready.
func (m *Matcher) About(p *Prepared) bool {
	if m.query == nil && !m.asked.changes {
		return true
	}
	old, new := &view{m: m, readings: p.old.readings}, &view{m: m, readings: p.new.readings}
	if m.asked.changes {
		new.before = old
		return new.answers()
	}
	return p.new.could(m.query) && new.answers() || p.old.could(m.query) && old.answers()
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

func (p *prepared) has(key string) bool {
	if p.keys == nil {
		p.keys = map[string]bool{}
		for _, r := range p.readings {
			tokens, _ := r.in("")
			addKeys(p.keys, tokens)
		}
	}
	return p.keys[key]
}

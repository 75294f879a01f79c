package index

import (
	"slices"
	"strings"

	"veille/archive"
	"veille/thesaurus"
)

// A Lexicon remembers the words that were met, and of one change the words of its texts
// and which words its pages have: for asking many queries of many changes. Its zero value
// is ready. Not safe for concurrent use.
type Lexicon struct {
	words    map[string]map[string]token // by language and word
	texts    map[[2]string][]token       // by language and text
	stamps   map[string]*stamp           // by key
	old, new *archive.Version            // whose words bear the stamp turn
	turn     int
}

// A met is what a Lexicon knows of a word.
type met struct{ stamps []*stamp }

// A stamp says which was the last page that has a key, before and after its change.
type stamp struct{ old, new int }

// Forget lets go of the texts: another change is looked at.
func (l *Lexicon) Forget() {
	clear(l.texts)
	l.old, l.new = nil, nil
}

func (l *Lexicon) begin() {
	if l.texts == nil {
		l.words, l.texts, l.stamps = map[string]map[string]token{}, map[[2]string][]token{}, map[string]*stamp{}
	}
}

// analyse is [analyse], each text and each word once.
func (l *Lexicon) analyse(lang, text string) []token {
	if l == nil {
		return analyse(lang, text)
	}
	l.begin()
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
			t = token{exact: word, stem: languages()[lang].stem(word), parts: splitters()[lang].parts(word), met: &met{}}
			t.keys(func(key string) { t.met.stamps = append(t.met.stamps, l.stamp(key)) })
			known[word] = t
		}
		t.start, t.end = w.Start, w.End
		tokens[i] = t
	}
	l.texts[key] = tokens
	return tokens
}

// stamp is that of a key.
func (l *Lexicon) stamp(key string) *stamp {
	m := l.stamps[key]
	if m == nil {
		m = &stamp{}
		l.stamps[key] = m
	}
	return m
}

// Read notes the words of a page before and after a change; either may be nil.
// It is quick for wordings that were read last.
func (l *Lexicon) Read(old, new *archive.Version) {
	if l.turn > 0 && l.old == old && l.new == new {
		return
	}
	l.turn++
	l.old, l.new = old, new
	l.each(old, func(m *stamp) { m.old = l.turn })
	l.each(new, func(m *stamp) { m.new = l.turn })
}

// each calls set for the stamps of a wording's words, and of its title's.
func (l *Lexicon) each(v *archive.Version, set func(*stamp)) {
	if v == nil || v.Gone {
		return
	}
	words := func(text string) {
		for _, t := range l.analyse(v.Lang, text) {
			for _, m := range t.met.stamps {
				set(m)
			}
		}
	}
	words(v.Title)
	for i := range v.Blocks {
		words(v.Blocks[i].Text)
	}
}

// A KeySet is some keys made ready for asking pages for them; see [Lexicon.HasOne].
// It belongs to the Lexicon that made it.
type KeySet []*stamp

// KeySet makes keys ready.
func (l *Lexicon) KeySet(keys []string) KeySet {
	l.begin()
	set := make(KeySet, len(keys))
	for i, key := range keys {
		set[i] = l.stamp(key)
	}
	return set
}

// HasOne reports whether the page that was read has one of some keys, before or
// after its change; see [Matcher.Needs].
func (l *Lexicon) HasOne(keys KeySet) bool {
	return slices.ContainsFunc(keys, func(m *stamp) bool { return l.turn > 0 && (m.old == l.turn || m.new == l.turn) })
}

// has reports whether the page that was read has a key before its change (old) or after it.
func (l *Lexicon) has(key string, old bool) bool {
	m := l.stamps[key]
	switch {
	case m == nil:
		return false
	case old:
		return m.old == l.turn
	}
	return m.new == l.turn
}

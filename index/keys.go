package index

import "slices"

// Keys are what a text in a language must have one of for [Matcher.Touches] to
// be true of it: each is one of what [Text.AddKeys] gives for such a text. With
// every the query can be about any text, and has no keys. So of many queries
// those are found that have to be asked of a text, without asking each.
func (m *Matcher) Keys(lang string) (keys []string, every bool) {
	if m.query.free() {
		return nil, true
	}
	wordless := true
	var look func(n *node)
	look = func(n *node) {
		switch {
		case n == nil || n.op == opNot:
			return
		case n.op == opCite:
			every = true
			return
		case len(n.kids) > 0:
			for _, k := range n.kids {
				look(k)
			}
			return
		case n.filters() || n.common():
			return
		}
		wordless = false
		switch n.op {
		case opWord:
			keys = append(keys, n.wordKeys(lang)...)
		case opPhrase:
			keys = append(keys, opening(n.words))
		case opNear:
			keys = append(keys, n.words[0])
		case opNames:
			for _, words := range n.names {
				keys = append(keys, opening(words))
			}
		default: // beginnings and likenesses are not looked up
			every = true
		}
	}
	look(m.query)
	if every = every || wordless; every {
		return nil, true
	}
	return keys, false
}

// Needs are lists of keys. A page in a language must have one of each list, before a
// change or after it, for [Matcher.About] to be true of it; see [Lexicon.HasOne]. None
// of a query that is not a conjunction, or asks for what was put in or taken out.
func (m *Matcher) Needs(lang string) (lists [][]string) {
	if m.query == nil || m.query.op != opAnd || m.asked.changes {
		return nil
	}
	for _, k := range m.query.kids {
		if keys := k.needs(lang); len(keys) > 0 {
			lists = append(lists, keys)
		}
	}
	return lists
}

// needs are keys of which a page must have one for a node to be true of it; none
// where that cannot be said.
func (n *node) needs(lang string) (keys []string) {
	switch {
	case n.op == opAnd:
		for _, k := range n.kids {
			if some := k.needs(lang); len(some) > 0 && (keys == nil || len(some) < len(keys)) {
				keys = some
			}
		}
		return keys
	case n.op == opOr:
		for _, k := range n.kids {
			some := k.needs(lang)
			if len(some) == 0 {
				return nil
			}
			keys = append(keys, some...)
		}
		return keys
	case n.filters() || n.common() || n.change != stands:
		return nil
	}
	switch n.op {
	case opWord:
		return n.wordKeys(lang)
	case opPhrase, opNear:
		return []string{likelyRarest(n.words)}
	case opNames:
		for _, words := range n.names {
			keys = append(keys, likelyRarest(words))
		}
	}
	return keys
}

// wordKeys are those by which a word is found in a language.
func (n *node) wordKeys(lang string) []string {
	keys := []string{n.words[0]}
	f := n.formsIn(lang)
	if f.key != "" {
		keys = append(keys, f.key)
	}
	if len(f.parts) > 0 { // side by side
		keys = append(keys, stemKey+f.parts[0])
	}
	return keys
}

// likelyRarest is the longest of some words.
func likelyRarest(words []string) string {
	return slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) })
}

// stemKey tells a stem from a word.
const stemKey = "~"

// opening is the key of words in a row: the first two, which are rarer together.
func opening(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return words[0] + " " + words[1]
}

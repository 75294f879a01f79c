package index

// Keys are what a text in a language must have one of for [Matcher.Touches] to
// be true of it: each is one of what [Text.AddKeys] gives for such a text. With
// every the query can be about any text, and has no keys. So of many queries
// those are found that have to be asked of a text, without asking each.
func (m *Matcher) Keys(lang string) (keys []string, every bool) {
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
			keys = append(keys, n.words[0])
			f := n.formsIn(lang)
			if f.key != "" {
				keys = append(keys, f.key)
			}
			if len(f.parts) > 0 { // side by side
				keys = append(keys, stemKey+f.parts[0])
			}
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

// stemKey tells a stem from a word.
const stemKey = "~"

// opening is the key of words in a row: the first two, which are rarer together.
func opening(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return words[0] + " " + words[1]
}

package diff

// find returns the phrases of the vocabulary in a text, in order; low holds
// the folded tokens. A token belongs to one finding at most.
func (v *vocabulary) find(low []string) []finding {
	var out []finding
	taken := make([]bool, len(low))
	for i := range low {
		if taken[i] {
			continue
		}
		f, ok := v.at(low, i, taken)
		if !ok {
			continue
		}
		out = append(out, f)
		taken[f.first] = true
		taken[f.last] = true
		if !f.gap {
			for k := f.first; k <= f.last; k++ {
				taken[k] = true
			}
		}
	}
	return out
}

// at returns the best phrase that begins at token i: the one with the most
// words, then the one that ends first.
func (v *vocabulary) at(low []string, i int, taken []bool) (finding, bool) {
	var best finding
	words := 0
	for _, p := range v.byFirst[low[i]] {
		if len(p.words) < words {
			break
		}
		last, ok := p.match(low, i, taken)
		if ok && (words == 0 || last < best.last) {
			best = finding{class: p.class, first: i, last: last, gap: last-i+1 > len(p.words), weak: p.weak}
			words = len(p.words)
		}
	}
	return best, words > 0
}

// match returns the last token of the phrase if it begins at token i.
func (p *phrase) match(low []string, i int, taken []bool) (last int, ok bool) {
	head := p.words
	if p.gap > 0 {
		head = p.words[:p.gap]
	}
	if !hasWords(low, i, head, taken) {
		return 0, false
	}
	if p.gap == 0 {
		return i + len(head) - 1, true
	}
	rest := p.words[p.gap:]
	for k, n := i+len(head), 0; k < len(low) && n <= maxGap; k, n = k+1, n+1 {
		if hasWords(low, k, rest, taken) {
			return k + len(rest) - 1, true
		}
		if clauseEnd(low[k]) {
			return 0, false
		}
	}
	return 0, false
}

// hasWords reports whether the words stand at token i, none of them taken.
func hasWords(low []string, i int, words []string, taken []bool) bool {
	if i+len(words) > len(low) {
		return false
	}
	for k, w := range words {
		if low[i+k] != w || taken != nil && taken[i+k] {
			return false
		}
	}
	return true
}

// startsAt returns the phrase at token i, if there is one.
func (v *vocabulary) startsAt(low []string, i int) (finding, bool) {
	if i < 0 || i >= len(low) {
		return finding{}, false
	}
	return v.at(low, i, nil)
}

// any reports whether a phrase of the vocabulary stands in the text.
func (v *vocabulary) any(low []string) bool {
	for i := range low {
		if _, ok := v.at(low, i, nil); ok {
			return true
		}
	}
	return false
}

// clauseEnd reports whether a token ends a clause, which no phrase crosses.
func clauseEnd(low string) bool {
	switch low {
	case ",", ";", ":", ".", "(", ")", "!", "?":
		return true
	}
	return false
}

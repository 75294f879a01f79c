package diff

import (
	"slices"
	"strings"
)

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
		for _, k := range f.at {
			taken[k] = true
		}
	}
	return out
}

// at returns the best phrase that begins at token i: the one with the most
// words, then the one that ends first.
func (v *vocabulary) at(low []string, i int, taken []bool) (finding, bool) {
	var best *phrase
	end := 0
	ps := v.byFirst[low[i]]
	for k := range ps {
		if best != nil && len(ps[k].words) < len(best.words) {
			break
		}
		if last, ok := ps[k].match(low, i, taken); ok && (best == nil || last < end) {
			best, end = &ps[k], last
		}
	}
	if best == nil {
		return finding{}, false
	}
	f := finding{class: best.class, first: i, last: end, weak: best.weak, at: make([]int, len(best.words))}
	for k := range best.words {
		f.at[k] = i + k
		if best.gap > 0 && k >= best.gap {
			f.at[k] = end - len(best.words) + 1 + k
		}
	}
	return f, true
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
		if low[i+k] != w && !(w == zuInfinitive && isZuInfinitive(low[i+k])) || taken != nil && taken[i+k] {
			return false
		}
	}
	return true
}

// zuInfinitive stands in a phrase for any German infinitive that has "zu"
// between its prefix and its stem: "zuzustellen", "mitzuteilen".
const zuInfinitive = "~zu~"

// separable are the prefixes of such verbs, folded.
var separable = []string{"ab", "an", "auf", "aus", "bei", "bekannt", "bereit", "dar", "durch", "ein", "entgegen", "fern", "fest", "fort", "frei", "her", "heraus", "hin",
	"hinzu", "klar", "los", "mit", "nach", "nieder", "offen", "sicher", "statt", "teil", "uber", "um", "unter", "vor", "vorweg", "weg", "weiter", "wieder", "zu", "zuruck", "zusammen"}

func isZuInfinitive(low string) bool {
	if !strings.HasSuffix(low, "n") || !strings.Contains(low, "zu") {
		return false
	}
	return slices.ContainsFunc(separable, func(p string) bool {
		stem, ok := strings.CutPrefix(low, p+"zu")
		return ok && len(stem) >= 4
	})
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

// endsAt reports whether a phrase of up to four tokens, from token lo on, ends
// before token i.
func (v *vocabulary) endsAt(low []string, lo, i int) bool {
	for k := max(lo, i-4); k < i; k++ {
		if f, ok := v.startsAt(low, k); ok && f.last == i-1 {
			return true
		}
	}
	return false
}

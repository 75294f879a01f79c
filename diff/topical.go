package diff

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Scope, authority, remedy, force and definitions are told by what a sentence
// speaks of: markers of a class that gave way to those of another, or came or
// went by themselves. As with modality, what comes in a long clause of its own
// says nothing about the sentence it was added to.

// exchanged tells of the markers of a vocabulary that differ between the two
// sides; weak ones only where they stand in the place of another, and one that
// came or went only in a hunk of no more than reach tokens.
func (c *comparison) exchanged(s area, code string, v *vocabulary, reach int) []signal {
	var out []signal
	for _, p := range c.markers(s, v) {
		switch {
		case p.was == nil || p.is == nil:
			f, newer := p.was, false
			if f == nil {
				f, newer = p.is, true
			}
			h := c.hunkNear(s, f, newer)
			if h < 0 || f.weak || s.hunks[h].extent() > reach || reach == smallHunk && c.conditional(s.hunks[h]) {
				continue
			}
			out = append(out, c.lone(code, p, s.hunks[h]))
		case p.was.class != p.is.class && c.touched(s, p):
			out = append(out, c.reworded(code, p))
		}
	}
	return out
}

// lone is the signal of a marker without a counterpart: where other words stood
// in its place, those are the other half.
func (c *comparison) lone(code string, p markerPair, h hunk) signal {
	was, is := markerText(p.was, c.a), markerText(p.is, c.b)
	if wordCount(c.a[h.a0:h.a1]) > 0 && wordCount(c.b[h.b0:h.b1]) > 0 {
		was, is = trimmed(c.a[h.a0:h.a1]), trimmed(c.b[h.b0:h.b1])
		return newSignal(code, was, is, was, is)
	}
	return newSignal(code, was, is, trimmed(c.a[h.a0:h.a1]), trimmed(c.b[h.b0:h.b1]))
}

// conditional reports whether a hunk holds an exception or condition: whom and
// what that names is told as the exception.
func (c *comparison) conditional(h hunk) bool {
	return c.r.exception.any(c.lowA[h.a0:h.a1]) || c.r.exception.any(c.lowB[h.b0:h.b1])
}

// touched reports whether a marker or its counterpart lies in a hunk, at least
// in part.
func (c *comparison) touched(s area, p markerPair) bool {
	return slices.ContainsFunc(p.was.at, func(i int) bool { return c.toB[i] < 0 }) ||
		slices.ContainsFunc(p.is.at, func(j int) bool { return c.fromA[j] < 0 })
}

// force tells whether a rule came into force, was suspended or repealed.
// A marker of no weight, such as "applies", counts only where it gave way to
// one of another class.
func (c *comparison) force(s area) []signal { return c.exchanged(s, senseForce, c.r.force, largeReach) }

// largeReach is for markers that say much wherever they stand.
const largeReach = 20

// inForce reports whether a negation is part of a phrase that says whether a
// rule holds, as in "not yet in force".
func (c *comparison) inForce(s area, f *finding, newer bool) bool {
	low, lo, hi := c.lowA, s.a0, s.a1
	if newer {
		low, lo, hi = c.lowB, s.b0, s.b1
	}
	for _, g := range c.r.force.find(low[lo:hi]) {
		for _, i := range g.at {
			if !g.weak && slices.Contains(f.at, i+lo) {
				return true
			}
		}
	}
	return false
}

// remedy tells of remedies that came, went or gave way to others; and of any
// change to a sentence that speaks of suspensive effect.
func (c *comparison) remedy(s area) []signal {
	out := c.exchanged(s, senseRemedy, c.r.remedy, 2*smallHunk)
	if len(out) > 0 || !c.r.centralRemedy.any(c.lowA[s.a0:s.a1]) || !c.r.centralRemedy.any(c.lowB[s.b0:s.b1]) {
		return out
	}
	if h, ok := c.widest(s); ok {
		was, is := around(c.a, h.a0, h.a1, s.a0, s.a1), around(c.b, h.b0, h.b1, s.b0, s.b1)
		out = append(out, newSignal(senseRemedy, was, is, was, is))
	}
	return out
}

// definition tells of a change to a sentence that says what a word means.
func (c *comparison) definition(s area) []signal {
	if !defines(c.r, c.a[s.a0:s.a1], c.lowA[s.a0:s.a1]) || !defines(c.r, c.b[s.b0:s.b1], c.lowB[s.b0:s.b1]) {
		return nil
	}
	h, ok := c.widest(s)
	if !ok {
		return nil
	}
	was, is := around(c.a, h.a0, h.a1, s.a0, s.a1), around(c.b, h.b0, h.b1, s.b0, s.b1)
	return []signal{newSignal(senseDefinition, was, is, was, is)}
}

// defines reports whether a sentence says what a word means: it has one of the
// phrases that do, and near it a word in quotes, or it begins with the phrase
// or the word that is explained.
func defines(r *rules, toks []token, low []string) bool {
	for _, f := range r.definition.find(low) {
		switch f.class {
		case yes:
			if f.first <= 6 || quoted(toks) {
				return true
			}
		case inQuotes:
			if quoted(toks) {
				return true
			}
		}
	}
	return false
}

// quoted reports whether a word stands in quotes.
func quoted(toks []token) bool {
	n := 0
	for i := range toks {
		if k := toks[i].key; toks[i].kind == mark && strings.Contains(k, `"`) {
			n++
		}
	}
	return n >= 2
}

// widest is the largest hunk of an area in which words differ that are no slip.
func (c *comparison) widest(s area) (hunk, bool) {
	var best hunk
	found := false
	for _, h := range s.hunks {
		a, b := c.a[h.a0:h.a1], c.b[h.b0:h.b1]
		if wordCount(a)+wordCount(b) == 0 || slip(a, b) || c.sameFigure(h) {
			continue
		}
		if !found || h.extent() > best.extent() {
			best, found = h, true
		}
	}
	return best, found
}

// terms tells of a chosen word that gave way to another: two of one class of
// the rules, or two names of the thesaurus, in the same place.
func (c *comparison) terms(s area) []signal {
	var out []signal
	for _, h := range s.hunks {
		if h.a0 == h.a1 || h.b0 == h.b1 || h.extent() > termHunk {
			continue
		}
		was := c.termsIn(c.a, c.lowA, h.a0, h.a1, s.a0, s.a1)
		is := c.termsIn(c.b, c.lowB, h.b0, h.b1, s.b0, s.b1)
		for _, x := range was {
			if k := slices.IndexFunc(is, func(y term) bool { return x.class == y.class && !sameStem(x.text, y.text) }); k >= 0 {
				if slices.ContainsFunc(is, func(y term) bool { return sameStem(x.text, y.text) }) {
					continue
				}
				out = append(out, newSignal(senseTerm, x.text, is[k].text, x.text, is[k].text))
				break
			}
		}
	}
	return out
}

// termHunk is how many tokens an exchange of terms may have.
const termHunk = 10

// A term is a chosen word in a text. Terms of one class can stand in each
// other's place.
type term struct {
	class, text string
}

// termsIn finds the terms that lie at least partly in the tokens from..to of a
// sentence lo..hi: those of the rules, and names of the thesaurus.
func (c *comparison) termsIn(toks []token, low []string, from, to, lo, hi int) []term {
	var out []term
	for _, f := range c.r.terms.find(low[lo:hi]) {
		if f.first+lo < to && f.last+lo >= from {
			class, _, _ := strings.Cut(f.class, ":")
			out = append(out, term{class, excerpt(toks[f.first+lo : f.last+lo+1])})
		}
	}
	for _, t := range concepts(c.r.lang, toks[lo:hi], from-lo, to-lo) {
		if !c.r.authority.any(lows(tokenise(t.text))) { // a body is told as authority
			out = append(out, t)
		}
	}
	return out
}

// sameStem reports whether two words are forms of one: they begin alike for
// all but the ending, or one holds the other.
func sameStem(a, b string) bool {
	x, y := []rune(plain(a)), []rune(plain(b))
	if len(x) > len(y) {
		x, y = y, x
	}
	if strings.HasPrefix(string(y), string(x)) {
		return utf8.RuneCountInString(string(y))-len(x) <= 4
	}
	n := 0
	for n < len(x) && x[n] == y[n] {
		n++
	}
	return n >= 4 && len(x)-n <= 3 && len(y)-n <= 3
}

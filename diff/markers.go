package diff

import (
	"slices"
	"strings"
)

// Modality, negation and exceptions are told by marker words. A marker of the
// old sentence is held against the one that stands in its place in the new
// sentence; what has no counterpart was added or dropped.

// smallHunk is how many tokens an addition may have for a marker in it to say
// something about the sentence rather than about a clause of its own.
const smallHunk = 6

// A markerPair is a marker of the old text and its counterpart; one of the
// two is nil if it has none.
type markerPair struct{ was, is *finding }

// markers looks a vocabulary up in both sides of an area and pairs what it finds.
func (c *comparison) markers(s area, v *vocabulary) []markerPair {
	was := c.located(v.find(c.lowA[s.a0:s.a1]), s.a0, c.a)
	is := c.located(v.find(c.lowB[s.b0:s.b1]), s.b0, c.b)
	var pairs []markerPair
	match := func(same func(x, y *finding) bool) {
		for i, x := range was {
			for j, y := range is {
				if x != nil && y != nil && same(x, y) {
					pairs = append(pairs, markerPair{x, y})
					was[i], is[j] = nil, nil
					break
				}
			}
		}
	}
	match(func(x, y *finding) bool {
		return slices.ContainsFunc(x.at, func(i int) bool { return slices.Contains(y.at, c.toB[i]) })
	})
	match(func(x, y *finding) bool {
		return c.toB[x.first] < 0 && c.fromA[y.first] < 0 && hunkOf(s.hunks, x.first, false) == hunkOf(s.hunks, y.first, true)
	})
	match(func(x, y *finding) bool { return x.class == y.class })
	for _, x := range was {
		if x != nil {
			pairs = append(pairs, markerPair{was: x})
		}
	}
	for _, y := range is {
		if y != nil {
			pairs = append(pairs, markerPair{is: y})
		}
	}
	return pairs
}

// located moves findings to their place in the text and leaves out what is no
// marker: phrases to be ignored, and the month of May.
func (c *comparison) located(fs []finding, offset int, toks []token) []*finding {
	var out []*finding
	for _, f := range fs {
		f.first, f.last = f.first+offset, f.last+offset
		for k := range f.at {
			f.at[k] += offset
		}
		if f.class == ignored || toks[f.first].text == "May" && (numeric(toks, f.first-1) || numeric(toks, f.first+1)) {
			continue
		}
		out = append(out, &f)
	}
	return out
}

func numeric(toks []token, i int) bool {
	return i >= 0 && i < len(toks) && hasDigit(toks[i].text)
}

// hunkOf returns the number of the hunk that holds a token of the old or the
// new text, -1 if none does.
func hunkOf(hunks []hunk, i int, newer bool) int {
	for k, h := range hunks {
		if !newer && h.a0 <= i && i < h.a1 || newer && h.b0 <= i && i < h.b1 {
			return k
		}
	}
	return -1
}

// markerText is a marker as it stands in the text.
func markerText(f *finding, toks []token) string {
	if f == nil {
		return ""
	}
	var b strings.Builder
	for k, i := range f.at {
		switch {
		case k > 0 && f.at[k-1] != i-1:
			b.WriteString(" … ")
		case k > 0:
			b.WriteString(toks[i-1].space)
		}
		b.WriteString(toks[i].text)
	}
	return b.String()
}

// modality compares duties, powers, prohibitions and recommendations.
func (c *comparison) modality(s area) []signal {
	var out []signal
	var was, is []*finding
	for _, p := range c.markers(s, c.r.modality) {
		switch {
		case p.is == nil:
			was = append(was, p.was)
		case p.was == nil:
			is = append(is, p.is)
		case p.was.class != p.is.class:
			out = append(out, c.reworded(senseModality, p))
		}
	}
	if len(was) == 1 && len(is) == 1 {
		return append(out, c.reworded(senseModality, markerPair{was[0], is[0]}))
	}
	for _, f := range was {
		if h := hunkOf(s.hunks, f.first, false); !f.weak && h >= 0 && s.hunks[h].extent() <= smallHunk {
			out = append(out, c.reworded(senseModality, markerPair{was: f}))
		}
	}
	for _, f := range is {
		if h := hunkOf(s.hunks, f.first, true); !f.weak && h >= 0 && s.hunks[h].extent() <= smallHunk {
			out = append(out, c.reworded(senseModality, markerPair{is: f}))
		}
	}
	return out
}

// reworded is the signal of a marker that gave way to another.
func (c *comparison) reworded(code string, p markerPair) signal {
	was, is := markerText(p.was, c.a), markerText(p.is, c.b)
	return newSignal(code, was, is, was, is)
}

// negation tells of a negation that came or went, but not of one that came
// with a clause of its own, nor where a sentence gave way to one on another
// subject or the text is cut off.
func (c *comparison) negation(s area) []signal {
	var out []signal
	if c.replaced(s) {
		return nil
	}
	for _, p := range c.markers(s, c.r.negation) {
		var h int
		switch {
		case p.was != nil && c.inForce(s, p.was, false), p.is != nil && c.inForce(s, p.is, true):
			continue
		case p.is == nil:
			h = c.hunkNear(s, p.was, false)
		case p.was == nil:
			h = c.hunkNear(s, p.is, true)
		default:
			continue
		}
		if h < 0 {
			continue
		}
		x := s.hunks[h]
		if ownClause(x, p.was == nil) || c.cutOff(x) {
			continue
		}
		out = append(out, newSignal(senseNegation, markerText(p.was, c.a), markerText(p.is, c.b),
			around(c.a, x.a0, x.a1, s.a0, s.a1), around(c.b, x.b0, x.b1, s.b0, s.b1)))
	}
	return out
}

// ownClause reports whether the side of a hunk that has the negation is a clause of
// its own: the other side is empty, or a few words beside it, or as much was
// rewritten on both.
func ownClause(h hunk, newer bool) bool {
	with, without := h.a1-h.a0, h.b1-h.b0
	if newer {
		with, without = without, with
	}
	return with > smallHunk && with >= 3*without || min(with, without) > 2*smallHunk
}

// replaced reports whether the sentences of an area have next to nothing in common
// with those they became: what they say was replaced.
func (c *comparison) replaced(s area) bool {
	kept := 0
	for i := s.a0; i < s.a1; i++ {
		if t := &c.a[i]; c.toB[i] >= 0 && t.kind != mark && (t.kind != word || len(t.text) > 3) {
			kept++
		}
	}
	return min(wordCount(c.a[s.a0:s.a1]), wordCount(c.b[s.b0:s.b1])) > smallHunk && kept < 2
}

// cutOff reports whether what came or went by a hunk is the end of a text of which
// the other version breaks off amid a sentence: the page was served in part.
func (c *comparison) cutOff(h hunk) bool {
	short, whole := c.a, c.b
	switch {
	case h.a0 == h.a1 && h.a1 == len(c.a) && h.b1 == len(c.b):
	case h.b0 == h.b1 && h.a1 == len(c.a) && h.b1 == len(c.b):
		short, whole = whole, short
	default:
		return false
	}
	ends := func(toks []token) bool {
		return strings.ContainsAny(toks[len(toks)-1].text, ".!?;:…)\"”»")
	}
	return len(short) > 2*smallHunk && !ends(short) && ends(whole)
}

// hunkNear is the hunk that holds the first or the last token of a marker.
func (c *comparison) hunkNear(s area, f *finding, newer bool) int {
	if h := hunkOf(s.hunks, f.first, newer); h >= 0 {
		return h
	}
	return hunkOf(s.hunks, f.last, newer)
}

// around is the text of the tokens from..to with a word on each side, within
// the bounds of the sentence.
func around(toks []token, from, to, lo, hi int) string {
	from, to = max(from-1, lo), min(to+1, hi)
	if s := trimmed(toks[from:to]); s != "" {
		return s
	}
	return shorten(excerpt(toks[from:to]))
}

// exception tells of a condition or exception that came or went, with the
// words that follow it.
func (c *comparison) exception(s area) []signal {
	var out []signal
	for _, p := range c.markers(s, c.r.exception) {
		switch {
		case p.is == nil:
			out = append(out, newSignal(senseException, markerText(p.was, c.a), "", clause(c.a, p.was, s.a1), ""))
		case p.was == nil:
			out = append(out, newSignal(senseException, "", markerText(p.is, c.b), "", clause(c.b, p.is, s.b1)))
		}
	}
	return out
}

// clause is a marker with up to eight tokens of the clause that it opens.
func clause(toks []token, f *finding, end int) string {
	to := f.last + 1
	for to < end && to <= f.last+maxGap && !clauseEnd(toks[to].text) {
		to++
	}
	return shorten(excerpt(toks[f.first:to]))
}

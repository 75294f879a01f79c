package diff

import (
	"strings"
	"unicode"
)

// quantities compares the figures of an area: those that are the same and in
// the same order are left aside, the others held against each other.
func (c *comparison) quantities(s area) []signal {
	was := c.r.scan(c.a, c.lowA, s.a0, s.a1)
	is := c.r.scan(c.b, c.lowB, s.b0, s.b1)
	if c.sidewise(s, was, is) { // "eight years or … six years" became "six years or … four years"
		var out []signal
		for i := range was {
			if was[i].id() != is[i].id() {
				out = append(out, c.figure(s, &was[i], &is[i])...)
			}
		}
		return out
	}
	var in interner
	ids := func(qs []quantity) []int32 {
		out := make([]int32, len(qs))
		for i := range qs {
			out[i] = in.id(qs[i].id())
		}
		return out
	}
	a, b := ids(was), ids(is)
	var out []signal
	i, j := 0, 0
	for _, m := range append(matchSequences(a, b, in.size()), match{len(a), len(b), 0}) {
		out = append(out, c.figures(s, was[i:m.a], is[j:m.b])...)
		i, j = m.a+m.n, m.b+m.n
	}
	return c.bothCitations(s, out, was, is)
}

// bothCitations adds to the citations that went from a sentence the first of those
// that came with a clause of its own, and the other way round: half of an exchange
// would mislead.
func (c *comparison) bothCitations(s area, out []signal, was, is []quantity) []signal {
	went, came := false, false
	for _, g := range out {
		if g.Code == senseXref {
			went = went || g.Before != ""
			came = came || g.After != ""
		}
	}
	switch {
	case went && !came:
		for j := range is {
			if y := &is[j]; y.kind == cited && c.fromA[y.first] < 0 && c.inClause(s, nil, y) {
				text := c.r.citedText(y, c.b, c.lowB, hunkStart(s.hunks, y, true))
				return append(out, newSignal(senseXref, "", text, "", text))
			}
		}
	case came && !went:
		for i := range was {
			if x := &was[i]; x.kind == cited && c.toB[x.first] < 0 && c.inClause(s, x, nil) {
				text := c.r.citedText(x, c.a, c.lowA, hunkStart(s.hunks, x, false))
				return append(out, newSignal(senseXref, text, "", text, ""))
			}
		}
	}
	return out
}

// sidewise reports whether each figure of the one side stands where that of the
// other does: there are as many, of the same kinds, and those that differ lie in
// one hunk each.
func (c *comparison) sidewise(s area, was, is []quantity) bool {
	if len(was) != len(is) {
		return false
	}
	for i := range was {
		x, y := &was[i], &is[i]
		if !alike(x, y) {
			return false
		}
		if h := hunkOf(s.hunks, x.first, false); x.id() != y.id() && (h < 0 || h != hunkOf(s.hunks, y.first, true)) {
			return false
		}
	}
	return true
}

// figures compares the quantities of a stretch in which none are the same.
func (c *comparison) figures(s area, was, is []quantity) []signal {
	var out []signal
	used := make([]bool, len(is))
	for i, j := range pairs(was, is) {
		if j < 0 {
			out = append(out, c.figure(s, &was[i], nil)...)
			continue
		}
		used[j] = true
		out = append(out, c.figure(s, &was[i], &is[j])...)
	}
	for j := range is {
		if !used[j] {
			out = append(out, c.figure(s, nil, &is[j])...)
		}
	}
	return out
}

// figure is the signal of a quantity that became another one; x or y is nil
// if it came or went.
func (c *comparison) figure(s area, x, y *quantity) []signal {
	q := x
	if q == nil {
		q = y
	}
	was, is := quantityText(x, c.a), quantityText(y, c.b)
	if c.ofAddress(s, x, y) {
		was, is = wholeAddress(x, c.a, c.lowA, s.a0, s.a1), wholeAddress(y, c.b, c.lowB, s.b0, s.b1)
		g := newSignal(senseContact, was, is, was, is)
		if c.running(s) {
			g.weight = news
		}
		return []signal{g}
	}
	lone := x == nil || y == nil
	if lone {
		was, is = c.instead(s, x, y, was, is)
		if c.sameOrdinal(was, is) {
			return nil
		}
	}
	switch q.kind {
	case periods:
		return []signal{newSignal(senseDeadline, was, is, was, is)}
	case days:
		if q.class != hours && c.limited(s, x, y) {
			return []signal{newSignal(senseDeadline, was, is, was, is)}
		}
	case cited:
		if lone && c.inClause(s, x, y) {
			return nil // the clause that came or went is told, not each provision it cites
		}
		if was == quantityText(x, c.a) && is == quantityText(y, c.b) {
			a0, b0 := s.a0, s.b0
			if lone { // only what came or went with it
				a0, b0 = hunkStart(s.hunks, x, false), hunkStart(s.hunks, y, true)
			}
			was, is = c.r.citedText(x, c.a, c.lowA, a0), c.r.citedText(y, c.b, c.lowB, b0)
			if what, _, ok := strings.Cut(was, " "); ok && len(what) > 2 { // "article 9 → 10"
				is = strings.TrimPrefix(is, what+" ")
			}
		}
		return []signal{newSignal(senseXref, was, is, was, is)}
	case amounts:
		if (x == nil || x.ofFile(c.lowA)) && (y == nil || y.ofFile(c.lowB)) {
			return nil
		}
		if lone && q.unit == "" || !lone && x.unit+y.unit == "" && x.first == s.a0 && y.first == s.b0 && numberedText(c.a[s.a0:s.a1]) && numberedText(c.b[s.b0:s.b1]) {
			return nil
		}
		if !lone && x.unit != y.unit {
			was, is = c.figureText(x, c.a, c.lowA), c.figureText(y, c.b, c.lowB)
			if x.unit != "" && y.unit != "" {
				was, is = quantityText(x, c.a), quantityText(y, c.b)
			}
		}
		return []signal{newSignal(senseAmount, valueText(x), valueText(y), was, is)}
	}
	return nil
}

// hunkStart is the first token of the hunk in which a quantity came or went.
func hunkStart(hunks []hunk, q *quantity, newer bool) int {
	if q == nil {
		return 0
	}
	h := hunkOf(hunks, q.first, newer)
	switch {
	case h < 0:
		return q.first
	case newer:
		return hunks[h].b0
	}
	return hunks[h].a0
}

// sameOrdinal reports whether two words are one ordinal: "premier" and "1er".
func (c *comparison) sameOrdinal(a, b string) bool {
	n := c.r.ordinals[plain(a)]
	return n != 0 && n == c.r.ordinals[plain(b)]
}

// ofAddress reports whether figures are those of postal addresses.
func (c *comparison) ofAddress(s area, x, y *quantity) bool {
	if x != nil && (x.unit != "" || x.kind != amounts && x.kind != cited || !inAddress(c.a, c.lowA, x.first, s.a0, s.a1)) {
		return false
	}
	return y == nil || y.unit == "" && (y.kind == amounts || y.kind == cited) && inAddress(c.b, c.lowB, y.first, s.b0, s.b1)
}

// wholeAddress is the address that a figure is part of.
func wholeAddress(q *quantity, toks []token, low []string, lo, hi int) string {
	if q == nil {
		return ""
	}
	from, to := addressRun(toks, low, q.first, lo, hi)
	return trimmed(toks[from:to])
}

// numberedText reports whether a text begins with the number of a provision,
// such as "12.2 Survival" or "3. The site": a figure with points in it or behind
// it, and a capital after it.
func numberedText(toks []token) bool {
	if len(toks) < 2 {
		return false
	}
	k := 1
	if toks[k].text == "." || toks[k].text == ")" {
		k++
	} else if !strings.Contains(toks[0].text, ".") {
		return false
	}
	return unicode.IsUpper(firstRune(toks, k))
}

// inClause reports whether a figure came or went with a clause of its own.
func (c *comparison) inClause(s area, x, y *quantity) bool {
	h := -1
	if x != nil {
		h = hunkOf(s.hunks, x.first, false)
	} else {
		h = hunkOf(s.hunks, y.first, true)
	}
	return h >= 0 && s.hunks[h].extent() > 2*smallHunk
}

// instead fills in the words in whose place a figure came, or that came in its
// place: "the first paragraph" became "§ 1".
func (c *comparison) instead(s area, x, y *quantity, was, is string) (string, string) {
	var h int
	if x != nil {
		h = hunkOf(s.hunks, x.first, false)
	} else {
		h = hunkOf(s.hunks, y.first, true)
	}
	if h < 0 {
		return was, is
	}
	q := x
	if q == nil {
		q = y
	}
	a, b := c.a[s.hunks[h].a0:s.hunks[h].a1], c.b[s.hunks[h].b0:s.hunks[h].b1]
	if q.kind == cited && (x == nil && !c.r.says(a, c.lowA[s.hunks[h].a0:s.hunks[h].a1]) || y == nil && !c.r.says(b, c.lowB[s.hunks[h].b0:s.hunks[h].b1])) {
		return was, is // "de l'article" gave way to no citation
	}
	if replaced := wordCount(a) > 0 && wordCount(b) > 0; s.hunks[h].extent() > 2*smallHunk || !replaced && q.kind != cited || replaced && s.hunks[h].extent() > smallHunk {
		return was, is
	}
	return trimmed(a), trimmed(b)
}

// says reports whether words that a citation stands in the place of are more than
// small ones and the names of provisions; none at all pass. Those with a number are
// citations of their own.
func (r *rules) says(toks []token, low []string) bool {
	if wordCount(toks) == 0 {
		return true
	}
	for i := range toks {
		if hasDigit(toks[i].text) {
			return false
		}
	}
	for i := range toks {
		if toks[i].kind == word && len(low[i]) > 3 && r.references.byFirst[low[i]] == nil && !conjunctions[low[i]] {
			return true
		}
	}
	return false
}

// trimmed is the text of tokens without the marks around it.
func trimmed(toks []token) string {
	for len(toks) > 0 && toks[0].kind == mark {
		toks = toks[1:]
	}
	for len(toks) > 0 && toks[len(toks)-1].kind == mark {
		toks = toks[:len(toks)-1]
	}
	return shorten(excerpt(toks))
}

// limited reports whether a date has the force of a time limit: a word such
// as "until", "planned" or "enters into force" stands in its sentence; of a
// date that came or went, close before it.
func (c *comparison) limited(s area, x, y *quantity) bool {
	near := func(low []string, q *quantity, lo int) bool {
		return q != nil && c.r.limits.any(low[max(lo, q.first-4):q.first])
	}
	if x == nil || y == nil {
		return near(c.lowA, x, s.a0) || near(c.lowB, y, s.b0)
	}
	return c.r.limits.any(c.lowA[s.a0:s.a1]) && c.r.limits.any(c.lowB[s.b0:s.b1])
}

// quantityText is a quantity as it stands in the text, with its unit.
func quantityText(q *quantity, toks []token) string {
	if q == nil {
		return ""
	}
	return excerpt(toks[q.first : q.last+1])
}

// figureText is a quantity without the words of its unit.
func (c *comparison) figureText(q *quantity, toks []token, low []string) string {
	if _, end, ok := c.r.figure(toks, low, q.first); ok && len(q.values) == 1 {
		return excerpt(toks[q.first:end])
	}
	last := q.last
	for last > q.first && toks[last].kind == word {
		last--
	}
	return excerpt(toks[q.first : last+1])
}

// valueText is the value of a quantity, digits normalised.
func valueText(q *quantity) string {
	if q == nil {
		return ""
	}
	return strings.Join(q.values, ", ")
}

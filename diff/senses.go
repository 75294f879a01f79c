package diff

import (
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The codes of senses, as the contract lists them.
const (
	senseModality   = "modality"
	senseNegation   = "negation"
	senseDeadline   = "deadline"
	senseException  = "exception"
	senseAmount     = "amount"
	senseScope      = "scope"
	senseTerm       = "term"
	senseDefinition = "definition"
	senseXref       = "xref"
	senseForce      = "force"
	senseAuthority  = "authority"
	senseRemedy     = "remedy"
	senseOther      = "other"

	senseContact    = "contact"
	senseNav        = "nav"
	senseStamp      = "date-stamp"
	senseTypo       = "typo"
	senseWhitespace = "whitespace"
	senseMedia      = "media"

	senseAppear   = "appear"
	senseWithdraw = "withdraw"
	senseRestored = "restored"
	senseMoveURL  = "move-url"
)

// arrow stands between the two halves of an evidence, none for a half that
// is not there.
const (
	arrow = " → "
	none  = "—"
)

// A signal is a sense with its weight.
type signal struct {
	Sense
	weight int
}

// newSignal makes a signal whose evidence is the two pieces of text, with the
// weight that belongs to the code.
func newSignal(code, before, after, was, is string) signal {
	if was == "" {
		was = none
	}
	if is == "" {
		is = none
	}
	return signal{Sense{code, before, after, was + arrow + is}, weightOf[code]}
}

// A comparison is one changed block under examination.
type comparison struct {
	*wording
	r          *rules
	lowA, lowB []string // the tokens as they are looked up
	fromA      []int    // for each token of b, the token of a it corresponds to, or -1
}

// An area is a run of sentences of the old text and the run they became; one
// of the two is empty where sentences came or went.
type area struct {
	a0, a1, b0, b1 int // tokens
	hunks          []hunk
}

func newComparison(w *wording, r *rules) *comparison {
	c := &comparison{wording: w, r: r, lowA: lows(w.a), lowB: lows(w.b), fromA: unpaired(len(w.b))}
	for i, j := range w.toB {
		if j >= 0 {
			c.fromA[j] = i
		}
	}
	return c
}

// signals names the senses of a wording, strongest first, each once.
func signals(w *wording, r *rules) []signal {
	c := newComparison(w, r)
	var out []signal
	for _, s := range c.areas() {
		out = append(out, c.examine(s)...)
	}
	if len(out) == 0 {
		out = append(out, c.typographic()...)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].weight > out[j].weight })
	var unique []signal
	for _, s := range out {
		if !slices.ContainsFunc(unique, func(u signal) bool { return u.Sense == s.Sense }) {
			unique = append(unique, s)
		}
	}
	return unique
}

func lows(toks []token) []string {
	low := make([]string, len(toks))
	for i := range toks {
		low[i] = plain(toks[i].text)
	}
	return low
}

// examine names the senses of one area: housekeeping first, because what is
// a date-stamp must not be read as a deadline.
func (c *comparison) examine(s area) []signal {
	if code := c.housekeeping(s); code != "" {
		was, is := c.shortened(s)
		g := newSignal(code, was, is, was, is)
		if code == senseContact && (c.running(s) || s.a0 < s.a1 && s.b0 < s.b1 && postal(c.a[s.a0:s.a1], c.lowA[s.a0:s.a1])) {
			g.weight = news
		}
		return []signal{g}
	}
	if s.a0 == s.a1 || s.b0 == s.b1 { // sentences that came or went
		was, is := c.shortened(s)
		g := newSignal(senseOther, was, is, was, is)
		g.weight = passageWeight(wordCount(c.a[s.a0:s.a1]) + wordCount(c.b[s.b0:s.b1]))
		return []signal{g}
	}
	out := c.quantities(s)
	out = append(out, c.modality(s)...)
	out = append(out, c.negation(s)...)
	out = append(out, c.exception(s)...)
	out = append(out, c.force(s)...)
	out = append(out, c.remedy(s)...)
	out = append(out, c.exchanged(s, senseScope, c.r.scope, smallHunk)...)
	out = append(out, c.exchanged(s, senseAuthority, c.r.authority, smallHunk)...)
	out = append(out, c.terms(s)...)
	out = append(out, c.definition(s)...)
	if len(out) > 0 {
		return out
	}
	if out = c.unspecific(s); c.replaced(s) { // as much as a passage that came and one that went
		out[0].weight = max(out[0].weight, passageWeight(moveWords))
	}
	return out
}

// shortened are both sides of an area, as evidence shows them.
func (c *comparison) shortened(s area) (was, is string) {
	return shorten(excerpt(c.a[s.a0:s.a1])), shorten(excerpt(c.b[s.b0:s.b1]))
}

// areas cuts both texts into corresponding runs of sentences and returns
// those in which something differs.
func (c *comparison) areas() []area {
	sa, sb := sentences(c.a, c.r), sentences(c.b, c.r)
	var out []area
	s, t := 0, 0
	for _, g := range c.linkedSentences(sa, sb) {
		out = append(out, between(sa, sb, s, g.a0, t, g.b0)...)
		out = append(out, spanArea(sa, sb, g.a0, g.a1, g.b0, g.b1))
		s, t = g.a1, g.b1
	}
	out = append(out, between(sa, sb, s, len(sa)-1, t, len(sb)-1)...)
	kept := out[:0]
	for _, x := range out {
		if x.hunks = c.clip(x); len(x.hunks) > 0 {
			kept = append(kept, x)
		}
	}
	return kept
}

// between makes areas of the sentences s0..s1 and t0..t1, which have little
// in common: one on each side were reworded, more came and went.
func between(sa, sb []int, s0, s1, t0, t1 int) []area {
	if s1-s0 == 1 && t1-t0 == 1 {
		return []area{spanArea(sa, sb, s0, s1, t0, t1)}
	}
	var out []area
	for s := s0; s < s1; s++ {
		out = append(out, spanArea(sa, sb, s, s+1, t0, t0))
	}
	for t := t0; t < t1; t++ {
		out = append(out, spanArea(sa, sb, s1, s1, t, t+1))
	}
	return out
}

// spanArea turns sentences into tokens.
func spanArea(sa, sb []int, s0, s1, t0, t1 int) area {
	return area{a0: sa[s0], a1: sa[s1], b0: sb[t0], b1: sb[t1]}
}

// linkedSentences groups the sentences of both texts that share words: each
// hunk it returns holds sentence numbers.
func (c *comparison) linkedSentences(sa, sb []int) []hunk {
	contentA, contentB := contents(c.a, sa), contents(c.b, sb)
	var groups []hunk
	t := 0
	for s := 0; s+1 < len(sa); s++ {
		for i := sa[s]; i < sa[s+1]; {
			j := c.toB[i]
			if j < 0 {
				i++
				continue
			}
			for sb[t+1] <= j {
				t++
			}
			shared := 0
			for ; i < sa[s+1] && c.toB[i] < sb[t+1]; i++ {
				if c.toB[i] >= 0 && c.a[i].kind != mark {
					shared++
				}
			}
			least := min(contentA[s], contentB[t])
			if shared*5 < least*2 || shared == 0 && least > 0 {
				continue
			}
			if k := len(groups) - 1; k >= 0 && (s < groups[k].a1 || t < groups[k].b1) {
				groups[k].a1, groups[k].b1 = s+1, t+1
			} else {
				groups = append(groups, hunk{s, s + 1, t, t + 1})
			}
		}
	}
	return groups
}

// contents counts the tokens of each sentence that are not punctuation.
func contents(toks []token, bounds []int) []int {
	n := make([]int, len(bounds)-1)
	for s := range n {
		n[s] = wordCount(toks[bounds[s]:bounds[s+1]])
	}
	return n
}

func wordCount(toks []token) int {
	n := 0
	for i := range toks {
		if toks[i].kind != mark {
			n++
		}
	}
	return n
}

// clip returns the parts of the hunks that lie in an area.
func (c *comparison) clip(x area) []hunk {
	var out []hunk
	first := sort.Search(len(c.hunks), func(i int) bool { return c.hunks[i].a1 >= x.a0 && c.hunks[i].b1 >= x.b0 })
	for _, h := range c.hunks[first:] {
		if h.a0 > x.a1 || h.b0 > x.b1 {
			break
		}
		h = hunk{max(h.a0, x.a0), min(h.a1, x.a1), max(h.b0, x.b0), min(h.b1, x.b1)}
		h.a1, h.b1 = max(h.a0, h.a1), max(h.b0, h.b1)
		if h.extent() > 0 {
			out = append(out, h)
		}
	}
	return out
}

// sentences returns the token at which each sentence begins, and the end.
func sentences(toks []token, r *rules) []int {
	bounds := []int{0}
	for i := range toks {
		if i+1 < len(toks) && endsSentence(toks, i, r.abbreviations) {
			bounds = append(bounds, i+1)
		}
	}
	return append(bounds, len(toks))
}

// endsSentence reports whether a sentence ends with token i: a full stop,
// exclamation or question mark, perhaps in quotes, before a space and
// something that can begin a sentence; not after an abbreviation, an initial
// or a number that opens the text.
func endsSentence(toks []token, i int, abbreviations map[string]bool) bool {
	if toks[i].kind != mark || toks[i].text == "" {
		return false
	}
	if i+1 == len(toks) {
		return strings.ContainsAny(toks[i].text, ".!?…")
	}
	if toks[i].space == "" {
		return false
	}
	k := i
	for k > 0 && toks[k].kind == mark && strings.ContainsAny(toks[k].text, `"»”’')]`) && toks[k-1].space == "" {
		k--
	}
	if !strings.ContainsAny(toks[k].text, ".!?…") {
		return false
	}
	r, _ := utf8.DecodeRuneInString(toks[i+1].text)
	if !unicode.IsUpper(r) && !unicode.IsDigit(r) && !strings.ContainsRune(`"«“„(§[`, r) {
		return false
	}
	if toks[k].text != "." || k == 0 {
		return true
	}
	before := plain(toks[k-1].text)
	return !abbreviations[before] && utf8.RuneCountInString(before) > 1 && !(k == 1 && toks[0].kind != word)
}

// maxEvidence is the length in characters of a piece of evidence that is a
// passage rather than a word.
const maxEvidence = 90

// shorten cuts a text at a word boundary.
func shorten(s string) string {
	s = strings.Join(strings.Fields(opening(s)), " ")
	if utf8.RuneCountInString(s) <= maxEvidence {
		return s
	}
	rs := []rune(s)[:maxEvidence]
	if k := strings.LastIndexByte(string(rs), ' '); k > 0 {
		return string(rs)[:k] + " …"
	}
	return string(rs) + " …"
}

// opening is as much of a text as a piece of evidence can show, and a little more.
func opening(s string) string {
	n := 0 // characters, white space between words as one
	space := false
	for i, r := range s {
		switch {
		case n > maxEvidence:
			return s[:i]
		case unicode.IsSpace(r):
			space = n > 0
			continue
		case space:
			n, space = n+1, false
		}
		n++
	}
	return s
}

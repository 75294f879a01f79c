// Package cite finds the numbers by which acts, judgments and documents are
// cited in a text – ELI, ECLI, CELEX, COM, "Directive 2008/115/EC", "RvV 28
// februari 2022, nr. 269.083" – and gives each its one normal spelling and,
// where the publisher has one, its address.
//
// What is found is a pure function of the text: nothing is looked up, and a
// better rule finds more in the whole past. It takes time in proportion to the
// length of the text, whatever the text is.
package cite

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Kind says what sort of number a citation is.
type Kind string

// The kinds.
const (
	ELI                 Kind = "eli"                  // European Legislation Identifier, of the EU or Belgium
	ECLI                Kind = "ecli"                 // European Case Law Identifier (Council conclusions 2011/C 127/01)
	CELEX               Kind = "celex"                // number in EUR-Lex; also what "Directive 2008/115/EC" stands for
	Proposal            Kind = "com"                  // COM, JOIN, SWD and SEC documents of the Commission
	Procedure           Kind = "procedure"            // legislative procedure of the EU: 2025/0059(COD)
	OJ                  Kind = "oj"                   // place in the Official Journal of the EU
	Parliament          Kind = "ep"                   // report, motion or adopted text of the European Parliament
	Council             Kind = "council"              // document of the Council of the EU: ST 6821 2025 REV 1
	Numac               Kind = "numac"                // number in the Belgian gazette
	Justel              Kind = "justel"               // dossier of the Belgian consolidated texts: 1980-12-15/30
	Chamber             Kind = "chamber"              // document of the Belgian Chamber: DOC 56 0066/001
	CALL                Kind = "call"                 // judgment of the Council for Alien Law Litigation (RvV, CCE)
	CouncilOfState      Kind = "council-of-state"     // judgment of the Belgian Council of State (RvS, CE)
	ConstitutionalCourt Kind = "constitutional-court" // judgment of the Belgian Constitutional Court, as an ECLI
	CJEU                Kind = "cjeu"                 // case before the Court of Justice or the General Court: C-562/13
	ECtHR               Kind = "ecthr"                // application to the European Court of Human Rights: 52207/99
	DOI                 Kind = "doi"                  // Digital Object Identifier (ISO 26324)
)

// A Cite is one citation found in a text.
type Cite struct {
	Kind Kind
	// ID is the normal spelling, the same however the text spells it:
	// "32008L0115", "ECLI:EU:C:2022:97", "COM(2025) 101", "RvV 269083".
	ID string
	// Same are further numbers of the same thing, or of the act that it is a
	// version of, in their normal spelling: an ELI's CELEX, a COM's.
	Same []string
	// Start and End are where it stands in the text, in bytes.
	Start, End int
}

// Keys are the ID and what is the same, for an index: whoever looks for one of
// them finds the others.
func (c *Cite) Keys() []string { return append([]string{c.ID}, c.Same...) }

// A pattern finds the citations of one kind in a text that has been made
// plain. It is asked only if one of the words it needs is there.
type pattern struct {
	need []string // as in the plain text in small letters; none: always asked
	find func(t *plain, found func(Cite))
}

// patterns, those that win a tie first.
var patterns = []pattern{
	{[]string{"eli/"}, findELI},
	{[]string{"ecli:", "eu:c:", "eu:t:", "eu:f:"}, findECLI},
	{nil, findCELEX},
	{[]string{"com(", "com (", "com/", "com:", "kom(", "kom (", "kom/", "join(", "join (", "join/", "swd(", "swd (", "swd/", "sec(", "sec (", "sec/"}, findProposals},
	{[]string{"/"}, findProcedures},
	{nil, findOJ},
	{[]string{"_ta", "/"}, findParliament},
	{[]string{"st ", "st-"}, findCouncil},
	{[]string{"numac", "[c", "[ c"}, findNumac},
	{[]string{"-"}, findJustel},
	{[]string{"doc ", "doc.", "parl", "k0", "k1", "k2", "k3", "k4", "gedr"}, findChamber},
	{nil, findCourts},
	{[]string{"/"}, findCJEU},
	{[]string{"no", "n°", "nr", "app", "hudoc", "req", "beschw"}, findECtHR},
	{[]string{"10."}, findDOI},
	{natureNeeds, findNatural},
}

// Find returns the citations in a text, in order. They do not overlap: where
// two readings do, the longer is taken. Any spelling of spaces and hyphens
// counts (no-break ones, soft ones). It may be called concurrently.
func Find(text string) []Cite {
	if !strings.ContainsAny(text, "0123456789") {
		return nil
	}
	t := makePlain(text)
	var all []Cite
	for i := range patterns {
		p := &patterns[i]
		if len(p.need) > 0 && !slices.ContainsFunc(p.need, func(w string) bool { return strings.Contains(t.lower, w) }) {
			continue
		}
		p.find(t, func(c Cite) { all = append(all, c) })
	}
	all = longest(all, len(t.s))
	for i := range all {
		all[i].Start, all[i].End = t.place(all[i].Start, all[i].End)
	}
	return all
}

// longest leaves out what overlaps with something longer. As the longer ones
// are placed first, a shorter one that overlaps begins or ends inside one.
func longest(all []Cite, size int) []Cite {
	if len(all) < 2 {
		return all
	}
	slices.SortStableFunc(all, func(a, b Cite) int { return cmp.Compare(b.End-b.Start, a.End-a.Start) })
	taken := make([]bool, size)
	kept := all[:0]
	for _, c := range all {
		if taken[c.Start] || taken[c.End-1] {
			continue
		}
		for i := c.Start; i < c.End; i++ {
			taken[i] = true
		}
		kept = append(kept, c)
	}
	slices.SortFunc(kept, func(a, b Cite) int { return cmp.Compare(a.Start, b.Start) })
	return kept
}

// Parse reads one citation that makes up all of a text, but for white space,
// as people type it into a search box. Besides what Find finds it takes a
// number of which only the kind is uncertain in running text: an application
// number or a NUMAC alone. ok is false if the text is something else.
func Parse(text string) (c Cite, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) > 300 {
		return Cite{}, false
	}
	for _, t := range []string{text, "app. no. " + text, "numac " + text, "hudoc " + text} {
		found := Find(t)
		if len(found) == 1 && found[0].End == len(t) && (found[0].Start <= len(t)-len(text) || ofCourt(t)) {
			c = found[0]
			c.Start, c.End = 0, len(text)
			return c, true
		}
	}
	return Cite{}, false
}

// ofCourt reports whether a text begins with a court, whose number is found
// without the court's name.
func ofCourt(text string) bool {
	courts := makePlain(text).courts()
	return len(courts) > 0 && courts[0].start == 0
}

// A plain is a text with its spaces and hyphens made plain, and the way back.
type plain struct {
	s     string
	lower string  // s in small letters, byte for byte as long
	at    []int32 // where each byte of s came from; nil if nothing was changed
	text  string
}

// makePlain turns every kind of space into one blank and every kind of hyphen
// into "-", and leaves out soft hyphens and characters without width.
func makePlain(text string) *plain {
	t := &plain{text: text}
	if isPlain(text) {
		t.s = text
		t.lower = lower(text)
		return t
	}
	out := make([]byte, 0, len(text))
	at := make([]int32, 0, len(text))
	for i, r := range text {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(text[i:])
		}
		plain := plainRune(r)
		if plain == keep {
			for k := range size {
				out, at = append(out, text[i+k]), append(at, int32(i+k))
			}
			continue
		}
		if plain == " " && len(out) > 0 && out[len(out)-1] == ' ' {
			continue
		}
		for k := range len(plain) {
			out, at = append(out, plain[k]), append(at, int32(i))
		}
	}
	t.s, t.at = string(out), at
	t.lower = lower(t.s)
	return t
}

// lower makes letters of Latin-1 small; every byte stays where it is.
func lower(s string) string {
	out := []byte(s)
	for i, c := range out {
		if c >= 'A' && c <= 'Z' || c >= 0x80 && c <= 0x9e && c != 0x97 && i > 0 && out[i-1] == 0xc3 {
			out[i] = c + 0x20
		}
	}
	return string(out)
}

// places calls f with the start and end of each place where word stands in s.
func places(s, word string, f func(start, end int)) {
	for from := 0; ; {
		i := strings.Index(s[from:], word)
		if i < 0 {
			return
		}
		f(from+i, from+i+len(word))
		from += i + len(word)
	}
}

// A fraction is two numbers with a slash between them, neither of which is
// part of a longer number.
type fraction struct {
	start, end int
	a, b       string
}

// fractions finds numbers of up to six digits with a slash between them. A
// number may be in two of them: 2008/115/1.
func (t *plain) fractions() []fraction {
	var out []fraction
	places(t.s, "/", func(slash, after int) {
		start, end := slash, after
		for start > 0 && isDigit(t.s[start-1]) && slash-start <= 6 {
			start--
		}
		for end < len(t.s) && isDigit(t.s[end]) && end-after <= 6 {
			end++
		}
		if n, m := slash-start, end-after; n > 0 && n <= 6 && m > 0 && m <= 6 && !t.glued(start) {
			out = append(out, fraction{start, end, t.s[start:slash], t.s[after:end]})
		}
	})
	return out
}

// back is up to n bytes before i.
func (t *plain) back(i, n int) string { return t.s[max(0, i-n):i] }

// ahead is up to n bytes from i on.
func (t *plain) ahead(i, n int) string { return t.s[i:min(len(t.s), i+n)] }

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] < ' ' || s[i] == ' ' && i > 0 && s[i-1] == ' ' {
			return false
		}
	}
	return true
}

// keep is plainRune's answer for a character that stays as it is.
const keep = "\x00"

func plainRune(r rune) string {
	switch r {
	case ' ', '\t', '\n', '\r', '\v', '\f', '\u00A0', '\u1680', '\u202F', '\u205F', '\u3000', '\u2028', '\u2029', '\u0085':
		return " "
	case '\u00AD', '\u200B', '\u200C', '\u200D', '\u200E', '\u200F', '\u2060', '\uFEFF':
		return ""
	case '\u2212', '\uFE58', '\uFE63', '\uFF0D':
		return "-"
	case 'º', '˚':
		return "°"
	case '№':
		return "No"
	case '\u2044', '\u2215':
		return "/"
	}
	switch {
	case r >= '\u2000' && r <= '\u200A':
		return " "
	case r >= '\u2010' && r <= '\u2015':
		return "-"
	}
	return keep
}

// place finds in the text what stands at [start, end) in s.
func (t *plain) place(start, end int) (int, int) {
	if t.at == nil {
		return start, end
	}
	last := int(t.at[end-1])
	_, size := utf8.DecodeRuneInString(t.text[last:])
	return int(t.at[start]), last + size
}

// before reports whether a character that would be part of a longer word or
// number stands before i.
func (t *plain) glued(i int) bool {
	if i == 0 {
		return false
	}
	r, _ := utf8.DecodeLastRuneInString(t.s[:i])
	return isWord(r)
}

// next is the byte at i, 0 at the end.
func (t *plain) next(i int) byte {
	if i >= len(t.s) {
		return 0
	}
	return t.s[i]
}

func isWord(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r >= utf8.RuneSelf && r != utf8.RuneError && isLetter(r)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

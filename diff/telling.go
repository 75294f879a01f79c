package diff

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A teller spells out what a summary has room for.
type teller struct {
	c       *Change
	p       *phrases
	told    []bool // of each edit, whether something of it has been told
	room    int
	clauses []saying
	grouped map[[2]string]bool // exchanges that are told as groups
	reform  bool               // hundreds of edits are news
}

// A saying says one thing of one place; where is nil if the place has no name.
type saying struct {
	edit  int
	where *location
	text  string
	words string // what it says, to say nothing twice
}

// maxQuote is the length in characters of a passage that a summary quotes.
const maxQuote = 70

// said reports whether a clause tells of the edit; those that groups cover are
// told without one.
func (t *teller) said(i int) bool {
	return slices.ContainsFunc(t.clauses, func(k saying) bool { return k.edit == i })
}

// passages quotes what was reworded, added, removed or moved and is not told
// yet: all of it if there is room, or else the first if nothing is told.
func (t *teller) passages() {
	fresh, gone := t.c.wholes()
	var rest []int
	for i := range t.c.Edits {
		if e := &t.c.Edits[i]; e.Weight >= news && !t.told[i] && !t.c.ofWhole(e, fresh, gone) {
			rest = append(rest, i)
		}
	}
	if len(rest) > t.room {
		if len(t.clauses)+len(t.c.Groups)+len(fresh)+len(gone) > 0 {
			return
		}
		rest = rest[:1]
	}
	for _, i := range rest {
		e := &t.c.Edits[i]
		if text, words := t.p.quoted(e); text != "" {
			t.tell(i, t.c.nearest(e), text, words)
		}
	}
}

// tell adds a clause, unless there is no room or it has been said.
func (t *teller) tell(i int, where *location, text, words string) {
	for _, k := range t.clauses {
		if k.edit == i && within(words, k.words) || k.text == text && where.same(k.where) {
			t.told[i] = true
			return
		}
	}
	if t.room == 0 {
		return
	}
	t.room--
	t.told[i] = true
	t.clauses = append(t.clauses, saying{i, where, text, words})
}

// within reports whether all that an evidence says is said by another one.
func within(evidence, other string) bool {
	for half := range strings.SplitSeq(evidence, arrow) {
		if half = strings.TrimSuffix(half, " …"); half != none && !strings.Contains(other, half) {
			return false
		}
	}
	return true
}

// sentences puts the clauses together: those of one place under its name once,
// and what is said of several places once.
func (t *teller) sentences() []string {
	var out []string
	done := make([]bool, len(t.clauses))
	for i, k := range t.clauses {
		if done[i] {
			continue
		}
		places, texts := []*location{k.where}, []string{k.text}
		for j := i + 1; j < len(t.clauses); j++ {
			switch o := &t.clauses[j]; {
			case done[j] || k.where == nil || o.where == nil:
			case o.where.same(k.where) && len(places) == 1:
				texts, done[j] = append(texts, o.text), true
			case o.text == k.text && o.where.kind == k.where.kind && k.where.kind != "heading" && len(texts) == 1:
				places, done[j] = append(places, o.where), true
			}
		}
		text := strings.Join(texts, ", ")
		if k.where != nil {
			text = fmt.Sprintf(t.p.In, t.p.at(places), text)
		}
		out = append(out, text)
	}
	return out
}

// spelt puts one sense into words.
func (p *phrases) spelt(e *Edit, s Sense) string {
	was, is, _ := strings.Cut(s.Evidence, arrow)
	text := s.Evidence
	switch {
	case was == none || is == none || s.Code == senseNegation || s.Code != senseAmount && (s.Before == "" || s.After == ""):
		text = p.becomes(was, is)
	case s.Code == senseAmount || s.Code == senseXref && bare(was) && bare(is):
		by := ""
		if s.Code == senseAmount {
			by = percent(s.Before, s.After)
		}
		if text = p.amid(e, was, is, by); text == "" {
			text = s.Evidence + by
		}
	case s.Code == senseDeadline, s.Code == senseXref:
	default:
		text = fmt.Sprintf(p.Becomes, s.Before, s.After)
	}
	if cell, _, ok := strings.Cut(strings.TrimLeft(e.After, "| "), " | "); ok && s.Code == senseAmount && !hasDigit(cell) {
		text = shorten(cell) + p.Colon + text
	}
	return text
}

// becomes says that words gave way to others, came or went. Of words that only
// grew or shrank by a clause it quotes the clause.
func (p *phrases) becomes(was, is string) string {
	if was == none {
		was = ""
	}
	if is == none {
		is = ""
	}
	if len(was)+len(is) > maxQuote && was != "" && is != "" {
		if more, ok := strings.CutPrefix(is, was); ok {
			was, is = "", more
		} else if less, ok := strings.CutPrefix(was, is); ok {
			was, is = less, ""
		} else if more, ok := strings.CutSuffix(is, was); ok {
			was, is = "", more
		} else if less, ok := strings.CutSuffix(was, is); ok {
			was, is = less, ""
		}
	}
	switch was, is := quote(was), quote(is); {
	case is == "":
		return fmt.Sprintf(p.Dropped, was)
	case was == "":
		return fmt.Sprintf(p.Added, is)
	default:
		return fmt.Sprintf(p.Becomes, was, is)
	}
}

// bare reports whether a figure stands without a word or sign that says of what.
func bare(figure string) bool {
	return strings.IndexFunc(figure, unicode.IsLetter) < 0 && !strings.ContainsAny(figure, "%€$£/°§")
}

// amid says how a figure became another one with the words around it, where it says
// nothing by itself: "3 → 2 members", "capacity 751 → 1145", "version 10 → 17.5"; ""
// if it does, or if its place is not found.
func (p *phrases) amid(e *Edit, was, is, by string) string {
	if !bare(was) || !bare(is) {
		return ""
	}
	for k := 1; k+1 < len(e.Words); k++ {
		if e.Words[k].Op != Deleted || e.Words[k+1].Op != Inserted || strings.TrimSpace(e.Words[k].Text) != was || strings.TrimSpace(e.Words[k+1].Text) != is {
			continue
		}
		if words := strings.Fields(e.Words[k-1].Text); strings.HasSuffix(e.Words[k-1].Text, " ") && len(words) > 0 && utf8.RuneCountInString(words[len(words)-1]) > 3 && letters(words[len(words)-1]) == len(words[len(words)-1]) {
			return words[len(words)-1] + " " + was + arrow + is + by
		}
		if k+2 < len(e.Words) && strings.HasPrefix(e.Words[k+2].Text, " ") {
			if what := counted(e.Words[k+2].Text); what != "" {
				return was + arrow + is + " " + what + by
			}
		}
		if what := measured(e.Words[k-1].Text); what != "" {
			return what + " " + was + arrow + is + by
		}
		break
	}
	if a, b := exchangeOf(e, was, is); a != "" && len(a)+len(b) <= maxQuote {
		return p.becomes(a, b)
	}
	return ""
}

// measured is what a text before a number says is measured by it: a word, and the
// short one that leads on to the number, as in "capacity of"; "" if it does not end so.
func measured(text string) string {
	if !strings.HasSuffix(text, " ") {
		return ""
	}
	w := strings.Fields(text)
	if len(w) < 2 || utf8.RuneCountInString(w[len(w)-1]) > 3 || letters(w[len(w)-1]) != len(w[len(w)-1]) ||
		utf8.RuneCountInString(w[len(w)-2]) <= 3 || letters(w[len(w)-2]) != len(w[len(w)-2]) {
		return ""
	}
	return w[len(w)-2] + " " + w[len(w)-1]
}

// counted is what a text that follows a number says is counted: its first two words,
// as far as they are no articles or prepositions, which have three letters at most.
func counted(text string) string {
	var out []string
	for _, w := range strings.Fields(text) {
		n := letters(w)
		if utf8.RuneCountInString(w[:n]) <= 3 || len(out) == 2 {
			break
		}
		if out = append(out, w[:n]); n < len(w) {
			break
		}
	}
	return strings.Join(out, " ")
}

// exchangeOf is what was reworded where one figure became another one, with a few of the words
// around it; "" if that is nowhere.
func exchangeOf(e *Edit, was, is string) (a, b string) {
	for k := range e.Words {
		if e.Words[k].Op != Equal && (k == 0 || e.Words[k-1].Op == Equal) {
			if a, b := exchangeFrom(e, k); strings.Contains(a, was) && strings.Contains(b, is) {
				return a, b
			}
		}
	}
	return "", ""
}

// quoted says of an edit that no sense tells of what it did, in its own words:
// those that gave way and those that came, or how the passage begins.
func (p *phrases) quoted(e *Edit) (text, words string) {
	switch e.Op {
	case Insert:
		return p.becomes("", e.After), e.After
	case Delete:
		return p.becomes(e.Before, ""), e.Before
	case Move:
		return fmt.Sprintf(p.Shifted, quote(e.After)), e.After
	case Substitute:
		for _, s := range e.Senses {
			if s.Code == senseOther {
				was, is, _ := strings.Cut(s.Evidence, arrow)
				return p.becomes(was, is), s.Evidence
			}
		}
		if was, is := firstExchange(e); was != is {
			return p.becomes(was, is), was + arrow + is
		}
	}
	return "", ""
}

// firstExchange is what was reworded first, with a few of the words around it.
func firstExchange(e *Edit) (was, is string) {
	for k := range e.Words {
		if e.Words[k].Op != Equal {
			return exchangeFrom(e, k)
		}
	}
	return "", ""
}

// exchangeFrom is what was reworded from word k on, with a few of the words around it.
func exchangeFrom(e *Edit, k int) (was, is string) {
	const around = 2
	if k > 0 {
		was = lastWords(e.Words[k-1].Text, around)
		is = was
	}
	for ; k < len(e.Words); k++ {
		switch w := e.Words[k]; w.Op {
		case Deleted:
			was += w.Text
		case Inserted:
			is += w.Text
		default:
			next := firstWords(w.Text, around)
			return was + next, is + next
		}
	}
	return was, is
}

func firstWords(s string, n int) string {
	for i, r := range s {
		if unicode.IsSpace(r) && i > 0 {
			if n--; n == 0 {
				return s[:i]
			}
		}
	}
	return s
}

func lastWords(s string, n int) string {
	at := len(s)
	for n > 0 && at > 0 {
		at = max(strings.LastIndexByte(strings.TrimRight(s[:at], " "), ' '), 0)
		n--
	}
	return strings.TrimLeft(s[at:], " ")
}

// joining are words that join a quotation to what stood before it, as they
// stand: "A family" and "to leave" begin with words of their own.
var joining = set(strings.Fields("and or et ou und oder"))

// quote is a text as a summary quotes it: cut at a word, without the marks and the
// "and" that joined it to what is not quoted.
func quote(s string) string {
	s = strings.TrimLeft(strings.Join(strings.Fields(unmarked(s)), " "), ".,;:!? ")
	if first, rest, ok := strings.Cut(s, " "); ok && joining[first] {
		s = rest
	}
	cut := strings.HasSuffix(s, " …")
	s = strings.TrimSuffix(s, " …")
	if utf8.RuneCountInString(s) > maxQuote {
		s, cut = string([]rune(s)[:maxQuote]), true
		if k := strings.LastIndexByte(s, ' '); k > 0 {
			s = s[:k]
		}
	}
	if s = strings.TrimRight(s, " .,;:"); cut {
		return strings.TrimRight(s, "(«“„ ") + " …"
	}
	if strings.Count(s, "(") == strings.Count(s, ")")+1 { // the mark that followed is no word
		s += ")"
	}
	return s
}

// bareNumbers reports whether a citation is told by nothing but numbers that
// came or went: "1a" says nothing to a reader.
func bareNumbers(s Sense) bool {
	return s.Code == senseXref && strings.Contains(s.Evidence, none) && !strings.ContainsAny(s.Evidence, "/§") &&
		!slices.ContainsFunc(strings.Fields(s.Evidence), func(w string) bool { return letters(w) > 1 })
}

// percent is by how much a figure grew or fell, "" if that says nothing.
func percent(before, after string) string {
	a, erra := strconv.ParseFloat(before, 64)
	b, errb := strconv.ParseFloat(after, 64)
	if erra != nil || errb != nil || a <= 0 || b < 0 {
		return ""
	}
	n := math.Round((b - a) / a * 100)
	if n == 0 || math.Abs(n) > 999 {
		return ""
	}
	sign := "+"
	if n < 0 {
		sign = "−"
	}
	return fmt.Sprintf(" (%s%.0f %%)", sign, math.Abs(n))
}

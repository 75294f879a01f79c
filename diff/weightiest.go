package diff

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What a summary tells first: of a reform, the chapters and articles that came and went;
// then the strongest senses.

// A reason is one sense of an edit, and how early it is told.
type reason struct {
	edit  int
	sense Sense
	rank  int
}

// senses tells of the senses that weigh 3 and more, the strongest first; of equal weight,
// those that show both what was and what is, and those of sentences that were otherwise
// kept. Of a reform in hundreds of places only these two are told: one figure that came or
// went, or one pair of passages, says little of it.
func (t *teller) senses() {
	var all []reason
	for i := range t.c.Edits {
		if e := &t.c.Edits[i]; e.Weight >= news {
			for _, s := range e.Senses {
				if rank := t.rank(e, s); rank > 0 {
					all = append(all, reason{i, s, rank})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b reason) int { return b.rank - a.rank })
	for _, r := range all {
		if e := &t.c.Edits[r.edit]; !t.told[r.edit] || t.said(r.edit) {
			t.tell(r.edit, t.c.location(e), t.p.spelt(e, r.sense), r.sense.Evidence)
		}
	}
}

// rank is how early a sense is told; 0 if it is not.
func (t *teller) rank(e *Edit, s Sense) int {
	if weightOf[s.Code] < 3 || t.grouped[exchange(s.Before, s.After)] || bareNumbers(s) {
		return 0
	}
	if s.Code == senseNegation && slices.ContainsFunc(e.Senses, func(m Sense) bool { return m.Code == senseModality }) {
		return 0 // "may" that becomes "may not" says it
	}
	rank := 4 * weightOf[s.Code]
	both, kept := t.both(s), mostlyKept(e)
	if t.reform && (!both || !kept) {
		return 0
	}
	if both {
		rank += 2
	}
	if kept {
		rank++
	}
	return rank
}

// both reports whether a sense shows what was and what is; of a figure, whether both sides
// have one.
func (t *teller) both(s Sense) bool {
	was, is, _ := strings.Cut(s.Evidence, arrow)
	if was == none || is == none {
		return false
	}
	return s.Code != senseDeadline && s.Code != senseAmount || t.figured(was) && t.figured(is)
}

// figured reports whether a text holds a figure, in digits or in words.
func (t *teller) figured(text string) bool {
	r, toks := rulesFor(t.c.To.Lang), tokenise(text)
	low := lows(toks)
	for i := range toks {
		if _, _, ok := r.figure(toks, low, i); ok || hasDigit(toks[i].text) {
			return true
		}
	}
	return false
}

// mostlyKept reports whether two thirds of an edit's new text stood there before.
func mostlyKept(e *Edit) bool {
	kept, came := 0, 0
	for _, w := range e.Words {
		switch w.Op {
		case Equal:
			kept += len(w.Text)
		case Inserted:
			came += len(w.Text)
		}
	}
	return kept >= 2*came
}

// division is the number of a chapter or a larger part of a law at the head of its title.
var division = regexp.MustCompile(`^(?i:titre|livre|partie|chapitre|title|book|part|chapter|titel|boek|deel|hoofdstuk|teil|buch|kapitel|abschnitt)\s+(?:[IVXLCivxlc]+|\d+|[A-Z]|(?i:premier|unique))(?:[a-z]{0,12}|/\d+)\b`)

// divisions are the edits with which chapters and larger parts came or went; not those
// whose number came and went, which were there all along.
func (c *Change) divisions() (fresh, gone []int) {
	numbers := map[Op]map[string]bool{Insert: {}, Delete: {}}
	number := func(e *Edit) string {
		if !e.head || e.Weight < news || numbers[e.Op] == nil {
			return ""
		}
		return strings.ToLower(division.FindString(e.After + e.Before))
	}
	for i := range c.Edits {
		if n := number(&c.Edits[i]); n != "" {
			numbers[c.Edits[i].Op][n] = true
		}
	}
	for i := range c.Edits {
		e := &c.Edits[i]
		switch n := number(e); {
		case n == "" || numbers[Insert][n] && numbers[Delete][n]:
		case e.Op == Insert:
			fresh = append(fresh, i)
		default:
			gone = append(gone, i)
		}
	}
	return fresh, gone
}

// manyWholes is how many articles that came or went are told before the senses.
const manyWholes = 4

// wholeClauses tells which chapters and articles are new and which are gone, and reports
// whether they are so many, or so large, that they are told first.
func (t *teller) wholeClauses() (out []string, first bool) {
	newArticles, goneArticles := t.c.wholes()
	newParts, goneParts := t.c.divisions()
	for _, k := range []struct {
		words    string
		parts    []int
		articles []string
	}{{t.p.NewArticles, newParts, newArticles}, {t.p.GoneArticles, goneParts, goneArticles}} {
		names := t.titles(k.parts)
		if n := len(names); n > maxPlaces {
			names = append(names[:maxPlaces-1], names[maxPlaces-1]+fmt.Sprintf(" … (%d)", n))
		}
		if n := len(k.articles); n > 0 {
			articles := t.p.list(k.articles, maxNames)
			if n > maxNames {
				articles += fmt.Sprintf(" (%d)", n)
			}
			names = append(names, articles)
		}
		if len(names) > 0 {
			out = append(out, fmt.Sprintf(k.words, strings.Join(names, ", ")))
		}
	}
	return out, len(newParts)+len(goneParts) > 0 || len(newArticles)+len(goneArticles) >= manyWholes
}

// titles are the titles of chapters, in quotes, each once; they are told thereby.
func (t *teller) titles(edits []int) []string {
	var out []string
	for _, i := range edits {
		t.told[i] = true
		title := fmt.Sprintf(t.p.Places["heading"].One, quote(t.c.Edits[i].After+t.c.Edits[i].Before))
		if !slices.Contains(out, title) {
			out = append(out, title)
		}
	}
	return out
}

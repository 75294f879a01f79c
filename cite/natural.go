package cite

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// How acts of the EU are cited in running text.
//
//	Directive 2008/115/EC           year/number/community
//	Regulation (EEC) No 1612/68     (community) number/year, until 2014
//	Regulation (EU) 2024/1348       (community) year/number, since 2015
//	Directives 2013/32/EU and 2013/33/EU
//
// The noun may be part of a Dutch or German compound (Terugkeerrichtlijn,
// Durchführungsverordnung), and may stand some words before the number.

// natureNeeds are the stems of the nouns. In Dutch and German they may end a
// longer word.
var natureNeeds = []string{"directive", "richtlijn", "richtlinie", "regulation", "règlement", "reglement", "verordening", "verordnung", "decision", "décision", "besluit", "beschlu", "beschlü", "entscheidung"}

const (
	community = `EU|UE|EC|CE|EG|EEC|CEE|EEG|EWG|JHA|JAI|JBZ|JI|CFSP|PESC|GBVB|GASP|Euratom|EU, Euratom|UE, Euratom|ECSC|CECA|EGKS`
	noWord    = `(?:[Nn][o°]s?\.?|[Nn]rs?\.?|NR\.?|NO\.?)`
)

var (
	endings     = regexp.MustCompile(`^(?:s|en|n|e|es|ss|ß|sse|sses|ssen)?$`)
	thirdPart   = regexp.MustCompile(`^/(?:` + community + `)\b`)
	numberWord  = regexp.MustCompile(noWord + ` ?$`)
	bracketed   = regexp.MustCompile(`\((?:` + community + `)\) ?(?:` + noWord + `)? ?$`)
	oneMore     = regexp.MustCompile(`^(?:, ?| (?:and|et|en|und|or|ou|of|oder|&) |, (?:and|et|en|und) )(?:de |la |the )?((?:\((?:` + community + `)\) ?)?(` + noWord + `)? ?(\d{1,4})/(\d{1,4})(?:/(?:` + community + `))?)\b`)
	newSentence = regexp.MustCompile(`[.;!?] \p{Lu}`)
)

// letterOf is the CELEX letter of a noun.
func letterOf(noun string) string {
	n := strings.ToLower(noun)
	switch {
	case strings.Contains(n, "framework") || strings.Contains(n, "cadre") || strings.Contains(n, "kader") || strings.Contains(n, "rahmen"):
		return "F"
	case strings.Contains(n, "directive") || strings.Contains(n, "richtli"):
		return "L"
	case strings.Contains(n, "regulation") || strings.Contains(n, "glement") || strings.Contains(n, "verordening") || strings.Contains(n, "verordnung"):
		return "R"
	}
	return "D"
}

// A mention is a noun in the text that may stand for an act.
type mention struct {
	start, end int
	letter     string
}

// reach is how far behind its noun a number may stand, in bytes.
const reach = 90

// findNatural finds acts of the EU cited by noun and number, and maps them to
// CELEX. A number without a noun shortly before it is left alone.
func findNatural(t *plain, found func(Cite)) {
	fractions := t.fractions()
	if len(fractions) == 0 {
		return
	}
	w := &acts{t: t, nouns: t.mentions(), found: found}
	for i := range fractions {
		w.numbered(&fractions[i])
	}
}

// mentions finds the nouns, in order.
func (t *plain) mentions() []mention {
	var all []mention
	for _, stem := range natureNeeds {
		places(t.lower, stem, func(start, end int) {
			stop := end
			for stop < len(t.s) && stop-end < 12 && isWord(rune(t.s[stop])) || stop < len(t.s) && t.s[stop] >= utf8.RuneSelf && stop-end < 12 {
				stop++
			}
			if !endings.MatchString(t.lower[end:stop]) {
				return
			}
			for start > 0 && (isWord(rune(t.s[start-1])) || t.s[start-1] >= utf8.RuneSelf || t.s[start-1] == '-' && start > 1 && isWord(rune(t.s[start-2]))) && end-start < 60 {
				start--
			}
			for start < end && !utf8.RuneStart(t.s[start]) {
				start++
			}
			for _, first := range []string{"implementing ", "delegated ", "framework ", "council ", "commission "} {
				if strings.HasSuffix(t.lower[:start], first) {
					start -= len(first)
				}
			}
			all = append(all, mention{start, stop, letterOf(t.lower[start:stop])})
		})
	}
	slices.SortFunc(all, func(a, b mention) int { return a.start - b.start })
	return all
}

type acts struct {
	t     *plain
	nouns []mention
	found func(Cite)
}

// numbered takes one number, with those that follow it in a list.
func (w *acts) numbered(f *fraction) {
	t := w.t
	n := w.nounBefore(f.start)
	if n == nil || len(f.a) > 4 || len(f.b) > 4 {
		return
	}
	end, start := f.end, f.start
	third := thirdPart.FindStringIndex(t.ahead(end, 16))
	no := numberWord.FindStringIndex(t.back(start, 6))
	bracket := bracketed.FindStringIndex(t.back(start, 24))
	switch {
	case third != nil:
		end += third[1]
	case bracket != nil:
		start -= min(24, start) - bracket[0]
	case t.next(end) == '/' && isDigit(t.next(end+1)):
		return
	}
	if no != nil && bracket == nil {
		start -= min(6, start) - no[0]
	}
	sure := third != nil || bracket != nil
	if !sure && strings.TrimSpace(t.s[n.end:start]) != "" {
		return
	}
	id := actCELEX(n.letter, no != nil, f.a, f.b, sure)
	if id == "" {
		return
	}
	if start-n.end <= 1 {
		start = n.start
	}
	w.found(Cite{Kind: CELEX, ID: id, Start: start, End: end})
	w.more(n.letter, end, sure)
}

// more takes the numbers of a list after its first.
func (w *acts) more(letter string, end int, sure bool) {
	for {
		m := oneMore.FindStringSubmatchIndex(w.t.ahead(end, 48))
		if m == nil {
			return
		}
		group := func(k int) string {
			if m[2*k] < 0 {
				return ""
			}
			return w.t.s[end+m[2*k] : end+m[2*k+1]]
		}
		if id := actCELEX(letter, group(2) != "", group(3), group(4), sure); id != "" {
			w.found(Cite{Kind: CELEX, ID: id, Start: end + m[2], End: end + m[3]})
		}
		end += m[1]
	}
}

// nounBefore is the nearest noun before i, within reach and in the sentence.
func (w *acts) nounBefore(i int) *mention {
	lo, hi := 0, len(w.nouns)
	for lo < hi {
		if mid := (lo + hi) / 2; w.nouns[mid].end <= i {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return nil
	}
	n := &w.nouns[lo-1]
	if i-n.end > reach || newSentence.MatchString(w.t.s[n.end:i]) {
		return nil
	}
	return n
}

// actCELEX tells year from number. Directives and decisions have the year
// first; regulations had it last until 2014, behind the word "No". "" if it
// cannot be told, or if – without a community – it may be something else.
func actCELEX(letter string, hasNo bool, a, b string, sure bool) string {
	firstYear, lastYear := yearOf(a), yearOf(b)
	year, number := 0, ""
	switch {
	case hasNo && lastYear > 0 && (letter == "R" || len(b) == 4 && firstYear == 0 || letter == "D" && len(b) == 4):
		year, number = lastYear, a
	case firstYear >= 2015 && len(a) == 4:
		year, number = firstYear, b
	case letter == "R" && lastYear > 0 && lastYear < 2016:
		year, number = lastYear, a
	case letter != "R" && firstYear > 0:
		year, number = firstYear, b
	case len(b) == 4 && lastYear > 0:
		year, number = lastYear, a
	default:
		return ""
	}
	n, err := strconv.Atoi(number)
	if err != nil || n == 0 || len(number) > 4 {
		return ""
	}
	if !sure && !plausible(letter, hasNo, year, n, len(a)) {
		return ""
	}
	return fmt.Sprintf("3%d%s%04d", year, letter, n)
}

// plausible judges a citation without a community. "Directive 2008/115" and
// "Regulation 2016/679" are acts of the EU; "décision 2021/12" or "règlement
// n° 12/2005" may be anybody's.
func plausible(letter string, hasNo bool, year, number, first int) bool {
	switch letter {
	case "L":
		return first == 4
	case "F":
		return true
	case "R":
		return number >= 100 && (year >= 2015 && first == 4 || hasNo)
	}
	return false
}

// yearOf is the year that digits may stand for, 0 if none.
func yearOf(s string) int {
	n, err := strconv.Atoi(s)
	switch {
	case err != nil:
		return 0
	case len(s) == 4 && n >= 1952 && n <= 2099:
		return n
	case len(s) == 2 && n >= 52:
		return 1900 + n
	}
	return 0
}

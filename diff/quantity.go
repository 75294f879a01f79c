package diff

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The kinds of quantities.
const (
	amounts = "amount" // 751 places, 12 %, €250
	periods = "period" // 30 days
	days    = "day"    // 1 March 2026, 2028, 14:05
	cited   = "cited"  // article 74/6
)

// A quantity is a figure in a text, or several of one unit ("30, 10 or 5 days").
type quantity struct {
	kind        string
	values      []string
	unit        string
	class       string // of a citation: see classOf
	first, last int    // tokens, the unit included
}

// id is what two quantities have in common when they are the same.
func (q *quantity) id() string { return q.kind + "|" + strings.Join(q.values, "|") + "|" + q.unit }

// conjunctions stand between the figures of one enumeration.
var conjunctions = map[string]bool{
	",": true, "or": true, "and": true, "to": true, "ou": true, "et": true, "a": true, "of": true, "en": true,
	"tot": true, "oder": true, "und": true, "bis": true, "-": true, "–": true, "/": true,
}

// figure reads the number at token i: its value and the token after it. Number
// words count as digits; a word that may be an article is no number here.
func (r *rules) figure(toks []token, low []string, i int) (value string, end int, ok bool) {
	if i < 0 || i >= len(toks) {
		return "", i, false
	}
	if toks[i].kind == number {
		return toks[i].key, i + 1, true
	}
	f, ok := r.numbers.startsAt(low, i)
	if !ok {
		return "", i, false
	}
	value, end = f.class, f.last+1
	for {
		f, ok := r.numbers.startsAt(low, end)
		if !ok || (f.class != "100" && f.class != "1000") || len(value) >= len(f.class) {
			return value, end, true
		}
		value, end = product(value, f.class), f.last+1
	}
}

func product(a, b string) string {
	x, _ := new(big.Int).SetString(a, 10)
	y, _ := new(big.Int).SetString(b, 10)
	if x == nil || y == nil {
		return a
	}
	return x.Mul(x, y).String()
}

// scan returns the quantities among the tokens lo..hi.
func (r *rules) scan(toks []token, low []string, lo, hi int) []quantity {
	toks, low = toks[:hi], low[:hi]
	var out []quantity
	for i := lo; i < hi; {
		if r.namesThing(toks, low, lo, i) {
			i++
			continue
		}
		q, ok := r.day(toks, low, i)
		if !ok {
			if q, ok = r.citation(toks, low, lo, i, out); ok {
				q.class = r.classOf(toks, low, lo, i, out)
			}
		}
		if !ok {
			q, ok = r.count(toks, low, lo, i)
		}
		if !ok {
			i++
			continue
		}
		if n := len(out) - 1; n >= 0 && out[n].kind == cited && r.sameCitation(toks, low, &out[n], &q) {
			out[n].values = append(out[n].values, q.values...)
			out[n].last = q.last
		} else {
			out = append(out, q)
		}
		i = q.last + 1
	}
	return out
}

// sameCitation reports whether a quantity goes on with a citation: the second
// half of its number, as in "L. 742-2" and "n° 92-681", or the date of the act, as
// in "n° 92-681 du 20 juillet 1992".
func (r *rules) sameCitation(toks []token, low []string, c, q *quantity) bool {
	between := toks[c.last+1 : q.first]
	if len(between) != 1 {
		return false
	}
	if q.kind == days {
		return datedBy[low[c.last+1]] && (len(q.values) > 2 || toks[q.last].kind == date)
	}
	return (between[0].text == "-" || between[0].text == "‑") && between[0].space == "" && toks[c.last].space == "" && q.unit == "" && q.last == q.first
}

// datedBy are the words between the number of an act and its date.
var datedBy = map[string]bool{"of": true, "du": true, "vom": true, "van": true}

// citedText is a citation as it stands in the text, with the words before it
// that say what it is the number of, from token lo on: "article L. 742-2", "Absatz 3".
func (r *rules) citedText(q *quantity, toks []token, low []string, lo int) string {
	if q == nil {
		return ""
	}
	first := q.first
	for k := q.first - 1; k >= lo && k >= q.first-4; k-- {
		if t := toks[k].text; t == "." || t == "°" || t == "º" || series(t) {
			if series(t) {
				first = k
			}
			continue
		}
		if r.references.byFirst[low[k]] != nil || low[k] == "n" || low[k] == "no" {
			first = k
		}
		break
	}
	return excerpt(toks[first : q.last+1])
}

// day reads a date, a year or a time of day.
func (r *rules) day(toks []token, low []string, i int) (quantity, bool) {
	t := &toks[i]
	if dotted := r.dottedClock(toks, low, i); t.kind == date || t.kind == clock || dotted {
		q := quantity{kind: days, values: []string{t.key}, first: i, last: i}
		if dotted || t.kind == clock {
			q.class = hourRange(toks, low, i)
		}
		return q, true
	}
	q := quantity{kind: days, first: i}
	j := i
	if numeric(toks, i) && len(t.text) <= 4 { // 1 March, 1er mars, 1. März, 1st of March
		j = i + 1
		if j < len(toks) && (toks[j].text == "." || low[j] == "of") {
			j++
		}
	}
	f, ok := r.months.startsAt(low, j)
	if !ok {
		return q, false
	}
	q.values = []string{f.class}
	q.last = f.last
	if j > i {
		q.values = append(q.values, strings.TrimRight(low[i], "abcdefghijklmnopqrstuvwxyz"))
	}
	for k := f.last + 1; k < len(toks) && k <= f.last+3; k++ {
		if toks[k].kind == number && (len(toks[k].key) == 4 || j == i) {
			q.values = append(q.values, toks[k].key)
			q.last = k
			if len(toks[k].key) == 4 {
				break
			}
		} else if toks[k].text != "," && toks[k].text != "." {
			break
		}
	}
	return q, len(q.values) > 1
}

// citation reads the number of a cited provision: a token that can be nothing
// else, or a number behind a word such as "article".
func (r *rules) citation(toks []token, low []string, lo, i int, before []quantity) (quantity, bool) {
	q := quantity{kind: cited, values: []string{toks[i].key}, first: i, last: i}
	if toks[i].kind != number {
		return q, toks[i].kind == reference
	}
	k := i - 1
	if k >= lo && (toks[k].text == "." || toks[k].text == "°" || toks[k].text == "(") {
		k--
	}
	if k >= lo && (r.references.byFirst[low[k]] != nil || series(toks[k].text)) {
		return q, true
	}
	if r.lang == "de" && i+2 < len(toks) && toks[i].space == "" && toks[i+1].text == "." && r.classes.byFirst[low[i+2]] != nil { // "1. Halbsatz"
		q.last = i + 2
		return q, true
	}
	if sectionNumber.MatchString(toks[i].text) && r.citing.endsAt(low, lo, i) { // "see 12.2"
		if _, unit := r.unitAt(toks, low, i+1); unit == "" {
			return q, true
		}
	}
	if n := len(before) - 1; n >= 0 && before[n].kind == cited && enumerates(low[before[n].last+1:i]) {
		if _, unit := r.unitAt(toks, low, i+1); unit == "" {
			return q, true
		}
	}
	return q, false
}

// sectionNumber is the number of a section that can be cited alone.
var sectionNumber = regexp.MustCompile(`^\d{1,2}\.\d{1,2}$`)

// enumerates reports whether what stands between two numbers joins them: "and", or
// the same between brackets, ") to (".
func enumerates(low []string) bool {
	if len(low) == 3 && low[0] == ")" && low[2] == "(" {
		low = low[1:2]
	}
	return len(low) == 1 && conjunctions[low[0]]
}

// namesThing reports whether a number is no quantity: the end of a path
// ("policy/20251030") or of an identifier, the name of a room or a line ("room 12", "3. Stock"), or a
// postcode before the name of a town.
func (r *rules) namesThing(toks []token, low []string, lo, i int) bool {
	if toks[i].kind != number || i == lo {
		return false
	}
	before := &toks[i-1]
	if before.text == "/" && before.space == "" && i > lo+1 && toks[i-2].kind == word && toks[i-2].space == "" {
		return true
	}
	if before.text == "." && before.space == "" && i > lo+1 && toks[i-2].kind == word && toks[i-2].space == "" && digits(toks[i].text) && len(toks[i].text) >= 5 {
		return true // "zenodo.18223312"
	}
	if r.named[low[i-1]] {
		_, unit := r.unitAt(toks, low, i+1)
		return unit == ""
	}
	if r.lang == "de" && i+2 < len(toks) && toks[i].space == "" && toks[i+1].text == "." && r.named[low[i+2]] {
		return true
	}
	if n := len(toks[i].text); n < 4 || n > 5 || !digits(toks[i].text) || i+1 == len(toks) || toks[i+1].kind != word {
		return false
	}
	return unicode.IsUpper(firstRune(toks, i+1)) && len(low[i+1]) > 2 && before.text == "," && !unicode.IsUpper(firstRune(toks, i+2))
}

// firstRune is that of token i, 0 behind the end.
func firstRune(toks []token, i int) rune {
	if i >= len(toks) {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(toks[i].text)
	return r
}

// series reports whether a word is the series of a gazette, as in "OJ L 303".
func series(s string) bool { return len(s) == 1 && 'A' <= s[0] && s[0] <= 'Z' }

// count reads a number or an enumeration of numbers with its unit.
func (r *rules) count(toks []token, low []string, lo, i int) (quantity, bool) {
	v, end, ok := r.figure(toks, low, i)
	if !ok {
		return quantity{}, false
	}
	q := quantity{kind: amounts, values: []string{v}, first: i, last: end - 1}
	if last, values, unit := r.enumerated(toks, low, end, q.values); unit != "" && (!r.doubtful[low[i]] || len(values) > 1 || strings.HasPrefix(unit, "time:")) {
		q.values, q.unit, q.last = values, unit, last
		if strings.HasPrefix(unit, "time:") {
			q.kind = periods
			if r.age(low, lo, i, q.last) {
				q.kind = amounts
			}
		} else if r.currency(toks, low, lo, i) != "" { // "€2.9 million"
			q.first = i - 1
		}
		return q, true
	}
	if unit := r.currency(toks, low, lo, i); unit != "" {
		q.unit, q.first = unit, i-1
		return q, true
	}
	if r.doubtful[low[i]] {
		return q, false
	}
	if year(v) && toks[i].text == v {
		q.kind = days
	}
	return q, true
}

// year reports whether a number may be that of a year.
func year(v string) bool { return len(v) == 4 && v >= "1900" && v < "2100" }

// currency is the unit that stands before the figure at token i, "" if none
// does: €250, € 250, EUR 250.
func (r *rules) currency(toks []token, low []string, lo, i int) string {
	if i <= lo {
		return ""
	}
	apart := toks[i-1].space != "" && toks[i-1].kind != word
	if f, ok := r.units.startsAt(low, i-1); ok && f.class != "other" && f.last == i-1 && !(apart && f.class == "percent") {
		return f.class
	}
	return ""
}

// enumerated reads what follows a figure: further figures, then the unit they
// all have. Without a unit there is no enumeration.
func (r *rules) enumerated(toks []token, low []string, end int, values []string) (last int, all []string, unit string) {
	all = slices.Clone(values)
	for n := 0; n < 8; n++ {
		if last, unit := r.unitAt(toks, low, end); unit != "" {
			return last, all, unit
		}
		if end+2 < len(toks) && toks[end].text == "(" && toks[end+2].text == ")" { // thirty (30) days
			if v, _, ok := r.figure(toks, low, end+1); ok && v == all[len(all)-1] {
				end += 3
				continue
			}
		}
		if end >= len(toks) || !conjunctions[low[end]] {
			return 0, nil, ""
		}
		v, next, ok := r.figure(toks, low, end+1)
		if !ok || low[end] == "," && year(all[len(all)-1]) { // "since 2020, 109 people"
			return 0, nil, ""
		}
		all, end = append(all, v), next
	}
	return 0, nil, ""
}

// unitAt reads the unit at token i, perhaps behind an adjective or a hyphen,
// and returns its last token.
func (r *rules) unitAt(toks []token, low []string, i int) (last int, unit string) {
	for k := i; k <= i+1 && k < len(toks); k++ {
		if f, ok := r.time.startsAt(low, k); ok {
			return f.last, "time:" + f.class
		}
		if f, ok := r.units.startsAt(low, k); ok {
			if f.class == "other" {
				return f.last, strings.Join(low[f.first:f.last+1], " ")
			}
			return f.last, f.class
		}
		if r.ordinals[low[k]] != 0 { // "4.11 eerste lid"
			break
		}
		if toks[k].text != "-" && (toks[k].kind != word || conjunctions[low[k]] || len(low[k]) <= 3 || r.limits.byFirst[low[k]] != nil) {
			break
		}
	}
	return 0, ""
}

// age reports whether a period of time is somebody's age.
func (r *rules) age(low []string, lo, first, last int) bool {
	return r.ages.any(low[max(lo, first-4):min(len(low), last+4)])
}

package diff

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// Numbers of acts, articles and days that are written in several pieces are one
// token each: half of a number says nothing to a reader.

// hyphened reports whether two groups of digits with a hyphen between them are
// the number of an act or an article (92-681, 2019-798, L. 742-2) rather than a
// range (10-15 days): a further group, a year and a number that is none, a number
// that does not rise, or one behind a word that says so.
func hyphened(before []token, left, by, right string) bool {
	if by != "-" && by != "‐" && by != "‑" || !startsWithDigit(right) || !endsInDigit(left) {
		return false
	}
	if !digits(left) {
		return startsWithDigit(left) && strings.Trim(left, "0123456789-‐‑") == "" // 313-14-1
	}
	if numberOf(before) {
		return true
	}
	if len(left) == 4 && (left[:2] == "19" || left[:2] == "20") {
		return digits(right) && len(right) != 4
	}
	a, _ := strconv.Atoi(left)
	b, err := strconv.Atoi(right)
	return len(left) == 3 && left[0] != '0' && err == nil && b < a
}

// numberOf reports whether the last of some tokens says that the number of an
// act or an article follows.
func numberOf(before []token) bool {
	k := len(before) - 1
	for k >= 0 && strings.Contains(".°º*", before[k].text) && before[k].text != "" {
		k--
	}
	return k >= 0 && numbering[before[k].text]
}

// numbering are the words before one number of an act or an article.
var numbering = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields("n no nr numéro number nummer article artikel art loi décret ordonnance L R D A") {
		m[w] = true
		m[strings.ToUpper(w[:1])+w[1:]] = true
	}
	return m
}()

// seriesNumber reports whether a number with the letter and the full stop before it
// is that of an article of a French code.
func seriesNumber(letter *token, number string) bool {
	if letter.space != "" || len(letter.text) != 1 || !startsWithDigit(number) {
		return false
	}
	switch letter.text[0] {
	case 'L', 'R', 'D':
		return len(number) >= 3 && digits(number[:3])
	case 'A':
		return strings.ContainsAny(number, "-‑")
	}
	return false
}

// seriesHead reports whether a reference is one that [seriesNumber] made, or the
// same without the full stop.
func seriesHead(key string) bool {
	if len(key) < 4 || strings.IndexByte("LRDA", key[0]) < 0 {
		return false
	}
	number := strings.TrimLeft(key[1:], ". ")
	return len(number) >= 3 && digits(number[:3]) && strings.Trim(number, "0123456789-") == ""
}

// joinDates joins the pieces of a date in words with its year: 20 juillet 1992,
// 1er mars 2026, 1. März 2026, March 3, 2026. Its key is the day in ISO 8601.
func joinDates(toks []token) []token {
	out := 0
	for i := range toks {
		toks[out] = toks[i]
		out++
		if year := toks[i].text; out >= 3 && len(year) == 4 && digits(year) && year >= "1700" && year < "2200" {
			if from, key := dateBefore(toks[:out-1]); from >= 0 {
				d := token{text: rawText(toks[from:out-1]) + year, space: toks[i].space, key: year + key, kind: date}
				toks[from] = d
				out = from + 1
			}
		}
	}
	return toks[:out]
}

// dateBefore is the token with which the day and month begin that the tokens end
// in, and the two as "-07-20"; -1 if they end in none.
func dateBefore(toks []token) (from int, key string) {
	k := len(toks) - 1
	if toks[k].text == "," || toks[k].text == "." && k > 0 && toks[k-1].space == "" {
		k--
	}
	if k < 1 {
		return -1, ""
	}
	if d := dayOf(toks[k].text); d > 0 { // March 3, 2026
		if m := monthNumber(toks[k-1].text); m > 0 {
			return k - 1, fmt.Sprintf("-%02d-%02d", m, d)
		}
		return -1, ""
	}
	m := monthNumber(toks[k].text)
	if m == 0 {
		return -1, ""
	}
	k--
	if toks[k].text == "of" || toks[k].text == "." && k > 0 && toks[k-1].space == "" {
		k--
	}
	if k < 0 {
		return -1, ""
	}
	if d := dayOf(toks[k].text); d > 0 {
		return k, fmt.Sprintf("-%02d-%02d", m, d)
	}
	return -1, ""
}

// dayOf is the day of a month: 3, 1er, 3rd; 0 for what is none.
func dayOf(s string) int {
	n := 0
	for n < len(s) && digit(rune(s[n])) {
		n++
	}
	switch s[n:] {
	case "", "er", "st", "nd", "rd", "th":
	default:
		return 0
	}
	if d, err := strconv.Atoi(s[:n]); err == nil && n <= 2 && d <= 31 {
		return d
	}
	return 0
}

// monthNumber is the number of a month by its name in any language that has
// rules; 0 for other words.
func monthNumber(s string) int {
	if len(s) < 3 || digit(rune(s[0])) {
		return 0
	}
	return monthNumbers()[plain(s)]
}

// monthNumbers are the names of months in all languages that have rules.
var monthNumbers = sync.OnceValue(func() map[string]int {
	all, _ := allRules()
	out := map[string]int{}
	for _, r := range all {
		for _, ps := range r.months.byFirst {
			for _, p := range ps {
				if n, err := strconv.Atoi(p.class); err == nil && len(p.words) == 1 {
					out[p.words[0]] = n
				}
			}
		}
	}
	return out
})

package diff

import (
	"regexp"
	"strings"
)

// Only like is told as having become like: an act does not become the number of a
// paragraph, nor a percentage a sum. What has no like on the other side came or went.

// alike reports whether one quantity can stand in the place of another.
func alike(x, y *quantity) bool {
	switch {
	case x.kind != y.kind:
		return false
	case x.kind == cited:
		if x.class == y.class {
			return true
		}
		return !apart[x.class] && !apart[y.class] && (x.class == "" || y.class == "")
	case x.kind == amounts && x.unit != "" && y.unit != "":
		return measure(x.unit) == measure(y.unit)
	}
	return true
}

// apart are the classes of citations whose numbers show what they are.
var apart = map[string]bool{"act": true, "case": true, "id": true}

// measure is what a unit measures: a share, money, or how many there are.
func measure(unit string) string {
	switch unit {
	case "percent", "bytes":
		return unit
	case "euro", "dollar", "pound":
		return "money"
	}
	return "count"
}

// pairs finds for each of some quantities its like among others: first one of the
// same unit and class, then one that may be; -1 where there is none.
func pairs(was, is []quantity) []int {
	out, used := unpaired(len(was)), make([]bool, len(is))
	for _, like := range []func(x, y *quantity) bool{
		func(x, y *quantity) bool { return alike(x, y) && x.unit == y.unit && x.class == y.class },
		alike,
	} {
		for i := range was {
			for j := range is {
				if out[i] < 0 && !used[j] && like(&was[i], &is[j]) {
					out[i], used[j] = j, true
				}
			}
		}
	}
	return out
}

var (
	caseNumber = regexp.MustCompile(`^(?:[A-Z]-\d+/\d+|ECLI:.*)$`)
	actNumber  = regexp.MustCompile(`^(?:\d{2,4}/\d{1,4}/[A-Z]{2,7}|(?:1[89]|20)\d\d/\d{1,5}|\d{1,4}/(?:19|20)\d\d|(?:1[89]|20)\d\d-\d{1,5}|\d{4}-\d\d-\d\d/\d+)$`)
	identifier = regexp.MustCompile(`^[A-Z]{2,}\d{5,}$`)
	seriesCode = regexp.MustCompile(`^[LRDA]\d{3}`)
)

// classOf says of what a citation gives the number: an article, a paragraph, a
// point, an act …; "" if neither its form nor the word before it says so. before
// are the quantities that stand before it: what is enumerated is of one class.
func (r *rules) classOf(toks []token, low []string, lo, i int, before []quantity) string {
	switch key := toks[i].key; {
	case caseNumber.MatchString(key):
		return "case"
	case identifier.MatchString(key):
		return "id"
	case actNumber.MatchString(key):
		return "act"
	case strings.HasPrefix(key, "§"):
		if r.lang == "de" {
			return "article"
		}
		return "paragraph"
	case strings.ContainsRune(key, '°'):
		return "point"
	case seriesCode.MatchString(key):
		return "article"
	}
	k := i - 1
	for k >= lo && k > i-4 && (strings.Trim(toks[k].text, ".(°º") == "" || series(toks[k].text)) {
		k--
	}
	if k >= lo {
		if r.classes.byFirst[low[k]] != nil {
			f, _ := r.classes.startsAt(low, k)
			return f.class
		}
		if low[k] == "n" && k+1 < i && (toks[k+1].text == "°" || toks[k+1].text == "º") {
			return "act"
		}
	}
	if n := len(before) - 1; n >= 0 && before[n].kind == cited && i-before[n].last <= 5 && conjunctions[low[before[n].last+1]] {
		return before[n].class
	}
	return ""
}

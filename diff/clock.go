package diff

import (
	"regexp"
	"strings"
)

var (
	dottedTime = regexp.MustCompile(`^(?:[01]?\d|2[0-3])\.[0-5]\d$`)
	clockWords = set(strings.Fields("uhr uur u h heure heures hrs am pm a.m p.m o'clock cet cest gmt bst utc"))
)

// dottedClock reports whether a number with a point is a time of day: before a
// word such as "Uhr", or one end of a range of two that are.
func (r *rules) dottedClock(toks []token, low []string, i int) bool {
	if toks[i].kind != number || !dottedTime.MatchString(toks[i].text) {
		return false
	}
	word := func(k int) bool { return k < len(toks) && clockWords[low[k]] }
	if word(i + 1) {
		return true
	}
	other := func(by, k int) bool {
		return by >= 0 && k >= 0 && k < len(toks) && conjunctions[low[by]] && low[by] != "," && dottedTime.MatchString(toks[k].text)
	}
	unitless := func(k int) bool { // "each day" is none
		_, unit := r.unitAt(toks, low, k)
		return unit == "" || strings.HasPrefix(unit, "time:")
	}
	return other(i+1, i+2) && unitless(i+3) || other(i-1, i-2) && unitless(i+1)
}

// hours is the class of a time that is one end of a range: when a place is open, not until
// when something must be done.
const hours = "hours"

// hourRange is the class of the time of day at token i.
func hourRange(toks []token, low []string, i int) string {
	for _, k := range []int{i - 2, i + 2} {
		if by := (i + k) / 2; k >= 0 && k < len(toks) && conjunctions[low[by]] && low[by] != "," &&
			(toks[k].kind == clock || dottedTime.MatchString(toks[k].text)) {
			return hours
		}
	}
	return ""
}

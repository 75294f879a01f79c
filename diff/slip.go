package diff

import (
	"strings"
	"unicode"
)

// Slips of the pen.

// slip reports whether one word became another that differs as misspelt words
// do: by case or accents; or, in words of five letters or more that begin
// alike and are no proper names, by one letter (two from nine letters on).
func slip(a, b []token) bool {
	if len(a) != 1 || len(b) != 1 || a[0].kind != word || b[0].kind != word {
		return false
	}
	x, y := a[0].key, b[0].key
	if strings.EqualFold(x, y) || plain(x) == plain(y) {
		return true
	}
	rx, ry := []rune(x), []rune(y)
	n := min(len(rx), len(ry))
	if n < 5 || rx[0] != ry[0] || unicode.IsUpper(rx[0]) {
		return false
	}
	d := editDistance(rx, ry)
	return d == 1 || d == 2 && n >= 9
}

// editDistance counts the letters inserted, deleted, replaced or swapped with
// their neighbour. Words of more than 40 letters are as far apart as can be.
func editDistance(a, b []rune) int {
	if len(a) > 40 || len(b) > 40 {
		return len(a) + len(b)
	}
	var before, last, row [41]int
	for j := range row {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

package diff

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Publishers of consolidated laws set marks around the words that an act brought in,
// "[³ six years]³", with the number of a note below, or "[3 six years]3"; where words
// went, dots stand between the marks. The marks stay in the text and in its edits, but
// they are no words: a mark is one token, all that open or close are one to the
// comparison, and no evidence quotes them.

// marking is a mark of amendment, or two with dots between them, at the head of a text.
var marking = regexp.MustCompile(`^(?:\[(?:[⁰¹²³⁴-⁹]{1,3}|\d{1,3}\s)\s*(?:(?:\.\.\.|…)\s*\](?:[⁰¹²³⁴-⁹]{1,3}|\d{1,3}\b)?)?|\](?:[⁰¹²³⁴-⁹]{1,3}|\d{1,3}\b))`)

// unmarked is a text without the marks of amendments.
func unmarked(s string) string {
	if strings.IndexByte(s, '[') < 0 && strings.IndexByte(s, ']') < 0 {
		return s
	}
	var b strings.Builder
	for {
		k := strings.IndexAny(s, "[]")
		if k < 0 {
			break
		}
		n := len(marking.FindString(s[k:]))
		if n == 0 { // any other bracket
			b.WriteString(s[:k+1])
			s = s[k+1:]
			continue
		}
		b.WriteString(s[:k])
		s = s[k+n:]
	}
	b.WriteString(s)
	return strings.TrimSpace(b.String())
}

// opensMark reports whether a bracket and the number behind it, which a space or, if it
// is raised, a word follows, are a mark of amendment.
func opensMark(left, number, next string) bool {
	return left == "[" && (digits(number) && len(number) <= 3 && next == "" || raised(number) && next != "]")
}

// closesMark reports whether a bracket and the number behind it are a mark of amendment.
func closesMark(left, number string) bool {
	return left == "]" && (digits(number) && len(number) <= 3 || raised(number))
}

// raised reports whether s is a number in raised digits.
func raised(s string) bool {
	return s != "" && strings.Trim(s, "⁰¹²³⁴⁵⁶⁷⁸⁹") == ""
}

// amendmentMark reports whether a token is a mark of amendment.
func amendmentMark(text string) bool {
	if len(text) < 2 || text[0] != '[' && text[0] != ']' {
		return false
	}
	return digits(text[1:]) || raised(text[1:])
}

// amendmentMarks reports whether two runs of tokens are marks of amendments and the dots
// between them, and nothing else.
func amendmentMarks(a, b []token) bool {
	marks := 0
	for _, toks := range [2][]token{a, b} {
		for i := range toks {
			if amendmentMark(toks[i].text) {
				marks++
			} else if strings.Trim(toks[i].text, ".…") != "" {
				return false
			}
		}
	}
	return marks > 0
}

// gluedLetter is the letter of a list item that its publisher glued to the first word
// ("a.not"), and the word; not the initials "e.g." and no name of a host.
func gluedLetter(piece string) (letter, word string, ok bool) {
	if len(piece) < 5 || piece[1] != '.' || piece[0] < 'a' || piece[0] > 'z' {
		return "", "", false
	}
	word = piece[2:]
	return piece[:1], word, utf8.RuneCountInString(word) >= 3 && strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

package thesaurus

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Word is one word of a text. Start and End are byte offsets in it; Text is
// the word as it is compared: folded (see [Fold]), and numbers without the
// marks between their thousands.
type Word struct {
	Start, End int
	Text       string
}

// Words splits a text into words: runs of letters and digits. Hyphens,
// apostrophes and slashes separate, so that "l’accueil" is found by "accueil"
// and "re-integratie" is two words. Digits grouped by thousands are one word,
// whatever groups them: "1145", "1 145", "1.145" and "1,145" are the same.
// It takes any bytes; what is not UTF-8 separates words.
func Words(text string) []Word { return AppendWords(make([]Word, 0, len(text)/6+1), text, Fold) }

// AppendWords appends the words of a text to a list: see [Words]. It is for
// those who read many texts, and need neither a new list for each nor each word
// folded again: fold answers as [Fold] does.
func AppendWords(words []Word, text string, fold func(string) string) []Word {
	first := len(words)
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if !begins(r) {
			i += n
			continue
		}
		start := i
		for i < len(text) {
			if c := text[i]; 'a' <= c && c <= 'z' {
				i++
				continue
			}
			r, n = utf8.DecodeRuneInString(text[i:])
			if !begins(r) && !unicode.IsMark(r) && !silent(r) {
				break
			}
			i += n
		}
		w := Word{start, i, fold(text[start:i])}
		if last := len(words) - 1; last >= first && continuesNumber(text, words[last], w) {
			words[last].End = w.End
			words[last].Text += w.Text
			continue
		}
		words = append(words, w)
	}
	return words
}

// HasWords reports whether a text has a word.
func HasWords(text string) bool { return strings.ContainsFunc(text, begins) }

func begins(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// continuesNumber reports whether w is the next group of thousands of the
// number that last is: one mark between them, three digits after it, and
// before it one to three digits or groups already joined by the same mark.
func continuesNumber(text string, last, w Word) bool {
	if w.End-w.Start != 3 || !digits(w.Text) || !digits(last.Text) {
		return false
	}
	r, n := utf8.DecodeRuneInString(text[last.End:])
	if last.End+n != w.Start {
		return false
	}
	switch r {
	case ' ', '.', ',', '\'', '’', 0xA0, 0x202F, 0x2009:
	default:
		return false
	}
	joined := last.End-last.Start > len(last.Text) // groups were joined before
	if !joined {
		return len(last.Text) <= 3 && last.Text[0] != '0'
	}
	before, _ := utf8.DecodeLastRuneInString(text[last.Start : last.End-3])
	return before == r && len(last.Text) < 15
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

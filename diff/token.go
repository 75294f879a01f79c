package diff

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// A tokenKind says what a token is made of.
type tokenKind uint8

const (
	mark      tokenKind = iota // punctuation, or nothing
	word                       // letters
	number                     // 751, 1 145, 1.145, 3,5
	reference                  // 74/6, § 1bis, C-758/24, 2°, L. 511-1, 92-681
	date                       // 12/03/2026, 2026-03-12, 12 March 2026
	clock                      // 14:05
	address                    // a mail or web address
)

// A token is a word, a number, a reference or a punctuation mark, together
// with the white space after it.
type token struct {
	text  string
	space string
	key   string // what is compared: folded, case kept; of a number, its value
	kind  tokenKind
}

var (
	dateShape  = regexp.MustCompile(`^(?:\d{1,2}([./-])\d{1,2}([./-])\d{2,4}|\d{4}([./-])\d{1,2}([./-])\d{1,2})$`)
	dayFirst   = regexp.MustCompile(`^\d{1,2}-\d{1,2}-\d{4}\b`)
	clockShape = regexp.MustCompile(`^\d{1,2}[:hH.]\d{2}(?::\d{2})?$`)
	elision    = regexp.MustCompile(`^(?i:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu|quelqu)['’]`)
)

// tokenise cuts a text into tokens at Unicode word boundaries (UAX #29),
// except that numbers, references, dates and addresses stay whole and that a
// French elided article or pronoun ("l'", "n'") stands alone. The tokens and
// their spaces put together are the text.
func tokenise(text string) []token {
	toks := shapes(text)
	for k := range toks {
		toks[k].classify()
	}
	return toks
}

// shapes are the tokens of a text without kinds and keys, but for dates.
func shapes(text string) []token { return joinDates(pieces(text)) }

// pieces are the tokens of a text before the dates in words are joined, without
// kinds and keys.
func pieces(text string) []token {
	toks := make([]token, 0, len(text)/6+1)
	for i := 0; i < len(text); {
		end := i
		for end < len(text) {
			r, n := runeAt(text, end)
			if isSpace(r) {
				break
			}
			end += n
		}
		chunk := text[i:end]
		i = end
		for i < len(text) {
			r, n := runeAt(text, i)
			if !isSpace(r) {
				break
			}
			i += n
		}
		toks = lexChunk(toks, chunk)
		if chunk == "" {
			toks = append(toks, token{}) // leading white space
		}
		toks[len(toks)-1].space = text[end:i]
	}
	return joinAcrossSpaces(toks)
}

// lexChunk appends the tokens of a chunk without white space.
func lexChunk(toks []token, chunk string) []token {
	if chunk != "" && letters(chunk) == len(chunk) {
		return append(toks, token{text: chunk})
	}
	if core := strings.TrimRight(chunk, ".,;:!?)»”\"'>"); strings.Contains(core, "@") || strings.Contains(core, "://") || strings.HasPrefix(core, "www.") {
		toks = append(toks, token{text: core, kind: address})
		chunk = chunk[len(core):]
	}
	if startsWithDigit(chunk) && strings.IndexByte(chunk, '-') > 0 {
		if d := dayFirst.FindString(chunk); d != "" {
			toks = append(toks, token{text: d})
			chunk = chunk[len(d):]
		}
	}
	from := len(toks)
	for it := words.FromString(chunk); it.Next(); {
		piece := it.Value()
		if strings.ContainsAny(piece, "'’") {
			if e := elision.FindString(piece); e != "" && len(e) < len(piece) {
				toks = append(toks, token{text: e})
				piece = piece[len(e):]
			}
		}
		if letter, rest, ok := gluedLetter(piece); ok {
			toks = append(toks, token{text: letter}, token{text: "."}, token{text: rest})
			continue
		}
		toks = append(toks, token{text: piece})
	}
	return joinPieces(toks, from)
}

// letters is the length of the run of letters that s begins with.
func letters(s string) int {
	for i, r := range s {
		if !unicode.IsLetter(r) {
			return i
		}
	}
	return len(s)
}

// joinPieces joins the pieces of numbers, references, dates and times that
// stand side by side, from the given token on.
func joinPieces(toks []token, from int) []token {
	out := from
	for i := from; i < len(toks); i++ {
		if out > from {
			last := &toks[out-1]
			if i+1 < len(toks) && (joins(last.text, toks[i].text, toks[i+1].text) || hyphened(toks[:out-1], last.text, toks[i].text, toks[i+1].text)) {
				last.text += toks[i].text + toks[i+1].text
				i++
				continue
			}
			next := ""
			if i+1 < len(toks) {
				next = toks[i+1].text
			}
			if t := toks[i].text; opensMark(last.text, t, next) || closesMark(last.text, t) || (t == "°" || t == "º") && endsInDigit(last.text) || strings.HasPrefix(last.text, "§") && (t == "§" || hasDigit(t)) {
				last.text += t
				continue
			}
		}
		toks[out] = toks[i]
		out++
	}
	return toks[:out]
}

// joins reports whether three pieces are one reference, date or time.
func joins(left, by, right string) bool {
	switch by {
	case "/":
		return (hasDigit(left) || upper(left)) && startsWithDigit(right) || hasDigit(left) && upper(right)
	case "-", "‐", "‑":
		if !startsWithDigit(right) {
			return false
		}
		if upper(left) {
			return true
		}
		return len(right) == 2 && (len(left) == 4 && digits(left) || len(left) == 7 && left[4] == '-')
	case ":":
		if digits(right) && len(right) == 2 && startsWithDigit(left) && len(left) <= 5 {
			return true
		}
		return upper(left) && len(left) > 1 && (startsWithDigit(right) || upper(right))
	}
	return false
}

// joinAcrossSpaces joins the groups of a number written with spaces (1 145),
// a paragraph sign with its number (§ 1bis), and the series of a French code
// with the number of its article (L. 511-1).
func joinAcrossSpaces(toks []token) []token {
	out := 0
	for i := range toks {
		if t := &toks[i]; out > 0 && startsWithDigit(t.text) {
			last := &toks[out-1]
			one := utf8.RuneCountInString(last.space) == 1
			group := one && numberHead(last.text) && len(t.text) >= 3 && groupOfThree(t.text) && startsNumber(t.text)
			if group || strings.Trim(last.text, "§") == "" && last.text != "" && one {
				last.text += last.space + t.text
				last.space = t.space
				continue
			}
			if last.text == "." && (one || last.space == "") && out > 1 && seriesNumber(&toks[out-2], t.text) {
				toks[out-2].text += "." + last.space + t.text
				toks[out-2].space = t.space
				out--
				continue
			}
		}
		toks[out] = toks[i]
		out++
	}
	return toks[:out]
}

// numberHead reports whether s can be the first groups of a spaced number.
func numberHead(s string) bool {
	if s == "" || s[0] == '0' || !startsWithDigit(s) {
		return false
	}
	head, _ := utf8.DecodeLastRuneInString(s)
	if !digit(head) {
		return false
	}
	n := 0
	for n < len(s) && digit(rune(s[n])) {
		n++
	}
	if n > 3 {
		return false
	}
	for i := n; i < len(s); { // further groups: a space and three digits
		r, w := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsSpace(r) || !groupOfThree(s[i+w:]) {
			return false
		}
		i += w + 3
	}
	return true
}

// startsNumber reports whether s is made of digits and separators only.
func startsNumber(s string) bool { return strings.Trim(s, "0123456789.,") == "" }

// classify sets the kind and the key of a token.
func (t *token) classify() {
	if t.kind == date {
		return // see joinDates
	}
	t.key = fold(t.text)
	if t.kind == address {
		return
	}
	if amendmentMark(t.text) {
		t.key = t.text[:1] + "#"
		return
	}
	r, _ := utf8.DecodeRuneInString(t.text)
	switch {
	case !hasDigit(t.text):
		if unicode.IsLetter(r) {
			t.kind = word
		}
	case dateShape.MatchString(t.key):
		t.kind = date
	case clockShape.MatchString(t.key) && strings.ContainsAny(t.key, ":hH"):
		t.kind = clock
	default:
		t.kind = reference
		if seriesHead(t.key) { // L. 511-1, L.511-1 and L511-1
			t.key = t.key[:1] + strings.TrimLeft(t.key[1:], ". ")
		}
		if v, ok := parseNumber(t.key); ok {
			t.kind, t.key = number, v
		}
	}
}

// parseNumber gives the value of a number in digits with a decimal point:
// "1145" for 1 145, 1.145, 1,145 and 1'145; "3.5" for 3,5 and 3.5. Three
// digits after a separator are taken for a group of thousands, in any
// language, unless a zero stands before. What is not a number (4.1.2, 74/6)
// gives false.
func parseNumber(s string) (string, bool) {
	s = strings.TrimRight(s, ".,")
	if !startsWithDigit(s) {
		return "", false
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return !digit(r) })
	seps := strings.FieldsFunc(s, digit)
	if strings.Join(seps, "") != strings.Map(func(r rune) rune {
		if digit(r) {
			return -1
		}
		return r
	}, s) || len(parts) != len(seps)+1 {
		return "", false
	}
	for i, sep := range seps {
		group := len(parts[i+1]) == 3 && parts[0] != "0" && len(parts[0]) <= 3
		if group && strings.Contains(" .,'", sep) && (i == 0 || sep == seps[0]) {
			continue
		}
		if i == len(seps)-1 && (sep == "." || sep == ",") && (i == 0 || sep != seps[0]) {
			return trimZeros(strings.Join(parts[:i+1], "")) + "." + parts[i+1], true
		}
		return "", false
	}
	return trimZeros(strings.Join(parts, "")), true
}

func trimZeros(s string) string {
	if t := strings.TrimLeft(s, "0"); t != "" {
		return t
	}
	return "0"
}

func digits(s string) bool          { return s != "" && strings.TrimLeft(s, "0123456789") == "" }
func startsWithDigit(s string) bool { return s != "" && digit(rune(s[0])) }
func endsInDigit(s string) bool     { return s != "" && digit(rune(s[len(s)-1])) }

func hasDigit(s string) bool {
	for i := 0; i < len(s); i++ {
		if '0' <= s[i] && s[i] <= '9' {
			return true
		}
	}
	return false
}

// upper reports whether s has letters and all of them are capitals.
func upper(s string) bool {
	return strings.ToUpper(s) == s && strings.ToLower(s) != s
}

package index

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexeme kinds.
type lexKind int

const (
	lexEnd    lexKind = iota
	lexWord           // text: as typed
	lexPhrase         // text: between the quotes
	lexField          // text: the field's name, without the colon
	lexOpen           // (
	lexClose          // )
	lexAnd
	lexOr
	lexNot  // NOT or a minus
	lexNear // NEAR/n
)

// A lexeme is a piece of a query. pos is the byte offset at which it begins.
type lexeme struct {
	kind lexKind
	text string
	pos  int
	n    int // of NEAR/n and of word~n
}

// quotes maps an opening quotation mark to its closing ones. What stands
// between straight quotes may use straight ones only.
var quotes = map[rune]string{'"': "\"", '“': "”\"", '”': "”\"", '„': "“”\"", '«': "»", '»': "«»"}

// fields are the names that may stand before a colon.
var fields = []string{"source", "institution", "lang", "kind", "jurisdiction", "topic", "title", "path", "article", "role"}

// lex splits a query into lexemes. The last one is lexEnd.
func lex(q string) ([]lexeme, *QueryError) {
	var out []lexeme
	for i := 0; i < len(q); {
		r, n := utf8.DecodeRuneInString(q[i:])
		switch {
		case unicode.IsSpace(r) || r == utf8.RuneError && n == 1:
			i += n
		case r == '(':
			out = append(out, lexeme{kind: lexOpen, text: "(", pos: i})
			i++
		case r == ')':
			out = append(out, lexeme{kind: lexClose, text: ")", pos: i})
			i++
		case quotes[r] != "":
			text, end := quoted(q, i, n, quotes[r])
			if end < 0 {
				return nil, &QueryError{i, "this quotation mark is not closed"}
			}
			out = append(out, lexeme{kind: lexPhrase, text: text, pos: i})
			i = end
		case r == '-' && minus(q[i+1:]):
			out = append(out, lexeme{kind: lexNot, text: "-", pos: i})
			i++
		default:
			l, end, err := lexRun(q, i)
			if err != nil {
				return nil, err
			}
			out = append(out, l)
			i = end
		}
	}
	return append(out, lexeme{kind: lexEnd, pos: len(q)}), nil
}

// minus reports whether a hyphen before rest means "not".
func minus(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '(' || quotes[r] != ""
}

// quoted returns the text after the opening mark at i (of n bytes) and where
// the lexeme ends, or -1 if no closing mark follows.
func quoted(q string, i, n int, closing string) (string, int) {
	rest := q[i+n:]
	at := strings.IndexAny(rest, closing)
	if at < 0 {
		return "", -1
	}
	_, m := utf8.DecodeRuneInString(rest[at:])
	return rest[:at], i + n + at + m
}

// lexRun reads a word, an operator, or a field's name up to its colon.
func lexRun(q string, start int) (lexeme, int, *QueryError) {
	end := start
	for end < len(q) {
		r, n := utf8.DecodeRuneInString(q[end:])
		if unicode.IsSpace(r) || r == '(' || r == ')' || quotes[r] != "" {
			break
		}
		end += n
	}
	run := q[start:end]
	switch {
	case run == "AND":
		return lexeme{kind: lexAnd, text: run, pos: start}, end, nil
	case run == "OR":
		return lexeme{kind: lexOr, text: run, pos: start}, end, nil
	case run == "NOT":
		return lexeme{kind: lexNot, text: run, pos: start}, end, nil
	case strings.HasPrefix(run, "NEAR/"):
		n, err := strconv.Atoi(run[len("NEAR/"):])
		if err != nil || n < 0 || n > maxNear {
			return lexeme{}, 0, &QueryError{start, fmt.Sprintf("NEAR/ needs a number from 0 to %d: how many words may stand between", maxNear)}
		}
		return lexeme{kind: lexNear, text: run, pos: start, n: n}, end, nil
	}
	if name, rest, ok := strings.Cut(run, ":"); ok && isName(name) {
		known := slices.Contains(fields, strings.ToLower(name))
		switch {
		case known:
			return lexeme{kind: lexField, text: strings.ToLower(name), pos: start}, start + len(name) + 1, nil
		case rest != "" && !strings.HasPrefix(rest, "//") && !strings.EqualFold(name, "ecli"):
			return lexeme{}, 0, &QueryError{start, "there is no field " + name + "; the fields are " +
				strings.Join(fields, ", ") + "; put quotation marks around words that contain a colon"}
		}
	}
	if i := strings.IndexByte(run, '*'); i >= 0 && i < len(run)-1 {
		return lexeme{}, 0, &QueryError{start + i, "* can only stand at the end of a word"}
	}
	l := lexeme{kind: lexWord, text: run, pos: start}
	if i := strings.IndexByte(run, '~'); i > 0 {
		var ok bool
		if l.n, ok = letters(run[i+1:], run[:i]); !ok {
			return lexeme{}, 0, &QueryError{start + i, "~ stands at the end of a word; ~1 or ~2 says how many letters may differ"}
		}
		l.text = run[:i]
	}
	return l, end, nil
}

// letters is how many letters may differ by what stands after ~: 1 or 2, or as
// many as the length of the word makes sensible.
func letters(after, word string) (int, bool) {
	switch {
	case after == "" && utf8.RuneCountInString(word) < 6:
		return 1, true
	case after == "":
		return 2, true
	case after == "1" || after == "2":
		return int(after[0] - '0'), true
	}
	return 0, false
}

func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && s[i] != '_' && s[i] != '-' {
			return false
		}
	}
	return s != ""
}

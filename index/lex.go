package index

import (
	"slices"
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
	lexNot // NOT or a minus
)

// A lexeme is a piece of a query. pos is the byte offset at which it begins.
type lexeme struct {
	kind lexKind
	text string
	pos  int
}

// quotes maps an opening quotation mark to its closing ones. What stands
// between straight quotes may use straight ones only.
var quotes = map[rune]string{'"': "\"", '“': "”\"", '”': "”\"", '„': "“”\"", '«': "»", '»': "«»"}

// fields are the names that may stand before a colon.
var fields = []string{"source", "lang", "kind", "jurisdiction", "topic", "title", "path", "role"}

// lex splits a query into lexemes. The last one is lexEnd.
func lex(q string) ([]lexeme, *QueryError) {
	var out []lexeme
	for i := 0; i < len(q); {
		r, n := utf8.DecodeRuneInString(q[i:])
		switch {
		case unicode.IsSpace(r) || r == utf8.RuneError && n == 1:
			i += n
		case r == '(':
			out = append(out, lexeme{lexOpen, "(", i})
			i++
		case r == ')':
			out = append(out, lexeme{lexClose, ")", i})
			i++
		case quotes[r] != "":
			text, end := quoted(q, i, n, quotes[r])
			if end < 0 {
				return nil, &QueryError{i, "this quotation mark is not closed"}
			}
			out = append(out, lexeme{lexPhrase, text, i})
			i = end
		case r == '-' && minus(q[i+1:]):
			out = append(out, lexeme{lexNot, "-", i})
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
	return append(out, lexeme{lexEnd, "", len(q)}), nil
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
		return lexeme{lexAnd, run, start}, end, nil
	case run == "OR":
		return lexeme{lexOr, run, start}, end, nil
	case run == "NOT":
		return lexeme{lexNot, run, start}, end, nil
	case strings.HasPrefix(run, "NEAR/"):
		return lexeme{}, 0, &QueryError{start, "there is no NEAR; use a phrase in quotation marks, or AND"}
	}
	if name, rest, ok := strings.Cut(run, ":"); ok && isName(name) {
		known := slices.Contains(fields, strings.ToLower(name))
		switch {
		case known:
			return lexeme{lexField, strings.ToLower(name), start}, start + len(name) + 1, nil
		case rest != "" && !strings.HasPrefix(rest, "//") && !strings.EqualFold(name, "ecli"):
			return lexeme{}, 0, &QueryError{start, "there is no field " + name + "; the fields are " +
				strings.Join(fields, ", ") + "; put quotation marks around words that contain a colon"}
		}
	}
	if i := strings.IndexByte(run, '*'); i >= 0 && i < len(run)-1 {
		return lexeme{}, 0, &QueryError{start + i, "* can only stand at the end of a word"}
	}
	if i := strings.IndexByte(run, '~'); i > 0 {
		return lexeme{}, 0, &QueryError{start + i, "there is no fuzzy search; use * at the end of a word, or OR"}
	}
	return lexeme{lexWord, run, start}, end, nil
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

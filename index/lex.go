package index

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/cite"
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
	lexNot     // NOT or a minus
	lexNear    // NEAR/n
	lexCite    // text: as typed; cite: the number it is
	lexArticle // text: as typed; article: what it names
)

// A lexeme is a piece of a query. pos is the byte offset at which it begins.
type lexeme struct {
	kind lexKind
	text string
	pos  int
	n    int // of NEAR/n and of word~n
	cite *cite.Cite

	article *articleRef
}

// quotes maps an opening quotation mark to its closing ones. What stands
// between straight quotes may use straight ones only.
var quotes = map[rune]string{'"': "\"", '“': "”\"", '”': "”\"", '„': "“”\"", '«': "»", '»': "«»"}

// fields are the names that may stand before a colon.
var fields = []string{"source", "institution", "kind", "jurisdiction", "lang", "topic", "title", "path", "article", "cites",
	"sense", "weight", "added", "removed", "in", "from", "since", "until", "as-of", "role"}

// lex splits a query into lexemes. The last one is lexEnd.
func lex(q string) ([]lexeme, *QueryError) {
	var out []lexeme
	cites := typedCites(q)
	for i := 0; i < len(q); {
		for len(cites) > 0 && cites[0].Start < i {
			cites = cites[1:]
		}
		r, n := utf8.DecodeRuneInString(q[i:])
		switch {
		case len(cites) > 0 && cites[0].Start == i:
			c := cites[0]
			out = append(out, lexeme{kind: lexCite, text: q[c.Start:c.End], pos: i, cite: &c})
			i = c.End
		case startsArticle(r):
			l, end, err := lexArticleOr(q, i, cites, out)
			if err != nil {
				return nil, err
			}
			out = append(out, l)
			i = end
		case (r == '\'' || r == '‘') && valueOf(out, i):
			text, end := single(q, i, n)
			if end < 0 {
				return nil, wrong(i, "quote")
			}
			out = append(out, lexeme{kind: lexPhrase, text: text, pos: i})
			i = end
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
				return nil, wrong(i, "quote")
			}
			out = append(out, lexeme{kind: lexPhrase, text: text, pos: i})
			i = end
		case r == '-' && minus(q[i+1:]):
			out = append(out, lexeme{kind: lexNot, text: "-", pos: i})
			i++
		default:
			l, end, err := lexRun(q, i, untilNumber(cites, q))
			if err != nil {
				return nil, err
			}
			out = append(out, l)
			i = end
		}
	}
	return append(out, lexeme{kind: lexEnd, pos: len(q)}), nil
}

// untilNumber is where a lexeme ends at the latest: where a number begins.
func untilNumber(cites []cite.Cite, q string) int {
	if len(cites) > 0 {
		return cites[0].Start
	}
	return len(q)
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

// valueOf reports whether what begins at i is the value of a field.
func valueOf(before []lexeme, i int) bool {
	if len(before) == 0 {
		return false
	}
	l := before[len(before)-1]
	return l.kind == lexField && l.pos+len(l.text)+1 == i
}

// single returns the text between single quotation marks, the first of which
// stands at i and has n bytes, and where they end; -1 if they do not. An
// apostrophe inside a word is none.
func single(q string, i, n int) (string, int) {
	for at := i + n; at < len(q); {
		r, m := utf8.DecodeRuneInString(q[at:])
		if r == '\'' || r == '’' {
			if next, _ := utf8.DecodeRuneInString(q[at+m:]); !unicode.IsLetter(next) && !unicode.IsDigit(next) {
				return q[i+n : at], at + m
			}
		}
		at += m
	}
	return "", -1
}

// typedCites finds the numbers of acts, judgments and documents in a query, in
// whatever spelling: those in which nothing of the query language stands. What
// is between quotation marks is passed over by [lex].
func typedCites(q string) []cite.Cite {
	if !strings.ContainsFunc(q, unicode.IsDigit) {
		return nil // every number has a digit
	}
	found := cite.Find(q)
	found = append(found, bareActs(q, found)...)
	for i := range found {
		c := &found[i]
		if m := register.FindStringSubmatch(q[max(0, c.Start-12):c.Start]); m != nil {
			c.Start -= len(m[1])
		}
	}
	found = addressed(q, found)
	c, ok := cite.Parse(q)
	if !ok && len(found) == 0 {
		c, ok = byItself(strings.TrimSpace(q))
	}
	if ok && len(found) <= 1 {
		lead := len(q) - len(strings.TrimLeftFunc(q, unicode.IsSpace))
		c.Start, c.End = lead, lead+len(strings.TrimSpace(q))
		found = []cite.Cite{c}
	}
	slices.SortFunc(found, func(a, b cite.Cite) int { return a.Start - b.Start })
	return slices.DeleteFunc(found, func(c cite.Cite) bool {
		if next, _ := utf8.DecodeRuneInString(q[c.End:]); next == '*' || next == '~' {
			return true
		}
		for _, w := range strings.Fields(q[c.Start:c.End]) {
			name, _, field := strings.Cut(w, ":")
			if w == "AND" || w == "OR" || w == "NOT" || strings.HasPrefix(w, "NEAR/") || field && slices.Contains(fields, strings.ToLower(name)) ||
				strings.ContainsFunc(w, func(r rune) bool { return quotes[r] != "" }) {
				return true
			}
		}
		return false
	})
}

// What is a number only where it is all that was typed: a case without its
// hyphen or in small letters, and a judgment without its court.
var (
	caseAlone     = regexp.MustCompile(`(?i)^((?:cases?|affaires?|zaak|zaken|rechtssachen?|rs\.) +)?([ctf])[ .-]?(\d{1,4}/\d{2})((?: +(?:PPU|RX|OP|REV|P|R))*)$`)
	judgmentAlone = regexp.MustCompile(`(?i)^(?:arrest|arr[êe]t|urteil|entscheid|judgment|ruling) *(?:(?:nr|n°|nº|no|nummer|num[ée]ro|number)\.? *)?(?:(\d{2,3}[. \x{A0}]?\d{3})|(\d{1,3}/\d{4}))$`)
)

// byItself reads what is a number only where it is all that was typed. A judgment
// without its court is one of each court that counts so.
func byItself(q string) (c cite.Cite, ok bool) {
	if m := caseAlone.FindStringSubmatch(q); m != nil {
		return cite.Parse(strings.ToUpper(m[2]) + "-" + m[3] + strings.ToUpper(m[4]))
	}
	m := judgmentAlone.FindStringSubmatch(q)
	switch {
	case m == nil:
		return c, false
	case m[2] != "":
		return cite.Parse("GwH nr. " + m[2])
	}
	c, ok = cite.Parse("RvV nr. " + m[1])
	if other, also := cite.Parse("RvS nr. " + m[1]); ok && also {
		c.Same = append(c.Same, other.Keys()...)
	} else if also {
		return other, true
	}
	return c, ok
}

// addressed puts, in place of what was found in a web address, the act, judgment
// or document that the address leads to.
func addressed(q string, found []cite.Cite) []cite.Cite {
	at := 0
	for word := range strings.FieldsFuncSeq(q, unicode.IsSpace) {
		at += strings.Index(q[at:], word)
		from, to := at, at+len(word)
		at = to
		c, ok := cite.OfAddress(word)
		if !ok {
			continue
		}
		found = slices.DeleteFunc(found, func(f cite.Cite) bool { return f.Start < to && from < f.End })
		c.Start, c.End = from, to
		found = append(found, c)
	}
	return found
}

// register is the name of a register of numbers, as it stands before one.
var register = regexp.MustCompile(`(?i)(?:^|[\s(])((?:celex|numac)(?:\s*:\s*|\s+))$`)

// bareAct is the number of an act of the EU without the word for what it is.
var bareAct = regexp.MustCompile(`\b(?:19|20)?\d{2}/\d{1,4}/(?:EU|UE|EC|CE|EG|EEC|CEE|EEG|EWG|JHA|JAI|JBZ|JI)\b`)

// bareActs finds numbers such as 2008/115/EC outside what was found already:
// they are of a directive or a decision, and mean both.
func bareActs(q string, found []cite.Cite) []cite.Cite {
	var out []cite.Cite
	for _, at := range bareAct.FindAllStringIndex(q, -1) {
		if slices.ContainsFunc(found, func(c cite.Cite) bool { return c.Start < at[1] && at[0] < c.End }) {
			continue
		}
		number := q[at[0]:at[1]]
		c, ok := cite.Parse("Directive " + number)
		if !ok {
			continue
		}
		for _, nature := range []string{"Decision ", "Framework Decision "} {
			if other, ok := cite.Parse(nature + number); ok {
				c.Same = append(c.Same, other.Keys()...)
			}
		}
		c.Start, c.End = at[0], at[1]
		out = append(out, c)
	}
	return out
}

// lexRun reads a word, an operator, or a field's name up to its colon. It stops
// before stop.
func lexRun(q string, start, stop int) (lexeme, int, *QueryError) {
	end := start
	for end < stop {
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
	case run == "NEAR":
		return lexeme{}, 0, wrong(start, "near-number", maxNear)
	case strings.HasPrefix(run, "NEAR/"):
		n, err := strconv.Atoi(run[len("NEAR/"):])
		if err != nil || n < 0 || n > maxNear {
			return lexeme{}, 0, wrong(start, "near-number", maxNear)
		}
		return lexeme{kind: lexNear, text: run, pos: start, n: n}, end, nil
	}
	if name, rest, ok := strings.Cut(run, ":"); ok && isName(name) {
		known := slices.Contains(fields, strings.ToLower(name))
		switch {
		case known && (rest != "" || !strings.EqualFold(name, "in") || end < len(q) && end == stop):
			return lexeme{kind: lexField, text: strings.ToLower(name), pos: start}, start + len(name) + 1, nil
		case rest != "" && !strings.HasPrefix(rest, "//") && !strings.EqualFold(name, "ecli"):
			return lexeme{}, 0, wrong(start, "field", name, strings.Join(fields, ", "))
		}
	}
	if i := strings.IndexByte(run, '*'); i >= 0 && i < len(run)-1 {
		return lexeme{}, 0, wrong(start+i, "star-end")
	}
	l := lexeme{kind: lexWord, text: run, pos: start}
	if i := strings.IndexByte(run, '~'); i > 0 {
		var ok bool
		if l.n, ok = letters(run[i+1:], run[:i]); !ok {
			return lexeme{}, 0, wrong(start+i, "tilde")
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

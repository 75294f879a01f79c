package index

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// bare is a phrase to trace without what stands in quotation marks, byte for
// byte: letters stand there instead. It reports what of the query language a
// phrase has and cannot have, so that nothing is traced but what is meant.
// Parentheses that hold words are a part of what is traced, as in 2025/0059(COD).
func bare(phrase string) (string, *QueryError) {
	out := []byte(phrase)
	for i := 0; i < len(phrase); {
		r, n := utf8.DecodeRuneInString(phrase[i:])
		if quotes[r] == "" {
			i += n
			continue
		}
		_, end := quoted(phrase, i, n, quotes[r])
		if end < 0 {
			return "", wrong(i, "quote")
		}
		for ; i < end; i++ {
			out[i] = 'q'
		}
	}
	text := string(out)
	if err := bareParentheses(text); err != nil {
		return "", err
	}
	return text, bareWords(text)
}

// bareParentheses reports a parenthesis without its other one, and a pair that
// is meant to group.
func bareParentheses(text string) *QueryError {
	var open []int
	for i := range len(text) {
		switch {
		case text[i] == '(':
			open = append(open, i)
		case text[i] != ')':
		case len(open) == 0:
			return wrong(i, "close")
		default:
			from := open[len(open)-1]
			if open = open[:len(open)-1]; operators.MatchString(text[from+1 : i]) {
				return wrong(from, "trace-group")
			}
		}
	}
	if len(open) > 0 {
		return wrong(open[0], "open")
	}
	return nil
}

// bareWords reports operators and fields that only searches have.
func bareWords(text string) *QueryError {
	if strings.HasPrefix(strings.TrimSpace(text), "concept:") {
		return nil
	}
	at := 0
	for word := range strings.FieldsFuncSeq(text, unicode.IsSpace) {
		at += strings.Index(text[at:], word)
		name, value, colon := strings.Cut(word, ":")
		lower := strings.ToLower(name)
		tilde := strings.IndexByte(word, '~')
		switch {
		case word == "AND" || word == "NOT":
			return wrong(at, "trace-operator", word)
		case word == "NEAR":
			return wrong(at, "near-number", maxNear)
		case word[0] == '-' && minus(word[1:]) && strings.TrimSpace(text[:at]) != "":
			return wrong(at, "trace-operator", "-")
		case tilde > 0:
			return wrong(at+tilde, "trace-operator", "~")
		case colon && lower == "concept":
			return wrong(at, "trace-concept")
		case colon && value != "" && slices.Contains(fields, lower):
			return wrong(at, "trace-field", lower)
		}
		at += len(word)
	}
	return nil
}

package index

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A QueryError says what is wrong with a query. Pos is the byte offset in
// [Query.Text] of the character it is about, Character the same counted in
// characters from 1 (0 where it is about none), Msg the reason in English. Code,
// one of [Reasons], and Args say the same to whoever tells it in other words.
// What is wrong with a list or a time beside the text has Pos -1 and the name of
// the parameter in Param.
type QueryError struct {
	Pos       int
	Character int
	Msg       string
	Code      string
	Args      []string // for {0}, {1}, … of the reason
	Param     string   // "" where it is about the text
}

// Error begins with the character, or with the parameter.
func (e *QueryError) Error() string {
	switch {
	case e.Pos < 0:
		return e.Param + ": " + e.Msg
	case e.Character == 0:
		return "query: " + e.Msg
	}
	return fmt.Sprintf("query, character %d: %s", e.Character, e.Msg)
}

// located counts, of an error about a query's text, which character it is about.
func located(err *error, text string) {
	var e *QueryError
	if errors.As(*err, &e) && e.Pos >= 0 && e.Pos <= len(text) {
		e.Character = utf8.RuneCountInString(text[:e.Pos]) + 1
	}
}

// reasons are what may be wrong with a query, by code.
var reasons = map[string]string{
	"long":           "the query is too long; at most {0} bytes are read",
	"quote":          "this quotation mark is not closed",
	"open":           "this ( is not closed",
	"close":          "there is no ( for this )",
	"empty":          "there is nothing between these parentheses",
	"nothing":        "there is no letter or digit to search for",
	"missing":        "something to search for is missing here",
	"before":         "{0} needs something before it",
	"after":          "{0} needs something after it",
	"near":           "{0} stands between two words",
	"near-number":    "NEAR/ needs a number from 0 to {0}: how many words may stand between",
	"deep":           "the query is nested too deeply",
	"many":           "the query has too many words; at most {0} are read",
	"field":          "there is no field {0}; the fields are {1}; put quotation marks around words that contain a colon",
	"field-inside":   "a field cannot stand inside a field",
	"field-value":    "{0}: needs a value right after the colon",
	"field-whole":    "{0}: needs a whole value",
	"field-one-of":   "{0}: is one of {1}",
	"field-unknown":  "there is no {0} {1} here",
	"field-similar":  "there is no {0} {1} here; did you mean {2}?",
	"field-known":    "there is no {0} {1} here; there are {2}",
	"contradiction":  "{0} and {1} exclude each other, so that nothing can be found; put OR between them to find either",
	"field-number":   "{0}: needs a number from {1} to {2}",
	"field-time":     "{0}: needs a time such as 2025, 2025-03, 2025-03-01 or 2025-03-01T09:30:00Z",
	"field-top":      "{0}: is asked of the whole search; it cannot stand inside parentheses or after NOT",
	"field-twice":    "{0}: can be given only once",
	"period":         "{0}: comes after {1}: so that nothing can be found",
	"change-not":     "{0}: cannot stand under NOT or a minus unless something that was added or removed is searched for as well",
	"change-inside":  "{0}: cannot hold a field",
	"cite":           "{0} is not the number of an act, judgment or document that is known here; write it as 32008L0115, Directive 2008/115/EC, C-758/24 or ECLI:EU:C:2025:1",
	"star-start":     "* needs the beginning of a word before it",
	"star-short":     "* needs at least two letters before it",
	"star-end":       "* can only stand at the end of a word",
	"star-many":      "more than {0} words begin with {1}; write more letters before the *",
	"star-beside":    "* needs at least two letters beside it in the same word",
	"star-fit":       "too many words fit {0}; write more letters beside the *",
	"near-many":      "at most {0} words can be asked to stand near one another",
	"near-once":      "NEAR may stand once in a phrase; put OR between two of them",
	"trace-group":    "parentheses cannot hold OR or NEAR in what is traced; write each alternative out: one two OR one three",
	"trace-operator": "{0} is not understood in what is traced, only OR and NEAR/n are; put quotation marks around what is to be traced as it is written",
	"trace-field":    "{0}: is no part of what is traced; languages and sources are chosen beside it",
	"trace-concept":  "concept: stands at the beginning, with nothing but the id of a concept after it",
	"operand-after":  "there is no word after the operator",
	"letter":         "this letter cannot be searched for",
	"concept":        "there is no concept {0} in the thesaurus",
	"tilde":          "~ stands at the end of a word; ~1 or ~2 says how many letters may differ",
	"tilde-word":     "~ stands at the end of a single word of at most {0} letters",
	"tilde-many":     "more than {0} words are like {1}",
	"words-many":     "the words with * and ~ up to here stand for more than {0} words; write more letters",
	"broad":          "the search is too broad: its words stand in more places than can be looked at; leave out the most common ones or narrow it down",
	"watch":          "{0}: cannot be part of what is watched: only what comes is looked at",
}

// Reasons are the codes of [QueryError], in order.
func Reasons() []string { return slices.Sorted(maps.Keys(reasons)) }

// maxValue is how much of what was typed a message repeats, in characters.
const maxValue = 60

// short is what was typed, shortened for a message.
func short(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if r := []rune(text); len(r) > maxValue {
		return string(r[:maxValue-1]) + "…"
	}
	return text
}

// wrong is the error for a character.
func wrong(pos int, code string, args ...any) *QueryError {
	e := &QueryError{Pos: pos, Msg: reasons[code], Code: code}
	for i, a := range args {
		e.Args = append(e.Args, fmt.Sprint(a))
		e.Msg = strings.ReplaceAll(e.Msg, "{"+strconv.Itoa(i)+"}", e.Args[i])
	}
	return e
}

package server

import (
	"strings"
	"unicode/utf8"

	"veille/index"
)

// A pointed is a message about a search, with the place it is about.
type pointed struct {
	Message           string
	Character         int // from 1; 0 if it is about none
	Before, At, After string
	Caret             string // blanks, and the mark under the character
}

// point finds the character that a wrong search is wrong at.
func point(t *tongue, text string, e *index.QueryError) *pointed {
	p := &pointed{Message: t.reason(e)}
	if e.Pos < 0 {
		p.Message = t.Of("param", e.Param) + t.T("colon") + " " + p.Message
	}
	if e.Pos < 0 || e.Pos > len(text) {
		return p
	}
	p.Character = utf8.RuneCountInString(text[:e.Pos]) + 1
	_, size := utf8.DecodeRuneInString(text[e.Pos:])
	p.Before, p.At, p.After = text[:e.Pos], text[e.Pos:e.Pos+size], text[e.Pos+size:]
	if r := []rune(p.Before); len(r) > echoed {
		p.Before = "…" + string(r[len(r)-echoed+1:])
	}
	if r := []rune(p.After); len(r) > echoed {
		p.After = string(r[:echoed-1]) + "…"
	}
	if size == 0 {
		p.At = "\u00a0"
	}
	p.Caret = strings.Repeat(" ", utf8.RuneCountInString(p.Before)) + "^"
	return p
}

// param is what a page calls a parameter, with the name that stands in its
// address; only the latter where no page asks for it.
func (t *tongue) param(name string) string {
	if text := t.Of("param", name); text != name {
		return text + " (" + name + ")"
	}
	return name
}

// echoed is how much of a search is repeated on either side of a wrong
// character, in characters.
const echoed = 40

// reason says in this language what is wrong with a search.
func (t *tongue) reason(e *index.QueryError) string {
	args := make([]any, len(e.Args))
	for i, a := range e.Args {
		args[i] = a
	}
	if key := "query." + e.Code; t.T(key) != key {
		return t.T(key, args...)
	}
	return sentence(e.Msg)
}

// headed is a search as a page's title has it.
func headed(text string) string {
	const most = 80
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

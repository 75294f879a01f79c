package diff

import (
	"sync"

	"veille/thesaurus"
)

// known is the thesaurus, read once; nil if it cannot be read, which a test
// rules out.
var known = sync.OnceValue(func() *thesaurus.Thesaurus {
	t, err := thesaurus.Load()
	if err != nil {
		return nil
	}
	return t
})

// concepts are the names of the thesaurus that lie at least partly in the
// tokens from..to of a sentence. Any two of them can stand in each other's
// place: what the thesaurus holds are the words of one field.
func concepts(lang string, toks []token, from, to int) []term {
	t := known()
	if t == nil || lang == "" {
		return nil
	}
	start, end, at := 0, 0, 0
	for i := range toks {
		if i == from {
			start = at
		}
		at += len(toks[i].text)
		if i < to {
			end = at
		}
		at += len(toks[i].space)
	}
	text := rawText(toks)
	var out []term
	for _, m := range t.Find(text, lang) {
		if m.Start < end && m.End > start {
			out = append(out, term{"thesaurus", text[m.Start:m.End]})
		}
	}
	return out
}

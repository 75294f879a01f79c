package index

import (
	"slices"
	"strings"

	"veille/thesaurus"
)

// TraceWords are what a phrase to trace asks for, without its variants: for texts
// whose folded words are at hand. They may be used concurrently.
type TraceWords struct {
	// Typed is nothing but words side by side, of which other names may be sought.
	Typed bool
	// Runs are words in a row, of which a text must have one, unless it Has another.
	Runs [][]string

	others []*key // with stars or NEAR
}

// CompileTrace reads a phrase as [Index.Trace] does. For a wrong one the error is a
// *[QueryError].
func CompileTrace(phrase string, names *thesaurus.Thesaurus) (w *TraceWords, err error) {
	defer located(&err, phrase)
	keys, qerr := parseKeys(phrase)
	if qerr != nil {
		return nil, qerr
	}
	w = &TraceWords{}
	if id, ok := strings.CutPrefix(strings.TrimSpace(phrase), "concept:"); ok {
		c := names.Concept(strings.Trim(id, ` "`))
		if c == nil {
			return nil, wrong(0, "concept", id)
		}
		for _, name := range c.Names() {
			w.Runs = append(w.Runs, exactWords(name))
		}
		return w, nil
	}
	for _, k := range keys {
		if k.varies = false; len(k.runs) > 1 || k.starred() {
			w.others = append(w.others, k)
		} else {
			w.Runs = append(w.Runs, k.words())
		}
	}
	w.Typed = len(keys) == 1 && len(w.Runs) == 1
	return w, nil
}

// More reports whether the phrase asks for more than Runs.
func (w *TraceWords) More() bool { return len(w.others) > 0 }

// Has reports whether the words of a text have what the phrase asks for beside Runs.
func (w *TraceWords) Has(words []string) bool {
	r := tokenReader{tokens: make([]thesaurus.Word, len(words))}
	for i, word := range words {
		r.tokens[i].Text = word
	}
	return slices.ContainsFunc(w.others, func(k *key) bool {
		for i := range words {
			if covers, _ := r.at(k, i); covers > 0 {
				return true
			}
		}
		return false
	})
}

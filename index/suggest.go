package index

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	bindex "github.com/blevesearch/bleve_index_api"

	"veille/internal/levenshtein"
	"veille/thesaurus"
)

// Suggestions: of a word that no passage has, the nearest one that passages of
// those that are searched have. The archive's own words are all there is to
// choose from, so that what is suggested finds something.

// The bounds of suggesting.
const (
	maxSuggested = 5   // words of one query
	maxSimilar   = 200 // words that are weighed against one another, for each
	leastLetters = 4   // of a word that is looked at
)

// A Suggestion is a query that finds something where the one that was typed has
// words that nothing has.
type Suggestion struct {
	Query string // the whole query, with other words
	Words []Misspelling
}

// A Misspelling is a word that nothing has, and the one that may have been meant.
type Misspelling struct{ Typed, Meant string }

// suggest looks for words that nothing has. It returns nil if there are none,
// or nothing is like them.
func (e *engine) suggest(n *node) (*Suggestion, error) {
	pass, err := e.narrowed(n)
	if err != nil {
		return nil, err
	}
	s := &speller{engine: e, pass: pass}
	if err := s.look(n); err != nil || len(s.words) == 0 {
		return nil, err
	}
	out, last := &Suggestion{Words: s.words}, 0
	for i, p := range s.places {
		if p.start < last {
			continue
		}
		out.Query += e.q.Text[last:p.start] + s.words[i].Meant
		last = p.end
	}
	out.Query += e.q.Text[last:]
	return out, nil
}

// A speller collects the misspelt words of a query, and where they stand in it.
type speller struct {
	*engine
	pass   filter
	words  []Misspelling
	places []mark
}

// look goes through the words of a query that are searched in texts.
func (s *speller) look(n *node) error {
	if n == nil || n.op == opNot || n.field != "" || n.op == opOr && n.either && n.kids[0].op == opCite {
		return nil
	}
	for _, k := range n.kids {
		if err := s.look(k); err != nil {
			return err
		}
	}
	if n.op != opWord && n.op != opPhrase {
		return nil
	}
	at := strings.Index(s.q.Text[n.pos:], n.text)
	if at < 0 {
		return nil
	}
	from := n.pos + at
	for _, w := range thesaurus.Words(n.text) {
		if len(s.words) == maxSuggested {
			return nil
		}
		meant, err := s.meant(w.Text, n.op == opWord, s.pass)
		if err != nil {
			return err
		}
		if meant != "" {
			s.places = append(s.places, mark{from + w.Start, from + w.End})
			s.words = append(s.words, Misspelling{s.q.Text[from+w.Start : from+w.End], meant})
		}
	}
	return nil
}

// similar is a word that is like another.
type similar struct {
	word   string
	differ int
	df     uint64
}

// meant is the word that a misspelt one may stand for, as it is written in the
// archive; "" if the word is there, or nothing is like it.
func (e *engine) meant(word string, inflected bool, pass filter) (string, error) {
	size := utf8.RuneCountInString(word)
	if size < leastLetters || size > maxFuzzyWord || word[0] >= '0' && word[0] <= '9' {
		return "", nil
	}
	if known, err := e.anywhere(word, inflected); known || err != nil {
		return "", err
	}
	fuzzy, ok := e.reader.(bindex.IndexReaderFuzzy)
	if !ok {
		return "", nil
	}
	var near []similar
	for letters := 1; letters <= 2 && (letters == 1 || size > leastLetters); letters++ {
		dict, err := fuzzy.FieldDictFuzzy(fieldExact, word, letters, string([]rune(word)[:1]))
		if err != nil {
			return "", err
		}
		if near, err = weigh(dict, word); err != nil {
			return "", err
		}
		if len(near) > 0 && near[0].differ <= letters {
			break
		}
	}
	for _, s := range near[:min(len(near), maxSuggested)] {
		written, err := e.written(s.word, pass)
		if err != nil || written != "" {
			return written, err
		}
	}
	return "", nil
}

// narrowed are the passages that the clauses on fields leave, so far as they
// stand beside all else: what is suggested must be found there.
func (e *engine) narrowed(n *node) (filter, error) {
	pass := e.base(n.asks("role"))
	if n == nil || n.op != opAnd {
		return pass, nil
	}
	for _, k := range n.kids {
		if !k.filters() {
			continue
		}
		f, err := e.filter(k)
		if err != nil {
			return nil, err
		}
		before := pass
		pass = func(d uint32) bool { return before(d) && f(d) }
	}
	return pass, nil
}

// anywhere reports whether any passage has a word, or a form of it.
func (e *engine) anywhere(word string, inflected bool) (bool, error) {
	has := func(field, term string) (bool, error) {
		r, err := e.reader.TermFieldReader(e.ctx, []byte(term), field, false, false, false)
		if err != nil {
			return false, err
		}
		n := r.Count()
		return n > 0, r.Close()
	}
	if ok, err := has(fieldExact, word); ok || err != nil || !inflected {
		return ok, err
	}
	for _, lang := range stemmed {
		stem := languages()[lang].stem(word)
		if stem == "" {
			continue
		}
		fields := []string{fieldBody + lang}
		if splitters()[lang] != nil {
			fields = append(fields, fieldParts+lang)
		}
		for _, field := range fields {
			if ok, err := has(field, stem); ok || err != nil {
				return ok, err
			}
		}
	}
	return false, nil
}

// weigh puts the words of a dictionary in order: those that differ least, and
// of these the most frequent, first.
func weigh(dict bindex.FieldDict, word string) (near []similar, err error) {
	defer func() {
		if cerr := dict.Close(); err == nil {
			err = cerr
		}
	}()
	for len(near) < maxSimilar {
		d, err := dict.Next()
		if err != nil {
			return nil, err
		}
		if d == nil {
			break
		}
		differ := levenshtein.Distance(word, d.Term)
		if swapped(word, d.Term) {
			differ = 1
		}
		near = append(near, similar{d.Term, differ, d.Count})
	}
	slices.SortFunc(near, func(a, b similar) int {
		return cmp.Or(cmp.Compare(a.differ, b.differ), cmp.Compare(b.df, a.df), cmp.Compare(a.word, b.word))
	})
	return near, nil
}

// swapped reports whether two words differ in nothing but the order of two
// neighbouring letters.
func swapped(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) != len(y) {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	return i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && string(x[i+2:]) == string(y[i+2:])
}

// written is a word as a passage that is searched has it, in small letters; ""
// if none has it.
func (e *engine) written(word string, pass filter) (string, error) {
	t, err := e.term(e.ctx, fieldExact, word, 1, pass)
	if err != nil || len(t.postings) == 0 {
		return "", err
	}
	_, p, err := e.stored(t.postings[0].doc)
	if err != nil {
		return "", err
	}
	for _, w := range thesaurus.Words(p.Text) {
		if w.Text == word {
			return strings.ToLower(p.Text[w.Start:w.End]), nil
		}
	}
	return word, nil
}

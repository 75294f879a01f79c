package index

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"veille/thesaurus"
)

// A key is what is looked for in the tokens of a passage: words side by side,
// or two such runs near one another (NEAR/n).
type key struct {
	runs    [][]pattern // one, or two with near
	near    int         // other words that may stand between the two runs
	langs   []string    // counts only in texts of these languages, unless empty
	how     string      // how it came to be looked for, see the constants of [Form]
	concept string      // whose name it is, "" if it was typed
	varies  bool        // inflections count too
}

// A pattern is a folded word, in which a star stands for any letters and digits.
type pattern struct {
	word  string
	parts []string            // around the stars; nil if there is none
	stems map[string][]string // by language; of a key that varies
}

// star stands for * while a phrase is cut into words: a letter of no language
// that is written today.
const star = "\uA66E"

// operators are what a phrase to trace may have between its words.
var operators = regexp.MustCompile(`(?:^|\s)(OR|NEAR/[0-9]+)(?:\s|$)`)

// parseKeys reads a phrase to trace: alternatives, separated by OR, each of
// which is words, or two runs of words with NEAR/n between. A word may have
// stars in it. What stands in quotation marks is not varied, and an OR in them is
// a word. Positions of errors are in bytes.
func parseKeys(phrase string) ([]*key, *QueryError) {
	if len(phrase) > maxQueryBytes {
		return nil, wrong(maxQueryBytes, "long", maxQueryBytes)
	}
	if i := strings.Index(phrase, star); i >= 0 {
		return nil, wrong(i, "letter")
	}
	text, err := bare(phrase)
	if err != nil {
		return nil, err
	}
	var keys []*key
	k, at, words := &key{how: Typed, varies: true}, 0, 0
	end := func(to, next int, op string) *QueryError {
		run, err := parseRun(phrase[at:to], at)
		if err != nil {
			return err
		}
		if words += len(run); len(run) == 0 {
			switch {
			case op == "" && len(keys) == 0 && len(k.runs) == 0:
				return wrong(0, "nothing")
			case to == next:
				return wrong(min(at, len(phrase)), "operand-after")
			}
			return wrong(to, "before", op)
		}
		k.runs = append(k.runs, run)
		k.varies = k.varies && !strings.ContainsAny(phrase[at:to], `"“”„«»`)
		at = next
		return nil
	}
	for {
		m := operators.FindStringSubmatchIndex(text[at:])
		if m == nil {
			break
		}
		op, from, to := phrase[at+m[2]:at+m[3]], at+m[2], at+m[3]
		if err := end(from, to, op); err != nil {
			return nil, err
		}
		if op == "OR" {
			keys, k = append(keys, k), &key{how: Typed, varies: true}
			continue
		}
		if err := k.nearby(op, from); err != nil {
			return nil, err
		}
	}
	if err := end(len(phrase), len(phrase), ""); err != nil {
		return nil, err
	}
	if words > maxLeaves {
		return nil, wrong(0, "many", maxLeaves)
	}
	return append(keys, k), nil
}

// nearby takes NEAR/n, which may stand once.
func (k *key) nearby(op string, at int) *QueryError {
	if len(k.runs) > 1 {
		return wrong(at, "near-once")
	}
	var err error
	if k.near, err = strconv.Atoi(op[len("NEAR/"):]); err != nil || k.near > maxNear {
		return wrong(at, "near-number", maxNear)
	}
	return nil
}

// parseRun reads words that stand side by side; offset is where they stand in the phrase.
func parseRun(text string, offset int) ([]pattern, *QueryError) {
	text = strings.ReplaceAll(text, "*", star)
	var run []pattern
	for _, w := range thesaurus.Words(text) {
		p := pattern{word: w.Text}
		if strings.Contains(w.Text, star) {
			p.parts = strings.Split(w.Text, star)
			if longest(p.parts) < 2 {
				return nil, wrong(starAt(text, w.Start, offset), "star-beside")
			}
		}
		run = append(run, p)
	}
	return run, nil
}

// starAt is where the first star from a place on stands in the phrase as typed.
func starAt(text string, from, offset int) int {
	i := from + strings.Index(text[from:], star)
	return offset + i - strings.Count(text[:i], star)*(len(star)-1)
}

// longest is the most letters that stand between two stars.
func longest(parts []string) int {
	n := 0
	for _, p := range parts {
		n = max(n, len([]rune(p)))
	}
	return n
}

// fits reports whether a folded word is what a pattern with stars describes.
func (p *pattern) fits(word string) bool {
	first, last := p.parts[0], p.parts[len(p.parts)-1]
	if len(word) < len(first)+len(last) || !strings.HasPrefix(word, first) || !strings.HasSuffix(word, last) {
		return false
	}
	word = word[len(first) : len(word)-len(last)]
	for _, part := range p.parts[1 : len(p.parts)-1] {
		i := strings.Index(word, part)
		if i < 0 {
			return false
		}
		word = word[i+len(part):]
	}
	return true
}

// starred reports whether a word of the key has stars.
func (k *key) starred() bool {
	return slices.ContainsFunc(k.runs, func(run []pattern) bool {
		return slices.ContainsFunc(run, func(p pattern) bool { return p.parts != nil })
	})
}

// words are those of a key without stars and without NEAR.
func (k *key) words() []string {
	out := make([]string, len(k.runs[0]))
	for i := range k.runs[0] {
		out[i] = k.runs[0][i].word
	}
	return out
}

// keyOfWords is the key of words side by side.
func keyOfWords(words []string, how, concept string, langs []string) *key {
	run := make([]pattern, len(words))
	for i, w := range words {
		run[i] = pattern{word: w}
	}
	return &key{runs: [][]pattern{run}, how: how, concept: concept, langs: langs}
}

// A reader of tokens finds keys in the tokens of one passage.
type tokenReader struct {
	lang   string
	tokens []thesaurus.Word
	stems  stemmer
}

// A stemmer remembers the stems of words.
type stemmer map[[2]string]string // by language and word

func (m stemmer) of(lang, word string) string {
	l := languages()[lang]
	if l == nil {
		return ""
	}
	k := [2]string{lang, word}
	s, ok := m[k]
	if !ok {
		s = l.stem(word)
		m[k] = s
	}
	return s
}

// at reports how many tokens the key covers from the i-th on, 0 if it is not
// there, and whether they are the very words.
func (r *tokenReader) at(k *key, i int) (covers int, exact bool) {
	if len(k.langs) > 0 && !slices.Contains(k.langs, r.lang) {
		return 0, false
	}
	if len(k.runs) == 1 {
		return r.run(k.runs[0], i, k.varies)
	}
	for n, first := range k.runs {
		covers, exact = r.run(first, i, k.varies)
		if covers == 0 {
			continue
		}
		for j := i + covers; j <= i+covers+k.near && j < len(r.tokens); j++ {
			if more, same := r.run(k.runs[1-n], j, k.varies); more > 0 {
				return j + more - i, exact && same
			}
		}
	}
	return 0, false
}

func (r *tokenReader) run(run []pattern, i int, varies bool) (int, bool) {
	if len(run) > len(r.tokens)-i {
		return 0, false
	}
	exact := true
	for n := range run {
		fits, same := r.word(&run[n], r.tokens[i+n].Text, varies)
		if !fits {
			return 0, false
		}
		exact = exact && same
	}
	return len(run), exact
}

// word reports whether a folded word is what a pattern asks for, and whether it
// is its very letters, or what its stars stand for.
func (r *tokenReader) word(p *pattern, word string, varies bool) (fits, same bool) {
	switch {
	case p.parts != nil:
		fits = p.fits(word)
		return fits, fits
	case word == p.word:
		return true, true
	}
	return varies && word[0] == p.word[0] && slices.Contains(p.stems[r.lang], r.stems.of(r.lang, word)), false
}

// begins reports whether a key may begin with a folded word.
func (r *tokenReader) begins(k *key, word string) bool {
	return slices.ContainsFunc(k.runs, func(run []pattern) bool {
		fits, _ := r.word(&run[0], word, k.varies)
		return fits
	})
}

package index

import (
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"veille/archive"
	"veille/internal/levenshtein"
	"veille/thesaurus"
)

// A Matcher is a query that is asked of single texts, without an index: what a
// subscription wants to know. It may be used concurrently.
type Matcher struct {
	query *node
	asked *question
}

// Compile reads a query for matching. It is widened by the thesaurus as a
// search is, unless t is nil. A moment or a period cannot be asked for: what is
// looked at is what comes. A question is taken at its word: all its words must
// be there, but for those that any text has. The error is a *[QueryError].
func Compile(q string, t *thesaurus.Thesaurus) (m *Matcher, err error) {
	defer located(&err, q)
	asked, qerr := parse(q)
	if qerr != nil {
		return nil, qerr
	}
	if w := &asked.when; !w.from.IsZero() || !w.until.IsZero() || !w.asOf.IsZero() {
		return nil, wrong(w.timePos, "watch", w.timeField)
	}
	n := asked.root
	if n != nil && t != nil {
		n, _ = widened(n, t)
	} else {
		n.literal()
	}
	asked.root = n
	n.prepare()
	return &Matcher{n, asked}, nil
}

// A Passage is a text to match, and what is known about it. Fields left empty
// are not known.
type Passage struct {
	Lang, Text, Title                       string
	URL                                     string // of its page
	Path                                    []string
	Role                                    string
	Block                                   archive.Kind // what kind of block it is
	Marker                                  string
	Source, Institution, Kind, Jurisdiction string
	Topics                                  []string
	Effect                                  *Effect // what the change did to it that is being looked at
}

// Match reports whether a text in a language satisfies the query. Clauses on
// fields other than lang cannot be decided here and do not stand in the way;
// [Matcher.Passage] decides them. The empty query matches every text.
func (m *Matcher) Match(lang, text string) bool {
	return m.Passage(&Passage{Lang: lang, Text: text})
}

// Passage reports whether a passage satisfies the query, or might, as far as
// is known about it.
func (m *Matcher) Passage(p *Passage) bool {
	if m.query == nil {
		return true
	}
	t := &reading{passage: p}
	return t.eval(m.query) != no
}

// Text reports whether a text satisfies the query, as Match does, without
// finding its words again.
func (m *Matcher) Text(t *Text) bool { return m.query == nil || t.reading.eval(m.query) != no }

// Phrases are folded words in a row, of which a text must have one for [Matcher.Text]
// to be true of it, and need have no more; ok is false of a query that asks for
// anything else.
func (m *Matcher) Phrases() (runs [][]string, ok bool) {
	if m.query == nil {
		return nil, false
	}
	return m.query.phrases(nil)
}

func (n *node) phrases(runs [][]string) ([][]string, bool) {
	switch {
	case n.change != stands || n.field != "":
	case n.op == opPhrase:
		return append(runs, n.words), true
	case n.op == opNames:
		return append(runs, n.names...), true
	case n.op == opOr:
		ok := true
		for _, k := range n.kids {
			if runs, ok = k.phrases(runs); !ok {
				return nil, false
			}
		}
		return runs, true
	}
	return nil, false
}

// answer is yes, no, or unknown: a clause on something that is not known.
type answer int

const (
	no answer = iota
	unknown
	yes
)

func yesIf(b bool) answer {
	if b {
		return yes
	}
	return no
}

// A reading is a text that a query is asked of.
type reading struct {
	passage *Passage
	tokens  []token  // nil until they are asked for
	lexicon *Lexicon // may be nil
	same    bool     // the page has the same words before and after the change
}

// eval answers a query.
func (t *reading) eval(n *node) answer {
	switch n.op {
	case opAnd:
		a := yes
		for _, k := range n.kids {
			a = min(a, t.eval(k))
		}
		return a
	case opOr:
		a := no
		for _, k := range n.kids {
			a = max(a, t.eval(k))
		}
		return a
	case opNot:
		return yes - t.eval(n.kids[0])
	case opCite:
		if slices.ContainsFunc(numbersOf(t.passage.URL, t.passage.Title), n.hasKey) {
			return yesIf(n.field == "")
		}
		return yesIf(len(cited(n.keys, t.passage.Text)) > 0)
	case opWord, opPhrase, opPrefix, opNames, opNear, opFuzzy:
		if n.op == opWord && n.rare && isStop(t.passage.Lang, n.words[0]) {
			return yes
		}
		tokens, known := t.in(n.field)
		if !known {
			return unknown
		}
		return yesIf(n.occurs(t.passage.Lang, tokens))
	}
	return t.field(n)
}

// occurs reports whether a word, phrase, prefix or name is among the tokens.
func (n *node) occurs(lang string, tokens []token) bool {
	if n.op != opWord {
		for i := range tokens {
			if n.matches(lang, tokens, i) > 0 {
				return true
			}
		}
		return false
	}
	word, f := n.words[0], n.formsIn(lang)
	stem, parts := f.stem, f.parts
	for i := range tokens {
		t := &tokens[i]
		if t.exact == word || stem != "" && (t.stem == stem || len(t.parts) > 0 && len(parts) == 0 && slices.Contains(t.parts, stem)) ||
			len(parts) > 0 && n.wordAt(lang, tokens, i) > 0 {
			return true
		}
	}
	return false
}

// in returns the tokens of the body or of a text field, and whether they are known.
func (t *reading) in(field string) ([]token, bool) {
	switch field {
	case "title":
		return analyse("", t.passage.Title), t.passage.Title != ""
	case "path", "article":
		return analyse("", strings.Join(t.passage.Path, " / ")), t.passage.Path != nil
	}
	if t.tokens == nil {
		t.tokens = t.lexicon.analyse(t.passage.Lang, t.passage.Text)
	}
	return t.tokens, true
}

func (n *node) hasKey(k string) bool { return slices.Contains(n.keys, k) }

func (t *reading) field(n *node) answer {
	p := t.passage
	switch n.field {
	case "article":
		if p.Path == nil {
			return unknown
		}
		return yesIf(slices.ContainsFunc(articlesOf(&archive.Block{Kind: p.Block, Path: p.Path, Text: p.Text, Marker: p.Marker}), n.hasKey))
	case "sense", "weight":
		if p.Effect == nil {
			return unknown
		}
		return yesIf(n.field == "weight" && p.Effect.Weight >= n.least || slices.Contains(p.Effect.Senses, strings.ToLower(n.text)))
	}
	value := map[string]string{"source": p.Source, "lang": p.Lang, "kind": p.Kind, "jurisdiction": p.Jurisdiction, "role": p.Role,
		"institution": p.Institution}[n.field]
	switch {
	case n.field == "topic" && p.Topics != nil:
		return yesIf(slices.Contains(p.Topics, strings.ToLower(n.text)))
	case value == "":
		return unknown
	case n.field == "source":
		return yesIf(value == n.text)
	}
	return yesIf(strings.EqualFold(value, n.text))
}

// matches returns how many tokens, from the i-th on, a word, phrase, prefix or
// name covers; 0 if it is not there.
func (n *node) matches(lang string, tokens []token, i int) int {
	switch n.op {
	case opWord:
		return n.wordAt(lang, tokens, i)
	case opPhrase:
		return phraseAt(n.words, tokens, i)
	case opPrefix:
		if strings.HasPrefix(tokens[i].exact, n.words[0]) {
			return 1
		}
	case opNames:
		longest := 0
		for _, words := range n.names {
			longest = max(longest, phraseAt(words, tokens, i))
		}
		return longest
	case opFuzzy:
		return n.similar(tokens[i].exact)
	case opNear:
		return n.nearAt(tokens, i)
	}
	return 0
}

// wordAt is how many tokens a word covers: itself, a form of it, a compound of
// which it is a part, or its own parts side by side.
func (n *node) wordAt(lang string, tokens []token, i int) int {
	w, t := n.words[0], &tokens[i]
	if t.exact == w {
		return 1
	}
	f := n.formsIn(lang)
	stem, parts := f.stem, f.parts
	if stem == "" {
		return 0
	}
	if t.stem == stem {
		return 1
	}
	if len(parts) == 0 && slices.Contains(t.parts, stem) {
		return 1
	}
	if len(parts) == 0 || len(parts) > len(tokens)-i {
		return 0
	}
	at := i
	for _, p := range parts { // stop words leave no stems, and no gap between those of others
		for at < len(tokens) && tokens[at].stem == "" && at > i {
			at++
		}
		if at == len(tokens) || tokens[at].stem != p {
			return 0
		}
		at++
	}
	return at - i
}

// wordForms are what a word of a query is looked for by in texts of one language.
type wordForms struct {
	stem  string
	key   string   // stemKey and the stem; "" without one
	parts []string // of a compound
}

func formsOf(word, lang string) wordForms {
	f := wordForms{stem: languages()[lang].stem(word), parts: splitters()[lang].parts(word)}
	if f.stem != "" {
		f.key = stemKey + f.stem
	}
	return f
}

// formsIn are the forms of a word in a language. They are made when they are first
// asked for, as few queries meet texts in all languages.
func (n *node) formsIn(lang string) wordForms {
	at := slices.Index(stemmed, lang)
	if at < 0 || n.forms == nil {
		return formsOf(n.words[0], lang)
	}
	f := n.forms[at].Load()
	if f == nil {
		made := formsOf(n.words[0], lang)
		f = &made
		n.forms[at].Store(f) // whoever comes at the same time makes the same
	}
	return *f
}

// prepare makes room for the forms of a query's words, so that they are not made
// again for each word of each text that it is asked of.
func (n *node) prepare() {
	if n == nil {
		return
	}
	for _, k := range n.kids {
		k.prepare()
	}
	if n.op == opWord {
		n.forms = make([]atomic.Pointer[wordForms], len(stemmed))
	}
}

// similar is 1 for a word that begins with the same letter and differs in few.
func (n *node) similar(word string) int {
	first, _ := utf8.DecodeRuneInString(n.words[0])
	if r, _ := utf8.DecodeRuneInString(word); word != "" && r == first && levenshtein.Distance(n.words[0], word) <= n.distance {
		return 1
	}
	return 0
}

// nearAt returns how many tokens lie from the i-th, which is one of the words,
// to the last of the others if they all stand near it; else 0.
func (n *node) nearAt(tokens []token, i int) int {
	missing := slices.Clone(n.words)
	for k := i; k < len(tokens) && k-i < n.distance+len(n.words); k++ {
		at := slices.Index(missing, tokens[k].exact)
		if at < 0 {
			if k == i {
				return 0
			}
			continue
		}
		if missing = slices.Delete(missing, at, at+1); len(missing) == 0 {
			return k - i + 1
		}
	}
	return 0
}

// phraseAt returns the length of a phrase if it stands at the i-th token, else 0.
func phraseAt(words []string, tokens []token, i int) int {
	if len(words) > len(tokens)-i {
		return 0
	}
	for k, w := range words {
		if tokens[i+k].exact != w {
			return 0
		}
	}
	return len(words)
}

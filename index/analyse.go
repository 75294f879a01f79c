package index

import (
	"slices"
	"strings"
	"sync"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/lang/de"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/analysis/lang/fr"
	"github.com/blevesearch/bleve/v2/analysis/lang/nl"

	"veille/thesaurus"
)

// stemmed are the languages with a stemmer, and a field of their own.
var stemmed = []string{"en", "fr", "nl", "de"}

// A token is a word of a text: its place, its folded form, and its stem in the
// text's language. The stem is "" for stop words and in languages without a
// stemmer.
type token struct {
	start, end  int
	exact, stem string
	parts       []string // stems of a compound's parts
	met         *met     // nil but of a [Lexicon]
}

// keys calls f with what the word can be found by; see [Matcher.Keys].
func (t *token) keys(f func(key string)) {
	if f(t.exact); t.stem != "" {
		f(stemKey + t.stem)
	}
	for _, part := range t.parts {
		f(stemKey + part)
	}
}

// analyse splits a text into tokens. Words are folded before they are stemmed,
// so that a query typed without accents finds the same stems.
func analyse(lang, text string) []token {
	words := thesaurus.Words(text)
	tokens := make([]token, len(words))
	l, s := languages()[lang], splitters()[lang]
	for i, w := range words {
		tokens[i] = token{start: w.Start, end: w.End, exact: w.Text, stem: l.stem(w.Text), parts: s.parts(w.Text)}
	}
	return tokens
}

// A language knows the stop words and the stems of one language. The nil
// language knows none.
type language struct {
	stop    map[string]bool
	filters []analysis.TokenFilter
}

// stem returns the stem of a folded word, "" for a stop word.
func (l *language) stem(word string) string {
	if l == nil || l.stop[word] {
		return ""
	}
	if word[0] >= '0' && word[0] <= '9' || len(word) > 64 {
		return word // numbers and numbers with letters (9bis) have no inflections
	}
	stream := analysis.TokenStream{{Term: []byte(word), Start: 0, End: len(word), Position: 1}}
	for _, f := range l.filters {
		stream = f.Filter(stream)
	}
	if len(stream) == 0 || len(stream[0].Term) == 0 {
		return word
	}
	return string(stream[0].Term)
}

// languages are the languages with a stemmer, made once.
var languages = sync.OnceValue(func() map[string]*language {
	// What elision leaves before the apostrophe is a word of its own here.
	elided := "l d j m t s n c qu jusqu lorsqu puisqu quoiqu"
	possessive := "s t d m ll re ve don doesn isn aren" // of it's, don't, we'll
	return map[string]*language{
		"en": {stops(en.EnglishStopWords, possessive), []analysis.TokenFilter{en.NewEnglishStemmerFilter()}},
		"fr": {stops(fr.FrenchStopWords, elided), []analysis.TokenFilter{fr.NewFrenchLightStemmerFilter()}},
		"nl": {stops(nl.DutchStopWords, "s t n"), []analysis.TokenFilter{nl.NewDutchStemmerFilter()}},
		"de": {stops(de.GermanStopWords, ""), []analysis.TokenFilter{&de.GermanNormalizeFilter{}, de.NewGermanLightStemmerFilter()}},
	}
})

// stops reads a list of stop words: one a line, "|" begins a comment.
func stops(list []byte, more string) map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(string(list)) {
		line, _, _ = strings.Cut(line, "|")
		for _, w := range strings.Fields(line) {
			for _, part := range thesaurus.Words(w) {
				m[part.Text] = true
			}
		}
	}
	for _, w := range strings.Fields(more) {
		m[w] = true
	}
	return m
}

// A lexicon remembers the stems and the parts of the words of one language.
type lexicon struct {
	language *language
	splitter *splitter
	words    map[string]inflected
}

// An inflected is a folded word, and what its language knows of it.
type inflected struct {
	exact, stem string
	parts       []string
}

// maxInflected is how many words a lexicon remembers.
const maxInflected = 50_000

func newLexicon(lang string) *lexicon {
	return &lexicon{languages()[lang], splitters()[lang], map[string]inflected{}}
}

func (l *lexicon) word(word string) inflected {
	x, ok := l.words[word]
	if !ok {
		word = strings.Clone(word) // it may be a part of a whole text
		x = inflected{word, l.language.stem(word), l.splitter.parts(word)}
		if len(l.words) >= maxInflected {
			clear(l.words)
		}
		l.words[word] = x
	}
	return x
}

// texts are what Bleve gets for a body: its stems, its words, and the stems of
// the parts of its compounds.
func (l *lexicon) texts(text string) (stems, exact, parts []string) {
	words := thesaurus.Words(text)
	stems, exact = make([]string, 0, len(words)), make([]string, 0, len(words))
	for _, w := range words {
		x := l.word(w.Text)
		if x.stem != "" {
			stems = append(stems, x.stem)
		}
		exact, parts = append(exact, x.exact), append(parts, x.parts...)
	}
	return stems, exact, parts
}

// exactWords are the folded words of a text.
func exactWords(text string) []string {
	words := thesaurus.Words(text)
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.Text
	}
	return out
}

// isStop reports whether a folded word is a stop word of a language.
func isStop(lang, word string) bool {
	l := languages()[lang]
	return l != nil && l.stop[word]
}

// isStopSomewhere reports whether a folded word is a stop word in any language.
func isStopSomewhere(word string) bool {
	return slices.ContainsFunc(stemmed, func(lang string) bool { return isStop(lang, word) })
}

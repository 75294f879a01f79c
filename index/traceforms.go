package index

import (
	"context"
	"maps"
	"slices"
	"strings"

	bindex "github.com/blevesearch/bleve_index_api"

	"veille/thesaurus"
)

// Variants: what else is traced for a phrase. They are found in the index, not
// made up: a form that stands nowhere is never shown.
//
//   - Inflections: words of the same stem, in each text by the rules of its
//     language, and plurals that stemmers do not see (centrum, centra).
//   - Spellings: centre and center, -isation and -ization, in English.
//   - Compounds: "returnhub" and, in Dutch and German, with a letter that joins
//     ("verblijfstitel") for words side by side, and words side by side for a
//     compound. Hyphens separate words, so that "return-hub" is "return hub".
//   - Names: the other names of a concept that the phrase names, in all languages.

// How a form came to be traced.
const (
	Typed      = "typed"      // the very words, or the pattern
	Hyphen     = "hyphen"     // the very words, with a hyphen or the like
	Inflection = "inflection" // other forms of the words
	Spelling   = "spelling"   // the same word in another spelling
	Compound   = "compound"   // written together, or apart
	Name       = "name"       // another name of the concept
)

// compoundLetters join the parts of compounds in Dutch and German.
var compoundLetters = []string{"", "s", "n", "en", "e", "es"}

// The bounds of looking for compounds.
const (
	joinedWords = 3 // side by side, at most
	splitLetter = 8 // a compound has so many letters
	partLetters = 3 // and each of its parts so many
)

// keysOf reads a phrase, and adds what else is traced for it.
func (x *Index) keysOf(ctx context.Context, s *state, q *TraceQuery) ([]*key, []Expansion, error) {
	expanded := []Expansion{}
	var keys []*key
	phrase := q.Phrase
	if id, ok := strings.CutPrefix(strings.TrimSpace(phrase), "concept:"); ok {
		c := x.thesaurus.Concept(strings.Trim(id, ` "`))
		if c == nil {
			return nil, nil, wrong(0, "concept", id)
		}
		expanded = append(expanded, Expansion{c.ID, c.Names()})
		keys = namesOf(c, !q.Exact)
	} else {
		typed, qerr := parseKeys(phrase)
		if qerr != nil {
			return nil, nil, qerr
		}
		keys = typed
		if q.Exact {
			for _, k := range keys {
				k.varies = false
			}
			return keys, expanded, nil
		}
		for _, c := range x.thesaurus.Lookup(strings.Trim(strings.TrimSpace(phrase), `"“”„«»`)) {
			expanded = append(expanded, Expansion{c.ID, c.Names()})
			keys = append(keys, namesOf(c, true)...)
		}
	}
	for _, k := range keys[:len(keys):len(keys)] {
		if k.varies && !k.starred() && len(k.runs) == 1 {
			more, err := s.written(ctx, k)
			if err != nil {
				return nil, nil, err
			}
			keys = append(keys, more...)
		}
	}
	for _, k := range keys {
		k.inflect()
	}
	return keys, expanded, nil
}

// namesOf are the names of a concept as keys; they vary in the texts of their
// own language, unless that makes an everyday word of them.
func namesOf(c *thesaurus.Concept, varies bool) []*key {
	wide := map[string]bool{}
	for _, name := range c.Names() {
		wide[strings.Join(exactWords(name), " ")] = true
	}
	var keys []*key
	for _, lang := range thesaurus.Languages {
		stem := languages()[lang].stem
		everyday := map[string]bool{}
		for _, name := range c.Everyday[lang] {
			if w := exactWords(name); len(w) == 1 {
				everyday[stem(w[0])] = true
			}
		}
		for _, name := range slices.Concat([]string{c.Pref[lang]}, c.Variants[lang]) {
			words := exactWords(name)
			if !wide[strings.Join(words, " ")] {
				continue
			}
			keys = append(keys, keyOfWords(words, Name, c.ID, nil))
			if varies && (len(words) > 1 || !everyday[stem(words[0])]) {
				k := keyOfWords(words, Name, c.ID, []string{lang})
				k.varies = true
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// inflect finds the stems of a key that varies.
func (k *key) inflect() {
	if !k.varies {
		return
	}
	for _, run := range k.runs {
		for i := range run {
			if run[i].parts != nil {
				continue
			}
			run[i].stems = map[string][]string{}
			for _, lang := range stemmed {
				if len(k.langs) == 0 || slices.Contains(k.langs, lang) {
					for _, w := range plurals(lang, run[i].word) {
						if stem := languages()[lang].stem(w); stem != "" && !slices.Contains(run[i].stems[lang], stem) {
							run[i].stems[lang] = append(run[i].stems[lang], stem)
						}
					}
				}
			}
		}
	}
}

// plurals are a word and what stemmers do not recognise as its plural or
// singular: centrum, centra, centrums, Zentrum, Zentren.
func plurals(lang, word string) []string {
	if lang != "nl" && lang != "de" {
		return []string{word}
	}
	ends := []string{"trum", "tra", "trums", "tren"}
	for _, end := range ends {
		if root, ok := strings.CutSuffix(word, end); ok && len(root) >= 2 {
			out := []string{word}
			for _, other := range ends {
				if other != end {
					out = append(out, root+other)
				}
			}
			return out
		}
	}
	return []string{word}
}

// spelled are pairs of endings that are the same in British and American English.
var spelled = [][2]string{{"tre", "ter"}, {"tres", "ters"}, {"isation", "ization"}, {"isations", "izations"}, {"ise", "ize"}, {"ised", "ized"}, {"ises", "izes"},
	{"ising", "izing"}, {"our", "or"}, {"ours", "ors"}, {"ence", "ense"}, {"lled", "led"}, {"lling", "ling"}, {"gramme", "gram"}, {"grammes", "grams"}}

// spellings are other spellings of an English word.
func spellings(word string) []string {
	var out []string
	for _, pair := range spelled {
		for i, end := range pair {
			if root, ok := strings.CutSuffix(word, end); ok && len(root) >= 3 {
				out = append(out, root+pair[1-i])
			}
		}
	}
	return out
}

// written are other ways of writing a key that the index has words for:
// spellings, and compounds of words side by side or such words of compounds.
func (s *state) written(ctx context.Context, k *key) ([]*key, error) {
	words := k.words()
	d := &dictionary{state: s, ctx: ctx}
	var out []*key
	add := func(words []string, how string, langs []string) {
		if k.how == Name {
			how = Name
		}
		if len(k.langs) > 0 {
			if langs != nil && !slices.Contains(langs, k.langs[0]) {
				return
			}
			langs = k.langs
		}
		v := keyOfWords(words, how, k.concept, langs)
		v.varies = true
		out = append(out, v)
	}
	replaced := func(i, n int, by ...string) []string { return slices.Replace(slices.Clone(words), i, i+n, by...) }
	if len(words) > joinedWords {
		return nil, nil
	}
	for i, w := range words {
		for _, other := range spellings(w) {
			if d.begins(other) {
				add(replaced(i, 1, other), Spelling, []string{"en"})
			}
		}
		for _, parts := range d.split(w) {
			add(replaced(i, 1, parts...), Compound, nil)
		}
		joined := w
		for n := 2; i+n <= len(words); n++ {
			last := words[i+n-1]
			for _, letter := range compoundLetters {
				var langs []string
				if letter != "" {
					langs = []string{"nl", "de"}
				}
				if len(joined) >= partLetters && len(last) >= partLetters && d.begins(joined+letter+last) {
					add(replaced(i, n, joined+letter+last), Compound, langs)
				}
			}
			joined += last
		}
	}
	return out, d.err
}

// A dictionary tells which words the index has. The first error is kept, and
// nothing is there after it.
type dictionary struct {
	*state
	ctx      context.Context
	contains bindex.FieldDictContains
	err      error
}

// begins reports whether a word of the index begins so.
func (d *dictionary) begins(prefix string) bool {
	if d.err != nil {
		return false
	}
	words, err := d.vocabulary(d.ctx, prefix[:1])
	d.err = err
	at, found := slices.BinarySearch(words, prefix)
	return found || at < len(words) && strings.HasPrefix(words[at], prefix)
}

// has reports whether the index has a word.
func (d *dictionary) has(word string) bool {
	if d.err != nil {
		return false
	}
	if d.contains == nil {
		r, ok := d.reader.(bindex.IndexReaderContains)
		if !ok {
			return d.begins(word)
		}
		if d.contains, d.err = r.FieldDictContains(fieldExact); d.err != nil {
			return false
		}
	}
	ok, err := d.contains.Contains([]byte(word))
	d.err = err
	return ok
}

// split takes a compound apart into two words that the index has.
func (d *dictionary) split(word string) [][]string {
	if len(word) < splitLetter {
		return nil
	}
	var out [][]string
	for i := partLetters; i <= len(word)-partLetters; i++ {
		if second := word[i:]; d.has(second) {
			for _, letter := range compoundLetters {
				first, ok := strings.CutSuffix(word[:i], letter)
				if ok && len(first) >= partLetters && d.has(first) {
					out = append(out, []string{first, second})
				}
			}
		}
	}
	return out
}

// passages finds those that may have the key, and adds them to found; to sure,
// which may be the same set, those that have it as the index tells: if they are of
// its languages.
func (k *key) passages(ctx context.Context, s *state, pass filter, sure, found passageSet) error {
	if len(k.runs) == 1 && !k.starred() {
		if err := sure.phrase(ctx, s, fieldExact, k.words(), pass); err != nil || !k.varies {
			return err
		}
		for _, lang := range stemmed {
			if err := k.inflected(ctx, s, lang, pass, sure, found); err != nil {
				return err
			}
		}
		return nil
	}
	if len(k.runs) == 1 && len(k.runs[0]) == 1 {
		return k.runs[0][0].passages(ctx, s, pass, sure)
	}
	var have passageSet
	for _, run := range k.runs {
		for i := range run {
			before := have
			have = s.noPassages()
			if err := run[i].passages(ctx, s, func(d uint32) bool { return pass(d) && (before == nil || before.has(d)) }, have); err != nil {
				return err
			}
		}
	}
	found.join(have)
	return nil
}

// stems are the runs of stems that a key without stars may be in a language,
// stop words left out as they are in the index; none if it has nothing else.
func (k *key) stems(lang string) [][]string {
	out := [][]string{nil}
	for i := range k.runs[0] {
		p := &k.runs[0][i]
		if len(p.stems[lang]) == 0 {
			continue
		}
		var more [][]string
		for _, run := range out {
			for _, stem := range p.stems[lang] {
				more = append(more, append(slices.Clone(run), stem))
			}
		}
		out = more
	}
	if len(out[0]) == 0 {
		return nil
	}
	return out
}

// passages finds those that have a word of the pattern, and adds them to found.
func (p *pattern) passages(ctx context.Context, s *state, pass filter, found passageSet) error {
	words := []string{p.word}
	if p.parts != nil {
		var err error
		if words, err = s.fitting(ctx, p); err != nil {
			return err
		}
	}
	for _, w := range words {
		if err := found.word(ctx, s, fieldExact, w, pass); err != nil {
			return err
		}
	}
	for _, lang := range slices.Sorted(maps.Keys(p.stems)) {
		for _, stem := range p.stems[lang] {
			if err := found.word(ctx, s, fieldBody+lang, stem, pass); err != nil {
				return err
			}
		}
	}
	return nil
}

// fitting lists the words of the index that a pattern with stars describes.
// Too many are an error, not a trace of some of them.
func (s *state) fitting(ctx context.Context, p *pattern) (words []string, err error) {
	dict, err := s.reader.FieldDictPrefix(fieldExact, []byte(p.parts[0]))
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := dict.Close(); err == nil {
			err = cerr
		}
	}()
	for i := 0; ; i++ {
		if i%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		e, err := dict.Next()
		if err != nil || e == nil {
			return words, err
		}
		if !p.fits(e.Term) {
			continue
		}
		if words = append(words, e.Term); len(words) > maxPrefixWords {
			return nil, wrong(0, "star-fit", strings.Join(p.parts, "*"))
		}
	}
}

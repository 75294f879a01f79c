package index

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"veille/archive"
	"veille/thesaurus"
)

// traced reads what stands in passage d, and when. The next reading writes over it.
func (tr *tracer) traced(d uint32) (p *passage, err error) {
	p = &tr.reading
	found := false
	err = tr.visit(d, func(field string, value []byte) error {
		if field != fieldStored {
			return nil
		}
		found = true
		return readStanding(value, p)
	})
	if err != nil || !found {
		return nil, fmt.Errorf("passage number %d: %w", d, ErrDamaged)
	}
	return p, nil
}

// passage takes the lines of one passage. Of keys that begin at one place what
// was typed comes before other names; then the longest counts, and of those the
// one whose very words stand there.
func (tr *tracer) passage(d uint32, p *passage) {
	text := [2]string{p.Lang, p.Text}
	places, known := tr.read[text]
	if !known { // the same text stands in many passages: of other pages, or of other times
		places = tr.text.places(p.Lang, p.Text)
		tr.read[text] = places
	}
	if len(places) == 0 {
		return
	}
	page, at := tr.onPage(p), tr.stands(p)
	for i := range places {
		page.lines = append(page.lines, line{&places[i], at, at.until, at.gone})
		if !slices.Contains(tr.q.Without, places[i].form) {
			tr.stood = append(tr.stood, occurrence{p.Page, tr.kind[d], tr.from[d], tr.until[d]})
		}
	}
	tr.lines += len(places)
}

// onPage is what was found on the page of a passage, which has the title of the
// latest of them.
func (tr *tracer) onPage(p *passage) *tracedPage {
	page := tr.pages[p.Page]
	if page == nil {
		page = &tracedPage{latest: -1}
		page.TracedPage = TracedPage{Page: p.Page, Source: tr.own(p.Source), URL: strings.Clone(p.URL), Lang: tr.own(p.Lang), Title: tr.own(p.Title)}
		tr.pages[p.Page] = page
	}
	if p.From > page.latest {
		page.latest, page.Title, page.Lang = p.From, tr.own(p.Title), tr.own(p.Lang)
	}
	return page
}

// A standing is a passage in which a key stands, without its text.
type standing struct {
	seen        archive.Interval
	gone        *archive.Interval
	from, until int64 // ms; until is forever while it stands
	path        []string
	role        archive.Role
	since       archive.Seq
	block       int // -1 if that is not known
	lang        string
	began       int64 // when it began to speak for its text, ms
	nth         int   // its block then
}

func (tr *tracer) stands(p *passage) *standing {
	if len(tr.standings) == cap(tr.standings) { // many in a piece of memory
		tr.standings = make([]standing, 0, 256)
	}
	tr.standings = append(tr.standings, standing{seen: p.Seen, gone: p.Until, from: p.Seen.By.UnixMilli(), until: forever, path: tr.path(p.Path), role: archive.Role(tr.own(string(p.Role))), since: p.Since,
		block: -1, lang: tr.own(p.Lang), began: p.From, nth: p.Block})
	at := &tr.standings[len(tr.standings)-1]
	if at.from == p.From {
		at.block = p.Block
	}
	if p.Until != nil {
		at.until = p.Until.By.UnixMilli()
	}
	return at
}

// A keyPlace is where a key stands in a text, and what stands there.
type keyPlace struct {
	key               *key
	left, text, right string
	id                string // the same where all of it is
	number            int    // of the id
	form, how         string
}

// A textReader finds keys in many texts. Which keys a word may begin, and how it
// is folded, is found once for each word.
type textReader struct {
	tokenReader
	folded  map[string]string
	first   [256][]*key                  // keys by the first byte of a run
	any     []*key                       // those that may begin with any letter
	begun   map[string]map[string][]*key // by language and word
	numbers map[string]int               // of ids of places
	forms   map[string]string            // each once
}

func newTextReader(keys []*key) *textReader {
	r := &textReader{tokenReader: tokenReader{stems: stemmer{}}, folded: map[string]string{}, begun: map[string]map[string][]*key{}, numbers: map[string]int{}, forms: map[string]string{}}
	for _, k := range keys {
		for _, run := range k.runs {
			if p := &run[0]; p.parts != nil && p.parts[0] == "" {
				r.any = append(r.any, k)
			} else {
				r.first[p.word[0]] = append(r.first[p.word[0]], k)
			}
		}
	}
	return r
}

// fold is [thesaurus.Fold]; most words are what they are folded to.
func (r *textReader) fold(word string) string {
	for i := range len(word) {
		if c := word[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			folded, ok := r.folded[word]
			if !ok {
				folded = thesaurus.Fold(word)
				r.folded[word] = folded
			}
			return folded
		}
	}
	return word
}

// keys are those that may begin with a folded word.
func (r *textReader) keys(word string) []*key {
	some := r.first[word[0]]
	if len(some)+len(r.any) == 0 {
		return nil
	}
	known := r.begun[r.lang]
	if known == nil {
		known = map[string][]*key{}
		r.begun[strings.Clone(r.lang)] = known
	}
	keys, ok := known[word]
	if !ok {
		for _, k := range slices.Concat(some, r.any) {
			if r.begins(k, word) {
				keys = append(keys, k)
			}
		}
		known[word] = keys
	}
	return keys
}

// read takes a text in hand.
func (r *textReader) read(lang, text string) {
	r.lang, r.tokens = lang, thesaurus.AppendWords(r.tokens[:0], text, r.fold)
}

// places finds the keys in the text of a passage.
func (r *textReader) places(lang, text string) (places []keyPlace) {
	r.each(lang, text, func(k *key, exact bool, tokens []thesaurus.Word) {
		places = append(places, r.place(k, exact, text, tokens))
	})
	return places
}

// each calls found for the keys in a text, one after the other.
func (r *textReader) each(lang, text string, found func(k *key, exact bool, tokens []thesaurus.Word)) {
	r.read(lang, text)
	for i := 0; i < len(r.tokens); {
		var best *key
		covers, exact := 0, false
		for _, k := range r.keys(r.tokens[i].Text) {
			n, same := r.at(k, i)
			if n == 0 || best != nil && best.how != Name && k.how == Name {
				continue
			}
			if n > covers || n == covers && same && !exact || best.how == Name && k.how != Name {
				best, covers, exact = k, n, same
			}
		}
		if covers == 0 {
			i++
			continue
		}
		found(best, exact, r.tokens[i:i+covers])
		i += covers
	}
}

// place is where a key stands in a text, with what is left and right of it.
func (r *textReader) place(k *key, exact bool, text string, tokens []thesaurus.Word) keyPlace {
	start, end := tokens[0].Start, tokens[len(tokens)-1].End
	from, to := wordEdge(text, max(0, start-kwicBytes), -1), wordEdge(text, min(len(text), end+kwicBytes), 1)
	p := keyPlace{key: k, how: k.how}
	form, hyphens := formOf(text, tokens)
	if p.form = r.forms[form]; p.form == "" {
		p.form = strings.Clone(form)
		r.forms[p.form] = p.form
	}
	if k.how == Typed && !k.starred() {
		switch {
		case !exact:
			p.how = Inflection
		case hyphens:
			p.how = Hyphen
		}
	}
	var before, after string
	if from > 0 {
		before = "… "
	}
	if to < len(text) {
		after = " …"
	}
	// All are parts of one string, so that a trace that is kept does not hold the
	// whole texts.
	p.id = before + text[from:start] + "\x00" + text[start:end] + "\x00" + text[end:to] + after
	left, word := len(before)+start-from, end-start
	p.left, p.text, p.right = p.id[:left], p.id[left+1:left+1+word], p.id[left+word+2:]
	n, ok := r.numbers[p.id]
	if !ok {
		n = len(r.numbers)
		r.numbers[p.id] = n
	}
	p.number = n
	return p
}

// formOf is how a key stands in a text: its folded words, with the hyphens
// between them.
func formOf(text string, tokens []thesaurus.Word) (form string, hyphens bool) {
	if len(tokens) == 1 {
		return tokens[0].Text, false
	}
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 {
			if between := strings.TrimSpace(text[tokens[i-1].End:t.Start]); between == "-" || between == "‑" || between == "–" {
				b.WriteByte('-')
				hyphens = true
			} else {
				b.WriteByte(' ')
			}
		}
		b.WriteString(t.Text)
	}
	return b.String(), hyphens
}

// path is a path of its own, the same for all lines that have it: one of a
// passage would hold all of its record.
func (tr *tracer) path(path []string) []string {
	if len(path) == 0 {
		return []string{}
	}
	if slices.Equal(tr.last, path) { // neighbours mostly have the same
		return tr.last
	}
	tr.name = tr.name[:0]
	for _, h := range path {
		tr.name = append(append(tr.name, h...), 0)
	}
	own, ok := tr.paths[string(tr.name)]
	if !ok {
		for _, h := range path {
			own = append(own, tr.own(h))
		}
		tr.paths[string(tr.name)] = own
	}
	tr.last = own
	return own
}

// own is a text of its own, for the same reason.
func (tr *tracer) own(text string) string {
	own, ok := tr.texts[text]
	if !ok {
		own = strings.Clone(text)
		tr.texts[own] = own
	}
	return own
}

package index

import (
	"slices"
	"strings"

	"veille/archive"
	"veille/thesaurus"
)

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
	for i := range places {
		tr.line(d, p, &places[i])
	}
	tr.lines += len(places)
}

// A keyPlace is where a key stands in a text, and whether in its very words;
// and what stands there.
type keyPlace struct {
	key               *key
	exact             bool
	left, text, right string
	id                string // the same where all of it is
	form              string
	hyphens           bool
}

// A textReader finds keys in many texts. Which keys a word may begin, and how it
// is folded, is found once for each word.
type textReader struct {
	tokenReader
	words  []thesaurus.Word
	folded map[string]string
	first  [256][]*key // keys by the first byte of a run
	any    []*key      // those that may begin with any letter
	begun  map[[2]string][]*key
}

func newTextReader(keys []*key) *textReader {
	r := &textReader{tokenReader: tokenReader{stems: stemmer{}}, folded: map[string]string{}, begun: map[[2]string][]*key{}}
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

func (r *textReader) fold(word string) string {
	folded, ok := r.folded[word]
	if !ok {
		folded = thesaurus.Fold(word)
		r.folded[word] = folded
	}
	return folded
}

// keys are those that may begin with a folded word.
func (r *textReader) keys(word string) []*key {
	id := [2]string{r.lang, word}
	keys, ok := r.begun[id]
	if !ok {
		for _, some := range [][]*key{r.first[word[0]], r.any} {
			for _, k := range some {
				if r.begins(k, word) {
					keys = append(keys, k)
				}
			}
		}
		r.begun[id] = keys
	}
	return keys
}

// read takes a text in hand.
func (r *textReader) read(lang, text string) {
	r.lang, r.tokens = lang, r.tokens[:0]
	r.words = thesaurus.AppendWords(r.words[:0], text, r.fold)
	for _, w := range r.words {
		r.tokens = append(r.tokens, token{start: w.Start, end: w.End, exact: w.Text})
	}
}

// places finds the keys in the text of a passage.
func (r *textReader) places(lang, text string) (places []keyPlace) {
	r.read(lang, text)
	for i := 0; i < len(r.tokens); {
		var best *key
		covers, exact := 0, false
		for _, k := range r.keys(r.tokens[i].exact) {
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
		places = append(places, placeOf(best, exact, text, r.tokens[i:i+covers]))
		i += covers
	}
	return places
}

// placeOf is where a key stands in a text, with what is left and right of it.
func placeOf(k *key, exact bool, text string, tokens []token) keyPlace {
	start, end := tokens[0].start, tokens[len(tokens)-1].end
	from, to := wordEdge(text, max(0, start-kwicBytes), -1), wordEdge(text, min(len(text), end+kwicBytes), 1)
	p := keyPlace{key: k, exact: exact}
	p.form, p.hyphens = formOf(text, tokens)
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
	return p
}

// formOf is how a key stands in a text: its folded words, with the hyphens
// between them.
func formOf(text string, tokens []token) (form string, hyphens bool) {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 {
			if between := strings.TrimSpace(text[tokens[i-1].end:t.start]); between == "-" || between == "‑" || between == "–" {
				b.WriteByte('-')
				hyphens = true
			} else {
				b.WriteByte(' ')
			}
		}
		b.WriteString(t.exact)
	}
	return b.String(), hyphens
}

// path is a path of its own, the same for all lines that have it: one of a
// passage would hold all of its record.
func (tr *tracer) path(path []string) []string {
	name := strings.Join(path, "\x00")
	own, ok := tr.paths[name]
	if !ok {
		for _, h := range path {
			own = append(own, strings.Clone(h))
		}
		tr.paths[name] = own
	}
	return own
}

// role is a role of its own, for the same reason.
func (tr *tracer) role(role archive.Role) archive.Role {
	if role == archive.Main {
		return archive.Main
	}
	return archive.Role(strings.Clone(string(role)))
}

func (tr *tracer) line(d uint32, p *passage, at *keyPlace) {
	page := tr.pages[p.Page]
	if page == nil {
		page = &tracedPage{lines: map[string][]*line{}, latest: -1}
		page.TracedPage = TracedPage{Page: p.Page, Source: p.Source, URL: p.URL, Lang: p.Lang, Title: p.Title}
		tr.pages[p.Page] = page
	}
	if p.From > page.latest {
		page.latest, page.Title, page.Lang = p.From, p.Title, p.Lang
	}
	k := at.key
	l := &line{from: p.Seen.By.UnixMilli(), until: forever, id: at.id}
	l.Span = Span{FirstSeen: p.Seen, Gone: p.Until, Left: at.left, Key: at.text, Right: at.right, Form: at.form, How: k.how, Concept: k.concept, Path: tr.path(p.Path), Role: tr.role(p.Role), Since: p.Since, Block: -1, lang: p.Lang}
	if k.how == Typed && !k.starred() {
		switch {
		case !at.exact:
			l.How = Inflection
		case at.hyphens:
			l.How = Hyphen
		}
	}
	if !slices.Contains(tr.q.Without, l.Form) {
		tr.stood = append(tr.stood, occurrence{p.Page, tr.kind[d], tr.from[d], tr.until[d]})
	}
	if p.Seen.By.UnixMilli() == p.From {
		l.Block = p.Block
	}
	if p.Until != nil {
		l.until = p.Until.By.UnixMilli()
	}
	page.lines[l.id] = append(page.lines[l.id], l)
}

package index

import (
	"slices"
	"strings"
)

// passage takes the lines of one passage. Of keys that begin at one place what
// was typed comes before other names; then the longest counts, and of those the
// one whose very words stand there.
func (tr *tracer) passage(d uint32, p *passage) {
	text := [2]string{p.Lang, p.Text}
	places, known := tr.read[text]
	if !known { // the same text stands in many passages: of other pages, or of other times
		places = tr.places(p)
		tr.read[text] = places
	}
	for i := range places {
		tr.line(d, p, &places[i])
	}
	tr.lines += len(places)
}

// A keyPlace is where a key stands in a text, and whether in its very words.
type keyPlace struct {
	tokens []token
	key    *key
	exact  bool
}

// places finds the keys in the text of a passage.
func (tr *tracer) places(p *passage) (places []keyPlace) {
	r := &tokenReader{lang: p.Lang, tokens: analyse("", p.Text), stems: tr.stems}
	for i := 0; i < len(r.tokens); {
		var best *key
		covers, exact := 0, false
		for _, keys := range [][]*key{tr.first[r.tokens[i].exact[0]], tr.any} {
			for _, k := range keys {
				n, same := r.at(k, i)
				if n == 0 || best != nil && best.how != Name && k.how == Name {
					continue
				}
				if n > covers || n == covers && same && !exact || best.how == Name && k.how != Name {
					best, covers, exact = k, n, same
				}
			}
		}
		if covers == 0 {
			i++
			continue
		}
		places = append(places, keyPlace{slices.Clone(r.tokens[i : i+covers]), best, exact}) // the others are let go of
		i += covers
	}
	return places
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

func (tr *tracer) line(d uint32, p *passage, at *keyPlace) {
	tokens, k := at.tokens, at.key
	page := tr.pages[p.Page]
	if page == nil {
		page = &tracedPage{lines: map[string][]*line{}, latest: -1}
		page.TracedPage = TracedPage{Page: p.Page, Source: p.Source, URL: p.URL, Lang: p.Lang, Title: p.Title}
		tr.pages[p.Page] = page
	}
	if p.From > page.latest {
		page.latest, page.Title, page.Lang = p.From, p.Title, p.Lang
	}
	start, end := tokens[0].start, tokens[len(tokens)-1].end
	l := &line{from: p.Seen.By.UnixMilli(), until: forever, lang: p.Lang}
	l.Span = Span{FirstSeen: p.Seen, Gone: p.Until, Key: p.Text[start:end], How: k.how, Concept: k.concept, Path: p.Path, Role: p.Role, Since: p.Since, Block: -1}
	var hyphens bool
	if l.Form, hyphens = formOf(p.Text, tokens); k.how == Typed && !k.starred() {
		switch {
		case !at.exact:
			l.How = Inflection
		case hyphens:
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
	from, to := wordEdge(p.Text, max(0, start-kwicBytes), -1), wordEdge(p.Text, min(len(p.Text), end+kwicBytes), 1)
	l.Left, l.Right = p.Text[from:start], p.Text[end:to]
	if from > 0 {
		l.Left = "… " + l.Left
	}
	if to < len(p.Text) {
		l.Right += " …"
	}
	l.id = l.Left + "\x00" + l.Key + "\x00" + l.Right
	page.lines[l.id] = append(page.lines[l.id], l)
}

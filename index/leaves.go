package index

import (
	"slices"
)

// leaf finds the passages that have a word, a phrase, or one of many.
func (e *engine) leaf(n *node, pass filter, counts bool) (*holds, error) {
	terms, err := e.terms(n, pass)
	if err != nil {
		return nil, err
	}
	h := newHolds(e.pages, e.past)
	for i := range terms {
		t := &terms[i]
		for _, p := range t.postings {
			e.hold(h, p.doc)
		}
		if counts {
			e.count(t, !n.common())
		}
	}
	e.reuse(terms)
	if n.common() {
		e.everyPageIn(n, h)
	}
	h.settle()
	return h, nil
}

// hold says that it is true of a passage's page while the passage stands.
func (e *engine) hold(h *holds, d uint32) {
	if page := e.page[d]; h.times == nil {
		h.bits[page/64] |= 1 << (page % 64)
	} else {
		h.add(page, stretch{e.from[d], e.until[d]})
	}
}

// common reports whether a word may be left out where it is a stop word.
func (n *node) common() bool { return n.op == opWord && n.rare && isStopSomewhere(n.words[0]) }

// everyPageIn makes a word that is a stop word of a language true of all pages
// in it: the query has better ones.
func (e *engine) everyPageIn(n *node, h *holds) {
	stop := e.kindsWhere(func(s variety) bool {
		return isStop(s.lang, n.words[0]) && (e.langs == nil || slices.Contains(e.langs, s.lang))
	})
	if !slices.Contains(stop, true) {
		return
	}
	for d, page := range e.page {
		if page != 0 && stop[e.kind[d]] {
			e.hold(h, uint32(d))
		}
	}
}

// count adds a term to the scores of its passages and pages. A passage that
// has nothing but words that any passage has is not shown.
func (e *engine) count(t *term, shown bool) {
	weight := float32(t.boost * idf(t.df, e.live))
	var pages []int32
	for _, p := range t.postings {
		if shown {
			e.touch(p.doc)
		}
		e.add(p.doc, weight*p.tf)
		page := e.page[p.doc]
		if e.tf[page] == 0 {
			pages = append(pages, page)
		}
		e.tf[page] += p.freq
	}
	share := t.boost * idf(len(pages), max(e.pages-1, len(pages)))
	for _, page := range pages {
		length := max(float64(e.pageWords[page]), 1)
		e.pageScore[page] += share * saturate(float64(e.tf[page]), length, e.meanWords)
		e.tf[page] = 0
	}
}

// terms reads the postings of a leaf.
func (e *engine) terms(n *node, pass filter) ([]term, error) {
	field, boost := textField(n.field)
	var out []term
	add := func(t term, err error) error {
		if err == nil && len(t.postings) > 0 {
			out = append(out, t)
		}
		return err
	}
	many := func(words []string, err error) error {
		if err == nil {
			err = e.expanded(len(words), n.pos)
		}
		for _, w := range words {
			if err == nil {
				err = add(e.term(e.ctx, field, w, boost, pass))
			}
		}
		if len(out) > 1 { // one word in many forms: it is rare only if all of them are
			out = []term{joined(out, boost)}
		}
		return err
	}
	switch n.op {
	case opWord:
		return e.word(n, pass)
	case opPhrase:
		return out, add(e.phrase(e.ctx, field, n.words, boost, pass))
	case opPrefix:
		return out, many(e.beginning(field, n.words[0], n.pos))
	case opFuzzy:
		return out, many(e.like(field, n.words[0], n.distance, n.pos))
	case opCite:
		return e.citing(n, pass)
	case opField: // of an article
		for _, k := range n.keys {
			if err := add(e.term(e.ctx, fieldArticle, k, boostTitle, pass)); err != nil {
				return nil, err
			}
		}
	case opNear:
		return out, add(e.together(e.ctx, field, n.words, boost, pass, within(n.distance), e.readPostings))
	case opNames:
		for _, words := range n.names {
			if err := add(e.phrase(e.ctx, fieldExact, words, boostNames, pass)); err != nil {
				return nil, err
			}
		}
		if len(out) > 1 {
			out = []term{joined(out, boostNames)}
		}
	}
	return out, nil
}

// joined makes one term of several.
func joined(ts []term, boost float64) term {
	lists := make([][]posting, len(ts))
	for i := range ts {
		lists[i] = ts[i].postings
	}
	for len(lists) > 1 {
		half := lists[:0]
		for i := 0; i < len(lists); i += 2 {
			if i+1 == len(lists) {
				half = append(half, lists[i])
			} else {
				half = append(half, either(lists[i], lists[i+1]))
			}
		}
		lists = half
	}
	return term{boost: boost, df: len(lists[0]), postings: lists[0]}
}

// either joins two lists of postings, both in order: a passage of both has the
// words as often as both say, and counts as for the one that counts more.
func either(a, b []posting) []posting {
	out := make([]posting, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].doc < b[0].doc:
			out, a = append(out, a[0]), a[1:]
		case a[0].doc > b[0].doc:
			out, b = append(out, b[0]), b[1:]
		default:
			out = append(out, posting{a[0].doc, a[0].freq + b[0].freq, max(a[0].tf, b[0].tf)})
			a, b = a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// word reads a word: its stem in each language, and the word itself.
func (e *engine) word(n *node, pass filter) ([]term, error) {
	w := n.words[0]
	exact, err := e.term(e.ctx, fieldExact, w, boostExact, pass)
	if err != nil {
		return nil, err
	}
	out := []term{exact}
	for _, lang := range stemmed {
		if e.langs != nil && !slices.Contains(e.langs, lang) {
			continue
		}
		if stem := languages()[lang].stem(w); stem != "" {
			t, err := e.term(e.ctx, fieldBody+lang, stem, 1, pass)
			if err != nil {
				return nil, err
			}
			out = append(out, t)
			if t, err = e.compound(lang, w, stem, pass); err != nil {
				return nil, err
			}
			if len(t.postings) > 0 {
				out = append(out, t)
			}
		}
	}
	return out, nil
}

// compound reads the compounds that have a word as a part, and the places where
// the parts of the word, if it is one, stand side by side.
func (e *engine) compound(lang, word, stem string, pass filter) (term, error) {
	s := splitters()[lang]
	if s == nil {
		return term{}, nil
	}
	if parts := s.parts(word); parts != nil {
		return e.phrase(e.ctx, fieldBody+lang, parts, boostPart, pass)
	}
	return e.term(e.ctx, fieldParts+lang, stem, boostPart, pass)
}

// textField is the field in the index in which a query's field is searched.
func textField(field string) (string, float64) {
	switch field {
	case "title":
		return fieldTitle, boostTitle
	case "path", "article":
		return fieldPath, boostTitle
	}
	return fieldExact, 1
}

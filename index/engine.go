package index

import (
	"context"
	"slices"
	"strings"

	"veille/thesaurus"
)

// How much the parts of a query count in the score.
const (
	boostExact = 0.5 // on top of the stem, for the very form that was typed
	boostNames = 0.6 // what the thesaurus added
	boostTitle = 0.3 // title: and path:
)

// maxPrefixWords is how many different words a prefix may stand for.
const maxPrefixWords = 1024

// See [node.loose].
const (
	askedWords = 3  // in a question, common ones among them
	looseWords = 4  // none of them common: of a question
	enough     = 10 // pages
)

// An engine answers one query on one state of the index: it reads the postings
// of the words, decides of which pages and when the query is true, and adds up
// the scores of passages and pages. Bleve stores and reads; it decides nothing.
type engine struct {
	*state
	ctx   context.Context
	x     *Index
	q     *Query
	langs []string // searched, nil for all
	past  bool
	loose *node // of this conjunction pages with some of the words will do

	score     []float32 // by passage, of what was found
	touched   []uint32  // passages found
	found     []bool    // by passage
	pageScore []float64
	tf        []float32 // by page; scratch
}

// A filter says which passages count.
type filter func(doc uint32) bool

// run finds of which pages the query is true, nil for the empty one. rolesGiven
// says that it chooses between main text and boilerplate itself.
func (e *engine) run(n *node, rolesGiven bool) (*holds, error) {
	e.past = e.q.Past
	e.score, e.found = make([]float32, len(e.page)), make([]bool, len(e.page))
	e.pageScore, e.tf = make([]float64, e.pages), make([]float32, e.pages)
	pass := e.base(rolesGiven)
	if n == nil {
		return e.everything(pass, true)
	}
	h, err := e.eval(n, pass, true)
	if err == nil && n.op == opAnd {
		err = e.pairs(pass)
	}
	return h, err
}

// base is what the fields of the query ask for.
func (e *engine) base(rolesGiven bool) filter {
	q := e.q
	kinds := e.allowed(q)
	from, until := int64(-forever), int64(forever)
	if !q.From.IsZero() {
		from = q.From.UnixMilli()
	}
	if !q.Until.IsZero() {
		until = q.Until.UnixMilli()
	}
	roles := !q.All && !rolesGiven
	at := q.AsOf.UnixMilli()
	now := q.AsOf.IsZero()
	c := e.columns
	return func(d uint32) bool {
		switch {
		case roles && !c.main[d], kinds != nil && !kinds[c.kind[d]], c.from[d] < from, c.from[d] >= until:
			return false
		case q.Past:
			return true
		case now:
			return c.until[d] == forever
		}
		return c.from[d] <= at && at < c.until[d]
	}
}

// allowed are the kinds of passages that the query's lists leave, nil for all.
func (e *engine) allowed(q *Query) []bool {
	if len(q.Langs)+len(q.Sources)+len(q.Kinds)+len(q.Jurisdictions)+len(q.Topics) == 0 {
		return nil
	}
	var of []string
	if len(q.Kinds)+len(q.Jurisdictions)+len(q.Topics) > 0 {
		of = e.x.sources.Select(q.Kinds, q.Jurisdictions, q.Topics)
	}
	return e.kindsWhere(func(s variety) bool {
		return (len(q.Langs) == 0 || slices.Contains(q.Langs, s.lang)) && (len(q.Sources) == 0 || slices.Contains(q.Sources, s.source)) &&
			(len(q.Kinds)+len(q.Jurisdictions)+len(q.Topics) == 0 || slices.Contains(of, s.source))
	})
}

func (e *engine) kindsWhere(ok func(variety) bool) []bool {
	out := make([]bool, len(e.kinds))
	for i, s := range e.kinds {
		out[i] = ok(s)
	}
	return out
}

// eval decides a node on the passages that pass. What is found counts in the
// score, unless it stands under a NOT.
func (e *engine) eval(n *node, pass filter, counts bool) (*holds, error) {
	switch n.op {
	case opAnd:
		return e.and(n, pass, counts)
	case opNot:
		return e.and(&node{op: opAnd, kids: []*node{n}}, pass, counts)
	case opOr:
		var any *holds
		for _, k := range n.kids {
			h, err := e.eval(k, pass, counts)
			if err != nil {
				return nil, err
			}
			if any == nil {
				any = h
			} else {
				any.or(h)
			}
		}
		return any, nil
	}
	if n.filters() {
		f, err := e.filter(n)
		if err != nil {
			return nil, err
		}
		return e.everything(func(d uint32) bool { return pass(d) && f(d) }, counts)
	}
	return e.leaf(n, pass, counts)
}

// and decides a conjunction. Clauses on fields choose among passages; words
// need only be in the same page at the same time.
func (e *engine) and(n *node, pass filter, counts bool) (*holds, error) {
	var words, not []*node
	chosen := pass
	for _, k := range n.kids {
		inner, negated := k, k.op == opNot
		if negated {
			inner = k.kids[0]
		}
		switch {
		case inner.filters():
			f, err := e.filter(inner)
			if err != nil {
				return nil, err
			}
			before := chosen
			chosen = func(d uint32) bool { return before(d) && f(d) != negated }
		case negated:
			not = append(not, inner)
		default:
			words = append(words, k)
		}
	}
	all, err := e.all(words, chosen, counts, n == e.loose)
	if err != nil {
		return nil, err
	}
	for _, k := range not {
		h, err := e.eval(k, chosen, false)
		if err != nil {
			return nil, err
		}
		all.without(h)
	}
	return all, nil
}

// all decides that all words are there, or enough of them.
func (e *engine) all(words []*node, pass filter, counts, loose bool) (*holds, error) {
	if len(words) == 0 {
		return e.everything(pass, counts)
	}
	if loose {
		return e.some(words, pass, counts)
	}
	var all *holds
	for _, k := range words {
		h, err := e.eval(k, pass, counts)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = h
		} else {
			all.and(h)
		}
	}
	return all, nil
}

// some decides that a quarter of the words are there.
func (e *engine) some(words []*node, pass filter, counts bool) (*holds, error) {
	have, telling := make([]uint8, e.pages), 0
	any := newHolds(e.pages, e.past)
	for _, k := range words {
		h, err := e.eval(k, pass, counts)
		if err != nil {
			return nil, err
		}
		if k.common() {
			continue
		}
		telling++
		h.each(func(page int32) { have[page]++ })
		any.or(h)
	}
	few := newHolds(e.pages, e.past)
	any.each(func(page int32) {
		if int(have[page]) < max(1, telling/4) {
			few.add(page, always)
		}
	})
	any.without(few)
	return any, nil
}

// filters reports whether a node chooses passages by what is known about them,
// and not by their words.
func (n *node) filters() bool {
	switch n.op {
	case opField:
		return true
	case opWord, opPhrase, opPrefix, opNames, opNear, opFuzzy:
		return n.field != ""
	}
	return !slices.ContainsFunc(n.kids, func(k *node) bool { return !k.filters() })
}

// filter makes of a node that filters what it says.
func (e *engine) filter(n *node) (filter, error) {
	switch n.op {
	case opNot:
		f, err := e.filter(n.kids[0])
		return func(d uint32) bool { return !f(d) }, err
	case opAnd, opOr:
		fs := make([]filter, len(n.kids))
		for i, k := range n.kids {
			var err error
			if fs[i], err = e.filter(k); err != nil {
				return nil, err
			}
		}
		return func(d uint32) bool {
			for _, f := range fs {
				if f(d) == (n.op == opOr) {
					return n.op == opOr
				}
			}
			return n.op == opAnd
		}, nil
	case opField:
		return e.field(n), nil
	}
	terms, err := e.terms(n, func(uint32) bool { return true })
	if err != nil {
		return nil, err
	}
	has := map[uint32]bool{}
	for _, t := range terms {
		for _, p := range t.postings {
			has[p.doc] = true
		}
	}
	return func(d uint32) bool { return has[d] }, nil
}

// field chooses by what is known about a passage.
func (e *engine) field(n *node) filter {
	if n.field == "role" {
		main := n.text == "main"
		return func(d uint32) bool { return e.main[d] == main }
	}
	v := n.text
	var of []string
	switch n.field {
	case "lang":
		ok := e.kindsWhere(func(s variety) bool { return s.lang == strings.ToLower(v) })
		return func(d uint32) bool { return ok[e.kind[d]] }
	case "kind":
		of = e.x.sources.Select([]string{strings.ToLower(v)}, nil, nil)
	case "jurisdiction":
		of = e.x.sources.Select(nil, []string{strings.ToUpper(v)}, nil)
	case "topic":
		of = e.x.sources.Select(nil, nil, []string{strings.ToLower(v)})
	case "institution":
		for _, s := range e.x.sources.Sources {
			if strings.EqualFold(s.Institution, v) {
				of = append(of, s.ID)
			}
		}
	default:
		of = []string{v}
	}
	ok := e.kindsWhere(func(s variety) bool { return slices.Contains(of, s.source) })
	return func(d uint32) bool { return ok[e.kind[d]] }
}

// everything finds all passages that pass.
func (e *engine) everything(pass filter, counts bool) (*holds, error) {
	h := newHolds(e.pages, e.past)
	for n, page := range e.page {
		if d := uint32(n); page != 0 && pass(d) {
			h.add(page, stretch{e.from[d], e.until[d]})
			if counts {
				e.touch(d)
			}
		}
	}
	h.settle()
	return h, e.ctx.Err()
}

func (e *engine) touch(d uint32) {
	if !e.found[d] {
		e.found[d] = true
		e.touched = append(e.touched, d)
	}
}

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
			h.add(e.page[p.doc], stretch{e.from[p.doc], e.until[p.doc]})
		}
		if counts {
			e.count(t, !n.common())
		}
	}
	if n.common() {
		e.everyPageIn(n, h)
	}
	h.settle()
	return h, nil
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
			h.add(page, stretch{e.from[d], e.until[d]})
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
		e.score[p.doc] += weight * p.tf
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
	case opNear:
		return out, add(e.together(e.ctx, field, n.words, boost, pass, within(n.distance)))
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
	by := map[uint32]posting{}
	for _, t := range ts {
		for _, p := range t.postings {
			was := by[p.doc]
			by[p.doc] = posting{p.doc, was.freq + p.freq, max(was.tf, p.tf)}
		}
	}
	out := term{boost: boost, df: len(by), postings: make([]posting, 0, len(by))}
	for _, p := range by {
		out.postings = append(out.postings, p)
	}
	slices.SortFunc(out.postings, func(a, b posting) int { return int(a.doc) - int(b.doc) })
	return out
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
		}
	}
	return out, nil
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

// asks reports whether a query has a clause on a field.
func (n *node) asks(field string) bool {
	return n != nil && (n.field == field || slices.ContainsFunc(n.kids, func(k *node) bool { return k.asks(field) }))
}

// loose reports whether a query is a question: words side by side and nothing
// else, among them words that any text has ("how", "the"), or many. Of a
// question pages with some of the words will do; asked says that they will even
// where many pages have all.
func (n *node) loose() (will, asked bool) {
	if n == nil || n.op != opAnd || n.said {
		return false, false
	}
	telling, common := 0, 0
	for _, k := range n.kids {
		switch {
		case k.filters() || k.op == opNot:
			return false, false
		case k.common():
			common++
		default:
			telling++
		}
	}
	asked = common > 0 && telling+common >= askedWords
	return asked || telling >= looseWords, asked
}

// pairs adds to the scores of what was found what words that stand side by
// side in the query, stop words left out, count where they do so in a passage.
func (e *engine) pairs(pass filter) error {
	for _, lang := range stemmed {
		if e.langs != nil && !slices.Contains(e.langs, lang) {
			continue
		}
		last := ""
		for _, w := range thesaurus.Words(e.q.Text) {
			stem := languages()[lang].stem(w.Text)
			if stem == "" {
				continue
			}
			if last != "" && last != stem {
				t, err := e.phrase(e.ctx, fieldBody+lang, []string{last, stem}, pairShare, pass)
				if err != nil {
					return err
				}
				e.count(&t, false)
			}
			last = stem
		}
	}
	return nil
}

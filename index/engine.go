package index

import (
	"context"
	"slices"

	"veille/thesaurus"
)

// How much the parts of a query count in the score.
const (
	boostExact   = 0.5  // on top of the stem, for the very form that was typed
	boostNames   = 0.6  // what the thesaurus added
	boostArticle = 60.0 // what the passages of an article that is named among words have more, so that they come before what cites it
	boostTitle   = 0.3  // title: and path:
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
	loose *node     // of this conjunction pages with some of the words will do
	asked *question // what q's text was read as

	happened map[happening]bool // what came and went, where changes are asked for
	read     int                // postings, against maxPostings
	words    int                // that prefixes and similar words stand for, against maxExpanded

	*scores
}

// scores are what a search adds up. They are large, and kept for the searches
// of the same state that follow.
type scores struct {
	score     []float32 // by passage, of what was found
	touched   []uint32  // passages found
	unseen    []uint32  // passages that have a score and were not found
	found     passageSet
	pageScore []float64
	tf        []float32 // by page; scratch
}

// scores takes some that are empty.
func (s *state) scores() *scores {
	if kept, ok := s.kept.Get().(*scores); ok {
		return kept
	}
	return &scores{score: make([]float32, len(s.page)), found: s.noPassages(), pageScore: make([]float64, s.pages), tf: make([]float32, s.pages)}
}

// keep empties scores for the next search.
func (s *state) keep(of *scores) {
	for _, d := range of.touched {
		of.score[d] = 0
	}
	for _, d := range of.unseen {
		of.score[d] = 0
	}
	clear(of.found)
	clear(of.pageScore)
	of.touched, of.unseen = of.touched[:0], of.unseen[:0]
	s.kept.Put(of)
}

// run finds of which pages the query is true, nil for the empty one. rolesGiven
// says that it chooses between main text and boilerplate itself.
func (e *engine) run(n *node, rolesGiven bool) (*holds, error) {
	e.past = e.q.Past || e.changes()
	e.happened = map[happening]bool{}
	e.scores = e.state.scores()
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

// eval decides a node on the passages that pass. What is found counts in the
// score, unless it stands under a NOT.
func (e *engine) eval(n *node, pass filter, counts bool) (*holds, error) {
	switch n.op {
	case opAnd:
		return e.and(n, pass, counts)
	case opNot:
		return e.and(&node{op: opAnd, kids: []*node{n}}, pass, counts)
	case opOr:
		if n.either && n.side() != stands {
			return e.changed(n, pass, counts)
		}
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
	if n.named && !e.changes() {
		return e.namedArticle(n, pass, counts)
	}
	if n.filters() {
		f, err := e.filter(n)
		if err != nil {
			return nil, err
		}
		return e.everything(func(d uint32) bool { return pass(d) && f(d) }, counts)
	}
	if n.change != stands {
		return e.changed(n, pass, counts)
	}
	if n.op == opCite {
		return e.numbered(n, pass, counts)
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
		case k.change != stands && k.common() && len(n.kids) > 1:
			// it is in any text, and so in any change
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

// add adds to the score of a passage.
func (e *engine) add(d uint32, score float32) {
	if e.score[d] == 0 && !e.found.has(d) {
		e.unseen = append(e.unseen, d)
	}
	e.score[d] += score
}

// everything finds all passages that pass.
func (e *engine) everything(pass filter, counts bool) (*holds, error) {
	if e.changes() && e.asked.when.in != stands && counts {
		of := e.asked.when.in
		return e.everyChange(pass, of), e.ctx.Err()
	}
	h := newHolds(e.pages, e.past)
	for n, page := range e.page {
		if d := uint32(n); page != 0 && pass(d) {
			e.hold(h, d)
			if counts {
				e.touch(d)
			}
		}
	}
	h.settle()
	return h, e.ctx.Err()
}

func (e *engine) touch(d uint32) {
	if !e.found.has(d) {
		e.found.put(d)
		e.touched = append(e.touched, d)
	}
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
		case k.filters() || k.op == opNot || k.side() != stands:
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
				if e.read > maxPostings {
					return nil // the order is a little worse, and the answer the same
				}
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

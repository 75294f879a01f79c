package index

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	bindex "github.com/blevesearch/bleve_index_api"
)

// BM25 (Robertson and Zaragoza, 2009), over passages and over pages.
const (
	bm25K = 1.2
	bm25B = 0.75
)

// A posting is a passage that has a term: its number, how often, and how much
// that counts beside its length.
type posting struct {
	doc  uint32
	freq float32
	tf   float32 // saturated: freq·(k+1) / (freq + k·(1−b+b·length/average))
}

// saturate is the share of BM25 that depends on how often a term is there.
func saturate(freq, length, average float64) float64 {
	return freq * (bm25K + 1) / (freq + bm25K*(1-bm25B+bm25B*length/average))
}

// idf is the share that depends on how many of all have it.
func idf(with, all int) float64 {
	return math.Log(1 + (float64(all-with)+0.5)/(float64(with)+0.5))
}

// A term is one list of postings, and how much it counts.
type term struct {
	postings []posting
	boost    float64
	df       int // passages that have it, before any filter
}

// term reads the passages that have a word in a field, those that pass.
func (s *state) term(ctx context.Context, field, word string, boost float64, pass func(doc uint32) bool) (t term, err error) {
	return s.postings(ctx, field, word, boost, pass, func(int) error { return nil })
}

// postings does the same, and asks before whether so many may be read.
func (s *state) postings(ctx context.Context, field, word string, boost float64, pass func(doc uint32) bool, may func(int) error) (t term, err error) {
	r, err := s.reader.TermFieldReader(ctx, []byte(word), field, true, true, false)
	if err != nil {
		return t, err
	}
	defer func() {
		if cerr := r.Close(); err == nil {
			err = cerr
		}
	}()
	t.boost, t.df = boost, int(r.Count())
	if err := may(t.df); err != nil {
		return t, err
	}
	average := s.usual(field)
	doc := &bindex.TermFieldDoc{}
	for i := 0; ; i++ {
		if i%4096 == 0 && ctx.Err() != nil {
			return t, ctx.Err()
		}
		if doc, err = r.Next(doc.Reset()); err != nil || doc == nil {
			return t, err
		}
		n := uint32(doc.ID.Value())
		if pass(n) {
			t.postings = append(t.postings, posting{n, float32(doc.Freq), float32(saturate(float64(doc.Freq), lengthOf(doc.Norm), average))})
		}
	}
}

// lengthOf is the length of a field by its norm, 1/√length.
func lengthOf(norm float64) float64 {
	if norm == 0 {
		return 1
	}
	return 1 / (norm * norm)
}

// phrase reads the passages that have words in a field at the given distances
// from the first one: side by side for a phrase.
func (s *state) phrase(ctx context.Context, field string, words []string, boost float64, pass func(doc uint32) bool) (term, error) {
	if len(words) == 1 {
		return s.term(ctx, field, words[0], boost, pass)
	}
	return s.together(ctx, field, words, boost, pass, sideBySide, func(int) error { return nil })
}

// together reads the passages that have all words in a field, where count
// finds them at positions that suit. positions are in the order of words. may
// is asked before whether so many postings may be read.
func (s *state) together(ctx context.Context, field string, words []string, boost float64, pass func(uint32) bool,
	count func(positions [][]uint64) int, may func(int) error) (t term, err error) {
	p, err := s.walk(ctx, field, words)
	defer func() { err = errors.Join(err, p.close()) }()
	if err != nil {
		return t, err
	}
	if err := may(positionCost * len(p.numbers) * int(p.numbers[p.rarest].reader.Count())); err != nil {
		return t, err
	}
	average := s.usual(field)
	for i := 0; ; i++ {
		if i%1024 == 0 && ctx.Err() != nil {
			return t, ctx.Err()
		}
		id, ok, err := p.next(pass)
		if err != nil || !ok {
			t.boost, t.df = boost, len(t.postings)
			return t, err
		}
		if n := count(p.positions); n > 0 {
			t.postings = append(t.postings, posting{id, float32(n), float32(saturate(float64(n), lengthOf(p.norm), average))})
		}
	}
}

// positionCost is how much longer a posting takes to read with its positions.
const positionCost = 2

// A walk goes through the passages that have several terms. It finds them by
// their numbers alone, and reads positions, which cost more, only of those that
// have all.
type walk struct {
	numbers, places []walker // one for each different word
	slots           []int    // which of them reads a word
	positions       [][]uint64
	rarest          int
	norm            float64
}

// A walker is how far a walk has come in the postings of one term.
type walker struct {
	reader bindex.TermFieldReader
	doc    *bindex.TermFieldDoc
}

// walk begins a walk; it is to be closed, whatever the error.
func (s *state) walk(ctx context.Context, field string, words []string) (*walk, error) {
	p := &walk{positions: make([][]uint64, len(words))}
	read := map[string]int{}
	for _, w := range words {
		at, ok := read[w]
		if !ok {
			at = len(p.places)
			numbers, err := s.reader.TermFieldReader(ctx, []byte(w), field, false, false, false)
			if err != nil {
				return p, err
			}
			p.numbers = append(p.numbers, walker{reader: numbers})
			places, err := s.reader.TermFieldReader(ctx, []byte(w), field, true, true, true)
			if err != nil {
				return p, err
			}
			p.places = append(p.places, walker{reader: places})
			if numbers.Count() < p.numbers[p.rarest].reader.Count() {
				p.rarest = at
			}
			read[w] = at
		}
		p.slots = append(p.slots, at)
	}
	return p, nil
}

func (p *walk) close() error {
	var errs []error
	for _, w := range append(p.numbers, p.places...) {
		errs = append(errs, w.reader.Close())
	}
	return errors.Join(errs...)
}

// to goes on to a passage, or the first one after it that has the term; it
// reports whether that is it, and whether there are more.
func (w *walker) to(id bindex.IndexInternalID) (there, more bool, err error) {
	if w.doc == nil || w.doc.ID.Compare(id) < 0 {
		if w.doc, err = w.reader.Advance(id, w.reused()); err != nil || w.doc == nil {
			return false, false, err
		}
	}
	return w.doc.ID.Equals(id), true, nil
}

func (w *walker) reused() *bindex.TermFieldDoc {
	if w.doc == nil {
		return nil
	}
	return w.doc.Reset()
}

// next finds the next passage that has all terms and passes, with their positions.
func (p *walk) next(pass func(uint32) bool) (uint32, bool, error) {
	lead := &p.numbers[p.rarest]
next:
	for {
		var err error
		if lead.doc, err = lead.reader.Next(lead.reused()); err != nil || lead.doc == nil {
			return 0, false, err
		}
		id := uint32(lead.doc.ID.Value())
		if !pass(id) {
			continue
		}
		for i := range p.numbers {
			if i == p.rarest {
				continue
			}
			there, more, err := p.numbers[i].to(lead.doc.ID)
			if err != nil || !more {
				return 0, false, err
			}
			if !there {
				continue next
			}
		}
		return id, true, p.read(lead.doc.ID)
	}
}

// read reads the positions of all terms in a passage that has them.
func (p *walk) read(id bindex.IndexInternalID) error {
	for i := range p.places {
		there, _, err := p.places[i].to(id)
		if err != nil {
			return err
		}
		if !there {
			return fmt.Errorf("passage number %d: %w", id.Value(), ErrDamaged)
		}
	}
	p.norm = p.places[p.rarest].doc.Norm
	for i, at := range p.slots {
		p.positions[i] = p.positions[i][:0]
		for _, v := range p.places[at].doc.Vectors {
			p.positions[i] = append(p.positions[i], v.Pos)
		}
		slices.Sort(p.positions[i])
	}
	return nil
}

// sideBySide counts how often words stand in order.
func sideBySide(positions [][]uint64) int {
	n := 0
next:
	for _, at := range positions[0] {
		for i := 1; i < len(positions); i++ {
			if _, ok := slices.BinarySearch(positions[i], at+uint64(i)); !ok {
				continue next
			}
		}
		n++
	}
	return n
}

// within counts how often all words stand within a window: between the first
// and the last of them there are at most so many others.
func within(most int) func(positions [][]uint64) int {
	return func(positions [][]uint64) int {
		at := make([]int, len(positions))
		n := 0
		for {
			first, last := 0, uint64(0)
			for i, k := range at {
				if k == len(positions[i]) {
					return n
				}
				if positions[i][k] < positions[first][at[first]] {
					first = i
				}
				last = max(last, positions[i][k])
			}
			if low := positions[first][at[first]]; last-low < uint64(most+len(positions)) && distinct(positions, at) {
				n++
			}
			at[first]++
		}
	}
}

// distinct reports whether the words stand at different places: a word that
// was asked for twice must be there twice.
func distinct(positions [][]uint64, at []int) bool {
	for i := range at {
		for j := range i {
			if positions[i][at[i]] == positions[j][at[j]] {
				return false
			}
		}
	}
	return true
}

// beginning lists the words of a field that begin so. Too many are an error,
// not a search for some of them.
func (s *state) beginning(field, prefix string, pos int) ([]string, error) {
	dict, err := s.reader.FieldDictPrefix(field, []byte(prefix))
	if err != nil {
		return nil, err
	}
	return listed(dict, func() error {
		return wrong(pos, "star-many", maxPrefixWords, prefix)
	})
}

// like lists the words of a field that differ from one in so many letters at most.
func (s *state) like(field, word string, letters, pos int) ([]string, error) {
	fuzzy, ok := s.reader.(bindex.IndexReaderFuzzy)
	if !ok {
		return nil, fmt.Errorf("similar words: %w", ErrDamaged)
	}
	dict, err := fuzzy.FieldDictFuzzy(field, word, letters, string([]rune(word)[:1]))
	if err != nil {
		return nil, err
	}
	return listed(dict, func() error {
		return wrong(pos, "tilde-many", maxPrefixWords, word)
	})
}

func listed(dict bindex.FieldDict, tooMany func() error) (words []string, err error) {
	defer func() {
		if cerr := dict.Close(); err == nil {
			err = cerr
		}
	}()
	for {
		e, err := dict.Next()
		if err != nil || e == nil {
			return words, err
		}
		if words = append(words, e.Term); len(words) > maxPrefixWords {
			return nil, tooMany()
		}
	}
}

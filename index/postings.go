package index

import (
	"context"
	"fmt"
	"math"

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
	l, err := s.open(field)
	if err != nil {
		return t, err
	}
	t.boost = boost
	if t.df, err = l.look(word, l.lists); err != nil {
		return t, err
	}
	if err := may(t.df); err != nil || t.df == 0 {
		s.shut(field, l)
		return t, err
	}
	t.postings = s.spared(t.df)
	if t.df >= s.frequent.least {
		t.postings, err = s.frequentPostings(ctx, l, t.postings, field, word, pass)
	} else {
		t.postings, err = s.readAll(ctx, l, t.postings, field, pass)
	}
	if err != nil {
		return t, err
	}
	s.shut(field, l)
	return t, nil
}

// readAll appends to a list the postings of the word looked up last that pass.
func (s *state) readAll(ctx context.Context, l *opened, list []posting, field string, pass filter) ([]posting, error) {
	average := s.usual(field)
	for i := range l.lists {
		first := uint32(s.starts[i])
		if err := l.in(ctx, i, func(d uint32) bool { return s.there.has(first+d) && pass(first+d) }, func(d uint32, freq int, norm float64) {
			list = append(list, posting{first + d, float32(freq), float32(saturate(float64(freq), lengthOf(norm), average))})
		}); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// in reads the postings in a segment of the word looked up last, those that
// pass, by their numbers there.
func (l *opened) in(ctx context.Context, seg int, pass filter, take func(d uint32, freq int, norm float64)) error {
	l.it = l.lists[seg].Iterator(true, true, false, l.it)
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		p, err := l.it.Next()
		if err != nil || p == nil {
			return err
		}
		if d := uint32(p.Number()); pass(d) {
			take(d, int(p.Frequency()), p.Norm())
		}
	}
}

// leastSpared is how many postings a list has room for that is kept.
const leastSpared = 1024

// spared is an empty list with room for so many, a used one if there is one.
func (s *state) spared(n int) []posting {
	if n >= leastSpared {
		if list, ok := s.spare.Get().(*[]posting); ok && cap(*list) >= n {
			return (*list)[:0]
		}
	}
	return make([]posting, 0, n)
}

// reuse takes back the lists of terms that were counted.
func (s *state) reuse(terms []term) {
	for i := range terms {
		if cap(terms[i].postings) >= leastSpared {
			s.spare.Put(&terms[i].postings)
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

// phrase reads the passages that have words side by side in a field.
func (s *state) phrase(ctx context.Context, field string, words []string, boost float64, pass func(doc uint32) bool) (term, error) {
	if len(words) == 1 {
		return s.term(ctx, field, words[0], boost, pass)
	}
	return s.together(ctx, field, words, boost, pass, nil, func(int) error { return nil })
}

// together reads the passages that have all words in a field where count finds
// them, by their positions in the order of words; nil for side by side. may is
// asked before whether so many postings may be read.
func (s *state) together(ctx context.Context, field string, words []string, boost float64, pass func(uint32) bool,
	count func(positions [][]uint32) int, may func(int) error) (t term, err error) {
	w, err := s.walk(field, words)
	if err != nil {
		return t, err
	}
	if err := may(positionCost * len(w.lists) * w.counts[w.order[0]]); err != nil {
		return t, err
	}
	t.boost = boost
	average, n := s.usual(field), 0
	for i, start := range s.starts {
		common, err := w.common(i)
		if err != nil {
			return t, err
		}
		if common == nil {
			continue
		}
		for it := common.Iterator(); it.HasNext(); n++ {
			if n%1024 == 0 && ctx.Err() != nil {
				return t, ctx.Err()
			}
			doc := it.Next()
			id := uint32(start) + doc
			if !s.there.has(id) || !pass(id) {
				continue
			}
			found, err := w.count(i, doc, count)
			if err != nil {
				return t, fmt.Errorf("passage number %d: %w", id, err)
			}
			if found > 0 {
				t.postings = append(t.postings, posting{id, float32(found), float32(saturate(float64(found), lengthOf(w.norm), average))})
			}
		}
	}
	t.df = len(t.postings)
	return t, nil
}

// positionCost is how much longer a posting takes to read with its positions.
const positionCost = 2

// within counts how often all words stand within a window: between the first
// and the last of them there are at most so many others.
func within(most int) func(positions [][]uint32) int {
	return func(positions [][]uint32) int {
		at := make([]int, len(positions))
		n := 0
		for {
			first, last := 0, uint32(0)
			for i, k := range at {
				if k == len(positions[i]) {
					return n
				}
				if positions[i][k] < positions[first][at[first]] {
					first = i
				}
				last = max(last, positions[i][k])
			}
			if low := positions[first][at[first]]; last-low < uint32(most+len(positions)) && distinct(positions, at) {
				n++
			}
			at[first]++
		}
	}
}

// distinct reports whether the words stand at different places: a word that
// was asked for twice must be there twice.
func distinct(positions [][]uint32, at []int) bool {
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

package index

import (
	"cmp"
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// Words are looked up in each segment of a state for itself, rather than
// through Bleve's readers over all of them: those go from passage to passage,
// while here a segment says at once which passages have all words of a phrase.

// An opened is the dictionaries of a field, one a segment. One search uses it
// at a time.
type opened struct {
	state *state
	dicts []segment.TermDictionary
	lists []segment.PostingsList // of the word looked up last
	it    segment.PostingsIterator
}

// maxOpened is how many of a field are kept for the searches that follow.
const maxOpened = 8

// openings are the dictionaries that no search uses now.
type openings struct {
	mu   sync.Mutex
	free map[string][]*opened // by field
}

// open opens a field, to be shut when it was read without an error.
func (s *state) open(field string) (*opened, error) {
	s.openings.mu.Lock()
	if free := s.openings.free[field]; len(free) > 0 {
		l := free[len(free)-1]
		s.openings.free[field] = free[:len(free)-1]
		s.openings.mu.Unlock()
		return l, nil
	}
	s.openings.mu.Unlock()
	l := &opened{state: s, dicts: make([]segment.TermDictionary, len(s.segments)), lists: make([]segment.PostingsList, len(s.segments))}
	for i := range s.segments {
		var err error
		if l.dicts[i], err = s.segments[i].Segment().Dictionary(field); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (s *state) shut(field string, l *opened) {
	s.openings.mu.Lock()
	defer s.openings.mu.Unlock()
	if s.openings.free == nil {
		s.openings.free = map[string][]*opened{}
	}
	if len(s.openings.free[field]) < maxOpened {
		s.openings.free[field] = append(s.openings.free[field], l)
	}
}

// look puts a word's passages into lists, one a segment, and says how many
// there are. The lists have those too that were taken out and still lie in the
// segments, which are not [state.there]: to leave them out here costs more.
func (l *opened) look(word string, lists []segment.PostingsList) (n int, err error) {
	for i, dict := range l.dicts {
		if lists[i], err = dict.PostingsList([]byte(word), nil, lists[i]); err != nil {
			return n, err
		}
		n += int(lists[i].Count())
		out := l.state.segments[i].Deleted()
		if out == nil || out.IsEmpty() {
			continue
		}
		has, err := passagesOf(lists[i])
		if err != nil {
			return n, err
		}
		if has != nil {
			n -= int(out.AndCardinality(has))
		}
	}
	return n, nil
}

// A walk goes through the passages that have several words. It finds them by
// their numbers alone, and reads positions, which cost more, only of those that
// have all; of a common word only where the rarer ones stand as they should.
type walk struct {
	slots     []int                    // which of the different words stands at a place of the phrase
	lists     [][]segment.PostingsList // by different word and segment
	counts    []int                    // passages of each
	order     []int                    // the different words, the rarest first
	its       []segment.PostingsIterator
	of        []int         // the segment that each iterator is of
	kept      []*keptPlaces // of each word, as far as they are kept
	at        []int         // in these, the passage read last in the segment
	positions [][]uint32
	starts    []uint32
	norm      float64
}

// walk looks up the words.
func (s *state) walk(field string, words []string) (*walk, error) {
	l, err := s.open(field)
	if err != nil {
		return nil, err
	}
	w := &walk{}
	known := map[string]int{}
	for _, word := range words {
		at, ok := known[word]
		if !ok {
			at = len(w.lists)
			lists := make([]segment.PostingsList, len(s.segments))
			n, err := l.look(word, lists)
			if err != nil {
				return nil, err
			}
			known[word] = at
			w.lists, w.counts, w.order = append(w.lists, lists), append(w.counts, n), append(w.order, at)
			w.kept = append(w.kept, s.places(field, word, n))
		}
		w.slots = append(w.slots, at)
	}
	s.shut(field, l)
	slices.SortStableFunc(w.order, func(a, b int) int { return cmp.Compare(w.counts[a], w.counts[b]) })
	w.its, w.of, w.positions = make([]segment.PostingsIterator, len(w.lists)), make([]int, len(w.lists)), make([][]uint32, len(w.lists))
	w.at = make([]int, len(w.lists))
	for i := range w.of {
		w.of[i] = -1
	}
	return w, nil
}

// places are those of a word that so many passages have, as far as they are kept.
func (s *state) places(field, word string, passages int) *keptPlaces {
	if passages < s.frequent.least {
		return nil
	}
	id := [2]string{field, word}
	kept, often := s.frequent.placesOf(id)
	if often {
		s.load(id)
	}
	return kept
}

// common are the passages of a segment that have all words, nil for none.
func (w *walk) common(seg int) (all *roaring.Bitmap, err error) {
	for n, at := range w.order {
		has, err := passagesOf(w.lists[at][seg])
		switch {
		case err != nil || has == nil:
			return nil, err
		case n == 0:
			all = has
		case n == 1:
			all = roaring.And(all, has)
		default:
			all.And(has)
		}
		if all.IsEmpty() {
			return nil, nil
		}
	}
	return all, nil
}

// passagesOf are the numbers in a list, not to be changed; nil for none.
func passagesOf(list segment.PostingsList) (*roaring.Bitmap, error) {
	if list.Count() == 0 {
		return nil, nil
	}
	it := list.Iterator(false, false, false, nil)
	o, ok := it.(segment.OptimizablePostingsIterator)
	if !ok {
		return oneByOne(it)
	}
	if n, ok := o.DocNum1Hit(); ok {
		return roaring.BitmapOf(uint32(n)), nil
	}
	return o.ActualBitmap(), nil
}

// oneByOne are the numbers of a list that does not give them all at once.
func oneByOne(it segment.PostingsIterator) (*roaring.Bitmap, error) {
	out := roaring.New()
	for {
		p, err := it.Next()
		if err != nil || p == nil {
			return out, err
		}
		out.Add(uint32(p.Number()))
	}
}

// count is how often the words of a passage that has all of them stand as they
// should.
func (w *walk) count(seg int, doc uint32, count func([][]uint32) int) (int, error) {
	for n, at := range w.order {
		if err := w.read(seg, at, doc); err != nil {
			return 0, err
		}
		if count == nil && !w.keep(at, n == 0) {
			return 0, nil
		}
	}
	if count == nil {
		return len(w.starts), nil
	}
	positions := make([][]uint32, len(w.slots))
	for i, at := range w.slots {
		positions[i] = w.positions[at]
	}
	return count(positions), nil
}

// keep leaves those beginnings of the phrase at which a word stands where it
// should, and reports whether there are any.
func (w *walk) keep(at int, first bool) bool {
	for i, of := range w.slots {
		if of != at {
			continue
		}
		if first {
			w.starts, first = w.starts[:0], false
			for _, p := range w.positions[at] {
				if p > uint32(i) {
					w.starts = append(w.starts, p-uint32(i))
				}
			}
			continue
		}
		kept, there := w.starts[:0], w.positions[at]
		for _, p := range w.starts {
			for len(there) > 0 && there[0] < p+uint32(i) {
				there = there[1:]
			}
			if len(there) > 0 && there[0] == p+uint32(i) {
				kept = append(kept, p)
			}
		}
		w.starts = kept
	}
	return len(w.starts) > 0
}

// read reads the positions of a word in a passage that has it. Passages are
// asked for in order.
func (w *walk) read(seg, at int, doc uint32) error {
	if kept := w.kept[at]; kept != nil && kept.parts[seg] != nil {
		if w.of[at] != seg {
			w.of[at], w.at[at] = seg, 0
		}
		part := kept.parts[seg]
		n, ok := part.find(doc, w.at[at])
		if !ok {
			return ErrDamaged
		}
		w.at[at] = n
		w.norm, w.positions[at] = part.read(n, w.positions[at][:0])
		return nil
	}
	if w.of[at] != seg {
		w.of[at], w.its[at] = seg, w.lists[at][seg].Iterator(true, true, true, w.its[at])
	}
	p, err := w.its[at].Advance(uint64(doc))
	if err != nil {
		return err
	}
	if p == nil || p.Number() != uint64(doc) {
		return ErrDamaged
	}
	w.norm, w.positions[at] = p.Norm(), positionsOf(p, w.positions[at][:0])
	return nil
}

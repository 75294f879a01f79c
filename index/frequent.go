package index

import (
	"context"
	"errors"
	"slices"
	"sync"

	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// Frequent words. A word that a hundredth of all passages have costs more to
// read than all others of a query, and is asked for again and again. So the
// postings of frequent words are kept as long as a state of the index is used,
// and the places of those that stand in phrases most: what was asked for longest
// ago is let go of. Answers are the same with them as without.

const (
	leastFrequent = 8192     // passages have a frequent word
	keptEach      = 96       // bytes are kept for each passage of the index
	keptLeast     = 16 << 20 // bytes are kept at least
	walkedOften   = 3        // phrases with a word, until its places are kept
)

// errLong is that a passage has a word so often that its places are not kept.
var errLong = errors.New("too long")

// frequent are the words that are kept, by field and word.
type frequent struct {
	least    int // passages that have one; leastFrequent but in tests
	mu       sync.Mutex
	postings map[[2]string]*keptPostings
	places   map[[2]string]*keptPlaces
	walked   map[[2]string]int // phrases that had the word
	bytes    int
	clock    int
	loading  bool
	loads    sync.WaitGroup
}

// postingsOf are the postings of a word if they are kept, nil if not. They are
// not to be changed.
func (f *frequent) postingsOf(word [2]string) *keptPostings {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := f.postings[word]
	if kept == nil {
		return nil
	}
	f.clock++
	kept.used = f.clock
	return kept
}

// placesOf are the places of a word if they are kept, nil if not. often says
// that they should be.
func (f *frequent) placesOf(word [2]string) (kept *keptPlaces, often bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if kept = f.places[word]; kept != nil {
		f.clock++
		kept.used = f.clock
		return kept, false
	}
	if f.walked == nil {
		f.walked = map[[2]string]int{}
	}
	f.walked[word]++
	return nil, f.walked[word] >= walkedOften
}

// keep keeps postings or places, and lets go of others while these are too many
// for an index of so many passages.
func (f *frequent) keep(word [2]string, postings *keptPostings, places *keptPlaces, passages int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.postings == nil {
		f.postings, f.places = map[[2]string]*keptPostings{}, map[[2]string]*keptPlaces{}
	}
	f.clock++
	switch {
	case places != nil && f.places[word] == nil:
		places.used = f.clock
		f.places[word] = places
		f.bytes += places.bytes()
	case places == nil && f.postings[word] == nil:
		postings.used = f.clock
		f.postings[word] = postings
		f.bytes += postings.bytes()
	}
	for f.bytes > max(keptLeast, keptEach*passages) {
		f.drop()
	}
}

// drop lets go of what was asked for longest ago.
func (f *frequent) drop() {
	var oldest [2]string
	used, ofPlaces := 0, false
	for word, kept := range f.postings {
		if used == 0 || kept.used < used {
			oldest, used, ofPlaces = word, kept.used, false
		}
	}
	for word, kept := range f.places {
		if used == 0 || kept.used < used {
			oldest, used, ofPlaces = word, kept.used, true
		}
	}
	if ofPlaces {
		f.bytes -= f.places[oldest].bytes()
		delete(f.places, oldest)
		f.walked[oldest] = 0
		return
	}
	f.bytes -= f.postings[oldest].bytes()
	delete(f.postings, oldest)
}

// load reads the places of a word beside the searches, one word at a time: a
// word for which there is no time now is asked for again.
func (s *state) load(word [2]string) {
	f := &s.frequent
	f.mu.Lock()
	busy := f.loading
	f.loading = true
	f.mu.Unlock()
	if busy {
		return
	}
	s.mu.Lock()
	s.uses++ // there is a search that uses it now
	s.mu.Unlock()
	f.loads.Go(func() {
		defer func() {
			damaged := recover() != nil // the search that needs it says so
			f.mu.Lock()
			defer f.mu.Unlock()
			if f.loading = false; damaged {
				f.walked[word] = 0
			}
		}()
		defer s.release()
		places, err := s.readPlaces(word)
		if err == nil {
			f.keep(word, nil, places, len(s.page))
		}
	})
}

// readPlaces reads all places of a word.
func (s *state) readPlaces(word [2]string) (*keptPlaces, error) {
	l, err := s.open(word[0])
	if err != nil {
		return nil, err
	}
	lists := make([]segment.PostingsList, len(s.segments))
	n, err := l.look(word[1], lists)
	if err != nil {
		return nil, err
	}
	s.shut(word[0], l)
	out := &keptPlaces{passageList: passageList{low: make([]uint16, 0, n)}, offsets: make([]uint16, 0, n+1), numbers: map[float32]int{}}
	var it segment.PostingsIterator
	var positions []uint32
	for i, list := range lists {
		it = list.Iterator(true, true, true, it)
		for {
			p, err := it.Next()
			if err != nil {
				return nil, err
			}
			if p == nil {
				break
			}
			d := uint32(s.starts[i] + p.Number())
			if !s.there.has(d) {
				continue
			}
			if positions = positionsOf(p, positions[:0]); !out.add(d, float32(p.Norm()), positions) {
				return nil, errLong
			}
		}
	}
	if !out.end() {
		return nil, errLong
	}
	return out, nil
}

// positionsOf puts the positions of a posting into a slice, in order.
func positionsOf(p segment.Posting, into []uint32) []uint32 {
	for _, at := range p.Locations() {
		into = append(into, uint32(at.Pos()))
	}
	if !slices.IsSorted(into) {
		slices.Sort(into)
	}
	return into
}

// frequentPostings appends to a list the postings of a frequent word that pass:
// those that are kept, or they are read and kept.
func (s *state) frequentPostings(ctx context.Context, l *opened, list []posting, field, word string, df int, pass filter) ([]posting, error) {
	id := [2]string{field, word}
	if kept := s.frequent.postingsOf(id); kept != nil {
		return kept.appendTo(list, pass), nil
	}
	average := s.usual(field)
	pack := newPacker(df, func(freq int, norm float64) weight {
		return weight{float32(freq), float32(saturate(float64(freq), lengthOf(norm), average))}
	})
	if err := l.each(ctx, s.there.has, pack.add); err != nil {
		return nil, err
	}
	if pack.full { // it cannot be kept
		return list, l.each(ctx, func(d uint32) bool { return s.there.has(d) && pass(d) }, func(d uint32, freq int, norm float64) {
			list = append(list, posting{d, float32(freq), float32(saturate(float64(freq), lengthOf(norm), average))})
		})
	}
	s.frequent.keep(id, pack.out, nil, len(s.page))
	return pack.out.appendTo(list, pass), nil
}

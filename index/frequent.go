package index

import (
	"cmp"
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
	postingBytes  = 12
)

// errLong is that a passage is so long that places in it are not kept.
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

// keptPostings are all passages that have a word.
type keptPostings struct {
	list []posting
	used int
}

// keptPlaces are all passages that have a word, and where it stands in them:
// those of docs[i] are positions[starts[i]:starts[i+1]].
type keptPlaces struct {
	docs      []uint32
	starts    []uint32
	positions []uint16
	norms     []float32
	used      int
}

func (p *keptPlaces) bytes() int { return 12*len(p.docs) + 2*len(p.positions) }

// postingsOf are the postings of a word if they are kept, nil if not. They are
// not to be changed.
func (f *frequent) postingsOf(word [2]string) []posting {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := f.postings[word]
	if kept == nil {
		return nil
	}
	f.clock++
	kept.used = f.clock
	return kept.list
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
func (f *frequent) keep(word [2]string, postings []posting, places *keptPlaces, passages int) {
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
		f.postings[word] = &keptPostings{postings, f.clock}
		f.bytes += postingBytes * len(postings)
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
	f.bytes -= postingBytes * len(f.postings[oldest].list)
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
	out := &keptPlaces{docs: make([]uint32, 0, n), starts: make([]uint32, 1, n+1), norms: make([]float32, 0, n)}
	var it segment.PostingsIterator
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
			from := len(out.positions)
			for _, at := range p.Locations() {
				if at.Pos() > 1<<16-1 {
					return nil, errLong
				}
				out.positions = append(out.positions, uint16(at.Pos()))
			}
			slices.Sort(out.positions[from:])
			out.docs, out.starts, out.norms = append(out.docs, d), append(out.starts, uint32(len(out.positions))), append(out.norms, float32(p.Norm()))
		}
	}
	out.positions = slices.Clip(out.positions)
	return out, nil
}

// find is where a passage is among those that have the word, from a place on:
// near it, mostly.
func (p *keptPlaces) find(doc uint32, from int) (int, bool) {
	step := 1
	for from+step < len(p.docs) && p.docs[from+step] < doc {
		from += step
		step *= 2
	}
	n, ok := slices.BinarySearchFunc(p.docs[from:min(from+step+1, len(p.docs))], doc, cmp.Compare[uint32])
	return from + n, ok
}

// frequentPostings reads the postings of a frequent word, or returns those that
// are kept.
func (s *state) frequentPostings(ctx context.Context, l *opened, field, word string, df int) ([]posting, error) {
	id := [2]string{field, word}
	if list := s.frequent.postingsOf(id); list != nil {
		return list, nil
	}
	list := make([]posting, 0, df)
	if err := l.each(ctx, s.usual(field), s.there.has, func(p posting) { list = append(list, p) }); err != nil {
		return nil, err
	}
	s.frequent.keep(id, list, nil, len(s.page))
	return list, nil
}

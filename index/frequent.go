package index

import (
	"context"
	"errors"
	"maps"
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

// keptPostings are the passages that have a word, by segment: nil where they
// have not been read. keptPlaces are the same, and where it stands in them.
type (
	keptPostings struct {
		parts []*postingsPart
		used  int
	}
	keptPlaces struct {
		parts []*placesPart
		used  int
	}
)

func (k *keptPostings) bytes() (n int) {
	for _, p := range k.parts {
		if p != nil {
			n += p.bytes()
		}
	}
	return n
}

func (k *keptPlaces) bytes() (n int) {
	for _, p := range k.parts {
		if p != nil {
			n += p.bytes()
		}
	}
	return n
}

// postingsOf are the postings of a word as far as they are kept, nil if none
// are. They are not to be changed.
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

// placesOf are the places of a word as far as they are kept, nil if none are.
// often says that all should be.
func (f *frequent) placesOf(word [2]string) (kept *keptPlaces, often bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if kept = f.places[word]; kept != nil {
		f.clock++
		kept.used = f.clock
		return kept, slices.Contains(kept.parts, nil)
	}
	if f.walked == nil {
		f.walked = map[[2]string]int{}
	}
	f.walked[word]++
	return nil, f.walked[word] >= walkedOften
}

// keep keeps postings or places in the place of those that were kept, and lets
// go of others while these are too many for an index of so many passages.
func (f *frequent) keep(word [2]string, postings *keptPostings, places *keptPlaces, passages int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.postings == nil {
		f.postings, f.places = map[[2]string]*keptPostings{}, map[[2]string]*keptPlaces{}
	}
	f.clock++
	if places != nil {
		if was := f.places[word]; was != nil {
			f.bytes -= was.bytes()
		}
		places.used = f.clock
		f.places[word] = places
		f.bytes += places.bytes()
	} else {
		if was := f.postings[word]; was != nil {
			f.bytes -= was.bytes()
		}
		postings.used = f.clock
		f.postings[word] = postings
		f.bytes += postings.bytes()
	}
	for f.bytes > room(passages) {
		f.drop()
	}
}

// room is how many bytes are kept for an index of so many passages.
func room(passages int) int { return max(keptLeast, keptEach*passages) }

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

// readPlaces reads all places of a word, but for those that are kept.
func (s *state) readPlaces(word [2]string) (*keptPlaces, error) {
	out := &keptPlaces{parts: make([]*placesPart, len(s.segments))}
	s.frequent.mu.Lock()
	if kept := s.frequent.places[word]; kept != nil {
		copy(out.parts, kept.parts)
	}
	s.frequent.mu.Unlock()
	l, err := s.open(word[0])
	if err != nil {
		return nil, err
	}
	lists := make([]segment.PostingsList, len(s.segments))
	if _, err := l.look(word[1], lists); err != nil {
		return nil, err
	}
	s.shut(word[0], l)
	var it segment.PostingsIterator
	for i, list := range lists {
		if out.parts[i] != nil {
			continue
		}
		it = list.Iterator(true, true, true, it)
		if out.parts[i], err = readPlacesPart(it, int(list.Count())); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func readPlacesPart(it segment.PostingsIterator, passages int) (*placesPart, error) {
	part := newPlacesPart(passages)
	var positions []uint32
	for {
		p, err := it.Next()
		if err != nil {
			return nil, err
		}
		if p == nil {
			break
		}
		if positions = positionsOf(p, positions[:0]); !part.add(uint32(p.Number()), float32(p.Norm()), positions) {
			return nil, errLong
		}
	}
	if !part.end() {
		return nil, errLong
	}
	return part, nil
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

// frequentPostings appends to a list the postings of the frequent word looked up
// last that pass: those that are kept, or they are read and kept.
func (s *state) frequentPostings(ctx context.Context, l *opened, list []posting, field, word string, pass filter) ([]posting, error) {
	id := [2]string{field, word}
	kept, average := s.frequent.postingsOf(id), s.usual(field)
	if kept == nil || slices.Contains(kept.parts, nil) {
		now := &keptPostings{parts: make([]*postingsPart, len(s.segments))}
		if kept != nil {
			copy(now.parts, kept.parts)
		}
		for i, part := range now.parts {
			if part != nil {
				continue
			}
			pack := newPacker(int(l.lists[i].Count()))
			if err := l.in(ctx, i, func(uint32) bool { return true }, pack.add); err != nil {
				return nil, err
			}
			if pack.full { // it cannot be kept
				return s.readAll(ctx, l, list, field, pass)
			}
			now.parts[i] = pack.out.weighed(average)
		}
		s.frequent.keep(id, now, nil, len(s.page))
		kept = now
	}
	for i, part := range kept.parts {
		list = part.appendTo(list, uint32(s.starts[i]), s.passing(i, pass))
	}
	return list, nil
}

// passing leaves out the passages of a segment that were taken out.
func (s *state) passing(seg int, pass filter) filter {
	if out := s.segments[seg].Deleted(); out == nil || out.IsEmpty() {
		return pass
	}
	return func(d uint32) bool { return s.there.has(d) && pass(d) }
}

// inherit takes over what was kept in an earlier state of the segments that are
// still there.
func (s *state) inherit(from *state) {
	at := map[uint64]int{}
	for i, seg := range from.segments {
		at[seg.Id()] = i
	}
	var same []int // by segment: which it was, or -1
	any := false
	for _, seg := range s.segments {
		was, ok := at[seg.Id()]
		if any = any || ok; !ok {
			was = -1
		}
		same = append(same, was)
	}
	if !any {
		return
	}
	f, to := &from.frequent, &s.frequent
	f.mu.Lock()
	defer f.mu.Unlock()
	to.postings, to.places, to.walked, to.clock = map[[2]string]*keptPostings{}, map[[2]string]*keptPlaces{}, maps.Clone(f.walked), f.clock
	for word, kept := range f.postings {
		now, average := &keptPostings{parts: make([]*postingsPart, len(same)), used: kept.used}, s.usual(word[0])
		for i, was := range same {
			if was >= 0 && kept.parts[was] != nil {
				now.parts[i] = kept.parts[was].weighed(average)
			}
		}
		to.postings[word] = now
		to.bytes += now.bytes()
	}
	for word, kept := range f.places {
		now := &keptPlaces{parts: make([]*placesPart, len(same)), used: kept.used}
		for i, was := range same {
			if was >= 0 {
				now.parts[i] = kept.parts[was]
			}
		}
		to.places[word] = now
		to.bytes += now.bytes()
	}
}

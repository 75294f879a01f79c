package index

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch"
	bindex "github.com/blevesearch/bleve_index_api"
)

// A state is the index as it was at a moment. It stays readable until the last
// search that uses it is done.
type state struct {
	*columns
	reader   bindex.IndexReader
	segments []*scorch.SegmentSnapshot
	starts   []uint64 // the number of each segment's first passage

	counting [2]sync.Once
	curves   [2]*curves // see wordsStood
	moments  moments
	families families
	openings openings
	traces   traces
	frequent frequent
	windows  windows
	kept     sync.Pool  // of *scores
	spare    sync.Pool  // of *[]posting
	stood    stood      // main passages that stood at moments
	standing passageSet // main passages that stand
	there    passageSet // passages that there are: the segments have others, which were taken out

	id string // the same for the same passages

	mu   sync.Mutex
	uses int
	old  bool      // a newer one has taken its place
	read time.Time // when a cursor in it was given out last
}

// release ends a use of the state.
func (s *state) release() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.uses--; s.uses == 0 && s.old {
		return s.reader.Close()
	}
	return nil
}

// use returns the latest state, to be released. It reads it first if there is none.
func (x *Index) use(ctx context.Context) (*state, error) {
	x.stating.Lock()
	defer x.stating.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if x.closed {
		return nil, errors.New("the index is closed")
	}
	if x.state == nil {
		s, err := x.read(nil)
		if err != nil {
			return nil, err
		}
		x.state = s
	}
	x.state.mu.Lock()
	defer x.state.mu.Unlock()
	x.state.uses++
	return x.state, nil
}

// read reads the state that the index is in. was is the one before, nil for none.
func (x *Index) read(was *state) (*state, error) {
	advanced, err := x.bleve.Advanced()
	if err != nil {
		return nil, err
	}
	reader, err := advanced.Reader()
	if err != nil {
		return nil, err
	}
	s := &state{reader: reader}
	s.frequent.least = x.frequent
	if snapshot, ok := reader.(*scorch.IndexSnapshot); ok {
		s.segments = snapshot.Segments()
	}
	err = s.readColumns(was)
	if err == nil {
		s.id, err = x.idOf(reader)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("index %s: %w", x.dir, err), reader.Close())
	}
	s.standing, s.there = s.noPassages(), s.noPassages()
	for n, page := range s.page {
		if page != 0 {
			s.there.put(uint32(n))
		}
		if page != 0 && s.main[n] && s.until[n] == forever {
			s.standing.put(uint32(n))
		}
	}
	return s, nil
}

// idOf names what an index holds: how far it is, and how many passages it has.
func (x *Index) idOf(r bindex.IndexReader) (string, error) {
	h := fnv.New64a()
	for _, key := range [][]byte{formatKey, cursorKey, wovenKey} {
		value, err := r.GetInternal(key)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%q", value)
	}
	n, err := r.DocCount()
	if err != nil {
		return "", err
	}
	fmt.Fprint(h, n)
	return strconv.FormatUint(h.Sum64(), 36), nil
}

// stored reads passage d, straight from its segment: asking Bleve for a
// document by its id would look for the id in every segment first.
func (s *state) stored(d uint32) (id string, p *passage, err error) {
	err = s.visit(d, func(field string, value []byte) (err error) {
		switch field {
		case "_id":
			id = string(value)
		case fieldStored:
			p, err = readRecord(value)
		}
		return err
	})
	if err != nil || p == nil {
		return id, nil, fmt.Errorf("passage %s: %w", id, ErrDamaged)
	}
	return id, p, nil
}

// visit calls read with each stored field of passage d. The value is good only
// while it runs.
func (s *state) visit(d uint32, read func(field string, value []byte) error) (err error) {
	n, found := slices.BinarySearch(s.starts, uint64(d))
	if !found {
		n--
	}
	if n < 0 {
		return fmt.Errorf("passage number %d: %w", d, ErrDamaged)
	}
	verr := s.segments[n].VisitDocument(uint64(d)-s.starts[n], func(field string, _ byte, value []byte, _ []uint64) bool {
		err = read(field, value)
		return err == nil
	})
	return errors.Join(err, verr)
}

// refresh makes what was written visible to the searches that follow, if there
// has been one: otherwise the first will read it.
func (x *Index) refresh() error {
	x.stating.Lock()
	was := x.state
	x.stating.Unlock()
	if was == nil {
		x.written = nil
		return nil
	}
	s, err := x.read(was) // searches go on meanwhile
	if err != nil {
		return err
	}
	was.traces.follow(&s.traces, x.written)
	s.inherit(was)
	x.written = nil
	return x.replace(s)
}

// replace puts a state, or none, in the place of the latest.
func (x *Index) replace(s *state) error {
	x.stating.Lock()
	was := x.state
	x.state = s
	var err error
	if s == nil { // it is being closed
		for _, kept := range x.kept {
			err = errors.Join(err, kept.release())
		}
		x.kept = nil
	}
	if was != nil && s != nil {
		err = x.keep(was, time.Now())
	}
	x.stating.Unlock()
	if was == nil {
		return err
	}
	was.mu.Lock()
	defer was.mu.Unlock()
	was.old = true
	if was.uses == 0 {
		err = errors.Join(err, was.reader.Close())
	}
	return err
}

// State names what the index holds: it is the same for as long as every search
// has the same answer.
func (x *Index) State(ctx context.Context) (id string, err error) {
	s, err := x.use(ctx)
	if err != nil {
		return "", err
	}
	id = s.id
	return id, s.release()
}

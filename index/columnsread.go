package index

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/blevesearch/bleve/v2/index/scorch"
	bindex "github.com/blevesearch/bleve_index_api"
)

// Bleve writes passages into segments, which never change: a later state has
// some of those of an earlier one, with more passages taken out of them, and new
// ones, which were written or merged since. So the columns of a state are those of
// the one before for the segments that it has too, and only the rows of the
// others are read. TestColumnsThatAreTakenOverAreThoseThatWouldBeRead holds them
// against columns read anew.

// newColumns makes room for so many passages; what passages have in common is
// numbered as in the columns before, if there are any.
func newColumns(size uint64, was *columns) *columns {
	c := &columns{page: make([]int32, size), from: make([]int64, size), until: make([]int64, size), block: make([]int32, size), words: make([]uint16, size),
		kind: make([]uint16, size), main: make([]bool, size), came: make([]uint32, size), went: make([]uint32, size), next: make([]int32, size), name: make([]int32, size)}
	if was == nil {
		c.numbers, c.lines, c.groups = map[variety]uint16{}, map[string]uint32{}, map[string]int32{}
		return c
	}
	// Others read the columns before: they are not written to.
	c.kinds, c.numbers = slices.Clip(was.kinds), maps.Clone(was.numbers)
	c.events, c.lines = slices.Clip(was.events), maps.Clone(was.lines)
	c.byGroup, c.groups = slices.Clip(was.byGroup), maps.Clone(was.groups)
	return c
}

// readColumns fills in a state's columns, those of the state before being known,
// if there is one.
func (s *state) readColumns(was *state) error {
	size := uint64(0)
	for _, segment := range s.segments {
		s.starts = append(s.starts, size)
		size += uint64(segment.FullSize())
	}
	s.columns = newColumns(size, nil)
	if was != nil {
		s.columns = newColumns(size, was.columns)
	}
	values, err := s.reader.DocValueReader([]string{fieldRow})
	if err != nil {
		return err
	}
	for n, segment := range s.segments {
		if at, ok := was.holds(segment); ok {
			s.take(s.starts[n], was.columns, at, segment)
		} else if err := s.readRows(values, s.starts[n], segment); err != nil {
			return err
		}
	}
	s.sumUp()
	if was != nil && s.unused() {
		return s.reread()
	}
	return nil
}

// reread reads all columns anew.
func (s *state) reread() error {
	s.starts = nil
	return s.readColumns(nil)
}

// holds is where the passages of a segment are in a state that may be nil, if it
// has them.
func (s *state) holds(segment *scorch.SegmentSnapshot) (at uint64, ok bool) {
	if s == nil {
		return 0, false
	}
	for n, have := range s.segments {
		if have.Id() == segment.Id() && have.FullSize() == segment.FullSize() {
			return s.starts[n], true
		}
	}
	return 0, false
}

// take takes over what earlier columns have of a segment, but for the passages
// that were taken out.
func (c *columns) take(to uint64, was *columns, from uint64, segment *scorch.SegmentSnapshot) {
	size := uint64(segment.FullSize())
	end := from + size
	copy(c.page[to:], was.page[from:end])
	copy(c.from[to:], was.from[from:end])
	copy(c.until[to:], was.until[from:end])
	copy(c.block[to:], was.block[from:end])
	copy(c.words[to:], was.words[from:end])
	copy(c.kind[to:], was.kind[from:end])
	copy(c.main[to:], was.main[from:end])
	copy(c.came[to:], was.came[from:end])
	copy(c.went[to:], was.went[from:end])
	copy(c.next[to:], was.next[from:end])
	copy(c.name[to:], was.name[from:end])
	gone := segment.Deleted()
	if gone == nil {
		return
	}
	for it := gone.Iterator(); it.HasNext(); {
		n := to + uint64(it.Next())
		c.page[n], c.from[n], c.until[n], c.block[n], c.words[n], c.kind[n] = 0, 0, 0, 0, 0, 0
		c.main[n], c.came[n], c.went[n], c.next[n], c.name[n] = false, 0, 0, -1, 0
	}
}

// readRows reads the rows of a segment's passages.
func (c *columns) readRows(values bindex.DocValueReader, start uint64, segment *scorch.SegmentSnapshot) error {
	gone := segment.Deleted()
	var id bindex.IndexInternalID
	for n := range uint64(segment.FullSize()) {
		c.next[start+n] = -1
		if gone != nil && gone.Contains(uint32(n)) {
			continue
		}
		id = bindex.NewIndexInternalID(id, start+n)
		rowErr := error(ErrDamaged)
		err := values.VisitDocValues(id, func(_ string, term []byte) { rowErr = c.add(start+n, string(term)) })
		if err = errors.Join(err, rowErr); err != nil {
			return fmt.Errorf("passage number %d: %w", start+n, err)
		}
	}
	return nil
}

// unused reports whether a variety has no passages any more: there are then
// fewer than are numbered, and what is counted by them must not name it.
func (c *columns) unused() bool {
	used := make([]bool, len(c.kinds))
	for n, page := range c.page {
		if page != 0 {
			used[c.kind[n]] = true
		}
	}
	return slices.Contains(used, false)
}

package index

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"
)

// Cursors. An answer that is read page by page must not change meanwhile, though
// the index grows: the pages would repeat passages or lose some. A cursor says
// where the next page begins, of which search, and in which state of the index;
// the search is made again in that state, which is kept for as long as somebody
// may read on. As the same archive gives the same answer, a cursor is good in
// another process too while nothing was added.

// FirstCursor is the [Query.Cursor] with which an answer begins that is to be
// read page by page.
const FirstCursor = "*"

// The bounds of keeping states of the index that are no longer the latest.
const (
	keptStates = 2
	keptFor    = 15 * time.Minute
)

// What is wrong with a cursor; [Index.Search] wraps these.
var (
	// ErrCursor: it is none, or of another search.
	ErrCursor = errors.New("the cursor is none of this search")
	// ErrCursorExpired: the index has grown since, and what it was is not kept.
	ErrCursorExpired = errors.New("the cursor has expired")
)

// A cursor is where the next page begins.
type cursor struct {
	offset int
	state  string
	search string
}

func (c cursor) String() string { return fmt.Sprintf("%d.%s.%s", c.offset, c.state, c.search) }

// maxCursor is longer than any cursor.
const maxCursor = 100

func parseCursor(text string) (c cursor, err error) {
	part := strings.Split(text, ".")
	if len(text) > maxCursor || len(part) != 3 {
		return c, ErrCursor
	}
	c = cursor{state: part[1], search: part[2]}
	if c.offset, err = strconv.Atoi(part[0]); err != nil || c.offset < 0 || c.offset > maxOffset || c.String() != text {
		return c, ErrCursor
	}
	return c, nil
}

// name is what a search is known by in its cursors, however long its pages are.
func (q Query) name() string {
	h := fnv.New64a()
	fmt.Fprintf(h, "%q", fmt.Sprintf("%#v %d %d %d", []any{q.Text, q.Langs, q.Sources, q.Kinds, q.Jurisdictions, q.Topics, q.All, q.Exact, q.Past,
		q.Document, q.Grouped, q.Sort}, q.AsOf.UnixNano(), q.From.UnixNano(), q.Until.UnixNano()))
	return strconv.FormatUint(h.Sum64(), 36)
}

// begin is the state that a search is made in, to be released: the latest, or
// that of its cursor, which also says how far the reader is.
func (x *Index) begin(ctx context.Context, q *Query, now time.Time) (*state, error) {
	if q.Cursor == "" || q.Cursor == FirstCursor {
		return x.use(ctx)
	}
	c, err := parseCursor(q.Cursor)
	if err == nil && (q.Offset != 0 || c.search != q.name()) {
		err = ErrCursor
	}
	if err != nil {
		return nil, err
	}
	q.Offset = c.offset
	s, err := x.use(ctx)
	if err != nil || s.id == c.state {
		return s, err
	}
	if err := s.release(); err != nil {
		return nil, err
	}
	x.stating.Lock()
	defer x.stating.Unlock()
	if err := x.forget(now); err != nil {
		return nil, err
	}
	for _, s := range x.kept {
		if s.id == c.state {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.uses++
			return s, nil
		}
	}
	return nil, ErrCursorExpired
}

// goOn gives the cursors of the next page and of the one before to a reader who
// has one, if there are such pages and they can be reached.
func (x *Index) goOn(s *state, q *Query, res *Result, now time.Time) {
	found, next := res.Total, q.Offset+q.Limit
	if q.Grouped {
		found = res.Documents
	}
	if q.Cursor == "" {
		return
	}
	if q.Offset > 0 {
		res.Back = cursor{max(0, q.Offset-q.Limit), s.id, q.name()}.String()
	}
	if next < found && next+q.Limit <= maxOffset {
		res.Cursor = cursor{next, s.id, q.name()}.String()
	}
	if res.Cursor == "" && res.Back == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read = now
}

// keep holds on to a state that is no longer the latest, if somebody reads on in
// it. x.stating is held.
func (x *Index) keep(s *state, now time.Time) error {
	s.mu.Lock()
	if !s.read.IsZero() {
		s.uses++
		x.kept = append(x.kept, s)
	}
	s.mu.Unlock()
	return x.forget(now)
}

// forget lets go of the states in which nobody has read on for a while, and of
// the oldest if there are too many. x.stating is held.
func (x *Index) forget(now time.Time) error {
	var errs []error
	left := x.kept[:0]
	for i, s := range x.kept {
		s.mu.Lock()
		old := now.Sub(s.read) > keptFor
		s.mu.Unlock()
		if old || len(x.kept)-i > keptStates {
			errs = append(errs, s.release())
			continue
		}
		left = append(left, s)
	}
	clear(x.kept[len(left):])
	x.kept = left
	return errors.Join(errs...)
}

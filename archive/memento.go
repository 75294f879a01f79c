package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// A Memento is a capture of a page that showed what the page was – a good
// answer or a withdrawal – among its neighbours in time (RFC 7089).
type Memento struct {
	Look
	First, Last Look
	Prev, Next  *Look // nil at the ends
}

// mementoWhere chooses the captures that are mementos of a page.
const mementoWhere = ` FROM capture WHERE page = $1 AND class IN ('content', 'gone')`

// MementoAt returns the memento of a page at a time: the latest one not after
// it, or the first where there is none. A page without mementos gives an error
// that wraps [fs.ErrNotExist].
func (a *Archive) MementoAt(ctx context.Context, page PageID, t time.Time) (*Memento, error) {
	one := func(tail string, args ...any) (*Look, error) {
		l, err := scanLook(a.read.QueryRowContext(ctx, `SELECT `+lookColumns+mementoWhere+tail, append([]any{page}, args...)...))
		if err = notExist(err, "mementos of page %d", page); err != nil {
			return nil, err
		}
		return &l, nil
	}
	first, err := one(` ORDER BY time, seq LIMIT 1`)
	if err != nil {
		return nil, err
	}
	last, err := one(` ORDER BY time DESC, seq DESC LIMIT 1`)
	if err != nil {
		return nil, err
	}
	m := &Memento{First: *first, Last: *last}
	found, err := one(` AND time <= $2 ORDER BY time DESC, seq DESC LIMIT 1`, ms(t))
	if errors.Is(err, fs.ErrNotExist) {
		found, err = first, nil
	}
	if err != nil {
		return nil, err
	}
	m.Look = *found
	if m.Prev, err = one(` AND (time, seq) < ($2, $3) ORDER BY time DESC, seq DESC LIMIT 1`, ms(m.Time), m.Seq); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if m.Next, err = one(` AND (time, seq) > ($2, $3) ORDER BY time, seq LIMIT 1`, ms(m.Time), m.Seq); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return m, nil
}

// Mementos returns the mementos of a page, oldest first, limit of them after
// the first skip, and how many there are in all.
func (a *Archive) Mementos(ctx context.Context, page PageID, skip, limit int) (list []Look, total int, err error) {
	if err := a.read.QueryRowContext(ctx, `SELECT count(*)`+mementoWhere, page).Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("count mementos of page %d: %w", page, err)
	}
	rows, err := a.read.QueryContext(ctx, `SELECT `+lookColumns+mementoWhere+` ORDER BY time, seq LIMIT $2 OFFSET $3`, page, limit, skip)
	list, err = collect(rows, err, scanLook)
	return list, total, err
}

// Payload returns a capture with its bytes: where they repeat those of an
// earlier capture, with that one's.
func (a *Archive) Payload(ctx context.Context, seq Seq) (*Capture, error) {
	c, err := a.Capture(ctx, seq)
	if err != nil || c.Refers == 0 {
		return c, err
	}
	o, err := a.Capture(ctx, c.Refers)
	if err != nil {
		return nil, fmt.Errorf("capture %d, whose bytes capture %d repeats: %w", c.Refers, seq, err)
	}
	c.Body, c.Status = o.Body, o.Status
	if c.Header = c.Header.Clone(); c.Header == nil {
		c.Header = o.Header
	}
	for _, h := range []string{"Content-Type", "Content-Language", "Last-Modified"} { // a 304 says only what differs
		if c.Header.Get(h) == "" && o.Header.Get(h) != "" {
			c.Header.Set(h, o.Header.Get(h))
		}
	}
	return c, nil
}

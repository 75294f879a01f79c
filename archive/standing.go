package archive

import (
	"context"
	"fmt"
	"math"
	"time"
)

// A Standing is where a block stands in a wording of its page.
type Standing struct {
	Version Seq // the wording
	Title   string
	Block   int // the block's number there, -1 where it does not stand there, or not as the same one
}

// Standing says where block n of version from stands in the wording that its
// page had at t (the latest, if t is zero), without reading any text. A block
// that was taken out and put in again is not the same one. If the page had no
// wording then, the error wraps [fs.ErrNotExist].
func (a *Archive) Standing(ctx context.Context, page PageID, from Seq, n int, t time.Time) (Standing, error) {
	var s Standing
	upto := int64(math.MaxInt64)
	if !t.IsZero() {
		upto = ms(t)
	}
	var runs []byte
	err := a.read.QueryRowContext(ctx, `SELECT id, title, blocks FROM version WHERE page = $1 AND time <= $2 ORDER BY time DESC, id DESC LIMIT 1`,
		page, upto).Scan(&s.Version, &s.Title, &runs)
	if err != nil {
		return s, notExist(err, "version of page %d at %s", page, t.UTC().Format(time.RFC3339))
	}
	if s.Version == from {
		s.Block = n
		return s, nil
	}
	var began []byte
	if err := a.read.QueryRowContext(ctx, `SELECT blocks FROM version WHERE id = $1`, from).Scan(&began); err != nil {
		return s, notExist(err, "version %d", from)
	}
	ref, err := refAt(began, n)
	if err == nil {
		s.Block, err = refPlace(runs, ref)
	}
	if err != nil {
		return s, fmt.Errorf("version %d or %d: %w", from, s.Version, err)
	}
	return s, nil
}

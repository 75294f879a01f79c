package archive

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"time"
)

const versionColumns = `v.id, v.page, v.capture, v.number, v.prev, v.cause, v.late, v.leaf, v.gone, v.title, v.lang, v.published_on,
	v.updated_on, v.in_force_on, v.moved_to, v.moved_from, v.strategy, v.time, v.seen_after, v.until_after, v.until_by, p.source, p.url`

const versionFrom = ` FROM version v JOIN page p ON p.id = v.page `

type scanner interface{ Scan(dest ...any) error }

func scanVersion(row scanner) (*Version, error) {
	v := &Version{}
	var gone, late int
	var t, after, untilAfter, untilBy int64
	err := row.Scan(&v.ID, &v.Page, &v.Capture, &v.Number, &v.Prev, &v.Cause, &late, &v.Leaf, &gone, &v.Title, &v.Lang, &v.PublishedOn,
		&v.UpdatedOn, &v.InForceOn, &v.MovedTo, &v.MovedFrom, &v.Strategy, &t, &after, &untilAfter, &untilBy, &v.Source, &v.URL)
	if err != nil {
		return nil, err
	}
	v.Gone, v.Late = gone != 0, late != 0
	v.Time = at(t)
	v.Seen = Interval{After: at(after), By: v.Time}
	if untilBy != 0 {
		v.Until = &Interval{After: at(untilAfter), By: at(untilBy)}
	}
	return v, nil
}

// VersionHead returns a version without its blocks. For an unknown id the
// error wraps [fs.ErrNotExist].
func (a *Archive) VersionHead(ctx context.Context, id Seq) (*Version, error) {
	v, err := scanVersion(a.read.QueryRowContext(ctx, `SELECT `+versionColumns+versionFrom+`WHERE v.id = $1`, id))
	return v, notExist(err, "version %d", id)
}

// Version returns a version with its blocks. For an unknown id the error wraps
// [fs.ErrNotExist].
func (a *Archive) Version(ctx context.Context, id Seq) (*Version, error) {
	v, err := a.VersionHead(ctx, id)
	if err != nil {
		return nil, err
	}
	v.Blocks, _, err = a.loadBlocks(ctx, a.read, id)
	return v, err
}

// VersionAt returns the version of a page that stood at t, with its blocks:
// the latest whose Seen.By is not after t. If the page had none yet, the error
// wraps [fs.ErrNotExist].
func (a *Archive) VersionAt(ctx context.Context, page PageID, t time.Time) (*Version, error) {
	var id Seq
	err := a.read.QueryRowContext(ctx, `SELECT id FROM version WHERE page = $1 AND time <= $2 ORDER BY time DESC, id DESC LIMIT 1`,
		page, ms(t)).Scan(&id)
	if err != nil {
		return nil, notExist(err, "version of page %d at %s", page, t.UTC().Format(time.RFC3339))
	}
	return a.Version(ctx, id)
}

// History returns all versions of a page, oldest first, without their blocks.
func (a *Archive) History(ctx context.Context, page PageID) ([]*Version, error) {
	rows, err := a.read.QueryContext(ctx, `SELECT `+versionColumns+versionFrom+`WHERE v.page = $1 ORDER BY v.time, v.id`, page)
	return collect(rows, err, scanVersion)
}

// A Moment is when a version came, without what it says.
type Moment struct {
	ID   Seq
	Time time.Time
	Gone bool
}

// Moments returns when the versions of a page came, oldest first: what
// [Archive.History] says of them costs many times as much, because it lies
// behind their texts.
func (a *Archive) Moments(ctx context.Context, page PageID) ([]Moment, error) {
	rows, err := a.read.QueryContext(ctx, `SELECT id, time, gone FROM version WHERE page = $1 ORDER BY time, id`, page)
	return collect(rows, err, func(row scanner) (m Moment, err error) {
		var t int64
		var gone int
		err = row.Scan(&m.ID, &t, &gone)
		m.Time, m.Gone = at(t), gone != 0
		return m, err
	})
}

// Versions yields the versions after a position, in order, with their blocks.
// It ends at the first error, which it yields.
func (a *Archive) Versions(ctx context.Context, after Seq) iter.Seq2[*Version, error] {
	return func(yield func(*Version, error) bool) {
		var page PageID
		var known map[Seq]decoded // texts of the page's version before: the next one has most of them
		for {
			// One short query a version: a reader may write between two of them.
			v, err := scanVersion(a.read.QueryRowContext(ctx,
				`SELECT `+versionColumns+versionFrom+`WHERE v.id > $1 ORDER BY v.id LIMIT 1`, after))
			if errors.Is(err, sql.ErrNoRows) {
				return
			}
			if err == nil {
				if v.Page != page {
					page, known = v.Page, nil
				}
				v.Blocks, _, known, err = a.loadWith(ctx, a.read, v.ID, known)
			}
			if err != nil {
				yield(nil, fmt.Errorf("versions after %d: %w", after, err))
				return
			}
			if !yield(v, nil) {
				return
			}
			after = v.ID
		}
	}
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// loadBlocks puts a version's block list together from the versions in which
// its blocks are stored.
func (a *Archive) loadBlocks(ctx context.Context, db querier, id Seq) ([]Block, []blockRef, error) {
	blocks, refs, _, err := a.loadWith(ctx, db, id, nil)
	return blocks, refs, err
}

// decoded are the own texts of a version, and what they were decoded from.
type decoded struct {
	data   []byte
	blocks []Block
}

// loadWith does the same, and does not decode again what is known and has not
// changed since. It returns the texts that the version is put together from.
func (a *Archive) loadWith(ctx context.Context, db querier, id Seq, known map[Seq]decoded) ([]Block, []blockRef, map[Seq]decoded, error) {
	var runs []byte
	if err := db.QueryRowContext(ctx, `SELECT blocks FROM version WHERE id = $1`, id).Scan(&runs); err != nil {
		return nil, nil, nil, notExist(err, "version %d", id)
	}
	refs, err := decodeRuns(runs)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("version %d: %w", id, err)
	}
	texts, err := a.loadTexts(ctx, db, refs, known)
	if err != nil {
		return nil, nil, nil, err
	}
	blocks := make([]Block, len(refs))
	for i, r := range refs {
		own := texts[r.version].blocks
		if r.n >= len(own) {
			return nil, nil, nil, fmt.Errorf("version %d, block %d: %w", id, i, errCorrupt)
		}
		blocks[i] = own[r.n]
	}
	return blocks, refs, texts, nil
}

// loadTexts reads the own texts of all versions that refs name.
func (a *Archive) loadTexts(ctx context.Context, db querier, refs []blockRef, known map[Seq]decoded) (map[Seq]decoded, error) {
	texts := map[Seq]decoded{}
	var ids []any
	for _, r := range refs {
		if _, ok := texts[r.version]; !ok {
			texts[r.version] = known[r.version]
			ids = append(ids, r.version)
		}
	}
	const most = 500 // parameters a statement
	for len(ids) > 0 {
		n := min(len(ids), most)
		if err := a.loadSome(ctx, db, ids[:n], texts); err != nil {
			return nil, err
		}
		ids = ids[n:]
	}
	return texts, nil
}

// loadSome reads the texts of some versions, unless they are in texts as they are.
func (a *Archive) loadSome(ctx context.Context, db querier, ids []any, texts map[Seq]decoded) error {
	rows, err := db.QueryContext(ctx, `SELECT id, texts FROM version WHERE id IN (`+placeholders(1, len(ids))+`)`, ids...)
	if err != nil {
		return fmt.Errorf("read texts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id Seq
		var data []byte
		if err := rows.Scan(&id, &data); err != nil {
			return fmt.Errorf("read texts: %w", err)
		}
		if known := texts[id]; known.data != nil && bytes.Equal(known.data, data) {
			continue
		}
		own, err := a.codec.decode(data, id)
		if err != nil {
			return err
		}
		texts[id] = decoded{data, own}
	}
	return rows.Err()
}

// placeholders is "$first, …", n of them.
func placeholders(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", first+i)
	}
	return b.String()
}

// collect reads all rows.
func collect[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, fmt.Errorf("query catalogue: %w", err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("query catalogue: %w", err)
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// notExist gives an error its subject, and turns "no rows" into fs.ErrNotExist.
func notExist(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = fs.ErrNotExist
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}

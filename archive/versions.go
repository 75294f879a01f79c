package archive

import (
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
	page, known := a.memory.pageOf.Get(id)
	if !known {
		if err := a.read.QueryRowContext(ctx, `SELECT page FROM version WHERE id = $1`, id).Scan(&page); err != nil {
			return nil, notExist(err, "version %d", id)
		}
		a.memory.pageOf.Put(id, page) // a version never becomes another page's
	}
	p, err := a.page(ctx, page)
	if err != nil {
		return nil, fmt.Errorf("version %d: %w", id, err)
	}
	if p.Versions > manyVersions {
		v, err := scanVersion(a.read.QueryRowContext(ctx, `SELECT `+versionColumns+versionFrom+`WHERE v.id = $1`, id))
		return v, notExist(err, "version %d", id)
	}
	list, err := a.history(ctx, page)
	if err != nil {
		return nil, fmt.Errorf("version %d: %w", id, err)
	}
	for i := range list {
		if list[i].ID == id {
			return list[i].copy(), nil
		}
	}
	return nil, notExist(fs.ErrNotExist, "version %d", id)
}

// manyVersions is of how many versions of a page one is read alone.
const manyVersions = 500

// copy is the version for a caller to keep.
func (v *Version) copy() *Version {
	own := *v
	if v.Until != nil {
		until := *v.Until
		own.Until = &until
	}
	return &own
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

// Read puts the blocks of a version into it, whose head is known already.
func (a *Archive) Read(ctx context.Context, v *Version) (err error) {
	v.Blocks, _, err = a.loadBlocks(ctx, a.read, v.ID)
	return err
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
	list, err := a.history(ctx, page)
	if err != nil {
		return nil, err
	}
	out := make([]*Version, len(list))
	for i := range list {
		out[i] = list[i].copy()
	}
	return out, nil
}

// A Moment is when a version came, without what it says.
type Moment struct {
	ID   Seq
	Time time.Time
	Gone bool
}

// Moments returns when the versions of pages came, oldest first, by page: what
// [Archive.History] says of them costs many times as much, because it lies
// behind their texts. The caller may modify nothing.
func (a *Archive) Moments(ctx context.Context, pages ...PageID) (map[PageID][]Moment, error) {
	return ofPages(ctx, a, a.memory.moments, pages, `SELECT page, id, time, gone FROM version WHERE page IN (%s) ORDER BY page, time, id`,
		func(row scanner) (page PageID, m Moment, err error) {
			var t int64
			var gone int
			err = row.Scan(&page, &m.ID, &t, &gone)
			m.Time, m.Gone = at(t), gone != 0
			return page, m, err
		})
}

// Versions yields the versions after a position, in order, with their blocks.
// It ends at the first error, which it yields.
func (a *Archive) Versions(ctx context.Context, after Seq) iter.Seq2[*Version, error] {
	return func(yield func(*Version, error) bool) {
		for {
			// One short query a version: a reader may write between two of them.
			v, err := scanVersion(a.read.QueryRowContext(ctx,
				`SELECT `+versionColumns+versionFrom+`WHERE v.id > $1 ORDER BY v.id LIMIT 1`, after))
			if errors.Is(err, sql.ErrNoRows) {
				return
			}
			if err == nil {
				v.Blocks, _, err = a.loadBlocks(ctx, a.read, v.ID)
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
	var runs []byte
	if err := db.QueryRowContext(ctx, `SELECT blocks FROM version WHERE id = $1`, id).Scan(&runs); err != nil {
		return nil, nil, notExist(err, "version %d", id)
	}
	refs, err := decodeRuns(runs)
	if err != nil {
		return nil, nil, fmt.Errorf("version %d: %w", id, err)
	}
	texts, err := a.loadTexts(ctx, db, refs)
	if err != nil {
		return nil, nil, err
	}
	blocks := make([]Block, len(refs))
	for i, r := range refs {
		own := texts[r.version]
		if r.n >= len(own) {
			return nil, nil, fmt.Errorf("version %d, block %d: %w", id, i, errCorrupt)
		}
		blocks[i] = own[r.n]
	}
	return blocks, refs, nil
}

// loadTexts reads the own texts of all versions that refs name.
func (a *Archive) loadTexts(ctx context.Context, db querier, refs []blockRef) (map[Seq][]Block, error) {
	texts := map[Seq][]Block{}
	var ids []any
	remembers, since := db == a.read, a.memory.now() // a transaction sees what is not committed
	for i, r := range refs {
		if i > 0 && r.version == refs[i-1].version {
			continue
		}
		if _, ok := texts[r.version]; ok {
			continue
		}
		own, ok := []Block(nil), false
		if remembers {
			own, ok = a.memory.texts.Get(r.version)
		}
		if texts[r.version] = own; !ok {
			ids = append(ids, r.version)
		}
	}
	read := ids
	const most = 500 // parameters a statement
	for len(ids) > 0 {
		n := min(len(ids), most)
		if err := a.loadSome(ctx, db, ids[:n], texts); err != nil {
			return nil, err
		}
		ids = ids[n:]
	}
	if remembers {
		a.memory.keep(since, func() {
			for _, id := range read {
				a.memory.texts.Put(id.(Seq), texts[id.(Seq)])
			}
		})
	}
	return texts, nil
}

func (a *Archive) loadSome(ctx context.Context, db querier, ids []any, texts map[Seq][]Block) error {
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
		if texts[id], err = a.codec.decode(data, id); err != nil {
			return err
		}
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

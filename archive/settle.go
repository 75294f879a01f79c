package archive

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// How a page's history is settled once something has been woven into it: from
// the version on that stood there, each version is written anew as it follows
// from the one before – its number, its interval, and where its blocks are
// stored. Ids and texts stay what they were.

// settle brings the pages that a batch has changed in their past into order.
func (w *weaver) settle(ctx context.Context) error {
	for _, d := range w.dirty {
		if err := w.settlePage(ctx, d); err != nil {
			return fmt.Errorf("settle the history of page %d: %w", d.page, err)
		}
	}
	for _, v := range w.added { // what was said of them may have been settled since
		if v.Late {
			now, err := scanVersion(w.tx.QueryRowContext(ctx, `SELECT `+versionColumns+versionFrom+`WHERE v.id = $1`, v.ID))
			if err != nil {
				return err
			}
			now.Blocks = v.Blocks
			*v = *now
		}
	}
	w.dirty = nil
	return nil
}

// A link is a version in the chain of its page's history.
type link struct {
	id, capture   Seq
	time          int64
	title         string
	blocks, texts []byte // as they were before
}

func (w *weaver) settlePage(ctx context.Context, d dirtyPage) error {
	// From the version on that stood before, which may now end differently.
	rows, err := w.tx.QueryContext(ctx, `SELECT id, capture, time, title, blocks, texts FROM version WHERE page = $1 AND time >=
			coalesce((SELECT max(time) FROM version WHERE page = $2 AND time < $3), 0)
		ORDER BY time, id`, d.page, d.page, d.from)
	tail, err := collect(rows, err, func(row scanner) (l link, err error) {
		err = row.Scan(&l.id, &l.capture, &l.time, &l.title, &l.blocks, &l.texts)
		return l, err
	})
	if err != nil || len(tail) == 0 {
		return err
	}
	var prev Seq
	var number int
	err = w.tx.QueryRowContext(ctx, `SELECT id, number FROM version WHERE page = $1 AND (time, id) < ($2, $3)
		ORDER BY time DESC, id DESC LIMIT 1`, d.page, tail[0].time, tail[0].id).Scan(&prev, &number)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	w.tx.wove(d.page)
	s := &settler{w: w, old: map[Seq][]byte{}, number: number, prev: prev}
	for _, l := range tail {
		s.old[l.id] = l.texts
	}
	for i := range tail {
		if err := s.link(ctx, d.page, &tail[i], i == len(tail)-1); err != nil {
			return fmt.Errorf("version %d: %w", tail[i].id, err)
		}
	}
	last := tail[len(tail)-1]
	_, err = w.tx.ExecContext(ctx, `UPDATE page SET latest = $1, versions = $2, woven = $3,
		title = CASE WHEN $4 = '' THEN title ELSE $5 END WHERE id = $6`, last.id, s.number, d.by, last.title, last.title, d.page)
	return err
}

// A settler goes through the end of a page's history and writes each version
// anew as it follows from the one before.
type settler struct {
	w      *weaver
	old    map[Seq][]byte // texts by version, as they were before
	prev   Seq
	number int

	blocks []Block // of prev, and where they are stored now
	refs   []blockRef
}

func (s *settler) link(ctx context.Context, page PageID, l *link, last bool) error {
	if s.prev != 0 && s.blocks == nil {
		var err error
		if s.blocks, s.refs, err = s.w.a.loadBlocks(ctx, s.w.tx, s.prev); err != nil {
			return err
		}
	}
	blocks, err := s.load(ctx, l)
	if err != nil {
		return err
	}
	after, err := s.w.readableBefore(ctx, page, l.time, l.capture)
	if err != nil {
		return err
	}
	if s.prev != 0 {
		_, err = s.w.tx.ExecContext(ctx, `UPDATE version SET until_after = $1, until_by = $2 WHERE id = $3`, after, l.time, s.prev)
		if err != nil {
			return err
		}
	}
	v := &Version{ID: l.id, Blocks: blocks}
	placed, own := place(v, s.blocks, s.refs)
	runs, texts := emptyNotNil(encodeRuns(placed)), s.w.a.codec.encode(own)
	s.number++
	_, err = s.w.tx.ExecContext(ctx, `UPDATE version SET number = $1, prev = $2, seen_after = $3 WHERE id = $4`, s.number, s.prev, after, l.id)
	if err != nil {
		return err
	}
	if !bytes.Equal(runs, l.blocks) || !bytes.Equal(texts, l.texts) {
		s.w.tx.texts = append(s.w.tx.texts, l.id)
		if _, err = s.w.tx.ExecContext(ctx, `UPDATE version SET blocks = $1, texts = $2 WHERE id = $3`, runs, texts, l.id); err != nil {
			return err
		}
	}
	if last {
		if _, err = s.w.tx.ExecContext(ctx, `UPDATE version SET until_after = 0, until_by = 0 WHERE id = $1`, l.id); err != nil {
			return err
		}
	}
	s.prev, s.blocks, s.refs = l.id, v.Blocks, placed
	return nil
}

// load puts a version's blocks together as they were before settling began.
func (s *settler) load(ctx context.Context, l *link) ([]Block, error) {
	refs, err := decodeRuns(l.blocks)
	if err != nil {
		return nil, err
	}
	texts := map[Seq][]Block{}
	blocks := make([]Block, len(refs))
	for i, r := range refs {
		own, ok := texts[r.version]
		if !ok {
			if own, err = s.texts(ctx, r.version); err != nil {
				return nil, err
			}
			texts[r.version] = own
		}
		if r.n >= len(own) {
			return nil, errCorrupt
		}
		blocks[i] = own[r.n]
	}
	return blocks, nil
}

func (s *settler) texts(ctx context.Context, id Seq) ([]Block, error) {
	data, ok := s.old[id]
	if !ok {
		if err := s.w.tx.QueryRowContext(ctx, `SELECT texts FROM version WHERE id = $1`, id).Scan(&data); err != nil {
			return nil, notExist(err, "version %d", id)
		}
	}
	return s.w.a.codec.decode(data, id)
}

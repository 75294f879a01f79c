package archive

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"veille/archive/warc"
)

// Extract is the name of the cursor that AddReadings moves.
const Extract = "extract"

// AddReadings keeps what extraction made of captures, in order, and moves the
// cursor [Extract] to upto, all together or not at all. A version is added
// only if its text differs from the page's latest; the versions added are
// returned, with their second group of fields filled.
func (a *Archive) AddReadings(ctx context.Context, upto Seq, readings []Reading) (added []*Version, err error) {
	err = a.writeTx(ctx, func(tx *sql.Tx) error {
		added = nil
		saved := savedReadings{Upto: upto, Readings: make([]savedReading, 0, len(readings))}
		for i := range readings {
			r := &readings[i]
			v, err := a.addReading(ctx, tx, r)
			if err != nil {
				return fmt.Errorf("keep reading of capture %d: %w", r.Capture, err)
			}
			s := savedReading{Capture: r.Capture, Class: r.Class, Reason: r.Reason}
			if v != nil {
				s.Version = v.ID
				added = append(added, v)
			}
			saved.Readings = append(saved.Readings, s)
		}
		if err := a.saveReadings(ctx, tx, &saved); err != nil {
			return err
		}
		return setCursor(ctx, tx, Extract, upto)
	})
	if err != nil {
		return nil, err
	}
	return added, nil
}

// saveReadings writes the record that closes a group of readings. Where
// nothing was read there is nothing to write: only the cursor moves.
func (a *Archive) saveReadings(ctx context.Context, tx *sql.Tx, s *savedReadings) error {
	if len(s.Readings) == 0 {
		return nil
	}
	var t int64
	err := tx.QueryRowContext(ctx, `SELECT time FROM capture WHERE seq = $1`, s.Readings[len(s.Readings)-1].Capture).Scan(&t)
	if err != nil {
		return fmt.Errorf("readings: %w", err)
	}
	block, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("readings: %w", err)
	}
	if err := a.store.begin(ctx, tx, at(t)); err != nil {
		return err
	}
	_, err = a.store.append(warc.New(warc.TypeMetadata, at(t), typeReadings, block))
	return err
}

// addReading adds one reading's version, if it is new, and lists the reading.
func (a *Archive) addReading(ctx context.Context, tx *sql.Tx, r *Reading) (*Version, error) {
	v := r.Version
	if v != nil {
		v.Capture = r.Capture
		isNew, err := a.complete(ctx, tx, v)
		if err != nil {
			return nil, err
		}
		if !isNew {
			v = nil
		}
	}
	if v != nil {
		var record string
		if err := tx.QueryRowContext(ctx, `SELECT record FROM capture WHERE seq = $1`, r.Capture).Scan(&record); err != nil {
			return nil, err
		}
		rec, err := versionRecord(v, record)
		if err != nil {
			return nil, err
		}
		if err := a.store.begin(ctx, tx, v.Time); err != nil {
			return nil, err
		}
		if _, err := a.store.append(rec); err != nil {
			return nil, err
		}
	}
	return v, a.applyReading(ctx, tx, r, v)
}

// complete fills the archive's fields of a version that was read, and reports
// whether it is to be added.
func (a *Archive) complete(ctx context.Context, tx *sql.Tx, v *Version) (bool, error) {
	var latest, latestCapture Seq
	var digest string
	var t int64
	err := tx.QueryRowContext(ctx, `SELECT p.id, p.source, p.url, p.latest, p.versions, c.time,
			coalesce((SELECT digest FROM version WHERE id = p.latest), ''),
			coalesce((SELECT capture FROM version WHERE id = p.latest), 0)
		FROM capture c JOIN page p ON p.id = c.page WHERE c.seq = $1`, v.Capture).
		Scan(&v.Page, &v.Source, &v.URL, &latest, &v.Number, &t, &digest, &latestCapture)
	if errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("there is no capture %d", v.Capture)
	}
	if err != nil {
		return false, err
	}
	if digest == textDigest(v) || v.Gone && latest == 0 {
		return false, nil
	}
	v.ID = a.nextVersion
	a.nextVersion++
	v.Prev = latest
	v.Number++
	v.Cause = Published
	if latest != 0 && latestCapture == v.Capture {
		v.Cause = Reextracted
	}
	v.Time = at(t)
	v.Seen, err = a.seen(ctx, tx, v)
	return true, err
}

// seen is the interval in which v's text came about: since the last capture in
// which the page could be read and did not show it.
func (a *Archive) seen(ctx context.Context, tx *sql.Tx, v *Version) (Interval, error) {
	var after int64
	err := tx.QueryRowContext(ctx, `SELECT coalesce(max(time), 0) FROM capture
		WHERE page = $1 AND seq < $2 AND class IN ('content', 'gone')`, v.Page, v.Capture).Scan(&after)
	if err != nil {
		return Interval{}, err
	}
	return Interval{After: at(after), By: v.Time}, nil
}

// applyReading lists a reading in the catalogue, with the version it brought
// (nil for none). Adding and rebuilding have it in common.
func (a *Archive) applyReading(ctx context.Context, tx *sql.Tx, r *Reading, v *Version) error {
	if v != nil {
		if err := a.insertVersion(ctx, tx, v); err != nil {
			return fmt.Errorf("list version %d: %w", v.ID, err)
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE capture SET class = $1, reason = $2 WHERE seq = $3`, r.Class, r.Reason, r.Capture)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE capture SET class = $1, reason = $2 WHERE refers = $3`, r.Class, r.Reason, r.Capture)
	if err != nil {
		return err
	}
	if r.Class.failure() { // an answer of 200 that was no good after all
		_, err = tx.ExecContext(ctx, `UPDATE page SET fails = fails_before + 1 WHERE last_seq = $1`, r.Capture)
	}
	return err
}

func (a *Archive) insertVersion(ctx context.Context, tx *sql.Tx, v *Version) error {
	var prev []Block
	var refs []blockRef
	if v.Prev != 0 {
		var err error
		if prev, refs, err = a.loadBlocks(ctx, tx, v.Prev); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE version SET until_after = $1, until_by = $2 WHERE id = $3`,
			ms(v.Seen.After), ms(v.Seen.By), v.Prev)
		if err != nil {
			return err
		}
	}
	placed, own := place(v, prev, refs)
	_, err := tx.ExecContext(ctx, `INSERT INTO version (id, page, capture, number, prev, cause, gone, title, lang,
			published_on, updated_on, strategy, digest, time, seen_after, blocks, texts)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		v.ID, v.Page, v.Capture, v.Number, v.Prev, v.Cause, flag(v.Gone), v.Title, v.Lang, v.PublishedOn, v.UpdatedOn,
		v.Strategy, textDigest(v), ms(v.Time), ms(v.Seen.After), emptyNotNil(encodeRuns(placed)), a.codec.encode(own))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE page SET latest = $1, versions = $2,
		title = CASE WHEN $3 = '' THEN title ELSE $4 END WHERE id = $5`, v.ID, v.Number, v.Title, v.Title, v.Page)
	return err
}

func emptyNotNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

package archive

import (
	"context"
	"encoding/json"
	"fmt"

	"veille/archive/warc"
)

// Extract is the name of the cursor that AddReadings moves.
const Extract = "extract"

// AddReadings keeps what extraction made of captures, in order, and moves the
// cursor [Extract] to upto, all together or not at all. A version is added
// only if its text differs from that of the page's version before it in time;
// the versions added are returned, with their second group of fields filled.
// A reading of a late capture takes its place in the page's past: versions
// after it are numbered anew, and intervals become narrower.
func (a *Archive) AddReadings(ctx context.Context, upto Seq, readings []Reading) (added []*Version, err error) {
	err = a.writeTx(ctx, func(tx *txn) error {
		w := &weaver{a: a, tx: tx, keep: a.keepVersion}
		saved := savedReadings{Upto: upto, Readings: make([]savedReading, 0, len(readings))}
		for i := range readings {
			r := &readings[i]
			s, err := w.reading(ctx, r)
			if err != nil {
				return fmt.Errorf("keep reading of capture %d: %w", r.Capture, err)
			}
			saved.Readings = append(saved.Readings, s)
		}
		if err := w.settle(ctx); err != nil {
			return err
		}
		added = w.added
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
func (a *Archive) saveReadings(ctx context.Context, tx *txn, s *savedReadings) error {
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
	if err := a.store.begin(ctx, tx, at(t), false); err != nil {
		return err
	}
	_, err = a.store.append(warc.New(warc.TypeMetadata, at(t), typeReadings, block))
	return err
}

// keepVersion writes a new version's conversion record.
func (a *Archive) keepVersion(ctx context.Context, tx *txn, v *Version) (versionPlace, error) {
	var record []byte
	if err := tx.QueryRowContext(ctx, `SELECT record FROM capture WHERE seq = $1`, v.Capture).Scan(&record); err != nil {
		return versionPlace{}, err
	}
	v.Leaf = a.tree.size
	rec, err := versionRecord(v, recordText(record))
	if err != nil {
		return versionPlace{}, err
	}
	if err := a.store.begin(ctx, tx, v.Time, false); err != nil {
		return versionPlace{}, err
	}
	where, err := a.store.append(rec)
	return versionPlace{where, v.Leaf, idOf(rec)}, err
}

func emptyNotNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

package digest

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/archive"
)

// A composed is what has been found for one person, to be written down.
type composed struct {
	subs []*Subscription // that were due, as they were read
	mail *Mail           // nil if there is nothing to tell
	done bool            // it was written
}

// compose writes down, in one transaction, that persons' subscriptions have been
// looked after up to a version, and the letters that tell what was found. A
// person is left out who has stopped, changed or been dealt with meanwhile.
func (s *Store) compose(ctx context.Context, list []*composed, upto archive.Seq) error {
	now := s.now()
	err := s.tx(ctx, func(tx *sql.Tx) error {
		for _, c := range list {
			if err := s.composeOne(ctx, tx, c, upto, now); err != nil {
				return fmt.Errorf("person %d: %w", c.subs[0].Person, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write digests: %w", err)
	}
	return nil
}

func (s *Store) composeOne(ctx context.Context, tx *sql.Tx, c *composed, upto archive.Seq, now time.Time) error {
	for _, sub := range c.subs {
		as, err := one(ctx, tx, `s.id = $1`, sub.ID)
		if err != nil || !as.same(sub) {
			return err
		}
	}
	for _, sub := range c.subs {
		if _, err := tx.ExecContext(ctx, `UPDATE subscription SET upto = $1, due = $2, last = $3 WHERE id = $4`,
			upto, ms(sub.next(now)), ms(now), sub.ID); err != nil {
			return err
		}
	}
	c.done = true
	if c.mail == nil {
		return nil
	}
	if err := s.insertLetter(ctx, tx, c.mail); err != nil {
		return err
	}
	return s.keepPlaces(ctx, tx, c)
}

// due lists the confirmed subscriptions whose time has come, by person; all of
// them if force. Those of a person with a digest that waits are left out if
// wait: what is new will be in the letter after it. Those of a suspended person
// are left out in any case.
func (s *Store) due(ctx context.Context, force, wait bool) ([]*Subscription, error) {
	where := `s.confirmed > 0 AND s.ended = 0 AND s.due <= $1 AND p.suspended = 0`
	if wait {
		where += ` AND NOT EXISTS (SELECT 1 FROM letter l WHERE l.person = s.person AND l.kind = 'digest' AND l.state IN ('queued', 'sending', 'failed'))`
	}
	now := s.now()
	limit := ms(now)
	if force {
		limit = 1 << 62
	}
	subs, err := subscriptions(ctx, s.read, where, limit)
	if err != nil {
		return nil, fmt.Errorf("list due subscriptions: %w", err)
	}
	subs = slices.DeleteFunc(subs, func(sub *Subscription) bool { // one that is told at once, and not at weekends
		return !force && sub.Cadence == Now && sub.next(now).After(now)
	})
	slices.SortStableFunc(subs, func(a, b *Subscription) int { return cmp.Compare(a.Person, b.Person) })
	return subs, nil
}

// A ledger is what persons have been told: where each stretch began, by person
// and by where it ended.
type ledger map[int64]map[archive.Seq]archive.Seq

// ledgerAfter reads what was told of versions after one.
func (s *Store) ledgerAfter(ctx context.Context, after archive.Seq) (ledger, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT person, change, version FROM told WHERE version > $1`, after)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	defer rows.Close()
	l := ledger{}
	for rows.Next() {
		var person, version int64
		var change string
		if err := rows.Scan(&person, &change, &version); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		from, _, _ := strings.Cut(change, "..")
		begin, err := strconv.ParseInt(from, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("ledger: %s is no change", quote(change))
		}
		if l[person] == nil {
			l[person] = map[archive.Seq]archive.Seq{}
		}
		l[person][archive.Seq(version)] = archive.Seq(begin)
	}
	return l, rows.Err()
}

// partly lists the runs of which a person has been told some steps, of each page
// the longest: as a whole they may be about nothing that is watched, because a
// page changed back, and what is left of them may be.
func (k *desk) partly(subs []*Subscription, told map[archive.Seq]archive.Seq) map[archive.Seq]run {
	out := map[archive.Seq]run{}
	for to := range told {
		for _, s := range subs {
			r, ok := k.runWith(s.Upto, to)
			if old, there := out[r.to]; ok && (!there || r.from < old.from) {
				out[r.to] = r
			}
		}
	}
	return out
}

package digest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"time"
)

// statusForm is an enhanced status code (RFC 3463), as the text of an answer
// begins with, or as a report has it.
var statusForm = regexp.MustCompile(`^\s*[245]\.(\d{1,3})\.\d{1,3}\b`)

// aboutAddress reports whether a refusal is about the address: it does not
// exist, is closed, or full. A status of the classes 3 (the server), 5 (the
// protocol), 6 (the text) or 7 (a policy, a list of blocked senders) is about
// the server, the letter or ourselves; no reader is suspended for it. Without a
// status the refusal is about the address.
func aboutAddress(status string) bool {
	m := statusForm.FindStringSubmatch(status)
	return m == nil || !slices.Contains([]string{"3", "5", "6", "7"}, m[1])
}

// suspend holds back all mail to a person; not if the address has confirmed
// nothing and so gets none anyway. One that is suspended stays so, for the
// first reason.
func (s *Store) suspend(ctx context.Context, tx *sql.Tx, person int64, why string) error {
	_, err := tx.ExecContext(ctx, `UPDATE person SET suspended = $1, suspended_why = $2 WHERE id = $3 AND suspended = 0 AND ended = 0
		AND EXISTS (SELECT 1 FROM subscription s WHERE s.person = person.id AND s.confirmed > 0 AND s.ended = 0)`,
		ms(s.now()), oneLine(why, 1000), person)
	return err
}

// lift lets mail to a person leave again, digests that were refused first: in
// their order, so that nothing is lost, and nothing told twice.
func lift(ctx context.Context, tx *sql.Tx, person int64) error {
	for _, q := range []string{
		`UPDATE letter SET state = 'queued', error = '', retry = 0 WHERE person = $1 AND kind = 'digest' AND state = 'failed' AND recipient <> ''
			AND EXISTS (SELECT 1 FROM person p WHERE p.id = $1 AND p.suspended > 0)`,
		`UPDATE person SET suspended = 0, suspended_why = '' WHERE id = $1`,
	} {
		if _, err := tx.ExecContext(ctx, q, person); err != nil {
			return err
		}
	}
	return nil
}

// Suspended lists those to whom mail does not arrive, the latest first.
func (s *Store) Suspended(ctx context.Context) ([]*Person, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+personColumns+`FROM person p WHERE p.suspended > 0 AND p.ended = 0 ORDER BY p.suspended DESC, p.id`)
	list, err := collect(rows, err, func(rows *sql.Rows) (*Person, error) { return scanPerson(rows) })
	if err != nil {
		return nil, fmt.Errorf("list suspended addresses: %w", err)
	}
	return list, nil
}

// Lift ends the suspension of a person, on the operator's word: the digests
// that were refused leave at the next Sync, what has been new since after them.
// Its error for one who is not suspended is fs.ErrNotExist.
func (s *Store) Lift(ctx context.Context, person int64) error {
	return s.liftWhere(ctx, fmt.Sprintf("person %d", person), `p.id = $1`, person)
}

// LiftAddress is Lift by address.
func (s *Store) LiftAddress(ctx context.Context, address string) error {
	return s.liftWhere(ctx, quote(address), `p.email_key = $1`, addressKey(address))
}

func (s *Store) liftWhere(ctx context.Context, who, where string, arg any) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		p, err := aPerson(ctx, tx, where+` AND p.suspended > 0 AND p.ended = 0`, arg)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("no such address is suspended: %w", fs.ErrNotExist)
		}
		if err != nil {
			return err
		}
		return lift(ctx, tx, p.ID)
	})
	if err != nil {
		return fmt.Errorf("lift suspension of %s: %w", who, err)
	}
	return nil
}

// refused writes down that a letter was refused for good because of its address.
func (s *Store) refused(ctx context.Context, m *Mail, why string) error {
	ctx = context.WithoutCancel(ctx)
	err := s.tx(ctx, func(tx *sql.Tx) error {
		if err := settle(ctx, tx, m, Failed, why, time.Time{}, s.now()); err != nil {
			return err
		}
		return s.suspend(ctx, tx, m.Person, why)
	})
	if err != nil {
		return fmt.Errorf("mail %d: write down that its address is refused: %w", m.ID, err)
	}
	return nil
}

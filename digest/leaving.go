package digest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// mayLeave is the condition on a letter l that may be sent: before $1 it is not
// tried, before $2 it has not expired. A person's digests go in order: one waits
// for those before it. A suspended person is sent what it is to confirm, no more.
const mayLeave = `l.state = 'queued' AND l.retry <= $1 AND (l.expires = 0 OR l.expires > $2)
	AND NOT EXISTS (SELECT 1 FROM letter e WHERE l.kind = 'digest' AND e.person = l.person
		AND e.kind = 'digest' AND e.id < l.id AND e.state IN ('queued', 'sending', 'failed'))
	AND (l.kind = 'confirm' OR NOT EXISTS (SELECT 1 FROM person p WHERE p.id = l.person AND p.suspended > 0)) `

// toDomain is the mail domain that a letter l goes to.
const toDomain = `lower(substr(l.recipient, instr(l.recipient, '@') + 1))`

// next is the first letter after a number that may be sent now, and goes to none
// of some mail domains; nil if there is none.
func (s *Store) next(ctx context.Context, after int64, force bool, full []string) (*Mail, error) {
	now := ms(s.now())
	limit := now
	if force {
		limit = 1 << 62
	}
	not, err := json.Marshal(notNil(full))
	if err != nil {
		return nil, err
	}
	var id int64
	err = s.read.QueryRowContext(ctx, `SELECT l.id FROM letter l WHERE `+mayLeave+`AND l.id > $3 AND `+toDomain+` NOT IN (SELECT value FROM json_each($4))
		ORDER BY l.id LIMIT 1`, limit, now, after, string(not)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	var m *Mail
	if err == nil {
		m, err = s.letter(ctx, id)
	}
	if err != nil {
		return nil, fmt.Errorf("take letter from outbox: %w", err)
	}
	m.Attempts++
	return m, nil
}

// waiting lists those of some mail domains to which a letter may be sent now.
func (s *Store) waiting(ctx context.Context, domains []string, force bool) ([]string, error) {
	now := ms(s.now())
	limit := now
	if force {
		limit = 1 << 62
	}
	among, err := json.Marshal(notNil(domains))
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT DISTINCT `+toDomain+` FROM letter l WHERE `+mayLeave+`AND `+toDomain+` IN (SELECT value FROM json_each($3))`,
		limit, now, string(among))
	list, err := collect(rows, err, func(rows *sql.Rows) (d string, err error) { return d, rows.Scan(&d) })
	if err != nil {
		return nil, fmt.Errorf("look for letters that wait: %w", err)
	}
	return list, nil
}

// begin marks a letter as being sent. Its error is one for a letter that was
// given up or erased in the meantime.
func (s *Store) begin(ctx context.Context, m *Mail) error {
	res, err := s.write.ExecContext(ctx, `UPDATE letter SET state = 'sending' WHERE id = $1 AND state = 'queued'`, m.ID)
	if err == nil {
		var n int64
		if n, err = res.RowsAffected(); err == nil && n == 0 {
			err = errWithdrawn
		}
	}
	if err != nil {
		return fmt.Errorf("mail %d: %w", m.ID, err)
	}
	return nil
}

// settled writes what has become of a letter; see settle. A pause that is not
// zero keeps all others waiting until then. It is written even when ctx has
// ended: what has happened outside must be known inside.
func (s *Store) settled(ctx context.Context, m *Mail, state State, why string, retry, pause time.Time) error {
	ctx = context.WithoutCancel(ctx)
	err := s.tx(ctx, func(tx *sql.Tx) error {
		err := settle(ctx, tx, m, state, why, retry, s.now())
		if err == nil && state == Queued {
			err = s.withdrawStopped(ctx, tx, m)
		}
		if err != nil || pause.IsZero() {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE letter SET retry = $1 WHERE state = 'queued' AND retry < $2`, ms(pause), ms(pause))
		return err
	})
	if err != nil {
		return fmt.Errorf("mail %d: write down that it is %s: %w", m.ID, state, err)
	}
	return nil
}

// settle writes what has become of a letter that was being sent. One that was
// erased meanwhile, because its reader has left, is not tried again, and what a
// server said of it is not kept: it may quote the address.
func settle(ctx context.Context, tx *sql.Tx, m *Mail, state State, why string, retry, now time.Time) error {
	var sent time.Time
	if state == Sent {
		sent = now
	}
	_, err := tx.ExecContext(ctx, `UPDATE letter SET state = CASE WHEN recipient = '' AND $1 = 'queued' THEN 'dropped' ELSE $1 END,
			error = CASE WHEN recipient = '' THEN '' ELSE $2 END, retry = $3, sent = $4, attempts = $5 WHERE id = $6`,
		state, why, ms(retry), ms(sent), m.Attempts, m.ID)
	return err
}

package digest

import (
	"context"
	"database/sql"
	"slices"
)

// withdraw takes back a person's digests that no mail server has taken, because
// they speak of a subscription that has been stopped or changed. What they told is
// told anew, for the subscriptions as they are now, when they are next looked
// after: at once. A digest of which nobody knows whether it was taken stays.
func (s *Store) withdraw(ctx context.Context, tx *sql.Tx, person int64, why string) error {
	rows, err := tx.QueryContext(ctx, `SELECT l.id FROM letter l WHERE l.person = $1 AND l.kind = 'digest' AND l.state IN ('queued', 'failed')
		AND EXISTS (SELECT 1 FROM place p WHERE p.letter = l.id) ORDER BY l.id`, person)
	letters, err := collect(rows, err, func(rows *sql.Rows) (id int64, err error) { return id, rows.Scan(&id) })
	if err != nil {
		return err
	}
	for _, id := range slices.Backward(letters) { // so that the earliest place is the last that is written
		if err := drop(ctx, tx, "written anew: "+why, `id = $2`, id); err != nil {
			return err
		}
		for _, q := range []string{
			`UPDATE letter SET recipient = '', subject = '', text = '', html = '' WHERE id = $1`,
			`DELETE FROM told WHERE letter = $1`,
			`UPDATE letter SET mentioned = 0 WHERE mentioned = $1`,
			`UPDATE subscription SET due = 0, (upto, last) = (SELECT p.upto, p.last FROM place p WHERE p.letter = $1 AND p.subscription = subscription.id)
				WHERE ended = 0 AND id IN (SELECT subscription FROM place WHERE letter = $1)`,
			`DELETE FROM place WHERE letter = $1`,
		} {
			if _, err := tx.ExecContext(ctx, q, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// withdrawStopped takes back a digest that a mail server has not taken if one of
// the subscriptions it speaks of was stopped while it was on its way.
func (s *Store) withdrawStopped(ctx context.Context, tx *sql.Tx, m *Mail) error {
	var stopped bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM place p JOIN subscription s ON s.id = p.subscription WHERE p.letter = $1 AND s.ended > 0)`, m.ID).Scan(&stopped)
	if err != nil || !stopped {
		return err
	}
	return s.withdraw(ctx, tx, m.Person, "a subscription was stopped")
}

// keepPlaces notes where subscriptions stood before a digest, for [Store.withdraw],
// and lets go of those of digests that have gone out.
func (s *Store) keepPlaces(ctx context.Context, tx *sql.Tx, c *composed) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM place WHERE letter IN (SELECT id FROM letter WHERE person = $1 AND state NOT IN ('queued', 'sending', 'failed'))`,
		c.mail.Person); err != nil {
		return err
	}
	for _, sub := range c.subs {
		if _, err := tx.ExecContext(ctx, `INSERT INTO place (letter, subscription, upto, last) VALUES ($1, $2, $3, $4)`,
			c.mail.ID, sub.ID, sub.Upto, ms(sub.Last)); err != nil {
			return err
		}
	}
	return nil
}

package digest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
)

const personColumns = `p.id, p.email, p.lang, p.zone, p.created, p.ended, p.suspended, p.suspended_why `

func scanPerson(row interface{ Scan(...any) error }) (*Person, error) {
	var p Person
	var created, ended, suspended int64
	err := row.Scan(&p.ID, &p.Email, &p.Lang, &p.Zone, &created, &ended, &suspended, &p.Why)
	p.Created, p.Ended, p.Suspended = at(created), at(ended), at(suspended)
	return &p, err
}

// aPerson is the only person for whom a condition holds; an error that is
// sql.ErrNoRows if there is none.
func aPerson(ctx context.Context, q querier, where string, args ...any) (*Person, error) {
	return scanPerson(q.QueryRowContext(ctx, `SELECT `+personColumns+`FROM person p WHERE `+where, args...))
}

// personFor finds who has an address, or makes a person of it. Language and
// zone of one who was there stay: only a confirmation changes them, and fill in
// what was not asked for.
func (s *Store) personFor(ctx context.Context, tx *sql.Tx, sub *Subscription) error {
	p, err := aPerson(ctx, tx, `p.email_key = $1 AND p.ended = 0`, addressKey(sub.Email))
	if err == nil {
		sub.Person, sub.Email = p.ID, p.Email // as it was first written: one person has one address
		if sub.anyLang {
			sub.Lang = p.Lang
		}
		if sub.anyZone {
			sub.Zone = p.Zone
		}
		return nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	err = tx.QueryRowContext(ctx, `INSERT INTO person (email, email_key, lang, zone, created, ended) VALUES ($1, $2, $3, $4, $5, 0) RETURNING id`,
		sub.Email, addressKey(sub.Email), sub.Lang, sub.Zone, ms(s.now())).Scan(&sub.Person)
	if err != nil {
		return err
	}
	return s.hashPerson(ctx, tx, sub.Person)
}

// hashPerson keeps the hashes by which a person's links are found.
func (s *Store) hashPerson(ctx context.Context, tx *sql.Tx, id int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE person SET leave_hash = $1, manage_hash = $2 WHERE id = $3`,
		hash(s.token(forLeave, id)), hash(s.token(forManage, id)), id)
	return err
}

// hashPersons does so for persons made by a migration, which has no secret.
func (s *Store) hashPersons(ctx context.Context) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT id FROM person WHERE leave_hash IS NULL`)
		ids, err := collect(rows, err, func(rows *sql.Rows) (id int64, err error) { return id, rows.Scan(&id) })
		for _, id := range ids {
			if err == nil {
				err = s.hashPerson(ctx, tx, id)
			}
		}
		return err
	})
}

// ofPerson lists what a person has asked for and not stopped, confirmed or
// not, oldest first.
func ofPerson(ctx context.Context, q querier, id int64) ([]*Subscription, error) {
	return subscriptions(ctx, q, `s.person = $1 AND s.ended = 0`, id)
}

// A Stopping is what a link to stop is about.
type Stopping struct {
	Person        *Person         // who has left: without address
	All           bool            // everything of a person, not one subscription
	Subscriptions []*Subscription // what would be stopped; none if it has been
}

// LookupStop finds what a stop link is about, and changes nothing. Its error is
// ErrToken.
func (s *Store) LookupStop(ctx context.Context, token string) (*Stopping, error) {
	st, err := stopping(ctx, s.read, token)
	return st, tokenError("stop", err)
}

// Stop ends at once what a link is about: one subscription, or all of a
// person's. What waits is dropped; what was watched is erased, and with the
// last subscription the address and all that was told. It returns what it was.
// Stopping twice is no error. Its error is ErrToken.
func (s *Store) Stop(ctx context.Context, token string) (*Stopping, error) {
	var st *Stopping
	err := s.tx(ctx, func(tx *sql.Tx) (err error) {
		if st, err = stopping(ctx, tx, token); err != nil {
			return err
		}
		for _, sub := range st.Subscriptions {
			if err := s.end(ctx, tx, sub); err != nil {
				return err
			}
		}
		return nil
	})
	return st, tokenError("stop", err)
}

func stopping(ctx context.Context, q querier, token string) (*Stopping, error) {
	st := &Stopping{All: true}
	p, err := aPerson(ctx, q, `p.leave_hash = $1`, hash(token))
	if err == nil {
		st.Person = p
		st.Subscriptions, err = ofPerson(ctx, q, p.ID)
		return st, err
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	st.All = false
	sub, err := one(ctx, q, `s.stop_hash = $1`, hash(token))
	if errors.Is(err, sql.ErrNoRows) { // ended before there were persons
		var id int64
		if err := q.QueryRowContext(ctx, `SELECT id FROM subscription WHERE stop_hash = $1`, hash(token)).Scan(&id); err != nil {
			return nil, err
		}
		st.Person = &Person{}
		return st, nil
	}
	if err != nil {
		return nil, err
	}
	if sub.Ended.IsZero() {
		st.Subscriptions = []*Subscription{sub}
	}
	st.Person, err = aPerson(ctx, q, `p.id = $1`, sub.Person)
	return st, err
}

// tokenError is the error of a token that is not known, or another as it is.
func tokenError(what string, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrToken
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Remove ends a subscription by its number, exactly as [Store.Stop] does. Its
// error for one that is not there is fs.ErrNotExist.
func (s *Store) Remove(ctx context.Context, id int64) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		sub, err := one(ctx, tx, `s.id = $1 AND s.ended = 0`, id)
		if err != nil {
			return err
		}
		return s.end(ctx, tx, sub)
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return fmt.Errorf("remove subscription %d: %w", id, err)
	}
	return nil
}

// end stops and erases a subscription, and its owner if it was the last.
func (s *Store) end(ctx context.Context, tx *sql.Tx, sub *Subscription) error {
	if err := drop(ctx, tx, "the subscription was stopped", `kind = 'confirm' AND state IN ('queued', 'failed') AND subscription = $2`, sub.ID); err != nil {
		return err
	}
	for _, q := range []string{
		`UPDATE letter SET recipient = '', subject = '', text = '', html = '' WHERE kind = 'confirm' AND subscription = $1`,
		`UPDATE confirmation SET settings = '{}' WHERE subscription = $1`,
		`UPDATE subscription SET filter = '', name = '', note = '', query = '', topics = '[]', sources = '[]', jurisdictions = '[]',
			documents = '[]', passage = '', kinds = '[]' WHERE id = $1`,
	} {
		if _, err := tx.ExecContext(ctx, q, sub.ID); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE subscription SET ended = $1 WHERE id = $2 AND ended = 0`, ms(s.now()), sub.ID); err != nil {
		return err
	}
	if !sub.Confirmed.IsZero() {
		if err := s.withdraw(ctx, tx, sub.Person, "a subscription was stopped"); err != nil {
			return err
		}
	}
	var left int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM subscription WHERE person = $1 AND ended = 0`, sub.Person).Scan(&left); err != nil || left > 0 {
		return err
	}
	return s.erase(ctx, tx, sub.Person)
}

// erase takes away all that is kept of a person who has nothing left: the
// address, what was told and what was written. Numbers, times and the hashes by
// which a late click is answered stay.
func (s *Store) erase(ctx context.Context, tx *sql.Tx, id int64) error {
	// What a mail server said may quote the address.
	if _, err := tx.ExecContext(ctx, `UPDATE letter SET error = '' WHERE person = $1`, id); err != nil {
		return err
	}
	if err := drop(ctx, tx, "the reader has left", `state IN ('queued', 'failed') AND person = $2`, id); err != nil {
		return err
	}
	for _, q := range []string{
		`UPDATE letter SET recipient = '', subject = '', text = '', html = '' WHERE person = $1`,
		`DELETE FROM told WHERE person = $1`,
		`UPDATE person SET email = '', email_key = '', suspended = 0, suspended_why = '' WHERE id = $1`,
	} {
		if _, err := tx.ExecContext(ctx, q, id); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE person SET ended = $1 WHERE id = $2 AND ended = 0`, ms(s.now()), id)
	return err
}

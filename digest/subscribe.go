package digest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"veille/archive"
)

// How long a confirmation may take, and how many may wait for one address in a day.
const (
	ConfirmWithin = 48 * time.Hour
	ConfirmsADay  = 5
)

// A Pending is a subscription that was asked for and awaits its confirmation.
type Pending struct {
	Subscription *Subscription // with the settings asked for
	Expires      time.Time
	Used         time.Time // when it was confirmed, zero if it has not been
}

// subscribe writes down a request and the letter that asks to confirm it. An
// address that already watches the same keeps its subscription; the settings
// asked for wait in the confirmation, and nothing tells the asker which it was.
func (s *Store) subscribe(ctx context.Context, sub *Subscription, letter *Mail) (*Pending, error) {
	now := s.now()
	sub.Created = now
	p := &Pending{Subscription: sub, Expires: now.Add(ConfirmWithin)}
	err := s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.limit(ctx, tx, sub.Email, now); err != nil {
			return err
		}
		old, err := one(ctx, tx, `s.email_key = $1 AND s.filter = $2 AND s.ended = 0`, addressKey(sub.Email), sub.filterKey())
		switch {
		case err == nil:
			sub.ID = old.ID
		case errors.Is(err, sql.ErrNoRows):
			err = s.insert(ctx, tx, sub)
		}
		if err != nil {
			return err
		}
		// An earlier letter that has not left is overtaken by this one.
		if err := drop(ctx, tx, "overtaken by a later request", `kind = 'confirm' AND state = 'queued' AND subscription = $2`, sub.ID); err != nil {
			return err
		}
		letter.Subscription, letter.expires = sub.ID, p.Expires
		if letter.confirmation, err = s.insertConfirmation(ctx, tx, p); err != nil {
			return err
		}
		return s.insertLetter(ctx, tx, letter)
	})
	if err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	return p, nil
}

// limit refuses an address to which too many confirmations have gone.
func (s *Store) limit(ctx context.Context, tx *sql.Tx, email string, now time.Time) error {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM confirmation WHERE email_hash = $1 AND created > $2 AND used = 0`,
		s.emailHash(email), ms(now.Add(-24*time.Hour))).Scan(&n)
	if err == nil && n >= ConfirmsADay {
		err = ErrTooMany
	}
	return err
}

// emailHash lets requests to an address be counted after the address is erased.
func (s *Store) emailHash(email string) []byte { return s.mac("email:" + addressKey(email)) }

func (s *Store) insert(ctx context.Context, tx *sql.Tx, sub *Subscription) error {
	topics, err := json.Marshal(sub.Topics)
	if err != nil {
		return err
	}
	sources, err := json.Marshal(sub.Sources)
	if err != nil {
		return err
	}
	err = tx.QueryRowContext(ctx, `INSERT INTO subscription (email, email_key, filter, name, query, topics, sources, min_weight, cadence, lang,
			zone, clock, created, confirmed, ended, due, composed, upto)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0, 0, 0, 0) RETURNING id`,
		sub.Email, addressKey(sub.Email), sub.filterKey(), sub.Name, sub.Query, string(topics), string(sources), sub.MinWeight, sub.Cadence, sub.Lang,
		sub.Zone, sub.At, ms(sub.Created)).Scan(&sub.ID)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE subscription SET stop_hash = $1 WHERE id = $2`, hash(s.token(forStop, sub.ID)), sub.ID)
	return err
}

func (s *Store) insertConfirmation(ctx context.Context, tx *sql.Tx, p *Pending) (id int64, err error) {
	sub := p.Subscription
	asked, err := json.Marshal(sub.settings())
	if err != nil {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, `INSERT INTO confirmation (subscription, email_hash, settings, created, expires, used)
		VALUES ($1, $2, $3, $4, $5, 0) RETURNING id`, sub.ID, s.emailHash(sub.Email), string(asked), ms(s.now()), ms(p.Expires)).Scan(&id)
	if err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE confirmation SET hash = $1 WHERE id = $2`, hash(s.token(forConfirm, id)), id)
	return id, err
}

// LookupConfirm finds what a confirmation link is about, and changes nothing.
// Its errors are ErrToken and ErrExpired.
func (s *Store) LookupConfirm(ctx context.Context, token string) (*Pending, error) {
	_, p, err := s.pending(ctx, s.read, token)
	return p, err
}

func (s *Store) pending(ctx context.Context, q querier, token string) (id int64, p *Pending, err error) {
	var subscription, expires, used int64
	var asked string
	err = q.QueryRowContext(ctx, `SELECT id, subscription, settings, expires, used FROM confirmation WHERE hash = $1`, hash(token)).
		Scan(&id, &subscription, &asked, &expires, &used)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, fmt.Errorf("confirm: %w", ErrToken)
	}
	if err != nil {
		return 0, nil, fmt.Errorf("confirm: %w", err)
	}
	sub, err := one(ctx, q, `s.id = $1`, subscription)
	if err != nil {
		return 0, nil, fmt.Errorf("confirm: %w", err)
	}
	p = &Pending{Subscription: sub, Expires: at(expires), Used: at(used)}
	if !sub.Ended.IsZero() || p.Used.IsZero() && !s.now().Before(p.Expires) {
		return 0, nil, fmt.Errorf("confirm: %w", ErrExpired)
	}
	if p.Used.IsZero() {
		var x settings
		if err := json.Unmarshal([]byte(asked), &x); err != nil {
			return 0, nil, fmt.Errorf("confirm: %w", err)
		}
		sub.apply(x)
	}
	return id, p, nil
}

// confirm makes a subscription stand, from the archive's newest version on. A
// second use of the link changes nothing and is no error.
func (s *Store) confirm(ctx context.Context, token string, newest archive.Seq) (*Subscription, error) {
	var sub *Subscription
	err := s.tx(ctx, func(tx *sql.Tx) error {
		id, p, err := s.pending(ctx, tx, token)
		if err != nil {
			return err
		}
		if sub = p.Subscription; !p.Used.IsZero() {
			return nil
		}
		if _, err := tx.ExecContext(ctx, `UPDATE confirmation SET used = $1 WHERE id = $2`, ms(s.now()), id); err != nil {
			return err
		}
		return s.stand(ctx, tx, sub, newest)
	})
	if err != nil {
		return nil, err
	}
	return sub, nil
}

// stand writes a subscription's settings; if it was not confirmed it is from now.
func (s *Store) stand(ctx context.Context, tx *sql.Tx, sub *Subscription, newest archive.Seq) error {
	now := s.now()
	if sub.Confirmed.IsZero() {
		sub.Confirmed, sub.Upto, sub.composed = now, newest, newest
	}
	sub.Due = sub.Cadence.Next(now, sub.Zone, sub.At)
	_, err := tx.ExecContext(ctx, `UPDATE subscription SET name = $1, cadence = $2, lang = $3, zone = $4, clock = $5, confirmed = $6, due = $7,
		composed = $8, upto = $9 WHERE id = $10`,
		sub.Name, sub.Cadence, sub.Lang, sub.Zone, sub.At, ms(sub.Confirmed), ms(sub.Due), sub.composed, sub.Upto, sub.ID)
	return err
}

// addConfirmed writes a subscription for which the operator answers. One that
// watches the same gets the new settings, and keeps its place.
func (s *Store) addConfirmed(ctx context.Context, sub *Subscription, newest archive.Seq) error {
	sub.Created = s.now()
	err := s.tx(ctx, func(tx *sql.Tx) error {
		old, err := one(ctx, tx, `s.email_key = $1 AND s.filter = $2 AND s.ended = 0`, addressKey(sub.Email), sub.filterKey())
		if err == nil {
			x := sub.settings()
			*sub = *old
			sub.apply(x)
		} else if errors.Is(err, sql.ErrNoRows) {
			err = s.insert(ctx, tx, sub)
		}
		if err != nil {
			return err
		}
		return s.stand(ctx, tx, sub, newest)
	})
	if err != nil {
		return fmt.Errorf("add subscription: %w", err)
	}
	return nil
}

// LookupStop finds what a stop link is about, and changes nothing. Of a
// subscription that has ended only number, language and times are left. Its
// error is ErrToken.
func (s *Store) LookupStop(ctx context.Context, token string) (*Subscription, error) {
	sub, err := one(ctx, s.read, `s.stop_hash = $1`, hash(token))
	return sub, stopError(err)
}

func stopError(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("stop: %w", ErrToken)
	}
	if err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// Stop ends a subscription at once: letters that wait are dropped, and the
// address, the name and what was watched are erased. It returns the
// subscription as it was. Stopping twice is no error. Its error is ErrToken.
func (s *Store) Stop(ctx context.Context, token string) (*Subscription, error) {
	var sub *Subscription
	err := s.tx(ctx, func(tx *sql.Tx) (err error) {
		if sub, err = one(ctx, tx, `s.stop_hash = $1`, hash(token)); err != nil {
			return err
		}
		return s.end(ctx, tx, sub.ID)
	})
	if err != nil {
		return nil, stopError(err)
	}
	return sub, nil
}

// List returns the subscriptions that have not ended, confirmed or not, oldest first.
func (s *Store) List(ctx context.Context) ([]*Subscription, error) {
	subs, err := subscriptions(ctx, s.read, `s.ended = 0`)
	if err != nil {
		return nil, fmt.Errorf("list subscriptions: %w", err)
	}
	return subs, nil
}

// Remove ends a subscription by its number, exactly as [Store.Stop] does. Its
// error for one that is not there is fs.ErrNotExist.
func (s *Store) Remove(ctx context.Context, id int64) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := one(ctx, tx, `s.id = $1 AND s.ended = 0`, id); err != nil {
			return err
		}
		return s.end(ctx, tx, id)
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return fmt.Errorf("remove subscription %d: %w", id, err)
	}
	return nil
}

// end stops and erases a subscription. The numbers of what was told stay.
func (s *Store) end(ctx context.Context, tx *sql.Tx, id int64) error {
	if err := drop(ctx, tx, "the subscription was stopped", `state IN ('queued', 'failed') AND subscription = $2`, id); err != nil {
		return err
	}
	for _, q := range []string{
		`UPDATE letter SET recipient = '', subject = '', text = '', html = '' WHERE subscription = $1`,
		`UPDATE confirmation SET settings = '{}' WHERE subscription = $1`,
		`UPDATE subscription SET email = '', email_key = '', filter = '', name = '', query = '', topics = '[]', sources = '[]' WHERE id = $1`,
	} {
		if _, err := tx.ExecContext(ctx, q, id); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE subscription SET ended = $1 WHERE id = $2 AND ended = 0`, ms(s.now()), id)
	return err
}

// forget erases subscriptions that nobody confirmed in time.
func (s *Store) forget(ctx context.Context) (n int, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		late, err := subscriptions(ctx, tx, `s.confirmed = 0 AND s.ended = 0 AND NOT EXISTS
			(SELECT 1 FROM confirmation c WHERE c.subscription = s.id AND c.expires > $1)`, ms(s.now()))
		if err != nil {
			return err
		}
		for _, sub := range late {
			if err := s.end(ctx, tx, sub.ID); err != nil {
				return err
			}
		}
		n = len(late)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("forget unconfirmed subscriptions: %w", err)
	}
	return n, nil
}

package digest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"veille/archive"
)

// ConfirmWithin is how long a confirmation may take.
const ConfirmWithin = 48 * time.Hour

// A Pending is a subscription that was asked for and awaits its confirmation.
type Pending struct {
	Subscription *Subscription // with the settings asked for
	Expires      time.Time
	Used         time.Time // when it was confirmed, zero if it has not been
}

// subscribe writes down requests and the letters that ask to confirm them, all or
// none; see subscribeOne.
func (s *Store) subscribe(ctx context.Context, subs []*Subscription, letters []*Mail, asker netip.Addr) ([]*Pending, error) {
	out := make([]*Pending, len(subs))
	err := s.tx(ctx, func(tx *sql.Tx) (err error) {
		for i, sub := range subs {
			if out[i], err = s.subscribeOne(ctx, tx, sub, letters[i], asker); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	return out, nil
}

// subscribeOne writes down a request and the letter that asks to confirm it. An
// address that already watches the same keeps its subscription; the settings
// asked for wait in the confirmation, and nothing tells the asker which it was.
func (s *Store) subscribeOne(ctx context.Context, tx *sql.Tx, sub *Subscription, letter *Mail, asker netip.Addr) (*Pending, error) {
	now := s.now()
	sub.Created = now
	p := &Pending{Subscription: sub, Expires: now.Add(ConfirmWithin)}
	if err := s.limit(ctx, tx, sub.Email, asker, now); err != nil {
		return nil, err
	}
	if _, err := s.place(ctx, tx, sub); err != nil {
		return nil, err
	}
	// An earlier letter that has not left is overtaken by this one.
	if err := drop(ctx, tx, "overtaken by a later request", `kind = 'confirm' AND state = 'queued' AND subscription = $2`, sub.ID); err != nil {
		return nil, err
	}
	letter.Person, letter.Subscription, letter.expires = sub.Person, sub.ID, p.Expires
	var err error
	if letter.confirmation, err = s.insertConfirmation(ctx, tx, p, asker); err != nil {
		return nil, err
	}
	return p, s.insertLetter(ctx, tx, letter)
}

// place finds the subscription of the same person that watches the same, and
// fills the number in; if there is none it is written down, unconfirmed, and
// nil is returned.
func (s *Store) place(ctx context.Context, tx *sql.Tx, sub *Subscription) (old *Subscription, err error) {
	if err := s.personFor(ctx, tx, sub); err != nil {
		return nil, err
	}
	old, err = one(ctx, tx, `s.person = $1 AND s.filter = $2 AND s.ended = 0`, sub.Person, sub.Filter.key())
	if errors.Is(err, sql.ErrNoRows) {
		return nil, s.insert(ctx, tx, sub)
	}
	if err == nil {
		sub.ID = old.ID
	}
	return old, err
}

func (s *Store) insertConfirmation(ctx context.Context, tx *sql.Tx, p *Pending, asker netip.Addr) (id int64, err error) {
	sub := p.Subscription
	wanted, err := json.Marshal(sub.asked())
	if err != nil {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, `INSERT INTO confirmation (subscription, email_hash, domain_hash, asker_hash, settings, created, expires, used)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0) RETURNING id`, sub.ID, s.emailHash(sub.Email), s.domainHash(sub.Email), s.askerHash(asker),
		string(wanted), ms(s.now()), ms(p.Expires)).Scan(&id)
	if err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE confirmation SET hash = $1 WHERE id = $2`, hash(s.token(forConfirm, id)), id)
	return id, err
}

// insert writes a subscription down, not confirmed yet.
func (s *Store) insert(ctx context.Context, tx *sql.Tx, sub *Subscription) error {
	lists, err := jsonLists(sub.Topics, sub.Sources, sub.Jurisdictions, sub.Documents, kindNames(sub.Kinds))
	if err != nil {
		return err
	}
	err = tx.QueryRowContext(ctx, `INSERT INTO subscription (person, filter, query, topics, sources, jurisdictions, documents, kinds, passage, min_weight,
			name, note, cadence, clock, workdays, density, always, created, confirmed, ended, due, upto, last)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0, 0, 0, 0, 0) RETURNING id`,
		sub.Person, sub.Filter.key(), sub.Query, lists[0], lists[1], lists[2], lists[3], lists[4], sub.Passage, sub.MinWeight,
		sub.Name, sub.Note, sub.Cadence, sub.At, sub.Workdays, sub.Density, sub.Always, ms(sub.Created)).Scan(&sub.ID)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE subscription SET stop_hash = $1 WHERE id = $2`, hash(s.token(forStop, sub.ID)), sub.ID)
	return err
}

func kindNames(kinds []Kind) []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return names
}

// jsonLists are lists as the tables keep them.
func jsonLists(lists ...[]string) ([]string, error) {
	out := make([]string, len(lists))
	for i, l := range lists {
		b, err := json.Marshal(notNil(l))
		if err != nil {
			return nil, fmt.Errorf("list %q: %w", l, err)
		}
		out[i] = string(b)
	}
	return out, nil
}

// LookupConfirm finds what a confirmation link is about, and changes nothing.
// Its errors are ErrToken and ErrExpired.
func (s *Store) LookupConfirm(ctx context.Context, token string) (*Pending, error) {
	_, p, err := s.pending(ctx, s.read, token)
	return p, err
}

func (s *Store) pending(ctx context.Context, q querier, token string) (id int64, p *Pending, err error) {
	var subscription, expires, used int64
	var wanted string
	err = q.QueryRowContext(ctx, `SELECT id, subscription, settings, expires, used FROM confirmation WHERE hash = $1`, hash(token)).
		Scan(&id, &subscription, &wanted, &expires, &used)
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
		var x asked
		if err := json.Unmarshal([]byte(wanted), &x); err != nil {
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
		if err := s.liftConfirmed(ctx, tx, sub.Person, id); err != nil {
			return err
		}
		return s.stand(ctx, tx, sub, newest)
	})
	if err != nil {
		return nil, err
	}
	return sub, nil
}

// stand writes a subscription's settings, and its person's; if it was not
// confirmed it is from now, if there is room.
func (s *Store) stand(ctx context.Context, tx *sql.Tx, sub *Subscription, newest archive.Seq) error {
	now := s.now()
	fresh := sub.Confirmed.IsZero()
	if fresh {
		sub.Confirmed, sub.Upto, sub.Last = now, newest, now
	}
	if _, err := tx.ExecContext(ctx, `UPDATE person SET lang = $1 WHERE id = $2`, sub.Lang, sub.Person); err != nil {
		return err
	}
	if err := s.moveZone(ctx, tx, sub, now); err != nil {
		return err
	}
	sub.Due = sub.next(now)
	_, err := tx.ExecContext(ctx, `UPDATE subscription SET name = $1, note = $2, cadence = $3, clock = $4, workdays = $5, density = $6, always = $7,
		confirmed = $8, due = $9, upto = $10, last = $11 WHERE id = $12`,
		sub.Name, sub.Note, sub.Cadence, sub.At, sub.Workdays, sub.Density, sub.Always, ms(sub.Confirmed), ms(sub.Due), sub.Upto, ms(sub.Last), sub.ID)
	if err != nil || !fresh {
		return err
	}
	return room(ctx, tx, sub.Person)
}

// moveZone gives a person the zone of a subscription. If it is another than
// before, the digests of all their subscriptions are due at their hours in it:
// those that are due already stay so.
func (s *Store) moveZone(ctx context.Context, tx *sql.Tx, sub *Subscription, now time.Time) error {
	res, err := tx.ExecContext(ctx, `UPDATE person SET zone = $1 WHERE id = $2 AND zone <> $1`, sub.Zone, sub.Person)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	others, err := subscriptions(ctx, tx, `s.person = $1 AND s.confirmed > 0 AND s.ended = 0 AND s.due > $2`, sub.Person, ms(now))
	for _, other := range others {
		if err == nil {
			_, err = tx.ExecContext(ctx, `UPDATE subscription SET due = $1 WHERE id = $2`, ms(other.next(now)), other.ID)
		}
	}
	return err
}

// addConfirmed writes subscriptions for which the operator answers, all or none.
// One that watches the same gets the new settings, and keeps its place.
func (s *Store) addConfirmed(ctx context.Context, subs []*Subscription, newest archive.Seq) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		for _, sub := range subs {
			sub.Created = s.now()
			old, err := s.place(ctx, tx, sub)
			if err != nil {
				return err
			}
			if old != nil {
				x := sub.asked()
				*sub = *old
				sub.apply(x)
			}
			if err := s.stand(ctx, tx, sub, newest); err != nil {
				return fmt.Errorf("%s: %w", sub.Email, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("add subscriptions: %w", err)
	}
	return nil
}

// List returns the subscriptions that have not ended, confirmed or not, oldest first.
func (s *Store) List(ctx context.Context) ([]*Subscription, error) {
	subs, err := subscriptions(ctx, s.read, `s.ended = 0`)
	if err != nil {
		return nil, fmt.Errorf("list subscriptions: %w", err)
	}
	return subs, nil
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
			if err := s.end(ctx, tx, sub); err != nil {
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

// liftConfirmed ends a suspension if the confirmation was asked for after it
// began: its link came by a mail that has arrived.
func (s *Store) liftConfirmed(ctx context.Context, tx *sql.Tx, person, confirmation int64) error {
	var since, asked int64
	err := tx.QueryRowContext(ctx, `SELECT p.suspended, c.created FROM person p, confirmation c WHERE p.id = $1 AND c.id = $2`, person, confirmation).
		Scan(&since, &asked)
	if err != nil || since == 0 || asked < since {
		return err
	}
	return lift(ctx, tx, person)
}

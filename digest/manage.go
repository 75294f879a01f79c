package digest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// manageAgain is how long one address waits for another mail with its link.
const manageAgain = time.Hour

// A Dossier is everything that is held about a person. It is what the person
// sees and exports; there is nothing else.
type Dossier struct {
	Person        *Person         `json:"person"`
	Subscriptions []*Subscription `json:"subscriptions"` // confirmed or not
	Letters       []*Mail         `json:"letters"`       // newest first, with text in an export
	Told          []Told          `json:"told"`          // the ledger
	Confirmations []Asked         `json:"confirmations"` // requests
}

// A Told is an entry of the ledger.
type Told struct {
	Change string `json:"change"`
	Letter int64  `json:"letter"`
}

// An Asked is a request to confirm: when, until when, and when it was used.
type Asked struct {
	Subscription int64     `json:"subscription"`
	Created      time.Time `json:"created"`
	Expires      time.Time `json:"expires"`
	Used         time.Time `json:"used,omitzero"`
}

// Dossier returns what is held about the person to whom a link to manage was
// sent; whole with the texts of the letters. Its errors are ErrToken, and
// ErrExpired for one who has left.
func (s *Store) Dossier(ctx context.Context, token string, whole bool) (*Dossier, error) {
	d := &Dossier{}
	var err error
	if d.Person, err = aPerson(ctx, s.read, `p.manage_hash = $1`, hash(token)); err != nil {
		return nil, tokenError("manage", err)
	}
	if !d.Person.Ended.IsZero() {
		return nil, fmt.Errorf("manage: %w", ErrExpired)
	}
	id := d.Person.ID
	if d.Subscriptions, err = ofPerson(ctx, s.read, id); err != nil {
		return nil, fmt.Errorf("person %d: %w", id, err)
	}
	if d.Letters, err = lettersWhere(ctx, s.read, `l.person = $1 ORDER BY l.id DESC`, id); err != nil {
		return nil, fmt.Errorf("person %d: %w", id, err)
	}
	for i, m := range d.Letters {
		if !whole {
			break
		}
		if d.Letters[i], err = s.letter(ctx, m.ID); err != nil {
			return nil, fmt.Errorf("person %d: %w", id, err)
		}
	}
	rows, err := s.read.QueryContext(ctx, `SELECT change, letter FROM told WHERE person = $1 ORDER BY letter, change`, id)
	d.Told, err = collect(rows, err, func(rows *sql.Rows) (t Told, err error) { return t, rows.Scan(&t.Change, &t.Letter) })
	if err != nil {
		return nil, fmt.Errorf("person %d: %w", id, err)
	}
	rows, err = s.read.QueryContext(ctx, `SELECT c.subscription, c.created, c.expires, c.used FROM confirmation c
		JOIN subscription s ON s.id = c.subscription WHERE s.person = $1 ORDER BY c.id`, id)
	d.Confirmations, err = collect(rows, err, func(rows *sql.Rows) (a Asked, err error) {
		var created, expires, used int64
		err = rows.Scan(&a.Subscription, &created, &expires, &used)
		a.Created, a.Expires, a.Used = at(created), at(expires), at(used)
		return a, err
	})
	if err != nil {
		return nil, fmt.Errorf("person %d: %w", id, err)
	}
	return d, nil
}

// Of returns one of the dossier's subscriptions. Its error for one that is not
// there is ErrToken: a link leads to what is one's own, and nowhere else.
func (d *Dossier) Of(id int64) (*Subscription, error) {
	for _, s := range d.Subscriptions {
		if s.ID == id {
			return s, nil
		}
	}
	return nil, fmt.Errorf("subscription %d: %w", id, ErrToken)
}

// AskManage puts a mail with the link to all that is kept into the outbox, if
// anything is kept about an address, and mail arrives there; at most one an hour. The answer to the
// asker must not depend on whether there was, nor how long it takes: something is
// written, and a mail composed, in any case. Its error to tell is a *RequestError.
func (d *Digester) AskManage(ctx context.Context, address string) error {
	address, err := ParseAddress(address)
	if err != nil {
		return err
	}
	l, err := d.letters()
	if err != nil {
		return err
	}
	err = d.Store.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO setting (name, value) VALUES ('asked', $1) ON CONFLICT (name) DO UPDATE SET value = $1`, ms(d.Store.now())); err != nil {
			return err
		}
		p, err := aPerson(ctx, tx, `p.email_key = $1 AND p.ended = 0 AND p.suspended = 0 AND EXISTS (SELECT 1 FROM subscription s WHERE s.person = p.id AND s.confirmed > 0 AND s.ended = 0)
			AND NOT EXISTS (SELECT 1 FROM letter l WHERE l.person = p.id AND l.kind = 'manage' AND l.created > $2)`,
			addressKey(address), ms(d.Store.now().Add(-manageAgain)))
		nobody := errors.Is(err, sql.ErrNoRows)
		if nobody {
			p, err = &Person{Email: address, Lang: "en", Zone: DefaultZone}, nil
		}
		if err != nil {
			return err
		}
		m, err := l.manage(p)
		if err != nil || nobody {
			return err
		}
		m.expires = d.Store.now().Add(ConfirmWithin)
		return d.Store.insertLetter(ctx, tx, m)
	})
	if err != nil {
		return fmt.Errorf("send link: %w", err)
	}
	return nil
}

// Change gives a subscription another filter and other settings, and its person
// another language and zone; the request's address is ignored. What it has not
// told by now is told by the new filter, what waits for a mail server too: that is
// written anew. Its errors are ErrToken, ErrFull and
// *RequestError, the latter too if another subscription watches the same.
func (d *Digester) Change(ctx context.Context, token string, id int64, req Request) (*Subscription, error) {
	d.tellTime()
	dossier, err := d.Store.Dossier(ctx, token, false)
	if err != nil {
		return nil, err
	}
	old, err := dossier.Of(id)
	if err != nil {
		return nil, err
	}
	req.Email, req.Lang, req.Zone = old.Email, or(req.Lang, old.Lang), or(req.Zone, old.Zone)
	sub, err := d.check(ctx, req)
	if err != nil {
		return nil, err
	}
	for _, other := range dossier.Subscriptions {
		if other.ID != id && other.Filter.key() == sub.Filter.key() {
			return nil, refuse("query", "same")
		}
	}
	sub.ID, sub.Person, sub.Email = old.ID, old.Person, old.Email
	sub.Created, sub.Confirmed, sub.Upto, sub.Last = old.Created, old.Confirmed, old.Upto, old.Last
	err = d.Store.tx(ctx, func(tx *sql.Tx) error { return d.Store.rewrite(ctx, tx, sub) })
	if err != nil {
		return nil, fmt.Errorf("change subscription %d: %w", id, err)
	}
	return sub, nil
}

// rewrite writes a subscription's filter and settings over what they were.
func (s *Store) rewrite(ctx context.Context, tx *sql.Tx, sub *Subscription) error {
	lists, err := jsonLists(sub.Topics, sub.Sources, sub.Jurisdictions, sub.Documents, kindNames(sub.Kinds))
	if err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, `UPDATE subscription SET filter = $1, query = $2, topics = $3, sources = $4, jurisdictions = $5, documents = $6,
		kinds = $7, passage = $8, min_weight = $9 WHERE id = $10 AND ended = 0`, sub.Filter.key(), sub.Query, lists[0], lists[1], lists[2], lists[3],
		lists[4], sub.Passage, sub.MinWeight, sub.ID)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fs.ErrNotExist)
	}
	if sub.Confirmed.IsZero() { // a confirmation will bring its own settings
		return nil
	}
	if err := s.stand(ctx, tx, sub, sub.Upto); err != nil {
		return err
	}
	if err := room(ctx, tx, sub.Person); err != nil {
		return err
	}
	return s.withdraw(ctx, tx, sub.Person, "a subscription was changed") // after stand, which has the place of before
}

// StopOne ends one subscription of the person to whom a link to manage was
// sent. Its error is ErrToken.
func (s *Store) StopOne(ctx context.Context, token string, id int64) error {
	d, err := s.Dossier(ctx, token, false)
	if err != nil {
		return err
	}
	sub, err := d.Of(id)
	if err != nil {
		return err
	}
	if err := s.tx(ctx, func(tx *sql.Tx) error { return s.end(ctx, tx, sub) }); err != nil {
		return fmt.Errorf("stop subscription %d: %w", id, err)
	}
	return nil
}

// Erase ends all subscriptions of the person to whom a link to manage was sent,
// and takes away all that is held about them. Its error is ErrToken.
func (s *Store) Erase(ctx context.Context, token string) error {
	d, err := s.Dossier(ctx, token, false)
	if err != nil {
		return err
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		subs, err := ofPerson(ctx, tx, d.Person.ID) // that was added since too
		if err != nil {
			return err
		}
		for _, sub := range subs {
			if err := s.end(ctx, tx, sub); err != nil {
				return err
			}
		}
		return s.erase(ctx, tx, d.Person.ID)
	})
	if err != nil {
		return fmt.Errorf("erase person %d: %w", d.Person.ID, err)
	}
	return nil
}

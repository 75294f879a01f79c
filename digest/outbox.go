package digest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"veille/archive"
)

// A State says what has become of a letter.
//
//	queued ──► sending ──► sent        the server has taken it
//	   ▲          ├──────► queued      not now (4xx, no connection): tried again later
//	   │          ├──────► failed      refused for good (5xx)
//	   │          └──────► uncertain   it may have arrived: the connection broke, or we were killed
//	   └── Retry: failed, uncertain, dropped      Drop: queued, failed ──► dropped
//
// A letter is "sending" only while it is being handed over. One found so at
// the first [Digester.Sync] of a process was left by a crash, and is uncertain:
// it counts as told and is shown to the operator, never sent again on its own.
type State string

// The states of a letter.
const (
	Queued    State = "queued"
	Sending   State = "sending"
	Sent      State = "sent"
	Failed    State = "failed"
	Uncertain State = "uncertain"
	Dropped   State = "dropped" // will not be sent: overtaken, too late, stopped, or given up by the operator
)

// The kinds of letters.
const (
	KindConfirm = "confirm"
	KindDigest  = "digest"
)

// A Mail is one letter of the outbox. Text, HTML and Changes are filled where
// one letter is read, not in lists.
type Mail struct {
	ID           int64     `json:"id"`
	Kind         string    `json:"kind"` // KindConfirm, KindDigest
	Subscription int64     `json:"subscription"`
	To           string    `json:"to"` // "" when erased
	Lang         string    `json:"lang"`
	Subject      string    `json:"subject"`
	Text         string    `json:"text,omitempty"`
	HTML         string    `json:"html,omitempty"`
	Changes      []string  `json:"changes,omitempty"` // ids of what it tells: "17..18"
	State        State     `json:"state"`
	Error        string    `json:"error,omitempty"` // why it is not sent, in the server's words where there are some
	Attempts     int       `json:"attempts"`
	Created      time.Time `json:"created"`
	Retry        time.Time `json:"retry,omitzero"` // not to be tried before
	Sent         time.Time `json:"sent,omitzero"`

	// The rest is filled as the letter leaves.
	From      string `json:"-"` // address of the sender, with or without a name
	MessageID string `json:"-"` // without angle brackets; the same at every attempt
	Stop      string `json:"-"` // address for List-Unsubscribe
	ListID    string `json:"-"` // without angle brackets

	confirmation int64
	expires      time.Time
	upto         archive.Seq
}

const letterColumns = `l.id, l.kind, l.subscription, l.confirmation, l.recipient, l.lang, l.subject, l.text, l.html, l.state, l.error,
	l.attempts, l.created, l.retry, l.expires, l.sent, l.upto `

func scanLetter(row interface{ Scan(...any) error }) (*Mail, error) {
	var m Mail
	var created, retry, expires, sent, upto int64
	err := row.Scan(&m.ID, &m.Kind, &m.Subscription, &m.confirmation, &m.To, &m.Lang, &m.Subject, &m.Text, &m.HTML, &m.State, &m.Error,
		&m.Attempts, &created, &retry, &expires, &sent, &upto)
	m.Created, m.Retry, m.expires, m.Sent, m.upto = at(created), at(retry), at(expires), at(sent), archive.Seq(upto)
	return &m, err
}

func (s *Store) insertLetter(ctx context.Context, tx *sql.Tx, m *Mail) error {
	m.State, m.Created = Queued, s.now()
	err := tx.QueryRowContext(ctx, `INSERT INTO letter (kind, subscription, confirmation, recipient, lang, subject, text, html, state, error, attempts,
			created, retry, expires, sent, upto)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', 0, $10, 0, $11, 0, $12) RETURNING id`,
		m.Kind, m.Subscription, m.confirmation, m.To, m.Lang, m.Subject, m.Text, m.HTML, m.State, ms(m.Created), ms(m.expires), m.upto).Scan(&m.ID)
	if err != nil {
		return err
	}
	for _, c := range m.Changes {
		if _, err := tx.ExecContext(ctx, `INSERT INTO told (subscription, change, letter) VALUES ($1, $2, $3)`, m.Subscription, c, m.ID); err != nil {
			return fmt.Errorf("change %s: %w", c, err)
		}
	}
	return nil
}

// drop gives up the letters for which a condition holds; its argument is $2.
func drop(ctx context.Context, tx *sql.Tx, why, where string, arg any) error {
	_, err := tx.ExecContext(ctx, `UPDATE letter SET error = $1, state = 'dropped' WHERE `+where, why, arg)
	return err
}

// Outbox lists letters, newest first, without their text. Limit 0 means all;
// before 0 means from the newest, otherwise only smaller numbers are listed.
func (s *Store) Outbox(ctx context.Context, before int64, limit int) ([]*Mail, error) {
	if before <= 0 {
		before = 1 << 62
	}
	if limit <= 0 {
		limit = 1 << 30
	}
	rows, err := s.read.QueryContext(ctx, `SELECT l.id, l.kind, l.subscription, l.confirmation, l.recipient, l.lang, l.subject, '', '', l.state, l.error,
		l.attempts, l.created, l.retry, l.expires, l.sent, l.upto FROM letter l WHERE l.id < $1 ORDER BY l.id DESC LIMIT $2`, before, limit)
	ms, err := collect(rows, err, func(rows *sql.Rows) (*Mail, error) { return scanLetter(rows) })
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	return ms, nil
}

// Mail returns one letter, whole and with the links that work: whoever may read
// it may confirm and stop. Its error for an unknown number is fs.ErrNotExist.
func (s *Store) Mail(ctx context.Context, id int64) (*Mail, error) {
	m, err := s.letter(ctx, id)
	if errors.Is(err, sql.ErrNoRows) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, fmt.Errorf("mail %d: %w", id, err)
	}
	return m, nil
}

func (s *Store) letter(ctx context.Context, id int64) (*Mail, error) {
	m, err := scanLetter(s.read.QueryRowContext(ctx, `SELECT `+letterColumns+`FROM letter l WHERE l.id = $1`, id))
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT change FROM told WHERE letter = $1 ORDER BY change`, id)
	m.Changes, err = collect(rows, err, func(rows *sql.Rows) (c string, err error) { return c, rows.Scan(&c) })
	s.fill(m)
	return m, err
}

// Retry queues a letter again that failed, was dropped or is uncertain. It is
// for the operator: an uncertain one may then arrive twice. Its error for a
// letter that is in another state, too old or erased says so; for an unknown
// number it is fs.ErrNotExist.
func (s *Store) Retry(ctx context.Context, id int64) error {
	return s.turn(ctx, id, Queued, "", Failed, Uncertain, Dropped)
}

// Drop gives a letter up that is queued or failed: what it tells will not be
// told to this reader. Its errors are those of Retry.
func (s *Store) Drop(ctx context.Context, id int64) error {
	return s.turn(ctx, id, Dropped, "given up by the operator", Queued, Failed)
}

func (s *Store) turn(ctx context.Context, id int64, to State, why string, from ...State) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		m, err := scanLetter(tx.QueryRowContext(ctx, `SELECT `+letterColumns+`FROM letter l WHERE l.id = $1`, id))
		if errors.Is(err, sql.ErrNoRows) {
			return fs.ErrNotExist
		}
		if err != nil {
			return err
		}
		for _, f := range from {
			if m.State != f {
				continue
			}
			if to == Queued && m.To == "" {
				return errors.New("the subscription was stopped and the letter erased; there is nothing to send")
			}
			if to == Queued && !m.expires.IsZero() && !s.now().Before(m.expires) {
				return errors.New("its link is no longer valid; the reader has to subscribe again")
			}
			if _, err := tx.ExecContext(ctx, `UPDATE letter SET state = $1, error = $2, retry = 0 WHERE id = $3`, to, why, id); err != nil {
				return err
			}
			if to == Dropped {
				return moveUpto(ctx, tx, m)
			}
			return nil
		}
		return fmt.Errorf("the letter is %s; this can only be done to one that is %v", m.State, from)
	})
	if err != nil {
		return fmt.Errorf("mail %d: %w", id, err)
	}
	return nil
}

// recover finds the letters that a crash left half sent. s.sending is held.
func (s *Store) recover(ctx context.Context) (n int, err error) {
	if s.recovered {
		return 0, nil
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT `+letterColumns+`FROM letter l WHERE l.state = 'sending' ORDER BY l.id`)
		left, err := collect(rows, err, func(rows *sql.Rows) (*Mail, error) { return scanLetter(rows) })
		for _, m := range left {
			if err == nil {
				err = settle(ctx, tx, m, Uncertain, "the program ended while it was being sent; look whether it arrived", time.Time{}, s.now())
			}
		}
		n = len(left)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("recover outbox: %w", err)
	}
	s.recovered = true
	return n, nil
}

// claim takes the first letter after a number that may be sent now, and marks
// it "sending"; nil if there is none. A reader's letters go in order: one waits
// for those before it. s.sending is held.
func (s *Store) claim(ctx context.Context, after int64, force bool) (*Mail, error) {
	now := ms(s.now())
	limit := now
	if force {
		limit = 1 << 62
	}
	var id int64
	err := s.tx(ctx, func(tx *sql.Tx) error {
		err := drop(ctx, tx, "not sent in time", `state = 'queued' AND expires > 0 AND expires <= $2`, now)
		if err != nil {
			return err
		}
		err = tx.QueryRowContext(ctx, `SELECT l.id FROM letter l WHERE l.state = 'queued' AND l.id > $1 AND l.retry <= $2 AND NOT EXISTS
			(SELECT 1 FROM letter e WHERE e.subscription = l.subscription AND e.kind = l.kind AND e.id < l.id AND e.state IN ('queued', 'sending', 'failed'))
			ORDER BY l.id LIMIT 1`, after, limit).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE letter SET state = 'sending', attempts = attempts + 1 WHERE id = $1`, id)
		return err
	})
	var m *Mail
	if err == nil && id != 0 {
		m, err = s.letter(ctx, id)
	}
	if err != nil {
		return nil, fmt.Errorf("take letter from outbox: %w", err)
	}
	return m, nil
}

// settled writes what has become of a letter; see settle. A pause that is not
// zero keeps all others waiting until then. It is written even when ctx has
// ended: what has happened outside must be known inside.
func (s *Store) settled(ctx context.Context, m *Mail, state State, why string, retry, pause time.Time) error {
	ctx = context.WithoutCancel(ctx)
	err := s.tx(ctx, func(tx *sql.Tx) error {
		if err := settle(ctx, tx, m, state, why, retry, s.now()); err != nil || pause.IsZero() {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE letter SET retry = $1 WHERE state = 'queued' AND retry < $2`, ms(pause), ms(pause))
		return err
	})
	if err != nil {
		return fmt.Errorf("mail %d: write down that it is %s: %w", m.ID, state, err)
	}
	return nil
}

// compose writes down that a reader's changes up to a version have been dealt
// with, and the letter that tells them (nil if there is nothing to tell), in
// one transaction. It reports false, having written nothing, if the reader has
// stopped or was dealt with by someone else meanwhile.
func (s *Store) compose(ctx context.Context, sub *Subscription, m *Mail, upto archive.Seq) (done bool, err error) {
	now := s.now()
	err = s.tx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE subscription SET composed = $1, due = $2 WHERE id = $3 AND composed = $4 AND ended = 0`,
			upto, ms(sub.Cadence.Next(now, sub.Zone, sub.At)), sub.ID, sub.composed)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		done = true
		if m != nil {
			m.upto = upto
			return s.insertLetter(ctx, tx, m)
		}
		_, err = tx.ExecContext(ctx, `UPDATE subscription SET upto = composed WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM letter l
			WHERE l.subscription = subscription.id AND l.kind = 'digest' AND l.state IN ('queued', 'sending', 'failed'))`, sub.ID)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("write digest of subscription %d: %w", sub.ID, err)
	}
	return done, nil
}

// due lists the confirmed subscriptions whose time has come; all of them if
// force. Those with a letter that waits are left out if wait: what is new will
// be in the letter after it.
func (s *Store) due(ctx context.Context, force, wait bool) ([]*Subscription, error) {
	where := `s.confirmed > 0 AND s.ended = 0 AND s.due <= $1`
	if wait {
		where += ` AND NOT EXISTS (SELECT 1 FROM letter l WHERE l.subscription = s.id AND l.kind = 'digest' AND l.state IN ('queued', 'sending', 'failed'))`
	}
	limit := ms(s.now())
	if force {
		limit = 1 << 62
	}
	subs, err := subscriptions(ctx, s.read, where, limit)
	if err != nil {
		return nil, fmt.Errorf("list due subscriptions: %w", err)
	}
	return subs, nil
}

// settle writes what has become of a letter that was being sent, and with it
// how far its reader has been told.
func settle(ctx context.Context, tx *sql.Tx, m *Mail, state State, why string, retry, now time.Time) error {
	var sent time.Time
	if state == Sent {
		sent = now
	}
	_, err := tx.ExecContext(ctx, `UPDATE letter SET state = $1, error = $2, retry = $3, sent = $4 WHERE id = $5`, state, why, ms(retry), ms(sent), m.ID)
	if err == nil && (state == Sent || state == Uncertain) {
		err = moveUpto(ctx, tx, m)
	}
	return err
}

func moveUpto(ctx context.Context, tx *sql.Tx, m *Mail) error {
	_, err := tx.ExecContext(ctx, `UPDATE subscription SET upto = $1 WHERE id = $2 AND upto < $3`, m.upto, m.Subscription, m.upto)
	return err
}

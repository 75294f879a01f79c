package digest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"
)

// A State says what has become of a letter.
//
//	queued ──► sending ──► sent        the server has taken it
//	   ▲          ├──────► queued      not now (4xx, no connection): tried again later
//	   │          ├──────► failed      refused for good (5xx)
//	   │          └──────► uncertain   it may have arrived: the connection broke, or we were killed
//	   └── Retry: failed, uncertain, dropped      Drop: queued, failed ──► dropped      Arrived: uncertain ──► sent
//
// A letter is "sending" only between the moment before its last line goes out and
// the server's answer. One found so at
// the first [Digester.Sync] of a process was left by a crash, and is uncertain:
// it counts as told, is shown to the operator, and is never sent again on its own;
// the reader's next digest says that it may be missing, and what it told.
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

// States are all states of a letter, those that wait first.
var States = []State{Queued, Sending, Uncertain, Failed, Sent, Dropped}

// The kinds of letters.
const (
	KindConfirm = "confirm"
	KindDigest  = "digest"
	KindManage  = "manage" // the link to all that is kept, for who asked for it
)

// A Mail is one letter of the outbox. Text, HTML and Changes are filled where
// one letter is read, not in lists.
type Mail struct {
	ID           int64     `json:"id"`
	Kind         string    `json:"kind"` // KindConfirm, KindDigest, KindManage
	Person       int64     `json:"person"`
	Subscription int64     `json:"subscription,omitempty"` // of a confirmation
	To           string    `json:"to"`                     // "" when erased
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
	Root      string `json:"-"` // without angle brackets: the Message-ID that nothing has, and all digests of a person refer to
	Stop      string `json:"-"` // address for List-Unsubscribe
	ListID    string `json:"-"` // without angle brackets

	confirmation int64
	expires      time.Time
	missed       []int64 // letters that may be missing, as this one says
}

// letterFacts are the columns of a letter without its text.
const letterFacts = `l.id, l.kind, coalesce(l.person, 0), coalesce(l.subscription, 0), l.confirmation, l.recipient, l.lang, l.subject, l.state, l.error,
	l.attempts, l.created, l.retry, l.expires, l.sent, `

func scanLetter(row interface{ Scan(...any) error }) (*Mail, error) {
	var m Mail
	var created, retry, expires, sent int64
	err := row.Scan(&m.ID, &m.Kind, &m.Person, &m.Subscription, &m.confirmation, &m.To, &m.Lang, &m.Subject, &m.State, &m.Error,
		&m.Attempts, &created, &retry, &expires, &sent, &m.Text, &m.HTML)
	m.Created, m.Retry, m.expires, m.Sent = at(created), at(retry), at(expires), at(sent)
	return &m, err
}

// lettersWhere lists the letters for which a condition on l holds, without
// their text.
func lettersWhere(ctx context.Context, q querier, where string, args ...any) ([]*Mail, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+letterFacts+`'', '' FROM letter l WHERE `+where, args...)
	return collect(rows, err, func(rows *sql.Rows) (*Mail, error) { return scanLetter(rows) })
}

func (s *Store) insertLetter(ctx context.Context, tx *sql.Tx, m *Mail) error {
	m.State, m.Created = Queued, s.now()
	err := tx.QueryRowContext(ctx, `INSERT INTO letter (kind, person, subscription, confirmation, recipient, lang, subject, text, html, state, error, attempts,
			created, retry, expires, sent, mentioned)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', 0, $11, 0, $12, 0, 0) RETURNING id`,
		m.Kind, m.Person, null(m.Subscription), m.confirmation, m.To, m.Lang, m.Subject, m.Text, m.HTML, m.State, ms(m.Created), ms(m.expires)).Scan(&m.ID)
	if err != nil {
		return err
	}
	if err := insertTold(ctx, tx, m); err != nil {
		return err
	}
	for _, id := range m.missed {
		if _, err := tx.ExecContext(ctx, `UPDATE letter SET mentioned = $1 WHERE id = $2`, m.ID, id); err != nil {
			return err
		}
	}
	return nil
}

// insertTold writes what a letter tells into the ledger.
func insertTold(ctx context.Context, tx *sql.Tx, m *Mail) error {
	type entry struct {
		Change  string `json:"change"`
		Version int64  `json:"version"`
	}
	list := make([]entry, len(m.Changes))
	for i, c := range m.Changes {
		list[i] = entry{c, lastVersion(c)}
	}
	told, err := json.Marshal(list)
	if err == nil {
		_, err = tx.ExecContext(ctx, `INSERT INTO told (person, change, version, letter)
			SELECT $1, json_extract(value, '$.change'), json_extract(value, '$.version'), $2 FROM json_each($3)`, m.Person, m.ID, string(told))
	}
	if err != nil {
		return fmt.Errorf("write down what letter %d tells: %w", m.ID, err)
	}
	return nil
}

// null is a number for a column in which none is null.
func null(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// lastVersion is the later version of a change such as "17..18"; 0 for news of
// another kind.
func lastVersion(change string) int64 {
	_, to, _ := strings.Cut(change, "..")
	n, err := strconv.ParseInt(to, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// drop gives up the letters for which a condition holds; its argument is $2.
func drop(ctx context.Context, tx *sql.Tx, why, where string, arg any) error {
	_, err := tx.ExecContext(ctx, `UPDATE letter SET error = $1, state = 'dropped' WHERE `+where, why, arg)
	return err
}

// An OutboxFilter chooses letters. Its zero value chooses all.
type OutboxFilter struct {
	State  State // "": any
	Before int64 // only smaller numbers; 0: from the newest
	Limit  int   // 0: all
}

// Outbox lists letters, newest first, without their text.
func (s *Store) Outbox(ctx context.Context, f OutboxFilter) ([]*Mail, error) {
	if f.Before <= 0 {
		f.Before = 1 << 62
	}
	if f.Limit <= 0 {
		f.Limit = 1 << 30
	}
	ms, err := lettersWhere(ctx, s.read, `l.id < $1 AND ($2 = '' OR l.state = $3) ORDER BY l.id DESC LIMIT $4`, f.Before, f.State, f.State, f.Limit)
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
	m, err := scanLetter(s.read.QueryRowContext(ctx, `SELECT `+letterFacts+`l.text, l.html FROM letter l WHERE l.id = $1`, id))
	if err != nil {
		return nil, err
	}
	m.Changes, err = s.toldIn(ctx, id)
	s.fill(m)
	return m, err
}

// Retry queues a letter again that failed, was dropped or is uncertain; if its
// address was suspended, it is no longer. It is
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

// Arrived says of an uncertain letter that it has arrived, as the mail server's
// log may show. Its errors are those of Retry.
func (s *Store) Arrived(ctx context.Context, id int64) error {
	return s.turn(ctx, id, Sent, "", Uncertain)
}

func (s *Store) turn(ctx context.Context, id int64, to State, why string, from ...State) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		m, err := scanLetter(tx.QueryRowContext(ctx, `SELECT `+letterFacts+`l.text, l.html FROM letter l WHERE l.id = $1`, id))
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
			if _, err := tx.ExecContext(ctx, `UPDATE letter SET state = $1, error = $2, retry = 0 WHERE id = $3`, to, why, id); err != nil || to != Queued {
				return err
			}
			return lift(ctx, tx, m.Person) // the operator says that it can arrive
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
		left, err := lettersWhere(ctx, tx, `l.state = 'sending' ORDER BY l.id`)
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

// expire gives up letters whose time is over.
func (s *Store) expire(ctx context.Context) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		return drop(ctx, tx, "not sent in time", `state = 'queued' AND expires > 0 AND expires <= $2`, ms(s.now()))
	})
	if err != nil {
		return fmt.Errorf("expire letters: %w", err)
	}
	return nil
}

package digest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver

	"veille/archive"
)

//go:embed migrations/sqlite/*.sql
var migrations embed.FS

// A Store is subscribers.db: who is to be told of what, the letters to them,
// and the ledger of what was told. It is truth, and the only place where
// personal data is kept. The tables are described in migrations/.
//
// A Store may be used by several goroutines, and the file by several processes;
// but only the process that owns the archive may send (see [Digester]).
type Store struct {
	// Now is the clock; nil means that of the Digester that uses the store, or
	// time.Now. Set it before the first use.
	Now func() time.Time

	write, read *sql.DB
	secret      []byte
	clock       atomic.Pointer[func() time.Time] // of the Digester

	sending   sync.Mutex // held by whoever composes or sends
	hooking   sync.Mutex // held by whoever tells hooks
	recovered bool       // what a crash left "sending" has been found; guarded by sending
}

// Open opens or creates a store. The file and the two that SQLite puts beside
// it are readable by their owner only. Every commit reaches the disk before it
// is acknowledged.
func Open(file string) (*Store, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open subscribers: %w", err)
	}
	f.Close()
	const pragmas = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(1)&_pragma=secure_delete(1)&_txlock=immediate"
	name := "file:" + filepath.ToSlash(file) + pragmas
	s := &Store{}
	if s.write, err = sql.Open("sqlite", name); err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	s.write.SetMaxOpenConns(1)
	if s.read, err = sql.Open("sqlite", name+"&_pragma=query_only(1)"); err != nil {
		s.write.Close()
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	s.read.SetMaxOpenConns(4)
	if err := s.prepare(context.Background()); err != nil {
		s.Close()
		return nil, fmt.Errorf("open %s: %w; if the file is damaged restore it from a copy: it cannot be made again", file, err)
	}
	return s, nil
}

// prepare brings the tables up to date and reads the secret, which it makes if
// there is none.
func (s *Store) prepare(ctx context.Context) error {
	dir, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, s.write, dir, goose.WithVerbose(false))
	if err != nil {
		return err
	}
	if _, err = p.Up(ctx); err != nil {
		return err
	}
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return err
	}
	if _, err := s.write.ExecContext(ctx, `INSERT INTO setting (name, value) VALUES ('secret', $1) ON CONFLICT (name) DO NOTHING`, fresh); err != nil {
		return err
	}
	if err := s.write.QueryRowContext(ctx, `SELECT value FROM setting WHERE name = 'secret'`).Scan(&s.secret); err != nil {
		return err
	}
	return s.hashPersons(ctx)
}

// Close closes the store. What is being sent must have ended.
func (s *Store) Close() error {
	return errors.Join(s.read.Close(), s.write.Close())
}

func (s *Store) now() time.Time {
	if s.Now != nil {
		return s.Now().UTC()
	}
	if now := s.clock.Load(); now != nil {
		return (*now)().UTC()
	}
	return time.Now().UTC()
}

// tx does something in one transaction, or not at all.
func (s *Store) tx(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // without effect after Commit
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// ms is a time as the tables keep it; 0 for the zero time.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// at is the inverse of ms.
func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

const subscriptionColumns = `s.id, s.person, p.email, p.lang, p.zone, s.query, s.topics, s.sources, s.jurisdictions, s.documents, s.passage,
	s.kinds, s.min_weight, s.name, s.note, s.cadence, s.clock, s.workdays, s.density, s.always, s.created, s.confirmed, s.ended, s.due, s.upto, s.last `

const subscriptionFrom = `FROM subscription s JOIN person p ON p.id = s.person `

func scanSubscription(row interface{ Scan(...any) error }) (*Subscription, error) {
	var s Subscription
	var topics, sources, jurisdictions, documents, kinds string
	var created, confirmed, ended, due, upto, last int64
	err := row.Scan(&s.ID, &s.Person, &s.Email, &s.Lang, &s.Zone, &s.Query, &topics, &sources, &jurisdictions, &documents, &s.Passage,
		&kinds, &s.MinWeight, &s.Name, &s.Note, &s.Cadence, &s.At, &s.Workdays, &s.Density, &s.Always, &created, &confirmed, &ended, &due, &upto, &last)
	if err != nil {
		return nil, err
	}
	s.Created, s.Confirmed, s.Ended, s.Due, s.Last, s.Upto = at(created), at(confirmed), at(ended), at(due), at(last), archive.Seq(upto)
	lists := []struct {
		text string
		into any
	}{{topics, &s.Topics}, {sources, &s.Sources}, {jurisdictions, &s.Jurisdictions}, {documents, &s.Documents}, {kinds, &s.Kinds}}
	for _, l := range lists {
		if err := json.Unmarshal([]byte(l.text), l.into); err != nil {
			return nil, fmt.Errorf("subscription %d: %w", s.ID, err)
		}
	}
	return &s, nil
}

// subscriptions are those for which a condition on s holds, by number.
func subscriptions(ctx context.Context, q querier, where string, args ...any) ([]*Subscription, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+subscriptionColumns+subscriptionFrom+`WHERE `+where+` ORDER BY s.id`, args...)
	return collect(rows, err, func(rows *sql.Rows) (*Subscription, error) { return scanSubscription(rows) })
}

// one is the only subscription for which a condition holds; an error that is
// sql.ErrNoRows if there is none.
func one(ctx context.Context, q querier, where string, args ...any) (*Subscription, error) {
	return scanSubscription(q.QueryRowContext(ctx, `SELECT `+subscriptionColumns+subscriptionFrom+`WHERE `+where, args...))
}

// collect reads all rows of a query.
func collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

package archive

import (
	"context"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite", pure Go

	"veille/archive/warc"
)

//go:embed migrations
var migrations embed.FS

// The catalogue is an SQLite database that lists what the WARC files hold:
// which pages there are, when each was looked at, which versions were read.
// Its tables are described in migrations/sqlite. It is never ahead of the WARC
// files: a row is written after its record is on disk, and file.size says how
// far the catalogue has read, so that what a killed process left behind is
// read at the next start.
//
// SQL is kept to what PostgreSQL takes too: $1…$n in order, BIGINT ids and
// times, no dialect functions.

// openCatalogue opens or creates the database file: one connection that writes
// and a pool that reads. What is written to a scratch one need not outlive the
// process.
func openCatalogue(ctx context.Context, file string, scratch bool) (write *sql.DB, read *reader, err error) {
	pragmas := "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_txlock=immediate"
	if scratch {
		pragmas += "&_pragma=synchronous(OFF)&_pragma=cache_size(-16000)"
	} else {
		pragmas += "&_pragma=synchronous(NORMAL)&_pragma=cache_size(-4000)"
	}
	name := "file:" + filepath.ToSlash(file)
	if write, err = sql.Open("sqlite", name+pragmas); err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", file, err)
	}
	write.SetMaxOpenConns(1)
	if err = migrate(ctx, write); err != nil {
		write.Close()
		return nil, nil, fmt.Errorf("open %s: %w; if the file is damaged run `veille rebuild`", file, err)
	}
	db, err := sql.Open("sqlite", name+pragmas+"&_pragma=query_only(1)")
	if err != nil {
		write.Close()
		return nil, nil, fmt.Errorf("open %s: %w", file, err)
	}
	db.SetMaxOpenConns(4)
	return write, newReader(db), nil
}

func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, dir, goose.WithVerbose(false))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// A txn is a transaction that prepares each statement once, and knows what it has
// written.
type txn struct {
	*sql.Tx
	changes
	prepared map[string]*sql.Stmt
}

// begin begins a transaction that writes.
func (a *Archive) begin(ctx context.Context) (*txn, error) {
	tx, err := a.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("write to catalogue: %w", err)
	}
	return &txn{Tx: tx, prepared: map[string]*sql.Stmt{}}, nil
}

func (t *txn) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := t.prepared[query]; s != nil {
		return s, nil
	}
	s, err := t.PrepareContext(ctx, query) // closed with the transaction
	if err == nil {
		t.prepared[query] = s
	}
	return s, err
}

// ExecContext is [sql.Tx.ExecContext].
func (t *txn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := t.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// QueryRowContext is [sql.Tx.QueryRowContext].
func (t *txn) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	s, err := t.stmt(ctx, query)
	if err != nil {
		return t.Tx.QueryRowContext(ctx, query, args...) // which says what is wrong
	}
	return s.QueryRowContext(ctx, args...)
}

// ms is a time as the catalogue keeps it; 0 for the zero time.
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

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Cursor says how far a reader of the archive has come: the last position it
// has dealt with, 0 if it never has.
func (a *Archive) Cursor(ctx context.Context, reader string) (Seq, error) {
	var s Seq
	err := a.read.QueryRowContext(ctx, `SELECT seq FROM cursor WHERE reader = $1`, reader).Scan(&s)
	if err == sql.ErrNoRows {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("cursor %s: %w", reader, err)
	}
	return s, nil
}

// SetCursor records that a reader has dealt with everything up to s.
func (a *Archive) SetCursor(ctx context.Context, reader string, s Seq) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return setCursor(ctx, a.write, reader, s)
}

type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func setCursor(ctx context.Context, db execer, reader string, s Seq) error {
	_, err := db.ExecContext(ctx, `INSERT INTO cursor (reader, seq) VALUES ($1, $2)
		ON CONFLICT (reader) DO UPDATE SET seq = excluded.seq`, reader, s)
	if err != nil {
		return fmt.Errorf("set cursor %s: %w", reader, err)
	}
	return nil
}

// recordBytes is a record id as the catalogue keeps it: the sixteen bytes of a
// "urn:uuid:…", and any other as it is.
func recordBytes(id string) []byte {
	s, ok := strings.CutPrefix(id, "urn:uuid:")
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if !ok || err != nil || len(b) != 16 || recordText(b) != id {
		return []byte(id)
	}
	return b
}

// recordText is the inverse of recordBytes.
func recordText(b []byte) string {
	if len(b) != 16 {
		return string(b)
	}
	return warc.UUID([16]byte(b))
}

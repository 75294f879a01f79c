package archive

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// A reader reads from the catalogue, and prepares each statement once: to parse
// and plan one costs more than most of them take. It may be used concurrently.
type reader struct {
	*sql.DB

	mu       sync.Mutex
	prepared map[string]*sql.Stmt
}

// mostPrepared is how many statements a reader keeps. Those with lists of
// numbers in them differ from call to call: they must not fill the memory.
const mostPrepared = 128

func newReader(db *sql.DB) *reader { return &reader{DB: db, prepared: map[string]*sql.Stmt{}} }

// stmt is a prepared statement, nil where it cannot be had: the query itself
// will say why.
func (r *reader) stmt(ctx context.Context, query string) *sql.Stmt {
	r.mu.Lock()
	have, full := r.prepared[query], len(r.prepared) >= mostPrepared
	r.mu.Unlock()
	if have != nil || full {
		return have
	}
	made, err := r.PrepareContext(ctx, query) // may wait for a connection
	if err != nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if have := r.prepared[query]; have != nil {
		made.Close() // somebody else was faster
		return have
	}
	r.prepared[query] = made
	return made
}

// QueryContext is [sql.DB.QueryContext].
func (r *reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if s := r.stmt(ctx, query); s != nil {
		return s.QueryContext(ctx, args...)
	}
	return r.DB.QueryContext(ctx, query, args...)
}

// QueryRowContext is [sql.DB.QueryRowContext].
func (r *reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if s := r.stmt(ctx, query); s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return r.DB.QueryRowContext(ctx, query, args...)
}

// Close closes the statements and the database.
func (r *reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, s := range r.prepared {
		errs = append(errs, s.Close())
	}
	clear(r.prepared)
	return errors.Join(append(errs, r.DB.Close())...)
}

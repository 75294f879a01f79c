package archive

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/gofrs/flock"
)

// ErrLocked is returned by Open when another process owns the directory.
var ErrLocked = errors.New("data directory is in use by another veille process")

// An Archive is one data directory: its WARC files and their catalogue. Its
// methods may be called concurrently; what writes is done one call at a time.
type Archive struct {
	dir  string
	log  *slog.Logger
	lock *flock.Flock
	// progress is told how many bytes of WARC files were read while the archive
	// is opened; nil if nobody wants to know.
	progress func(n int64)

	write *sql.DB
	read  *reader
	codec *blockCodec
	// memory is of what read has read.
	memory *memory

	// mu is held by whatever writes; it guards all below.
	mu          sync.Mutex
	store       *store
	nextCapture Seq
	nextPage    PageID
	nextVersion Seq
	tree        tree
	journal     *journal
	rebuilt     bool // the catalogue is made anew from the WARC files
	anew        bool // a new log is being begun: entries that are lost are put down as such
}

// Open opens the archive in dir, which it creates if need be, and takes the
// directory for this process until Close. What a killed process left behind is
// completed first: whole records the catalogue does not have are read into it,
// a torn tail is cut off. It returns an error wrapping ErrLocked if another
// process owns the directory.
func Open(dir string, log *slog.Logger) (*Archive, error) {
	if err := os.MkdirAll(filepath.Join(dir, "warc"), 0o755); err != nil {
		return nil, fmt.Errorf("create data directory: %w", err)
	}
	lock := flock.New(filepath.Join(dir, "lock"))
	if ok, err := lock.TryLock(); err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	} else if !ok {
		return nil, fmt.Errorf("%s: %w", dir, ErrLocked)
	}
	a := &Archive{dir: dir, log: log, memory: newMemory()}
	err := a.openLocked("catalogue.db")
	if err != nil {
		lock.Unlock()
		return nil, err
	}
	a.lock = lock
	return a, nil
}

// openLocked opens the archive, whose lock is already held, with the catalogue
// of that name. What it opened is closed again if there is an error.
func (a *Archive) openLocked(catalogue string) (err error) {
	ctx := context.Background()
	a.store = &store{dir: filepath.Join(a.dir, "warc"), full: maxFile}
	names, err := a.store.files()
	if err != nil {
		return err
	}
	catalogue = filepath.Join(a.dir, catalogue)
	if _, err := os.Stat(catalogue); errors.Is(err, fs.ErrNotExist) && len(names) > 0 && !a.rebuilt {
		a.log.Warn("the catalogue is missing; it is made again from the WARC files", "file", catalogue)
		a.rebuilt = true
	}
	if a.codec, err = newBlockCodec(); err != nil {
		return err
	}
	if a.write, a.read, err = openCatalogue(ctx, catalogue, false); err != nil {
		a.codec.close()
		return err
	}
	if a.journal, err = openJournal(a.dir, len(names) == 0 || a.anew); err == nil {
		if err = errors.Join(a.loadCounters(ctx), a.recover(ctx, names)); err == nil {
			err = a.checkLog(ctx)
		}
	}
	if err != nil {
		return errors.Join(fmt.Errorf("open archive %s: %w", a.dir, err), a.Close())
	}
	return nil
}

// loadCounters finds the numbers that come next. Those of lost captures and
// versions are in the log alone, and are not used again.
func (a *Archive) loadCounters(ctx context.Context) error {
	var lostCaptures, lostVersions Seq
	row := a.write.QueryRowContext(ctx, `SELECT
		(SELECT coalesce(max(seq), 0) FROM capture),
		(SELECT coalesce(max(seq), 0) FROM leaf WHERE kind = $1),
		(SELECT coalesce(max(id), 0) FROM page),
		(SELECT coalesce(max(id), 0) FROM version),
		(SELECT coalesce(max(seq), 0) FROM leaf WHERE kind = $2),
		(SELECT count(*) FROM leaf)`, lostCapture, lostVersion)
	if err := row.Scan(&a.nextCapture, &lostCaptures, &a.nextPage, &a.nextVersion, &lostVersions, &a.tree.size); err != nil {
		return fmt.Errorf("read catalogue: %w", err)
	}
	a.nextCapture = max(a.nextCapture, lostCaptures) + 1
	a.nextPage++
	a.nextVersion = max(a.nextVersion, lostVersions) + 1
	return nil
}

// Dir is the data directory.
func (a *Archive) Dir() string { return a.dir }

// Close gives the directory back. It waits for a write under way.
func (a *Archive) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	errs := []error{a.write.Close()}
	if a.read != nil {
		errs = append(errs, a.read.Close())
	}
	if a.store != nil {
		errs = append(errs, a.store.close())
	}
	if a.journal != nil {
		errs = append(errs, a.journal.leaves.Close())
	}
	a.codec.close()
	if a.lock != nil {
		errs = append(errs, a.lock.Unlock())
	}
	return errors.Join(errs...)
}

// commit makes what was appended durable: first the WARC bytes, then the
// catalogue's transaction. If either fails nothing of the batch remains, in
// the files or in the counters.
func (a *Archive) commit(ctx context.Context, tx *txn) error {
	if err := a.store.flush(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return errors.Join(fmt.Errorf("commit to catalogue: %w", err), a.store.undo())
	}
	a.store.done()
	a.memory.forget(&tx.changes)
	return nil
}

// writeTx runs f in a transaction whose WARC records and rows become durable
// together, or not at all.
func (a *Archive) writeTx(ctx context.Context, f func(tx *txn) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.journal.broken != nil {
		return fmt.Errorf("write to archive: %w", a.journal.broken)
	}
	capture, page, version, size := a.nextCapture, a.nextPage, a.nextVersion, a.tree.size
	a.tree.fresh = nil
	tx, err := a.begin(ctx)
	if err != nil {
		return err
	}
	if err = f(tx); err == nil {
		err = a.commit(ctx, tx)
	}
	if err != nil {
		tx.Rollback()
		a.store.forget()
		a.nextCapture, a.nextPage, a.nextVersion, a.tree.size = capture, page, version, size
		return err
	}
	a.logged(ctx)
	return nil
}

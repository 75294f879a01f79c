package archive

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"veille/archive/warc"
)

// recover reads into the catalogue what the WARC files have beyond it, and
// makes the newest file ready to be appended to. On an archive that was closed
// in good order it only looks at file sizes.
func (a *Archive) recover(ctx context.Context, names []string) error {
	var listed, last int64
	if err := a.write.QueryRowContext(ctx, `SELECT count(*), coalesce(max(id), 0) FROM file`).Scan(&listed, &last); err != nil {
		return fmt.Errorf("read catalogue: %w", err)
	}
	if len(names) == 0 && listed > 0 {
		return fmt.Errorf("the catalogue lists %d WARC files, and %s holds none; restore them, or remove catalogue.db to begin anew", listed, a.store.dir)
	}
	for i, name := range names {
		if err := a.recoverFile(ctx, name, i == len(names)-1, last); err != nil {
			return err
		}
	}
	a.store.id = max(a.store.id, last) // a missing file's number is not used again
	return nil
}

// recoverFile reads the rest of one file. Only the newest file may have a torn
// tail, which is cut off; it stays open for appending. last is the number of
// the last file that the catalogue lists.
func (a *Archive) recoverFile(ctx context.Context, name string, newest bool, last int64) error {
	path := filepath.Join(a.store.dir, name)
	var id int64
	var day string
	if _, err := fmt.Sscanf(name, "veille-%05d-%8s.warc.gz", &id, &day); err != nil {
		return fmt.Errorf("%s: not a name that Veille gives; move the file elsewhere", path)
	}
	newest = newest && id >= last
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("open WARC file: %w", err)
	}
	defer func() {
		if a.store.file != f {
			f.Close()
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open WARC file: %w", err)
	}
	var known int64
	err = a.write.QueryRowContext(ctx, `SELECT size FROM file WHERE id = $1`, id).Scan(&known)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read catalogue: %w", err)
	}
	s := a.store
	s.id, s.day, s.name = id, day, name
	if info.Size() < known {
		a.log.Error("WARC file is shorter than the catalogue says; run `veille verify`", "file", name, "size", info.Size(), "expected", known)
		return nil // what is there stays readable; a new file will be begun
	}
	if info.Size() > known {
		whole, err := a.recoverRest(ctx, f, id, known, info.Size(), newest)
		if err != nil || whole < 0 {
			return err
		}
		known = whole
	}
	if newest && known > 0 {
		s.file, s.size, s.base = f, known, known
	} else if newest {
		if err := os.Remove(path); err != nil { // not even its first record was whole
			return fmt.Errorf("remove empty WARC file: %w", err)
		}
		s.id--
	}
	return nil
}

// recoverRest reads what a file of some size has beyond an offset. It returns
// up to where the file is whole, -1 if it must not be appended to.
func (a *Archive) recoverRest(ctx context.Context, f *os.File, id, known, size int64, newest bool) (int64, error) {
	name := filepath.Base(f.Name())
	h := readAhead(ctx, warc.NewReader(io.NewSectionReader(f, known, 1<<62-known), known), false)
	p := &replayer{a: a, file: id, name: name, newest: newest, passed: func(at location, why string) {
		a.log.Error("WARC record is passed over; run `veille verify`", "file", name, "offset", at.pos, "why", why)
	}}
	known, broken, err := p.replay(ctx, a.logDamage(name, h.next), known)
	h.close()
	if err != nil {
		return 0, err
	}
	if known < size {
		if !newest || broken { // what is there is kept; a new file will be begun
			a.log.Error("WARC file has an unreadable end; run `veille verify`", "file", name, "offset", known)
			if _, err := a.write.ExecContext(ctx, `UPDATE file SET size = $1 WHERE id = $2`, size, id); err != nil {
				return 0, fmt.Errorf("note size of %s: %w", name, err)
			}
			return -1, nil
		}
		a.log.Warn("cut off the torn tail of an interrupted write", "file", name, "offset", known, "bytes", size-known)
		if err := f.Truncate(known); err != nil {
			return 0, fmt.Errorf("cut torn tail of %s: %w", name, err)
		}
	}
	return known, nil
}

// logDamage is a source that logs what cannot be read.
func (a *Archive) logDamage(name string, next recordSource) recordSource {
	return func() (*warc.Record, warc.Span, error) {
		rec, span, err := next()
		if errors.Is(err, warc.ErrMalformed) {
			a.log.Error("WARC record cannot be read and is passed over; run `veille verify`", "file", name, "offset", span.Offset, "err", err)
		}
		if err == nil && a.progress != nil {
			a.progress(span.Length)
		}
		return rec, span, err
	}
}

// Rebuild makes dir's catalogue anew from its WARC files, with the same
// numbers of captures, versions, pages and log entries. The old catalogue is
// replaced only when the new one is complete. Records that cannot be read are
// logged and passed over; their log entries are kept as lost, and the old
// catalogue as catalogue.db.before. With newLog the
// tamper-evident log begins again, under a new key; the old one is kept beside
// it as log.1, log.2, …
func Rebuild(ctx context.Context, dir string, log *slog.Logger, newLog bool) error {
	return RebuildWith(ctx, dir, log, newLog, nil)
}

// RebuildWith is Rebuild; progress, if it is not nil, is told how many bytes of
// the WARC files have been read, of how many.
func RebuildWith(ctx context.Context, dir string, log *slog.Logger, newLog bool, progress func(done, total int64)) error {
	names, err := (&store{dir: filepath.Join(dir, "warc")}).files()
	if err != nil {
		return fmt.Errorf("nothing to rebuild from: %w", err)
	}
	if len(names) == 0 {
		return fmt.Errorf("nothing to rebuild from: %s holds no WARC files", filepath.Join(dir, "warc"))
	}
	lock := flock.New(filepath.Join(dir, "lock"))
	if ok, err := lock.TryLock(); err != nil {
		return fmt.Errorf("lock %s: %w", dir, err)
	} else if !ok {
		return fmt.Errorf("%s: %w", dir, ErrLocked)
	}
	defer lock.Unlock()
	fresh := filepath.Join(dir, "catalogue.db.new")
	if err := removeDatabase(fresh); err != nil {
		return err
	}
	if newLog {
		if err := setLogAside(dir); err != nil {
			return err
		}
	}
	a := &Archive{dir: dir, log: log, memory: newMemory(), rebuilt: true, anew: newLog}
	if progress != nil {
		var done int64
		total := warcBytes(dir)
		a.progress = func(n int64) { done += n; progress(done, total) }
	}
	if err := a.openLocked(filepath.Base(fresh)); err != nil {
		return errors.Join(fmt.Errorf("rebuild: %w", err), removeDatabase(fresh))
	}
	var lost int
	err = a.write.QueryRowContext(ctx, `SELECT count(*) FROM leaf WHERE kind NOT IN ($1, $2)`, leafCapture, leafVersion).Scan(&lost)
	if err = errors.Join(err, a.Close()); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	old := filepath.Join(dir, "catalogue.db")
	if lost > 0 {
		if err := keepOld(old, log); err != nil {
			return err
		}
	}
	if err := removeDatabase(old); err != nil {
		return err
	}
	if err := os.Rename(fresh, old); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	return syncDir(dir)
}

// keepOld sets a catalogue aside that may be all that is left of texts whose
// records are lost. One that was set aside before stays.
func keepOld(old string, log *slog.Logger) error {
	aside := old + ".before"
	if _, err := os.Lstat(aside); err == nil {
		return nil
	}
	if _, err := os.Stat(old); err != nil {
		return nil
	}
	for _, suffix := range []string{"-wal", "-shm", ""} {
		if err := os.Rename(old+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("set the old catalogue aside: %w", err)
		}
	}
	log.Warn("records are lost; the old catalogue, which may hold what was read in them, is kept", "file", aside)
	return nil
}

// warcBytes is how large the WARC files of a data directory are together.
func warcBytes(dir string) (n int64) {
	entries, err := os.ReadDir(filepath.Join(dir, "warc"))
	if err != nil {
		return 0
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			n += info.Size()
		}
	}
	return n
}

// setLogAside renames log/ to log.1, or the first number that is free.
func setLogAside(dir string) error {
	for n := 1; ; n++ {
		aside := filepath.Join(dir, fmt.Sprintf("log.%d", n))
		if _, err := os.Lstat(aside); err == nil {
			continue
		}
		if err := os.Rename(filepath.Join(dir, "log"), aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("set the old log aside: %w", err)
		}
		return nil
	}
}

// removeDatabase removes an SQLite file with its journals, if they are there.
func removeDatabase(file string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(file + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove old catalogue: %w", err)
		}
	}
	return nil
}

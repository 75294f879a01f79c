package archive

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gofrs/flock"

	"veille/archive/warc"
)

// recover reads into the catalogue what the WARC files have beyond it, and
// makes the newest file ready to be appended to. On an archive that was closed
// in good order it only looks at file sizes.
func (a *Archive) recover(ctx context.Context) error {
	a.store = &store{dir: filepath.Join(a.dir, "warc"), full: maxFile}
	names, err := a.store.files()
	if err != nil {
		return err
	}
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
		a.log.Error("wARC file is shorter than the catalogue says; run `veille verify`", "file", name, "size", info.Size(), "expected", known)
		return nil // what is there stays readable; a new file will be begun
	}
	if info.Size() > known {
		var broken bool
		if known, broken, err = a.replay(ctx, f, id, name, known); err != nil {
			return err
		}
		if known < info.Size() {
			if !newest || broken { // what is there is kept; a new file will be begun
				a.log.Error("wARC file has an unreadable end; run `veille verify`", "file", name, "offset", known)
				return nil
			}
			a.log.Warn("cut off the torn tail of an interrupted write", "file", name, "offset", known, "bytes", info.Size()-known)
			if err := f.Truncate(known); err != nil {
				return fmt.Errorf("cut torn tail of %s: %w", name, err)
			}
		}
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

// A replayer gathers the records of one group at a time and lists each whole
// group in the catalogue.
type replayer struct {
	a        *Archive
	file     int64
	name     string
	group    *group                // records since the last group ended
	damaged  bool                  // a record of this group could not be read
	versions map[Seq]savedTogether // conversions of the group being read
}

// savedTogether is a version with the record that it was read back from.
type savedTogether struct {
	version *Version
	place   versionPlace
}

// replay reads the records of a file from an offset on and lists them. A
// record that cannot be read is reported and passed over. It returns the
// offset up to which all groups are whole, and whether what follows is damage
// rather than an interrupted write.
func (a *Archive) replay(ctx context.Context, f io.ReaderAt, id int64, name string, from int64) (whole int64, broken bool, err error) {
	p := &replayer{a: a, file: id, name: name, group: &group{}, versions: map[Seq]savedTogether{}}
	r := warc.NewReader(io.NewSectionReader(f, from, 1<<62-from), from)
	whole = from
	for {
		tx, err := a.write.BeginTx(ctx, nil)
		if err != nil {
			return whole, false, fmt.Errorf("write to catalogue: %w", err)
		}
		end, done, err := p.batch(ctx, tx, r, whole)
		if err != nil {
			tx.Rollback()
			return whole, false, err
		}
		if err := tx.Commit(); err != nil {
			return whole, false, fmt.Errorf("commit to catalogue: %w", err)
		}
		whole, a.tree.fresh = end, nil
		if done {
			return whole, p.damaged, nil
		}
	}
}

// batch lists up to some hundred groups in one transaction.
func (p *replayer) batch(ctx context.Context, tx *sql.Tx, r *warc.Reader, whole int64) (end int64, done bool, err error) {
	_, err = tx.ExecContext(ctx, `INSERT INTO file (id, name, size) VALUES ($1, $2, 0) ON CONFLICT (id) DO NOTHING`, p.file, p.name)
	if err != nil {
		return whole, false, fmt.Errorf("list WARC file: %w", err)
	}
	last := int64(-1)
	for range 1000 {
		rec, span, err := r.Next()
		if errors.Is(err, warc.ErrMalformed) && span.Offset > last {
			p.a.log.Error("wARC record cannot be read and is passed over; run `veille verify`", "file", p.name, "err", err)
			last, p.damaged, p.group = span.Offset, true, &group{}
			continue
		}
		if err == io.EOF || errors.Is(err, warc.ErrTorn) || errors.Is(err, warc.ErrMalformed) {
			done = true
			break
		}
		if err != nil {
			return whole, false, fmt.Errorf("read %s: %w", p.name, err)
		}
		closed, err := p.record(ctx, tx, rec, location{p.file, span.Offset, span.Length})
		if err != nil {
			return whole, false, fmt.Errorf("read %s, offset %d: %w", p.name, span.Offset, err)
		}
		if closed {
			whole, p.damaged = span.Offset+span.Length, false
		}
	}
	_, err = tx.ExecContext(ctx, `UPDATE file SET size = $1 WHERE id = $2`, whole, p.file)
	if err != nil {
		return whole, false, fmt.Errorf("note size of %s: %w", p.name, err)
	}
	return whole, done, nil
}

// record takes one record; it reports whether a group ends with it.
func (p *replayer) record(ctx context.Context, tx *sql.Tx, rec *warc.Record, at location) (closed bool, err error) {
	switch {
	case rec.Type() == warc.TypeInfo:
		p.group = &group{}
		return true, nil
	case rec.Get("Veille-Seq") != "":
		p.group.take(rec, at)
		g := p.group
		p.group = &group{}
		return true, p.capture(ctx, tx, g)
	case rec.Get("Content-Type") == typeVersion:
		return false, p.conversion(rec, at)
	case rec.Get("Content-Type") == typeReadings:
		return true, p.readings(ctx, tx, rec)
	}
	p.group.take(rec, at) // a request, a redirect, notes
	return false, nil
}

func (p *replayer) conversion(rec *warc.Record, at location) error {
	v, err := parseVersion(rec)
	if err != nil {
		return err
	}
	leaf := int64(-1)
	if s := rec.Get("Veille-Leaf"); s != "" {
		if leaf, err = strconv.ParseInt(s, 10, 64); err != nil || leaf < 0 {
			return fmt.Errorf("Veille-Leaf is %.30q, not a number", s)
		}
	}
	p.versions[v.ID] = savedTogether{v, versionPlace{at, leaf, recordID{rec.ID(), rec.Type(), rec.Get("WARC-Block-Digest")}}}
	return nil
}

func (p *replayer) capture(ctx context.Context, tx *sql.Tx, g *group) error {
	e, err := entryOf(g)
	if err != nil {
		return err
	}
	if e.seq < p.a.nextCapture {
		return nil // listed before
	}
	page, err := p.a.pageRow(ctx, tx, e.url)
	if err != nil {
		return err
	}
	p.a.nextCapture = e.seq + 1
	if e.leaf < 0 {
		e.leaf = p.a.tree.size
	}
	if p.damaged { // not all of what was signed can be read
		if e.hash, err = p.a.journal.hash(e.leaf); err != nil {
			return err
		}
	}
	return p.a.apply(ctx, tx, e, page)
}

// readings lists what a group of readings says, as it was when they were made.
func (p *replayer) readings(ctx context.Context, tx *sql.Tx, rec *warc.Record) error {
	var s savedReadings
	if err := json.Unmarshal(rec.Block, &s); err != nil {
		return fmt.Errorf("readings record: %w", err)
	}
	w := &weaver{a: p.a, tx: tx, keep: p.kept, again: true}
	for _, r := range s.Readings {
		if err := p.reading(ctx, w, r); err != nil {
			return fmt.Errorf("reading of capture %d: %w", r.Capture, err)
		}
	}
	if err := w.settle(ctx); err != nil {
		return err
	}
	clear(p.versions)
	return setCursor(ctx, tx, Extract, s.Upto)
}

func (p *replayer) reading(ctx context.Context, w *weaver, r savedReading) error {
	again := &Reading{Capture: r.Capture, Class: r.Class, Reason: r.Reason}
	w.shows = r.Shows
	if r.Version != 0 {
		if r.Version < p.a.nextVersion {
			return nil // listed before
		}
		saved := p.versions[r.Version]
		if saved.version == nil {
			p.a.log.Error("version has no readable conversion record; run `veille verify`", "version", r.Version, "capture", r.Capture)
			p.a.nextVersion = r.Version + 1
			return nil
		}
		again.Version = saved.version
		p.a.nextVersion = r.Version
	}
	_, err := w.reading(ctx, again)
	if errors.Is(err, errNoCapture) { // its record is lost, and was reported
		return nil
	}
	return err
}

// kept finds the conversion record that was written for a version.
func (p *replayer) kept(_ context.Context, _ *sql.Tx, v *Version) (versionPlace, error) {
	saved := p.versions[v.ID]
	if saved.version == nil {
		return versionPlace{}, fmt.Errorf("version %d has no conversion record before it", v.ID)
	}
	if saved.place.leaf < 0 {
		saved.place.leaf = p.a.tree.size
	}
	v.Cause = saved.version.Cause
	return saved.place, nil
}

// Rebuild makes dir's catalogue anew from its WARC files, with the same
// numbers of captures, versions, pages and log entries. The old catalogue is
// replaced only when the new one is complete. Records that cannot be read are
// logged and passed over; their log entries are kept as lost. With newLog the
// tamper-evident log begins again, under a new key; the old one is kept beside
// it as log.1, log.2, …
func Rebuild(ctx context.Context, dir string, log *slog.Logger, newLog bool) error {
	if _, err := os.Stat(filepath.Join(dir, "warc")); err != nil {
		return fmt.Errorf("nothing to rebuild from: %w", err)
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
	a, err := openLocked(dir, log, fresh, newLog)
	if err != nil {
		return errors.Join(fmt.Errorf("rebuild: %w", err), removeDatabase(fresh))
	}
	if err := a.Close(); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	old := filepath.Join(dir, "catalogue.db")
	if err := removeDatabase(old); err != nil {
		return err
	}
	if err := os.Rename(fresh, old); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	return syncDir(dir)
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

package archive

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"veille/archive/warc"
)

// maxFile is the size at which a new WARC file is begun (1 GiB, as the WARC
// 1.1 guidelines advise); a new one is begun each day as well. What is flushed
// together lies in one file, so that a file may become somewhat larger, and
// hold the first minutes of the next day.
const maxFile = 1 << 30

// A store appends records to the newest WARC file of a data directory.
//
// Files are called veille-NNNNN-YYYYMMDD.warc.gz; NNNNN only grows, so that
// the order of names is the order of writing. Each begins with a warcinfo
// record. Records are gathered in memory by append, written and fsynced
// together by flush, and cut off again by undo.
type store struct {
	dir  string // the warc directory
	full int64  // the size at which a new file is begun
	w    warc.Writer

	id   int64 // the open file's row
	name string
	day  string
	file *os.File // nil before the first append
	size int64    // of the open file, without what is only gathered
	base int64    // size before the last flush
}

// files lists the WARC files of the directory in the order of writing.
func (s *store) files() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("list WARC files: %w", err)
	}
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "veille-") && strings.HasSuffix(e.Name(), ".warc.gz") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// A location is where a record lies.
type location struct {
	file        int64
	pos, length int64
}

// append gathers a record and says where it will lie. begin must have been
// called since the last flush.
func (s *store) append(r *warc.Record) (location, error) {
	span, err := s.w.Append(r)
	if err != nil {
		return location{}, err
	}
	return location{s.id, s.size + span.Offset, span.Length}, nil
}

// begin sees to it that a file is open for records of time t, with its row in
// the catalogue. Only what happens now begins a new file with a new day (live);
// what others saw years ago, and readings, go where there is room.
func (s *store) begin(ctx context.Context, tx *txn, t time.Time, live bool) error {
	day := t.UTC().Format("20060102")
	gathered := len(s.w.Bytes()) > 0 // for the open file, by offset
	if s.file != nil && (gathered || s.size < s.full && (s.day >= day || !live)) {
		return nil
	}
	if s.file != nil {
		if err := s.file.Close(); err != nil {
			return fmt.Errorf("close %s: %w", s.name, err)
		}
		s.file = nil
	}
	s.id++
	s.day = day
	s.name = fmt.Sprintf("veille-%05d-%s.warc.gz", s.id, day)
	f, err := os.OpenFile(filepath.Join(s.dir, s.name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		s.id--
		return fmt.Errorf("create WARC file: %w", err)
	}
	s.file, s.size, s.base = f, 0, 0
	if err := syncDir(s.dir); err != nil {
		return err
	}
	if err := s.addRow(ctx, tx); err != nil {
		return err
	}
	info := warc.New(warc.TypeInfo, t, "application/warc-fields", []byte(
		"software: Veille\r\nformat: WARC File Format 1.1\r\n"+
			"conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"))
	info.Set("WARC-Filename", s.name)
	_, err = s.append(info)
	return err
}

func (s *store) addRow(ctx context.Context, tx *txn) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO file (id, name, size) VALUES ($1, $2, 0)
		ON CONFLICT (id) DO NOTHING`, s.id, s.name)
	if err != nil {
		return fmt.Errorf("list WARC file: %w", err)
	}
	return nil
}

// flush writes what was gathered and waits until it is on disk.
func (s *store) flush(ctx context.Context, tx *txn) error {
	b := s.w.Bytes()
	if len(b) == 0 {
		return nil
	}
	s.base = s.size
	if _, err := s.file.WriteAt(b, s.size); err != nil {
		return s.cut(fmt.Errorf("append to %s: %w", s.name, err))
	}
	if err := fdatasync(s.file); err != nil {
		return s.cut(fmt.Errorf("sync %s: %w", s.name, err))
	}
	s.size += int64(len(b))
	if _, err := tx.ExecContext(ctx, `UPDATE file SET size = $1 WHERE id = $2`, s.size, s.id); err != nil {
		return s.cut(fmt.Errorf("note size of %s: %w", s.name, err))
	}
	return nil
}

// undo takes the last flush back.
func (s *store) undo() error {
	if s.file == nil || s.base == s.size {
		return nil
	}
	return s.cut(nil)
}

// cut shortens the file to what it held before the last flush and returns err,
// joined by what went wrong in cutting; a file that cannot be cut is not
// written to again.
func (s *store) cut(err error) error {
	s.size = s.base
	if terr := s.file.Truncate(s.base); terr != nil {
		err = errors.Join(err, fmt.Errorf("cut %s back to %d bytes: %w", s.name, s.base, terr), s.file.Close())
		s.file = nil
	}
	return err
}

// done forgets the last flush: it is durable now.
func (s *store) done() {
	s.base = s.size
	s.w.Reset()
}

// forget drops what was gathered. A file that has nothing yet is closed and
// removed, so that its name can be used again.
func (s *store) forget() {
	s.w.Reset()
	if s.file != nil && s.size == 0 {
		s.file.Close()
		os.Remove(filepath.Join(s.dir, s.name))
		s.file = nil
		s.id--
	}
}

func (s *store) close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// syncDir makes a new file's name durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync directory %s: %w", dir, err)
	}
	return nil
}

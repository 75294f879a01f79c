package evidence

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"veille/archive"
	"veille/archive/wacz"
	"veille/archive/warc"
	"veille/source"
)

// UnclaimedSource is the source of imported captures that no source names.
const UnclaimedSource = "imported"

// Bounds of one batch of captures.
const (
	importBatch = 64
	importBytes = 16 << 20
	maxSpool    = 64 << 30 // of a file that has to be decompressed as a whole,
	maxGrowth   = 100      // and by how much it may grow,
	minGrowth   = 64 << 20 // but for small ones
	maxFound    = 2 << 20  // captures of one file
	maxPage     = 15 << 20 // of a body that is read, decoded
)

// ErrNotWARC is wrapped by the error about a file that is neither WARC nor WACZ.
var ErrNotWARC = errors.New("neither a WARC nor a WACZ file")

// An Importer takes captures of other crawlers into the archive. Fields are
// set before its first use; it is not safe for concurrent use.
type Importer struct {
	Archive *archive.Archive
	Sources *source.List
	// Source is the source that all captures shall belong to; "": the one that
	// names their address, or UnclaimedSource.
	Source string
	Now    func() time.Time
	Log    *slog.Logger
	// Progress is told how far each stage of the work on a file has come, and what
	// the stage is and counts; nil if nobody wants to know.
	Progress func(done, total int64, what string)

	missed map[place]bool // answers that repeat one not seen yet; nil if none is to come
	only   map[place]bool // if not nil, all that is to be taken
}

// An ImportReport says what one or more files brought.
type ImportReport struct {
	Captures   int       `json:"captures"`   // that are new
	Duplicates int       `json:"duplicates"` // that the archive had
	Other      int       `json:"other"`      // records of images, scripts and other things that are no pages
	Skipped    []Skipped `json:"skipped"`    // that could not be taken; never nil
}

// A Skipped record could not be taken.
type Skipped struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"`
	Reason string `json:"reason"`
}

// Files imports files, WARC files and WACZ, in whatever order they are given.
// Their captures come each at its own time; those the archive has already, by
// address, time and payload, are counted and left. What cannot be read is
// reported and passed over. A file that is none, and a WACZ whose digests are
// wrong, is refused as a whole; the others are imported all the same, and the
// error names it.
//
// Captures become durable in batches, each whole or not at all. An import may
// be interrupted and repeated: what was added stays, and is a duplicate the
// next time. Answers that repeat one which is in none of the files are found in
// the archive, whichever file brought it.
func (i *Importer) Files(ctx context.Context, names []string, rep *ImportReport) error {
	i.clean()
	var errs []error
	waiting := map[string]map[place]bool{}
	for _, name := range names {
		i.only, i.missed = nil, nil
		if len(names) > 1 {
			i.missed = map[place]bool{}
		}
		err := i.file(ctx, name, rep)
		if err != nil && !refused(err) {
			return errors.Join(append(errs, err)...)
		}
		errs = append(errs, err)
		if len(i.missed) > 0 {
			waiting[name] = i.missed
		}
	}
	i.missed = nil
	for _, name := range names { // once more, for what repeats answers of a later file
		if i.only = waiting[name]; i.only == nil {
			continue
		}
		delete(waiting, name)
		if err := i.file(ctx, name, rep); err != nil {
			return errors.Join(append(errs, err)...)
		}
	}
	return errors.Join(errs...)
}

// A place is where a record lies.
type place struct {
	file   string
	offset int64
}

// refused reports whether an error is about one file and no other.
func refused(err error) bool {
	for _, e := range []error{ErrNotWARC, wacz.ErrMalformed, warc.ErrMalformed, fs.ErrNotExist, fs.ErrPermission} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// clean removes what an import that was killed left behind.
func (i *Importer) clean() {
	for _, pattern := range []string{"import-*.warc", "wacz-*.warc"} {
		files, err := filepath.Glob(filepath.Join(i.Archive.Dir(), pattern))
		if err != nil {
			continue
		}
		for _, f := range files {
			os.Remove(f) // if it stays it is only in the way
		}
	}
}

func (i *Importer) file(ctx context.Context, name string, rep *ImportReport) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if info.IsDir() {
		return fmt.Errorf("import %s: %w: it is a directory; name the files in it", name, ErrNotWARC)
	}
	var sign [8]byte
	n, err := f.ReadAt(sign[:], 0)
	if err != nil && err != io.EOF {
		return fmt.Errorf("import: %w", err)
	}
	base := filepath.Base(name)
	switch head := sign[:n]; {
	case bytes.HasPrefix(head, []byte("PK")):
		err = i.wacz(ctx, f, info.Size(), base, rep)
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}), bytes.HasPrefix(head, []byte("WARC/")):
		err = i.warc(ctx, f, info.Size(), base, rep)
	default:
		err = ErrNotWARC
	}
	if err != nil {
		return fmt.Errorf("import %s: %w", name, err)
	}
	return nil
}

func (i *Importer) wacz(ctx context.Context, r io.ReaderAt, size int64, base string, rep *ImportReport) error {
	z, err := wacz.Open(r, size)
	if err != nil {
		return err
	}
	problems, err := z.Verify()
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return fmt.Errorf("%w: nothing of it is taken: %s", wacz.ErrMalformed, strings.Join(problems, "; "))
	}
	for _, name := range z.WARCs() {
		w, err := z.WARC(r, name, i.Archive.Dir())
		if err != nil {
			return err
		}
		err = i.warc(ctx, w, w.Size, base+"/"+name, rep)
		if err := errors.Join(err, w.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (i *Importer) warc(ctx context.Context, r io.ReaderAt, size int64, name string, rep *ImportReport) error {
	f := &warcFile{Importer: i, r: r, size: size, name: name, rep: rep}
	if i.only != nil { // what else is there was reported before
		f.rep = &ImportReport{}
	}
	whole, err := f.survey(ctx)
	if err != nil {
		return err
	}
	f.rep = rep
	if whole {
		return f.spool(ctx)
	}
	all := f.found
	if i.only != nil {
		f.found = slices.DeleteFunc(slices.Clone(all), func(x found) bool { return !i.only[place{name, x.offset}] })
	}
	slices.SortStableFunc(f.found, func(a, b found) int {
		if c := a.time.Compare(b.time); c != 0 {
			return c
		}
		return cmp.Compare(a.offset, b.offset)
	})
	f.originals(all)
	return f.take(ctx)
}

// spool decompresses a file that is one gzip member, and imports that.
func (f *warcFile) spool(ctx context.Context) error {
	tmp, err := os.CreateTemp(f.Archive.Dir(), "import-*.warc")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	gz, err := gzip.NewReader(bufio.NewReader(io.NewSectionReader(f.r, 0, f.size)))
	if err != nil {
		return fmt.Errorf("%w: %w", warc.ErrMalformed, err)
	}
	limit := min(max(minGrowth, f.size*maxGrowth), maxSpool)
	n, err := io.Copy(tmp, io.LimitReader(&ctxReader{ctx, gz}, limit+1))
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case n > limit:
		return fmt.Errorf("%w: its %d bytes become more than %d when they are decompressed; nothing of it is taken", warc.ErrMalformed, f.size, limit)
	case err != nil && n == 0:
		return fmt.Errorf("%w: %w", warc.ErrMalformed, err)
	case err != nil: // what came before is read all the same
		if f.only == nil {
			f.skip(f.size, fmt.Sprintf("the compressed file breaks off after %d bytes: %v", n, err))
		}
	}
	return f.warc(ctx, tmp, n, f.name, f.rep)
}

// A ctxReader reads until ctx ends.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements [io.Reader].
func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

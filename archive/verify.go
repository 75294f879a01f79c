package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"veille/archive/warc"
)

// A Report says what Verify found.
type Report struct {
	Captures int64    `json:"captures"`
	Versions int64    `json:"versions"`
	OK       bool     `json:"ok"`
	Problems []string `json:"problems"` // each names file, offset and what is affected; never nil
}

func (r *Report) problem(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

// Verify reads every record of every WARC file again and checks its digests;
// from what it reads it makes a second catalogue, and holds the catalogue and
// the tamper-evident log against that, row by row. Damage is reported, with
// file, offset and what is affected, and not repaired; what lies behind it is
// checked all the same. The error is for what kept it from looking.
func (a *Archive) Verify(ctx context.Context) (*Report, error) { return a.VerifyWith(ctx, nil) }

// VerifyWith is Verify; progress, if it is not nil, is told how many bytes of
// the WARC files have been read, of how many.
func (a *Archive) VerifyWith(ctx context.Context, progress func(done, total int64)) (*Report, error) {
	a.mu.Lock() // so that no batch is half there
	defer a.mu.Unlock()
	v := &verifier{a: a, rep: &Report{Problems: []string{}}, progress: progress, total: warcBytes(a.dir)}
	if err := v.openShadow(ctx); err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	err := v.verify(ctx)
	if err = errors.Join(err, v.dropShadow()); err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	v.rep.OK = len(v.rep.Problems) == 0
	return v.rep, nil
}

// A verifier is one Verify.
type verifier struct {
	a      *Archive
	rep    *Report
	shadow *Archive // the second catalogue
	// damaged reports that records are missing in the shadow, so that what
	// follows from all of them together is not the same.
	damaged bool

	progress    func(done, total int64)
	done, total int64
}

const shadowName = "catalogue.db.verify"

// openShadow makes an archive over the same WARC files and the same log, with
// an empty catalogue. It only ever writes to that.
func (v *verifier) openShadow(ctx context.Context) (err error) {
	name := filepath.Join(v.a.dir, shadowName)
	if err := removeDatabase(name); err != nil {
		return err
	}
	j := *v.a.journal
	j.broken, j.proven, j.noted, j.signed = nil, 0, 0, 0
	j.latest, err = os.ReadFile(j.file("checkpoint"))
	if err == nil && j.signer != nil {
		if err := j.prove(); err != nil {
			return err
		}
	}
	s := &Archive{dir: v.a.dir, log: slog.New(slog.DiscardHandler), memory: newMemory(), journal: &j, store: v.a.store, rebuilt: true,
		nextCapture: 1, nextPage: 1, nextVersion: 1}
	if s.codec, err = newBlockCodec(); err != nil {
		return err
	}
	if s.write, s.read, err = openCatalogue(ctx, name, true); err != nil {
		s.codec.close()
		return err
	}
	v.shadow = s
	return nil
}

func (v *verifier) dropShadow() error {
	v.shadow.codec.close()
	return errors.Join(v.shadow.write.Close(), v.shadow.read.Close(), removeDatabase(filepath.Join(v.a.dir, shadowName)))
}

func (v *verifier) verify(ctx context.Context) error {
	rows, err := v.a.read.QueryContext(ctx, `SELECT id, name, size FROM file ORDER BY id`)
	files, err := collect(rows, err, func(row scanner) (f verifiedFile, err error) {
		err = row.Scan(&f.id, &f.name, &f.size)
		return f, err
	})
	if err != nil {
		v.rep.problem("catalogue.db: cannot be read (%v): run `veille rebuild`", err)
		return ctx.Err()
	}
	for i := range files {
		files[i].verifier, files[i].newest = v, i == len(files)-1
		if err := files[i].verify(ctx); err != nil {
			return err
		}
	}
	if err := v.shadow.addLostTail(ctx); err != nil {
		v.damaged = true // the checkpoint is; verifyLog says so
	}
	for _, check := range []func(context.Context) error{v.strangers, v.catalogue, v.log} {
		if err := check(ctx); err != nil {
			return err
		}
	}
	return nil
}

// A verifiedFile is one WARC file being checked.
type verifiedFile struct {
	*verifier
	id   int64
	name string
	size int64 // by the catalogue

	newest bool
	bad    int64 // where damage begins whose end has not been found yet, -1: nowhere
}

func (f *verifiedFile) verify(ctx context.Context) error {
	file, err := os.Open(filepath.Join(f.a.dir, "warc", f.name))
	if err != nil {
		f.damaged = true
		f.rep.problem("%s: cannot be opened (%v): %s; restore it from a copy", f.name, errors.Unwrap(err), f.affected(ctx, 0, f.size))
		return ctx.Err()
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	switch {
	case info.Size() < f.size:
		f.damaged = true
		f.rep.problem("%s: is %d bytes long, the catalogue says %d: %s", f.name, info.Size(), f.size, f.affected(ctx, info.Size(), f.size))
	case info.Size() > f.size:
		f.rep.problem("%s: is %d bytes long, the catalogue says %d: what follows is not ours", f.name, info.Size(), f.size)
	}
	f.bad = -1
	end := min(f.size, info.Size())
	records := readAhead(ctx, warc.NewReader(io.NewSectionReader(file, 0, end), 0), true)
	defer records.close()
	p := &replayer{a: f.shadow, file: f.id, name: f.name, newest: f.newest, passed: func(at location, why string) {
		f.damaged = true
		f.rep.problem("%s, offset %d: %s: %s", f.name, at.pos, why, f.affectedAt(ctx, at.pos))
	}}
	_, _, err = p.replay(ctx, func() (*warc.Record, warc.Span, error) { return f.next(ctx, records, end) }, 0)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil { // what the records say cannot be
		f.damaged = true
		f.rep.problem("%s: %v", f.name, err)
	}
	return nil
}

// next is a source that reports what is wrong with each record, and goes on.
func (f *verifiedFile) next(ctx context.Context, records *ahead, end int64) (*warc.Record, warc.Span, error) {
	rec, span, err := records.next()
	switch {
	case errors.Is(err, warc.ErrMalformed), errors.Is(err, warc.ErrTorn):
		f.damaged = true
		f.rep.problem("%s, %v", f.name, err)
		if f.bad < 0 {
			f.bad = span.Offset
		}
		if errors.Is(err, warc.ErrTorn) {
			f.readableAgain(ctx, end)
		}
		return rec, span, err
	case err != nil:
		f.readableAgain(ctx, end)
		return rec, span, err
	}
	f.readableAgain(ctx, span.Offset)
	if f.progress != nil {
		f.done += span.Length
		f.progress(f.done, f.total)
	}
	if name := rec.Get("WARC-Filename"); rec.Type() == warc.TypeInfo && name != f.name {
		f.rep.problem("%s: its first record says that it is %.60s: give it its name back", f.name, name)
		return f.next(ctx, records, end)
	}
	if d := payloadDigest(rec); records.payload != "" && d != records.payload {
		f.rep.problem("%s, offset %d, %s of %s: payload digest is %s, the record says %s: %s", f.name, span.Offset, rec.Type(), rec.Get("WARC-Target-URI"),
			records.payload, d, f.affectedAt(ctx, span.Offset))
	}
	return rec, span, nil
}

// readableAgain says what the damage before an offset affects.
func (f *verifiedFile) readableAgain(ctx context.Context, until int64) {
	if f.bad >= 0 {
		f.rep.problem("%s, offsets %d to %d cannot be read: %s", f.name, f.bad, until, f.affected(ctx, f.bad, until))
		f.bad = -1
	}
}

// affectedAt says which captures and versions the catalogue has where a record
// that can be read begins. Only where it begins counts: if it was altered it may
// have grown over what lay behind it, which is then reported for itself.
func (f *verifiedFile) affectedAt(ctx context.Context, pos int64) string {
	return f.affected(ctx, pos, pos+1)
}

// affected says which captures and versions have records between two offsets.
func (f *verifiedFile) affected(ctx context.Context, from, to int64) string {
	captures, err := f.numbers(ctx, `SELECT seq FROM capture WHERE file = $1 AND pos + length > $2 AND pos + length - span < $3 ORDER BY seq`, from, to)
	if err != nil {
		return err.Error()
	}
	versions, err := f.numbers(ctx, `SELECT id FROM version WHERE file = $1 AND pos + length > $2 AND pos < $3 ORDER BY id`, from, to)
	if err != nil {
		return err.Error()
	}
	var parts []string
	if len(captures) > 0 {
		parts = append(parts, "captures "+ranges(captures))
	}
	if len(versions) > 0 {
		parts = append(parts, "the stored text of versions "+ranges(versions))
	}
	if len(parts) == 0 {
		return "no capture or version is affected"
	}
	return strings.Join(parts, " and ") + " are affected"
}

func (f *verifiedFile) numbers(ctx context.Context, query string, from, to int64) ([]int64, error) {
	rows, err := f.a.read.QueryContext(ctx, query, f.id, from, to)
	return collect(rows, err, func(row scanner) (n int64, err error) {
		err = row.Scan(&n)
		return n, err
	})
}

// ranges writes numbers in order as "3, 5–9".
func ranges(n []int64) string {
	var parts []string
	for i := 0; i < len(n); {
		j := i
		for j+1 < len(n) && n[j+1] == n[j]+1 {
			j++
		}
		if j > i {
			parts = append(parts, fmt.Sprintf("%d–%d", n[i], n[j]))
		} else {
			parts = append(parts, strconv.FormatInt(n[i], 10))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// strangers finds WARC files that the catalogue does not list.
func (v *verifier) strangers(ctx context.Context) error {
	names, err := v.a.store.files()
	if err != nil {
		return err
	}
	for _, name := range names {
		var n int
		if err := v.a.read.QueryRowContext(ctx, `SELECT count(*) FROM file WHERE name = $1`, name).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			v.rep.problem("%s: the catalogue does not list this file; run `veille rebuild`", name)
		}
	}
	return nil
}

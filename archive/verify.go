package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

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

// Verify reads every record of every WARC file again, checks its digests, and
// holds the catalogue against what it reads. Damage is reported, not repaired.
// The error is for what kept it from looking.
func (a *Archive) Verify(ctx context.Context) (*Report, error) {
	a.mu.Lock() // so that no batch is half there
	defer a.mu.Unlock()
	rep := &Report{Problems: []string{}}
	rows, err := a.read.QueryContext(ctx, `SELECT id, name, size FROM file ORDER BY id`)
	type fileRow struct {
		id   int64
		name string
		size int64
	}
	files, err := collect(rows, err, func(row scanner) (f fileRow, err error) {
		err = row.Scan(&f.id, &f.name, &f.size)
		return f, err
	})
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := a.verifyFile(ctx, rep, f.id, f.name, f.size); err != nil {
			return nil, err
		}
	}
	if err := a.verifyCounts(ctx, rep); err != nil {
		return nil, err
	}
	rep.OK = len(rep.Problems) == 0
	return rep, nil
}

func (a *Archive) verifyFile(ctx context.Context, rep *Report, id int64, name string, size int64) error {
	f, err := os.Open(filepath.Join(a.dir, "warc", name))
	if err != nil {
		rep.problem("%s: cannot be opened (%v): its captures cannot be read", name, err)
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("verify %s: %w", name, err)
	}
	if info.Size() != size {
		rep.problem("%s: is %d bytes long, the catalogue says %d", name, info.Size(), size)
	}
	r := warc.NewReader(io.NewSectionReader(f, 0, size), 0)
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("verify: %w", err)
		}
		rec, span, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			rep.problem("%s, %v: what follows in this file was not checked", name, err)
			return nil
		}
		if err := a.verifyRecord(ctx, rep, rec, location{id, span.Offset, span.Length}, name); err != nil {
			return err
		}
	}
}

func (a *Archive) verifyRecord(ctx context.Context, rep *Report, rec *warc.Record, at location, name string) error {
	where := fmt.Sprintf("%s, offset %d, %s of %s", name, at.pos, rec.Type(), rec.Get("WARC-Target-URI"))
	if d := rec.Get("WARC-Block-Digest"); d != "" && d != warc.Digest(rec.Block) {
		rep.problem("%s: block digest is %s, the record says %s", where, warc.Digest(rec.Block), d)
	}
	if d := rec.Get("WARC-Payload-Digest"); d != "" && rec.Type() == warc.TypeResponse {
		if ans, err := parseAnswer(rec.Block); err == nil && d != warc.Digest(ans.payload) {
			rep.problem("%s: payload digest is %s, the record says %s", where, warc.Digest(ans.payload), d)
		}
	}
	switch {
	case rec.Get("Veille-Seq") != "":
		rep.Captures++
		return a.verifyCapture(ctx, rep, rec, at, where)
	case rec.Get("Content-Type") == typeVersion:
		rep.Versions++
		return a.verifyVersion(ctx, rep, rec, where)
	}
	return nil
}

func (a *Archive) verifyCapture(ctx context.Context, rep *Report, rec *warc.Record, at location, where string) error {
	e, err := entryOf(rec, at)
	if err != nil {
		rep.problem("%s: %v", where, err)
		return nil
	}
	var got location
	var url string
	var t int64
	err = a.read.QueryRowContext(ctx, `SELECT c.file, c.pos, c.length, c.time, p.url FROM capture c JOIN page p ON p.id = c.page WHERE c.seq = $1`, e.seq).
		Scan(&got.file, &got.pos, &got.length, &t, &url)
	if err = notExist(err, "capture %d", e.seq); err != nil {
		rep.problem("%s: the catalogue lacks it: %v; run `veille rebuild`", where, err)
		return ctx.Err()
	}
	if got != at || url != e.url || t != ms(e.time) {
		rep.problem("%s: the catalogue has capture %d of %s elsewhere; run `veille rebuild`", where, e.seq, url)
	}
	return nil
}

func (a *Archive) verifyVersion(ctx context.Context, rep *Report, rec *warc.Record, where string) error {
	v, err := parseVersion(rec)
	if err != nil {
		rep.problem("%s: %v", where, err)
		return nil
	}
	got, err := a.Version(ctx, v.ID)
	if err != nil {
		rep.problem("%s: version %d: %v; run `veille rebuild`", where, v.ID, err)
		return ctx.Err()
	}
	if textDigest(got) != textDigest(v) {
		rep.problem("%s: the catalogue has another text for version %d; run `veille rebuild`", where, v.ID)
	}
	return nil
}

// verifyCounts finds rows that have no record.
func (a *Archive) verifyCounts(ctx context.Context, rep *Report) error {
	s, err := a.Stats(ctx)
	if err != nil {
		return err
	}
	if s.Captures != rep.Captures {
		rep.problem("the catalogue lists %d captures, the WARC files hold %d", s.Captures, rep.Captures)
	}
	if s.Versions != rep.Versions {
		rep.problem("the catalogue lists %d versions, the WARC files hold %d", s.Versions, rep.Versions)
	}
	return nil
}

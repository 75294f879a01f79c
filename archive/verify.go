package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

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
// holds the catalogue and the tamper-evident log against what it reads. Damage
// is reported, with file, offset and what is affected, and not repaired; what
// lies behind it is checked all the same. The error is for what kept it from
// looking.
func (a *Archive) Verify(ctx context.Context) (*Report, error) {
	a.mu.Lock() // so that no batch is half there
	defer a.mu.Unlock()
	rep := &Report{Problems: []string{}}
	rows, err := a.read.QueryContext(ctx, `SELECT id, name, size FROM file ORDER BY id`)
	files, err := collect(rows, err, func(row scanner) (f verifiedFile, err error) {
		err = row.Scan(&f.id, &f.name, &f.size)
		return f, err
	})
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		f.a, f.rep = a, rep
		if err := f.verify(ctx); err != nil {
			return nil, err
		}
	}
	for _, check := range []func(context.Context, *Report) error{a.verifyStrangers, a.verifyCounts, a.verifyLog} {
		if err := check(ctx, rep); err != nil {
			return nil, err
		}
	}
	rep.OK = len(rep.Problems) == 0
	return rep, nil
}

// A verifiedFile is one WARC file being checked.
type verifiedFile struct {
	a    *Archive
	rep  *Report
	id   int64
	name string
	size int64 // by the catalogue

	group *group // records since the last group ended
	bad   int64  // where damage begins that has not been reported yet, -1: nowhere
}

func (f *verifiedFile) verify(ctx context.Context) error {
	file, err := os.Open(filepath.Join(f.a.dir, "warc", f.name))
	if err != nil {
		f.rep.problem("%s: cannot be opened (%v): %s", f.name, err, f.affected(ctx, 0, f.size))
		return ctx.Err()
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("verify %s: %w", f.name, err)
	}
	switch {
	case info.Size() < f.size:
		f.rep.problem("%s: is %d bytes long, the catalogue says %d: %s", f.name, info.Size(), f.size, f.affected(ctx, info.Size(), f.size))
	case info.Size() > f.size:
		f.rep.problem("%s: is %d bytes long, the catalogue says %d: what follows is not ours", f.name, info.Size(), f.size)
	}
	f.group, f.bad = &group{}, -1
	r := warc.NewReader(io.NewSectionReader(file, 0, min(f.size, info.Size())), 0)
	last := int64(-1)
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("verify: %w", err)
		}
		rec, span, err := r.Next()
		if err != nil && !errors.Is(err, io.EOF) && span.Offset > last {
			last = span.Offset
			if f.bad < 0 {
				f.bad = span.Offset
			}
			f.rep.problem("%s, %v", f.name, err)
			f.group = &group{}
			continue
		}
		if f.bad >= 0 {
			until := min(f.size, info.Size())
			if err == nil {
				until = span.Offset
			}
			f.rep.problem("%s, offsets %d to %d cannot be read: %s", f.name, f.bad, until, f.affected(ctx, f.bad, until))
			f.bad = -1
		}
		if err != nil {
			return nil // the end, or damage that cannot be passed
		}
		if err := f.record(ctx, rec, location{f.id, span.Offset, span.Length}); err != nil {
			return err
		}
	}
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

// record checks one record, and the group that it ends.
func (f *verifiedFile) record(ctx context.Context, rec *warc.Record, at location) error {
	where := fmt.Sprintf("%s, offset %d, %s of %s", f.name, at.pos, rec.Type(), rec.Get("WARC-Target-URI"))
	if d := rec.Get("WARC-Block-Digest"); d != warc.Digest(rec.Block) {
		f.rep.problem("%s: block digest is %s, the record says %s: %s", where, warc.Digest(rec.Block), d, f.affected(ctx, at.pos, at.pos+at.length))
	}
	if d := payloadDigest(rec); d != "" && rec.Type() == warc.TypeResponse {
		if ans, err := parseAnswer(rec.Block); err == nil && d != warc.Digest(ans.payload) {
			f.rep.problem("%s: payload digest is %s, the record says %s", where, warc.Digest(ans.payload), d)
		}
	}
	f.group.take(rec, at)
	g := f.group
	switch {
	case rec.Type() == warc.TypeInfo, rec.Get("Content-Type") == typeReadings:
		f.group = &group{}
	case rec.Get("Veille-Seq") != "":
		f.group = &group{}
		f.rep.Captures++
		return f.capture(ctx, g, where)
	case rec.Get("Content-Type") == typeVersion:
		f.group = &group{}
		f.rep.Versions++
		return f.version(ctx, g, where)
	}
	return nil
}

func (f *verifiedFile) capture(ctx context.Context, g *group, where string) error {
	e, err := entryOf(g)
	if err != nil {
		f.rep.problem("%s: %v", where, err)
		return nil
	}
	var got location
	var url string
	var t, leaf int64
	err = f.a.read.QueryRowContext(ctx, `SELECT c.file, c.pos, c.length, c.time, c.leaf, p.url FROM capture c JOIN page p ON p.id = c.page WHERE c.seq = $1`, e.seq).
		Scan(&got.file, &got.pos, &got.length, &t, &leaf, &url)
	if err = notExist(err, "capture %d", e.seq); err != nil {
		f.rep.problem("%s: the catalogue lacks it: %v; run `veille rebuild`", where, err)
		return ctx.Err()
	}
	if got != g.at || url != e.url || t != ms(e.time) {
		f.rep.problem("%s: the catalogue has capture %d of %s elsewhere; run `veille rebuild`", where, e.seq, url)
	}
	return f.logged(ctx, leaf, e.logEntry(), fmt.Sprintf("%s: capture %d", where, e.seq))
}

func (f *verifiedFile) version(ctx context.Context, g *group, where string) error {
	v, err := parseVersion(g.closing)
	if err != nil {
		f.rep.problem("%s: %v", where, err)
		return nil
	}
	got, err := f.a.Version(ctx, v.ID)
	if err != nil {
		f.rep.problem("%s: version %d: %v; run `veille rebuild`", where, v.ID, err)
		return ctx.Err()
	}
	if textDigest(got) != textDigest(v) {
		f.rep.problem("%s: the catalogue has another text for version %d; run `veille rebuild`", where, v.ID)
	}
	return f.logged(ctx, got.Leaf, versionEntry(v.ID, v.Capture, g.records[len(g.records)-1]), fmt.Sprintf("%s: version %d", where, v.ID))
}

// logged holds an entry, as its records give it, against the log.
func (f *verifiedFile) logged(ctx context.Context, leaf int64, entry []byte, what string) error {
	h, err := hashReader(ctx, f.a.read).ReadHashes([]int64{tlog.StoredHashIndex(0, leaf)})
	if err != nil {
		f.rep.problem("%s is not in the log: %v; run `veille rebuild`", what, err)
		return ctx.Err()
	}
	if h[0] != tlog.RecordHash(entry) {
		f.rep.problem("%s is not what entry %d of the log says", what, leaf)
	}
	return nil
}

// verifyStrangers finds WARC files that the catalogue does not list.
func (a *Archive) verifyStrangers(ctx context.Context, rep *Report) error {
	names, err := a.store.files()
	if err != nil {
		return err
	}
	for _, name := range names {
		var n int
		if err := a.read.QueryRowContext(ctx, `SELECT count(*) FROM file WHERE name = $1`, name).Scan(&n); err != nil {
			return fmt.Errorf("verify: %w", err)
		}
		if n == 0 {
			rep.problem("%s: the catalogue does not list this file; run `veille rebuild`", name)
		}
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

// verifyLog computes the log's root again from its entries' hashes and holds it
// against the last checkpoint.
func (a *Archive) verifyLog(ctx context.Context, rep *Report) error {
	rows, err := a.read.QueryContext(ctx, `SELECT id FROM leaf WHERE kind = $1 ORDER BY id`, leafLost)
	lost, err := collect(rows, err, func(row scanner) (n int64, err error) {
		err = row.Scan(&n)
		return n, err
	})
	if err != nil {
		return err
	}
	if len(lost) > 0 {
		rep.problem("the records of entries %s of the log are lost", ranges(lost))
	}
	c, err := ParseCheckpoint(a.journal.latest, a.journal.public)
	if err != nil {
		rep.problem("log/checkpoint: %v", err)
		return nil
	}
	if c.Size > a.tree.size {
		rep.problem("log/checkpoint is of %d entries, the archive holds %d: the last ones were removed", c.Size, a.tree.size)
		return nil
	}
	root, err := a.rootAgain(ctx, c.Size)
	if err != nil {
		rep.problem("log: %v", err)
		return ctx.Err()
	}
	if root != c.Root {
		rep.problem("log: the first %d entries have the root %s, the signed checkpoint says %s: entries were altered, removed or put in", c.Size, root, c.Root)
	}
	return nil
}

// rootAgain computes the root of the first n entries from nothing but their
// own hashes (RFC 6962 §2.1).
func (a *Archive) rootAgain(ctx context.Context, n int64) (tlog.Hash, error) {
	var stack []tlog.Hash // of perfect trees, larger ones first
	reader := hashReader(ctx, a.read)
	for i := range n {
		h, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
		if err != nil {
			return tlog.Hash{}, err
		}
		stack = append(stack, h[0])
		for k := i; k&1 == 1; k >>= 1 {
			top := len(stack) - 1
			stack = append(stack[:top-1], tlog.NodeHash(stack[top-1], stack[top]))
		}
	}
	if len(stack) == 0 {
		return emptyTree, nil
	}
	root := stack[len(stack)-1]
	for i := len(stack) - 2; i >= 0; i-- {
		root = tlog.NodeHash(stack[i], root)
	}
	return root, nil
}

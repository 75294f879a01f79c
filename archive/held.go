package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"veille/archive/warc"
)

// HeldPages yields everything that was ever captured for a source ("": for
// all) in the order in which it was first captured: pages, robots files and
// listings. It ends at the first error, which it yields.
func (a *Archive) HeldPages(ctx context.Context, source string) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		var after PageID
		for {
			rows, err := a.read.QueryContext(ctx, pageColumns+pageLooks+
				`WHERE p.id > $1 AND ($2 = '' OR p.source = $3) ORDER BY p.id LIMIT 256`, after, source, source)
			batch, err := collect(rows, err, scanPage)
			if err != nil {
				yield(nil, fmt.Errorf("pages after %d: %w", after, err))
				return
			}
			for _, p := range batch {
				if !yield(p, nil) {
					return
				}
				after = p.ID
			}
			if len(batch) == 0 {
				return
			}
		}
	}
}

// A Holding says where the record of a capture's answer lies and what its
// payload is, if need be in the capture whose payload it repeats.
type Holding struct {
	Status  int    // of the capture
	Payload string // labelled digest, "sha256:" and hex; "" where there is none
	File    string // name of the WARC file
	Offset  int64  // of the record in it
}

// Holding returns where a capture lies. For an unknown number the error wraps
// [fs.ErrNotExist].
func (a *Archive) Holding(ctx context.Context, seq Seq) (h Holding, err error) {
	err = a.read.QueryRowContext(ctx, `SELECT c.status, CASE WHEN c.refers = 0 THEN c.payload ELSE coalesce(o.payload, '') END, f.name, c.pos
		FROM capture c JOIN file f ON f.id = c.file LEFT JOIN capture o ON o.seq = c.refers WHERE c.seq = $1`, seq).
		Scan(&h.Status, &h.Payload, &h.File, &h.Offset)
	return h, notExist(err, "capture %d", seq)
}

// Shown counts the captures that show a version.
func (a *Archive) Shown(ctx context.Context, version Seq) (n int, err error) {
	if err := a.read.QueryRowContext(ctx, `SELECT count(*) FROM capture c JOIN version v ON v.page = c.page
		WHERE v.id = $1 AND c.version = v.id`, version).Scan(&n); err != nil {
		return 0, fmt.Errorf("looks that show version %d: %w", version, err)
	}
	return n, nil
}

// CountCaptures counts the captures of a source ("": all).
func (a *Archive) CountCaptures(ctx context.Context, source string) (n int64, err error) {
	if err := a.read.QueryRowContext(ctx, `SELECT count(*) FROM capture c JOIN page p ON p.id = c.page WHERE $1 = '' OR p.source = $2`,
		source, source).Scan(&n); err != nil {
		return 0, fmt.Errorf("count captures: %w", err)
	}
	return n, nil
}

// CountSince counts, by source, the captures of watched pages that were made
// after a time.
func (a *Archive) CountSince(ctx context.Context, after time.Time) (map[string]int, error) {
	rows, err := a.read.QueryContext(ctx, `SELECT p.source, (SELECT count(*) FROM capture c WHERE c.page = p.id AND c.time > $1)
		FROM page p WHERE p.purpose = 'page'`, ms(after))
	if err != nil {
		return nil, fmt.Errorf("count captures: %w", err)
	}
	defer rows.Close()
	count := map[string]int{}
	for rows.Next() {
		var source string
		var n int
		if err := rows.Scan(&source, &n); err != nil {
			return nil, fmt.Errorf("count captures: %w", err)
		}
		count[source] += n
	}
	return count, rows.Err()
}

// An Answer is a response or revisit record, redirects too: what an index for
// replay lists.
type Answer struct {
	URL     string
	Time    time.Time
	Status  int
	MIME    string // of the payload, without parameters; "" if it is not given
	Payload string // labelled digest of the payload, "" where it is another record's
	Revisit bool
	Refers  Seq    // the capture whose payload it repeats, 0 otherwise
	File    string // name of its WARC file, "" if it was not read from one of ours
	Offset  int64
	Length  int64
}

// AnswersIn yields the answers whose records lie in a WARC file, in order.
// What cannot be read is yielded as an error; it may be gone on with.
func AnswersIn(r io.Reader) iter.Seq2[*Answer, error] {
	return func(yield func(*Answer, error) bool) {
		records := warc.NewReader(r, 0)
		for {
			rec, span, err := records.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				if !yield(nil, err) || !errors.Is(err, warc.ErrMalformed) {
					return
				}
				continue
			}
			if x := answerIn(rec, span); x != nil && !yield(x, nil) {
				return
			}
		}
	}
}

// answerIn is nil for a record that is no answer, or none of HTTP.
func answerIn(rec *warc.Record, span warc.Span) *Answer {
	if rec.Type() != warc.TypeResponse && rec.Type() != warc.TypeRevisit && rec.Type() != warc.TypeResource {
		return nil
	}
	ans, err := parseAnswer(answerOf(rec))
	at, dateErr := rec.Date()
	if err != nil || dateErr != nil {
		return nil
	}
	x := &Answer{URL: rec.URI(), Time: at, Status: ans.status, Payload: payloadDigest(rec), Revisit: rec.Type() == warc.TypeRevisit,
		Offset: span.Offset, Length: span.Length}
	x.MIME, _, _ = strings.Cut(ans.header.Get("Content-Type"), ";")
	x.MIME = strings.ToLower(strings.TrimSpace(x.MIME))
	if n, err := strconv.ParseInt(rec.Get("Veille-Refers"), 10, 64); err == nil {
		x.Refers = Seq(n)
	}
	if !x.Revisit && x.Payload == "" { // a redirect
		x.Payload = warc.Digest(ans.payload)
	}
	return x
}

// Answers yields the answers of all WARC files, in the order of writing; done
// is called with the bytes read so far and in all, and may be nil. What cannot
// be read is yielded as an error; it may be gone on with.
func (a *Archive) Answers(ctx context.Context, done func(read, all int64)) iter.Seq2[*Answer, error] {
	return func(yield func(*Answer, error) bool) {
		rows, err := a.read.QueryContext(ctx, `SELECT id, name, size FROM file ORDER BY id`)
		files, err := collect(rows, err, func(row scanner) (f verifiedFile, err error) {
			err = row.Scan(&f.id, &f.name, &f.size)
			return f, err
		})
		if err != nil {
			yield(nil, err)
			return
		}
		var read, all int64
		for _, f := range files {
			all += f.size
		}
		for _, f := range files {
			more := a.answersOf(ctx, &f, func(x *Answer, err error) bool {
				if done != nil && x != nil {
					done(read+x.Offset+x.Length, all)
				}
				return yield(x, err)
			})
			if !more {
				return
			}
			read += f.size
		}
	}
}

// answersOf reads one file as far as the catalogue knows it: what lies behind
// that is being written.
func (a *Archive) answersOf(ctx context.Context, f *verifiedFile, yield func(*Answer, error) bool) bool {
	file, err := os.Open(filepath.Join(a.dir, "warc", f.name))
	if err != nil {
		return yield(nil, fmt.Errorf("read WARC: %w", err))
	}
	defer file.Close()
	for x, err := range AnswersIn(io.NewSectionReader(file, 0, f.size)) {
		if ctx.Err() != nil {
			yield(nil, ctx.Err())
			return false
		}
		if err != nil {
			err = fmt.Errorf("%s, %w", f.name, err)
		} else {
			x.File = f.name
		}
		if !yield(x, err) {
			return false
		}
	}
	return true
}

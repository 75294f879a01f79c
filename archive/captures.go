package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"

	"veille/archive/warc"
)

const captureColumns = `c.seq, c.page, c.time, c.status, c.err, c.refers, c.record, f.name, c.pos, c.length,
	c.same, c.late, c.origin, c.leaf, c.span, c.payload, p.source, p.url, p.lang, p.document, p.purpose, p.news`

const captureFrom = ` FROM capture c JOIN page p ON p.id = c.page JOIN file f ON f.id = c.file `

// ErrDamaged is wrapped by errors about records that cannot be read, or are
// not what they were.
var ErrDamaged = errors.New("its record is damaged or missing; see `veille verify`")

// A stored capture is its row and where its closing record lies.
type storedCapture struct {
	Capture
	file        string
	pos, length int64
	span        int64  // of the group, which ends where the closing record does
	payload     string // its digest, "" where there is none of its own
}

func scanCapture(row scanner) (*storedCapture, error) {
	c := &storedCapture{}
	var t int64
	var news, same, late int
	var record []byte
	err := row.Scan(&c.Seq, &c.Page, &t, &c.Status, &c.Err, &c.Refers, &record, &c.file, &c.pos, &c.length,
		&same, &late, &c.Origin, &c.Leaf, &c.span, &c.payload, &c.Source, &c.URL, &c.Lang, &c.Document, &c.Purpose, &news)
	c.RecordID = recordText(record)
	c.Time, c.News, c.Same, c.Late = at(t), news != 0, same != 0, late != 0
	return c, err
}

// Capture returns a capture with its header and body; if it repeats another's
// payload, the body is that one's. For an unknown number the error wraps
// [fs.ErrNotExist].
func (a *Archive) Capture(ctx context.Context, seq Seq) (*Capture, error) {
	c, err := scanCapture(a.read.QueryRowContext(ctx, `SELECT `+captureColumns+captureFrom+`WHERE c.seq = $1`, seq))
	if err != nil {
		return nil, notExist(err, "capture %d", seq)
	}
	if err := a.load(c); err != nil {
		return nil, err
	}
	if c.Refers != 0 {
		orig, err := a.Capture(ctx, c.Refers)
		if err != nil {
			return nil, fmt.Errorf("capture %d repeats another: %w", seq, err)
		}
		c.Body = orig.Body
		if c.Header != nil && c.Header.Get("Content-Type") == "" {
			c.Header.Set("Content-Type", orig.Header.Get("Content-Type"))
		}
	}
	return &c.Capture, nil
}

// Captures yields the captures after a position, in order; the body of one
// that repeats another's payload is nil. One whose record is damaged has Err
// set, and nothing else of what the record held. It ends at the first error,
// which it yields.
func (a *Archive) Captures(ctx context.Context, after Seq) iter.Seq2[*Capture, error] {
	return func(yield func(*Capture, error) bool) {
		for {
			rows, err := a.read.QueryContext(ctx, `SELECT `+captureColumns+captureFrom+
				`WHERE c.seq > $1 ORDER BY c.seq LIMIT 64`, after)
			batch, err := collect(rows, err, scanCapture)
			if err != nil {
				yield(nil, fmt.Errorf("captures after %d: %w", after, err))
				return
			}
			for _, c := range batch {
				if err := a.load(c); errors.Is(err, ErrDamaged) {
					c.Err = err.Error()
				} else if err != nil {
					yield(nil, err)
					return
				}
				if !yield(&c.Capture, nil) {
					return
				}
				after = c.Seq
			}
			if len(batch) == 0 {
				return
			}
		}
	}
}

// load reads a capture's closing record.
func (a *Archive) load(c *storedCapture) error {
	c.FinalURL = c.URL
	r, err := a.readRecord(c.file, c.pos, c.length)
	if err != nil {
		return fmt.Errorf("capture %d: %w", c.Seq, err)
	}
	if r.ID() != c.RecordID {
		return fmt.Errorf("capture %d: another record lies in its place: %w", c.Seq, ErrDamaged)
	}
	c.FinalURL, c.MovedTo = r.Get("WARC-Target-URI"), r.Get("Veille-Moved")
	x := Exchange{URL: c.FinalURL, Time: c.Time, IP: r.Get("WARC-IP-Address"), Truncated: r.Get("WARC-Truncated")}
	if r.Type() == warc.TypeMetadata {
		return nil
	}
	x.Response, x.Rendered = answerOf(r), r.Type() == warc.TypeResource
	c.Exchanges = []Exchange{x}
	ans, err := parseAnswer(x.Response)
	if err != nil {
		return nil // what came was not HTTP; Err says so
	}
	if c.payload != "" && c.payload != warc.Digest(ans.payload) {
		return fmt.Errorf("capture %d: its payload is not what the catalogue says: %w", c.Seq, ErrDamaged)
	}
	c.Header = ans.header
	if c.Refers == 0 {
		c.Body, err = DecodeBody(ans.header, ans.payload, maxDecoded)
		if err != nil && c.Err == "" {
			c.Err = err.Error()
		}
	}
	return nil
}

// readRecord reads one record by its place, and checks its digest. The error
// wraps ErrDamaged if it is not there, or not whole.
func (a *Archive) readRecord(file string, pos, length int64) (*warc.Record, error) {
	f, err := a.openWARC(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := warc.NewReader(io.NewSectionReader(f, pos, length), pos)
	rec, _, err := r.Next()
	if err == nil {
		err = rec.CheckBlock()
	}
	if err != nil {
		return nil, fmt.Errorf("read %s, offset %d: %w (%w)", file, pos, ErrDamaged, err)
	}
	return rec, nil
}

// openWARC opens one of the WARC files. The error wraps ErrDamaged if it is
// missing.
func (a *Archive) openWARC(file string) (*os.File, error) {
	f, err := os.Open(filepath.Join(a.dir, "warc", file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing: %w", file, ErrDamaged)
	}
	if err != nil {
		return nil, fmt.Errorf("read WARC: %w", err)
	}
	return f, nil
}

const lookColumns = `seq, page, time, status, err, refers, origin, version, class, reason, retry_after`

func scanLook(row scanner) (Look, error) {
	var l Look
	var t, retry int64
	err := row.Scan(&l.Seq, &l.Page, &t, &l.Status, &l.Err, &l.Refers, &l.Origin, &l.Version, &l.Class, &l.Reason, &retry)
	l.Time, l.RetryAfter, l.Unchanged = at(t), at(retry), l.Refers != 0
	return l, err
}

// Looks returns the captures of a page without their bytes, newest first, at
// most limit of them (0: all).
func (a *Archive) Looks(ctx context.Context, page PageID, limit int) ([]Look, error) {
	if limit <= 0 {
		list, err := a.looks(ctx, page)
		return slices.Clone(list), err
	}
	rows, err := a.read.QueryContext(ctx, `SELECT `+lookColumns+` FROM capture WHERE page = $1 ORDER BY time DESC, seq DESC LIMIT $2`, page, limit)
	return collect(rows, err, scanLook)
}

// LooksOf returns all captures of pages without their bytes, newest first, by
// page: as [Archive.Looks] of each, with fewer questions. The caller may modify
// nothing.
func (a *Archive) LooksOf(ctx context.Context, pages ...PageID) (map[PageID][]Look, error) {
	return ofPages(ctx, a, a.memory.looks, pages, `SELECT `+lookColumns+` FROM capture WHERE page IN (%s) ORDER BY page, time DESC, seq DESC`,
		func(row scanner) (PageID, Look, error) {
			l, err := scanLook(row)
			return l.Page, l, err
		})
}

// LooksBefore returns the captures of a page before one of its own in the
// order of time, newest first, at most limit of them.
func (a *Archive) LooksBefore(ctx context.Context, c *Capture, limit int) ([]Look, error) {
	rows, err := a.read.QueryContext(ctx, `SELECT `+lookColumns+` FROM capture WHERE page = $1 AND (time, seq) < ($2, $3)
		ORDER BY time DESC, seq DESC LIMIT $4`, c.Page, ms(c.Time), c.Seq, limit)
	return collect(rows, err, scanLook)
}

// Look returns one capture without its bytes. For an unknown number the error
// wraps [fs.ErrNotExist].
func (a *Archive) Look(ctx context.Context, seq Seq) (Look, error) {
	l, err := scanLook(a.read.QueryRowContext(ctx, `SELECT `+lookColumns+` FROM capture WHERE seq = $1`, seq))
	return l, notExist(err, "capture %d", seq)
}

// Has reports whether there is a capture of a page at a time, to the
// millisecond, whose payload has that digest (""; whatever it brought).
func (a *Archive) Has(ctx context.Context, url string, t time.Time, payload string) (bool, error) {
	var n int
	err := a.read.QueryRowContext(ctx, `SELECT count(*) FROM capture c JOIN page p ON p.id = c.page LEFT JOIN capture o ON o.seq = c.refers
		WHERE p.url = $1 AND c.time = $2 AND ($3 = '' OR c.payload = $4 OR o.payload = $5)`,
		url, ms(t.UTC().Truncate(time.Millisecond)), payload, payload, payload).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look for a capture of %s: %w", url, err)
	}
	return n > 0, nil
}

// Group returns all records of a capture – requests and redirects first – as
// the gzip members in which they lie in their WARC file. For an unknown number
// the error wraps [fs.ErrNotExist].
func (a *Archive) Group(ctx context.Context, seq Seq) ([]byte, error) {
	var file string
	var end, span int64
	err := a.read.QueryRowContext(ctx, `SELECT f.name, c.pos + c.length, c.span FROM capture c JOIN file f ON f.id = c.file WHERE c.seq = $1`, seq).
		Scan(&file, &end, &span)
	if err != nil {
		return nil, notExist(err, "capture %d", seq)
	}
	b, err := a.readBytes(file, end-span, span)
	if err != nil {
		return nil, fmt.Errorf("capture %d: %w", seq, err)
	}
	return b, nil
}

// VersionRecord returns the conversion record of a version, as the gzip member
// in which it lies in its WARC file. For an unknown id the error wraps
// [fs.ErrNotExist].
func (a *Archive) VersionRecord(ctx context.Context, id Seq) ([]byte, error) {
	var file string
	var pos, length int64
	err := a.read.QueryRowContext(ctx, `SELECT f.name, v.pos, v.length FROM version v JOIN file f ON f.id = v.file WHERE v.id = $1`, id).
		Scan(&file, &pos, &length)
	if err != nil {
		return nil, notExist(err, "version %d", id)
	}
	b, err := a.readBytes(file, pos, length)
	if err != nil {
		return nil, fmt.Errorf("version %d: %w", id, err)
	}
	return b, nil
}

func (a *Archive) readBytes(file string, pos, length int64) ([]byte, error) {
	f, err := a.openWARC(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, length)
	if _, err := f.ReadAt(b, pos); err != nil || length == 0 {
		return nil, fmt.Errorf("read %s, offset %d: %w (%w)", file, pos, ErrDamaged, err)
	}
	return b, nil
}

// CaptureLeaf is the number of a capture's entry in the tamper-evident log.
// For an unknown capture the error wraps [fs.ErrNotExist].
func (a *Archive) CaptureLeaf(ctx context.Context, seq Seq) (n int64, err error) {
	err = a.read.QueryRowContext(ctx, `SELECT leaf FROM capture WHERE seq = $1`, seq).Scan(&n)
	return n, notExist(err, "capture %d", seq)
}

// Held returns the captures of a page that hold the payload of a usable answer
// themselves, in the order of time. For an unknown page the error wraps
// [fs.ErrNotExist].
func (a *Archive) Held(ctx context.Context, url string) ([]Seq, error) {
	page, err := a.Page(ctx, url)
	if err != nil {
		return nil, err
	}
	rows, err := a.read.QueryContext(ctx, `SELECT seq FROM capture WHERE page = $1 AND payload <> '' AND status = 200 AND err = ''
		ORDER BY time, seq`, page.ID)
	return collect(rows, err, func(row scanner) (seq Seq, err error) {
		err = row.Scan(&seq)
		return seq, err
	})
}

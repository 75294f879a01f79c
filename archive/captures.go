package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"veille/archive/warc"
)

const captureColumns = `c.seq, c.page, c.time, c.status, c.err, c.refers, c.record, f.name, c.pos, c.length,
	p.source, p.url, p.lang, p.document, p.purpose, p.news`

const captureFrom = ` FROM capture c JOIN page p ON p.id = c.page JOIN file f ON f.id = c.file `

// A stored capture is its row and where its closing record lies.
type storedCapture struct {
	Capture
	file        string
	pos, length int64
}

func scanCapture(row scanner) (*storedCapture, error) {
	c := &storedCapture{}
	var t int64
	var news int
	err := row.Scan(&c.Seq, &c.Page, &t, &c.Status, &c.Err, &c.Refers, &c.RecordID, &c.file, &c.pos, &c.length,
		&c.Source, &c.URL, &c.Lang, &c.Document, &c.Purpose, &news)
	c.Time, c.News = at(t), news != 0
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
// that repeats another's payload is nil. It ends at the first error, which it
// yields.
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
				if err := a.load(c); err != nil {
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
	c.FinalURL = r.Get("WARC-Target-URI")
	x := Exchange{URL: c.FinalURL, Time: c.Time, IP: r.Get("WARC-IP-Address"), Truncated: r.Get("WARC-Truncated")}
	if r.Type() == warc.TypeMetadata {
		return nil
	}
	x.Response = r.Block
	c.Exchanges = []Exchange{x}
	ans, err := parseAnswer(r.Block)
	if err != nil {
		return nil // what came was not HTTP; Err says so
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

// readRecord reads one record by its place.
func (a *Archive) readRecord(file string, pos, length int64) (*warc.Record, error) {
	f, err := os.Open(filepath.Join(a.dir, "warc", file))
	if err != nil {
		return nil, fmt.Errorf("read WARC: %w", err)
	}
	defer f.Close()
	r := warc.NewReader(io.NewSectionReader(f, pos, length), pos)
	rec, _, err := r.Next()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return rec, nil
}

const lookColumns = `seq, page, time, status, err, refers, class, reason, retry_after`

func scanLook(row scanner) (Look, error) {
	var l Look
	var t, retry int64
	err := row.Scan(&l.Seq, &l.Page, &t, &l.Status, &l.Err, &l.Refers, &l.Class, &l.Reason, &retry)
	l.Time, l.RetryAfter, l.Unchanged = at(t), at(retry), l.Refers != 0
	return l, err
}

// Looks returns the captures of a page without their bytes, newest first, at
// most limit of them (0: all).
func (a *Archive) Looks(ctx context.Context, page PageID, limit int) ([]Look, error) {
	if limit <= 0 {
		limit = 1 << 30
	}
	rows, err := a.read.QueryContext(ctx, `SELECT `+lookColumns+` FROM capture WHERE page = $1 ORDER BY seq DESC LIMIT $2`, page, limit)
	return collect(rows, err, scanLook)
}

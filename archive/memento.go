package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"veille/archive/cdxj"
	"veille/archive/warc"
)

// A Memento is a capture of a page that showed what the page was – a good
// answer, a withdrawal, or that it led elsewhere – among its neighbours in time
// (RFC 7089). Memento's times are to the second: of several captures in one
// second the last counts.
type Memento struct {
	Look
	First, Last Look
	Prev, Next  *Look // nil at the ends
}

// mementoWhere chooses the captures that are mementos of a page. Listings and
// robots.txt are not read and have no class: a good answer is enough.
const mementoWhere = ` FROM capture c JOIN page p ON p.id = c.page WHERE c.page = $1
	AND (c.class IN ('content', 'gone', 'moved') OR c.class = '' AND p.purpose <> 'page' AND c.err = '' AND c.status IN (200, 304))
	AND NOT EXISTS (SELECT 1 FROM capture o WHERE o.page = c.page AND o.time BETWEEN c.time AND c.time / 1000 * 1000 + 999 AND (o.time, o.seq) > (c.time, c.seq)
		AND (o.class IN ('content', 'gone', 'moved') OR o.class = '' AND p.purpose <> 'page' AND o.err = '' AND o.status IN (200, 304)))`

// MementoAt returns the memento of a page at a time: the latest one not after
// it, or the first where there is none. A page without mementos gives an error
// that wraps [fs.ErrNotExist].
func (a *Archive) MementoAt(ctx context.Context, page PageID, t time.Time) (*Memento, error) {
	one := func(tail string, args ...any) (*Look, error) {
		l, err := scanLook(a.read.QueryRowContext(ctx, `SELECT `+lookColumns+mementoWhere+tail, append([]any{page}, args...)...))
		if err = notExist(err, "mementos of page %d", page); err != nil {
			return nil, err
		}
		return &l, nil
	}
	first, err := one(` ORDER BY time, seq LIMIT 1`)
	if err != nil {
		return nil, err
	}
	last, err := one(` ORDER BY time DESC, seq DESC LIMIT 1`)
	if err != nil {
		return nil, err
	}
	m := &Memento{First: *first, Last: *last}
	found, err := one(` AND time <= $2 ORDER BY time DESC, seq DESC LIMIT 1`, ms(t))
	if errors.Is(err, fs.ErrNotExist) {
		found, err = first, nil
	}
	if err != nil {
		return nil, err
	}
	m.Look = *found
	if m.Prev, err = one(` AND (time, seq) < ($2, $3) ORDER BY time DESC, seq DESC LIMIT 1`, ms(m.Time), m.Seq); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if m.Next, err = one(` AND (time, seq) > ($2, $3) ORDER BY time, seq LIMIT 1`, ms(m.Time), m.Seq); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return m, nil
}

// Mementos returns the mementos of a page, oldest first, limit of them after
// the first skip, and how many there are in all.
func (a *Archive) Mementos(ctx context.Context, page PageID, skip, limit int) (list []Look, total int, err error) {
	if err := a.read.QueryRowContext(ctx, `SELECT count(*)`+mementoWhere, page).Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("count mementos of page %d: %w", page, err)
	}
	rows, err := a.read.QueryContext(ctx, `SELECT `+lookColumns+mementoWhere+` ORDER BY time, seq LIMIT $2 OFFSET $3`, page, limit, skip)
	list, err = collect(rows, err, scanLook)
	return list, total, err
}

// A Payload is what a capture brought.
type Payload struct {
	Capture // where it repeats an earlier one: with that one's body, and the headers a 304 leaves out
	// Coded is the payload as it was sent, before any content coding was undone:
	// what Digest is the digest of.
	Coded  []byte
	Digest string // "sha256:…"; "" if there is none
	// Hops are the redirects before the last answer.
	Hops []Exchange
}

// Payload returns what a capture brought: where its bytes repeat those of an
// earlier capture, with that one's. For an unknown number the error wraps
// [fs.ErrNotExist].
func (a *Archive) Payload(ctx context.Context, seq Seq) (*Payload, error) {
	c, err := a.Capture(ctx, seq)
	if err != nil {
		return nil, err
	}
	p := &Payload{Capture: *c}
	holder := c
	if c.Refers != 0 {
		if holder, err = a.Capture(ctx, c.Refers); err != nil {
			return nil, fmt.Errorf("capture %d, whose bytes capture %d repeats: %w", c.Refers, seq, err)
		}
		p.fill(holder)
	}
	if n := len(holder.Exchanges); n > 0 {
		if ans, err := parseAnswer(holder.Exchanges[n-1].Response); err == nil {
			p.Coded = ans.payload
		}
	}
	if err := a.read.QueryRowContext(ctx, `SELECT payload FROM capture WHERE seq = $1`, holder.Seq).Scan(&p.Digest); err != nil {
		return nil, notExist(err, "capture %d", holder.Seq)
	}
	if p.FinalURL != p.URL {
		p.Hops, err = a.hops(ctx, seq)
	}
	return p, err
}

// PayloadDigest is the digest of the bytes of a capture, "sha256:…", without
// reading them; of the bytes it repeats, where it holds none itself; "" if there
// are none. The error wraps fs.ErrNotExist if there is no such capture.
func (a *Archive) PayloadDigest(ctx context.Context, seq Seq) (string, error) {
	var digest string
	err := a.read.QueryRowContext(ctx, `SELECT COALESCE(h.payload, c.payload) FROM capture c LEFT JOIN capture h ON h.seq = c.refers AND c.refers <> 0
		WHERE c.seq = $1`, seq).Scan(&digest)
	return digest, notExist(err, "capture %d", seq)
}

// fill takes from the capture that holds the bytes what this one leaves out.
func (p *Payload) fill(holder *Capture) {
	p.Body, p.Status = holder.Body, holder.Status
	if p.Header = p.Header.Clone(); p.Header == nil {
		p.Header = http.Header{}
	}
	for _, h := range []string{"Content-Type", "Content-Language", "Content-Encoding", "Last-Modified"} {
		if p.Header.Get(h) == "" && holder.Header.Get(h) != "" {
			p.Header.Set(h, holder.Header.Get(h))
		}
	}
}

// hops reads the redirects of a capture from its group.
func (a *Archive) hops(ctx context.Context, seq Seq) ([]Exchange, error) {
	data, err := a.Group(ctx, seq)
	if err != nil {
		return nil, err
	}
	var out []Exchange
	for r := warc.NewReader(bytes.NewReader(data), 0); ; {
		rec, _, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("capture %d: %w", seq, err)
		}
		if rec.Type() == warc.TypeResource && len(out) > 0 { // what a browser made of the answer before it, which is no redirect
			out = out[:len(out)-1]
		}
		if rec.Type() == warc.TypeResponse && rec.Get("Veille-Seq") == "" {
			out = append(out, Exchange{URL: rec.Get("WARC-Target-URI"), IP: rec.Get("WARC-IP-Address"), Response: rec.Block})
		}
	}
}

// IndexLine is the line that an index of the WARC files has for a capture: the
// record of its last answer. For a capture without an answer, or an unknown
// one, the error wraps [fs.ErrNotExist].
func (a *Archive) IndexLine(ctx context.Context, seq Seq) (*cdxj.Line, error) {
	c, err := scanCapture(a.read.QueryRowContext(ctx, `SELECT `+captureColumns+captureFrom+`WHERE c.seq = $1`, seq))
	if err != nil {
		return nil, notExist(err, "capture %d", seq)
	}
	r, err := a.readRecord(c.file, c.pos, c.length)
	if err != nil {
		return nil, fmt.Errorf("capture %d: %w", seq, err)
	}
	if r.Type() == warc.TypeMetadata {
		return nil, fmt.Errorf("capture %d brought no answer: %w", seq, fs.ErrNotExist)
	}
	l := &cdxj.Line{URL: r.Get("WARC-Target-URI"), Time: c.Time, Status: cdxj.Number(c.Status), Offset: cdxj.Number(c.pos),
		Length: cdxj.Number(c.length), File: c.file, Digest: payloadDigest(r), MIME: "application/octet-stream"}
	if ans, err := parseAnswer(answerOf(r)); err == nil && ans.header.Get("Content-Type") != "" {
		l.MIME, _, _ = strings.Cut(ans.header.Get("Content-Type"), ";")
	}
	if r.Type() == warc.TypeRevisit {
		l.MIME = "warc/revisit"
	}
	if l.Digest == "" && c.Refers != 0 { // a 304 has no payload of its own
		err = a.read.QueryRowContext(ctx, `SELECT payload FROM capture WHERE seq = $1`, c.Refers).Scan(&l.Digest)
		err = notExist(err, "capture %d", c.Refers)
	}
	return l, err
}

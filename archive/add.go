package archive

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"veille/archive/warc"
)

// Add keeps captures, in order, with one write to disk for all of them. When
// it returns nil they are durable, and their second group of fields is filled;
// when it returns an error none of them has been kept.
//
// A capture that repeats the payload of its page's latest good answer, byte
// for byte or by 304, is kept as a small revisit record: the proof that we
// looked. Times are kept to the millisecond.
func (a *Archive) Add(ctx context.Context, captures ...*Capture) error {
	if len(captures) == 0 {
		return nil
	}
	return a.writeTx(ctx, func(tx *sql.Tx) error {
		for _, c := range captures {
			if err := a.add(ctx, tx, c); err != nil {
				return fmt.Errorf("keep capture of %s: %w", c.URL, err)
			}
		}
		return nil
	})
}

func (a *Archive) add(ctx context.Context, tx *sql.Tx, c *Capture) error {
	if c.URL == "" || c.Source == "" {
		return errors.New("it names no page or no source")
	}
	c.Time = c.Time.UTC().Truncate(time.Millisecond)
	if c.Purpose == "" {
		c.Purpose = PurposePage
	}
	ans := c.parse()
	page, err := a.pageRow(ctx, tx, c.URL)
	if err != nil {
		return err
	}
	orig, err := a.repeats(ctx, tx, c, ans, page)
	if err != nil {
		return err
	}
	c.Seq = a.nextCapture
	a.nextCapture++
	if orig != nil {
		c.Refers, c.Body = orig.seq, nil
	}
	if err := a.store.begin(ctx, tx, c.Time); err != nil {
		return err
	}
	var closing *warc.Record
	var at location
	for _, r := range captureRecords(c, ans, orig) {
		if at, err = a.store.append(r); err != nil {
			return err
		}
		closing = r
	}
	e, err := entryOf(closing, at)
	if err != nil {
		return err
	}
	c.RecordID = e.recordID
	c.Page, err = a.apply(ctx, tx, e, page)
	return err
}

// Parse fills Status, Header, Body and FinalURL from the last exchange. An
// answer that cannot be read becomes the capture's Err, unless it has one
// already. [Archive.Add] does it too.
func (c *Capture) Parse() { c.parse() }

func (c *Capture) parse() *answer {
	c.Status, c.Header, c.Body, c.FinalURL = 0, nil, nil, c.URL
	if len(c.Exchanges) == 0 {
		return nil
	}
	last := c.Exchanges[len(c.Exchanges)-1]
	c.FinalURL = last.URL
	if len(last.Response) == 0 {
		return nil
	}
	ans, err := parseAnswer(last.Response)
	if err == nil {
		c.Status, c.Header = ans.status, ans.header
		c.Body, err = DecodeBody(ans.header, ans.payload, maxDecoded)
	}
	if err != nil && c.Err == "" {
		c.Err = err.Error()
	}
	return ans
}

// repeats finds the capture whose payload c repeats: nil if it is new.
func (a *Archive) repeats(ctx context.Context, tx *sql.Tx, c *Capture, ans *answer, page *pageState) (*original, error) {
	if page == nil || page.responseSeq == 0 || ans == nil || c.Err != "" {
		return nil, nil
	}
	same := c.Status == 304 || c.Status == 200 && len(ans.payload) > 0 && page.payload == warc.Digest(ans.payload)
	if !same {
		return nil, nil
	}
	o := &original{seq: page.responseSeq, url: c.FinalURL}
	var t int64
	err := tx.QueryRowContext(ctx, `SELECT record, time FROM capture WHERE seq = $1`, o.seq).Scan(&o.record, &t)
	if err != nil {
		return nil, fmt.Errorf("capture %d: %w", o.seq, err)
	}
	o.time = at(t)
	return o, nil
}

// pageState is what must be known of a page to add a capture of it.
type pageState struct {
	id          PageID
	responseSeq Seq
	payload     string
	fails       int
}

func (a *Archive) pageRow(ctx context.Context, tx *sql.Tx, url string) (*pageState, error) {
	p := &pageState{}
	err := tx.QueryRowContext(ctx, `SELECT id, response_seq, payload, fails FROM page WHERE url = $1`, url).
		Scan(&p.id, &p.responseSeq, &p.payload, &p.fails)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up page: %w", err)
	}
	return p, nil
}

// apply lists a capture in the catalogue. It is all that adding and rebuilding
// have in common, so that both give the same catalogue.
func (a *Archive) apply(ctx context.Context, tx *sql.Tx, e *entry, p *pageState) (PageID, error) {
	if p == nil {
		p = &pageState{id: a.nextPage}
		a.nextPage++
		_, err := tx.ExecContext(ctx, `INSERT INTO page (id, url, source, lang, document, purpose, news, first_seq, last_seq)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			p.id, e.url, e.source, e.lang, e.document, e.purpose, flag(e.news), e.seq, e.seq)
		if err != nil {
			return 0, fmt.Errorf("list page: %w", err)
		}
	}
	var class, reason string
	if e.refers != 0 { // what the other was, this one is
		if err := tx.QueryRowContext(ctx, `SELECT class, reason FROM capture WHERE seq = $1`, e.refers).Scan(&class, &reason); err != nil {
			return 0, fmt.Errorf("capture %d, which %d repeats: %w", e.refers, e.seq, err)
		}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO capture (seq, page, time, status, err, refers, class, reason, retry_after, file, pos, length, record)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		e.seq, p.id, ms(e.time), e.status, e.err, e.refers, class, reason, ms(e.retryAfter), e.at.file, e.at.pos, e.at.length, e.recordID)
	if err != nil {
		return 0, fmt.Errorf("list capture: %w", err)
	}
	return p.id, a.updatePage(ctx, tx, e, p, Class(class))
}

func (a *Archive) updatePage(ctx context.Context, tx *sql.Tx, e *entry, p *pageState, class Class) error {
	fails := p.fails + 1
	if e.usable() && !class.failure() {
		fails = 0
	}
	_, err := tx.ExecContext(ctx, `UPDATE page SET source = $1, lang = $2, document = $3, last_seq = $4, fails = $5, fails_before = $6 WHERE id = $7`,
		e.source, e.lang, e.document, e.seq, fails, p.fails, p.id)
	if err != nil {
		return fmt.Errorf("update page: %w", err)
	}
	if !e.usable() {
		return nil
	}
	if e.status == 304 {
		_, err = tx.ExecContext(ctx, `UPDATE page SET content_seq = $1 WHERE id = $2`, e.seq, p.id)
	} else {
		response, payload := e.seq, e.payload
		if e.refers != 0 {
			response, payload = e.refers, p.payload
		}
		_, err = tx.ExecContext(ctx, `UPDATE page SET content_seq = $1, response_seq = $2, payload = $3, etag = $4, last_modified = $5 WHERE id = $6`,
			e.seq, response, payload, e.etag, e.lastModified, p.id)
	}
	if err != nil {
		return fmt.Errorf("update page: %w", err)
	}
	return nil
}

// failure reports whether an answer of this class counts as a failed look.
func (c Class) failure() bool { return c == Blocked || c == Soft404 || c == Error }

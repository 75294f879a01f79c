package archive

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"veille/archive/warc"
)

// Add keeps captures, in order, with one write to disk for all of them. When
// it returns nil they are durable, and their second group of fields is filled;
// when it returns an error none of them has been kept.
//
// A capture that repeats a payload the archive holds of its page, byte for
// byte or by 304, is kept as a small revisit record: the proof that we looked.
// One that is older than the page's latest takes its place in the page's past
// (Late). An importer that knows the repeated capture gives it in Refers, with
// the head of the answer alone. Times are kept to the millisecond.
func (a *Archive) Add(ctx context.Context, captures ...*Capture) error {
	if len(captures) == 0 {
		return nil
	}
	return a.writeTx(ctx, func(tx *txn) error {
		for _, c := range captures {
			if err := a.add(ctx, tx, c); err != nil {
				return fmt.Errorf("keep capture of %s: %w", c.URL, err)
			}
		}
		return nil
	})
}

func (a *Archive) add(ctx context.Context, tx *txn, c *Capture) error {
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
	c.Seq, c.Leaf = a.nextCapture, a.tree.size
	a.nextCapture++
	c.Page = a.nextPage
	if page != nil {
		c.Page = page.id
	}
	c.Refers = 0
	if orig != nil {
		c.Refers, c.Body = orig.seq, nil
	}
	if err := a.store.begin(ctx, tx, c.Time, c.Origin != Imported); err != nil {
		return err
	}
	g := &group{}
	for _, r := range captureRecords(c, ans, orig, page) {
		at, err := a.store.append(r)
		if err != nil {
			return err
		}
		g.take(r, at)
	}
	e, err := entryOf(g)
	if err != nil {
		return err
	}
	c.RecordID = e.recordID
	if err := a.apply(ctx, tx, e, page); err != nil {
		return err
	}
	c.Same, c.Late = e.same != 0, e.late
	return nil
}

// Parse fills Status, Header, Body, FinalURL and MovedTo from the exchanges. An
// answer that cannot be read becomes the capture's Err, unless it has one
// already. [Archive.Add] does it too.
func (c *Capture) Parse() { c.parse() }

func (c *Capture) parse() *answer {
	c.Status, c.Header, c.Body, c.FinalURL, c.MovedTo = 0, nil, nil, c.URL, ""
	if len(c.Exchanges) == 0 {
		return nil
	}
	c.MovedTo = movedTo(c.Exchanges)
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

// movedTo is the address to which the permanent redirects at the head of some
// exchanges lead, "" if there are none.
func movedTo(hops []Exchange) string {
	to := ""
	for i := range hops[:len(hops)-1] {
		status, _, err := parseHead(hops[i].Response)
		if err != nil || status != http.StatusMovedPermanently && status != http.StatusPermanentRedirect {
			break
		}
		to = hops[i+1].URL
	}
	return to
}

// repeats finds the capture of the page whose payload c repeats: nil if it is
// new. A 304 repeats the good answer before it in time.
func (a *Archive) repeats(ctx context.Context, tx *txn, c *Capture, ans *answer, page *pageState) (*original, error) {
	if page == nil || ans == nil || c.Err != "" {
		return nil, nil
	}
	o := &original{url: c.FinalURL}
	var row *sql.Row
	switch {
	case c.Refers != 0: // the importer knows
		row = tx.QueryRowContext(ctx, `SELECT seq, record, time FROM capture WHERE seq = $1 AND page = $2 AND refers = 0`, c.Refers, page.id)
	case c.Status == http.StatusNotModified:
		before, err := a.goodBefore(ctx, tx, page, c.Time, a.nextCapture)
		if err != nil || before.seq == 0 {
			return nil, err
		}
		row = tx.QueryRowContext(ctx, `SELECT seq, record, time FROM capture WHERE seq = $1`, before.holder())
	case c.Status == http.StatusOK && len(ans.payload) > 0:
		row = tx.QueryRowContext(ctx, samePayload, warc.Digest(ans.payload), page.id)
	default:
		return nil, nil
	}
	var t int64
	var record []byte
	err := row.Scan(&o.seq, &record, &t)
	if errors.Is(err, sql.ErrNoRows) {
		if c.Refers != 0 {
			return nil, fmt.Errorf("it refers to capture %d, which holds no answer of the same page", c.Refers)
		}
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for the same payload: %w", err)
	}
	o.time, o.record = at(t), recordText(record)
	return o, nil
}

// pageState is what must be known of a page to add a capture of it.
type pageState struct {
	id                    PageID
	source                string
	firstSeq, responseSeq Seq
	latest                Seq   // the capture that came last, which need not be the latest in time
	first, last           int64 // times of the first and the last capture
	fails                 int
	request, notes        keptBlock // the last request and the last facts that were kept of it
}

// A keptBlock says which capture a block was kept with, and its digest.
type keptBlock struct {
	seq    Seq
	digest string
}

// of is the capture with which the same block was kept, 0 if it was not.
func (k keptBlock) of(block []byte) Seq {
	if k.seq == 0 || k.digest != warc.Digest(block) {
		return 0
	}
	return k.seq
}

func (a *Archive) pageRow(ctx context.Context, tx *txn, url string) (*pageState, error) {
	p := &pageState{}
	var late Seq
	err := tx.QueryRowContext(ctx, `SELECT p.id, p.source, p.first_seq, p.response_seq, p.fails, f.time, l.time,
			p.request, p.request_digest, p.notes, p.notes_digest,
			p.last_seq, (SELECT coalesce(max(c.seq), 0) FROM capture c WHERE c.page = p.id AND c.late <> 0)
		FROM page p JOIN capture f ON f.seq = p.first_seq JOIN capture l ON l.seq = p.last_seq WHERE p.url = $1`, url).
		Scan(&p.id, &p.source, &p.firstSeq, &p.responseSeq, &p.fails, &p.first, &p.last,
			&p.request.seq, &p.request.digest, &p.notes.seq, &p.notes.digest, &p.latest, &late)
	p.latest = max(p.latest, late)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up page: %w", err)
	}
	return p, nil
}

// previous is the capture before the one that is to be added; 0 for the first.
func (p *pageState) previous() Seq {
	if p == nil {
		return 0
	}
	return p.latest
}

// A goodLook is a usable answer of a page.
type goodLook struct {
	seq, refers, same, version Seq
	class, reason              string
}

// holder is the capture that holds the answer's payload.
func (g *goodLook) holder() Seq {
	if g.refers != 0 {
		return g.refers
	}
	return g.seq
}

// goodBefore finds the page's latest usable answer before (t, seq) in the
// order of time; its seq is 0 if there is none.
func (a *Archive) goodBefore(ctx context.Context, tx *txn, p *pageState, t time.Time, seq Seq) (g goodLook, err error) {
	err = tx.QueryRowContext(ctx, `SELECT seq, refers, same, version, class, reason FROM capture
		WHERE page = $1 AND (time, seq) < ($2, $3) AND err = '' AND (status = 200 OR status = 304 AND refers <> 0)
		ORDER BY time DESC, seq DESC LIMIT 1`, p.id, ms(t), seq).Scan(&g.seq, &g.refers, &g.same, &g.version, &g.class, &g.reason)
	if errors.Is(err, sql.ErrNoRows) {
		return g, nil
	}
	if err != nil {
		return g, fmt.Errorf("look up the answer before: %w", err)
	}
	return g, nil
}

// apply lists a capture in the catalogue and the log. It is all that adding
// and rebuilding have in common, so that both give the same catalogue. It sets
// e.same and e.late.
func (a *Archive) apply(ctx context.Context, tx *txn, e *entry, p *pageState) error {
	hash := tlog.RecordHash(e.logEntry())
	if e.hash != nil {
		hash = *e.hash
	}
	if err := a.addLeaf(ctx, tx, e.leaf, leaf{hash, leafCapture, e.seq}); err != nil {
		return err
	}
	return a.list(ctx, tx, e, p)
}

// list lists a capture in the catalogue alone.
func (a *Archive) list(ctx context.Context, tx *txn, e *entry, p *pageState) error {
	if p == nil {
		id, err := a.newPage(ctx, tx, e.page)
		if err != nil {
			return err
		}
		tx.listed = true
		p = &pageState{id: id, source: e.source, firstSeq: e.seq, first: ms(e.time), last: ms(e.time)}
		_, err = tx.ExecContext(ctx, `INSERT INTO page (id, url, source, lang, document, purpose, news, first_seq, last_seq)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			p.id, e.url, e.source, e.lang, e.document, e.purpose, flag(e.news), e.seq, e.seq)
		if err != nil {
			return fmt.Errorf("list page: %w", err)
		}
	}
	if tx.touch(p.id, e.source); p.source != e.source {
		tx.touch(p.id, p.source)
		tx.wove(p.id) // a version says whose it is
	}
	e.late = ms(e.time) < p.last
	var as goodLook // what the answer before was, the same one is
	if e.refers != 0 {
		before, err := a.goodBefore(ctx, tx, p, e.time, e.seq)
		if err != nil {
			return err
		}
		if before.seq != 0 && before.holder() == e.refers {
			as = before
			if e.same = before.same; e.same == 0 {
				e.same = before.seq
			}
		}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO capture (seq, page, time, status, err, refers, same, late, origin, class, reason, version,
			retry_after, payload, file, pos, length, span, leaf, record)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		e.seq, p.id, ms(e.time), e.status, e.err, e.refers, e.same, flag(e.late), e.origin, as.class, as.reason, as.version,
		ms(e.retryAfter), e.held(), e.at.file, e.at.pos, e.at.length, e.span, e.leaf, recordBytes(e.recordID))
	if err != nil {
		return fmt.Errorf("list capture: %w", err)
	}
	if err := a.noteKept(ctx, tx, e, p); err != nil {
		return err
	}
	return a.updatePage(ctx, tx, e, p, Class(as.class))
}

// newPage is the number of a page that is listed for the first time: the one
// that its records say (0: none), if that is free, so that it stays the same
// where the records of its first capture are lost.
func (a *Archive) newPage(ctx context.Context, tx *txn, said PageID) (PageID, error) {
	id := max(said, a.nextPage)
	if said != 0 && said < a.nextPage {
		var taken int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM page WHERE id = $1`, said).Scan(&taken); err != nil {
			return 0, fmt.Errorf("list page: %w", err)
		}
		if taken == 0 {
			id = said
		}
	}
	a.nextPage = max(a.nextPage, id+1)
	return id, nil
}

// noteKept notes which request and which facts of a page were kept last.
func (a *Archive) noteKept(ctx context.Context, tx *txn, e *entry, p *pageState) error {
	request, notes := e.own(warc.TypeRequest), e.own(warc.TypeMetadata)
	if request == "" && notes == "" {
		return nil
	}
	if request != "" {
		p.request = keptBlock{e.seq, request}
	}
	if notes != "" {
		p.notes = keptBlock{e.seq, notes}
	}
	_, err := tx.ExecContext(ctx, `UPDATE page SET request = $1, request_digest = $2, notes = $3, notes_digest = $4 WHERE id = $5`,
		p.request.seq, p.request.digest, p.notes.seq, p.notes.digest, p.id)
	if err != nil {
		return fmt.Errorf("update page: %w", err)
	}
	return nil
}

func (a *Archive) updatePage(ctx context.Context, tx *txn, e *entry, p *pageState, class Class) error {
	if e.late { // the past: only the beginning can differ
		if ms(e.time) >= p.first {
			return nil
		}
		if _, err := tx.ExecContext(ctx, `UPDATE page SET first_seq = $1 WHERE id = $2`, e.seq, p.id); err != nil {
			return fmt.Errorf("update page: %w", err)
		}
		return nil
	}
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
	if e.status == http.StatusNotModified {
		_, err = tx.ExecContext(ctx, `UPDATE page SET content_seq = $1 WHERE id = $2`, e.seq, p.id)
	} else {
		response := e.seq
		if e.refers != 0 {
			response = e.refers
		}
		_, err = tx.ExecContext(ctx, `UPDATE page SET content_seq = $1, response_seq = $2, etag = $3, last_modified = $4 WHERE id = $5`,
			e.seq, response, e.etag, e.lastModified, p.id)
	}
	if err != nil {
		return fmt.Errorf("update page: %w", err)
	}
	return nil
}

// failure reports whether an answer of this class counts as a failed look.
func (c Class) failure() bool { return c == Blocked || c == Soft404 || c == Error }

package digest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
)

// MaxBounce is the greatest report of a mail server that is read, in bytes.
const MaxBounce = 4 << 20

// maxParts is how many parts of a report, and recipients in it, are looked at.
const maxParts = 50

// ErrNoReport is the error of a mail that is no report of a mail server.
var ErrNoReport = errors.New("this is no report of a mail server on mails that did not arrive (multipart/report, RFC 3464)")

// ErrNotOurs is the error of a report on a letter that this store has not sent:
// it names no Message-ID that we have given out. Anybody can write a report;
// only who has seen the letter can name it.
var ErrNotOurs = errors.New("the report is on no letter of ours")

// A Bounce is what a report says, and what was done.
type Bounce struct {
	Letter    int64  `json:"letter"`
	Failed    bool   `json:"failed"`    // the letter did not arrive; otherwise it is late, or has arrived
	Suspended bool   `json:"suspended"` // the person's address is suspended, now or since before
	Again     bool   `json:"again"`     // the same report was read before: nothing was done
	Reason    string `json:"reason"`    // in the mail server's words
}

// A report is a delivery status notification (RFC 3464), as far as we use it.
type report struct {
	ids    []string // Message-IDs that it may be on, those of the returned letter first
	failed bool     // for any recipient
	status string   // of the first that failed
	reason string
}

// Bounced heeds a report of a mail server. If it says that a letter of ours has
// not arrived, the letter is failed, even if a server had taken it; and its
// address is suspended, unless the report lays it to the server, the letter or
// ourselves. A report on a late letter, and one that was read before, changes
// nothing. Errors: ErrNoReport, ErrNotOurs.
func (s *Store) Bounced(ctx context.Context, r io.Reader) (*Bounce, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxBounce+1))
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if len(raw) > MaxBounce {
		return nil, fmt.Errorf("read report: it is larger than %d MB: %w", MaxBounce>>20, ErrNoReport)
	}
	rep, err := parseReport(raw)
	if err != nil {
		return nil, err
	}
	b := &Bounce{Failed: rep.failed, Reason: rep.reason}
	for _, id := range rep.ids {
		if b.Letter = s.letterOf(id); b.Letter != 0 {
			break
		}
	}
	if b.Letter == 0 {
		return nil, ErrNotOurs
	}
	sum := sha256.Sum256(raw)
	err = s.tx(ctx, func(tx *sql.Tx) error { return s.heed(ctx, tx, b, rep, sum[:]) })
	if err != nil {
		return nil, fmt.Errorf("heed report on mail %d: %w", b.Letter, err)
	}
	return b, nil
}

// heed writes down what a report says.
func (s *Store) heed(ctx context.Context, tx *sql.Tx, b *Bounce, rep *report, sum []byte) error {
	m, err := scanLetter(tx.QueryRowContext(ctx, `SELECT `+letterFacts+`'', '' FROM letter l WHERE l.id = $1`, b.Letter))
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotOurs // of an earlier subscribers.db
	}
	if err != nil || !rep.failed || m.To == "" { // who has left is not written down anew
		return err
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO bounce (hash, letter, seen) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, sum, m.ID, ms(s.now()))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		b.Again = true
		return err
	}
	if m.State == Sent || m.State == Uncertain {
		if err := settle(ctx, tx, m, Failed, oneLine("returned: "+rep.reason, 1000), time.Time{}, s.now()); err != nil {
			return err
		}
	}
	if aboutAddress(rep.status) {
		if err := s.suspend(ctx, tx, m.Person, rep.reason); err != nil {
			return err
		}
	}
	p, err := aPerson(ctx, tx, `p.id = $1`, m.Person)
	if err == nil {
		b.Suspended = !p.Suspended.IsZero()
	}
	return err
}

// parseReport reads a report as it was mailed.
func parseReport(raw []byte) (*report, error) {
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoReport, err)
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || params["boundary"] == "" ||
		params["report-type"] != "" && !strings.EqualFold(params["report-type"], "delivery-status") {
		return nil, ErrNoReport
	}
	rep := &report{}
	status := false
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for range maxParts {
		p, err := parts.NextPart()
		if err != nil {
			break // some cut their reports: what was read counts
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		switch kind {
		case "message/delivery-status", "message/global-delivery-status":
			rep.readStatus(p)
			status = true
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
			rep.note(headers(p).Get("Message-Id"))
		}
	}
	if !status {
		return nil, ErrNoReport
	}
	// Those who return nothing of the letter name it at least.
	for _, name := range []string{"In-Reply-To", "References"} {
		rep.note(msg.Header.Get(name))
	}
	return rep, nil
}

// note adds Message-IDs that a header names.
func (r *report) note(ids string) {
	for _, id := range strings.Fields(ids) {
		if len(r.ids) < maxParts {
			r.ids = append(r.ids, id)
		}
	}
}

// headers are the headers at the beginning of a part, as far as they can be read.
func headers(p io.Reader) textproto.MIMEHeader {
	h, _ := textproto.NewReader(bufio.NewReader(p)).ReadMIMEHeader()
	return h
}

// readStatus reads what a report says of each recipient: groups of fields with
// an empty line between them, the first of them about the letter.
func (r *report) readStatus(p io.Reader) {
	in := textproto.NewReader(bufio.NewReader(p))
	for range maxParts {
		h, err := in.ReadMIMEHeader()
		r.note(h.Get("X-Original-Message-Id"))
		if strings.EqualFold(strings.TrimSpace(h.Get("Action")), "failed") && !r.failed {
			r.failed, r.status = true, h.Get("Status")
			_, said, ok := strings.Cut(h.Get("Diagnostic-Code"), ";")
			if r.reason = oneLine(strings.TrimSpace(said), 500); !ok || r.reason == "" {
				r.reason = oneLine("status "+r.status, 500)
			}
		}
		if err != nil {
			return
		}
	}
}

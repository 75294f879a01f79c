package digest

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"
)

// dsn is a report as Postfix writes them.
func dsn(messageID, action, status, said string) string {
	return strings.ReplaceAll(`From: MAILER-DAEMON@mail.example.net (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: veille@example.org
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="B/mail.example.net"

This is a MIME-encapsulated message.

--B/mail.example.net
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B/mail.example.net
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.net
Arrival-Date: Mon,  2 Mar 2026 09:00:00 +0100 (CET)

Final-Recipient: rfc822; reader@example.org
Original-Recipient: rfc822;reader@example.org
Action: `+action+`
Status: `+status+`
Diagnostic-Code: smtp; `+said+`

--B/mail.example.net
Content-Type: text/rfc822-headers

From: Veille <veille@example.org>
Message-ID: `+messageID+`
Subject: Veille

--B/mail.example.net--
`, "\n", "\r\n")
}

// toldOnce is a world with one reader and a digest that a server has taken.
func toldOnce(t *testing.T) (w *world, messageID string) {
	t.Helper()
	w = start(t)
	w.publish(centres, places("1")...)
	w.subscribed(Request{})
	w.publish(centres, places("2")...)
	want(t, "told", changes(w.sync()), "1..2")
	return w, "<" + w.store.messageID(1) + "@veille.example.org>"
}

func (w *world) bounced(report string) *Bounce {
	w.Helper()
	b, err := w.store.Bounced(w.Context(), strings.NewReader(report))
	if err != nil {
		w.Fatal(err)
	}
	return b
}

func (w *world) suspended() string {
	w.Helper()
	list, err := w.store.Suspended(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	var out []string
	for _, p := range list {
		out = append(out, p.Email+": "+p.Why)
	}
	return strings.Join(out, "; ")
}

// A server that refuses an address: nothing more is written to it; when it
// works again all of it comes, in order and once.
func TestARefusedAddressIsSuspended(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	w.subscribed(Request{})
	w.publish(centres, places("2")...)
	w.mailer.fails = func(*Mail) error { return fmt.Errorf("%w: 550 5.1.1 no such user", ErrAddress) }
	w.sync()
	w.mailer.fails = nil
	want(t, "suspended", w.suspended(), "reader@example.org: nothing arrives at the address: the mail server refused the mail: 550 5.1.1 no such user")
	for _, n := range []string{"3", "4"} {
		w.publish(centres, places(n)...)
		want(t, "mails meanwhile", len(w.sync()), 0)
	}
	want(t, "outbox", w.states(), "digest failed")
	if err := w.digest.AskManage(t.Context(), "reader@example.org"); err != nil {
		t.Fatal(err)
	}
	want(t, "mails that are asked for", len(w.sync()), 0)
	if err := w.store.LiftAddress(t.Context(), "READER@example.org"); err != nil {
		t.Fatal(err)
	}
	want(t, "after it", changes(w.sync()), "1..2, 2..4")
	want(t, "suspended", w.suspended(), "")
	if err := w.store.Lift(t.Context(), 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("lifted twice: %v", err)
	}
}

// A letter that came back was not told: it is sent again, not told anew.
func TestALetterThatComesBack(t *testing.T) {
	w, id := toldOnce(t)
	report := dsn(id, "failed", "5.2.2", "552 5.2.2 mailbox full")
	want(t, "bounce", *w.bounced(report), Bounce{Letter: 1, Failed: true, Suspended: true, Reason: "552 5.2.2 mailbox full"})
	want(t, "outbox", w.states(), "digest failed")
	w.publish(centres, places("3")...)
	want(t, "mails meanwhile", len(w.sync()), 0)
	if err := w.store.Lift(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	want(t, "after it", changes(w.sync()), "1..2, 2..3")
	want(t, "the same report again", w.bounced(report).Again, true)
	want(t, "suspended", w.suspended(), "")
}

func TestReportsThatChangeNothing(t *testing.T) {
	w, id := toldOnce(t)
	for what, report := range map[string]string{
		"late": dsn(id, "delayed", "4.4.1", "connection timed out"), "delivered": dsn(id, "delivered", "2.0.0", "ok")} {
		if b := w.bounced(report); b.Failed || b.Suspended || b.Letter != 1 {
			t.Errorf("%s: %+v", what, b)
		}
	}
	want(t, "outbox", w.states(), "digest sent")
	forged := strings.Replace(id, id[10:16], "000000", 1)
	for what, c := range map[string]struct {
		report string
		want   error
	}{
		"a forged number": {dsn("<veille.1.000000000000@veille.example.org>", "failed", "5.1.1", "no"), ErrNotOurs},
		"a forged end":    {dsn(forged, "failed", "5.1.1", "no"), ErrNotOurs},
		"of the thread":   {dsn("<"+w.store.threadID(1)+"@veille.example.org>", "failed", "5.1.1", "no"), ErrNotOurs},
		"of nobody":       {dsn("", "failed", "5.1.1", "no"), ErrNotOurs},
		"a later letter":  {dsn("<"+w.store.messageID(9)+"@veille.example.org>", "failed", "5.1.1", "no"), ErrNotOurs},
		"no report":       {"Subject: hello\r\n\r\nhello " + id, ErrNoReport},
		"nothing":         {"", ErrNoReport},
		"a read receipt":  {strings.Replace(dsn(id, "failed", "5.1.1", "no"), "report-type=delivery-status", "report-type=disposition-notification", 1), ErrNoReport},
		"without end":     {strings.Repeat("x", MaxBounce+1), ErrNoReport},
	} {
		if _, err := w.store.Bounced(t.Context(), strings.NewReader(c.report)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	want(t, "suspended", w.suspended(), "")
}

// A refusal for what we are or wrote is nothing against the reader.
func TestARefusalThatIsNotAboutTheAddress(t *testing.T) {
	w, id := toldOnce(t)
	want(t, "bounce", *w.bounced(dsn(id, "failed", "5.7.1", "554 5.7.1 listed as spam")), Bounce{Letter: 1, Failed: true, Reason: "554 5.7.1 listed as spam"})
	want(t, "outbox", w.states(), "digest failed")
	want(t, "suspended", w.suspended(), "")
	for said, about := range map[string]bool{"5.1.1 no such user": true, "5.2.2": true, "no such user": true, "": true, "5.4.4 unroutable": true,
		"5.7.26 unauthenticated": false, "5.6.0": false, "5.3.4 too big": false, "5.5.2": false, "5.71.1": true, "52.7.1": true} {
		want(t, said, aboutAddress(said), about)
	}
}

// Who subscribes anew and confirms is told all of it; an old link proves nothing.
func TestConfirmingAnewLiftsASuspension(t *testing.T) {
	w, id := toldOnce(t)
	ask := func(query string) string {
		w.pass(time.Minute)
		if _, err := w.digest.Subscribe(t.Context(), Request{Email: "reader@example.org", Filter: Filter{Query: query}}); err != nil {
			t.Fatal(err)
		}
		ms := w.sync()
		if len(ms) != 1 || ms[0].Kind != KindConfirm {
			t.Fatalf("confirmations: %+v", ms)
		}
		return token(t, ms[0].Text, "confirm")
	}
	before := ask("bus")
	w.pass(time.Minute)
	w.bounced(dsn(id, "failed", "5.1.1", "no such user"))
	if _, err := w.digest.Confirm(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	want(t, "suspended", w.suspended(), "reader@example.org: no such user")
	if _, err := w.digest.Confirm(t.Context(), ask("railway")); err != nil {
		t.Fatal(err)
	}
	want(t, "suspended", w.suspended(), "")
	want(t, "what came back", changes(w.sync()), "1..2")
}

// Who has left is not written down anew by a report.
func TestAReportOnOneWhoHasLeft(t *testing.T) {
	w, id := toldOnce(t)
	if err := w.store.Remove(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	w.bounced(dsn(id, "failed", "5.1.1", "<reader@example.org> is unknown"))
	m, err := w.store.Mail(t.Context(), 1)
	if err != nil || m.Error != "" || w.suspended() != "" {
		t.Errorf("%+v, %v, %s", m, err, w.suspended())
	}
}

// An address that only ever was asked for is not among the suspended.
func TestAnUnconfirmedAddressIsNotSuspended(t *testing.T) {
	w := start(t)
	if _, err := w.digest.Subscribe(t.Context(), Request{Email: "nobody@example.org"}); err != nil {
		t.Fatal(err)
	}
	w.mailer.fails = func(*Mail) error { return ErrAddress }
	w.sync()
	want(t, "outbox", w.states(), "confirm failed")
	want(t, "suspended", w.suspended(), "")
}

func FuzzReport(f *testing.F) {
	f.Add([]byte(dsn("<veille.1.000000000000@veille.example.org>", "failed", "5.1.1", "no such user")))
	f.Add([]byte(strings.Replace(dsn("<a@b>", "failed", "", ""), "text/rfc822-headers", "message/rfc822", 1)))
	f.Add([]byte("Content-Type: multipart/report; boundary=a\n\n--a\n\n--a--"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		rep, err := parseReport(raw)
		if err != nil {
			if !errors.Is(err, ErrNoReport) {
				t.Errorf("%v", err)
			}
			return
		}
		if len(rep.ids) > maxParts || strings.ContainsAny(rep.reason, "\r\n\x00") || len([]rune(rep.reason)) > 501 {
			t.Errorf("%+v", rep)
		}
	})
}

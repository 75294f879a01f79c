package digest

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"veille/source"
)

// An envelope is a mail as it crosses the wire, and between whom.
type envelope struct {
	from, to string // bare addresses
	raw      []byte
}

// envelop makes a letter ready to be handed over.
// It is signed where dkim is not nil.
func envelop(m *Mail, from string, dkim *DKIM) (*envelope, error) {
	msg, err := message(m, from)
	if err != nil {
		return nil, err
	}
	e := &envelope{}
	if e.from, err = msg.GetSender(false); err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	to, err := msg.GetRecipients()
	if err != nil || len(to) != 1 {
		return nil, fmt.Errorf("recipient of mail %d: %w", m.ID, err)
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("write mail %d: %w", m.ID, err)
	}
	e.to, e.raw = to[0], b.Bytes()
	if dkim != nil {
		e.raw, err = dkim.sign(e.raw)
	}
	return e, err
}

// message makes the mail as it crosses the wire (RFC 5322, MIME). The same
// letter always gives the same bytes, whenever and however often it is sent:
// date, boundary and Message-ID are the letter's own.
//
//	List-Unsubscribe, List-Unsubscribe-Post   RFC 2369, RFC 8058; one click needs https, or this machine
//	List-Id                                   RFC 2919
//	References                                RFC 5322, 3.6.4; the same in all digests of a person, which makes them one thread
//	Auto-Submitted                            RFC 3834; no answering machine answers
//
// No header says with what the mail was written.
func message(m *Mail, from string) (*gomail.Msg, error) {
	for _, s := range []string{m.To, strings.Map(upright, m.Subject), m.MessageID, m.Root, m.ListID, m.Stop} {
		if oneLine(s, 2000) != s {
			return nil, fmt.Errorf("mail %d: %s is not fit for a header", m.ID, quote(s))
		}
	}
	if m.To == "" {
		return nil, errors.New("the letter has no recipient")
	}
	if m.From != "" {
		from = m.From
	}
	boundary, _, _ := strings.Cut(m.MessageID, "@")
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary(boundary))
	if err := msg.From(from); err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(m.Created)
	msg.SetMessageIDWithValue(m.MessageID)
	if m.Root != "" {
		msg.SetGenHeader(gomail.HeaderReferences, "<"+m.Root+">")
	}
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("List-Id", "Veille <"+m.ListID+">")
	msg.SetGenHeader("Content-Language", m.Lang)
	// Unfolded: some readers do not find an address that begins on the next line.
	msg.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribe, "<"+m.Stop+">")
	if u, err := url.Parse(m.Stop); err == nil && (u.Scheme == "https" || source.Loopback(u.Host)) {
		msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg, nil
}

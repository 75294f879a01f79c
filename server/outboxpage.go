package server

import (
	"net/http"
	"regexp"
	"strings"

	"veille/digest"
)

const shownMails = 100

type outboxPage struct {
	Mails        []*digest.Mail
	Newer, Older string
}

type mailPage struct {
	Mail *digest.Mail
	Text []linked
}

// A linked is a run of text, or an address in it.
type linked struct{ Text, Href string }

// outbox lists letters: "/outbox", for the operator.
func (w *web) outbox(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	if !w.operator(r) {
		return errOperator
	}
	before := r.URL.Query().Get("before")
	upto, ok := parseSeq(or(before, "0"))
	if !ok {
		return &InputError{"before", quote(before) + " is not the number of a letter", "follow the links at the end of the list"}
	}
	mails, err := w.Digest.Store.Outbox(r.Context(), int64(upto), shownMails+1)
	if err != nil {
		return err
	}
	v := w.view(rw, r, "outbox")
	p := &outboxPage{Mails: mails}
	if len(mails) > shownMails {
		p.Mails = mails[:shownMails]
		p.Older = "/outbox?before=" + number(p.Mails[shownMails-1].ID)
	}
	if before != "" {
		p.Newer = "/outbox"
	}
	v.Title, v.Page, v.NoIndex = v.t.T("outbox.title"), p, true
	return w.render(rw, r, http.StatusOK, "outbox.html", v)
}

// mail is one letter: "/outbox/7", or "/outbox/7.html" as mail programs show it.
func (w *web) mail(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	if !w.operator(r) {
		return errOperator
	}
	name, asHTML := strings.CutSuffix(r.PathValue("id"), ".html")
	id, ok := parseSeq(name)
	if !ok || id == 0 {
		return &InputError{"letter", quote(name) + " is not a number", "write the number of a letter, such as 7"}
	}
	m, err := w.Digest.Store.Mail(r.Context(), int64(id))
	if err != nil {
		return err
	}
	if asHTML {
		// A letter carries its own style; shut off from everything else.
		rw.Header().Set("Content-Security-Policy", "sandbox allow-top-navigation-by-user-activation allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'")
		rw.Header().Set("Cache-Control", "no-store")
		return w.send(rw, r, "text/html; charset=utf-8", []byte(m.HTML))
	}
	v := w.view(rw, r, "outbox")
	v.Title, v.Page, v.NoIndex = or(m.Subject, v.t.T("outbox.title")), &mailPage{m, links(m.Text)}, true
	return w.render(rw, r, http.StatusOK, "mail.html", v)
}

var addressInText = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:!?)\]]`)

// links finds the addresses in a text.
func links(text string) []linked {
	var out []linked
	at := 0
	for _, m := range addressInText.FindAllStringIndex(text, -1) {
		out = append(out, linked{Text: text[at:m[0]]}, linked{text[m[0]:m[1]], text[m[0]:m[1]]})
		at = m[1]
	}
	return append(out, linked{Text: text[at:]})
}

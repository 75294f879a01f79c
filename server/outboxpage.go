package server

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"veille/digest"
)

const shownMails = 100

type outboxPage struct {
	Mails        []*digest.Mail
	States       []stateLink
	Newer, Older string
	Suspended    []*digest.Person // to whom mail does not arrive
}

// A stateLink leads to the letters in one state.
type stateLink struct {
	State   digest.State // "": all
	Count   int
	Href    string
	Current bool
}

type mailPage struct {
	Mail *digest.Mail
	Text []linked
	Can  []option // what can be done with it
}

// A linked is a run of text, or an address in it.
type linked struct{ Text, Href string }

// outbox lists letters: "/outbox", for the operator.
func (w *web) outbox(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	before := r.URL.Query().Get("before")
	upto, ok := parseSeq(or(before, "0"))
	if !ok {
		return &InputError{"before", quote(before) + " is not the number of a letter", "follow the links at the end of the list"}
	}
	state := digest.State(r.URL.Query().Get("state"))
	mails, err := w.Digest.Store.Outbox(r.Context(), digest.OutboxFilter{State: state, Before: int64(upto), Limit: shownMails + 1})
	if err != nil {
		return err
	}
	figures, err := w.Digest.Store.Figures(r.Context())
	if err != nil {
		return err
	}
	suspended, err := w.Digest.Store.Suspended(r.Context())
	if err != nil {
		return err
	}
	v := w.view(rw, r, "outbox")
	p := &outboxPage{Mails: mails, Suspended: suspended, States: stateLinks(figures.Letters, state)}
	here := "/outbox"
	if state != "" {
		here += "?state=" + url.QueryEscape(string(state))
	}
	if len(mails) > shownMails {
		p.Mails = mails[:shownMails]
		p.Older = "/outbox?state=" + url.QueryEscape(string(state)) + "&before=" + number(p.Mails[shownMails-1].ID)
	}
	if before != "" {
		p.Newer = here
	}
	v.Title, v.Page, v.NoIndex = v.t.T("outbox.title"), p, true
	return w.render(rw, r, http.StatusOK, "outbox.html", v)
}

// stateLinks lead to all letters, and to those of each state that has any.
func stateLinks(count map[digest.State]int, current digest.State) []stateLink {
	all := stateLink{Href: "/outbox", Current: current == ""}
	var links []stateLink
	for _, s := range digest.States {
		if all.Count += count[s]; count[s] > 0 {
			links = append(links, stateLink{s, count[s], "/outbox?state=" + url.QueryEscape(string(s)), s == current})
		}
	}
	return append([]stateLink{all}, links...)
}

// mailed does with a letter what the operator says: "POST /outbox/7", do=retry,
// drop or arrived.
func (w *web) mailed(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	if err := r.ParseForm(); err != nil {
		return formError(err)
	}
	id, ok := parseSeq(r.PathValue("id"))
	do := map[string]func(context.Context, int64) error{"retry": w.Digest.Store.Retry, "drop": w.Digest.Store.Drop,
		"arrived": w.Digest.Store.Arrived}[r.PostForm.Get("do")]
	if !ok || do == nil {
		return &InputError{"form", "it does not say what to do with which letter", "use the buttons on the letter's page"}
	}
	if err := do(r.Context(), int64(id)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return &InputError{"letter", err.Error(), "look at it again: it may have changed meanwhile"}
	}
	w.post(r.Context())
	http.Redirect(rw, r, "/outbox/"+number(int64(id)), http.StatusSeeOther)
	return nil
}

// lifted ends a suspension on the operator's word: "POST /outbox/suspended/3",
// with the number of a person.
func (w *web) lifted(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
	}
	id, ok := parseSeq(r.PathValue("id"))
	if !ok {
		return &InputError{"form", "it does not say whose mail is meant", "use the buttons on the page of the outbox"}
	}
	if err := w.Digest.Store.Lift(r.Context(), int64(id)); err != nil {
		return err
	}
	w.post(r.Context())
	http.Redirect(rw, r, "/outbox", http.StatusSeeOther)
	return nil
}

// mail is one letter: "/outbox/7", or "/outbox/7.html" as mail programs show it.
func (w *web) mail(rw http.ResponseWriter, r *http.Request) error {
	if w.Digest == nil {
		return errNoDigest
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
	v.Title, v.Page, v.NoIndex = or(m.Subject, v.t.T("outbox.title")), &mailPage{m, links(m.Text), can(v, m)}, true
	return w.render(rw, r, http.StatusOK, "mail.html", v)
}

// can lists what can be done with a letter.
func can(v *view, m *digest.Mail) (list []option) {
	if m.To == "" {
		return nil
	}
	for _, o := range []struct {
		do string
		in []digest.State
	}{{"arrived", []digest.State{digest.Uncertain}}, {"retry", []digest.State{digest.Failed, digest.Uncertain, digest.Dropped}},
		{"drop", []digest.State{digest.Queued, digest.Failed}}} {
		if slices.Contains(o.in, m.State) {
			list = append(list, option{Label: v.t.T("outbox." + o.do), Value: o.do})
		}
	}
	return list
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

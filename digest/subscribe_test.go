package digest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A reader asks, confirms, is told, and leaves.
func TestAReadersLife(t *testing.T) {
	w := start(t)
	w.publish(centres, places("751")...)
	p, err := w.digest.Subscribe(t.Context(), Request{Email: " Reader@Example.ORG ", Filter: Filter{Topics: []string{"closed-centres"}}, Settings: Settings{Cadence: Daily}})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "expires", p.Expires, w.time().Add(48*time.Hour))
	if _, err := w.digest.Send(t.Context()); err != nil {
		t.Fatal(err)
	}
	asked := w.mailer.take()
	want(t, "mails", len(asked), 1)
	want(t, "to", asked[0].To, "Reader@example.org")
	confirm := token(t, asked[0].Text, "confirm")
	stop := token(t, asked[0].Text, "stop")

	// Looking at the links changes nothing.
	for range 2 {
		if p, err = w.store.LookupConfirm(t.Context(), confirm); err != nil || !p.Subscription.Confirmed.IsZero() {
			t.Fatalf("look at confirmation: %v, %v", p, err)
		}
		if _, err = w.store.LookupStop(t.Context(), stop); err != nil {
			t.Fatal(err)
		}
	}
	want(t, "before confirmation", len(w.sync()), 0)
	for range 2 { // a second click is no harm
		s, err := w.digest.Confirm(t.Context(), confirm)
		if err != nil || s.Confirmed.IsZero() || s.Upto != 1 {
			t.Fatalf("confirm: %+v, %v", s, err)
		}
	}
	w.publish(centres, places("1 145")...)
	want(t, "before the hour", len(w.sync()), 0)
	w.pass(24 * time.Hour)
	told := w.sync()
	want(t, "changes", changes(told), "1..2")
	if !strings.HasPrefix(told[0].Subject, "Veille: 1 change – ") {
		t.Errorf("subject %q", told[0].Subject)
	}
	w.pass(24 * time.Hour)
	want(t, "told again", len(w.sync()), 0)

	for n := range 2 {
		s, err := w.digest.Stop(t.Context(), token(t, told[0].Text, "stop"))
		if err != nil || n == 0 && len(s.Subscriptions) != 1 || n == 1 && (len(s.Subscriptions) != 0 || s.Person.Email != "" || s.Person.Ended.IsZero()) {
			t.Fatalf("stop %d: %+v, %v", n, s, err)
		}
	}
	w.publish(centres, places("2 000")...)
	w.pass(48 * time.Hour)
	want(t, "after stopping", len(w.sync()), 0)
	if _, err := w.digest.Confirm(t.Context(), confirm); !errors.Is(err, ErrExpired) {
		t.Errorf("confirm after stop: %v", err)
	}
	w.erased("eader@")
}

// erased checks that a text is nowhere in the files of the store.
func (w *world) erased(text string) {
	w.Helper()
	if _, err := w.store.write.Exec(`PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		w.Fatal(err)
	}
	for _, name := range []string{"subscribers.db", "subscribers.db-wal"} {
		b, err := os.ReadFile(filepath.Join(w.dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			w.Fatal(err)
		}
		if i := bytes.Index(b, []byte(text)); i >= 0 {
			w.Errorf("%s holds %q at %d: %q", name, text, i, b[max(0, i-40):i+40])
		}
	}
}

func TestTokensAreNotKept(t *testing.T) {
	w := start(t)
	if _, err := w.digest.Subscribe(t.Context(), Request{Email: "reader@example.org"}); err != nil {
		t.Fatal(err)
	}
	m, err := w.store.Mail(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	confirm, stop := token(t, m.Text, "confirm"), token(t, m.Text, "stop")
	if !strings.Contains(m.HTML, "/confirm/"+confirm+`"`) || !strings.Contains(m.HTML, "/stop/"+stop+`"`) {
		t.Errorf("links of text and HTML differ:\n%s", m.HTML)
	}
	if confirm == stop {
		t.Error("one token for two purposes")
	}
	w.erased(confirm)
	w.erased(stop)
	for _, forged := range []string{"", stop, strings.ToLower(confirm), confirm + "A", w.store.token(forConfirm, 2)} {
		if _, err := w.digest.Confirm(t.Context(), forged); !errors.Is(err, ErrToken) || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("confirm %q: %v", forged, err)
		}
	}
	if _, err := w.digest.Stop(t.Context(), confirm); !errors.Is(err, ErrToken) {
		t.Errorf("stop with the wrong token: %v", err)
	}
	info, err := os.Stat(filepath.Join(w.dir, "subscribers.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestTokensOutliveARestart(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(t, dir)
	s := w.subscribed(Request{})
	token := w.store.token(forStop, s.ID)
	w.close()
	w = newWorld(t, dir)
	if got, err := w.store.LookupStop(t.Context(), token); err != nil || len(got.Subscriptions) != 1 || got.Subscriptions[0].ID != s.ID {
		t.Errorf("after a restart: %v, %v", got, err)
	}
}

func TestConfirmationsExpire(t *testing.T) {
	w := start(t)
	if _, err := w.digest.Subscribe(t.Context(), Request{Email: "reader@example.org"}); err != nil {
		t.Fatal(err)
	}
	w.digest.Send(t.Context())
	confirm := token(t, w.mailer.take()[0].Text, "confirm")
	w.pass(ConfirmWithin)
	if _, err := w.digest.Confirm(t.Context(), confirm); !errors.Is(err, ErrExpired) {
		t.Errorf("after 48 hours: %v", err)
	}
	w.sync()
	if list, _ := w.store.List(t.Context()); len(list) != 0 {
		t.Errorf("the unconfirmed address is still there: %+v", list[0])
	}
	w.erased("reader@")
}

// A letter that could not leave in time is not sent with a link that no longer works.
func TestALateConfirmationIsNotSent(t *testing.T) {
	w := start(t)
	w.mailer.fails = func(*Mail) error { return ErrUnreachable }
	w.digest.Subscribe(t.Context(), Request{Email: "reader@example.org"})
	w.sync()
	w.mailer.fails = nil
	w.pass(ConfirmWithin)
	want(t, "mails", len(w.sync()), 0)
	want(t, "outbox", w.states(), "confirm dropped")
	if err := w.store.Retry(t.Context(), 1); err == nil {
		t.Error("a letter without a valid link can be queued again")
	}
}

func TestOneAddressIsNotFlooded(t *testing.T) {
	w := start(t)
	ask := func(email string) error {
		_, err := w.digest.Subscribe(t.Context(), Request{Email: email, Filter: Filter{Query: fmt.Sprint("word", w.time().UnixNano())}})
		w.pass(time.Minute)
		return err
	}
	for range ConfirmsADay {
		if err := ask("reader@example.org"); err != nil {
			t.Fatal(err)
		}
	}
	w.digest.Send(t.Context())
	// Erasing the address does not reset the count; another spelling is the same address.
	w.digest.Stop(t.Context(), token(t, w.mailer.take()[0].Text, "stop"))
	for _, email := range []string{"READER@Example.org", "reader+more@example.org", "reader+@example.org"} {
		if err := ask(email); !errors.Is(err, ErrTooMany) {
			t.Errorf("%s, sixth in a day: %v", email, err)
		}
	}
	if err := ask("other@example.org"); err != nil {
		t.Errorf("another address: %v", err)
	}
	w.pass(24 * time.Hour)
	if err := ask("reader@example.org"); err != nil {
		t.Errorf("next day: %v", err)
	}
}

// Spellings under which one mailbox is reached are one to the limit.
func TestMailbox(t *testing.T) {
	for address, box := range map[string]string{"a.b+x@gmail.com": "ab@gmail.com", "AB@googlemail.com": "ab@gmail.com", "a.b@example.org": "a.b@example.org",
		"+x@example.org": "+x@example.org", "a+b+c@example.org": "a@example.org"} {
		want(t, address, mailbox(address), box)
	}
}

// What a stranger typed into the form is no link in the mail to somebody else.
func TestAStrangersWordsAreNoLink(t *testing.T) {
	w := start(t)
	_, err := w.digest.Subscribe(t.Context(), Request{Email: "victim@example.org", Filter: Filter{Query: "cheap pills at evil.example or write me@evil.example", Passage: "only today at evil.example"},
		Settings: Settings{Name: "evil.example", Note: "evil.example"}})
	if err != nil {
		t.Fatal(err)
	}
	ms := w.sync()
	if len(ms) != 1 || strings.Contains(ms[0].Text+ms[0].HTML+ms[0].Subject, "evil.example") || !strings.Contains(ms[0].Text, "cheap pills at evil.\u200bexample") {
		t.Errorf("the mail: %+v", ms)
	}
}

// The same address and the same filter are one subscription; its settings
// change only when its owner confirms.
func TestTheSameTwiceIsOne(t *testing.T) {
	w := start(t)
	ask := func(r Request) string {
		t.Helper()
		if _, err := w.digest.Subscribe(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if _, err := w.digest.Send(t.Context()); err != nil {
			t.Fatal(err)
		}
		return token(t, w.mailer.take()[0].Text, "confirm")
	}
	first := ask(Request{Email: "reader@example.org", Filter: Filter{Query: "closed  centre", Topics: []string{"return-hubs", "closed-centres"}}, Settings: Settings{Cadence: Daily}})
	w.digest.Confirm(t.Context(), first)
	w.publish(centres, places("1")...)
	second := ask(Request{Email: "Reader@example.org", Lang: "nl", Filter: Filter{Query: " closed centre ", Topics: []string{"closed-centres", "return-hubs", "return-hubs"}}, Settings: Settings{Cadence: Weekly}})
	list, _ := w.store.List(t.Context())
	if len(list) != 1 || list[0].Cadence != Daily {
		t.Fatalf("before the second confirmation: %+v", list)
	}
	s, err := w.digest.Confirm(t.Context(), second)
	if err != nil || s.ID != list[0].ID || s.Cadence != Weekly || s.Lang != "nl" || s.Upto != 0 {
		t.Errorf("after it: %+v, %v", s, err)
	}
	ask(Request{Email: "reader@example.org", Filter: Filter{Query: "closed centre"}})
	if list, _ = w.store.List(t.Context()); len(list) != 2 {
		t.Errorf("another filter: %d subscriptions", len(list))
	}
}

func TestWrongRequests(t *testing.T) {
	w := start(t)
	ok := Request{Email: "reader@example.org"}
	for _, c := range []struct {
		field  string
		change func(*Request)
	}{
		{"email", func(r *Request) { r.Email = "reader" }},
		{"query", func(r *Request) { r.Query = `"closed centre` }},
		{"query", func(r *Request) { r.Query = strings.Repeat("word ", 101) }},
		{"query", func(r *Request) { r.Query = "win https://example.com" }},
		{"name", func(r *Request) { r.Name = "visit WWW.example.com" }},
		{"topics", func(r *Request) { r.Topics = []string{"nonsense"} }},
		{"sources", func(r *Request) { r.Sources = []string{"nonsense"} }},
		{"sources", func(r *Request) {
			for i := range 101 {
				r.Sources = append(r.Sources, fmt.Sprint(i))
			}
		}},
		{"min_weight", func(r *Request) { r.MinWeight = 6 }},
		{"min_weight", func(r *Request) { r.MinWeight = -1 }},
		{"cadence", func(r *Request) { r.Cadence = "hourly" }},
		{"lang", func(r *Request) { r.Lang = "xx" }},
		{"zone", func(r *Request) { r.Zone = "Europe/Nowhere" }},
		{"zone", func(r *Request) { r.Zone = "Local" }},
		{"at", func(r *Request) { r.At = "25:00" }},
	} {
		r := ok
		c.change(&r)
		_, err := w.digest.Subscribe(t.Context(), r)
		var e *RequestError
		if !errors.As(err, &e) || e.Field != c.field || e.Do == "" {
			t.Errorf("%s: %v", c.field, err)
		}
	}
	want(t, "outbox", w.states(), "")
}

func TestAnswersAreTheSameForAKnownAddress(t *testing.T) {
	w := start(t)
	w.subscribed(Request{Email: "reader@example.org", Settings: Settings{Cadence: Daily}})
	known, err := w.digest.Subscribe(t.Context(), Request{Email: "reader@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := w.digest.Subscribe(t.Context(), Request{Email: "nobody@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "expires", known.Expires, unknown.Expires)
	want(t, "confirmed", known.Subscription.Confirmed, unknown.Subscription.Confirmed)
}

func TestRemove(t *testing.T) {
	w := start(t)
	s := w.subscribed(Request{})
	if err := w.store.Remove(t.Context(), s.ID); err != nil {
		t.Fatal(err)
	}
	for _, id := range []int64{s.ID, 99} {
		if err := w.store.Remove(t.Context(), id); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("remove %d: %v", id, err)
		}
	}
	// Who comes back begins anew.
	w.publish(centres, places("1")...)
	if again := w.subscribed(Request{}); again.ID == s.ID || again.Upto != 1 {
		t.Errorf("again: %+v", again)
	}
}

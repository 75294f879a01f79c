package digest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/archive"
)

// says reports whether a mail says something, however its lines are broken.
func says(m Mail, what string) bool {
	return strings.Contains(strings.Join(strings.Fields(m.Text), " "), strings.TrimSpace(what))
}

// A person with several subscriptions gets one digest a period: each change
// once, with all the reasons for it.
func TestOneDigestForAllSubscriptions(t *testing.T) {
	w := start(t)
	w.publish(centres, places("751")...)
	w.publish(hubs, places("10")...)
	w.subscribed(Request{Filter: Filter{Query: "751"}, Settings: Settings{Cadence: Daily, Note: "for the capacity file"}})
	w.subscribed(Request{Filter: Filter{Sources: []string{"be-ministry"}}, Settings: Settings{Cadence: Daily}})
	w.subscribed(Request{Filter: Filter{Topics: []string{"return-hubs"}}, Settings: Settings{Cadence: Daily, Name: "The hubs", Density: Headlines}})
	w.publish(centres, places("1 145")...)
	w.publish(hubs, places("20")...)
	w.pass(24 * time.Hour)
	ms := w.sync()
	want(t, "changes", changes(ms), "1..3 2..4")
	want(t, "subject", ms[0].Subject, "Veille: 2 changes – 751 and 2 more")
	for _, s := range []string{"Because of: your search “751”; source The Ministry\n", "Because of: The hubs\n", "Your note: for the capacity file\n",
		"  - The hubs – topics: Return hubs"} {
		if !says(ms[0], s) {
			t.Errorf("the digest lacks %q:\n%s", s, ms[0].Text)
		}
	}
	if says(ms[0], "{+20+}") {
		t.Errorf("a headline has an excerpt:\n%s", ms[0].Text)
	}
	w.pass(24 * time.Hour)
	want(t, "told again", len(w.sync()), 0)
}

// What one subscription told is not told again by a slower one; of a page that
// changed again only the rest is.
func TestASlowerSubscriptionTellsTheRest(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	w.publish(hubs, places("1")...)
	w.subscribed(Request{Filter: Filter{Sources: []string{"be-ministry"}}, Settings: Settings{Cadence: Daily}})
	w.subscribed(Request{Settings: Settings{Cadence: Weekly, Name: "Weekly"}})
	w.publish(centres, places("2")...)
	w.publish(hubs, places("2")...)
	w.pass(24 * time.Hour)
	ms := w.sync()
	want(t, "on Tuesday", changes(ms), "1..3")
	if !says(ms[0], "Because of: source The Ministry; Weekly\n") {
		t.Errorf("a reason that is not due yet is missing:\n%s", ms[0].Text)
	}
	w.publish(hubs, places("3")...)
	w.pass(6 * 24 * time.Hour)
	w.publish(centres, places("3")...)
	want(t, "on the next Monday", changes(w.sync()), "2..5 3..6")
	w.pass(14 * 24 * time.Hour)
	want(t, "nothing is left", len(w.sync()), 0)
}

func TestWithout(t *testing.T) {
	whole := run{stretch{1, 9}, 7, []archive.Seq{3, 5, 7, 9}}
	for name, c := range map[string]struct {
		told map[archive.Seq]archive.Seq
		want string
	}{
		"nothing told":        {nil, "1..9(4)"},
		"another page's":      {map[archive.Seq]archive.Seq{4: 2}, "1..9(4)"},
		"all of it":           {map[archive.Seq]archive.Seq{9: 1}, ""},
		"all and more":        {map[archive.Seq]archive.Seq{9: 0}, ""},
		"step by step":        {map[archive.Seq]archive.Seq{3: 1, 5: 3, 7: 5, 9: 7}, ""},
		"the beginning":       {map[archive.Seq]archive.Seq{5: 1}, "5..9(2)"},
		"the end":             {map[archive.Seq]archive.Seq{9: 5}, "1..5(2)"},
		"the middle":          {map[archive.Seq]archive.Seq{7: 3}, "1..3(1) 7..9(1)"},
		"both ends":           {map[archive.Seq]archive.Seq{3: 1, 9: 7}, "3..7(2)"},
		"from before its own": {map[archive.Seq]archive.Seq{3: 0}, "3..9(3)"},
	} {
		var got []string
		for _, r := range whole.without(c.told) {
			want(t, name+": end", r.via[len(r.via)-1], r.to)
			got = append(got, fmt.Sprintf("%d..%d(%d)", r.from, r.to, len(r.via)))
		}
		want(t, name, strings.Join(got, " "), c.want)
	}
	want(t, "the run itself", len(whole.via), 4)
}

// Stopping one subscription leaves the others; the link in a digest stops all,
// and erases the person.
func TestLeaving(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	first := w.subscribed(Request{Filter: Filter{Query: "centres"}})
	w.subscribed(Request{Filter: Filter{Query: "places"}})
	w.publish(centres, places("2")...)
	text := w.sync()[0].Text
	st, err := w.digest.Stop(t.Context(), w.store.token(forStop, first.ID))
	if err != nil || st.All || len(st.Subscriptions) != 1 {
		t.Fatalf("stop one: %+v, %v", st, err)
	}
	list, _ := w.store.List(t.Context())
	want(t, "left", len(list), 1)
	leave := token(t, text, "stop")
	for n, many := range []int{1, 0} { // a second click is no harm
		st, err = w.digest.Stop(t.Context(), leave)
		if err != nil || !st.All || len(st.Subscriptions) != many {
			t.Fatalf("leave, click %d: %+v, %v", n, st, err)
		}
	}
	w.publish(centres, places("3")...)
	want(t, "mails", len(w.sync()), 0)
	w.erased("reader@")
	w.erased("places")
	var told int
	if err := w.store.read.QueryRow(`SELECT count(*) FROM told`).Scan(&told); err != nil || told != 0 {
		t.Errorf("%d entries of the ledger are left, %v", told, err)
	}
}

// Language and zone are the person's: a later confirmation changes them for all.
func TestThePersonsLanguage(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	w.subscribed(Request{Filter: Filter{Query: "centres"}})
	w.subscribed(Request{Lang: "nl", Zone: "Europe/London", Filter: Filter{Query: "places"}})
	w.subscribed(Request{Filter: Filter{Query: "thirty"}}) // does not say
	list, _ := w.store.List(t.Context())
	want(t, "subscriptions", len(list), 3)
	for _, s := range list {
		want(t, "language and zone", s.Lang+" "+s.Zone, "nl Europe/London")
	}
}

// A mail is sent when nothing changed only to those who want it, and says how
// often was looked.
func TestNothingChanged(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	w.subscribed(Request{Email: "quiet@example.org", Settings: Settings{Cadence: Daily}})
	w.subscribed(Request{Email: "curious@example.org", Settings: Settings{Cadence: Daily, Always: true}})
	for range 3 {
		w.pass(time.Hour)
		w.captured(centres, strings.Join(places("1"), "\n"))
	}
	w.pass(24 * time.Hour)
	ms := w.sync()
	if len(ms) != 1 || ms[0].To != "curious@example.org" || !strings.HasPrefix(ms[0].Subject, "Veille: nothing changed") || !says(ms[0], " 3 checks since ") {
		t.Fatalf("mails: %+v", ms)
	}
}

// What cannot be read is said in every digest, and is news by itself, once, for
// those who ask; so is that it can be read again.
func TestSourcesThatCannotBeRead(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	w.publish(hubs, places("1")...)
	w.subscribed(Request{Email: "health@example.org", Filter: Filter{Kinds: []Kind{KindHealth}}})
	w.subscribed(Request{Email: "reader@example.org"})
	blocked := func() {
		w.read(w.captured(centres, "no"), archive.Reading{Class: archive.Blocked, Reason: "a challenge"})
	}
	w.pass(time.Hour)
	blocked()
	want(t, "after an hour", len(w.sync()), 0)
	w.pass(25 * time.Hour)
	blocked()
	ms := w.sync()
	if len(ms) != 1 || ms[0].To != "health@example.org" || !says(ms[0], "has not been readable in full since 2 March 2026, 12:00 CET") {
		t.Fatalf("after a day: %+v", ms)
	}
	w.pass(25 * time.Hour)
	want(t, "told again", len(w.sync()), 0)
	w.publish(hubs, places("2")...)
	ms = w.sync()
	if len(ms) != 1 || !says(ms[0], "* The Ministry: 1 of 1 pages, since 2 March 2026, 12:00 CET (the site turns programs away)") {
		t.Fatalf("a digest without coverage: %+v", ms)
	}
	w.publish(centres, places("1")...)
	ms = w.sync()
	if len(ms) != 1 || !says(ms[0], "can be read again") {
		t.Fatalf("when it can be read again: %+v", ms)
	}
	want(t, "told again", len(w.sync()), 0)
}

// A translation that has not followed is told once, when its time is over.
func TestDrift(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	w.subscribed(Request{Filter: Filter{Kinds: []Kind{KindDrift}, Sources: []string{"be-ministry"}}, Settings: Settings{Cadence: Daily}})
	w.subscribed(Request{Email: "other@example.org", Filter: Filter{Kinds: []Kind{KindDrift}, Sources: []string{"be-agency"}}, Settings: Settings{Cadence: Daily}})
	old, due := w.time().Add(-time.Hour), w.time().Add(30*time.Hour)
	w.digest.Drifts = func(_ context.Context, since time.Time) ([]Notice, error) {
		if since.After(w.time().Add(-100 * 24 * time.Hour)) {
			t.Errorf("asked since %s only", since)
		}
		var out []Notice
		for key, at := range map[string]time.Time{"drift 1 nl": old, "drift 2 nl": due} {
			if !w.time().Before(at) {
				out = append(out, Notice{Key: key, Kind: KindDrift, Source: "be-ministry", Lang: "fr", Title: "Centres fermés", Text: map[string]string{"en": "Dutch has not followed."}, Link: "/change/2..3", Time: at, Weight: 3})
			}
		}
		return out, nil
	}
	var got []string
	for range 4 {
		w.pass(24 * time.Hour)
		for _, m := range w.sync() {
			got = append(got, m.To+" "+strings.Join(m.Changes, ","))
		}
	}
	want(t, "told", strings.Join(got, "; "), "reader@example.org drift 2 nl")
}

// After a crash at the worst moment nobody knows whether a digest arrived. It is
// not sent again; the next one says that it may be missing, and what it told.
func TestAnUncertainDigestIsMentioned(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	w.subscribed(Request{Settings: Settings{Cadence: Daily}})
	w.publish(centres, places("2")...)
	w.pass(24 * time.Hour)
	w.mailer.fails = func(*Mail) error { return ErrUncertain }
	w.sync()
	w.mailer.fails = nil
	w.pass(24 * time.Hour)
	ms := w.sync()
	if len(ms) != 1 || len(ms[0].Changes) != 0 || !says(ms[0], "may not have arrived. It told of: https://veille.example.org/change/1..2 ") {
		t.Fatalf("the next: %+v", ms)
	}
	w.pass(24 * time.Hour)
	want(t, "mentioned again", len(w.sync()), 0)
	// Had the operator found that it arrived, nothing would be said.
	w.publish(centres, places("3")...)
	w.pass(24 * time.Hour)
	w.mailer.fails = func(*Mail) error { return ErrUncertain }
	w.sync()
	w.mailer.fails = nil
	if err := w.store.Arrived(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	w.pass(24 * time.Hour)
	want(t, "after the operator's word", len(w.sync()), 0)
	want(t, "outbox", w.states(), "digest uncertain, digest sent, digest sent")
}

func TestOneAskerAndOneDomainAreLimited(t *testing.T) {
	w := start(t)
	ask := func(n int, domain, from string) error {
		_, err := w.digest.Subscribe(t.Context(), Request{Email: fmt.Sprintf("reader%d@%s", n, domain), Asker: netip.MustParseAddr(from)})
		return err
	}
	for n := range ConfirmsFromOne {
		if err := ask(n, fmt.Sprintf("d%d.example.org", n), fmt.Sprintf("2001:db8::%x", n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := ask(99, "example.net", "2001:db8::ffff"); !errors.Is(err, ErrTooManyFromYou) {
		t.Errorf("one network of IPv6 asks once more: %v", err)
	}
	for n := range ConfirmsADomain {
		if err := ask(n, "example.com", fmt.Sprintf("192.0.2.%d", n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := ask(99, "EXAMPLE.com", "198.51.100.1"); !errors.Is(err, ErrTooManyAtDomain) {
		t.Errorf("one provider more: %v", err)
	}
	if err := ask(99, "example.net", "198.51.100.1"); err != nil {
		t.Errorf("another: %v", err)
	}
	w.pass(time.Hour + time.Second)
	if err := ask(100, "example.com", "192.0.2.1"); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

func TestThrowawayAddressesAreRefused(t *testing.T) {
	w := start(t)
	for _, address := range []string{"x@mailinator.com", "x@YOPMAIL.com", "x@deep.guerrillamail.com"} {
		var wrong *RequestError
		if _, err := w.digest.Subscribe(t.Context(), Request{Email: address}); !errors.As(err, &wrong) || wrong.Field != "email" {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"x@notmailinator.com", "x@mailinator.example.org"} {
		if _, err := w.digest.Subscribe(t.Context(), Request{Email: address}); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	if !slices.IsSorted(strings.Fields(throwaway)) {
		t.Error("the list is not in order")
	}
}

// One person has one address, in whatever spelling it is typed, and one digest.
func TestASpellingOfAnAddressIsNoOtherPerson(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	first := w.subscribed(Request{Email: "reader@example.org", Filter: Filter{Query: "places"}})
	second := w.subscribed(Request{Email: "Reader@Example.ORG", Filter: Filter{Query: "centres"}})
	want(t, "person", second.Person, first.Person)
	want(t, "address", second.Email, "reader@example.org")
	w.publish(centres, places("2")...)
	mails := w.sync()
	want(t, "told", changes(mails), "1..2")
	want(t, "to", mails[0].To, "reader@example.org")
}

// Who moves to another zone has all digests at their hour there, from then on.
func TestAnotherZoneHoldsForAllSubscriptions(t *testing.T) {
	w := start(t) // 09:00 in Brussels
	w.subscribed(Request{Filter: Filter{Query: "places"}, Settings: Settings{Cadence: Daily}})
	waits := w.subscribed(Request{Filter: Filter{Query: "waits"}, Settings: Settings{Cadence: Daily}})
	if _, err := w.store.write.ExecContext(t.Context(), `UPDATE subscription SET due = 1 WHERE id = $1`, waits.ID); err != nil {
		t.Fatal(err)
	}
	w.subscribed(Request{Filter: Filter{Query: "centres"}, Settings: Settings{Cadence: Daily}, Zone: "America/New_York"})
	list, err := w.store.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want(t, "the first", list[0].Due.Format(time.RFC3339), "2026-03-02T12:00:00Z")
	want(t, "what is due already", list[1].Due.UnixMilli(), 1)
	want(t, "the one that brought the zone", list[2].Due.Format(time.RFC3339), "2026-03-02T12:00:00Z")
}

// Whether an address is known cannot be told from what is done when its link is
// asked for: something is written in both cases.
func TestAskingForALinkTellsNothing(t *testing.T) {
	w := start(t)
	w.subscribed(Request{Email: "known@example.org"})
	for i, address := range []string{"known@example.org", "unknown@example.org", "known@example.org"} {
		w.pass(time.Minute)
		if err := w.digest.AskManage(t.Context(), address); err != nil {
			t.Fatal(err)
		}
		var asked int64
		if err := w.store.read.QueryRowContext(t.Context(), `SELECT value FROM setting WHERE name = 'asked'`).Scan(&asked); err != nil {
			t.Fatal(err)
		}
		want(t, fmt.Sprint("written at ask ", i), asked, ms(w.time()))
	}
	want(t, "letters", w.states(), "manage queued")
}

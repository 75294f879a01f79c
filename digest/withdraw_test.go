package digest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A digest that waits while the mail server is down is written anew when one of
// the subscriptions that it speaks of is stopped: without that, and nothing else
// is lost or told twice.
func TestStoppingOneTakesItOutOfWhatWaits(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	w.publish(hubs, places("1")...)
	stopped := w.subscribed(Request{Settings: Settings{Name: "To be stopped"}, Filter: Filter{Sources: []string{"be-ministry", "be-agency"}}})
	w.subscribed(Request{Settings: Settings{Name: "To be kept", Cadence: Daily, At: "09:00"}, Zone: "UTC", Filter: Filter{Sources: []string{"be-agency"}}})
	w.mailer.fails = func(*Mail) error { return fmt.Errorf("%w: down", ErrUnreachable) }
	w.pass(24 * time.Hour)
	w.publish(centres, places("2")...)
	w.publish(hubs, places("2")...)
	w.sync()
	want(t, "while it is down", w.states(), "digest queued")
	if err := w.store.StopOne(t.Context(), w.store.token(forManage, stopped.Person), stopped.ID); err != nil {
		t.Fatal(err)
	}
	want(t, "after the stop", w.states(), "digest dropped")
	w.mailer.fails = nil
	w.pass(10 * time.Hour)
	mails := w.sync()
	want(t, "told", changes(mails), "2..4")
	if text := mails[0].Text; strings.Contains(text, "To be stopped") || !strings.Contains(text, "To be kept") {
		t.Errorf("the digest speaks of what was stopped:\n%s", text)
	}
	w.pass(48 * time.Hour)
	want(t, "told again", changes(w.sync()), "")
	letters, err := w.store.Outbox(t.Context(), OutboxFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.Retry(t.Context(), letters[len(letters)-1].ID); err == nil {
		t.Error("a digest that was written anew can be sent again")
	}
}

// A digest that waits is written anew when a subscription that it speaks of is
// given another filter, or weight, or is to be told in another way.
func TestChangingOneRewritesWhatWaits(t *testing.T) {
	for _, c := range []struct {
		what string
		req  Request
		told string
		says string
	}{
		{"another filter", Request{Filter: Filter{Sources: []string{"be-agency"}}}, "2..4", ""},
		{"a weight that nothing has", Request{Filter: Filter{MinWeight: 5, Sources: []string{"be-agency"}, Query: "nothing"}}, "", ""},
		{"another note", Request{Filter: Filter{Sources: []string{"be-ministry"}}, Settings: Settings{Note: "For the report"}}, "1..3", "For the report"},
	} {
		t.Run(c.what, func(t *testing.T) {
			w := start(t)
			w.publish(centres, places("1")...)
			w.publish(hubs, places("1")...)
			sub := w.subscribed(Request{Filter: Filter{Sources: []string{"be-ministry"}}})
			w.mailer.fails = func(*Mail) error { return fmt.Errorf("%w: down", ErrUnreachable) }
			w.publish(centres, places("2")...)
			w.publish(hubs, places("2")...)
			w.sync()
			want(t, "while it is down", w.states(), "digest queued")
			c.req.Cadence = Now
			if _, err := w.digest.Change(t.Context(), w.store.token(forManage, sub.Person), sub.ID, c.req); err != nil {
				t.Fatal(err)
			}
			want(t, "after the change", w.states(), "digest dropped")
			w.mailer.fails = nil
			w.pass(10 * time.Hour)
			mails := w.sync()
			want(t, "told", changes(mails), c.told)
			if len(mails) == 1 && !strings.Contains(mails[0].Text, c.says) {
				t.Errorf("it does not say %q:\n%s", c.says, mails[0].Text)
			}
			w.pass(48 * time.Hour)
			want(t, "told again", changes(w.sync()), "")
		})
	}
}

// What may have arrived is not taken back.
func TestStoppingOneLeavesWhatMayHaveArrived(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	stopped := w.subscribed(Request{Filter: Filter{Query: "centres"}})
	w.subscribed(Request{Filter: Filter{Query: "places"}})
	w.mailer.fails = func(*Mail) error { return fmt.Errorf("%w: cut off", ErrUncertain) }
	w.publish(centres, places("2")...)
	w.sync()
	if err := w.store.StopOne(t.Context(), w.store.token(forManage, stopped.Person), stopped.ID); err != nil {
		t.Fatal(err)
	}
	w.mailer.fails = nil
	want(t, "letters", w.states(), "digest uncertain")
	w.publish(centres, places("3")...)
	want(t, "told", changes(w.sync()), "2..3")
}

// A subscription that is changed while its digest is composed is told as it was
// changed, and when.
func TestChangedWhileItsDigestIsComposed(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	sub := w.subscribed(Request{Settings: Settings{Cadence: Weekly, Name: "Before"}})
	w.publish(centres, places("2")...)
	w.pass(7 * 24 * time.Hour)
	w.digest.crash = func(point string) {
		if point != "compose" {
			return
		}
		w.digest.crash = nil
		req := Request{Settings: Settings{Cadence: Daily, Name: "After"}}
		if _, err := w.digest.Change(t.Context(), w.store.token(forManage, sub.Person), sub.ID, req); err != nil {
			t.Fatal(err)
		}
	}
	want(t, "while it is changed", changes(w.sync()), "")
	w.pass(24 * time.Hour)
	mails := w.sync()
	want(t, "a day later", changes(mails), "1..2")
	if len(mails) == 1 && !strings.Contains(mails[0].Text, "After") {
		t.Errorf("it is told as before:\n%s", mails[0].Text)
	}
}

// A subscription that is stopped while a digest is on its way is not told of in
// the next attempt, if the mail server did not take this one.
func TestStoppedWhileADigestIsOnItsWay(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	w.publish(hubs, places("1")...)
	stopped := w.subscribed(Request{Settings: Settings{Name: "To be stopped"}, Filter: Filter{Sources: []string{"be-ministry"}}})
	w.subscribed(Request{Settings: Settings{Name: "To be kept"}, Filter: Filter{Sources: []string{"be-agency"}}})
	w.publish(centres, places("2")...)
	w.publish(hubs, places("2")...)
	w.mailer.fails = func(*Mail) error {
		w.mailer.fails = nil
		if err := w.store.StopOne(t.Context(), w.store.token(forManage, stopped.Person), stopped.ID); err != nil {
			t.Fatal(err)
		}
		return fmt.Errorf("%w: later", ErrTemporary)
	}
	want(t, "at once", changes(w.sync()), "")
	want(t, "letters", w.states(), "digest dropped")
	w.pass(time.Hour)
	mails := w.sync()
	want(t, "told", changes(mails), "2..4")
	if len(mails) == 1 && strings.Contains(mails[0].Text, "To be stopped") {
		t.Errorf("the digest speaks of what was stopped:\n%s", mails[0].Text)
	}
}

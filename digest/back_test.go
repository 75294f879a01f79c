package digest

import (
	"testing"
	"time"
)

// A page that changed and changed back in one period is counted. But who was told
// of the first change by another subscription, which ended since, is told that the
// page changed back: the ledger is a person's.
func TestWhoWasToldOfAChangeIsToldThatItWasTakenBack(t *testing.T) {
	for _, c := range []struct {
		what  string
		query string
		last  string // what the page says in the end
		told  string
	}{
		{"a page that changed back", "", "751", "2..3"},
		{"a word that came and went", "1145", "800", "2..3"},
		{"a change that goes on", "", "800", "2..3"},
	} {
		t.Run(c.what, func(t *testing.T) {
			w := start(t)
			w.publish(centres, places("751")...)
			atOnce := w.subscribed(Request{Filter: Filter{MinWeight: 1, Query: c.query, Sources: []string{"be-ministry"}}})
			w.subscribed(Request{Filter: Filter{MinWeight: 1, Query: c.query}, Settings: Settings{Cadence: Weekly}})
			w.publish(centres, places("1145")...)
			want(t, "told at once", changes(w.sync()), "1..2")
			if err := w.store.StopOne(t.Context(), w.store.token(forManage, atOnce.Person), atOnce.ID); err != nil {
				t.Fatal(err)
			}
			w.publish(centres, places(c.last)...)
			w.pass(8 * 24 * time.Hour)
			want(t, "told weekly", changes(w.sync()), c.told)
			w.pass(8 * 24 * time.Hour)
			want(t, "told again", changes(w.sync()), "")
		})
	}
}

// Who was told of nothing is told of nothing, and how often.
func TestAPageThatChangedBackIsCounted(t *testing.T) {
	w := start(t)
	w.publish(centres, places("751")...)
	w.subscribed(Request{Filter: Filter{MinWeight: 1}, Settings: Settings{Cadence: Weekly}})
	w.publish(centres, places("1145")...)
	w.publish(centres, places("751")...)
	w.pass(8 * 24 * time.Hour)
	r, err := w.digest.Sync(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "changed back", r.Reverted, 1)
	want(t, "mails", len(w.mailer.take()), 0)
}

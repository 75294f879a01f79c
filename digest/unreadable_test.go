package digest

import "testing"

// outdated gives a subscription, or a hook, a search that cannot be read: as one
// that was asked for when searches were written in another way.
const outdated = "until:2020-01-01 places"

// One search that cannot be read any more keeps nobody else from their digests,
// and loses nothing: changed into one that can, it tells what came meanwhile.
func TestASearchThatCannotBeReadKeepsNobodyWaiting(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	stuck := w.subscribed(Request{Email: "stuck@example.org", Filter: Filter{Query: "places"}})
	w.subscribed(Request{Email: "both@example.org", Filter: Filter{Query: "closed"}})
	both := w.subscribed(Request{Email: "both@example.org", Filter: Filter{Query: "centres"}})
	for _, s := range []*Subscription{stuck, both} {
		if _, err := w.store.write.ExecContext(t.Context(), `UPDATE subscription SET query = $1 WHERE id = $2`, outdated, s.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.publish(centres, places("2")...)
	mails := w.sync()
	want(t, "told", changes(mails), "1..2")
	want(t, "to", mails[0].To, "both@example.org")
	if same, err := w.digest.Equivalents(t.Context(), w.subscribed(Request{Email: "stuck@example.org", Filter: Filter{Query: "bus"}})); err != nil || len(same) > 0 {
		t.Errorf("equivalents: %v, %v", same, err)
	}
	if _, err := w.digest.Change(t.Context(), w.store.token(forManage, stuck.Person), stuck.ID, Request{Filter: Filter{Query: "places"}, Settings: Settings{Cadence: Now}}); err != nil {
		t.Fatal(err)
	}
	mails = w.sync()
	want(t, "told when it was changed", changes(mails), "1..2")
	want(t, "to", mails[0].To, "stuck@example.org")
}

// Nor does one of a webhook keep the others from theirs.
func TestAHookWhoseSearchCannotBeReadKeepsNobodyWaiting(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	r := w.receiver()
	stuck := w.hook(r, Filter{Query: "places"})
	w.hook(r, Filter{Query: "closed"})
	if _, err := w.store.write.ExecContext(t.Context(), `UPDATE hook SET filter = json_set(filter, '$.query', $1) WHERE id = $2`, outdated, stuck.ID); err != nil {
		t.Fatal(err)
	}
	two := w.publish(centres, places("2")...)
	want(t, "found", w.hooked().Found, 1)
	want(t, "told", r.took(), "change 1..2")
	h, err := w.store.Hook(t.Context(), stuck.ID)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "the place of the other", h.upto, two-1)
}

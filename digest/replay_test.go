package digest

import "testing"

// Two spellings of one search are the same subscription, though nothing was found
// that they could be compared by; another operator is another search.
func TestTheSameSearchIsNoticedInOtherLetters(t *testing.T) {
	w := start(t)
	first := w.subscribed(Request{Email: "reader@example.org", Filter: Filter{Query: "Return hub OR (hotspot)"}})
	for query, same := range map[string]int{"return HUB OR (Hotspot)": 1, "return hub or (hotspot)": 0, "return hub": 0} {
		second := *first
		second.ID, second.Filter.Query = -1, query
		list, err := w.digest.Equivalents(t.Context(), &second)
		if err != nil {
			t.Fatal(err)
		}
		want(t, query, len(list), same)
	}
}

// What cannot be looked back on is named, and does not count as nothing.
func TestAReplaySaysWhatItDoesNotReplay(t *testing.T) {
	w := start(t)
	for _, c := range []struct {
		kinds   []Kind
		not     int
		onlyNew bool
	}{{nil, 0, false}, {[]Kind{KindNew, KindHealth}, 1, false}, {[]Kind{KindDrift, KindHealth}, 2, true}} {
		r, err := w.digest.Replay(t.Context(), Request{Filter: Filter{Kinds: c.kinds}})
		if err != nil {
			t.Fatal(err)
		}
		want(t, "not replayed", len(r.NotReplayed), c.not)
		want(t, "only what comes", r.OnlyNew, c.onlyNew)
	}
}

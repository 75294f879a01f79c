package digest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// A person has at most so many subscriptions, by whatever way they come; one that
// is stopped makes room, and the link that found none is good still.
func TestAPersonHasSoManySubscriptions(t *testing.T) {
	w := start(t)
	var reqs []Request
	for n := range MaxSubscriptions + 1 {
		reqs = append(reqs, Request{Email: "reader@example.org", Filter: Filter{Query: fmt.Sprintf("word%d", n)}})
	}
	if _, err := w.digest.AddAllConfirmed(t.Context(), reqs); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "reader@example.org") {
		t.Fatalf("one too many at once: %v", err)
	}
	if list, err := w.store.List(t.Context()); err != nil || len(list) != 0 {
		t.Fatalf("%d were added, %v", len(list), err)
	}
	subs, err := w.digest.AddAllConfirmed(t.Context(), reqs[:MaxSubscriptions])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.digest.AddConfirmed(t.Context(), reqs[0]); err != nil { // other settings for one that is there
		t.Errorf("the first again: %v", err)
	}
	if _, err := w.digest.Subscribe(t.Context(), reqs[MaxSubscriptions]); err != nil { // the asker is not told who has how many
		t.Fatal(err)
	}
	w.sync()
	link := w.store.token(forConfirm, 1)
	if _, err := w.digest.Confirm(t.Context(), link); !errors.Is(err, ErrFull) {
		t.Fatalf("one too many: %v", err)
	}
	if p, err := w.store.LookupConfirm(t.Context(), link); err != nil || !p.Used.IsZero() {
		t.Errorf("the link afterwards: %+v, %v", p, err)
	}
	if err := w.store.Remove(t.Context(), subs[7].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.digest.Confirm(t.Context(), link); err != nil {
		t.Errorf("with room: %v", err)
	}
}

// What one person has written is bounded in all, and each part of it.
func TestWhatAPersonWritesIsBounded(t *testing.T) {
	w := start(t)
	passage := func(n int) string { return fmt.Sprintf("wording number %d ", n) + strings.Repeat("é", 1900) } // 3.8 KB
	var reqs []Request
	for n := range 70 {
		reqs = append(reqs, Request{Email: "reader@example.org", Filter: Filter{Passage: passage(n)}})
	}
	if _, err := w.digest.AddAllConfirmed(t.Context(), reqs); !errors.Is(err, ErrFull) {
		t.Errorf("70 long wordings: %v", err)
	}
	subs, err := w.digest.AddAllConfirmed(t.Context(), append(reqs[:67:67], Request{Email: "reader@example.org", Filter: Filter{Passage: "a short wording"}}))
	if err != nil {
		t.Fatal(err)
	}
	manage := w.store.token(forManage, subs[0].Person)
	long := Request{Filter: Filter{Passage: passage(99)}, Settings: Settings{Note: strings.Repeat("é", 500)}}
	if _, err := w.digest.Change(t.Context(), manage, subs[67].ID, long); !errors.Is(err, ErrFull) {
		t.Errorf("a short one made long: %v", err)
	}
	if d, err := w.store.Dossier(t.Context(), manage, false); err != nil || d.Subscriptions[67].Passage != "a short wording" {
		t.Errorf("afterwards: %v", err)
	}
	var wrong *RequestError
	for field, r := range map[string]Request{"name": {Settings: Settings{Name: strings.Repeat("n", 81)}}, "note": {Settings: Settings{Note: strings.Repeat("n", 501)}},
		"documents": {Filter: Filter{Documents: many(90, strings.Repeat("d", 500))}}, "topics": {Filter: Filter{Topics: many(101, "t")}}} {
		r.Email = "other@example.org"
		if err := w.digest.Check(t.Context(), r); !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func many(n int, s string) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("%s%d", s, i))
	}
	return list
}

// Of many that are to be confirmed all are asked for, or none.
func TestManyAreAskedForTogether(t *testing.T) {
	w := start(t)
	var reqs []Request
	for n := range ConfirmsADay + 1 {
		reqs = append(reqs, Request{Email: "reader@example.org", Filter: Filter{Query: fmt.Sprintf("word%d", n)}})
	}
	if _, err := w.digest.SubscribeAll(t.Context(), reqs); !errors.Is(err, ErrTooMany) {
		t.Errorf("one too many: %v", err)
	}
	want(t, "letters", w.states(), "")
	if list, err := w.digest.SubscribeAll(t.Context(), reqs[1:]); err != nil || len(list) != ConfirmsADay || list[0].Expires != monday.Add(48*time.Hour) {
		t.Errorf("%d, %v", len(list), err)
	}
	want(t, "mails", len(w.sync()), ConfirmsADay)
}

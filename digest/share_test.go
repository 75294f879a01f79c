package digest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A mail domain gets so many mails a minute; what is over waits, and others do
// not wait for it. A program that is started anew goes on counting.
func TestADomainGetsItsShare(t *testing.T) {
	w := start(t)
	w.digest.PerDomain = 3
	w.publish(centres, places("1")...)
	for n := range 7 {
		w.subscribed(Request{Email: fmt.Sprintf("reader%d@Big.example.org", n)})
	}
	w.subscribed(Request{Email: "reader@small.example.org"})
	w.publish(centres, places("2")...)
	count := func(r *Report) string {
		big, small := 0, 0
		for _, m := range w.mailer.take() {
			if strings.HasSuffix(m.To, "@small.example.org") {
				small++
			} else {
				big++
			}
		}
		return fmt.Sprintf("%d and %d, again %s", big, small, r.Again.Sub(w.time()))
	}
	sync := func() string {
		r, err := w.digest.Sync(t.Context(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		return count(r)
	}
	want(t, "at first", sync(), "3 and 1, again 1m0s")
	w.pass(20 * time.Second)
	want(t, "too early", sync(), "0 and 0, again 40s")
	w.pass(40 * time.Second)
	want(t, "a minute later", sync(), "3 and 0, again 1m0s")
	w.pass(time.Minute)
	r, err := w.digest.Send(t.Context())
	if err != nil || !r.Again.IsZero() || len(w.mailer.take()) != 1 {
		t.Errorf("the last: %+v, %v", r, err)
	}
}

// Digests of one person are one thread; those of another are another.
func TestDigestsAreOneThread(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	w.subscribed(Request{})
	w.subscribed(Request{Email: "other@example.org"})
	roots := map[string]map[string]bool{}
	for _, n := range []string{"2", "3"} {
		w.publish(centres, places(n)...)
		for _, m := range w.sync() {
			e, err := envelop(&m, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			_, rest, _ := strings.Cut(string(e.raw), "\r\nReferences: <")
			root, _, _ := strings.Cut(rest, "@veille.example.org>\r\n")
			if roots[m.To] == nil {
				roots[m.To] = map[string]bool{}
			}
			roots[m.To][root] = true
		}
	}
	for to, ids := range roots {
		if len(ids) != 1 || ids[""] {
			t.Errorf("%s: roots %v", to, ids)
		}
	}
	if len(roots) != 2 || roots["reader@example.org"][w.store.threadID(2)] {
		t.Errorf("roots %v", roots)
	}
}

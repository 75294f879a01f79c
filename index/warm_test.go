package index

import (
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
)

// TestWarmWordsAreKeptAndAnswersAreTheSame: before anything is asked, and when the
// index has grown.
func TestWarmWordsAreKeptAndAnswersAreTheSame(t *testing.T) {
	ctx := context.Background()
	a := openArchive(t)
	x, plain := openIndex(t, filepath.Join(t.TempDir(), "warm")), openIndex(t, filepath.Join(t.TempDir(), "plain"))
	x.frequent = 5
	for n := range 20 {
		publish(t, a, "be-office", "en", fmt.Sprintf("https://example.org/%d", n), day(n), fmt.Sprintf("# The return hub\nThe hub of the return, the %d of the hub.", n))
	}
	same := func() {
		t.Helper()
		for _, text := range []string{`"of the hub"`, "hub", "hub AND return", `"hub of the return"`} {
			got, err := x.Search(ctx, a, Query{Text: text})
			if err != nil {
				t.Fatal(err)
			}
			want, err := plain.Search(ctx, a, Query{Text: text})
			if err != nil {
				t.Fatal(err)
			}
			if got.Took, want.Took = 0, 0; !reflect.DeepEqual(got, want) {
				t.Errorf("%s: warm %+v, else %+v", text, got, want)
			}
		}
	}
	syncIndex(t, x, a)
	syncIndex(t, plain, a)
	if err := x.Warm(ctx); err != nil {
		t.Fatal(err)
	}
	f := &x.state.frequent
	if f.places[[2]string{fieldExact, "the"}] == nil || f.postings[[2]string{fieldBody + "en", "hub"}] == nil {
		t.Errorf("places of %d words and postings of %d are kept", len(f.places), len(f.postings))
	}
	same()
	publish(t, a, "be-office", "en", "https://example.org/3", day(30), "# The return hub\nThe hub of the return is gone.")
	syncIndex(t, x, a)
	syncIndex(t, plain, a)
	if now := &x.state.frequent; now == f || len(now.places) < len(f.places) || len(now.postings) < len(f.postings) {
		t.Error("what was kept is not when the index has grown")
	}
	same()
	stopped, stop := context.WithCancel(ctx)
	stop()
	if err := x.Warm(stopped); err != nil {
		t.Errorf("nobody waits any more, and it says %v", err)
	}
}

// TestThoseThatStoodAreThoseThatTheColumnsTell, at any moment and of any kind.
func TestThoseThatStoodAreThoseThatTheColumnsTell(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	for n := range 90 {
		publish(t, a, []string{"be-office", "be-court"}[n%2], []string{"en", "fr"}[n/2%2], fmt.Sprintf("https://example.org/%d", n%7), day(n), fmt.Sprintf("# Returns\nWhat is said on day %d.\nWhat is said in week %d.", n, n/7))
	}
	syncIndex(t, x, a)
	s, err := x.use(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer s.release()
	some := make([]bool, len(s.kinds))
	some[0] = true
	for n := -1; n < 92; n += 3 {
		for _, kinds := range [][]bool{nil, some} {
			at := day(n).UnixMilli()
			for _, c := range []choice{{false, at, chosenOf(kinds)}, {true, 0, chosenOf(kinds)}} {
				for range 2 { // the second time it is remembered
					set := s.stood.those(s, c, kinds)
					for d := range uint32(len(s.page)) {
						want := s.page[d] != 0 && s.main[d] && (kinds == nil || kinds[s.kind[d]]) &&
							(c.now && s.until[d] == forever || !c.now && s.from[d] <= at && at < s.until[d])
						if set.has(d) != want {
							t.Fatalf("%+v: passage %d: %t, want %t", c, d, !want, want)
						}
					}
				}
			}
		}
	}
}

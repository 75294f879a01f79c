package index

import (
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
)

// TestFrequentWordsAreFoundAsOthers: whether words are kept or read, every query
// has the same answer, also where passages have ended or been taken out, and
// after the index has grown.
func TestFrequentWordsAreFoundAsOthers(t *testing.T) {
	ctx := context.Background()
	a := openArchive(t)
	x, plain := openIndex(t, filepath.Join(t.TempDir(), "kept")), openIndex(t, filepath.Join(t.TempDir(), "read"))
	x.frequent = 1
	for n := range 30 {
		for round := range 3 {
			publish(t, a, "be-office", "en", fmt.Sprintf("https://example.org/%d", n), day(n+40*round),
				fmt.Sprintf("# The return of the hub\nThe hub of the return, the %d of the hub.\nThe return hub of round %d may open.", n, round))
		}
	}
	queries := []string{`"of the hub"`, `"the return"`, `hub return`, `hub AND "the 7"`, `the NEAR/2 hub`, `"return hub of round 1"`, `hub NOT "round 2"`, `"the the"`, `retur*`}
	ask := func() {
		t.Helper()
		for range walkedOften + 1 {
			for _, text := range queries {
				for _, q := range []Query{{Text: text}, {Text: text, AsOf: day(50)}, {Text: text, Past: true, All: true}} {
					got, err := x.Search(ctx, a, q)
					if err != nil {
						t.Fatalf("%s: %v", text, err)
					}
					want, err := plain.Search(ctx, a, q)
					if err != nil {
						t.Fatalf("%s: %v", text, err)
					}
					got.Took, want.Took = 0, 0
					if !reflect.DeepEqual(got, want) {
						t.Fatalf("%s: kept %+v, read %+v", text, got, want)
					}
				}
			}
			x.state.frequent.loads.Wait()
		}
		if f := &x.state.frequent; len(f.postings) == 0 || len(f.places) == 0 {
			t.Errorf("%d words and the places of %d are kept", len(f.postings), len(f.places))
		}
		if f := &plain.state.frequent; len(f.postings)+len(f.places) > 0 {
			t.Error("the plain index keeps words")
		}
	}
	for range 2 {
		syncIndex(t, x, a)
		syncIndex(t, plain, a)
		ask()
		publish(t, a, "be-office", "en", "https://example.org/7", day(200), "# The return of the hub\nThe hub of the return is gone.")
	}
}

// TestFewFrequentWordsAreKept: what was asked for longest ago goes.
func TestFewFrequentWordsAreKept(t *testing.T) {
	f := &frequent{}
	word := func(n int) [2]string { return [2]string{"body_ex", fmt.Sprint(n)} }
	list := func() *keptPostings {
		return &keptPostings{parts: []*postingsPart{{codes: make([]uint16, keptLeast/2/4)}}}
	}
	for n := range 4 {
		f.keep(word(n), list(), nil, 0)
	}
	f.postingsOf(word(0))
	f.keep(word(4), nil, &keptPlaces{parts: []*placesPart{{places: make([]byte, 1200)}}}, 0)
	if f.postingsOf(word(0)) == nil || f.postingsOf(word(1)) != nil {
		t.Error("what was asked for last was let go of")
	}
	if kept, _ := f.placesOf(word(4)); kept == nil {
		t.Error("what came last was let go of")
	}
	if want := 3*list().bytes() + 1200; f.bytes != want {
		t.Errorf("%d bytes are kept, want %d", f.bytes, want)
	}
}

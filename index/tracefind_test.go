package index

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestLeast: the least of a list are those that sorting it would put first.
func TestLeast(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		list := make([]int, 1+r.IntN(40))
		for i := range list {
			list[i] = r.IntN(1 + r.IntN(30)) // some are equal
		}
		n := r.IntN(len(list) + 1)
		want := slices.Sorted(slices.Values(list))[:n]
		if got := slices.Sorted(slices.Values(least(slices.Clone(list), n, cmp.Compare[int]))); !slices.Equal(got, want) {
			t.Fatalf("the %d least of %v are %v", n, list, got)
		}
	}
}

// TestOfTooManyPlacesTheOldestAreTold: a word that stands in more places than are
// told whole is told where it stood first, as much as may be told of it, and that
// there are more; what is rarer beside it is told whole.
func TestOfTooManyPlacesTheOldestAreTold(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, t.TempDir()+"/index")
	var early, late strings.Builder
	for n := range oldest/1000 + 1 {
		fmt.Fprintf(&early, "Early %d %s\n", n, strings.Repeat(" hub", 1000))
	}
	for n := range maxLines / 1000 {
		fmt.Fprintf(&late, "Late %d %s\n", n, strings.Repeat(" hub", 1000))
	}
	publish(t, a, "be-office", "en", "https://example.org/b", day(1), late.String())
	publish(t, a, "be-office", "en", "https://example.org/a", day(0), early.String())
	syncIndex(t, x, a)
	for phrase, want := range map[string]string{"hub": "true 10000 https://example.org/a", "late": "false 40 https://example.org/b"} {
		got, err := x.Trace(t.Context(), a, TraceQuery{Phrase: phrase, Exact: true, Now: day(2)})
		if err != nil {
			t.Fatal(err)
		}
		times := 0
		if p := got.Timeline.Periods; len(p) > 0 {
			times = p[len(p)-1].Times
		}
		told := fmt.Sprint(got.More, " ", times)
		for i := range got.Pages {
			told += " " + got.Pages[i].URL
		}
		if told != want {
			t.Errorf("%s: told %s, want %s", phrase, told, want)
		}
	}
}

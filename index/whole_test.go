package index

import (
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestAWholeAnswerIsItsPagesTogether, without what it takes to show them; of too
// large a one there is only the number.
func TestAWholeAnswerIsItsPagesTogether(t *testing.T) {
	ctx := context.Background()
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	var all strings.Builder
	for n := range MaxWhole + 1 {
		fmt.Fprintf(&all, "Room %d is %s.\n", n, []string{"open", "shut"}[n/6000])
	}
	publish(t, a, "be-office", "en", "https://example.org/rooms", day(1), all.String())
	syncIndex(t, x, a)
	q := Query{Text: "shut", Sort: "oldest"}
	var pages []Hit
	for q.Limit = maxLimit; ; q.Offset += maxLimit {
		r, err := x.Search(ctx, a, q)
		if err != nil {
			t.Fatal(err)
		}
		if pages = append(pages, r.Hits...); len(r.Hits) < maxLimit {
			break
		}
	}
	for i := range pages {
		if pages[i].Highlight == "" {
			t.Fatalf("hit %d of a page has nothing to show", i)
		}
		pages[i].Highlight = ""
	}
	r, err := x.Search(ctx, a, Query{Text: "shut", Sort: "oldest", Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) != MaxWhole+1-6000 || !reflect.DeepEqual(r.Hits, pages) {
		t.Errorf("the whole answer has %d hits, its pages have %d, which are others", len(r.Hits), len(pages))
	}
	if r, err = x.Search(ctx, a, Query{Text: "room", Whole: true}); err != nil || r.Total != MaxWhole+1 || len(r.Hits) != 0 {
		t.Errorf("of %d passages %d were read: %v", r.Total, len(r.Hits), err)
	}
}

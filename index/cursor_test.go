package index

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCursorPinsTheAnswer reads an answer page by page while versions are added
// between the pages: nothing is repeated, and nothing is lost.
func TestCursorPinsTheAnswer(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	text := func(n int, more string) string {
		var b strings.Builder
		for i := range 12 {
			fmt.Fprintf(&b, "Paragraph %d of page %d speaks of the closed centre%s.\n", i, n, more)
		}
		return b.String()
	}
	for n := range 5 {
		publish(t, a, "be-office", "en", fmt.Sprintf("https://office.example/%d", n), day(n), text(n, ""))
	}
	syncIndex(t, x, a)
	for _, grouped := range []bool{false, true} {
		q := Query{Text: "centre", Limit: 7, Grouped: grouped}
		if grouped {
			q.Limit = 2
		}
		all := q
		all.Limit = 100
		whole, err := x.Search(t.Context(), a, all)
		if err != nil {
			t.Fatal(err)
		}
		q.Cursor = FirstCursor
		var got []string
		pages := 0
		for ; q.Cursor != ""; pages++ {
			r, err := x.Search(t.Context(), a, q)
			if err != nil {
				t.Fatal(err)
			}
			if r.Total != whole.Total {
				t.Errorf("page %d: %d found, the first page said %d", pages, r.Total, whole.Total)
			}
			for _, h := range r.Hits {
				got = append(got, h.ID)
			}
			q.Cursor = r.Cursor
			if pages == 0 { // one page is reworded, another has come
				publish(t, a, "be-office", "en", "https://office.example/3", day(40), text(3, " and of centre after centre"))
				publish(t, a, "be-office", "en", "https://office.example/new", day(41), text(9, ""))
				syncIndex(t, x, a)
			}
		}
		var want []string
		for _, h := range whole.Hits {
			want = append(want, h.ID)
		}
		if pages < 3 || strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("grouped %t: %d pages\n%v\nwant\n%v", grouped, pages, got, want)
		}
	}
}

// TestCursorsThatAreNone says what is wrong with a cursor.
func TestCursorsThatAreNone(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	corpus(t, a)
	syncIndex(t, x, a)
	first, err := x.Search(t.Context(), a, Query{Text: "return OR centre OR retour", Limit: 2, Cursor: FirstCursor})
	if err != nil || first.Cursor == "" {
		t.Fatal(first, err)
	}
	for _, c := range []struct {
		name string
		q    Query
		want error
	}{
		{"another search", Query{Text: "return", Cursor: first.Cursor}, ErrCursor},
		{"another order", Query{Text: "return OR centre OR retour", Sort: "newest", Cursor: first.Cursor}, ErrCursor},
		{"an offset too", Query{Text: "return OR centre OR retour", Offset: 2, Cursor: first.Cursor}, ErrCursor},
		{"no cursor", Query{Text: "return OR centre OR retour", Cursor: "page 2"}, ErrCursor},
		{"cut off", Query{Text: "return OR centre OR retour", Cursor: first.Cursor[:len(first.Cursor)-1]}, ErrCursor},
		{"of a state that is not kept", Query{Text: "return OR centre OR retour", Cursor: strings.Replace(first.Cursor, ".", ".x", 1)}, ErrCursorExpired},
	} {
		if _, err := x.Search(t.Context(), a, c.q); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if r, err := x.Search(t.Context(), a, Query{Text: "return OR centre OR retour", Limit: 3, Cursor: first.Cursor}); err != nil || len(r.Hits) == 0 {
		t.Errorf("longer pages: %v, %v", r, err)
	}
	// Two states are kept, and each for a while.
	for i := range 3 {
		if _, err := x.Search(t.Context(), a, Query{Text: "return OR centre OR retour", Limit: 2, Cursor: FirstCursor}); err != nil {
			t.Fatal(err)
		}
		publish(t, a, "be-office", "en", "https://office.example/more", day(100+i), fmt.Sprintf("The centre has %d places for return.", i))
		syncIndex(t, x, a)
	}
	if _, err := x.Search(t.Context(), a, Query{Text: "return OR centre OR retour", Cursor: first.Cursor}); !errors.Is(err, ErrCursorExpired) {
		t.Errorf("after three changes: %v, want %v", err, ErrCursorExpired)
	}
	if len(x.kept) != keptStates {
		t.Errorf("%d states are kept, want %d", len(x.kept), keptStates)
	}
	x.stating.Lock()
	err = x.forget(time.Now().Add(keptFor + time.Minute))
	x.stating.Unlock()
	if err != nil || len(x.kept) > 0 {
		t.Errorf("after a while %d states are kept: %v", len(x.kept), err)
	}
}

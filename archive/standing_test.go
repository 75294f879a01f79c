package archive

import (
	"errors"
	"io/fs"
	"testing"
	"time"
)

// TestStanding: where a block stands is what the wordings themselves show,
// at every moment of a page's life.
func TestStanding(t *testing.T) {
	a := open(t, t.TempDir())
	const url = "https://example.org/a"
	wordings := [][]string{
		{"A.", "B.", "C."},
		{"New.", "A.", "C.", "B."},                 // moved
		{"C.", "D.", "E.", "F.", "New."},           // A and B go
		{"A.", "C.", "D.", "Between.", "E.", "F."}, // A is back: not the same one
		{"F."},
	}
	var versions []*Version
	for i, texts := range wordings {
		c := capture(url, 10*i, "wording "+string(rune('a'+i)))
		add(t, a, c)
		versions = append(versions, reads(t, a, content(c, texts...))...)
	}
	if len(versions) != len(wordings) {
		t.Fatalf("%d versions, want %d", len(versions), len(wordings))
	}
	asked := 0
	for _, from := range versions {
		for n := range from.Blocks {
			for _, in := range versions {
				if in.Time.Before(from.Time) {
					continue
				}
				want := -1
				for k := range in.Blocks {
					if b := &in.Blocks[k]; b.Text == from.Blocks[n].Text && b.Since == from.Blocks[n].Since {
						want = k
					}
				}
				got, err := a.Standing(t.Context(), from.Page, from.ID, n, in.Time.Add(time.Minute))
				if err != nil || got != (Standing{in.ID, "A page", want}) {
					t.Errorf("block %d of version %d, in version %d: %+v, %v, want block %d", n, from.ID, in.ID, got, err, want)
				}
				asked++
			}
		}
	}
	if asked < 40 {
		t.Errorf("only %d were asked for", asked)
	}
	last := versions[len(versions)-1]
	all, err := a.Moments(t.Context(), last.Page)
	moments := all[last.Page]
	if err != nil || len(moments) != len(versions) {
		t.Fatalf("%d moments, %v", len(moments), err)
	}
	for i, v := range versions {
		if moments[i] != (Moment{v.ID, v.Time, v.Gone}) {
			t.Errorf("moment %+v of version %d at %s", moments[i], v.ID, v.Time)
		}
	}
	if got, err := a.Standing(t.Context(), last.Page, versions[2].ID, 3, time.Time{}); err != nil || got.Version != last.ID || got.Block != 0 {
		t.Errorf("without a time: %+v, %v, want block 0 of version %d", got, err, last.ID)
	}
	if _, err := a.Standing(t.Context(), last.Page, 1, 0, t0.Add(-time.Hour)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before there was a page: %v", err)
	}
	for _, n := range []int{-1, 3, 1 << 30} {
		if _, err := a.Standing(t.Context(), last.Page, 1, n, time.Time{}); err == nil {
			t.Errorf("block %d of version 1 stands somewhere", n)
		}
	}
}

// TestAReaderPreparesNoMoreThanItMay: statements that differ from call to call
// are answered all the same.
func TestAReaderPreparesNoMoreThanItMay(t *testing.T) {
	a := open(t, t.TempDir())
	for i := range 2 * mostPrepared {
		var n int
		query := "SELECT " + string(rune('1'+i%9)) + " -- " + time.Duration(i).String()
		if err := a.read.QueryRowContext(t.Context(), query).Scan(&n); err != nil || n != 1+i%9 {
			t.Fatalf("%s: %d, %v", query, n, err)
		}
	}
	if n := len(a.read.prepared); n > mostPrepared {
		t.Errorf("%d statements are kept", n)
	}
	var n int
	if err := a.read.QueryRowContext(t.Context(), "SELECT nothing").Scan(&n); err == nil {
		t.Error("a wrong statement is answered")
	}
}

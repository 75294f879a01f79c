package archive

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// pageNumbers are the addresses of all pages by their numbers.
func pageNumbers(t *testing.T, a *Archive) map[PageID]string {
	t.Helper()
	out := map[PageID]string{}
	for p, err := range a.HeldPages(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		out[p.ID] = p.URL
	}
	return out
}

// TestPagesKeepTheirNumbers: whichever captures are lost, every page that is
// still known has the number it had, so that its address stays; and verify names
// the loss and nothing else.
func TestPagesKeepTheirNumbers(t *testing.T) {
	whole := t.TempDir()
	a := open(t, whole)
	var first []*Capture
	var texts []Reading
	for n := range 5 {
		first = append(first, capture(fmt.Sprintf("https://example.org/%d", n+1), n, fmt.Sprint("page ", n)))
	}
	add(t, a, first...)
	for n, c := range first[1:] { // the first is not read
		texts = append(texts, content(c, fmt.Sprint("The text of page ", n)))
	}
	reads(t, a, texts...)
	add(t, a, capture("https://example.org/6", 10, "later")) // 6: a page after the texts
	for n := range 5 {                                       // 7 to 11: each page again, last one first
		add(t, a, capture(fmt.Sprintf("https://example.org/%d", 5-n), 20+n, "again"))
	}
	sound(t, a)
	want := pageNumbers(t, a)
	a.Close()
	for _, lost := range [][]string{{"1"}, {"2"}, {"5"}, {"2", "3"}, {"1", "2"}, {"1", "2", "3"}, {"1", "2", "3", "4", "5"}, {"4", "5", "6"}, {"1", "6", "11"}, {"3", "9"}} {
		t.Run(strings.Join(lost, " "), func(t *testing.T) {
			r := ruin{t, t.TempDir()}
			if err := os.CopyFS(r.dir, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			os.Chmod(r.dir+"/log/key", 0o600)
			file, at := r.file(1), []int64{}
			for _, seq := range lost {
				_, span := r.record(captureIs(seq))
				at = append(at, span.Offset+span.Length/2)
			}
			for _, offset := range at {
				r.flip(file, offset)
			}
			a := open(t, r.dir)
			rep, err := a.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(rep.Problems, func(s string) bool { return strings.Contains(s, "captures "+lost[0]) }) {
				t.Errorf("the loss of capture %s is not named:\n%s", lost[0], strings.Join(rep.Problems, "\n"))
			}
			if i := slices.IndexFunc(rep.Problems, func(s string) bool { return strings.HasPrefix(s, "catalogue.db") }); i >= 0 {
				t.Errorf("the catalogue is sound, and verify says %s", rep.Problems[i])
			}
			a.Close()
			if err := Rebuild(t.Context(), r.dir, quiet(), false); err != nil {
				t.Fatal(err)
			}
			if got := pageNumbers(t, open(t, r.dir)); !within(got, want) {
				t.Errorf("pages are %v, were %v", got, want)
			}
		})
	}
}

// within reports whether each page that there is has its number.
func within(got, want map[PageID]string) bool {
	for id, url := range got {
		if want[id] != url {
			return false
		}
	}
	return len(got) > 0
}

// TestLostNumbersAreNotUsedAgain: where the last captures and texts are lost
// and the log still has them, what comes after a restart gets other numbers, and
// survives the next rebuild.
func TestLostNumbersAreNotUsedAgain(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	url := "https://example.org/a"
	c1 := capture(url, 0, "one")
	add(t, a, c1)
	reads(t, a, content(c1, "A."))
	a.Close()
	before := ruin{t, t.TempDir()}
	if err := os.CopyFS(before.dir, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	a = open(t, dir)
	c2 := capture(url, 10, "two")
	add(t, a, c2)
	reads(t, a, content(c2, "A.", "B."))
	a.Close()
	// The archive as it was before, with the log as it is now.
	for _, name := range []string{"key", "key.pub", "checkpoint", "leaves"} {
		before.write(before.dir+"/log/"+name, ruin{t, dir}.read(dir+"/log/"+name))
	}
	open(t, before.dir).Close() // lists what is lost
	a = open(t, before.dir)
	c3 := capture(url, 20, "three")
	add(t, a, c3)
	added := reads(t, a, content(c3, "A.", "C."))
	if c3.Seq != c2.Seq+1 || added[0].ID != 3 {
		t.Fatalf("capture %d and version %d, want 3 and 3", c3.Seq, added[0].ID)
	}
	a.Close()
	if err := Rebuild(t.Context(), before.dir, quiet(), false); err != nil {
		t.Fatal(err)
	}
	a = open(t, before.dir)
	if v, err := a.Version(t.Context(), 3); err != nil || len(v.Blocks) != 2 || v.Blocks[1].Text != "C." {
		t.Errorf("version 3 after a rebuild: %+v, %v", v, err)
	}
	rep, err := a.Verify(t.Context())
	if err != nil || len(rep.Problems) != 1 || !strings.Contains(rep.Problems[0], "captures 2 and versions 2") {
		t.Errorf("verify says %v, %v; want the loss alone", rep.Problems, err)
	}
}

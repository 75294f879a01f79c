package index

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"veille/archive"
)

// snapshot is everything in an index, as a search tells it: order, scores and all.
func snapshot(t *testing.T, x *Index, a *archive.Archive) []Hit {
	t.Helper()
	var all []Hit
	for _, q := range []Query{
		{Past: true, All: true, Limit: 1000},
		{Text: "centre OR hub OR retour OR 751 OR terugkeer*", Past: true, All: true, Limit: 1000},
		{Text: "return hub", Limit: 1000},
	} {
		res, err := x.Search(t.Context(), a, q)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, res.Hits...)
	}
	return all
}

// TestRebuildGivesTheSame compares an index that grew version by version with
// one made at once.
func TestRebuildGivesTheSame(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	for _, p := range pages {
		publish(t, a, p.source, p.lang, p.url, day(p.day), p.text)
		syncIndex(t, x, a)
	}
	y := openIndex(t, filepath.Join(t.TempDir(), "index"))
	syncIndex(t, y, a)
	if d := cmp.Diff(snapshot(t, x, a), snapshot(t, y, a)); d != "" {
		t.Errorf("grown and rebuilt differ:\n%s", d)
	}
}

// stopping is a context that is done after a number of looks at it.
type stopping struct {
	context.Context
	left atomic.Int64
}

func (s *stopping) Err() error {
	if s.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestSyncResumes stops Sync between batches, again and again, and opens the
// index anew each time.
func TestSyncResumes(t *testing.T) {
	a := openArchive(t)
	corpus(t, a)
	for i := range 9 { // some versions larger than a batch, each half new
		var b strings.Builder
		for k := range 400 {
			fmt.Fprintf(&b, "Paragraph %d of wording %d speaks at length of hubs, of centres and of return %s.\n", k, i*(k%2), strings.Repeat("and more ", 20))
		}
		publish(t, a, "eu-press", "en", fmt.Sprintf("https://press.example/long/%d", i%3), day(30+i), b.String())
	}
	want := openIndex(t, filepath.Join(t.TempDir(), "index"))
	syncIndex(t, want, a)
	dir := filepath.Join(t.TempDir(), "index")
	stops := 0
	for try := 4; ; try += try / 2 {
		x, err := Open(dir, sources(), words(t), comparer())
		if err != nil {
			t.Fatal(err)
		}
		ctx := &stopping{Context: t.Context()}
		ctx.left.Store(int64(try))
		err = x.Sync(ctx, quiet(), a)
		if err == nil {
			defer x.Close()
			if stops < 2 {
				t.Errorf("Sync was stopped only %d times", stops)
			}
			if d := cmp.Diff(snapshot(t, want, a), snapshot(t, x, a)); d != "" {
				t.Errorf("stopped and resumed differ:\n%s", d)
			}
			return
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		stops++
		x.Close()
	}
}

// TestGrowsWithChange counts documents over many versions of one page.
func TestGrowsWithChange(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	const versions, size = 30, 50
	for i := range versions {
		var b strings.Builder
		for k := range size {
			n := 0
			if k == i {
				n = i
			}
			fmt.Fprintf(&b, "Article %d as amended %d times.\n", k, n)
		}
		publish(t, a, "eu-press", "en", "https://press.example/law", day(i), b.String())
	}
	syncIndex(t, x, a)
	n, err := x.bleve.DocCount()
	if err != nil {
		t.Fatal(err)
	}
	if most := uint64(size + 2*versions); n > most {
		t.Errorf("%d passages for %d versions of %d blocks with one change each, want at most %d", n, versions, size, most)
	}
	res, err := x.Search(t.Context(), a, Query{Limit: 100})
	if err != nil || res.Total != size {
		t.Errorf("%d passages stand (%v), want %d", res.Total, err, size)
	}
}

// A page of more passages than are written is searched as far as they go; what
// its next version says, moves and leaves behind is told all the same.
func TestTooLongToBeSearched(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	x.most = 3
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	standing := func(i int, text string) (found []string) {
		t.Helper()
		publish(t, a, "eu-press", "en", "https://press.example/x", day(i), text)
		if err := x.Sync(t.Context(), log, a); err != nil {
			t.Fatal(err)
		}
		res, err := x.Search(t.Context(), a, Query{Sort: "oldest", Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range res.Hits {
			found = append(found, h.Text)
		}
		slices.Sort(found)
		return found
	}
	if got := standing(0, "Alpha.\nBeta.\nBeta.\nGamma.\nDelta.\nEpsilon.\n"); !slices.Equal(got, []string{"Alpha.", "Beta.", "Gamma."}) {
		t.Errorf("of the first version, %q is found", got)
	}
	if got := said.String(); !strings.Contains(got, "https://press.example/x") || !strings.Contains(got, `"left out"=2`) {
		t.Errorf("of what is left out, it is said: %s", got)
	}
	said.Reset()
	if got := standing(1, "Zeta.\nAlpha.\nDelta.\nEta.\n"); !slices.Equal(got, []string{"Alpha.", "Zeta."}) { // Delta was left out before
		t.Errorf("of the second version, %q is found", got)
	}
	if got := standing(2, "Zeta.\nEta.\nTheta.\n"); !slices.Equal(got, []string{"Theta.", "Zeta."}) {
		t.Errorf("of the third version, %q is found", got)
	}
}

// TestOneTextOnePassage has a text several times in a page, come and go.
func TestOneTextOnePassage(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	for i, text := range []string{
		"# A\nHub here.\n# B\nHub here.\n",
		"# B\nHub here.\n",
		"# C\nHub here.\n# B\nHub here.\n",
		"# C\nHub here.\n",
		"# C\nNothing.\n",
		"# C\nHub here.\n",
	} {
		publish(t, a, "eu-press", "en", "https://press.example/x", day(i), text)
	}
	syncIndex(t, x, a)
	for i, want := range []string{
		"A 0 /v/1#b1", "B 0 /v/2#b1", "B 0 /v/3#b3", "C 2 /v/4#b1", "", "C 5 /v/6#b1",
	} {
		res, err := x.Search(t.Context(), a, Query{Text: "hub", AsOf: day(i)})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, h := range res.Hits {
			seen := int(h.FirstSeen.By.Sub(t0).Hours() / 24)
			got += fmt.Sprintf("%s %d %s", strings.Join(h.Path, "/"), seen, h.Link())
		}
		if got != want {
			t.Errorf("day %d: found %q, want %q", i, got, want)
		}
	}
	res, err := x.Search(t.Context(), a, Query{Text: "hub", Past: true, Sort: "oldest"})
	if err != nil {
		t.Fatal(err)
	}
	var lives []string
	for _, h := range res.Hits {
		life := h.FirstSeen.By.Format("2") + "–"
		if h.Until != nil {
			life += h.Until.By.Format("2")
		}
		lives = append(lives, life+" "+h.Link())
	}
	if d := cmp.Diff([]string{"2–3 /v/1#b1", "2–5 /v/3#b3", "4–6 /v/4#b1", "7– /v/6#b1"}, lives); d != "" {
		t.Errorf("lives:\n%s", d)
	}
}

// TestOurOwnCorrections re-reads a capture otherwise: what we had misread
// never stood.
func TestOurOwnCorrections(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	v := publish(t, a, "eu-press", "en", "https://press.example/x", day(0), "# Title\nMisread hub.\n")
	syncIndex(t, x, a)
	added, err := a.AddReadings(t.Context(), v.Capture, []archive.Reading{{Capture: v.Capture, Class: archive.Content,
		Version: &archive.Version{Title: "Title", Lang: "en", Blocks: blocks("# Title\nWell-read hub.\n")}}})
	if err != nil || len(added) != 1 || added[0].Cause != archive.Reextracted {
		t.Fatalf("re-read: %v, %v", added, err)
	}
	syncIndex(t, x, a)
	for _, q := range []Query{{Text: "hub", Past: true}, {Text: "hub", AsOf: day(0)}, {Text: "hub"}} {
		res, err := x.Search(t.Context(), a, q)
		if err != nil || len(res.Hits) != 1 || res.Hits[0].Text != "Well-read hub." {
			t.Errorf("%+v: %+v (%v)", q, res, err)
		}
	}
}

func TestOpenOtherFormat(t *testing.T) {
	a := openArchive(t)
	corpus(t, a)
	dir := filepath.Join(t.TempDir(), "data", "index")
	x := openIndex(t, dir)
	syncIndex(t, x, a)
	if err := x.bleve.SetInternal(formatKey, []byte("0-older")); err != nil {
		t.Fatal(err)
	}
	x.Close()
	x = openIndex(t, dir)
	if c, err := x.Cursor(); err != nil || c != 0 {
		t.Errorf("cursor %d (%v) of an index of another format, want 0", c, err)
	}
	syncIndex(t, x, a)
	if c, err := x.Cursor(); err != nil || c != archive.Seq(len(pages)+len(statutes)) {
		t.Errorf("cursor %d (%v), want all", c, err)
	}
	x.Close()
	x = openIndex(t, dir)
	if c, err := x.Cursor(); err != nil || c != archive.Seq(len(pages)+len(statutes)) {
		t.Errorf("cursor %d (%v) after opening again, want all", c, err)
	}
}

func TestOpenInUse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	openIndex(t, dir)
	if _, err := Open(dir, sources(), words(t), comparer()); !errors.Is(err, ErrLocked) {
		t.Errorf("second Open: %v, want ErrLocked", err)
	}
}

// TestOpenDamaged damages an index. Either that is reported, or an earlier
// state is found, from which Sync continues.
func TestOpenDamaged(t *testing.T) {
	a := openArchive(t)
	corpus(t, a)
	whole := openIndex(t, filepath.Join(t.TempDir(), "index"))
	syncIndex(t, whole, a)
	want := snapshot(t, whole, a)
	for _, c := range []struct {
		name   string
		damage func(dir string) error
	}{
		{"meta", func(dir string) error { return os.WriteFile(filepath.Join(dir, "index_meta.json"), []byte("{"), 0o644) }},
		{"no meta", func(dir string) error { return os.Remove(filepath.Join(dir, "index_meta.json")) }},
		{"catalogue", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "store", "root.bolt"), make([]byte, 1<<16), 0o644)
		}},
		{"segments gone", func(dir string) error { return eachSegment(dir, os.Remove) }},
		{"segments zeroed", func(dir string) error {
			return eachSegment(dir, func(f string) error { return os.WriteFile(f, make([]byte, 1<<12), 0o644) })
		}},
		{"segments empty", func(dir string) error { return eachSegment(dir, func(f string) error { return os.Truncate(f, 0) }) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "index")
			x := openIndex(t, dir)
			syncIndex(t, x, a)
			x.Close()
			if err := c.damage(dir); err != nil {
				t.Fatal(err)
			}
			x, err := Open(dir, sources(), words(t), comparer())
			if errors.Is(err, ErrDamaged) {
				return
			}
			if err != nil {
				t.Fatalf("error %v, want ErrDamaged", err)
			}
			defer x.Close()
			syncIndex(t, x, a)
			if d := cmp.Diff(want, snapshot(t, x, a)); d != "" {
				t.Errorf("opened, but not whole:\n%s", d)
			}
		})
	}
}

func eachSegment(dir string, do func(string) error) error {
	files, err := filepath.Glob(filepath.Join(dir, "store", "*.zap"))
	if err == nil && len(files) == 0 {
		err = errors.New("no segments")
	}
	for _, f := range files {
		if err == nil {
			err = do(f)
		}
	}
	return err
}

// TestUnfinishedCreation opens what a process killed while creating leaves.
func TestUnfinishedCreation(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	if err := os.MkdirAll(filepath.Join(dir, "store"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "index_meta.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	openIndex(t, dir)
}

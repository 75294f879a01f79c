package server

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/archive"
)

// TestWhatIsKeptReadyIsTheSame: a server that reads what an earlier one has kept
// of the changes shows the same home page, and one that finds the file damaged
// or of other rules does as well.
func TestWhatIsKeptReadyIsTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.live()
	ctx := t.Context()
	fresh := func() *Documents {
		return &Documents{Archive: w.server.Archive, Index: w.server.Index, Sources: w.server.Sources, Thesaurus: w.server.Thesaurus, Now: w.server.Now}
	}
	told := func(d *Documents) string {
		doc, err := d.Changes(ctx, ChangesQuery{Grouped: true, UILang: "en"})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := Write(&b, doc); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	want := told(fresh())
	file := filepath.Join(t.TempDir(), "cache", "heads")
	first := fresh()
	found, err := first.warm(ctx)
	if err != nil || found == 0 {
		t.Fatalf("found %d changes: %v", found, err)
	}
	if again, err := first.warm(ctx); err != nil || again != 0 {
		t.Errorf("a second time found %d more: %v", again, err)
	}
	if err := first.saveHeads(file, "rules"); err != nil {
		t.Fatal(err)
	}
	second := fresh()
	if err := second.loadHeads(file, "rules"); err != nil {
		t.Fatal(err)
	}
	steps, err := w.server.Archive.Steps(ctx, archive.StepFilter{Published: true})
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	for _, s := range steps {
		if _, ok := second.cache.head(stretch{s.From, s.To}); ok {
			known++
		}
	}
	if known == 0 || known != len(first.cache.lasting()) {
		t.Errorf("%d of %d changes are known again, want %d", known, len(steps), len(first.cache.lasting()))
	}
	if got := told(second); got != want {
		t.Errorf("with what was kept:\n%s\nwithout:\n%s", got, want)
	}
	other := fresh()
	if err := other.loadHeads(file, "other rules"); err != nil || len(other.cache.heads) != 0 {
		t.Errorf("heads of other rules are taken: %v", err)
	}
	if err := os.WriteFile(file, []byte("damaged"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := other.loadHeads(file, "rules"); err != nil || len(other.cache.heads) != 0 {
		t.Errorf("a damaged file: %v", err)
	}
	stopped, stop := context.WithCancel(ctx)
	stop()
	if _, err := fresh().warm(stopped); err == nil {
		t.Error("it goes on after it was told to stop")
	}
}

// TestCacheStaysSmall: whole changes are forgotten, the longest unused first,
// before they take more memory than is set.
func TestCacheStaysSmall(t *testing.T) {
	w := newWorld(t)
	w.live()
	c, err := (&Documents{Archive: w.server.Archive, Sources: w.server.Sources, Thesaurus: w.server.Thesaurus, Now: w.server.Now}).compare(t.Context(), stretch{1, 16})
	if err != nil {
		t.Fatal(err)
	}
	var cache changeCache
	for n := range archive.Seq(maxWhole/sizeOf(c) + 100) {
		cache.put(stretch{n, n + 1}, c, nil, w.clock)
	}
	if cache.size > maxWhole || cache.change(stretch{0, 1}) != nil || !cache.full() {
		t.Errorf("%d bytes are kept of at most %d", cache.size, maxWhole)
	}
}

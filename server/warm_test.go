package server

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"veille/archive"
)

// TestWhatIsKeptReadyIsTheSame: lists tell of each change what a comparison of its
// versions tells, whether it was written down by this run or by an earlier one, and
// wherever the file is torn, damaged or of another program.
func TestWhatIsKeptReadyIsTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.live()
	ctx := t.Context()
	steps, err := w.server.Archive.Steps(ctx, archive.StepFilter{Published: true})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "cache", "changes")
	open := func(program string) *Documents {
		d := &Documents{Archive: w.server.Archive, Index: w.server.Index, Sources: w.server.Sources, Thesaurus: w.server.Thesaurus, Now: w.server.Now}
		if err := d.openTold(ctx, file, program); err != nil {
			t.Fatal(err)
		}
		return d
	}
	// check has all lists of changes told, and says how many were written down.
	check := func(d *Documents) (written int) {
		t.Helper()
		for _, s := range steps {
			for _, lang := range Langs {
				got, err := d.listed(ctx, s.From, s.To, lang)
				if err != nil {
					t.Fatal(err)
				}
				want, err := d.Change(ctx, s.From, s.To, lang)
				if err != nil {
					t.Fatal(err)
				}
				if lang == "en" && got.told {
					written++
				}
				if !reflect.DeepEqual(excerpt(got), excerpt(want)) {
					t.Errorf("%s in %s: excerpt %+v, want %+v", got.ID, lang, excerpt(got), excerpt(want))
				}
				got.told, got.excerpt, want.Edits, want.Groups = false, nil, got.Edits, got.Groups
				if !reflect.DeepEqual(got, want) {
					t.Errorf("in %s:\n%+v\nwant:\n%+v", lang, got, want)
				}
			}
		}
		return written
	}
	warm := func(d *Documents) int {
		t.Helper()
		found, err := d.warm(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	first := open("this")
	if n := check(first); n != 0 {
		t.Errorf("%d changes are written down before any was computed", n)
	}
	all := warm(first)
	if n := warm(first); all == 0 || n != 0 {
		t.Errorf("found %d changes, and %d more a second time", all, n)
	}
	if n := check(first); n != all {
		t.Errorf("%d of %d changes are written down", n, all)
	}
	second := open("this")
	if len(second.cache.heads) != all {
		t.Errorf("%d of %d heads are known again", len(second.cache.heads), all)
	}
	if n := check(second); n != all {
		t.Errorf("%d of %d changes are told again", n, all)
	}
	if n := warm(second); n != 0 {
		t.Errorf("%d of them are computed again", n)
	}
	// Of a page into which another history was woven nothing is good any more.
	page := steps[0].Page
	of := 0
	for _, s := range steps {
		if s.Page == page {
			of++
		}
	}
	if gone := second.told.rewoven([]archive.Woven{{Page: page, By: 1}}); len(gone) != of {
		t.Errorf("%d changes of page %d are forgotten, want %d", len(gone), page, of)
	}
	if n := check(second); n != all-of {
		t.Errorf("%d of %d changes are told yet", n, all-of)
	}
	// The file has all that was ever written down, however often that was.
	if n := warm(second); n != of || second.told.all != all+of {
		t.Errorf("%d changes are written down again, %d in all, want %d and %d", n, second.told.all, of, all+of)
	}
	// Another program may find other words, and begins anew; other heads it does not find.
	other := open("another")
	if n := check(other); n != 0 || len(other.cache.heads) < all {
		t.Errorf("of another program %d changes are told, %d heads of %d known", n, len(other.cache.heads), all)
	}
	if n := warm(other); n != all || check(other) != all {
		t.Errorf("%d of %d changes are written down anew", n, all)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	records := bytes.IndexByte(text, '\n') + 1
	for _, c := range []struct {
		what string
		text []byte
		good func(n int) bool
	}{
		{"torn", text[:len(text)-3], func(n int) bool { return n == all-1 }},
		{"damaged", append(append(slices.Clone(text[:len(text)/2]), text[len(text)/2]^1), text[len(text)/2+1:]...), func(n int) bool { return n > 0 && n < all }},
		{"of other rules", bytes.Replace(text, []byte(`"Rules":"`), []byte(`"Rules":"x`), 1), func(n int) bool { return n == 0 }},
		{"no file of ours", []byte("x"), func(n int) bool { return n == 0 }},
		{"one long line", bytes.Repeat([]byte("x"), 1<<17), func(n int) bool { return n == 0 }},
		{"with a length beyond its end", append(text[:records:records], append([]byte{0xff, 0xff, 0xff, 0xff}, text[records+4:]...)...), func(n int) bool { return n == 0 }},
		{"empty", nil, func(n int) bool { return n == 0 }},
	} {
		if err := os.WriteFile(file, c.text, 0o644); err != nil {
			t.Fatal(err)
		}
		d := open("another")
		if n := check(d); !c.good(n) {
			t.Errorf("%s: %d of %d changes are told", c.what, n, all)
		}
		warm(d)
		if n := check(open("another")); n != all {
			t.Errorf("%s: %d of %d changes are told in the end", c.what, n, all)
		}
	}
	if err := other.told.close(); err != nil {
		t.Fatal(err)
	}
	if n := check(other); n != 0 {
		t.Errorf("%d changes are told from a file that is closed", n)
	}
	stopped, stop := context.WithCancel(ctx)
	stop()
	if _, err := (&Documents{Archive: w.server.Archive}).warm(stopped); err == nil {
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
	if cache.size > maxWhole || cache.change(stretch{0, 1}) != nil {
		t.Errorf("%d bytes are kept of at most %d", cache.size, maxWhole)
	}
}

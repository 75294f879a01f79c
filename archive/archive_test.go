package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var t0 = time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func open(t *testing.T, dir string) *Archive {
	t.Helper()
	a, err := Open(dir, quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// capture is an answer of status 200 with the given body, minutes after t0.
func capture(url string, minutes int, body string) *Capture {
	return answered(url, minutes, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: \"%d\"\r\nContent-Length: %d\r\n\r\n%s", len(body), len(body), body))
}

func answered(url string, minutes int, response string) *Capture {
	now := t0.Add(time.Duration(minutes) * time.Minute)
	return &Capture{Source: "be-test", URL: url, Lang: "en", Time: now, Exchanges: []Exchange{{URL: url, Time: now, IP: "127.0.0.1",
		Request: []byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"), Response: []byte(response)}}}
}

func blocks(texts ...string) []Block {
	var out []Block
	for _, s := range texts {
		out = append(out, Block{Kind: Paragraph, Role: Main, Path: []string{"Chapter I"}, Text: s})
	}
	return out
}

func add(t *testing.T, a *Archive, cs ...*Capture) {
	t.Helper()
	if err := a.Add(t.Context(), cs...); err != nil {
		t.Fatal(err)
	}
}

func reads(t *testing.T, a *Archive, rs ...Reading) []*Version {
	t.Helper()
	added, err := a.AddReadings(t.Context(), rs[len(rs)-1].Capture, rs)
	if err != nil {
		t.Fatal(err)
	}
	return added
}

func content(c *Capture, texts ...string) Reading {
	return Reading{Capture: c.Seq, Class: Content, Version: &Version{Title: "A page", Lang: "en", Strategy: "main", Blocks: blocks(texts...)}}
}

// story fills an archive with a page's life: two wordings, an unchanged look,
// a 304, a blocked answer, no answer, and its withdrawal.
func story(t *testing.T, a *Archive) {
	t.Helper()
	const url = "https://example.org/a"
	c1, c2 := capture(url, 0, "one"), capture(url, 10, "one")
	add(t, a, c1, c2)
	if c2.Refers != c1.Seq || c2.Body != nil {
		t.Fatalf("second capture refers to %d, want %d", c2.Refers, c1.Seq)
	}
	reads(t, a, content(c1, "A.", "B.", "C."))
	c3 := answered(url, 20, "HTTP/1.1 304 Not Modified\r\nETag: \"3\"\r\n\r\n")
	c4 := answered(url, 30, "HTTP/1.1 403 Forbidden\r\nRetry-After: 60\r\nContent-Length: 2\r\n\r\nno")
	c5 := &Capture{Source: "be-test", URL: url, Lang: "en", Time: t0.Add(40 * time.Minute), Err: "dial: connection refused"}
	add(t, a, c3, c4, c5)
	reads(t, a, Reading{Capture: c4.Seq, Class: Blocked, Reason: "status 403"}, Reading{Capture: c5.Seq, Class: Error, Reason: "no answer"})
	c6 := capture(url, 50, "two")
	add(t, a, c6, capture("https://example.org/b", 51, "other"))
	reads(t, a, content(c6, "A.", "B changed.", "C."))
	c8 := answered(url, 60, "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n")
	add(t, a, c8)
	reads(t, a, Reading{Capture: c8.Seq, Class: Gone, Version: &Version{Gone: true, Lang: "en"}})
}

func TestAPagesLife(t *testing.T) {
	a := open(t, t.TempDir())
	story(t, a)
	ctx := t.Context()
	p, err := a.Page(ctx, "https://example.org/a")
	if err != nil {
		t.Fatal(err)
	}
	hist, err := a.History(ctx, p.ID)
	if err != nil || len(hist) != 3 {
		t.Fatalf("history has %d versions (%v), want 3", len(hist), err)
	}
	v2, err := a.Version(ctx, hist[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	want := blocks("A.", "B changed.", "C.")
	want[0].Since, want[1].Since, want[2].Since = 1, 2, 1
	if d := cmp.Diff(want, v2.Blocks); d != "" {
		t.Errorf("blocks of version 2 (-want +got):\n%s", d)
	}
	// The 304 of minute 20 was the last look that did not show the new text.
	wantSeen := Interval{After: t0.Add(20 * time.Minute), By: t0.Add(50 * time.Minute)}
	if v2.Seen != wantSeen || v2.Until == nil || v2.Until.By != t0.Add(60*time.Minute) {
		t.Errorf("version 2 seen %v until %v, want %v", v2.Seen, v2.Until, wantSeen)
	}
	old, err := a.VersionAt(ctx, p.ID, t0.Add(49*time.Minute))
	if err != nil || old.ID != 1 {
		t.Errorf("at minute 49 stood version %v (%v), want 1", old, err)
	}
	if _, err := a.VersionAt(ctx, p.ID, t0.Add(-time.Minute)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before the first look: %v, want fs.ErrNotExist", err)
	}
	looks, err := a.Looks(ctx, p.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	var classes []Class
	for _, l := range looks {
		classes = append(classes, l.Class)
	}
	if d := cmp.Diff([]Class{Gone, Content, Error, Blocked, Content, Content, Content}, classes); d != "" {
		t.Errorf("classes of the looks, newest first:\n%s", d)
	}
	steps, err := a.Steps(ctx, StepFilter{Sources: []string{"be-test", "x"}, Published: true})
	if err != nil || len(steps) != 2 || steps[0].From != 2 || steps[1].From != 1 {
		t.Errorf("steps %v (%v), want 2→3 and 1→2", steps, err)
	}
}

func TestFailuresAreCounted(t *testing.T) {
	a := open(t, t.TempDir())
	const url = "https://example.org/w"
	c := capture(url, 0, "please enable cookies")
	add(t, a, c)
	reads(t, a, Reading{Capture: c.Seq, Class: Blocked, Reason: "challenge"})
	c2 := capture(url, 1, "please enable cookies") // unchanged, so as blocked as before
	add(t, a, c2)
	p, err := a.Page(t.Context(), url)
	if err != nil || p.Fails != 2 {
		t.Fatalf("after two challenges %d failures (%v), want 2", p.Fails, err)
	}
	c3 := capture(url, 2, "the page")
	add(t, a, c3)
	reads(t, a, content(c3, "text"))
	if p, _ = a.Page(t.Context(), url); p.Fails != 0 {
		t.Errorf("after a good answer %d failures, want 0", p.Fails)
	}
}

// TestLastContent: an answer of 200 that turned out to be none is not the last
// content, nor what the next look names; the one before it is. It counts until
// it has been read. A rebuild says the same.
func TestLastContent(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	const url = "https://example.org/w"
	page, unchanged := capture(url, 0, "the page"), answered(url, 1, "HTTP/1.1 304 Not Modified\r\n\r\n")
	challenge, again := capture(url, 2, "please enable cookies"), capture(url, 3, "please enable cookies")
	is := func(when string, want *Capture, etag string) {
		t.Helper()
		p, err := a.Page(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		var seq Seq
		if want != nil {
			seq = want.Seq
		}
		if p.LastContent.Seq != seq || p.ETag != etag {
			t.Errorf("%s: the last content is capture %d with the validator %s, want %d and %s", when, p.LastContent.Seq, p.ETag, seq, etag)
		}
	}
	add(t, a, page, unchanged)
	reads(t, a, content(page, "text"))
	is("after a 304", unchanged, `"8"`)
	add(t, a, challenge)
	is("before the answer is read", challenge, `"21"`)
	reads(t, a, Reading{Capture: challenge.Seq, Class: Blocked, Reason: "challenge"})
	is("after a challenge", unchanged, "")
	add(t, a, again, answered(url, 4, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"))
	is("after more of them", unchanged, "")
	a.Close()
	if err := Rebuild(t.Context(), dir, quiet(), false); err != nil {
		t.Fatal(err)
	}
	a = open(t, dir)
	is("after a rebuild", unchanged, "")
	back := capture(url, 5, "the page")
	add(t, a, back)
	reads(t, a, content(back, "text"))
	is("when it is back", back, `"8"`)

	const never = "https://example.org/never"
	only := capture(never, 6, "please enable cookies")
	add(t, a, only)
	reads(t, a, Reading{Capture: only.Seq, Class: Blocked, Reason: "challenge"})
	if p, err := a.Page(t.Context(), never); err != nil || p.LastContent.Seq != 0 {
		t.Errorf("a page that only ever was a challenge has content in capture %d (%v)", p.LastContent.Seq, err)
	}
}

// dump is everything readers can see, for comparing archives.
func dump(t *testing.T, a *Archive) any {
	t.Helper()
	ctx := t.Context()
	var vs []*Version
	for v, err := range a.Versions(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		vs = append(vs, v)
	}
	var cs []*Capture
	for c, err := range a.Captures(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		cs = append(cs, c)
	}
	pages, err := a.Pages(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	steps, _ := a.Steps(ctx, StepFilter{})
	cur, _ := a.Cursor(ctx, Extract)
	return []any{vs, cs, pages, steps, cur}
}

// TestRebuildGivesTheSame: all that readers see, and every row of the catalogue
// that follows from the WARC files; with a text read anew in the same capture,
// and one woven into the past.
func TestRebuildGivesTheSame(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	story(t, a)
	b := capture("https://example.org/b", 70, "b")
	add(t, a, b)
	reads(t, a, content(b, "B.", "Menu."))
	if again := reads(t, a, content(b, "B.")); len(again) != 1 || again[0].Cause != Reextracted {
		t.Fatalf("read anew: %v", again)
	}
	late := capture("https://example.org/a", 15, "between")
	late.Origin = Imported
	add(t, a, late)
	reads(t, a, content(late, "A.", "B between."))
	before, rows := dump(t, a), dumpTables(t, a)
	a.Close()
	if err := os.Remove(filepath.Join(dir, "catalogue.db")); err != nil {
		t.Fatal(err)
	}
	if err := Rebuild(t.Context(), dir, quiet(), false); err != nil {
		t.Fatal(err)
	}
	c := open(t, dir)
	if d := cmp.Diff(before, dump(t, c)); d != "" {
		t.Errorf("after rebuild (-before +after):\n%s", d)
	}
	if again := dumpTables(t, c); again != rows {
		t.Errorf("after rebuild:\n%s", firstDifference(rows, again))
	}
	sound(t, c)
}

// TestKilledAnywhere cuts the WARC file at every byte of its tail, with the
// catalogue as it was before, as a process killed while writing would.
func TestKilledAnywhere(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	c1 := capture("https://example.org/a", 0, "one")
	add(t, a, c1)
	reads(t, a, content(c1, "A."))
	a.Close()
	catalogue, err := os.ReadFile(filepath.Join(dir, "catalogue.db"))
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "warc", "*"))
	early, _ := os.ReadFile(files[0])
	earlyLog := t.TempDir()
	if err := os.CopyFS(earlyLog, os.DirFS(filepath.Join(dir, "log"))); err != nil {
		t.Fatal(err)
	}
	a = open(t, dir)
	c2 := capture("https://example.org/a", 5, "two")
	add(t, a, c2)
	reads(t, a, content(c2, "A.", "B."))
	a.Close()
	late, _ := os.ReadFile(files[0])
	for cut := len(early); cut <= len(late); cut += 41 {
		at := t.TempDir()
		os.Mkdir(filepath.Join(at, "warc"), 0o755)
		os.CopyFS(filepath.Join(at, "log"), os.DirFS(earlyLog))
		os.WriteFile(filepath.Join(at, "catalogue.db"), catalogue, 0o644)
		os.WriteFile(filepath.Join(at, "warc", filepath.Base(files[0])), late[:cut], 0o644)
		b, err := Open(at, quiet())
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		add(t, b, capture("https://example.org/c", 9, "three"))
		rep, err := b.Verify(t.Context())
		if err != nil || !rep.OK {
			t.Fatalf("cut at %d: %+v, %v", cut, rep, err)
		}
		b.Close()
	}
}

func TestDamageIsNamed(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	story(t, a)
	files, _ := filepath.Glob(filepath.Join(dir, "warc", "*"))
	b, _ := os.ReadFile(files[0])
	b[len(b)/2] ^= 0x10
	os.WriteFile(files[0], b, 0o644)
	rep, err := a.Verify(t.Context())
	if err != nil || rep.OK || len(rep.Problems) == 0 {
		t.Fatalf("verify of a damaged file: %+v, %v", rep, err)
	}
}

func TestOneProcessOwnsTheDirectory(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if _, err := Open(dir, quiet()); !errors.Is(err, ErrLocked) {
		t.Errorf("second open: %v, want ErrLocked", err)
	}
}

func TestNothingIsHalfAdded(t *testing.T) {
	a := open(t, t.TempDir())
	add(t, a, capture("https://example.org/a", 0, "one"))
	bad := capture("https://example.org/b", 1, "x")
	bad.Source = ""
	if err := a.Add(t.Context(), capture("https://example.org/a", 1, "two"), bad); err == nil {
		t.Fatal("a capture without a source was taken")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Add(ctx, capture("https://example.org/a", 1, "two")); err == nil {
		t.Fatal("a cancelled add succeeded")
	}
	if s, _ := a.Stats(t.Context()); s.Captures != 1 {
		t.Errorf("%d captures, want 1", s.Captures)
	}
	add(t, a, capture("https://example.org/a", 2, "two"))
	if rep, err := a.Verify(t.Context()); err != nil || !rep.OK || rep.Captures != 2 {
		t.Errorf("verify: %+v, %v", rep, err)
	}
}

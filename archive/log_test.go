package archive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// TestEveryCaptureAndVersionIsProven: each has an entry, made again from the
// WARC files, that a proof leads to the signed root.
func TestEveryCaptureAndVersionIsProven(t *testing.T) {
	a := open(t, t.TempDir())
	story(t, a)
	c, err := ParseCheckpoint(a.Checkpoint(), a.LogKey())
	if err != nil {
		t.Fatal(err)
	}
	if c.Size != 8+3 {
		t.Fatalf("the log has %d entries, want 8 captures and 3 versions", c.Size)
	}
	for n := range c.Size {
		e, err := a.Entry(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		p, err := a.Proof(t.Context(), n, c.Size)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(p, c.Size, c.Root, n, tlog.RecordHash(e)); err != nil {
			t.Errorf("entry %d: %v\n%s", n, err, e)
		}
	}
	e, _ := a.Entry(t.Context(), 0)
	for _, want := range []string{"veille-capture/2\nseq 1\npage https://example.org/a\nsource be-test\ntime 2026-03-03T08:00:00.000Z\nstatus 200\npayload sha256:",
		"\nrecord request urn:uuid:", "\nrecord response urn:uuid:"} {
		if !strings.Contains(string(e), want) {
			t.Errorf("entry 0 lacks %q:\n%s", want, e)
		}
	}
	if _, err := a.Entry(t.Context(), c.Size); !errors.Is(err, ErrNotInLog) {
		t.Errorf("an entry beyond the log: %v", err)
	}
}

// TestTilesAreTheTree rebuilds the signed root from nothing but the tiles, as a
// monitor of the log would.
func TestTilesAreTheTree(t *testing.T) {
	a := open(t, t.TempDir())
	var cs []*Capture
	for i := range 300 {
		cs = append(cs, capture(fmt.Sprintf("https://example.org/%d", i), i, "one"))
	}
	add(t, a, cs...)
	c, err := ParseCheckpoint(a.Checkpoint(), a.LogKey())
	if err != nil || c.Size != 300 {
		t.Fatalf("%+v, %v", c, err)
	}
	reader := tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, tiles{a, t})
	for _, n := range []int64{0, 255, 256, 299} {
		proof, err := tlog.ProveRecord(c.Size, n, reader)
		if err != nil {
			t.Fatal(err)
		}
		bundle, err := a.Entries(t.Context(), n/256, map[int64]int{0: 256, 1: 44}[n/256])
		if err != nil {
			t.Fatal(err)
		}
		for range n % 256 {
			bundle = bundle[2+binary.BigEndian.Uint16(bundle):]
		}
		entry := bundle[2 : 2+binary.BigEndian.Uint16(bundle)]
		if err := tlog.CheckRecord(proof, c.Size, c.Root, n, tlog.RecordHash(entry)); err != nil {
			t.Errorf("entry %d: %v", n, err)
		}
	}
	for _, bad := range []struct {
		level int
		n     int64
		width int
	}{{0, 1, 45}, {0, 2, 1}, {1, 0, 2}, {0, -1, 1}, {0, 0, 257}, {0, 0, 0}, {9, 0, 1}} {
		if _, err := a.Tile(t.Context(), bad.level, bad.n, bad.width); !errors.Is(err, ErrNotInLog) {
			t.Errorf("tile %+v: %v, want ErrNotInLog", bad, err)
		}
	}
}

type tiles struct {
	a *Archive
	t *testing.T
}

func (r tiles) Height() int { return 8 }
func (r tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, w := range want {
		b, err := r.a.Tile(r.t.Context(), w.L, w.N, w.W)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}
func (r tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// warcFile returns the archive's only WARC file.
func warcFile(t *testing.T, dir string) string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "warc", "*"))
	if len(files) != 1 {
		t.Fatalf("%d WARC files, want 1", len(files))
	}
	return files[0]
}

// TestALostTailStaysInTheLog: the last captures' records are gone and so is
// the catalogue; the log goes on from where it was signed, no number is used
// again, and verify names what is lost.
func TestALostTailStaysInTheLog(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	c1 := capture("https://example.org/a", 0, "one")
	add(t, a, c1)
	reads(t, a, content(c1, "A."))
	whole, _ := os.Stat(warcFile(t, dir))
	c2 := capture("https://example.org/a", 5, "two")
	add(t, a, c2)
	reads(t, a, content(c2, "A.", "B."))
	a.Close()
	if err := errors.Join(os.Truncate(warcFile(t, dir), whole.Size()), os.Remove(filepath.Join(dir, "catalogue.db"))); err != nil {
		t.Fatal(err)
	}
	b := open(t, dir)
	c3 := capture("https://example.org/a", 9, "three")
	add(t, b, c3)
	if added := reads(t, b, content(c3, "A.", "C.")); c3.Seq != 3 || len(added) != 1 || added[0].ID != 3 {
		t.Errorf("the next capture is %d, want 3; the next version %v, want 3", c3.Seq, added)
	}
	rep, err := b.Verify(t.Context())
	if err != nil || rep.OK || len(rep.Problems) != 1 || !strings.Contains(rep.Problems[0], "entries 2–3 of the log are lost") {
		t.Errorf("verify: %+v, %v", rep, err)
	}
	if c, err := ParseCheckpoint(b.Checkpoint(), b.LogKey()); err != nil || c.Size != 6 {
		t.Errorf("checkpoint %+v, %v", c, err)
	}
}

// TestHistoryCannotBeRewritten: whoever has the WARC files and rewrites one
// record, digests and all, is found out by the signed checkpoint.
func TestHistoryCannotBeRewritten(t *testing.T) {
	forged, honest := t.TempDir(), t.TempDir()
	a := open(t, honest)
	add(t, a, capture("https://example.org/a", 0, "within 30 days"), capture("https://example.org/a", 5, "within 30 days!"))
	a.Close()
	b := open(t, forged)
	add(t, b, capture("https://example.org/a", 0, "within 14 days"), capture("https://example.org/a", 5, "within 30 days!"))
	b.Close()
	data, err := os.ReadFile(warcFile(t, forged))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(warcFile(t, honest), data, 0o644), os.Remove(filepath.Join(honest, "catalogue.db"))); err != nil {
		t.Fatal(err)
	}
	// log/leaves knows what was signed: what was put in its place is no capture.
	c := open(t, honest)
	if _, err := c.Capture(t.Context(), 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a forged capture is read: %v", err)
	}
	rep, err := c.Verify(t.Context())
	if err != nil || rep.OK || !strings.Contains(strings.Join(rep.Problems, "\n"), "is not what entry 0 of the signed log says") {
		t.Errorf("verify: %+v, %v", rep, err)
	}
	c.Close()
	// Without log/leaves, the signed root still says that something is wrong.
	if err := errors.Join(os.Remove(filepath.Join(honest, "log", "leaves")), os.Remove(filepath.Join(honest, "catalogue.db"))); err != nil {
		t.Fatal(err)
	}
	c = open(t, honest)
	if err := c.Add(t.Context(), capture("https://example.org/a", 9, "three")); !errors.Is(err, ErrLogBroken) {
		t.Errorf("add to a forged archive: %v, want ErrLogBroken", err)
	}
	if rep, err = c.Verify(t.Context()); err != nil || rep.OK || !strings.Contains(strings.Join(rep.Problems, "\n"), "the signed checkpoint says") {
		t.Errorf("verify: %+v, %v", rep, err)
	}
	if _, err := c.Capture(t.Context(), 2); err != nil {
		t.Errorf("what is there stays readable: %v", err)
	}
	// Whoever decides to go on with it begins a new log; the old one is kept.
	old := c.LogKey()
	c.Close()
	if err := Rebuild(t.Context(), honest, quiet(), true); err != nil {
		t.Fatal(err)
	}
	d := open(t, honest)
	add(t, d, capture("https://example.org/a", 9, "three"))
	if rep, err := d.Verify(t.Context()); err != nil || !rep.OK || d.LogKey() == old {
		t.Errorf("verify after a new log: %+v, %v", rep, err)
	}
	if _, err := os.Stat(filepath.Join(honest, "log.1", "checkpoint")); err != nil {
		t.Errorf("the old log: %v", err)
	}
}

// TestCheckpointsOfOthersAreRefused: a signature is of one log and one tree.
func TestCheckpointsOfOthersAreRefused(t *testing.T) {
	a, b := open(t, t.TempDir()), open(t, t.TempDir())
	add(t, a, capture("https://example.org/a", 0, "one"))
	if _, err := ParseCheckpoint(a.Checkpoint(), b.LogKey()); err == nil {
		t.Error("a checkpoint was taken with another log's key")
	}
	forged := strings.Replace(string(a.Checkpoint()), "\n1\n", "\n2\n", 1)
	if _, err := ParseCheckpoint([]byte(forged), a.LogKey()); err == nil {
		t.Error("a checkpoint of another size was taken")
	}
}

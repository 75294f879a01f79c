package archive

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"veille/archive/warc"
)

// What an archive can do after it has been damaged.
const (
	mends   = 1 << iota // a rebuild makes it whole
	broken              // nothing more is written until somebody decides
	shut                // it cannot be opened before a rebuild
	refuses             // a rebuild says what must be done first
	shifts              // what lies behind it is found again after a rebuild
)

// damages are the ways in which an archive is damaged.
var damages = []struct {
	name   string
	damage func(r ruin)
	names  string // regexp of what verify says, or why it does not open
	after  int
}{
	{"a bit of a response", func(r ruin) { r.rot(captureIs("4")) }, `00002-.*offset \d+: .*(?s:.*)captures 4 are affected`, 0},
	{"a bit of a page's first capture", func(r ruin) { r.rot(captureIs("1")) }, `captures 1 are affected$|captures 1 are affected\n`, 0},
	{"a bit of a revisit", func(r ruin) { r.rot(captureIs("2")) }, `00001-.*captures 2 are affected`, 0},
	{"a bit of a request", func(r ruin) { r.rot(typeIs(warc.TypeRequest)) }, `captures 1 are affected`, 0},
	{"a bit of the facts", func(r ruin) {
		r.rot(func(rec *warc.Record) bool {
			return rec.Type() == warc.TypeMetadata && rec.Get("Content-Type") == typeFields
		})
	}, `00003-.*captures 6 are affected`, 0},
	{"a bit of a text", func(r ruin) { r.rot(typeIs(warc.TypeConversion)) }, `the stored text of versions 1 are affected`, 0},
	{"a bit of the readings", func(r ruin) { r.rot(contentIs(typeReadings)) }, `00001-.*cannot be read`, 0},
	{"a bit of a file's first record", func(r ruin) { r.flip(r.file(2), 40) }, `00002-.*, offset 0`, 0},
	{"a bit of a gzip header", func(r ruin) { f, s := r.record(captureIs("4")); r.flip(f, s.Offset) }, `captures 4 are affected`, 0},
	{"a bit of a checksum", func(r ruin) { f, s := r.record(captureIs("4")); r.flip(f, s.Offset+s.Length-6) }, `captures 4 are affected`, 0},
	{"zeros over a stretch", func(r ruin) {
		f, s := r.record(captureIs("4"))
		r.edit(f, func(b []byte) []byte { clear(b[s.Offset-20 : s.Offset+s.Length]); return b })
	}, `captures 4 are affected`, 0},
	{"a torn tail", func(r ruin) { r.edit(r.file(3), func(b []byte) []byte { return b[:len(b)-30] }) }, `00003-.*bytes long, the catalogue says`, 0},
	{"a middle file cut", func(r ruin) { r.edit(r.file(2), func(b []byte) []byte { return b[:len(b)/2] }) }, `00002-.*bytes long, the catalogue says \d+: .*affected`, 0},
	{"something behind a file", func(r ruin) { r.edit(r.file(3), func(b []byte) []byte { return append(b, "rubbish"...) }) }, `00003-.*what follows is not ours|00003-.*cannot be read`, 0},
	{"a missing middle file", func(r ruin) { os.Remove(r.file(2)) }, `00002-.*cannot be opened.*captures 4–5 and the stored text of versions 3–4 are affected`, 0},
	{"a missing last file", func(r ruin) { os.Remove(r.file(3)) }, `00003-.*cannot be opened.*captures 6–7`, 0},
	{"no WARC file at all", func(r ruin) {
		os.RemoveAll(filepath.Join(r.dir, "warc"))
		os.Mkdir(filepath.Join(r.dir, "warc"), 0o755)
	},
		`lists 3 WARC files, and .* holds none`, shut | refuses},
	{"two files swapped", func(r ruin) {
		b := r.read(r.file(1))
		r.write(r.file(1), r.read(r.file(2)))
		r.write(r.file(2), b)
	}, `its first record says that it is veille-0000`, refuses},
	{"a record removed", func(r ruin) {
		f, s := r.record(captureIs("4"))
		r.edit(f, func(b []byte) []byte { return append(b[:s.Offset], b[s.Offset+s.Length:]...) })
	}, `00002-.*bytes long, the catalogue says`, 0},
	{"a back-dated capture put in", func(r ruin) { f, s := r.record(captureIs("2")); r.splice(f, s.Offset, backdated("8", "9")...) },
		`00001-.*offset \d+: .*capture|00001-.*is not ours`, shifts},
	{"a capture put in the place of another", func(r ruin) {
		f, s := r.record(captureIs("4"))
		r.splice(f, s.Offset, backdated("4", "5")...)
	}, `00002-.*, offset \d+: it is not what entry 5 of the signed log says`, 0},
	{"a capture altered, digests and all", func(r ruin) { r.alter("2.0") },
		`00002-.*, offset \d+: it is not what entry 5 of the signed log says: captures 4 are affected`, 0},
	{"a capture altered and grown over what lies behind it", func(r ruin) { r.alter("2.0" + rand.Text() + rand.Text()) },
		`00002-.*, offset \d+: it is not what entry 5 of the signed log says: captures 4 are affected`, 0},
	{"a block altered under its digest", func(r ruin) {
		f, s := r.record(captureIs("4"))
		r.edit(f, func(b []byte) []byte {
			return bytes.Join([][]byte{b[:s.Offset], recompress(r.t, b[s.Offset:s.Offset+s.Length], "two", "2.0"), b[s.Offset+s.Length:]}, nil)
		})
	}, `its block is not what its digest`, 0},
	{"no catalogue", func(r ruin) { os.Remove(filepath.Join(r.dir, "catalogue.db")) }, `^ok$`, mends},
	{"rubbish for a catalogue", func(r ruin) { r.write(filepath.Join(r.dir, "catalogue.db"), bytes.Repeat([]byte("rubbish "), 999)) },
		"catalogue.db: .*if the file is damaged run `veille rebuild`", shut | mends},
	{"a time in the catalogue", func(r ruin) { r.exec(`UPDATE capture SET time = time + 1 WHERE seq = 4`) }, `catalogue.db: capture 4: what it says of time .*veille rebuild`, mends},
	{"an interval in the catalogue", func(r ruin) { r.exec(`UPDATE version SET until_by = until_by + 1 WHERE id = 1`) }, `catalogue.db: version 1: what it says of until_by`, mends},
	{"a text in the catalogue", func(r ruin) {
		r.exec(`UPDATE version SET texts = (SELECT texts FROM version WHERE id = 2) WHERE id = 3`)
	},
		`catalogue.db: version 3: what it says of texts`, mends},
	{"a page in the catalogue", func(r ruin) { r.exec(`UPDATE page SET etag = 'x' WHERE id = 2`) }, `catalogue.db: page 2: what it says of etag`, mends},
	{"a row gone from the catalogue", func(r ruin) { r.exec(`DELETE FROM capture WHERE seq = 2`) }, `it lacks capture 2, which the WARC files hold`, mends},
	{"a hash in the catalogue", func(r ruin) { r.exec(`UPDATE hash SET hash = zeroblob(32) WHERE id = 0`) }, `entry 0 of the log is not what the records of capture 1 give`, mends},
	{"an inner hash in the catalogue", func(r ruin) { r.exec(`UPDATE hash SET hash = zeroblob(32) WHERE id = 2`) }, `hash of the log 2`, mends},
	{"no log", func(r ruin) { os.RemoveAll(filepath.Join(r.dir, "log")) }, `log/key is missing`, broken},
	{"no key", func(r ruin) { os.Remove(filepath.Join(r.dir, "log", "key")) }, `log/key is missing: restore log/ from a copy`, broken},
	{"no public key", func(r ruin) { os.Remove(filepath.Join(r.dir, "log", "key.pub")) }, `^ok$`, mends},
	{"another's public key", func(r ruin) {
		other := r.t.TempDir()
		open(r.t, other)
		r.write(filepath.Join(r.dir, "log", "key.pub"), r.read(filepath.Join(other, "log", "key.pub")))
	}, `log/key.pub is missing, or not the key that signs`, broken},
	{"no checkpoint", func(r ruin) { os.Remove(filepath.Join(r.dir, "log", "checkpoint")) }, `log/checkpoint cannot be read`, broken},
	{"an empty checkpoint", func(r ruin) { r.write(filepath.Join(r.dir, "log", "checkpoint"), nil) }, `log/checkpoint: `, broken},
	{"a bit of the checkpoint", func(r ruin) { r.flip(filepath.Join(r.dir, "log", "checkpoint"), 30) }, `log/checkpoint: `, broken},
	{"no leaves", func(r ruin) { os.Remove(filepath.Join(r.dir, "log", "leaves")) }, `^ok$`, mends},
	{"a bit of the leaves", func(r ruin) { r.flip(filepath.Join(r.dir, "log", "leaves"), 45) }, `log/leaves, offset 40: entry 1 is not`, mends},
	{"the leaves cut", func(r ruin) {
		r.edit(filepath.Join(r.dir, "log", "leaves"), func(b []byte) []byte { return b[:len(b)-3] })
	}, `^ok$`, mends},
}

// TestDamage: whatever is damaged is found and named, before and after a
// rebuild, and what is not damaged stays usable.
func TestDamage(t *testing.T) {
	whole := t.TempDir()
	house(t, whole)
	for _, test := range damages {
		t.Run(test.name, func(t *testing.T) {
			r := ruin{t, t.TempDir()}
			if err := os.CopyFS(r.dir, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			os.Chmod(filepath.Join(r.dir, "log", "key"), 0o600)
			test.damage(r)
			r.check(regexp.MustCompile(test.names), test.after, false)
			err := Rebuild(t.Context(), r.dir, quiet(), false)
			if err != nil {
				if test.after&refuses == 0 {
					t.Fatalf("rebuild: %v", err)
				}
				return
			}
			if test.after&mends != 0 {
				r.check(regexp.MustCompile(`^ok$`), 0, true)
			} else {
				r.check(regexp.MustCompile(`.`), test.after, true)
			}
		})
	}
}

// check opens a damaged archive and sees whether the damage is named, and what
// is not damaged usable.
func (r ruin) check(names *regexp.Regexp, after int, rebuilt bool) {
	t := r.t
	t.Helper()
	a, err := Open(r.dir, quiet())
	if err != nil {
		if after&shut == 0 || !names.MatchString(err.Error()) {
			t.Fatalf("open (rebuilt: %v): %v; want %v", rebuilt, err, names)
		}
		return
	}
	defer a.Close()
	said := func() string {
		rep, err := a.Verify(t.Context())
		if err != nil {
			t.Fatalf("verify (rebuilt: %v): %v", rebuilt, err)
		}
		if rep.OK {
			return "ok"
		}
		return strings.Join(rep.Problems, "\n")
	}
	before := said()
	if !names.MatchString(before) || rebuilt && before == "ok" && !names.MatchString("ok") {
		t.Errorf("verify (rebuilt: %v) says\n%s\nwant %v", rebuilt, before, names)
	}
	t.Logf("rebuilt: %v\n%s", rebuilt, before)
	// The quiet page is as it was.
	v, err := a.Version(t.Context(), 2)
	if err != nil || v.Blocks[0].Text != "Quiet." {
		t.Errorf("an undamaged version (rebuilt: %v): %v", rebuilt, err)
	}
	if c, err := a.Capture(t.Context(), 3); after&refuses == 0 && (after&shifts == 0 || rebuilt) && (err != nil || string(c.Body) != "quiet") {
		t.Errorf("an undamaged capture (rebuilt: %v): %v", rebuilt, err)
	}
	if p, err := a.Page(t.Context(), "https://example.org/a"); after&refuses == 0 && (err != nil || p.ID != 1) {
		t.Errorf("the page (rebuilt: %v): %+v, %v", rebuilt, p, err)
	}
	// What is damaged is never another thing, nor keeps a reader from the rest.
	bodies := map[Seq]string{1: "one", 2: "one", 3: "quiet", 4: "two", 5: "between", 6: "three", 7: "three"}
	for c, err := range a.Captures(t.Context(), 0) {
		if err != nil {
			t.Fatalf("captures (rebuilt: %v): %v", rebuilt, err)
		}
		whole, err := a.Capture(t.Context(), c.Seq)
		if c.Seq <= 7 && c.Err == "" && err == nil && string(whole.Body) != bodies[c.Seq] {
			t.Errorf("capture %d (rebuilt: %v) is %q", c.Seq, rebuilt, whole.Body)
		}
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("capture %d (rebuilt: %v): %v", c.Seq, rebuilt, err)
		}
	}
	// And life goes on, unless somebody must decide first.
	text := fmt.Sprint("Next, rebuilt: ", rebuilt)
	next := capture("https://example.org/a", 90+len(text), text)
	err = a.Add(t.Context(), next)
	if after&broken != 0 {
		if !errors.Is(err, ErrLogBroken) {
			t.Errorf("add (rebuilt: %v): %v, want ErrLogBroken", rebuilt, err)
		}
		return
	}
	if err != nil || next.Seq < 8 {
		t.Fatalf("add (rebuilt: %v): capture %d, %v", rebuilt, next.Seq, err)
	}
	added, err := a.AddReadings(t.Context(), next.Seq, []Reading{content(next, "A.", "C.", text)})
	if err != nil || len(added) != 1 || added[0].ID < 6 {
		t.Fatalf("read (rebuilt: %v): %v, %v", rebuilt, added, err)
	}
	if got := said(); strings.Contains(got, fmt.Sprintf("capture %d", next.Seq)) || (got == "ok") != (before == "ok") {
		t.Errorf("verify after an addition (rebuilt: %v) says\n%s\nand before it\n%s", rebuilt, got, before)
	}
}

package server

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"veille/archive"
	"veille/index"
)

// A figuresTest is servers that keep their records of figures in one file.
type figuresTest struct {
	t    *testing.T
	w    *world
	path string
	want string // what all of them tell
}

// start starts one; without a stamp it keeps no records.
func (f *figuresTest) start(stamp string) *Documents {
	f.t.Helper()
	s := f.w.server
	d := &Documents{Archive: s.Archive, Index: s.Index, Sources: s.Sources, Thesaurus: s.Thesaurus, Now: s.Now}
	if stamp != "" {
		kept, err := openFigures(f.path, stamp)
		if err != nil {
			f.t.Fatal(err)
		}
		d.figures.Store(kept)
	}
	return d
}

func (f *figuresTest) told(d *Documents) string {
	f.t.Helper()
	doc, err := d.Figures(f.t.Context(), FiguresQuery{TraceQuery: index.TraceQuery{Phrase: "places"}})
	if err != nil || doc.Total == 0 {
		f.t.Fatalf("%d figures: %v", doc.Total, err)
	}
	var b bytes.Buffer
	if err := Write(&b, doc); err != nil {
		f.t.Fatal(err)
	}
	return b.String()
}

// kept is how many pages a server has the record of.
func (f *figuresTest) kept(d *Documents) (n int) {
	f.t.Helper()
	pages, err := d.Archive.Pages(f.t.Context(), "")
	if err != nil {
		f.t.Fatal(err)
	}
	for _, p := range pages {
		history, err := d.Archive.History(f.t.Context(), p.ID)
		if err != nil {
			f.t.Fatal(err)
		}
		if d.figures.Load().read(p.ID, historyStamp(history), new([]byte)) {
			n++
		}
	}
	return n
}

// check has a server with so many records tell, and once more after it has let go
// of the file.
func (f *figuresTest) check(what string, d *Documents, records int) {
	f.t.Helper()
	if n := f.kept(d); n != records {
		f.t.Errorf("%s: %d records, want %d", what, n, records)
	}
	if got := f.told(d); got != f.want {
		f.t.Errorf("%s: %s\nwant %s", what, got, f.want)
	}
	if err := d.closeFigures(); err != nil {
		f.t.Error(err)
	}
	if got := f.told(d); got != f.want {
		f.t.Errorf("%s, closed: %s\nwant %s", what, got, f.want)
	}
}

// TestFiguresAreReadFromTheirFile: once a server has made the records of figures
// ready, questions read no versions; the next start finds them again, and answers
// are the same with them and without, whole or damaged.
func TestFiguresAreReadFromTheirFile(t *testing.T) {
	t.Parallel()
	f := &figuresTest{t: t, w: newWorld(t), path: filepath.Join(t.TempDir(), "cache", "figures")}
	f.w.live()
	f.want = f.told(f.start(""))
	first := f.start("rules")
	if err := first.warmFigures(t.Context(), -1); err != nil {
		t.Fatal(err)
	}
	all := f.kept(first)
	if all == 0 {
		t.Fatal("no records are made")
	}
	f.check("made ready", first, all)
	f.check("the next start", f.start("rules"), all)

	whole, err := os.ReadFile(f.path)
	if err != nil {
		t.Fatal(err)
	}
	write := func(b []byte) {
		t.Helper()
		if err := os.WriteFile(f.path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(whole[:len(whole)-1])
	f.check("the last not written to its end", f.start("rules"), all-1)
	write(append(bytes.Clone(whole), make([]byte, 1<<12)...))
	f.check("zeros behind the last", f.start("rules"), all)
	if info, err := os.Stat(f.path); err != nil || info.Size() != int64(len(whole)) {
		t.Errorf("what is no entry is not cut off: %v, %v", info.Size(), err)
	}
	damaged := bytes.Clone(whole)
	damaged[len(damaged)-1]++
	write(damaged)
	f.check("the last damaged", f.start("rules"), all-1)
	f.check("of other rules", f.start("other rules"), 0)
	write([]byte("something else"))
	f.check("of something else", f.start("rules"), 0)
}

// TestTheFileOfFiguresStaysSmall: what is superseded goes in time, and the last
// record of each page stays.
func TestTheFileOfFiguresStaysSmall(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "figures")
	s, err := openFigures(path, "rules")
	if err != nil {
		t.Fatal(err)
	}
	record := func(page archive.PageID, history uint64) []byte {
		return bytes.Repeat([]byte{byte(page), byte(history)}, 1<<19)
	}
	var room []byte
	check := func() {
		t.Helper()
		for page := archive.PageID(1); page <= 2; page++ { // numbers of pages begin at 1
			if !s.read(page, 19, &room) || !bytes.Equal(room, record(page, 19)) || s.read(page, 18, &room) {
				t.Errorf("page %d does not have its last record", page)
			}
		}
	}
	for history := range uint64(20) {
		for page := archive.PageID(1); page <= 2; page++ {
			if !s.put(page, history, record(page, history)) {
				t.Fatal("there is no room")
			}
		}
	}
	check()
	before := s.end
	if err := s.tidy(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() != s.end || s.end > before/8 {
		t.Errorf("%d bytes of %d are left, the file has %d", s.end, before, info.Size())
	}
	check()
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if s, err = openFigures(path, "rules"); err != nil {
		t.Fatal(err)
	}
	check()
	if s.put(3, 0, make([]byte, maxFigureFile)) {
		t.Error("a record is kept that there is no room for")
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
}

package archive

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/klauspost/compress/gzip"

	"veille/archive/warc"
)

// A ruin is a copy of one archive, about to be damaged.
type ruin struct {
	t   *testing.T
	dir string
}

func (r ruin) file(n int) string {
	r.t.Helper()
	names, err := filepath.Glob(filepath.Join(r.dir, "warc", "*"))
	if err != nil || len(names) < n {
		r.t.Fatalf("WARC files %v, %v", names, err)
	}
	return names[n-1]
}

func (r ruin) read(name string) []byte {
	r.t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

func (r ruin) write(name string, b []byte) {
	r.t.Helper()
	if err := os.WriteFile(name, b, 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// edit changes a file's bytes.
func (r ruin) edit(name string, f func(b []byte) []byte) { r.write(name, f(r.read(name))) }

// flip turns one bit.
func (r ruin) flip(name string, at int64) {
	r.edit(name, func(b []byte) []byte { b[at] ^= 0x10; return b })
}

// members lists where the records of a file lie.
func (r ruin) members(name string) (recs []*warc.Record, spans []warc.Span) {
	r.t.Helper()
	reader := warc.NewReader(bytes.NewReader(r.read(name)), 0)
	for {
		rec, span, err := reader.Next()
		if err != nil {
			return recs, spans
		}
		recs, spans = append(recs, rec), append(spans, span)
	}
}

// record finds the closing record of a capture, or the text of a version, or
// the n-th record of a type in all files.
func (r ruin) record(is func(*warc.Record) bool) (file string, span warc.Span) {
	r.t.Helper()
	for n := 1; n <= 3; n++ {
		recs, spans := r.members(r.file(n))
		for i, rec := range recs {
			if is(rec) {
				return r.file(n), spans[i]
			}
		}
	}
	r.t.Fatal("there is no such record")
	return "", warc.Span{}
}

func captureIs(seq string) func(*warc.Record) bool {
	return func(r *warc.Record) bool { return r.Get("Veille-Seq") == seq }
}

func typeIs(typ string) func(*warc.Record) bool {
	return func(r *warc.Record) bool { return r.Type() == typ }
}

func contentIs(typ string) func(*warc.Record) bool {
	return func(r *warc.Record) bool { return r.Get("Content-Type") == typ }
}

// rot turns a bit in the middle of a record.
func (r ruin) rot(is func(*warc.Record) bool) {
	file, span := r.record(is)
	r.flip(file, span.Offset+span.Length/2)
}

func (r ruin) exec(query string) {
	r.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.dir, "catalogue.db"))
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query); err != nil {
		r.t.Fatal(err)
	}
}

// splice puts a record's bytes into a file at an offset.
func (r ruin) splice(name string, at int64, group ...*warc.Record) {
	r.t.Helper()
	var w warc.Writer
	for _, rec := range group {
		if _, err := w.Append(rec); err != nil {
			r.t.Fatal(err)
		}
	}
	r.edit(name, func(b []byte) []byte { return bytes.Join([][]byte{b[:at], w.Bytes(), b[at:]}, nil) })
}

// backdated is the group of a capture that nobody ever made.
func backdated(seq, leaf string) []*warc.Record {
	c := capture("https://example.org/a", 5, "forged")
	c.Purpose = PurposePage
	c.Page = 1
	recs := captureRecords(c, c.parse(), nil, nil)
	closing := recs[len(recs)-1]
	for i := range closing.Fields {
		switch closing.Fields[i].Name {
		case "Veille-Seq":
			closing.Fields[i].Value = seq
		case "Veille-Leaf":
			closing.Fields[i].Value = leaf
		}
	}
	return recs
}

// house fills an archive of three files: crawled, added and imported captures,
// unchanged looks, a text woven into the past, and a page that nothing happens
// to (https://example.org/quiet, capture 3, version 2).
func house(t *testing.T, dir string) {
	t.Helper()
	a := open(t, dir)
	url := "https://example.org/a"
	c1, c2 := capture(url, 0, "one"), capture(url, 10, "one")
	c3 := capture("https://example.org/quiet", 11, "quiet")
	add(t, a, c1, c2, c3)
	reads(t, a, content(c1, "A.", "B.", "C."), content(c3, "Quiet."))
	a.store.full = 1
	c4 := capture(url, 20, "two")
	add(t, a, c4)
	a.store.full = maxFile
	reads(t, a, content(c4, "A.", "B changed.", "C."))
	c5 := capture(url, 15, "between")
	c5.Origin = Imported
	add(t, a, c5)
	reads(t, a, content(c5, "A.", "B between.", "C."))
	a.store.full = 1
	c6 := capture(url, 30, "three")
	c6.Origin, c6.Notes = Added, map[string]string{"added-by": "a reader"}
	add(t, a, c6)
	a.store.full = maxFile
	add(t, a, capture(url, 40, "three"))
	reads(t, a, content(c6, "A.", "C."))
	sound(t, a)
	a.Close()
}

// recompress replaces words in a gzip member.
func recompress(t *testing.T, member []byte, old, fresh string) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(member))
	if err != nil {
		t.Fatal(err)
	}
	var plain, out bytes.Buffer
	if _, err := plain.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	w := gzip.NewWriter(&out)
	w.Write(bytes.Replace(plain.Bytes(), []byte(old), []byte(fresh), 1))
	w.Close()
	return out.Bytes()
}

// alter puts other words in the place of capture 4's "two", digests and all.
func (r ruin) alter(words string) {
	f, s := r.record(captureIs("4"))
	recs, spans := r.members(f)
	rec := recs[slices.Index(spans, s)]
	rec.Block = bytes.Replace(rec.Block, []byte("two"), []byte(words), 1)
	for k, field := range rec.Fields {
		switch field.Name {
		case "WARC-Block-Digest":
			rec.Fields[k].Value = warc.Digest(rec.Block)
		case "WARC-Payload-Digest":
			rec.Fields[k].Value = warc.Digest([]byte(words))
		}
	}
	r.edit(f, func(b []byte) []byte { return append(b[:s.Offset:s.Offset], b[s.Offset+s.Length:]...) })
	r.splice(f, s.Offset, rec)
}

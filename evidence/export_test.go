package evidence

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veille/archive"
	"veille/archive/cdxj"
	"veille/archive/wacz"
	"veille/archive/warc"
	"veille/diff"
	"veille/thesaurus"
)

func pack(t *testing.T, a *archive.Archive, s *Set) (*Exported, []byte) {
	t.Helper()
	var b bytes.Buffer
	rep, err := (&Exporter{Archive: a, Software: "Veille", Now: func() time.Time { return t0 }}).WACZ(t.Context(), &b, s)
	if err != nil {
		t.Fatal(err)
	}
	return rep, b.Bytes()
}

func pageOf(t *testing.T, a *archive.Archive, url string) archive.PageID {
	t.Helper()
	p, err := a.Page(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
}

// leads checks that each line of an index leads to the record it is about.
func leads(t *testing.T, index []byte, at func(file string) io.ReaderAt) (lines int) {
	t.Helper()
	if !slices.IsSorted(strings.Split(strings.TrimSpace(string(index)), "\n")) {
		t.Errorf("the index is not in order:\n%s", index)
	}
	for text := range bytes.Lines(index) {
		l, err := cdxj.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		rec, span, err := warc.NewReader(io.NewSectionReader(at(l.File), int64(l.Offset), int64(l.Length)), 0).Next()
		if err != nil || span.Length != int64(l.Length) {
			t.Errorf("%s: %v, %d bytes", text, err, span.Length)
			continue
		}
		date, _ := rec.Date()
		if rec.URI() != l.URL || !date.Equal(l.Time) || l.Digest == "" || (rec.Type() == warc.TypeRevisit) != (l.MIME == "warc/revisit") {
			t.Errorf("%s leads to %s %s of %s", text, rec.Type(), rec.URI(), date)
		}
		lines++
	}
	return lines
}

// TestWhatIsRepeatedComesAlong: a wording that came back is a revisit of a
// capture that the set does not hold.
func TestWhatIsRepeatedComesAlong(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	a := history(t)
	rep, b := pack(t, a, &Set{Page: pageOf(t, a, page), From: t0.Add(230 * time.Minute), Title: "x", Asked: "y"})
	if rep.Captures != 1 || rep.Extra != 1 || rep.Versions != 1 || rep.Unchanged != 1 {
		t.Errorf("%+v", rep)
	}
	z, err := wacz.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if problems, err := z.Verify(); err != nil || len(problems) > 0 {
		t.Errorf("verify: %q, %v", problems, err)
	}
	data, err := z.WARC(bytes.NewReader(b), "archive/data.warc.gz", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	index, err := z.File("indexes/index.cdx")
	if err != nil {
		t.Fatal(err)
	}
	if n := leads(t, index, func(string) io.ReaderAt { return data }); n != 2 {
		t.Errorf("%d lines, want 2:\n%s", n, index)
	}
	other := open(t)
	if got := take(t, other, write(t, "x.wacz", b)); got.Captures != 2 {
		t.Errorf("taken in again: %+v", got)
	}
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil || len(left) > 0 {
		t.Errorf("%d temporary files are left: %v", len(left), err)
	}
}

// TestSetsTakeWhatTheyName counts what each kind of set takes.
func TestSetsTakeWhatTheyName(t *testing.T) {
	a := history(t)
	at := func(minutes int) time.Time { return t0.Add(time.Duration(minutes) * time.Minute) }
	id := pageOf(t, a, page)
	for _, tt := range []struct {
		name             string
		set              Set
		captures, extra  int
		versions, inside int // inside: pages
	}{
		{"all", Set{All: true}, 6, 0, 4, 2},
		{"a source", Set{Source: "be-test"}, 6, 0, 4, 2},
		{"a page", Set{Page: id}, 5, 0, 3, 1},
		{"then", Set{Page: id, At: at(130)}, 1, 1, 1, 1},
		{"between", Set{Page: id, From: at(60), Until: at(120)}, 2, 0, 1, 1},
		{"a version", Set{Versions: []archive.Seq{3}}, 3, 0, 1, 1},
		{"a change", Set{Versions: []archive.Seq{1, 3}}, 4, 0, 2, 1},
		{"a passage", Set{Passages: []Passage{{Page: id, From: at(60), Until: at(240)}}}, 3, 0, 1, 1},
		{"what stands", Set{Passages: []Passage{{Page: id, From: at(240)}, {Page: 2, From: at(1)}}}, 2, 1, 2, 2},
	} {
		tt.set.Title, tt.set.Asked = "x", tt.name
		rep, _ := pack(t, a, &tt.set)
		if rep.Captures != tt.captures || rep.Extra != tt.extra || rep.Versions != tt.versions || rep.Pages != tt.inside {
			t.Errorf("%s: %+v, want %d captures, %d extra, %d versions, %d pages", tt.name, rep, tt.captures, tt.extra, tt.versions, tt.inside)
		}
	}
	e := &Exporter{Archive: a}
	for name, s := range map[string]Set{"an unknown source": {Source: "x"}, "before it was there": {Page: id, Until: at(-1)}, "nothing": {}} {
		if _, err := e.WACZ(t.Context(), io.Discard, &s); !errors.Is(err, ErrEmpty) {
			t.Errorf("%s: %v, want ErrEmpty", name, err)
		}
	}
	for name, s := range map[string]Set{"an unknown page": {Page: 99}, "an unknown version": {Versions: []archive.Seq{99}}, "too early": {Page: id, At: at(-1)}} {
		if _, err := e.WACZ(t.Context(), io.Discard, &s); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v, want fs.ErrNotExist", name, err)
		}
	}
}

// TestTheIndexLeadsIntoTheArchive, and damage costs only what is damaged.
func TestTheIndexLeadsIntoTheArchive(t *testing.T) {
	a := history(t)
	open := func(file string) io.ReaderAt {
		b, err := os.ReadFile(filepath.Join(a.Dir(), "warc", file))
		if err != nil {
			t.Fatal(err)
		}
		return bytes.NewReader(b)
	}
	var b bytes.Buffer
	n, damaged, err := (&Exporter{Archive: a}).CDXJ(t.Context(), &b)
	if err != nil || n != 6 || len(damaged) > 0 {
		t.Errorf("%d lines, %q, %v", n, damaged, err)
	}
	if got := leads(t, b.Bytes(), open); got != 6 {
		t.Errorf("%d lines lead somewhere, want 6:\n%s", got, b.Bytes())
	}

	h, err := a.Holding(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(a.Dir(), "warc", h.File)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	data[h.Offset+100] ^= 0x10
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if n, damaged, err = (&Exporter{Archive: a}).CDXJ(t.Context(), &b); err != nil || n != 5 || len(damaged) == 0 || !strings.Contains(damaged[0], h.File) {
		t.Errorf("after a flipped bit: %d lines, %q, %v", n, damaged, err)
	}
	rep, pkg := pack(t, a, &Set{All: true, Title: "x", Asked: "everything"})
	if len(rep.Damaged) != 1 || !strings.Contains(rep.Damaged[0], "capture 3: ") {
		t.Errorf("%+v", rep)
	}
	z, err := wacz.Open(bytes.NewReader(pkg), int64(len(pkg)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := z.File("about/README.md")
	if err != nil || !strings.Contains(string(text), "* capture 3: ") {
		t.Errorf("the README does not name the damage (%v):\n%s", err, text)
	}
}

func TestGaps(t *testing.T) {
	looks := func(days ...float64) (out []archive.Look) { // negative: the page was not shown
		for _, d := range days {
			l := archive.Look{Class: archive.Content, Time: t0.Add(time.Duration(max(d, -d) * 24 * float64(time.Hour)))}
			if d < 0 {
				l.Class, l.Reason = archive.Blocked, "a challenge"
			}
			out = append(out, l)
		}
		return out
	}
	for _, tt := range []struct {
		name  string
		looks []archive.Look
		want  string
	}{
		{"daily", looks(0, 1, 2, 3), ""},
		{"hourly, and a night", looks(0, .04, .08, .12, 1, 1.04), ""},
		{"hourly, and three days", looks(0, .04, .08, .12, 3, 3.04), "3d"},
		{"weekly", looks(0, 7, 14, 28), ""},
		{"weekly, and a month", looks(0, 7, 14, 44), "30d"},
		{"turned away", looks(0, .5, 1, -1.5, -2, -2.5, 3, 3.5), "2d 3 a challenge"},
		{"once", looks(0), ""},
	} {
		var got []string
		for _, g := range gaps("u", tt.looks, t0, t0.AddDate(1, 0, 0)) {
			s := fmt.Sprintf("%.0fd", g.length().Hours()/24)
			if g.Failed > 0 {
				s += fmt.Sprintf(" %d %s", g.Failed, g.Reason)
			}
			got = append(got, s)
		}
		if s := strings.Join(got, ", "); s != tt.want {
			t.Errorf("%s: gaps %q, want %q", tt.name, s, tt.want)
		}
	}
}

func table(t *testing.T, a *archive.Archive, f Format, filter Filter) *Table {
	t.Helper()
	names, err := thesaurus.Load()
	if err != nil {
		t.Fatal(err)
	}
	return &Table{Exporter: Exporter{Archive: a, BaseURL: "https://veille.example.org"}, Sources: sources(t), Thesaurus: names, Filter: filter, Format: f}
}

func TestTables(t *testing.T) {
	a := history(t)
	var b bytes.Buffer
	n, err := table(t, a, CSV, Filter{Page: pageOf(t, a, page)}).Versions(t.Context(), &b)
	if err != nil || n != 3 {
		t.Fatalf("%d versions, %v", n, err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(VersionColumns, rows[0]); d != "" {
		t.Error(d)
	}
	sum := warc.Digest([]byte("within 14 days"))[len("sha256:"):]
	text := warc.Digest([]byte("within 14 days\n\n"))[len("sha256:"):]
	h, err := a.Holding(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{page, page, "en", "2", "2026-03-03T09:00:00Z", "2026-03-03T08:00:00Z", "200", "", "", sum, text, "3", "2", h.File, fmt.Sprint(h.Offset),
		"https://veille.example.org/v/3"}
	if d := cmp.Diff(want, rows[2]); d != "" {
		t.Errorf("row of version 2 (-want +got):\n%s", d)
	}
	if rows[3][9] != rows[1][9] { // a revisit: the digest is that of what it repeats
		t.Errorf("payload of the wording that came back: %s, want %s", rows[3][9], rows[1][9])
	}

	b.Reset()
	n, err = table(t, a, JSONL, Filter{Since: t0.Add(200 * time.Minute)}).Changes(t.Context(), &b)
	const change = `{"change_id":"3..4","doc_id":"https://example.org/return","lang":"en","from_version":2,"to_version":3,"not_before":"2026-03-03T11:00:00Z",` +
		`"not_after":"2026-03-03T12:00:00Z","class":["deadline"],"op":"substitute","path":[],"before":"within 14 days","after":"within 30 days","edit_distance":2,"confidence":0.667}` + "\n"
	if err != nil || n != 1 || b.String() != change {
		t.Errorf("%d changes, %v:\n%s\nwant\n%s", n, err, &b, change)
	}
	for name, f := range map[string]Filter{"source": {Sources: []string{"nobody"}}, "topic": {Topics: []string{"weather"}}} {
		var wrong *FilterError
		if _, err := table(t, a, CSV, f).Changes(t.Context(), io.Discard); !errors.As(err, &wrong) || wrong.Field != name {
			t.Errorf("a wrong %s: %v", name, err)
		}
	}
}

// TestNoCellIsAFormula: what a page says is never computed by a spreadsheet.
func TestNoCellIsAFormula(t *testing.T) {
	for text, want := range map[string]string{
		`=HYPERLINK("http://evil.example","x")`: `'=HYPERLINK("http://evil.example","x")`,
		"+32 2 123 45 67":                       "'+32 2 123 45 67",
		"-5 %":                                  "'-5 %",
		"@SUM(A1)":                              "'@SUM(A1)",
		" =1+1":                                 "' =1+1",
		"＝1+1":                                  "'＝1+1",
		"\t=1":                                  "'\t=1",
		"a;=1+1; =2;-3; - and so on":            "a;'=1+1;' =2;'-3; - and so on",
		"a\n@SUM(A1)":                           "a\n'@SUM(A1)",
		"30 days = a month":                     "30 days = a month",
		"– a dash":                              "– a dash",
		"'quoted'":                              "'quoted'",
	} {
		for format, want := range map[Format]string{CSV: want, RawCSV: text} {
			var b bytes.Buffer
			r := NewRows(&b, format, []string{"a", "b"})
			if err := errors.Join(r.Row(text, List{[]string{text}, ";"}), r.Close()); err != nil {
				t.Fatal(err)
			}
			got, err := csv.NewReader(&b).ReadAll()
			if err != nil || got[1][0] != want || got[1][1] != want {
				t.Errorf("%s: %q is written as %q, want %q (%v)", format, text, got, want, err)
			}
		}
	}
}

func TestMeasure(t *testing.T) {
	for _, tt := range []struct {
		before, after string
		distance      int
		confidence    float64
	}{
		{"", "A new paragraph.", 3, 1},
		{"An old paragraph.", "", 3, 1},
		{"one two three four", "one two three five", 2, .75},
	} {
		words := []diff.Word{{Op: diff.Deleted, Text: tt.before}, {Op: diff.Inserted, Text: tt.after}}
		if tt.before != "" && tt.after != "" {
			words = []diff.Word{{Op: diff.Equal, Text: "one two three "}, {Op: diff.Deleted, Text: "four"}, {Op: diff.Inserted, Text: "five"}}
		}
		d, c := measure(&diff.Edit{Before: tt.before, After: tt.after, Words: words})
		if d != tt.distance || c != tt.confidence {
			t.Errorf("%q → %q: %d, %v; want %d, %v", tt.before, tt.after, d, c, tt.distance, tt.confidence)
		}
	}
}

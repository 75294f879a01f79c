package wacz

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/archive/cdxj"
)

var when = time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)

func sample(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, Meta{Title: "A page", Created: when, Software: "Veille"})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []string{"first member", "second member"} {
		at, err := w.Member([]byte(m))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Index(&cdxj.Line{URL: "https://example.org/" + m[:1], Time: when, Offset: cdxj.Number(at), Length: cdxj.Number(len(m))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Page(Page{URL: "https://example.org/f", Time: when, Title: "F"}), w.File("README.md", []byte("# Read me")), w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	b := sample(t)
	if !bytes.Equal(b, sample(t)) {
		t.Error("the same content gives two files")
	}
	r, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if p, err := r.Verify(); err != nil || len(p) > 0 {
		t.Errorf("verify: %v, %v", p, err)
	}
	w, err := r.WARC(bytes.NewReader(b), "archive/data.warc.gz", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(io.NewSectionReader(w, 0, w.Size))
	if err != nil || string(data) != "first membersecond member" {
		t.Errorf("records %q, %v", data, err)
	}
	index, err := r.File("indexes/index.cdx")
	if err != nil || !strings.HasPrefix(string(index), "org,example)/f 20260303080000 {") || strings.Count(string(index), "\n") != 2 {
		t.Errorf("index %q, %v", index, err)
	}
	pages, _ := r.File("pages/pages.jsonl")
	if !strings.Contains(string(pages), `"url":"https://example.org/f"`) {
		t.Errorf("pages %q", pages)
	}
}

func TestAFlippedBitIsNamed(t *testing.T) {
	b := bytes.Replace(sample(t), []byte("second member"), []byte("sekond member"), 1)
	r, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.Verify()
	if err != nil || len(p) != 1 || !strings.Contains(p[0], "archive/data.warc.gz") {
		t.Errorf("verify: %q, %v", p, err)
	}
}

// zipOf makes a ZIP file of names and contents, compressed.
func zipOf(t *testing.T, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, parts[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHostileFilesAreRefused(t *testing.T) {
	for name, b := range map[string][]byte{
		"no zip":     []byte("WARC/1.1 and so on"),
		"empty":      zipOf(t),
		"no package": zipOf(t, "archive/a.warc", "x"),
		"no WARC":    zipOf(t, "datapackage.json", "{}"),
		"traversal":  zipOf(t, "../etc/passwd", "x", "datapackage.json", "{}", "archive/a.warc", ""),
		"absolute":   zipOf(t, "/etc/passwd", "x", "datapackage.json", "{}", "archive/a.warc", ""),
		"backslash":  zipOf(t, `..\x`, "x", "datapackage.json", "{}", "archive/a.warc", ""),
		"two":        zipOf(t, "archive/a.warc", "x", "archive/a.warc", "y", "datapackage.json", "{}"),
		"null":       zipOf(t, "datapackage.json", "null", "archive/a.warc", ""),
	} {
		if _, err := Open(bytes.NewReader(b), int64(len(b))); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v, want ErrMalformed", name, err)
		}
	}
	big := zipOf(t, "datapackage.json", "{}"+strings.Repeat(" ", maxPart), "archive/a.warc", "")
	if _, err := Open(bytes.NewReader(big), int64(len(big))); !errors.Is(err, ErrMalformed) {
		t.Errorf("a description of 64 MB: %v, want ErrMalformed", err)
	}
}

// TestACompressedWARCIsSpooled: what is compressed twice is read through a
// temporary file, and the spool removed.
func TestACompressedWARCIsSpooled(t *testing.T) {
	b, dir := zipOf(t, "datapackage.json", "{}", "archive/a.warc", "some records"), t.TempDir()
	r, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.WARC(bytes.NewReader(b), "archive/a.warc", dir)
	if err != nil {
		t.Fatal(err)
	}
	data, _ := io.ReadAll(io.NewSectionReader(w, 0, w.Size))
	if string(data) != "some records" {
		t.Errorf("read %q", data)
	}
	w.Close()
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestSamples opens the samples of other tools.
func TestSamples(t *testing.T) {
	root := os.Getenv("VEILLE_DATA")
	if root == "" {
		t.Skip("VEILLE_DATA does not name a folder with the data sets")
	}
	files, _ := filepath.Glob(filepath.Join(root, "crawler-conformance/warc/webrecorder+pywb/sample_archive/waczs/*.wacz"))
	if len(files) == 0 {
		t.Skip("the data sets hold no WACZ")
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Open(bytes.NewReader(b), int64(len(b)))
		if good := strings.HasPrefix(filepath.Base(name), "valid"); good != (err == nil) {
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(sample(f))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		r.Verify()
		for _, n := range r.WARCs() {
			if w, err := r.WARC(bytes.NewReader(b), n, t.TempDir()); err == nil {
				w.Close()
			}
		}
	})
}

// TestALongIndexIsDivided: its pieces can be fetched one by one, and are the
// same index.
func TestALongIndexIsDivided(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, Meta{Created: when})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	w.plain = 10
	if _, err := w.Member([]byte("a member")); err != nil {
		t.Fatal(err)
	}
	const n = 2*pieceLines + 7
	for i := range n {
		if err := w.Index(&cdxj.Line{URL: fmt.Sprintf("https://example.org/%d", (i*7919)%n), Time: when}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := Open(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if p, err := r.Verify(); err != nil || len(p) > 0 {
		t.Errorf("verify: %v, %v", p, err)
	}
	pieces, err := r.File("indexes/index.cdx.gz")
	if err != nil {
		t.Fatal(err)
	}
	starts, err := r.File("indexes/index.idx")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(starts)), "\n")
	if len(lines) != 4 || lines[0] != `!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}` {
		t.Fatalf("starts:\n%s", starts)
	}
	var all []string
	for _, l := range lines[1:] {
		i := strings.IndexByte(l, '{')
		var at struct{ Offset, Length int }
		if err := json.Unmarshal([]byte(l[i:]), &at); err != nil {
			t.Fatal(err)
		}
		gz, err := gzip.NewReader(bytes.NewReader(pieces[at.Offset : at.Offset+at.Length]))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(gz)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Split(strings.TrimSpace(string(text)), "\n")
		if !strings.HasPrefix(got[0], l[:i]) {
			t.Errorf("a piece begins with %q, not %q", got[0], l[:i])
		}
		all = append(all, got...)
	}
	if len(all) != n || !slices.IsSorted(all) {
		t.Errorf("%d lines, in order %v; want %d in order", len(all), slices.IsSorted(all), n)
	}
}

package archive

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"veille/archive/warc"
)

const chunked = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"

// records are all records of an archive's only WARC file.
func records(t *testing.T, dir string) (file string, out []*warc.Record) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "warc", "*.warc.gz"))
	if err != nil || len(names) != 1 {
		t.Fatalf("WARC files %q, %v", names, err)
	}
	data, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	r := warc.NewReader(bytes.NewReader(data), 0)
	for {
		rec, _, err := r.Next()
		if errors.Is(err, io.EOF) {
			return names[0], out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rec)
	}
}

// TestTheFramingOfAChunkedAnswerIsNoPayload: the same text in other chunks is
// the same payload, and no tool is given a digest that it would count otherwise.
func TestTheFramingOfAChunkedAnswerIsNoPayload(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	const url = "https://example.org/a"
	one, two := answered(url, 0, chunked+"6\r\n<p>abc\r\n3\r\ndef\r\n0\r\n\r\n"), answered(url, 10, chunked+"9\r\n<p>abcdef\r\n0\r\n\r\n")
	plain := capture("https://example.org/b", 20, "<p>abcdef")
	add(t, a, one, two, plain)
	if two.Refers != one.Seq {
		t.Errorf("the same text in other chunks refers to %d, want %d", two.Refers, one.Seq)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	want := warc.Digest([]byte("<p>abcdef"))
	file, recs := records(t, dir)
	var answers []*warc.Record
	for _, r := range recs {
		if r.Type() == warc.TypeResponse || r.Type() == warc.TypeRevisit {
			answers = append(answers, r)
		}
	}
	for i, field := range []string{"Veille-Payload-Digest", "WARC-Payload-Digest", "WARC-Payload-Digest"} {
		if got := answers[i].Get(field); got != want {
			t.Errorf("answer %d: %s is %q, want %s", i, field, got, want)
		}
	}
	if d := answers[0].Get("WARC-Payload-Digest"); d != "" {
		t.Errorf("the chunked answer has the digest %s", d)
	}
	healthy(t, dir)

	// An archive from before: the field had another name.
	var old warc.Writer
	for _, r := range recs {
		for i := range r.Fields {
			if r.Fields[i].Name == "Veille-Payload-Digest" {
				r.Fields[i].Name = "WARC-Payload-Digest"
			}
		}
		r.Fields = slices.DeleteFunc(r.Fields, func(f warc.Field) bool { return f.Name == "Content-Length" || f.Name == "Veille-Entry" })
		if _, err := old.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(file, old.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Rebuild(t.Context(), dir, quiet(), true); err != nil {
		t.Fatal(err)
	}
	healthy(t, dir)
}

// healthy opens an archive and verifies it.
func healthy(t *testing.T, dir string) {
	t.Helper()
	a, err := Open(dir, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	rep, err := a.Verify(t.Context())
	if err != nil || !rep.OK {
		t.Errorf("verify: %v, %v", err, rep)
	}
}

package archive

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"veille/archive/warc"
)

// seeds adds the WARC file of a small archive, unpacked, whole and record by
// record.
func seeds(f *testing.F) {
	dir := f.TempDir()
	a, err := Open(dir, quiet())
	if err != nil {
		f.Fatal(err)
	}
	c := capture("https://example.org/a", 0, "one")
	c.Notes = map[string]string{"robots": "allow /"}
	if err := a.Add(f.Context(), c, capture("https://example.org/a", 1, "one")); err != nil {
		f.Fatal(err)
	}
	if _, err := a.AddReadings(f.Context(), c.Seq, []Reading{content(c, "A.", "B.")}); err != nil {
		f.Fatal(err)
	}
	if err := a.Close(); err != nil {
		f.Fatal(err)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "warc", "*"))
	file, err := os.Open(names[0])
	if err != nil {
		f.Fatal(err)
	}
	defer file.Close()
	var all bytes.Buffer
	for r := warc.NewReader(file, 0); ; {
		rec, _, err := r.Next()
		if err != nil {
			break
		}
		one := plain(rec)
		all.Write(one)
		f.Add(one)
	}
	f.Add(all.Bytes())
}

// plain is a record without compression.
func plain(r *warc.Record) []byte {
	var b bytes.Buffer
	b.WriteString("WARC/1.1\r\n")
	for _, field := range r.Fields {
		b.WriteString(field.Name + ": " + field.Value + "\r\n")
	}
	b.WriteString("Content-Length: " + number(Seq(len(r.Block))) + "\r\n\r\n")
	b.Write(r.Block)
	b.WriteString("\r\n\r\n")
	return b.Bytes()
}

// FuzzEntries: whatever a bundle holds, an entry is a few lines that begin as
// entries do, and no value of a record can add a line to it.
func FuzzEntries(f *testing.F) {
	seeds(f)
	names := []string{"seq ", "previous ", "page ", "source ", "time ", "status ", "origin ", "refers ", "request as capture ", "notes as capture ", "error ", "payload ", "record ",
		"version ", "capture "}
	f.Fuzz(func(t *testing.T, data []byte) {
		for e, err := range Entries(bytes.NewReader(data)) {
			if err != nil {
				return
			}
			lines := strings.Split(string(e.Text), "\n")
			if !strings.HasPrefix(lines[0], "veille-") || lines[len(lines)-1] != "" {
				t.Fatalf("entry %q", e.Text)
			}
			seen := map[string]bool{}
			for _, l := range lines[1 : len(lines)-1] {
				known := ""
				for _, n := range names {
					if strings.HasPrefix(l, n) {
						known = n
					}
				}
				if known == "" || seen[known] && known != "record " {
					t.Fatalf("line %q in entry %q", l, e.Text)
				}
				seen[known] = true
			}
		}
	})
}

// FuzzReplay: whatever lies in warc/, the archive opens or says why, verify
// ends, and what was kept can be read.
func FuzzReplay(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "warc"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "warc", "veille-00001-20260303.warc.gz"), data, 0o644); err != nil {
			t.Fatal(err)
		}
		a, err := Open(dir, quiet())
		if err != nil {
			return
		}
		defer a.Close()
		for _, err := range a.Captures(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
		}
		for v, err := range a.Versions(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if !utf8.ValidString(v.Title) {
				t.Fatalf("title %q", v.Title)
			}
		}
		if _, err := a.Verify(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzCheckpoint: nothing but what the key signed is taken.
func FuzzCheckpoint(f *testing.F) {
	a, err := Open(f.TempDir(), quiet())
	if err != nil {
		f.Fatal(err)
	}
	defer a.Close()
	signed, key := string(a.Checkpoint()), a.LogKey()
	f.Add(signed)
	f.Add(strings.Replace(signed, "\n0\n", "\n1\n", 1))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCheckpoint([]byte(text), key)
		if err == nil && (c.Size != 0 || c.Root != emptyTree) {
			t.Fatalf("%q is taken for %+v", text, c)
		}
	})
}

// FuzzLeaves: leaves are read as they were noted.
func FuzzLeaves(f *testing.F) {
	f.Add(make([]byte, 3*leafBytes+7))
	f.Fuzz(func(t *testing.T, b []byte) {
		leaves := parseLeaves(b)
		file, err := os.Create(filepath.Join(t.TempDir(), "leaves"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		j := &journal{leaves: file}
		if err := j.note(0, leaves); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(file.Name()); err != nil || !bytes.Equal(got, b[:len(leaves)*leafBytes]) {
			t.Fatalf("%x is noted as %x, %v", b, got, err)
		}
	})
}

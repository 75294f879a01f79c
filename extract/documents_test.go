package extract

import (
	"archive/zip"
	"bytes"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"veille/archive"
	"veille/source"
)

// Each golden file holds a document and what is to be read in it. The comment
// names it ("name: report.docx"). Files of which the name has a slash or ends
// in .xml are packed into a ZIP archive; a file named "body" is the document
// itself, its lines ended by CR LF if it is a mail. "want" is the reading.
func TestDocuments(t *testing.T) {
	files, err := filepath.Glob("testdata/documents/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name, body := goldenDocument(t, ar)
			c := documentCapture(name, body)
			c.Source = "test"
			text, err := Read(t.Context(), c, goldenSource(t, ar))
			if err != nil {
				t.Fatal(err)
			}
			got := printText(text)
			last := len(ar.Files) - 1
			if *update {
				if ar.Files[last].Name == "want" {
					ar.Files = ar.Files[:last]
				}
				ar.Files = append(ar.Files, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(ar), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if ar.Files[last].Name != "want" {
				t.Fatalf("%s has no wanted part; run the test with -update", file)
			}
			if d := cmp.Diff(string(ar.Files[last].Data), got); d != "" {
				t.Errorf("wanted -, got +:\n%s", d)
			}
		})
	}
}

// goldenSource is the source of a document, with the fields that a line
// "read: title: …; body: …, …" in the comment names.
func goldenSource(t *testing.T, ar *txtar.Archive) *source.List {
	t.Helper()
	s := &source.Source{ID: "test"}
	_, line, ok := strings.Cut(string(ar.Comment), "\nread: ")
	if !ok {
		return &source.List{Sources: []*source.Source{s}}
	}
	line, _, _ = strings.Cut(line, "\n")
	s.Read = &source.Read{}
	for part := range strings.SplitSeq(line, "; ") {
		key, value, _ := strings.Cut(part, ": ")
		for text := range strings.SplitSeq(value, ", ") {
			text, heading := strings.CutSuffix(text, " as heading")
			p, err := source.ParsePath(text)
			if err != nil {
				t.Fatal(err)
			}
			switch key {
			case "title":
				s.Read.Title = p
			case "date":
				s.Read.Date = p
			case "updated":
				s.Read.Updated = p
			case "lang":
				s.Read.Lang = p
			case "body":
				s.Read.Body = append(s.Read.Body, source.Field{Path: p, Heading: heading})
			}
		}
	}
	return &source.List{Sources: []*source.Source{s}}
}

// documentCapture is a document as a server answers that does not know what
// it is: reading must find out.
func documentCapture(name string, body []byte) *archive.Capture {
	url := "https://example.org/" + name
	return &archive.Capture{URL: url, FinalURL: url, Status: 200, Seq: 1, Body: body,
		Header: http.Header{"Content-Type": {"application/octet-stream"}}}
}

func goldenDocument(t *testing.T, ar *txtar.Archive) (name string, body []byte) {
	t.Helper()
	_, name, _ = strings.Cut(strings.TrimSpace(string(ar.Comment)), "name: ")
	name, _, _ = strings.Cut(name, "\n")
	var parts []txtar.File
	for _, f := range ar.Files {
		switch {
		case f.Name == "body":
			body = f.Data
			if strings.HasSuffix(name, ".eml") || strings.HasSuffix(name, ".mhtml") {
				body = bytes.ReplaceAll(body, []byte("\n"), []byte("\r\n"))
			}
			return name, body
		case f.Name != "want":
			parts = append(parts, f)
		}
	}
	return name, zipped(t, path.Ext(name), parts)
}

// zipped packs parts as office programs do.
func zipped(t testing.TB, kind string, parts []txtar.File) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	add := func(name string, method uint16, data []byte) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if kind == ".odt" {
		add("mimetype", zip.Store, []byte(mediaODT))
	} else {
		add("[Content_Types].xml", zip.Deflate, []byte(`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`))
	}
	for _, p := range parts {
		add(p.Name, zip.Deflate, p.Data)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

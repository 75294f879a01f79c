package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/archive"
)

// A trap is a document that means harm, and what is said of it.
type trap struct{ name, mime, body, reason string }

// TestHostileDocuments: a crawl goes on past documents that mean harm. Each is
// archived as an answer in error, with its reason, and brings no version; the
// page behind them is read.
func TestHostileDocuments(t *testing.T) {
	const word = `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`
	traps := []trap{
		{"xml-bomb.docx", "application/octet-stream", zipOf(t, "word/document.xml", billionLaughs+word+"<w:p><w:r><w:t>&l9;</w:t></w:r></w:p></w:body></w:document>"), "damaged"},
		{"zip-bomb.docx", "application/octet-stream", zipOf(t, "word/document.xml", word+"<w:p><w:r><w:t>"+strings.Repeat("a ", 12<<20)), "unpacks"},
		{"law.zip", "application/zip", zipOf(t, "BJNR1.xml", "<?xml version='1.0'?><dokumente><norm>"+strings.Repeat("a ", 12<<20)), "unpacks"},
		{"deep.docx", "application/octet-stream", zipOf(t, "word/document.xml", word+strings.Repeat("<w:tbl><w:tr><w:tc>", 50_000)), "nested"},
		{"bomb.xml", "text/xml", billionLaughs + "<law><p>&l9;</p></law>", "damaged"},
		{"loop.pdf", "application/pdf", pdfOf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9999999 >>"), "PDF"},
		{"locked.pdf", "application/pdf", lockedPDF, "encrypted"},
		{"line.txt", "text/plain", strings.Repeat("word ", 4<<20), "15 MB"},
	}
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		for _, p := range traps {
			if r.URL.Path == "/"+p.name {
				rw.Header().Set("Content-Type", p.mime)
				fmt.Fprint(rw, p.body)
				return
			}
		}
		if r.URL.Path != "/page" {
			http.NotFound(rw, r)
			return
		}
		fmt.Fprint(rw, "<html lang=en><body><main><h1>Detention</h1><p>Whoever is detained is told the reasons in writing.</p></main></body></html>")
	}))
	defer site.Close()
	data := t.TempDir()
	var list strings.Builder
	fmt.Fprintf(&list, "hosts:\n  %s: {min_delay: 0s}\nsources:\n  - id: s\n    kind: ngo\n    jurisdiction: BE\n    topics: [dublin]\n    schedule: \"@every 6h\"\n    pages:\n", strings.TrimPrefix(site.URL, "http://"))
	for _, p := range traps {
		fmt.Fprintf(&list, "      - {en: \"%s/%s\"}\n", site.URL, p.name)
	}
	fmt.Fprintf(&list, "      - {en: \"%s/page\"}\n", site.URL)
	sources := filepath.Join(data, "sources.yaml")
	if err := os.WriteFile(sources, []byte(list.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"crawl", "--data", data, "--sources", sources}, &out, &errs); code != 1 {
		t.Errorf("veille crawl: exit status %d, want 1, for there were errors\n%s", code, errs.String())
	}

	a, err := archive.Open(data, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for _, p := range append(traps, trap{name: "page"}) {
		page, err := a.Page(t.Context(), site.URL+"/"+p.name)
		if err != nil {
			t.Errorf("%s was not archived: %v", p.name, err)
			continue
		}
		said := page.Last.Reason + page.Last.Err
		if p.name == "page" {
			if page.Versions != 1 || page.Last.Class != archive.Content {
				t.Errorf("the page behind them is %s (%s) and has %d versions", page.Last.Class, said, page.Versions)
			}
			continue
		}
		if page.Last.Class != archive.Error || page.Versions != 0 || !strings.Contains(said, p.reason) {
			t.Errorf("%s is %s (%s) and has %d versions; want an error that says %q", p.name, page.Last.Class, said, page.Versions, p.reason)
		}
	}
}

// billionLaughs declares entities that grow tenfold nine times.
var billionLaughs = func() string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "laughter">`)
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, `<!ENTITY l%d "%s">`, i, strings.Repeat(fmt.Sprintf("&l%d;", i-1), 10))
	}
	return b.String() + "]>"
}()

// zipOf packs one file.
func zipOf(t *testing.T, name, content string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write([]byte(content))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// lockedPDF is encrypted under a password that nobody knows.
var lockedPDF = strings.Replace(pdfOf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", "<< /Type /Page /Parent 2 0 R >>",
	"<< /Filter /Standard /V 1 /R 2 /O <"+strings.Repeat("41", 32)+"> /U <"+strings.Repeat("42", 32)+"> /P -4 >>"),
	"/Root 1 0 R", "/Root 1 0 R /Encrypt 4 0 R /ID [<41><41>]", 1)

// pdfOf writes a PDF of some objects, the first of which is its catalogue.
func pdfOf(objects ...string) string {
	var b strings.Builder
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return b.String()
}

package extract

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"veille/archive"
	"veille/source"
)

// TestBadDocuments: hostile and broken documents give an error with a reason,
// never a version.
func TestBadDocuments(t *testing.T) {
	part := func(name, data string) []txtar.File { return []txtar.File{{Name: name, Data: []byte(data)}} }
	const w = `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`
	wide := func(s string) string { return strings.ReplaceAll(s, "", "\x00")[1:] }
	ole := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)
	good := string(zipped(t, ".docx", part("word/document.xml", w+"<w:p><w:r><w:t>Text of a document.</w:t></w:r></w:p></w:body></w:document>")))
	tests := []struct{ name, file, body, want string }{
		{"zip bomb", "a.docx", string(zipped(t, ".docx", part("word/document.xml", w+"<w:p><w:r><w:t>"+strings.Repeat("a ", 12<<20)+"</w:t></w:r></w:p></w:body></w:document>"))), "unpacks"},
		{"many small texts", "a.odt", string(zipped(t, ".odt", part("content.xml", "<c><body><text>"+strings.Repeat("<p>x</p>", 1<<20)))), "too much text"},
		{"entities", "a.docx", string(zipped(t, ".docx", part("word/document.xml", `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>`+w+"<w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"))), "damaged"},
		{"nested tables", "a.docx", string(zipped(t, ".docx", part("word/document.xml", w+strings.Repeat("<w:tbl><w:tr><w:tc>", 5000)))), "nested"},
		{"nested lists", "a.odt", string(zipped(t, ".odt", part("content.xml", "<c><body><text>"+strings.Repeat("<list><list-item>", 5000)))), "nested"},
		{"cut", "a.docx", good[:len(good)-40], "damaged"},
		{"torn XML", "a.docx", string(zipped(t, ".docx", part("word/document.xml", w+"<w:p><w:r><w:t>Text"))), "cut short"},
		{"no main part", "a.docx", string(zipped(t, ".docx", part("word/other.xml", "<x/>"))), "no part"},
		{"empty", "a.docx", string(zipped(t, ".docx", part("word/document.xml", w+"</w:body></w:document>"))), "no text"},
		{"encrypted Word", "a.docx", ole + wide("EncryptedPackage"), "encrypted"},
		{"encrypted ODT", "a.odt", string(zipped(t, ".odt", part("META-INF/manifest.xml", "<m><file-entry><encryption-data/></file-entry></m>"))), "encrypted"},
		{"old Word", "a.doc", ole + wide("WordDocument"), "old Word format"},
		{"workbook", "a", string(zipped(t, ".xlsx", part("xl/workbook.xml", "<x/>"))), "Excel workbook"},
		{"zip", "a.zip", string(zipped(t, ".zip", part("a.txt", "x"))), "ZIP archive"},
		{"deep RTF", "a.rtf", `{\rtf1 ` + strings.Repeat("{", 100_000), "nested"},
		{"cut RTF", "a.rtf", `{\rtf1 Some text of a document`, "cut short"},
		{"empty RTF", "a.rtf", `{\rtf1 }`, "no text"},
		{"deep mail", "a.eml", deepMail(20), "too many parts"},
		{"many parts", "a.eml", "Subject: a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 3000) + "--b--\r\n", "too many parts"},
		{"no page in it", "a.mhtml", "From: <Saved by Blink>\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/css\r\n\r\nx\r\n--b--\r\n", "no HTML"},
		{"torn feed", "a.rss", "<rss><channel><title>A feed</title><item>", "cut short"},
		{"JSON without fields", "a.json", `{"title": "x"}`, "read:"},
		{"torn JSON", "a.json", `{"title": "x`, "damaged"},
		{"deep JSON", "a.json", `{"a": ` + strings.Repeat("[", 1_000_000), "damaged"},
		{"wide JSON", "a.json", `{"a": [` + strings.Repeat("[],", 1_500_000) + "[]]}", "too many values"},
		{"torn XML document", "a.xml", "<?xml version='1.0'?><law><title>A law", "cut short"},
		{"long tag", "a.xml", "<?xml version='1.0'?><law a='" + strings.Repeat("x", 17<<20) + "'/>", "unpacks"},
		{"no encoding", "a.txt", "\xff\xfe" + strings.Repeat("\x00\xd8\xff", 400), "garbled"},
		{"no page", "a.html", "<html><body><p>" + strings.Repeat("\xff\xfe\x80\x81", 400), "garbled"},
		{"no text after a tag", "a.html", "<html><body>" + noise(4000), "no text"},
		{"deep feed", "a.rss", "<rss><channel>" + strings.Repeat("<item>", 10_000), "nested"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, err := Read(t.Context(), documentCapture(test.file, []byte(test.body)), nil)
			if err != nil || text.Class != archive.Error || text.Version != nil || !strings.Contains(text.Reason, test.want) {
				t.Errorf("read as %q, reason %q, %v; want an error that says %q", text.Class, text.Reason, err, test.want)
			}
		})
	}
}

// noise is bytes of all values, in no order that a text would have.
func noise(n int) string {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return string(b)
}

// TestNoiseAsPage: bytes that a server says are a page are none.
func TestNoiseAsPage(t *testing.T) {
	c := documentCapture("a.html", []byte(noise(4000)))
	c.Header.Set("Content-Type", "text/html; charset=iso-8859-1")
	text, err := Read(t.Context(), c, nil)
	if err != nil || text.Class != archive.Error || text.Version != nil || !strings.Contains(text.Reason, "no text") {
		t.Errorf("read as %q, reason %q, %v; want an error that says so", text.Class, text.Reason, err)
	}
}

// TestStrayControls: a page in which control characters are strewn, or that is written
// in UTF-16, is a page.
func TestStrayControls(t *testing.T) {
	utf16 := func(s string) string {
		var b strings.Builder
		for _, r := range s {
			b.WriteString(string([]byte{byte(r), 0}))
		}
		return "\xff\xfe" + b.String()
	}
	const page = "<html lang=en><body><main><h1>Detention</h1><p>Whoever is detained is told the reasons in writing.</p></main></body></html>"
	for name, body := range map[string]string{
		"controls": strings.ReplaceAll(page, "is ", "is\x01 \x00"),
		"UTF-16":   utf16(page),
	} {
		text, err := Read(t.Context(), documentCapture("a.html", []byte(body)), nil)
		if err != nil || text.Version == nil {
			t.Errorf("%s: read as %q, reason %q, %v", name, text.Class, text.Reason, err)
		}
	}
}

func deepMail(depth int) string {
	var b strings.Builder
	b.WriteString("Subject: a\r\n")
	for i := range depth {
		b.WriteString("Content-Type: multipart/mixed; boundary=b" + itoa(i) + "\r\n\r\n--b" + itoa(i) + "\r\n")
	}
	b.WriteString("\r\nx\r\n")
	for i := range depth {
		b.WriteString("--b" + itoa(depth-1-i) + "--\r\n")
	}
	return b.String()
}

// TestMediaType: what the bytes say outranks the name and the header.
func TestMediaType(t *testing.T) {
	docx := string(zipped(t, ".docx", []txtar.File{{Name: "word/document.xml", Data: []byte("<x/>")}}))
	tests := []struct{ name, head, want string }{
		{"a.docx", docx, mediaDOCX}, {"a.bin", docx, mediaDOCX}, {"a.txt", docx, mediaDOCX}, {"a.docx", docx[:60], mediaDOCX},
		{"a.odt", string(zipped(t, ".odt", nil)), mediaODT}, {"a.pdf", "%PDF-1.7", mediaPDF}, {"a.html", "\r\n%PDF-1.7", mediaPDF},
		{"a", `{\rtf1 x}`, mediaRTF}, {"a.doc", `{\rtf1 x}`, mediaRTF}, {"a.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"},
		{"a", "From: a@example.org\r\nSubject: b\r\n\r\nc", mediaMail}, {"a.doc", "<html><body>x", mediaHTML}, {"notes.txt", "From: a\nTo: b\n\nc", mediaText},
		{"a", "<!DOCTYPE html><p>x", mediaHTML}, {"a", "<?xml version='1.0'?><rss version='2.0'>", mediaFeed}, {"a", "<?xml version='1.0'?><x/>", mediaXML},
		{"a", `{"title": "x"}`, mediaJSON}, {"a", "[2026] EWCA Civ 1, judgment of the court.", mediaText}, {"page.htm", "", mediaHTML}, {"a", "", mediaOther},
		{"a.xyz", "\x00\x01\x02", mediaOther}, {"a.jpg", "\xff\xd8\xff\xe0", "image/jpeg"},
	}
	for _, test := range tests {
		if got := MediaType(test.name, []byte(test.head)); got != test.want {
			t.Errorf("MediaType(%q, %.20q) = %s, want %s", test.name, test.head, got, test.want)
		}
	}
	c := documentCapture("a.docx", []byte(docx))
	for _, lie := range []string{"text/plain", "application/zip", "application/msword", "text/html", ""} {
		c.Header.Set("Content-Type", lie)
		if got := mediaOf(c.Header, c.Body, c.URL); got != mediaDOCX {
			t.Errorf("a Word document declared %q is read as %s", lie, got)
		}
	}
}

// TestFieldsMissing: an answer in which none of the named fields is left is an
// error, not an empty page.
func TestFieldsMissing(t *testing.T) {
	c := documentCapture("a.json", []byte(`{"title": "Something else", "error": {"code": 7}}`))
	c.Source = "test"
	path, err := source.ParsePath("details.body")
	if err != nil {
		t.Fatal(err)
	}
	list := &source.List{Sources: []*source.Source{{ID: "test", Read: &source.Read{Body: []source.Field{{Path: path}}}}}}
	text, err := Read(t.Context(), c, list)
	if err != nil || text.Class != archive.Error || text.Version != nil || !strings.Contains(text.Reason, "none of the fields") {
		t.Errorf("read as %q, reason %q, %v", text.Class, text.Reason, err)
	}
}

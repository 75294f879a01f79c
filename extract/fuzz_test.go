package extract

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"veille/archive"
	"veille/extract/pdftext"
	"veille/source"
)

// Each target feeds one reader. Whatever comes in, it must not panic, must give
// either sound blocks or an error with a reason, and must end.

// fuzz seeds a target with the files of that name in the golden documents
// whose name has this ending.
func fuzz(f *testing.F, ending, name string, document func(t *testing.T, data []byte) []byte) {
	files, err := filepath.Glob("testdata/documents/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	seeds := 0
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		_, called, _ := strings.Cut(string(ar.Comment), "name: ")
		called, _, _ = strings.Cut(called, "\n")
		for _, part := range ar.Files {
			if part.Name == name && strings.HasSuffix(called, ending) {
				f.Add(part.Data)
				seeds++
			}
		}
	}
	if seeds == 0 {
		f.Fatalf("no golden document %s has a part %s", ending, name)
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkSound(t, document(t, data)) })
}

func checkSound(t *testing.T, body []byte) {
	t.Helper()
	c := documentCapture("document", body)
	c.Source = "test"
	text, err := Read(t.Context(), c, &source.List{Sources: []*source.Source{{ID: "test", Read: fuzzRead}}})
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(text.Reason, "reading failed") {
		t.Fatal(text.Reason)
	}
	if text.Class == archive.Content && text.Version == nil || text.Class == archive.Error && (text.Reason == "" || text.Version != nil) {
		t.Errorf("class %s, reason %q, version %v", text.Class, text.Reason, text.Version)
	}
	if text.Version == nil {
		return
	}
	for _, b := range text.Version.Blocks {
		if b.Text != clean(b.Text) || b.Role == "" || b.Kind == "" || b.Text == "" && b.Kind != archive.Article {
			t.Errorf("unsound block %+v", b)
		}
	}
}

var fuzzRead = func() *source.Read {
	r := &source.Read{}
	for _, s := range []string{"title", "details.parts[].title", "details.parts[].body", "[]", "[0].a", "a"} {
		p, err := source.ParsePath(s)
		if err != nil {
			panic(err)
		}
		r.Title = p
		r.Body = append(r.Body, source.Field{Path: p, Heading: strings.HasSuffix(s, "title")})
	}
	return r
}()

func FuzzDOCX(f *testing.F) {
	fuzz(f, ".docx", "word/document.xml", func(t *testing.T, data []byte) []byte {
		return zipped(t, ".docx", []txtar.File{{Name: "word/document.xml", Data: data}, {Name: "word/footnotes.xml", Data: data}})
	})
}

func FuzzDOCXNumbering(f *testing.F) {
	fuzz(f, ".docx", "word/numbering.xml", func(t *testing.T, data []byte) []byte {
		main := `<d><body>` + strings.Repeat(`<p><pPr><pStyle val="A"/><numPr><ilvl val="2"/><numId val="1"/></numPr></pPr><r><t>x</t></r></p>`, 3) + `</body></d>`
		return zipped(t, ".docx", []txtar.File{{Name: "word/numbering.xml", Data: data}, {Name: "word/styles.xml", Data: data}, {Name: "word/document.xml", Data: []byte(main)}})
	})
}

func FuzzODT(f *testing.F) {
	fuzz(f, ".odt", "content.xml", func(t *testing.T, data []byte) []byte {
		return zipped(t, ".odt", []txtar.File{{Name: "styles.xml", Data: data}, {Name: "content.xml", Data: data}})
	})
}

func FuzzZip(f *testing.F) {
	f.Add(zipped(f, ".odt", []txtar.File{{Name: "content.xml", Data: []byte("<d><body><text><p>x</p></text></body></d>")}}))
	f.Add(zipped(f, ".docx", []txtar.File{{Name: "word/document.xml", Data: []byte("<d><body><p><r><t>x</t></r></p></body></d>")}}))
	f.Fuzz(checkSound)
}

func asIs(_ *testing.T, data []byte) []byte { return data }

func asMail(_ *testing.T, data []byte) []byte {
	return bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
}

func FuzzRTF(f *testing.F)   { fuzz(f, ".rtf", "body", asIs) }
func FuzzMail(f *testing.F)  { fuzz(f, ".eml", "body", asMail) }
func FuzzMHTML(f *testing.F) { fuzz(f, ".mhtml", "body", asMail) }
func FuzzFeed(f *testing.F)  { fuzz(f, "updates", "body", asIs) }
func FuzzJSON(f *testing.F)  { fuzz(f, "guidance", "body", asIs) }
func FuzzXML(f *testing.F)   { fuzz(f, ".xml", "body", asIs) }
func FuzzPlain(f *testing.F) { fuzz(f, "notice", "body", asIs) }

// FuzzPDF feeds the reader inside the program; its parser has a target of its
// own in pdftext.
func FuzzPDF(f *testing.F) {
	f.Add([]byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Kids[3 0 R]>>endobj 3 0 obj<</Type/Page/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj " +
		"4 0 obj<<>>stream\nBT /F 10 Tf 50 700 Td (1.) Tj 30 0 Td (Some words) Tj -30 -12 Td (2.) Tj 30 0 Td (here) Tj ET\nendstream endobj 5 0 obj<</Type/Font/BaseFont/Helvetica>>endobj trailer<</Root 1 0 R>>\n%%EOF"))
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := ReadAs(t.Context(), pdfCapture(data), nil, strategyBuiltin)
		if err != nil || strings.HasPrefix(text.Reason, "reading failed") {
			t.Fatal(err, text.Reason)
		}
	})
}

// FuzzArrange: every word that is put in comes out, whatever its place, unless
// it was printed twice.
func FuzzArrange(f *testing.F) {
	f.Add([]byte("\x10\x10\x50\x10\x10\x20\x50\x20\x10\x30\x50\x30"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p pdftext.Page
		count := map[string]int{}
		for i := 0; i+1 < len(data) && i < 2000; i += 2 {
			x, y := 2*float64(data[i]), 3*float64(data[i+1])
			size := 8 + float64((data[i]^data[i+1])%5)
			w := pdftext.Word{Text: "w" + itoa(i), Left: x, Right: x + 3*size, Top: y, Bottom: y + size, Size: size}
			p.Words = append(p.Words, w)
			count[w.Text]++
		}
		for _, l := range arrangePage(&p).lines {
			for w := range strings.FieldsSeq(l.text) {
				count[w]--
			}
		}
		for w, n := range count {
			if n != 0 && w != "|" {
				t.Errorf("word %s is %d times too few in the lines", w, n)
			}
		}
	})
}

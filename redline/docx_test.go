package redline

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"veille/archive"
)

// What went keeps its style and its number: rejected, a list is a list again.
func TestDOCXOfWhatWent(t *testing.T) {
	c := changed("# Art. 1\nThe house is open.\n# Art. 2\nWhoever has been told to leave.", "# Art. 1\nThe house is open.")
	c.Was[3].Kind, c.Was[3].Marker = archive.Item, "b)"
	z, err := zip.NewReader(bytes.NewReader(docx(t, c)), int64(len(docx(t, c))))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	body, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	for style, text := range map[string]string{"Heading2": "Art. 2", "ListParagraph": "Whoever has been told to leave."} {
		_, after, _ := strings.Cut(string(body), ">"+text+"</w:delText>")
		before := strings.TrimSuffix(string(body), ">"+text+"</w:delText>"+after)
		if got := before[strings.LastIndex(before, "<w:p>"):]; !strings.Contains(got, `<w:pStyle w:val="`+style+`"/>`) {
			t.Errorf("%q stands in %s, want the style %s", text, got, style)
		}
	}
	if !strings.Contains(string(body), "b) </w:delText>") {
		t.Error("the number of the item that went is not struck out with it")
	}
}

package server

import (
	"archive/zip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestChangeAsWordDocument(t *testing.T) {
	w := newWorld(t)
	w.live()
	_, home := w.get("/?sense=amount&lang=en")
	link := regexp.MustCompile(`/change/[1-9]\d*\.\.\d+`).FindString(home)
	if link == "" {
		t.Fatal("no change of an amount is listed")
	}
	w.want(link, http.StatusOK, link+".docx")
	code, body := w.get(link + ".docx")
	if code != http.StatusOK {
		t.Fatalf("status %d", code)
	}
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<w:ins ", "<w:del ", "w:author=\"", "w:date=\"2026-03-0"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the document has no %s", want)
		}
	}
	w.want("/change/999..1000.docx", http.StatusNotFound)
	w.want("/change/x.docx", http.StatusBadRequest)
}

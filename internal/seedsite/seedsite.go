// Package seedsite serves five documents as the pages they were: four as HTML
// articles with a menu, a cookie banner and a footer around them, one as a PDF
// of several pages with repeating funder's lines.
package seedsite

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-pdf/fpdf"
)

// A Site holds the five documents. Its methods may be called concurrently.
type Site struct {
	mu   sync.RWMutex
	docs []Doc
}

// A Doc is one document: plain text with an empty line, or a line's end,
// between paragraphs.
type Doc struct {
	Name  string // "004": the beginning of the file's name
	Title string
	Text  string
}

// Load reads the five documents of a directory, in the order of their names.
func Load(dir string) (*Site, error) {
	names, err := filepath.Glob(filepath.Join(dir, "00?_*.txt"))
	if err != nil || len(names) != 5 {
		return nil, fmt.Errorf("%s: %d documents, want 5 (%v)", dir, len(names), err)
	}
	slices.Sort(names)
	s := &Site{}
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			return nil, err
		}
		id, _, _ := strings.Cut(filepath.Base(n), "_")
		s.docs = append(s.docs, Doc{Name: id, Title: title(string(b)), Text: string(b)})
	}
	return s, nil
}

// title is the first line that reads like one.
func title(text string) string {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if len(line) > 20 && !strings.HasPrefix(line, "<") {
			if r := []rune(line); len(r) > 80 {
				line = string(r[:80])
			}
			return line
		}
	}
	return "Untitled"
}

// Docs returns the documents as they stand.
func (s *Site) Docs() []Doc {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.docs)
}

// Replace changes a document's text; it fails unless old stands in it.
func (s *Site) Replace(name, old, new string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.docs {
		if s.docs[i].Name == name {
			if !strings.Contains(s.docs[i].Text, old) {
				return fmt.Errorf("document %s does not hold %q", name, old)
			}
			s.docs[i].Text = strings.Replace(s.docs[i].Text, old, new, 1)
			return nil
		}
	}
	return fmt.Errorf("no document %s", name)
}

// ServeHTTP serves document NNN as /NNN, 003 as a PDF.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, d := range s.Docs() {
		if r.URL.Path != "/"+d.Name {
			continue
		}
		if d.Name == "003" {
			w.Header().Set("Content-Type", "application/pdf")
			b, err := PDF(d)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Write(b)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write(HTML(d))
		return
	}
	http.NotFound(w, r)
}

// HTML is a document as a news site would show it.
func HTML(d Doc) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>%s | The Site</title></head><body>
<div id="cookie-banner" class="cookie-consent"><p>We use cookies to give you the best experience. By continuing you accept them.</p><button>Accept</button></div>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li><li><a href="/about">About us</a></li><li><a href="/contact">Contact</a></li></ul></nav></header>
<div class="content"><article><h1>%s</h1>
`, html.EscapeString(d.Title), html.EscapeString(d.Title))
	list := false
	for line := range strings.Lines(d.Text) {
		line = strings.TrimSpace(line)
		item, isItem := strings.CutPrefix(line, "- ")
		if isItem != list {
			b.WriteString(map[bool]string{true: "<ul>\n", false: "</ul>\n"}[isItem])
			list = isItem
		}
		switch {
		case isItem:
			fmt.Fprintf(&b, "<li>%s</li>\n", html.EscapeString(item))
		case line != "":
			fmt.Fprintf(&b, "<p>%s</p>\n", html.EscapeString(line))
		}
	}
	if list {
		b.WriteString("</ul>\n")
	}
	b.WriteString(`</article></div>
<footer><p>© The Site. All rights reserved.</p><ul><li><a href="/privacy">Privacy policy</a></li><li><a href="/terms">Terms of use</a></li></ul></footer>
</body></html>`)
	return b.Bytes()
}

// PDF is a document as a report of several pages. The funder's lines that
// repeat in the text stand at the foot of each page, as they did.
func PDF(d Doc) ([]byte, error) {
	doc := fpdf.New("P", "mm", "A4", "")
	doc.SetCatalogSort(true) // the same bytes each time
	made := time.Date(2025, 9, 1, 9, 0, 0, 0, time.UTC)
	doc.SetCreationDate(made)
	doc.SetModificationDate(made)
	tr := doc.UnicodeTranslatorFromDescriptor("")
	funder := funderLine(d.Text)
	doc.SetFooterFunc(func() {
		doc.SetY(-25)
		doc.SetFont("Helvetica", "", 7)
		doc.MultiCell(0, 3.5, tr(funder), "", "L", false)
		doc.CellFormat(0, 4, fmt.Sprint(doc.PageNo()), "", 0, "C", false, 0, "")
	})
	doc.SetAutoPageBreak(true, 32)
	doc.AddPage()
	for line := range strings.Lines(d.Text) {
		line = strings.TrimSpace(strings.Trim(strings.TrimSpace(line), "*"))
		switch {
		case line == "" || line == funder:
			continue
		case len(line) < 60 && !strings.ContainsAny(line[len(line)-1:], ".:,;"):
			doc.SetFont("Helvetica", "B", 14)
			doc.Ln(3)
			doc.MultiCell(0, 7, tr(line), "", "L", false)
		default:
			doc.SetFont("Helvetica", "", 11)
			doc.MultiCell(0, 5.5, tr(line), "", "L", false)
			doc.Ln(2)
		}
	}
	var b bytes.Buffer
	if err := doc.Output(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// funderLine is the longest line that stands in the text more than once.
func funderLine(text string) string {
	count, longest := map[string]int{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if count[line]++; count[line] > 1 && len(line) > len(longest) {
			longest = line
		}
	}
	return longest
}

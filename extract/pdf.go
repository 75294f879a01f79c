package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"veille/archive"
)

// The strategies of PDF documents. The two readers give slightly different
// texts, so a page stays with the one that read its previous version.
const (
	strategyPDF     = "pdf"         // by poppler's pdftotext
	strategyBuiltin = "pdf-builtin" // by the reader inside this program
)

// Bounds of reading one PDF.
const (
	maxPDFTime   = 30 * time.Second
	maxPDFOutput = 96 << 20 // bytes that pdftotext may write
	maxPDFPages  = 5000
)

var (
	errEncrypted = errors.New("is encrypted and needs a password")
	errDamaged   = errors.New("is damaged or is no PDF")
	errPDFTime   = errors.New("takes too long to read")
	errPDFSize   = errors.New("holds too much text or too many pages")
)

// A pdfPage is the text of one page, in reading order.
type pdfPage struct {
	height float64 // 0 if unknown
	lines  []pdfLine
}

// A pdfLine is one line of text and where it stands, in points from the upper
// left corner of the page. Where places are unknown they are 0.
type pdfLine struct {
	text        string
	left, right float64
	top, size   float64 // size is the height of the line
	block       int     // lines of one block stand together
}

// readPDF reads a PDF document.
func (t *Text) readPDF(ctx context.Context, c *archive.Capture, prefer string) {
	body := c.Body
	if i := bytes.Index(body[:min(len(body), 1024)], []byte("%PDF-")); i > 0 {
		body = body[i:] // some servers put bytes before the document
	} else if i < 0 {
		t.fail("the document is declared a PDF, but is not one")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, maxPDFTime)
	defer cancel()
	pages, strategy, err := pdfPages(ctx, body, prefer)
	if err != nil {
		t.fail("the PDF %v", err)
		return
	}
	words := 0
	for i := range pages {
		for j := range pages[i].lines {
			words += strings.Count(pages[i].lines[j].text, " ") + 1
		}
	}
	if words == 0 || len(pages) > 1 && words < 4*len(pages) {
		t.fail("the PDF has %d pages and no text: it was scanned and needs text recognition", len(pages))
		return
	}
	v := &archive.Version{Strategy: strategy, Blocks: layOut(pages)}
	v.Title = firstLine(v.Blocks)
	var m meta
	textDates(&m, v.Blocks)
	v.PublishedOn, v.UpdatedOn = m.published, m.updated
	t.Why = append(t.Why, fmt.Sprintf("PDF of %d pages", len(pages)))
	t.content(c, v, langCode(c.Header.Get("Content-Language")))
}

// pdfPages reads the pages with pdftotext if it is installed, else, or if the
// previous version was read so, with the built-in reader.
func pdfPages(ctx context.Context, body []byte, prefer string) ([]pdfPage, string, error) {
	program, err := exec.LookPath("pdftotext")
	if err != nil || prefer == strategyBuiltin {
		pages, err := builtinPDF(ctx, body)
		return pages, strategyBuiltin, err
	}
	pages, err := popplerPDF(ctx, program, body)
	return pages, strategyPDF, err
}

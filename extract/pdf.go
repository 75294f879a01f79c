package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
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
	maxPDFOutput = 256 << 20 // bytes that pdftotext may write
	maxPDFLine   = 1 << 20   // bytes of one line of it
	maxPDFPages  = 5000
	maxPageWords = 100_000
	maxPDFMemory = 1 << 30 // address space of pdftotext, its libraries included
)

var (
	errPDFTime = errors.New("takes too long to read")
	errPDFCut  = errors.New("is cut short")
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
	edge        float64 // where full lines of its column end; 0 for the page's own edge
	row         bool    // a row of a table
}

// A pdfReader reads PDF documents: with poppler's pdftotext as a child
// process where it is installed, else inside this program.
type pdfReader struct{}

func (pdfReader) read(ctx context.Context, in *input) (*document, error) {
	body := in.body
	if i := bytes.Index(body[:min(len(body), 1024)], []byte("%PDF-")); i > 0 {
		body = body[i:] // some servers put bytes before the document
	} else if i < 0 {
		return nil, errors.New("is declared one, but is not one")
	}
	if isCut(body) {
		return nil, errPDFCut
	}
	ctx, cancel := context.WithTimeout(ctx, maxPDFTime)
	defer cancel()
	pages, strategy, err := pdfPages(ctx, body, in.strategy)
	if err != nil {
		return nil, err
	}
	blocks, notes := layOut(pages)
	if isScanned(blocks, notes, len(pages)) {
		return nil, fmt.Errorf("has %d pages and no text: it was scanned and needs text recognition", len(pages))
	}
	return &document{strategy: strategy, blocks: blocks, notes: notes, placed: true, why: []string{fmt.Sprintf("PDF of %d pages", len(pages))}}, nil
}

// isScanned reports whether a document consists of pictures: there is no text,
// or hardly any but what a copier or a registry stamps on every page.
func isScanned(blocks []archive.Block, notes []note, pages int) bool {
	size := mainSize(blocks)
	for i := range notes {
		size += len(notes[i].block.Text)
	}
	return size == 0 && (pages > 1 || len(blocks) == 0) || pages > 1 && size < 12*pages
}

// isCut reports whether a document lacks its end: there is no end mark, or
// objects follow the last one. Readers of PDF mend such files with the pages
// that are there, but those are no version of the document.
func isCut(body []byte) bool {
	i := bytes.LastIndex(body, []byte("%%EOF"))
	return i < 0 || bytes.Contains(body[i:], []byte(" obj")) && len(body)-i > 64
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

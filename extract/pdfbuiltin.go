package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/ledongthuc/pdf"
)

// Bounds of the built-in reader, which shares this process's memory.
const (
	maxTreeDepth = 32
	maxGlyphs    = 8_000_000
)

// builtinPDF reads a PDF without help from outside. It knows less than
// pdftotext: no two columns, no documents with AES encryption. A document
// that makes the library hang is given up when ctx ends.
func builtinPDF(ctx context.Context, body []byte) ([]pdfPage, error) {
	type result struct {
		pages []pdfPage
		err   error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if p := recover(); p != nil { // the library panics on much that is damaged
				r = result{nil, errDamaged}
			}
			done <- r
		}()
		r.pages, r.err = libraryPDF(ctx, body)
	}()
	select {
	case r := <-done:
		return r.pages, r.err
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, errPDFTime
		}
		return nil, ctx.Err()
	}
}

func libraryPDF(ctx context.Context, body []byte) ([]pdfPage, error) {
	r, err := pdf.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		if errors.Is(err, pdf.ErrInvalidPassword) || strings.Contains(err.Error(), "encrypt") {
			return nil, errEncrypted
		}
		return nil, fmt.Errorf("%w (%v)", errDamaged, err)
	}
	var leaves []pdf.Value
	if err := collectPages(r.Trailer().Key("Root").Key("Pages"), 0, &leaves); err != nil {
		return nil, err
	}
	pages := make([]pdfPage, 0, len(leaves))
	glyphs := 0
	for _, leaf := range leaves {
		if err := ctx.Err(); err != nil {
			return nil, errPDFTime
		}
		text := pdf.Page{V: leaf}.Content().Text
		if glyphs += len(text); glyphs > maxGlyphs {
			return nil, errPDFSize
		}
		height := leaf.Key("MediaBox").Index(3).Float64()
		pages = append(pages, pdfPage{height: height, lines: glyphLines(text, height)})
	}
	if len(pages) == 0 {
		return nil, errDamaged
	}
	return pages, nil
}

// collectPages walks the tree of pages, which a damaged document may have
// tied into a loop.
func collectPages(node pdf.Value, depth int, leaves *[]pdf.Value) error {
	if depth > maxTreeDepth || len(*leaves) > maxPDFPages {
		return errPDFSize
	}
	kids := node.Key("Kids")
	if kids.Kind() != pdf.Array {
		if node.Key("Type").Name() == "Page" || !node.Key("Contents").IsNull() {
			*leaves = append(*leaves, node)
		}
		return nil
	}
	for i := range kids.Len() {
		if err := collectPages(kids.Index(i), depth+1, leaves); err != nil {
			return err
		}
	}
	return nil
}

// glyphLines puts glyphs together into lines, in the order in which they are
// drawn. Where the widths of glyphs are not in the document they are 0, and
// only jumps tell words apart.
func glyphLines(glyphs []pdf.Text, height float64) []pdfLine {
	var lines []pdfLine
	var b textBuffer
	var line pdfLine
	var last pdf.Text
	end := func() {
		if text := b.take(); text != "" {
			line.text = text
			line.right = max(last.X+last.W, line.left+0.5*line.size*float64(len([]rune(text))))
			if last.W > 0 {
				line.right = last.X + last.W
			}
			lines = append(lines, line)
		}
	}
	for _, g := range glyphs {
		if g.S == "" || g.S == "\n" {
			continue
		}
		size := math.Abs(g.FontSize)
		if !b.empty() {
			gap := g.X - last.X - last.W
			switch {
			case math.Abs(g.Y-last.Y) > 0.5*max(size, line.size, 1) || gap < -20*max(size, 1):
				end()
			case gap > 0.18*max(size, 1):
				b.space()
			}
		}
		if b.empty() {
			line = pdfLine{left: g.X, size: round(size), top: height - g.Y - size}
		}
		b.write(g.S)
		last = g
	}
	end()
	return lines
}

// round makes sizes comparable.
func round(v float64) float64 { return math.Round(v*2) / 2 }

package extract

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/extract/pdftext"
)

// How the words of a PDF page become lines in reading order.
//
// Words on one baseline make a row; where a row has a gap wider than a space
// it falls into segments. A gap that goes down through several rows is a
// gutter. Between gutters lie strips: of running text they are columns, and
// each is read to its end before the next; of short pieces they are the cells
// of a table, which is read row by row. What stands between the number and
// the text of a paragraph is neither.

// Measures, in multiples of the size of the text.
const (
	segmentGap   = 0.75 // splits a row, if it is wider than those beside it
	sureGap      = 2.5  // splits it in any case
	tableGutter  = 0.5
	columnGutter = 0.9
	wideGutter   = 2.0 // is a gutter after two rows
	tallGap      = 6.0 // white space that ends a region
)

const (
	maxRowWords = 400
	maxSearch   = 8_000_000 // words looked at in search of gutters, on one page
)

// A segment is what stands together in a row.
type segment struct {
	words       []pdftext.Word
	left, right float64
	top, size   float64
}

// A line of words and gaps across the page.
type textRow struct {
	top, bottom, size float64
	words             []pdftext.Word // from left to right
	segs              []segment
}

// An arranger puts the lines of one page in order.
type arranger struct {
	lines []pdfLine
	block int
	edge  float64 // right edge of the column being told, 0 for none
	work  int     // words that may still be looked at in search of gutters
}

// arrangePage makes a page of lines of a page of words.
func arrangePage(p *pdftext.Page) pdfPage {
	words, turned := usableWords(p.Words)
	rows := makeRows(words)
	a := arranger{work: maxSearch}
	a.arrange(rows, 0)
	for _, w := range turned {
		a.block++
		a.lines = append(a.lines, pdfLine{text: w.Text, left: w.Left, right: w.Right, top: w.Top, size: w.Size, block: a.block})
	}
	return pdfPage{height: p.Height, lines: a.lines}
}

var ligatures = strings.NewReplacer("ﬀ", "ff", "ﬁ", "fi", "ﬂ", "fl", "ﬃ", "ffi", "ﬄ", "ffl", "ﬅ", "st", "ﬆ", "st")

// usableWords cleans words, drops those that are printed twice to look bold,
// and joins and sets apart those that are not written from left to right.
func usableWords(in []pdftext.Word) (words, turned []pdftext.Word) {
	type spot struct {
		text string
		x, y int
	}
	seen := make(map[spot]bool, len(in))
	for _, w := range in {
		if w.Text = clean(ligatures.Replace(w.Text)); w.Text == "" || w.Size <= 0 {
			continue
		}
		grid := max(w.Size*0.25, 0.5)
		at := spot{w.Text, int(w.Left / grid), int(w.Bottom / grid)}
		if seen[at] {
			continue
		}
		seen[at] = true
		if !w.Turned {
			words = append(words, w)
			continue
		}
		if n := len(turned); n > 0 && math.Abs(turned[n-1].Size-w.Size) < 0.1 && len(turned[n-1].Text) < 400 {
			turned[n-1].Text += " " + w.Text
			continue
		}
		turned = append(turned, w)
	}
	return words, turned
}

// makeRows sorts words into rows and rows into segments. A word belongs to a
// row if it overlaps it in height and stands beside what is there: raised
// numbers do, and the lines of a neighbouring column a little lower.
func makeRows(words []pdftext.Word) []textRow {
	base := func(w *pdftext.Word) float64 { return w.Bottom - 0.2*(w.Bottom-w.Top) }
	slices.SortStableFunc(words, func(a, b pdftext.Word) int {
		return cmp.Or(cmp.Compare(math.Round(2*base(&a)), math.Round(2*base(&b))), cmp.Compare(a.Left, b.Left))
	})
	type open struct {
		words             []pdftext.Word
		top, bottom, base float64
		size              float64
	}
	var rows []*open
	for _, w := range words {
		var to *open
		for i := len(rows) - 1; i >= 0 && i >= len(rows)-3; i-- {
			r := rows[i]
			over := min(r.bottom, w.Bottom) - max(r.top, w.Top)
			same := math.Abs(base(&w)-r.base) < 0.12*max(w.Size, r.size)
			if len(r.words) < maxRowWords && (same || over > 0.3*min(w.Bottom-w.Top, r.bottom-r.top)) && besides(r.words, &w) {
				to = r
				break
			}
		}
		if to == nil {
			rows = append(rows, &open{words: []pdftext.Word{w}, top: w.Top, bottom: w.Bottom, base: base(&w), size: w.Size})
			continue
		}
		if to.words = append(to.words, w); w.Size > to.size*1.05 {
			to.top, to.bottom, to.base, to.size = w.Top, w.Bottom, base(&w), w.Size
		}
	}
	out := make([]textRow, 0, len(rows))
	for _, r := range rows {
		slices.SortStableFunc(r.words, func(a, b pdftext.Word) int { return cmp.Compare(a.Left, b.Left) })
		out = append(out, textRow{top: r.top, bottom: r.bottom, size: r.size, words: r.words, segs: segments(r.words)})
	}
	slices.SortStableFunc(out, func(a, b textRow) int { return cmp.Compare(a.top, b.top) })
	return out
}

// besides reports whether a word overlaps none of these words in width.
func besides(words []pdftext.Word, w *pdftext.Word) bool {
	slack := 0.3 * w.Size
	for i := len(words) - 1; i >= 0; i-- {
		if words[i].Left < w.Right-slack && words[i].Right > w.Left+slack {
			return false
		}
	}
	return true
}

// segments splits a row at its wide gaps. In justified text all gaps of a line
// are about as wide: one that is not much wider than its neighbours is none.
func segments(words []pdftext.Word) []segment {
	gap := func(i int) float64 {
		if i < 1 || i >= len(words) {
			return 0
		}
		return (words[i].Left - words[i-1].Right) / max(words[i].Size, words[i-1].Size)
	}
	beside := func(i int) float64 { // the narrower of the gaps beside one, 0 if there is none
		least := math.Inf(1)
		for _, k := range []int{i - 1, i + 1} {
			if g := gap(k); k > 0 && k < len(words) && g < sureGap {
				least = min(least, g)
			}
		}
		if math.IsInf(least, 1) {
			return 0
		}
		return least
	}
	var out []segment
	for i, w := range words {
		n := len(out)
		if g := gap(i); n == 0 || g > sureGap || g > segmentGap && g > 1.6*beside(i) {
			out = append(out, segment{left: w.Left, right: w.Right, top: w.Top, size: w.Size})
			n++
		}
		s := &out[n-1]
		s.words = append(s.words, w)
		s.right = max(s.right, w.Right)
		if w.Size > s.size {
			s.size, s.top = w.Size, w.Top
		}
	}
	return out
}

// text joins the words of a segment. Raised figures are written as such: they
// are the marks of footnotes.
func (s *segment) text() string {
	var b strings.Builder
	for i := range s.words {
		w := &s.words[i]
		t := w.Text
		raised := w.Size < 0.82*s.size && w.Bottom < s.top+1.02*s.size && strings.Trim(t, "0123456789") == ""
		if raised {
			t = raise(t)
		}
		gap := 0.0
		if i > 0 {
			gap = w.Left - s.words[i-1].Right
		}
		glued := w.Glued && gap < 0.15*w.Size || raised && gap < 0.3*s.size
		if i > 0 && !glued {
			b.WriteByte(' ')
		}
		b.WriteString(t)
	}
	return b.String()
}

// arrange tells rows in reading order.
func (a *arranger) arrange(rows []textRow, depth int) {
	for i := 0; i < len(rows); {
		r := a.findRegion(rows, i)
		if r == nil {
			r = a.leadIn(rows, i)
		}
		if r != nil && depth < 3 {
			a.block++
			if r.table {
				a.table(rows[i:r.end], r.gutters)
			} else {
				a.columns(rows[i:r.end], r.gutters, depth)
			}
			a.block++
			i = r.end
			continue
		}
		a.line(&rows[i])
		i++
	}
}

// line tells a row as one line.
func (a *arranger) line(r *textRow) {
	parts := make([]string, 0, len(r.segs))
	for i := range r.segs {
		parts = append(parts, r.segs[i].text())
	}
	first, last := &r.segs[0], &r.segs[len(r.segs)-1]
	a.lines = append(a.lines, pdfLine{text: clean(strings.Join(parts, " ")), left: first.left, right: last.right, top: r.top, size: r.size,
		block: a.block, edge: a.edge})
}

// columns tells each column to its end.
func (a *arranger) columns(rows []textRow, gutters []gutter, depth int) {
	cols := make([][]textRow, len(gutters)+1)
	for i := range rows {
		for k, strip := range strips(rows[i].words, gutters) {
			if len(strip) > 0 {
				cols[k] = append(cols[k], makeRow(strip))
			}
		}
	}
	before := a.edge
	for _, col := range cols {
		a.edge = columnEdge(col)
		a.block++
		a.arrange(col, depth+1)
	}
	a.edge = before
}

// makeRow makes a row of some words of one.
func makeRow(words []pdftext.Word) textRow {
	r := textRow{words: words, segs: segments(words)}
	for i := range words {
		if w := &words[i]; w.Size > r.size {
			r.size, r.top, r.bottom = w.Size, w.Top, w.Bottom
		}
	}
	return r
}

// columnEdge is where the full lines of a column end.
func columnEdge(rows []textRow) float64 {
	edge := 0.0
	for i := range rows {
		edge = max(edge, rows[i].words[len(rows[i].words)-1].Right)
	}
	return edge
}

// textOf is the text of some words of a row.
func textOf(words []pdftext.Word) string {
	var parts []string
	for _, s := range segments(words) {
		parts = append(parts, s.text())
	}
	return clean(strings.Join(parts, " "))
}

// table tells the rows of a table. A row without a first cell, close below
// another, goes on with that one's cells.
func (a *arranger) table(rows []textRow, gutters []gutter) {
	var cells []string
	var at pdfLine
	tell := func() {
		if t := row(cells).Text; t != "" {
			at.text = t
			a.lines = append(a.lines, at)
		}
	}
	for i := range rows {
		r := &rows[i]
		parts := make([]string, 0, len(gutters)+1)
		filled := 0
		for _, strip := range strips(r.words, gutters) {
			t := textOf(strip)
			if t != "" {
				filled++
			}
			parts = append(parts, t)
		}
		first, _ := utf8.DecodeRuneInString(parts[0])
		near := i > 0 && r.top-rows[i-1].bottom < 0.8*r.size
		if near && (parts[0] == "" || filled == 1 && unicode.IsLower(first)) {
			for k := range parts {
				if parts[k] != "" && k < len(cells) {
					cells[k] = strings.TrimSpace(cells[k] + " " + parts[k])
				}
			}
			continue
		}
		if i > 0 {
			tell()
		}
		cells = parts
		at = pdfLine{left: r.words[0].Left, right: r.words[len(r.words)-1].Right, top: r.top, size: r.size, block: a.block, row: true}
	}
	tell()
}

package extract

import (
	"cmp"
	"math"
	"regexp"
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
	segmentGap   = 0.75 // splits a row
	tableGutter  = 0.6
	columnGutter = 0.9
	wideGutter   = 2.0 // is a gutter after two rows
	tallGap      = 6.0 // white space that ends a region
)

const (
	maxRowWords = 400
	maxRows     = 4000 // of one page, for looking for columns
)

// A segment is what stands together in a row.
type segment struct {
	words       []pdftext.Word
	left, right float64
	top, size   float64
}

// A line of words and gaps across the page.
type textRow struct {
	top, bottom, base, size float64
	segs                    []segment
}

// An arranger puts the lines of one page in order.
type arranger struct {
	lines []pdfLine
	block int
	edge  float64 // right edge of the column being told, 0 for none
}

// arrangePage makes a page of lines of a page of words.
func arrangePage(p *pdftext.Page) pdfPage {
	words, turned := usableWords(p.Words)
	rows := makeRows(words)
	var a arranger
	if len(rows) > maxRows {
		for i := range rows {
			a.line(&rows[i])
		}
	} else {
		a.arrange(rows, 0)
	}
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
		out = append(out, textRow{top: r.top, bottom: r.bottom, base: r.base, size: r.size, segs: segments(r.words)})
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

func segments(words []pdftext.Word) []segment {
	var out []segment
	for _, w := range words {
		n := len(out)
		if n == 0 || w.Left-out[n-1].right > segmentGap*max(w.Size, out[n-1].size) {
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
		if r := findRegion(rows, i); r != nil && depth < 3 {
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

// A region is a run of rows with gutters through them.
type region struct {
	end     int // index after its last row
	gutters []gutter
	table   bool
}

// A gutter is white space that goes down through rows.
type gutter struct {
	left, right float64
	both        int // rows with text on both sides
	last        int // the last of them
	end         int // index after the last row it goes through
}

// findRegion looks for a region that begins with row i.
func findRegion(rows []textRow, i int) *region {
	if len(rows[i].segs) < 2 {
		return nil
	}
	var best gutter
	var all []gutter
	for k := i; k < min(i+3, len(rows)); k++ {
		for s := 1; s < len(rows[k].segs); s++ {
			g := follow(rows, k, rows[k].segs[s-1].right, rows[k].segs[s].left)
			if k > i && !isClear(rows[i:k], g) {
				continue
			}
			all = append(all, g)
			if k == i && g.both > best.both {
				best = g
			}
		}
	}
	size := rows[i].size
	if best.both < 2 || best.both < 3 && best.right-best.left < wideGutter*size {
		return nil
	}
	r := &region{end: best.last + 1, gutters: []gutter{best}}
	for _, g := range all {
		if g.last >= best.last-(best.last-i)/5 && g.both >= 2 && !slices.ContainsFunc(r.gutters, func(o gutter) bool { return g.left < o.right && g.right > o.left }) {
			r.gutters = append(r.gutters, g)
		}
	}
	slices.SortFunc(r.gutters, func(a, b gutter) int { return cmp.Compare(a.left, b.left) })
	if r.gutters = notMarkers(rows[i:r.end], r.gutters); len(r.gutters) == 0 {
		return nil
	}
	return r.classify(rows, i, best)
}

// follow goes down a gap as far as it is one.
func follow(rows []textRow, i int, left, right float64) gutter {
	g := gutter{left: left, right: right, both: 1, last: i, end: i + 1}
	for j := i + 1; j < len(rows); j++ {
		r := &rows[j]
		if r.top-rows[j-1].bottom > tallGap*max(r.size, rows[j-1].size) {
			break
		}
		l, h := narrowed(r.segs, g.left, g.right)
		if h-l < tableGutter*r.size {
			break
		}
		g.left, g.right, g.end = l, h, j+1
		if sides(r.segs, l, h) {
			g.both++
			g.last = j
		}
	}
	return g
}

// narrowed is the widest part of a gap into which no segment reaches.
func narrowed(segs []segment, left, right float64) (l, h float64) {
	at, l, h := left, left, left
	for i := range segs {
		s := &segs[i]
		if s.right <= left || s.left >= right {
			continue
		}
		if s.left-at > h-l {
			l, h = at, s.left
		}
		at = max(at, s.right)
	}
	if right-at > h-l {
		l, h = at, right
	}
	return l, h
}

// sides reports whether there is text left and right of a gap.
func sides(segs []segment, left, right float64) bool {
	return len(segs) > 1 && segs[0].right <= left+0.01 && segs[len(segs)-1].left >= right-0.01
}

// isClear reports whether no text of these rows stands in a gutter.
func isClear(rows []textRow, g gutter) bool {
	for i := range rows {
		if l, h := narrowed(rows[i].segs, g.left, g.right); h-l < g.right-g.left-0.01 {
			return false
		}
	}
	return true
}

var onlyMark = regexp.MustCompile(`^(?:[•●▪■◦‣○·►–—*§-]|\(?[0-9]{1,3}(?:\.[0-9]{1,3}){0,3}[.)°]?|\(?[a-zA-Z]{1,2}[.)]|\(?[ivxIVX]{1,6}[.)]|(?i:art(?:\.|icle|ikel)) ?[0-9]+[.:]?|§ ?[0-9]+[a-z]?\.?)$`)

// notMarkers leaves out the gutters that part the numbers of paragraphs from
// their texts. A table may begin with a column of numbers, but then its rows
// are one line each.
func notMarkers(rows []textRow, gutters []gutter) []gutter {
	g := gutters[0]
	marks, other, bare := 0, 0, 0
	for i := range rows {
		strip := between(&rows[i], math.Inf(-1), g.left)
		switch {
		case len(strip) == 0:
			bare++
		case len(strip) == 1 && onlyMark.MatchString(strip[0].text()):
			marks++
		default:
			other++
		}
	}
	if marks > 0 && other == 0 && (bare > 0 || len(gutters) == 1) {
		return gutters[1:]
	}
	return gutters
}

// between are the segments of a row in a strip.
func between(r *textRow, left, right float64) []segment {
	var out []segment
	for i := range r.segs {
		if mid := (r.segs[i].left + r.segs[i].right) / 2; mid >= left && mid < right {
			out = append(out, r.segs[i])
		}
	}
	return out
}

// strips cuts a row at the gutters.
func strips(r *textRow, gutters []gutter) [][]segment {
	out := make([][]segment, 0, len(gutters)+1)
	left := math.Inf(-1)
	for i := range gutters {
		mid := (gutters[i].left + gutters[i].right) / 2
		out = append(out, between(r, left, mid))
		left = mid
	}
	return append(out, between(r, left, math.Inf(1)))
}

// classify decides between columns and a table, and where it ends.
func (r *region) classify(rows []textRow, i int, best gutter) *region {
	n := len(r.gutters) + 1
	words, filled := make([]int, n), make([]int, n)
	for j := i; j < r.end; j++ {
		for k, strip := range strips(&rows[j], r.gutters) {
			if len(strip) > 0 {
				filled[k]++
			}
			for s := range strip {
				words[k] += len(strip[s].words)
			}
		}
	}
	r.table = n > 3 || best.both < 4
	for k := range n {
		if filled[k] < 4 || float64(words[k]) < 3.6*float64(filled[k]) {
			r.table = true
		}
	}
	if !r.table {
		for _, g := range r.gutters {
			if g.right-g.left < columnGutter*rows[i].size {
				return nil // a river in justified text
			}
		}
	}
	for r.end < best.end && r.goesOn(rows) {
		r.end++
	}
	return r
}

// goesOn reports whether the row behind a region, with text on one side only,
// still belongs to it: the rest of the longer column, or of the last cell.
func (r *region) goesOn(rows []textRow) bool {
	next, prev := &rows[r.end], &rows[r.end-1]
	gap := next.top - prev.bottom
	if !r.table {
		return gap < 2*next.size && math.Abs(next.size-prev.size) < 0.2*prev.size
	}
	return gap < 0.8*next.size && len(strips(next, r.gutters)[0]) == 0
}

// columns tells each column to its end.
func (a *arranger) columns(rows []textRow, gutters []gutter, depth int) {
	cols := make([][]textRow, len(gutters)+1)
	for i := range rows {
		for k, strip := range strips(&rows[i], gutters) {
			if len(strip) == 0 {
				continue
			}
			r := textRow{top: strip[0].top, size: strip[0].size, segs: strip}
			r.bottom = strip[0].top + rows[i].bottom - rows[i].top
			cols[k] = append(cols[k], r)
		}
	}
	before := a.edge
	for _, col := range cols {
		a.edge = 0
		for i := range col {
			a.edge = max(a.edge, col[i].segs[len(col[i].segs)-1].right)
		}
		a.block++
		a.arrange(col, depth+1)
	}
	a.edge = before
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
		for _, strip := range strips(r, gutters) {
			t := ""
			for s := range strip {
				t = strings.TrimSpace(t + " " + strip[s].text())
			}
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
		at = pdfLine{left: r.segs[0].left, right: r.segs[len(r.segs)-1].right, top: r.top, size: r.size, block: a.block, row: true}
	}
	tell()
}

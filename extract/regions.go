package extract

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"

	"veille/extract/pdftext"
)

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
	plain       int // of these, rows whose words do not all stand so wide
	last        int // the last of them
	end         int // index after the last row it goes through
}

// Rows from which on white space is a gutter.
const (
	columnRows = 6 // with words as wide apart beside it, as in justified text
	tableRows  = 3
)

// findRegion looks for a region that begins with row i.
func (a *arranger) findRegion(rows []textRow, i int) *region {
	if a.work <= 0 {
		return nil
	}
	var best gutter
	var all []gutter
	for k := i; k < min(i+3, len(rows)); k++ {
		words := rows[k].words
		for s := 1; s < len(words); s++ {
			if words[s].Left-words[s-1].Right < segmentGap*min(words[s].Size, words[s-1].Size) {
				continue
			}
			g := a.follow(rows, k, words[s-1].Right, words[s].Left)
			if k > i && !g.reachesUp(rows[i:k]) {
				continue
			}
			all = append(all, g)
			if k == i && (g.both > best.both || g.both == best.both && g.right-g.left > best.right-best.left) && a.aligned(rows[i:g.last+1], g) {
				best = g
			}
		}
	}
	size := rows[i].size
	if best.both < 2 || best.both < tableRows && best.right-best.left < wideGutter*size || best.both < columnRows && best.plain*2 < best.both {
		return nil
	}
	r := &region{end: best.last + 1, gutters: []gutter{best}}
	for _, g := range all {
		if g.last >= best.last-(best.last-i)/5 && g.both >= 2 && g.plain*2 >= g.both && a.aligned(rows[i:g.last+1], g) &&
			!slices.ContainsFunc(r.gutters, func(o gutter) bool { return g.left < o.right && g.right > o.left }) {
			r.gutters = append(r.gutters, g)
		}
	}
	slices.SortFunc(r.gutters, func(a, b gutter) int { return cmp.Compare(a.left, b.left) })
	for j := i; j < r.end; j++ {
		a.work -= 4 * len(rows[j].words)
	}
	if r.gutters = notMarkers(rows[i:r.end], r.gutters); len(r.gutters) == 0 {
		return nil
	}
	return r.classify(rows, i, best)
}

// follow goes down a gap as far as it is one.
func (a *arranger) follow(rows []textRow, i int, left, right float64) gutter {
	g := gutter{left: left, right: right, last: i, end: i}
	for j := i; j < len(rows) && a.work > 0; j++ {
		r := &rows[j]
		a.work -= len(r.words)
		if j > i && r.top-rows[j-1].bottom > tallGap*max(r.size, rows[j-1].size) {
			break
		}
		l, h := narrowed(r.words, g.left, g.right)
		if h-l < tableGutter*min(r.size, rows[i].size) {
			break
		}
		g.left, g.right, g.end = l, h, j+1
		if sides(r.words, l, h) {
			g.both++
			g.last = j
			if splitAt(r.segs, l, h) {
				g.plain++
			}
		}
	}
	return g
}

// narrowed is the widest part of a gap into which no word reaches.
func narrowed(words []pdftext.Word, left, right float64) (l, h float64) {
	at, l, h := left, left, left
	for i := range words {
		w := &words[i]
		if w.Right <= left || w.Left >= right {
			continue
		}
		if w.Left-at > h-l {
			l, h = at, w.Left
		}
		at = max(at, w.Right)
	}
	if right-at > h-l {
		l, h = at, right
	}
	return l, h
}

// sides reports whether there is text left and right of a gap.
func sides(words []pdftext.Word, left, right float64) bool {
	return len(words) > 1 && words[0].Right <= left+0.01 && words[len(words)-1].Left >= right-0.01
}

// splitAt reports whether a row falls into segments at a gutter.
func splitAt(segs []segment, left, right float64) bool {
	for i := 1; i < len(segs); i++ {
		if segs[i-1].right <= left+0.01 && segs[i].left >= right-0.01 {
			return true
		}
	}
	return false
}

// reachesUp narrows a gutter to what is free in the rows above it, and reports
// whether it still is one.
func (g *gutter) reachesUp(rows []textRow) bool {
	for i := len(rows) - 1; i >= 0; i-- {
		l, h := narrowed(rows[i].words, g.left, g.right)
		if h-l < tableGutter*rows[i].size {
			return false
		}
		g.left, g.right = l, h
		if sides(rows[i].words, l, h) {
			g.both++
		}
	}
	return true
}

// isClear reports whether no text of these rows stands in a gutter.
func isClear(rows []textRow, g gutter) bool {
	for i := range rows {
		if l, h := narrowed(rows[i].words, g.left, g.right); h-l < g.right-g.left-0.01 {
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
		strip := between(rows[i].words, math.Inf(-1), g.left+0.02)
		switch {
		case len(strip) == 0:
			bare++
		case len(strip) <= 2 && onlyMark.MatchString(textOf(strip)):
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

// between are the words of a row in a strip.
func between(words []pdftext.Word, left, right float64) []pdftext.Word {
	in := func(w pdftext.Word) bool { mid := (w.Left + w.Right) / 2; return mid >= left && mid < right }
	from := slices.IndexFunc(words, in)
	if from < 0 {
		return nil
	}
	to := from
	for to < len(words) && in(words[to]) {
		to++
	}
	return words[from:to:to]
}

// strips cuts a row at the gutters.
func strips(words []pdftext.Word, gutters []gutter) [][]pdftext.Word {
	out := make([][]pdftext.Word, 0, len(gutters)+1)
	left := math.Inf(-1)
	for i := range gutters {
		mid := (gutters[i].left + gutters[i].right) / 2
		out = append(out, between(words, left, mid))
		left = mid
	}
	return append(out, between(words, left, math.Inf(1)))
}

// proseShare is the share of lines that are like lines of running text: of
// three words at least, and nearly as wide as the strip.
func proseShare(lines [][]pdftext.Word) float64 {
	left, right := math.Inf(1), math.Inf(-1)
	for _, l := range lines {
		left, right = min(left, l[0].Left), max(right, l[len(l)-1].Right)
	}
	like := 0
	for _, l := range lines {
		if len(l) >= 3 && l[len(l)-1].Right-l[0].Left >= 0.6*(right-left) {
			like++
		}
	}
	if len(lines) < 4 {
		return 0
	}
	return float64(like) / float64(len(lines))
}

// aligned reports whether what stands right of a gutter has an edge in common,
// as columns and cells have, and the words behind the wide gaps of justified
// text have not: the left one, the right one of figures, or the middle.
func (a *arranger) aligned(rows []textRow, g gutter) bool {
	var lefts, rights, middles []float64
	figures, size := 0, 0.0
	for i := range rows {
		words := rows[i].words
		a.work -= len(words)
		if !sides(words, g.left, g.right) {
			continue
		}
		k := slices.IndexFunc(words, func(w pdftext.Word) bool { return w.Left >= g.right-0.01 })
		end := words[k].Right
		for s := range rows[i].segs { // the rest of its segment
			if seg := &rows[i].segs[s]; seg.left <= words[k].Left && seg.right >= end {
				end = seg.right
			}
		}
		lefts, rights, middles = append(lefts, words[k].Left), append(rights, end), append(middles, (words[k].Left+end)/2)
		size = max(size, words[k].Size)
		if strings.ContainsAny(words[k].Text, "0123456789") {
			figures++
		}
	}
	n := len(lefts)
	most := func(at []float64) int {
		slices.Sort(at)
		best := 0
		for i, j := 0, 0; i < len(at); i++ {
			for at[i]-at[j] > 0.4*size {
				j++
			}
			best = max(best, i-j+1)
		}
		return best
	}
	return most(lefts)*10 >= n*6 || figures*2 >= n && most(rights)*10 >= n*6 || n > 3 && most(middles)*10 >= n*7
}

// classify decides between columns and a table, and where it ends.
func (r *region) classify(rows []textRow, i int, best gutter) *region {
	n := len(r.gutters) + 1
	aside := 0 // rows whose parts are not on one line
	size := rows[i].size
	cols := make([][][]pdftext.Word, n)
	for j := i; j < r.end; j++ {
		low, high := math.Inf(1), math.Inf(-1)
		size = min(size, rows[j].size)
		for k, strip := range strips(rows[j].words, r.gutters) {
			if len(strip) > 0 {
				cols[k] = append(cols[k], strip)
				low, high = min(low, strip[0].Bottom), max(high, strip[0].Bottom)
			}
		}
		if high-low > 0.15*rows[j].size {
			aside++
		}
	}
	worst := 1.0
	for k := range cols {
		worst = min(worst, proseShare(cols[k]))
	}
	apart := aside*4 > best.both
	r.table = n > 3 || best.both < 4 || worst < 0.45 && !apart && !(n == 2 && best.both >= 12 && worst >= 0.25) || apart && worst < 0.15
	if r.table && justified(rows[i:r.end], size) || best.plain*2 < best.both && best.both*10 < (r.end-i)*7 {
		return nil // loose lines; columns have text on both sides nearly all along
	}
	for _, g := range r.gutters {
		if !r.table && g.right-g.left < columnGutter*size || r.table && g.plain*2 < g.both {
			return nil // a river in justified text
		}
	}
	for r.end < best.end && r.goesOn(rows) {
		r.end++
	}
	return r
}

// justified reports whether rows are flush on both sides, do not end in figures
// and have gaps all of one width, as loose lines of justified text are and the
// rows of a table not.
func justified(rows []textRow, size float64) bool {
	left, right := math.Inf(1), math.Inf(-1)
	for i := range rows {
		left, right = min(left, rows[i].words[0].Left), max(right, rows[i].words[len(rows[i].words)-1].Right)
	}
	flush := 0
	for i := range rows {
		first, last := &rows[i].words[0], &rows[i].words[len(rows[i].words)-1]
		if first.Left-left < 0.3*size && right-last.Right < 0.3*size && !strings.ContainsAny(last.Text, "0123456789") && isEven(rows[i].words) {
			flush++
		}
	}
	return flush*10 >= len(rows)*7
}

// isEven reports whether the gaps between words are about as wide as each other.
func isEven(words []pdftext.Word) bool {
	least, most := math.Inf(1), 0.0
	for i := 1; i < len(words); i++ {
		gap := words[i].Left - words[i-1].Right
		least, most = min(least, gap), max(most, gap)
	}
	return most <= 1.35*least+0.5
}

// leadIn finds a region that begins a few rows below row i, which stands all
// in its right column: the left one begins lower.
func (a *arranger) leadIn(rows []textRow, i int) *region {
	for k := i + 1; k < min(i+4, len(rows)); k++ {
		if rows[k].top-rows[k-1].bottom > 2*rows[k].size {
			return nil
		}
		if rows[k].words[0].Left > rows[i].words[0].Left-2*rows[i].size {
			continue
		}
		r := a.findRegion(rows, k)
		if r == nil || r.table {
			return nil
		}
		for j := i; j < k; j++ {
			if rows[j].words[0].Left < r.gutters[0].right-0.01 || !isClear(rows[j:j+1], r.gutters[len(r.gutters)-1]) {
				return nil
			}
		}
		return r
	}
	return nil
}

// goesOn reports whether the row behind a region, with text on one side only,
// still belongs to it: the rest of the longer column, or of the last cell.
func (r *region) goesOn(rows []textRow) bool {
	next, prev := &rows[r.end], &rows[r.end-1]
	gap := next.top - prev.bottom
	if !r.table {
		return gap < 2*next.size && next.size < 1.3*prev.size && prev.size < 1.3*next.size
	}
	return gap < 0.8*next.size && len(strips(next.words, r.gutters)[0]) == 0
}

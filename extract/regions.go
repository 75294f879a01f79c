package extract

import (
	"cmp"
	"math"
	"regexp"
	"slices"
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

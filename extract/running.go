package extract

import (
	"math"
	"regexp"
	"strings"
)

// The lines that return on the pages of a PDF: titles, funders, page numbers.

var pageNumber = regexp.MustCompile(`(?i)^(?:[-–—|(\[] ?)?(?:page|pagina|seite|blz\.?|bladzijde|p\.?)? ?(?:[0-9]{1,4}|[ivxl]{1,7})(?: ?(?:/|of|sur|van|von|de) ?[0-9]{1,4})?(?: ?[-–—|)\]])?$`)

func isPageNumber(s string) bool { return len(s) < 24 && pageNumber.MatchString(s) }

// runningKey identifies a line whatever figures are in it: each number is #.
func runningKey(s string) string {
	s = s[:min(len(s), 400)]
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		switch digit := s[i] >= '0' && s[i] <= '9'; {
		case !digit:
			b.WriteByte(s[i])
		case i == 0 || s[i-1] < '0' || s[i-1] > '9':
			b.WriteByte('#')
		}
	}
	return b.String()
}

// sameHeight is how much the height of a running line may differ from page to
// page, in points.
const sameHeight = 8

// A returning is a line that was seen, maybe with other figures in it.
type returning struct {
	pages, edge, last int
	top, first        float64 // where it stood last, and first
	page              int     // the first
	numbers           []int   // in its text on the first page
	still, moves      []bool  // which are the same everywhere, or count with the pages
	large             bool    // larger than the body of the text
}

// runningLines finds the lines that return, at the same height, on more than
// 30 % of the pages: on three at least, or on two if they are the first or
// last lines of pages. A figure in them is the same everywhere or counts with
// the pages; lines that differ otherwise ("Article 5", "Article 9") are lines
// of their own, however alike, and so are titles with a figure.
func runningLines(pages []pdfPage) map[string]bool {
	body := bodySize(pages, nil)
	all := map[string]*returning{}
	for n := range pages {
		lines := pages[n].lines
		for i := range lines {
			edge := i < 3 || i >= len(lines)-5
			if len(lines[i].text) < 4 || lines[i].row && !edge {
				continue
			}
			k := runningKey(lines[i].text)
			r := all[k]
			if r == nil {
				r = newReturning(&lines[i], n, body)
				all[k] = r
			}
			r.see(&lines[i], n, edge)
		}
	}
	out := map[string]bool{}
	for k, r := range all {
		often := r.pages*10 > len(pages)*3
		if often && (r.pages >= 3 || r.edge >= 2) && r.counts() {
			out[k] = true
		}
	}
	return out
}

func newReturning(l *pdfLine, page int, body float64) *returning {
	r := &returning{last: -1, top: l.top, first: l.top, page: page, numbers: numbersIn(l.text), large: l.size > body*1.12}
	r.still, r.moves = make([]bool, len(r.numbers)), make([]bool, len(r.numbers))
	for i := range r.numbers {
		r.still[i], r.moves[i] = true, true
	}
	return r
}

// see counts a line, once a page.
func (r *returning) see(l *pdfLine, page int, edge bool) {
	if r.last == page {
		return
	}
	far := min(math.Abs(r.top-l.top), math.Abs(r.first-l.top)) > sameHeight
	if r.top = l.top; far {
		return
	}
	for i, v := range numbersIn(l.text) {
		if i < len(r.numbers) {
			r.still[i] = r.still[i] && v == r.numbers[i]
			r.moves[i] = r.moves[i] && v-r.numbers[i] == page-r.page
		}
	}
	r.pages++
	r.last = page
	if edge {
		r.edge++
	}
}

// counts reports whether every figure stays the same or counts with the pages.
func (r *returning) counts() bool {
	for i := range r.numbers {
		if !r.still[i] && (!r.moves[i] || r.large) {
			return false
		}
	}
	return true
}

// numbersIn are the whole numbers in a text, as runningKey masks them.
func numbersIn(s string) []int {
	s = s[:min(len(s), 400)]
	var out []int
	for i := 0; i < len(s); {
		if s[i] < '0' || s[i] > '9' {
			i++
			continue
		}
		v := 0
		for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
			v = (v*10 + int(s[i]-'0')) % 1_000_000_007
		}
		out = append(out, v)
	}
	return out
}

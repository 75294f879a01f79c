package extract

import (
	"math"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/archive"
)

// A joiner makes paragraphs of lines.
type joiner struct {
	paras []para
	body  float64         // size of the body text
	whole map[string]bool // words with a hyphen of their own
	wide  float64         // where full lines end
	pitch []float64       // from line to line, by page; 0 where it is not known
	lang  string          // of the text, for its hyphens
}

// add takes the next line of the document.
func (j *joiner) add(l pdfLine, page int, role archive.Role) {
	marker, rest := listMarker(l.text)
	if p := j.current(role); p != nil && p.text == "" && !l.row && p.page == page { // its number stood alone
		p.text, p.size, p.last, p.lines = l.text, round(l.size), l, 1
		return
	}
	if role == archive.Main && !l.row && loneMark.MatchString(l.text) {
		j.paras = append(j.paras, para{size: round(l.size), last: l, page: page, lines: 1, role: role, marker: l.text})
		return
	}
	if p := j.current(role); p != nil && j.continues(p, &l, page, marker != "") {
		p.text = j.join(p.text, l.text)
		p.last, p.page = l, page
		p.lines++
		return
	}
	p := para{text: l.text, size: round(l.size), last: l, page: page, lines: 1, role: role, row: l.row}
	if l.row {
		marker = ""
	}
	if marker != "" && role == archive.Main {
		p.marker, p.text = marker, rest
	}
	j.paras = append(j.paras, p)
}

// current is the paragraph that a line of that role may continue: the latest,
// or the one before the running lines at the foot of a page.
func (j *joiner) current(role archive.Role) *para {
	for i := len(j.paras) - 1; i >= 0 && i >= len(j.paras)-8; i-- {
		if j.paras[i].role == role {
			return &j.paras[i]
		}
		if role == archive.Boilerplate {
			return nil
		}
	}
	return nil
}

// continues decides whether line l goes on with paragraph p.
func (j *joiner) continues(p *para, l *pdfLine, page int, marked bool) bool {
	if p.page < 0 || p.row || l.row || len(p.text) > maxParagraph || math.Abs(p.size-round(l.size)) > 0.12*max(p.size, 1) {
		return false
	}
	open := !endsSentence(p.text) || abbreviated.MatchString(p.text[max(0, len(p.text)-16):])
	r, _ := utf8.DecodeRuneInString(l.text)
	if marked && (!open || j.isShort(&p.last) || p.marker != "" && startsItem(p.marker, l.text)) {
		return false
	}
	if mark, rest, _ := article(l.text); mark != "" && (!open || j.isShort(&p.last)) && !cited.MatchString(strings.TrimPrefix(l.text, mark)) && !cited.MatchString(rest) {
		return false
	}
	if !open && isCapitals(l.text) && !isCapitals(p.text) { // "HAVE ADOPTED THIS REGULATION:"
		return false
	}
	hyphen := strings.HasSuffix(p.text, "-") && unicode.IsLower(r)
	if page != p.page || l.top < p.last.top-l.size { // next page or next column
		return p.role == archive.Main && open && (unicode.IsLower(r) || hyphen) && p.size <= j.body*1.12
	}
	if gap := l.top - p.last.top; l.size > 0 && gap > j.leading(page, max(l.size, p.last.size)) {
		return hyphen
	}
	if p.role == archive.Boilerplate {
		return true
	}
	if l.size > 0 && j.isShort(&p.last) {
		return open && unicode.IsLower(r) || p.size > j.body*1.12
	}
	return true
}

var (
	// abbreviated matches abbreviations behind which a sentence goes on.
	abbreviated = regexp.MustCompile(`(?:^|[ (])(?i:s|p|pp|nr|nrs|no|nos|n°|art|artt|abs|lit|vgl|ca|bzw|cf|blz|al|par|st|v|vs|[a-z])\.$`)
	// cited matches what follows the number of an article that is only spoken of.
	cited = regexp.MustCompile(`^ ?(?i:abs\.|absatz|absätze|satz|sätze|nr\.|nummer|buchst|al\.|alinéa|par\.|paragraphe|lid|leden|eerste|tweede|derde|vierde|de la|du|des|der|van|of|und|et|en|and)\b`)
)

// startsItem reports whether a line that begins like an item is one, behind an
// open item: a bullet, the first of its kind, or the next in the count. "27."
// behind an item "(2)" is a figure in its text.
func startsItem(before, line string) bool {
	marker, _ := listMarker(line)
	n, shape := ordinalOf(marker)
	m, other := ordinalOf(before)
	return n <= 1 || shape == other && n == m+1
}

// ordinalOf is the number of a marker, and what is around it; 0 for a bullet.
func ordinalOf(marker string) (n int, shape string) {
	at := strings.IndexFunc(marker, func(r rune) bool { return r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) })
	if at < 0 {
		return 0, marker
	}
	end := strings.LastIndexFunc(marker, func(r rune) bool { return r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }) + 1
	core := marker[at:end]
	if i := strings.LastIndexByte(core, '.'); i >= 0 { // 3.2.1
		return number(core[i+1:]), marker[:at] + core[:i] + marker[end:]
	}
	if c := core[0]; c >= '0' && c <= '9' {
		return number(core), marker[:at] + "1" + marker[end:]
	}
	if lower := strings.ToLower(core); strings.Trim(lower, "ivx") == "" && (len(core) > 1 || lower == "i") {
		return romanValue(lower), marker[:at] + "i" + marker[end:]
	}
	return int(core[len(core)-1]|0x20) - 'a' + 1, marker[:at] + "a" + marker[end:]
}

// romanValue reads a small Roman number.
func romanValue(s string) int {
	worth := map[byte]int{'i': 1, 'v': 5, 'x': 10}
	n := 0
	for i := range len(s) {
		v := worth[s[i]]
		if i+1 < len(s) && worth[s[i+1]] > v {
			v = -v
		}
		n += v
	}
	return n
}

// leading is how far apart the lines of a paragraph are at most: a quarter
// more than the lines of the page are, but for titles.
func (j *joiner) leading(page int, size float64) float64 {
	if page < len(j.pitch) && j.pitch[page] > 0.8*size && size <= j.body*1.12 {
		return min(1.25*j.pitch[page], 3.2*size)
	}
	return 1.75 * size
}

// linePitch finds how far apart the lines of a page's body are: the smallest
// distance that an eighth of them have, since a law may be paragraphs of one
// line, or that a full line has to the one on which its sentence goes on. It is
// 0 where too few lines tell it.
func (j *joiner) linePitch(lines []pdfLine) float64 {
	count, all := map[float64]int{}, 0
	best := 0.0
	for i := 1; i < len(lines); i++ {
		a, b := &lines[i-1], &lines[i]
		gap := b.top - a.top
		if a.row || b.row || gap <= 0.8*b.size || gap >= 4*b.size || round(a.size) != round(b.size) || math.Abs(round(a.size)-j.body) > 0.5 {
			continue
		}
		count[round(gap)]++
		all++
		if gap = round(gap); j.isFull(a) && !endsSentence(a.text) && (best == 0 || gap < best) {
			best = gap
		}
	}
	if all >= 8 {
		for gap, n := range count {
			if near := n + count[gap+0.5]; near*8 >= all && near >= 3 && (best == 0 || gap < best) {
				best = gap
			}
		}
	}
	if best == 0 {
		return 0
	}
	return best + 0.5
}

// loneMark matches the number of a paragraph that stands in a line by itself.
var loneMark = regexp.MustCompile(`^(?:[•●▪■◦‣○·►]|[0-9]{1,3}(?:\.[0-9]{1,2}){0,3}[.)°]|\([0-9a-zA-Z]{1,4}\)|[a-zA-Z][.)]|[ivxIVX]{1,5}[.)])$`)

// isShort reports whether a line ends well before the edge, as the last line
// of a paragraph does.
func (j *joiner) isShort(l *pdfLine) bool {
	edge := j.edge(l)
	return edge > 0 && l.right < l.left+(edge-l.left)*0.72
}

// isFull reports whether a line goes on to the edge.
func (j *joiner) isFull(l *pdfLine) bool {
	edge := j.edge(l)
	return edge > 0 && l.right >= l.left+(edge-l.left)*0.93
}

// edge is where the full lines of a line's column, or page, end.
func (j *joiner) edge(l *pdfLine) float64 {
	if l.edge > 0 {
		return l.edge
	}
	return j.wide
}

// endsSentence reports whether a text ends as a sentence or point does.
func endsSentence(s string) bool {
	s = strings.TrimRight(s, "”’»\")]¹²³⁴⁵⁶⁷⁸⁹⁰0123456789")
	if s == "" {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune(".;:!?…", r)
}

var markers = regexp.MustCompile(`^([•●▪■◦‣○·►–—\-*\x{F0B7}\x{F0A7}]|[0-9]{1,3}(?:\.[0-9]{1,2}){0,3}[.)]|[0-9]{1,2}(?:\.[0-9]{1,2}){1,3}|[0-9]{1,3}°(?:/[0-9]{1,2}| ?(?:bis|ter|quater))?\.?|\(?[a-zA-Z]\)|[a-z]\.|\((?:[0-9]{1,2}|[ivx]{1,5})\)|[IVX]{1,5}\.|[ivx]{1,5}\)) (\S.*)$`)

// listMarker splits the marker of a list item or numbered paragraph off a line.
func listMarker(line string) (marker, rest string) {
	m := markers.FindStringSubmatch(line)
	if m == nil {
		return "", line
	}
	if word, _, _ := strings.Cut(m[2], " "); months[unaccent.Replace(strings.ToLower(word))] > 0 && m[1][0] >= '0' && m[1][0] <= '9' {
		return "", line // "1. Januar" is a day
	}
	if len(m[1]) == 2 && m[1][1] == '.' && m[1][0] >= 'a' && len(m[2]) > 1 && m[2][1] == '.' {
		return "", line // "d. R." is an abbreviation
	}
	if r, _ := utf8.DecodeRuneInString(m[1]); r >= 0xF000 && r <= 0xF0FF || strings.ContainsRune("●▪■◦‣○·►*", r) {
		return "•", m[2]
	}
	return m[1], m[2]
}

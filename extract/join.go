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
}

// add takes the next line of the document.
func (j *joiner) add(l pdfLine, page int, role archive.Role) {
	marker, rest := listMarker(l.text)
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
	open := !endsSentence(p.text)
	r, _ := utf8.DecodeRuneInString(l.text)
	if marked && (!open || p.marker != "" || j.isShort(&p.last)) {
		return false
	}
	if mark, _, _ := article(l.text); mark != "" && (!open || j.isShort(&p.last)) {
		return false
	}
	hyphen := strings.HasSuffix(p.text, "-") && unicode.IsLower(r)
	if page != p.page || l.top < p.last.top-l.size { // next page or next column
		return p.role == archive.Main && open && (unicode.IsLower(r) || hyphen) && p.size <= j.body*1.12
	}
	if gap := l.top - p.last.top; l.size > 0 && gap > 1.75*max(l.size, p.last.size) {
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

// isShort reports whether a line ends well before the edge, as the last line
// of a paragraph does.
func (j *joiner) isShort(l *pdfLine) bool {
	edge := j.wide
	if l.edge > 0 {
		edge = l.edge
	}
	return edge > 0 && l.right < l.left+(edge-l.left)*0.72
}

// join appends a line to a text, undoing hyphenation.
func (j *joiner) join(text, line string) string {
	base, hyphen := strings.CutSuffix(text, "-")
	if !hyphen {
		base, hyphen = strings.CutSuffix(text, "\u2010")
	}
	first, _ := utf8.DecodeRuneInString(line)
	before, _ := utf8.DecodeLastRuneInString(base)
	if !hyphen || !unicode.IsLower(first) || !unicode.IsLetter(before) {
		if hyphen && unicode.IsLetter(first) && unicode.IsLetter(before) {
			return text + line // "EU-" + "Richtlinie"
		}
		return text + " " + line
	}
	end := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsLetter(r) })
	if end < 0 {
		end = len(line)
	}
	head := base[strings.LastIndexFunc(base, func(r rune) bool { return !unicode.IsLetter(r) })+1:]
	if j.whole[strings.ToLower(head+"-"+line[:end])] {
		return base + "-" + line
	}
	return base + line
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

var markers = regexp.MustCompile(`^([•●▪■◦‣○·►–—\-*\x{F0B7}\x{F0A7}]|[0-9]{1,3}(?:\.[0-9]{1,2}){0,3}[.)]|[0-9]{1,2}(?:\.[0-9]{1,2}){1,3}|[0-9]{1,2}°|\(?[a-zA-Z]\)|\((?:[0-9]{1,2}|[ivx]{1,5})\)|[IVX]{1,5}\.|[ivx]{1,5}\)) (\S.*)$`)

// listMarker splits the marker of a list item or numbered paragraph off a line.
func listMarker(line string) (marker, rest string) {
	m := markers.FindStringSubmatch(line)
	if m == nil {
		return "", line
	}
	if r, _ := utf8.DecodeRuneInString(m[1]); r >= 0xF000 && r <= 0xF0FF || strings.ContainsRune("●▪■◦‣○·►*", r) {
		return "•", m[2]
	}
	return m[1], m[2]
}

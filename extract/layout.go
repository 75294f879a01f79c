package extract

import (
	"iter"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/archive"
)

// A para is a paragraph under way: lines joined across pages.
type para struct {
	text    string
	size    float64
	last    pdfLine // its last line
	page    int     // of its last line; -1 for a paragraph that takes no more
	lines   int
	role    archive.Role
	marker  string
	heading int // level, 0 for none
	row     bool
}

// layOut turns the lines of a PDF into blocks: running lines become chrome,
// said once; lines become paragraphs, headings, list items and rows; footnotes
// are told apart.
func layOut(pages []pdfPage) ([]archive.Block, []note) {
	running := runningLines(pages)
	body := bodySize(pages, running)
	notes := takeNotes(pages, running, body)
	j := joiner{body: body, whole: wholeWords(linesOf(pages)), lang: languageOf(linesOf(pages)), wide: rightEdge(pages)}
	said := map[string]bool{}
	numbered := false
	for n := range pages {
		lines := pages[n].lines
		j.pitch = append(j.pitch, j.linePitch(lines))
		for i := range lines {
			switch l := &lines[i]; {
			case isPageNumber(l.text) && (i < 2 || i >= len(lines)-2):
				if !numbered {
					j.paras = append(j.paras, para{text: l.text, page: -1, lines: 1, role: archive.Boilerplate})
				}
				numbered = true
			case running[runningKey(l.text)]:
				if k := runningKey(l.text); !said[k] {
					said[k] = true
					j.add(*l, n, archive.Boilerplate)
				}
			default:
				j.add(*l, n, archive.Main)
			}
		}
	}
	paras := dropRepeated(j.paras, len(pages))
	setHeadings(paras, body)
	blocks := make([]archive.Block, 0, len(paras))
	for i := range paras {
		blocks = append(blocks, paras[i].block())
	}
	setPaths(blocks)
	return blocks, placeNotes(notes, paras)
}

func (p *para) block() archive.Block {
	b := archive.Block{Kind: archive.Paragraph, Role: p.role, Text: p.text, Marker: p.marker}
	switch {
	case p.text == "":
		b.Text, b.Marker = p.marker, ""
	case p.row:
		b.Kind = archive.Row
	case p.heading > 0:
		b.Kind, b.Level = archive.Heading, p.heading
		if p.marker != "" {
			b.Text, b.Marker = p.marker+" "+p.text, ""
		}
	case p.marker != "":
		b.Kind, b.Level = archive.Item, 1
	}
	return b
}

// dropRepeated finds whole paragraphs that return, which lines alone did not
// show because they were broken otherwise: they become chrome, said once. A
// short one, which may be the title of many chapters, must return on most pages.
func dropRepeated(paras []para, pages int) []para {
	count := map[string]int{}
	for i := range paras {
		count[paras[i].text]++
	}
	out := paras[:0]
	said := map[string]bool{}
	for _, p := range paras {
		n := count[p.text]
		long := len(p.text) >= 60 && n >= 2 && n*10 > pages*3
		short := len(p.text) >= 12 && n >= 4 && n*2 > pages && pages > 1
		if long || short {
			if said[p.text] {
				continue
			}
			said[p.text] = true
			p.role = archive.Boilerplate
		}
		out = append(out, p)
	}
	return out
}

// bodySize is the size in which most of the text is set, running lines apart.
func bodySize(pages []pdfPage, running map[string]bool) float64 {
	count := map[float64]int{}
	for n := range pages {
		for i := range pages[n].lines {
			l := &pages[n].lines[i]
			if running[runningKey(l.text)] {
				continue
			}
			count[round(l.size)] += len(l.text)
		}
	}
	best, most := 0.0, 0
	for size, n := range count {
		if n > most || n == most && size < best {
			best, most = size, n
		}
	}
	return best
}

// rightEdge is where full lines end: the 90th percentile.
func rightEdge(pages []pdfPage) float64 {
	var rights []float64
	for n := range pages {
		for i := range pages[n].lines {
			rights = append(rights, pages[n].lines[i].right)
		}
	}
	if len(rights) == 0 {
		return 0
	}
	slices.Sort(rights)
	return rights[len(rights)*9/10]
}

var hyphenWord = regexp.MustCompile(`\pL+-\pL+`)

// linesOf are the texts of all lines.
func linesOf(pages []pdfPage) iter.Seq[string] {
	return func(yield func(string) bool) {
		for n := range pages {
			for i := range pages[n].lines {
				if !yield(pages[n].lines[i].text) {
					return
				}
			}
		}
	}
}

// wholeWords collects the words that a document writes with a hyphen inside a
// line, so that "third-" + "country" keeps its hyphen and "deci-" + "sion" not.
func wholeWords(lines iter.Seq[string]) map[string]bool {
	out := map[string]bool{}
	for line := range lines {
		if strings.Contains(line, "-") {
			for _, w := range hyphenWord.FindAllString(line, -1) {
				out[strings.ToLower(w)] = true
			}
		}
	}
	return out
}

// setHeadings finds headings by size: larger than the body by a tenth, and
// short. Lines in capitals and numbered titles that stand alone are taken too,
// and where no sizes differ, short lines above long paragraphs.
func setHeadings(paras []para, body float64) {
	var sizes []float64
	for i := range paras {
		p := &paras[i]
		if p.role == archive.Main && p.size > body*1.12 && p.size > 0 && utf8.RuneCountInString(p.text) <= 250 {
			sizes = append(sizes, p.size)
		}
	}
	slices.Sort(sizes)
	slices.Reverse(sizes)
	sizes = slices.Compact(sizes)
	for i := range paras {
		p := &paras[i]
		if p.role != archive.Main {
			continue
		}
		if at := slices.Index(sizes, p.size); at >= 0 && utf8.RuneCountInString(p.text) <= 250 && hasLetters(p.text, 2) {
			p.heading = min(at+1, 5)
			continue
		}
		alone := i+1 < len(paras) && p.lines == 1 && paras[i+1].role == archive.Main
		if alone && len(sizes) == 0 && isCaption(p.text) && len(paras[i+1].text) >= 150 {
			p.heading = 2
			continue
		}
		if alone && (isCapitals(p.text) || p.marker != "" && isTitle(p) && paras[i+1].marker == "" && (i == 0 || paras[i-1].marker == "" || paras[i-1].heading > 0)) {
			p.heading = min(len(sizes)+1, 6)
		}
	}
}

// isTitle reports whether a numbered line looks like the title of a section
// rather than a point: short, begins with a capital, no end of sentence.
func isTitle(p *para) bool {
	r, _ := utf8.DecodeRuneInString(p.text)
	first := p.marker[0]
	return (first >= '0' && first <= '9' || first == 'I' || first == 'V' || first == 'X') && unicode.IsUpper(r) && len(p.text) <= 90 && !endsSentence(p.text) && !strings.HasSuffix(p.text, ",")
}

// isCaption reports whether a line looks like the title above a passage.
func isCaption(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return len(s) <= 60 && unicode.IsUpper(r) && !endsSentence(s) && !strings.HasSuffix(s, ",") && hasLetters(s, 4)
}

func isCapitals(s string) bool {
	if len(s) > 90 || strings.HasSuffix(s, ".") || !hasLetters(s, 4) {
		return false
	}
	for _, r := range s {
		if unicode.IsLower(r) {
			return false
		}
	}
	return true
}

func hasLetters(s string, n int) bool {
	for _, r := range s {
		if unicode.IsLetter(r) {
			if n--; n == 0 {
				return true
			}
		}
	}
	return false
}

// round makes sizes comparable.
func round(v float64) float64 { return math.Round(v*2) / 2 }

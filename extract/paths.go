package extract

import (
	"strings"
	"unicode/utf8"

	"veille/archive"
)

// maxPathText bounds one element of a path, in bytes.
const maxPathText = 200

// A head is a heading that blocks stand under.
type head struct {
	text  string
	level int
	rank  rank // of the division or article that it names
	sub   bool // the title of the division right above
}

// paths follows the headings, articles and points of one role and gives blocks
// their path.
type paths struct {
	heads   []head
	article string
	section string   // the "§" of an article
	points  []string // the marks of the paragraph and points under way, the outer first
	kinds   []pointKind
	fresh   bool   // the last block was a heading
	recital string // what recitals are called, while they are read
}

// setPaths gives every block the headings, articles, paragraphs and points it
// stands under. Text and chrome are followed apart, so that no menu title gets
// above a law. It also turns paragraphs that begin an article or a point into
// blocks of that kind, or, if they are nothing but the number and name of an
// article or division, into headings.
//
// A heading's own text is not in its path; the number of an article, paragraph
// or point is, so that each has an anchor, see [Anchor].
func setPaths(blocks []archive.Block) { setLabelledPaths(blocks, nil) }

// setLabelledPaths is setPaths for blocks of which some, by their index, begin
// with a number in an element of its own. It is their marker until then.
func setLabelledPaths(blocks []archive.Block, labels map[int]label) {
	raiseAnnotations(blocks)
	var main, frame paths
	for i := range blocks {
		p := &main
		if blocks[i].Role == archive.Boilerplate {
			p = &frame
		}
		if l, ok := labels[i]; ok && p.number(&blocks[i], l) {
			p.fresh = false
			continue
		}
		if p.inMargin(blocks, i) {
			path := p.path()
			blocks[i].Path = path[:len(path)-len(p.points)]
			continue
		}
		p.place(&blocks[i])
		p.fresh = blocks[i].Kind == archive.Heading
	}
}

func (p *paths) place(b *archive.Block) {
	if b.Kind == archive.Heading {
		p.heading(b)
		return
	}
	if b.Role != archive.Main {
		b.Path = p.path()
		return
	}
	if b.Kind == archive.Paragraph && amendmentNote.MatchString(b.Text) {
		p.note(b)
		return
	}
	if b.Kind == archive.Paragraph || b.Kind == archive.Item && b.Marker == "•" {
		if p.counts() {
			b.Text = numberFirst(b.Text)
		}
		if mark, rest, lone := article(b.Text); mark != "" {
			p.mark(b, mark, rest, lone)
			return
		}
	}
	if b.Kind == archive.Paragraph {
		if loneDivision(b.Text) {
			r, _, _, _ := divisionOf(b.Text)
			b.Kind, b.Level, b.Marker = archive.Heading, min(int(r)+1, 6), ""
			p.heading(b)
			return
		}
		p.begins(b)
	}
	p.point(b)
}

// heading places a heading. Those that name a division of a law nest by what
// they name, whatever their level: many a site gives chapters and sections the
// same. Others nest by their level, but stay under the division they give a
// title to.
func (p *paths) heading(b *archive.Block) {
	r, _, _, _ := divisionOf(b.Text)
	if mark, _, _ := article(b.Text); mark != "" {
		r = rankArticle
		if isSection(mark) && p.inArticle() { // the "§" of an article, as a heading
			r = rankArticle + 1
		}
	} else if bareNumber.MatchString(b.Text) && b.Level >= 3 { // a section of an act that numbers without a word
		r = rankArticle
	}
	sub := false
	if r != noRank {
		p.popRank(r, b.Level)
	} else {
		sub = p.fresh && len(p.heads) > 0 && p.heads[len(p.heads)-1].rank != noRank && p.heads[len(p.heads)-1].level <= b.Level
		if !sub {
			p.popLevel(b.Level)
		}
	}
	p.article, p.section, p.points, p.kinds, p.recital = "", "", nil, nil, ""
	b.Path = p.path()
	p.heads = append(p.heads, head{shorten(b.Text), b.Level, r, sub})
}

// popRank closes what a division of that rank ends.
func (p *paths) popRank(r rank, level int) {
	for i := range p.heads {
		if p.heads[i].rank >= r {
			p.heads = p.heads[:i]
			break
		}
	}
	for n := len(p.heads); n > 0; n-- {
		if h := &p.heads[n-1]; h.rank != noRank || h.sub || h.level < level || n == 1 && h.level == 1 {
			return
		}
		p.heads = p.heads[:n-1]
	}
}

func (p *paths) popLevel(level int) {
	for n := len(p.heads); n > 0 && p.heads[n-1].level >= level; n-- {
		p.heads = p.heads[:n-1]
	}
}

// mark places a block that begins an article, or a section of one.
func (p *paths) mark(b *archive.Block, mark, rest string, lone bool) {
	name := strings.TrimRight(mark, ".:")
	p.points, p.kinds, p.recital = nil, nil, ""
	if isSection(mark) && p.inArticle() {
		p.section = name
	} else if p.article, p.section = name, ""; lone {
		p.article = ""
		b.Kind, b.Level, b.Marker = archive.Heading, 6, ""
		p.heading(b)
		return
	} else {
		p.leaveArticle()
	}
	if lone {
		b.Path = p.path()
		return
	}
	rest = numberFirst(rest)
	if !isSection(mark) && strings.HasPrefix(rest, "§") { // "Art. 7. § 1er. …"
		if sub, more, alone := article(rest); sub != "" && !alone {
			p.section = strings.TrimRight(sub, ".:")
			mark, rest = mark+" "+sub, more
		}
	}
	b.Path = p.path()
	b.Kind, b.Marker, b.Text, b.Level = archive.Article, mark, rest, 0
	if number, _ := point(rest); number != "" { // "Art. 5. (1) …", "Art. 3. 1. …"
		p.push(number)
		b.Path = p.path()
	}
}

// note places a note on an amendment: under its article, apart from the
// wording, an item with the number that the annotation bears.
func (p *paths) note(b *archive.Block) {
	p.points, p.kinds, p.section = nil, nil, ""
	end := strings.IndexByte(b.Text, ')')
	b.Kind, b.Level, b.Marker, b.Text = archive.Item, 1, b.Text[:end+1], strings.TrimLeft(b.Text[end+1:], " ")
	b.Path = p.path()
}

// leaveArticle closes a heading that was an article, when another begins in
// the text.
func (p *paths) leaveArticle() {
	for i := range p.heads {
		if p.heads[i].rank >= rankArticle {
			p.heads = p.heads[:i]
			return
		}
	}
}

// inArticle reports whether the place is under an article that is not a "§".
func (p *paths) inArticle() bool {
	if p.article != "" {
		return !isSection(p.article)
	}
	for i := len(p.heads) - 1; i >= 0; i-- {
		if p.heads[i].rank == rankArticle {
			return !isSection(p.heads[i].text)
		}
	}
	return false
}

// counts reports whether numbers are those of paragraphs and points: under an
// article of any kind, and in an annex.
func (p *paths) counts() bool {
	if p.article != "" {
		return true
	}
	for i := range p.heads {
		if r := p.heads[i].rank; r >= rankArticle || r == rankAnnex {
			return true
		}
	}
	return false
}

// begins notes the line before the recitals.
func (p *paths) begins(b *archive.Block) {
	if len(b.Text) > 60 || !whereas.MatchString(b.Text) {
		return
	}
	switch c := b.Text[0] | 0x20; {
	case c == 'w':
		p.recital = "Recital"
	case c == 'c':
		p.recital = "Considérant"
	case c == 'o':
		p.recital = "Overweging"
	default:
		p.recital = "Erwägungsgrund"
	}
}

// point places a paragraph, point, row or quote. Inside an article or annex a paragraph
// that begins with a number becomes an item that bears it.
func (p *paths) point(b *archive.Block) {
	if p.recital != "" && (b.Kind == archive.Paragraph || b.Kind == archive.Item) {
		mark, rest := b.Marker, b.Text
		if b.Kind == archive.Paragraph || mark == "•" {
			mark, rest = point(b.Text)
		}
		if kindOfPoint(mark, "") == parenFigure || kindOfPoint(mark, "") == dotFigure {
			p.points, p.kinds = nil, nil
			b.Kind, b.Level, b.Marker, b.Text = archive.Item, max(b.Level, 1), mark, rest
			b.Path = append(p.path(), p.recital+" "+strings.Trim(mark, "()."))
			return
		}
	}
	if !p.counts() {
		b.Path = p.path()
		return
	}
	switch b.Kind {
	case archive.Paragraph:
		if mark, rest := point(b.Text); mark != "" {
			p.push(mark)
			b.Kind, b.Level, b.Marker, b.Text = archive.Item, max(1, len(p.points)), mark, rest
		} else if len(p.points) > 0 { // after the points goes on what they are points of
			p.pop()
		}
	case archive.Item:
		if b.Marker == "•" || b.Marker == "" { // the list is only how it looks
			if mark, rest := point(b.Text); mark != "" && kindOfPoint(mark, "") != noPoint {
				b.Marker, b.Text = mark, rest
			}
		}
		if b.Marker != "" && b.Marker != "•" && kindOfPoint(b.Marker, "") != noPoint {
			p.push(b.Marker)
		}
	}
	b.Path = p.path()
}

// push enters a point: on the level of the last one of its kind, or one below.
func (p *paths) push(mark string) {
	before := ""
	if n := len(p.points); n > 0 {
		before = p.points[n-1]
	}
	kind := kindOfPoint(mark, before)
	for i := len(p.kinds) - 1; i >= 0; i-- {
		if k := kindOfPoint(mark, p.points[i]); k == p.kinds[i] {
			p.points, p.kinds = append(p.points[:i:i], mark), append(p.kinds[:i:i], k)
			return
		}
	}
	if kind == noPoint || len(p.points) >= 6 {
		return
	}
	p.points, p.kinds = append(p.points[:len(p.points):len(p.points)], mark), append(p.kinds, kind)
}

// pop leaves the points for the numbered paragraph they stand in, if there is one.
func (p *paths) pop() {
	n := 0
	if len(p.kinds) > 0 && (p.kinds[0] == parenFigure || p.kinds[0] == halfFigure || p.kinds[0] == dotFigure && len(p.kinds) > 1) {
		n = 1
	}
	p.points, p.kinds = p.points[:n:n], p.kinds[:n]
}

func (p *paths) path() []string {
	n := len(p.heads) + len(p.points)
	if n == 0 && p.article == "" && p.section == "" {
		return nil
	}
	out := make([]string, 0, n+3)
	for i := range p.heads {
		out = append(out, p.heads[i].text)
	}
	if p.article != "" {
		out = append(out, p.article)
	}
	if p.section != "" {
		out = append(out, p.section)
	}
	return append(out, p.points...)
}

// shorten cuts a text at a word for use in a path.
func shorten(s string) string {
	if len(s) <= maxPathText {
		return s
	}
	cut := strings.LastIndexByte(s[:maxPathText], ' ')
	if cut < maxPathText/2 {
		cut = maxPathText
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
	}
	return s[:cut] + "…"
}

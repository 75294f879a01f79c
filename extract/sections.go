package extract

import (
	"strings"

	"veille/archive"
)

// The part of paths that knows provisions numbered without a word.

// number places a block that begins with a number in an element of its own: a
// section, or inside an article a paragraph. It reports false for a block that
// is neither, which gets its text back.
func (p *paths) number(b *archive.Block, l label) bool {
	name := strings.TrimRight(l.text, ".")
	switch {
	case b.Role != archive.Main:
	case p.inArticle() && !p.inNumbered(): // "Artikel 5", and in it "1"
		p.push(name)
		b.Kind, b.Level = archive.Item, max(1, len(p.points))
		b.Path = p.path()
		return true
	case l.named:
		p.points, p.kinds, p.recital, p.section = nil, nil, "", ""
		p.article = name
		p.leaveArticle()
		rest := strings.TrimLeft(b.Text, "—–- ")
		b.Kind, b.Level = archive.Article, 0
		if mark, _ := point(rest); mark != "" { // "1.—(1) These Rules …"
			b.Text = rest
			p.push(mark)
		}
		b.Path = p.path()
		return true
	}
	b.Text, b.Marker = b.Marker+" "+b.Text, ""
	return false
}

// inNumbered reports whether the article that the place is in bears a number
// without a word.
func (p *paths) inNumbered() bool {
	if p.article != "" {
		return bareNumber.MatchString(p.article)
	}
	for i := len(p.heads) - 1; i >= 0; i-- {
		if p.heads[i].rank == rankArticle {
			return bareNumber.MatchString(p.heads[i].text)
		}
	}
	return false
}

// inMargin reports whether block i is a title in the margin: a heading between
// two paragraphs of one section that is numbered without a word.
func (p *paths) inMargin(blocks []archive.Block, i int) bool {
	if blocks[i].Kind != archive.Heading || len(p.points) == 0 || !p.inNumbered() {
		return false
	}
	for j := i + 1; j < len(blocks) && j <= i+2; j++ {
		b := &blocks[j]
		if b.Role != archive.Main {
			continue
		}
		mark, _ := point(b.Text)
		return b.Kind != archive.Heading && mark != "" && kindOfPoint(mark, p.points[0]) == p.kinds[0] && mark != "(1)"
	}
	return false
}

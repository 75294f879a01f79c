package extract

import (
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"veille/archive"
)

// Numbers of provisions that stand in an element of their own.
//
// English-language law, and Dutch and Swiss paragraphs, are numbered without a
// word: "11" before a section, "1" before a paragraph. On a page the number
// stands in an element of its own at the beginning of its block, and that is
// what tells it from a figure. It names a section if the element, or the block,
// is called by a word for one and the page is a law by more than that name; it
// names a paragraph inside an article that is numbered with its word.

// A label is the number that a block begins with.
type label struct {
	text  string
	named bool // it is called the number of a section
}

// Bounds of the look at labels.
const (
	maxLabel     = 16 // bytes
	maxLabelLook = 48 // nodes before it in its block
)

var (
	// bareLabel matches the number of a section or paragraph, "3", "2A", "11.1",
	// "3ZA.", and those of several that are gone: "204 and 205".
	bareLabel = regexp.MustCompile(`^[0-9]{1,3}[A-Z]{0,3}(?:\.[0-9]{1,4}){0,2}\.?(?: (?:and|to|et|à|[-–]) [0-9]{1,3}[A-Z]{0,3}(?:\.[0-9]{1,3})?)?$`)
	// partLabel matches that of what is part of one: "(1)", "(a)", "(1.01)", "(iv)".
	partLabel = regexp.MustCompile(`^\([0-9a-zA-Z]{1,5}(?:\.[0-9]{1,2})?\)$`)
	// sectionNames are found in classes and ids of what numbers a section.
	sectionNames = regexp.MustCompile(`(?i)(?:^|[^a-z])(?:section|sect?|article|artikel|provision|clause|regulation|reg|rule)(?:$|[^a-z])|sectionlabel|sectionno|articleno|artnr|legs?p1no`)
	// noteNames are those of margins, in which law puts the titles of sections.
	noteNames = regexp.MustCompile(`(?i)margin(?:al)?[-_ ]?note|side[-_ ]?note`)
	// lawTitle matches what an act calls itself.
	lawTitle = regexp.MustCompile(`(?i)\b(?:act|acts|regulations?|rules|order|code|ordinance|bill|statute|loi|lois|décret|arrêté|ordonnance|règlement|wet|besluit|decreet|verordening|gesetz|verordnung)\b`)
)

// labels finds the numbers of provisions on a page, by their nodes; nil if it
// is no law.
func (p *page) labels() map[int32]label {
	found := map[int32]label{}
	parts, marks := 0, 0
	for i := range p.nodes {
		n := &p.nodes[i]
		if n.n.Type != html.ElementNode || n.text == 0 || n.text > maxLabel || n.end-int32(i) > 8 {
			continue
		}
		text := p.textOf(int32(i))
		if mark, _, _ := article(text); mark != "" {
			marks++
			continue
		}
		bare := bareLabel.MatchString(text)
		if !bare && !partLabel.MatchString(text) || !p.begins(int32(i)) {
			continue
		}
		if !bare {
			parts++
			continue
		}
		found[int32(i)] = label{text, p.namesSection(int32(i))}
	}
	if len(found) == 0 || parts == 0 && marks < 3 && !p.isTitledLaw() {
		return nil
	}
	return found
}

// begins reports whether an element stands at the beginning of its block.
func (p *page) begins(i int32) bool {
	if headingLevel(p.nodes[i].n.DataAtom) > 0 {
		return false
	}
	for j := i - 1; j >= 0 && j > i-maxLabelLook; j-- {
		n := &p.nodes[j]
		switch {
		case n.n.Type != html.TextNode:
			if n.end > i && !isInline(n.n.DataAtom) {
				return true // its block, which holds nothing before it
			}
		case strings.Trim(n.n.Data, " \t\r\n*†") != "": // a mark of a note is no text
			return p.apart(j, i)
		}
	}
	return false
}

// apart reports whether a text lies in a block that ends before node i.
func (p *page) apart(text, i int32) bool {
	for up := p.nodes[text].parent; up >= 0 && p.nodes[up].end <= i; up = p.nodes[up].parent {
		if !isInline(p.nodes[up].n.DataAtom) {
			return true
		}
	}
	return false
}

// namesSection reports whether an element, one in it or around it, up to the
// block, is called the number of a section.
func (p *page) namesSection(i int32) bool {
	for j := i; j < p.nodes[i].end; j++ {
		if n := p.nodes[j].n; n.Type == html.ElementNode && sectionNames.MatchString(attr(n, "class")+" "+attr(n, "id")) {
			return true
		}
	}
	for up, most := p.nodes[i].parent, 16; up >= 0 && most > 0; up, most = p.nodes[up].parent, most-1 {
		n := p.nodes[up].n
		if n.DataAtom == atom.Main || n.DataAtom == atom.Body || n.DataAtom == atom.Section || n.DataAtom == atom.Article {
			return false
		}
		if sectionNames.MatchString(attr(n, "class")) {
			return true
		}
		if !isInline(n.DataAtom) {
			return false
		}
	}
	return false
}

// isTitledLaw reports whether the first main heading of a page, or its title,
// is that of an act.
func (p *page) isTitledLaw() bool {
	for _, n := range p.heads {
		if n.DataAtom == atom.Title && n.FirstChild != nil && lawTitle.MatchString(n.FirstChild.Data) {
			return true
		}
	}
	for i := range p.nodes {
		if p.nodes[i].n.DataAtom == atom.H1 {
			return lawTitle.MatchString(p.textOf(int32(i)))
		}
	}
	return false
}

// isMarginal reports whether an element is a title in the margin.
func isMarginal(n *html.Node) bool {
	return (n.DataAtom == atom.P || n.DataAtom == atom.Div) && noteNames.MatchString(attr(n, "class"))
}

// startLabel notes the label that a node is.
func (b *builder) startLabel(i int32) {
	l, ok := b.p.numbers[i]
	if !ok || b.row != 0 || len(bytes.Trim(b.text.b, " *†")) != 0 {
		return
	}
	b.loneLabel()
	if b.label.text == "" {
		b.label = l
	}
}

// loneLabel tells a label that stood alone and that nothing followed.
func (b *builder) loneLabel() {
	if !b.alone {
		return
	}
	text := b.label.text
	b.label, b.alone = label{}, false
	b.out = append(b.out, archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: text})
}

// isLabelBefore reports whether an element follows a label or the name of a
// division right away, with nothing between: styles keep the two apart.
func isLabelBefore(n *html.Node) bool {
	prev := n.PrevSibling
	if prev == nil || prev.Type != html.ElementNode || attr(prev, "class") == "" || !isInline(prev.DataAtom) {
		return false
	}
	text := ""
	for d := range prev.Descendants() {
		if d.Type == html.TextNode {
			if text += d.Data; len(text) > 40 {
				return false
			}
		}
	}
	text = clean(text)
	if bareLabel.MatchString(text) || partLabel.MatchString(text) || typedMarker.MatchString(text) || strings.HasSuffix(text, ":") {
		return true
	}
	r, _, _, rest := divisionOf(text)
	return r != noRank && rest == ""
}

// labelled takes the label off the block that it begins; ok is false if the
// block is the label and nothing else, which then belongs to the next one.
func (b *builder) labelled(block *archive.Block) (ok bool) {
	l := b.label
	if l.text == "" {
		return true
	}
	rest, begins := strings.CutPrefix(strings.TrimLeft(block.Text, "*† "), l.text)
	if begins && rest == "" && block.Kind != archive.Heading {
		return false
	}
	if b.label = (label{}); !begins && b.alone {
		rest, begins = block.Text, true
	}
	b.alone = false
	if !begins || block.Kind == archive.Row || block.Kind == archive.Code {
		return true
	}
	rest = strings.TrimLeft(rest, " ")
	if rest == "" {
		return true
	}
	if b.p.labelled == nil {
		b.p.labelled = map[int]label{}
	}
	b.p.labelled[len(b.out)] = l
	block.Marker, block.Text = l.text, rest
	return true
}

// How much of an act must be main text for all of it to be.
const (
	wholeSections = 5
	wholeShare    = 60 // percent of the sections
)

// keepWhole makes main text what stands from the first section or article of
// an act that is to the last there is, if most are, unless it is in an element
// for something else: no act is broken off in the middle, and one that has
// been repealed is still there.
func (p *page) keepWhole() {
	first, last, sections, main := int32(-1), int32(-1), 0, 0
	for i := range p.nodes {
		if !p.isSection(int32(i)) {
			continue
		}
		last = int32(i)
		if sections++; p.nodes[i].main {
			main++
			if first < 0 {
				first = last
			}
		}
	}
	if sections < wholeSections || main*100 < wholeShare*sections {
		return
	}
	end := p.nodes[last].end
	if up := p.nodes[last].parent; up >= 0 && p.nodes[up].n.DataAtom != atom.Body {
		end = p.nodes[up].end
	}
	for i := first; i < end; i++ {
		n := &p.nodes[i]
		if n.n.Type != html.ElementNode {
			continue
		}
		switch n.n.DataAtom {
		case atom.Nav, atom.Aside, atom.Footer, atom.Form, atom.Header, atom.Dialog:
			i = n.end - 1
			continue
		}
		if n.dropped || n.chrome == strongChrome {
			i = n.end - 1
			continue
		}
		n.main = true
	}
}

// isSection reports whether a node is the number of a section, or a heading
// that is an article's.
func (p *page) isSection(i int32) bool {
	if l, ok := p.numbers[i]; ok {
		return l.named
	}
	n := &p.nodes[i]
	if headingLevel(n.n.DataAtom) == 0 || n.text > maxTip || n.link*2 > n.text {
		return false
	}
	mark, _, _ := article(p.textOf(i))
	return mark != ""
}

package extract

import (
	"bytes"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"veille/archive"
	"veille/cite"
)

// A frame is an open element that decides what kind of block its text makes.
type frame struct {
	end     int32 // index after its last node
	kind    archive.Kind
	level   int
	marker  string // of a list item, used up by its first block
	list    bool   // a list, not an item
	term    bool   // a term of a definition list
	ordered bool
	style   string // of an ordered list: the type attribute
	next    int    // number of the next item
	step    int
}

// A builder turns the flat page into blocks in document order.
type builder struct {
	p      *page
	out    []archive.Block
	text   textBuffer
	main   bool // some of the text gathered is main text
	frames []frame
	row    int32    // index after the open table row, 0 if none is open
	cell   int32    // index after the open cell, 0 if none is open
	cells  []string // of the open row
	breaks int      // line breaks in a row
	broken bool     // a line break, and no text since
	inPre  int32
	raised int32           // index after the open <sup>
	struck int32           // index after the open <del> inside a line, 0 if none is open
	wholly int32           // index after the open <del> around whole blocks
	mail   int32           // index after the open element whose address was decoded
	tips   []string        // tool-tips of the block under way
	told   map[string]bool // tool-tips of the page so far
	label  label           // with which the block under way begins
	alone  bool            // it stood in a block of its own
	refs   []cite.Cite     // to what the links of the block under way lead
	term   string          // a term that is only a number, the marker of the definition to come
}

// blocks emits everything that is visible, with its role. What stands under no
// heading of its own role gets its path in setPaths.
func (p *page) blocks() []archive.Block {
	b := &builder{p: p}
	closing := make([]int32, 0, 64) // open block-level elements
	for i := int32(0); int(i) < len(p.nodes); i++ {
		b.closeStrikes(i)
		for len(closing) > 0 && p.nodes[closing[len(closing)-1]].end <= i {
			b.leave(closing[len(closing)-1])
			closing = closing[:len(closing)-1]
		}
		n := p.nodes[i].n
		if n.Type == html.TextNode {
			b.addText(i)
			continue
		}
		if b.tip(i) {
			i = p.nodes[i].end - 1
			continue
		}
		b.startLabel(i)
		if b.enter(i) {
			closing = append(closing, i)
		}
	}
	b.closeStrikes(int32(len(p.nodes)))
	for i := len(closing) - 1; i >= 0; i-- {
		b.leave(closing[i])
	}
	b.flush()
	b.loneLabel()
	return b.out
}

func (b *builder) addText(i int32) {
	n := &b.p.nodes[i]
	if b.mail > i { // "[email protected]", which its attribute said better
		b.main = b.main || b.isMain(i)
		return
	}
	if b.inPre > i {
		b.addPre(n)
		return
	}
	s := n.n.Data
	if leadsBack(n.n) {
		return
	}
	if b.raised > i {
		s = raise(s)
	}
	if b.broken && n.text > 0 {
		b.broken = false
		if b.row == 0 && b.top().kind != archive.Heading && beginsLine(s) {
			b.flush()
		}
	}
	if n.text > 0 {
		b.breaks = 0
		b.main = b.main || b.isMain(i)
	}
	b.text.write(s)
}

func (b *builder) isMain(i int32) bool {
	up := b.p.nodes[i].parent
	return up >= 0 && b.p.nodes[up].main
}

// addPre makes a block of each paragraph of preformatted text.
func (b *builder) addPre(n *node) {
	for part := range strings.SplitSeq(strings.ReplaceAll(n.n.Data, "\r\n", "\n"), "\n\n") {
		b.main = b.main || n.parent >= 0 && b.p.nodes[n.parent].main
		b.text.write(part)
		if len(part) < len(n.n.Data) && b.row == 0 {
			b.flush()
		}
	}
}

// enter begins an element; it reports whether leave must be called at its end.
func (b *builder) enter(i int32) bool {
	n := &b.p.nodes[i]
	a := n.n.DataAtom
	if isStruck(n.n) {
		b.strike(i)
	}
	switch a {
	case atom.Br:
		b.lineBreak()
		return false
	case atom.Del, atom.S, atom.Strike:
		return !b.p.isFlat(i)
	case atom.Ins:
		if prev := n.n.PrevSibling; prev != nil && isStruck(prev) { // "<del>may</del><ins>must</ins>"
			b.text.space()
		}
		return false
	case atom.Sup:
		b.raised = n.end
		return false
	case atom.A, atom.Button:
		if mail := protectedMail(n.n); mail != "" {
			b.text.write(mail)
			b.mail = n.end
		}
		b.link(n)
		if prev := n.n.PrevSibling; prev != nil && (prev.DataAtom == atom.A || prev.DataAtom == atom.Button) {
			b.text.space()
		}
		return false
	case atom.Span:
		if isLabelBefore(n.n) {
			b.text.space()
		}
		if mail := protectedMail(n.n); mail != "" {
			b.text.write(mail)
			b.mail = n.end
		}
		return false
	case atom.Td, atom.Th:
		if b.row == 0 {
			b.flush()
			return true
		}
		b.cell = n.end
		return true
	case atom.Hr:
		b.flush()
		return false
	}
	if isInline(a) && !strings.Contains(n.n.Data, "-") {
		return false
	}
	b.boundary()
	b.push(i, n, a)
	return true
}

// boundary ends the block under way, or inside a table row only the word.
func (b *builder) boundary() {
	b.breaks = 0
	if b.row != 0 {
		b.text.space()
		return
	}
	b.flush()
}

// lineBreak: one is a space, two in a row end the paragraph.
func (b *builder) lineBreak() {
	b.text.space()
	b.broken = true
	if b.row != 0 || b.top().kind == archive.Heading {
		return
	}
	if b.breaks++; b.breaks >= 2 || b.loneArticle() {
		b.flush()
	}
}

func (b *builder) push(i int32, n *node, a atom.Atom) {
	f := frame{end: n.end}
	switch a {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		f.kind, f.level = archive.Heading, headingLevel(a)
	case atom.Ul, atom.Ol, atom.Menu, atom.Dir, atom.Dl:
		f = b.listFrame(n, a)
	case atom.Li:
		f.kind, f.level = archive.Item, max(1, b.depth())
		f.marker = b.marker(n.n)
	case atom.Dt:
		f.kind, f.level, f.term = archive.Item, max(1, b.depth()), true
	case atom.Dd:
		f.kind, f.level = archive.Item, b.depth()+1
		if b.term != "" {
			f.level, f.marker, b.term = max(1, b.depth()), b.term, ""
		}
	case atom.Blockquote:
		f.kind = archive.Quote
	case atom.Pre, atom.Listing, atom.Xmp, atom.Plaintext:
		f.kind = archive.Code
		b.inPre = n.end
	case atom.Tr:
		if b.row == 0 && !b.p.isLayout(i) {
			b.row, b.cells = n.end, nil
		}
		return
	case atom.Table:
		if b.row != 0 || n.parent < 0 {
			return
		}
		f.kind = archive.Paragraph // a table in a list item or quote starts afresh
	default:
		if isMarginal(n.n) {
			f.kind, f.level = archive.Heading, 6
			break
		}
		if attr(n.n, "role") != "heading" {
			return
		}
		level, err := strconv.Atoi(attr(n.n, "aria-level"))
		if err != nil {
			level = 2
		}
		f.kind, f.level = archive.Heading, min(max(level, 1), 6)
	}
	b.frames = append(b.frames, f)
}

func (b *builder) top() frame {
	for i := len(b.frames) - 1; i >= 0; i-- {
		if f := b.frames[i]; !f.list {
			return f
		}
	}
	return frame{}
}

// leave ends a block-level element, cell or row.
func (b *builder) leave(i int32) {
	n := &b.p.nodes[i]
	switch {
	case b.cell == n.end && (n.n.DataAtom == atom.Td || n.n.DataAtom == atom.Th):
		b.cells = append(b.cells, b.text.take())
		b.cell = 0
	case b.row == n.end && n.n.DataAtom == atom.Tr:
		b.endRow()
	default:
		b.boundary()
	}
	if k := len(b.frames); k > 0 && b.frames[k-1].end == n.end && pushes(n.n, &b.frames[k-1]) {
		b.frames = b.frames[:k-1]
	}
	if b.inPre == n.end && n.n.DataAtom != atom.Code {
		b.inPre = 0
	}
}

// pushes reports whether f is the frame of element n, and not of one around it
// that ends at the same place.
func pushes(n *html.Node, f *frame) bool {
	switch a := n.DataAtom; a {
	case atom.Ul, atom.Ol, atom.Menu, atom.Dir, atom.Dl:
		return f.list
	case atom.Li, atom.Dt, atom.Dd:
		return f.kind == archive.Item && !f.list
	case atom.Blockquote:
		return f.kind == archive.Quote
	case atom.Pre, atom.Listing, atom.Xmp, atom.Plaintext:
		return f.kind == archive.Code
	case atom.Table:
		return f.kind == archive.Paragraph
	default:
		return f.kind == archive.Heading && (headingLevel(a) > 0 || attr(n, "role") == "heading" || isMarginal(n))
	}
}

func (b *builder) endRow() {
	if s := b.text.take(); s != "" {
		b.cells = append(b.cells, s)
	}
	for len(b.cells) > 0 && b.cells[len(b.cells)-1] == "" {
		b.cells = b.cells[:len(b.cells)-1]
	}
	b.row, b.cell = 0, 0
	text := strings.TrimSpace(strings.ReplaceAll(strings.Join(b.cells, " | "), "  ", " "))
	if text != "" {
		b.add(archive.Block{Kind: archive.Row, Text: text})
	}
	b.cells, b.main = nil, false
}

// flush ends the block under way.
func (b *builder) flush() {
	if b.text.empty() || isRule(b.text.b) {
		b.text.take()
		b.main = false
		return
	}
	f := b.top()
	block := archive.Block{Kind: f.kind, Level: f.level, Marker: f.marker, Text: b.text.take()}
	if block.Kind == "" {
		block.Kind = archive.Paragraph
	}
	if f.term && b.main && typedMarker.MatchString(block.Text) {
		b.term, b.main = block.Text, false
		return
	}
	if !b.labelled(&block) {
		b.alone = true
		return
	}
	if f.kind == archive.Item && f.marker != "" {
		b.useMarker()
	}
	if b.wholly > 0 {
		block.Text = struckOpen + block.Text + struckClose
	}
	b.add(block)
	b.main = false
}

// isRule reports whether a text is a line drawn with signs.
func isRule(s []byte) bool { return len(s) >= 5 && len(bytes.Trim(s, "-_=* ")) == 0 }

func (b *builder) add(block archive.Block) {
	if b.term != "" { // a term without a definition
		b.out = append(b.out, archive.Block{Kind: archive.Item, Role: archive.Main, Level: 1, Text: b.term})
		b.term = ""
	}
	block.Role = archive.Boilerplate
	if b.main && !isClock(block.Text) {
		block.Role = archive.Main
	}
	block.Text = plainMail(block.Text)
	settleRefs(&block, b.refs)
	b.refs = nil
	b.out = append(b.out, block)
	for _, t := range b.tips {
		b.out = append(b.out, archive.Block{Kind: archive.Paragraph, Role: archive.Boilerplate, Text: t})
	}
	b.tips = nil
}

// isLayout reports whether a row belongs to a table that only arranges the
// page: its cells hold tables, headings or forms, or there is only one column.
func (p *page) isLayout(row int32) bool {
	if p.nodes[row].text > 8000 {
		return true
	}
	columns, blocks := 0, 0
	for i := row + 1; i < p.nodes[row].end; i++ {
		n := p.nodes[i].n
		switch a := n.DataAtom; {
		case n.Type != html.ElementNode:
		case a == atom.Table, a == atom.H1, a == atom.H2, a == atom.H3, a == atom.Form, a == atom.Main, a == atom.Article, a == atom.Tr:
			return true
		case a == atom.Td || a == atom.Th:
			columns++
		case a == atom.P, a == atom.Li, a == atom.Blockquote:
			blocks++
		}
	}
	return columns < 2 && blocks > 1 || blocks > 4*max(columns, 1) && p.nodes[row].text > 1500
}

package extract

import (
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The part of a builder that knows what stands inside a line: text that was
// struck out, tool-tips, and addresses that are hidden from robots.

// leadsBack reports whether a text is the arrow of a link that leads from a
// footnote back to where it is referred to.
func leadsBack(n *html.Node) bool {
	up := n.Parent
	if up == nil || up.DataAtom != atom.A || len(n.Data) > 16 || !strings.HasPrefix(attr(up, "href"), "#") {
		return false
	}
	switch strings.TrimRight(strings.TrimSpace(n.Data), "\uFE0E\uFE0F") {
	case "↩", "↑", "⤴", "⏎":
		return true
	}
	return false
}

// isFlat reports whether an element holds nothing that breaks the line.
func (p *page) isFlat(i int32) bool {
	for j := i + 1; j < p.nodes[i].end; j++ {
		if n := p.nodes[j].n; n.Type == html.ElementNode && !isInline(n.DataAtom) {
			return false
		}
	}
	return true
}

// isStruck reports whether an element is for text that was struck out, by its
// name or by its style.
func isStruck(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Del, atom.S, atom.Strike:
		return true
	}
	style := attr(n, "style")
	return strings.Contains(style, "line-through") && strings.Contains(style, "text-decoration")
}

// strike begins text that was struck out. Inside a line it is put between
// struckOpen and struckClose; around whole blocks each of them is.
func (b *builder) strike(i int32) {
	n := &b.p.nodes[i]
	switch {
	case n.text == 0 || b.struck > i || b.wholly > i:
	case isInline(n.n.DataAtom) && b.p.isFlat(i):
		b.text.write(struckOpen)
		b.struck = n.end
	default:
		b.boundary()
		b.wholly = n.end
	}
}

// closeStrikes ends the struck out text that ends before node i.
func (b *builder) closeStrikes(i int32) {
	if b.struck > 0 && b.struck <= i {
		b.text.pending = false
		b.text.write(struckClose)
		b.struck = 0
	}
	if b.wholly > 0 && b.wholly <= i {
		b.boundary()
		b.wholly = 0
	}
}

// maxTip bounds a tool-tip, in bytes.
const maxTip = 500

// tip takes a tool-tip out of the line it explains, so that it neither runs
// into the word nor is lost: it follows as a block of its own, of the role of
// chrome, once a page. It reports whether node i was one and is done with. What
// an <abbr> stands for is kept in the same way; its own text stays in the line.
func (b *builder) tip(i int32) bool {
	n := &b.p.nodes[i]
	if up := n.n.Parent; up != nil && n.n.DataAtom == atom.Span && isMarginal(up) && namesOf(attr(n.n, "class"))&saysHidden != 0 && n.text > 0 {
		b.addTip(b.p.textOf(i)) // "Marginal note:", for those who hear the page
		return true
	}
	switch n.n.DataAtom {
	case atom.Abbr, atom.Acronym, atom.Dfn:
		if title := clean(attr(n.n, "title")); title != "" && n.text > 0 && len(title) <= maxTip {
			b.addTip(b.p.textOf(i) + " – " + title)
		}
	case atom.Span, atom.A, atom.Div, atom.Em, atom.Small:
		if isTip(n.n) && n.text > 0 && n.text <= maxTip && b.p.isFlat(i) && b.inLine(i) {
			b.addTip(b.p.textOf(i))
			b.text.space()
			return true
		}
		for _, name := range []string{"data-tooltip", "data-tippy-content", "data-original-title", "data-bs-title"} {
			if title := clean(attr(n.n, name)); title != "" && n.text > 0 && len(title) <= maxTip && !b.holdsTip(i) {
				b.addTip(b.p.textOf(i) + " – " + title)
			}
		}
	}
	return false
}

// holdsTip reports whether a tool-tip stands in an element.
func (b *builder) holdsTip(i int32) bool {
	for j := i + 1; j < b.p.nodes[i].end; j++ {
		if n := b.p.nodes[j].n; n.Type == html.ElementNode && isTip(n) {
			return true
		}
	}
	return false
}

func (b *builder) addTip(s string) {
	if b.told[s] {
		return
	}
	if b.told == nil {
		b.told = map[string]bool{}
	}
	b.told[s] = true
	b.tips = append(b.tips, s)
}

// inLine reports whether an element stands in a line, beside other text.
func (b *builder) inLine(i int32) bool {
	up := b.p.nodes[i].parent
	return up >= 0 && b.p.nodes[up].text > b.p.nodes[i].text
}

// isTip reports whether an element is the text of a tool-tip.
func isTip(n *html.Node) bool {
	if attr(n, "role") == "tooltip" {
		return true
	}
	for class := range strings.FieldsSeq(strings.ToLower(attr(n, "class"))) {
		switch strings.NewReplacer("-", "", "_", "").Replace(class) {
		case "tooltiptext", "tooltipcontent", "tooltipbody", "glossarydefinition", "glossarytooltip", "tippycontent", "definitiontooltip":
			return true
		}
	}
	return false
}

// hiddenMail matches an address written for people only: "info[at]example.org",
// "info (at) example (dot) org".
var hiddenMail = regexp.MustCompile(`(?i)([a-z0-9][a-z0-9._%+-]*) ?[\[({] ?(?:at|@|à|arobase|arobas|bei|apenstaartje) ?[\])}] ?((?:[a-z0-9-]+ ?(?:\.|[\[({] ?(?:dot|punkt|punt|point|\.) ?[\])}]) ?)+[a-z]{2,})`)

// mailSigns are parts of hiddenMail that are quickly looked for.
var mailSigns = []string{"at]", "at)", "at}", "at ]", "at )", "AT]", "AT)", "@]", "@)", "@}", "à]", "à)", "rob", "bei]", "bei)", "apen"}

var hiddenDot = regexp.MustCompile(`(?i) ?(?:[\[({] ?(?:dot|punkt|punt|point|\.) ?[\])}]|\.) ?`)

// plainMail writes addresses as they are meant, so that another way of hiding
// them is no change.
func plainMail(s string) string {
	if !slices.ContainsFunc(mailSigns, func(sign string) bool { return strings.Contains(s, sign) }) {
		return s
	}
	return hiddenMail.ReplaceAllStringFunc(s, func(m string) string {
		part := hiddenMail.FindStringSubmatch(m)
		return part[1] + "@" + hiddenDot.ReplaceAllString(part[2], ".")
	})
}

// protectedMail decodes the address in an attribute data-cfemail, which a
// common proxy puts in the place of addresses: two hexadecimal figures are a
// key, all others characters combined with it. "" if it is none.
func protectedMail(n *html.Node) string {
	raw, err := hex.DecodeString(attr(n, "data-cfemail"))
	if err != nil || len(raw) < 4 || len(raw) > 120 {
		return ""
	}
	for i := range raw[1:] {
		raw[i+1] ^= raw[0]
	}
	if s := string(raw[1:]); strings.Contains(s, "@") {
		return s
	}
	return ""
}

// loneArticle reports whether the text under way is the number of an article
// and no more: what comes after the line break is its text.
func (b *builder) loneArticle() bool {
	if len(b.text.b) == 0 || len(b.text.b) > 60 {
		return false
	}
	_, rest, lone := article(string(b.text.b))
	return lone && rest == ""
}

// beginsLine reports whether a text behind a line break begins something of
// its own: an article, a "§", a point, an item or a rule of dashes. Official
// journals part them by line breaks only.
func beginsLine(s string) bool {
	s = strings.TrimLeft(s, " \t\r\n\u00a0")
	if s == "" {
		return false
	}
	head := strings.ReplaceAll(s[:min(len(s), 120)], "\u00a0", " ")
	if mark, _, _ := article(head); mark != "" {
		return true
	}
	if mark, _ := point(head); mark != "" {
		return true
	}
	for _, sign := range []string{"- ", "– ", "— ", "• ", "-----", "_____"} {
		if strings.HasPrefix(head, sign) {
			return true
		}
	}
	return strings.HasPrefix(head, "§") || amendmentNote.MatchString(head)
}

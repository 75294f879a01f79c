package extract

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"codeberg.org/readeck/go-readability"
	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"veille/source"
)

// The strategies by which the main text of a page is found, in the order in
// which they are tried; see [archive.Version.Strategy].
const (
	strategySelect = "select"      // the source's own CSS selectors
	strategyMain   = "main"        // the page's <main> or <article>
	strategyRead   = "readability" // the element in which the readability algorithm finds the article
	strategyBody   = "body"        // everything that is not chrome
)

// maxReadable bounds the pages given to readability, in nodes.
const maxReadable = 20_000

// A choice is where the main text of a page is.
type choice struct {
	strategy string
	tops     []int32 // elements holding the main text
	why      []string
}

func (c *choice) say(format string, args ...any) { c.why = append(c.why, fmt.Sprintf(format, args...)) }

// choose finds the main text. The strategy prefer, which the page's previous
// version used, is kept as long as it still finds something: a heuristic that
// flips between two versions looks like a change of the page.
func (p *page) choose(ctx context.Context, src *source.Source, prefer, address string) choice {
	var c choice
	if src != nil && len(src.Select) > 0 {
		if c.tops = p.selected(src.Select); len(c.tops) > 0 {
			c.strategy = strategySelect
			c.say("main text by the source's selector")
			return c
		}
		c.say("the source's selectors match nothing with text in it")
	}
	order := []string{strategyMain, strategyRead, strategyBody}
	if i := slices.Index(order, prefer); i >= 0 {
		order = append([]string{prefer}, slices.Delete(order, i, i+1)...)
	}
	for _, s := range order {
		var top int32
		switch s {
		case strategyMain:
			top = p.marked(s == prefer, &c)
		case strategyRead:
			top = p.readable(ctx, address, &c)
		case strategyBody:
			top = 0
			c.say("main text is the whole body less its chrome")
		}
		if top >= 0 {
			c.strategy, c.tops = s, []int32{top}
			return c
		}
	}
	return c
}

// selected returns the outermost elements that the first selector matches
// that matches any text.
func (p *page) selected(selectors []string) []int32 {
	for _, s := range selectors {
		var out []int32
		end := int32(0)
		for _, t := range p.find(goquery.Single(s).Match) {
			if t >= end && p.nodes[t].text > 0 {
				out = append(out, t)
				end = p.nodes[t].end
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// drop marks what the source's selectors name as chrome.
func (p *page) drop(selectors []string) {
	for _, s := range selectors {
		for _, i := range p.find(goquery.Single(s).Match) {
			p.nodes[i].chrome = strongChrome
		}
	}
}

// marked returns the element that the page itself marks as its main one, -1
// if there is none or if too little of the page's text is in it.
func (p *page) marked(preferred bool, c *choice) int32 {
	visible := p.plainText(0)
	for _, is := range []func(n *html.Node) bool{
		func(n *html.Node) bool { return n.DataAtom == atom.Main || attr(n, "role") == "main" },
		func(n *html.Node) bool { return n.DataAtom == atom.Article || attr(n, "role") == "article" },
	} {
		top, sum := p.largest(p.find(is))
		if top < 0 {
			continue
		}
		size := p.plainText(top)
		share := float64(size) / float64(max(visible, 1))
		sane := float64(size) >= 0.8*float64(sum) && (share >= 0.6 || size >= 250 && share >= 0.3)
		if sane || preferred && size > 0 && share >= 0.1 {
			c.say("main text is in <%s>, %.0f %% of the text outside menus", p.nodes[top].n.Data, share*100)
			return top
		}
		c.say("<%s> holds only %.0f %% of the text outside menus", p.nodes[top].n.Data, share*100)
	}
	return -1
}

// largest returns the element with most plain text among the outermost ones,
// and the sum of the plain text of all of these.
func (p *page) largest(of []int32) (top, sum int32) {
	top = -1
	most, end := int32(-1), int32(0)
	for _, i := range of {
		if i < end {
			continue
		}
		end = p.nodes[i].end
		size := p.plainText(i)
		sum += size
		if size > most {
			top, most = i, size
		}
	}
	return top, sum
}

// plainText is the amount of text in an element outside chrome.
func (p *page) plainText(top int32) int32 {
	if int(top) >= len(p.nodes) {
		return 0
	}
	sum := int32(0)
	for i := top; i < p.nodes[top].end; {
		n := &p.nodes[i]
		if i != top && (n.chrome == strongChrome || n.chrome == weakChrome) {
			i = n.end
			continue
		}
		if n.n.Type == html.TextNode {
			sum += n.text
		}
		i++
	}
	return sum
}

// readable returns the smallest element that holds nearly all of the article
// that readability finds, -1 if it finds none. Taking the element and not just
// the passages found keeps list items and table rows that the algorithm would
// drop from one day to the next.
func (p *page) readable(ctx context.Context, address string, c *choice) int32 {
	if len(p.nodes) == 0 || len(p.nodes) > maxReadable || ctx.Err() != nil {
		return -1
	}
	alive := p.survivors(address)
	var total int32
	sums := make([]int32, len(p.nodes))
	for i := len(p.nodes) - 1; i >= 0; i-- {
		n := &p.nodes[i]
		if n.n.Type == html.TextNode && n.parent >= 0 && alive[n.parent] {
			sums[i] = n.text
			total += n.text
		}
		if n.parent >= 0 {
			sums[n.parent] += sums[i]
		}
	}
	if total < 200 {
		c.say("readability finds no article")
		return -1
	}
	top := int32(0)
	for i := range p.nodes {
		if p.nodes[i].n.Type == html.ElementNode && sums[i] >= total*9/10 && !isInline(p.nodes[i].n.DataAtom) {
			top = int32(i) // the deepest comes last
		}
	}
	if a := p.nodes[top].n.DataAtom; a == atom.P || a == atom.Li || headingLevel(a) > 0 {
		top = p.nodes[top].parent
	}
	for visible := p.plainText(0); p.plainText(top) < visible/2; top = p.nodes[top].parent {
		if a := p.nodes[top].n.DataAtom; a == atom.Body || a == atom.Html {
			break
		}
	}
	if a := p.nodes[top].n.DataAtom; a == atom.Body || a == atom.Html {
		c.say("readability finds no element that holds most of the text")
		return -1
	}
	c.say("readability finds the article in <%s>", p.nodes[top].n.Data)
	return top
}

// survivors runs readability on a copy in which every element bears its
// number, and returns which elements keep text of their own.
func (p *page) survivors(address string) (alive []bool) {
	alive = make([]bool, len(p.nodes))
	defer func() {
		if r := recover(); r != nil { // a defect of the library must cost a page its strategy, not the program its life
			clear(alive)
		}
	}()
	u, err := url.Parse(address)
	if err != nil {
		u = nil
	}
	parser := readability.NewParser()
	parser.CharThresholds = 300
	parser.DisableJSONLD = true
	a, err := parser.ParseAndMutate(p.numbered(), u)
	if err != nil || a.Node == nil {
		return alive
	}
	for n := range a.Node.Descendants() {
		if n.Type != html.TextNode || countText(n.Data) == 0 {
			continue
		}
		for e := n.Parent; e != nil; e = e.Parent {
			if i, err := strconv.Atoi(attr(e, numberAttr)); err == nil && i < len(alive) {
				alive[i] = true
				break
			}
		}
	}
	return alive
}

const numberAttr = "data-veille-n"

// numbered returns a copy of the visible document with numbered elements.
func (p *page) numbered() *html.Node {
	doc := &html.Node{Type: html.DocumentNode}
	copies := make([]*html.Node, len(p.nodes))
	for i := range p.nodes {
		n := p.nodes[i].n
		e := &html.Node{Type: n.Type, DataAtom: n.DataAtom, Data: n.Data, Namespace: n.Namespace}
		if n.Type == html.ElementNode {
			e.Attr = append(slices.Clone(n.Attr), html.Attribute{Key: numberAttr, Val: strconv.Itoa(i)})
		}
		copies[i] = e
		if up := p.nodes[i].parent; up >= 0 {
			copies[up].AppendChild(e)
		} else {
			doc.AppendChild(e)
		}
	}
	return doc
}

// markMain gives every node its role: main inside the chosen elements, unless
// chrome stands between.
func (p *page) markMain(c *choice) {
	for i := range p.nodes {
		n := &p.nodes[i]
		up := n.parent
		n.main = up >= 0 && p.nodes[up].main || slices.Contains(c.tops, int32(i))
		if !n.main || slices.Contains(c.tops, int32(i)) {
			continue
		}
		switch n.chrome {
		case strongChrome:
			n.main = false
		case linksChrome:
			n.main = n.link*2 < n.text
		case weakChrome:
			n.main = p.weakIsMain(int32(i), c)
		}
	}
}

// weakIsMain decides on a header, footer, aside or the like inside the chosen
// element: it is text if it is the header or footer of an article, or if the
// page itself marked the main text and the doubtful element is not mostly links.
func (p *page) weakIsMain(i int32, c *choice) bool {
	n := &p.nodes[i]
	switch n.n.DataAtom {
	case atom.Aside, atom.Dialog:
		return false
	case atom.Header, atom.Footer:
		return c.strategy != strategyBody || p.inArticle(n.parent)
	}
	return c.strategy != strategyBody && n.link*5 < n.text*2
}

// inArticle reports whether an element stands in an <article> or <main>.
func (p *page) inArticle(i int32) bool {
	for ; i >= 0; i = p.nodes[i].parent {
		if a := p.nodes[i].n.DataAtom; a == atom.Article || a == atom.Main {
			return true
		}
	}
	return false
}

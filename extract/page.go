package extract

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A page is a parsed HTML document laid out flat: its visible elements and
// texts in document order, so that every pass over it is a loop.
type page struct {
	nodes    []node
	heads    []*html.Node    // title, meta and JSON-LD script elements, wherever they stand
	root     *html.Node      // <html>
	base     *url.URL        // from where relative addresses count, nil if unknown
	numbers  map[int32]label // of provisions, by the nodes they stand in
	labelled map[int]label   // by the blocks that begin with them
	baseHref string          // of <base>
}

// A node is a visible element or text.
type node struct {
	n       *html.Node
	parent  int32 // index; -1 for the first
	end     int32 // index after the last descendant
	text    int32 // bytes of text in it, white space not counted
	link    int32 // of these, in links
	chrome  chrome
	main    bool
	apart   bool // laid over the page, or a sign-up form: chrome whatever it says
	dropped bool // named by the source's drop
}

// flatten lays a document out. It does not recurse.
func flatten(doc *html.Node) *page {
	p := &page{nodes: make([]node, 0, 1024)}
	parent := int32(-1)
	n := doc
	for n != nil {
		descend := n.Type == html.DocumentNode
		switch n.Type {
		case html.ElementNode:
			p.noteHead(n)
			if n.DataAtom == atom.Head {
				p.readHead(n)
			}
			if !isInvisible(n.DataAtom) {
				p.nodes = append(p.nodes, node{n: n, parent: parent})
				parent, descend = int32(len(p.nodes)-1), true
			}
		case html.TextNode:
			if size := countText(n.Data); size > 0 || n.Data != "" {
				p.nodes = append(p.nodes, node{n: n, parent: parent, text: size, end: int32(len(p.nodes) + 1)})
			}
		}
		if descend && n.FirstChild != nil {
			n = n.FirstChild
			continue
		}
		if descend && n.Type == html.ElementNode {
			parent = p.leave(parent)
		}
		for n != nil && n.NextSibling == nil {
			if n = n.Parent; n != nil && n.Type == html.ElementNode && parent >= 0 && p.nodes[parent].n == n {
				parent = p.leave(parent)
			}
		}
		if n != nil {
			n = n.NextSibling
		}
	}
	p.sum()
	return p
}

// leave closes an element and returns its parent.
func (p *page) leave(i int32) int32 {
	p.nodes[i].end = int32(len(p.nodes))
	return p.nodes[i].parent
}

// sum adds up the texts of all elements, children first.
func (p *page) sum() {
	for i := len(p.nodes) - 1; i > 0; i-- {
		n := &p.nodes[i]
		if n.n.DataAtom == atom.A {
			n.link = n.text
		}
		if n.parent >= 0 {
			up := &p.nodes[n.parent]
			up.text += n.text
			up.link += n.link
		}
	}
}

func (p *page) noteHead(n *html.Node) {
	switch n.DataAtom {
	case atom.Html:
		if p.root == nil {
			p.root = n
		}
	case atom.Meta:
		p.heads = append(p.heads, n)
	case atom.Script:
		if strings.EqualFold(attr(n, "type"), "application/ld+json") {
			p.heads = append(p.heads, n)
		}
	}
}

// readHead notes what stands in <head>, which is not laid out.
func (p *page) readHead(head *html.Node) {
	for n := head.FirstChild; n != nil; n = n.NextSibling {
		if n.Type == html.ElementNode {
			p.noteHead(n)
			switch n.DataAtom {
			case atom.Title:
				p.heads = append(p.heads, n)
			case atom.Base:
				set(&p.baseHref, strings.TrimSpace(attr(n, "href")))
			}
		}
	}
}

// find returns the visible elements for which f holds, in document order.
func (p *page) find(f func(n *html.Node) bool) []int32 {
	var out []int32
	for i := range p.nodes {
		if p.nodes[i].n.Type == html.ElementNode && f(p.nodes[i].n) {
			out = append(out, int32(i))
		}
	}
	return out
}

// textOf returns the text of node i, white space collapsed.
func (p *page) textOf(i int32) string {
	var t textBuffer
	for j := i; j < p.nodes[i].end; j++ {
		switch n := p.nodes[j].n; {
		case n.Type == html.TextNode:
			t.write(n.Data)
		case !isInline(n.DataAtom) || n.DataAtom == atom.Br:
			t.space()
		}
	}
	return t.take()
}

// attr returns the value of an attribute, "" if the element does not have it.
func attr(n *html.Node, name string) string {
	for i := range n.Attr {
		if n.Attr[i].Key == name {
			return n.Attr[i].Val
		}
	}
	return ""
}

func countText(s string) int32 {
	n := int32(0)
	for i := 0; i < len(s); i++ {
		if s[i] > ' ' {
			n++
		}
	}
	return n
}

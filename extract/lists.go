package extract

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The part of a builder that knows lists and their markers.

func (b *builder) listFrame(n *node, a atom.Atom) frame {
	f := frame{end: n.end, list: true, ordered: a == atom.Ol, style: attr(n.n, "type"), next: 1, step: 1}
	if style := listStyle(attr(n.n, "style")); style != "" {
		f.style = style
	}
	if a == atom.Dl {
		f.style = "none"
	}
	for _, at := range n.n.Attr {
		if at.Key == "reversed" {
			f.step, f.next = -1, items(n.n)
		}
	}
	if v, err := strconv.Atoi(attr(n.n, "start")); err == nil {
		f.next = v
	}
	return f
}

// items counts the items of a list.
func items(list *html.Node) int {
	n := 0
	for c := list.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.Li {
			n++
		}
	}
	return n
}

// listStyle translates the list-style of a style attribute into what the
// attribute type would say; "" if there is none that matters.
func listStyle(style string) string {
	i := strings.Index(style, "list-style")
	if i < 0 {
		return ""
	}
	value, _, _ := strings.Cut(style[i:], ";")
	for _, x := range [][2]string{{"lower-alpha", "a"}, {"lower-latin", "a"}, {"upper-alpha", "A"}, {"upper-latin", "A"},
		{"lower-roman", "i"}, {"upper-roman", "I"}, {"decimal", "1"}, {"none", "none"}} {
		if strings.Contains(value, x[0]) {
			return x[1]
		}
	}
	return ""
}

// depth counts the lists that are open.
func (b *builder) depth() int {
	d := 0
	for i := range b.frames {
		if b.frames[i].list {
			d++
		}
	}
	return d
}

// marker returns what a browser would draw before a list item.
func (b *builder) marker(li *html.Node) string {
	for i := len(b.frames) - 1; i >= 0; i-- {
		f := &b.frames[i]
		if !f.list {
			continue
		}
		if !f.ordered {
			if f.style == "none" {
				return ""
			}
			return "•"
		}
		if v, err := strconv.Atoi(attr(li, "value")); err == nil {
			f.next = v
		}
		m := ordinal(f.next, f.style)
		f.next += f.step
		return m
	}
	return "•"
}

// useMarker: only the first block of a list item bears its marker.
func (b *builder) useMarker() {
	for i := len(b.frames) - 1; i >= 0; i-- {
		if !b.frames[i].list {
			b.frames[i].marker = ""
			return
		}
	}
}

// typedMarker matches what laws write before the points of an enumeration.
var typedMarker = regexp.MustCompile(`^(?:\(?[0-9]{1,3}[a-z]?[.)°]|\(?[a-z]{1,4}\)|[ivxIVX]{1,5}[.)]|[•–—-])$`)

// ordinal writes the number of a list item in the list's style.
func ordinal(n int, style string) string {
	switch style {
	case "a", "A":
		if n >= 1 && n <= 26*26 {
			s := ""
			for v := n; v > 0; v = (v - 1) / 26 {
				s = string(rune(style[0])+rune((v-1)%26)) + s
			}
			return s + "."
		}
	case "i", "I":
		if n >= 1 && n < 4000 {
			s := roman(n)
			if style == "i" {
				s = strings.ToLower(s)
			}
			return s + "."
		}
	case "none":
		return ""
	}
	return strconv.Itoa(n) + "."
}

func roman(n int) string {
	var s strings.Builder
	for _, d := range []struct {
		value int
		sign  string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"},
		{10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for ; n >= d.value; n -= d.value {
			s.WriteString(d.sign)
		}
	}
	return s.String()
}

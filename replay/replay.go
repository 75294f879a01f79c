// Package replay makes archived HTML safe to look at.
//
// What an archive holds was written by others, and may have been written to do
// harm. Replay therefore does not take things out of a page: it builds a new
// page from the few things that it knows to be harmless – text, headings,
// lists, tables, links into the archive – and leaves out all else: scripts and
// handlers, styles, frames, forms, plug-ins, pictures from elsewhere,
// redirections. The page that comes out can run nothing and load nothing,
// whatever the browser. Whoever serves it should say so a second time with the
// headers of [Policy].
//
// All text is kept, hidden text too: a reader sees what the page's HTML says,
// and not how it looked.
package replay

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"

	"veille/internal/boundhtml"
)

// Policy is the Content-Security-Policy under which archived bytes are served:
// an origin of their own, no scripts, no loading of anything but pictures that
// lie in the page itself. With framed, the page around the archived text may
// load our own style sheet and icon, and offer files to save.
func Policy(framed bool) string {
	const rest = "; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	if framed {
		return "sandbox allow-popups allow-popups-to-escape-sandbox allow-downloads" + rest + "; style-src 'self'; img-src 'self' data:"
	}
	return "sandbox" + rest
}

// Options say how addresses are turned.
type Options struct {
	// Base is the address the page was got from; links are resolved against it,
	// or against the page's own base element.
	Base *url.URL
	// Link is where a link to an http or https address leads instead; nil
	// leaves links out. The address given has no fragment; it is put back.
	Link func(address string) string
	// ContentType is the page's Content-Type, for its character encoding.
	ContentType string
	// Embedded is the word before the address of what was left out, "Embedded".
	Embedded string
}

// A Doc is an archived page made safe.
type Doc struct {
	Title string
	Lang  string // of the html element, if it is a plain language tag
	Body  []byte // HTML of the body's inside
}

// maxDepth is how deep elements may be nested; browsers stop at about as many.
const maxDepth = 512

// kept are the elements that are written, with the attributes each may keep
// beside those of all.
var kept = map[atom.Atom][]string{
	atom.A: nil, atom.Abbr: nil, atom.Address: nil, atom.Article: nil, atom.Aside: nil, atom.B: nil, atom.Bdi: nil, atom.Bdo: nil,
	atom.Blockquote: nil, atom.Br: nil, atom.Caption: nil, atom.Cite: nil, atom.Code: nil, atom.Col: {"span"}, atom.Colgroup: {"span"},
	atom.Dd: nil, atom.Del: {"datetime"}, atom.Dfn: nil, atom.Div: nil, atom.Dl: nil, atom.Dt: nil, atom.Em: nil, atom.Figcaption: nil,
	atom.Figure: nil, atom.Footer: nil, atom.H1: nil, atom.H2: nil, atom.H3: nil, atom.H4: nil, atom.H5: nil, atom.H6: nil,
	atom.Header: nil, atom.Hgroup: nil, atom.Hr: nil, atom.I: nil, atom.Img: nil, atom.Ins: {"datetime"}, atom.Kbd: nil, atom.Li: {"value"},
	atom.Main: nil, atom.Mark: nil, atom.Nav: nil, atom.Ol: {"start", "type", "reversed"}, atom.P: nil, atom.Pre: nil,
	atom.Q: nil, atom.Rp: nil, atom.Rt: nil, atom.Ruby: nil, atom.S: nil, atom.Samp: nil, atom.Section: nil, atom.Small: nil, atom.Span: nil,
	atom.Strong: nil, atom.Sub: nil, atom.Sup: nil, atom.Table: nil, atom.Tbody: nil, atom.Td: {"colspan", "rowspan", "headers"},
	atom.Tfoot: nil, atom.Th: {"colspan", "rowspan", "scope", "headers"}, atom.Thead: nil, atom.Time: {"datetime"}, atom.Tr: nil, atom.U: nil,
	atom.Ul: nil, atom.Var: nil, atom.Wbr: nil,
}

// instead are elements written as others.
var instead = map[atom.Atom]atom.Atom{
	atom.Form: atom.Div, atom.Fieldset: atom.Div, atom.Legend: atom.P, atom.Label: atom.Span, atom.Button: atom.Span, atom.Option: atom.Span,
	atom.Optgroup: atom.Span, atom.Select: atom.Span, atom.Textarea: atom.Pre, atom.Details: atom.Div, atom.Summary: atom.P, atom.Center: atom.Div,
	atom.Dialog: atom.Div, atom.Menu: atom.Ul, atom.Output: atom.Span, atom.Search: atom.Div, atom.Strike: atom.S, atom.Tt: atom.Code,
}

// left are elements of which nothing is written, not even what is in them.
var left = []atom.Atom{atom.Script, atom.Style, atom.Template, atom.Head, atom.Svg, atom.Math, atom.Datalist, atom.Canvas, atom.Input,
	atom.Noembed, atom.Noframes, atom.Plaintext, atom.Xmp, atom.Meta, atom.Link, atom.Base, atom.Title, atom.Param, atom.Source, atom.Track, atom.Area}

// embeds are elements that load something, with the attribute that says what.
// A link to it is written instead.
var embeds = map[atom.Atom]string{
	atom.Iframe: "src", atom.Frame: "src", atom.Embed: "src", atom.Object: "data", atom.Video: "src", atom.Audio: "src",
}

// void are elements that have no inside.
var void = []atom.Atom{atom.Br, atom.Col, atom.Hr, atom.Img, atom.Wbr}

// HTML makes an archived page safe. It never fails: what is no HTML comes out
// as text, or as nothing.
func HTML(page []byte, o Options) Doc {
	if o.Base == nil {
		o.Base = &url.URL{}
	}
	r, err := charset.NewReader(bytes.NewReader(page), o.ContentType)
	if err != nil {
		r = bytes.NewReader(page)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		text = page
	}
	root, err := html.ParseWithOptions(bytes.NewReader(boundhtml.Bound(text)), html.ParseOptionEnableScripting(false))
	if err != nil {
		return Doc{Body: []byte("<pre>" + html.EscapeString(strings.ToValidUTF8(string(page), "\ufffd")) + "</pre>")}
	}
	w := &writer{Options: o}
	w.head(root, 0)
	w.node(root, 0)
	return Doc{Title: w.title, Lang: w.lang, Body: settle(w.out.Bytes())}
}

// settle makes HTML that stays within the element it is put into. What was
// written from one tree may be read as another, once elements between have been
// left out – a list item closes an earlier one, a heading a paragraph – and then
// an end tag too many would close an element of ours. So it is read as it will
// be, and written again, until nothing changes; HTML that never comes to rest is
// shown as its text.
func settle(body []byte) []byte {
	const tries = 4
	for range tries {
		nodes, err := html.ParseFragmentWithOptions(bytes.NewReader(body), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div},
			html.ParseOptionEnableScripting(false))
		if err != nil {
			break
		}
		var again bytes.Buffer
		for _, n := range nodes {
			if html.Render(&again, n) != nil {
				return nil // it is a buffer, and the tree was just read: it cannot be
			}
		}
		if bytes.Equal(again.Bytes(), body) {
			return body
		}
		body = again.Bytes()
	}
	var text strings.Builder
	for z := html.NewTokenizer(bytes.NewReader(body)); z.Next() != html.ErrorToken; {
		if t := z.Token(); t.Type == html.TextToken {
			text.WriteString(t.Data)
		}
	}
	return []byte("<pre>\n" + html.EscapeString(text.String()) + "</pre>")
}

// Text returns plain text in Unicode. It never fails: bytes that are no letters
// in the text's encoding come out as U+FFFD.
func Text(text []byte, contentType string) string {
	if r, err := charset.NewReader(bytes.NewReader(text), contentType); err == nil {
		if decoded, err := io.ReadAll(r); err == nil {
			text = decoded
		}
	}
	return strings.ToValidUTF8(string(text), "\ufffd")
}

// A writer writes the safe page.
type writer struct {
	Options
	out         bytes.Buffer
	title, lang string
}

// head finds title, language and base.
func (w *writer) head(n *html.Node, depth int) {
	if n.Type == html.ElementNode && n.Namespace == "" {
		switch n.DataAtom {
		case atom.Html:
			if l := attr(n, "lang"); plain(l, 35) {
				w.lang = l
			}
		case atom.Title:
			if w.title == "" && n.FirstChild != nil {
				w.title = strings.Join(strings.Fields(n.FirstChild.Data), " ")
			}
		case atom.Base:
			if u, err := w.Base.Parse(attr(n, "href")); err == nil && attr(n, "href") != "" && web(u) {
				w.Base = u
			}
		case atom.Body:
			return
		}
	}
	if depth > maxDepth {
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.head(c, depth+1)
	}
}

// node writes a node and what is in it.
func (w *writer) node(n *html.Node, depth int) {
	switch n.Type {
	case html.TextNode:
		w.out.WriteString(html.EscapeString(n.Data))
		return
	case html.ElementNode:
		w.element(n, depth)
		return
	case html.DocumentNode:
		w.inside(n, depth)
	}
}

func (w *writer) inside(n *html.Node, depth int) {
	if depth > maxDepth {
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c, depth+1)
	}
}

func (w *writer) element(n *html.Node, depth int) {
	name := n.DataAtom
	if n.Namespace != "" || slices.Contains(left, name) {
		return
	}
	if key, ok := embeds[name]; ok {
		w.embedded(n, key)
		w.inside(n, depth)
		return
	}
	if other, ok := instead[name]; ok {
		name = other
	}
	allowed, ok := kept[name]
	if !ok { // html, body and all that is unknown: what is in them
		w.inside(n, depth)
		return
	}
	if name == atom.Img {
		w.picture(n)
		return
	}
	w.out.WriteByte('<')
	w.out.WriteString(name.String())
	w.attributes(n, name, allowed)
	w.out.WriteByte('>')
	if slices.Contains(void, name) {
		return
	}
	if name == atom.Pre {
		w.out.WriteByte('\n') // the first is not shown, and what follows may begin with one
	}
	w.inside(n, depth)
	w.out.WriteString("</" + name.String() + ">")
}

// attributes writes those that are harmless.
func (w *writer) attributes(n *html.Node, name atom.Atom, allowed []string) {
	for _, a := range n.Attr {
		if a.Namespace != "" {
			continue
		}
		value := a.Val
		switch key := a.Key; {
		case key == "href" && name == atom.A:
			if value = w.link(value); value == "" {
				continue
			}
		case key == "id" || key == "name" && name == atom.A:
			a.Key = "id"
			if key == "name" && attr(n, "id") != "" || value == "" {
				continue
			}
		case key == "title" || key == "dir" && plain(value, 4) || key == "lang" && plain(value, 35):
		case slices.Contains(allowed, key):
		default:
			continue
		}
		w.attr(a.Key, value)
	}
}

func (w *writer) attr(key, value string) {
	w.out.WriteString(" " + key + `="` + html.EscapeString(value) + `"`)
}

// link is where a link leads in the archive: "#x" stays, http and https go
// through Link, all else goes nowhere.
func (w *writer) link(href string) string {
	href = strings.TrimSpace(href)
	if strings.HasPrefix(href, "#") {
		return href
	}
	u, err := w.Base.Parse(href)
	if err != nil || !web(u) || w.Link == nil || href == "" {
		return ""
	}
	fragment := u.EscapedFragment()
	u.Fragment, u.RawFragment, u.User = "", "", nil
	to := w.Link(u.String())
	if to != "" && fragment != "" {
		to += "#" + fragment
	}
	return to
}

// picture writes an image: itself where it is a small picture in the page's
// own bytes, otherwise the words that stand for it.
func (w *writer) picture(n *html.Node) {
	src, alt := strings.TrimSpace(attr(n, "src")), strings.TrimSpace(attr(n, "alt"))
	if harmless(src) {
		w.out.WriteString("<img")
		w.attr("src", src)
		w.attr("alt", alt)
		w.out.WriteByte('>')
		return
	}
	if alt != "" {
		w.out.WriteString(`<span class="picture">` + html.EscapeString(alt) + `</span>`)
	}
}

// embedded writes a link to what an element would have loaded.
func (w *writer) embedded(n *html.Node, key string) {
	u, err := w.Base.Parse(strings.TrimSpace(attr(n, key)))
	if err != nil || !web(u) || attr(n, key) == "" {
		return
	}
	u.User = nil
	w.out.WriteString(`<span class="embedded">` + html.EscapeString(w.Embedded) + " ")
	if to := w.link(u.String()); to != "" {
		w.out.WriteString("<a")
		w.attr("href", to)
		w.out.WriteString(">" + html.EscapeString(u.String()) + "</a>")
	} else {
		w.out.WriteString(html.EscapeString(u.String()))
	}
	w.out.WriteString("</span>")
}

// harmless reports whether an address is a picture in itself: data: with one
// of the formats that hold nothing but pixels.
func harmless(src string) bool {
	rest, ok := strings.CutPrefix(src, "data:image/")
	kind, data, cut := strings.Cut(rest, ";base64,")
	if !ok || !cut || !slices.Contains([]string{"png", "jpeg", "gif", "webp"}, kind) {
		return false
	}
	_, err := base64.StdEncoding.DecodeString(data)
	return err == nil
}

func web(u *url.URL) bool { return (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" }

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == key {
			return a.Val
		}
	}
	return ""
}

// plain reports whether s is a short word of letters, digits and hyphens.
func plain(s string, most int) bool {
	for _, r := range s {
		if r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return s != "" && len(s) <= most
}

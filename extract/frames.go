package extract

import (
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// frames returns the addresses of a page's frames, joined by commas, "" for a
// page that has none: the text of such a page is elsewhere.
func frames(doc *html.Node) string {
	out := ""
	for n := range doc.Descendants() {
		if n.DataAtom != atom.Frame {
			continue
		}
		if src := clean(attr(n, "src")); src != "" && len(out) < 300 {
			if out != "" {
				out += ", "
			}
			out += src
		}
	}
	return out
}

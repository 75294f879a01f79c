package boundhtml

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestBoundKeeps: nothing is taken from documents as they usually are, valid
// or not.
func TestBoundKeeps(t *testing.T) {
	for _, doc := range []string{
		"<!doctype html><html><head><title>T</title></head><body><p>One<p>Two <b>bold <i>both</b> slanted</i></body></html>",
		"<ul><li>a<li>b<ul><li>c</ul><li>d</ul><dl><dt>x<dd>y<dt>z</dl>",
		"<table><tr><td>1<td>2<tr><th>3</table><select><option>a<option>b</select>",
		"<div><table><tbody><tr><td><p>x</td></tr></tbody></table></div><script>if (a < b) { x = '</p>' }</script>",
		strings.Repeat("<li>x", 2000), strings.Repeat("<p>x", 2000), strings.Repeat("<a name=x>y", 2000),
	} {
		if got := Bound([]byte(doc)); !bytes.Equal(got, []byte(doc)) {
			t.Errorf("Bound(%.60q) = %.80q, want it unchanged", doc, got)
		}
	}
}

// FuzzBound: what is left parses to the same text as before, where the parser
// can take both.
func FuzzBound(f *testing.F) {
	f.Add("<p>a<b>c</p>d</b><table>x<tr>y<td>z</table>")
	f.Fuzz(func(t *testing.T, doc string) {
		if len(doc) > 2000 {
			return
		}
		b, err := html.Parse(bytes.NewReader(Bound([]byte(doc))))
		if err != nil {
			t.Fatal(err)
		}
		a, err := html.Parse(strings.NewReader(doc))
		if err != nil {
			return
		}
		if x, y := letters(a), letters(b); x != y {
			t.Errorf("text %q became %q", x, y)
		}
	})
}

func letters(doc *html.Node) string {
	var s strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode {
			s.WriteString(strings.Join(strings.Fields(n.Data), ""))
		}
	}
	return s.String()
}

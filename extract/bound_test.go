package extract

import (
	"fmt"
	"strings"
	"testing"

	"veille/archive"
)

// hostile are documents whose parsing by the letter of the standard costs
// quadratic time or memory, n bytes long each.
func hostile(n int) map[string]string {
	fill := func(s string) string { return strings.Repeat(s, n/len(s)) }
	var fonts strings.Builder
	for i := range 400 {
		fmt.Fprintf(&fonts, "<font a=%d>", i)
	}
	var hidden strings.Builder
	for i := range 400 {
		fmt.Fprintf(&hidden, "<b x=%d><table><tr><td></b></table>", i)
	}
	return map[string]string{
		"nested divs":          fill("<div>"),
		"nested spans":         fill("<span>x"),
		"nested lists":         fill("<ul><li>x"),
		"nested tables":        fill("<table><tr><td>x"),
		"open fonts":           fonts.String() + fill("<p>x"),
		"hidden fonts":         hidden.String() + fill("<p>x"),
		"distinct bolds":       fill("<p><b><i><u><em>x"),
		"stray ends":           fill("x</q>"),
		"text in tables":       "<table>" + fill("x<tr>"),
		"cells outside tables": fill("x<td>"),
		"body again":           fill("<body a>x"),
		"closed paragraphs":    fill("</p>x"),
		"comments":             fill("x<!---->"),
		"one line":             fill("x"),
		"one word of entities": fill("&amp;"),
		"nested custom":        fill("<x-y>z"),
		"nested buttons":       fill("<button>x"),
		"anchors":              fill("<a href=x>y"),
		"nested forms":         fill("<form>x"),
		"nested templates":     fill("<template>x"),
		"framesets":            fill("<frameset>x"),
		"nested selects":       fill("<select><option>x"),
		"svg":                  fill("<svg><g>x"),
		"attributes":           "<p " + fill("a=1 ") + ">x",
	}
}

func TestHostileHTML(t *testing.T) {
	for name, body := range hostile(256 << 10) {
		t.Run(name, func(t *testing.T) {
			c := &archive.Capture{URL: "https://example.org/x", FinalURL: "https://example.org/x", Status: 200, Body: []byte("<!doctype html>" + body)}
			text, err := Read(t.Context(), c, nil)
			if err != nil {
				t.Fatal(err)
			}
			if text.Class == "" {
				t.Error("there is no class")
			}
			if text.Class == archive.Error && strings.Contains(body, "x") && strings.Contains(text.Reason, "too long") {
				t.Errorf("not read: %s", text.Reason)
			}
		})
	}
}

// FuzzRead reads anything as HTML: no panic, and every text is clean.
func FuzzRead(f *testing.F) {
	for _, doc := range hostile(200) {
		f.Add([]byte(doc))
	}
	f.Add([]byte("<main><h1>T</h1><ol><li>a<table><tr><td>b<pre>c\n\nd</pre></table><dl><dt>1.<dd>x</dl></ol><sup>1</sup>"))
	f.Add([]byte("<p>x <del>y</del><sup>[1]</sup> <abbr title=z>a</abbr><br>(1)<L 2009-05-06/03, art. 1><br>- b<br>-----<ol reversed style=list-style:lower-roman><li>c"))
	f.Add([]byte("<h3>1</h3><p>(1) a [1 b]1<p>(a) c<p>(i) d<h2>ANNEX II</h2><p>Whereas:<p>(12) e<h2>Art. 1</h2><p>Art. 2. § 1. x<p>§ 3. y<nav><li>z</nav>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		c := &archive.Capture{URL: "https://example.org/x", FinalURL: "https://example.org/x", Status: 200, Body: append([]byte("<html>"), body...)}
		text, err := Read(t.Context(), c, nil)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(text.Reason, "reading failed") {
			t.Fatal(text.Reason)
		}
		if text.Version == nil {
			return
		}
		for _, b := range text.Version.Blocks {
			if b.Text != clean(b.Text) || b.Text == "" && b.Kind != archive.Article {
				t.Errorf("text %q of %s is not clean", b.Text, b.Kind)
			}
		}
	})
}

package digest

import (
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"

	"veille/diff"
)

// width is how long a line of plain text may be, in characters (RFC 5322
// recommends 78).
const width = 76

// render fills a letter's two templates, templates/NAME.txt and NAME.html.
func render(name string, p *page, m *Mail) error {
	var b strings.Builder
	t, err := texttemplate.New(name+".txt").Funcs(texttemplate.FuncMap{"wrap": wrap, "redline": redline, "rule": rule,
		"oneLine": func(s string) string { return oneLine(s, width) }}).
		ParseFS(templates, "templates/"+name+".txt", "templates/foot.txt")
	if err == nil {
		err = t.Execute(&b, p)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	m.Text = b.String()
	b.Reset()
	h, err := htmltemplate.New(name+".html").ParseFS(templates, "templates/"+name+".html", "templates/frame.html")
	if err == nil {
		err = h.Execute(&b, p)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	m.HTML = b.String()
	return nil
}

// redline writes an excerpt in plain text: [-removed-] {+added+}.
func redline(words []diff.Word) string {
	var b strings.Builder
	for _, w := range words {
		text := strings.TrimSpace(w.Text)
		lead := w.Text[:len(w.Text)-len(strings.TrimLeft(w.Text, " "))]
		tail := w.Text[len(strings.TrimRight(w.Text, " ")):]
		switch {
		case text == "" || w.Op == diff.Equal:
			b.WriteString(w.Text)
		case w.Op == diff.Deleted:
			b.WriteString(lead + "[-" + text + "-]" + tail)
		default:
			b.WriteString(lead + "{+" + text + "+}" + tail)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// wrap breaks a text into lines at spaces. The first line begins with first,
// the others with rest. A word that is too long, such as an address, stays whole.
func wrap(first, rest, text string) string {
	var b strings.Builder
	b.WriteString(first)
	n, start := len([]rune(first)), true
	for word := range strings.FieldsSeq(text) {
		w := len([]rune(word))
		if !start && n+1+w > width {
			b.WriteString("\n" + rest)
			n, start = len([]rune(rest)), true
		}
		if !start {
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n, start = n+w, false
	}
	return b.String()
}

// rule is a line under a heading.
func rule(text string) string {
	return strings.Repeat("=", len([]rune(oneLine(text, width))))
}

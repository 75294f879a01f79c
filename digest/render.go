package digest

import (
	"errors"
	"fmt"
	htmltemplate "html/template"
	"regexp"
	"strings"
	texttemplate "text/template"

	"veille/diff"
)

// width is how long a line of plain text may be, in characters (RFC 5322
// recommends 78).
const width = 76

// A form is the two templates of a kind of letter, templates/KIND.txt and KIND.html.
type form struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

func newForm(kind string) (f form, err error) {
	funcs := texttemplate.FuncMap{"wrap": wrap, "redline": redline, "rule": rule, "oneLine": func(s string) string { return oneLine(s, width) },
		"what": described.String, "on": func(p *page, s shown) itemOn { return itemOn{p, s} }}
	f.text, err = texttemplate.New(kind+".txt").Funcs(funcs).ParseFS(templates, "templates/"+kind+".txt", "templates/foot.txt")
	if err == nil {
		f.html, err = htmltemplate.New(kind+".html").Funcs(htmltemplate.FuncMap{"on": funcs["on"], "tight": tight}).
			ParseFS(templates, "templates/"+kind+".html", "templates/frame.html")
	}
	if err != nil {
		return f, fmt.Errorf("templates of %s: %w", kind, err)
	}
	return f, nil
}

// An itemOn is an item together with the page it is on, for the templates.
type itemOn struct {
	All  *page
	Item shown
}

// String is a subscription in one line.
func (d described) String() string {
	if d.Name == "" {
		return d.Text
	}
	return d.Name + " – " + d.Text
}

// manyLines are more empty lines than stand anywhere for a reason.
var manyLines = regexp.MustCompile(`\n{4,}`)

// fill writes a letter's text and HTML.
func (f form) fill(p *page, m *Mail) error {
	var text, html strings.Builder
	if err := errors.Join(f.text.Execute(&text, p), f.html.Execute(&html, p)); err != nil {
		return fmt.Errorf("write %s: %w", m.Kind, err)
	}
	m.Text, m.HTML = manyLines.ReplaceAllString(text.String(), "\n\n\n"), html.String()
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
	return strings.Join(strings.FieldsFunc(b.String(), breaks), " ")
}

// tight reports whether what follows a word would touch it: what was removed and
// what stands in its place are kept apart by a thin space.
func tight(w diff.Word) bool { return w.Op == diff.Deleted && !strings.HasSuffix(w.Text, " ") }

// wrap breaks a text into lines at spaces. The first line begins with first,
// the others with rest. A word that is too long, such as an address, stays whole.
func wrap(first, rest, text string) string {
	var b strings.Builder
	b.WriteString(first)
	n, start := len([]rune(first)), true
	for word := range strings.FieldsFuncSeq(text, breaks) {
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

// breaks reports whether a line may be broken at a character; not at a no-break space.
func breaks(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' }

// rule is a line under a heading.
func rule(text, of string) string {
	return strings.Repeat(of, len([]rune(oneLine(text, width))))
}

package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"veille/archive"
	"veille/extract"
)

// A palette is how `veille try` tells roles and kinds apart: by colours on a
// terminal, and everywhere by the mark before each block.
type palette struct{ head, dim, mark, good, bad, end string }

func paletteOf(out io.Writer) palette {
	if !isTerminal(out) {
		return palette{}
	}
	return palette{head: "\x1b[1m", dim: "\x1b[2m", mark: "\x1b[36m", good: "\x1b[32m", bad: "\x1b[31m", end: "\x1b[0m"}
}

// print prints the document for reading: what kind of answer it is, what is
// known of the page, its blocks – chrome is marked with "-" – and what to paste.
func (d *tryDoc) print(a *app, why bool) {
	p := paletteOf(a.out)
	d.printAnswer(a.out, p)
	for _, l := range []struct{ label, text string }{
		{"title", d.Title},
		{"language", d.languages()},
		{"published", d.Dates.Published}, {"updated", d.Dates.Updated}, {"in force", d.Dates.InForce},
		{"calls itself", d.Canonical}, {"twins", twinList(d.Twins)}, {"feeds", strings.Join(d.Feeds, " ")},
		{"main text found by", d.Strategy},
	} {
		if l.text != "" {
			fmt.Fprintf(a.out, "%s%s:%s %s\n", p.dim, l.label, p.end, l.text)
		}
	}
	fmt.Fprintln(a.out)
	for i := range d.Blocks {
		d.Blocks[i].print(a.out, p)
	}
	if len(d.Cites) > 0 {
		fmt.Fprintf(a.out, "\n%scited:%s\n", p.dim, p.end)
		for _, c := range d.Cites {
			fmt.Fprintf(a.out, "  %-20s %-34s %s%s%s\n", c.Kind, c.ID, p.dim, c.Link, p.end)
		}
	}
	if why {
		fmt.Fprintf(a.out, "\n%swhy:%s\n", p.dim, p.end)
		for _, w := range d.Why {
			fmt.Fprintf(a.out, "  %s\n", w)
		}
	}
	switch {
	case d.Source != "":
		fmt.Fprintf(a.out, "\nThe source %s watches this page.\n", d.Source)
	case d.Snippet != "":
		fmt.Fprintf(a.out, "\n%sTo watch it, paste this into sources.yaml under `sources:`, and correct what is guessed:%s\n\n%s", p.dim, p.end, d.Snippet)
	}
}

func (d *tryDoc) printAnswer(out io.Writer, p palette) {
	colour := p.good
	if d.Class != archive.Content {
		colour = p.bad
	}
	fmt.Fprintf(out, "%s\n", d.URL)
	if d.FinalURL != "" {
		fmt.Fprintf(out, "  → %s\n", d.FinalURL)
	}
	fmt.Fprintf(out, "status %d, class %s%s%s", d.Status, colour, d.Class, p.end)
	if d.Kind != "" {
		fmt.Fprintf(out, " (%s)", d.Kind)
	}
	if d.Reason != "" {
		fmt.Fprintf(out, ": %s", d.Reason)
	}
	fmt.Fprintln(out)
	if hint := hints[d.Kind]; hint != "" {
		fmt.Fprintf(out, "  %s\n", hint)
	}
}

// hints say what an operator can do about an answer.
var hints = map[extract.Kind]string{
	extract.KindChallenge: "Veille does not pass challenges: look for a feed or an interface of the publisher, ask for permission, or add saved copies with `veille add`.",
	extract.KindRefused:   "Ask the publisher, who can reach you by the contact in sources.yaml, or add saved copies with `veille add`.",
	extract.KindLogin:     "What needs an account is not watched; add saved copies with `veille add`.",
	extract.KindConsent:   "Add saved copies with `veille add`, or look for a feed.",
	extract.KindScript:    "If there is no other way to the text, `render: js` has a browser make the page.",
}

func (d *tryDoc) languages() string {
	s := d.Lang
	if d.Declared != "" && d.Detected != "" && d.Declared != d.Detected {
		s += fmt.Sprintf(" (declared %s, looks like %s)", d.Declared, d.Detected)
	}
	others := map[string]int{}
	for i := range d.Blocks {
		if l := d.Blocks[i].Lang; l != "" {
			others[l]++
		}
	}
	for _, l := range slices.Sorted(maps.Keys(others)) {
		s += fmt.Sprintf(", %d blocks in %s", others[l], l)
	}
	return s
}

func twinList(twins map[string]string) string {
	var out []string
	for _, l := range slices.Sorted(maps.Keys(twins)) {
		out = append(out, l+" "+twins[l])
	}
	return strings.Join(out, "  ")
}

// print prints a block in one line: its mark, kind, marker and text.
func (b *tryBlock) print(out io.Writer, p palette) {
	mark, colour := " ", ""
	switch {
	case b.Role == archive.Boilerplate:
		mark, colour = "-", p.dim
	case b.Kind == archive.Heading:
		colour = p.head
	}
	kind := string(b.Kind)
	if b.Kind == archive.Heading {
		kind = fmt.Sprintf("h%d", cmp.Or(b.level, 1))
	}
	marker := ""
	if b.marker != "" {
		marker = p.mark + b.marker + p.end + colour + " "
	}
	lang := ""
	if b.Lang != "" {
		lang = p.mark + "[" + b.Lang + "] " + p.end + colour
	}
	fmt.Fprintf(out, "%s%s %-9s %s%s%s%s\n", colour, mark, kind, lang, marker, b.Text, p.end)
}

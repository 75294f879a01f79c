package server

import (
	"html"
	"strings"
)

// A marked is a run of text that was found, or that stands around it.
type marked struct {
	Text string
	Mark bool
}

// marks takes a highlight apart: text that is escaped for HTML, with <mark>
// and </mark> in it. Whatever else it holds becomes text: templates get runs
// of text and never markup that was made elsewhere.
func marks(highlight string) []marked {
	var out []marked
	on := false
	for highlight != "" {
		tag := "<mark>"
		if on {
			tag = "</mark>"
		}
		text, rest, found := strings.Cut(highlight, tag)
		if text != "" {
			out = append(out, marked{html.UnescapeString(text), on})
		}
		if !found {
			break
		}
		on, highlight = !on, rest
	}
	return out
}

package redline

import (
	_ "embed"
	"html/template"
	"io"
	"slices"
	"strings"

	"veille/diff"
)

// A Layout is how a web page sets the two wordings.
type Layout string

// The layouts.
const (
	Inline     Layout = "inline" // one text, with what went and what came marked in it
	SideBySide Layout = "side"   // the old text on the left, the new one on the right
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// An htmlEdit is an edit as the page needs it.
type htmlEdit struct {
	*diff.Edit
	N        int
	Inline   [][]diff.Word // a list a paragraph
	Old, New [][]diff.Word
	Moved    bool
	Away     bool // not the edit itself but the place that a passage left
	place    [2]int
}

type htmlPage struct {
	*Change
	Side          bool
	Edits, Hidden []htmlEdit
	Day           string
}

// HTML writes a change as a whole web page that needs nothing else: no script,
// no style sheet, no picture. What moved is struck out where it stood and
// linked with where it stands. Edits of no weight are counted, and one click away.
func HTML(w io.Writer, c *Change, layout Layout) error {
	p := htmlPage{Change: c, Side: layout == SideBySide, Day: c.day()}
	for i := range c.Edits {
		e := &c.Edits[i]
		h := htmlEdit{Edit: e, N: i + 1, Inline: paragraphs(e.Words, ""), Moved: e.Op == diff.Move, place: [2]int{e.To, 0}}
		if e.To < 0 {
			h.place = [2]int{e.Place, 1 + e.From}
		}
		if p.Side {
			h.Old, h.New = paragraphs(e.Words, diff.Inserted), paragraphs(e.Words, diff.Deleted)
		}
		if e.Weight < news && c.Weight >= news {
			p.Hidden = append(p.Hidden, h)
		} else {
			p.Edits = append(p.Edits, h)
			if h.Moved {
				h.Away, h.place = true, [2]int{e.Place, 1 + e.From}
				h.Inline, h.Old, h.New = paragraphs(e.Words, diff.Inserted), paragraphs(e.Words, diff.Inserted), nil
				p.Edits = append(p.Edits, h)
			}
		}
	}
	slices.SortStableFunc(p.Edits, func(a, b htmlEdit) int { return slices.Compare(a.place[:], b.place[:]) })
	return page.Execute(w, p)
}

// paragraphs cuts words at line ends, leaving out those of one op.
func paragraphs(words []diff.Word, leave string) [][]diff.Word {
	var out [][]diff.Word
	var run []diff.Word
	for _, word := range words {
		if word.Op == leave {
			continue
		}
		for i, part := range strings.Split(word.Text, "\n") {
			if i > 0 && len(run) > 0 {
				out = append(out, run)
				run = nil
			}
			if part != "" {
				run = append(run, diff.Word{Op: word.Op, Text: part})
			}
		}
	}
	if len(run) > 0 {
		out = append(out, run)
	}
	return out
}

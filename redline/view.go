package redline

import (
	"fmt"
	"slices"
	"strings"

	"veille/archive"
	"veille/diff"
)

// A Layout is how a web page sets the two wordings.
type Layout string

// The layouts.
const (
	Inline     Layout = "inline" // one text, with what went and what came marked in it
	SideBySide Layout = "side"   // the old text on the left, the new one on the right
)

// A View is a change set out for a web page: what the templates of [Templates]
// need, and what a page with templates of its own can range over. It shares
// the edits of the change, and changes nothing in them.
type View struct {
	Layout Layout
	// Edits are the pieces that are news, in the order of the new text; Hidden are
	// the others, which a page counts and keeps one click away. Where nothing is
	// news all are in Edits.
	Edits, Hidden []Piece
	Cut           int    // edits left out because there are too many; none of them moved here
	Before, After string // how the two versions are called
	Lang          string // of the text
	Labels        *Labels
}

// Side reports whether the layout is [SideBySide].
func (v *View) Side() bool { return v.Layout == SideBySide }

// Words are words with the labels that are said around them, for the template
// "redline-words".
type Words struct {
	Words  []diff.Word
	Labels *Labels
}

// Say puts labels to words.
func (v *View) Say(words []diff.Word) Words { return Words{words, v.Labels} }

// A Piece is an edit at one place. A passage that moved has two, one where it
// stood and one where it stands, that lead to each other.
type Piece struct {
	*diff.Edit
	N  int    // the number of the edit, from 1, in the order of the change
	ID string // "e3"; "from3" for where a passage stood
	// Left reports that this is where a passage stood that is elsewhere now, Came
	// that this is where it stands; Other is the ID of the other place, "" if the
	// page does not show it.
	Left, Came bool
	Other      string
	Rows       []Row
	View       *View // that it is part of
}

// Frame reports whether only the frame of the page is concerned: menus,
// banners, footers.
func (p *Piece) Frame() bool { return p.Role == archive.Boilerplate }

// A Row is a paragraph of an edit: all its words in the inline layout; the old
// and the new ones apart side by side, either of which may be empty.
type Row struct{ Words, Old, New []diff.Word }

// Arrange sets a change out. A page has up to most edits that are news and as
// many others, the first ones; 0 means all. Nil labels are English.
func Arrange(c *Change, layout Layout, most int, labels *Labels) *View {
	if labels == nil {
		labels = LabelsIn("en")
	}
	v := &View{Layout: layout, Before: c.Before, After: c.After, Lang: c.Lang, Labels: labels}
	n := 0 // edits that are news
	for i := range c.Edits {
		e := &c.Edits[i]
		p := Piece{Edit: e, N: i + 1, ID: fmt.Sprintf("e%d", i+1), Came: e.Op == diff.Move || e.Away, View: v}
		p.Rows = v.rows(&p)
		if e.Weight < news && c.Weight >= news {
			if most > 0 && len(v.Hidden) == most {
				v.Cut++
			} else {
				v.Hidden = append(v.Hidden, p)
			}
			continue
		}
		if n++; most > 0 && n > most {
			v.Cut++
			continue
		}
		if p.Came {
			p.Other = fmt.Sprintf("from%d", p.N)
			left := p
			left.ID, left.Other, left.Left, left.Came = p.Other, p.ID, true, false
			left.Rows = v.rows(&left)
			v.Edits = append(v.Edits, left)
		}
		v.Edits = append(v.Edits, p)
	}
	slices.SortStableFunc(v.Edits, func(a, b Piece) int {
		x, y := a.place(), b.place()
		return slices.Compare(x[:], y[:])
	})
	return v
}

// place is where a piece stands in the new text; what is gone stands after the
// block it followed.
func (p *Piece) place() [2]int {
	if p.Left || p.To < 0 {
		return [2]int{p.Place, 1 + p.From}
	}
	return [2]int{p.To, 0}
}

// rows are the paragraphs of a piece.
func (v *View) rows(p *Piece) []Row {
	words := p.Words
	switch {
	case p.Left: // the old text as it stood
		words = []diff.Word{{Op: diff.Equal, Text: p.Before}}
	case p.Op == diff.Move:
		words = []diff.Word{{Op: diff.Equal, Text: p.After}}
	}
	var out []Row
	if !v.Side() {
		for _, line := range paragraphs(words, "") {
			out = append(out, Row{Words: line})
		}
		return out
	}
	var old, new [][]diff.Word
	if !p.Came {
		old = paragraphs(words, diff.Inserted)
	}
	if !p.Left {
		new = paragraphs(words, diff.Deleted)
	}
	for i := range max(len(old), len(new)) {
		out = append(out, Row{Old: at(old, i), New: at(new, i)})
	}
	return out
}

func at(lines [][]diff.Word, i int) []diff.Word {
	if i < len(lines) {
		return lines[i]
	}
	return nil
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

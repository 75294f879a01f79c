// Package redline shows changes to people: as text for a terminal, as a web
// page, and as a Word document with tracked changes.
//
// It decides nothing. What changed, and in what sense, is in the edits that
// package diff computed; all three views tell the same edits, in the same order,
// and say how many of no weight they leave out.
package redline

import (
	"fmt"
	"io"
	"strings"
	"time"

	"veille/archive"
	"veille/diff"
)

// A Change is a change and what its views need to know around it.
type Change struct {
	ID        string // "17..18"
	Title     string
	URL       string
	Lang      string // of the text
	Publisher string // who is named as the author of tracked changes
	// Seen is when the new wording was first there; Before and After are how the
	// two versions are called, "version 17, first seen …".
	Seen          archive.Interval
	Before, After string
	Weight        int
	Senses        []string
	Summary       string
	Edits         []diff.Edit
	// Blocks are all blocks of the new version, which [DOCX] needs.
	Blocks []archive.Block
	// Was are all blocks of the old version: what [DOCX] draws of a passage that
	// went as the kind of block it was. Without them it is a paragraph.
	Was []archive.Block
}

// news is the least weight that is shown unless all is asked for.
const news = 2

// shown are the edits that a view shows, and how many it leaves out. Where
// nothing is news, all are shown.
func (c *Change) shown(all bool) (edits []*diff.Edit, hidden int) {
	for i := range c.Edits {
		if e := &c.Edits[i]; all || e.Weight >= news || c.Weight < news {
			edits = append(edits, e)
		} else {
			hidden++
		}
	}
	return edits, hidden
}

// A moved passage is drawn twice: struck out where it stood, with a sign that
// leads to where it stands now.
const (
	signMoved = "⇄"
	arrow     = " → "
)

// marks are the signs around deleted and inserted words.
type marks struct{ del, endDel, ins, endIns, move, endMove, dim, endDim string }

var (
	plainMarks = marks{del: "[-", endDel: "-]", ins: "{+", endIns: "+}", move: signMoved + " ", dim: "", endDim: ""}
	// Colours that are told apart without red and green; struck out and underlined besides.
	colourMarks = marks{"\x1b[31;9m", "\x1b[0m", "\x1b[34;4m", "\x1b[0m", "\x1b[36m" + signMoved + " ", "\x1b[0m", "\x1b[2m", "\x1b[0m"}
)

// Text writes a change for reading: with colours for a terminal, with [-…-]
// and {+…+} elsewhere. Edits of no weight are left out and counted, unless all
// is set.
func Text(w io.Writer, c *Change, colour, all bool) error {
	m, english := plainMarks, LabelsIn("en")
	if colour {
		m = colourMarks
	}
	var b strings.Builder
	head := fmt.Sprintf("%s  weight %d  %s", c.ID, c.Weight, strings.Join(c.Senses, ", ")) // a move has no sense
	fmt.Fprintf(&b, "%s\n%s\n%s\n%s\n\n%s\n", c.Title, c.URL, strings.TrimRight(head, " "), c.since(), c.Summary)
	edits, hidden := c.shown(all)
	for _, e := range edits {
		b.WriteString("\n")
		if len(e.Path) > 0 {
			b.WriteString(m.dim + strings.Join(e.Path, " › ") + m.endDim + " ")
		}
		fmt.Fprintf(&b, "(%s, weight %d", e.Op, e.Weight)
		if e.Damped != nil {
			fmt.Fprintf(&b, "; %s", english.DampedOf(e.Damped))
		}
		b.WriteString(")\n  ")
		if e.Op == diff.Move {
			b.WriteString(m.move)
		}
		for _, word := range e.Words {
			text := strings.ReplaceAll(word.Text, "\n", "¶\n  ")
			switch word.Op {
			case diff.Deleted:
				b.WriteString(m.del + text + m.endDel)
			case diff.Inserted:
				b.WriteString(m.ins + text + m.endIns)
			default:
				b.WriteString(text)
			}
		}
		if e.Op == diff.Move {
			b.WriteString(m.endMove)
		}
		b.WriteString("\n")
		for _, s := range e.Senses {
			fmt.Fprintf(&b, "  %s: %s\n", s.Code, s.Evidence)
		}
	}
	if hidden > 0 {
		fmt.Fprintf(&b, "\n%s, not shown (--all shows them)\n", count(hidden, "edit is housekeeping", "edits are housekeeping"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// since says between which two looks the new wording came.
func (c *Change) since() string {
	by := c.Seen.By.UTC().Format(time.DateTime) + "Z"
	if c.Seen.After.IsZero() {
		return "first seen " + by
	}
	return "first seen between " + c.Seen.After.UTC().Format(time.DateTime) + "Z and " + by
}

// day is when the new wording was first seen.
func (c *Change) day() string { return c.Seen.By.UTC().Format(time.RFC3339) }

package server

import (
	"strings"

	"veille/archive"
	"veille/diff"
	"veille/redline"
)

// fullSize is how much of a whole text one page shows, in bytes.
const fullSize = 48 << 10

// A fullBlock is a block of the whole new text with what differs marked in it,
// or a block of the old one at the place where it stood.
type fullBlock struct {
	ID      string // the anchor of the edit it begins, "" for none
	Heading bool
	Marker  string
	Lang    string
	Words   []diff.Word
	Moved   bool   // it is whole, and stands elsewhere on the other side
	Gone    bool   // it stood here
	Other   string // of what moved: the anchor of the other place
}

// fullText is the main text of a version with all edits at their places. cut
// is set where it goes on beyond fullSize.
func fullText(v *archive.Version, langs []string, view *redline.View) (out []fullBlock, cut bool) {
	stands, gone := map[int]*redline.Piece{}, map[int][]*redline.Piece{}
	for _, list := range [][]redline.Piece{view.Edits, view.Hidden} {
		for i := range list {
			switch e := &list[i]; {
			case e.Frame() || e.From < 0 && e.To < 0:
			case e.Left || e.To < 0:
				gone[e.Place] = append(gone[e.Place], e)
			default:
				stands[e.To] = e
			}
		}
	}
	size, skip := 0, 0
	put := func(list []fullBlock) {
		for _, b := range list {
			for _, word := range b.Words {
				size += len(word.Text)
			}
		}
		out = append(out, list...)
	}
	for i := -1; i < len(v.Blocks) && size < fullSize; i++ {
		switch {
		case i < 0:
		case skip > 0:
			skip--
		case stands[i] != nil:
			list := piece(stands[i], &v.Blocks[i], langs[i])
			skip = strings.Count(stands[i].After, "\n")
			put(list)
		case v.Blocks[i].Role != archive.Boilerplate:
			b := &v.Blocks[i]
			put([]fullBlock{{Heading: b.Kind == archive.Heading, Marker: b.Marker, Lang: langs[i], Words: []diff.Word{{Op: diff.Equal, Text: b.Text}}}})
		}
		for _, e := range gone[i] {
			put(piece(e, nil, v.Lang))
		}
		cut = i < len(v.Blocks)-1
	}
	return out, cut
}

// piece is an edit as blocks of the whole text; b is the new block it begins
// with, nil for what is gone.
func piece(e *redline.Piece, b *archive.Block, lang string) []fullBlock {
	var out []fullBlock
	for _, row := range e.Rows {
		x := fullBlock{Lang: lang, Words: row.Words, Moved: e.Left || e.Op == diff.Move, Gone: e.Left, Other: e.Other}
		if len(out) == 0 {
			x.ID = e.ID
			if b != nil {
				x.Heading, x.Marker = b.Kind == archive.Heading, b.Marker
			}
		}
		out = append(out, x)
	}
	return out
}

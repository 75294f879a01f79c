package extract

import (
	"slices"
	"strings"

	"veille/archive"
)

// maxText bounds the text of one block. Twenty pages without a paragraph are
// no paragraph; what compares, indexes and shows blocks may rely on it.
const maxText = 64 << 10

// splitLong parts blocks that are longer than maxText, between words where it
// can. Nothing is lost; the parts are blocks like the whole.
func splitLong(blocks []archive.Block) []archive.Block {
	if !slices.ContainsFunc(blocks, func(b archive.Block) bool { return len(b.Text) > maxText }) {
		return blocks
	}
	out := make([]archive.Block, 0, len(blocks))
	for _, b := range blocks {
		for len(b.Text) > maxText {
			part := b
			part.Text, b.Text = cutText(b.Text, maxText)
			out = append(out, part)
			b.Marker = "" // it stands before the first part
		}
		out = append(out, b)
	}
	return out
}

// cutText parts a text after at most n bytes: at the last space of its second
// half, or between two characters.
func cutText(text string, n int) (before, after string) {
	if i := strings.LastIndexByte(text[n/2:n], ' '); i >= 0 {
		return text[:n/2+i], text[n/2+i+1:]
	}
	for n > 0 && text[n]&0xc0 == 0x80 { // inside a character
		n--
	}
	return text[:n], text[n:]
}

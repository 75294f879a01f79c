package extract

import (
	"strings"

	"veille/archive"
)

// strategyText is the strategy of plain text documents.
const strategyText = "text"

// readPlain reads plain text: paragraphs end at empty lines.
func (t *Text) readPlain(c *archive.Capture) {
	text := strings.ReplaceAll(strings.ReplaceAll(string(toUTF8(c.Header, c.Body)), "\r\n", "\n"), "\r", "\n")
	var blocks []archive.Block
	var b textBuffer
	end := func() {
		if s := b.take(); s != "" {
			blocks = append(blocks, archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: s})
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) == "" {
			end()
			continue
		}
		b.write(line)
		b.space()
	}
	end()
	setPaths(blocks)
	main, all := texts(blocks)
	if v := classifyText(c.Body, "", main, all); v.settled() {
		t.settle(v)
		return
	}
	v := &archive.Version{Title: firstLine(blocks), Strategy: strategyText, Blocks: blocks}
	var m meta
	textDates(&m, blocks)
	v.PublishedOn, v.UpdatedOn = m.published, m.updated
	t.content(c, v, langCode(c.Header.Get("Content-Language")))
}

// firstLine is the title of a document that names none: its first title, or
// else its first main text that is more than a word.
func firstLine(blocks []archive.Block) string {
	for i := range blocks {
		if b := &blocks[i]; b.Kind == archive.Heading && b.Level == 1 && b.Role == archive.Main {
			return shorten(blocks[i].Text)
		}
	}
	for i := range blocks {
		if b := &blocks[i]; b.Role == archive.Main && (len(b.Text) >= 12 || len(blocks) == 1) {
			return shorten(blocks[i].Text)
		}
	}
	if len(blocks) > 0 {
		return shorten(blocks[0].Text)
	}
	return ""
}

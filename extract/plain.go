package extract

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/archive"
)

// strategyText is the strategy of plain text documents.
const strategyText = "text"

// maxParagraph is the length, in bytes, at which lines are joined no longer:
// no real paragraph has it, and joining is quadratic.
const maxParagraph = 32 << 10

// A plainReader reads plain text. Paragraphs end at empty lines, at lines that
// begin a list item or a numbered point, at an article, and behind a line that
// ends well before the others of its paragraph; wrapped lines are joined, and
// words that were divided are put together. Lines underlined with === or ---
// are headings, lines that begin with > quotes.
type plainReader struct{}

func (plainReader) read(_ context.Context, in *input) (*document, error) {
	text := string(toUTF8(in.capture.Header, in.body))
	title, text := frontMatter(text)
	return &document{strategy: strategyText, title: title, blocks: plainBlocks(text)}, nil
}

// maxFrontMatter is the length, in bytes, up to which lines between two rows of
// "---" at the head of a text are looked at.
const maxFrontMatter = 8 << 10

// frontMatter takes the metadata off the head of a Markdown file: lines of "key: value"
// between two rows of "---". They are about the file and no wording of it; the
// title is kept. A text that begins otherwise is returned as it is.
func frontMatter(text string) (title, rest string) {
	body, ok := strings.CutPrefix(strings.ReplaceAll(text[:min(len(text), maxFrontMatter)], "\r\n", "\n"), "---\n")
	if !ok {
		return "", text
	}
	head, _, ok := strings.Cut(body, "\n---\n")
	if !ok {
		return "", text
	}
	for line := range strings.SplitSeq(head, "\n") {
		key, value, ok := strings.Cut(line, ":")
		nested := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "-")
		if !nested && line != "" && (!ok || strings.ContainsAny(key, " \t") || key == "") {
			return "", text
		}
		if key == "title" {
			title = strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	_, rest, _ = strings.Cut(strings.TrimPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "---\n"), "\n---\n")
	return title, rest
}

// A plainText is a text under way.
type plainText struct {
	joiner joiner
	out    []archive.Block
	open   bool // the last block takes more lines
	width  int  // of the widest line of the chunk
	last   string
	indent int // of the last line
}

func plainBlocks(text string) []archive.Block {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\f", "\n\n").Replace(text)
	w := &plainText{joiner: joiner{whole: wholeWords(strings.SplitSeq(text, "\n")), lang: languageOf(strings.SplitSeq(text, "\n"))}}
	for chunk := range strings.SplitSeq(blankLines(text), "\n\n") {
		w.chunk(chunk)
		w.open = false
	}
	setPaths(w.out)
	return w.out
}

// blankLines makes lines of nothing but white space empty.
func blankLines(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			b.WriteByte('\n')
			continue
		}
		b.WriteString(line)
	}
	return b.String()
}

// chunk reads lines between which there is no empty one.
func (w *plainText) chunk(chunk string) {
	w.width = 0
	for line := range strings.SplitSeq(chunk, "\n") {
		w.width = max(w.width, utf8.RuneCountInString(strings.TrimSpace(line)))
	}
	for line := range strings.SplitSeq(chunk, "\n") {
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		text := clean(line)
		switch {
		case text == "":
		case w.underline(text):
		default:
			w.line(text, indent)
		}
	}
}

// underline makes a heading of the one line above a row of = or -.
func (w *plainText) underline(text string) bool {
	n := len(w.out)
	if len(text) < 3 || strings.Trim(text, "=") != "" && strings.Trim(text, "-") != "" {
		return false
	}
	if n > 0 && w.open && w.out[n-1].Kind == archive.Paragraph && len(w.out[n-1].Text) <= 200 {
		w.out[n-1].Kind, w.out[n-1].Level = archive.Heading, 1
		if text[0] == '-' {
			w.out[n-1].Level = 2
		}
	}
	w.open = false
	return true
}

func (w *plainText) line(text string, indent int) {
	if quoted, ok := strings.CutPrefix(text, ">"); ok {
		quoted = strings.TrimLeft(quoted, "> ")
		if n := len(w.out); n > 0 && w.open && w.out[n-1].Kind == archive.Quote && quoted != "" && len(w.out[n-1].Text) <= maxParagraph {
			w.out[n-1].Text = w.joiner.join(w.out[n-1].Text, quoted)
			return
		}
		if w.open = quoted != ""; w.open {
			w.out = append(w.out, archive.Block{Kind: archive.Quote, Role: archive.Main, Text: quoted})
		}
		return
	}
	marker, rest := listMarker(text)
	if w.continues(text, marker, indent) {
		b := &w.out[len(w.out)-1]
		b.Text = w.joiner.join(b.Text, text)
		w.last, w.indent = text, indent
		return
	}
	b := archive.Block{Kind: archive.Paragraph, Text: text}
	if marker != "" {
		b = listed(marker, rest, 1)
	}
	b.Role = archive.Main
	w.out = append(w.out, b)
	w.open, w.last, w.indent = true, text, indent
}

// continues decides whether a line goes on with the block before it.
func (w *plainText) continues(text, marker string, indent int) bool {
	n := len(w.out)
	if !w.open || n == 0 || w.out[n-1].Kind == archive.Quote || len(w.out[n-1].Text) > maxParagraph {
		return false
	}
	ended := endsSentence(w.out[n-1].Text)
	short := utf8.RuneCountInString(w.last)*100 < w.width*55
	r, _ := utf8.DecodeRuneInString(text)
	if marker != "" {
		return !ended && !short && w.out[n-1].Marker == "" && strings.Trim(marker, "0123456789.)") == ""
	}
	if mark, _, _ := article(text); mark != "" && (ended || short) {
		return false
	}
	if indent >= w.indent+2 && ended && w.out[n-1].Marker == "" {
		return false
	}
	return !short || !ended && !unicode.IsUpper(r)
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

package extract

import (
	"context"
	"errors"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"veille/archive"
)

// strategyRTF is the strategy of RTF documents.
const strategyRTF = "rtf"

// Bounds of one RTF document.
const (
	maxRTFGroups = 2000 // open at once
	maxRTFMark   = 64   // bytes of the number before a paragraph
)

var errRTFDepth = errors.New("is nested too deeply")

// An rtfReader reads Rich Text Format 1.9: code pages by font, \u characters,
// headings by style or outline level, list numbers as they were written down
// (\listtext), tables row by row, footnotes apart, headers and footers as
// chrome, deletions marked. Pictures and embedded objects are passed over.
type rtfReader struct{}

// An rtfState is what a group inherits and its end restores.
type rtfState struct {
	dest    rtfDest
	skip    int // characters after \u that stand for it in old readers
	enc     encoding.Encoding
	raised  bool
	hidden  bool
	struck  bool
	table   bool
	style   int
	outline int // 1 to 9, 0 for none
}

// An rtfDest is what the text of a group is for.
type rtfDest int

const (
	rtfText rtfDest = iota
	rtfIgnore
	rtfFonts
	rtfStyles
	rtfList  // the number of the paragraph
	rtfFrame // header or footer
	rtfNote
)

// An rtf is a document under way.
type rtf struct {
	d        *document
	ctx      context.Context
	src      []byte
	pos      int
	stack    []rtfState
	rtfState            // of the innermost group
	pending  []byte     // bytes of the code page, not yet decoded
	surr     rune       // first half of a pair
	left     int        // characters still to skip after \u
	text     textBuffer // paragraph under way
	mark     textBuffer // its number
	cells    []string   // of the row under way
	fonts    map[int]encoding.Encoding
	font     int               // being defined
	base     encoding.Encoding // of the document
	names    map[int]string    // styles
	styled   map[int]int       // style → outline level
	name     strings.Builder   // of the style being defined
	frame    textBuffer
	said     map[string]bool
	frames   []string
	notes    []textBuffer
	told     int
	upr      rtfDest // where the text of \upr goes
	open     bool    // a deletion is open in text
	titled   bool
	levels   []int
}

func (rtfReader) read(ctx context.Context, in *input) (*document, error) {
	w := &rtf{d: &document{strategy: strategyRTF}, ctx: ctx, src: in.body, fonts: map[int]encoding.Encoding{},
		names: map[int]string{}, styled: map[int]int{}, said: map[string]bool{}, base: charmap.Windows1252}
	w.rtfState = rtfState{skip: 1, enc: w.base}
	if err := w.run(); err != nil {
		return nil, err
	}
	if err := w.paragraph(); err != nil {
		return nil, err
	}
	if w.titled {
		for _, i := range w.levels {
			w.d.blocks[i].Level = min(w.d.blocks[i].Level+1, 6)
		}
	}
	for _, s := range w.frames {
		if err := w.d.add(archive.Block{Role: archive.Boilerplate, Text: s}); err != nil {
			return nil, err
		}
	}
	return w.d, nil
}

// run reads the whole document. A document that ends early is read as far as
// it goes only if its last group was closed: a torn one is no version.
func (w *rtf) run() error {
	for n := 0; w.pos < len(w.src); n++ {
		if n%65536 == 0 && w.ctx.Err() != nil {
			return w.ctx.Err()
		}
		c := w.src[w.pos]
		w.pos++
		switch c {
		case '{':
			w.flush()
			if len(w.stack) >= maxRTFGroups {
				return errRTFDepth
			}
			w.stack = append(w.stack, w.rtfState)
		case '}':
			w.flush()
			if len(w.stack) == 0 {
				return nil
			}
			if err := w.leave(); err != nil {
				return err
			}
			if len(w.stack) == 0 {
				return nil
			}
		case '\\':
			if err := w.control(); err != nil {
				return err
			}
		case '\r', '\n', 0:
		default:
			w.char(c)
		}
	}
	if len(w.stack) > 0 {
		return errors.New("is cut short")
	}
	return nil
}

// leave ends a group.
func (w *rtf) leave() error {
	inner := w.dest
	w.rtfState, w.stack = w.stack[len(w.stack)-1], w.stack[:len(w.stack)-1]
	if inner == w.dest {
		return nil
	}
	switch inner {
	case rtfFrame:
		w.endFrame()
	case rtfNote:
		if n := len(w.notes); n > 0 {
			text := w.notes[n-1].take()
			w.notes = w.notes[:n-1]
			mark, rest, ok := strings.Cut(text, " ")
			if ok && strings.Trim(mark, "⁰¹²³⁴⁵⁶⁷⁸⁹") == "" {
				text = rest
			}
			return w.d.note(raise(itoa(w.told)), text, len(w.d.blocks))
		}
	}
	return nil
}

func (w *rtf) endFrame() {
	if s := w.frame.take(); s != "" && !w.said[s] && !isPageNumber(s) && len(w.frames) < 256 {
		w.said[s] = true
		w.frames = append(w.frames, s)
	}
}

// char takes one byte of text in the code page of the font.
func (w *rtf) char(c byte) {
	if w.left > 0 {
		w.left--
		return
	}
	w.pending = append(w.pending, c)
	if len(w.pending) >= 4096 && c < 0x80 {
		w.flush()
	}
}

// flush decodes the bytes that were gathered.
func (w *rtf) flush() {
	if len(w.pending) == 0 {
		return
	}
	s, err := w.enc.NewDecoder().Bytes(w.pending)
	if err != nil {
		s = w.pending
	}
	w.pending = w.pending[:0]
	w.say(string(s))
}

// say sends decoded text where it belongs.
func (w *rtf) say(s string) {
	if w.surr != 0 {
		w.surr = 0
	}
	switch w.dest {
	case rtfText:
		if w.hidden {
			return
		}
		w.strike(w.struck)
		if w.raised {
			s = raise(s)
		}
		w.text.write(s)
	case rtfStyles:
		if w.name.Len() < 200 {
			w.name.WriteString(s)
		}
		if name, ok := strings.CutSuffix(w.name.String(), ";"); ok {
			w.names[w.style], w.styled[w.style] = strings.ToLower(strings.TrimSpace(name)), w.outline
			w.name.Reset()
		}
	case rtfList:
		if len(w.mark.b) < maxRTFMark {
			w.mark.write(s)
		}
	case rtfFrame:
		w.frame.write(s)
	case rtfNote:
		if n := len(w.notes); n > 0 && !w.hidden {
			w.notes[n-1].write(s)
		}
	}
}

func (w *rtf) strike(on bool) {
	if on == w.open {
		return
	}
	if w.open = on; on {
		w.text.write(struckOpen)
	} else {
		w.text.write(struckClose)
	}
}

// unicode takes the number of a \u, which is a signed UTF-16 unit.
func (w *rtf) unicode(n int) {
	w.flush()
	r := rune(uint16(n))
	w.left = w.skip
	if utf16.IsSurrogate(r) {
		if w.surr != 0 {
			pair := utf16.DecodeRune(w.surr, r)
			w.surr = 0
			w.say(string(pair))
			return
		}
		w.surr = r
		return
	}
	if r >= 0xF000 && r <= 0xF0FF { // a symbol font's own characters
		r = '•'
	}
	w.say(string(r))
}

// paragraph ends the paragraph under way, in a cell or as a block.
func (w *rtf) paragraph() error {
	w.flush()
	w.strike(false)
	text, mark := w.text.take(), w.mark.take()
	if text == "" {
		return nil
	}
	if r := []rune(mark); len(r) == 1 && (r[0] >= 0xF000 && r[0] <= 0xF0FF || strings.ContainsRune("·§-–●▪■◦o", r[0])) {
		mark = "•"
	}
	b := archive.Block{Kind: archive.Paragraph, Text: text}
	name := w.names[w.style]
	level := w.outline
	if n, ok := strings.CutPrefix(name, "heading "); ok {
		level = number(n)
	} else if level == 0 {
		level = w.styled[w.style]
	}
	switch {
	case name == "title":
		b.Kind, b.Level, w.titled = archive.Heading, 1, true
	case level > 0:
		b.Kind, b.Level = archive.Heading, min(level, 6)
		if mark != "" && mark != "•" {
			b.Text = mark + " " + text
		}
		w.levels = append(w.levels, len(w.d.blocks))
	case mark != "":
		b = listed(mark, text, 1)
	case strings.Contains(name, "quote"):
		b.Kind = archive.Quote
	}
	return w.d.add(b)
}

// cell ends a cell of a table.
func (w *rtf) cell() {
	w.flush()
	w.strike(false)
	text := w.text.take()
	if mark := w.mark.take(); mark != "" && text != "" {
		text = mark + " " + text
	}
	if len(w.cells) < 1024 {
		w.cells = append(w.cells, text)
	}
}

func (w *rtf) row() error {
	w.flush()
	if !w.text.empty() {
		w.cell()
	}
	b := row(w.cells)
	w.cells = w.cells[:0]
	return w.d.add(b)
}

// rtfCharsets are the code pages of \fcharset.
var rtfCharsets = map[int]encoding.Encoding{0: charmap.Windows1252, 1: charmap.Windows1252, 77: charmap.Macintosh, 128: japanese.ShiftJIS,
	129: korean.EUCKR, 134: simplifiedchinese.GBK, 136: traditionalchinese.Big5, 161: charmap.Windows1253, 162: charmap.Windows1254,
	163: charmap.Windows1258, 177: charmap.Windows1255, 178: charmap.Windows1256, 186: charmap.Windows1257, 204: charmap.Windows1251,
	222: charmap.Windows874, 238: charmap.Windows1250, 255: charmap.CodePage437}

// rtfPages are those of \ansicpg.
var rtfPages = map[int]encoding.Encoding{437: charmap.CodePage437, 850: charmap.CodePage850, 852: charmap.CodePage852, 874: charmap.Windows874,
	932: japanese.ShiftJIS, 936: simplifiedchinese.GBK, 949: korean.EUCKR, 950: traditionalchinese.Big5, 1250: charmap.Windows1250,
	1251: charmap.Windows1251, 1252: charmap.Windows1252, 1253: charmap.Windows1253, 1254: charmap.Windows1254, 1255: charmap.Windows1255,
	1256: charmap.Windows1256, 1257: charmap.Windows1257, 1258: charmap.Windows1258, 10000: charmap.Macintosh}

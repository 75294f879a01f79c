package extract

import (
	"strconv"
	"strings"
)

// The part of rtf that knows the control words.

// control reads what follows a backslash.
func (w *rtf) control() error {
	if w.pos >= len(w.src) {
		return nil
	}
	c := w.src[w.pos]
	if !isLetter(c) {
		w.pos++
		return w.symbol(c)
	}
	w.flush()
	start := w.pos
	for w.pos < len(w.src) && isLetter(w.src[w.pos]) && w.pos-start < 32 {
		w.pos++
	}
	word := string(w.src[start:w.pos])
	param, given := w.param()
	if w.pos < len(w.src) && w.src[w.pos] == ' ' {
		w.pos++
	}
	if word == "bin" { // raw bytes follow
		w.pos = min(w.pos+max(param, 0), len(w.src))
		return nil
	}
	if w.left > 0 && word != "u" && word != "uc" {
		w.left-- // a control word stands for one character
		if word != "par" && word != "cell" && word != "row" {
			return nil
		}
	}
	return w.word(word, param, given)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// param reads the number behind a control word.
func (w *rtf) param() (int, bool) {
	start := w.pos
	if w.pos < len(w.src) && w.src[w.pos] == '-' {
		w.pos++
	}
	for w.pos < len(w.src) && w.src[w.pos] >= '0' && w.src[w.pos] <= '9' && w.pos-start < 11 {
		w.pos++
	}
	n, err := strconv.Atoi(string(w.src[start:w.pos]))
	return n, err == nil
}

// symbol reads a control symbol.
func (w *rtf) symbol(c byte) error {
	switch c {
	case '\'':
		if w.pos+2 <= len(w.src) {
			if n, err := strconv.ParseUint(string(w.src[w.pos:w.pos+2]), 16, 8); err == nil {
				w.pos += 2
				w.char(byte(n))
			}
		}
	case '~':
		w.char(' ')
	case '_':
		w.char('-')
	case '\\', '{', '}':
		w.char(c)
	case '*':
		w.optional()
	case '\r', '\n':
		return w.endParagraph()
	}
	return nil
}

// optional reads \*: the group that follows may be passed over by whoever
// does not know its word.
func (w *rtf) optional() {
	w.flush()
	rest := strings.TrimLeft(string(w.src[w.pos:min(w.pos+40, len(w.src))]), " \r\n")
	for _, known := range []string{`\listtext`, `\pntext`, `\shppict`, `\cs`, `\ud`} {
		if after, ok := strings.CutPrefix(rest, known); ok && (after == "" || !isLetter(after[0])) && known != `\shppict` {
			return
		}
	}
	if w.dest != rtfNote || !strings.HasPrefix(rest, `\cs`) {
		w.dest = rtfIgnore
	}
}

// word obeys a control word.
func (w *rtf) word(word string, n int, given bool) error {
	on := !given || n != 0
	switch word {
	case "par", "sect", "page":
		return w.endParagraph()
	case "line", "tab", "emspace", "enspace", "qmspace":
		w.space()
	case "cell", "nestcell":
		if w.dest == rtfText {
			w.cell()
		}
	case "row", "nestrow":
		if w.dest == rtfText {
			return w.row()
		}
	case "intbl":
		w.table = true
	case "pard":
		w.table, w.style, w.outline = false, 0, 0
	case "plain":
		w.raised, w.hidden, w.struck = false, false, false
	case "u":
		w.left = 0
		w.unicode(n)
	case "uc":
		w.skip = min(max(n, 0), 8)
	case "super":
		w.raised = on
	case "nosupersub", "sub":
		w.raised = false
	case "v":
		w.hidden = on
	case "deleted":
		w.struck = on
	case "s":
		w.style = n
	case "outlinelevel":
		if n >= 0 && n < 9 {
			w.outline = n + 1
		}
	case "ansicpg":
		if e := rtfPages[n]; e != nil {
			w.base, w.enc = e, e
		}
	case "mac":
		w.base, w.enc = rtfCharsets[77], rtfCharsets[77]
	case "f", "fcharset", "cpg":
		w.fontWord(word, n)
	default:
		w.special(word)
	}
	return nil
}

// fontWord follows which font is defined or used, and in which code page.
func (w *rtf) fontWord(word string, n int) {
	switch word {
	case "f":
		w.font = n
		if w.dest != rtfFonts {
			w.enc = w.base
			if e := w.fonts[n]; e != nil {
				w.enc = e
			}
		}
	case "fcharset":
		if e := rtfCharsets[n]; e != nil && n != 0 && n != 1 && w.dest == rtfFonts && len(w.fonts) < 4096 {
			w.fonts[w.font] = e
		}
	case "cpg":
		if e := rtfPages[n]; e != nil && w.dest == rtfFonts && len(w.fonts) < 4096 {
			w.fonts[w.font] = e
		}
	}
}

// special handles destinations and the words that stand for a character.
func (w *rtf) special(word string) {
	if s := rtfSigns[word]; s != "" {
		w.say(s)
		return
	}
	if word == "ud" && w.dest == rtfIgnore { // the same text in Unicode
		w.dest = w.upr
	}
	if w.dest == rtfIgnore {
		return
	}
	switch word {
	case "upr":
		w.upr, w.dest = w.dest, rtfIgnore
	case "fonttbl":
		w.dest = rtfFonts
	case "stylesheet":
		w.dest, w.style, w.outline = rtfStyles, 0, 0
	case "listtext", "pntext":
		if w.dest == rtfText {
			w.dest = rtfList
		}
	case "header", "footer", "headerl", "headerr", "headerf", "footerl", "footerr", "footerf":
		w.dest = rtfFrame
	case "footnote":
		if w.dest == rtfText && len(w.notes) < 64 {
			w.notes = append(w.notes, textBuffer{})
			w.dest = rtfNote
			w.raised = false
		}
	case "chftn":
		if w.dest == rtfText {
			w.told++
			w.strike(w.struck)
			w.text.write(raise(itoa(w.told)))
		}
	case "colortbl", "info", "pict", "fldinst", "object", "objdata", "nonshppict", "private", "xe", "tc", "rxe", "template", "filetbl", "revtbl",
		"listtable", "listoverridetable", "rsidtbl", "themedata", "colorschememapping", "datastore", "latentstyles", "xmlnstbl", "annotation", "atnid", "atnauthor", "comment":
		w.dest = rtfIgnore
	}
}

// rtfSigns are the words that stand for a character.
var rtfSigns = map[string]string{"emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”"}

func (w *rtf) space() {
	switch w.dest {
	case rtfText:
		w.text.space()
	case rtfList:
		w.mark.space()
	case rtfFrame:
		w.frame.space()
	case rtfNote:
		if n := len(w.notes); n > 0 {
			w.notes[n-1].space()
		}
	}
}

// endParagraph ends a paragraph: in a cell it is a space, in a header a text.
func (w *rtf) endParagraph() error {
	w.flush()
	switch {
	case w.dest == rtfFrame:
		w.endFrame()
	case w.dest == rtfText && (w.table || len(w.cells) > 0):
		w.text.space()
		if !w.mark.empty() {
			mark := w.mark.take()
			w.text.write(mark + " ")
		}
	case w.dest == rtfText:
		return w.paragraph()
	default:
		w.space()
	}
	return nil
}

func itoa(n int) string { return strconv.Itoa(n) }

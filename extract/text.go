package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A textBuffer gathers one line of plain text: white space (no-break spaces
// too) is collapsed to single spaces, soft hyphens and zero-width characters
// are left out, control characters become spaces, invalid UTF-8 becomes U+FFFD.
type textBuffer struct {
	b       []byte
	pending bool // a space is due before the next character
}

func (t *textBuffer) space() { t.pending = true }

func (t *textBuffer) empty() bool { return len(t.b) == 0 }

func (t *textBuffer) write(s string) {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c <= ' ' || c == 0x7f {
				t.pending = true
				i++
				continue
			}
			j := i + 1
			for j < len(s) && s[j] > ' ' && s[j] < 0x7f {
				j++
			}
			t.put(s[i:j])
			i = j
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case isDropped(r):
		case unicode.IsSpace(r) || unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			t.pending = true
		case r == utf8.RuneError && size == 1:
			t.put("\uFFFD")
		default:
			t.put(s[i : i+size])
		}
		i += size
	}
}

func (t *textBuffer) put(s string) {
	if t.pending && len(t.b) > 0 {
		t.b = append(t.b, ' ')
	}
	t.pending = false
	t.b = append(t.b, s...)
}

// take returns the text in Unicode NFC and empties the buffer.
func (t *textBuffer) take() string {
	t.pending = false
	if len(t.b) == 0 {
		return ""
	}
	var s string
	if norm.NFC.IsNormal(t.b) {
		s = string(t.b)
	} else {
		s = string(norm.NFC.Bytes(t.b))
	}
	t.b = t.b[:0]
	return s
}

// isDropped: soft hyphen, zero-width characters, directional marks, byte order mark.
func isDropped(r rune) bool {
	switch r {
	case '\u00AD', '\u200B', '\u200C', '\u200D', '\u200E', '\u200F', '\u2060', '\uFEFF':
		return true
	}
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

// clean is what a textBuffer makes of one string.
func clean(s string) string {
	var t textBuffer
	t.write(s)
	return t.take()
}

var superscripts = strings.NewReplacer("0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴",
	"5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")

// raise writes digits as superscript ones, so that the mark of a footnote does
// not run into the figure before it: 751 and note 2 is "751²", not "7512".
// What is not all digits ("er", "bis", "[1]") is left as it is.
func raise(s string) string {
	digits := strings.TrimSpace(s)
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return s
	}
	return superscripts.Replace(s)
}

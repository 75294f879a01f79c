package pdftext

import (
	"math"
	"strings"
)

// show draws a string: its glyphs become words.
func (i *interpreter) show(args []any) error {
	t, ok := firstOf(args).(text)
	s := &i.state
	if !ok || s.font == nil {
		return nil
	}
	str := string(t)
	for len(str) > 0 {
		if i.r.glyphs++; i.r.glyphs > maxGlyphs {
			return ErrTooLarge
		}
		code, size := s.font.next(str)
		wide := s.font.width(code)
		i.glyph(s.font.text(code), wide)
		step := wide*s.size + s.charGap
		if size == 1 && str[0] == ' ' {
			step += s.wordGap
		}
		i.advance(step * s.scale)
		str = str[size:]
	}
	return nil
}

// glyph takes one glyph at the present place.
func (i *interpreter) glyph(str string, wide float64) {
	s := &i.state
	m := matrix{s.size * s.scale, 0, 0, s.size, 0, s.rise}.times(s.textMatrix).times(s.ctm)
	size := math.Hypot(m[2], m[3])
	if !(size > 0 && size < 1e5 && math.Abs(m[4]) < 1e6 && math.Abs(m[5]) < 1e6) {
		return
	}
	for n := range i.marks {
		if k := &i.marks[n]; k.has {
			str = ""
			if !k.told {
				k.told, str = true, k.actual
			}
			break
		}
	}
	x, y := m[4], m[5]
	w := wide * math.Hypot(m[0], m[1])
	turned := math.Abs(m[1]) > math.Abs(m[0])*0.2
	if turned { // follow the line: along it is x, across it is y
		cos, sin := m[0]/math.Hypot(m[0], m[1]), m[1]/math.Hypot(m[0], m[1])
		x, y = m[4]*cos+m[5]*sin, -m[4]*sin+m[5]*cos
	}
	if strings.TrimSpace(str) == "" {
		if str != "" {
			i.space = true
			i.endWord()
		}
		return
	}
	i.place(str, x, y, w, size, turned, m)
}

// place puts a glyph into the word under way, or begins another.
func (i *interpreter) place(str string, x, y, w, size float64, turned bool, m matrix) {
	if len(i.text) > 0 {
		gap := x - i.next
		if turned != i.word.Turned || math.Abs(y-i.base) > 0.1*size || math.Abs(size-i.word.Size) > 0.1*size || gap > 0.15*size || gap < -0.5*size || len(i.text) > 4096 {
			glued := turned == i.word.Turned && gap <= 0.15*size && gap > -0.5*size && math.Abs(y-i.base) < 0.6*max(size, i.word.Size)
			i.endWord()
			i.space = !glued
		}
	}
	if len(i.text) == 0 {
		left, base := x, y
		if turned {
			left, base = m[4], m[5]
		}
		i.word = Word{Left: left, Top: base - 0.8*size, Bottom: base + 0.2*size, Size: size, Bold: i.state.font.bold, Turned: turned,
			Glued: i.begun && !i.space}
		i.base = y
	}
	i.text = append(i.text, str...)
	i.next = x + w
	i.space = false
	if turned {
		i.word.Right = i.word.Left + size
		return
	}
	i.word.Right = max(i.word.Right, x+w)
}

// endWord ends the word under way.
func (i *interpreter) endWord() {
	if len(i.text) == 0 {
		return
	}
	if len(i.page.Words) >= maxWords {
		i.r.f.failed = ErrTooLarge
		i.text = i.text[:0]
		return
	}
	i.word.Text = string(i.text)
	i.page.Words = append(i.page.Words, i.word)
	i.text, i.begun = i.text[:0], true
}

package pdftext

import (
	"bytes"
	"math"
	"strings"
	"unicode/utf16"
)

// A matrix is [a b c d e f] as in PDF.
type matrix [6]float64

// times applies m before n.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5]}
}

// A state is the part of the graphics state that text needs.
type state struct {
	ctm                    matrix
	font                   *font
	size, charGap, wordGap float64
	scale, leading, rise   float64
	textMatrix, lineMatrix matrix
}

// An interpreter runs the content of a page and gathers words.
type interpreter struct {
	r     *reader
	page  *Page
	state state
	saved []state
	word  Word
	text  []byte
	next  float64 // where the next glyph of the word would stand, along the line
	base  float64 // its baseline
	space bool    // a space was drawn before the next glyph
	begun bool    // there was a word before on this page
	marks []mark
}

// A mark is a marked-content sequence; one with an ActualText shows that
// instead of what is drawn in it.
type mark struct {
	actual string
	has    bool
	told   bool
}

// run runs a content stream with its resources.
func (i *interpreter) run(data []byte, resources any, depth int) error {
	if depth > maxForms {
		return nil
	}
	res := i.r.f.dict(resources)
	l := &lexer{src: data}
	args := make([]any, 0, 16)
	for {
		v, err := l.object(0)
		if err == errEnd {
			return nil
		}
		if err != nil {
			continue
		}
		op, ok := v.(keyword)
		if !ok {
			if len(args) < 64 {
				args = append(args, v)
			}
			continue
		}
		if i.r.ops++; i.r.ops > maxOps {
			return ErrTooLarge
		}
		if i.r.ops%4096 == 0 {
			if err := i.r.f.ctx.Err(); err != nil {
				return err
			}
		}
		if op == "BI" {
			skipImage(l)
		} else if err := i.operate(op, args, res, depth); err != nil {
			return err
		}
		args = args[:0]
	}
}

// skipImage reads over an inline picture.
func skipImage(l *lexer) {
	for {
		v, err := l.object(0)
		if err == errEnd {
			return
		}
		if v == keyword("ID") {
			break
		}
	}
	for l.pos < len(l.src) {
		n := bytes.Index(l.src[l.pos:], []byte("EI"))
		if n < 0 {
			l.pos = len(l.src)
			return
		}
		at := l.pos + n
		l.pos = at + 2
		if at > 0 && isSpace(l.src[at-1]) && (l.pos >= len(l.src) || isSpace(l.src[l.pos])) {
			return
		}
	}
}

func num(args []any, n int) float64 {
	if n < 0 || n >= len(args) {
		return 0
	}
	v, _ := args[n].(float64)
	return v
}

func (i *interpreter) operate(op keyword, args []any, res dict, depth int) error {
	s := &i.state
	switch op {
	case "q":
		if len(i.saved) < maxStates {
			i.saved = append(i.saved, *s)
		}
	case "Q":
		if n := len(i.saved); n > 0 {
			*s, i.saved = i.saved[n-1], i.saved[:n-1]
		}
	case "cm":
		s.ctm = sixOf(args).times(s.ctm)
	case "Do":
		return i.do(args, res, depth)
	case "BDC", "BMC":
		i.begin(args, res)
	case "EMC":
		if n := len(i.marks); n > 0 {
			i.marks = i.marks[:n-1]
		}
	case "gs":
		i.external(args, res)
	default:
		return i.textOp(op, args, res)
	}
	return nil
}

func sixOf(args []any) matrix {
	var m matrix
	for n := range m {
		m[n] = num(args, n)
		if math.IsNaN(m[n]) || math.Abs(m[n]) > 1e9 {
			m[n] = 0
		}
	}
	return m
}

// textOp runs the operators of text.
func (i *interpreter) textOp(op keyword, args []any, res dict) error {
	s := &i.state
	switch op {
	case "BT":
		s.textMatrix, s.lineMatrix = matrix{1, 0, 0, 1, 0, 0}, matrix{1, 0, 0, 1, 0, 0}
	case "Tf":
		if n, ok := firstName(args); ok {
			s.font = i.r.font(i.r.f.dict(res["Font"])[n])
		}
		s.size = num(args, 1)
	case "Tc":
		s.charGap = num(args, 0)
	case "Tw":
		s.wordGap = num(args, 0)
	case "Tz":
		s.scale = num(args, 0) / 100
	case "TL":
		s.leading = num(args, 0)
	case "Ts":
		s.rise = num(args, 0)
	case "Td":
		i.move(num(args, 0), num(args, 1))
	case "TD":
		s.leading = -num(args, 1)
		i.move(num(args, 0), num(args, 1))
	case "Tm":
		s.lineMatrix = sixOf(args)
		s.textMatrix = s.lineMatrix
	case "T*":
		i.move(0, -s.leading)
	case "Tj":
		return i.show(args)
	case "'":
		i.move(0, -s.leading)
		return i.show(args)
	case "\"":
		s.wordGap, s.charGap = num(args, 0), num(args, 1)
		i.move(0, -s.leading)
		return i.show(args[min(2, len(args)):])
	case "TJ":
		list, _ := firstOf(args).(array)
		for _, v := range list {
			switch v := v.(type) {
			case float64:
				i.advance(-v / 1000 * s.size * s.scale)
			case text:
				if err := i.show([]any{v}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func firstOf(args []any) any {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

func firstName(args []any) (name, bool) {
	n, ok := firstOf(args).(name)
	return n, ok
}

func (i *interpreter) move(x, y float64) {
	s := &i.state
	s.lineMatrix = matrix{1, 0, 0, 1, x, y}.times(s.lineMatrix)
	s.textMatrix = s.lineMatrix
}

func (i *interpreter) advance(x float64) {
	s := &i.state
	s.textMatrix = matrix{1, 0, 0, 1, x, 0}.times(s.textMatrix)
}

// external takes the font of an external graphics state.
func (i *interpreter) external(args []any, res dict) {
	n, _ := firstName(args)
	if f := i.r.f.array(i.r.f.dict(i.r.f.dict(res["ExtGState"])[n])["Font"]); len(f) == 2 {
		i.state.font, i.state.size = i.r.font(f[0]), i.r.f.number(f[1])
	}
}

// do runs a form.
func (i *interpreter) do(args []any, res dict, depth int) error {
	n, _ := firstName(args)
	s, ok := i.r.f.resolve(i.r.f.dict(res["XObject"])[n]).(*stream)
	if !ok || i.r.f.name(s.dict["Subtype"]) != "Form" {
		return nil
	}
	if i.r.forms++; i.r.forms > maxFormRuns {
		return ErrTooLarge
	}
	data, err := i.r.f.unpack(s, true)
	if err != nil {
		return contentError(err)
	}
	before, saved := i.state, i.saved
	i.saved = nil
	if m := i.r.f.array(s.dict["Matrix"]); len(m) == 6 {
		i.state.ctm = sixOf(m).times(i.state.ctm)
	}
	inner := s.dict["Resources"]
	if inner == nil {
		inner = res
	}
	err = i.run(data, inner, depth+1)
	i.state, i.saved = before, saved
	return err
}

// begin begins marked content.
func (i *interpreter) begin(args []any, res dict) {
	var m mark
	if len(args) > 1 {
		d, ok := args[1].(dict)
		if n, isName := args[1].(name); isName {
			d, ok = i.r.f.dict(i.r.f.dict(res["Properties"])[n]), true
		}
		if t, has := i.r.f.resolve(d["ActualText"]).(text); ok && has {
			m = mark{actual: textString(t), has: true}
		}
	}
	if len(i.marks) < maxStates {
		i.marks = append(i.marks, m)
	}
}

// textString decodes a text string: UTF-16 with a mark, UTF-8 with a mark, or
// something near enough to Latin-1.
func textString(t text) string {
	s := string(t)
	if rest, ok := strings.CutPrefix(s, "\xfe\xff"); ok {
		u := make([]uint16, 0, len(rest)/2)
		for i := 0; i+1 < len(rest); i += 2 {
			u = append(u, uint16(rest[i])<<8|uint16(rest[i+1]))
		}
		return string(utf16.Decode(u))
	}
	if rest, ok := strings.CutPrefix(s, "\xef\xbb\xbf"); ok {
		return rest
	}
	rs := make([]rune, len(s))
	for i := range len(s) {
		rs[i] = rune(s[i])
	}
	return string(rs)
}

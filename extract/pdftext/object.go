package pdftext

import (
	"bytes"
	"errors"
	"math"
	"strconv"
)

// The objects of PDF (ISO 32000-1, 7.3). Numbers are float64, booleans bool,
// null is nil.
type (
	name    string
	keyword string
	text    string // a string, decoded and decrypted
	array   []any
	dict    map[name]any
	ref     struct{ num, gen int }
	stream  struct {
		dict dict
		raw  []byte // as in the file, still encrypted
		own  ref    // for decryption
	}
)

const (
	maxNesting = 64      // arrays and dictionaries in each other
	maxItems   = 500_000 // of one object
)

var (
	errSyntax = errors.New("syntax error")
	errEnd    = errors.New("unexpected end")
)

// A lexer reads objects from bytes.
type lexer struct {
	src []byte
	pos int
	// decrypt decodes a string; nil where strings are plain.
	decrypt func([]byte) []byte
	items   int // of the object being read, arrays and dictionaries in it too
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func (l *lexer) skipSpace() {
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; {
		case isSpace(c):
			l.pos++
		case c == '%':
			for l.pos < len(l.src) && l.src[l.pos] != '\n' && l.src[l.pos] != '\r' {
				l.pos++
			}
		default:
			return
		}
	}
}

// object reads the next object or keyword. References are not put together.
func (l *lexer) object(depth int) (any, error) {
	l.skipSpace()
	if l.pos >= len(l.src) {
		return nil, errEnd
	}
	if depth == 0 {
		l.items = 0
	}
	if l.items++; l.items > maxItems {
		return nil, errEnd
	}
	if depth > maxNesting {
		return nil, errSyntax
	}
	c := l.src[l.pos]
	switch {
	case c == '/':
		l.pos++
		return l.name(), nil
	case c == '(':
		l.pos++
		return l.string()
	case c == '[':
		l.pos++
		return l.array(depth)
	case c == '<':
		if l.pos+1 < len(l.src) && l.src[l.pos+1] == '<' {
			l.pos += 2
			return l.dict(depth)
		}
		l.pos++
		return l.hex()
	case c == ']' || c == '}' || c == '{' || c == ')':
		l.pos++
		return keyword(c), nil
	case c == '>':
		l.pos++
		if l.pos < len(l.src) && l.src[l.pos] == '>' {
			l.pos++
			return keyword(">>"), nil
		}
		return keyword(">"), nil
	}
	start := l.pos
	for l.pos < len(l.src) && !isSpace(l.src[l.pos]) && !isDelimiter(l.src[l.pos]) {
		l.pos++
	}
	return plain(l.src[start:l.pos]), nil
}

// plain makes a number or a keyword of a word.
func plain(w []byte) any {
	if c := w[0]; c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.' {
		if v, ok := parseNumber(w); ok {
			return v
		}
	}
	switch string(w) {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	return keyword(w)
}

// parseNumber reads what writers of PDF take for a number: "--5" and "1.2.3" too.
func parseNumber(w []byte) (float64, bool) {
	sign, i := 1.0, 0
	for i < len(w) && (w[i] == '-' || w[i] == '+') {
		if w[i] == '-' {
			sign = -1
		}
		i++
	}
	v, scale, digits, point := 0.0, 1.0, 0, false
	for ; i < len(w); i++ {
		switch c := w[i]; {
		case c >= '0' && c <= '9':
			digits++
			if point {
				scale /= 10
				v += float64(c-'0') * scale
			} else {
				v = v*10 + float64(c-'0')
			}
		case c == '.' && !point:
			point = true
		case c == '-' && digits > 0 || c == '.':
			i = len(w)
		default:
			return 0, false
		}
	}
	if v > 1e15 || math.IsNaN(v) {
		v = 1e15
	}
	return sign * v, digits > 0 || point
}

func (l *lexer) name() name {
	start := l.pos
	escaped := false
	for l.pos < len(l.src) && !isSpace(l.src[l.pos]) && !isDelimiter(l.src[l.pos]) {
		escaped = escaped || l.src[l.pos] == '#'
		l.pos++
	}
	raw := l.src[start:l.pos]
	if !escaped {
		return name(raw)
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] == '#' && i+2 < len(raw) {
			if v, err := strconv.ParseUint(string(raw[i+1:i+3]), 16, 8); err == nil {
				out = append(out, byte(v))
				i += 2
				continue
			}
		}
		out = append(out, raw[i])
	}
	return name(out)
}

func (l *lexer) string() (any, error) {
	var out []byte
	open := 1
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		l.pos++
		switch c {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return l.plainText(out), nil
			}
		case '\\':
			out = l.escape(out)
			continue
		case '\r':
			if l.pos < len(l.src) && l.src[l.pos] == '\n' {
				l.pos++
			}
			c = '\n'
		}
		out = append(out, c)
	}
	return nil, errEnd
}

func (l *lexer) escape(out []byte) []byte {
	if l.pos >= len(l.src) {
		return out
	}
	c := l.src[l.pos]
	l.pos++
	switch c {
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case '\n':
		return out
	case '\r':
		if l.pos < len(l.src) && l.src[l.pos] == '\n' {
			l.pos++
		}
		return out
	}
	if c < '0' || c > '7' {
		return append(out, c)
	}
	v := int(c - '0')
	for range 2 {
		if l.pos >= len(l.src) || l.src[l.pos] < '0' || l.src[l.pos] > '7' {
			break
		}
		v = v*8 + int(l.src[l.pos]-'0')
		l.pos++
	}
	return append(out, byte(v))
}

func (l *lexer) hex() (any, error) {
	end := bytes.IndexByte(l.src[l.pos:], '>')
	if end < 0 {
		return nil, errEnd
	}
	out := unhex(l.src[l.pos : l.pos+end])
	l.pos += end + 1
	return l.plainText(out), nil
}

func unhex(src []byte) []byte {
	out := make([]byte, 0, len(src)/2+1)
	half, have := byte(0), false
	for _, c := range src {
		var v byte
		switch {
		case c >= '0' && c <= '9':
			v = c - '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			v = c | 0x20 - 'a' + 10
		default:
			continue
		}
		if have {
			out = append(out, half<<4|v)
		}
		half, have = v, !have
	}
	if have {
		out = append(out, half<<4)
	}
	return out
}

func (l *lexer) plainText(b []byte) text {
	if l.decrypt != nil {
		b = l.decrypt(b)
	}
	return text(b)
}

func (l *lexer) array(depth int) (any, error) {
	out := array{}
	for {
		v, err := l.object(depth + 1)
		if err != nil {
			return nil, err
		}
		if k, ok := v.(keyword); ok {
			switch k {
			case "]":
				return out, nil
			case "R":
				out = reference(out)
				continue
			case ">>", "endobj", "stream":
				return nil, errSyntax
			}
			continue // not an object: passed over
		}
		out = append(out, v)
	}
}

// reference makes "12 0 R" one object.
func reference(out array) array {
	n := len(out)
	if n < 2 {
		return out
	}
	num, ok1 := out[n-2].(float64)
	gen, ok2 := out[n-1].(float64)
	if !ok1 || !ok2 || num < 0 || num > 1e8 {
		return out
	}
	return append(out[:n-2], ref{int(num), int(gen)})
}

func (l *lexer) dict(depth int) (any, error) {
	flat := array{}
	for {
		v, err := l.object(depth + 1)
		if err != nil {
			return nil, err
		}
		if k, ok := v.(keyword); ok {
			if k == "R" {
				flat = reference(flat)
				continue
			}
			if k != ">>" {
				if k == "endobj" || k == "stream" {
					return nil, errSyntax
				}
				continue
			}
			break
		}
		flat = append(flat, v)
	}
	out := make(dict, len(flat)/2)
	for i := 0; i+1 < len(flat); {
		k, ok := flat[i].(name)
		if !ok {
			i++
			continue
		}
		out[k] = flat[i+1]
		i += 2
	}
	return out, nil
}

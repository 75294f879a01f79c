package pdftext

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A font tells what the codes in strings mean, and how wide they are drawn.
type font struct {
	wide     bool        // codes of two bytes
	spaces   []codeSpace // of a composite font with a CMap of its own
	names    [256]string
	unicode  map[int]string // by ToUnicode
	widths   map[int]float64
	standard *[95]uint16 // of the 14 standard fonts, from the space on
	missing  float64
	bold     bool
	scale    float64 // units of widths
}

// A codeSpace is a range of codes of one length.
type codeSpace struct{ size, low, high int }

const (
	maxCMap   = 400_000 // characters of one CMap
	maxWidths = 200_000
)

// font reads a font dictionary.
func (r *reader) font(v any) *font {
	key := refNum(v)
	if fo, ok := r.fonts[key]; ok && key >= 0 {
		return fo
	}
	f := r.f
	d := f.dict(v)
	fo := &font{widths: map[int]float64{}, scale: 0.001}
	if key >= 0 {
		r.fonts[key] = fo
	}
	base := strings.ToLower(string(f.name(d["BaseFont"])))
	fo.bold = strings.Contains(base, "bold") || strings.Contains(base, "black") || strings.Contains(base, "heavy")
	if s, ok := f.resolve(d["ToUnicode"]).(*stream); ok {
		if data, _ := f.unpack(s, true); len(data) > 0 {
			fo.unicode, fo.spaces = r.cmap(data)
		}
	}
	if f.name(d["Subtype"]) == "Type0" {
		r.composite(fo, d)
		return fo
	}
	fo.spaces = nil
	r.simple(fo, d, base)
	return fo
}

func (r *reader) simple(fo *font, d dict, base string) {
	f := r.f
	descriptor := f.dict(d["FontDescriptor"])
	symbolic := int(f.number(descriptor["Flags"]))&4 != 0
	switch enc := f.resolve(d["Encoding"]).(type) {
	case name:
		fo.names = baseEncoding(enc, symbolic)
	case dict:
		fo.names = baseEncoding(f.name(enc["BaseEncoding"]), symbolic && f.name(d["Subtype"]) == "TrueType")
		r.differences(fo, f.array(enc["Differences"]))
	default:
		fo.names = baseEncoding("", symbolic && f.name(d["Subtype"]) == "TrueType")
	}
	if strings.Contains(base, "symbol") || strings.Contains(base, "dingbats") {
		for _, c := range []int{0xB7, 'l', 'n', 'u', 'q', 0xA7, 0xD8, 0xFC} {
			if fo.unicode == nil && (c >= 0x80 || strings.Contains(base, "dingbats")) {
				fo.names[c] = "•"
			}
		}
	}
	first := int(f.number(d["FirstChar"]))
	for i, w := range f.array(d["Widths"]) {
		if i > 255 {
			break
		}
		fo.widths[first+i] = f.number(w)
	}
	fo.missing = f.number(descriptor["MissingWidth"])
	if f.name(d["Subtype"]) == "Type3" {
		if m := f.array(d["FontMatrix"]); len(m) == 6 {
			if fo.scale = f.number(m[0]); fo.scale <= 0 || fo.scale > 1 {
				fo.scale = 0.001
			}
		}
	}
	if len(fo.widths) == 0 {
		fo.standard = standardWidths(base)
		fo.missing = 500
		if fo.standard == nil {
			fo.missing = 600 // Courier
		}
	}
}

func (r *reader) differences(fo *font, list array) {
	code := 0
	for _, v := range list {
		switch v := r.f.resolve(v).(type) {
		case float64:
			code = int(v)
		case name:
			if code >= 0 && code < 256 {
				if s := r.signs.glyph(string(v)); s != "" {
					fo.names[code] = s
				} else if v == ".notdef" {
					fo.names[code] = ""
				}
			}
			code++
		}
	}
}

// composite reads a Type 0 font.
func (r *reader) composite(fo *font, d dict) {
	f := r.f
	fo.wide = true
	own := fo.spaces
	fo.spaces = nil
	if s, ok := f.resolve(d["Encoding"]).(*stream); ok {
		if data, _ := f.unpack(s, true); len(data) > 0 {
			_, fo.spaces = r.cmap(data)
		}
	} else if n := f.name(d["Encoding"]); n != "Identity-H" && n != "Identity-V" {
		fo.spaces = own
	}
	down := f.dict(first(f.array(d["DescendantFonts"])))
	fo.missing = 1000
	if v, ok := f.resolve(down["DW"]).(float64); ok {
		fo.missing = v
	}
	w := f.array(down["W"])
	for i := 0; i+1 < len(w) && len(fo.widths) < maxWidths; {
		from := int(f.number(w[i]))
		if list, ok := f.resolve(w[i+1]).(array); ok {
			for j, v := range list {
				fo.widths[from+j] = f.number(v)
			}
			i += 2
			continue
		}
		if i+2 >= len(w) {
			break
		}
		to, width := int(f.number(w[i+1])), f.number(w[i+2])
		for c := from; c <= to && len(fo.widths) < maxWidths; c++ {
			fo.widths[c] = width
		}
		i += 3
	}
}

func first(a array) any {
	if len(a) == 0 {
		return nil
	}
	return a[0]
}

// next takes the next code off a string: the code, its length in bytes.
func (fo *font) next(s string) (code, size int) {
	if !fo.wide {
		return int(s[0]), 1
	}
	if len(fo.spaces) > 0 {
		v := 0
		for n := 1; n <= 4 && n <= len(s); n++ {
			v = v<<8 | int(s[n-1])
			for _, sp := range fo.spaces {
				if sp.size == n && v >= sp.low && v <= sp.high {
					return v, n
				}
			}
		}
	}
	if len(s) < 2 {
		return int(s[0]), 1
	}
	return int(s[0])<<8 | int(s[1]), 2
}

// text is what a code stands for.
func (fo *font) text(code int) string {
	if s, ok := fo.unicode[code]; ok {
		return s
	}
	if !fo.wide && code < 256 {
		return fo.names[code]
	}
	return ""
}

// width is the width of a code, in ems.
func (fo *font) width(code int) float64 {
	if w, ok := fo.widths[code]; ok {
		return w * fo.scale
	}
	if fo.standard != nil && code < 256 {
		if i := plainLetter(fo.names[code]); i >= 0 {
			return float64(fo.standard[i]) / 1000
		}
	}
	return fo.missing * fo.scale
}

// cmap reads a ToUnicode CMap or the code spaces of an encoding.
func (r *reader) cmap(data []byte) (map[int]string, []codeSpace) {
	out := map[int]string{}
	var spaces []codeSpace
	var args []any
	l := &lexer{src: data}
	for len(out) < maxCMap {
		v, err := l.object(0)
		if err != nil {
			if err == errSyntax {
				continue
			}
			break
		}
		k, isKey := v.(keyword)
		if !isKey {
			if len(args) < 4*maxCMap {
				args = append(args, v)
			}
			continue
		}
		switch k {
		case "endcodespacerange":
			for i := 0; i+1 < len(args) && len(spaces) < 256; i += 2 {
				low, ok1 := args[i].(text)
				high, ok2 := args[i+1].(text)
				if ok1 && ok2 && len(low) > 0 && len(low) <= 4 {
					spaces = append(spaces, codeSpace{len(low), codeOf(low), codeOf(high)})
				}
			}
		case "endbfchar":
			for i := 0; i+1 < len(args); i += 2 {
				from, ok1 := args[i].(text)
				to, ok2 := args[i+1].(text)
				if ok1 && ok2 {
					out[codeOf(from)] = utf16Text(to)
				}
			}
		case "endbfrange":
			bfRanges(out, args)
		}
		args = args[:0]
	}
	return out, spaces
}

func bfRanges(out map[int]string, args []any) {
	for i := 0; i+2 < len(args); i += 3 {
		low, ok1 := args[i].(text)
		high, ok2 := args[i+1].(text)
		if !ok1 || !ok2 {
			continue
		}
		from, to := codeOf(low), codeOf(high)
		switch dst := args[i+2].(type) {
		case text:
			rs := utf16Runes(dst)
			if len(rs) == 0 {
				continue
			}
			for c := from; c <= to && c-from < 65536 && len(out) < maxCMap; c++ {
				if last := rs[len(rs)-1]; last > 0 && utf8.ValidRune(last) {
					out[c] = string(rs)
				}
				rs[len(rs)-1]++
			}
		case array:
			for j, v := range dst {
				if s, ok := v.(text); ok && from+j <= to && len(out) < maxCMap {
					out[from+j] = utf16Text(s)
				}
			}
		}
	}
}

func codeOf(s text) int {
	v := 0
	for i := 0; i < len(s) && i < 4; i++ {
		v = v<<8 | int(s[i])
	}
	return v
}

func utf16Runes(s text) []rune {
	if len(s) == 1 {
		return []rune{rune(s[0])}
	}
	u := make([]uint16, 0, len(s)/2)
	for i := 0; i+1 < len(s) && i < 64; i += 2 {
		u = append(u, uint16(s[i])<<8|uint16(s[i+1]))
	}
	return utf16.Decode(u)
}

func utf16Text(s text) string { return strings.Trim(string(utf16Runes(s)), "\x00") }

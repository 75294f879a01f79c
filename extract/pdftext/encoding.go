package pdftext

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// glyphSigns are the names of glyphs that are no letter with an accent, as
// "name character" pairs (after the Adobe Glyph List).
const glyphSigns = `space   exclam ! quotedbl " numbersign # dollar $ percent % ampersand & quotesingle ' parenleft ( parenright ) asterisk * plus + comma ,
hyphen - minus − period . slash / zero 0 one 1 two 2 three 3 four 4 five 5 six 6 seven 7 eight 8 nine 9 colon : semicolon ; less < equal =
greater > question ? at @ bracketleft [ backslash \ bracketright ] asciicircum ^ underscore _ grave ` + "`" + ` braceleft { bar | braceright } asciitilde ~
exclamdown ¡ cent ¢ sterling £ currency ¤ yen ¥ brokenbar ¦ section § dieresis ¨ copyright © ordfeminine ª guillemotleft « logicalnot ¬ registered ®
macron ¯ degree ° plusminus ± twosuperior ² threesuperior ³ onesuperior ¹ acute ´ mu µ paragraph ¶ periodcentered · middot · cedilla ¸ ordmasculine º
guillemotright » onequarter ¼ onehalf ½ threequarters ¾ questiondown ¿ multiply × divide ÷ AE Æ ae æ OE Œ oe œ Oslash Ø oslash ø germandbls ß
Eth Ð eth ð Thorn Þ thorn þ Lslash Ł lslash ł dotlessi ı Dcroat Đ dcroat đ Hbar Ħ hbar ħ kgreenlandic ĸ Eng Ŋ eng ŋ Tbar Ŧ tbar ŧ florin ƒ
quoteleft ‘ quoteright ’ quotesinglbase ‚ quotedblleft “ quotedblright ” quotedblbase „ guilsinglleft ‹ guilsinglright › dagger † daggerdbl ‡
bullet • ellipsis … perthousand ‰ endash – emdash — horizontalbar ― fraction ⁄ Euro € euro € trademark ™ fi fi fl fl ff ff ffi ffi ffl ffl
circumflex ˆ tilde ˜ caron ˇ breve ˘ dotaccent ˙ ring ˚ ogonek ˛ hungarumlaut ˝ minute ′ second ″ arrowleft ← arrowup ↑ arrowright → arrowdown ↓
arrowboth ↔ lessequal ≤ greaterequal ≥ notequal ≠ approxequal ≈ infinity ∞ summation ∑ radical √ integral ∫ partialdiff ∂ product ∏ lozenge ◊
Alpha Α Beta Β Gamma Γ Delta Δ Epsilon Ε Zeta Ζ Eta Η Theta Θ Iota Ι Kappa Κ Lambda Λ Mu Μ Nu Ν Xi Ξ Omicron Ο Pi Π Rho Ρ Sigma Σ Tau Τ Upsilon Υ
Phi Φ Chi Χ Psi Ψ Omega Ω alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ nu ν xi ξ omicron ο pi π rho ρ
sigma1 ς sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω nbspace   nonbreakingspace   sfthyphen - softhyphen - nonbreakinghyphen - figuredash ‒
blacksquare ■ H18543 ▪ square □ filledbox ■ triagrt ► checkmark ✓ numero № estimated ℮ onesuperior ¹ foursuperior ⁴ fivesuperior ⁵ sixsuperior ⁶
sevensuperior ⁷ eightsuperior ⁸ ninesuperior ⁹ zerosuperior ⁰ commaaccent , a1 ✁ f_i fi f_l fl f_f ff f_f_i ffi f_f_l ffl T_h Th t_t tt`

// accents are the endings of names of letters with an accent.
var accents = map[string]rune{"acute": 0x301, "grave": 0x300, "circumflex": 0x302, "dieresis": 0x308, "tilde": 0x303, "ring": 0x30A, "caron": 0x30C,
	"cedilla": 0x327, "ogonek": 0x328, "breve": 0x306, "macron": 0x304, "dotaccent": 0x307, "dot": 0x307, "hungarumlaut": 0x30B, "commaaccent": 0x326, "dotbelow": 0x323}

// signNames holds the pairs of glyphSigns.
type signNames map[string]string

func newSigns() signNames {
	out := signNames{}
	fields := strings.Split(strings.ReplaceAll(glyphSigns, "\n", " "), " ")
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i+1] == "" { // the name of a space
			out[fields[i]] = " "
			i++ // a space is split into two empty fields
			continue
		}
		out[fields[i]] = fields[i+1]
	}
	return out
}

// glyph returns the text of a glyph name, "" if it is unknown: those of the
// list, single letters, letters with an accent, uniXXXX and uXXXXX.
func (s signNames) glyph(n string) string {
	if base, _, ok := strings.Cut(n, "."); ok && base != "" { // "a.sc"
		n = base
	}
	if v, ok := s[n]; ok {
		return v
	}
	if len(n) == 1 {
		return n
	}
	if r := n[:min(len(n), 1)]; len(n) > 2 && (r[0]|0x20 >= 'a' && r[0]|0x20 <= 'z') {
		if a, ok := accents[n[1:]]; ok {
			return norm.NFC.String(r + string(a))
		}
	}
	if hex, ok := strings.CutPrefix(n, "uni"); ok && len(hex) >= 4 {
		return hexRunes(hex[:len(hex)-len(hex)%4], 4)
	}
	if hex, ok := strings.CutPrefix(n, "u"); ok && len(hex) >= 4 && len(hex) <= 6 {
		return hexRunes(hex, len(hex))
	}
	return ""
}

func hexRunes(hex string, size int) string {
	var b strings.Builder
	for i := 0; i+size <= len(hex) && i < 32; i += size {
		v, err := strconv.ParseUint(hex[i:i+size], 16, 32)
		if err != nil || !utf8.ValidRune(rune(v)) {
			return ""
		}
		b.WriteRune(rune(v))
	}
	return b.String()
}

// standardUpper are the characters of StandardEncoding from 0xA1 on, with a
// space where there is none.
const standardUpper = "¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ –†‡· ¶•‚„”»…‰ ¿ `´ˆ˜¯˘˙¨ ˚¸ ˝˛ˇ—                Æ ª    ŁØŒº     æ   ı  łøœß    "

// baseEncoding is one of the encodings that PDF names.
func baseEncoding(n name, symbolic bool) [256]string {
	var out [256]string
	decode := charmap.Windows1252
	if n == "MacRomanEncoding" {
		decode = charmap.Macintosh
	}
	for i := 32; i < 256; i++ {
		if r := decode.DecodeByte(byte(i)); r != utf8.RuneError && r >= ' ' && (r < 0x7f || r > 0x9f) {
			out[i] = string(r)
		}
	}
	if n == "WinAnsiEncoding" || n == "MacRomanEncoding" || symbolic {
		if n == "WinAnsiEncoding" {
			out[0x95], out[0xAD] = "•", "-"
		}
		return out
	}
	for i := 0x7f; i < 256; i++ {
		out[i] = ""
	}
	out['\''], out['`'] = "’", "‘"
	i := 0xA1
	for _, r := range standardUpper {
		if r != ' ' && i < 256 {
			out[i] = string(r)
		}
		i++
	}
	return out
}

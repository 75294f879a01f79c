package thesaurus

import (
	"strings"
	"unicode"
)

// latin lists, for each plain spelling, the small letters that are folded to it.
var latin = [...]struct{ plain, letters string }{
	{"a", "àáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ"},
	{"ae", "æǽǣ"},
	{"b", "ḃḅḇ"},
	{"c", "çćĉċčḉ"},
	{"d", "ďḋḍḏḑḓđð"},
	{"dz", "ǆǳ"},
	{"e", "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ"},
	{"f", "ḟ"},
	{"ff", "ﬀ"},
	{"ffi", "ﬃ"},
	{"ffl", "ﬄ"},
	{"fi", "ﬁ"},
	{"fl", "ﬂ"},
	{"g", "ĝğġģǧǵḡ"},
	{"h", "ĥȟḣḥḧḩḫẖħ"},
	{"i", "ìíîïĩīĭįİǐȉȋḭḯỉịı"},
	{"ij", "ĳ"},
	{"j", "ĵǰ"},
	{"k", "ķǩḱḳḵ"},
	{"l", "ĺļľḷḹḻḽłŀĿ"},
	{"lj", "ǉ"},
	{"m", "ḿṁṃ"},
	{"n", "ñńņňǹṅṇṉṋŋŉ"},
	{"nj", "ǌ"},
	{"o", "òóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợøǿ"},
	{"oe", "œ"},
	{"p", "ṕṗ"},
	{"r", "ŕŗřȑȓṙṛṝṟ"},
	{"s", "śŝşšșṡṣṥṧṩẛſ"},
	{"ss", "ßẞ"},
	{"st", "ﬅﬆ"},
	{"t", "ţťțṫṭṯṱẗŧ"},
	{"th", "þ"},
	{"u", "ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự"},
	{"v", "ṽṿ"},
	{"w", "ŵẁẃẅẇẉẘ"},
	{"x", "ẋẍ"},
	{"y", "ýÿŷȳẏẙỳỵỷỹ"},
	{"z", "źżžẑẓẕ"},
}

// plain is latin turned round.
var plain = func() map[rune]string {
	m := map[rune]string{}
	for _, l := range latin {
		for _, r := range l.letters {
			m[r] = l.plain
		}
	}
	return m
}()

// Fold spells a word plainly: small letters, no diacritics, no soft hyphens;
// "Rückführung" is "ruckfuhrung", "Œuvre" is "oeuvre", "ß" is "ss". Letters of
// other scripts only lose their case.
func Fold(word string) string {
	simple := true
	for i := 0; i < len(word) && simple; i++ {
		c := word[i]
		simple = c < 0x80 && (c < 'A' || c > 'Z')
	}
	if simple {
		return word
	}
	var b strings.Builder
	b.Grow(len(word))
	for _, r := range word {
		r = unicode.ToLower(r)
		switch p, ok := plain[r]; {
		case r < 0x80:
			b.WriteByte(byte(r))
		case ok:
			b.WriteString(p)
		case !silent(r) && !unicode.IsMark(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// silent reports whether r is invisible inside a word: a soft hyphen or a
// zero-width character.
func silent(r rune) bool {
	return r == 0xAD || r == 0x200B || r == 0x200C || r == 0x200D || r == 0x2060 || r == 0xFEFF
}

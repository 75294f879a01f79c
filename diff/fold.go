package diff

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// typography maps what a typesetter may exchange without changing a word:
// quotes, dashes, spaces, ligatures, and what a wrong charset makes of them
// (the C1 controls are windows-1252 read as ISO 8859-1). What maps to "" is
// invisible.
var typography = map[rune]string{
	'\u00a0': " ", '\u2002': " ", '\u2003': " ", '\u2007': " ", '\u2008': " ", '\u2009': " ", '\u200a': " ", '\u202f': " ",
	'\u00ad': "", '\u200b': "", '\u200c': "", '\u200d': "", '\u2060': "", '\ufeff': "", '\u200e': "", '\u200f': "",
	'‘': "'", '’': "'", '‚': "'", '‛': "'", '′': "'", '´': "'", '`': "'", 'ʼ': "'", '‹': "'", '›': "'",
	'“': `"`, '”': `"`, '„': `"`, '‟': `"`, '″': `"`, '«': `"`, '»': `"`,
	'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': "-", '―': "-", '−': "-",
	'ﬀ': "ff", 'ﬁ': "fi", 'ﬂ': "fl", 'ﬃ': "ffi", 'ﬄ': "ffl", 'ﬅ': "st", 'ﬆ': "st",
	'œ': "oe", 'Œ': "Oe", 'æ': "ae", 'Æ': "Ae", 'ĳ': "ij", 'Ĳ': "IJ", '…': "...", 'º': "°",
	'\u0091': "'", '\u0092': "'", '\u0093': `"`, '\u0094': `"`, '\u0096': "-", '\u0097': "-", '\u0085': "...", '\u009c': "oe",
}

// fold takes the typography out of a text: Unicode NFC, plain quotes, dashes
// and spaces, no soft hyphens, no ligatures. Case and accents are kept.
func fold(s string) string {
	if settled(s) {
		return s
	}
	if !composed(s) {
		s = norm.NFC.String(s)
	}
	var b []byte
	from := 0 // where the run begins that stays as it is
	for i, r := range s {
		if stays(r) {
			continue
		}
		if t, ok := typography[r]; ok {
			if b == nil {
				b = make([]byte, 0, len(s))
			}
			b = append(append(b, s[from:i]...), t...)
			from = i + utf8.RuneLen(r)
		}
	}
	if b == nil {
		return s
	}
	return string(append(b, s[from:]...))
}

// composed reports of most texts that are in NFC that they are: those without
// combining marks, in letters of Europe and the marks between them.
func composed(s string) bool {
	for _, r := range s {
		if r >= combining && (r < '\u2002' || '\u206f' < r) {
			return false
		}
	}
	return true
}

// combining is the first of the combining marks.
const combining = '\u0300'

// stays reports whether a rune is one that no typesetter exchanges: of ASCII, or
// an accented letter.
func stays(r rune) bool {
	if r < utf8.RuneSelf {
		return r != '`'
	}
	return 'À' <= r && r <= 'ſ' && r != 'Æ' && r != 'æ' && r != 'Ĳ' && r != 'ĳ' && r != 'Œ' && r != 'œ'
}

// settled reports whether a text has nothing else.
func settled(s string) bool {
	for _, r := range s {
		if !stays(r) {
			return false
		}
	}
	return true
}

// plain folds a word for looking it up in a vocabulary: fold, lower case, no
// accents.
func plain(s string) string {
	s = strings.ToLower(fold(s))
	if ascii(s) {
		return s
	}
	if t, ok := unaccented(s); ok {
		return t
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unaccented takes the accents off the letters of Western Europe in lower case. It
// reports false where there are others.
func unaccented(s string) (string, bool) {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		switch {
		case r < 'à': // the marks among them have none
			b = utf8.AppendRune(b, r)
		case r <= 'ÿ':
			b = utf8.AppendRune(b, accentless[r-'à'])
		default:
			return "", false
		}
	}
	return string(b), true
}

// accentless are the letters from à to ÿ without their accents.
var accentless = []rune("aaaaaaæceeeeiiiiðnooooo÷øuuuuyþy")

// blockKey is what two blocks must have in common to have the same text:
// folded, with white space only where it parts two words or two numbers.
func blockKey(s string) string {
	s = fold(s)
	var b []byte
	from := 0     // where the run begins that stays as it is
	var last rune // before the white space
	for i := 0; i < len(s); {
		r, n := runeAt(s, i)
		if !isSpace(r) {
			last = r
			i += n
			continue
		}
		end := i + n
		for end < len(s) {
			if r, n = runeAt(s, end); !isSpace(r) {
				break
			}
			end += n
		}
		parts := end < len(s) && wordRune(last) && wordRune(r) && !(digit(last) && groupOfThree(s[end:]))
		if !parts || s[i:end] != " " {
			if b == nil {
				b = make([]byte, 0, len(s))
			}
			if b = append(b, s[from:i]...); parts {
				b = append(b, ' ')
			}
			from = end
		}
		i = end
	}
	if b == nil {
		return s
	}
	return string(append(b, s[from:]...))
}

// parted reports of most texts with different keys that they have: where they
// first differ, both have a letter or digit of ASCII.
func parted(x, y string) bool {
	for i := 0; i < min(len(x), len(y)); i++ {
		if x[i] != y[i] {
			return alphanumeric(x[i]) && alphanumeric(y[i])
		}
	}
	return false
}

func alphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// runeAt is the rune that begins at a byte of s, and its length.
func runeAt(s string, i int) (rune, int) {
	if c := s[i]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(s[i:])
}

// groupOfThree reports whether s begins with exactly three digits: the rest
// of a number such as 1 145.
func groupOfThree(s string) bool {
	if len(s) < 3 || !digit(rune(s[0])) || !digit(rune(s[1])) || !digit(rune(s[2])) {
		return false
	}
	return len(s) == 3 || !digit(rune(s[3]))
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isSpace is unicode.IsSpace, quick for what most texts are made of.
func isSpace(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || '\t' <= r && r <= '\r'
	}
	return unicode.IsSpace(r)
}

func digit(r rune) bool    { return '0' <= r && r <= '9' }
func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

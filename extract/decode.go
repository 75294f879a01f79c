package extract

import (
	"bytes"
	"net/http"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// looksHTML reports whether a body begins as an HTML document does.
func looksHTML(head []byte) bool {
	lower := bytes.ToLower(head)
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body"} {
		if bytes.HasPrefix(lower, []byte(tag)) || bytes.HasPrefix(lower, []byte("<?xml")) && bytes.Contains(lower, []byte(tag)) ||
			bytes.HasPrefix(lower, []byte("<!--")) && bytes.Contains(lower, []byte(tag)) {
			return true
		}
	}
	return false
}

func isBinary(head []byte) bool {
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return false // UTF-16
	}
	odd := 0
	for _, c := range head {
		if c == 0 {
			return true
		}
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b {
			odd++
		}
	}
	return odd*20 > len(head)
}

// noText counts the control characters among the first bytes of a body that is said to
// be a page, and reports whether they are more than one in twenty: then it is no text,
// whatever charset would give each of its bytes a letter. UTF-16 and zeros are not counted.
func noText(body []byte) (odd int, binary bool) {
	head := body[:min(len(body), 4096)]
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) || bytes.Count(head, []byte{0})*4 > len(head) {
		return 0, false
	}
	for _, c := range head {
		if c < ' ' && c != 0 && c != 0x1b && (c < '\t' || c > '\r') {
			odd++
		}
	}
	return odd, odd >= 8 && odd*20 > len(head)
}

// toUTF8 decodes a text body: by its byte order mark, else the charset of the
// header, else that of a meta element, else UTF-8 if it is that, else
// windows-1252. Labels mean what the WHATWG Encoding Standard says: behind
// "ISO-8859-1" stands windows-1252.
//
// A label is not believed against the bytes: what is declared to be of a
// Western single-byte charset but is UTF-8 beyond doubt is read as that, and
// what is declared to be UTF-8 but is not, mostly, as windows-1252.
func toUTF8(h http.Header, body []byte) []byte {
	contentType := h.Get("Content-Type")
	enc, name, certain := charset.DetermineEncoding(body, contentType)
	valid := utf8.Valid(body)
	if order := withoutMark(body); order != nil {
		if out, err := order.NewDecoder().Bytes(body); err == nil {
			return out
		}
	}
	if valid && (!certain || isWestern(name) && multibyte(body) >= beyondDoubt) {
		return trimBOM(body)
	}
	if name == "utf-8" || name == "replacement" {
		if valid || name == "replacement" || !mostlyInvalid(body) {
			return trimBOM(body)
		}
		enc = charmap.Windows1252
	}
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		return trimBOM(body)
	}
	return trimBOM(out)
}

// isWestern reports whether a charset has ASCII in its lower half and single
// bytes for the letters of Western languages: text in it that is also valid
// UTF-8 is one or the other by no accident.
func isWestern(name string) bool {
	switch name {
	case "windows-1252", "iso-8859-15", "iso-8859-2", "windows-1250", "iso-8859-3", "windows-1254", "iso-8859-10", "iso-8859-14", "macintosh":
		return true
	}
	return false
}

// beyondDoubt is how many characters of more than one byte a text must have to
// be taken for UTF-8 against its label.
const beyondDoubt = 8

// multibyte counts characters of more than one byte in valid UTF-8.
func multibyte(body []byte) int {
	n := 0
	for _, c := range body {
		if c >= 0xC0 {
			n++
		}
	}
	return n
}

// withoutMark recognises UTF-16 that has no byte order mark: every other byte
// of its beginning is zero. nil for anything else.
func withoutMark(body []byte) encoding.Encoding {
	head := body[:min(len(body), 200)&^1]
	if len(head) < 8 || head[0] >= 0xFE { // too little to tell, or a mark
		return nil
	}
	even, odd := 0, 0
	for i := 0; i < len(head); i += 2 {
		if head[i] == 0 {
			even++
		}
		if head[i+1] == 0 {
			odd++
		}
	}
	switch half := len(head) / 2; {
	case even*10 >= half*9 && odd*10 < half:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case odd*10 >= half*9 && even*10 < half:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	}
	return nil
}

// mostlyInvalid reports whether more bytes of a text are broken UTF-8 than
// begin characters of more than one byte.
func mostlyInvalid(body []byte) bool {
	broken, whole := 0, 0
	for i := 0; i < len(body); {
		if body[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && size == 1 {
			broken++
		} else {
			whole++
		}
		i += size
	}
	return broken > whole
}

func trimBOM(b []byte) []byte { return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")) }

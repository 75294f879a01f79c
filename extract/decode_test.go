package extract

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// TestWrongCharset: bytes outrank labels that they contradict.
func TestWrongCharset(t *testing.T) {
	for _, test := range []struct{ name, contentType, body, want string }{
		{"UTF-8 called Latin-1", "text/html; charset=iso-8859-1", "les r\u00e8gles d\u00e9finies par la d\u00e9cision du Conseil d\u2019\u00c9tat, d\u00fbment motiv\u00e9e \u00e0 cet \u00e9gard", "les r\u00e8gles d\u00e9finies par la d\u00e9cision du Conseil d\u2019\u00c9tat, d\u00fbment motiv\u00e9e \u00e0 cet \u00e9gard"},
		{"Latin-1 called UTF-8", "text/html; charset=utf-8", "la d\xe9cision du Conseil d\x92\xc9tat", "la d\u00e9cision du Conseil d\u2019\u00c9tat"},
		{"UTF-8 with one broken byte", "text/html; charset=utf-8", "la d\u00e9cision \u00e9tablie \xff", "la d\u00e9cision \u00e9tablie \xff"},
		{"no label, Latin-1", "text/html", "r\xfcckf\xfchrung", "r\u00fcckf\u00fchrung"},
		{"Latin-1 behind a meta", "text/html", "<meta charset=iso-8859-15><p>\xa4 5 d\xe9lai", "<meta charset=iso-8859-15><p>\u20ac 5 d\u00e9lai"},
		{"Cyrillic is believed", "text/html; charset=windows-1251", "\xc7\xe0\xea\xee\xed", "\u0417\u0430\u043a\u043e\u043d"},
	} {
		if got := string(toUTF8(http.Header{"Content-Type": {test.contentType}}, []byte(test.body))); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestCharsetSamples decodes the samples of the set crawler-conformance.
func TestCharsetSamples(t *testing.T) {
	dir := filepath.Join(os.Getenv("VEILLE_DATA"), "crawler-conformance", "charset")
	if _, err := os.Stat(dir); err != nil || os.Getenv("VEILLE_DATA") == "" {
		t.Skip("VEILLE_DATA holds no crawler-conformance/charset")
	}
	latin9 := charmap.ISO8859_15
	utf16le, utf16be := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	bare16le, bare16be := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	declared := map[string]struct {
		header string
		want   encoding.Encoding
	}{
		"HTTP-charset.html": {"; charset=iso-8859-15", latin9}, "HTTP-vs-UTF-8-BOM.html": {"; charset=iso-8859-15", unicode.UTF8BOM},
		"HTTP-vs-meta-charset.html": {"; charset=iso-8859-15", latin9}, "HTTP-vs-meta-content.html": {"; charset=iso-8859-15", latin9},
		"No-encoding-declaration.html": {"", encoding.Nop}, "UTF-16BE-BOM.html": {"", utf16be}, "UTF-16LE-BOM.html": {"", utf16le},
		"UTF-8-BOM-vs-meta-charset.html": {"", unicode.UTF8BOM}, "UTF-8-BOM-vs-meta-content.html": {"", unicode.UTF8BOM},
		// Called ISO-8859-15 by a meta element, but valid UTF-8 (in a class name):
		// a meta element, unlike a header, is not believed against the bytes.
		"meta-charset-attribute.html": {"", encoding.Nop}, "meta-content-attribute.html": {"", encoding.Nop},
	}
	for name, d := range declared {
		body, err := os.ReadFile(filepath.Join(dir, "golang-x-net-html-charset", name))
		if err != nil {
			t.Fatal(err)
		}
		want, err := d.want.NewDecoder().Bytes(body)
		if err != nil {
			t.Fatal(err)
		}
		if got := toUTF8(http.Header{"Content-Type": {"text/html" + d.header}}, body); !bytes.Equal(got, trimBOM(want)) {
			t.Errorf("%s is decoded wrongly", name)
		}
	}
	right, all := 0, 0
	for folder, enc := range map[string]encoding.Encoding{"ascii": encoding.Nop, "utf-8": encoding.Nop, "utf-8-sig": unicode.UTF8BOM, "windows-1252": charmap.Windows1252,
		"iso-8859-1": charmap.Windows1252, "UTF-16BE": bare16be, "UTF-16LE": bare16le} {
		files, _ := filepath.Glob(filepath.Join(dir, "chardet", folder, "*"))
		for _, f := range files {
			body, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			want, err := enc.NewDecoder().Bytes(body)
			if err != nil {
				continue
			}
			all++
			if got := toUTF8(http.Header{"Content-Type": {"text/plain"}}, body); bytes.Equal(got, trimBOM(want)) {
				right++
			} else {
				t.Logf("%s is decoded otherwise than its folder says", strings.TrimPrefix(f, dir))
			}
		}
	}
	t.Logf("%d of %d samples without a declaration", right, all)
	if right*100 < all*95 {
		t.Errorf("only %d of %d samples without a declaration are decoded right", right, all)
	}
}

package extract

import (
	"bytes"
	"net/http"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
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

// toUTF8 decodes a text body: by its byte order mark, else the charset of the
// header, else that of a meta element, else UTF-8 if it is that, else
// windows-1252. Labels mean what the WHATWG Encoding Standard says: behind
// "ISO-8859-1" stands windows-1252.
func toUTF8(h http.Header, body []byte) []byte {
	contentType := h.Get("Content-Type")
	enc, name, certain := charset.DetermineEncoding(body, contentType)
	if !certain && utf8.Valid(body) {
		return trimBOM(body)
	}
	if name == "utf-8" || name == "replacement" {
		return trimBOM(body)
	}
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		return trimBOM(body)
	}
	return trimBOM(out)
}

func trimBOM(b []byte) []byte { return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")) }

package extract

import (
	"bytes"
	"mime"
	"net/http"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// The media that are read.
const (
	mediaHTML  = "html"
	mediaPDF   = "pdf"
	mediaText  = "text"
	mediaOther = ""
)

// mediaOf decides what a body is. Its first bytes outrank the header, which
// says text/html for many a PDF.
func mediaOf(h http.Header, body []byte) string {
	head := bytes.TrimLeft(bytes.TrimPrefix(body[:min(len(body), 1024)], []byte("\xef\xbb\xbf")), " \t\r\n\x00")
	if bytes.Contains(head, []byte("%PDF-")) {
		return mediaPDF
	}
	declared, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	switch declared {
	case "text/html", "application/xhtml+xml":
		return mediaHTML
	case "application/pdf":
		return mediaPDF
	case "text/plain":
		if looksHTML(head) {
			return mediaHTML
		}
		if isBinary(head) {
			return mediaOther
		}
		return mediaText
	case "", "application/octet-stream", "binary/octet-stream", "text/xml", "application/xml":
		if looksHTML(head) {
			return mediaHTML
		}
		if declared == "" && !isBinary(head) && !bytes.HasPrefix(head, []byte("<?xml")) {
			return mediaText
		}
	}
	return mediaOther
}

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

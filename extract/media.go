package extract

import (
	"bytes"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// The media types by which documents are told apart. Types that are only
// named in a refusal stand in unreadable.
const (
	mediaHTML  = "text/html"
	mediaPDF   = "application/pdf"
	mediaText  = "text/plain"
	mediaDOCX  = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	mediaODT   = "application/vnd.oasis.opendocument.text"
	mediaRTF   = "application/rtf"
	mediaMail  = "message/rfc822"
	mediaMHTML = "multipart/related"
	mediaFeed  = "application/atom+xml" // RSS too
	mediaJSON  = "application/json"
	mediaXML   = "application/xml"
	mediaOLE   = "application/x-ole-storage"
	mediaZip   = "application/zip"
	mediaOther = "application/octet-stream"
)

// unreadable says in words what a document is that is kept but not read.
var unreadable = map[string]string{
	mediaOLE:                        "an old Microsoft Office document; ask the publisher for .docx or PDF",
	"application/msword":            "in the old Word format (.doc); ask the publisher for .docx or PDF",
	"application/vnd.ms-excel":      "in the old Excel format (.xls)",
	"application/vnd.ms-powerpoint": "in the old PowerPoint format (.ppt)",
	"application/vnd.ms-outlook":    "an Outlook message (.msg); save it as .eml",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         "an Excel workbook (.xlsx)",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": "a PowerPoint presentation (.pptx)",
	"application/vnd.oasis.opendocument.spreadsheet":                            "an OpenDocument spreadsheet (.ods)",
	"application/vnd.oasis.opendocument.presentation":                           "an OpenDocument presentation (.odp)",
	"application/epub+zip": "an EPUB book",
	mediaZip:               "a ZIP archive; add the documents in it one by one",
	"application/gzip":     "a gzip archive",
	"image/png":            "an image, and text in images is not recognised",
	"image/jpeg":           "an image, and text in images is not recognised",
	"image/gif":            "an image, and text in images is not recognised",
	"image/tiff":           "an image, and text in images is not recognised",
}

// extensions are the endings of names that say what a document is.
var extensions = map[string]string{
	".html": mediaHTML, ".htm": mediaHTML, ".xhtml": mediaHTML, ".pdf": mediaPDF, ".txt": mediaText, ".text": mediaText, ".md": mediaText,
	".docx": mediaDOCX, ".docm": mediaDOCX, ".dotx": mediaDOCX, ".odt": mediaODT, ".ott": mediaODT, ".rtf": mediaRTF,
	".eml": mediaMail, ".mht": mediaMHTML, ".mhtml": mediaMHTML, ".rss": mediaFeed, ".atom": mediaFeed, ".json": mediaJSON, ".xml": mediaXML,
	".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".ppt": "application/vnd.ms-powerpoint", ".msg": "application/vnd.ms-outlook",
	".zip": mediaZip, ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".tif": "image/tiff", ".tiff": "image/tiff",
}

// synonyms are other names of the types above.
var synonyms = map[string]string{
	"application/xhtml+xml": mediaHTML, "application/x-pdf": mediaPDF, "text/rtf": mediaRTF, "application/x-rtf": mediaRTF,
	"text/xml": mediaXML, "application/rss+xml": mediaFeed, "application/rdf+xml": mediaXML, "text/json": mediaJSON, "message/rfc2557": mediaMHTML,
	"multipart/related": mediaMHTML, "application/x-mimearchive": mediaMHTML, "text/markdown": mediaText, "text/x-markdown": mediaText,
	"binary/octet-stream": mediaOther, "application/force-download": mediaOther, "application/x-download": mediaOther, "application/download": mediaOther,
	"application/unknown": mediaOther, "unknown/unknown": mediaOther, "": mediaOther,
}

// MediaType returns the media type of a document of which only the name and
// the first bytes (a few kilobytes are enough; the whole is surer) are known:
// "application/octet-stream" if neither says what it is. What the bytes say
// outranks the name.
func MediaType(name string, head []byte) string {
	named := extensions[strings.ToLower(path.Ext(strings.ReplaceAll(name, "\\", "/")))]
	if kind := signature(head); kind != "" {
		return refine(kind, named)
	}
	if named != "" && unreadable[named] == "" {
		return named
	}
	if kind := resembles(head); kind != "" { // text under the name of a binary format
		return kind
	}
	if named != "" {
		return named
	}
	return mediaOther
}

// mediaOf decides what a body is. A signature in its first bytes outranks the
// header, which says text/html for many a PDF; where the header says nothing,
// what the text looks like and the end of the address count.
func mediaOf(h http.Header, body []byte, address string) string {
	declared, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	if known, ok := synonyms[declared]; ok {
		declared = known
	} else if strings.HasSuffix(declared, "+json") {
		declared = mediaJSON
	} else if strings.HasSuffix(declared, "+xml") && declared != mediaFeed {
		declared = mediaXML
	}
	if kind := signature(body); kind != "" {
		return refine(kind, declared)
	}
	switch declared {
	case mediaHTML, mediaPDF, mediaMail, mediaMHTML, mediaFeed, mediaJSON:
		return declared
	case mediaText, mediaXML, mediaOther:
		kind := resembles(body)
		if kind != "" && kind != mediaText || kind == mediaText && declared == mediaText {
			return kind
		}
		if declared == mediaXML {
			return mediaXML
		}
		if u, err := url.Parse(address); err == nil && kind == mediaText && declared == mediaOther {
			if named := extensions[strings.ToLower(path.Ext(u.Path))]; named != "" && unreadable[named] == "" {
				return named
			}
			return mediaText
		}
		return mediaOther
	}
	if kind := resembles(body); unreadable[declared] != "" && kind != "" { // text under the name of a binary format
		return kind
	}
	return declared
}

// refine chooses between what the bytes say and what the name or header says,
// where the bytes only name a container.
func refine(kind, named string) string {
	switch {
	case kind == mediaOLE && strings.HasPrefix(named, "application/vnd.ms-"), kind == mediaOLE && named == "application/msword":
		return named
	case kind == mediaZip && (named == mediaDOCX || named == mediaODT):
		return named
	}
	return kind
}

// signature recognises the documents that begin with a signature of their own.
func signature(body []byte) string {
	head := bytes.TrimLeft(bytes.TrimPrefix(body[:min(len(body), 1024)], []byte("\xef\xbb\xbf")), " \t\r\n\x00")
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-")), bytes.Contains(head, []byte("%PDF-")) && !looksHTML(head):
		return mediaPDF
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return zipKind(body)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return oleKind(body)
	case bytes.HasPrefix(head, []byte(`{\rtf`)):
		return mediaRTF
	case bytes.HasPrefix(head, []byte("\x1f\x8b\x08")):
		return "application/gzip"
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n")):
		return "image/png"
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return "image/jpeg"
	case bytes.HasPrefix(head, []byte("GIF8")):
		return "image/gif"
	case bytes.HasPrefix(head, []byte("II*\x00")), bytes.HasPrefix(head, []byte("MM\x00*")):
		return "image/tiff"
	}
	return ""
}

// zipKind tells the ZIP containers apart by the names of their parts, which
// stand uncompressed between them.
func zipKind(body []byte) string {
	if _, rest, ok := bytes.Cut(body[:min(len(body), 256)], []byte("mimetype")); ok {
		for _, kind := range []string{mediaODT, "application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.presentation", "application/epub+zip"} {
			if bytes.HasPrefix(rest, []byte(kind)) {
				return kind
			}
		}
	}
	for _, k := range []struct{ part, kind string }{{"word/document", mediaDOCX},
		{"xl/workbook", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"ppt/presentation", "application/vnd.openxmlformats-officedocument.presentationml.presentation"}, {"word/", mediaDOCX}} {
		if bytes.Contains(body, []byte(k.part)) {
			return k.kind
		}
	}
	return mediaZip
}

// oleKind tells the old Office formats apart by the names of their streams,
// which are written in UTF-16.
func oleKind(body []byte) string {
	wide := func(s string) []byte {
		out := make([]byte, 0, 2*len(s))
		for i := range len(s) {
			out = append(out, s[i], 0)
		}
		return out
	}
	for _, k := range []struct{ stream, kind string }{{"EncryptedPackage", mediaDOCX}, {"WordDocument", "application/msword"},
		{"Workbook", "application/vnd.ms-excel"}, {"PowerPoint Document", "application/vnd.ms-powerpoint"},
		{"__properties_version1.0", "application/vnd.ms-outlook"}} {
		if bytes.Contains(body, wide(k.stream)) {
			return k.kind
		}
	}
	return mediaOLE
}

var (
	feedRoot   = regexp.MustCompile(`(?i)^(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*|<\?[^>]*>\s*)*<(?:rss[\s>]|feed[\s>]|rdf:RDF[\s>])`)
	mailHeader = regexp.MustCompile(`^(?:(?i:from|to|subject|date|received|return-path|delivered-to|mime-version|message-id|reply-to|content-type|dkim-signature|x-[a-z-]+|snapshot-content-location): ?[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*){2}`)
)

// resembles recognises text formats by how they begin; "text/plain" for other
// text, "" for what is no text.
func resembles(body []byte) string {
	head := bytes.TrimLeft(bytes.TrimPrefix(body[:min(len(body), 4096)], []byte("\xef\xbb\xbf")), " \t\r\n\x00")
	switch {
	case looksHTML(head):
		return mediaHTML
	case feedRoot.Match(head):
		return mediaFeed
	case bytes.HasPrefix(head, []byte("<?xml")):
		return mediaXML
	case mailHeader.Match(head):
		if lower := bytes.ToLower(head); bytes.Contains(lower, []byte("multipart/related")) &&
			(bytes.Contains(lower, []byte("snapshot-content-location")) || bytes.Contains(lower, []byte("from: <saved by"))) {
			return mediaMHTML
		}
		return mediaMail
	case len(head) > 1 && head[0] == '{' && (head[1] == '"' || head[1] <= ' ' || head[1] == '}'),
		len(head) > 1 && head[0] == '[' && bytes.IndexByte([]byte("{[\"\n\r"), head[1]) >= 0 && bytes.HasSuffix(bytes.TrimSpace(body), []byte("]")):
		return mediaJSON
	case len(head) > 0 && !isBinary(head[:min(len(head), 1024)]):
		return mediaText
	}
	return ""
}

package main

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"time"

	"veille/archive"
)

// maxSaved is the largest file that is taken.
const maxSaved = 15 << 20

// savedTypes are the media types of saved files by their extension. What is in
// the file decides how it is read; this is what the archive calls it.
var savedTypes = map[string]string{
	".html": "text/html", ".htm": "text/html", ".xhtml": "application/xhtml+xml", ".pdf": "application/pdf",
	".mhtml": "multipart/related", ".mht": "multipart/related", ".eml": "message/rfc822",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".odt": "application/vnd.oasis.opendocument.text",
	".rtf": "application/rtf", ".doc": "application/msword", ".txt": "text/plain", ".md": "text/markdown", ".xml": "application/xml",
}

// A savedFile is a file that somebody saved, byte for byte, with what it says
// of itself: a saved page (MHTML) its address and time, a mail its time.
type savedFile struct {
	name, kind string
	body       []byte
	address    string    // "" if it does not say
	at         time.Time // zero if it does not say
	subject    string
}

func readSaved(name string) (*savedFile, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("%w; give a file that exists, or an address that begins with http:// or https://", err)
	}
	switch {
	case info.IsDir():
		return nil, fmt.Errorf("%s is a directory; name a file in it", name)
	case info.Size() > maxSaved:
		return nil, fmt.Errorf("%s has %d bytes; the most is %d", name, info.Size(), maxSaved)
	case info.Size() == 0:
		return nil, fmt.Errorf("%s is empty", name)
	}
	body, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return newSaved(name, body), nil
}

// newSaved takes over a file's bytes, and asks them what they say of themselves.
func newSaved(name string, body []byte) *savedFile {
	f := &savedFile{name: name, body: body}
	ext := strings.ToLower(filepath.Ext(name))
	f.kind = savedTypes[ext]
	if f.kind == "" {
		f.kind, _, _ = strings.Cut(mime.TypeByExtension(ext), ";") // a text itself knows its charset
	}
	if f.kind == "" {
		f.kind, _, _ = strings.Cut(http.DetectContentType(f.body), ";")
	}
	if f.kind == "multipart/related" || f.kind == "message/rfc822" {
		f.ask()
	}
	return f
}

// ask reads what a saved page or a mail says of itself.
func (f *savedFile) ask() {
	m, err := mail.ReadMessage(io.LimitReader(bytes.NewReader(f.body), 1<<20))
	if err != nil {
		return // it is kept as it is; reading it says what is wrong
	}
	if f.kind == "multipart/related" {
		for _, name := range []string{"Snapshot-Content-Location", "Content-Location"} {
			if a := textproto.TrimString(m.Header.Get(name)); f.address == "" && isAddress(a) {
				f.address = a
			}
		}
	}
	if t, err := m.Header.Date(); err == nil {
		f.at = t.UTC()
	}
	if s, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err == nil {
		f.subject = strings.Join(strings.Fields(s), " ")
	}
}

func isAddress(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// capture makes a capture of the file: an answer of status 200 with the file,
// as it is, as its body.
func (f *savedFile) capture(url string, at time.Time) *archive.Capture {
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", f.kind, len(f.body))
	c := &archive.Capture{URL: url, Time: at, Exchanges: []archive.Exchange{{URL: url, Time: at, Response: append([]byte(head), f.body...)}}}
	c.Parse()
	return c
}

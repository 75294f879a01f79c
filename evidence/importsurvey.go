package evidence

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"veille/archive"
	"veille/archive/warc"
	"veille/source"
)

// A found record is one that may become a capture.
type found struct {
	time         time.Time
	offset, size int64
	request      int64 // offset of the request, -1 if there is none
	typ, uri, id string
	refersTo     string
	digest       string
}

// A warcFile is one WARC file being imported.
type warcFile struct {
	*Importer
	r        io.ReaderAt
	size     int64
	name     string
	rep      *ImportReport
	software string
	found    []found
	requests map[string]int64  // offsets, by their own record ids and by those of their answers
	asks     map[string]string // the record ids of requests, by those of the answers that name them
	byID     map[string]*found // found, by record id, of what revisits may refer to
	byDigest map[string]*found // likewise, by payload digest as the file writes it
}

func (f *warcFile) skip(offset int64, reason string) {
	f.rep.Skipped = append(f.rep.Skipped, Skipped{f.name, offset, reason})
}

// survey lists the records that may become captures, and checks all digests.
func (f *warcFile) survey(ctx context.Context) (whole bool, err error) {
	f.requests, f.asks = map[string]int64{}, map[string]string{}
	skipped := len(f.rep.Skipped)
	r := warc.NewReader(io.NewSectionReader(f.r, 0, f.size), 0)
	for last := int64(-1); ; {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		rec, span, err := r.Next()
		switch {
		case err == io.EOF:
			f.attach()
			return false, nil
		case len(f.found) > maxFound:
			return false, fmt.Errorf("%w: it holds more than %d captures; split it", warc.ErrMalformed, maxFound)
		case r.Whole():
			f.rep.Skipped = f.rep.Skipped[:skipped]
			return true, nil
		case errors.Is(err, warc.ErrTorn):
			f.skip(span.Offset, "the file ends inside this record")
			f.attach()
			return false, nil
		case errors.Is(err, warc.ErrMalformed) && span.Offset > last:
			last = span.Offset
			f.skip(span.Offset, strings.TrimPrefix(err.Error(), fmt.Sprintf("offset %d: ", span.Offset)))
			continue
		case err != nil:
			return false, err
		}
		if f.Progress != nil {
			f.Progress((span.Offset+span.Length)>>10, f.size>>10, "reading "+f.name+", KB")
		}
		f.note(rec, span)
	}
}

// note lists one record.
func (f *warcFile) note(rec *warc.Record, span warc.Span) {
	switch rec.Type() {
	case warc.TypeInfo:
		f.software = field(rec.Block, "software")
		return
	case warc.TypeRequest:
		if err := rec.CheckBlock(); err != nil {
			f.skip(span.Offset, err.Error())
			return
		}
		f.requests[rec.ID()] = span.Offset
		for _, x := range rec.Fields {
			if strings.EqualFold(x.Name, "WARC-Concurrent-To") {
				f.requests[strings.Trim(x.Value, "<>")] = span.Offset
			}
		}
		return
	case warc.TypeResponse, warc.TypeRevisit, "resource":
	default:
		return
	}
	if err := check(rec); err != nil {
		f.skip(span.Offset, err.Error())
		return
	}
	at, err := rec.Date()
	now := time.Now
	if f.Now != nil {
		now = f.Now
	}
	switch {
	case err != nil:
		f.skip(span.Offset, err.Error())
		return
	case at.Year() < 1990 || at.After(now().Add(24*time.Hour)):
		f.skip(span.Offset, "its date, "+at.Format(time.RFC3339)+", cannot be")
		return
	}
	if !f.wanted(rec) {
		f.rep.Other++
		return
	}
	x := found{time: at, offset: span.Offset, size: span.Length, request: -1, typ: rec.Type(), uri: rec.URI(), id: rec.ID(),
		refersTo: strings.Trim(rec.Get("WARC-Refers-To"), "<>"), digest: rec.Get("WARC-Payload-Digest")}
	for _, c := range rec.Fields { // wget points from the answer to the request
		if strings.EqualFold(c.Name, "WARC-Concurrent-To") {
			f.asks[x.id] = strings.Trim(c.Value, "<>")
		}
	}
	f.found = append(f.found, x)
}

// attach finds the request of each answer.
func (f *warcFile) attach() {
	delete(f.requests, "") // of records without an id
	for n := range f.found {
		x := &f.found[n]
		at, ok := f.requests[x.id]
		if !ok {
			at, ok = f.requests[f.asks[x.id]]
		}
		if ok {
			x.request = at
		}
	}
	f.requests, f.asks = nil, nil
}

// field reads one field of application/warc-fields.
func field(block []byte, name string) string {
	for line := range strings.Lines(string(block)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.EqualFold(strings.TrimSpace(k), name) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// check holds a record's digests against its bytes.
func check(rec *warc.Record) error {
	if err := rec.CheckBlock(); err != nil {
		return err
	}
	if rec.Type() != warc.TypeResponse || rec.Get("WARC-Payload-Digest") == "" {
		return nil
	}
	if head, _ := split(rec.Block); len(head) == 0 {
		return nil // not HTTP: some tools count the payload in other ways
	}
	var err error
	for payload := range payloads(rec.Block) {
		if err = rec.CheckPayload(payload); err == nil {
			return nil
		}
	}
	return err
}

// payloads are what tools may call the payload of an answer: the body as it
// came, without its transfer coding, and without its content coding.
func payloads(response []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		_, body := split(response)
		if !yield(body) {
			return
		}
		res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(response)), nil)
		if err != nil {
			return
		}
		entity := body
		if len(res.TransferEncoding) > 0 || res.ContentLength >= 0 && res.ContentLength != int64(len(body)) {
			entity, _ = io.ReadAll(res.Body) // what there is
			if !yield(entity) {
				return
			}
		}
		if res.Header.Get("Content-Encoding") == "" {
			return
		}
		if decoded, err := archive.DecodeBody(res.Header, entity, warc.DefaultMaxBlock); err == nil {
			yield(decoded)
		}
	}
}

// split parts an HTTP message at the end of its headers.
func split(block []byte) (head, body []byte) {
	for _, end := range []string{"\r\n\r\n", "\n\n"} {
		if i := bytes.Index(block, []byte(end)); i >= 0 {
			return block[:i+len(end)], block[i+len(end):]
		}
	}
	return nil, block
}

// pageTypes are the media types of pages, by their beginning.
var pageTypes = []string{"text/html", "application/xhtml", "application/pdf", "text/plain", "application/msword", "application/rtf", "text/rtf",
	"application/vnd.openxmlformats-officedocument.wordprocessingml", "application/vnd.oasis.opendocument.text", "message/rfc822", "multipart/related"}

// wanted reports whether a record may be the capture of a page.
func (f *warcFile) wanted(rec *warc.Record) bool {
	u, err := url.Parse(rec.URI())
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Path == "/robots.txt" {
		return false
	}
	claimed := f.Source != "" || f.claim(rec.URI()) != nil
	kind, status := rec.Get("Content-Type"), http.StatusOK
	if rec.Type() != "resource" {
		if !strings.HasPrefix(kind, "application/http") {
			return false
		}
		head, _ := split(rec.Block)
		if len(head) == 0 {
			return rec.Type() == warc.TypeRevisit && len(rec.Block) == 0
		}
		res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), nil)
		if err != nil {
			return false
		}
		kind, status = res.Header.Get("Content-Type"), res.StatusCode
	}
	if status == http.StatusNotModified || status/100 == 3 {
		return true
	}
	if status != http.StatusOK && !claimed {
		return false
	}
	for _, t := range pageTypes {
		if strings.HasPrefix(strings.ToLower(kind), t) {
			return true
		}
	}
	return claimed && f.Source == "" || kind == ""
}

// claim is the source that names an address, nil if none does.
func (f *warcFile) claim(address string) *source.Source {
	canonical, err := f.Sources.Canonical(address)
	if err != nil {
		return nil
	}
	return f.Sources.Claim(canonical)
}

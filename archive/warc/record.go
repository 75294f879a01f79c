// Package warc reads and writes WARC 1.1 files (ISO 28500:2017), one gzip
// member per record.
//
// On disk a record is
//
//	WARC/1.1 CRLF
//	Name: value CRLF        one line a field, WARC-Type first
//	…
//	CRLF
//	block                   exactly Content-Length bytes
//	CRLF CRLF
//
// and each record is one gzip member, so that an offset into the file can be
// sought and read without what stands before it.
package warc

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The types of records that Veille writes.
const (
	TypeInfo       = "warcinfo"
	TypeRequest    = "request"
	TypeResponse   = "response"
	TypeRevisit    = "revisit"
	TypeMetadata   = "metadata"
	TypeConversion = "conversion"
	TypeResource   = "resource"
)

// The profiles of revisit records (WARC 1.1, §6.7).
const (
	ProfileIdentical   = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
	ProfileNotModified = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
)

// TimeFormat is how Veille writes a WARC-Date: UTC, to the millisecond.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// ErrMalformed is wrapped by every error that says a record is not as WARC 1.1
// wants it.
var ErrMalformed = errors.New("malformed WARC record")

// A Field is one named field of a record's header.
type Field struct{ Name, Value string }

// A Record is one WARC record. Fields keep their order; WARC-Type comes first
// and Content-Length is written by the [Writer].
type Record struct {
	Fields []Field
	Block  []byte
}

// Get returns the value of the first field of that name, compared without
// regard to case, or "".
func (r *Record) Get(name string) string {
	for _, f := range r.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Set adds a field, or does nothing if value is empty. Line breaks in value
// become spaces, so that no value can end the header; spaces around it, which a
// reader does not see, are dropped.
func (r *Record) Set(name, value string) {
	if strings.ContainsAny(value, "\r\n") {
		value = strings.NewReplacer("\r", " ", "\n", " ").Replace(value)
	}
	if value = strings.TrimSpace(value); value == "" {
		return
	}
	r.Fields = append(r.Fields, Field{name, value})
}

// Head is the record's header as the [Writer] writes it, with the blank line
// that ends it. That of a record of ours is the same after it has been read.
func (r *Record) Head() []byte {
	b := make([]byte, 0, 1024)
	b = append(b, "WARC/1.1\r\n"...)
	for _, f := range r.Fields {
		b = append(b, f.Name...)
		b = append(b, ": "...)
		b = append(b, f.Value...)
		b = append(b, "\r\n"...)
	}
	b = append(b, "Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(r.Block)), 10)
	return append(b, "\r\n\r\n"...)
}

// Type is the record's WARC-Type.
func (r *Record) Type() string { return r.Get("WARC-Type") }

// ID is the record's WARC-Record-ID without its angle brackets.
func (r *Record) ID() string { return strings.Trim(r.Get("WARC-Record-ID"), "<>") }

// Date is the record's WARC-Date.
func (r *Record) Date() (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, r.Get("WARC-Date"))
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: WARC-Date: %w", ErrMalformed, err)
	}
	return t.UTC(), nil
}

// New makes a record of the given type and date with a fresh record id and
// the digest of its block.
func New(typ string, date time.Time, contentType string, block []byte) *Record {
	r := &Record{Block: block, Fields: make([]Field, 0, 16)}
	r.Set("WARC-Type", typ)
	r.Set("WARC-Record-ID", "<"+NewID()+">")
	r.Set("WARC-Date", date.UTC().Format(TimeFormat))
	r.Set("Content-Type", contentType)
	r.Set("WARC-Block-Digest", Digest(block))
	return r
}

// NewID makes a random record id, "urn:uuid:…" (RFC 9562, version 4).
func NewID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return UUID(b)
}

// UUID writes sixteen bytes as a record id.
func UUID(b [16]byte) string {
	h := hex.EncodeToString(b[:])
	return "urn:uuid:" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Digest is the labelled digest that Veille writes, "sha256:" and hex.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

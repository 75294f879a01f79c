package archive

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"veille/archive/warc"
)

// A LogEntry is one entry of the tamper-evident log, made from WARC records by
// whoever has them.
type LogEntry struct {
	Text []byte // the entry

	// Of a capture:
	Seq           Seq
	URL, Source   string
	Time          time.Time
	Status        int
	Refers        Seq  // the capture whose payload it repeats, 0 if it has its own
	Previous      Seq  // the capture of the page that came to the archive before it
	Request       Seq  // the capture whose request it repeats, 0 if it has its own
	Notes         Seq  // the capture whose facts it repeats, likewise
	Chained       bool // Previous is known; it is not for captures of older archives
	Origin        Origin
	Err           string
	RecordID      string // of the closing record
	FinalURL      string // address of the last hop
	Payload       string // digest of the payload, "" if there is none
	Header        http.Header
	Body          []byte // content-decoded; nil where Refers is not 0
	Offset, Bytes int64  // of the closing record in what was read
	RecordType    string

	// Of a version:
	Version  *Version // nil for a capture
	OfRecord string   // id of the record that it is a reading of
}

// Hash is the entry's hash in the log's tree.
func (e *LogEntry) Hash() tlog.Hash { return tlog.RecordHash(e.Text) }

// Entries makes the log's entries of all captures and versions whose records
// lie in a WARC file. A record whose block or payload is not what its digest
// says is an error; so is one that cannot be read, and one that belongs to no
// entry. It ends at the first error, which it yields.
func Entries(r io.Reader) iter.Seq2[*LogEntry, error] {
	return func(yield func(*LogEntry, error) bool) {
		records := warc.NewReader(r, 0)
		g := &group{}
		for {
			rec, span, err := records.Next()
			if errors.Is(err, io.EOF) {
				if len(g.records) > 0 {
					yield(nil, fmt.Errorf("offset %d: a %s record that belongs to no entry of the log", g.at.pos, g.closing.Type()))
				}
				return
			}
			var e *LogEntry
			if err == nil {
				e, err = g.entry(rec, span)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if e != nil && !yield(e, nil) {
				return
			}
		}
	}
}

// entry takes one record; it returns an entry if a group ends with it.
func (g *group) entry(rec *warc.Record, span warc.Span) (*LogEntry, error) {
	if d := warc.Digest(rec.Block); d != rec.Get("WARC-Block-Digest") {
		return nil, fmt.Errorf("offset %d: %s %s: the block has the digest %s, the record says %s", span.Offset, rec.Type(), rec.ID(), d, rec.Get("WARC-Block-Digest"))
	}
	g.take(rec, location{0, span.Offset, span.Length})
	defer func() {
		if rec.Get("Content-Type") == typeVersion || rec.Get("Veille-Seq") != "" {
			*g = group{}
		}
	}()
	switch {
	case rec.Type() == warc.TypeInfo || rec.Get("Content-Type") == typeReadings || rec.Get("Content-Type") == typeVersion && len(g.records) > 1:
		return nil, fmt.Errorf("offset %d: a %s record that belongs to no entry of the log", span.Offset, rec.Type())
	case rec.Get("Content-Type") == typeVersion:
		v, err := parseVersion(rec)
		if err != nil {
			return nil, fmt.Errorf("offset %d: %w", span.Offset, err)
		}
		v.URL = rec.Get("WARC-Target-URI")
		return &LogEntry{Text: versionEntry(v.ID, v.Capture, g.records[len(g.records)-1]), Version: v,
			RecordID: rec.ID(), OfRecord: strings.Trim(rec.Get("WARC-Refers-To"), "<>"), RecordType: rec.Type(), Offset: span.Offset, Bytes: span.Length}, nil
	case rec.Get("Veille-Seq") != "":
		return g.captureEntry()
	}
	return nil, nil
}

func (g *group) captureEntry() (*LogEntry, error) {
	e, err := entryOf(g)
	if err != nil {
		return nil, fmt.Errorf("offset %d: %w", g.at.pos, err)
	}
	out := &LogEntry{Text: e.logEntry(), Seq: e.seq, URL: e.url, Source: e.source, Time: e.time, Status: e.status, Refers: e.refers,
		Payload: e.payload, Offset: g.at.pos, Bytes: g.at.length, RecordType: g.closing.Type(),
		Previous: e.previous, Request: e.request, Notes: e.notes, Chained: e.form >= entryForm, Origin: Origin(e.origin), Err: e.err, RecordID: g.closing.ID(), FinalURL: g.closing.Get("WARC-Target-URI")}
	if out.RecordType == warc.TypeMetadata {
		return out, nil
	}
	ans, err := parseAnswer(answerOf(g.closing))
	if err != nil {
		return out, nil // what came was not HTTP; the entry says so
	}
	out.Header = ans.header
	if e.refers != 0 || e.payload == "" {
		return out, nil
	}
	if d := warc.Digest(ans.payload); d != e.payload {
		return nil, fmt.Errorf("offset %d: capture %d: the payload has the digest %s, the record says %s", g.at.pos, e.seq, d, e.payload)
	}
	if out.Body, err = DecodeBody(ans.header, ans.payload, maxDecoded); err != nil {
		out.Body = ans.payload
	}
	return out, nil
}

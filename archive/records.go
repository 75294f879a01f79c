package archive

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"veille/archive/warc"
)

// How captures and readings lie in the WARC files.
//
// A capture is a group of records that ends with the one that bears
// Veille-Seq, its number:
//
//	request, response      for each redirect
//	request                of the last hop
//	metadata               further facts (warc-fields), where there are any
//	response or revisit    the last answer; metadata, where there was none;
//	                       resource, where a browser made the page of the
//	                       response before it (Veille-Rendered says which browser);
//	                       its block is the page, and in archives from before
//	                       an answer of HTTP with the page in it
//
// An unchanged look is kept small: where the last request, or the facts, are byte
// for byte those of an earlier capture of the page, they are not written again,
// and the revisit says whose they are (Veille-Request, Veille-Notes: that
// capture's number; its entry in the log says so too). A response always stands
// with its own.
//
// What a group of readings says is one metadata record of type
// application/vnd.veille.readings+json, after one conversion record
// (application/vnd.veille.version+json) for each new version.
//
// An entry of the tamper-evident log is made from each group of a capture and
// each conversion record; its number is in Veille-Leaf (see log.go).
//
// The digest of an answer's payload is that of its entity-body "with any
// transfer-encoding removed" (WARC 1.1 §6.3.2). Many tools count the framing of
// a chunked answer as part of it and call the standard's digest wrong
// (webrecorder/warcio#74), others call theirs wrong. WARC-Payload-Digest may be
// left out; so it is given where both ways to count agree, and where they do
// not, the standard's digest stands in Veille-Payload-Digest. A revisit always
// has WARC-Payload-Digest: nothing is hashed against it. Archives from before
// this was settled have it everywhere, and are read as before.
//
// A group without its last record was being written when the process was
// killed; it is cut off at the next start. Fields whose names begin with
// Veille- are ours; other readers ignore them, as WARC 1.1 §4 asks.
const (
	typeHTTPRequest  = "application/http;msgtype=request"
	typeHTTPResponse = "application/http;msgtype=response"
	typeFields       = "application/warc-fields"
	typeVersion      = "application/vnd.veille.version+json"
	typeReadings     = "application/vnd.veille.readings+json"
)

// An entry is a capture as the catalogue lists it.
type entry struct {
	seq                                   Seq
	url, source, lang, document, purpose  string
	origin                                string
	page                                  PageID
	news                                  bool
	time                                  time.Time
	status                                int
	err                                   string
	refers                                Seq
	previous                              Seq // of the same page, by arrival
	form                                  int // of the entry in the log
	request, notes                        Seq // the captures whose request and facts this one's repeat, 0: it has its own, or none
	payload, etag, lastModified, recordID string
	retryAfter                            time.Time
	at                                    location
	span                                  int64 // of the whole group, which ends where the record does
	leaf                                  int64
	records                               []recordID // of the group, in order
	hash                                  *tlog.Hash // of the entry as it was signed, where not all records can be read; else nil

	same Seq // these two are found by apply
	late bool
}

// held is the digest of the payload that the capture's own records hold.
func (e *entry) held() string {
	if e.refers != 0 {
		return ""
	}
	return e.payload
}

// own is the block digest of the group's own last request, or of its own facts:
// "" if it has none.
func (e *entry) own(typ string) string {
	for i := len(e.records) - 2; i >= 0 && e.records[i].typ != warc.TypeResponse; i-- {
		if e.records[i].typ == typ {
			return e.records[i].block
		}
	}
	return ""
}

// A recordID names a record and what is in it.
type recordID struct {
	id, typ, block, head string
	form                 int // of the entry, if the record ends one
}

// entryForm is the form of entries that are written now; a group's closing
// record bears it as Veille-Entry. Before, it was 1 and not said.
const entryForm = 2

func idOf(r *warc.Record) recordID {
	id := recordID{id: r.ID(), typ: r.Type(), block: r.Get("WARC-Block-Digest"), head: warc.Digest(r.Head())}
	id.form, _ = strconv.Atoi(r.Get("Veille-Entry"))
	return id
}

// format is a record as the log's entries have it.
func (r recordID) format(form int) string {
	s := r.typ + " " + r.id + " " + r.block
	if form >= entryForm {
		s += " " + r.head
	}
	return s
}

// A group gathers the records of one capture as they are written or read.
type group struct {
	start   int64 // where the first one begins
	records []recordID
	closing *warc.Record
	at      location // of the closing record
}

func (g *group) take(r *warc.Record, at location) {
	if len(g.records) == 0 {
		g.start = at.pos
	}
	g.records = append(g.records, idOf(r))
	g.closing, g.at = r, at
}

// usable reports whether the answer is one that could be a page's text.
func (e *entry) usable() bool {
	return e.err == "" && (e.status == http.StatusOK || e.status == http.StatusNotModified && e.refers != 0)
}

// original is what a revisit refers to.
type original struct {
	seq    Seq
	record string
	url    string
	time   time.Time
}

// captureRecords makes the group of records of a capture. orig is the capture
// it repeats, nil if it is new; page is what is known of its page, or nil.
func captureRecords(c *Capture, ans *answer, orig *original, page *pageState) []*warc.Record {
	var out []*warc.Record
	var sameRequest, sameNotes Seq
	for i, x := range c.Exchanges {
		last := i == len(c.Exchanges)-1
		answerID := warc.NewID()
		if last && orig != nil && len(x.Request) > 0 {
			sameRequest = page.request.of(x.Request)
		}
		if len(x.Request) > 0 && sameRequest == 0 {
			r := warc.New(warc.TypeRequest, c.Time, typeHTTPRequest, x.Request)
			r.Set("WARC-Target-URI", x.URL)
			r.Set("WARC-Concurrent-To", "<"+answerID+">")
			out = append(out, r)
		}
		if !last {
			r := warc.New(warc.TypeResponse, c.Time, typeHTTPResponse, x.Response)
			setAnswer(r, answerID, x)
			out = append(out, r)
			continue
		}
		closing := closingRecord(c, x, ans, orig, answerID)
		facts := noteFields(c)
		if orig != nil && len(facts) > 0 {
			sameNotes = page.notes.of(facts)
		}
		if len(facts) > 0 && sameNotes == 0 && len(x.Response) > 0 {
			notes := warc.New(warc.TypeMetadata, c.Time, typeFields, facts)
			notes.Set("WARC-Target-URI", x.URL)
			notes.Set("WARC-Concurrent-To", "<"+answerID+">")
			out = append(out, notes)
		}
		out = append(out, closing)
	}
	if len(c.Exchanges) == 0 {
		r := warc.New(warc.TypeMetadata, c.Time, typeFields, noteFields(c))
		r.Set("WARC-Target-URI", c.URL)
		out = append(out, r)
	}
	closing := out[len(out)-1]
	setCapture(closing, c, page.previous())
	closing.Set("Veille-Request", number(sameRequest))
	closing.Set("Veille-Notes", number(sameNotes))
	return out
}

// number is a number as a field has it, "" for none.
func number(n Seq) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(int64(n), 10)
}

func closingRecord(c *Capture, x Exchange, ans *answer, orig *original, id string) *warc.Record {
	if len(x.Response) == 0 {
		r := warc.New(warc.TypeMetadata, c.Time, typeFields, noteFields(c))
		x.Truncated = ""
		setAnswer(r, id, x)
		return r
	}
	if orig == nil && x.Rendered && ans != nil && ans.header.Get("Content-Encoding") == "" {
		r := warc.New(warc.TypeResource, c.Time, ans.header.Get("Content-Type"), ans.payload)
		setAnswer(r, id, x)
		r.Set("WARC-Payload-Digest", warc.Digest(ans.payload))
		r.Set(renderedBy, ans.header.Get(renderedBy))
		return r
	}
	if orig == nil {
		r := warc.New(answerType(x), c.Time, typeHTTPResponse, x.Response)
		setAnswer(r, id, x)
		setPayload(r, ans)
		return r
	}
	profile := warc.ProfileIdentical
	if c.Status == http.StatusNotModified {
		profile = warc.ProfileNotModified
	} else {
		x.Truncated = "length"
	}
	r := warc.New(warc.TypeRevisit, c.Time, typeHTTPResponse, x.Response[:ans.head])
	setAnswer(r, id, x)
	r.Set("WARC-Profile", profile)
	if profile == warc.ProfileIdentical {
		r.Set("WARC-Payload-Digest", warc.Digest(ans.payload))
	}
	r.Set("WARC-Refers-To", "<"+orig.record+">")
	r.Set("WARC-Refers-To-Target-URI", orig.url)
	r.Set("WARC-Refers-To-Date", orig.time.UTC().Format(warc.TimeFormat))
	r.Set("Veille-Refers", strconv.FormatInt(int64(orig.seq), 10))
	return r
}

// setCapture gives the closing record what the catalogue needs.
func setCapture(r *warc.Record, c *Capture, previous Seq) {
	r.Set("Veille-Seq", strconv.FormatInt(int64(c.Seq), 10))
	r.Set("Veille-Source", c.Source)
	if c.URL != r.Get("WARC-Target-URI") {
		r.Set("Veille-Page", c.URL)
	}
	r.Set("Veille-Moved", c.MovedTo)
	r.Set("Veille-Lang", c.Lang)
	r.Set("Veille-Document", c.Document)
	if c.Purpose != PurposePage {
		r.Set("Veille-Purpose", string(c.Purpose))
	}
	if c.News {
		r.Set("Veille-News", "yes")
	}
	r.Set("Veille-Origin", string(c.Origin))
	r.Set("Veille-Page-ID", strconv.FormatInt(int64(c.Page), 10))
	r.Set("Veille-Leaf", strconv.FormatInt(c.Leaf, 10))
	r.Set("Veille-Entry", strconv.Itoa(entryForm))
	r.Set("Veille-Previous", number(previous))
	r.Set("Veille-Error", c.Err)
}

// noteFields are a capture's notes as warc-fields, keys in order.
func noteFields(c *Capture) []byte {
	var b strings.Builder
	keys := make([]string, 0, len(c.Notes))
	for k := range c.Notes {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	clean := strings.NewReplacer("\r", " ", "\n", " ")
	if c.Err != "" {
		fmt.Fprintf(&b, "error: %s\r\n", clean.Replace(c.Err))
	}
	for _, k := range keys {
		fmt.Fprintf(&b, "%s: %s\r\n", clean.Replace(k), clean.Replace(c.Notes[k]))
	}
	return []byte(b.String())
}

// entryOf reads a whole group back into what the catalogue lists.
func entryOf(g *group) (*entry, error) {
	r := g.closing
	e := &entry{source: r.Get("Veille-Source"), url: r.Get("Veille-Page"), lang: r.Get("Veille-Lang"),
		document: r.Get("Veille-Document"), purpose: r.Get("Veille-Purpose"), news: r.Get("Veille-News") != "",
		origin: r.Get("Veille-Origin"), err: r.Get("Veille-Error"), payload: payloadDigest(r), recordID: r.ID(),
		at: g.at, span: g.at.pos + g.at.length - g.start, records: g.records}
	var seq, refers, page, request, notes, previous int64
	for _, n := range []struct {
		name string
		to   *int64
	}{{"Veille-Seq", &seq}, {"Veille-Refers", &refers}, {"Veille-Page-ID", &page}, {"Veille-Leaf", &e.leaf}, {"Veille-Request", &request}, {"Veille-Notes", &notes}, {"Veille-Previous", &previous}} {
		if s := r.Get(n.name); s != "" {
			var err error
			if *n.to, err = strconv.ParseInt(s, 10, 64); err != nil || *n.to < 0 {
				return nil, fmt.Errorf("%s is %.30q, not a number", n.name, s)
			}
		}
	}
	e.seq, e.refers, e.page = Seq(seq), Seq(refers), PageID(page)
	e.request, e.notes = Seq(request), Seq(notes)
	e.form, e.previous = idOf(r).form, Seq(previous)
	if e.url == "" {
		e.url = r.Get("WARC-Target-URI")
	}
	if e.purpose == "" {
		e.purpose = string(PurposePage)
	}
	var err error
	if e.time, err = r.Date(); err != nil {
		return nil, err
	}
	if r.Get("Veille-Leaf") == "" {
		e.leaf = -1 // written before there was a log
	}
	if r.Type() != warc.TypeMetadata {
		status, header, err := parseHead(answerOf(r))
		if err != nil {
			return e, nil // what came was not HTTP; Veille-Error says so
		}
		e.setAnswer(status, header)
	}
	return e, nil
}

func (e *entry) setAnswer(status int, h http.Header) {
	e.status, e.etag, e.lastModified = status, h.Get("ETag"), h.Get("Last-Modified")
	e.retryAfter = retryAfter(h.Get("Retry-After"), e.time)
}

// retryAfter reads the header's two forms (RFC 9110 §10.2.3), seconds or a date.
func retryAfter(value string, now time.Time) time.Time {
	if value == "" {
		return time.Time{}
	}
	if n, err := strconv.ParseUint(value, 10, 31); err == nil {
		return now.Add(time.Duration(n) * time.Second)
	}
	t, err := http.ParseTime(value)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

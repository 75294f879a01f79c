package evidence

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"veille/archive"
	"veille/archive/wacz"
	"veille/archive/warc"
	"veille/source"
)

// UnclaimedSource is the source of imported captures that no source names.
const UnclaimedSource = "imported"

// Bounds of one batch of captures.
const (
	importBatch = 64
	importBytes = 16 << 20
	maxSpool    = 64 << 30 // of a file that has to be decompressed as a whole
)

// ErrNotWARC is wrapped by the error about a file that is neither WARC nor WACZ.
var ErrNotWARC = errors.New("neither a WARC nor a WACZ file")

// An Importer takes captures of other crawlers into the archive. Fields are
// set before its first use; it is not safe for concurrent use.
type Importer struct {
	Archive *archive.Archive
	Sources *source.List
	// Source is the source that all captures shall belong to; "": the one that
	// names their address, or UnclaimedSource.
	Source string
	Now    func() time.Time
	Log    *slog.Logger
	// Progress is told how far a file has been read, nil if nobody wants to know.
	Progress func(done, total int64, what string)
}

// An ImportReport says what one or more files brought.
type ImportReport struct {
	Captures   int       `json:"captures"`   // that are new
	Duplicates int       `json:"duplicates"` // that the archive had
	Other      int       `json:"other"`      // records of images, scripts and other things that are no pages
	Skipped    []Skipped `json:"skipped"`    // that could not be taken; never nil
}

// A Skipped record could not be taken.
type Skipped struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"`
	Reason string `json:"reason"`
}

// File imports one file, a WARC file or a WACZ. Its captures come in the order
// of their time, each at its own; those the archive has already, by address,
// time and payload, are counted and left. What cannot be read is reported and
// passed over. It may be interrupted and repeated: what was added stays, and
// is a duplicate the next time. A WACZ whose digests are wrong is refused as a
// whole.
func (i *Importer) File(ctx context.Context, name string, rep *ImportReport) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if info.IsDir() {
		return fmt.Errorf("import: %s is a directory; name the files in it", name)
	}
	var sign [8]byte
	n, err := f.ReadAt(sign[:], 0)
	if err != nil && err != io.EOF {
		return fmt.Errorf("import: %w", err)
	}
	base := filepath.Base(name)
	switch head := sign[:n]; {
	case bytes.HasPrefix(head, []byte("PK")):
		err = i.wacz(ctx, f, info.Size(), base, rep)
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}), bytes.HasPrefix(head, []byte("WARC/")):
		err = i.warc(ctx, f, info.Size(), base, rep)
	default:
		err = ErrNotWARC
	}
	if err != nil {
		return fmt.Errorf("import %s: %w", name, err)
	}
	return nil
}

func (i *Importer) wacz(ctx context.Context, r io.ReaderAt, size int64, base string, rep *ImportReport) error {
	z, err := wacz.Open(r, size)
	if err != nil {
		return err
	}
	problems, err := z.Verify()
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return fmt.Errorf("%w: nothing of it is taken: %s", wacz.ErrMalformed, strings.Join(problems, "; "))
	}
	for _, name := range z.WARCs() {
		w, err := z.WARC(r, name, i.Archive.Dir())
		if err != nil {
			return err
		}
		err = i.warc(ctx, w, w.Size, base+"/"+name, rep)
		if err := errors.Join(err, w.Close()); err != nil {
			return err
		}
	}
	return nil
}

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
	requests map[string]int64 // offsets, by the record id of their answer
	byID     map[string]int   // found, by record id, of what revisits may refer to
	byDigest map[string]int   // likewise, by payload digest as the file writes it
}

func (i *Importer) warc(ctx context.Context, r io.ReaderAt, size int64, name string, rep *ImportReport) error {
	f := &warcFile{Importer: i, r: r, size: size, name: name, rep: rep}
	whole, err := f.survey(ctx)
	if err != nil {
		return err
	}
	if whole {
		return f.spool(ctx)
	}
	slices.SortStableFunc(f.found, func(a, b found) int {
		if c := a.time.Compare(b.time); c != 0 {
			return c
		}
		return cmp.Compare(a.offset, b.offset)
	})
	f.byID, f.byDigest = make(map[string]int, len(f.found)), make(map[string]int, len(f.found))
	for n, x := range f.found {
		if x.typ != warc.TypeRevisit {
			f.byID[x.id] = n
			if _, ok := f.byDigest[x.digest]; !ok && x.digest != "" {
				f.byDigest[x.digest] = n
			}
		}
	}
	return f.take(ctx)
}

// spool decompresses a file that is one gzip member, and imports that.
func (f *warcFile) spool(ctx context.Context) error {
	tmp, err := os.CreateTemp(f.Archive.Dir(), "import-*.warc")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	gz, err := gzip.NewReader(bufio.NewReader(io.NewSectionReader(f.r, 0, f.size)))
	if err != nil {
		return fmt.Errorf("%w: %w", warc.ErrMalformed, err)
	}
	n, err := io.Copy(tmp, io.LimitReader(gz, maxSpool))
	if err != nil && n == 0 {
		return fmt.Errorf("%w: %w", warc.ErrMalformed, err)
	}
	if err != nil { // what came before is read all the same
		f.skip(f.size, fmt.Sprintf("the compressed file breaks off after %d bytes: %v", n, err))
	}
	return f.warc(ctx, tmp, n, f.name, f.rep)
}

func (f *warcFile) skip(offset int64, reason string) {
	f.rep.Skipped = append(f.rep.Skipped, Skipped{f.name, offset, reason})
}

// survey lists the records that may become captures, and checks all digests.
func (f *warcFile) survey(ctx context.Context) (whole bool, err error) {
	f.requests = map[string]int64{}
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
			f.Progress(span.Offset+span.Length, f.size, "reading "+f.name)
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
	if x.typ != warc.TypeRevisit {
		for _, c := range rec.Fields { // some tools point from the answer to the request
			if strings.EqualFold(c.Name, "WARC-Concurrent-To") {
				f.requests["of "+x.id] = f.requests[strings.Trim(c.Value, "<>")]
			}
		}
	}
	f.found = append(f.found, x)
}

// attach finds the request of each answer.
func (f *warcFile) attach() {
	for n := range f.found {
		if at, ok := f.requests[f.found[n].id]; ok {
			f.found[n].request = at
		}
	}
	f.requests = nil
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
	head, body := split(rec.Block)
	payloads := [][]byte{body}
	if res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(rec.Block)), nil); err == nil {
		entity, _ := io.ReadAll(res.Body)
		payloads = append(payloads, entity)
		if h := res.Header.Get("Content-Encoding"); h != "" {
			if decoded, err := archive.DecodeBody(res.Header, entity, warc.DefaultMaxBlock); err == nil {
				payloads = append(payloads, decoded)
			}
		}
	} else if len(head) == 0 {
		return nil // not HTTP: some tools count the payload in other ways
	}
	return rec.CheckPayload(payloads...)
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

// take adds the captures, in the order of time.
func (f *warcFile) take(ctx context.Context) error {
	var batch []*archive.Capture
	bytes := 0
	add := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := f.Archive.Add(ctx, batch...); err != nil {
			return err
		}
		f.rep.Captures += len(batch)
		batch, bytes = nil, 0
		return nil
	}
	type key struct {
		url     string
		time    time.Time
		payload string
	}
	var seen map[key]bool // in this batch
	for n := range f.found {
		if err := ctx.Err(); err != nil {
			return err
		}
		x := &f.found[n]
		if f.Progress != nil {
			f.Progress(int64(n+1), int64(len(f.found)), "adding "+f.name)
		}
		c, payload, err := f.capture(x)
		if err != nil {
			f.skip(x.offset, err.Error())
			continue
		}
		k := key{c.URL, c.Time.UTC().Truncate(time.Millisecond), payload}
		have, err := f.Archive.Has(ctx, c.URL, c.Time, payload)
		if err != nil {
			return err
		}
		if have || seen[k] {
			f.rep.Duplicates++
			continue
		}
		if len(batch) == 0 {
			seen = map[key]bool{}
		}
		seen[k] = true
		batch = append(batch, c)
		bytes += len(c.Exchanges[0].Response)
		if len(batch) >= importBatch || bytes >= importBytes {
			if err := add(); err != nil {
				return err
			}
		}
	}
	return add()
}

// record reads a record by its offset.
func (f *warcFile) record(offset int64) (*warc.Record, error) {
	rec, _, err := warc.NewReader(io.NewSectionReader(f.r, offset, f.size-offset), offset).Next()
	return rec, err
}

// capture makes the capture of a record, and says the digest of its payload.
func (f *warcFile) capture(x *found) (c *archive.Capture, payload string, err error) {
	rec, err := f.record(x.offset)
	if err != nil {
		return nil, "", err
	}
	address, err := f.Sources.Canonical(x.uri)
	if err != nil {
		return nil, "", err
	}
	e := archive.Exchange{URL: x.uri, Time: x.time, IP: rec.Get("WARC-IP-Address"), Response: rec.Block, Truncated: rec.Get("WARC-Truncated")}
	if x.request >= 0 {
		if req, err := f.record(x.request); err == nil {
			e.Request = req.Block
		}
	}
	c = &archive.Capture{URL: address, Time: x.time, Origin: archive.Imported, Notes: map[string]string{"imported-from": f.name,
		"imported-offset": strconv.FormatInt(x.offset, 10), "imported-record": x.id, "imported-type": x.typ}}
	if f.software != "" {
		c.Notes["imported-software"] = f.software
	}
	switch x.typ {
	case "resource":
		e.Response = append(fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
			oneLine(rec.Get("Content-Type")), len(rec.Block)), rec.Block...)
	case warc.TypeRevisit:
		e.Truncated = ""
		if e.Response, err = f.revisit(x, rec); err != nil {
			return nil, "", err
		}
	}
	if e.Truncated != "" {
		c.Err = "the crawler kept only a part: " + e.Truncated
	}
	c.Exchanges = []archive.Exchange{e}
	f.belongs(c)
	c.Parse()
	return c, payloadOf(e.Response), nil
}

func oneLine(s string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(s) }

// revisit puts the answer together that a revisit record stands for: its own
// headers and the body of the answer that it refers to.
func (f *warcFile) revisit(x *found, rec *warc.Record) ([]byte, error) {
	head, _ := split(rec.Block)
	if bytes.Contains(head[:min(len(head), 20)], []byte(" 304")) {
		return rec.Block, nil // there is no body; it repeats what was there before
	}
	n, ok := f.byID[x.refersTo]
	if !ok {
		n, ok = f.byDigest[x.digest]
	}
	if !ok {
		return nil, errors.New("it repeats an answer that is not in this file; import the file that holds it first")
	}
	orig, err := f.record(f.found[n].offset)
	if err != nil {
		return nil, fmt.Errorf("the answer it repeats: %w", err)
	}
	origHead, body := split(orig.Block)
	if len(head) == 0 {
		head = origHead
	}
	return slices.Concat(head, body), nil
}

// belongs finds the source of a capture.
func (f *warcFile) belongs(c *archive.Capture) {
	c.Source = f.Source
	s := f.Sources.Source(f.Source)
	if f.Source == "" {
		c.Source = UnclaimedSource
		if s = f.Sources.Claim(c.URL); s != nil {
			c.Source = s.ID
		}
	}
	if s == nil {
		return
	}
	for _, d := range s.Pages {
		for _, p := range d.Pages {
			if p.URL == c.URL {
				c.Lang, c.Document = p.Lang, d.ID
			}
		}
	}
}

// payloadOf is the archive's digest of an answer's payload, "" if it is no
// HTTP or has none.
func payloadOf(response []byte) string {
	res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(response)), nil)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	if len(body) == 0 {
		return ""
	}
	return warc.Digest(body)
}

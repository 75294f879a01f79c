package archive

import (
	"bytes"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"veille/archive/warc"
)

// A standard says what WARC 1.1 (ISO 28500:2017) asks of one type of record:
// the fields it must have beside those of every record, and those it must not.
type standard struct {
	contentType string
	must, never []string
}

var standards = map[string]standard{
	warc.TypeInfo:       {"application/warc-fields", nil, []string{"WARC-Target-URI", "WARC-Concurrent-To", "WARC-IP-Address", "WARC-Refers-To", "WARC-Profile", "WARC-Payload-Digest"}},
	warc.TypeRequest:    {typeHTTPRequest, []string{"WARC-Target-URI", "WARC-Concurrent-To"}, []string{"WARC-Refers-To", "WARC-Profile", "WARC-Filename"}},
	warc.TypeResponse:   {typeHTTPResponse, []string{"WARC-Target-URI", "WARC-IP-Address"}, []string{"WARC-Refers-To", "WARC-Profile", "WARC-Filename"}},
	warc.TypeRevisit:    {typeHTTPResponse, []string{"WARC-Target-URI", "WARC-Profile", "WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date"}, []string{"WARC-Filename"}},
	warc.TypeMetadata:   {"", nil, []string{"WARC-Filename", "WARC-Profile", "WARC-Payload-Digest"}},
	warc.TypeConversion: {typeVersion, []string{"WARC-Target-URI", "WARC-Refers-To"}, []string{"WARC-Filename", "WARC-Profile", "WARC-Concurrent-To"}},
}

// grammar is the form of each field that Veille writes (WARC 1.1 §5): ids in
// angle brackets, addresses without, dates in UTC, labelled digests.
var grammar = map[string]string{
	"WARC-Type":                 `[a-z]+`,
	"WARC-Record-ID":            `<urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}>`,
	"WARC-Date":                 `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`,
	"WARC-Concurrent-To":        `<urn:uuid:[0-9a-f-]{36}>`,
	"WARC-Refers-To":            `<urn:uuid:[0-9a-f-]{36}>`,
	"WARC-Refers-To-Date":       `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`,
	"WARC-Block-Digest":         `sha256:[0-9a-f]{64}`,
	"WARC-Payload-Digest":       `sha256:[0-9a-f]{64}`,
	"WARC-Truncated":            `length|time|disconnect|unspecified`,
	"WARC-Filename":             `veille-\d{5}-\d{8}\.warc\.gz`,
	"WARC-Profile":              `http://netpreserve\.org/warc/1\.1/revisit/(identical-payload-digest|server-not-modified)`,
	"WARC-Target-URI":           `[a-z][a-z0-9+.-]*:[^<> ]+`,
	"WARC-Refers-To-Target-URI": `[a-z][a-z0-9+.-]*:[^<> ]+`,
	"WARC-IP-Address":           `.+`,
	"Content-Type":              `[a-z]+/[a-z0-9.+-]+(;msgtype=(request|response))?`,
}

// toTheLetter holds one record against the standard; it says all that is wrong.
func toTheLetter(r *warc.Record) (wrong []string) {
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	s, ok := standards[r.Type()]
	if !ok {
		complain("type %q", r.Type())
	}
	seen := map[string]bool{}
	for _, f := range r.Fields {
		if seen[f.Name] && f.Name != "WARC-Concurrent-To" {
			complain("%s stands twice", f.Name)
		}
		seen[f.Name] = true
		form, known := grammar[f.Name]
		if !known && !strings.HasPrefix(f.Name, "Veille-") {
			complain("%s is no field of WARC 1.1", f.Name)
		}
		if known && !regexp.MustCompile(`^(`+form+`)$`).MatchString(f.Value) {
			complain("%s: %s", f.Name, f.Value)
		}
	}
	for _, name := range append([]string{"WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Type", "WARC-Block-Digest"}, s.must...) {
		if !seen[name] {
			complain("no %s", name)
		}
	}
	for _, name := range s.never {
		if seen[name] {
			complain("a %s has no %s", r.Type(), name)
		}
	}
	if s.contentType != "" && r.Get("Content-Type") != s.contentType {
		complain("Content-Type %s", r.Get("Content-Type"))
	}
	if _, err := time.Parse(warc.TimeFormat, r.Get("WARC-Date")); err != nil {
		complain("%v", err)
	}
	if u, err := url.Parse(r.Get("WARC-Target-URI")); seen["WARC-Target-URI"] && (err != nil || !u.IsAbs()) {
		complain("WARC-Target-URI is not absolute: %v", err)
	}
	if _, err := netip.ParseAddr(r.Get("WARC-IP-Address")); seen["WARC-IP-Address"] && err != nil {
		complain("%v", err)
	}
	if warc.Digest(r.Block) != r.Get("WARC-Block-Digest") {
		complain("the block is not what its digest says")
	}
	return append(wrong, revisitToTheLetter(r)...)
}

func revisitToTheLetter(r *warc.Record) (wrong []string) {
	if r.Type() != warc.TypeRevisit {
		return nil
	}
	identical := r.Get("WARC-Profile") == warc.ProfileIdentical
	if (r.Get("WARC-Payload-Digest") != "") != identical {
		wrong = append(wrong, "the digest of the original payload belongs to identical-payload-digest, and to it alone")
	}
	if (r.Get("WARC-Truncated") == "length") != identical {
		wrong = append(wrong, "WARC-Truncated belongs to a revisit that leaves a body out")
	}
	if !bytes.HasSuffix(r.Block, []byte("\r\n\r\n")) {
		wrong = append(wrong, "the block is not the headers of the answer")
	}
	return wrong
}

// allRecords reads all records of an archive's WARC files.
func allRecords(t *testing.T, dir string) (out []*warc.Record) {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join(dir, "warc", "*"))
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r := warc.NewReader(bytes.NewReader(data), 0)
		for first := true; ; first = false {
			rec, _, err := r.Next()
			if err != nil {
				break
			}
			if (rec.Type() == warc.TypeInfo) != first || first && rec.Get("WARC-Filename") != filepath.Base(name) {
				t.Errorf("%s: a warcinfo with the file's name comes first, and nowhere else", name)
			}
			out = append(out, rec)
		}
		if r.Whole() {
			t.Errorf("%s: a gzip member holds more than one record", name)
		}
	}
	return out
}

// wire is a capture with two hops and facts, as the crawler makes one.
func wire(minutes int, response string) *Capture {
	c := answered("https://example.org/a", minutes, response)
	c.Notes = map[string]string{"robots": "allow /", "tls": "TLS 1.3 TLS_AES_128_GCM_SHA256 sha256:" + strings.Repeat("0a", 32)}
	c.Exchanges[0].IP = "2001:db8::1"
	return c
}

// oddRequest and oddAnswer are not as Go would write them: the order, the case
// and the white space of what crossed the wire are kept.
const (
	oddRequest = "GET /a HTTP/1.1\r\nhost: example.org\r\nX-B: 2\r\nX-A: 1\r\nAccept:  text/html\r\n\r\n"
	oddAnswer  = "HTTP/1.1 200 Fine\r\nx-LATER: z\r\nX-Earlier: a\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nthree\r\n0\r\nX-Trailer: t\r\n\r\n"
)

// TestWARCToTheLetter: each record that Veille writes is as WARC 1.1 wants it,
// and the bytes that crossed the wire are in it as they were.
func TestWARCToTheLetter(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	story(t, a)
	first := wire(70, oddAnswer)
	first.Exchanges[0].Request = []byte(oddRequest)
	hop := first.Exchanges[0]
	hop.URL, hop.Response = "http://example.org/a", []byte("HTTP/1.1 301 Moved\r\nLocation: https://example.org/a\r\nContent-Length: 0\r\n\r\n")
	first.Exchanges = []Exchange{hop, first.Exchanges[0]}
	again := wire(71, oddAnswer)
	again.Exchanges[0].Request = []byte(oddRequest)
	cut := wire(72, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
	cut.Exchanges[0].Truncated, cut.Err = "disconnect", "the server hung up"
	strange := wire(73, "SSH-2.0-OpenSSH\r\n")
	silent := wire(74, "")
	silent.Err = "no answer\r\nwithin 30s"
	add(t, a, first, again, cut, strange, silent)
	reads(t, a, content(first, "A.", "D."))
	late := wire(5, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")
	add(t, a, late)
	reads(t, a, content(late, "A.", "late."))
	sound(t, a)

	recs := allRecords(t, dir)
	ids := map[string]*warc.Record{}
	for _, r := range recs {
		for _, w := range toTheLetter(r) {
			t.Errorf("%s of %s: %s", r.Type(), r.Get("WARC-Target-URI"), w)
		}
		if ids[r.ID()] != nil {
			t.Errorf("two records have the id %s", r.ID())
		}
		ids[r.ID()] = r
	}
	count := map[string]int{}
	for _, r := range recs {
		count[r.Type()]++
		for _, field := range []string{"WARC-Concurrent-To", "WARC-Refers-To"} {
			if id := strings.Trim(r.Get(field), "<>"); id != "" && ids[id] == nil {
				t.Errorf("%s of a %s: there is no record %s", field, r.Type(), id)
			}
		}
		if other := ids[strings.Trim(r.Get("WARC-Concurrent-To"), "<>")]; other != nil && other.Get("WARC-Date") != r.Get("WARC-Date") {
			t.Errorf("a %s and the %s it is concurrent to have two dates", r.Type(), other.Type())
		}
		if other := ids[strings.Trim(r.Get("WARC-Refers-To"), "<>")]; r.Type() == warc.TypeRevisit && other != nil &&
			(other.Get("WARC-Date") != r.Get("WARC-Refers-To-Date") || other.Get("WARC-Target-URI") != r.Get("WARC-Refers-To-Target-URI")) {
			t.Errorf("the revisit's original is not as it says")
		}
	}
	if count[warc.TypeConversion] != 6 || count[warc.TypeRevisit] != 3 {
		t.Errorf("records by type: %v", count)
	}
	group := groupOf(t, a, first.Seq)
	if got := group[warc.TypeRequest]; string(got.Block) != oddRequest {
		t.Errorf("request kept as %q", got.Block)
	}
	if got := group[warc.TypeResponse]; string(got.Block) != oddAnswer || got.Get("Veille-Payload-Digest") != warc.Digest([]byte("three")) {
		t.Errorf("answer kept as %q, with the payload digest %s", got.Block, got.Get("Veille-Payload-Digest"))
	}
	if got := string(group[warc.TypeMetadata].Block); got != "robots: allow /\r\ntls: TLS 1.3 TLS_AES_128_GCM_SHA256 sha256:"+strings.Repeat("0a", 32)+"\r\n" {
		t.Errorf("facts kept as %q", got)
	}
	if c, err := a.Capture(t.Context(), first.Seq); err != nil || string(c.Exchanges[0].Response) != oddAnswer || c.Exchanges[0].IP != "2001:db8::1" {
		t.Errorf("capture read back as %+v, %v", c, err)
	}
	conversion := ids[strings.Trim(recordOf(t, a, 1).Get("WARC-Refers-To"), "<>")]
	if conversion == nil || conversion.Get("Veille-Seq") != "1" {
		t.Errorf("the text of version 1 does not refer to capture 1")
	}
}

func groupOf(t *testing.T, a *Archive, seq Seq) map[string]*warc.Record {
	t.Helper()
	data, err := a.Group(t.Context(), seq)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*warc.Record{}
	for r := warc.NewReader(bytes.NewReader(data), 0); ; {
		rec, _, err := r.Next()
		if err != nil {
			return out
		}
		out[rec.Type()] = rec
	}
}

func recordOf(t *testing.T, a *Archive, id Seq) *warc.Record {
	t.Helper()
	data, err := a.VersionRecord(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	rec, _, err := warc.NewReader(bytes.NewReader(data), 0).Next()
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// TestAnUnchangedLookRepeatsNothing: the request and the facts of an unchanged
// look are kept once for as long as they stay the same.
func TestAnUnchangedLookRepeatsNothing(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	look := func(minutes int, request, robots string) *Capture {
		c := wire(minutes, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none")
		c.Exchanges[0].Request, c.Notes["robots"] = []byte("GET /a HTTP/1.1\r\n"+request+"\r\n"), robots
		add(t, a, c)
		return c
	}
	for _, step := range []struct {
		request, robots string
		own             string // the records of its own
		as              [2]string
	}{
		{"", "allow /", "request metadata response", [2]string{"", ""}},
		{"If-None-Match: x\r\n", "allow /", "request revisit", [2]string{"", "1"}},
		{"If-None-Match: x\r\n", "allow /", "revisit", [2]string{"2", "1"}},
		{"If-None-Match: x\r\n", "allow /a", "metadata revisit", [2]string{"2", ""}},
		{"If-None-Match: x\r\n", "allow /a", "revisit", [2]string{"2", "4"}},
	} {
		c := look(int(a.nextCapture), step.request, step.robots)
		g := groupOf(t, a, c.Seq)
		var own []string
		for _, typ := range []string{warc.TypeRequest, warc.TypeMetadata, warc.TypeResponse, warc.TypeRevisit} {
			if g[typ] != nil {
				own = append(own, typ)
			}
		}
		closing := g[own[len(own)-1]]
		if as := [2]string{closing.Get("Veille-Request"), closing.Get("Veille-Notes")}; strings.Join(own, " ") != step.own || as != step.as {
			t.Errorf("capture %d is kept as %q, and repeats %q; want %q and %q", c.Seq, own, as, step.own, step.as)
		}
		entry, err := a.Entry(t.Context(), c.Leaf)
		if err != nil || step.as[0] != "" && !strings.Contains(string(entry), "\nrequest as capture "+step.as[0]+"\n") {
			t.Errorf("the log's entry does not say whose request it repeats (%v):\n%s", err, entry)
		}
		a.Close() // what is kept is known again after a start
		a = open(t, dir)
	}
	sound(t, a)
}

// TestFilesAreBegunBySizeAndByDay: a new file with each day on which something
// is fetched, and where one is full; what others saw years ago begins none.
func TestFilesAreBegunBySizeAndByDay(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	at := func(day time.Duration, origin Origin) *Capture {
		c := capture("https://example.org/a", int(day/time.Minute), fmt.Sprint("day ", day, origin))
		c.Origin = origin
		return c
	}
	const day = 24 * time.Hour
	add(t, a, at(0, Crawled))
	add(t, a, at(day-8*time.Hour-time.Minute, Crawled), at(day-8*time.Hour, Crawled)) // over midnight, in one batch
	add(t, a, at(day, Crawled))
	add(t, a, at(-700*day, Imported))
	add(t, a, at(day+time.Hour, Crawled))
	a.store.full = a.store.size
	add(t, a, at(day+2*time.Hour, Crawled))
	a.Close()
	a = open(t, dir)
	add(t, a, at(day+3*time.Hour, Crawled))
	names, _ := a.store.files()
	want := "veille-00001-20260303.warc.gz veille-00002-20260304.warc.gz veille-00003-20260304.warc.gz"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("files %s, want %s", got, want)
	}
	if len(allRecords(t, dir)) != 3+2*8 {
		t.Errorf("%d records, want 3 of files and 8 of captures with their requests", len(allRecords(t, dir)))
	}
	sound(t, a)
}

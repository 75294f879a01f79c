package evidence

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"crypto/sha1"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/archive"
	"veille/archive/wacz"
	"veille/archive/warc"
	"veille/extract"
)

// raw is one WARC record as anybody may write it.
func raw(uri, date string, length int64, more, block string) string {
	return fmt.Sprintf("WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:%s>\r\nWARC-Date: %s\r\nWARC-Target-URI: %s\r\n"+
		"Content-Type: application/http;msgtype=response\r\nContent-Length: %d\r\n%s\r\n%s\r\n\r\n", date, date, uri, length, more, block)
}

func answer(header, body string) string {
	return "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + header + "\r\n" + body
}

func good(date, text string) string {
	a := answer("", html(text))
	return raw(page, date, int64(len(a)), "", a)
}

func gz(data string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, data)
	w.Close()
	return b.String()
}

// zeros is a gzip member of n zero bytes after a head.
func zeros(t *testing.T, head string, n int64) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, head); err != nil {
		t.Fatal(err)
	}
	chunk := make([]byte, 1<<20)
	for ; n > 0; n -= int64(len(chunk)) {
		if _, err := w.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestHostileWARCs: each file has a good record before and after what is
// hostile. The good ones are taken, the other is named, or kept as an answer
// that is no page.
func TestHostileWARCs(t *testing.T) {
	before, after := good("2026-03-03T08:00:00Z", "within 30 days"), good("2026-03-05T08:00:00Z", "within 14 days")
	const day = "2026-03-04T08:00:00Z"
	bomb := zeros(t, "<html>", 80<<20)
	body := func(header, b string) string {
		a := answer(header, b)
		return raw(page, day, int64(len(a)), "", a)
	}
	for name, c := range map[string]struct {
		hostile string
		skipped string // the reason, "" if it is taken
		all     bool   // the file is refused as a whole
	}{
		"a record of 10 GB":             {hostile: raw(page, day, 10<<30, "", "HTTP/1.1 200 OK"), skipped: "over the limit"},
		"a negative length":             {hostile: raw(page, day, -1, "", ""), skipped: "Content-Length"},
		"a length beyond all numbers":   {hostile: strings.Replace(raw(page, day, 77, "", ""), "77", "99999999999999999999999", 1), skipped: "Content-Length"},
		"a header line of 1 MB":         {hostile: raw(page, day, 0, "X: "+strings.Repeat("x", 1<<20)+"\r\n", ""), skipped: "header"},
		"a hundred thousand headers":    {hostile: raw(page, day, 0, strings.Repeat("X: y\r\n", 100_000), ""), skipped: "header over"},
		"a header without a colon":      {hostile: raw(page, day, 0, "nonsense\r\n", ""), skipped: "no colon"},
		"1970":                          {hostile: strings.ReplaceAll(good(day, "x"), day, "1970-01-01T00:00:00Z"), skipped: "cannot be"},
		"the year 0":                    {hostile: strings.ReplaceAll(good(day, "x"), day, "0000-00-00T00:00:00Z"), skipped: "WARC-Date"},
		"the future":                    {hostile: strings.ReplaceAll(good(day, "x"), day, "2126-01-01T00:00:00Z"), skipped: "cannot be"},
		"no date":                       {hostile: strings.ReplaceAll(good(day, "x"), "WARC-Date: "+day+"\r\n", ""), skipped: "WARC-Date"},
		"digests of something else":     {hostile: strings.Replace(good(day, "x"), "Content-Type: app", "WARC-Block-Digest: sha1:"+strings.Repeat("A", 32)+"\r\nContent-Type: app", 1), skipped: "its block is not what"},
		"chunks that are none":          {hostile: body("Transfer-Encoding: chunked\r\n", "zz\r\n<html>")},
		"a chunk of 2^60 bytes":         {hostile: body("Transfer-Encoding: chunked\r\n", "1000000000000000\r\n<html>")},
		"a content coding that is none": {hostile: body("Content-Encoding: gzip\r\n", "<html>")},
		"a body that becomes 80 MB":     {hostile: body("Content-Encoding: gzip\r\n", bomb)},
		"a body coded ten times":        {hostile: body("Content-Encoding: gzip, gzip, gzip, gzip, gzip, gzip, gzip, gzip, gzip, gzip\r\n", gz(gz(gz("x"))))},
		"a status that is none":         {hostile: body("", "")[:200] + "\r\n\r\n", skipped: "WARC"},
		"an address with a newline":     {hostile: strings.Replace(good(day, "x"), page, page+"\r\n folded", 1)},
		"a file address":                {hostile: strings.Replace(good(day, "x"), page, "file:///etc/passwd", 1)},
		"a zip in the file":             {hostile: "PK\x03\x04" + strings.Repeat("\x00", 100), skipped: "malformed WARC record"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, form := range []string{"plain", "gzip"} {
				data := before + c.hostile + after
				if form == "gzip" {
					data = gz(before) + gz(c.hostile) + gz(after)
				}
				a := open(t)
				rep := take(t, a, write(t, "crawl.warc", []byte(data)))
				got := fmt.Sprint(rep.Skipped)
				if c.skipped == "" && len(rep.Skipped) > 0 || c.skipped != "" && !strings.Contains(got, c.skipped) {
					t.Errorf("%s: skipped %.300s, want %q", form, got, c.skipped)
				}
				want := []string{"1. (, 2026-03-03] within 30 days", "2. (2026-03-03, 2026-03-05] within 14 days"}
				if h := tale(t, a, page); !slices.Equal(h, want) {
					t.Errorf("%s: %.500q", form, h)
				}
				if v, err := a.Verify(t.Context()); err != nil || !v.OK {
					t.Errorf("%s: verify: %+v, %v", form, v, err)
				}
			}
		})
	}
}

// TestBombs: what would fill the disk is refused as a whole, and leaves nothing
// behind.
func TestBombs(t *testing.T) {
	record := good("2026-03-03T08:00:00Z", "within 30 days")
	// A file that is one gzip member with more than one record has to be
	// decompressed as a whole.
	whole := zeros(t, record+raw(page, "2026-03-04T08:00:00Z", 10<<30, "", ""), 160<<20)
	coded := func(names ...string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
		for _, n := range names {
			w, err := z.Create(n)
			if err != nil {
				t.Fatal(err)
			}
			text := []byte(`{"resources":[]}`)
			if strings.HasPrefix(n, "archive/") {
				text = make([]byte, 32<<20)
			}
			if _, err := w.Write(text); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for name, data := range map[string][]byte{
		"whole.warc.gz":   []byte(whole),
		"deflated.wacz":   coded("archive/data.warc", "datapackage.json"),
		"traversal.wacz":  coded("datapackage.json", "../archive/data.warc"),
		"absolute.wacz":   coded("datapackage.json", "/archive/data.warc"),
		"backslash.wacz":  coded("datapackage.json", `archive\..\data.warc`),
		"twice.wacz":      coded("datapackage.json", "archive/data.warc", "archive/data.warc"),
		"no-warc.wacz":    coded("datapackage.json"),
		"no-package.wacz": coded("archive/data.warc"),
	} {
		a := open(t)
		rep := &ImportReport{}
		err := (&Importer{Archive: a, Sources: sources(t)}).Files(t.Context(), []string{write(t, name, data)}, rep)
		if !errors.Is(err, wacz.ErrMalformed) && !errors.Is(err, warc.ErrMalformed) || rep.Captures != 0 {
			t.Errorf("%s: %+v, %v", name, rep, err)
		}
		if s, err := a.Stats(t.Context()); err != nil || s.Captures != 0 {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
		if left := leftovers(t, a); len(left) > 0 {
			t.Errorf("%s: it left %q behind", name, left)
		}
	}
}

func leftovers(t *testing.T, a *archive.Archive) (out []string) {
	t.Helper()
	for _, e := range entriesOf(t, a.Dir()) {
		if strings.HasSuffix(e, ".warc") {
			out = append(out, e)
		}
	}
	return out
}

// TestABadFileAmongGoodOnes is named; the others are imported.
func TestABadFileAmongGoodOnes(t *testing.T) {
	a := open(t)
	rep := &ImportReport{}
	one, two := write(t, "one.warc.gz", aCrawl(t, nil, map[int]string{0: "within 30 days"})), write(t, "two.warc.gz", aCrawl(t, nil, map[int]string{1: "within 14 days"}))
	bad := write(t, "bad.warc.gz", []byte("not a WARC file"))
	err := (&Importer{Archive: a, Sources: sources(t)}).Files(t.Context(), []string{one, bad, "nowhere.warc", two}, rep)
	if !errors.Is(err, ErrNotWARC) || !strings.Contains(err.Error(), "bad.warc.gz") || !strings.Contains(err.Error(), "nowhere.warc") || rep.Captures != 2 {
		t.Errorf("%+v, %v", rep, err)
	}
}

// TestCutOffAnywhere: a file that ends anywhere gives what came before; the
// whole file then adds the rest.
func TestCutOffAnywhere(t *testing.T) {
	texts := map[int]string{}
	for d := range 6 {
		texts[d] = fmt.Sprintf("within %d days", d)
	}
	data := aCrawl(t, nil, texts)
	for cut := 1; cut < len(data); cut += len(data)/23 + 1 {
		a := open(t)
		i := &Importer{Archive: a, Sources: sources(t), Now: func() time.Time { return t0.AddDate(1, 0, 0) }}
		rep := &ImportReport{}
		if err := i.Files(t.Context(), []string{write(t, "crawl.warc.gz", data[:cut])}, rep); err != nil && !errors.Is(err, ErrNotWARC) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		part := rep.Captures
		if rep = take(t, a, write(t, "crawl.warc.gz", data)); rep.Duplicates != part || rep.Captures+part != 6 {
			t.Errorf("cut at %d: %d, then %+v", cut, part, rep)
		}
		if h := tale(t, a, page); len(h) != 6 {
			t.Errorf("cut at %d: %q", cut, h)
		}
	}
}

// rewrite makes the WARC file of records anew.
func rewrite(t *testing.T, recs ...*warc.Record) []byte {
	t.Helper()
	var w warc.Writer
	for _, r := range recs {
		if _, err := w.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	return bytes.Clone(w.Bytes())
}

// TestAnswersKeptElsewhere: a revisit whose answer lies in another file of the
// same command, before or after it, or was imported long ago, whichever way it
// refers to it, of the same page or of another.
func TestAnswersKeptElsewhere(t *testing.T) {
	const twin = "https://example.org/retour"
	body := html("within 14 days")
	payload := sha1.Sum([]byte(body))
	digest := "sha1:" + base32.StdEncoding.EncodeToString(payload[:])
	orig := warc.New(warc.TypeResponse, t0, "application/http;msgtype=response", []byte(
		fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body)))
	orig.Set("WARC-Target-URI", page)
	orig.Set("WARC-Payload-Digest", digest)
	first := write(t, "first.warc.gz", rewrite(t, orig))
	for name, fields := range map[string]map[string]string{
		"by id":               {"WARC-Refers-To": "<" + orig.ID() + ">", "WARC-Payload-Digest": digest},
		"by address and time": {"WARC-Refers-To-Target-URI": page, "WARC-Refers-To-Date": "2026-03-03T08:00:00Z"},
		"by digest alone":     {"WARC-Payload-Digest": digest},
		"of another page":     {"WARC-Refers-To-Target-URI": page, "WARC-Payload-Digest": digest, "WARC-Target-URI": twin},
	} {
		for _, head := range []string{"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\n", ""} {
			r := warc.New(warc.TypeRevisit, t0.AddDate(0, 0, 2), "application/http;msgtype=response", []byte(head))
			r.Set("WARC-Profile", "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest")
			address := page
			if fields["WARC-Target-URI"] != "" {
				address = twin
			}
			r.Set("WARC-Target-URI", address)
			for _, k := range slices.Sorted(maps.Keys(fields)) {
				if k != "WARC-Target-URI" {
					r.Set(k, fields[k])
				}
			}
			second := write(t, "second.warc.gz", rewrite(t, r))
			for _, order := range [][][]string{{{first, second}}, {{second, first}}, {{first}, {second}}} {
				a := open(t)
				var rep *ImportReport
				for _, files := range order {
					rep = take(t, a, files...)
				}
				if len(rep.Skipped) > 0 {
					t.Errorf("%s: %+v", name, rep)
					continue
				}
				if h := tale(t, a, address); len(h) != 1 || !strings.Contains(h[0], "within 14 days") {
					t.Errorf("%s, head %q: %q", name, head, h)
				}
				p, err := a.Page(t.Context(), address)
				if err != nil || !p.Last.Time.Equal(t0.AddDate(0, 0, 2)) || p.Last.Status != 200 {
					t.Errorf("%s, head %q: %+v, %v", name, head, p, err)
				}
				if rep = take(t, a, first, second); rep.Captures != 0 || rep.Duplicates != 2 || len(rep.Skipped) > 0 {
					t.Errorf("%s, again: %+v", name, rep)
				}
			}
		}
	}
}

// TestBrowsertrixStyle: a WACZ with requests behind their answers, records of
// urn: addresses, pictures, and a 304.
func TestBrowsertrixStyle(t *testing.T) {
	var out bytes.Buffer
	w, err := wacz.NewWriter(&out, wacz.Meta{Created: t0, Software: "Browsertrix-Crawler 1.0"})
	if err != nil {
		t.Fatal(err)
	}
	put := func(r *warc.Record, fields ...string) {
		for i := 0; i < len(fields); i += 2 {
			r.Set(fields[i], fields[i+1])
		}
		if _, err := w.Member(rewrite(t, r)); err != nil {
			t.Fatal(err)
		}
	}
	http := "application/http; msgtype=response"
	put(warc.New(warc.TypeInfo, t0, "application/warc-fields", []byte("software: Browsertrix-Crawler 1.0\r\n")))
	put(warc.New(warc.TypeResponse, t0, http, []byte(answer("", html("within 30 days")))), "WARC-Target-URI", page, "WARC-Page-ID", "x")
	put(warc.New("resource", t0, "image/png", []byte("\x89PNG")), "WARC-Target-URI", "urn:view:"+page)
	put(warc.New("resource", t0, "text/plain", []byte("within 30 days")), "WARC-Target-URI", "urn:text:"+page)
	put(warc.New("resource", t0, "application/json", []byte("{}")), "WARC-Target-URI", "urn:pageinfo:"+page)
	put(warc.New(warc.TypeResponse, t0, http, []byte("HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG")), "WARC-Target-URI", "https://example.org/logo.png")
	put(warc.New(warc.TypeResponse, t0.AddDate(0, 0, 1), http, []byte("HTTP/1.1 304 Not Modified\r\n\r\n")), "WARC-Target-URI", page)
	put(warc.New("resource", t0.AddDate(0, 0, 2), "text/html", []byte(html("within 14 days"))), "WARC-Target-URI", page)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	a := open(t)
	rep := take(t, a, write(t, "crawl.wacz", out.Bytes()))
	if rep.Captures != 3 || rep.Other != 4 || len(rep.Skipped) != 0 {
		t.Errorf("%+v", rep)
	}
	want := []string{"1. (, 2026-03-03] within 30 days", "2. (2026-03-04, 2026-03-05] within 14 days"}
	if h := tale(t, a, page); !slices.Equal(h, want) {
		t.Errorf("%q", h)
	}
}

// TestTheReportIsTheContract: these are the names that programs rely on.
func TestTheReportIsTheContract(t *testing.T) {
	b, err := json.Marshal(&ImportReport{Skipped: []Skipped{{"a.warc", 7, "broken"}}})
	if err != nil || string(b) != `{"captures":0,"duplicates":0,"other":0,"skipped":[{"file":"a.warc","offset":7,"reason":"broken"}]}` {
		t.Errorf("%s, %v", b, err)
	}
}

// TestOneBatchAtATime: reading twice in between changes nothing.
func TestOneBatchAtATime(t *testing.T) {
	early, late := aCrawl(t, nil, map[int]string{0: "within 30 days", 20: "within 14 days"}), aCrawl(t, nil, map[int]string{10: "within 30 days", 30: "within 7 days"})
	together, apart := open(t), open(t)
	one, two := write(t, "early.warc.gz", early), write(t, "late.warc.gz", late)
	take(t, together, two, one)
	take(t, apart, one)
	if _, err := extract.Sync(t.Context(), nil, apart, sources(t)); err != nil {
		t.Fatal(err)
	}
	take(t, apart, two)
	if a, b := tale(t, together, page), tale(t, apart, page); !slices.Equal(a, b) {
		t.Errorf("together %q\napart %q", a, b)
	}
}

// entriesOf is the names in a directory.
func entriesOf(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

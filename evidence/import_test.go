package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/archive"
	"veille/archive/wacz"
	"veille/archive/warc"
	"veille/extract"
	"veille/source"
)

// sources names one page, of which the tests import the history.
func sources(t *testing.T) *source.List {
	t.Helper()
	l, err := source.Parse("sources.yaml", []byte(`contact: veille@example.org
sources:
  - id: be-test
    name: {en: A test}
    institution: test
    kind: government
    jurisdiction: BE
    topics: [voluntary-return]
    schedule: "@every 6h"
    pages:
      - {en: "https://example.org/return"}
    follow: {from: "https://example.org/news"}
`))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func html(text string) string {
	return "<html lang=en><head><title>Return</title></head><body><main><h1>Return</h1><p>" + text + "</p></main></body></html>"
}

// aCrawl writes a WARC file as another crawler would: a request and a response
// for each text, days after t0.
func aCrawl(t *testing.T, change func(day int, r *warc.Record), texts map[int]string) []byte {
	t.Helper()
	var w warc.Writer
	put := func(r *warc.Record) {
		if _, err := w.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	put(warc.New(warc.TypeInfo, t0, "application/warc-fields", []byte("software: Othercrawl/1.0\r\n")))
	var days []int
	for d := range texts {
		days = append(days, d)
	}
	slices.Sort(days)
	for _, d := range days {
		at, body := t0.AddDate(0, 0, d), html(texts[d])
		res := warc.New(warc.TypeResponse, at, "application/http;msgtype=response",
			fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
		res.Set("WARC-Target-URI", page)
		res.Set("WARC-Payload-Digest", warc.Digest([]byte(body)))
		if change != nil {
			change(d, res)
		}
		req := warc.New(warc.TypeRequest, at, "application/http;msgtype=request", []byte("GET /return HTTP/1.1\r\nHost: example.org\r\n\r\n"))
		req.Set("WARC-Target-URI", page)
		req.Set("WARC-Concurrent-To", "<"+res.ID()+">")
		put(res)
		put(req)
	}
	return bytes.Clone(w.Bytes())
}

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// take imports files and reads what came.
func take(t *testing.T, a *archive.Archive, files ...string) *ImportReport {
	t.Helper()
	list := sources(t)
	i := &Importer{Archive: a, Sources: list, Now: func() time.Time { return t0.AddDate(1, 0, 0) }}
	rep := &ImportReport{Skipped: []Skipped{}}
	if err := i.Files(t.Context(), files, rep); err != nil {
		t.Fatal(err)
	}
	if _, err := extract.Sync(t.Context(), nil, a, list); err != nil {
		t.Fatal(err)
	}
	return rep
}

// tale is a page's history as a reader sees it.
func tale(t *testing.T, a *archive.Archive, url string) []string {
	t.Helper()
	p, err := a.Page(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	heads, err := a.History(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, h := range heads {
		v, err := a.Version(t.Context(), h.ID)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, b := range v.Blocks {
			if b.Kind == archive.Paragraph {
				texts = append(texts, b.Text)
			}
		}
		out = append(out, fmt.Sprintf("%d. (%s, %s] %s", v.Number, day(v.Seen.After), day(v.Seen.By), strings.Join(texts, " ")))
	}
	return out
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// TestHistoryOfAnotherCrawl: two files, in whatever order, once or twice, give
// one history.
func TestHistoryOfAnotherCrawl(t *testing.T) {
	early := write(t, "early.warc.gz", aCrawl(t, nil, map[int]string{0: "within 30 days", 10: "within 30 days", 20: "within 14 days", 30: "within 30 days"}))
	late := write(t, "late.warc.gz", aCrawl(t, nil, map[int]string{25: "within 14 days", 40: "within 30 days", 50: "within 7 days"}))
	want := []string{"1. (, 2026-03-03] within 30 days", "2. (2026-03-13, 2026-03-23] within 14 days",
		"3. (2026-03-28, 2026-04-02] within 30 days", "4. (2026-04-12, 2026-04-22] within 7 days"}
	for _, order := range [][]string{{early, late}, {late, early}, {early, late, early, late}} {
		a := open(t)
		rep := take(t, a, order...)
		if rep.Captures != 7 || rep.Duplicates != 7*(len(order)/2-1) || len(rep.Skipped) != 0 {
			t.Errorf("%+v", rep)
		}
		if got := tale(t, a, page); !slices.Equal(got, want) {
			t.Errorf("in the order %v:\n%s", order, strings.Join(got, "\n"))
		}
		if v, err := a.Verify(t.Context()); err != nil || !v.OK {
			t.Errorf("verify: %+v, %v", v, err)
		}
		c, err := a.Capture(t.Context(), 1)
		if err != nil || c.Source != "be-test" || c.Origin != archive.Imported {
			t.Errorf("capture 1: %+v, %v", c, err)
		}
	}
}

// TestListingsAreNoPages: what a source names as a listing is kept, as the
// crawler keeps it, and has no wordings.
func TestListingsAreNoPages(t *testing.T) {
	file := write(t, "listing.warc.gz", aCrawl(t, func(_ int, r *warc.Record) {
		for i := range r.Fields {
			if r.Fields[i].Name == "WARC-Target-URI" {
				r.Fields[i].Value = "https://example.org/news"
			}
		}
	}, map[int]string{0: "one item", 10: "two items"}))
	a := open(t)
	if rep := take(t, a, file); rep.Captures != 2 {
		t.Errorf("%+v", rep)
	}
	p, err := a.Page(t.Context(), "https://example.org/news")
	if err != nil || p.Purpose != archive.PurposeDiscovery || p.Versions != 0 {
		t.Errorf("the listing is %+v, %v", p, err)
	}
}

// TestRequestsComeToo: the request of an imported answer is kept with it,
// whichever of the two points to the other and comes first; one that is not
// what its digest says is reported and left.
func TestRequestsComeToo(t *testing.T) {
	ask := "GET /return HTTP/1.1\r\nHost: example.org\r\nX-Asked-By: another crawler\r\n\r\n"
	for name, test := range map[string]struct {
		link    func(req, res *warc.Record) []*warc.Record // in the file's order
		request string
		skipped int
	}{
		"warcio, Heritrix": {func(req, res *warc.Record) []*warc.Record {
			req.Set("WARC-Concurrent-To", "<"+res.ID()+">")
			return []*warc.Record{res, req}
		}, ask, 0},
		"wget": {func(req, res *warc.Record) []*warc.Record {
			res.Set("WARC-Concurrent-To", "<"+req.ID()+">")
			return []*warc.Record{req, res}
		}, ask, 0},
		"wget the other way round": {func(req, res *warc.Record) []*warc.Record {
			res.Set("WARC-Concurrent-To", "<"+req.ID()+">")
			return []*warc.Record{res, req}
		}, ask, 0},
		"neither points to the other": {func(req, res *warc.Record) []*warc.Record { return []*warc.Record{req, res} }, "", 0},
		"an altered request": {func(req, res *warc.Record) []*warc.Record {
			req.Set("WARC-Concurrent-To", "<"+res.ID()+">")
			req.Block = bytes.Replace(req.Block, []byte("another"), []byte("no"), 1)
			return []*warc.Record{res, req}
		}, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			res := warc.New(warc.TypeResponse, t0, "application/http;msgtype=response",
				[]byte("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"+html("Within 30 days.")))
			req := warc.New(warc.TypeRequest, t0, "application/http;msgtype=request", []byte(ask))
			res.Set("WARC-Target-URI", page)
			req.Set("WARC-Target-URI", page)
			var w warc.Writer
			for _, r := range test.link(req, res) {
				if _, err := w.Append(r); err != nil {
					t.Fatal(err)
				}
			}
			a := open(t)
			rep := take(t, a, write(t, "crawl.warc.gz", w.Bytes()))
			if rep.Captures != 1 || len(rep.Skipped) != test.skipped {
				t.Fatalf("%+v, want 1 capture, %d skipped", rep, test.skipped)
			}
			group, err := a.Group(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for records := warc.NewReader(bytes.NewReader(group), 0); err == nil; {
				var r *warc.Record
				if r, _, err = records.Next(); err == nil && r.Type() == warc.TypeRequest {
					got += string(r.Block)
				}
			}
			if got != test.request {
				t.Errorf("the request is %q, want %q", got, test.request)
			}
		})
	}
}

// TestAnInterruptedImportIsCompleted: wherever it stops, the next one adds
// what is missing and no more.
func TestAnInterruptedImportIsCompleted(t *testing.T) {
	texts := map[int]string{}
	for d := range 150 {
		texts[d] = fmt.Sprintf("within %d days", d/10)
	}
	file := write(t, "crawl.warc.gz", aCrawl(t, nil, texts))
	for stop := int64(1); stop < 150; stop += 37 {
		a := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		i := &Importer{Archive: a, Sources: sources(t), Now: func() time.Time { return t0.AddDate(1, 0, 0) }, Progress: func(done, total int64, what string) {
			if strings.HasPrefix(what, "adding") && done == stop {
				cancel()
			}
		}}
		if err := i.Files(ctx, []string{file}, &ImportReport{}); !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped at %d: %v", stop, err)
		}
		if rep := take(t, a, file); rep.Captures+rep.Duplicates != 150 {
			t.Errorf("stopped at %d, then %+v", stop, rep)
		}
		if s, err := a.Stats(t.Context()); err != nil || s.Captures != 150 || s.Versions != 15 {
			t.Errorf("stopped at %d: %+v, %v", stop, s, err)
		}
	}
}

// TestWhatCannotBeTakenIsNamed: by file, offset and reason; the rest is taken.
func TestWhatCannotBeTakenIsNamed(t *testing.T) {
	set := func(r *warc.Record, name, value string) {
		for i := range r.Fields {
			if r.Fields[i].Name == name {
				r.Fields[i].Value = value
			}
		}
	}
	for reason, change := range map[string]func(int, *warc.Record){
		"its payload is not what":              func(d int, r *warc.Record) { set(r, "WARC-Payload-Digest", "sha1:"+strings.Repeat("A", 32)) },
		"its block is not what":                func(d int, r *warc.Record) { set(r, "WARC-Block-Digest", warc.Digest(nil)) },
		"cannot be":                            func(d int, r *warc.Record) { set(r, "WARC-Date", "2126-03-03T08:00:00Z") },
		"WARC-Date":                            func(d int, r *warc.Record) { set(r, "WARC-Date", "yesterday") },
		"neither in this file nor in the arch": func(d int, r *warc.Record) { set(r, "WARC-Type", "revisit"); r.Set("WARC-Refers-To", "<urn:x>") },
	} {
		file := write(t, "crawl.warc.gz", aCrawl(t, func(d int, r *warc.Record) {
			if d == 1 {
				change(d, r)
			}
		}, map[int]string{0: "within 30 days", 1: "within 14 days", 2: "within 7 days"}))
		a := open(t)
		rep := take(t, a, file)
		if rep.Captures != 2 || len(rep.Skipped) != 1 || !strings.Contains(rep.Skipped[0].Reason, reason) || rep.Skipped[0].Offset == 0 {
			t.Errorf("%s: %+v", reason, rep)
		}
	}
}

func TestWhatIsNoArchiveIsRefused(t *testing.T) {
	a := open(t)
	i := &Importer{Archive: a, Sources: sources(t)}
	good := aCrawl(t, nil, map[int]string{0: "within 30 days"})
	var z bytes.Buffer
	w, err := wacz.NewWriter(&z, wacz.Meta{Created: t0})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Member(good); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	broken := bytes.Clone(z.Bytes())
	broken[bytes.Index(broken, []byte{0x1f, 0x8b})+20] ^= 1
	for name, data := range map[string][]byte{"empty": {}, "text": []byte("hello"), "page.html": []byte("<html>"), "zip": []byte("PK\x03\x04 and so on"), "broken.wacz": broken} {
		rep := &ImportReport{}
		err := i.Files(t.Context(), []string{write(t, name, data)}, rep)
		if !errors.Is(err, ErrNotWARC) && !errors.Is(err, wacz.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
		if rep.Captures != 0 {
			t.Errorf("%s: %d captures were taken", name, rep.Captures)
		}
	}
	if err := i.Files(t.Context(), []string{t.TempDir()}, &ImportReport{}); err == nil {
		t.Error("a directory was taken")
	}
	if rep := take(t, a, write(t, "good.wacz", z.Bytes())); rep.Captures != 1 {
		t.Errorf("a WACZ: %+v", rep)
	}
}

// TestWget imports what wget recorded of a local site.
func TestWget(t *testing.T) {
	wget, err := exec.LookPath("wget")
	if err != nil {
		t.Skip("wget is not installed")
	}
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/old":
			http.Redirect(rw, r, "/", http.StatusMovedPermanently)
		case "/logo.png":
			rw.Header().Set("Content-Type", "image/png")
		default:
			rw.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(rw, html("within 30 days <a href=/old>old</a> <img src=/logo.png>"))
		}
	}))
	t.Cleanup(site.Close)
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), wget, "-q", "-p", "--warc-file=crawl", site.URL+"/", site.URL+"/old")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("wget: %v\n%s", err, out)
	}
	a := open(t)
	rep := take(t, a, filepath.Join(dir, "crawl.warc.gz"))
	if len(rep.Skipped) != 0 || rep.Captures < 2 || rep.Other == 0 {
		t.Errorf("%+v", rep)
	}
	if got := tale(t, a, site.URL+"/"); len(got) != 1 || !strings.Contains(got[0], "within 30 days") {
		t.Errorf("%q", got)
	}
	p, err := a.Page(t.Context(), site.URL+"/")
	if err != nil || p.Source != UnclaimedSource {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestSamples imports the samples of other tools.
func TestSamples(t *testing.T) {
	root := os.Getenv("VEILLE_DATA")
	if root == "" {
		t.Skip("VEILLE_DATA does not name a folder with the data sets")
	}
	a := open(t)
	total := 0
	err := filepath.WalkDir(filepath.Join(root, "crawler-conformance", "warc"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(d.Name(), ".warc") && !strings.Contains(d.Name(), ".wacz") {
			return err
		}
		rep := &ImportReport{}
		i := &Importer{Archive: a, Sources: sources(t)}
		err = i.Files(t.Context(), []string{path}, rep)
		total += rep.Captures
		t.Logf("%-45s %d captures, %d duplicates, %d other, skipped %.150q, %v", d.Name(), rep.Captures, rep.Duplicates, rep.Other, fmt.Sprint(rep.Skipped), err)
		return nil
	})
	if err != nil || total == 0 {
		t.Fatalf("%d captures, %v", total, err)
	}
	if _, err := extract.Sync(t.Context(), nil, a, sources(t)); err != nil {
		t.Error(err)
	}
	if v, err := a.Verify(t.Context()); err != nil || !v.OK {
		t.Errorf("verify: %.2000q, %v", v.Problems, err)
	}
}

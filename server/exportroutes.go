package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"veille/evidence"
)

// publicExport is the largest package that anybody may have made; the operator
// may have larger ones, and what needs the whole archive to be read.
const publicExport = 256 << 20

// exportArchive answers "/export/archive.wacz?url=…" and "/export/archive.cdxj".
// "/export/page/12.wacz", "/export/version/17.wacz", "/export/change/17..18.wacz"
// and "/export/source/be-example.wacz" are short for it: players of web archives
// look at the end of an address. "/export/page/12.tei.xml" and the like are the
// wordings as a TEI edition.
func (w *web) exportArchive(rw http.ResponseWriter, r *http.Request) error {
	q, name := r.URL.Query(), r.PathValue("name")
	if what := r.PathValue("what"); what != "" {
		tei, err := shortExport(r, what, q)
		if err != nil {
			return err
		}
		if name = "archive.wacz"; tei {
			name = "archive.tei.xml"
		}
	}
	operator := w.operator(r)
	var kind string
	var build func(ctx context.Context, out io.Writer) error
	switch name {
	case "archive.tei.xml":
		return w.exportEdition(rw, r, q)
	case "archive.wacz":
		if truth(q.Get("all")) && !operator {
			return errOperator
		}
		kind, build = "application/wacz", func(ctx context.Context, out io.Writer) error {
			rep, err := w.exports(r).WACZ(ctx, bounded(out, operator), q)
			return w.leftOut(rep, err)
		}
	case "corpus.zip":
		kind, build = "application/zip", func(ctx context.Context, out io.Writer) error {
			rep, err := w.exports(r).Corpus(ctx, bounded(out, operator), q)
			return w.leftOut(rep, err)
		}
	case "archive.cdxj":
		if !operator {
			return errOperator
		}
		q = url.Values{}
		kind, build = "text/x-cdxj; charset=utf-8", func(ctx context.Context, out io.Writer) error {
			_, damaged, err := w.exports(r).Exporter().CDXJ(ctx, out)
			return w.leftOut(&evidence.Exported{Damaged: damaged}, err)
		}
	default:
		return w.exportTable(rw, r)
	}
	size, err := w.Archive.LogSize(r.Context())
	if err != nil {
		return err
	}
	f, release, err := w.made.get(r.Context(), fmt.Sprintf("%s?%s#%d %t", name, q.Encode(), size, operator), build)
	if err != nil {
		return err
	}
	defer release()
	w.exportHeader(rw, kind, r.PathValue("name"))
	rw.Header().Set("ETag", f.tag)
	http.ServeContent(rw, r, "", time.Time{}, io.NewSectionReader(f.file, 0, f.size))
	return nil
}

// shortExport writes into q what a short address such as "/export/page/12.wacz"
// stands for, and says if it asks for the wordings rather than the captures.
func shortExport(r *http.Request, what string, q url.Values) (tei bool, err error) {
	id, ok := strings.CutSuffix(r.PathValue("name"), ".wacz")
	if !ok && what != "source" {
		id, tei = strings.CutSuffix(id, ".tei.xml")
		ok = tei
	}
	if !ok || !slices.Contains([]string{"page", "version", "change", "source"}, what) {
		return false, fmt.Errorf("%s: %w", quote(r.URL.Path), fs.ErrNotExist)
	}
	for _, other := range []string{"url", "page", "version", "change", "source", "q", "trace", "all"} {
		if other != "all" || !tei {
			q.Del(other)
		}
	}
	q.Set(what, id)
	return tei, nil
}

// bounded is a writer that readers other than the operator cannot fill.
func bounded(out io.Writer, operator bool) io.Writer {
	if operator {
		return out
	}
	return &limited{out, publicExport}
}

// leftOut tells the operator of the damaged captures that an export lacks.
func (w *web) leftOut(made *evidence.Exported, err error) error {
	if err == nil && len(made.Damaged) > 0 {
		w.Log.Error("export: captures are damaged and were left out; run `veille verify`", "captures", made.Damaged)
	}
	return err
}

// exportEdition answers "/export/page/12.tei.xml".
func (w *web) exportEdition(rw http.ResponseWriter, r *http.Request, q url.Values) error {
	return w.stream(rw, r, "application/tei+xml; charset=utf-8", func(out io.Writer) error { return w.exports(r).Edition(r.Context(), out, q) })
}

// exportTable answers "/export/versions.csv", "/export/changes.jsonl", ….
func (w *web) exportTable(rw http.ResponseWriter, r *http.Request) error {
	what, ending, _ := strings.Cut(r.PathValue("name"), ".")
	format, ok := map[string]evidence.Format{"csv": evidence.CSV, "jsonl": evidence.JSONL}[ending]
	if !ok || !slices.Contains(Tables, what) {
		return fmt.Errorf("%s: %w", quote(r.URL.Path), fs.ErrNotExist)
	}
	q := r.URL.Query()
	kind := "application/jsonl; charset=utf-8"
	if format == evidence.CSV {
		kind = "text/csv; charset=utf-8; header=present"
		var err error
		if format, err = csvFormat(q); err != nil {
			return err
		}
	}
	return w.stream(rw, r, kind, func(out io.Writer) error { return w.exports(r).Table(r.Context(), out, what, format, q) })
}

// csvFormat is how a table is asked for: as programs read it, or spreadsheets.
func csvFormat(q url.Values) (evidence.Format, error) {
	raw := truth(q.Get("raw"))
	switch excel := q.Get("excel"); {
	case excel != "" && raw:
		return "", &InputError{"raw", "a table is for programs or for a spreadsheet", "leave out raw or excel"}
	case excel == "comma":
		return evidence.ExcelCSV, nil
	case excel == "semicolon":
		return evidence.ExcelSemicolonCSV, nil
	case excel != "":
		return "", &InputError{"excel", quote(excel) + " parts no cells", "use comma or semicolon, as the spreadsheet's country does"}
	case raw:
		return evidence.RawCSV, nil
	}
	return evidence.CSV, nil
}

// forExcel is the address of a table as a spreadsheet opens it by a double click in
// the countries of a language.
func forExcel(t *tongue, path string, q url.Values) string {
	return with(path, q, "excel", map[bool]string{true: "comma", false: "semicolon"}[t.lang == "en"])
}

// stream writes an answer while it is being made. One that breaks off is
// broken off visibly.
func (w *web) stream(rw http.ResponseWriter, r *http.Request, kind string, write func(io.Writer) error) error {
	out := &begun{rw: rw, begin: func() { w.exportHeader(rw, kind, r.PathValue("name")) }}
	err := write(out)
	if err != nil && out.once {
		w.Log.Error("export", "path", r.URL.Path, "err", err)
		panic(http.ErrAbortHandler) // so that nobody takes a part for the whole
	}
	return err
}

func (w *web) exports(r *http.Request) *Exports {
	return &Exports{Documents: w.docs, Software: "Veille", BaseURL: w.baseURL(r)}
}

// exportOptions answers browsers that ask whether a page of another site may
// fetch an export in parts.
func (w *web) exportOptions(rw http.ResponseWriter, r *http.Request) error {
	h := rw.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, HEAD")
	h.Set("Access-Control-Allow-Headers", "Range, If-Range, If-None-Match")
	h.Set("Access-Control-Max-Age", "86400")
	rw.WriteHeader(http.StatusNoContent)
	return nil
}

// exportHeader lets pages of other sites read an export: players of web
// archives run there.
func (w *web) exportHeader(rw http.ResponseWriter, kind, name string) {
	h := rw.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "Accept-Ranges, Content-Length, Content-Range, ETag")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "no-cache")
}

// begun writes an answer, and knows whether any of it has been written.
type begun struct {
	rw    http.ResponseWriter
	begin func()
	once  bool
}

// Write implements [io.Writer].
func (b *begun) Write(p []byte) (int, error) {
	if !b.once {
		b.once = true
		b.begin()
	}
	return b.rw.Write(p)
}

// A limited writer takes no more than so many bytes.
type limited struct {
	w    io.Writer
	left int
}

// Write implements [io.Writer].
func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, &InputError{"url", fmt.Sprintf("the package would be over %d MiB", publicExport>>20), "ask for less, with from and until, or ask the operator"}
	}
	return l.w.Write(p)
}

// A shelf keeps the last packages made, in temporary files, so that a player
// can fetch one part after another of the same one. One is made at a time.
type shelf struct {
	making chan struct{}

	mu   sync.Mutex
	made []*madeFile // the latest last
}

// mostMade is how many packages a shelf keeps.
const mostMade = 4

type madeFile struct {
	key, tag string
	file     *os.File
	size     int64
	users    int  // guarded by shelf.mu
	gone     bool // no longer on the shelf; likewise
}

func newShelf() *shelf { return &shelf{making: make(chan struct{}, 1)} }

// get gives the package of that key, made by build if it is not there. The
// caller calls release when it has done with it.
func (s *shelf) get(ctx context.Context, key string, build func(context.Context, io.Writer) error) (f *madeFile, release func(), err error) {
	if f := s.find(key); f != nil {
		return f, func() { s.release(f) }, nil
	}
	select {
	case s.making <- struct{}{}:
		defer func() { <-s.making }()
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	if f := s.find(key); f != nil { // somebody else had it made
		return f, func() { s.release(f) }, nil
	}
	file, err := os.CreateTemp("", "veille-export-*")
	if err != nil {
		return nil, nil, fmt.Errorf("export: %w", err)
	}
	os.Remove(file.Name()) // it lives as long as it is open; where that cannot be, close removes it
	f = &madeFile{key: key, file: file, users: 1}
	sum := sha256.New()
	if err := build(ctx, io.MultiWriter(file, sum)); err != nil {
		f.close()
		return nil, nil, err
	}
	f.tag = `"` + hex.EncodeToString(sum.Sum(nil)[:16]) + `"`
	if f.size, err = file.Seek(0, io.SeekEnd); err != nil {
		f.close()
		return nil, nil, fmt.Errorf("export: %w", err)
	}
	s.put(f)
	return f, func() { s.release(f) }, nil
}

func (s *shelf) find(key string) *madeFile {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.made {
		if f.key == key {
			f.users++
			return f
		}
	}
	return nil
}

func (s *shelf) put(f *madeFile) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made = append(s.made, f)
	for len(s.made) > mostMade {
		s.drop()
	}
}

// drop takes the oldest from the shelf. s.mu is held.
func (s *shelf) drop() {
	f := s.made[0]
	s.made = s.made[1:]
	if f.gone = true; f.users == 0 {
		f.close()
	}
}

func (s *shelf) release(f *madeFile) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.users--; f.users == 0 && f.gone {
		f.close()
	}
}

func (f *madeFile) close() {
	f.file.Close()
	os.Remove(f.file.Name())
}

// exportsOf are links to what a search or a trace finds, in other forms: a
// table, and a corpus that is asked for under that parameter.
func exportsOf(t *tongue, query url.Values, table, corpus string) []pair {
	q := without(query, "ui", "limit", "offset", "cursor", "sort")
	out := []pair{{"CSV", "/export/" + table + ".csv?" + q.Encode()}, {"CSV (Excel)", forExcel(t, "/export/"+table+".csv", q)}, {"JSON Lines", "/export/" + table + ".jsonl?" + q.Encode()}}
	if text := q.Get("q"); text != "" {
		q.Del("q")
		q.Set(corpus, text)
		out = append(out, pair{t.T("export.corpus"), "/export/corpus.zip?" + q.Encode()})
	}
	return out
}

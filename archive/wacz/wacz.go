// Package wacz writes and opens WACZ files (webrecorder WACZ 1.1.1, with what
// 1.2.0 renames beside it): a ZIP that holds WARC files with an index, a list
// of pages, and a description that has the digest of each part.
//
//	archive/data.warc.gz      the records, stored
//	indexes/index.cdx         CDXJ, sorted; or, where it has many lines,
//	indexes/index.cdx.gz      the same in pieces of 3000 lines, each a gzip member,
//	indexes/index.idx         and where each of them begins (ZipNum)
//	pages/pages.jsonl         the pages to begin reading at
//	about/…, proofs/…         further files; py-wacz takes none outside a folder
//	datapackage.json          names, digests and lengths of all of these
//	datapackage-digest.json   the digest of datapackage.json
//
// It is not signed as wacz-auth proposes: readers check signatures of ECDSA
// keys, and the key of the archive's log is of Ed25519. What proves captures
// is in the bundles of package evidence.
package wacz

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"os"
	"path"
	"strings"
	"time"

	"veille/archive/cdxj"
)

// ErrMalformed is wrapped by errors about files that are no WACZ.
var ErrMalformed = errors.New("malformed WACZ")

// The names of parts.
const (
	dataName    = "archive/data.warc.gz"
	indexName   = "indexes/index.cdx"
	piecesName  = "indexes/index.cdx.gz"
	startsName  = "indexes/index.idx"
	pagesName   = "pages/pages.jsonl"
	packageName = "datapackage.json"
	digestName  = "datapackage-digest.json"
)

// Meta says what a WACZ is about.
type Meta struct {
	Title       string
	Description string // Markdown
	Software    string
	Created     time.Time
	Home        Page // where to begin reading; URL "" for the first page
	OneIndex    bool // the index is one plain part, however long
}

// A Page is a page to begin reading at.
type Page struct {
	URL   string
	Time  time.Time
	Title string
	Text  string
}

// A resource is a part, as datapackage.json lists it. Its name is in lower
// case and its type given where it is JSON, as Data Package tools want them:
// they take JSON without a type for a description of their own.
type resource struct {
	Name  string `json:"name"`
	Type  string `json:"type,omitempty"`
	Path  string `json:"path"`
	Hash  string `json:"hash"`
	Bytes int64  `json:"bytes"`
	Stats *struct {
		Hash  string `json:"hash"`
		Bytes int64  `json:"bytes"`
	} `json:"stats,omitempty"` // of files from before 1.0.0
}

type home struct {
	URL string `json:"url"`
	TS  string `json:"ts"`
}

// description is datapackage.json. Where 1.2.0 names a thing anew, both names
// are written.
type description struct {
	Profile      string     `json:"profile"`
	Version      string     `json:"wacz_version"`
	Title        string     `json:"title,omitempty"`
	Description  string     `json:"description,omitempty"`
	Created      string     `json:"created"`
	Modified     string     `json:"modified"`
	Software     string     `json:"software,omitempty"`
	MainPageURL  string     `json:"mainPageUrl,omitempty"`
	MainPageDate string     `json:"mainPageDate,omitempty"`
	Home         *home      `json:"home,omitempty"`
	Resources    []resource `json:"resources"`
}

// plainLines is the most lines that an index has as one plain part, which
// readers load as a whole.
const plainLines = 20_000

// A Writer writes one WACZ, in memory bounded by one record. Records come
// first, with their lines of the index and the pages, then further files, then
// Close; or Abort, if it is given up. It is not safe for concurrent use.
type Writer struct {
	zip       *zip.Writer
	meta      Meta
	data      io.Writer
	sum       hash.Hash
	size      int64
	lines     cdxj.Sorter
	plain     int64 // plainLines; less in tests
	first     *Page
	pages     int
	spool     *os.File // the lines of pages.jsonl; nil before the first
	resources []resource
}

// NewWriter begins a WACZ.
func NewWriter(w io.Writer, meta Meta) (*Writer, error) {
	z := &Writer{zip: zip.NewWriter(w), meta: meta, sum: sha256.New(), plain: plainLines}
	if meta.OneIndex {
		z.plain = math.MaxInt64
	}
	var err error
	z.data, err = z.create(dataName)
	return z, err
}

// create begins a part. All are stored: the records are compressed already,
// and readers fetch parts of parts.
func (z *Writer) create(name string) (io.Writer, error) {
	w, err := z.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: z.meta.Created.UTC()})
	if err != nil {
		return nil, fmt.Errorf("write WACZ: %s: %w", name, err)
	}
	return w, nil
}

// Member adds one gzip member, a record, and says at which offset it lies.
func (z *Writer) Member(b []byte) (int64, error) {
	at := z.size
	z.sum.Write(b)
	z.size += int64(len(b))
	if _, err := z.data.Write(b); err != nil {
		return 0, fmt.Errorf("write WACZ: %w", err)
	}
	return at, nil
}

// Index adds a line to the index; its File is set.
func (z *Writer) Index(l *cdxj.Line) error {
	l.File = path.Base(dataName)
	b, err := l.Format()
	if err != nil {
		return err
	}
	return z.lines.Add(b)
}

// Page adds a page to begin reading at.
func (z *Writer) Page(p Page) error {
	if z.spool == nil {
		var err error
		if z.spool, err = os.CreateTemp("", "veille-pages-*"); err != nil {
			return fmt.Errorf("write WACZ: %w", err)
		}
		if _, err := io.WriteString(z.spool, pagesHead); err != nil {
			return fmt.Errorf("write WACZ: %w", err)
		}
	}
	if z.first == nil {
		z.first = &Page{URL: p.URL, Time: p.Time}
	}
	z.pages++
	line, err := p.line(z.pages)
	if err != nil {
		return err
	}
	if _, err := z.spool.Write(line); err != nil {
		return fmt.Errorf("write WACZ: %w", err)
	}
	return nil
}

// pagesHead is the first line of the list of pages.
const pagesHead = `{"format":"json-pages-1.0","id":"pages","title":"All Pages"}` + "\n"

// line is the n-th line of the list of pages, counted from 1.
func (p *Page) line(n int) ([]byte, error) {
	line, err := json.Marshal(map[string]string{"id": fmt.Sprintf("page-%d", n), "url": p.URL,
		"ts": p.Time.UTC().Format("2006-01-02T15:04:05.000Z"), "title": p.Title, "text": p.Text})
	if err != nil {
		return nil, fmt.Errorf("write WACZ: page %s: %w", p.URL, err)
	}
	return append(line, '\n'), nil
}

// File adds a further file. No record can be added after it.
func (z *Writer) File(name string, content []byte) error {
	return z.part(name, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// part writes a part and lists it among the resources.
func (z *Writer) part(name string, write func(io.Writer) error) error {
	if z.data != nil { // the records end here
		z.data = nil
		z.list(dataName, z.sum, z.size)
	}
	w, err := z.create(name)
	if err != nil {
		return err
	}
	c := &counter{sum: sha256.New()}
	if err := write(io.MultiWriter(w, c)); err != nil {
		return fmt.Errorf("write WACZ: %s: %w", name, err)
	}
	z.list(name, c.sum, c.n)
	return nil
}

func (z *Writer) list(name string, sum hash.Hash, n int64) {
	r := resource{Name: strings.ToLower(path.Base(name)), Path: name, Hash: "sha256:" + hex.EncodeToString(sum.Sum(nil)), Bytes: n}
	if path.Ext(name) == ".json" {
		r.Type = "json"
	}
	z.resources = append(z.resources, r)
}

// A counter counts and digests what is written.
type counter struct {
	sum hash.Hash
	n   int64
}

// Write implements [io.Writer].
func (c *counter) Write(b []byte) (int, error) {
	c.sum.Write(b)
	c.n += int64(len(b))
	return len(b), nil
}

// Close writes the index, the pages and the description.
func (z *Writer) Close() error {
	defer z.Abort()
	if err := z.index(); err != nil {
		return err
	}
	if err := z.part(pagesName, z.writePages); err != nil {
		return err
	}
	return z.describe(newDescription(z.meta, z.first, z.resources))
}

// newDescription describes a WACZ; first is its first page, nil if it has none.
func newDescription(meta Meta, first *Page, resources []resource) *description {
	created := meta.Created.UTC().Format(time.RFC3339)
	d := &description{Profile: "data-package", Version: "1.1.1", Title: meta.Title, Description: meta.Description,
		Created: created, Modified: created, Software: meta.Software, Resources: resources}
	if meta.Home.URL != "" {
		first = &meta.Home
	}
	if first != nil && first.URL != "" {
		d.MainPageURL, d.MainPageDate = first.URL, first.Time.UTC().Format(time.RFC3339)
		d.Home = &home{d.MainPageURL, d.MainPageDate}
	}
	return d
}

// Abort removes what lies in temporary files. After Close it does nothing.
func (z *Writer) Abort() {
	z.lines.Close()
	if z.spool != nil {
		z.spool.Close()
		os.Remove(z.spool.Name())
		z.spool = nil
	}
}

// writePages copies the list of pages from where it was gathered.
func (z *Writer) writePages(w io.Writer) error {
	if z.spool == nil {
		_, err := io.WriteString(w, pagesHead)
		return err
	}
	if _, err := z.spool.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(w, z.spool)
	return err
}

func (z *Writer) describe(d *description) error {
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return fmt.Errorf("write WACZ: %w", err)
	}
	sum, err := json.Marshal(map[string]string{"path": packageName, "hash": digest(text)})
	if err != nil {
		return fmt.Errorf("write WACZ: %w", err)
	}
	for _, part := range []struct {
		name string
		text []byte
	}{{packageName, text}, {digestName, sum}} {
		w, err := z.create(part.name)
		if err != nil {
			return err
		}
		if _, err := w.Write(part.text); err != nil {
			return fmt.Errorf("write WACZ: %s: %w", part.name, err)
		}
	}
	if err := z.zip.Close(); err != nil {
		return fmt.Errorf("write WACZ: %w", err)
	}
	return nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

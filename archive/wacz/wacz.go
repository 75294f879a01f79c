// Package wacz writes and opens WACZ files (webrecorder WACZ 1.1.1, with what
// 1.2.0 renames beside it): a ZIP that holds WARC files with an index, a list
// of pages, and a description that has the digest of each part.
//
//	archive/data.warc.gz      the records, stored
//	indexes/index.cdx         CDXJ, sorted
//	pages/pages.jsonl         the pages to begin reading at
//	README.md, proofs/…       further files
//	datapackage.json          names, digests and lengths of all of these
//	datapackage-digest.json   the digest of datapackage.json
package wacz

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"time"

	"veille/archive/cdxj"
)

// ErrMalformed is wrapped by errors about files that are no WACZ.
var ErrMalformed = errors.New("malformed WACZ")

// The names of parts.
const (
	dataName    = "archive/data.warc.gz"
	indexName   = "indexes/index.cdx"
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
}

// A Page is a page to begin reading at.
type Page struct {
	URL   string
	Time  time.Time
	Title string
	Text  string
}

// A resource is a part, as datapackage.json lists it.
type resource struct {
	Name  string `json:"name"`
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

// A Writer writes one WACZ. Records come first, then pages and further files,
// then Close. It is not safe for concurrent use.
type Writer struct {
	zip       *zip.Writer
	meta      Meta
	data      io.Writer
	sum       hash.Hash
	size      int64
	lines     []string
	pages     []Page
	resources []resource
}

// NewWriter begins a WACZ.
func NewWriter(w io.Writer, meta Meta) (*Writer, error) {
	z := &Writer{zip: zip.NewWriter(w), meta: meta, sum: sha256.New()}
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
	l.File = "data.warc.gz"
	b, err := l.Format()
	z.lines = append(z.lines, string(b))
	return err
}

// Page adds a page to begin reading at.
func (z *Writer) Page(p Page) { z.pages = append(z.pages, p) }

// File adds a further file. No record can be added after it.
func (z *Writer) File(name string, content []byte) error {
	if z.data != nil {
		z.data = nil
		z.resources = append(z.resources, resource{"data.warc.gz", dataName, "sha256:" + hex.EncodeToString(z.sum.Sum(nil)), z.size, nil})
	}
	w, err := z.create(name)
	if err != nil {
		return err
	}
	if _, err := w.Write(content); err != nil {
		return fmt.Errorf("write WACZ: %s: %w", name, err)
	}
	base := name[bytes.LastIndexByte([]byte(name), '/')+1:]
	z.resources = append(z.resources, resource{base, name, digest(content), int64(len(content)), nil})
	return nil
}

// Close writes the index, the pages and the description.
func (z *Writer) Close() error {
	slices.Sort(z.lines)
	var index bytes.Buffer
	for _, l := range z.lines {
		index.WriteString(l + "\n")
	}
	if err := z.File(indexName, index.Bytes()); err != nil {
		return err
	}
	pages, err := pageLines(z.pages)
	if err != nil {
		return err
	}
	if err := z.File(pagesName, pages); err != nil {
		return err
	}
	return z.describe(newDescription(z.meta, z.pages, z.resources))
}

func newDescription(meta Meta, pages []Page, resources []resource) *description {
	created := meta.Created.UTC().Format(time.RFC3339)
	d := &description{Profile: "data-package", Version: "1.1.1", Title: meta.Title, Description: meta.Description,
		Created: created, Modified: created, Software: meta.Software, Resources: resources}
	first := meta.Home
	if first.URL == "" && len(pages) > 0 {
		first = pages[0]
	}
	if first.URL != "" {
		d.MainPageURL, d.MainPageDate = first.URL, first.Time.UTC().Format(time.RFC3339)
		d.Home = &home{d.MainPageURL, d.MainPageDate}
	}
	return d
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

func pageLines(pages []Page) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`{"format":"json-pages-1.0","id":"pages","title":"All Pages"}` + "\n")
	for i, p := range pages {
		line, err := json.Marshal(map[string]string{"id": fmt.Sprintf("page-%d", i+1), "url": p.URL,
			"ts": p.Time.UTC().Format("2006-01-02T15:04:05.000Z"), "title": p.Title, "text": p.Text})
		if err != nil {
			return nil, fmt.Errorf("write WACZ: page %s: %w", p.URL, err)
		}
		b.Write(append(line, '\n'))
	}
	return b.Bytes(), nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

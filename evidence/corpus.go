package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"hash"
	"io"
	"time"

	"veille/archive"
)

// A CorpusTable is a table of a corpus.
type CorpusTable struct {
	Name  string // of the file, "passages.csv"
	About string // what its rows are, for the README
	Rows  int
	Write func(io.Writer) error
}

//go:embed corpus.md
var corpusText string

// Corpus writes a frozen corpus, a ZIP file: the captures of a set as a package
// (captures.wacz), tables, coverage.csv, a README with what was asked for, the
// counts and the gaps, and SHA256SUMS with the digest of every other file, which
// `sha256sum -c` checks. command is what makes it again. Errors are those of
// [Exporter.WACZ].
func (e *Exporter) Corpus(ctx context.Context, w io.Writer, s *Set, command string, tables []CorpusTable) (*Exported, error) {
	z := &corpusWriter{zip: zip.NewWriter(w), at: e.now()}
	out, err := z.file("captures.wacz", zip.Store) // compressed already
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	x, err := e.pack(ctx, out, s)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		if out, err = z.file(t.Name, zip.Deflate); err == nil {
			err = t.Write(out)
		}
		if err != nil {
			return nil, fmt.Errorf("export: %s: %w", t.Name, err)
		}
	}
	for _, f := range []struct {
		name string
		text []byte
	}{{"coverage.csv", x.cover.text()}, {"README.md", x.corpusReadme(command, tables)}} {
		if out, err = z.file(f.name, zip.Deflate); err == nil {
			_, err = out.Write(f.text)
		}
		if err != nil {
			return nil, fmt.Errorf("export: %w", err)
		}
	}
	if err := z.close(); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return x.rep, nil
}

// corpusReadme is the corpus's README.md.
func (x *packer) corpusReadme(command string, tables []CorpusTable) []byte {
	data := struct {
		*Exported
		Title, Asked, Command, Software, Log string
		Created                              time.Time
		LogSize                              int64
		Tables                               []CorpusTable
		Gaps                                 []gap
		GapCount                             int
	}{x.rep, x.set.Title, x.set.Asked, command, x.Software, "", x.created, 0, tables, x.cover.gaps, x.cover.count}
	if c, err := archive.ParseCheckpoint(x.Archive.Checkpoint(), x.Archive.LogKey()); err == nil {
		data.Log, data.LogSize = c.Origin, c.Size
	}
	return fill("README.md", corpusText, data)
}

// A corpusWriter writes files one after another, and remembers their digests.
type corpusWriter struct {
	zip  *zip.Writer
	at   time.Time
	name string // of the file being written, "" before the first
	sum  hash.Hash
	sums bytes.Buffer
}

// file begins a file; the one before it is done.
func (z *corpusWriter) file(name string, method uint16) (io.Writer, error) {
	z.done()
	out, err := z.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: z.at})
	if err != nil {
		return nil, err
	}
	z.name, z.sum = name, sha256.New()
	return io.MultiWriter(out, z.sum), nil
}

// done puts the digest of the file being written on the list.
func (z *corpusWriter) done() {
	if z.name != "" {
		fmt.Fprintf(&z.sums, "%x  %s\n", z.sum.Sum(nil), z.name)
	}
	z.name = ""
}

// close writes the list, and the end of the ZIP file.
func (z *corpusWriter) close() error {
	z.done()
	out, err := z.zip.CreateHeader(&zip.FileHeader{Name: "SHA256SUMS", Method: zip.Store, Modified: z.at})
	if err != nil {
		return err
	}
	if _, err := out.Write(z.sums.Bytes()); err != nil {
		return err
	}
	return z.zip.Close()
}

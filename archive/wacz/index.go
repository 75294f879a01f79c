package wacz

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"path"
)

// pieceLines is how many lines a piece of a divided index has, as the tools of
// webrecorder have it.
const pieceLines = 3000

// index writes the index, divided if it is long.
func (z *Writer) index() error {
	if z.lines.Len() > z.plain {
		return z.dividedIndex()
	}
	return z.part(indexName, func(w io.Writer) error {
		for line, err := range z.lines.Lines() {
			if err != nil {
				return err
			}
			if _, err := w.Write(append(line, '\n')); err != nil {
				return err
			}
		}
		return nil
	})
}

// dividedIndex writes the index in pieces, and where each begins: a line with
// the key and time of its first line and, in JSON, where it lies.
func (z *Writer) dividedIndex() error {
	var starts bytes.Buffer
	fmt.Fprintf(&starts, "!meta 0 {\"format\": \"cdxj-gzip-1.0\", \"filename\": %q}\n", path.Base(piecesName))
	err := z.part(piecesName, func(w io.Writer) error {
		p := &pieces{out: w, starts: &starts}
		for line, err := range z.lines.Lines() {
			if err == nil {
				err = p.add(line)
			}
			if err != nil {
				return err
			}
		}
		return p.flush()
	})
	if err != nil {
		return err
	}
	return z.File(startsName, starts.Bytes())
}

// pieces divides an index.
type pieces struct {
	out    io.Writer
	starts *bytes.Buffer
	first  []byte
	text   bytes.Buffer
	n      int
	offset int64
}

func (p *pieces) add(line []byte) error {
	if p.n == 0 {
		key, _, _ := bytes.Cut(line, []byte(" {"))
		p.first = bytes.Clone(key)
	}
	p.text.Write(line)
	p.text.WriteByte('\n')
	if p.n++; p.n < pieceLines {
		return nil
	}
	return p.flush()
}

func (p *pieces) flush() error {
	if p.n == 0 {
		return nil
	}
	var member bytes.Buffer
	gz := gzip.NewWriter(&member)
	gz.Write(p.text.Bytes()) // what fails is said by Close, and into memory nothing does
	if err := gz.Close(); err != nil {
		return err
	}
	where, err := json.Marshal(struct {
		Offset   int64  `json:"offset"`
		Length   int    `json:"length"`
		Digest   string `json:"digest"`
		Filename string `json:"filename"`
	}{p.offset, member.Len(), digest(member.Bytes()), path.Base(piecesName)})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.starts, "%s %s\n", p.first, where)
	p.offset += int64(member.Len())
	p.text.Reset()
	p.n = 0
	_, err = p.out.Write(member.Bytes())
	return err
}

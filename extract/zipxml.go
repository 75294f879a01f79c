package extract

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"
)

// Bounds of documents that are ZIP archives of XML. Real ones are compressed
// ten- to forty-fold.
const (
	maxZipParts  = 20_000
	maxZipRatio  = 100       // bytes unpacked for each byte of the document …
	minZipSize   = 16 << 20  // … but at least these
	maxZipSize   = 160 << 20 // … and at most these
	maxXMLToken  = 16 << 20  // bytes of one tag or text
	maxXMLDepth  = 512
	maxXMLTokens = 20_000_000
)

var (
	errBomb      = errors.New("unpacks to far more than a document of its size does")
	errXMLDepth  = errors.New("is nested too deeply")
	errXMLTokens = errors.New("holds too many elements")
)

// A zipFile is a document that is a ZIP archive. All its parts together unpack
// to no more than a budget that follows from its size.
type zipFile struct {
	r    *zip.Reader
	left int64
}

func openZip(body []byte) (*zipFile, error) {
	if i := bytes.Index(body[:min(len(body), 1024)], []byte("PK\x03\x04")); i > 0 {
		body = body[i:]
	}
	r, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, fmt.Errorf("is damaged or cut short (%w)", err)
	}
	if len(r.File) > maxZipParts {
		return nil, fmt.Errorf("has %d parts: %w", len(r.File), errBomb)
	}
	return &zipFile{r, min(max(maxZipRatio*int64(len(body)), minZipSize), maxZipSize)}, nil
}

// part opens a part; nil if there is none of that name. Case is ignored, as
// Office does.
func (z *zipFile) part(ctx context.Context, name string) (*xmlStream, error) {
	name = strings.TrimPrefix(name, "/")
	for _, f := range z.r.File {
		if !strings.EqualFold(strings.ReplaceAll(f.Name, "\\", "/"), name) {
			continue
		}
		if f.Flags&1 != 0 {
			return nil, errProtected
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("is damaged: part %s (%w)", name, err)
		}
		return newXML(ctx, &limitedReader{r, &z.left}), nil
	}
	return nil, nil
}

// names returns the names of the parts with this beginning and ending.
func (z *zipFile) names(prefix, suffix string) []string {
	var out []string
	for _, f := range z.r.File {
		if strings.HasPrefix(f.Name, prefix) && strings.HasSuffix(f.Name, suffix) && len(out) < 64 {
			out = append(out, f.Name)
		}
	}
	return out
}

// A limitedReader ends with errBomb when a shared budget is used up.
type limitedReader struct {
	r    io.Reader
	left *int64
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if *l.left <= 0 {
		return 0, errBomb
	}
	n, err := l.r.Read(p[:min(int64(len(p)), *l.left)])
	*l.left -= int64(n)
	return n, err
}

// An xmlStream reads XML element by element. It knows no entities but XML's
// own five and HTML's, so that nothing expands; it ends at errXMLDepth and
// errXMLTokens.
type xmlStream struct {
	ctx    context.Context
	d      *xml.Decoder
	r      *tokenReader
	depth  int
	tokens int
}

func newXML(ctx context.Context, r io.Reader) *xmlStream {
	guard := &tokenReader{r: r}
	d := xml.NewDecoder(guard)
	d.CharsetReader = charset.NewReaderLabel
	d.Entity = xml.HTMLEntity
	return &xmlStream{ctx: ctx, d: d, r: guard}
}

// A tokenReader ends with errBomb when one token becomes too long.
type tokenReader struct {
	r     io.Reader
	since int // bytes read since the last token
}

func (t *tokenReader) Read(p []byte) (int, error) {
	if t.since > maxXMLToken {
		return 0, errBomb
	}
	n, err := t.r.Read(p)
	t.since += n
	return n, err
}

func (x *xmlStream) next() (xml.Token, error) {
	if x.tokens++; x.tokens > maxXMLTokens {
		return nil, errXMLTokens
	}
	if x.tokens%4096 == 0 {
		if err := x.ctx.Err(); err != nil {
			return nil, err
		}
	}
	x.r.since = 0
	t, err := x.d.Token()
	if err != nil {
		return nil, xmlError(err)
	}
	switch t.(type) {
	case xml.StartElement:
		if x.depth++; x.depth > maxXMLDepth {
			return nil, errXMLDepth
		}
	case xml.EndElement:
		x.depth--
	}
	return t, nil
}

// xmlError says what is wrong in words that follow "the document".
func xmlError(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, errBomb), errors.Is(err, io.EOF):
		return err
	case errors.As(err, &syntax):
		return fmt.Errorf("is damaged or cut short (XML line %d: %s)", syntax.Line, syntax.Msg)
	}
	return fmt.Errorf("is damaged or cut short (%w)", err)
}

// root moves to the first element.
func (x *xmlStream) root() (xml.StartElement, error) {
	for {
		t, err := x.next()
		if errors.Is(err, io.EOF) {
			err = errors.New("is damaged: it holds no XML")
		}
		if err != nil {
			return xml.StartElement{}, err
		}
		if s, ok := t.(xml.StartElement); ok {
			return s, nil
		}
	}
}

// each calls elem for each child of the open element, which it must read to
// its end (skip does), and text for its own text; it reads the element's end.
func (x *xmlStream) each(elem func(xml.StartElement) error, text func(string)) error {
	for {
		t, err := x.next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = errors.New("is damaged or cut short (the XML ends early)")
			}
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := elem(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		case xml.CharData:
			if text != nil {
				text(string(t))
			}
		}
	}
}

// skip reads over the open element.
func (x *xmlStream) skip() error {
	for end := x.depth - 1; x.depth > end; {
		if _, err := x.next(); err != nil {
			return err
		}
	}
	return nil
}

// text reads the open element and returns all the text in it.
func (x *xmlStream) text() (string, error) {
	var b textBuffer
	err := x.gather(&b)
	return b.take(), err
}

func (x *xmlStream) gather(b *textBuffer) error {
	for end := x.depth - 1; x.depth > end; {
		t, err := x.next()
		if err != nil {
			return err
		}
		if s, ok := t.(xml.CharData); ok {
			b.write(string(s))
		}
	}
	return nil
}

// value returns an attribute of an element, whatever its namespace.
func value(e *xml.StartElement, name string) string {
	for i := range e.Attr {
		if e.Attr[i].Name.Local == name {
			return e.Attr[i].Value
		}
	}
	return ""
}

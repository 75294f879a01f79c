package warc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Limits of what a [Reader] takes, so that a hostile file costs bounded memory.
const (
	maxHeader = 64 << 10
	// DefaultMaxBlock is the largest block a Reader takes unless told otherwise.
	DefaultMaxBlock = 64 << 20
)

// ErrTorn is returned for a member that ends before its record does: the tail
// of a file whose writer was killed.
var ErrTorn = errors.New("torn WARC record")

// A Reader reads the members of a .warc.gz file one after another and knows
// the offset of each. It is not safe for concurrent use.
type Reader struct {
	// MaxBlock bounds a block's size; 0 means DefaultMaxBlock.
	MaxBlock int64

	in  *countingReader
	gz  *gzip.Reader
	br  *bufio.Reader
	off int64
}

// NewReader reads from r, whose first byte lies at offset base of its file.
func NewReader(r io.Reader, base int64) *Reader {
	return &Reader{in: &countingReader{r: bufio.NewReaderSize(r, 64<<10), n: base}, off: base}
}

// Next returns the next record and where its member lies. At the end of the
// input it returns [io.EOF]; for a member cut short, ErrTorn (with the span's
// Offset set); for a broken one, ErrMalformed.
func (r *Reader) Next() (*Record, Span, error) {
	start := r.in.n
	span := Span{Offset: start}
	if _, err := r.in.r.Peek(1); err != nil {
		if err == io.EOF {
			return nil, span, io.EOF
		}
		return nil, span, fmt.Errorf("read WARC at offset %d: %w", start, err)
	}
	if err := r.open(); err != nil {
		return nil, span, r.classify(err, start)
	}
	rec, err := r.record()
	if err != nil {
		return nil, span, r.classify(err, start)
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(r.br, maxHeader)); err != nil { // the gzip trailer
		return nil, span, r.classify(err, start)
	}
	span.Length = r.in.n - start
	return rec, span, nil
}

func (r *Reader) open() error {
	var err error
	if r.gz == nil {
		r.gz, err = gzip.NewReader(r.in)
	} else {
		err = r.gz.Reset(r.in)
	}
	if err != nil {
		r.gz = nil
		return err
	}
	r.gz.Multistream(false)
	if r.br == nil {
		r.br = bufio.NewReaderSize(r.gz, 16<<10)
	} else {
		r.br.Reset(r.gz)
	}
	return nil
}

// classify tells a torn member (the file ends inside it) from a broken one.
func (r *Reader) classify(err error, offset int64) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("offset %d: %w", offset, ErrTorn)
	}
	if errors.Is(err, ErrMalformed) {
		return fmt.Errorf("offset %d: %w", offset, err)
	}
	return fmt.Errorf("offset %d: %w: %w", offset, ErrMalformed, err)
}

func (r *Reader) record() (*Record, error) {
	line, err := r.line()
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(line, "WARC/1.") {
		return nil, fmt.Errorf("%w: begins with %.20q, not WARC/1.x", ErrMalformed, line)
	}
	rec := &Record{}
	size, length := 0, int64(-1)
	for {
		line, err := r.line()
		if err != nil {
			return nil, err
		}
		if line == "" {
			break
		}
		if size += len(line); size > maxHeader {
			return nil, fmt.Errorf("%w: header over %d bytes", ErrMalformed, maxHeader)
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("%w: header line %.40q has no colon", ErrMalformed, line)
		}
		value = strings.TrimSpace(value)
		if strings.EqualFold(name, "Content-Length") {
			if length, err = strconv.ParseInt(value, 10, 64); err != nil || length < 0 {
				return nil, fmt.Errorf("%w: Content-Length %q", ErrMalformed, value)
			}
			continue
		}
		rec.Fields = append(rec.Fields, Field{name, value})
	}
	return rec, r.block(rec, length)
}

func (r *Reader) block(rec *Record, length int64) error {
	limit := r.MaxBlock
	if limit == 0 {
		limit = DefaultMaxBlock
	}
	switch {
	case length < 0:
		return fmt.Errorf("%w: no Content-Length", ErrMalformed)
	case length > limit:
		return fmt.Errorf("%w: block of %d bytes is over the limit of %d", ErrMalformed, length, limit)
	}
	var b bytes.Buffer
	if length < 1<<20 {
		b.Grow(int(length) + bytes.MinRead)
	}
	if n, err := io.Copy(&b, io.LimitReader(r.br, length)); err != nil {
		return err
	} else if n < length {
		return io.ErrUnexpectedEOF
	}
	rec.Block = b.Bytes()
	return nil
}

// line reads one header line without its end.
func (r *Reader) line() (string, error) {
	line, err := r.br.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		return "", fmt.Errorf("%w: header line over 16 KB", ErrMalformed)
	}
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

// countingReader counts what the decompressor has consumed. It is an
// io.ByteReader, so that the decompressor takes no byte past its member.
type countingReader struct {
	r *bufio.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *countingReader) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

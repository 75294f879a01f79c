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

// Limits of what a [Reader] takes, so that a hostile file costs bounded memory
// and time.
const (
	maxHeader = 64 << 10
	// DefaultMaxBlock is the largest block a Reader takes unless told otherwise.
	DefaultMaxBlock = 64 << 20
)

// ErrTorn is returned for a record that ends before it should because the file
// does: the tail of a file whose writer was killed.
var ErrTorn = errors.New("torn WARC record")

// A Reader reads the records of a WARC file one after another and knows the
// offset of each. It takes files with a gzip member for each record, as they
// should be, and plain ones; and versions 0.17 to 1.1. A record that is broken
// is an error and no more: the next call of Next goes on behind it. It is not
// safe for concurrent use.
type Reader struct {
	// MaxBlock bounds a block's size; 0 means DefaultMaxBlock.
	MaxBlock int64

	in    *countingReader
	gz    *gzip.Reader
	br    *bufio.Reader   // on gz
	inner *countingReader // on br, while more records follow in the same gzip member
	whole bool            // a gzip member held more than one record
	lost  bool            // the end of the last record was not found

	// A broken record may have led the decompressor into those behind it: they
	// are looked for from its beginning, if the file can be sought.
	file  io.Seeker // nil if it cannot
	base  int64
	back  int64 // how many bytes may still be read twice
	probe *gzip.Reader
}

// Bounds of what is read twice, behind broken records.
const (
	maxBack    = 1 << 20   // for one
	maxAllBack = 256 << 20 // for all
)

// NewReader reads from r, whose first byte lies at offset base of its file.
func NewReader(r io.Reader, base int64) *Reader {
	file, _ := r.(io.Seeker)
	return &Reader{in: &countingReader{r: bufio.NewReaderSize(r, 64<<10), n: base, from: r}, file: file, base: base, back: maxAllBack}
}

// Whole reports whether a gzip member was found that holds more than one
// record, or less: a file compressed as a whole, or cut elsewhere than between
// records. It has to be decompressed as a whole; spans of its records are not
// those of the compressed file.
func (r *Reader) Whole() bool { return r.whole }

// Next returns the next record and where it lies: its gzip member, or in a
// plain file its bytes. At the end of the input it returns [io.EOF]; for a
// record cut short by the end of the file ErrTorn, and for a broken one
// ErrMalformed, with the span's Offset set. After an ErrMalformed it may be
// called again.
func (r *Reader) Next() (*Record, Span, error) {
	if r.lost {
		r.lost = false
		if err := r.seek(); err != nil {
			return nil, Span{Offset: r.in.n}, err
		}
	}
	if r.inner != nil {
		rec, span, err := r.next(r.inner)
		if err != io.EOF {
			return rec, span, err
		}
		r.inner = nil
	}
	return r.next(r.in)
}

// next reads a record of the file, or of a gzip member in it.
func (r *Reader) next(in *countingReader) (*Record, Span, error) {
	start := in.n
	span := Span{Offset: start}
	first, err := in.r.Peek(2)
	if len(first) == 0 {
		if err == io.EOF {
			return nil, span, io.EOF
		}
		return nil, span, r.classify(in, err, start)
	}
	var rec *Record
	if first[0] == 0x1f && in == r.in {
		rec, err = r.member()
	} else {
		rec, err = r.plain(in)
		if err == errBlank { // only line ends followed
			return nil, Span{Offset: in.n}, io.EOF
		}
	}
	if err != nil {
		return nil, span, r.classify(in, err, start)
	}
	span.Length = in.n - start
	return rec, span, nil
}

// errBlank is returned where nothing but line ends is left.
var errBlank = errors.New("blank")

// member reads the first record of a gzip member, and its end if no other
// follows in it.
func (r *Reader) member() (*Record, error) {
	if err := r.open(); err != nil {
		return nil, err
	}
	in := &countingReader{r: r.br}
	rec, err := r.record(in)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		if b, _ := r.in.r.Peek(3); string(b) == gzipSign { // cut into members elsewhere than between records
			r.whole = true
		}
	}
	if err != nil {
		return nil, err
	}
	if err := in.skipLines(); err == io.EOF {
		return rec, nil
	} else if err != nil {
		return nil, err
	}
	if b, _ := in.r.Peek(5); string(b) != "WARC/" {
		return nil, fmt.Errorf("%w: something follows its block", ErrMalformed)
	}
	r.inner, r.whole = in, true
	return rec, nil
}

// plain reads one record of a file that is not compressed.
func (r *Reader) plain(in *countingReader) (*Record, error) {
	if err := in.skipLines(); err == io.EOF {
		return nil, errBlank
	} else if err != nil {
		return nil, err
	}
	if b, _ := in.r.Peek(5); string(b) != "WARC/" {
		return nil, fmt.Errorf("%w: begins with %.20q, not with a version of WARC", ErrMalformed, b)
	}
	rec, err := r.record(in)
	if err != nil {
		return nil, err
	}
	for range 2 { // the line ends that belong to this one
		b, _ := in.r.Peek(2)
		switch {
		case bytes.HasPrefix(b, []byte("\r\n")):
			in.discard(2)
		case bytes.HasPrefix(b, []byte("\n")):
			in.discard(1)
		}
	}
	return rec, nil
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

// classify tells a torn record (the file ends inside it) from a broken one.
func (r *Reader) classify(in *countingReader, err error, offset int64) error {
	r.lost = true
	if in == r.in && in.n == offset { // a record begins elsewhere
		if derr := in.discard(1); derr != nil {
			return derr
		}
	}
	if in == r.in {
		r.inner = nil
		if rerr := r.goBack(offset + 1); rerr != nil {
			return rerr
		}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		if _, more := r.in.r.Peek(1); more == nil {
			return fmt.Errorf("offset %d: %w: its gzip member ends before it does", offset, ErrMalformed)
		}
		return fmt.Errorf("offset %d: %w", offset, ErrTorn)
	}
	if errors.Is(err, ErrMalformed) {
		return fmt.Errorf("offset %d: %w", offset, err)
	}
	return fmt.Errorf("offset %d: %w: %w", offset, ErrMalformed, err)
}

// goBack returns to an offset that has been passed, and on to where a record
// begins behind it, or to the end of the file.
func (r *Reader) goBack(to int64) error {
	far := r.in.n - to
	if r.file == nil || far <= 0 || far > maxBack || far > r.back {
		return nil
	}
	r.back -= far
	if _, err := r.file.Seek(to-r.base, io.SeekStart); err != nil {
		return fmt.Errorf("read WARC at offset %d: %w", to, err)
	}
	r.in.r.Reset(r.in.from)
	r.in.n = to
	if err := r.seek(); err != nil && err != io.EOF {
		return err
	}
	r.lost = false
	return nil
}

// seek goes on to the next place where a record may begin: a gzip member, or a
// line that names a version of WARC. Nothing is decompressed on the way, but
// the rest of a member that holds several records.
func (r *Reader) seek() error {
	if r.inner != nil {
		if err := r.inner.seek("WARC/0.", "WARC/1."); err == nil {
			return nil
		}
		r.inner = nil
	}
	for {
		if err := r.in.seek(gzipSign, "WARC/0.", "WARC/1."); err != nil {
			return err
		}
		if b, _ := r.in.r.Peek(maxProbe); !bytes.HasPrefix(b, []byte(gzipSign)) || r.begins(b) {
			return nil
		}
		if err := r.in.discard(1); err != nil {
			return err
		}
	}
}

const (
	gzipSign = "\x1f\x8b\x08"
	maxProbe = 2 << 10
)

// begins reports whether a gzip member that begins so holds a record: what
// servers send is compressed, too.
func (r *Reader) begins(member []byte) bool {
	var err error
	if r.probe == nil {
		r.probe, err = gzip.NewReader(bytes.NewReader(member))
	} else {
		err = r.probe.Reset(bytes.NewReader(member))
	}
	if err != nil {
		r.probe = nil
		return false
	}
	var first [5]byte
	_, err = io.ReadFull(r.probe, first[:])
	return err == nil && string(first[:]) == "WARC/"
}

// A lineReader is what a record is read from.
type lineReader interface {
	io.Reader
	ReadSlice(delim byte) ([]byte, error)
}

func (r *Reader) record(in lineReader) (*Record, error) {
	first, err := line(in)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(first, "WARC/1.") && !strings.HasPrefix(first, "WARC/0.1") {
		return nil, fmt.Errorf("%w: begins with %.20q, not with a version of WARC", ErrMalformed, first)
	}
	rec := &Record{}
	size, length := 0, int64(-1)
	for {
		text, err := line(in)
		if err != nil {
			return nil, err
		}
		if text == "" {
			break
		}
		if size += len(text); size > maxHeader {
			return nil, fmt.Errorf("%w: header over %d bytes", ErrMalformed, maxHeader)
		}
		if (text[0] == ' ' || text[0] == '\t') && len(rec.Fields) > 0 { // the line before goes on
			last := &rec.Fields[len(rec.Fields)-1]
			last.Value = strings.TrimSpace(last.Value + " " + strings.TrimSpace(text))
			continue
		}
		name, value, ok := strings.Cut(text, ":")
		if !ok {
			return nil, fmt.Errorf("%w: header line %.40q has no colon", ErrMalformed, text)
		}
		value = strings.TrimSpace(value)
		if strings.EqualFold(name, "Content-Length") {
			if length, err = strconv.ParseInt(value, 10, 64); err != nil || length < 0 {
				return nil, fmt.Errorf("%w: Content-Length %.40q", ErrMalformed, value)
			}
			continue
		}
		rec.Fields = append(rec.Fields, Field{strings.TrimSpace(name), value})
	}
	return rec, r.block(in, rec, length)
}

func (r *Reader) block(in io.Reader, rec *Record, length int64) error {
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
	if n, err := io.Copy(&b, io.LimitReader(in, length)); err != nil {
		return err
	} else if n < length {
		return io.ErrUnexpectedEOF
	}
	rec.Block = b.Bytes()
	return nil
}

// line reads one header line without its end.
func line(in lineReader) (string, error) {
	b, err := in.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		return "", fmt.Errorf("%w: header line over 16 KB", ErrMalformed)
	}
	if err != nil {
		if err == io.EOF && len(b) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return "", err
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

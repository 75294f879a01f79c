package warc

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/gzip"
)

// A Writer turns records into gzip members, ready to be appended to a file in
// one write. It is not safe for concurrent use.
type Writer struct {
	buf bytes.Buffer
	gz  *gzip.Writer
}

// A Span says where in the buffer a member lies.
type Span struct{ Offset, Length int64 }

// Append adds a record to the buffer and says where its member begins,
// counted from the start of the buffer, and how long it is.
func (w *Writer) Append(r *Record) (Span, error) {
	start := w.buf.Len()
	if w.gz == nil {
		w.gz = gzip.NewWriter(&w.buf)
	} else {
		w.gz.Reset(&w.buf)
	}
	for _, part := range [][]byte{r.Head(), r.Block, []byte("\r\n\r\n")} {
		if _, err := w.gz.Write(part); err != nil {
			return Span{}, fmt.Errorf("compress WARC record: %w", err)
		}
	}
	if err := w.gz.Close(); err != nil {
		return Span{}, fmt.Errorf("compress WARC record: %w", err)
	}
	return Span{int64(start), int64(w.buf.Len() - start)}, nil
}

// Bytes are all members appended since the last Reset; valid until the next call.
func (w *Writer) Bytes() []byte { return w.buf.Bytes() }

// Reset empties the buffer; a very large one is given back to the system.
func (w *Writer) Reset() {
	if w.buf.Cap() > 16<<20 {
		w.buf = bytes.Buffer{}
		w.gz = nil
		return
	}
	w.buf.Reset()
}

package warc

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
)

// countingReader counts what has been consumed. It is an io.ByteReader, so
// that the decompressor takes no byte past its member.
type countingReader struct {
	r    *bufio.Reader
	n    int64
	from io.Reader // what r reads
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

// ReadSlice is bufio's, with lines of at most 16 KB.
func (c *countingReader) ReadSlice(delim byte) ([]byte, error) {
	b, err := c.r.ReadSlice(delim)
	c.n += int64(len(b))
	if err == nil && len(b) > 16<<10 {
		err = bufio.ErrBufferFull
	}
	return b, err
}

// skipLines skips line ends, however many there are.
func (c *countingReader) skipLines() error {
	for {
		b, err := c.r.Peek(1)
		if err != nil {
			return err
		}
		if b[0] != '\r' && b[0] != '\n' {
			return nil
		}
		if err := c.discard(1); err != nil {
			return err
		}
	}
}

// seek goes on to the first of some signs.
func (c *countingReader) seek(signs ...string) error {
	for {
		window, err := c.r.Peek(4 << 10)
		if len(window) == 0 {
			if err == io.EOF {
				return io.EOF
			}
			return fmt.Errorf("read WARC at offset %d: %w", c.n, err)
		}
		at := -1
		for _, sign := range signs {
			if i := bytes.Index(window, []byte(sign)); i >= 0 && (at < 0 || i < at) {
				at = i
			}
		}
		if at >= 0 {
			return c.discard(at)
		}
		skip := len(window)
		if err == nil {
			skip -= len("WARC/1.") - 1 // a sign may lie across the window's end
		}
		if err := c.discard(skip); err != nil {
			return err
		}
	}
}

func (c *countingReader) discard(n int) error {
	d, err := c.r.Discard(n)
	c.n += int64(d)
	if err != nil {
		return fmt.Errorf("read WARC at offset %d: %w", c.n, err)
	}
	return nil
}

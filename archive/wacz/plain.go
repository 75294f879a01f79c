package wacz

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// The signatures of ZIP's records, and their fixed lengths.
const (
	localSign, localSize     = 0x04034b50, 30
	centralSign, centralSize = 0x02014b50, 46
	endSign, endSize         = 0x06054b50, 22
	descriptorSign           = 0x08074b50
	hasDescriptor            = 1 << 3
)

// Plain checks that a WACZ is nothing but its parts, so that all programs see
// the same in it: each part follows on the one before, is called in its own
// header as in the directory and stored as it is; nothing lies before, between
// or behind them. What other tools write need not be so; what [Writer] writes
// is. Errors wrap [ErrMalformed].
func (w *Reader) Plain(r io.ReaderAt, size int64) error {
	at := int64(0)
	for _, f := range w.zip.File {
		end, err := plainPart(r, f, at)
		if err != nil {
			return fmt.Errorf("%w: %.60q: %w", ErrMalformed, f.Name, err)
		}
		at = end
	}
	// The directory, one entry for each part, and its end, without a comment.
	for _, f := range w.zip.File {
		head := make([]byte, centralSize)
		if _, err := r.ReadAt(head, at); err != nil || binary.LittleEndian.Uint32(head) != centralSign {
			return fmt.Errorf("%w: something lies between the parts and the directory", ErrMalformed)
		}
		n, extra, comment := lengths(head[28:]), lengths(head[30:]), lengths(head[32:])
		if n != int64(len(f.Name)) || comment != 0 {
			return fmt.Errorf("%w: %.60q: its entry in the directory says more than it should", ErrMalformed, f.Name)
		}
		at += centralSize + n + extra
	}
	end := make([]byte, endSize)
	if _, err := r.ReadAt(end, at); err != nil || binary.LittleEndian.Uint32(end) != endSign || at+endSize != size {
		return fmt.Errorf("%w: something lies behind the directory", ErrMalformed)
	}
	return nil
}

// plainPart checks one part, which begins at an offset, and says where it ends.
func plainPart(r io.ReaderAt, f *zip.File, at int64) (end int64, err error) {
	head := make([]byte, localSize)
	if _, err := r.ReadAt(head, at); err != nil || binary.LittleEndian.Uint32(head) != localSign {
		return 0, fmt.Errorf("something lies before it")
	}
	n, extra := lengths(head[26:]), lengths(head[28:])
	name := make([]byte, n)
	if _, err := r.ReadAt(name, at+localSize); err != nil || string(name) != f.Name {
		return 0, fmt.Errorf("its own header calls it %.60q", name)
	}
	data, err := f.DataOffset()
	if err != nil {
		return 0, err
	}
	method, flags := binary.LittleEndian.Uint16(head[8:]), binary.LittleEndian.Uint16(head[6:])
	if data != at+localSize+n+extra || method != f.Method || f.Method != zip.Store || flags != f.Flags || f.CompressedSize64 != f.UncompressedSize64 {
		return 0, fmt.Errorf("its own header and the directory differ, or it is not stored as it is")
	}
	end = data + int64(f.CompressedSize64)
	if flags&hasDescriptor == 0 {
		return end, nil
	}
	var d [16]byte
	if _, err := r.ReadAt(d[:], end); err != nil || binary.LittleEndian.Uint32(d[:]) != descriptorSign || binary.LittleEndian.Uint32(d[4:]) != f.CRC32 ||
		uint64(binary.LittleEndian.Uint32(d[8:])) != f.CompressedSize64 {
		return 0, fmt.Errorf("what follows it is not what the directory says")
	}
	return end + int64(len(d)), nil
}

func lengths(b []byte) int64 { return int64(binary.LittleEndian.Uint16(b)) }

// About checks that a WACZ says of itself, in its description and its list of
// one page, what [Writer] would write, and lists each of its parts. Errors wrap
// [ErrMalformed].
func (w *Reader) About(meta Meta, page Page) error {
	want := newDescription(meta, &page, w.desc.Resources)
	text, err := json.MarshalIndent(want, "", "  ")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	got, err := w.File(packageName)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, text) {
		return fmt.Errorf("%w: %s does not say what it should", ErrMalformed, packageName)
	}
	if len(want.Resources) != len(w.parts)-2 {
		return fmt.Errorf("%w: %s lists %d parts, there are %d", ErrMalformed, packageName, len(want.Resources), len(w.parts)-2)
	}
	line, err := page.line(1)
	if err != nil {
		return err
	}
	text = append([]byte(pagesHead), line...)
	if got, err = w.File(pagesName); err != nil {
		return err
	}
	if !bytes.Equal(got, text) {
		return fmt.Errorf("%w: %s does not say what it should", ErrMalformed, pagesName)
	}
	return nil
}

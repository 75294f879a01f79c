package archive

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// How the catalogue keeps a version's blocks.
//
// A version stores only the blocks that its predecessor did not have ("texts")
// and, for the whole list, runs of consecutive blocks by where they are stored
// ("blocks"). So a version costs what changed in it, any version is read
// without its neighbours' lists, and the version a block is stored in is the
// version since which it has stood there: paragraph-level blame for free.
//
//	blocks  = *run                          run  = version first count   (uvarints)
//	texts   = zstd( count *block *refs )    block = kind role level marker text path
//	refs    = number path                   of each block that has any, by its number
//	path    = count *string                 string = length bytes        (uvarints)
//
// The first block of a version's own texts has number 0.

// A blockRef says where a block is stored: the n-th of a version's own texts.
type blockRef struct {
	version Seq
	n       int
}

// errCorrupt is wrapped by errors about rows that do not decode.
var errCorrupt = errors.New("corrupt row in the catalogue; run `veille rebuild`")

// key is what makes a block the same block: everything but Refs and Since.
func (b *Block) key() [32]byte {
	h := sha256.New()
	for _, s := range []string{string(b.Kind), string(b.Role), b.Marker, b.Text} {
		io.WriteString(h, s)
		h.Write([]byte{0})
	}
	h.Write([]byte{byte(b.Level)})
	for _, p := range b.Path {
		io.WriteString(h, p)
		h.Write([]byte{0})
	}
	return [32]byte(h.Sum(nil))
}

// textDigest identifies a version's text: the same blocks in the same order, at
// the same address.
func textDigest(v *Version) string {
	h := sha256.New()
	if v.Gone {
		io.WriteString(h, "gone")
	}
	for i := range v.Blocks {
		k := v.Blocks[i].key()
		h.Write(k[:])
	}
	if v.MovedTo != "" && !v.Gone {
		io.WriteString(h, "moved to "+v.MovedTo)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// place finds for each block of v where it is stored: in an earlier version if
// prev (nil for none) has it, else among the own texts, which it returns. Each
// stored block of prev is used once. It sets Since.
func place(v *Version, prev []Block, refs []blockRef) (placed []blockRef, own []Block) {
	have := make(map[[32]byte][]blockRef, len(prev))
	for i := range prev {
		k := prev[i].key()
		have[k] = append(have[k], refs[i])
	}
	placed = make([]blockRef, len(v.Blocks))
	for i := range v.Blocks {
		b := &v.Blocks[i]
		k := b.key()
		if old := have[k]; len(old) > 0 {
			placed[i], have[k] = old[0], old[1:]
		} else {
			placed[i] = blockRef{v.ID, len(own)}
			own = append(own, *b)
		}
		b.Since = placed[i].version
	}
	return placed, own
}

func encodeRuns(refs []blockRef) []byte {
	var out []byte
	for i := 0; i < len(refs); {
		n := 1
		for i+n < len(refs) && refs[i+n].version == refs[i].version && refs[i+n].n == refs[i].n+n {
			n++
		}
		out = binary.AppendUvarint(out, uint64(refs[i].version))
		out = binary.AppendUvarint(out, uint64(refs[i].n))
		out = binary.AppendUvarint(out, uint64(n))
		i += n
	}
	return out
}

func decodeRuns(b []byte) ([]blockRef, error) {
	var refs []blockRef
	d := decoder{b: b}
	for len(d.b) > 0 && !d.bad {
		version, first, n := d.int(), d.int(), d.int()
		if n > 1<<24-len(refs) {
			d.bad = true
		}
		for k := 0; k < n && !d.bad; k++ {
			refs = append(refs, blockRef{Seq(version), first + k})
		}
	}
	if d.bad {
		return nil, fmt.Errorf("block list: %w", errCorrupt)
	}
	return refs, nil
}

// eachRun calls f with the place of each run's first block in the list, where
// that is stored, and how many follow one another, until f says that it is enough.
func eachRun(b []byte, f func(at int, first blockRef, n int) (enough bool)) error {
	d := decoder{b: b}
	for at := 0; len(d.b) > 0; {
		version, first, n := d.int(), d.int(), d.int()
		if d.bad || n > 1<<24-at {
			return fmt.Errorf("block list: %w", errCorrupt)
		}
		if f(at, blockRef{Seq(version), first}, n) {
			return nil
		}
		at += n
	}
	return nil
}

// refAt says where the n-th block of a list is stored.
func refAt(runs []byte, n int) (blockRef, error) {
	ref := blockRef{n: -1}
	err := eachRun(runs, func(at int, first blockRef, size int) bool {
		if n >= at && n < at+size {
			ref = blockRef{first.version, first.n + n - at}
		}
		return ref.n >= 0
	})
	if err == nil && ref.n < 0 {
		err = fmt.Errorf("there is no block %d: %w", n, errCorrupt)
	}
	return ref, err
}

// refPlace says which number a stored block has in a list, -1 for none.
func refPlace(runs []byte, ref blockRef) (int, error) {
	place := -1
	err := eachRun(runs, func(at int, first blockRef, size int) bool {
		if first.version == ref.version && ref.n >= first.n && ref.n < first.n+size {
			place = at + ref.n - first.n
		}
		return place >= 0
	})
	return place, err
}

// A blockCodec compresses and reads the texts of versions. Its methods may be
// called concurrently.
type blockCodec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

func newBlockCodec() (*blockCodec, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(256<<20), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	return &blockCodec{enc, dec}, nil
}

func (c *blockCodec) close() {
	c.enc.Close()
	c.dec.Close()
}

func (c *blockCodec) encode(blocks []Block) []byte {
	if len(blocks) == 0 {
		return []byte{}
	}
	out := binary.AppendUvarint(nil, uint64(len(blocks)))
	for i := range blocks {
		b := &blocks[i]
		out = appendString(out, string(b.Kind))
		out = appendString(out, string(b.Role))
		out = binary.AppendUvarint(out, uint64(b.Level))
		out = appendString(out, b.Marker)
		out = appendString(out, b.Text)
		out = appendStrings(out, b.Path)
	}
	for i := range blocks {
		if refs := blocks[i].Refs; len(refs) > 0 {
			out = appendStrings(binary.AppendUvarint(out, uint64(i)), refs)
		}
	}
	return c.enc.EncodeAll(out, nil)
}

func (c *blockCodec) decode(data []byte, since Seq) ([]Block, error) {
	if len(data) == 0 {
		return nil, nil
	}
	raw, err := c.dec.DecodeAll(data, nil)
	if err != nil {
		return nil, fmt.Errorf("texts of version %d: %w: %w", since, errCorrupt, err)
	}
	d := decoder{b: raw}
	n := d.int()
	if n > len(raw) {
		return nil, fmt.Errorf("texts of version %d: %w", since, errCorrupt)
	}
	blocks := make([]Block, n)
	var last []string // paths repeat: share them
	for i := range blocks {
		b := &blocks[i]
		b.Since = since
		b.Kind, b.Role = Kind(d.string()), Role(d.string())
		b.Level = d.int()
		b.Marker, b.Text = d.string(), d.string()
		b.Path = d.strings()
		if equalStrings(b.Path, last) {
			b.Path = last
		}
		last = b.Path
	}
	for len(d.b) > 0 {
		i := d.int()
		if d.bad = d.bad || i >= n; !d.bad {
			blocks[i].Refs = d.strings()
		}
		if d.bad {
			break
		}
	}
	if d.bad {
		return nil, fmt.Errorf("texts of version %d: %w", since, errCorrupt)
	}
	return blocks, nil
}

func appendString(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

func appendStrings(out []byte, list []string) []byte {
	out = binary.AppendUvarint(out, uint64(len(list)))
	for _, s := range list {
		out = appendString(out, s)
	}
	return out
}

func equalStrings(a, b []string) bool {
	return len(a) == len(b) && strings.Join(a, "\x00") == strings.Join(b, "\x00")
}

// A decoder reads uvarints and strings; bad is set at the first that is not there.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) int() int {
	v, n := binary.Uvarint(d.b)
	if n <= 0 || v > 1<<40 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return int(v)
}

func (d *decoder) string() string {
	n := d.int()
	if n > len(d.b) {
		d.bad, d.b = true, nil
		return ""
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

func (d *decoder) strings() []string {
	n := d.int()
	if n == 0 || n > len(d.b) {
		d.bad = d.bad || n > len(d.b)
		return nil
	}
	out := make([]string, n)
	for i := range out {
		out[i] = d.string()
	}
	return out
}

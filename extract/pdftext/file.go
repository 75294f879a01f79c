package pdftext

import (
	"bytes"
	"context"
	"errors"
)

// A file is an open PDF: where its objects are, and those read so far.
type file struct {
	ctx    context.Context
	src    []byte
	at     map[int]place
	cache  map[int]any
	held   map[int]*packed // object streams, unpacked
	busy   map[int]bool    // objects being read
	trail  dict
	crypt  *crypt
	budget int // bytes that streams may still unpack to
	parsed int // parts of the objects that are held
	packs  int // bytes of the object streams that are held
	failed error
}

// A place is where an object lies: at an offset, or as one of an object stream.
type place struct {
	offset int
	in     int // object stream, 0 for none
	index  int
}

// A packed is an unpacked object stream: its numbers, offsets and bytes.
type packed struct {
	nums, offsets []int
	data          []byte
}

const (
	maxObjects  = 2_000_000
	maxSections = 4096      // cross-reference sections
	maxStream   = 32 << 20  // bytes one stream may unpack to
	maxUnpacked = 512 << 20 // all of them
	minUnpacked = 64 << 20
	maxRatio    = 200
	maxParsed   = 3_000_000
	maxPacks    = 128 << 20
)

// open finds the objects of a file: by its cross-reference sections, or where
// they lead nowhere by looking through the whole of it.
func open(ctx context.Context, src []byte) (*file, error) {
	f := &file{ctx: ctx, src: src, budget: min(max(maxRatio*len(src), minUnpacked), maxUnpacked)}
	f.reset()
	err := f.readSections()
	if err == nil {
		err = f.prepare()
	}
	if err == nil || errors.Is(err, ErrEncrypted) {
		return f, err
	}
	f.reset()
	if err := f.scan(); err != nil {
		return nil, err
	}
	return f, f.prepare()
}

func (f *file) reset() {
	f.at, f.cache, f.held, f.busy = map[int]place{}, map[int]any{}, map[int]*packed{}, map[int]bool{}
	f.trail, f.crypt = dict{}, nil
}

// prepare sets up decryption and checks that there is a tree of pages.
func (f *file) prepare() error {
	if f.trail["Encrypt"] != nil {
		if err := f.setUpCrypt(); err != nil {
			return err
		}
	}
	root := f.dict(f.trail["Root"])
	if root == nil || f.dict(root["Pages"]) == nil {
		return ErrDamaged
	}
	return nil
}

// indirect reads the object that begins at an offset: "12 0 obj … endobj".
func (f *file) indirect(offset int, decrypt bool) (any, ref, error) {
	if offset < 0 || offset >= len(f.src) {
		return nil, ref{}, ErrDamaged
	}
	l := &lexer{src: f.src, pos: offset}
	n, _ := l.object(0)
	g, _ := l.object(0)
	k, _ := l.object(0)
	num, ok1 := n.(float64)
	gen, ok2 := g.(float64)
	if !ok1 || !ok2 || k != keyword("obj") {
		return nil, ref{}, ErrDamaged
	}
	own := ref{int(num), int(gen)}
	if decrypt && f.crypt != nil {
		l.decrypt = func(b []byte) []byte { return f.crypt.text(own, b) }
	}
	v, err := l.object(0)
	if err != nil {
		return nil, own, ErrDamaged
	}
	if f.parsed += l.items; f.parsed > maxParsed {
		f.failed = ErrTooLarge
		return nil, own, ErrTooLarge
	}
	if num, ok := v.(float64); ok { // "5 0 obj 7 0 R endobj"
		mark := l.pos
		g, _ := l.object(0)
		k, _ := l.object(0)
		if gen, isNum := g.(float64); isNum && k == keyword("R") {
			return ref{int(num), int(gen)}, own, nil
		}
		l.pos = mark
	}
	d, isDict := v.(dict)
	if !isDict {
		return v, own, nil
	}
	l.skipSpace()
	if !bytes.HasPrefix(l.src[l.pos:], []byte("stream")) {
		return v, own, nil
	}
	return &stream{d, f.streamBytes(l.pos+len("stream"), d), own}, own, nil
}

// streamBytes cuts out the bytes of a stream: as long as it says, if the
// stream ends there, else up to the next endstream.
func (f *file) streamBytes(pos int, d dict) []byte {
	if pos < len(f.src) && f.src[pos] == '\r' {
		pos++
	}
	if pos < len(f.src) && f.src[pos] == '\n' {
		pos++
	}
	if n, ok := f.resolve(d["Length"]).(float64); ok && n >= 0 && pos+int(n) <= len(f.src) {
		end := pos + int(n)
		if bytes.HasPrefix(bytes.TrimLeft(f.src[end:min(end+32, len(f.src))], "\r\n \t\x00"), []byte("endstream")) {
			return f.src[pos:end]
		}
	}
	if pos >= len(f.src) {
		return nil
	}
	end := bytes.Index(f.src[pos:], []byte("endstream"))
	if end < 0 {
		return f.src[pos:]
	}
	return f.src[pos : pos+end]
}

// resolve follows references to the object itself; nil if there is none.
func (f *file) resolve(v any) any {
	for range 32 {
		r, ok := v.(ref)
		if !ok {
			return v
		}
		v = f.load(r.num)
	}
	return nil
}

func (f *file) load(num int) any {
	if v, ok := f.cache[num]; ok {
		return v
	}
	p, ok := f.at[num]
	if !ok || f.busy[num] || p.offset < 0 {
		return nil
	}
	f.busy[num] = true
	defer delete(f.busy, num)
	var v any
	if p.in > 0 {
		v = f.unpacked(p, num)
	} else {
		o, own, err := f.indirect(p.offset, true)
		if err == nil && own.num == num {
			v = o
		}
	}
	f.cache[num] = v
	return v
}

// unpacked reads one object of an object stream.
func (f *file) unpacked(p place, num int) any {
	pack := f.pack(p.in)
	if pack == nil {
		return nil
	}
	i := p.index
	if i >= len(pack.nums) || pack.nums[i] != num {
		for i = 0; i < len(pack.nums) && pack.nums[i] != num; i++ {
		}
	}
	if i >= len(pack.nums) || pack.offsets[i] < 0 || pack.offsets[i] >= len(pack.data) {
		return nil
	}
	l := &lexer{src: pack.data, pos: pack.offsets[i]}
	v, err := l.object(0)
	if err != nil {
		return nil
	}
	if f.parsed += l.items; f.parsed > maxParsed {
		f.failed = ErrTooLarge
		return nil
	}
	return v
}

func (f *file) pack(num int) *packed {
	if p, ok := f.held[num]; ok {
		return p
	}
	f.held[num] = nil
	s, ok := f.resolve(ref{num, 0}).(*stream)
	if !ok || s.dict["Type"] != name("ObjStm") {
		return nil
	}
	data, _ := f.unpack(s, true)
	first := int(f.number(s.dict["First"]))
	count := int(f.number(s.dict["N"]))
	if f.packs += len(data) + 32*count; f.packs > maxPacks {
		f.failed = ErrTooLarge
		return nil
	}
	if first <= 0 || first > len(data) || count < 0 || count > maxObjects {
		return nil
	}
	p := &packed{data: data}
	l := &lexer{src: data[:first]}
	for range count {
		n, err1 := l.object(0)
		o, err2 := l.object(0)
		num, ok1 := n.(float64)
		offset, ok2 := o.(float64)
		if err1 != nil || err2 != nil || !ok1 || !ok2 {
			break
		}
		p.nums = append(p.nums, int(num))
		p.offsets = append(p.offsets, first+int(offset))
	}
	f.held[num] = p
	return p
}

func (f *file) dict(v any) dict {
	switch v := f.resolve(v).(type) {
	case dict:
		return v
	case *stream:
		return v.dict
	}
	return nil
}

func (f *file) array(v any) array {
	a, _ := f.resolve(v).(array)
	return a
}

func (f *file) number(v any) float64 {
	n, _ := f.resolve(v).(float64)
	return n
}

func (f *file) name(v any) name {
	n, _ := f.resolve(v).(name)
	return n
}

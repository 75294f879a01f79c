package pdftext

import (
	"bytes"
	"strconv"
)

// readSections follows the chain of cross-reference sections, newest first.
func (f *file) readSections() error {
	tail := f.src[max(0, len(f.src)-4096):]
	i := bytes.LastIndex(tail, []byte("startxref"))
	if i < 0 {
		return ErrDamaged
	}
	l := &lexer{src: tail, pos: i + len("startxref")}
	v, _ := l.object(0)
	next, ok := v.(float64)
	if !ok {
		return ErrDamaged
	}
	seen := map[int]bool{}
	queue := []int{int(next)}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		if len(seen) > maxSections || at < 0 || at >= len(f.src) {
			return ErrDamaged
		}
		trailer, err := f.section(at)
		if err != nil {
			return err
		}
		for k, v := range trailer {
			if _, have := f.trail[k]; !have {
				f.trail[k] = v
			}
		}
		for _, k := range []name{"XRefStm", "Prev"} {
			if v, ok := trailer[k].(float64); ok {
				queue = append(queue, int(v))
			}
		}
	}
	return nil
}

// section reads one cross-reference section, a table or a stream.
func (f *file) section(at int) (dict, error) {
	l := &lexer{src: f.src, pos: at}
	v, err := l.object(0)
	if err != nil {
		return nil, ErrDamaged
	}
	if v == keyword("xref") {
		return f.table(l)
	}
	if _, ok := v.(float64); !ok {
		return nil, ErrDamaged
	}
	o, _, err := f.indirect(at, false)
	if err != nil {
		return nil, err
	}
	s, ok := o.(*stream)
	if !ok {
		return nil, ErrDamaged
	}
	return s.dict, f.xrefStream(s)
}

func (f *file) table(l *lexer) (dict, error) {
	for {
		v, err := l.object(0)
		if err != nil {
			return nil, ErrDamaged
		}
		if v == keyword("trailer") {
			break
		}
		first, ok1 := v.(float64)
		v, _ = l.object(0)
		count, ok2 := v.(float64)
		if !ok1 || !ok2 || count < 0 || count > maxObjects {
			return nil, ErrDamaged
		}
		for i := range int(count) {
			o, err1 := l.object(0)
			_, err2 := l.object(0)
			kind, err3 := l.object(0)
			offset, ok := o.(float64)
			if err1 != nil || err2 != nil || err3 != nil || !ok {
				return nil, ErrDamaged
			}
			if err := f.note(int(first)+i, place{offset: int(offset)}, kind == keyword("n")); err != nil {
				return nil, err
			}
		}
	}
	v, err := l.object(0)
	trailer, ok := v.(dict)
	if err != nil || !ok {
		return nil, ErrDamaged
	}
	return trailer, nil
}

// note remembers where an object is, unless a newer section said so already.
func (f *file) note(num int, p place, used bool) error {
	if _, have := f.at[num]; have || num < 0 {
		return nil
	}
	if len(f.at) >= maxObjects {
		return ErrTooLarge
	}
	if !used {
		p = place{offset: -1}
	}
	f.at[num] = p
	return nil
}

func (f *file) xrefStream(s *stream) error {
	data, err := f.unpack(s, false)
	if err != nil && len(data) == 0 {
		return ErrDamaged
	}
	var w [3]int
	widths, _ := s.dict["W"].(array)
	if len(widths) < 3 {
		return ErrDamaged
	}
	for i := range w {
		v, _ := widths[i].(float64)
		if w[i] = int(v); w[i] < 0 || w[i] > 8 {
			return ErrDamaged
		}
	}
	size := w[0] + w[1] + w[2]
	if size == 0 {
		return ErrDamaged
	}
	index, _ := s.dict["Index"].(array)
	if len(index) == 0 {
		index = array{0.0, s.dict["Size"]}
	}
	for i := 0; i+1 < len(index); i += 2 {
		first, _ := index[i].(float64)
		count, _ := index[i+1].(float64)
		for n := 0; n < int(count) && len(data) >= size; n++ {
			kind, a, b := 1, bigEndian(data[w[0]:w[0]+w[1]]), bigEndian(data[w[0]+w[1]:size])
			if w[0] > 0 {
				kind = bigEndian(data[:w[0]])
			}
			data = data[size:]
			p := place{offset: a}
			if kind == 2 {
				p = place{in: a, index: b}
			}
			if err := f.note(int(first)+n, p, kind == 1 || kind == 2); err != nil {
				return err
			}
		}
	}
	return nil
}

func bigEndian(b []byte) int {
	v := 0
	for _, c := range b {
		v = v<<8 | int(c)
	}
	return v & 0x7fffffffffffff
}

// scan looks through the whole file for objects; the last of each number
// counts, as in a file that was added to.
func (f *file) scan() error {
	var packs []int
	for pos := 0; ; {
		i := bytes.Index(f.src[pos:], []byte("obj"))
		if i < 0 {
			break
		}
		at := pos + i
		pos = at + 3
		if num, start, ok := objectBefore(f.src, at); ok {
			if len(f.at) >= maxObjects {
				return ErrTooLarge
			}
			f.at[num] = place{offset: start}
			head := f.src[pos:min(pos+200, len(f.src))]
			if bytes.Contains(head, []byte("/ObjStm")) {
				packs = append(packs, num)
			}
			if bytes.Contains(head, []byte("/XRef")) { // its dictionary is a trailer
				if o, _, err := f.indirect(start, false); err == nil {
					if s, ok := o.(*stream); ok {
						f.mergeTrailer(s.dict)
					}
				}
			}
		}
	}
	for pos := 0; ; {
		i := bytes.Index(f.src[pos:], []byte("trailer"))
		if i < 0 {
			break
		}
		pos += i + len("trailer")
		l := &lexer{src: f.src, pos: pos}
		if v, err := l.object(0); err == nil {
			if d, ok := v.(dict); ok {
				f.mergeTrailer(d)
			}
		}
	}
	if f.trail["Encrypt"] != nil {
		if err := f.setUpCrypt(); err != nil {
			return err
		}
	}
	for _, num := range packs {
		if p := f.pack(num); p != nil {
			for i, n := range p.nums {
				if _, have := f.at[n]; !have && len(f.at) < maxObjects {
					f.at[n] = place{in: num, index: i}
				}
			}
		}
	}
	if f.dict(f.trail["Root"]) == nil {
		f.findRoot()
	}
	return nil
}

func (f *file) mergeTrailer(d dict) {
	for _, k := range []name{"Root", "Encrypt", "ID", "Info"} {
		if v := d[k]; v != nil {
			f.trail[k] = v
		}
	}
}

// findRoot looks for the catalogue among all objects.
func (f *file) findRoot() {
	for num := range f.at {
		if d := f.dict(ref{num, 0}); d != nil && d["Type"] == name("Catalog") {
			f.trail["Root"] = ref{num, 0}
			return
		}
	}
}

// objectBefore reads "12 0 " in front of "obj".
func objectBefore(src []byte, at int) (num, start int, ok bool) {
	i := at
	back := func(digits bool) int {
		n := 0
		for i > 0 && (digits && src[i-1] >= '0' && src[i-1] <= '9' || !digits && isSpace(src[i-1])) && n < 12 {
			i--
			n++
		}
		return n
	}
	if back(false) == 0 || back(true) == 0 || back(false) == 0 {
		return 0, 0, false
	}
	end := i
	if back(true) == 0 {
		return 0, 0, false
	}
	num, err := strconv.Atoi(string(src[i:end]))
	return num, i, err == nil && num < 1e8
}

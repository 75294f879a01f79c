package pdftext

import (
	"bytes"
	"compress/flate"
	"encoding/ascii85"
	"errors"
	"io"
)

// errImage is returned for filters of pictures, which hold no text.
var errImage = errors.New("a picture")

// unpack decrypts a stream and undoes its filters. What was unpacked before an
// error is returned with it.
func (f *file) unpack(s *stream, decrypt bool) ([]byte, error) {
	if err := f.ctx.Err(); err != nil {
		return nil, err
	}
	data := s.raw
	if decrypt && f.crypt != nil && s.dict["Type"] != name("XRef") {
		data = f.crypt.stream(s.own, data)
	}
	filters, params := f.list(s.dict["Filter"]), f.list(s.dict["DecodeParms"])
	if len(filters) > 8 {
		return nil, ErrTooLarge
	}
	for i, filter := range filters {
		var p dict
		if i < len(params) {
			p = f.dict(params[i])
		}
		var err error
		if data, err = f.filter(f.name(filter), p, data); err != nil {
			if err == ErrTooLarge {
				f.failed = err
			}
			return data, err
		}
	}
	return data, nil
}

// list is an array, or one value as a list of one.
func (f *file) list(v any) array {
	switch v := f.resolve(v).(type) {
	case nil:
		return nil
	case array:
		return v
	default:
		return array{v}
	}
}

func (f *file) filter(kind name, p dict, data []byte) ([]byte, error) {
	switch kind {
	case "FlateDecode", "Fl":
		out, err := f.inflate(data)
		if len(out) > 0 && !errors.Is(err, ErrTooLarge) {
			err = nil // damaged at its end: what was there counts
		}
		if err != nil {
			return out, err
		}
		return f.predict(p, out)
	case "LZWDecode", "LZW":
		early := 1
		if v, ok := f.resolve(p["EarlyChange"]).(float64); ok {
			early = int(v)
		}
		out, err := f.spend(unLZW(data, early, min(maxStream, f.budget)))
		if err != nil {
			return out, err
		}
		return f.predict(p, out)
	case "ASCIIHexDecode", "AHx":
		if i := bytes.IndexByte(data, '>'); i >= 0 {
			data = data[:i]
		}
		return f.spend(unhex(data))
	case "ASCII85Decode", "A85":
		return f.spend(un85(data))
	case "RunLengthDecode", "RL":
		return f.spend(unRun(data, min(maxStream, f.budget)))
	case "Crypt":
		return data, nil
	}
	return nil, errImage
}

// spend takes bytes off the budget of the document.
func (f *file) spend(data []byte) ([]byte, error) {
	if f.budget -= len(data); f.budget <= 0 || len(data) >= maxStream {
		return nil, ErrTooLarge
	}
	return data, nil
}

func (f *file) inflate(data []byte) ([]byte, error) {
	data = bytes.TrimLeft(data, "\r\n")
	if len(data) < 2 {
		return nil, io.ErrUnexpectedEOF
	}
	r := flate.NewReader(bytes.NewReader(data[2:])) // without the checksum of zlib, which is often wrong
	var out bytes.Buffer
	out.Grow(min(4*len(data), maxStream))
	_, err := io.Copy(&out, io.LimitReader(r, int64(min(maxStream, f.budget))))
	spent, tooLarge := f.spend(out.Bytes())
	if tooLarge != nil {
		return nil, tooLarge
	}
	return spent, err
}

// predict undoes the predictors of PNG (10 to 15) and TIFF (2).
func (f *file) predict(p dict, data []byte) ([]byte, error) {
	kind := int(f.number(p["Predictor"]))
	if kind < 2 {
		return data, nil
	}
	get := func(k name, or int) int {
		if v, ok := f.resolve(p[k]).(float64); ok && v >= 1 && v <= 1<<20 {
			return int(v)
		}
		return or
	}
	colors, bits, columns := min(get("Colors", 1), 32), min(get("BitsPerComponent", 8), 16), get("Columns", 1)
	size := (colors*bits*columns + 7) / 8
	back := max(1, colors*bits/8)
	if kind == 2 {
		if bits == 8 {
			for at := 0; at+size <= len(data); at += size {
				for i := back; i < size; i++ {
					data[at+i] += data[at+i-back]
				}
			}
		}
		return data, nil
	}
	out := make([]byte, 0, len(data))
	prev := make([]byte, size)
	for len(data) > 1 {
		how := data[0]
		row := make([]byte, size)
		n := copy(row, data[1:])
		data = data[1+n:]
		unPNG(how, row, prev, back)
		out = append(out, row...)
		prev = row
	}
	return out, nil
}

func unPNG(how byte, row, prev []byte, back int) {
	for i := range row {
		var left, corner byte
		if i >= back {
			left, corner = row[i-back], prev[i-back]
		}
		switch how {
		case 1:
			row[i] += left
		case 2:
			row[i] += prev[i]
		case 3:
			row[i] += byte((int(left) + int(prev[i])) / 2)
		case 4:
			row[i] += paeth(left, prev[i], corner)
		}
	}
}

func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	pa, pb, pc := abs(p-int(a)), abs(p-int(b)), abs(p-int(c))
	if pa <= pb && pa <= pc {
		return a
	}
	if pb <= pc {
		return b
	}
	return c
}

func abs(v int) int {
	if v < 0 {
		return -v
	}
	return v
}

func un85(data []byte) []byte {
	if i := bytes.Index(data, []byte("~>")); i >= 0 {
		data = data[:i]
	}
	data = bytes.TrimPrefix(bytes.TrimSpace(data), []byte("<~"))
	out := make([]byte, 4*len(data)+4)
	n, _, _ := ascii85.Decode(out, data, true) // damaged: what could be decoded
	return out[:n]
}

func unRun(data []byte, limit int) []byte {
	var out []byte
	for i := 0; i < len(data) && len(out) < limit; {
		n := int(data[i])
		i++
		switch {
		case n < 128:
			end := min(i+n+1, len(data))
			out = append(out, data[i:end]...)
			i = end
		case n > 128:
			if i < len(data) {
				out = append(out, bytes.Repeat(data[i:i+1], 257-n)...)
			}
			i++
		default:
			return out
		}
	}
	return out
}

// unLZW undoes LZW (ISO 32000-1, 7.4.4).
func unLZW(data []byte, early, limit int) []byte {
	type entry struct {
		prev int
		last byte
		size int
	}
	table := make([]entry, 258, 4096)
	for i := range 256 {
		table[i] = entry{-1, byte(i), 1}
	}
	var out []byte
	width, acc, bits, prev := 9, 0, 0, -1
	write := func(code int) byte {
		size := table[code].size
		at := len(out)
		out = append(out, make([]byte, size)...)
		for i := size - 1; i >= 0; i-- {
			out[at+i] = table[code].last
			code = table[code].prev
		}
		return out[at]
	}
	for _, c := range data {
		acc, bits = acc<<8|int(c), bits+8
		if bits < width {
			continue
		}
		code := acc >> (bits - width) & (1<<width - 1)
		bits -= width
		acc &= 1<<bits - 1
		switch {
		case code == 256:
			table, width, prev = table[:258], 9, -1
			continue
		case code == 257 || code > len(table) || len(out) > limit || prev < 0 && code >= 256:
			return out
		case prev < 0:
			write(code)
		case code < len(table):
			first := write(code)
			if len(table) < 4096 {
				table = append(table, entry{prev, first, table[prev].size + 1})
			}
		default:
			if len(table) >= 4096 {
				return out
			}
			at := len(out) - table[prev].size
			table = append(table, entry{prev, out[at], table[prev].size + 1})
			write(code)
		}
		prev = code
		for width < 12 && len(table)+early >= 1<<width {
			width++
		}
	}
	return out
}

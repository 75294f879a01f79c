package index

import (
	"encoding/binary"
	"slices"
)

// What is kept of frequent words is packed, so that more of them are kept.

// passageList is numbers of passages in ascending order, two bytes each: their
// lower halves, and by their upper half where those that have it begin.
type passageList struct {
	low  []uint16
	high []uint32
}

// add takes a number that is larger than all before.
func (p *passageList) add(d uint32) {
	for len(p.high) <= int(d>>16) {
		p.high = append(p.high, uint32(len(p.low)))
	}
	p.low = append(p.low, uint16(d))
}

// half is where the numbers with an upper half lie in low.
func (p *passageList) half(high int) (from, to int) {
	if high >= len(p.high) {
		return len(p.low), len(p.low)
	}
	if from, to = int(p.high[high]), len(p.low); high+1 < len(p.high) {
		to = int(p.high[high+1])
	}
	return from, to
}

// find is where a number is, from a place on: near it, mostly.
func (p *passageList) find(d uint32, from int) (int, bool) {
	first, end := p.half(int(d >> 16))
	low, step := uint16(d), 1
	from = min(max(from, first), end)
	for from+step < end && p.low[from+step] < low {
		from += step
		step *= 2
	}
	for to := min(from+step+1, end); from < to; {
		if middle := int(uint(from+to) / 2); p.low[middle] < low {
			from = middle + 1
		} else {
			to = middle
		}
	}
	return from, from < end && p.low[from] == low
}

func (p *passageList) bytes() int { return 2*len(p.low) + 4*len(p.high) }

// A postingsPart is the passages of a segment that have a word, by their numbers
// there, each with the number of its weight: few differ.
type postingsPart struct {
	passageList
	codes   []uint16
	forms   []form
	weights []weight // of the forms, where a field usually is as long as average says
	average float64
}

// A form is how often a word is in a passage, and the norm of that. A weight is
// how much it counts.
type (
	form struct {
		freq int
		norm float64
	}
	weight struct{ freq, tf float32 }
)

func (p *postingsPart) bytes() int {
	return p.passageList.bytes() + 2*len(p.codes) + 24*len(p.forms)
}

// weighed is the same where a field usually is so long.
func (p *postingsPart) weighed(average float64) *postingsPart {
	if p.average == average && len(p.weights) == len(p.forms) {
		return p
	}
	again := *p
	again.average, again.weights = average, make([]weight, len(p.forms))
	for i, f := range p.forms {
		again.weights[i] = weight{float32(f.freq), float32(saturate(float64(f.freq), lengthOf(f.norm), average))}
	}
	return &again
}

// appendTo appends the postings of those that pass to a list; first is the
// number of the segment's first passage.
func (p *postingsPart) appendTo(list []posting, first uint32, pass filter) []posting {
	for high := range p.high {
		from, to := p.half(high)
		codes, begin := p.codes[from:to], first+uint32(high)<<16
		for i, low := range p.low[from:to] {
			if d := begin + uint32(low); pass(d) {
				w := &p.weights[codes[i]]
				list = append(list, posting{d, w.freq, w.tf})
			}
		}
	}
	return list
}

// A packer makes a postingsPart of what is read in order.
type packer struct {
	out    *postingsPart
	codes  map[form]uint16
	recent [256]recentForm
	full   bool // there are more forms than numbers for them
}

type recentForm struct {
	form
	code uint16
}

func newPacker(passages int) *packer {
	return &packer{out: &postingsPart{passageList: passageList{low: make([]uint16, 0, passages)}, codes: make([]uint16, 0, passages)}, codes: map[form]uint16{}}
}

func (p *packer) add(d uint32, freq int, norm float64) {
	p.out.add(d)
	f := form{freq, norm}
	r := &p.recent[(int(norm*(1<<20))+freq*31)&(len(p.recent)-1)]
	if r.form != f {
		code, ok := p.codes[f]
		if !ok {
			if p.full = p.full || len(p.out.forms) == 1<<16; p.full {
				return
			}
			code = uint16(len(p.out.forms))
			p.codes[f] = code
			p.out.forms = append(p.out.forms, f)
		}
		*r = recentForm{f, code}
	}
	p.out.codes = append(p.out.codes, r.code)
}

// A placesPart is the passages of a segment that have a word, by their numbers
// there, and where it stands in them. What there is to say of a passage begins in
// places at starts, of every 64th, and offsets, of each after that: the number of
// its norm, and the positions, each as the distance from the one before.
type placesPart struct {
	passageList
	starts  []uint32
	offsets []uint16 // and one for the end
	places  []byte
	norms   []float32
	numbers map[float32]int // of norms, while it is made
}

const placesTogether = 64

func newPlacesPart(passages int) *placesPart {
	return &placesPart{passageList: passageList{low: make([]uint16, 0, passages)}, offsets: make([]uint16, 0, passages+1), numbers: map[float32]int{}}
}

func (p *placesPart) bytes() int {
	return p.passageList.bytes() + 4*len(p.starts) + 2*len(p.offsets) + len(p.places) + 4*len(p.norms)
}

// add takes the next passage; false where it is too long to be kept.
func (p *placesPart) add(d uint32, norm float32, positions []uint32) bool {
	if !p.begin() {
		return false
	}
	p.passageList.add(d)
	n, ok := p.numbers[norm]
	if !ok {
		n = len(p.norms)
		p.numbers[norm] = n
		p.norms = append(p.norms, norm)
	}
	p.places = binary.AppendUvarint(p.places, uint64(n))
	last := uint32(0)
	for _, at := range positions {
		p.places = binary.AppendUvarint(p.places, uint64(at-last))
		last = at
	}
	return true
}

// begin notes where the next passage begins, or all end.
func (p *placesPart) begin() bool {
	if len(p.offsets)%placesTogether == 0 {
		p.starts = append(p.starts, uint32(len(p.places)))
	}
	offset := len(p.places) - int(p.starts[len(p.starts)-1])
	p.offsets = append(p.offsets, uint16(offset))
	return offset < 1<<16
}

// end is called after the last passage.
func (p *placesPart) end() bool {
	ok := p.begin()
	p.places, p.norms, p.numbers = slices.Clip(p.places), slices.Clip(p.norms), nil
	return ok
}

// read are the norm and the positions of passage n of the list, put into a slice.
func (p *placesPart) read(n int, into []uint32) (norm float64, positions []uint32) {
	begin := p.starts[n/placesTogether] + uint32(p.offsets[n])
	n++
	all := p.places[begin : p.starts[n/placesTogether]+uint32(p.offsets[n])]
	number, size := binary.Uvarint(all)
	at := uint32(0)
	for all = all[size:]; len(all) > 0; all = all[size:] {
		step := uint64(all[0])
		if size = 1; step >= 1<<7 {
			step, size = binary.Uvarint(all)
		}
		at += uint32(step)
		into = append(into, at)
	}
	return float64(p.norms[number]), into
}

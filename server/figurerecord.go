package server

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"sort"
	"strings"
)

// How the figures of a page are written down: all that its versions ever had,
// with the words that they stand beside, so that a question about a phrase
// reads no version again. A record is made once for a history of a page
// (figuremaking.go), and kept in a file (figurestore.go).
//
//	record   = counts words posts texts heads paths blocks figures strings versions
//	counts   = length of each of these in bytes, and how much was read for it
//	words    = *( hash end )       of all texts, in the order of their hashes; posts are theirs up to end
//	posts    = *text               as uvarints, each as the difference to the one before
//	texts    = ends, then " in folded words " of blocks with figures, and of headings above them
//	heads    = *( string text )    headings, one path after the other
//	paths    = *end                in heads
//	blocks   = *( text path end )  different blocks that have figures; their figures follow on one another up to end
//	figures  = *( path what kind unit value text same sentence place )
//	strings  = ends, then bytes
//	versions = *( uvarint n, n * run )
//	run      = uvarint 2*count, uvarint from, varint shift    as in the version before, so many places further on
//	         | uvarint 2*count+1, count * ( block place )     others
//
// Numbers are of four bytes, the lowest first, where nothing else is said. Same,
// sentence and place number what two figures share that are taken for one: all
// of sentence, value and unit; kind and sentence; kind, unit and path. A version
// is the list of its blocks that have figures, with the place of each among all
// blocks; of one that is gone it is empty.

// The parts of a record.
const (
	partWords = iota
	partPosts
	partTexts
	partHeads
	partPaths
	partBlocks
	partFigures
	partStrings
	partVersions
	recordParts
)

// The fields of a figure in a record.
const (
	figurePath = iota
	figureWhat
	figureKind
	figureUnit
	figureValue
	figureText
	figureSame
	figureSentence
	figurePlace
	figureFields
)

// A figureRecord is a record as it was written. It is read in place.
type figureRecord struct {
	parts [recordParts][]byte
	cost  int // how much had to be read to make it: see [maxFigureBlocks]
}

// readFigureRecord takes a record apart; false if its lengths are wrong.
func readFigureRecord(b []byte) (r figureRecord, ok bool) {
	if len(b) < 4*(recordParts+1) {
		return r, false
	}
	head, rest := b[:4*(recordParts+1)], b[4*(recordParts+1):]
	for i := range r.parts {
		n := int(numberAt(head, i))
		if n > len(rest) {
			return r, false
		}
		r.parts[i], rest = rest[:n], rest[n:]
	}
	r.cost = int(numberAt(head, recordParts))
	return r, len(rest) == 0
}

// numberAt is the i-th of numbers of four bytes.
func numberAt(b []byte, i int) uint32 { return binary.LittleEndian.Uint32(b[4*i:]) }

// ends is where the i-th of some things ends, each of which says it in the last
// of its numbers, and where the one before does.
func ends(b []byte, i, numbers int) (from, to uint32) {
	if i > 0 {
		from = numberAt(b, i*numbers-1)
	}
	return from, numberAt(b, (i+1)*numbers-1)
}

// listed is the i-th of texts, or of strings, which stand behind their number
// and their ends.
func listed(b []byte, i uint32) []byte {
	n := numberAt(b, 0)
	from, to := ends(b[4:], int(i), 1)
	bytes := b[4+4*n:]
	return bytes[from:to]
}

func (r *figureRecord) blocks() int  { return len(r.parts[partBlocks]) / 12 }
func (r *figureRecord) figures() int { return len(r.parts[partFigures]) / 4 / figureFields }

// of are the figures of a block.
func (r *figureRecord) of(block uint32) (from, to uint32) {
	return ends(r.parts[partBlocks], int(block), 3)
}

// field is one of the fields of a figure.
func (r *figureRecord) field(figure uint32, field int) uint32 {
	return numberAt(r.parts[partFigures], int(figure)*figureFields+field)
}

// string is a field of a figure that is a string.
func (r *figureRecord) string(figure uint32, field int) string {
	return string(listed(r.parts[partStrings], r.field(figure, field)))
}

// path are the headings of a path.
func (r *figureRecord) path(path uint32) []string {
	from, to := ends(r.parts[partPaths], int(path), 1)
	out := make([]string, 0, to-from)
	for i := from; i < to; i++ {
		out = append(out, string(listed(r.parts[partStrings], numberAt(r.parts[partHeads], int(2*i)))))
	}
	return out
}

// wordHash is the name of a folded word in a record.
func wordHash(word string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(word))
	return h.Sum32()
}

// posts are the texts that have a word of this hash, as they are written; nil
// if none has.
func (r *figureRecord) posts(hash uint32) []byte {
	words := r.parts[partWords]
	i := sort.Search(len(words)/8, func(i int) bool { return numberAt(words, 2*i) >= hash })
	if i == len(words)/8 || numberAt(words, 2*i) != hash {
		return nil
	}
	from, to := ends(words, i, 2)
	return r.parts[partPosts][from:to]
}

// beside are the blocks that have a phrase, or a heading above that has it; nil
// for all blocks.
func (r *figureRecord) beside(p *phrase) []bool {
	if p == nil {
		return nil
	}
	texts := make([]bool, numberAt(r.parts[partTexts], 0))
	for i := range p.runs {
		r.mark(&p.runs[i], texts)
	}
	for i := range texts {
		texts[i] = texts[i] || p.more != nil && p.more.Has(strings.Fields(string(listed(r.parts[partTexts], uint32(i)))))
	}
	paths := make([]bool, len(r.parts[partPaths])/4)
	for i := range paths {
		for from, to := ends(r.parts[partPaths], i, 1); from < to && !paths[i]; from++ {
			paths[i] = texts[numberAt(r.parts[partHeads], int(2*from+1))]
		}
	}
	out := make([]bool, r.blocks())
	for i := range out {
		out[i] = texts[numberAt(r.parts[partBlocks], 3*i)] || paths[numberAt(r.parts[partBlocks], 3*i+1)]
	}
	return out
}

// mark marks the texts that have some words in a row: those that have the rarest
// of them are looked at.
func (r *figureRecord) mark(run *phraseRun, texts []bool) {
	var rarest []byte
	for _, hash := range run.hashes {
		posts := r.posts(hash)
		if posts == nil {
			return
		}
		if rarest == nil || len(posts) < len(rarest) {
			rarest = posts
		}
	}
	text := uint64(0)
	for len(rarest) > 0 {
		more, n := binary.Uvarint(rarest)
		text, rarest = text+more, rarest[n:]
		texts[text] = texts[text] || bytes.Contains(listed(r.parts[partTexts], uint32(text)), run.text)
	}
}

// A placedBlock is a block with figures, and its place among all blocks of a
// version.
type placedBlock struct{ block, place uint32 }

// versionReader reads the versions of a record, one after the other.
type versionReader struct {
	rest         []byte
	list, before []placedBlock
}

// next is the next version: its blocks that have figures. They are the reader's.
func (v *versionReader) next() []placedBlock {
	v.list, v.before = v.before[:0], v.list
	for range v.uvarint() {
		run := v.uvarint()
		if count := run / 2; run%2 == 1 {
			for range count {
				b := numberAt(v.rest, 0)
				v.list, v.rest = append(v.list, placedBlock{b, numberAt(v.rest, 1)}), v.rest[8:]
			}
		} else {
			from := v.uvarint()
			shift, n := binary.Varint(v.rest)
			v.rest = v.rest[n:]
			for _, b := range v.before[from : from+count] {
				v.list = append(v.list, placedBlock{b.block, uint32(int64(b.place) + shift)})
			}
		}
	}
	return v.list
}

func (v *versionReader) uvarint() uint64 {
	x, n := binary.Uvarint(v.rest)
	v.rest = v.rest[n:]
	return x
}

// resync is how much further on in the version before a block is looked for.
const resync = 16

// appendVersion writes a version as what differs from the one before.
func appendVersion(b []byte, before, list []placedBlock) []byte {
	var runs []byte
	n, at := 0, 0
	for i := 0; i < len(list); n++ {
		if k := standsIn(before, at, list[i].block); k >= 0 {
			shift, from := int64(list[i].place)-int64(before[k].place), k
			for ; k < len(before) && i < len(list) && before[k].block == list[i].block && int64(list[i].place)-int64(before[k].place) == shift; k++ {
				i++
			}
			runs = binary.AppendUvarint(runs, uint64(2*(k-from)))
			runs = binary.AppendUvarint(runs, uint64(from))
			runs = binary.AppendVarint(runs, shift)
			at = k
			continue
		}
		first := i
		for i++; i < len(list) && standsIn(before, at, list[i].block) < 0; i++ {
		}
		runs = binary.AppendUvarint(runs, uint64(2*(i-first)+1))
		for _, p := range list[first:i] {
			runs = binary.LittleEndian.AppendUint32(runs, p.block)
			runs = binary.LittleEndian.AppendUint32(runs, p.place)
		}
	}
	return append(binary.AppendUvarint(b, uint64(n)), runs...)
}

// standsIn is where a block stands in a version, a little further on; -1 if it
// does not.
func standsIn(list []placedBlock, at int, block uint32) int {
	k := slices.IndexFunc(list[at:min(len(list), at+resync)], func(p placedBlock) bool { return p.block == block })
	if k < 0 {
		return -1
	}
	return at + k
}

package diff

import (
	"hash/maphash"
	"math/bits"
	"strings"
	"unicode"

	"veille/archive"
)

// A preparer gives the texts of both versions numbers. A text that both have
// to the letter – nearly all of them, as a rule – is not looked at any closer;
// one that only one version has is compared without its typography.
type preparer struct {
	seed  maphash.Seed
	slots []slot     // a hash table, open, of which a good part is free
	texts []textInfo // each text, to the letter
	keys  map[string]int32
	next  int32
}

// A slot holds the number of a text, from 1 on; 0 is free.
type slot struct {
	hash   uint32
	number int32
}

// A textInfo is what is known of a text, wherever it stands.
type textInfo struct {
	text         string
	id           int32
	at           int32 // the last block of the old version with this text
	words        int8
	bare         bool
	inOld, inNew bool
}

func (p *preparer) prepare(old, new []archive.Block) (a, b []blockInfo) {
	n := len(old) + len(new)
	p.seed, p.keys = maphash.MakeSeed(), map[string]int32{}
	p.slots = make([]slot, 1<<bits.Len(uint(n+n/4)))
	p.texts = make([]textInfo, 0, len(old)+len(old)/8)
	a = p.older(old)
	b = p.newer(new, a)
	p.slots = nil
	for n := range p.texts {
		p.texts[n].look()
	}
	for k := range a {
		p.finish(&a[k])
	}
	for k := range b {
		p.finish(&b[k])
	}
	return a, b
}

// older gives each text of the old version its number.
func (p *preparer) older(blocks []archive.Block) []blockInfo {
	out := make([]blockInfo, len(blocks))
	for k := range blocks {
		n := p.number(blocks[k].Text)
		p.texts[n].inOld, p.texts[n].at = true, int32(k)
		out[k] = blockInfo{Block: &blocks[k], raw: n}
	}
	return out
}

// newer gives each text of the new version its number. One that stands where it
// stood, after the same text, is known without being looked up: what stayed
// costs no more than reading it, one block after the other.
func (p *preparer) newer(blocks []archive.Block, old []blockInfo) []blockInfo {
	out := make([]blockInfo, len(blocks))
	next := 0 // the old block whose turn it is
	for k := range blocks {
		var n int32
		if next < len(old) && old[next].Text == blocks[k].Text {
			n = old[next].raw
			next++
		} else if n = p.number(blocks[k].Text); p.texts[n].inOld {
			next = int(p.texts[n].at) + 1
		}
		p.texts[n].inNew = true
		out[k] = blockInfo{Block: &blocks[k], raw: n}
	}
	return out
}

// number is that of a text, a new one if it has none.
func (p *preparer) number(text string) int32 {
	h := maphash.String(p.seed, text)
	mask := uint64(len(p.slots) - 1)
	for k := h & mask; ; k = (k + 1) & mask {
		s := &p.slots[k]
		if s.number == 0 {
			p.texts = append(p.texts, textInfo{text: text, id: -1})
			*s = slot{uint32(h >> 32), int32(len(p.texts))}
			return s.number - 1
		}
		if s.hash == uint32(h>>32) && p.texts[s.number-1].text == text {
			return s.number - 1
		}
	}
}

// look counts the words of a text and recognises a bare number, which has
// fewer than any block that can move.
func (t *textInfo) look() {
	inside := false
	for _, r := range t.text {
		if isSpace(r) {
			inside = false
		} else if !inside {
			if inside = true; unicode.IsLetter(r) {
				t.words++
			}
			if t.words == moveWords {
				return
			}
		}
	}
	t.bare = mayBeBare(t.text) && leading.FindString(t.text) == t.text
}

// mayBeBare rules out most texts before the pattern is tried: a bare number is
// short and has a digit, or ends as Roman numerals and letters of lists do.
func mayBeBare(text string) bool {
	return text != "" && len(text) <= bareBytes && (hasDigit(text) || strings.IndexByte("IVXLC).:-", text[len(text)-1]) >= 0)
}

// bareBytes is more than any bare number has.
const bareBytes = 80

// finish sets the ids of a block. Those of texts that differ in typography
// only are the same.
func (p *preparer) finish(x *blockInfo) {
	t := &p.texts[x.raw]
	if t.id < 0 {
		t.id = p.next
		if t.inOld != t.inNew {
			key := blockKey(x.Text)
			if id, ok := p.keys[key]; ok {
				t.id = id
			} else {
				p.keys[key] = t.id
			}
		}
		if t.id == p.next {
			p.next++
		}
	}
	x.text, x.words, x.bare = t.id, t.words, t.bare
	x.id = 2 * t.id
	if x.Role == archive.Boilerplate {
		x.id++
	}
}

// size is the least integer above all ids.
func (p *preparer) size() int { return 2 * int(p.next) }

package diff

import (
	"strings"
	"unicode"

	"veille/archive"
)

// A preparer gives the texts of both versions numbers. A text that both have
// to the letter – nearly all of them, as a rule – is not looked at any closer;
// one that only one version has is compared without its typography.
type preparer struct {
	raw   map[string]int32 // each text, to the letter
	texts []textInfo
	keys  map[string]int32
	next  int32
}

// A textInfo is what is known of a text, wherever it stands.
type textInfo struct {
	text         string
	inOld, inNew bool
	id           int32
	words        int32
	bare         bool
}

func (p *preparer) prepare(old, new []archive.Block) (a, b []blockInfo) {
	p.raw, p.keys = make(map[string]int32, len(old)+len(old)/8), map[string]int32{}
	p.texts = make([]textInfo, 0, len(old)+len(old)/8)
	a, b = p.numbered(old, false), p.numbered(new, true)
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

// numbered gives each text its number.
func (p *preparer) numbered(blocks []archive.Block, newer bool) []blockInfo {
	out := make([]blockInfo, len(blocks))
	for k := range blocks {
		n, ok := p.raw[blocks[k].Text]
		if !ok {
			n = int32(len(p.texts))
			p.raw[blocks[k].Text] = n
			p.texts = append(p.texts, textInfo{text: blocks[k].Text, id: -1})
		}
		if newer {
			p.texts[n].inNew = true
		} else {
			p.texts[n].inOld = true
		}
		out[k] = blockInfo{Block: &blocks[k], text: n}
	}
	return out
}

// look counts the words of a text and recognises a bare number.
func (t *textInfo) look() {
	for rest := t.text; t.words < moveWords; {
		rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
		if rest == "" {
			break
		}
		if letters(rest) > 0 {
			t.words++
		}
		if k := strings.IndexFunc(rest, unicode.IsSpace); k >= 0 {
			rest = rest[k:]
		} else {
			break
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
	t := &p.texts[x.text]
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

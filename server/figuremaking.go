package server

import (
	"context"
	"encoding/binary"
	"hash/maphash"
	"maps"
	"slices"
	"strings"

	"veille/archive"
	"veille/diff"
	"veille/thesaurus"
)

// A figureMaker makes the record of a page's figures from its versions, oldest
// first.
type figureMaker struct {
	read     func(lang, text string) []diff.Figure
	words    map[uint32][]uint32 // the texts that have a word of a hash
	texts    numbered            // folded
	paths    map[string]uint32
	pathEnds []uint32
	heads    []uint32
	blocks   []uint32
	known    map[figureBlock]uint32
	figures  []uint32
	strings  numbered
	keys     map[figureKey]uint32
	versions []byte
	before   versionBefore
	seed     maphash.Seed
	seen     map[uint64]struct{} // texts of all blocks
	again    int
}

// A figureBlock is what makes a block with figures the same one.
type figureBlock struct{ lang, text, path string }

// A figureKey is what two figures must share to be taken for one, and which of
// the ways that is.
type figureKey struct{ way, kind, what, unit, value string }

// A versionBefore is the version before: most blocks of a version are the same.
type versionBefore struct {
	lang   string
	blocks []archive.Block
	found  []int // the numbers of those that have figures, -1 for the others
	list   []placedBlock
}

// lookAhead is how many blocks further on the same block is looked for.
const lookAhead = 4

// again finds a block among those of the version before, from a place on; -1 if
// it is not there.
func (b *versionBefore) again(from int, block *archive.Block) int {
	for n := from; n < min(len(b.blocks), from+lookAhead); n++ {
		if was := &b.blocks[n]; was.Text == block.Text && was.Role == block.Role && slices.Equal(was.Path, block.Path) {
			return n
		}
	}
	return -1
}

// newFigureMaker makes one that has texts read for their figures as diff.Figures
// does.
func newFigureMaker(read func(lang, text string) []diff.Figure) *figureMaker {
	return &figureMaker{read: read, words: map[uint32][]uint32{}, texts: numbered{at: map[string]uint32{}}, strings: numbered{at: map[string]uint32{}}, paths: map[string]uint32{},
		known: map[figureBlock]uint32{}, keys: map[figureKey]uint32{}, seed: maphash.MakeSeed(), seen: map[uint64]struct{}{}}
}

// makeFigures reads all versions of a page for their figures.
func (d *Documents) makeFigures(ctx context.Context, history []*archive.Version) ([]byte, error) {
	m := newFigureMaker(d.cache.figuresIn)
	for _, h := range history {
		if !h.Gone {
			if err := d.Archive.Read(ctx, h); err != nil {
				return nil, err
			}
		}
		m.version(h)
		h.Blocks = nil
	}
	return m.record(), nil
}

// version adds the next version of the page.
func (m *figureMaker) version(v *archive.Version) {
	if v.Gone {
		m.versions = appendVersion(m.versions, m.before.list, nil)
		m.before.list = nil
		return
	}
	if v.Lang != m.before.lang {
		m.before.lang, m.before.blocks = v.Lang, nil
	}
	var list []placedBlock
	found, next := make([]int, len(v.Blocks)), 0
	for n := range v.Blocks {
		b := &v.Blocks[n]
		key := maphash.String(m.seed, b.Text)
		if _, ok := m.seen[key]; ok {
			m.again++
		}
		m.seen[key] = struct{}{}
		found[n] = -1
		if was := m.before.again(next, b); was >= 0 {
			found[n], next = m.before.found[was], was+1
		} else if b.Role != archive.Boilerplate {
			found[n] = m.block(v.Lang, b)
		}
		if found[n] >= 0 {
			list = append(list, placedBlock{uint32(found[n]), uint32(n)})
		}
	}
	m.versions = appendVersion(m.versions, m.before.list, list)
	m.before.blocks, m.before.found, m.before.list = v.Blocks, found, list
}

// noFigures stands for the number of a block that has none.
const noFigures = ^uint32(0)

// block is the number of a block that has figures, -1 for others.
func (m *figureMaker) block(lang string, b *archive.Block) int {
	key := figureBlock{lang, b.Text, strings.Join(b.Path, "\x00")}
	number, ok := m.known[key]
	if !ok {
		number = noFigures
		if found := m.read(lang, b.Text); len(found) > 0 {
			number = uint32(len(m.blocks) / 3)
			path := m.path(b.Path, key.path)
			for i := range found {
				m.figure(&found[i], path, key.path)
			}
			m.blocks = append(m.blocks, m.text(b.Text), path, uint32(len(m.figures)/figureFields))
		}
		m.known[key] = number
	}
	if number == noFigures {
		return -1
	}
	return int(number)
}

// figure adds a figure of a block.
func (m *figureMaker) figure(f *diff.Figure, path uint32, place string) {
	m.figures = append(m.figures, path, m.strings.number(f.What), m.strings.number(f.Kind), m.strings.number(f.Unit), m.strings.number(f.Value), m.strings.number(f.Text),
		m.key(figureKey{"same", f.Kind, f.What, f.Unit, f.Value}), m.key(figureKey{way: "sentence", kind: f.Kind, what: f.What}), m.key(figureKey{way: "place", kind: f.Kind, unit: f.Unit, what: place}))
}

func (m *figureMaker) key(key figureKey) uint32 {
	n, ok := m.keys[key]
	if !ok {
		n = uint32(len(m.keys))
		m.keys[key] = n
	}
	return n
}

// path is the number of a path.
func (m *figureMaker) path(path []string, name string) uint32 {
	n, ok := m.paths[name]
	if !ok {
		for _, h := range path {
			m.heads = append(m.heads, m.strings.number(h), m.text(h))
		}
		n = uint32(len(m.pathEnds))
		m.pathEnds = append(m.pathEnds, uint32(len(m.heads)/2))
		m.paths[name] = n
	}
	return n
}

// text is the number of a text in folded words.
func (m *figureMaker) text(text string) uint32 {
	words := thesaurus.Words(text)
	folded := make([]string, len(words))
	for i, w := range words {
		folded[i] = w.Text
	}
	before := len(m.texts.ends)
	n := m.texts.number(spaced(folded))
	if len(m.texts.ends) == before {
		return n
	}
	for _, w := range folded {
		hash := wordHash(w)
		if posts := m.words[hash]; len(posts) == 0 || posts[len(posts)-1] != n {
			m.words[hash] = append(posts, n)
		}
	}
	return n
}

// spaced are words with a space on each side, so that those in a row are a part
// of it, and no others.
func spaced(words []string) string { return " " + strings.Join(words, " ") + " " }

// numbered are strings that are numbered, each once.
type numbered struct {
	at    map[string]uint32
	ends  []uint32
	bytes []byte
}

func (s *numbered) number(text string) uint32 {
	n, ok := s.at[text]
	if !ok {
		n = uint32(len(s.ends))
		s.bytes = append(s.bytes, text...)
		s.ends = append(s.ends, uint32(len(s.bytes)))
		s.at[text] = n
	}
	return n
}

func (s *numbered) part() []byte {
	return append(numbers(append([]uint32{uint32(len(s.ends))}, s.ends...)), s.bytes...)
}

// record is the record of the versions that were added.
func (m *figureMaker) record() []byte {
	var words []uint32
	var posts []byte
	for _, hash := range slices.Sorted(maps.Keys(m.words)) {
		last := uint32(0)
		for _, text := range m.words[hash] {
			posts = binary.AppendUvarint(posts, uint64(text-last))
			last = text
		}
		words = append(words, hash, uint32(len(posts)))
	}
	parts := [recordParts][]byte{numbers(words), posts, m.texts.part(), numbers(m.heads), numbers(m.pathEnds), numbers(m.blocks), numbers(m.figures), m.strings.part(), m.versions}
	var out []byte
	for _, p := range parts {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(p)))
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(len(m.seen)+m.again/20))
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// numbers are numbers of four bytes, the lowest first.
func numbers(list []uint32) []byte {
	out := make([]byte, 0, 4*len(list))
	for _, n := range list {
		out = binary.LittleEndian.AppendUint32(out, n)
	}
	return out
}

package server

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"hash/maphash"
	"slices"
	"strings"

	"veille/archive"
	"veille/diff"
	"veille/index"
	"veille/thesaurus"
)

// How the figures of a page are followed through its versions. What a text says
// is read once, whichever pages and versions have it, and whichever phrase it is
// looked at for; what a page has beside a phrase is kept until its history is
// another.

// A phrase is what figures stand with. Not safe for concurrent use.
type phrase struct {
	text    string // what it was made of: the same for the same
	match   *index.Matcher
	lexicon index.Lexicon // of the words of the texts that were looked at
}

// newPhrase reads a query; without a thesaurus it is not widened.
func newPhrase(query string, names *thesaurus.Thesaurus) (*phrase, error) {
	match, err := index.Compile(query, names)
	if err != nil {
		return nil, err
	}
	return &phrase{text: fmt.Sprintf("%t %s", names != nil, query), match: match}, nil
}

// A figureText is a text in a language.
type figureText struct{ lang, text string }

// pageSeries are the figures of one page, and how much had to be read for them: its
// different blocks, and a twentieth of those that only stand there again.
type pageSeries struct {
	series []FigureSeries
	blocks int
}

// size is about how many bytes they take.
func (p *pageSeries) size() int64 {
	n := int64(200)
	for i := range p.series {
		s := &p.series[i]
		n += 300 + int64(len(s.What)+240*len(s.Values))
		for _, h := range s.Path {
			n += int64(len(h))
		}
	}
	return n
}

// figuresIn are the figures of a text, read once.
func (d *Documents) figuresIn(lang, text string) []diff.Figure {
	key := figureText{lang, text}
	if found, ok := d.cache.figures().texts.Get(key); ok {
		return found
	}
	found := diff.Figures(lang, text)
	d.cache.figures().texts.Put(key, found)
	return found
}

// pageFigures follows the figures of one page through its versions: those that
// stand with a phrase, all if that is nil. The answer is not to be modified.
func (d *Documents) pageFigures(ctx context.Context, page FigureSeries, match *phrase) (*pageSeries, error) {
	history, err := d.Archive.History(ctx, page.Page)
	if err != nil {
		return nil, err
	}
	key := figuresKey{page: page.Page, history: historyStamp(history), title: page.Title}
	if match != nil {
		key.text = match.text
	}
	if found, ok := d.cache.figures().pages.Get(key); ok {
		return found, nil
	}
	read, err := d.readFigures(ctx, history, key)
	if err != nil {
		return nil, err
	}
	out := &pageSeries{blocks: read.blocks}
	beside := &besides{phrase: match, known: map[figureText]bool{}}
	for n, h := range history {
		var found []placedFigure
		for i := range read.versions[n] {
			if b := &read.versions[n][i]; beside.has(h.Lang, b.text, b.path) {
				for k := range b.figures {
					found = append(found, placedFigure{&b.figures[k], b.path, b.block})
				}
			}
		}
		out.series = follow(out.series, found, &page, h)
	}
	if match != nil {
		match.lexicon.Forget()
	}
	d.cache.figures().pages.Put(key, out)
	return out, nil
}

// figuresRead are the blocks with figures in each version of a page, and how
// much had to be read for them.
type figuresRead struct {
	versions [][]figureBlock
	blocks   int
}

// A figureBlock is a block that has figures. Its texts are those of the other
// versions that have the same.
type figureBlock struct {
	text    string
	path    []string
	block   int
	figures []diff.Figure
}

// size is about how many bytes they take.
func (r *figuresRead) size() int64 {
	n := int64(200)
	texts := map[string]bool{}
	for _, v := range r.versions {
		n += int64(24 + 80*len(v))
		for i := range v {
			if b := &v[i]; !texts[b.text] {
				texts[b.text] = true
				n += int64(100 + len(b.text) + 100*len(b.figures))
			}
		}
	}
	return n
}

// readFigures reads all versions of a page for their figures, once for all
// phrases that these may stand beside.
func (d *Documents) readFigures(ctx context.Context, history []*archive.Version, key figuresKey) (*figuresRead, error) {
	key.text, key.title = "", ""
	if read, ok := d.cache.figures().read.Get(key); ok {
		return read, nil
	}
	out := &figuresRead{versions: make([][]figureBlock, len(history))}
	seen, again, seed := map[uint64]struct{}{}, 0, maphash.MakeSeed()
	before := &versionBefore{}
	for n, h := range history {
		if h.Gone {
			continue
		}
		if err := d.Archive.Read(ctx, h); err != nil {
			return nil, err
		}
		for i := range h.Blocks {
			key := maphash.String(seed, h.Blocks[i].Text)
			if _, ok := seen[key]; ok {
				again++
			}
			seen[key] = struct{}{}
		}
		out.versions[n] = d.figureBlocks(h, before)
		h.Blocks = nil
	}
	out.blocks = len(seen) + again/20
	d.cache.figures().read.Put(key, out)
	return out, nil
}

// historyStamp is the same for the same history.
func historyStamp(history []*archive.Version) uint64 {
	h := fnv.New64a()
	var b [32]byte
	for _, v := range history {
		binary.LittleEndian.PutUint64(b[:], uint64(v.ID))
		binary.LittleEndian.PutUint64(b[8:], uint64(v.Seen.After.UnixMilli()))
		binary.LittleEndian.PutUint64(b[16:], uint64(v.Seen.By.UnixMilli()))
		binary.LittleEndian.PutUint64(b[24:], uint64(v.Leaf))
		h.Write(b[:])
	}
	return h.Sum64()
}

// A versionBefore is what was found in the blocks of the version before: most
// blocks of a version are the same.
type versionBefore struct {
	lang   string
	blocks []archive.Block
	found  []*figureBlock // nil for those without figures
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

// besides remembers which texts of a page have a phrase.
type besides struct {
	phrase *phrase
	known  map[figureText]bool
}

// has reports whether a block has the phrase, or a heading above it.
func (b *besides) has(lang, text string, path []string) bool {
	if b.phrase == nil || b.text(lang, text) {
		return true
	}
	return slices.ContainsFunc(path, func(h string) bool { return b.text(lang, h) })
}

func (b *besides) text(lang, text string) bool {
	key := figureText{lang, text}
	has, ok := b.known[key]
	if !ok {
		has = b.phrase.match.Text(b.phrase.lexicon.Text(lang, text))
		b.known[key] = has
	}
	return has
}

// A placedFigure is a figure and the block in which it stands.
type placedFigure struct {
	*diff.Figure
	path  []string
	block int
}

// figureBlocks are the blocks of a version that have figures.
func (d *Documents) figureBlocks(v *archive.Version, before *versionBefore) []figureBlock {
	if v.Lang != before.lang {
		before.lang, before.blocks = v.Lang, nil
	}
	var out []figureBlock
	all, next := make([]*figureBlock, len(v.Blocks)), 0
	for n := range v.Blocks {
		b := &v.Blocks[n]
		if was := before.again(next, b); was >= 0 {
			all[n], next = before.found[was], was+1
		} else if b.Role != archive.Boilerplate {
			if found := d.figuresIn(v.Lang, b.Text); len(found) > 0 {
				all[n] = &figureBlock{text: b.Text, path: b.Path, figures: found}
			}
		}
		if f := all[n]; f != nil {
			out = append(out, figureBlock{f.text, f.path, n, f.figures})
		}
	}
	before.blocks, before.found = v.Blocks, all
	return out
}

// A figureKey is what two figures must share to be taken for one.
type figureKey struct{ kind, what, unit, value string }

// follow adds the figures found in the next version to the series.
func follow(all []FigureSeries, found []placedFigure, page *FigureSeries, v *archive.Version) []FigureSeries {
	next := make([]int, len(all)) // the number of the figure found, and one
	used := make([]bool, len(found))
	pick := func(of func(s *FigureSeries) figureKey, is func(f *placedFigure) figureKey, fits func(a, b string) bool) {
		free := map[figureKey][]int{}
		for j := range found {
			if !used[j] {
				key := is(&found[j])
				free[key] = append(free[key], j)
			}
		}
		for i := range all {
			if next[i] != 0 || all[i].last().Gone != nil || len(free) == 0 {
				continue
			}
			key := of(&all[i])
			list := free[key]
			k := slices.IndexFunc(list, func(j int) bool { return fits(all[i].What, found[j].What) })
			if k >= 0 {
				used[list[k]], next[i] = true, list[k]+1
				free[key] = slices.Delete(list, k, k+1)
			}
		}
	}
	same := func(string, string) bool { return true } // the key says so
	pick(func(s *FigureSeries) figureKey { return figureKey{s.Kind, s.What, s.Unit, s.last().Value} },
		func(f *placedFigure) figureKey { return figureKey{f.Kind, f.What, f.Unit, f.Value} }, same)
	pick(func(s *FigureSeries) figureKey { return figureKey{kind: s.Kind, what: s.What} },
		func(f *placedFigure) figureKey { return figureKey{kind: f.Kind, what: f.What} }, same)
	place := func(path []string) string { return strings.Join(path, "\x00") }
	pick(func(s *FigureSeries) figureKey { return figureKey{kind: s.Kind, unit: s.Unit, what: place(s.Path)} },
		func(f *placedFigure) figureKey { return figureKey{kind: f.Kind, unit: f.Unit, what: place(f.path)} }, alike)
	for i := range all {
		s, last := &all[i], all[i].last()
		switch {
		case last.Gone != nil:
		case next[i] == 0:
			last.Gone = &v.Seen
		default:
			f := &found[next[i]-1]
			s.What, s.Path, s.Unit = f.What, append([]string{}, f.path...), f.Unit
			if f.Value != last.Value {
				last.Gone = &v.Seen
				s.Values = append(s.Values, f.valueIn(v))
			}
		}
	}
	for j := range found {
		if f := &found[j]; !used[j] {
			s := *page
			s.Path, s.What, s.Kind, s.Unit, s.Values = append([]string{}, f.path...), f.What, f.Kind, f.Unit, []FigureValue{f.valueIn(v)}
			all = append(all, s)
		}
	}
	return all
}

// valueIn is the value that a figure has since a version.
func (f *placedFigure) valueIn(v *archive.Version) FigureValue {
	return FigureValue{Value: f.Value, Unit: f.Unit, Text: f.Text, FirstSeen: v.Seen, Version: v.ID, Link: fmt.Sprintf("/v/%d#b%d", v.ID, f.block)}
}

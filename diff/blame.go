package diff

import (
	"cmp"
	"slices"

	"veille/archive"
)

// Who said it since when, word by word.
//
// A word has stood since the version whose redline shows it as inserted, if no
// later redline shows it as deleted: blame and the redlines of neighbouring
// versions cannot disagree, because both use the same alignment. It therefore
// survives moves, splits, joins, renumbering and changes of mere typography.
//
// A paragraph that goes and comes back word for word – because an edit was
// taken back, or a page was withdrawn and restored – has stood since it came
// back; where its words first came from is remembered beside it.

// A Blame is a version with the origin of each of its words.
type Blame struct {
	Version *archive.Version
	Blocks  [][]BlamedWord // of each block of the version, in order
}

// A BlamedWord is a word with the white space after it: all of a block's put
// together are the block's text.
type BlamedWord struct {
	Text string
	// Since is the version since which the word has stood in the page without
	// interruption, First the one that first brought it; they differ where it
	// had been away.
	Since, First archive.Seq
	// Out are the versions that took it away, In those that brought it back, as
	// many and in order: out with one, in with the other.
	Out, In []archive.Seq
}

// A Blamer follows the words of one page through its versions, oldest first.
// The zero value is ready. It is not safe for concurrent use.
type Blamer struct {
	last  *archive.Version
	words []stood          // by block of last
	texts []int32          // likewise: which text it has
	gone  archive.Seq      // the version by which the page was withdrawn after last, else 0
	known map[string]int32 // texts, without their typography
	past  []departed       // by text
}

// An origin is where a word comes from.
type origin struct {
	since, first archive.Seq
	away         *absence // the latest, nil if it has never been away
}

// An absence is how a word was away, after another absence or nil.
type absence struct {
	out, in archive.Seq
	before  *absence
}

// A stood is the words of a block. They are not listed where all have stood since
// one version, and were never away: so most blocks are never cut into words.
type stood struct {
	text  string
	since archive.Seq
	words []origin
}

// list lists the words.
func (s *stood) list() []origin {
	if s.words == nil {
		s.words = newWords(len(shapes(s.text)), s.since)
	}
	return s.words
}

// A departed is the words of a text that stood, and the version after the last
// that had it.
type departed struct {
	stood
	out archive.Seq // 0: it never stood
}

// Next takes the page's next version.
func (b *Blamer) Next(v *archive.Version) {
	if v.Gone {
		if b.gone == 0 {
			b.gone = v.ID
		}
		return
	}
	fresh, texts := make([]stood, len(v.Blocks)), make([]int32, len(v.Blocks))
	for i := range texts {
		texts[i] = -1
	}
	if b.last != nil {
		out := cmp.Or(b.gone, v.ID)
		for i, text := range b.texts {
			b.past[text] = departed{b.words[i], out}
		}
		if b.gone == 0 {
			for _, l := range alignBlocks(b.last.Blocks, v.Blocks) {
				b.carry(l, v, fresh, texts)
			}
		}
	}
	for i := range v.Blocks {
		if texts[i] >= 0 { // it has not changed: none of its words are new
			continue
		}
		texts[i] = b.number(v.Blocks[i].Text)
		if fresh[i].since == 0 {
			fresh[i] = stood{text: v.Blocks[i].Text, since: v.ID}
		}
		b.recall(v, texts[i], &fresh[i])
	}
	b.last, b.words, b.texts, b.gone = v, fresh, texts, 0
}

// number is that of a text.
func (b *Blamer) number(text string) int32 {
	text = fold(text)
	n, ok := b.known[text]
	if !ok {
		if b.known == nil {
			b.known = map[string]int32{}
		}
		n = int32(len(b.past))
		b.known[text], b.past = n, append(b.past, departed{})
	}
	return n
}

func newWords(n int, id archive.Seq) []origin {
	out := make([]origin, n)
	for i := range out {
		out[i] = origin{since: id, first: id}
	}
	return out
}

// carry gives the words of linked blocks the origins of those they correspond to.
func (b *Blamer) carry(l link, v *archive.Version, fresh []stood, texts []int32) {
	if l.n == 1 && l.m == 1 && b.last.Blocks[l.i].Text == v.Blocks[l.j].Text {
		fresh[l.j], texts[l.j] = b.words[l.i], b.texts[l.i]
		return
	}
	var from []origin
	var before, after []token
	for i := l.i; i < l.i+l.n; i++ {
		from = append(from, b.words[i].list()...)
		before = append(before, tokenise(b.last.Blocks[i].Text)...)
	}
	lengths := make([]int, l.m)
	for k := range lengths {
		toks := tokenise(v.Blocks[l.j+k].Text)
		after, lengths[k] = append(after, toks...), len(toks)
	}
	to := newWords(len(after), v.ID)
	for i, j := range compareTokens(before, after).toB {
		if j >= 0 {
			to[j] = from[i]
		}
	}
	for k, n := range lengths {
		fresh[l.j+k], to = stood{v.Blocks[l.j+k].Text, v.ID, to[:n:n]}, to[n:]
	}
}

// recall remembers where the words of a text that was there before came from.
func (b *Blamer) recall(v *archive.Version, text int32, now *stood) {
	was := b.past[text]
	if was.out == 0 {
		return
	}
	words := now.list()
	if len(was.list()) != len(words) {
		return
	}
	for k, w := range was.words {
		if words[k].since == v.ID && w.first < words[k].first {
			words[k].first, words[k].away = w.first, &absence{was.out, v.ID, w.away}
		}
	}
}

// Blame tells the origin of each word of the version taken last; nil before
// the first that had a text.
func (b *Blamer) Blame() *Blame {
	if b.last == nil {
		return nil
	}
	out := &Blame{Version: b.last, Blocks: make([][]BlamedWord, len(b.last.Blocks))}
	for i := range b.last.Blocks {
		text := b.last.Blocks[i].Text
		toks := shapes(text)
		line := make([]BlamedWord, 0, len(toks))
		for k, t := range toks {
			n := len(t.text) + len(t.space)
			if n == 0 {
				continue
			}
			from := origin{since: b.words[i].since, first: b.words[i].since}
			if b.words[i].words != nil {
				from = b.words[i].words[k]
			}
			word := BlamedWord{Text: text[:n], Since: from.since, First: from.first}
			for a := from.away; a != nil; a = a.before {
				word.Out, word.In = append(word.Out, a.out), append(word.In, a.in)
			}
			slices.Reverse(word.Out)
			slices.Reverse(word.In)
			line, text = append(line, word), text[n:]
		}
		out.Blocks[i] = line
	}
	return out
}

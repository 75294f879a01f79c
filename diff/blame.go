package diff

import (
	"cmp"
	"slices"
	"strings"

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
	words [][]origin  // by block of last
	gone  archive.Seq // the version by which the page was withdrawn after last, else 0
	past  map[string]departed
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

// A departed is the words of a text that stood, and the version after the last
// that had it.
type departed struct {
	words []origin
	out   archive.Seq
}

// Next takes the page's next version.
func (b *Blamer) Next(v *archive.Version) {
	if v.Gone {
		if b.gone == 0 {
			b.gone = v.ID
		}
		return
	}
	fresh := make([][]origin, len(v.Blocks))
	if b.last != nil {
		if b.past == nil {
			b.past = map[string]departed{}
		}
		out := cmp.Or(b.gone, v.ID)
		for i := range b.last.Blocks {
			b.past[fold(b.last.Blocks[i].Text)] = departed{b.words[i], out}
		}
		if b.gone == 0 {
			for _, l := range alignBlocks(b.last.Blocks, v.Blocks) {
				b.carry(l, v, fresh)
			}
		}
	}
	for i := range v.Blocks {
		if fresh[i] == nil {
			fresh[i] = newWords(len(tokenise(v.Blocks[i].Text)), v.ID)
		}
		b.recall(v, i, fresh[i])
	}
	b.last, b.words, b.gone = v, fresh, 0
}

func newWords(n int, id archive.Seq) []origin {
	out := make([]origin, n)
	for i := range out {
		out[i] = origin{since: id, first: id}
	}
	return out
}

// carry gives the words of linked blocks the origins of those they correspond to.
func (b *Blamer) carry(l link, v *archive.Version, fresh [][]origin) {
	if l.n == 1 && l.m == 1 && b.last.Blocks[l.i].Text == v.Blocks[l.j].Text {
		fresh[l.j] = b.words[l.i]
		return
	}
	var from []origin
	var before, after []token
	for i := l.i; i < l.i+l.n; i++ {
		from = append(from, b.words[i]...)
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
		fresh[l.j+k], to = to[:n:n], to[n:]
	}
}

// recall remembers where the words of a block that was there before came from.
func (b *Blamer) recall(v *archive.Version, i int, words []origin) {
	was := b.past[fold(v.Blocks[i].Text)]
	if len(was.words) != len(words) {
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
		toks := tokenise(b.last.Blocks[i].Text)
		line := make([]BlamedWord, 0, len(toks))
		for k, t := range toks {
			if t.text == "" && t.space == "" {
				continue
			}
			word := BlamedWord{Text: strings.Clone(t.text + t.space), Since: b.words[i][k].since, First: b.words[i][k].first}
			for a := b.words[i][k].away; a != nil; a = a.before {
				word.Out, word.In = append(word.Out, a.out), append(word.In, a.in)
			}
			slices.Reverse(word.Out)
			slices.Reverse(word.In)
			line = append(line, word)
		}
		out.Blocks[i] = line
	}
	return out
}

package server

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"veille/archive"
	"veille/diff"
)

// How a biography goes on where no redline leads: past the day on which a
// passage was taken out, and back beyond the one on which it was put in. Words
// come before place: the passage that came back with the same words, or nearly
// the same, then the one that was put in where it had stood in the same step.

// The bounds of looking for a passage that was taken out.
const (
	maxAway     = 400 // versions that are looked through
	sameWords   = 4   // words that a text must have to be known again by them
	nearlyWords = 8   // and where they are nearly the same
	nearly      = .8  // share of the words of either text that must be in the other
)

// How a passage came, where its words did not come from those before.
const (
	opReturned = "returned" // taken out, and put in again
	opReplaced = "replaced" // put in where the one before was taken out
)

// later finds where blocks of version k that are not in version next went on: at
// which place in the history, as which blocks, and how; "" if nowhere.
func (f *follower) later(ctx context.Context, k, next int, blocks []int) (at int, to []int, op string, err error) {
	old, err := f.load(ctx, k)
	if err != nil {
		return 0, nil, "", err
	}
	v, err := f.load(ctx, next)
	if err != nil {
		return 0, nil, "", err
	}
	lost := newLost(old, blocks)
	for r := next + 1; r < len(f.history) && r <= next+maxAway && lost.known(); r++ {
		if f.history[r].Gone {
			continue
		}
		again, err := f.load(ctx, r)
		if err != nil {
			return 0, nil, "", err
		}
		found := lost.among(again, func(b *archive.Block) bool { return b.Since == again.ID })
		if len(found) == 0 {
			continue
		}
		prev, _ := f.before(r)
		was, err := f.load(ctx, prev)
		if err != nil {
			return 0, nil, "", err
		}
		if len(diff.Back(was, again, found).From) == 0 {
			return r, found, opReturned, nil
		}
	}
	if next != k+1 { // the page was withdrawn in between: nothing was put in instead
		return 0, nil, "", nil
	}
	if to = diff.Instead(old, v, blocks); len(to) > 0 {
		return next, to, opReplaced, nil
	}
	return 0, nil, "", nil
}

// earlier finds what blocks that came with version k had been, where they are not
// in version prev: in which version they stood last, as which blocks, the version
// that took them out, and how they came; "" if they had not been.
func (f *follower) earlier(ctx context.Context, prev, k int, blocks []int) (at int, from []int, out int, op string, err error) {
	v, err := f.load(ctx, k)
	if err != nil {
		return 0, nil, 0, "", err
	}
	old, err := f.load(ctx, prev)
	if err != nil {
		return 0, nil, 0, "", err
	}
	lost := newLost(v, blocks)
	anyBlock := func(*archive.Block) bool { return true }
	copied := len(lost.among(old, anyBlock)) > 0 // the words stood there already, and stand there still
	next := prev
	for p, _ := f.before(prev); p >= 0 && p >= prev-maxAway && !copied && lost.known(); p, _ = f.before(p) {
		was, err := f.load(ctx, p)
		if err != nil {
			return 0, nil, 0, "", err
		}
		if found := lost.among(was, anyBlock); len(found) > 0 {
			without, err := f.load(ctx, next)
			if err != nil {
				return 0, nil, 0, "", err
			}
			if len(diff.Forth(was, without, found).To) > 0 {
				break // they were reworded: what they became is another passage
			}
			return p, found, p + 1, opReturned, nil
		}
		next = p
	}
	if prev != k-1 {
		return 0, nil, 0, "", nil
	}
	if from = diff.Instead(v, old, blocks); len(from) > 0 {
		return prev, from, k, opReplaced, nil
	}
	return 0, nil, 0, "", nil
}

// A lost is blocks that are looked for by their words.
type lost struct {
	version *archive.Version
	blocks  []int
	words   []int // of each block
	all     int
}

func newLost(v *archive.Version, blocks []int) *lost {
	l := &lost{version: v, blocks: blocks}
	for _, b := range blocks {
		n := len(strings.Fields(v.Blocks[b].Text))
		l.words = append(l.words, n)
		l.all += n
	}
	return l
}

// known reports whether there are words enough to know them by.
func (l *lost) known() bool { return slices.Max(l.words) >= sameWords }

// among finds the blocks of a version that pass and have the words: those with
// the same, under the same headings if there are several, else those with nearly the same. Of
// several blocks that are looked for, those with half the words must be there.
func (l *lost) among(v *archive.Version, pass func(*archive.Block) bool) []int {
	var out []int
	found := 0
	for k, b := range l.blocks {
		if l.words[k] < sameWords && len(l.blocks) == 1 {
			continue
		}
		best, score := -1, 0.
		for i := range v.Blocks {
			if other := &v.Blocks[i]; other.Role == l.version.Blocks[b].Role && pass(other) && !slices.Contains(out, i) {
				if s := l.likeness(k, other); s > score {
					best, score = i, s
				}
			}
		}
		if best >= 0 {
			out, found = append(out, best), found+l.words[k]
		}
	}
	if 2*found < l.all {
		return nil
	}
	slices.Sort(out)
	return out
}

// likeness is 0 for what is not nearly the same, above 1 for what is the same.
func (l *lost) likeness(k int, other *archive.Block) float64 {
	b := &l.version.Blocks[l.blocks[k]]
	under := 0.
	if slices.Equal(b.Path, other.Path) {
		under = .01
	}
	if b.Text == other.Text {
		return 2 + under
	}
	mine, its := utf8.RuneCountInString(b.Text), utf8.RuneCountInString(other.Text)
	if l.words[k] < nearlyWords || 2*min(mine, its) < max(mine, its) {
		return 0
	}
	shared, ofA, ofB := diff.Shared(b.Text, other.Text)
	if share := float64(shared) / float64(max(ofA, ofB, 1)); share >= nearly {
		return share + under
	}
	return 0
}

package digest

import (
	"slices"
	"strings"

	"veille/archive"
	"veille/diff"
	"veille/index"
)

// Comparer is what the index notes of changes, as [diff.Between] finds them:
// the same senses and weights as in mails and on pages.
func Comparer() index.Comparer {
	blank, gone := &archive.Version{Title: "-"}, &archive.Version{Title: "-", Gone: true}
	whole := func(old, new *archive.Version) index.Effect {
		c := diff.Between(old, new)
		return index.Effect{Weight: c.Weight, Senses: c.Senses}
	}
	return index.Comparer{Stamp: diff.Stamp(), Senses: diff.Senses(), Effects: effects,
		Appeared: whole(nil, blank), Withdrawn: whole(blank, gone), Restored: whole(gone, blank)}
}

// effects lists the edits between two versions with all blocks that they
// concern. What is of the page as a whole, such as its title, is of no block.
func effects(old, new *archive.Version) []index.Effect {
	c := diff.Between(old, new)
	out := make([]index.Effect, 0, len(c.Edits))
	for i := range c.Edits {
		out = append(out, effect(old, new, &c.Edits[i]))
	}
	return out
}

// effect is one edit with all blocks that it concerns.
func effect(old, new *archive.Version, e *diff.Edit) index.Effect {
	return index.Effect{From: blocksOf(old.Blocks, e.From, e.Before), To: blocksOf(new.Blocks, e.To, e.After), Weight: e.Weight, Senses: sensesOf(e)}
}

// blocksOf finds the blocks whose joined text is one side of an edit. The first
// is known; of a split or join the others follow it, though other blocks may
// stand between.
func blocksOf(blocks []archive.Block, first int, text string) []int {
	if first < 0 {
		return nil
	}
	out := []int{first}
	_, rest, more := strings.Cut(text, "\n")
	for at := first + 1; more; {
		var part string
		part, rest, more = strings.Cut(rest, "\n")
		i := slices.IndexFunc(blocks[min(at, len(blocks)):], func(b archive.Block) bool { return b.Text == part })
		if i < 0 {
			return out
		}
		at += i + 1
		out = append(out, at-1)
	}
	return out
}

func sensesOf(e *diff.Edit) []string {
	var codes []string
	for _, s := range e.Senses {
		if !slices.Contains(codes, s.Code) {
			codes = append(codes, s.Code)
		}
	}
	return codes
}

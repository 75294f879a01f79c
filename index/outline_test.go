package index

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"veille/archive"
)

// What an outline takes over from that of the version before is what it would have
// found itself, whatever was put in, taken out, doubled, moved, or given another
// heading or role in between.
func TestAnOutlineThatFollowsIsTheOneThatWouldBeMade(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 85))
	var blocks []archive.Block
	var old *outline
	taken := 0
	for n := archive.Seq(1); n <= 300; n++ {
		blocks = slices.Clone(blocks)
		for range 1 + rnd.IntN(3) {
			at := rnd.IntN(len(blocks) + 1)
			if at == len(blocks) || rnd.IntN(3) == 0 {
				b := archive.Block{Role: archive.Main, Since: n, Path: []string{fmt.Sprint("Part ", rnd.IntN(3))}, Text: fmt.Sprint("Article ", rnd.IntN(40))}
				if rnd.IntN(10) == 0 {
					b.Text = "* * *"
				}
				blocks = slices.Insert(blocks, at, b)
				continue
			}
			switch b := &blocks[at]; rnd.IntN(4) {
			case 0:
				b.Role, b.Since = archive.Boilerplate, n
			case 1:
				b.Path, b.Since = []string{"Annex"}, n
			case 2:
				moved := *b
				blocks = slices.Insert(slices.Delete(blocks, at, at+1), rnd.IntN(len(blocks)), moved)
			default:
				blocks = slices.Delete(blocks, at, at+1)
			}
		}
		v := &archive.Version{ID: n, Page: 1, Blocks: blocks}
		now, anew := outlineOf(v, old), outlineOf(v, nil)
		if !slices.Equal(now.ids, anew.ids) || !maps.Equal(now.block, anew.block) || !slices.Equal(now.keys, anew.keys) {
			t.Fatalf("version %d: the outline that follows is another than the one made anew", n)
		}
		if old != nil {
			for _, j := range now.read(old) {
				if j >= 0 {
					taken++
				}
			}
		}
		old = now
	}
	if taken == 0 {
		t.Error("nothing was taken over")
	}
	if o := outlineOf(&archive.Version{Page: 2, Blocks: blocks}, old); slices.ContainsFunc(o.ids, func(id string) bool { return id != "" && old.has(id) }) {
		t.Error("a passage of another page was taken over")
	}
}

// Where two passages came that say the same, the first of them takes the place of
// what went, however often it is asked.
func TestOfPassagesThatSayTheSameTheFirstFollows(t *testing.T) {
	x := &Index{}
	old := outlineOf(&archive.Version{ID: 1, Page: 1, Blocks: []archive.Block{{Text: "Six months", Since: 1}}}, nil)
	new := outlineOf(&archive.Version{ID: 2, Page: 1, Blocks: []archive.Block{{Text: "six months.", Since: 2}, {Text: "six months;", Since: 2}, {Text: "SIX MONTHS", Since: 2}}}, nil)
	for range 20 {
		s := x.step(old, new, &archive.Page{})
		s.end = len(new.Blocks)
		if next := s.successors(0); len(next) != 1 || next[0].Block != 0 {
			t.Fatalf("what took the place of the passage is %v, not the first block", next)
		}
	}
}

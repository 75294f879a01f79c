package index

import (
	"testing"
	"time"

	"veille/archive"
)

// TestRow: what a search must know of a passage is read as it was written,
// whatever signs the name of a document has.
func TestRow(t *testing.T) {
	p := &passage{Page: 7, Source: "be-office", Lang: "fr", Document: "a|b||-3|c", Role: archive.Main, From: 1000, Block: 12,
		Until: &archive.Interval{By: time.UnixMilli(5000)}, Came: Event{News: true, Weight: 4, Senses: []string{"deadline", "modality"}}, Next: []successor{{"x", 13}}}
	c := &columns{numbers: map[variety]uint16{}, lines: map[string]uint32{}, groups: map[string]int32{}}
	if err := c.add(2, p.row(40)); err != nil {
		t.Fatal(err)
	}
	if c.page[2] != 7 || c.from[2] != 1000 || c.until[2] != 5000 || c.block[2] != 12 || c.next[2] != 13 || c.words[2] != 40 || !c.main[2] {
		t.Errorf("read %d, %d–%d, block %d → %d, %d words, main %v", c.page[2], c.from[2], c.until[2], c.block[2], c.next[2], c.words[2], c.main[2])
	}
	if k := c.kinds[c.kind[2]]; k != (variety{"be-office", "fr"}) {
		t.Errorf("of %v", k)
	}
	if name := c.byGroup[c.group[7]]; name != "be-office a|b||-3|c" {
		t.Errorf("document %q", name)
	}
	if e := c.events[c.came[2]]; e.line() != p.Came.line() {
		t.Errorf("came by %q", e.line())
	}
	if e := c.events[c.went[2]]; e.News {
		t.Errorf("went by %q", e.line())
	}
	for _, row := range []string{"", "m|fr|7", "m|fr|x|be-office|d|1|2|-0|-0|1|-1|3", "m|fr|7|be-office|d"} {
		if err := c.add(3, row); err == nil {
			t.Errorf("row %q was read", row)
		}
	}
}

package index

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veille/archive"
)

// TestRow: what a search must know of a passage is read as it was written,
// whatever signs the name of a document has.
func TestRow(t *testing.T) {
	p := &passage{Page: 7, Source: "be-office", Lang: "fr", Document: "a|b||-3|c", Role: archive.Main, From: 1000, Block: 12,
		Until: &archive.Interval{By: time.UnixMilli(5000)}, Came: Event{News: true, Weight: 4, Senses: []string{"deadline", "modality"}}, Next: []successor{{"x", 13}}}
	c := newColumns(4, nil)
	if err := c.add(2, p.row(40)); err != nil {
		t.Fatal(err)
	}
	c.sumUp()
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

// plain are columns without the numbers that they give to what passages have in common.
func (c *columns) plain() (out []string) {
	for n, page := range c.page {
		if page == 0 {
			out = append(out, fmt.Sprint("none ", c.from[n], c.until[n], c.block[n], c.words[n], c.main[n], c.next[n]))
			continue
		}
		out = append(out, fmt.Sprint(page, c.from[n], c.until[n], c.block[n], c.words[n], c.kinds[c.kind[n]], c.main[n], c.events[c.came[n]].line(),
			c.events[c.went[n]].line(), c.next[n], c.byGroup[c.group[page]], c.pageWords[page]))
	}
	return append(out, fmt.Sprint(c.pages, c.live, c.meanWords, c.meanPassage, len(c.kinds)))
}

// TestColumnsThatAreTakenOverAreThoseThatWouldBeRead: after each step of a site's
// life – whether segments were merged or not, and whatever was taken out of them –
// the columns are those that somebody reads who knows none, and those of the state
// before are as they were.
func TestColumnsThatAreTakenOverAreThoseThatWouldBeRead(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, t.TempDir()+"/index")
	r := rand.New(rand.NewPCG(8, 2))
	langs, taken := []string{"en", "de", "fr", "en"}, 0
	use := func() *state {
		t.Helper()
		s, err := x.use(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	var long strings.Builder
	for n := range 400 {
		fmt.Fprintf(&long, "Paragraph %d of a long law.\n", n)
	}
	for n := range 10 { // what is large is not merged with what comes
		publish(t, a, sources().Sources[n%5].ID, langs[n%4], fmt.Sprintf("https://example.org/%d", n), day(-5), long.String())
	}
	syncIndex(t, x, a)
	was := use()
	for step := range 60 {
		before := was.plain()
		for range 1 + r.IntN(3) {
			n, on, text := r.IntN(9), day(5*step), sentences(r)
			switch r.IntN(10) {
			case 0:
				text = "gone"
			case 1:
				on = day(r.IntN(5*step + 1)).Add(time.Hour + time.Duration(step)*time.Minute)
			}
			publish(t, a, sources().Sources[n%5].ID, langs[n%4], fmt.Sprintf("https://example.org/%d", n), on, text)
		}
		syncIndex(t, x, a)
		s := use()
		anew := &state{reader: s.reader, segments: s.segments}
		if err := anew.readColumns(nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(anew.plain(), s.plain()); diff != "" {
			t.Fatalf("after step %d (-read anew +taken over):\n%s", step, diff)
		}
		for _, segment := range s.segments {
			if _, ok := was.holds(segment); ok {
				taken++
			}
		}
		if diff := cmp.Diff(before, was.plain()); diff != "" {
			t.Fatalf("step %d changed the state before it:\n%s", step, diff)
		}
		if err := was.release(); err != nil {
			t.Fatal(err)
		}
		was = s
	}
	if taken < 20 {
		t.Errorf("%d segments were taken over: that proves little", taken)
	}
	if err := was.release(); err != nil {
		t.Fatal(err)
	}
}

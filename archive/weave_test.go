package archive

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A moment is what a page showed at a minute; "" is a challenge.
type moment struct {
	minute int
	text   string
}

// readAll reads captures as package extract does: not those that repeat what the
// page showed just before.
func readAll(t *testing.T, a *Archive, cs []*Capture, texts map[int]string) {
	t.Helper()
	var rs []Reading
	for _, c := range cs {
		if c.Same && !c.Late {
			continue
		}
		text := texts[int(c.Time.Sub(t0)/time.Minute)]
		if text == "" {
			rs = append(rs, Reading{Capture: c.Seq, Class: Blocked, Reason: "challenge"})
			continue
		}
		rs = append(rs, content(c, "Always here.", text, "Also: "+text[:1]))
	}
	if len(rs) == 0 {
		return
	}
	if _, err := a.AddReadings(t.Context(), cs[len(cs)-1].Seq, rs); err != nil {
		t.Fatal(err)
	}
}

// arrive adds moments in the order given, in batches of some.
func arrive(t *testing.T, a *Archive, ms []moment, batch func() int) {
	t.Helper()
	texts := map[int]string{}
	for _, m := range ms {
		texts[m.minute] = m.text
	}
	for len(ms) > 0 {
		n := min(batch(), len(ms))
		var cs []*Capture
		for _, m := range ms[:n] {
			body := m.text
			if body == "" {
				body = fmt.Sprintf("challenge %d", m.minute)
			}
			cs = append(cs, capture("https://example.org/a", m.minute, body))
		}
		add(t, a, cs...)
		readAll(t, a, cs, texts)
		ms = ms[n:]
	}
}

// A chapter is a version as its page's history tells it, whatever its id.
type chapter struct {
	Number int
	Seen   Interval
	Until  *Interval
	Texts  []string
	Since  []int // numbers, not ids
	Shown  int   // captures that show it
}

func tale(t *testing.T, a *Archive) []chapter {
	t.Helper()
	p, err := a.Page(t.Context(), "https://example.org/a")
	if err != nil {
		t.Fatal(err)
	}
	heads, err := a.History(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	looks, err := a.Looks(t.Context(), p.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	number := map[Seq]int{}
	for _, h := range heads {
		number[h.ID] = h.Number
	}
	var out []chapter
	var prev Seq
	for _, h := range heads {
		v, err := a.Version(t.Context(), h.ID)
		if err != nil {
			t.Fatal(err)
		}
		if v.Prev != prev {
			t.Errorf("version %d comes after %d, its Prev is %d", v.ID, prev, v.Prev)
		}
		prev = v.ID
		c := chapter{Number: v.Number, Seen: v.Seen, Until: v.Until}
		for _, b := range v.Blocks {
			c.Texts = append(c.Texts, b.Text)
			c.Since = append(c.Since, number[b.Since])
		}
		for _, l := range looks {
			if l.Version == v.ID {
				c.Shown++
			}
		}
		out = append(out, c)
	}
	if p.Latest != prev || p.Versions != len(heads) {
		t.Errorf("page says latest %d of %d, its history says %d of %d", p.Latest, p.Versions, prev, len(heads))
	}
	return out
}

// TestWovenInAnyOrder: in whatever order and batches captures arrive, the
// history is the one of captures that came in the order of time; and a rebuild
// gives the same archive, ids and all.
func TestWovenInAnyOrder(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		var ms []moment
		for minute := range 2 + r.IntN(12) {
			if r.IntN(10) == 0 {
				ms = append(ms, moment{minute, ""})
			} else {
				ms = append(ms, moment{minute, []string{"Alpha.", "Beta.", "Gamma."}[r.IntN(3)]})
			}
		}
		straight := open(t, t.TempDir())
		arrive(t, straight, ms, func() int { return 1 })
		want := tale(t, sound(t, straight))
		shuffled := append([]moment(nil), ms...)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		dir := t.TempDir()
		a := open(t, dir)
		arrive(t, a, shuffled, func() int { return 1 + r.IntN(4) })
		if d := cmp.Diff(want, tale(t, a)); d != "" {
			t.Fatalf("seed %d: %v arrived as %v (-in order +woven):\n%s", seed, ms, shuffled, d)
		}
		if seed%10 != 0 {
			a.Close()
			straight.Close()
			continue
		}
		before := dump(t, a)
		a.Close()
		if err := os.Remove(filepath.Join(dir, "catalogue.db")); err != nil {
			t.Fatal(err)
		}
		b := open(t, dir)
		if d := cmp.Diff(before, dump(t, b)); d != "" {
			t.Fatalf("seed %d: after rebuild (-before +after):\n%s", seed, d)
		}
		if rep, err := b.Verify(t.Context()); err != nil || !rep.OK {
			t.Fatalf("seed %d: verify %+v, %v", seed, rep, err)
		}
	}
}

// sound verifies an archive and returns it.
func sound(t *testing.T, a *Archive) *Archive {
	t.Helper()
	if rep, err := a.Verify(t.Context()); err != nil || !rep.OK {
		t.Fatalf("verify %+v, %v", rep, err)
	}
	return a
}

// TestWovenHistoryIsNoNews: what came late is a step like any other, and left
// out where only news is asked for.
func TestWovenHistoryIsNoNews(t *testing.T) {
	a := open(t, t.TempDir())
	once := func() int { return 1 }
	arrive(t, a, []moment{{10, "Alpha."}, {20, "Alpha."}, {30, "Beta."}}, once)
	arrive(t, a, []moment{{15, "Gamma."}}, once)
	all, err := a.Steps(t.Context(), StepFilter{Oldest: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range all {
		got = append(got, fmt.Sprintf("%d..%d", s.From, s.To))
	}
	// Alpha (1), Gamma (3), Alpha again (4), Beta (2).
	if d := cmp.Diff([]string{"1..3", "3..4", "4..2"}, got); d != "" {
		t.Errorf("steps:\n%s", d)
	}
	news, err := a.Steps(t.Context(), StepFilter{News: true})
	if err != nil || len(news) != 1 || news[0].To != 2 {
		t.Errorf("news: %v (%v), want the step to version 2 alone", news, err)
	}
	page, err := a.Steps(t.Context(), StepFilter{Past: 4})
	if err != nil || len(page) != 1 || page[0].To != 3 {
		t.Errorf("after the step to 4 comes %v (%v), want the one to 3", page, err)
	}
	woven, err := a.WovenAfter(t.Context(), 0)
	if err != nil || len(woven) != 1 || woven[0].By != 4 {
		t.Errorf("woven: %v (%v), want page 1 by capture 4", woven, err)
	}
}

// TestAReadingIsListedWhateverTheArchivesSize: what is done for each capture and
// each reading finds its rows by an index, and looks through no table.
func TestAReadingIsListedWhateverTheArchivesSize(t *testing.T) {
	a := open(t, t.TempDir())
	for statement, index := range map[string]string{listSame: "capture_same", listFailed: "PRIMARY KEY", samePayload: "capture_payload"} {
		rows, err := a.read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+statement, 1, 2, 3, 4)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, step)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		if len(plan) != 1 || !strings.Contains(plan[0], index) {
			t.Errorf("%s\nis carried out as %q, not by %s", statement, plan, index)
		}
	}
}

package archive

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// told is everything that readers are given of all pages.
func told(t *testing.T, a *Archive) (out []any) {
	t.Helper()
	pages, err := a.Pages(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		history, err := a.History(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		looks, err := a.Looks(t.Context(), p.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p, history, looks)
		for _, h := range history {
			v, err := a.Version(t.Context(), h.ID)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, v)
		}
	}
	return out
}

// TestWhatIsRememberedIsWhatTheCatalogueSays: after each write, whatever it was,
// readers are given what somebody who remembers nothing would read.
func TestWhatIsRememberedIsWhatTheCatalogueSays(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 0))
	var ms []moment
	for minute := range 24 {
		ms = append(ms, moment{minute, []string{"Alpha.", "Beta.", "Gamma.", ""}[r.IntN(4)]})
	}
	r.Shuffle(len(ms), func(i, j int) { ms[i], ms[j] = ms[j], ms[i] })
	a := open(t, t.TempDir())
	revision := a.Revision("")
	for i, m := range ms {
		arrive(t, a, []moment{m}, func() int { return 1 })
		if i%5 == 4 { // another page, another publisher
			c := capture("https://example.org/b", m.minute, m.text)
			c.Source = []string{"one", "other"}[i%2]
			add(t, a, c)
			reads(t, a, content(c, "So it was in minute", m.text))
		}
		sameSteps(t, a, r)
		got := told(t, a)
		if now := a.Revision(""); now == revision {
			t.Errorf("after %d of %v the archive has the same revision as before", i+1, ms)
		} else {
			revision = now
		}
		memory := a.memory
		a.memory = newMemory()
		if d := cmp.Diff(told(t, a), got); d != "" {
			t.Fatalf("after %d of %v (-catalogue +remembered):\n%s", i+1, ms, d)
		}
		a.memory = memory
	}
}

// sameSteps holds steps, however they are chosen, against the catalogue.
func sameSteps(t *testing.T, a *Archive, r *rand.Rand) {
	t.Helper()
	filters := []StepFilter{{}, {Oldest: true}, {Page: 1}, {News: true, Published: true}, {Lang: "en"}, {Lang: "xx"}, {Sources: []string{"one", "nobody"}}, {Sources: []string{"nobody"}}, {Past: 9999}}
	for range 30 {
		f := StepFilter{After: Seq(r.IntN(3)), UpTo: Seq(r.IntN(30)), Oldest: r.IntN(2) == 0, Past: Seq(r.IntN(20)), Limit: r.IntN(6), Offset: r.IntN(3), Published: r.IntN(2) == 0, News: r.IntN(2) == 0}
		if r.IntN(2) == 0 {
			f.Since, f.Until = t0.Add(time.Duration(r.IntN(20))*time.Minute), t0.Add(time.Duration(r.IntN(30))*time.Minute)
		}
		if r.IntN(3) == 0 {
			f.Sources = []string{"other"}
		}
		filters = append(filters, f)
	}
	for _, f := range filters {
		want, err := a.askSteps(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := a.Steps(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("steps of %+v (-catalogue +remembered):\n%s", f, d)
		}
	}
}

// TestWhatIsGivenIsTheReadersOwn: a reader who modifies what it was given changes
// nothing for the next.
func TestWhatIsGivenIsTheReadersOwn(t *testing.T) {
	a := open(t, t.TempDir())
	arrive(t, a, []moment{{1, "Alpha."}, {2, "Beta."}}, func() int { return 2 })
	before := told(t, a)
	for _, x := range told(t, a) {
		switch x := x.(type) {
		case *Page:
			x.Title, x.Last.Reason = "other", "other"
		case *Version:
			if x.Title = "other"; x.Until != nil {
				x.Until.By = t0
			}
			for i := range x.Blocks {
				x.Blocks[i].Text = "other"
			}
		case []Look:
			slices.Reverse(x)
			x[0].Reason = "other"
		case []*Version:
			for _, v := range x {
				v.Prev = 99
			}
		}
	}
	if d := cmp.Diff(before, told(t, a)); d != "" {
		t.Errorf("(-before +after):\n%s", d)
	}
}

// TestWhatIsReadWhileSomethingIsWrittenIsNotKept: it may be of before.
func TestWhatIsReadWhileSomethingIsWrittenIsNotKept(t *testing.T) {
	m := newMemory()
	since := m.now()
	m.forget(&changes{})
	m.keep(since, func() { t.Error("it was kept") })
	kept := false
	m.keep(m.now(), func() { kept = true })
	if !kept {
		t.Error("what was read while nothing was written was not kept")
	}
}

// TestASourcesRevisionIsItsOwn: what is written of one is nothing to the other,
// until it is given a page of its.
func TestASourcesRevisionIsItsOwn(t *testing.T) {
	a := open(t, t.TempDir())
	write := func(source string, minute int) {
		c := capture("https://example.org/"+"a", minute, "text")
		c.Source = source
		add(t, a, c)
		reads(t, a, content(c, "text", source))
	}
	write("one", 1)
	one, other := a.Revision("one"), a.Revision("other")
	write("one", 2)
	if a.Revision("one") == one {
		t.Error("one was written, and has the same revision")
	}
	if a.Revision("other") != other {
		t.Error("other was not written, and has another revision")
	}
	all, wordings := a.Revision(""), a.Wordings()
	same := capture("https://example.org/a", 3, "text")
	same.Source = "one"
	add(t, a, same)
	if a.Wordings() != wordings || a.Revision("") == all {
		t.Error("a look that found nothing new is another wording, or no other state")
	}
	one = a.Revision("one")
	write("other", 4)
	if a.Revision("one") == one || a.Revision("other") == other {
		t.Error("a page went from one to the other, and one of them has the same revision")
	}
	if a.Wordings() == wordings {
		t.Error("a wording is of another source, and all wordings have the same state")
	}
	wordings = a.Wordings()
	c := capture("https://example.org/a", 5, "new text")
	c.Source = "other"
	add(t, a, c)
	if a.Wordings() != wordings {
		t.Error("an answer that nobody has read yet is another wording")
	}
	if reads(t, a, content(c, "new text", "other")); a.Wordings() == wordings {
		t.Error("there is a new wording, and all have the same state")
	}
}

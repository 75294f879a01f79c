package index

import (
	"path/filepath"
	"testing"
	"time"

	"veille/archive"
)

// TestChangeAgrees asks every query of every change of the corpus in memory,
// and of the index: of the page before and after it, or of what was put in and
// taken out then.
func TestChangeAgrees(t *testing.T) {
	a := openArchive(t)
	corpus(t, a)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	syncIndex(t, x, a)
	changes := 0
	for v, err := range a.Versions(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if v.Prev == 0 {
			continue
		}
		changes++
		old, err := a.Version(t.Context(), v.Prev)
		if err != nil {
			t.Fatal(err)
		}
		c := &PageChange{Page: factsOf(v), Old: old, New: v}
		if v.Gone {
			c.Whole = &x.compare.Withdrawn
		} else {
			c.Effects = x.compare.Effects(old, v)
		}
		for _, q := range queries {
			th := x.thesaurus
			if q.q.Exact {
				th = nil
			}
			m, err := Compile(q.q.Text, th)
			if err != nil || m.query.asks("sense") || m.query.asks("weight") && !m.asked.changes {
				continue // a period, or a change that brought what stands
			}
			if len(m.asked.understood) > 0 && v.Source == "eu-law" {
				continue // of a document that bears the number, a search shows its beginning, a watcher wants all
			}
			if want, ok := found(t, x, a, q.q, m, v); ok {
				if got := m.Change(c); got != want {
					t.Errorf("%s, change %d..%d: the index finds %v, the matcher %v", q.q.Text, old.ID, v.ID, want, got)
				}
			}
		}
	}
	if changes < 4 {
		t.Errorf("the corpus has only %d changes", changes)
	}
}

// factsOf is what is known of the page of a version.
func factsOf(v *archive.Version) Passage {
	s := sources().Source(v.Source)
	return Passage{URL: v.URL, Source: v.Source, Institution: s.Institution, Kind: s.Kind, Jurisdiction: s.Jurisdiction, Topics: s.Topics}
}

// found asks the index whether a query shows something that a version changed.
// ok is unset where it is a question, which a search takes loosely.
func found(t *testing.T, x *Index, a *archive.Archive, q Query, m *Matcher, v *archive.Version) (any, ok bool) {
	t.Helper()
	at := v.Seen.By
	ask := func(q Query, shown func(h *Hit) bool) bool {
		res, err := x.Search(t.Context(), a, q)
		if err != nil {
			t.Fatal(err)
		}
		if res.Loose {
			return false
		}
		ok = true
		for i := range res.Hits {
			if h := &res.Hits[i]; h.Page == v.Page && shown(h) {
				return true
			}
		}
		return false
	}
	base := Query{Text: q.Text, Exact: q.Exact, Limit: 1000}
	if m.asked.changes {
		base.From, base.Until = at, at.Add(time.Millisecond)
		return ask(base, func(*Hit) bool { return true }), ok
	}
	base.AsOf = at
	after := ask(base, func(h *Hit) bool { return h.FirstSeen.By.Equal(at) && h.Came.News })
	base.AsOf = at.Add(-time.Millisecond)
	before := ask(base, func(h *Hit) bool { return h.Until != nil && h.Until.By.Equal(at) && h.Went.News })
	return after || before, ok
}

func TestChangeOfPage(t *testing.T) {
	version := func(text string) *archive.Version {
		return &archive.Version{Lang: "en", Title: "Closed centres", Blocks: blocks(text)}
	}
	old := version("# Closed centres\nThe Office runs six centres.\nVisits are allowed.\nLegal aid is free.")
	new := version("# Closed centres\nThe Office runs seven centres.\nLegal aid is free.\nVisits are allowed.")
	c := &PageChange{Page: Passage{Source: "be-office", Kind: "government"}, Old: old, New: new, Effects: []Effect{
		{From: []int{1}, To: []int{1}, Weight: 4, Senses: []string{"amount"}},
		{From: []int{2}, To: []int{3}, Weight: 2, Senses: []string{"other"}}, // it moved
	}}
	for _, q := range []struct {
		query string
		want  bool
	}{
		{"", true},
		{"seven visits", true},            // both stand on the page, and the change brought one of them
		{"six visits", true},              // as it read before
		{"six seven", false},              // never at one time
		{"visits", false},                 // they only moved
		{"visits free", false},            // nothing of it changed
		{"centres NOT visits", false},     // the page has them
		{"centres NOT prison", true},      //
		{"added:seven removed:six", true}, //
		{"added:visits", false},
		{"removed:visits", false},
		{"removed:six visits", true},
		{"in:added seven", true},
		{"in:removed", true},
		{"in:removed seven", false},
		{"sense:amount", true},
		{"sense:deadline", false},
		{"weight:4 office", true},
		{"weight:5 office", false},
		{"kind:court office", false},
		{"title:closed seven", true},
		{`"runs seven" OR prison`, true},
		{"lang:fr office", false},
	} {
		m, err := Compile(q.query, words(t))
		if err != nil {
			t.Fatalf("%s: %v", q.query, err)
		}
		if got := m.Change(c); got != q.want {
			t.Errorf("%s: %v", q.query, got)
		}
	}
	for _, q := range []string{"hub from:2026", "as-of:2026-03 hub", "added:hub since 2025"} {
		if _, err := Compile(q, nil); err == nil {
			t.Errorf("%s can be watched", q)
		}
	}
}

func TestChangeOfWholePage(t *testing.T) {
	page := &archive.Version{Lang: "fr", Title: "Arrêt", Blocks: blocks("# Arrêt\nL’astreinte est de 1 000 euros.\nLe recours est suspensif.")}
	gone := &archive.Version{Lang: "fr", Gone: true}
	came := &PageChange{New: page, Whole: &Effect{Weight: 4, Senses: []string{"appear"}}}
	went := &PageChange{Old: page, New: gone, Whole: &Effect{Weight: 5, Senses: []string{"withdraw"}}}
	for _, c := range []struct {
		query      string
		came, went bool
	}{
		{"astreinte recours", true, true}, {"added:astreinte", true, false}, {"removed:astreinte", false, true},
		{"in:added", true, false}, {"in:removed sense:withdraw", false, true}, {"hub", false, false}, {"-hub", true, true},
	} {
		m, err := Compile(c.query, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Change(came); got != c.came {
			t.Errorf("%s, of a page that came: %v", c.query, got)
		}
		if got := m.Change(went); got != c.went {
			t.Errorf("%s, of a page that went: %v", c.query, got)
		}
	}
}

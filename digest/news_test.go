package digest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"veille/archive"
)

func TestSuccessiveVersionsAreOneChange(t *testing.T) {
	w := start(t)
	w.publish(centres, places("751")...)
	w.publish(hubs, places("10")...)
	w.subscribed(Request{})
	for _, n := range []string{"800", "900", "1 145"} {
		w.publish(centres, places(n)...)
	}
	w.publish(hubs, places("20")...)
	ms := w.sync()
	want(t, "changes", changes(ms), "1..5 2..6")
	text := ms[0].Text
	for _, s := range []string{"Changed 3 times in that period", "[-751-]", "{+1 145+}", "https://veille.example.org/change/1..5", "The Ministry\n------------", "The Agency\n----------",
		"Closed centres\n==============", "Return hubs\n===========",
		"First seen on 2 March 2026 between 10:00 and 14:00 CET."} {
		if !strings.Contains(text, s) {
			t.Errorf("the mail lacks %q:\n%s", s, text)
		}
	}
	if strings.Contains(text, "900") {
		t.Errorf("the mail tells what no longer stands:\n%s", text)
	}
}

func TestWhatChangedBackIsLeftOutAndCounted(t *testing.T) {
	w := start(t)
	w.publish(centres, places("751")...)
	w.publish(hubs, places("10")...)
	w.subscribed(Request{})
	w.publish(centres, places("800")...)
	w.publish(centres, places("751")...)
	r, err := w.digest.Sync(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "reverted", r.Reverted, 1)
	want(t, "mails for nothing", len(w.mailer.take()), 0)
	w.publish(centres, places("800")...)
	w.publish(centres, places("751")...)
	w.publish(hubs, places("20")...)
	ms := w.sync()
	want(t, "changes", changes(ms), "2..7")
	if !strings.Contains(ms[0].Text, "Left out: 1 page that changed and changed back.") {
		t.Errorf("not counted:\n%s", ms[0].Text)
	}
}

// What our own new reading made of the same bytes is told to nobody, and a
// change is never told across it.
func TestOurOwnDoingIsNotNews(t *testing.T) {
	w := start(t)
	w.publish(centres, places("751")...)
	w.subscribed(Request{})
	w.pass(time.Hour)
	c := w.captured(centres, "second")
	want(t, "their change", w.read(c, content("Places in centres", places("800")...)), 2)
	want(t, "our reading", w.read(c, content("Places in centres", append(places("800"), "A paragraph that was overlooked so far.")...)), 3)
	w.publish(centres, append(places("1 145"), "A paragraph that was overlooked so far.")...)
	ms := w.sync()
	want(t, "changes", changes(ms), "1..2 3..4")
	if strings.Contains(ms[0].Text, "overlooked") {
		t.Errorf("the mail tells our own reading as news:\n%s", ms[0].Text)
	}
}

func TestPagesThatComeAndGo(t *testing.T) {
	w := start(t)
	w.subscribed(Request{Filter: Filter{Query: `"closed centres"`}})
	w.pass(time.Hour)
	c := w.captured(centres, "x")
	_ = c
	found := &archive.Capture{Source: "be-ministry", URL: centres + "/new", Lang: "en", Time: w.time(), News: true, Exchanges: c.Exchanges}
	if err := w.archive.Add(t.Context(), found); err != nil {
		t.Fatal(err)
	}
	w.read(found, content("A notice", places("751")...))
	ms := w.sync()
	want(t, "appeared", changes(ms), "0..1") // found by its text, not by its title
	w.pass(time.Hour)
	w.read(w.captured(centres+"/new", "gone"), archive.Reading{Class: archive.Gone, Version: &archive.Version{Gone: true}})
	ms = w.sync()
	want(t, "withdrawn", changes(ms), "1..2")
	if !strings.Contains(ms[0].Text, "A notice") {
		t.Errorf("the withdrawn page has no title:\n%s", ms[0].Text)
	}
	// Back and away again, in one period: nothing to tell.
	w.publish(centres+"/new", places("751")...)
	w.pass(time.Hour)
	w.read(w.captured(centres+"/new", "gone again"), archive.Reading{Class: archive.Gone, Version: &archive.Version{Gone: true}})
	want(t, "back and away", len(w.sync()), 0)
}

func TestFilters(t *testing.T) {
	w := start(t)
	w.publish(centres, places("751")...)
	w.publish(hubs, places("10")...)
	for name, f := range map[string]Filter{
		"all":       {},
		"topic":     {Topics: []string{"closed-centres"}},
		"topics":    {Topics: []string{"return-hubs", "closed-centres"}},
		"source":    {Sources: []string{"be-agency"}},
		"both":      {Sources: []string{"be-agency"}, Topics: []string{"closed-centres"}},
		"land":      {Jurisdictions: []string{"eu"}},
		"document":  {Documents: []string{centres + "#top"}},
		"wording":   {Passage: "The closed centres have 751 places in all.", Documents: []string{centres}},
		"alike":     {Passage: "The closed centres have 900 places in all."}, // on either page it is what the wording has become
		"unchanged": {Passage: "Each request is answered within thirty days."},
		"new":       {Kinds: []Kind{KindNew}},
		"known":     {Kinds: []Kind{KindChange, KindNew}},
		"deleted":   {Query: "751"},
		"inserted":  {Query: "1145"},
		"around":    {Query: `"closed centres"`},
		"title":     {Query: "Places"},
		"elsewhere": {Query: "railway"},      // stands on both pages, in a block that did not change
		"beside":    {Query: "1145 railway"}, // both stand on the page, and one is new
		"before":    {Query: "751 railway"},
		"never":     {Query: "751 1145"}, // at no time both
		"taken":     {Query: "removed:751"},
		"put":       {Query: "added:railway"},
		"heavy":     {MinWeight: 5, Query: "Places"},
	} {
		w.subscribed(Request{Email: name + "@example.org", Filter: f})
	}
	w.publish(centres, places("1145")...)
	w.publish(hubs, "The hub has closed.", places("10")[1], places("10")[2])
	got := map[string]string{}
	for _, m := range w.sync() {
		name, _, _ := strings.Cut(m.To, "@")
		got[name] = strings.Join(m.Changes, " ")
	}
	for name, expect := range map[string]string{"all": "1..3 2..4", "topic": "1..3", "topics": "1..3 2..4", "source": "2..4", "deleted": "1..3", "inserted": "1..3",
		"beside": "1..3", "before": "1..3", "never": "", "taken": "1..3", "put": "",
		"around": "1..3 2..4", "title": "1..3 2..4", "elsewhere": "", "both": "", "land": "2..4", "document": "1..3", "wording": "1..3", "alike": "1..3 2..4", "unchanged": "",
		"new": "", "known": "1..3 2..4"} {
		if a, b := strings.Fields(got[name]), strings.Fields(expect); len(a) != len(b) || !containsAll(a, b) {
			t.Errorf("%s was told %q, want %q", name, got[name], expect)
		}
	}
}

func containsAll(a, b []string) bool {
	for _, x := range b {
		if !slices.Contains(a, x) {
			return false
		}
	}
	return true
}

func TestHousekeepingIsNotTold(t *testing.T) {
	w := start(t)
	stamp := func(s string) []string { return append([]string{"Updated on " + s + " March 2026."}, places("751")...) }
	w.publish(centres, stamp("1")...)
	w.subscribed(Request{Email: "news@example.org"})
	w.subscribed(Request{Email: "everything@example.org", Filter: Filter{MinWeight: 1}})
	w.publish(centres, stamp("2")...)
	ms := w.sync()
	if len(ms) > 1 || len(ms) == 1 && ms[0].To != "everything@example.org" {
		t.Fatalf("%d mails, the first to %s", len(ms), ms[0].To)
	}
	w.publish(centres, append([]string{"Updated on 3 March 2026."}, places("1 145")...)...)
	for _, m := range w.sync() {
		if hidden := strings.Contains(m.Text, "1 housekeeping edit"); m.To == "news@example.org" && !hidden {
			t.Errorf("to %s: housekeeping counted: %v\n%s", m.To, hidden, m.Text)
		}
	}
}

func TestDueByTheReadersHour(t *testing.T) {
	w := start(t)
	w.publish(centres, places("751")...)
	for _, c := range []Cadence{Now, Daily, Weekly, Monthly} {
		w.subscribed(Request{Email: string(c) + "@example.org", Settings: Settings{Cadence: c}})
	}
	w.publish(centres, places("1")...)
	told := func() string {
		var to []string
		for _, m := range w.sync() {
			to = append(to, strings.TrimSuffix(m.To, "@example.org"))
		}
		return strings.Join(to, " ")
	}
	want(t, "at once", told(), "now")
	w.pass(24 * time.Hour)
	want(t, "on Tuesday", told(), "daily")
	w.pass(6 * 24 * time.Hour)
	want(t, "on the next Monday", told(), "weekly")
	w.pass(27 * 24 * time.Hour)
	want(t, "in April", told(), "monthly")
	// Whatever the hour.
	w.publish(centres, places("2")...)
	r, err := w.digest.Sync(t.Context(), Options{Now: true})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "now", r.Sent, 4)
}

func TestADryRunWritesNothing(t *testing.T) {
	w := start(t)
	w.publish(centres, places("751")...)
	w.subscribed(Request{Settings: Settings{Cadence: Weekly}})
	w.publish(centres, places("1 145")...)
	for range 2 {
		r, err := w.digest.Sync(t.Context(), Options{Now: true, DryRun: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Mails) != 1 || r.Changes != 1 || r.Mails[0].Text == "" {
			t.Fatalf("report %+v", r)
		}
	}
	want(t, "outbox", w.states(), "")
	want(t, "sent", len(w.mailer.take()), 0)
}

func TestWithoutAMailServerLettersGather(t *testing.T) {
	w := start(t)
	w.digest.Mailer = nil
	w.digest.From = ""
	w.publish(centres, places("1")...)
	w.subscribed(Request{})
	for _, n := range []string{"2", "3"} {
		w.publish(centres, places(n)...)
		want(t, "mails", len(w.sync()), 0)
	}
	want(t, "outbox", w.states(), "digest queued, digest queued")
	m, err := w.store.Mail(t.Context(), 2)
	if err != nil || strings.Join(m.Changes, " ") != "2..3" {
		t.Fatalf("second letter: %+v, %v", m, err)
	}
	// Once there is one, they leave in order.
	w.digest.Mailer, w.digest.From = w.mailer, "veille@example.org"
	want(t, "changes", changes(w.sync()), "1..2, 2..3")
}

// The same edits on many pages are one item with the others behind it, and of
// language twins that changed alike the one in the reader's language stands in front.
func TestTogether(t *testing.T) {
	of := func(url, lang string, same ...string) *item {
		return &item{change: &change{page: &archive.Version{URL: url, Lang: lang}, same: same}}
	}
	told := []*item{of("/nl", "nl", "s 1", "d x"), of("/a", "en", "s 2"), of("/en", "en", "s 3", "d x"), of("/b", "en", "s 2"), of("/c", "en", "s 2"), of("/lone", "en")}
	var got []string
	for _, i := range together(told, "en") {
		line := i.page.URL
		for _, o := range i.also {
			line += " +" + o.page.URL
		}
		got = append(got, line)
	}
	want := []string{"/en +/nl", "/a +/b +/c", "/lone"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

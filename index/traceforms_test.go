package index

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/archive"
)

// compounds publishes one thing in many forms.
func compounds(t *testing.T) (*Index, *archive.Archive) {
	t.Helper()
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	publish(t, a, "be-office", "en", "https://example.org/en", day(0), "A return hub is planned.\nReturn hubs are centers abroad.\nThe return-hub model. Returning a hub cap.")
	publish(t, a, "be-office", "nl", "https://example.org/nl", day(1), "Een terugkeerhub in een derde land.\nDe terugkeerhubs.\nEen terugkeer-hub; nieuwe verblijfstitels.\nHet gesloten centrum. De gesloten centra.")
	publish(t, a, "be-office", "nl", "https://example.org/nl", day(40), "Een terugkeerhub in een derde land.\nTwee verblijfstitels.\nHet gesloten centrum.")
	publish(t, a, "be-office", "de", "https://example.org/de", day(2), "Die Zentren. Ein Zentrum. Rückkehrzentren in Drittstaaten.")
	publish(t, a, "be-office", "fr", "https://example.org/fr", day(3), "Les centres fermés. Un centre fermé. Entrer.")
	syncIndex(t, x, a)
	return x, a
}

// forms writes the forms of a trace.
func forms(t *Trace) string {
	var out []string
	for _, f := range t.Forms {
		s := fmt.Sprintf("%s %s %s %d", f.Lang, f.Text, f.How, f.Lines)
		if f.Off {
			s += " off"
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func TestForms(t *testing.T) {
	x, a := compounds(t)
	tests := []struct {
		name, phrase, want string
		q                  TraceQuery
	}{
		{"inflections, hyphens and the names in other languages", "return hub",
			"de ruckkehrzentren name 1\nen return hub typed 1\nen return hubs inflection 1\nen return-hub hyphen 1\nnl terugkeer-hub name 1\nnl terugkeerhub in een derde land name 1\nnl terugkeerhubs name 1", TraceQuery{}},
		{"only what was typed", "return hub", "en return hub typed 1\nen return-hub hyphen 1", TraceQuery{Exact: true}},
		{"a quotation does not vary", `"terugkeer"`, "nl terugkeer typed 1", TraceQuery{}},
		{"a compound, written apart as well", "terugkeerhub", "nl terugkeer-hub compound 1\nnl terugkeerhub typed 1\nnl terugkeerhubs inflection 1", TraceQuery{Langs: []string{"nl"}}},
		{"words that are written together, with a letter between", "verblijf titel", "nl verblijfstitels compound 2", TraceQuery{}},
		{"plurals that no stemmer sees", "gesloten centrum", "nl gesloten centra inflection 1\nnl gesloten centrum typed 2", TraceQuery{Langs: []string{"nl"}}},
		{"a spelling, in English only", "centre", "en centers spelling 1\nfr centre typed 1\nfr centres inflection 1", TraceQuery{}},
		{"the end of a word", "*hub", "en hub typed 3\nnl hub typed 1\nnl terugkeerhub typed 1", TraceQuery{}},
		{"stars anywhere", "ter*keer*hub*", "nl terugkeerhub typed 1\nnl terugkeerhubs typed 1", TraceQuery{}},
		{"near, in any order", "land NEAR/4 terugkeerhub", "nl terugkeerhub in een derde land typed 1", TraceQuery{}},
		{"not so near", "land NEAR/2 terugkeerhub", "", TraceQuery{}},
		{"alternatives", "centers OR \"terugkeerhubs\"", "en centers typed 1\nnl terugkeerhubs typed 1", TraceQuery{}},
		{"a concept by its id", "concept:closed-centre", "fr centre ferme name 1\nfr centres fermes name 1\nnl gesloten centra name 1\nnl gesloten centrum name 2", TraceQuery{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.q.Phrase = test.phrase
			got, err := x.Trace(t.Context(), a, test.q)
			if err != nil {
				t.Fatal(err)
			}
			if forms(got) != test.want {
				t.Errorf("got\n%s\nwant\n%s", forms(got), test.want)
			}
		})
	}
}

// A form that is switched off is still counted, and nothing else of it is told.
func TestFormsSwitchedOff(t *testing.T) {
	x, a := compounds(t)
	got, err := x.Trace(t.Context(), a, TraceQuery{Phrase: "terugkeerhub", Langs: []string{"nl"}, Without: []string{"terugkeerhubs", "terugkeer-hub"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := "nl terugkeer-hub compound 1 off\nnl terugkeerhub typed 1\nnl terugkeerhubs inflection 1 off"; forms(got) != want {
		t.Errorf("got\n%s\nwant\n%s", forms(got), want)
	}
	if len(got.Pages) != 1 || len(got.Pages[0].Spans) != 1 || got.Pages[0].Now.Times != 1 {
		t.Errorf("pages: %+v", got.Pages)
	}
}

func TestWrongPatterns(t *testing.T) {
	x, a := compounds(t)
	for phrase, pos := range map[string]int{"OR hub": 0, "hub OR": 6, "a NEAR/3 b NEAR/3 c": 11, "hub NEAR/99 land": 4, "concept:nothing": 0, "a \uA66E": 2, "* hub": 0} {
		_, err := x.Trace(t.Context(), a, TraceQuery{Phrase: phrase})
		qe, ok := err.(*QueryError)
		if !ok || qe.Pos != pos {
			t.Errorf("%q: %v, want an error at %d", phrase, err, pos)
		}
	}
}

// How often, in how many words: at the end of each month.
func TestTimeline(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	at := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 12, 0, 0, 0, time.UTC) }
	en, nl := "https://example.org/en", "https://example.org/nl"
	publish(t, a, "be-office", "en", en, at(1, 10), "one two three four five six seven eight hub ten")
	publish(t, a, "be-office", "nl", nl, at(1, 20), "een twee drie vier vijf")
	publish(t, a, "be-office", "en", en, at(2, 3), "one two three four five six seven eight nine ten\nhub hub hub")
	publish(t, a, "be-office", "en", en, at(2, 20), "one two three four five six seven eight nine ten")
	publish(t, a, "be-office", "nl", nl, at(4, 1), "een twee drie vier vijf\nhub zeven acht negen tien")
	syncIndex(t, x, a)
	got, err := x.Trace(t.Context(), a, TraceQuery{Phrase: "hub", Exact: true, Now: at(4, 15)})
	if err != nil {
		t.Fatal(err)
	}
	write := func(ps []Period) string {
		var b strings.Builder
		for _, p := range ps {
			fmt.Fprintf(&b, "%s: %d in %d, ever %d, %d of %d pages\n", p.Name, p.Times, p.Words, p.Ever, p.Pages, p.PagesRead)
		}
		return b.String()
	}
	want := "2026-01: 1 in 15, ever 1, 1 of 2 pages\n2026-02: 0 in 15, ever 4, 0 of 2 pages\n2026-03: 0 in 15, ever 0, 0 of 2 pages\n2026-04: 1 in 20, ever 1, 1 of 2 pages\n"
	// The line of January stood into February, and is one of the four there.
	if g := write(got.Timeline.Periods); g != want {
		t.Errorf("got\n%s\nwant\n%s", g, want)
	}
	if l := got.Timeline.Langs; len(l) != 2 || l[0].Name != "en" || l[0].Most.Times != 1 || l[0].Most.Words != 10 || l[1].Now.Words != 10 || l[1].Now.Per10k() != 1000 {
		t.Errorf("languages: %+v", l)
	}
	if i := got.Timeline.Institutions; len(i) != 1 || i[0].Now.Words != 20 {
		t.Errorf("institutions: %+v", i)
	}
	if p := got.Pages[0]; p.URL != en || p.Now.Times != 0 || p.Most.Per10k() != 1000 {
		t.Errorf("page: %+v", p)
	}
}

func TestPeriods(t *testing.T) {
	on := func(s string) int64 {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d.UnixMilli()
	}
	for _, test := range []struct {
		from, now, step string
		n               int
		first, last     string
	}{
		{"2026-03-01", "2026-03-01", "day", 1, "2026-03-01", "2026-03-01"},
		{"2026-02-27", "2026-03-02", "day", 4, "2026-02-27", "2026-03-02"},
		{"2025-01-31", "2026-03-02", "month", 15, "2025-01", "2026-03"},
		{"2020-05-31", "2026-03-02", "quarter", 24, "2020-Q2", "2026-Q1"},
		{"1831-02-07", "2026-03-02", "year", 196, "1831", "2026"},
	} {
		step, got := periods(on(test.from), on(test.now))
		if step != test.step || len(got) != test.n || got[0].Name != test.first || got[len(got)-1].Name != test.last {
			t.Errorf("%s–%s: %d of step %s, from %s to %s", test.from, test.now, len(got), step, got[0].Name, got[len(got)-1].Name)
		}
	}
}

// TestFormsWithStopWords: of a phrase whose one telling word stands in most
// passages, the inflections are found all the same, and nothing else.
func TestFormsWithStopWords(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	var text strings.Builder
	for n := range 2 * fewPassages {
		fmt.Fprintf(&text, "La loi et les lois, numéro %d.\n", n)
	}
	text.WriteString("Au nom de la loi.\nDe la lois, avec une faute.\nDe la légalité.\nDe là, lois et lettres.\n")
	publish(t, a, "be-office", "fr", "https://example.org/fr", day(0), text.String())
	syncIndex(t, x, a)
	for phrase, want := range map[string]string{
		"de la loi":   "fr de la loi typed 1\nfr de la lois inflection 2",
		"de la lois":  "fr de la loi inflection 1\nfr de la lois typed 2",
		`"de la loi"`: "fr de la loi typed 1",
	} {
		got, err := x.Trace(t.Context(), a, TraceQuery{Phrase: phrase})
		if err != nil {
			t.Fatal(err)
		}
		if forms(got) != want {
			t.Errorf("%s: got\n%s\nwant\n%s", phrase, forms(got), want)
		}
		if len(got.Forms) == 0 || got.More {
			t.Errorf("%s: %d forms, more: %v", phrase, len(got.Forms), got.More)
		}
	}
	if s, err := x.use(t.Context()); err != nil || s.families.size == 0 {
		t.Errorf("no words were looked up: %v", err)
	} else if err := s.release(); err != nil {
		t.Error(err)
	}
}

// TestJoined: a passage that several forms of a word have counts once.
func TestJoined(t *testing.T) {
	lists := [][]posting{{{1, 1, .5}, {4, 2, .7}}, {{4, 1, .9}, {9, 1, .1}}, nil, {{0, 3, .2}, {4, 1, .3}}, {{9, 5, .8}}}
	var terms []term
	for _, l := range lists {
		terms = append(terms, term{postings: l, boost: 1})
	}
	got := joined(terms, 2)
	want := []posting{{0, 3, .2}, {1, 1, .5}, {4, 4, .9}, {9, 6, .8}}
	if !slices.Equal(got.postings, want) || got.df != len(want) || got.boost != 2 {
		t.Errorf("joined %v, want %v", got, want)
	}
	if !slices.Equal(lists[0], []posting{{1, 1, .5}, {4, 2, .7}}) {
		t.Error("a list was changed")
	}
}

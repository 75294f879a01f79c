package digest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"veille/archive"
)

// A sifter has many filters of all kinds and pages in two languages.
type sifter struct {
	*rand.Rand
	words []string
}

func (s *sifter) word() string { return s.words[s.IntN(len(s.words))] }

func (s *sifter) sentence() string {
	list := make([]string, 5+s.IntN(8))
	for i := range list {
		list[i] = s.word()
	}
	return strings.Join(list, " ") + "."
}

// query is any search.
func (s *sifter) query(depth int) string {
	kinds := 13
	if depth > 2 {
		kinds = 9
	}
	switch s.IntN(kinds) {
	case 0, 1, 2:
		return s.word()
	case 3:
		return fmt.Sprintf("%q", s.word()+" "+s.word())
	case 4:
		return s.word() + " NEAR/3 " + s.word()
	case 5:
		return s.word()[:2] + "*"
	case 6:
		return []string{"added:", "removed:", "title:"}[s.IntN(3)] + s.word()
	case 7:
		return []string{"source:be-agency", "lang:nl", "weight:3", "the", "sense:amount", "2008/115/EC"}[s.IntN(6)]
	case 8:
		return s.word() + "~"
	case 9:
		return "(" + s.query(depth+1) + " OR " + s.query(depth+1) + ")"
	case 10:
		return s.query(depth+1) + " NOT " + s.word()
	}
	return s.query(depth+1) + " " + s.query(depth+1)
}

func (s *sifter) filter() Filter {
	f := Filter{MinWeight: 1 + s.IntN(5)}
	if s.IntN(6) > 0 {
		f.Query = s.query(0)
	}
	switch s.IntN(8) {
	case 0:
		f.Sources = []string{"be-agency"}
	case 1:
		f.Documents = []string{centres}
	case 2:
		f.Jurisdictions = []string{"BE"}
	case 3:
		f.Passage = s.word() + " " + s.word() + " " + s.word()
	}
	return f
}

// Filters that are chosen by their words find what they find when each is asked
// of each change by itself.
func TestSiftingFindsWhatAskingEachFinds(t *testing.T) {
	s := &sifter{rand.New(rand.NewPCG(7, 7)), strings.Fields("detention return centre appeal minister thirty days shall must the of terugkeer terugkeercentrum gesloten centrum opvang " +
		"places 751 1145 Directive 2008/115/EC family minors reception-centre escort costs courts bus")}
	w := start(t)
	pages := []string{centres, hubs, centres + "/nl", hubs + "/a", hubs + "/b"}
	texts := map[string][]string{}
	write := func(url string) {
		w.pass(time.Minute)
		r := content(s.word()+" "+s.word(), texts[url]...)
		if strings.HasSuffix(url, "/nl") || s.IntN(15) == 0 { // at times the language is another than before
			r.Version.Lang = "nl"
		}
		if s.IntN(12) == 0 {
			r = archive.Reading{Class: archive.Gone, Version: &archive.Version{Gone: true}}
		}
		w.read(w.captured(url, fmt.Sprint(texts[url], w.time())), r)
	}
	for _, url := range pages {
		for range 6 {
			texts[url] = append(texts[url], s.sentence())
		}
		write(url)
	}
	for range 90 {
		url := pages[s.IntN(len(pages))]
		for range 1 + s.IntN(2) {
			texts[url][s.IntN(len(texts[url]))] = s.sentence()
		}
		write(url)
	}
	var filters []Filter
	for len(filters) < 600 {
		f := s.filter()
		if f.check(&known{t.Context(), w.digest.Sources, w.digest.Thesaurus, w.archive}) == nil {
			filters = append(filters, f.normal(w.digest.Sources))
		}
	}
	compareSifting(t, w, filters)
}

// compareSifting sifts from several places, and asks each filter of each run.
func compareSifting(t *testing.T, w *world, filters []Filter) {
	t.Helper()
	stats, err := w.archive.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sifted, verdicts := newNews(w.digest, stats.LatestVersion), map[verdict]int{}
	var watches []*watch
	for _, f := range filters {
		one, err := sifted.watch(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		watches = append(watches, one)
	}
	for _, after := range []archive.Seq{0, 20, 28, 36, 44, 52, 60, 68, 76, 84} {
		if err := sifted.sift(t.Context(), watches, after); err != nil {
			t.Fatal(err)
		}
		runs, err := sifted.since(t.Context(), after)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range runs {
			plain := newNewsLike(sifted)
			for i, f := range filters {
				one, err := plain.watch(t.Context(), f)
				if err != nil {
					t.Fatal(err)
				}
				c, want, err := plain.ask(t.Context(), one, r)
				if err != nil {
					t.Fatal(err)
				}
				if want == told && one.match != nil && !plain.touched(one, c, f.MinWeight) {
					t.Errorf("%s is about %d..%d, and does not touch it", f.key(), r.from, r.to)
				}
				verdicts[want]++
				if got := watches[i].verdicts[r.stretch]; got != want {
					t.Errorf("%s of %d..%d: sifted %d, asked %d", f.key(), r.from, r.to, got, want)
				}
			}
		}
	}
	for _, v := range []verdict{outside, light, told} {
		if verdicts[v] < 1000 {
			t.Errorf("only %d verdicts %d: the test shows nothing", verdicts[v], v)
		}
	}
	t.Logf("%d filters: %v", len(filters), verdicts)
}

// newNewsLike knows the changes of another, compared, and has asked nothing of them.
func newNewsLike(n *news) *news {
	plain := newNews(n.d, n.upto)
	plain.changes = n.changes
	return plain
}

package server

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"veille/archive"
	"veille/diff"
	"veille/index"
	"veille/thesaurus"
)

// TestFiguresOfManyPages: the first page is read whole; where there is more than
// may be read, the answer says so, and holds what was found.
func TestFiguresOfManyPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.live()
	w.server.Handler()
	d := w.server.docs
	match, err := newPhrase(`"places"`, nil)
	if err != nil {
		t.Fatal(err)
	}
	look := func(most int) *FiguresDocument {
		t.Helper()
		doc := &FiguresDocument{}
		pages, err := d.figurePages(t.Context(), FiguresQuery{TraceQuery: index.TraceQuery{Phrase: "places", Exact: true}}, doc)
		if err != nil || len(pages) < 2 {
			t.Fatalf("%d pages have the word: %v", len(pages), err)
		}
		if err := d.figuresOn(t.Context(), doc, pages, match, most); err != nil {
			t.Fatal(err)
		}
		return doc
	}
	all, some := look(maxFigureBlocks), look(1)
	if all.More || !some.More || len(some.Figures) == 0 || len(some.Figures) >= len(all.Figures) {
		t.Errorf("%d figures and %v in all; with little to be read, %d and %v", len(all.Figures), all.More, len(some.Figures), some.More)
	}
}

// TestWordsAsTypedComeFirst: who asks for "gesloten centra" sees the figures of
// pages that say so before those of pages that have another name of it.
func TestWordsAsTypedComeFirst(t *testing.T) {
	w := newWorld(t)
	w.live()
	w.server.Handler()
	for phrase, lang := range map[string]string{"closed centres": "en", "centres fermés": "fr"} {
		doc, err := w.server.docs.Figures(t.Context(), FiguresQuery{TraceQuery: index.TraceQuery{Phrase: phrase}})
		if err != nil {
			t.Fatal(err)
		}
		var langs []string
		for _, f := range doc.Figures {
			if n := len(langs); n == 0 || langs[n-1] != f.Lang {
				langs = append(langs, f.Lang)
			}
		}
		if len(langs) < 2 || langs[0] != lang || slices.Contains(langs[1:], lang) {
			t.Errorf("%s: the figures are of pages in %v", phrase, langs)
		}
	}
}

// TestAFigureGoesOnInASentenceLikeIt: a figure that went and another that came
// under the same heading are two, unless the one sentence is the other reworded.
func TestAFigureGoesOnInASentenceLikeIt(t *testing.T) {
	after := func(texts ...string) []FigureSeries {
		t.Helper()
		return followedIn(t, nil, versionsOf("Art. 12", texts...)...)
	}
	first := "The foreign national may appeal within 30 days of the decision."
	if all := after(first, "The foreign national must appeal within 10 days of the notice."); len(all) != 1 || len(all[0].Values) != 2 {
		t.Errorf("the sentence was reworded: %+v", all)
	}
	if all := after(first, "Detention lasts no longer than 60 days."); len(all) != 2 || all[0].last().Gone == nil {
		t.Errorf("another sentence: %+v", all)
	}
}

// TestFiguresBesideWhatIsTraced: figures stand beside what a trace would find, with
// its OR, NEAR, stars and concepts.
func TestFiguresBesideWhatIsTraced(t *testing.T) {
	names, err := thesaurus.Load()
	if err != nil {
		t.Fatal(err)
	}
	v := &archive.Version{ID: 1, Lang: "en"}
	for _, text := range []string{"An interpreter costs 11 euro.", "Legal aid costs 12 euro.", "A large new return hub has 13 places.", "La plateforme de retour a 14 places.", "The aid is not legal before 15 days."} {
		v.Blocks = append(v.Blocks, archive.Block{Kind: archive.Paragraph, Text: text})
	}
	for phrase, want := range map[string]string{"interpreter": "11", "interpreter OR legal aid": "11 12", "legal NEAR/3 aid": "12 15", "legal aid OR ret* hub": "12 13", "inter*": "11",
		"concept:return-hub": "13 14", "return hub": "13 14", `"legal OR aid"`: "", "new hub": "", "large NEAR/1 hub": "", "large NEAR/2 hub": "13"} {
		match, err := tracedPhrase(phrase, names, false)
		if err != nil {
			t.Fatalf("%s: %v", phrase, err)
		}
		var got []string
		for _, s := range followedIn(t, match, v) {
			got = append(got, s.last().Value)
		}
		if found := strings.Join(got, " "); found != want {
			t.Errorf("%s: figures %s, want %s", phrase, found, want)
		}
	}
	if match, err := tracedPhrase("return hub", names, true); err != nil || len(followedIn(t, match, v)) != 1 {
		t.Errorf("exactly the words: %v", err)
	}
	for _, phrase := range []string{"interpreter AND aid", "OR aid", "concept:nothing", "a NEAR/99 b", "lang:fr"} {
		var wrong *index.QueryError
		if _, err := tracedPhrase(phrase, names, false); !errors.As(err, &wrong) || wrong.Character == 0 {
			t.Errorf("%s: %v, want what is wrong with it, and where", phrase, err)
		}
	}
}

// TestFiguresOfOneOrTheOther: they are those of the one and those of the other.
func TestFiguresOfOneOrTheOther(t *testing.T) {
	w := newWorld(t)
	w.live()
	w.server.Handler()
	figures := func(phrase string) (all []string) {
		t.Helper()
		doc, err := w.server.docs.Figures(t.Context(), FiguresQuery{TraceQuery: index.TraceQuery{Phrase: phrase, Exact: true}})
		if err != nil || len(doc.Figures) == 0 {
			t.Fatalf("%s: no figures: %v", phrase, err)
		}
		for i := range doc.Figures {
			all = append(all, doc.Figures[i].URL+" "+doc.Figures[i].What)
		}
		return all
	}
	want := append(figures("places"), figures("detention")...)
	slices.Sort(want)
	want = slices.Compact(want)
	got := figures("places OR detention")
	if slices.Sort(got); !slices.Equal(slices.Compact(got), want) {
		t.Errorf("figures\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// versionsOf are versions of a page with one paragraph each under a heading.
func versionsOf(heading string, texts ...string) (out []*archive.Version) {
	for n, text := range texts {
		out = append(out, &archive.Version{ID: archive.Seq(n + 1), Lang: "en", Blocks: []archive.Block{{Kind: archive.Paragraph, Path: []string{heading}, Text: text}}})
	}
	return out
}

// followedIn are the figures beside a phrase in the versions of a page.
func followedIn(t *testing.T, match *phrase, history ...*archive.Version) []FigureSeries {
	t.Helper()
	m := newFigureMaker(diff.Figures)
	for _, v := range history {
		m.version(v)
	}
	r, ok := readFigureRecord(m.record())
	if !ok {
		t.Fatal("the record cannot be read")
	}
	return r.follow(match, len(history)).series(&FigureSeries{}, history)
}

// TestWhatStandsAgainCostsLittle: a page is read in all its versions, and what a version has
// in common with those before it hardly counts, or one long law would leave no room for others.
func TestWhatStandsAgainCostsLittle(t *testing.T) {
	w := newWorld(t)
	w.live()
	w.server.Handler()
	d := w.server.docs
	doc := &FiguresDocument{}
	pages, err := d.figurePages(t.Context(), FiguresQuery{TraceQuery: index.TraceQuery{Phrase: "places", Exact: true}}, doc)
	if err != nil {
		t.Fatal(err)
	}
	looked := false
	for _, p := range pages {
		history, err := d.Archive.History(t.Context(), p.Page)
		if err != nil {
			t.Fatal(err)
		}
		first, all := 0, 0
		for _, h := range history {
			if h.Gone {
				continue
			}
			v, err := d.Archive.Version(t.Context(), h.ID)
			if err != nil {
				t.Fatal(err)
			}
			if all == 0 {
				first = len(v.Blocks)
			}
			all += len(v.Blocks)
		}
		if len(history) < 2 {
			continue
		}
		looked = true
		found, err := d.pageFigures(t.Context(), p, nil, new([]byte))
		if err != nil {
			t.Fatal(err)
		}
		if found.blocks < first/2 || found.blocks >= all-first/2 {
			t.Errorf("%s: %d counted of %d blocks in %d versions, the first of %d", p.URL, found.blocks, all, len(history), first)
		}
	}
	if !looked {
		t.Error("no page has two versions")
	}
}

package index

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veille/archive"
)

// pagesOf writes pages of a phrase.
func pagesOf(t *PagesTraced) string {
	var b strings.Builder
	for _, p := range t.Pages {
		fmt.Fprintf(&b, "%d %s %s %s %q %t %d\n", p.Page, p.Source, p.URL, p.Lang, p.Title, p.Named, p.first)
	}
	return fmt.Sprintf("%s%t", b.String(), t.More)
}

// samePages holds the pages of queries against those of their traces, and tells of
// how many there are any.
func samePages(t *testing.T, x *Index, a *archive.Archive, queries []TraceQuery) (found int) {
	t.Helper()
	for _, q := range queries {
		got, err := x.TracedPages(t.Context(), a, q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		trace, err := x.Trace(t.Context(), a, q)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(pagesOf(trace.pages()), pagesOf(got)); diff != "" {
			t.Errorf("%+v: (-of the trace +found)\n%s", q, diff)
		}
		if len(got.Pages) > 0 {
			found++
		}
	}
	return found
}

// everyKind are phrases of some words: alone and side by side, with stars, near one
// another, one or the other; exact or not, in one language or all.
func everyKind(r *rand.Rand, words []string) (out []TraceQuery) {
	word := func() string { return words[r.IntN(len(words))] }
	star := func() string {
		w := []rune(word())
		for len(w) < 2 {
			w = []rune(word())
		}
		return string(w[:min(len(w), 2+r.IntN(3))]) + "*"
	}
	for n := range 120 {
		at := r.IntN(len(words) - 2)
		phrase := [...]string{word(), strings.Join(words[at:at+2], " "), strings.Join(words[at:at+3], " "), star(), star() + " " + word(), words[at] + " " + star(),
			fmt.Sprintf("%s NEAR/%d %s", word(), r.IntN(4), word()), word() + " OR " + words[at] + " " + words[at+1], `"` + word() + `"`, words[at] + "-" + words[at+1]}[n%10]
		q := TraceQuery{Phrase: phrase, Exact: r.IntN(4) == 0, All: r.IntN(3) == 0}
		if r.IntN(6) == 0 {
			q.Langs = []string{stemmed[r.IntN(len(stemmed))]}
		}
		out = append(out, q)
	}
	return out
}

// TestPagesOfATrace: whatever is written, and whatever is asked for, the pages on
// which a phrase ever stood are those of its trace.
func TestPagesOfATrace(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, t.TempDir()+"/index")
	r := rand.New(rand.NewPCG(4, 6))
	langs, found := []string{"en", "de", "fr", "nl"}, 0
	phrases := append([]TraceQuery{{Phrase: "closed centre"}, {Phrase: "centres fermés"}, {Phrase: "concept:return-hub", Exact: true}, {Phrase: "hub returnhub"}, {Phrase: "returns"}}, followedPhrases...)
	for step := range 60 {
		for range 1 + r.IntN(3) {
			n, on := r.IntN(9), day(5*step)
			text := fmt.Sprintf("Title: The hub, %d\n%s", step/7, sentences(r)+sentences(r))
			switch r.IntN(10) {
			case 0:
				text = "gone"
			case 1:
				on = day(r.IntN(5*step + 1)).Add(time.Hour + time.Duration(step)*time.Minute) // a moment of its own
			}
			publish(t, a, sources().Sources[n%5].ID, langs[n%4], fmt.Sprintf("https://example.org/%d", n), on, text)
		}
		syncIndex(t, x, a)
		words := exactWords(sentences(r) + sentences(r))
		queries := append(everyKind(r, words)[:40], phrases...)
		found += samePages(t, x, a, queries)
	}
	if found < 1000 {
		t.Errorf("%d queries found pages", found)
	}
}

// TestNamesThatHaveTheWords: where the words stand in another name only, the page has
// other names only.
func TestNamesThatHaveTheWords(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, t.TempDir()+"/index")
	publish(t, a, "be-office", "fr", "https://example.org/1", day(0), "Une mesure d'éloignement est prise.")
	publish(t, a, "be-office", "fr", "https://example.org/2", day(1), "Une mesure d'éloignement, ou un éloignement.")
	syncIndex(t, x, a)
	q := TraceQuery{Phrase: "éloignement"}
	got, err := x.TracedPages(t.Context(), a, q)
	if err != nil || len(got.Pages) != 2 || !got.Pages[0].Named || got.Pages[1].Named {
		t.Errorf("%+v, %v, want a page with a name only, and another", got, err)
	}
	samePages(t, x, a, []TraceQuery{q})
}

// TestPagesOfTracesOfLaws does that with two histories of laws.
func TestPagesOfTracesOfLaws(t *testing.T) {
	data := os.Getenv("VEILLE_DATA")
	if data == "" || testing.Short() {
		t.Skip("VEILLE_DATA is not set, or short")
	}
	a := openArchive(t)
	var words []string
	for _, set := range []string{"be-fr-constitution", "fr-ceseda"} {
		files, err := filepath.Glob(filepath.Join(data, set, "versions", "*.md"))
		if err != nil || len(files) == 0 {
			t.Skipf("%s: no versions", set)
		}
		for _, f := range files[:min(len(files), 6)] {
			on, err := time.Parse(time.DateOnly, strings.TrimSuffix(filepath.Base(f), ".md"))
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			publish(t, a, "be-office", "fr", "https://example.org/"+set, on, string(text))
			for _, b := range blocks(string(text)) {
				words = append(words, exactWords(b.Text)...)
			}
		}
	}
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	syncIndex(t, x, a)
	if found := samePages(t, x, a, everyKind(rand.New(rand.NewPCG(2, 7)), words)); found < 60 {
		t.Errorf("%d queries found pages", found)
	}
}

// TestPagesOfEverything: what stands in more places than a trace has is told of all
// pages where the index tells it. Where texts must be read for it, those are
// bounded, and the answer says so.
func TestPagesOfEverything(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, t.TempDir()+"/index")
	for i := range 3 {
		publish(t, a, "eu-press", "en", fmt.Sprintf("https://press.example/%d", i), day(i), strings.Repeat("hub and ", maxLines/2+1))
	}
	syncIndex(t, x, a)
	q := TraceQuery{Phrase: "hub", Exact: true}
	for range 2 { // whether a trace is kept or not
		if got, err := x.TracedPages(t.Context(), a, q); err != nil || got.More || len(got.Pages) != 3 {
			t.Errorf("hub: %+v, %v, want 3 pages", got, err)
		}
		if trace, err := x.Trace(t.Context(), a, q); err != nil || !trace.More {
			t.Fatalf("the trace has all of it: %v", err)
		}
	}
	s, err := x.use(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.release()
	q.Phrase = "hub NEAR/1 hub"
	keys, _, err := x.keysOf(t.Context(), s, &q)
	if err != nil {
		t.Fatal(err)
	}
	f := &pageFinder{tracer: newTracer(s, &q, keys), most: 2}
	if err := f.collect(t.Context(), keys, x.toLookAt(t.Context(), s, &q)); err != nil {
		t.Fatal(err)
	}
	if got, err := f.pages(t.Context()); err != nil || !got.More || len(got.Pages) != 2 || got.Pages[0].URL != "https://press.example/0" {
		t.Errorf("two texts may be read: %+v, %v, want the two oldest pages, and more", got, err)
	}
}

// TestAStemBeginsAsItsWord: what the index knows of stems is enough to say that an
// inflection stands there, which begins with the letter of the word.
func TestAStemBeginsAsItsWord(t *testing.T) {
	for _, lang := range stemmed {
		for first := 'a'; first <= 'z'; first++ {
			for _, rest := range []string{"", "e", "en", "aeen", "ies", "ying", "uees", "eus", "ijen", "ooten", "oeren", "äste", "éees", "sses", "yyen", "hten", "llement", "geopen"} {
				word := exactWords(string(first) + rest)[0]
				if stem := languages()[lang].stem(word); stem != "" && stem[0] != word[0] {
					t.Errorf("%s: %s has the stem %s", lang, word, stem)
				}
			}
		}
	}
}

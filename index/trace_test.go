package index

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/archive"
	"veille/thesaurus"
)

// story writes a trace: for each page its lines with their times in days.
func story(t *Trace) string {
	var b strings.Builder
	when := func(i archive.Interval) string {
		n := func(t time.Time) string {
			if t.IsZero() {
				return "?"
			}
			return fmt.Sprint(int(t.Sub(t0).Hours() / 24))
		}
		return "(" + n(i.After) + "," + n(i.By) + "]"
	}
	for _, p := range t.Pages {
		fmt.Fprintf(&b, "%s %s\n", p.Lang, p.URL)
		for _, s := range p.Spans {
			gone := "stands"
			if s.Gone != nil {
				gone = when(*s.Gone)
			}
			fmt.Fprintf(&b, "  %s %s %dv: %s[%s]%s\n", when(s.FirstSeen), gone, s.Versions, s.Left, s.Key, s.Right)
		}
	}
	return b.String()
}

// tracing publishes the history of one phrase.
func tracing(t *testing.T) (*Index, *archive.Archive) {
	t.Helper()
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	en, fr := "https://example.org/en", "https://example.org/fr"
	publish(t, a, "be-office", "en", en, day(0), "# Return\nReturn is voluntary.")
	publish(t, a, "be-office", "fr", fr, day(1), "# Retour\nUn hub de retour est créé.")
	publish(t, a, "be-office", "en", en, day(2), "# Return\nReturn is voluntary.\n## Hubs\nA return hub may be set up in a third country.")
	publish(t, a, "be-office", "en", en, day(4), "# Return\nReturn is possible.\n## Hubs\nA return hub may be set up in a third country.\n- Staff")
	publish(t, a, "be-office", "en", en, day(6), "# Return\n## Places\nA return hub may be set up in a third country.\n- Staff")
	publish(t, a, "be-office", "en", en, day(8), "# Return\n## Places\nA Return-Hub shall be set up in a third country.\n- Staff")
	publish(t, a, "be-office", "en", en, day(10), "# Return\n## Places\nA centre shall be set up in a third country.\n- Staff")
	publish(t, a, "be-office", "en", en, day(12), "# Return\n## Places\nA return hub may be set up in a third country.\n- Staff")
	publish(t, a, "be-office", "fr", fr, day(13), "gone")
	syncIndex(t, x, a)
	return x, a
}

func TestTrace(t *testing.T) {
	x, a := tracing(t)
	tests := []struct {
		name, want string
		q          TraceQuery
	}{
		{"a concept, in every language", `fr https://example.org/fr
  (?,1] (1,13] 1v: Un [hub de retour] est créé.
en https://example.org/en
  (0,2] (6,8] 3v: A [return hub] may be set up in a third country.
  (6,8] (8,10] 1v: A [Return-Hub] shall be set up in a third country.
  (10,12] stands 1v: A [return hub] may be set up in a third country.
`, TraceQuery{Phrase: "return hub"}},
		{"one language", `fr https://example.org/fr
  (?,1] (1,13] 1v: Un [hub de retour] est créé.
`, TraceQuery{Phrase: "return hub", Langs: []string{"fr"}}},
		{"the words as they are", `en https://example.org/en
  (?,0] (2,4] 2v: Return is [voluntary].
`, TraceQuery{Phrase: "voluntary", Exact: true}},
		{"a pattern", `en https://example.org/en
  (0,2] (6,8] 3v: A return hub may [be set up] in a third country.
  (6,8] (8,10] 1v: A Return-Hub shall [be set up] in a third country.
  (8,10] (10,12] 1v: A centre shall [be set up] in a third country.
  (10,12] stands 1v: A return hub may [be set up] in a third country.
`, TraceQuery{Phrase: "be se* up"}},
		{"what never stood", "", TraceQuery{Phrase: "return return"}},
		{"another source", "", TraceQuery{Phrase: "return hub", Sources: []string{"be-court"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := x.Trace(t.Context(), a, test.q)
			if err != nil {
				t.Fatal(err)
			}
			if story(got) != test.want {
				t.Errorf("got\n%s\nwant\n%s", story(got), test.want)
			}
		})
	}
	got, err := x.Trace(t.Context(), a, TraceQuery{Phrase: "return hub", Langs: []string{"en"}})
	if err != nil {
		t.Fatal(err)
	}
	stands := got.Pages[0].Stands()
	if len(stands) != 2 || stands[0].Gone == nil || !stands[0].Gone.By.Equal(day(10)) ||
		stands[1].Gone != nil || stands[1].FirstSeen.By.After(day(20)) {
		t.Errorf("it stood %+v", stands)
	}
}

func TestTraceOfWrongPhrases(t *testing.T) {
	x, a := tracing(t)
	for phrase, pos := range map[string]int{"": 0, "…": 0, "return *": 7, "*": 0, "a*": 1, strings.Repeat("a b ", 2000): 4096, strings.Repeat("a b ", 40): 0} {
		_, err := x.Trace(t.Context(), a, TraceQuery{Phrase: phrase})
		var qe *QueryError
		if !errors.As(err, &qe) || qe.Pos != pos {
			t.Errorf("%.20q: %v, want an error at %d", phrase, err, pos)
		}
	}
}

// TestTraceTakesNothingElse: what only searches understand is told with its
// character, counted in characters; what stands in quotation marks, and
// parentheses around words, are traced as they stand.
func TestTraceTakesNothingElse(t *testing.T) {
	x, a := tracing(t)
	for phrase, want := range map[string]string{
		"(a": "1 open", "é a)": "4 close", "é (hub OR centre)": "3 trace-group", "return AND hub": "8 trace-operator", "é -hub": "3 trace-operator",
		"hub NOT centre": "5 trace-operator", "hub~": "4 trace-operator", "é lang:fr": "3 trace-field", "hub NEAR country": "5 near-number", "é \"hub": "3 quote",
		"hub concept:return-hub": "5 trace-concept", "é *": "3 star-beside",
	} {
		_, err := x.Trace(t.Context(), a, TraceQuery{Phrase: phrase})
		var qe *QueryError
		if !errors.As(err, &qe) || fmt.Sprint(qe.Character, " ", qe.Code) != want {
			t.Errorf("%q: %v, want %s", phrase, err, want)
		}
	}
	for phrase, words := range map[string]string{"(a) the hub": "a the hub", "2025/0059(COD)": "2025 0059 cod", `"return OR hub"`: "return or hub", `"a) -hub AND lang:fr"`: "a hub and lang fr",
		"https://example.org/x": "https example org x", "art. 8 - hub": "art 8 hub"} {
		keys, err := parseKeys(phrase)
		if err != nil || len(keys) != 1 || strings.Join(keys[0].words(), " ") != words {
			t.Errorf("%q: %v, %v", phrase, keys, err)
		}
	}
}

func FuzzTrace(f *testing.F) {
	f.Add("return hub")
	f.Add("cen* fermé*")
	f.Add("return NEAR/3 hub OR terugkeer*ub")
	f.Add("1 145 «x» *")
	f.Fuzz(func(t *testing.T, phrase string) {
		keys, err := parseKeys(phrase)
		if err != nil {
			if err.Pos < 0 || err.Pos > len(phrase) {
				t.Fatalf("error at %d of %d", err.Pos, len(phrase))
			}
			return
		}
		r := &tokenReader{tokens: thesaurus.Words(phrase), stems: stemmer{}}
		if n, same := r.at(keys[0], 0); (n == 0 || !same) && !strings.ContainsAny(phrase, "*/") && len(keys) == 1 {
			t.Fatalf("%q is not in itself", phrase)
		}
	})
}

// TestTraceOfLaws holds the first and last appearance of fifty phrases in two
// histories against a scan of the texts.
func TestTraceOfLaws(t *testing.T) {
	data := os.Getenv("VEILLE_DATA")
	if data == "" {
		t.Skip("VEILLE_DATA is not set: no histories of laws")
	}
	if testing.Short() {
		t.Skip("short")
	}
	a := openArchive(t)
	type state struct {
		on    time.Time
		words []string // of each block, spaced
	}
	laws := map[string][]state{}
	for i, set := range []string{"be-fr-constitution", "fr-ceseda"} {
		files, err := filepath.Glob(filepath.Join(data, set, "versions", "*.md"))
		if err != nil || len(files) == 0 {
			t.Skipf("%s: no versions", set)
		}
		url := "https://example.org/" + set
		if i == 1 {
			files = files[:12]
		}
		for _, f := range files {
			on, err := time.Parse(time.DateOnly, strings.TrimSuffix(filepath.Base(f), ".md"))
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			publish(t, a, "be-office", "fr", url, on, string(text))
			s := state{on: on}
			for _, b := range blocks(string(text)) {
				s.words = append(s.words, " "+strings.Join(exactWords(b.Text), " ")+" ")
			}
			laws[url] = append(laws[url], s)
		}
	}
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	syncIndex(t, x, a)
	phrases := []string{"chambres", "la Nation", "le Roi", "la loi règle", "Parlement flamand", "Conseil de la Communauté", "sénateurs", "Sénat", "mariage", "peine de mort",
		"bien-être des animaux", "droits de l'homme", "Parlement", "Conseil flamand", "Régions", "provinces", "communes", "Cour de cassation", "Cour constitutionnelle", "Cour d'arbitrage",
		"liberté", "étrangers", "étranger", "asile", "rétention", "obligation de quitter le territoire", "trente jours", "délai de départ volontaire", "éloignement", "Office français de protection",
		"protection subsidiaire", "carte de séjour temporaire", "dix-huit mois", "quarante-huit heures", "mineur", "autorité administrative", "recours", "procureur de la République", "langue", "regroupement familial",
		"suffrage universel", "Ministres", "électeurs", "quarante ans", "dissolution", "transparence", "enfant", "handicap", "développement durable", "Union européenne"}
	right := 0
	for _, phrase := range phrases {
		got, err := x.Trace(t.Context(), a, TraceQuery{Phrase: phrase, Exact: true, All: true})
		if err != nil {
			t.Fatal(err)
		}
		key := " " + strings.Join(exactWords(phrase), " ") + " "
		ok := true
		for url, states := range laws {
			var first, last time.Time
			for i, s := range states {
				if slices.ContainsFunc(s.words, func(b string) bool { return strings.Contains(b, key) }) {
					if first.IsZero() {
						first = s.on
					}
					last = time.Time{}
				} else if i > 0 && !first.IsZero() && last.IsZero() {
					last = s.on
				}
			}
			var from, gone time.Time
			for _, p := range got.Pages {
				if p.URL == url {
					stands := p.Stands()
					from = stands[0].FirstSeen.By
					if g := stands[len(stands)-1].Gone; g != nil {
						gone = g.By
					}
				}
			}
			if !from.Equal(first) || !gone.Equal(last) {
				ok = false
				t.Errorf("%s in %s: traced from %s to %s, the files have it from %s to %s", phrase, url, from, gone, first, last)
			}
		}
		if ok {
			right++
		}
	}
	t.Logf("%d of %d phrases", right, len(phrases))
}

// TestTraceOfEverything stops at a bound, and says so.
func TestTraceOfEverything(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	for i := range 3 {
		publish(t, a, "eu-press", "en", fmt.Sprintf("https://press.example/%d", i), day(i), strings.Repeat("hub and ", maxLines/2+1))
	}
	syncIndex(t, x, a)
	for phrase, more := range map[string]bool{"hub": true, "hub OR and": true, "press": false} {
		got, err := x.Trace(t.Context(), a, TraceQuery{Phrase: phrase, Exact: true})
		if err != nil || got.More != more || more && len(got.Pages) == 0 {
			t.Errorf("%s: more: %v, %d pages, %v", phrase, got.More, len(got.Pages), err)
		}
	}
}

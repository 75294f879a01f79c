package thesaurus

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func load(t testing.TB) *Thesaurus {
	t.Helper()
	th, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return th
}

func TestLoad(t *testing.T) {
	th := load(t)
	if n := len(th.All()); n < 105 {
		t.Errorf("%d concepts, want at least 105", n)
	}
	for _, c := range th.All() {
		if th.Concept(c.ID) != c {
			t.Errorf("%s is not found by its id", c.ID)
		}
		if len(c.Names()) < 1 {
			t.Errorf("%s has no name that a search can be widened to", c.ID)
		}
		for _, lang := range Languages { // an ambiguous name does not find its concept alone
			for _, name := range c.Names() {
				if len(th.Lookup(name)) == 0 {
					t.Errorf("%s (%s): %q does not look it up", c.ID, lang, name)
				}
			}
		}
	}
}

func TestMistakesAreAllReported(t *testing.T) {
	_, err := parse([]byte(`concepts:
  - {id: a, en: [x], fr: [x], nl: [x], de: [x], broader: [nobody]}
  - {id: a, en: [y], fr: [y], nl: [y], de: [y]}
  - {id: B!, en: [y], fr: [y], nl: [y], de: [y]}
  - {id: c, en: [y], fr: [y], nl: [y]}
  - {id: d, en: [y, Y], fr: [y], nl: [y], de: [y]}
  - {id: e, en: [y], fr: [y], nl: [y], de: [y], everyday: {en: [z]}, near: [w]}
  - {id: f, en: [y], fr: [y], nl: [y], de: [y], everyday: {en: [y]}}
  - {id: g, en: [y], fr: [y], nl: [y], de: [y], abbr: {it: [Y]}}
`))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`"nobody"`, "used twice", "small letters", `no name in "de"`, "said twice",
		"not among its", "go together", `no language "it"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %s:\n%v", want, err)
		}
	}
	if _, err := parse([]byte("concepts:\n  - {id: a, name: b}\n")); err == nil {
		t.Error("an unknown key is accepted")
	}
}

func TestLookup(t *testing.T) {
	th := load(t)
	for phrase, want := range map[string]string{
		"return hub":                              "return-hub",
		"  RETURN   hubs ":                        "return-hub",
		"Terugkeerhub":                            "return-hub",
		"plateformes de retour":                   "return-hub",
		"ruckkehrzentrum":                         "return-hub",
		"closed center":                           "closed-centre",
		"interdiction d’entrée":                   "entry-ban",
		"interdiction d'entree":                   "entry-ban",
		"niet begeleide minderjarige vreemdeling": "unaccompanied-minor",
		"DVZ":        "immigration-office",
		"dvz":        "",
		"retour":     "", // an everyday word
		"return":     "",
		"terugkeer":  "return",
		"hub return": "",
		"":           "",
	} {
		var got []string
		for _, c := range th.Lookup(phrase) {
			got = append(got, c.ID)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("Lookup(%q) = %q, want %q", phrase, s, want)
		}
	}
}

func TestLookupInContext(t *testing.T) {
	th := load(t)
	for _, c := range []struct {
		phrase, beside string
		want           int
	}{
		{"retour", "", 0},
		{"retour", "colis gratuit", 0},
		{"retour", "des étrangers en séjour irrégulier", 1},
		{"return", "of an Ausländer", 1},
		{"return hub", "", 1},
	} {
		if got := th.LookupIn(c.phrase, c.beside); len(got) != c.want {
			t.Errorf("%s beside %q: %d concepts, want %d", c.phrase, c.beside, len(got), c.want)
		}
	}
}

func TestFind(t *testing.T) {
	th := load(t)
	for _, c := range []struct{ lang, text, want string }{
		{"en", "The return hubs and a Closed-Centre.", "return-hub:return hubs closed-centre:Closed-Centre"},
		{"fr", "L’INTERDICTION D’ENTRÉE est levée", "entry-ban:INTERDICTION D’ENTRÉE"},
		{"fr", "l'interdiction d'entre\u0301e", "entry-ban:interdiction d'entre\u0301e"},
		{"nl", "vrijwillige terugkeer, geen terugkeer", "voluntary-return:vrijwillige terugkeer return:terugkeer"},
		{"de", "Das Rueckkehrzentrum nicht, das Rückkehr\u00adzentrum ja", "return-hub:Rückkehr\u00adzentrum"},
		{"fr", "la loi et le LOI", ""}, // LOI is a Dutch abbreviation
		{"nl", "een LOI in de gemeente", "local-reception-initiative:LOI"},
		{"nl", "een loi", ""},
		{"en", "The MENA region", ""},
		{"fr", "un MENA arrive", "unaccompanied-minor:MENA"},
		{"en", "Please return the book.", ""},
		{"en", "The return of a third-country national", "return:return third-country-national:third-country national"},
		{"en", "a return of aliens in illegal stay", "return:return third-country-national:aliens irregular-stay:illegal stay"},
		{"it", "un return hub in Albania", "return-hub:return hub"},
		{"en", "return hub", "return-hub:return hub"},
		{"en", "return", ""},
		{"en", "", ""},
		{"en", "\xff\xfereturn hub\xc3", "return-hub:return hub"},
	} {
		var got []string
		for _, m := range th.Find(c.text, c.lang) {
			got = append(got, m.Concept.ID+":"+c.text[m.Start:m.End])
		}
		if d := cmp.Diff(c.want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s %q (-want +got):\n%s", c.lang, c.text, d)
		}
	}
}

func TestNamesLeaveOutEverydayWords(t *testing.T) {
	names := load(t).Concept("reception").Names()
	for _, n := range names {
		if n == "accueil" || n == "reception" {
			t.Errorf("%q is an everyday word", n)
		}
	}
	hub := load(t).Concept("return-hub").Names()
	if d := cmp.Diff([]string{"return hub", "plateforme de retour", "terugkeerhub", "Rückkehrzentrum"}, hub[:4]); d != "" {
		t.Errorf("preferred names first:\n%s", d)
	}
}

func TestTopics(t *testing.T) {
	th := load(t)
	seen := map[string]bool{}
	for _, topic := range th.Topics() {
		if seen[topic.ID] {
			t.Errorf("topic %s is listed twice", topic.ID)
		}
		seen[topic.ID] = true
		for _, lang := range Languages {
			if topic.Labels[lang] == "" {
				t.Errorf("topic %s has no label in %s", topic.ID, lang)
			}
		}
		for _, id := range topic.Concepts {
			if th.Concept(id) == nil {
				t.Errorf("topic %s is about %s, which is no concept", topic.ID, id)
			}
		}
	}
	if topic, ok := th.Topic("closed-centres"); !ok || topic.Label("nl") != "Gesloten centra" || topic.Label("it") != "Closed centres" {
		t.Errorf("closed-centres: %v", topic)
	}
	for id := range about {
		if !seen[id] {
			t.Errorf("concepts are listed for a topic %s that there is not", id)
		}
	}
	if topic, _ := th.Topic("return-hubs"); len(topic.Concepts) == 0 || topic.Concepts[0] != "return-hub" {
		t.Errorf("return-hubs is about %v", topic.Concepts)
	}
	if _, ok := th.Topic("nothing"); ok {
		t.Error("there is a topic nothing")
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"L’accueil d'Œuvres":                     "l accueil d oeuvres",
		"re-integratie 74/14":                    "re integratie 74 14",
		"1 145, 1.145 et 1,145":                  "1145 1145 et 1145",
		"1\u202f145\u00a0€":                      "1145",
		"12.345.678 and 2024.145, 1.14, 1.145.2": "12345678 and 2024 145 1 14 1145 2",
		"1 145.300":                              "1145 300",
		"0 145":                                  "0 145",
		"9bis COM(2025)":                         "9bis com 2025",
		"Straße Ελλάδα":                          "strasse ελλάδα",
		"a\xffb":                                 "a b",
		"in\u00adternatio":                       "internatio",
	} {
		var got []string
		for _, w := range Words(text) {
			got = append(got, w.Text)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("Words(%q) = %q, want %q", text, s, want)
		}
	}
}

// TestFindOnLongTexts feeds texts that would take for ever if names were tried
// again and again from the start.
func TestFindOnLongTexts(t *testing.T) {
	th := load(t)
	th.Find(strings.Repeat("wet van 15 december 1980 betreffende de toegang tot het ", 20_000), "nl")
	th.Find(strings.Repeat("1.000.", 200_000), "fr")
}

func FuzzFind(f *testing.F) {
	th := load(f)
	f.Add("The return hubs of third-country nationals", "en")
	f.Add("d’éloignement 1.145 \u00ad\u200b LOI's", "fr")
	f.Fuzz(func(t *testing.T, text, lang string) {
		end := 0
		for _, w := range Words(text) {
			if w.Start < end || w.End <= w.Start || w.End > len(text) {
				t.Fatalf("word %v of %q", w, text)
			}
			end = w.End
		}
		start := 0
		for _, m := range th.Find(text, lang) {
			if m.Concept == nil || m.Start < start || m.End <= m.Start || m.End > len(text) {
				t.Fatalf("match %v of %q", m, text)
			}
			start = m.Start
			if len(th.Lookup(text[m.Start:m.End])) == 0 && len(m.Concept.Everyday) == 0 && len(m.Concept.Abbr) == 0 {
				t.Fatalf("%q is found but not looked up", text[m.Start:m.End])
			}
		}
		th.Lookup(text)
	})
}

func BenchmarkFind(b *testing.B) {
	th := load(b)
	text := strings.Repeat("The person concerned is ordered to leave the territory within 30 days and may be held in a closed centre. ", 100)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		th.Find(text, "en")
	}
}

package index

import (
	"slices"
	"testing"

	"veille/thesaurus"
)

// No query touches a text that has none of its keys.
func TestKeysFindWhatTouches(t *testing.T) {
	terms, err := thesaurus.Load()
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{"", "The closed centres have 751 places.", "Le centre fermé compte 815 places et un hub de retour.", "De gesloten centra; terugkeerhub", "shall be returned without delay",
		"Directive 2008/115/EC", "1 145 places", "an appeal against the removal order", "nothing of it",
		"Die Rückkehrentscheidung setzt eine Frist.", "Een terugkeerhub ligt elders; het terugkeerbeleid"}
	touched, spared := 0, 0
	for _, q := range []string{"places", "place", "closed centre", `"closed centres"`, `"return hub" OR appeal`, "centr*", "appeel~", "closed NEAR/3 places", "-appeal", "lang:fr", "title:centre",
		"1145", "Directive 2008/115", "the", "the order", "terugkeerhub", "added:appeal", "weight:>=4", "remov", "weight:4 OR places", "places (lang:fr OR appeal)", "(NOT appeal) places", "entscheidung", "hub", "beleid", "rückkehrentscheidung", "terugkeerbeleid"} {
		m, err := Compile(q, terms)
		if err != nil {
			continue // this language does not know it
		}
		for _, lang := range []string{"en", "fr", "nl", "de", ""} {
			keys, every := m.Keys(lang)
			for _, text := range texts {
				has := map[string]bool{}
				new(Lexicon).Text(lang, text).AddKeys(has)
				may := every || slices.ContainsFunc(keys, func(k string) bool { return has[k] })
				switch touches := m.Touches(lang, text); {
				case touches && !may:
					t.Errorf("%s touches %q in %q, which has none of %q", q, text, lang, keys)
				case touches:
					touched++
				case !may:
					spared++
				}
			}
		}
	}
	if touched < 100 || spared < 100 {
		t.Errorf("%d touched, %d spared: the test shows nothing", touched, spared)
	}
}

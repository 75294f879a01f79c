package extract

import "testing"

// TestHyphens: a hyphen at the end of a line goes, unless it is the word's own.
func TestHyphens(t *testing.T) {
	tests := []struct{ lang, text, line, want string }{
		{"en", "the deci-", "sion of", "the decision of"},
		{"en", "of non-", "refoulement", "of non-refoulement"},
		{"en", "a third-", "country national", "a third-country national"},
		{"en", "the EU-", "Turkey statement", "the EU-Turkey statement"},
		{"fr", "ceux-", "ci sont", "ceux-ci sont"},
		{"fr", "vis-à-", "vis de", "vis-à-vis de"},
		{"fr", "l'inter-", "prète", "l'interprète"},
		{"fr", "peut-", "être", "peut-être"},
		{"nl", "de niet-", "begeleide minderjarige", "de niet-begeleide minderjarige"},
		{"nl", "terugkeer- en", "opvang", "terugkeer- en opvang"},
		{"nl", "de terugkeer-", "en opvangcentra", "de terugkeer- en opvangcentra"},
		{"nl", "de vreemde-", "ling", "de vreemdeling"},
		{"de", "die Aus-", "und Weiterbildung", "die Aus- und Weiterbildung"},
		{"de", "das Aufenthalts-", "gesetz", "das Aufenthaltsgesetz"},
		{"de", "EU-", "Richtlinie", "EU-Richtlinie"},
		{"de", "Personen, die ex-", "istieren", "Personen, die existieren"},
		{"en", "pages 3-", "12", "pages 3-12"},
	}
	for _, test := range tests {
		j := joiner{lang: test.lang}
		if got := j.join(test.text, test.line); got != test.want {
			t.Errorf("%s: %q and %q give %q, want %q", test.lang, test.text, test.line, got, test.want)
		}
	}
}

package server

import (
	"strings"
	"testing"

	"veille/digest"
	"veille/redline"
	"veille/source"
)

// TestSensesHaveOneName: a redline that is written as a page of its own calls a sense
// what the web pages call it, in each language, and none by its code.
func TestSensesHaveOneName(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	for lang, words := range tongues {
		labels := redline.LabelsIn(lang)
		for _, code := range senses {
			if want := words.Of("sense", code); labels.Sense(code) != want || labels.Senses[code] == "" {
				t.Errorf("%s: %s is called %q in a redline and %q on the pages", lang, code, labels.Sense(code), want)
			}
		}
	}
}

// TestPlacesHaveOneName: mails call a country or body what the pages call it.
func TestPlacesHaveOneName(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	mails, n := &digest.Digester{Sources: &source.List{}}, 0
	for lang, words := range tongues {
		for key, name := range words.words {
			code, ok := strings.CutPrefix(key, "place.")
			if !ok {
				continue
			}
			n++
			lines, err := mails.Describe(&digest.Subscription{Filter: digest.Filter{Jurisdictions: []string{code}}}, lang)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(lines[0], " "+name) {
				t.Errorf("%s: %s is %q on the pages and stands in mails as %q", lang, code, name, lines[0])
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d names of places", n)
	}
}

// TestTheFirstOfAMonth is the 1er in French, and no other day is.
func TestTheFirstOfAMonth(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]string{"2026-03-01": "1er mars 2026", "2026-03-11": "11 mars 2026"} {
		if got := tongues["fr"].Date(day); got != want {
			t.Errorf("%s is %q", day, got)
		}
	}
	if got := tongues["de"].Date("2026-03-01"); got != "1. März 2026" {
		t.Errorf("in German it is %q", got)
	}
}

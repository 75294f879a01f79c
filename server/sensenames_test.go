package server

import (
	"testing"

	"veille/redline"
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

package server

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRuns: the text is whole, and its citations lead to the publisher in the
// language of the page.
func TestRuns(t *testing.T) {
	text := "Richtlijn 2008/115/EG (RvS 11 september 2019, nr. 245.404) <b>"
	got := runs(text, "nl")
	want := []run{
		{"Richtlijn 2008/115/EG", "https://eur-lex.europa.eu/legal-content/NL/TXT/?uri=CELEX:32008L0115", "32008L0115"},
		{Text: " (RvS 11 september 2019, nr. "},
		{"245.404", "https://www.raadvst-consetat.be/arr.php?nr=245404&l=nl", "RvS 245404"},
		{Text: ") <b>"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	var whole strings.Builder
	for _, r := range got {
		whole.WriteString(r.Text)
	}
	if whole.String() != text {
		t.Errorf("runs make %q", whole.String())
	}
	if got := runs("", "nl"); len(got) != 0 {
		t.Errorf("runs of nothing: %v", got)
	}
}

func TestCites(t *testing.T) {
	got := Cites("COM(2025) 101 final", "fr")
	want := []CiteDocument{{Kind: "com", ID: "COM(2025) 101", Same: []string{"52025PC0101", "52025DC0101"}, Text: "COM(2025) 101 final",
		Link: "https://eur-lex.europa.eu/legal-content/FR/TXT/?uri=COM:2025:101:FIN"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

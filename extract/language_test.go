package extract

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"veille/archive"
)

// TestBlockLanguages: a report that changes its language by the paragraph.
func TestBlockLanguages(t *testing.T) {
	block := func(text string) archive.Block {
		return archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: text}
	}
	v := &archive.Version{Lang: "nl", Blocks: []archive.Block{
		block("De minister antwoordt dat het centrum van de dienst niet voor gezinnen met kinderen wordt gebruikt."),
		block("Ja."),
		block("La députée demande si les familles qui sont dans le centre peuvent en sortir pour une promenade et dans quel délai."),
		block("(Applaudissements)"),
		block("Elle rappelle que le tribunal a jugé que la mesure n'est pas conforme à la loi, et que les droits de la défense sont en jeu."),
		block("C-562/13"),
	}}
	want := []string{"nl", "nl", "fr", "fr", "fr", "nl"}
	if diff := cmp.Diff(want, BlockLanguages(v)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestLanguageMismatch: an address declared English that serves French is
// read, and the operator is told.
func TestLanguageMismatch(t *testing.T) {
	french := htmlPage(strings.Repeat("Les mesures de la loi sont entrées en vigueur pour les personnes qui ont une protection dans un autre État. ", 8))
	text := read(t, &archive.Capture{Status: 200, Lang: "en", Body: []byte(french)}, nil)
	if text.Class != archive.Content || text.Version.Lang != "fr" || !strings.Contains(text.Reason, "declared to be in language en, but the text is in fr") {
		t.Errorf("%s in %s: %q", text.Class, text.Version.Lang, text.Reason)
	}
	if text := read(t, &archive.Capture{Status: 200, Lang: "fr", Body: []byte(french)}, nil); text.Reason != "" {
		t.Errorf("in its own language: %q", text.Reason)
	}
}

func TestInForce(t *testing.T) {
	for text, want := range map[string]string{
		"Entrée en vigueur : 12-06-2026": "2026-06-12", "Inwerkingtreding: 12 juni 2026": "2026-06-12", "Date of entry into force: 12 June 2026": "2026-06-12",
		"In Kraft getreten am 12. Juni 2026": "2026-06-12", "In force since 2026-06-12": "2026-06-12", "En vigueur depuis le 1er juillet 2026": "2026-07-01",
		"Published on 3 March 2026": "", "The law enters into force when the King says so.": "",
	} {
		if got := InForce(&archive.Version{Blocks: []archive.Block{{Text: "Title"}, {Text: text}}}); got != want {
			t.Errorf("InForce(%q) = %q, want %q", text, got, want)
		}
	}
}

package index

import (
	"strings"
	"testing"
)

// TestPastedNumbers: what an officer pastes is understood as a whole, the address
// of a publisher's page too, and leaves no words beside it to be looked for.
func TestPastedNumbers(t *testing.T) {
	const directive = "32008L0115"
	for q, want := range map[string]string{
		"celex:32008L0115": directive, "CELEX:32008L0115 hub": directive + " hub",
		"https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:32008L0115":                        directive,
		"https://eur-lex.europa.eu/legal-content/FR/TXT/HTML/?uri=CELEX%3A32008L0115&qid=1 rétention": directive + " rétention",
		"https://example.org/page": "https://example.org/page", "C-758/24 PPU": "C-758/24", "2025/0059 (COD)": "2025/0059(COD)",
		"NUMAC 2024002345": "2024002345", "CCE n° 269 083": "RvV 269083", "COM(2025)101 final": "COM(2025) 101",
		"C 758/24": "C-758/24", "c-758/24": "C-758/24", " zaak C 758/24 ": "C-758/24", "t 12/23 p": "T-12/23 P", "vitamin C 758/24": "vitamin C 758/24",
		"arrest nr. 269 083": "RvV 269083", "Arrêt n° 269.083": "RvV 269083", "arrêt 22/2025": "ECLI:BE:GHCC:2025:ARR.022", "arrest 12": "arrest 12", "arrest nr. 269 083 Merksplas": "arrest nr. 269 083 Merksplas",
	} {
		lexemes, err := lex(q)
		if err != nil {
			t.Errorf("%s: %v", q, err)
			continue
		}
		var got []string
		for _, l := range lexemes[:len(lexemes)-1] {
			if got = append(got, l.text); l.cite != nil {
				got[len(got)-1] = l.cite.ID
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", q, got, want)
		}
	}
}

package index

import (
	"strings"
	"testing"

	"veille/thesaurus"
)

func TestCompounds(t *testing.T) {
	for _, c := range []struct{ lang, word, want string }{
		{"nl", "terugkeerbeleid", "terugkeer beleid"},
		{"nl", "verblijfsrecht", "verblijf recht"},
		{"nl", "vreemdelingenbewaring", "vreemdeling bewaring"},
		{"nl", "asielaanvragen", "asiel aanvragen"},
		{"nl", "opvangcentrum", "opvang centrum"},
		{"nl", "terugkeer", ""},
		{"nl", "beleid", ""},
		{"nl", "toestand", ""},
		{"de", "Rückkehrentscheidungen", "Rückkehr Entscheidung"},
		{"de", "Abschiebungshaft", "Abschiebung Haft"},
		{"de", "Rueckkehrzentrum", "Rückkehr Zentrum"},
		{"de", "Aufenthaltserlaubnis", "Aufenthalt Erlaubnis"},
		{"de", "Ausreisefrist", "Ausreise Frist"},
		{"de", "Rechtsschutz", "Recht Schutz"},
		{"de", "Verordnung", ""},
		{"en", "detention", ""},
	} {
		var want []string
		for _, w := range strings.Fields(c.want) {
			want = append(want, languages()[c.lang].stem(plainUmlauts(c.lang, thesaurus.Fold(w))))
		}
		got := splitters()[c.lang].parts(thesaurus.Fold(c.word))
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %q, want %q", c.word, got, want)
		}
	}
}

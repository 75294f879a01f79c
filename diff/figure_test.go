package diff

import (
	"fmt"
	"strings"
	"testing"
)

func TestFigures(t *testing.T) {
	for _, x := range []struct{ lang, text, want string }{
		{"en", "The five closed centres offer 1,145 places.", "amount 5 centres [The … offer 1,145 places.], amount 1145 places [The five closed centres offer ….]"},
		{"fr", "Le recours est introduit dans les trente jours. La capacité est de 36.077 places.", "period 30 day [Le recours est introduit dans les ….], amount 36077 places [La capacité est de ….]"},
		{"nl", "Een dwangsom van 250 euro per dag sinds 1 maart 2026.", "amount 250 euro, date 2026-03-01"},
		{"de", "Die Frist beträgt 30, 10 oder 5 Tage (§ 12a).", "period 30, 10, 5 day"},
		{"en", "See Article 74/6, paragraph 3, at 14:05 on 12/03/2026.", "date 2026-03-12"},
		{"en", "Merksplas | 142 places | planned for 2030", "amount 142 places, date 2030"},
		{"xx", "12 %", "amount 12"},
		{"de", "1.", ""},
		{"en", "Despite subsection (3) and paragraph 101(1)(c), the fee is 85 dollars.", "amount 85 dollar"},
		{"en", "2023, c. 29, s. 17", "date 2023"},
		{"nl", "Artikel 5.1b, lid 3, en artikel 4:84 van de Algemene wet bestuursrecht zijn van toepassing.", ""},
		{"nl", "De commissie telt 3 leden.", "amount 3 leden"},
		{"fr", "Aux alinéas 2 et 3 de l'article 7, l'amende est de 50 euros.", "amount 50 euro"},
		{"de", "Zu den Zwecken nach den Sätzen 1 bis 3 und des Absatzes 4 beträgt die Gebühr 60 Euro.", "amount 60 euro"},
		{"fr", "Les articles 225-4-1 à 225-4-4,225-4-7 du code pénal, après son dix-huitième anniversaire, pendant 5 ans.", "period 5 year"},
		{"en", "The committee of the chamber (12) sits.", ""},
		{"fr", "La carte de séjour peut être retirée à l'étranger ayant commis les faits qui l'exposent à l'une des condamnations prévues, et ce pendant 5 ans à compter du jugement définitif.",
			"period 5 year [[...] à l'une des condamnations prévues, et ce pendant … à compter du jugement définitif.]"},
		{"en", "(3)", ""},
		{"en", "", ""},
	} {
		var got []string
		for _, f := range Figures(x.lang, x.text) {
			s := strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Kind, f.Value, f.Unit))
			if strings.Contains(x.want, "[") {
				s += " [" + f.What + "]"
			}
			got = append(got, s)
		}
		if g := strings.Join(got, ", "); g != x.want {
			t.Errorf("%s:\n got %s\nwant %s", x.text, g, x.want)
		}
	}
}

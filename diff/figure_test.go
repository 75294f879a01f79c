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

package cite

import "testing"

func TestName(t *testing.T) {
	for _, c := range []struct{ typed, lang, want string }{
		{"32008L0115", "en", "Directive 2008/115/EC"},
		{"32008L0115", "fr", "directive 2008/115/CE"},
		{"richtlijn 2008/115/EG", "nl", "Richtlijn 2008/115/EG"},
		{"32024R1348", "de", "Verordnung (EU) 2024/1348"},
		{"Regulation (EU) No 604/2013", "en", "Regulation (EU) No 604/2013"},
		{"Regulation (EC) No 343/2003", "fr", "règlement (CE) n° 343/2003"},
		{"Regulation (EEC) No 1612/68", "en", "Regulation (EEC) No 1612/68"},
		{"Directive 93/13/EEC", "en", "Directive 93/13/EEC"},
		{"Framework Decision 2002/584/JHA", "en", "Framework Decision 2002/584/JHA"},
		{"C-758/24", "en", "C-758/24"},
		{"COM(2025) 101", "it", "COM(2025) 101"},
	} {
		got, ok := Parse(c.typed)
		if !ok {
			t.Errorf("%s is no citation", c.typed)
			continue
		}
		if name := got.Name(c.lang); name != c.want {
			t.Errorf("%s in %s: %s, want %s", c.typed, c.lang, name, c.want)
		}
	}
}

package diff

import "testing"

// TestNumbersAreTold: a reader can tell from a summary what a number is the number
// of, and what is not of one kind is never said to have become the other.
func TestNumbersAreTold(t *testing.T) {
	for _, x := range []struct{ story, lang, before, after, want string }{
		{"a decree is one thing, number and day", "fr", "Selon le décret n° 92-681 du 20 juillet 1992 relatif aux régies.", "Selon le décret n° 2019-798 du 26 juillet 2019 relatif aux régies.",
			"The code : à l’art. 1, n° 92-681 du 20 juillet 1992 → 2019-798 du 26 juillet 2019."},
		{"an act does not become an article", "fr", "Les données sont traitées selon la loi n° 78-17 du 6 janvier 1978.", "Les données sont traitées selon l'article 16.",
			"The code : à l’art. 1, « n° 78-17 du 6 janvier 1978 » disparaît, « article 16 » est ajouté."},
		{"an identifier does not become a number", "nl", "De gegevens volgen het besluit BWBR0020611.", "De gegevens volgen het artikel 5.",
			"The code: in art. 1, “besluit BWBR0020611” vervalt, “artikel 5” is toegevoegd."},
		{"what went and what came in one sentence", "fr", "Il est transmis selon les articles L. 161-25-1, L. 512-2 et L. 831-1 du code de la sécurité sociale.",
			"Il est transmis selon les articles L. 161-25-1, L. 512-2 du code de la sécurité sociale et par le 2° du I de l'article L. 822-2 du code de la construction et de l'habitation du pays.",
			"The code : à l’art. 1, L. 831-1 → article L. 822-2."},
		{"a period is told with its unit", "en", "The reply is given within 3 days.", "The reply is given within 2 days.", "The code: in Art. 1, 3 days → 2 days."},
		{"a number before a comma is told with what it measures", "en", "It has a few left of a capacity of 751, says the Office.", "It has a few left of a capacity of 1,145, says the Office.", "The code: in Art. 1, capacity of 751 → 1,145 (+52 %)."},
		{"a number is told with what it counts", "en", "A panel of 3 elected judges decides.", "A panel of 2 elected judges decides.", "The code: in Art. 1, 3 → 2 elected judges (−33 %)."},
		{"or with the word before", "en", "The capacity is 751, said the Minister.", "The capacity is 1145, said the Minister.", "The code: in Art. 1, capacity is 751 → 1145 (+52 %)."},
		{"units differ", "en", "A fee of 4 % is due.", "A fee of €40 is due.", "The code: in Art. 1, “fee of 4 % is due” becomes “fee of €40 is due”."},
	} {
		t.Run(x.story, func(t *testing.T) {
			c := Between(code(1, x.lang, x.before), code(2, x.lang, x.after))
			if got := c.Summary(x.lang); got != x.want {
				t.Errorf("\n got %s\nwant %s", got, x.want)
			}
		})
	}
}

// TestAnArticleThatStandsIsNotNew: an article of which something else is told is
// neither new nor gone.
func TestAnArticleThatStandsIsNotNew(t *testing.T) {
	old, new := page(1, "# § 1 Register\nDas Register wird von der Behörde geführt.\nEs enthält die Namen der Kinder.\n# § 2 Kosten\nDie Kosten trägt das Land."),
		page(2, "# § 1 Erhebung von Daten im Verfahren\nErhoben werden die Namen aller Beteiligten und ihre Anschriften.\nEs enthält die Namen der Kinder.\n# § 2 Kosten\nDie Kosten trägt das Land.")
	old.Lang, new.Lang, old.Title, new.Title = "de", "de", "Das Gesetz", "Das Gesetz"
	c := Between(old, new)
	if fresh, gone := c.wholes(); len(fresh)+len(gone) > 0 {
		t.Errorf("new %v, gone %v", fresh, gone)
	}
}

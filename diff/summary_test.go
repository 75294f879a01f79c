package diff

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"veille/archive"
)

// code is a law of articles that each hold the sentences given.
func code(id archive.Seq, lang string, articles ...string) *archive.Version {
	var b strings.Builder
	for i, text := range articles {
		if text != "" {
			fmt.Fprintf(&b, "# Art. %d\n%s\n", i+1, text)
		}
	}
	v := page(id, b.String())
	v.Lang, v.Title = lang, "The code | A site"
	return v
}

func TestSummary(t *testing.T) {
	many := func(word string) []string {
		var out []string
		for _, s := range []string{"The %s meets in public.", "Members of the %s are elected for five years.", "Laws are made by the %s alone.",
			"The %s sets its own rules of procedure.", "No one is bound by the vote of a %s."} {
			out = append(out, fmt.Sprintf(s, word))
		}
		return out
	}
	for _, x := range []struct {
		lang          string
		before, after []string
		want          string
	}{
		{"en", []string{"The centre has 751 places.", "The director may grant leave."}, []string{"The centre has 1 145 places.", "The director must grant leave."},
			"The code: in Art. 2, “may” becomes “must”; in Art. 1, 751 places → 1 145 places (+52 %)."},
		{"fr", []string{"Le recours est introduit dans les 30 jours.", "Le directeur peut accorder un congé."}, []string{"Le recours est introduit dans les 10 jours.", "Le directeur ne peut accorder un congé."},
			"The code : à l’art. 1, 30 jours → 10 jours ; à l’art. 2, « peut » devient « ne peut »."},
		{"nl", []string{"De bewoner krijgt hulp."}, []string{"De bewoner krijgt hulp, tenzij hij middelen heeft."}, "The code: in art. 1, “tenzij hij middelen heeft” is toegevoegd."},
		{"de", []string{"Die Frist beträgt sechs Monate."}, []string{"Die Frist beträgt zwölf Monate."}, "The code: in Art. 1: sechs Monate → zwölf Monate."},
		{"en", many("Council"), many("Parliament"), "The code: “Council” becomes “Parliament” in 5 articles."},
		{"en", []string{"The first passage speaks of arrivals."}, []string{"The first passage speaks of arrivals.", "A second article stands here now.", "And a third one beside it."},
			"The code: new: Art. 2, 3."},
		{"fr", []string{"Un premier passage parle des arrivées.", "Le second disparaît de ce code."}, []string{"Un premier passage parle des arrivées."}, "The code : suppression : art. 2."},
		{"en", []string{"The first passage speaks of arrivals."}, []string{"The first passage speaks of arrivals. It says little else of them."}, "The code: in Art. 1, “It says little else of them” is added."},
		{"en", []string{"Families are received in the houses of the agency."}, []string{"Families are received in the open houses of the agency."},
			"The code: in Art. 1, “the houses” becomes “the open houses”."},
		{"fr", []string{"Selon le décret n° 92-681 du 20 juillet 1992 relatif aux régies prévues."}, []string{"Selon le décret n° 2019-798 du 26 juillet 2019 relatif aux régies prévues."},
			"The code : à l’art. 1, n° 92-681 du 20 juillet 1992 → 2019-798 du 26 juillet 2019."},
		{"de", []string{"Die Behörde kann Auflagen erteilen. Die Frist beträgt sechs Monate."}, []string{"Die Behörde muss Auflagen erteilen. Die Frist beträgt zwölf Monate."},
			"The code: in Art. 1: aus „kann“ wird „muss“, sechs Monate → zwölf Monate."},
		{"nl", []string{"De vreemdeling kan verblijven.", "De Dienst kan beslissen."}, []string{"De vreemdeling moet verblijven.", "De Dienst moet beslissen."},
			"The code: in art. 1 en 2, “kan” wordt “moet”."},
		{"en", []string{"Same here."}, []string{"Same here."}, "The code: nothing has changed."},
		{"en", []string{"Last updated: 3 May 2024"}, []string{"Last updated: 4 May 2024"}, "The code: only housekeeping (1 edit)."},
	} {
		c := Between(code(1, x.lang, x.before...), code(2, x.lang, x.after...))
		if got := c.Summary(x.lang); got != x.want {
			t.Errorf("%s:\n got %s\nwant %s", x.lang, got, x.want)
		}
	}
}

// Without an article, a passage is named by the heading it stands under; in French
// and Dutch law a section sign begins no article.
func TestSummaryNamesThePlace(t *testing.T) {
	for _, x := range []struct{ lang, before, after, want string }{
		{"en", "# Visits\nRelatives come on Mondays at noon.", "# Visits\nFriends come on Mondays at noon.", "The page: under “Visits”, “Relatives” becomes “Friends”."},
		{"fr", "# Visites\nLes proches viennent le lundi à midi.", "# Visites\nLes proches viennent le lundi à midi.\n# §1er. Des amis\nLes amis viennent aussi.",
			"The page : « §1er. Des amis » est ajouté ; sous « §1er. Des amis », « Les amis viennent aussi » est ajouté."},
		{"fr", "# Article 12\n# §1er\nLe délai est de dix jours.", "# Article 12\n# §1er\nLe délai est de cinq jours.", "The page : dix jours → cinq jours."},
		{"en", "# Article 12\nThe period is ten days.", "# Article 12\nThe period is five days.", "The page: in Article 12, ten days → five days."},
		{"fr", "# Article 12\nLe délai est de dix jours.", "# Article 12\nLe délai est de cinq jours.", "The page : à l’article 12, dix jours → cinq jours."},
		{"nl", "# Artikel 12\nDe termijn is tien dagen.", "# Artikel 12\nDe termijn is vijf dagen.", "The page: in artikel 12, tien dagen → vijf dagen."},
		{"de", "# § 12 Frist\nDie Frist beträgt zehn Tage.", "# § 12 Frist\nDie Frist beträgt fünf Tage.", "The page: in § 12: zehn Tage → fünf Tage."},
	} {
		old, new := page(1, x.before), page(2, x.after)
		old.Lang, new.Lang, old.Title, new.Title = x.lang, x.lang, "The page", "The page"
		if got := Between(old, new).Summary(x.lang); got != x.want {
			t.Errorf("%s:\n got %s\nwant %s", x.lang, got, x.want)
		}
	}
}

func TestGroups(t *testing.T) {
	old := code(1, "en", "The Council meets.", "Both Councils sit in March.", "A Council has nine members.", "The Council's seat is in the city.", "The King opens the session.")
	new := code(2, "en", "The Parliament meets.", "Both Parliaments sit in March.", "A Parliament of the region has nine members.", "The Parliament's seat is in the city.", "The Queen opens the session.")
	c := Between(old, new)
	if len(c.Groups) != 1 || c.Groups[0].Before != "Council" || c.Groups[0].After != "Parliament" || c.Groups[0].Articles < 3 || len(c.Groups[0].Edits) < 3 {
		t.Fatalf("groups %+v", c.Groups)
	}
	for _, i := range c.Groups[0].Edits {
		if !strings.Contains(c.Edits[i].Before, "Council") {
			t.Errorf("edit %d does not hold the exchange: %s", i, c.Edits[i].Before)
		}
	}
	// transitional provisions, which are no articles, are told beside them
	for _, x := range []struct {
		v    *archive.Version
		body string
	}{{old, "Council"}, {new, "Parliament"}} {
		last := archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: "The first " + x.body + " is chosen in the spring of that year."}
		x.v.Blocks = append([]archive.Block{last}, x.v.Blocks...)
	}
	if got := Between(old, new).Summary("en"); !strings.Contains(got, "“Council” becomes “Parliament” in 4 articles and 1 other passage;") {
		t.Errorf("summary %s", got)
	}
}

func TestSignature(t *testing.T) {
	a := Between(page(1, alpha+"The Minister decides."), page(2, alpha+"The Council decides."))
	b := Between(page(3, beta+gamma+"The Minister decides.\nLast updated: 3 May 2024"), page(4, beta+gamma+"The Council decides.\nLast updated: 4 May 2024"))
	c := Between(page(5, beta+"The Minister decides."), page(6, beta+"The King decides."))
	if a.Signature() == "" || a.Signature() != b.Signature() || a.Signature() == c.Signature() {
		t.Errorf("signatures %q, %q, %q", a.Signature(), b.Signature(), c.Signature())
	}
	if s := Between(nil, page(1, alpha)).Signature() + Between(page(1, alpha), page(1, alpha)).Signature(); s != "" {
		t.Errorf("signature %q of pages that came or did not change", s)
	}
}

func TestFingerprint(t *testing.T) {
	a := FingerprintOf(page(1, alpha+"He said “yes”.\n~ a menu"))
	if b := FingerprintOf(page(2, alpha+"He said \"yes\".\n~ another menu")); a != b {
		t.Error("typography and the frame of the page count")
	}
	if b := FingerprintOf(page(2, alpha+"He said “no”.\n~ a menu")); a == b {
		t.Error("words do not count")
	}
}

func TestGoneBack(t *testing.T) {
	day := time.Date(2026, 3, 1, 23, 59, 0, 0, time.UTC)
	for lang, want := range map[string]string{"en": "A page: 3 → 2 days; back to the wording of 1 March 2026.", "fr": "A page: 3 → 2 days ; retour à la rédaction du 1er mars 2026.",
		"nl": "A page: 3 → 2 days; terug naar de tekst van 1 maart 2026.", "de": "A page: 3 → 2 days; zurück zur Fassung vom 1. März 2026.", "xx": "A page: 3 → 2 days; back to the wording of 1 March 2026."} {
		if got := GoneBack(lang, "A page: 3 → 2 days.", day); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}

// TestQuotesAreExact: a quotation loses the word that joined it to what stood
// before, never one of its own.
func TestQuotesAreExact(t *testing.T) {
	for text, want := range map[string]string{
		"A family with children is never split.": "“A family with children is never split”",
		"to leave the country, ":                 "“to leave the country”",
		", and within ten days":                  "“within ten days”",
		"en cas de refus":                        "“en cas de refus”",
		"à la demande de l’étranger":             "“à la demande de l’étranger”",
	} {
		if got := "“" + quote(text) + "”"; got != want {
			t.Errorf("%q is quoted as %s, want %s", text, got, want)
		}
	}
}

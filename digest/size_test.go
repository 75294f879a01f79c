package digest

import (
	"fmt"
	"strings"
	"testing"

	"veille/archive"
	"veille/diff"
)

// gmail is how many bytes of HTML Gmail shows of a mail.
const gmail = 102 << 10

// However much there is to tell, the mail is shown whole, with the link with
// which to leave, and says how much it does not tell.
func TestFiveHundredChangesAreNotClipped(t *testing.T) {
	whole := strings.Repeat("L’étranger qui n’est pas <admis> est tenu de quitter le territoire dans les trente jours. ", 120)
	var many []diff.Word
	for range 3000 {
		many = append(many, diff.Word{Op: diff.Deleted, Text: "shall "}, diff.Word{Op: diff.Inserted, Text: "may "}, diff.Word{Op: diff.Equal, Text: "go "})
	}
	for _, density := range Densities {
		for name, edits := range map[string][]diff.Edit{
			"small edits":  {{Op: diff.Insert, Weight: 3, After: "Something new."}},
			"long edits":   {{Op: diff.Insert, Weight: 3, After: whole}, {Op: diff.Delete, Weight: 4, Before: whole}},
			"broken edits": {{Op: diff.Substitute, Weight: 3, Words: many}, {Op: diff.Substitute, Weight: 3, Words: many}, {Op: diff.Substitute, Weight: 3, Words: many}},
		} {
			sub := &Subscription{Email: "a@b.c", Lang: "fr", Filter: Filter{MinWeight: 2, Query: "étranger"}, Settings: Settings{Cadence: Daily, Density: density}}
			f := &telling{subs: []*Subscription{sub}, several: true, missed: []*Mail{{ID: 1, Created: monday}}}
			for i := range archive.Seq(500) {
				c := madeUp(2*i+1, 2*i+2, int(i%2), "fr", fmt.Sprintf("Arrêté royal n° %d fixant le régime et les règles de fonctionnement", i), 3, edits...)
				f.items = append(f.items, &item{change: c, reasons: f.subs})
				f.missed[0].Changes = append(f.missed[0].Changes, c.ID())
			}
			m, err := secretary(t).digest(f)
			if err != nil {
				t.Fatal(err)
			}
			shown := strings.Count(m.Text, "sentence about change")
			t.Logf("%s, %s: %d bytes of HTML, %d of text, %d changes", density, name, len(m.HTML), len(m.Text), shown)
			if len(m.HTML) > gmail || shown < 100 {
				t.Errorf("%s, %s: %d changes in %d bytes of HTML", density, name, shown, len(m.HTML))
			}
			want(t, "ledger", len(m.Changes), 500)
			for _, s := range []string{fmt.Sprintf("Et %d de plus", 500-shown), "Et 440 de plus", "/stop/STOP-TOKEN", "/manage/MANAGE-TOKEN"} {
				if !strings.Contains(m.HTML, s) || !strings.Contains(m.Text, s) {
					t.Errorf("%s, %s: the mail lacks %q", density, name, s)
				}
			}
		}
	}
}

// A single change that is very long leaves room for the others, and counts what
// it does not show.
func TestALongChangeLeavesRoom(t *testing.T) {
	sub := &Subscription{Email: "a@b.c", Lang: "en", Filter: Filter{MinWeight: 2}, Settings: Settings{Cadence: Now, Density: Full}}
	var edits []diff.Edit
	for range 50 {
		edits = append(edits, diff.Edit{Op: diff.Insert, Weight: 3, After: strings.Repeat("A long article. ", 400)})
	}
	f := &telling{subs: []*Subscription{sub}}
	for i := range archive.Seq(40) {
		f.items = append(f.items, &item{change: madeUp(2*i+1, 2*i+2, 0, "en", "Law", 3, edits...), reasons: f.subs})
	}
	m, err := secretary(t).digest(f)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "changes", strings.Count(m.Text, "sentence about change"), 40)
	if len(m.HTML) > gmail || !strings.Contains(m.Text, "more edits.") {
		t.Errorf("%d bytes of HTML:\n%s", len(m.HTML), m.Text[:2000])
	}
}

// In headline density a change takes less than a kilobyte of the mail as it
// crosses the wire: text, HTML, and their encoding.
func TestHeadlinesAreSmall(t *testing.T) {
	for lang, says := range map[string]string{
		"en": "The period for an appeal falls from 30 to 10 days; the capacity rises from 640 to 815 places; 3 other passages of article 17 were reworded.",
		"fr": "Le délai passe de 30 à 10 jours; la capacité passe de 640 à 815 places; 3 autres passages ont été reformulés à l’article 17.",
		"de": "Die Frist wird von 30 auf 10 Tage verkürzt; die Kapazität steigt von 640 auf 815 Plätze; 3 weitere Absätze in § 17 wurden geändert.",
	} {
		size := func(n int) int {
			sub := &Subscription{Email: "a@b.c", Lang: lang, Filter: Filter{MinWeight: 2, Query: "centre fermé"}, Settings: Settings{Cadence: Daily, Density: Headlines}}
			f := &telling{subs: []*Subscription{sub}, several: true}
			for i := range archive.Seq(n) {
				c := madeUp(20_000+i, 30_000+i, 0, lang, "Arrêté royal fixant le régime et les règles de fonctionnement des lieux situés sur le territoire belge", 4,
					diff.Edit{Op: diff.Insert, Weight: 4, After: "Quelque chose de neuf."})
				c.summary[lang] = says
				f.items = append(f.items, &item{change: c, reasons: f.subs})
			}
			m, err := secretary(t).digest(f)
			if err != nil {
				t.Fatal(err)
			}
			m.MessageID, m.Created, m.Stop = "1@veille.example.org", monday, "https://veille.example.org/stop/x"
			e, err := envelop(m, "Veille <veille@example.org>", nil)
			if err != nil {
				t.Fatal(err)
			}
			return len(e.raw)
		}
		each := (size(110) - size(10)) / 100
		t.Logf("%s: a change in headline density: %d bytes of the mail", lang, each)
		if each > 1024 {
			t.Errorf("%s: a change takes %d bytes", lang, each)
		}
	}
}

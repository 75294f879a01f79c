package digest

import (
	"strings"
	"testing"
	"time"

	"veille/archive"
	"veille/diff"
)

// An item says its title once, each heading once, and the edits in the order of
// the page; that words changed, which is seen, is not said in a list.
func TestAnItemDoesNotRepeatItself(t *testing.T) {
	const law = "Law on the reception of aliens"
	edit := func(article, text string, weight int, senses ...diff.Sense) diff.Edit {
		return diff.Edit{Op: diff.Insert, Weight: weight, Path: []string{law, article}, After: text, Senses: senses}
	}
	c := madeUp(1, 2, 0, "fr", law, 5, edit("Art. 1", "First.", 2, diff.Sense{Code: "other", Evidence: "— → First"}), edit("Art. 1", "Second.", 4, diff.Sense{Code: "deadline", Evidence: "30 days → 10 days"}),
		edit("Art. 2", "Third.", 3), edit("Art. 2", "Fourth.", 5), edit("Art. 3", "Fifth.", 2))
	c.summary["fr"] = law + "\u00a0: au § 7, «\u00a0dürfen\u00a0» devient «\u00a0soll\u00a0»."
	sub := &Subscription{Lang: "fr", Filter: Filter{MinWeight: 2}, Settings: Settings{Density: Excerpts, Cadence: Daily}}
	m, err := secretary(t).digest(&telling{subs: []*Subscription{sub}, items: []*item{{change: c, reasons: []*Subscription{sub}}}})
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(m.Text, "* "+law)
	text, _, _ = strings.Cut(text, "Vu pour")
	want(t, "item", strings.ReplaceAll(text, "\u00a0", "~"), `
  Au § 7, «~dürfen~» devient «~soll~».
  - Délai~: 30 days → 10 days

  Art. 1
  | {+First.+}

  | {+Second.+}

  Art. 2
  | {+Third.+}

  | {+Fourth.+}

  1 autre modification.
  `)
}

// Why a page cannot be read is said in the reader's language, whatever the look was.
func TestWhyAPageCannotBeRead(t *testing.T) {
	w := secretary(t).tongue("nl", "")
	for class, text := range map[archive.Class]string{archive.Blocked: "de site weert programma’s", archive.Moved: "het adres leidt naar een andere pagina",
		archive.Soft404: "volgens de site bestaat de pagina niet", archive.Error: "geen antwoord, of geen leesbaar antwoord", "novel": "geen antwoord, of geen leesbaar antwoord"} {
		want(t, string(class), w.whyUnread(class), text)
	}
}

// A figure that the summary has is not said again below it; that it is one is.
func TestWhatTheSummarySaidIsNotSaidAgain(t *testing.T) {
	for _, c := range []struct{ summary, code, evidence, said string }{
		{"In Article 8, 30 days → 10 days.", "deadline", "30 days → 10 days", "Deadline "},
		{"“Shall” becomes “may”.", "modality", "shall → may", "Duty or permission "},
		{"In Article 8, 30 days → 10 days.", "amount", "30 days → 5 days", "Figure 30 days → 5 days"},
		{"In Article 8, 130 days → 10 days.", "deadline", "30 days → 10 days", "Deadline 30 days → 10 days"},
		{"New page: The act.", "appear", "The act", ""},
		{"3 edits.", "withdraw", "The act", "Page withdrawn The act"},
	} {
		s := &shown{Summary: c.summary}
		edit := diff.Edit{Op: diff.Insert, Weight: 5, After: "x", Senses: []diff.Sense{{Code: c.code, Evidence: c.evidence}}}
		reader := &Subscription{Settings: Settings{Density: Excerpts}}
		s.fill(secretary(t).tongue("en", ""), &item{change: madeUp(1, 2, 0, "en", "", 5, edit), reasons: []*Subscription{reader}}, measures[Excerpts], 1000)
		said := ""
		for _, x := range s.Senses {
			said += x.Label + " " + x.Evidence
		}
		want(t, c.summary, said, c.said)
	}
}

// Of two looks on one day the day is said once; but not where the clock was put
// back between.
func TestADayIsSaidOnce(t *testing.T) {
	for _, c := range []struct{ lang, after, by, says string }{
		{"en", "2026-03-02T08:00:00Z", "2026-03-02T09:30:00Z", "First seen on 2 March 2026 between 09:00 and 10:30 CET."},
		{"fr", "2026-03-02T08:00:00Z", "2026-03-02T09:30:00Z", "Vu pour la première fois le 2 mars 2026 entre 09:00 et 10:30 CET."},
		{"fr", "2026-03-01T08:00:00Z", "2026-03-01T09:30:00Z", "Vu pour la première fois le 1er mars 2026 entre 09:00 et 10:30 CET."},
		{"nl", "2026-03-02T08:00:00Z", "2026-03-02T09:30:00Z", "Voor het eerst gezien op 2 maart 2026 tussen 09:00 en 10:30 CET."},
		{"de", "2026-03-02T08:00:10Z", "2026-03-02T08:00:40Z", "Zuerst gesehen am 2. März 2026 zwischen 09:00:10 und 09:00:40 CET."},
		{"en", "2026-03-01T08:00:00Z", "2026-03-02T08:00:00Z", "First seen between 1 March 2026, 09:00 CET and 2 March 2026, 09:00 CET."},
		{"en", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "First seen between 25 October 2026, 02:30 CEST and 25 October 2026, 02:30 CET."},
		{"de", "", "2026-03-02T08:00:00Z", "Zuerst gesehen am 2. März 2026, 09:00 CET; vorher nie aufgerufen."},
	} {
		i := archive.Interval{By: moment(t, c.by)}
		if c.after != "" {
			i.After = moment(t, c.after)
		}
		want(t, c.lang, secretary(t).tongue(c.lang, DefaultZone).seen(i), c.says)
	}
}

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

package digest

import (
	"strings"
	"testing"

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

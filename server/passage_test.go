package server

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/archive"
	"veille/diff"
)

// publish publishes the wordings of one page, a day apart: a block a line,
// "gone" for a withdrawal.
func (w *world) publish(url string, texts ...string) {
	w.t.Helper()
	w.publishFrom(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), url, texts...)
}

// publishFrom is publish from a time on.
func (w *world) publishFrom(first time.Time, url string, texts ...string) {
	t := w.t
	t.Helper()
	ctx := t.Context()
	for i, text := range texts {
		on := first.AddDate(0, 0, i)
		c := &archive.Capture{Source: "demo-news", URL: url, Lang: "en", Time: on, Exchanges: []archive.Exchange{{URL: url, Time: on,
			Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\n\r\n%d %s", i, text)}}}
		if err := w.server.Archive.Add(ctx, c); err != nil {
			t.Fatal(err)
		}
		r := archive.Reading{Capture: c.Seq, Class: archive.Content, Version: &archive.Version{Lang: "en", Title: "A page"}}
		if text == "gone" {
			r.Class, r.Version.Gone = archive.Gone, true
		} else {
			for line := range strings.SplitSeq(text, "\n") {
				r.Version.Blocks = append(r.Version.Blocks, archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: line})
			}
		}
		if _, err := w.server.Archive.AddReadings(ctx, c.Seq, []archive.Reading{r}); err != nil {
			t.Fatal(err)
		}
	}
}

// biography writes a passage's wordings, oldest first.
func biography(p *PassageDocument) string {
	var b strings.Builder
	day := func(i *archive.Interval) string {
		if i == nil {
			return "now"
		}
		return fmt.Sprint(i.By.Day())
	}
	for _, w := range p.Wordings {
		fmt.Fprintf(&b, "%d–%s %s in %d: %s\n", w.FirstSeen.By.Day(), day(w.Gone), w.Op, w.Versions, strings.ReplaceAll(w.Text, "\n", " / "))
	}
	if p.Gone != nil {
		fmt.Fprintf(&b, "%s %s\n", day(p.Gone), p.GoneBy)
	}
	return b.String()
}

// What the passages of these tests say.
const (
	leave  = "The person shall leave the territory within thirty days of the order."
	appeal = "An appeal may be brought before the council within ten days."
	ten    = "The person shall leave the territory within ten days of the order."
	may    = "The person may leave the territory within ten days of the order."
	costs  = "Costs of translation fall upon every ministry equally."
	noise  = "Quiet hours begin at eleven each evening."
	other  = "Lawyers receive monthly allowances."
	third  = "Visitors bring identity papers whenever entering."
	intro  = "This page tells what happens after a decision has been taken."
)

// A story is a biography that is asked for.
type story struct {
	name  string
	texts []string // one a day
	at    int      // day
	block string
	want  string
}

func TestPassage(t *testing.T) {
	tests := []story{
		{"reworded, and moved in between", []string{leave + "\n" + appeal, ten + "\n" + appeal, intro + "\n" + ten + "\n" + appeal, appeal + "\n" + intro + "\n" + may}, 4, "b2",
			"1–2 appear in 1: " + leave + "\n2–4 substitute in 2: " + ten + "\n4–now substitute in 1: " + may + "\n"},
		{"asked of an old wording", []string{leave + "\n" + appeal, ten + "\n" + appeal, may + "\n" + appeal}, 1, "b0",
			"1–2 appear in 1: " + leave + "\n2–3 substitute in 1: " + ten + "\n3–now substitute in 1: " + may + "\n"},
		{"came and went", []string{appeal, appeal + "\n" + leave, appeal + "\n" + leave + "\n" + intro, appeal + "\n" + intro}, 3, "b1",
			"2–4 insert in 2: " + leave + "\n4 delete\n"},
		{"split", []string{leave + " " + appeal, leave + "\n" + appeal}, 2, "b1",
			"1–2 appear in 1: " + leave + " " + appeal + "\n2–now split in 1: " + appeal + "\n"},
		{"withdrawn and restored", []string{leave + "\n" + appeal, "gone", leave + "\n" + appeal}, 3, "b0",
			"1–2 appear in 1: " + leave + "\n3–now restored in 1: " + leave + "\n"},
		{"withdrawn for good", []string{leave + "\n" + appeal, "gone"}, 1, "b1", "1–2 appear in 1: " + appeal + "\n2 withdraw\n"},
	}
	tell(t, tests)
}

// What was taken out may come back, or something else come in its place.
func TestPassageGoesOn(t *testing.T) {
	tests := []story{
		{"taken out and put back", []string{leave + "\n" + appeal, appeal, intro + "\n" + appeal, intro + "\n" + leave + "\n" + appeal}, 4, "b1",
			"1–2 appear in 1: " + leave + "\n4–now returned in 1: " + leave + "\n"},
		{"taken out and put back, asked of what stood before", []string{leave + "\n" + appeal, appeal, intro + "\n" + appeal, intro + "\n" + leave + "\n" + appeal}, 1, "b0",
			"1–2 appear in 1: " + leave + "\n4–now returned in 1: " + leave + "\n"},
		{"put back with another figure, and reworded since", []string{leave + "\n" + appeal, appeal, ten + "\n" + appeal, may + "\n" + appeal}, 4, "b0",
			"1–2 appear in 1: " + leave + "\n3–4 returned in 1: " + ten + "\n4–now substitute in 1: " + may + "\n"},
		{"taken out twice", []string{leave + "\n" + appeal, appeal, leave + "\n" + appeal, appeal, appeal + "\n" + intro, appeal + "\n" + leave + "\n" + intro, appeal}, 3, "b0",
			"1–2 appear in 1: " + leave + "\n3–4 returned in 1: " + leave + "\n6–7 returned in 1: " + leave + "\n7 delete\n"},
		{"taken out, and the page withdrawn before it came back", []string{leave + "\n" + appeal, appeal, "gone", appeal + "\n" + leave}, 1, "b0",
			"1–2 appear in 1: " + leave + "\n4–now returned in 1: " + leave + "\n"},
		{"another put in its place", []string{intro + "\n" + leave + "\n" + appeal, intro + "\n" + costs + "\n" + appeal, intro + "\n" + costs + " Nobody else pays.\n" + appeal}, 1, "b1",
			"1–2 appear in 1: " + leave + "\n2–3 replaced in 1: " + costs + "\n3–now substitute in 1: " + costs + " Nobody else pays.\n"},
		{"put in where another was taken out", []string{intro + "\n" + leave + "\n" + appeal, intro + "\n" + costs + "\n" + appeal}, 2, "b1",
			"1–2 appear in 1: " + leave + "\n2–now replaced in 1: " + costs + "\n"},
		{"put in elsewhere than another was taken out", []string{intro + "\n" + leave + "\n" + appeal, intro + "\n" + appeal + "\n" + costs}, 2, "b2",
			"2–now insert in 1: " + costs + "\n"},
		{"two put in for three: it is not plain which for which", []string{intro + "\n" + leave + "\n" + costs + "\n" + noise + "\n" + appeal, intro + "\n" + other + "\n" + third + "\n" + appeal}, 1, "b1",
			"1–2 appear in 1: " + leave + "\n2 delete\n"},
		{"a copy is no return", []string{leave + "\n" + appeal, leave + "\n" + appeal + "\n" + intro, leave + "\n" + appeal + "\n" + intro + "\n" + leave}, 3, "b3",
			"3–now insert in 1: " + leave + "\n"},
	}
	tell(t, tests)
}

// A wording that nothing replaced at once was taken out, or withdrawn with its
// page; the page of a biography says which, in each language.
func TestPassageSaysHowItWent(t *testing.T) {
	w := newWorld(t)
	first := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, c := range []struct {
		texts []string
		want  []string
	}{
		{[]string{leave + "\n" + appeal, appeal, leave + "\n" + appeal, appeal}, []string{"delete", "delete"}},
		{[]string{leave + "\n" + appeal, "gone", leave + "\n" + appeal}, []string{"withdraw", ""}},
		{[]string{leave + "\n" + appeal, ten + "\n" + appeal, "gone"}, []string{"", "withdraw"}},
		{[]string{leave + "\n" + appeal, appeal, "gone", leave + "\n" + appeal}, []string{"delete", ""}},
		{[]string{intro + "\n" + leave + "\n" + appeal, intro + "\n" + costs + "\n" + appeal}, []string{"", ""}},
	} {
		address := fmt.Sprintf("%s/en/went-%d", w.at, i)
		w.publish(address, c.texts...)
		docs := &Documents{Archive: w.server.Archive, Sources: w.server.Sources}
		v, err := docs.wording(t.Context(), address, first)
		if err != nil {
			t.Fatal(err)
		}
		block := "b0"
		if strings.HasPrefix(c.texts[0], intro) {
			block = "b1"
		}
		doc, err := docs.Passage(t.Context(), address, first, block)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, wording := range doc.Wordings {
			got = append(got, wording.GoneBy)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: went by %q, want %q", c.texts, got, c.want)
		}
		says := map[string][]string{
			"delete":   {"taken out between 1 January", "retiré entre le 1er janvier", "weggehaald tussen 1 januari", "entfernt zwischen 1. Januar"},
			"withdraw": {"withdrawn with its page between", "retiré avec sa page entre", "met de pagina ingetrokken tussen", "mit der Seite zurückgezogen zwischen"},
			"":         {"replaced between 1 January", "remplacé entre le 1er janvier", "vervangen tussen 1 januari", "ersetzt zwischen 1. Januar"},
		}
		for k, lang := range Langs {
			w.want(fmt.Sprintf("/v/%d/passage/%s?ui=%s", v.ID, block, lang), http.StatusOK, says[c.want[0]][k])
		}
	}
}

// The page of a passage that returned says from which look to which it was away.
func TestPassageTellsItsAbsence(t *testing.T) {
	w := newWorld(t)
	w.publish(w.at+"/en/away", leave+"\n"+appeal, appeal, intro+"\n"+appeal, leave+"\n"+appeal)
	v, err := (&Documents{Archive: w.server.Archive, Sources: w.server.Sources}).wording(t.Context(), w.at+"/en/away", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	_, body := w.get(fmt.Sprintf("/v/%d/passage/b0", v.ID))
	for _, want := range []string{"Put back after it had been taken out", "not on the page at our looks from 2 January 2025, 00:00 to 3 January 2025, 00:00."} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// tell holds biographies against what they should say.
func tell(t *testing.T, tests []story) {
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			url := fmt.Sprintf("%s/en/p%d", w.at, i)
			w.publish(url, test.texts...)
			d := &Documents{Archive: w.server.Archive, Sources: w.server.Sources, Thesaurus: w.server.Thesaurus}
			got, err := d.Passage(t.Context(), url, time.Date(2025, 1, test.at, 12, 0, 0, 0, time.UTC), test.block)
			if err != nil {
				t.Fatal(err)
			}
			if biography(got) != test.want {
				t.Errorf("got\n%s\nwant\n%s", biography(got), test.want)
			}
			for k, wording := range got.Wordings { // the redline is between neighbours, to the byte
				var after strings.Builder
				for _, word := range wording.Words {
					if word.Op != diff.Deleted {
						after.WriteString(word.Text)
					}
				}
				if k > 0 && wording.Op != "split" && after.String() != wording.Text {
					t.Errorf("the redline of wording %d ends in %q", k, after.String())
				}
			}
		})
	}
}

// The wordings of every passage of the demonstration are those that are found
// by going back version by version.
func TestPassageSkipsNothing(t *testing.T) {
	w := newWorld(t)
	w.live()
	ctx, a := t.Context(), w.server.Archive
	d := &Documents{Archive: a, Sources: w.server.Sources, Thesaurus: w.server.Thesaurus}
	pages, err := a.Pages(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, page := range pages {
		history, err := a.History(ctx, page.ID)
		if err != nil {
			t.Fatal(err)
		}
		history = slices.DeleteFunc(history, func(h *archive.Version) bool { return h.Gone })
		if len(history) < 2 {
			continue
		}
		var versions []*archive.Version
		for _, h := range history {
			v, err := a.Version(ctx, h.ID)
			if err != nil {
				t.Fatal(err)
			}
			versions = append(versions, v)
		}
		last := versions[len(versions)-1]
		for b := range last.Blocks {
			texts, blocks := []string{last.Blocks[b].Text}, []int{b}
			for k := len(versions) - 1; k > 0; k-- {
				step := diff.Back(versions[k-1], versions[k], blocks)
				if blocks = step.From; len(blocks) == 0 {
					break
				}
				if text := wordingOf(versions[k-1], blocks).Text; text != texts[0] {
					texts = slices.Insert(texts, 0, text)
				}
			}
			got, err := d.passageOf(ctx, last, fmt.Sprintf("b%d", b))
			if err != nil {
				t.Fatal(err)
			}
			var have []string
			for _, wording := range got.Wordings {
				if n := len(have); n == 0 || have[n-1] != wording.Text {
					have = append(have, wording.Text)
				}
			}
			if !slices.Equal(have, texts) {
				t.Errorf("%s b%d: told %q, want %q", page.URL, b, have, texts)
			}
			if told += len(have) - 1; (got.Gone != nil) != (page.Latest != last.ID) {
				t.Errorf("%s b%d: gone %v", page.URL, b, got.Gone)
			}
		}
	}
	if told == 0 {
		t.Error("no passage was ever reworded: nothing was tested")
	}
}

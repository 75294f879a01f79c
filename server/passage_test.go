package server

import (
	"fmt"
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

func TestPassage(t *testing.T) {
	const leave = "The person shall leave the territory within thirty days of the order."
	const appeal = "An appeal may be brought before the council within ten days."
	ten := strings.Replace(leave, "thirty", "ten", 1)
	may := strings.Replace(ten, "shall", "may", 1)
	intro := "This page tells what happens after a decision has been taken."
	tests := []struct {
		name  string
		texts []string
		at    int // day
		block string
		want  string
	}{
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

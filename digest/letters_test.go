package digest

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veille/archive"
	"veille/diff"
	"veille/thesaurus"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run `go test ./digest -update`", err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s differs (-want +got); look, then run `go test ./digest -update`:\n%s", file, d)
	}
}

// secretary writes letters as in production, with marks that can be read.
func secretary(t *testing.T) *letters {
	t.Helper()
	base, err := url.Parse("https://veille.example.org")
	if err != nil {
		t.Fatal(err)
	}
	terms, err := thesaurus.Load()
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLetters(base, sources(), terms)
	if err != nil {
		t.Fatal(err)
	}
	l.marks = marks{"CONFIRM-TOKEN", "STOP-TOKEN", "STOP-TOKEN", "MANAGE-TOKEN"}
	return l
}

func madeUp(from, to archive.Seq, src int, lang, title string, weight int, edits ...diff.Edit) *change {
	s := sources().Sources[src]
	page := &archive.Version{ID: to, Source: s.ID, URL: "https://" + s.ID + ".example.org/" + fmt.Sprint(to), Title: title, Lang: lang}
	c := &diff.Change{To: page, Edits: edits, Weight: weight}
	if from != 0 {
		c.From = &archive.Version{ID: from}
	}
	says := map[string]string{}
	for _, lang := range Langs {
		says[lang] = "(" + lang + ") One sentence about change " + c.ID() + "."
	}
	return &change{run: run{stretch: stretch{from, to}, via: []archive.Seq{to}}, Change: c, src: s, page: page, seen: archive.Interval{After: monday.Add(-6 * time.Hour), By: monday}, summary: says}
}

// finding is one of everything a letter can tell.
func finding(sub *Subscription) *telling {
	figure := madeUp(17, 18, 0, "nl", "Plaatsen in de gesloten centra <2026>", 5, diff.Edit{Op: diff.Substitute, Weight: 5,
		Path: []string{"Hoofdstuk II", "Art. 8"}, Before: "x", After: "y",
		Words: []diff.Word{{Op: diff.Equal, Text: strings.Repeat("De centra liggen verspreid over het land. ", 6) + "Samen tellen zij "}, {Op: diff.Deleted, Text: "751 "},
			{Op: diff.Inserted, Text: "1 145 "}, {Op: diff.Equal, Text: "plaatsen, in mei" + strings.Repeat(" en later, zoals de Minister & de diensten zeggen", 8) + "."}},
		Senses: []diff.Sense{{Code: "amount", Evidence: "751 plaatsen → 1 145 plaatsen"}}},
		diff.Edit{Op: diff.Delete, Weight: 4, Before: "Een zin die is geschrapt.", Senses: []diff.Sense{{Code: "remedy", Evidence: "beroep"}}},
		diff.Edit{Op: diff.Move, Weight: 4, Before: "Een lid dat is verplaatst.", After: "Een lid dat is verplaatst."},
		diff.Edit{Op: diff.Insert, Weight: 3, After: strings.Repeat("Een nieuw en lang lid over de termijn. ", 30)},
		diff.Edit{Op: diff.Insert, Weight: 3, After: "Vijfde."}, diff.Edit{Op: diff.Insert, Weight: 2, After: "Zesde."},
		diff.Edit{Op: diff.Substitute, Weight: 1, Before: "Bijgewerkt op 1 maart", After: "Bijgewerkt op 2 maart"})
	figure.via = []archive.Seq{16, 17, 18}
	figure.Hidden = 1
	appeared := madeUp(0, 21, 1, "fr", "", 4, diff.Edit{Op: diff.Insert, Weight: 4, From: -1, To: -1, After: "Note sur les retours",
		Senses: []diff.Sense{{Code: "appear", Evidence: "Note sur les retours"}}})
	appeared.seen.After = time.Time{}
	modal := madeUp(19, 20, 0, "en", "House rules", 3, diff.Edit{Op: diff.Substitute, Weight: 3, Path: []string{"3. Visits"},
		Words:  []diff.Word{{Op: diff.Equal, Text: "Visitors "}, {Op: diff.Deleted, Text: "shall"}, {Op: diff.Inserted, Text: "may"}, {Op: diff.Equal, Text: " be received daily."}},
		Senses: []diff.Sense{{Code: "modality", Evidence: "shall → may"}}})
	other := &Subscription{ID: 2, Filter: Filter{Sources: []string{"be-agency"}}, Settings: Settings{Density: Headlines, Cadence: Daily, At: DefaultAt}, Zone: DefaultZone}
	return &telling{subs: []*Subscription{sub, other}, several: true, light: 2, reverted: 1, checks: 312, since: monday.Add(-7 * 24 * time.Hour),
		items: []*item{{change: modal, reasons: []*Subscription{sub}}, {change: figure, reasons: []*Subscription{sub}},
			{change: appeared, reasons: []*Subscription{sub, other}},
			{change: madeUp(22, 23, 1, "en", "A note", 2, diff.Edit{Op: diff.Insert, Weight: 2, After: "A note."}), reasons: []*Subscription{other}}},
		notices: []*noticed{{Notice{Key: "health be-agency 1", Kind: KindHealth, Source: "be-agency", Link: "/source/be-agency", Time: monday}, []*Subscription{sub}}},
		gaps:    []gap{{"be-agency", 2, 14, monday.Add(-48 * time.Hour), archive.Blocked}},
		missed:  []*Mail{{ID: 1, Created: monday.Add(-7 * 24 * time.Hour), Changes: []string{"10..12", "11..13"}}}}
}

func TestDigestsInFourLanguages(t *testing.T) {
	l := secretary(t)
	for _, lang := range Langs {
		sub := &Subscription{ID: 1, Email: "reader@example.org", Lang: lang, Zone: DefaultZone,
			Filter:   Filter{Topics: []string{"closed-centres", "return-hubs"}, Sources: []string{"be-ministry", "be-agency"}, Query: `"closed centre" OR appeal`, MinWeight: 2},
			Settings: Settings{Note: "for the file on capacity", Cadence: Weekly, At: DefaultAt, Density: Excerpts}}
		m, err := l.digest(finding(sub))
		if err != nil {
			t.Fatal(err)
		}
		want(t, "changes", strings.Join(m.Changes, " "), "17..18 0..21 19..20 22..23 health be-agency 1")
		golden(t, "digest."+lang+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
		golden(t, "digest."+lang+".html", m.HTML)
		sound(t, m)
		if m, err = l.confirm(sub, monday.Add(ConfirmWithin)); err != nil {
			t.Fatal(err)
		}
		golden(t, "confirm."+lang+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
		golden(t, "confirm."+lang+".html", m.HTML)
		sound(t, m)
	}
}

// sound checks what holds for every letter.
func sound(t *testing.T, m *Mail) {
	t.Helper()
	for line := range strings.Lines(m.Text) {
		if line = strings.TrimRight(line, "\n"); len([]rune(line)) > width && strings.Contains(strings.TrimSpace(line), " ") {
			t.Errorf("a long line: %q", line)
		}
	}
	for _, s := range []string{`<html lang="` + m.Lang + `"`, `<meta name="color-scheme" content="light dark">`, `name="viewport"`, "https://veille.example.org/stop/STOP-TOKEN\""} {
		if !strings.Contains(m.HTML, s) {
			t.Errorf("the HTML lacks %s", s)
		}
	}
	for _, s := range []string{"<img", "<script", "<link", "src=", "@import", "url(", "ZgotmplZ", "<2026>", "&amp;amp;"} {
		if strings.Contains(m.HTML, s) {
			t.Errorf("the HTML contains %s", s)
		}
	}
	for _, s := range regexp.MustCompile(`\bhttps?://[^/"<\s]+`).FindAllString(m.HTML, -1) {
		if !strings.HasSuffix(s, ".example.org") && s != "http://www.w3.org" {
			t.Errorf("the HTML names %s", s)
		}
	}
	if strings.Contains(m.Text+m.HTML, "{n}") || regexp.MustCompile(`\{[a-z]+\}`).MatchString(m.Text) {
		t.Errorf("a value was not filled in:\n%s", m.Text)
	}
}

func TestALongDigest(t *testing.T) {
	sub := &Subscription{Email: "a@b.c", Lang: "en", Filter: Filter{MinWeight: 2}, Settings: Settings{Cadence: Now, Density: Excerpts}}
	f := &telling{subs: []*Subscription{sub}}
	for i := range archive.Seq(500) {
		c := madeUp(2*i+1, 2*i+2, int(i%2), "en", fmt.Sprintf("Page %d", i), 3, diff.Edit{Op: diff.Insert, Weight: 3, After: "Something new."})
		f.items = append(f.items, &item{change: c, reasons: f.subs})
	}
	m, err := secretary(t).digest(f)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "ledger", len(m.Changes), 500)
	want(t, "links", strings.Count(m.Text, "/change/"), maxShown+maxBrief)
	if !strings.Contains(m.Text, "And 270 more; all of them are at https://veille.example.org/") {
		t.Errorf("the rest is not counted:\n%s", m.Text[len(m.Text)-1000:])
	}
}

func TestWhatTheSearchFoundComesFirst(t *testing.T) {
	w := start(t)
	w.publish(centres, "One stands here.", "Two stands here.", "Three stands here.", "Four stands here.", "Five stands here.", "The bus leaves at nine.")
	w.subscribed(Request{Filter: Filter{Query: "bus"}})
	w.publish(centres, "One has changed to 1.", "Two has changed to 2.", "Three has changed to 3.", "Four has changed to 4.", "Five has changed to 5.", "The bus leaves at 10.")
	text := w.sync()[0].Text
	_, text, _ = strings.Cut(text, "\n  | ")
	if first := strings.Index(text, "bus"); first < 0 || strings.Contains(text, "has changed") && strings.Index(text, "has changed") < first {
		t.Errorf("the edit that was searched for is not the first:\n%s", text)
	}
}

// Every phrase is there in every language, with the same values to fill in.
func TestPhrasesAreComplete(t *testing.T) {
	p, err := loadPhrases()
	if err != nil {
		t.Fatal(err)
	}
	value := regexp.MustCompile(`\{[a-z]+\}`)
	for key, texts := range p {
		if len(texts) != len(Langs) {
			t.Errorf("%s: %d languages", key, len(texts))
		}
		values := value.FindAllString(texts["en"], -1)
		slices.Sort(values)
		for _, lang := range Langs {
			got := value.FindAllString(texts[lang], -1)
			slices.Sort(got)
			if texts[lang] == "" || !slices.Equal(got, values) {
				t.Errorf("%s in %s: %q has %v, want %v", key, lang, texts[lang], got, values)
			}
		}
		if stem, ok := strings.CutSuffix(key, ".one"); ok && p[stem+".many"] == nil {
			t.Errorf("%s has no .many", stem)
		}
	}
	// Those that templates use.
	used := regexp.MustCompile(`\.Say\.([a-z_]+)`)
	entries, err := templates.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := templates.ReadFile("templates/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(b), -1) {
			if p[strings.ReplaceAll(m[1], "_", ".")] == nil {
				t.Errorf("%s uses %s, which is no phrase", e.Name(), m[1])
			}
		}
	}
}

// Every sense that contracts name has a label.
func TestSensesHaveLabels(t *testing.T) {
	p, err := loadPhrases()
	if err != nil {
		t.Fatal(err)
	}
	for code := range strings.FieldsSeq("modality negation exception deadline amount scope term definition xref force authority remedy other " +
		"contact nav date-stamp typo whitespace media appear withdraw move-url restored") {
		if p["sense."+code] == nil {
			t.Errorf("%s has no label", code)
		}
	}
	tongue := &tongue{"en", time.UTC, p}
	want(t, "unknown sense", tongue.sense("novel"), "novel")
	want(t, "unknown phrase", tongue.say("novel"), "novel")
}

func TestRedline(t *testing.T) {
	for _, c := range []struct {
		words []diff.Word
		want  string
	}{
		{[]diff.Word{{Op: "equal", Text: "the "}, {Op: "delete", Text: "751 "}, {Op: "insert", Text: "1 145 "}, {Op: "equal", Text: "places"}}, "the [-751-] {+1 145+} places"},
		{[]diff.Word{{Op: "delete", Text: "shall"}, {Op: "insert", Text: "may"}, {Op: "equal", Text: " go"}}, "[-shall-]{+may+} go"},
		{[]diff.Word{{Op: "insert", Text: " "}, {Op: "equal", Text: "x"}}, "x"},
		{nil, ""},
	} {
		want(t, "redline", redline(c.words), c.want)
	}
}

func TestExcerptsAreShort(t *testing.T) {
	l := secretary(t)
	tongue, m := l.tongue("en", ""), measures[Excerpts]
	long := strings.Repeat("word ", 10000)
	for _, e := range []diff.Edit{
		{Before: long, After: ""}, {After: strings.Repeat("x", 50000)}, {Before: long, After: long},
		{Words: []diff.Word{{Op: "equal", Text: long}, {Op: "insert", Text: "new "}, {Op: "equal", Text: long}, {Op: "delete", Text: "old "}, {Op: "equal", Text: strings.Repeat("y", 5000)}}},
		{Words: slices.Repeat([]diff.Word{{Op: "delete", Text: long}, {Op: "insert", Text: long}}, 500)},
	} {
		n := 0
		for _, w := range m.excerpt(tongue, &e, "").Words {
			n += len([]rune(w.Text))
		}
		if n == 0 || n > m.edit+m.run+10 {
			t.Errorf("an excerpt of %d characters", n)
		}
	}
}

// A subscription in words says all that was asked for, and nothing twice.
func TestDescribe(t *testing.T) {
	w := start(t)
	daily := Settings{Cadence: Daily, At: "07:00", Density: Excerpts}
	for _, c := range []struct {
		lang string
		sub  Subscription
		want string
	}{
		{"nl", Subscription{Filter: Filter{Query: "terugkeerhub", MinWeight: 3, Kinds: []Kind{KindNew, KindDrift}, Jurisdictions: []string{"BE"}},
			Settings: Settings{Cadence: Monthly, At: "18:30", Workdays: true}},
			"de zoekopdracht “terugkeerhub”; landen en instellingen: België; alleen: nieuwe documenten, talen die uit elkaar lopen; " +
				"wijzigingen van gewicht 3 en meer (van 5); op de eerste van elke maand om 18:30 (Europe/Brussels), alleen op werkdagen"},
		{"en", Subscription{Filter: Filter{MinWeight: 2}, Settings: daily},
			"all changes of weight 2 and above (of 5); every day at 07:00 (Europe/Brussels)"},
		{"fr", Subscription{Filter: Filter{MinWeight: 1}, Settings: daily}, "tous les changements, entretien compris; chaque jour à 07:00 (Europe/Brussels)"},
		{"en", Subscription{Filter: Filter{MinWeight: 1, Kinds: []Kind{KindDrift}}, Settings: daily},
			"languages that drift apart; changes of every weight, housekeeping too; every day at 07:00 (Europe/Brussels)"},
		{"fr", Subscription{Filter: Filter{MinWeight: 2, Kinds: []Kind{KindHealth}, Jurisdictions: []string{"EU", "INT", "XK", "??"}}, Settings: daily},
			"pays et institutions : Union européenne, international, Kosovo, ??; seulement : sources illisibles; chaque jour à 07:00 (Europe/Brussels)"},
		{"de", Subscription{Filter: Filter{MinWeight: 5}, Settings: Settings{Cadence: Daily, At: "07:00", Density: Full, Always: true}},
			"nur Änderungen des größten Gewichts, 5 von 5; täglich um 07:00 (Europe/Brussels); jede Änderung als vollständiger Vergleich; " +
				"eine E-Mail auch, wenn sich nichts geändert hat"},
	} {
		c.sub.Zone = DefaultZone
		lines, err := w.digest.Describe(&c.sub, c.lang)
		if err != nil {
			t.Fatal(err)
		}
		want(t, "in words", strings.Join(lines, "; "), c.want)
	}
}

func TestWrongConfiguration(t *testing.T) {
	w := start(t)
	for _, base := range []string{"", "veille.example.org", "ftp://x", "https://x?y", "https://user@x"} {
		w.digest.BaseURL = base
		if _, err := w.digest.Sync(t.Context(), Options{}); err == nil || !strings.Contains(err.Error(), "https://veille.example.org") {
			t.Errorf("base URL %q: %v", base, err)
		}
	}
	w.digest.BaseURL, w.digest.From = "https://example.org/veille/", "nobody"
	if _, err := w.digest.Subscribe(t.Context(), Request{Email: "reader@example.org"}); err == nil || !strings.Contains(err.Error(), "sender") {
		t.Errorf("sender: %v", err)
	}
	w.digest.From = "veille@example.org"
	if _, err := w.digest.Subscribe(t.Context(), Request{Email: "reader@example.org"}); err != nil {
		t.Fatal(err)
	}
	m, _ := w.store.Mail(t.Context(), 1)
	if !strings.Contains(m.Text, "https://example.org/veille/confirm/") {
		t.Errorf("links below a path:\n%s", m.Text)
	}
}

// What a list prints holds the fixed field names.
func TestSubscriptionJSON(t *testing.T) {
	w := start(t)
	b, err := json.Marshal(w.subscribed(Request{Filter: Filter{Topics: []string{"closed-centres"}}, Settings: Settings{Cadence: Daily}}))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "JSON", string(b), `{"id":1,"person":1,"email":"reader@example.org","lang":"en","zone":"Europe/Brussels","topics":["closed-centres"],"min_weight":2,`+
		`"cadence":"daily","at":"07:00","density":"excerpts","created":"2026-03-02T08:00:00Z","confirmed":"2026-03-02T08:00:00Z","due":"2026-03-03T06:00:00Z",`+
		`"upto":0,"last":"2026-03-02T08:00:00Z"}`)
}

package redline

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/archive"
	"veille/diff"
)

// blocks reads a text written one block a line, "# " for a heading.
func blocks(text string) []archive.Block {
	var out []archive.Block
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		b := archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: strings.TrimSpace(line)}
		if s, ok := strings.CutPrefix(b.Text, "# "); ok {
			b.Kind, b.Level, b.Text = archive.Heading, 2, s
		}
		out = append(out, b)
	}
	return out
}

// changed is the change from one text to another.
func changed(before, after string) *Change {
	old := &archive.Version{ID: 1, Lang: "en", Title: "Rules of the house", Blocks: blocks(before)}
	new := &archive.Version{ID: 2, Lang: "en", Title: "Rules of the house", Blocks: blocks(after)}
	c := diff.Between(old, new)
	return &Change{ID: c.ID(), Title: new.Title, URL: "https://example.org/rules", Lang: "en", Publisher: "The Office & Co", Before: "version 1", After: "version 2",
		Seen: archive.Interval{By: time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)}, Weight: c.Weight, Senses: c.Senses, Summary: c.Summary("en"), Edits: c.Edits, Blocks: new.Blocks, Was: old.Blocks}
}

const (
	house = `# Art. 1
The director may grant leave to a resident within 30 days.
# Art. 2
A passage about the rooms of the house and who may use them. It ends with the closing hours.
# Art. 3
Visitors are received in the hall on the ground floor every day.
The last passage speaks of complaints and of the committee.`
	rebuilt = `# Art. 1
The director must grant leave to a resident within 10 days.
The last passage speaks of complaints and of the committee.
# Art. 2
A passage about the rooms of the house and who may use them.
It ends with the closing hours.
# Art. 4
Visitors are received in the hall on the ground floor every day.
A wholly new thing: <b>"bold"</b> & unheard of.`
)

// word reads a docx the way Word does when all changes are accepted, or rejected.
func word(t *testing.T, file []byte, accept bool) []string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	drop := map[string]bool{"del": accept, "moveFrom": accept, "ins": !accept, "moveTo": !accept}
	var out []string
	var line strings.Builder
	dec := xml.NewDecoder(f)
	inRun, inProps, dropped, markDropped := false, false, 0, false
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := tok.(type) {
		case xml.StartElement:
			switch n := x.Name.Local; n {
			case "p":
				markDropped = false
			case "pPr":
				inProps = true
			case "t", "delText":
				inRun = true
			case "del", "ins", "moveFrom", "moveTo":
				for _, key := range []string{"author", "date", "id"} {
					found := false
					for _, a := range x.Attr {
						found = found || a.Name.Local == key && a.Value != ""
					}
					if !found {
						t.Errorf("%s has no %s", n, key)
					}
				}
				if inProps {
					markDropped = drop[n]
				} else if drop[n] {
					dropped++
				}
			}
		case xml.EndElement:
			switch n := x.Name.Local; n {
			case "p":
				if !markDropped {
					out = append(out, line.String())
					line.Reset()
				}
			case "pPr":
				inProps = false
			case "t", "delText":
				inRun = false
			case "del", "ins", "moveFrom", "moveTo":
				if !inProps && drop[n] {
					dropped--
				}
			}
		case xml.CharData:
			if inRun && dropped == 0 {
				line.Write(x)
			}
		}
	}
}

func docx(t *testing.T, c *Change) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := DOCX(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func lines(text string) string {
	var out []string
	for _, b := range blocks(text) {
		out = append(out, b.Text)
	}
	return strings.Join(out, "\n")
}

func TestDOCXAcceptedIsTheNewTextAndRejectedTheOld(t *testing.T) {
	for _, x := range []struct{ name, before, after string }{
		{"much", house, rebuilt}, {"and back", rebuilt, house}, {"nothing", house, house},
		{"all new", "Only this stood here before.", house}, {"all gone but one", house, "# Art. 1"},
	} {
		file := docx(t, changed(x.before, x.after))
		if got := strings.Join(word(t, file, true), "\n"); got != lines(x.after) {
			t.Errorf("%s, accepted:\n%s\nwant\n%s", x.name, got, lines(x.after))
		}
		if got := strings.Join(word(t, file, false), "\n"); got != lines(x.before) {
			t.Errorf("%s, rejected:\n%s\nwant\n%s", x.name, got, lines(x.before))
		}
	}
}

// Texts shuffled, cut and reworded at random come out whole on both sides.
func TestDOCXOfAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	parts := strings.Split(lines(house+"\n"+rebuilt), "\n")
	for range 300 {
		pick := func() string {
			var out []string
			for range 1 + r.IntN(8) {
				s := parts[r.IntN(len(parts))]
				if fields := strings.Fields(s); r.IntN(3) == 0 && len(fields) > 2 {
					fields[r.IntN(len(fields))] = "changed"
					s = strings.Join(fields, " ")
				}
				out = append(out, s)
			}
			return strings.Join(out, "\n")
		}
		before, after := pick(), pick()
		file := docx(t, changed(before, after))
		if got := strings.Join(word(t, file, true), "\n"); got != after {
			t.Fatalf("accepted:\n%s\nwant\n%s\nbefore\n%s", got, after, before)
		}
		if got := strings.Join(word(t, file, false), "\n"); got != before {
			t.Fatalf("rejected:\n%s\nwant\n%s\nafter\n%s", got, before, after)
		}
	}
}

func TestDOCXNeedsAText(t *testing.T) {
	if err := DOCX(io.Discard, &Change{ID: "0..1"}); !errors.Is(err, ErrNoBlocks) {
		t.Errorf("error %v", err)
	}
}

// LibreOffice opens the document, reads the new text in it, and the tracked
// changes by author and day.
func TestDOCXInLibreOffice(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("skipped: LibreOffice (soffice) is not installed")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "change.docx"), docx(t, changed(house, rebuilt)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		form, file string
		want       []string
	}{
		{"txt:Text (encoded):UTF8", "change.txt", []string{"The last passage speaks of complaints", "A wholly new thing"}},
		{"fodt", "change.fodt", []string{"<text:insertion>", "<text:deletion>", "<dc:creator>The Office &amp; Co</dc:creator>", "<dc:date>2026-03-03T08:00:00"}},
	} {
		cmd := exec.Command(office, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", x.form, "--outdir", dir, filepath.Join(dir, "change.docx"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		text, err := os.ReadFile(filepath.Join(dir, x.file))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range x.want {
			if !strings.Contains(string(text), want) {
				t.Errorf("LibreOffice does not read %q in\n%s", want, text)
			}
		}
	}
}

func TestHTML(t *testing.T) {
	for _, layout := range []Layout{Inline, SideBySide} {
		var b bytes.Buffer
		if err := HTML(&b, changed(house, rebuilt), layout, nil); err != nil {
			t.Fatal(err)
		}
		got := b.String()
		for _, want := range []string{"</span>may<span", "</span>must<span", `<del class="moved">The last passage`, `<span class="moved">The last passage`, "moved from here", "&lt;b&gt;", `href="#from`, "1 housekeeping edit hidden"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s is missing in\n%s", layout, want, got)
			}
		}
		if strings.Contains(got, "<script") || strings.Contains(got, "http-equiv") {
			t.Errorf("%s: more than text", layout)
		}
	}
}

func TestHTMLSpeaksFourLanguages(t *testing.T) {
	for lang, want := range map[string]string{"en": "housekeeping", "fr": "modification d’entretien", "nl-BE": "onderhoudswijziging", "de": "Pflegeänderung", "pl": "housekeeping"} {
		var b bytes.Buffer
		if err := Fragment(&b, Arrange(changed(house, rebuilt), Inline, 0, LabelsIn(lang))); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) || strings.Contains(b.String(), "%!") || strings.Contains(b.String(), "style=") {
			t.Errorf("%s:\n%s", lang, b.String())
		}
	}
}

// text is what a reader of one column reads, a line a paragraph.
func text(pieces []Piece, column func(Row) []diff.Word, skip string) []string {
	var out []string
	for _, p := range pieces {
		for _, r := range p.Rows {
			line := ""
			for _, w := range column(r) {
				if w.Op != skip {
					line += w.Text
				}
			}
			if line != "" {
				out = append(out, line)
			}
		}
	}
	return out
}

// The left column is the old text of what changed, the right one the new: no
// word of either is lost, and a passage that moved stands once in each.
func TestSideBySideShowsEachTextWhole(t *testing.T) {
	c := changed(house, rebuilt)
	v := Arrange(c, SideBySide, 0, nil)
	all := append(v.Edits, v.Hidden...)
	var before, after []string
	for i := range c.Edits {
		before = append(before, strings.Split(c.Edits[i].Before, "\n")...)
		after = append(after, strings.Split(c.Edits[i].After, "\n")...)
	}
	same := func(side string, got, want []string) {
		want = slices.DeleteFunc(want, func(s string) bool { return s == "" })
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q\nwant %q", side, got, want)
		}
	}
	same("old", text(all, func(r Row) []diff.Word { return r.Old }, ""), before)
	same("new", text(all, func(r Row) []diff.Word { return r.New }, ""), after)
}

func TestMovesAreDrawnAtBothEnds(t *testing.T) {
	v := Arrange(changed(house, rebuilt), Inline, 0, nil)
	ids := map[string]*Piece{}
	for i := range v.Edits {
		ids[v.Edits[i].ID] = &v.Edits[i]
	}
	ends := 0
	for _, p := range ids {
		if p.Other == "" {
			continue
		}
		ends++
		if o := ids[p.Other]; o == nil || o.Other != p.ID || o.Left == p.Left {
			t.Errorf("%s leads to %s, which is %+v", p.ID, p.Other, o)
		}
	}
	if ends != 2 {
		t.Errorf("%d ends of one move", ends)
	}
}

func TestArrangeCountsWhatItLeavesOut(t *testing.T) {
	c := changed(house, rebuilt)
	whole, cut := Arrange(c, Inline, 0, nil), Arrange(c, Inline, 1, nil)
	shown := map[int]bool{}
	for _, p := range append(cut.Edits, cut.Hidden...) {
		shown[p.N] = true
	}
	if whole.Cut != 0 || cut.Cut == 0 || cut.Cut+len(shown) != len(c.Edits) {
		t.Errorf("%d and %d cut, %d of %d shown", whole.Cut, cut.Cut, len(shown), len(c.Edits))
	}
}

// An edit that weighs less because its passage flaps says so in every view.
func TestDampedIsSaid(t *testing.T) {
	c := changed(house, rebuilt)
	c.Edits[0].Weight, c.Edits[0].Damped = 1, &diff.Damping{Weight: 5, Times: 4}
	var text, page bytes.Buffer
	if err := errors.Join(Text(&text, c, false, true), HTML(&page, c, Inline, LabelsIn("fr"))); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "weight 1; the same passage changed 4 times before, otherwise weight 5") {
		t.Errorf("text:\n%s", text.String())
	}
	if !strings.Contains(page.String(), "poids 1 (le même passage a déjà changé 4 fois, sinon poids 5)") {
		t.Errorf("page:\n%s", page.String())
	}
}

func TestText(t *testing.T) {
	var plain, colour, all bytes.Buffer
	c := changed(house, rebuilt)
	if err := errors.Join(Text(&plain, c, false, false), Text(&colour, c, true, false), Text(&all, c, false, true)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"[-may-]{+must+}", "⇄ The last passage", "modality: may → must", "1 edit is housekeeping"} {
		if !strings.Contains(plain.String(), want) {
			t.Errorf("%q is missing in\n%s", want, plain.String())
		}
	}
	if lines := strings.Split(plain.String(), "\n"); !strings.HasPrefix(lines[3], "first seen ") || strings.HasSuffix(lines[2], " ") || strings.Contains(plain.String(), "\n (") {
		t.Errorf("the head of\n%s", plain.String())
	}
	if !strings.Contains(colour.String(), "\x1b[31;9mmay\x1b[0m") {
		t.Errorf("no colours in %q", colour.String())
	}
	if strings.Contains(all.String(), "not shown") || !strings.Contains(all.String(), "split") {
		t.Errorf("all:\n%s", all.String())
	}
}

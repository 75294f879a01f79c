package extract

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/archive"
)

// TestLabelsThatAreNone: numbers in elements of their own on pages that are no
// law, and in laws where they number something else, stay text.
func TestLabelsThatAreNone(t *testing.T) {
	for name, test := range map[string]struct{ title, body, want string }{
		"steps": {"How to apply", `<p><span class="section-number">1</span> Fill in the form and sign it on the last page.</p>
			<p><span class="section-number">2</span> Send it to the office, with a copy of your passport.</p>`, "1 Fill in the form and sign it on the last page."},
		"figures": {"Asylum Act: figures", `<p><b>751</b> places are there in the centre for the return of families.</p>
			<p><b>312</b> people left the country in the year before the last one.</p>`, "751 places are there in the centre for the return of families."},
		"headings of a report": {"Annual report", `<h2><span class="header-section-number">1</span> Introduction</h2><p>The report tells of the year that has passed and of the next.</p>`, "1 Introduction"},
	} {
		text := read(t, &archive.Capture{Status: 200, Body: []byte("<html lang=en><title>" + test.title + "</title><body><main><h1>" + test.title + "</h1>" + test.body + "</main></body></html>")}, nil)
		found := false
		for _, b := range text.Version.Blocks {
			found = found || b.Text == test.want && b.Marker == "" && b.Kind != archive.Article
		}
		if !found {
			t.Errorf("%s: no block %q in\n%s", name, test.want, printText(text))
		}
	}
}

// TestLoneLabels: a number to which no text belongs is not lost, and takes that
// of no other section.
func TestLoneLabels(t *testing.T) {
	text := read(t, &archive.Capture{Status: 200, Body: []byte(`<html lang=en><title>Asylum Act</title><body><main><h1>Asylum Act</h1><p class="section"><span class="no">1</span></p>
		<p class="section"><span class="no">2</span></p><p>The second section says that this text is its own and no other's.</p><p class="section"><span class="no">3</span></p></main></body></html>`)}, nil)
	var got []string
	for _, b := range text.Version.Blocks {
		got = append(got, fmt.Sprintf("%s %s %s", b.Kind, b.Marker, b.Text))
	}
	want := "paragraph  1, article 2 The second section says that this text is its own and no other's., paragraph  3"
	if s := strings.Join(got[1:], ", "); s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
}

// TestActsOfCanada sets acts as the site of their publisher does – numbers in
// elements of their own, titles in the margin – and finds every section again.
// It needs the set in the folder VEILLE_DATA.
func TestActsOfCanada(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(os.Getenv("VEILLE_DATA"), "en-fr-canada/*/20*.xml"))
	if os.Getenv("VEILLE_DATA") == "" || len(files) == 0 {
		t.Skip("VEILLE_DATA does not hold en-fr-canada")
	}
	for _, file := range []string{files[0], files[len(files)-1]} {
		page, sections, parts := canadian(t, file)
		text := read(t, &archive.Capture{Status: 200, Body: []byte(page)}, nil)
		if text.Version == nil {
			t.Fatalf("%s: %s", file, text.Reason)
		}
		got, anchors, points := map[string]int{}, map[string]bool{}, 0
		for i, a := range Anchors(text.Version.Blocks) {
			b := &text.Version.Blocks[i]
			if b.Kind == archive.Article {
				got[b.Marker]++
			}
			if a != "" {
				anchors[a] = true
				if strings.Contains(a, "-par-") || strings.Contains(a, "-pt-") {
					points++
				}
			}
		}
		missing := 0
		for _, s := range sections {
			if got[s] == 0 || !anchors["sec-"+slug(s)] && !anchors["sec-"+slug(s)+"-par-1"] {
				missing++
				t.Logf("%s: section %s is missing", filepath.Base(file), s)
			}
			got[s]--
		}
		extra := 0
		for s, n := range got {
			if n > 0 {
				extra += n
				t.Logf("%s: %q is %d sections too many", filepath.Base(file), s, n)
			}
		}
		t.Logf("%s: %d sections, %d missing, %d too many; %d parts, %d anchors of parts", filepath.Base(file), len(sections), missing, extra, parts, points)
		if missing > 0 || extra > 0 || points < parts*9/10 {
			t.Errorf("%s: %d sections missing, %d too many, %d of %d parts have anchors", file, missing, extra, points, parts)
		}
	}
}

// canadian writes an act as its publisher's page does, and lists its sections.
func canadian(t *testing.T, file string) (page string, sections []string, parts int) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	open := map[string]string{"MarginalNote": `<p class="MarginalNote"><span class="wb-invisible">Marginal note:</span>`, "Heading": `<h2 class="Part">`, "TitleText": `<span class="HTitleText1">`, "Section": `<div class="Section">`,
		"Subsection": `<div class="Subsection">`, "Paragraph": `<div class="Paragraph">`, "Subparagraph": `<div class="Subparagraph">`, "Clause": `<div class="Clause">`, "Definition": `<div class="Definition">`, "HistoricalNoteSubItem": `<p class="Historical">`, "ContinuedSectionSubsection": "<p>", "ContinuedParagraph": "<p>", "ContinuedSubparagraph": "<p>"}
	var s strings.Builder
	s.WriteString(`<html lang="en"><title>Immigration and Refugee Protection Act</title><body><main><h1>Immigration and Refugee Protection Act</h1>`)
	d := xml.NewDecoder(f)
	var stack []string
	for body := false; ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			body = body || e.Name.Local == "Body"
			stack = append(stack, e.Name.Local)
			if body && e.Name.Local != "Label" {
				s.WriteString(open[e.Name.Local])
			}
		case xml.EndElement:
			if e.Name.Local == "Body" {
				return s.String() + "</main></body></html>", sections, parts
			}
			stack = stack[:len(stack)-1]
			if tag := open[e.Name.Local]; body && tag != "" {
				name, _, _ := strings.Cut(strings.Trim(tag, "<>"), " ")
				s.WriteString("</" + name + ">")
			}
		case xml.CharData:
			if !body || len(stack) < 2 {
				continue
			}
			text := html.EscapeString(string(e))
			switch in := stack[len(stack)-2]; {
			case stack[len(stack)-1] != "Label":
				s.WriteString(text)
			case in == "Section":
				sections = append(sections, text)
				fmt.Fprintf(&s, `<strong><a class="sectionLabel"><span class="sectionLabel">%s</span></a></strong> `, text)
			case in == "Heading":
				fmt.Fprintf(&s, `<span class="HLabel1">%s</span>`, text)
			default:
				parts++
				fmt.Fprintf(&s, `<span class="lawlabel">%s</span> `, text)
			}
		}
	}
	t.Fatalf("%s has no body", file)
	return "", nil, 0
}

package extract

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-pdf/fpdf"

	"veille/archive"
)

// TestLawAsPDF sets real laws of a hundred pages and more in one column and in
// two, justified, and reads them: nearly every paragraph must be a block, and,
// where titles are set larger than the text, every title a heading. It needs
// the sets of laws in the folder VEILLE_DATA.
func TestLawAsPDF(t *testing.T) {
	dir := os.Getenv("VEILLE_DATA")
	if dir == "" {
		t.Skip("VEILLE_DATA is not set")
	}
	for _, law := range []struct {
		files    string
		one, two float64 // share of paragraphs that must be blocks
		titles   float64
	}{
		{"de-gesetze/aufenthg/2025-03-05.md", .97, .95, .97},
		{"nl-vreemdelingenrecht/vreemdelingenwet-2000/*.md", .99, .98, .7},
		{"be-fr-loi-1999-04-29/versions/*.md", .99, .98, .7},
		{"en-fr-canada/fr-ca-lipr/*.md", .99, .98, .2},
	} {
		files, err := filepath.Glob(filepath.Join(dir, law.files))
		if err != nil || len(files) == 0 {
			t.Logf("VEILLE_DATA holds no %s", law.files)
			continue
		}
		source, err := os.ReadFile(files[len(files)-1])
		if err != nil {
			t.Fatal(err)
		}
		for columns, whole := range map[int]float64{1: law.one, 2: law.two} {
			body := setLaw(t, string(source), columns)
			t.Run(fmt.Sprintf("%s in %d columns", filepath.Dir(law.files), columns), func(t *testing.T) {
				bothReaders(t, func(t *testing.T, strategy string) {
					text, err := ReadAs(t.Context(), pdfCapture(body), nil, strategy)
					if err != nil || text.Version == nil {
						t.Fatalf("%s, %v", text.Reason, err)
					}
					checkLaw(t, string(source), text, whole, law.titles)
				})
			})
		}
	}
}

// lawHeader is the running line of a law that setLaw has set.
const lawHeader = "Beispielsammlung - Stand 5.3.2025"

// setLaw sets a law written in Markdown.
func setLaw(t *testing.T, source string, columns int) []byte {
	t.Helper()
	p := fpdf.New("P", "mm", "A4", "")
	tr := p.UnicodeTranslatorFromDescriptor("")
	const margin, gap, top = 18.0, 7.0, 20.0
	width := (210 - 2*margin - gap*float64(columns-1)) / float64(columns)
	column := 0
	begin := func(c int) {
		column = c
		x := margin + float64(c)*(width+gap)
		p.SetLeftMargin(x)
		p.SetX(x)
	}
	p.SetHeaderFunc(func() {
		p.SetFont("Helvetica", "", 8)
		p.Text(margin, 12, lawHeader)
	})
	p.SetAcceptPageBreakFunc(func() bool {
		if column < columns-1 {
			begin(column + 1)
			p.SetY(top)
			p.SetX(margin + float64(column)*(width+gap))
			return false
		}
		begin(0)
		p.SetY(top)
		return true
	})
	p.SetTopMargin(top)
	p.AddPage()
	begin(0)
	for line := range strings.Lines(source) {
		line = tr(strings.ReplaceAll(clean(line), "ﬁ", "fi"))
		switch {
		case line == "":
		case strings.HasPrefix(line, "#"):
			p.SetFont("Helvetica", "B", 15-float64(strings.Count(line, "#"))*1.2)
			p.Ln(2)
			p.MultiCell(width, 6, strings.TrimLeft(line, "# "), "", "L", false)
			p.Ln(1)
		default:
			p.SetFont("Times", "", 9.5)
			p.MultiCell(width, 4.4, line, "", "J", false)
			p.Ln(1.4)
		}
	}
	return output(t, p)
}

// signs matches the signs around what an amendment put in, which are written
// otherwise in a block.
var signs = regexp.MustCompile(`\[(?:[0-9]+|[⁰¹²³⁴⁵⁶⁷⁸⁹]+) |\](?:[0-9]+|[⁰¹²³⁴⁵⁶⁷⁸⁹]+)`)

func checkLaw(t *testing.T, source string, text *Text, want, titles float64) {
	t.Helper()
	blocks, heads := map[string]bool{}, map[string]bool{}
	for _, b := range text.Version.Blocks {
		if b.Role != archive.Main {
			continue
		}
		blocks[signs.ReplaceAllString(clean(b.Marker+" "+b.Text), "")], blocks[signs.ReplaceAllString(b.Text, "")] = true, true
		if b.Kind == archive.Heading {
			heads[signs.ReplaceAllString(b.Text, "")] = true
		}
	}
	var paragraphs, whole, sections, found float64
	for line := range strings.Lines(source) {
		line = clean(line)
		switch head := strings.TrimLeft(line, "# "); {
		case head != line:
			sections++
			if heads[signs.ReplaceAllString(head, "")] {
				found++
			}
		case len(line) >= 40:
			paragraphs++
			if blocks[signs.ReplaceAllString(line, "")] {
				whole++
			} else if paragraphs-whole < 8 {
				t.Logf("no block of its own: %.120q", line)
			}
		}
	}
	t.Logf("%.0f of %.0f paragraphs are blocks (%.3f), %.0f of %.0f titles are headings", whole, paragraphs, whole/paragraphs, found, sections)
	if whole < want*paragraphs || found < titles*sections {
		t.Errorf("too few paragraphs or titles are whole; want %.2f of the paragraphs, %.2f of the titles", want, titles)
	}
}

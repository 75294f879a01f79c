package extract

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/go-pdf/fpdf"

	"veille/archive"
	"veille/internal/seedsite"
)

// A sheet writes PDF pages by place.
type sheet struct {
	*fpdf.Fpdf
	tr func(string) string
}

func newSheet() *sheet {
	p := fpdf.New("P", "pt", "A4", "")
	p.SetAutoPageBreak(false, 0)
	p.AddPage()
	return &sheet{p, p.UnicodeTranslatorFromDescriptor("")}
}

// column writes text into a column, justified, and returns where it ends.
func (s *sheet) column(x, y, width, size float64, text string) float64 {
	s.SetFont("Times", "", size)
	s.SetLeftMargin(x)
	s.SetXY(x, y)
	s.MultiCell(width, size*1.2, s.tr(text), "", "J", false)
	return s.GetY()
}

func (s *sheet) heading(x, y, size float64, text string) {
	s.SetFont("Helvetica", "B", size)
	s.Text(x, y+size, s.tr(text))
}

var prose = []string{
	"Whereas the return of persons who do not fulfil the conditions of entry must be carried out in a fair and transparent manner, decisions should be taken on a case-by-case basis and based on objective criteria. ",
	"A removal shall be postponed when it would violate the principle of non-refoulement, and for as long as a suspensive effect is granted by a court that has been asked to review the decision. ",
	"Children shall not be detained in a closed centre unless there is no other way, and then only for the shortest appropriate period of time, in a place that is fit for families. ",
	"The authorities inform the person concerned in writing, in a language that he or she understands, about the reasons in fact and in law and about the available legal remedies. ",
}

func readPages(t *testing.T, s *sheet, strategy string) *Text {
	t.Helper()
	text, err := ReadAs(t.Context(), pdfCapture(output(t, s.Fpdf)), nil, strategy)
	if err != nil || text.Class != archive.Content {
		t.Fatalf("read as %q (%s), %v; want content", text.Class, text.Reason, err)
	}
	return text
}

// inOrder checks that these stand in the reading, each once, in this order.
func inOrder(t *testing.T, text *Text, want ...string) {
	t.Helper()
	got, at := printText(text), 0
	for _, w := range want {
		if n := strings.Count(got, w); n != 1 {
			t.Errorf("%q is %d times in the reading, want once", w, n)
			continue
		}
		i := strings.Index(got, w)
		if i < at {
			t.Errorf("%q stands before what it should follow", w)
		}
		at = i
	}
	if t.Failed() {
		t.Log("\n" + got)
	}
}

func TestPDFTwoColumns(t *testing.T) {
	bothReaders(t, func(t *testing.T, strategy string) {
		s := newSheet()
		s.heading(60, 50, 18, "Official Journal of the Example Union")
		left := strings.TrimSpace(prose[0] + prose[1] + prose[0])
		right := strings.TrimSpace(prose[2] + prose[3] + "It ends when the purpose is ful-\nfilled and not later than after six months of which")
		s.column(60, 100, 225, 10, left)
		s.column(310, 104, 225, 10, right) // not on the same lines
		s.AddPage()
		s.column(60, 60, 225, 10, "no day is counted twice. "+prose[1]+prose[2]+prose[2])
		s.column(310, 60, 225, 10, prose[3])
		text := readPages(t, s, strategy)
		inOrder(t, text, "M heading1: Official Journal", "M paragraph: "+left+"\n",
			"M paragraph: "+strings.TrimSpace(prose[2]+prose[3])+" It ends when the purpose is fulfilled and not later than after six months of which no day is counted twice. "+prose[1]+prose[2]+strings.TrimSpace(prose[2])+"\n",
			"M paragraph: "+strings.TrimSpace(prose[3])+"\n")
	})
}

func TestPDFTable(t *testing.T) {
	bothReaders(t, func(t *testing.T, strategy string) {
		s := newSheet()
		y := s.column(60, 60, 470, 11, prose[0])
		rows := [][]string{{"Centre", "Places", "Average stay", "Remarks"}, {"North", "120", "38 days", "closed"}, {"South of the river", "1 204", "41 days", ""},
			{"West", "75", "12 days", "open since March"}}
		s.SetFont("Helvetica", "", 10)
		y += 20
		for _, r := range rows {
			for i, c := range r {
				s.Text([]float64{60, 200, 290, 400}[i], y, c)
			}
			y += 16
		}
		s.column(400, y-14, 120, 10, "")
		s.SetFont("Helvetica", "", 10)
		s.Text(400, y-4, "and of June") // the last cell goes on
		s.column(60, y+20, 470, 11, prose[1])
		inOrder(t, readPages(t, s, strategy), strings.TrimSpace(prose[0]), "M row: Centre | Places | Average stay | Remarks\n", "M row: North | 120 | 38 days | closed\n",
			"M row: South of the river | 1 204 | 41 days\n", "M row: West | 75 | 12 days | open since March and of June\n", strings.TrimSpace(prose[1]))
	})
}

// TestPDFSameRows: the rows of a table are told on every page, even if they
// are the same at the same height, and end in the same word.
func TestPDFSameRows(t *testing.T) {
	bothReaders(t, func(t *testing.T, strategy string) {
		s := newSheet()
		for page := range 3 {
			if page > 0 {
				s.AddPage()
			}
			s.column(60, 60, 470, 11, fmt.Sprintf("Chapter %d. ", page*page)+prose[page]+prose[3])
			s.SetFont("Helvetica", "", 10)
			for i := range 4 {
				for k, c := range []string{fmt.Sprintf("Centre %d", i), fmt.Sprint(100 * i), fmt.Sprintf("%d days", 10+i), "open"} {
					s.Text([]float64{60, 200, 290, 400}[k], 300+16*float64(i), c)
				}
			}
			s.column(60, 400, 470, 11, prose[page]+prose[1]+prose[2])
			s.column(60, 560, 470, 11, prose[2]+prose[page]+prose[0]+prose[3])
		}
		got := printText(readPages(t, s, strategy))
		for i := range 4 {
			row := fmt.Sprintf("M row: Centre %d | %d | %d days | open\n", i, 100*i, 10+i)
			if n := strings.Count(got, row); n != 3 {
				t.Errorf("%q is %d times in the reading, want 3", row, n)
			}
		}
		if t.Failed() {
			t.Log("\n" + got)
		}
	})
}

// TestPDFTallCells: cells of several lines, and narrow columns of figures.
func TestPDFTallCells(t *testing.T) {
	bothReaders(t, func(t *testing.T, strategy string) {
		s := newSheet()
		s.heading(60, 50, 16, "Reception places")
		y := s.column(60, 90, 470, 11, prose[0]) + 14
		for _, r := range [][]string{{"Centre", "Kind of reception", "Places", "Used"},
			{"North", "Collective reception for families with minor children, including those with special needs", "1,204", "98 %"},
			{"South of the river, near the old harbour", "Single men", "75", "100 %"},
			{"West", "Unaccompanied minors; observation in the first phase, afterwards individual accommodation", "310", "87 %"}} {
			bottom := y
			for i, c := range r {
				s.SetFont("Times", "", 11)
				s.SetLeftMargin([]float64{60, 170, 425, 466}[i])
				s.SetXY([]float64{60, 170, 425, 466}[i], y)
				s.MultiCell([]float64{90, 240, 60, 60}[i], 12.8, c, "", "L", false)
				bottom = max(bottom, s.GetY())
			}
			y = bottom + 7
		}
		s.column(60, y+14, 470, 11, prose[1])
		inOrder(t, readPages(t, s, strategy), "M row: Centre | Kind of reception | Places | Used\n",
			"M row: North | Collective reception for families with minor children, including those with special needs | 1,204 | 98 %\n",
			"M row: South of the river, near the old harbour | Single men | 75 | 100 %\n",
			"M row: West | Unaccompanied minors; observation in the first phase, afterwards individual accommodation | 310 | 87 %\n",
			"M paragraph: "+strings.TrimSpace(prose[1]))
	})
}

// TestPDFJudgment: numbers in the margin, footnotes with raised marks, a
// quotation that goes over the page.
func TestPDFJudgment(t *testing.T) {
	bothReaders(t, func(t *testing.T, strategy string) {
		s := newSheet()
		s.heading(90, 50, 14, "JUDGMENT OF THE COURT")
		y := 90.0
		number := func(n int, text string) {
			s.SetFont("Times", "", 11)
			s.Text(60, y+10, fmt.Sprintf("%d.", n))
			y = s.column(90, y, 440, 11, text) + 8
		}
		number(41, prose[0])
		number(42, prose[1]+prose[2])
		number(43, prose[3])
		s.Text(90, y+4, "See the law of 1980")
		x := 90 + s.GetStringWidth("See the law of 1980")
		s.SetFont("Times", "", 6.5)
		s.Text(x+0.3, y, "1") // a raised mark
		s.SetFont("Times", "", 11)
		s.Text(x+6.5, y+4, "on foreigners.")
		note := func(mark, text string, y float64) {
			s.SetFont("Times", "", 5.5)
			s.Text(60, y-3, mark)
			s.SetFont("Times", "", 8)
			s.Text(64, y, s.tr(text))
		}
		note("1", "Law of 15 December 1980 on the entry of foreigners, article 7.", 760)
		note("2", "Case C-61/11 PPU, El Dridi, paragraph 39, and the literature that is quoted", 772)
		s.SetFont("Times", "", 8)
		s.Text(60, 784, "there on the point.")
		s.AddPage()
		y = 60
		number(44, prose[2])
		number(45, prose[3])
		text := readPages(t, s, strategy)
		inOrder(t, text, "M heading1: JUDGMENT OF THE COURT\n", "M item1 (41.): "+strings.TrimSpace(prose[0])+"\n", "M item1 (42.): "+prose[1]+strings.TrimSpace(prose[2])+"\n",
			"M item1 (43.): "+prose[3]+"See the law of 1980¹ on foreigners.\n", "M item1 (44.): ", "M item1 (45.): ", "M item1 (¹): Law of 15 December 1980 on the entry of foreigners, article 7.\n",
			"M item1 (²): Case C-61/11 PPU, El Dridi, paragraph 39, and the literature that is quoted there on the point.\n")
	})
}

// TestSeeds: the five documents the project began with come out whole as
// PDF, whichever reader reads them.
func TestSeeds(t *testing.T) {
	dir := os.Getenv("VEILLE_SEEDS")
	if dir == "" {
		dir = "../../shared/seeds"
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the five original documents are not here; name their directory with VEILLE_SEEDS")
	}
	site, err := seedsite.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range site.Docs() {
		body, err := seedsite.PDF(d)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(d.Name, func(t *testing.T) {
			bothReaders(t, func(t *testing.T, strategy string) {
				text, err := ReadAs(t.Context(), pdfCapture(body), nil, strategy)
				if err != nil || text.Version == nil {
					t.Fatalf("%s, %v", text.Reason, err)
				}
				checkSeed(t, d.Text, text)
			})
		})
	}
}

// checkSeed counts how many lines of a document are whole blocks of main text.
func checkSeed(t *testing.T, source string, text *Text) {
	t.Helper()
	have := map[string]bool{}
	all := " "
	for _, b := range text.Version.Blocks {
		have[strings.TrimSpace(b.Text)] = true
		if b.Role == archive.Main {
			all += b.Text + " "
		}
	}
	whole, lost, lines := 0, 0, 0
	for line := range strings.Lines(source) {
		line = clean(strings.Trim(strings.TrimSpace(line), "*"))
		line = strings.TrimPrefix(strings.TrimPrefix(line, "- "), "• ")
		if len(line) < 60 {
			continue
		}
		lines++
		switch {
		case have[line]:
			whole++
		case !strings.Contains(all, line):
			lost++
			t.Logf("not whole: %q", line)
		}
	}
	t.Logf("%d of %d paragraphs are blocks of their own, %d are not whole", whole, lines, lost)
	if lost*20 > lines {
		t.Errorf("%d of %d paragraphs are not whole", lost, lines)
		t.Log("\n" + printText(text))
	}
}

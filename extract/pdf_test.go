package extract

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/go-pdf/fpdf"

	"veille/archive"
)

const funder = "Funded by the Example Fund. Views and opinions expressed are those of the authors only and do not necessarily reflect those of the Fund or of its members, who cannot be held responsible for them."

// report makes a report of four pages with a running header, a funder line of
// two lines at the foot of each page, and page numbers.
func report(t *testing.T) []byte {
	t.Helper()
	p := fpdf.New("P", "mm", "A4", "")
	tr := p.UnicodeTranslatorFromDescriptor("")
	p.SetHeaderFunc(func() {
		p.SetFont("Helvetica", "", 8)
		p.CellFormat(0, 5, "National report on returns", "", 1, "R", false, 0, "")
		p.Ln(4)
	})
	p.SetFooterFunc(func() {
		p.SetY(-24)
		p.SetFont("Helvetica", "", 8)
		p.MultiCell(0, 4, funder, "", "C", false)
		p.CellFormat(0, 5, fmt.Sprint(p.PageNo()), "", 0, "C", false, 0, "")
	})
	write := func(size, height float64, text string) {
		p.SetFont("Helvetica", "", size)
		p.MultiCell(0, height, tr(text), "", "L", false)
		p.Ln(4)
	}
	p.AddPage()
	write(22, 11, "Experiences of return")
	write(11, 6, "This report is based on sixty interviews with people who returned and with those who advised them. They took place in three cities between January and June; inter-\npreters were present. The capacity of the closed centres was 751 places at the time.")
	p.AddPage()
	write(16, 8, "1. Advice")
	write(11, 6, "The adviser shall meet the family within thirty days.")
	write(11, 6, "The interviews show that:")
	write(11, 6, "- families want to know the date;")
	write(11, 6, "- nobody explains the appeal.")
	p.AddPage()
	write(16, 8, "2. Détention")
	write(11, 6, "Reception of families ends when the order has become final, as everybody we have spoken to explained to us, and the offi-\ncial answer to our question says the same")
	p.AddPage()
	write(11, 6, "on its second page. The ICAM coach decides.")
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func pdfCapture(body []byte) *archive.Capture {
	return &archive.Capture{URL: "https://example.org/report.pdf", FinalURL: "https://example.org/report.pdf", Status: 200,
		Header: http.Header{"Content-Type": {"application/pdf"}}, Body: body, Seq: 1}
}

func bothReaders(t *testing.T, f func(t *testing.T, strategy string)) {
	t.Run(strategyBuiltin, func(t *testing.T) { f(t, strategyBuiltin) })
	t.Run(strategyPDF, func(t *testing.T) {
		if _, err := exec.LookPath("pdftotext"); err != nil {
			t.Skip("pdftotext is not installed")
		}
		f(t, strategyPDF)
	})
}

func TestPDFReport(t *testing.T) {
	body := append([]byte("junk\r\n"), report(t)...)
	bothReaders(t, func(t *testing.T, strategy string) {
		text, err := ReadAs(t.Context(), pdfCapture(body), nil, strategy)
		if err != nil || text.Class != archive.Content {
			t.Fatalf("read as %q (%s), %v; want content", text.Class, text.Reason, err)
		}
		if text.Version.Strategy != strategy {
			t.Errorf("read by %s, want %s", text.Version.Strategy, strategy)
		}
		got := printText(text)
		for _, want := range []string{
			"title: Experiences of return\n", "lang: en\n",
			"M heading1: Experiences of return\n",
			"M heading2: 1. Advice\n", "M heading2: 2. Détention\n",
			"June; interpreters were present. The capacity of the closed centres was 751 places at the time.\n",
			"[Experiences of return › 1. Advice]\n",
			"M paragraph: The interviews show that:\nM item1 (-): families want to know the date;\nM item1 (-): nobody explains the appeal.\n",
			"the official answer to our question says the same on its second page. The ICAM coach decides.\n",
			"b paragraph: " + funder + "\n",
		} {
			if strings.Count(got, want) != 1 {
				t.Errorf("%q is %d times in the reading, want once", want, strings.Count(got, want))
			}
		}
		if n := strings.Count(got, "National report on returns"); n != 1 {
			t.Errorf("the running header is %d times in the reading, want once", n)
		}
		if t.Failed() {
			t.Log("\n" + got)
		}
	})
}

func TestPDFRefused(t *testing.T) {
	scanned := fpdf.New("P", "mm", "A4", "")
	scanned.AddPage()
	scanned.Rect(10, 10, 50, 50, "F")
	stamped := fpdf.New("P", "mm", "A4", "")
	for range 6 {
		stamped.AddPage()
		stamped.SetFont("Helvetica", "", 9)
		stamped.Text(20, 290, fmt.Sprintf("Received by the registry on 3 March 2026 - page %d of 6", stamped.PageNo()))
	}
	encrypted := fpdf.New("P", "mm", "A4", "")
	encrypted.SetProtection(0, "user", "owner")
	encrypted.AddPage()
	encrypted.SetFont("Helvetica", "", 12)
	encrypted.Cell(40, 10, "Secret words of a protected document")
	loop := "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 9/Kids[2 0 R]>>endobj\n" +
		"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \ntrailer<</Size 3/Root 1 0 R>>\nstartxref\n106\n%%EOF"
	tests := []struct {
		name string
		body []byte
		want string
	}{
		{"scanned", output(t, scanned), "scanned"},
		{"scanned and stamped", output(t, stamped), "scanned"},
		{"encrypted", output(t, encrypted), "encrypted"},
		{"garbage", []byte("%PDF-1.7\n" + strings.Repeat("garbage ", 100)), ""},
		{"cut", report(t)[:700], "cut short"},
		{"cut behind an end mark", append(append(report(t), "\n9 0 obj<</A"...), strings.Repeat(" 1", 64)...), "cut short"},
		{"loop", []byte(loop), ""},
		{"no PDF", []byte("<p>Not here</p>"), "not one"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bothReaders(t, func(t *testing.T, strategy string) {
				text, err := ReadAs(t.Context(), pdfCapture(test.body), nil, strategy)
				if err != nil || text.Class != archive.Error || text.Version != nil || !strings.Contains(text.Reason, test.want) {
					t.Errorf("read as %q, reason %q, %v; want an error that says %q", text.Class, text.Reason, err, test.want)
				}
			})
		})
	}
}

func output(t *testing.T, p *fpdf.Fpdf) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestPDFStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	bothReaders(t, func(t *testing.T, strategy string) {
		if _, err := ReadAs(ctx, pdfCapture(report(t)), nil, strategy); err == nil {
			t.Error("reading with an ended context gives no error")
		}
	})
}

func FuzzLayOut(f *testing.F) {
	f.Add("Title\nA line that is-\nbroken here.\n\f• one\n• two\n3\f3")
	f.Add("Art. 1. x\n(a) y\n1.2 Z\n--\n-\n")
	f.Fuzz(func(t *testing.T, text string) {
		var pages []pdfPage
		for p := range strings.SplitSeq(text, "\f") {
			page := pdfPage{}
			for i, l := range strings.Split(p, "\n") {
				if l = clean(l); l != "" {
					page.lines = append(page.lines, pdfLine{text: l, top: float64(12 * i), size: float64(8 + len(l)%3), right: float64(len(l))})
				}
			}
			pages = append(pages, page)
		}
		blocks, notes := layOut(pages)
		for i := range notes {
			blocks = append(blocks, notes[i].block)
		}
		for _, b := range blocks {
			if b.Text == "" && b.Kind != archive.Article {
				t.Errorf("a block without text: %+v", b)
			}
		}
	})
}

// TestTSVInPieces: what pdftotext writes is read alike however it is cut, and
// no further than the limits.
func TestTSVInPieces(t *testing.T) {
	const out = "level\tpage_num\tpar_num\tblock_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n" +
		"1\t1\t0\t0\t0\t0\t0\t0\t595\t842\t-1\t###PAGE###\n5\t1\t0\t0\t0\t0\t50\t60\t30\t12\t100\tSome\n5\t1\t0\t0\t0\t1\t90\t60\t30\t12\t100\twords\r\n" +
		"1\t2\t0\t0\t0\t0\t0\t0\t595\t842\t-1\t###PAGE###\n5\t2\t0\t0\t0\t0\t50\t60\t30\t12\t100\there\n"
	for size := 1; size < 80; size += 13 {
		r := &tsvReader{stop: func() { t.Error("stopped") }}
		for i := 0; i < len(out); i += size {
			r.Write([]byte(out[i:min(i+size, len(out))]))
		}
		r.end()
		if len(r.pages) != 2 || len(r.pages[0].lines) != 1 || r.pages[0].lines[0].text != "Some words" || r.pages[1].lines[0].text != "here" {
			t.Errorf("in pieces of %d: %+v", size, r.pages)
		}
	}
	stopped := 0
	r := &tsvReader{stop: func() { stopped++ }}
	for range 40 {
		r.Write(bytes.Repeat([]byte("x"), 100_000))
	}
	if stopped != 1 || r.err == nil {
		t.Errorf("an endless line: stopped %d times, %v", stopped, r.err)
	}
}

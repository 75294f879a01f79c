package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-pdf/fpdf"
)

var sentences = []string{
	"The return decision states the reasons in fact and in law and the legal remedies that are open to the person concerned.",
	"A period for voluntary departure of between seven and thirty days is granted, unless there is a risk of absconding.",
	"Detention lasts as short as possible and only as long as removal is being prepared with due diligence.",
	"In 1,204 of the 3,377 files that were examined the person had not been heard before the decision was taken.",
	"Families with minor children are received in open return houses, where a coach prepares the return with them.",
	"The court reviews the lawfulness of the measure of its own motion at reasonable intervals of time.",
}

// A part is a chapter of the report.
type part struct {
	title string
	paras []string
	rows  [][]string
}

// report is the text: about a page a part.
func report(pages int) []part {
	out := make([]part, 0, pages)
	for n := range pages {
		p := part{title: fmt.Sprintf("%d. Findings on question %d", n+1, n*7%100)}
		for k := range 5 {
			var b strings.Builder
			for s := range 4 + k%3 {
				b.WriteString(sentences[(n+k*3+s)%len(sentences)] + " ")
			}
			p.paras = append(p.paras, fmt.Sprintf("%sThis is finding %d.%d.", b.String(), n+1, k+1))
		}
		if n%3 == 0 {
			for r := range 6 {
				p.rows = append(p.rows, []string{fmt.Sprintf("Centre %d", r), fmt.Sprint(100 + n*r), fmt.Sprintf("%d days", 10+r), "open"})
			}
		}
		out = append(out, p)
	}
	return out
}

func makeDocuments(dir string, pages int) ([]string, error) {
	text := report(pages)
	var files []string
	for _, d := range []struct {
		name string
		make func([]part) ([]byte, error)
	}{{"report.pdf", makePDF}, {"report.docx", makeDOCX}, {"report.odt", makeODT}, {"report.rtf", makeRTF}, {"report.eml", makeMail}, {"report.txt", makeText}} {
		body, err := d.make(text)
		if err != nil {
			return nil, err
		}
		file := filepath.Join(dir, d.name)
		if err := os.WriteFile(file, body, 0o600); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

func makePDF(text []part) ([]byte, error) {
	p := fpdf.New("P", "mm", "A4", "")
	p.SetFooterFunc(func() {
		p.SetY(-18)
		p.SetFont("Helvetica", "", 8)
		p.CellFormat(0, 4, "Funded by the Example Fund. The views expressed are those of the authors only.", "", 1, "C", false, 0, "")
		p.CellFormat(0, 4, fmt.Sprint(p.PageNo()), "", 0, "C", false, 0, "")
	})
	for n, c := range text {
		p.AddPage()
		p.SetFont("Helvetica", "B", 14)
		p.MultiCell(0, 8, c.title, "", "L", false)
		p.SetFont("Times", "", 11)
		for _, s := range c.paras {
			p.MultiCell(0, 5.5, s, "", "J", false)
			p.Ln(2)
		}
		for _, r := range c.rows {
			for _, cell := range r {
				p.CellFormat(42, 6, cell, "1", 0, "L", false, 0, "")
			}
			p.Ln(-1)
		}
		p.SetFont("Times", "", 8)
		p.Text(10, 275, fmt.Sprintf("%d See the annual report, page %d.", n+1, n*n%97))
	}
	var b bytes.Buffer
	err := p.Output(&b)
	return b.Bytes(), err
}

func zipped(parts ...string) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(parts); i += 2 {
		method := zip.Deflate
		if parts[i] == "mimetype" {
			method = zip.Store
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: parts[i], Method: method})
		if err == nil {
			_, err = w.Write([]byte(parts[i+1]))
		}
		if err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return b.Bytes(), err
}

func makeDOCX(text []part) ([]byte, error) {
	var b strings.Builder
	b.WriteString(`<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`)
	for _, c := range text {
		fmt.Fprintf(&b, `<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>%s</w:t></w:r></w:p>`, html.EscapeString(c.title))
		for _, s := range c.paras {
			b.WriteString(`<w:p><w:pPr><w:jc w:val="both"/></w:pPr>`)
			for _, run := range strings.SplitAfter(s, ". ") {
				fmt.Fprintf(&b, `<w:r><w:rPr><w:lang w:val="en-GB"/></w:rPr><w:t xml:space="preserve">%s</w:t></w:r>`, html.EscapeString(run))
			}
			b.WriteString(`</w:p>`)
		}
		if len(c.rows) > 0 {
			b.WriteString(`<w:tbl>`)
			for _, r := range c.rows {
				b.WriteString(`<w:tr>`)
				for _, cell := range r {
					fmt.Fprintf(&b, `<w:tc><w:tcPr><w:tcW w:w="2000"/></w:tcPr><w:p><w:r><w:t>%s</w:t></w:r></w:p></w:tc>`, cell)
				}
				b.WriteString(`</w:tr>`)
			}
			b.WriteString(`</w:tbl>`)
		}
	}
	b.WriteString(`</w:body></w:document>`)
	return zipped("word/document.xml", b.String(), "word/styles.xml",
		`<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:style w:styleId="Heading1"><w:name w:val="heading 1"/></w:style></w:styles>`)
}

func makeODT(text []part) ([]byte, error) {
	var b strings.Builder
	b.WriteString(`<office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="a"><office:body><office:text>`)
	for _, c := range text {
		fmt.Fprintf(&b, `<text:h text:outline-level="1">%s</text:h>`, html.EscapeString(c.title))
		for _, s := range c.paras {
			fmt.Fprintf(&b, `<text:p text:style-name="P1">%s</text:p>`, html.EscapeString(s))
		}
		if len(c.rows) > 0 {
			b.WriteString(`<table:table>`)
			for _, r := range c.rows {
				b.WriteString(`<table:table-row>`)
				for _, cell := range r {
					fmt.Fprintf(&b, `<table:table-cell><text:p>%s</text:p></table:table-cell>`, cell)
				}
				b.WriteString(`</table:table-row>`)
			}
			b.WriteString(`</table:table>`)
		}
	}
	b.WriteString(`</office:text></office:body></office:document-content>`)
	return zipped("mimetype", "application/vnd.oasis.opendocument.text", "content.xml", b.String())
}

func makeRTF(text []part) ([]byte, error) {
	var b strings.Builder
	b.WriteString(`{\rtf1\ansi\ansicpg1252{\stylesheet{\s1 heading 1;}}`)
	for _, c := range text {
		b.WriteString(`\pard\plain\s1 ` + c.title + `\par` + "\n")
		for _, s := range c.paras {
			b.WriteString(`\pard\plain\qj\f0\fs22 ` + s + `\par` + "\n")
		}
	}
	b.WriteString(`}`)
	return []byte(b.String()), nil
}

func makeText(text []part) ([]byte, error) {
	var b strings.Builder
	for _, c := range text {
		b.WriteString(c.title + "\n\n")
		for _, s := range c.paras {
			for len(s) > 76 {
				cut := strings.LastIndexByte(s[:76], ' ')
				b.WriteString(s[:cut] + "\n")
				s = s[cut+1:]
			}
			b.WriteString(s + "\n\n")
		}
	}
	return []byte(b.String()), nil
}

func makeMail(text []part) ([]byte, error) {
	var b strings.Builder
	b.WriteString("<html><body>")
	for _, c := range text {
		b.WriteString("<h2>" + html.EscapeString(c.title) + "</h2>\n")
		for _, s := range c.paras {
			b.WriteString("<p>" + html.EscapeString(s) + "</p>\n")
		}
	}
	b.WriteString("</body></html>")
	var m bytes.Buffer
	m.WriteString("From: a@example.org\r\nSubject: Report\r\nDate: Tue, 3 Mar 2026 09:30:00 +0100\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	packed := base64.StdEncoding.EncodeToString([]byte(b.String()))
	for len(packed) > 76 {
		m.WriteString(packed[:76] + "\r\n")
		packed = packed[76:]
	}
	m.WriteString(packed + "\r\n")
	return m.Bytes(), nil
}

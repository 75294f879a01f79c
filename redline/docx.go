package redline

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"veille/archive"
	"veille/diff"
)

// How a change lies in a Word document (ECMA-376, WordprocessingML): the whole
// main text of the new version, a paragraph a block, in which
//
//   - deleted and inserted words are w:del and w:ins,
//   - a block that came or went has its paragraph mark tracked too, so that
//     accepting or rejecting it leaves no empty line,
//   - where a block was split, the mark between the parts is inserted; where
//     blocks were joined, it is deleted,
//   - a block that moved is w:moveFrom where it stood and w:moveTo where it
//     stands, under one name.
//
// The author of each is the publisher, its date when we first saw it. Accepting
// all gives the new text, rejecting all the old one. Nothing else is in the
// body. Menus and footers are left out, with what changed in them.

// ErrNoBlocks is wrapped by the error of [DOCX] for a change without its text,
// as of a page that came or was withdrawn.
var ErrNoBlocks = errors.New("the change has no text on both sides")

// DOCX writes a change as a Word document with tracked changes. The bytes
// depend on the change alone.
func DOCX(w io.Writer, c *Change) error {
	if len(c.Blocks) == 0 {
		return fmt.Errorf("docx of change %s: %w", c.ID, ErrNoBlocks)
	}
	d := &document{c: c, author: c.Publisher, date: c.Seen.By.UTC().Format(time.RFC3339)}
	if d.author == "" {
		d.author = c.URL
	}
	body := d.body()
	z := zip.NewWriter(w)
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", contentTypes}, {"_rels/.rels", packageRels}, {"word/_rels/document.xml.rels", documentRels},
		{"word/document.xml", body}, {"word/styles.xml", styles}, {"docProps/core.xml", d.properties()},
	} {
		f, err := z.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: c.Seen.By.UTC()})
		if err != nil {
			return fmt.Errorf("docx of change %s: %w", c.ID, err)
		}
		if _, err := io.WriteString(f, part.text); err != nil {
			return fmt.Errorf("docx of change %s: %w", c.ID, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("docx of change %s: %w", c.ID, err)
	}
	return nil
}

// A document is one Word document in the making.
type document struct {
	c            *Change
	author, date string
	out          bytes.Buffer
	id           int
}

// body writes the text.
func (d *document) body() string {
	edits := map[int]*diff.Edit{} // by the new block
	left := map[int][]*diff.Edit{}
	for i := range d.c.Edits {
		e := &d.c.Edits[i]
		switch {
		case e.From < 0 && e.To < 0: // the title
		case e.To >= 0:
			edits[e.To] = e
		}
		if e.From >= 0 && (e.Op == diff.Delete || e.Op == diff.Move || e.Away) && e.Role != archive.Boilerplate {
			left[e.Place] = append(left[e.Place], e)
		}
	}
	for _, edits := range left {
		slices.SortFunc(edits, func(a, b *diff.Edit) int { return a.From - b.From })
	}
	d.out.WriteString(xml.Header + `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`)
	d.gone(left[-1])
	for j := 0; j < len(d.c.Blocks); j++ {
		b := &d.c.Blocks[j]
		e := edits[j]
		if b.Role != archive.Boilerplate {
			d.block(b, e)
		}
		last := j
		if e != nil && e.Op == diff.Split {
			last = j + strings.Count(e.After, "\n")
		}
		for ; ; j++ {
			d.gone(left[j])
			if j >= last {
				break
			}
		}
	}
	d.out.WriteString(`<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="709" w:footer="709" w:gutter="0"/></w:sectPr></w:body></w:document>`)
	return d.out.String()
}

// gone writes what stood here and does not any more.
func (d *document) gone(edits []*diff.Edit) {
	for _, e := range edits {
		b, move := archive.Block{Kind: archive.Paragraph}, ""
		if e.From < len(d.c.Was) {
			b = d.c.Was[e.From]
		}
		if e.Op == diff.Move {
			move = moveName(e)
		}
		d.paragraph(&b, []diff.Word{{Op: diff.Deleted, Text: e.Before}}, diff.Deleted, move)
	}
}

// moveName is the name that both ends of a move bear.
func moveName(e *diff.Edit) string { return fmt.Sprintf("move%d", e.From) }

// block writes a block of the new version with what was done to it.
func (d *document) block(b *archive.Block, e *diff.Edit) {
	switch {
	case e == nil:
		d.paragraph(b, []diff.Word{{Op: diff.Equal, Text: b.Text}}, diff.Equal, "")
	case e.Op == diff.Insert:
		d.paragraph(b, []diff.Word{{Op: diff.Inserted, Text: e.After}}, diff.Inserted, "")
	case e.Op == diff.Move:
		d.paragraph(b, []diff.Word{{Op: diff.Inserted, Text: e.After}}, diff.Inserted, moveName(e))
	case e.Away:
		d.paragraph(b, []diff.Word{{Op: diff.Inserted, Text: e.After}}, diff.Inserted, "")
	default:
		d.paragraph(b, e.Words, diff.Equal, "")
	}
}

// paragraph writes words as one paragraph, or as several where they hold line
// ends; mark says what becomes of the last paragraph's mark, move names the
// move that it is part of.
func (d *document) paragraph(b *archive.Block, words []diff.Word, mark, move string) {
	var line []diff.Word
	for _, word := range words {
		for i, part := range strings.Split(word.Text, "\n") {
			if i > 0 {
				op := word.Op
				if mark != diff.Equal {
					op = mark
				}
				d.line(b, line, op, "")
				line = nil
			}
			if part != "" {
				line = append(line, diff.Word{Op: word.Op, Text: part})
			}
		}
	}
	d.line(b, line, mark, move)
}

// line writes one paragraph.
func (d *document) line(b *archive.Block, words []diff.Word, mark, move string) {
	d.out.WriteString("<w:p><w:pPr>")
	switch {
	case b.Kind == archive.Heading:
		fmt.Fprintf(&d.out, `<w:pStyle w:val="Heading%d"/>`, min(max(b.Level, 1), 6))
	case b.Kind == archive.Item:
		d.out.WriteString(`<w:pStyle w:val="ListParagraph"/>`)
	}
	in, out := "ins", "del"
	if move != "" {
		in, out = "moveTo", "moveFrom"
	}
	tag := ""
	switch mark {
	case diff.Inserted:
		tag = in
	case diff.Deleted:
		tag = out
	}
	if tag != "" {
		fmt.Fprintf(&d.out, `<w:rPr><w:%s %s/></w:rPr>`, tag, d.tracked())
	}
	d.out.WriteString("</w:pPr>")
	if move != "" {
		d.id++
		fmt.Fprintf(&d.out, `<w:%sRangeStart w:id="%d" w:name="%s" w:author="%s" w:date="%s"/>`, tag, d.id, move, escape(d.author), d.date)
		defer fmt.Fprint(&d.out, "</w:p>")
		defer fmt.Fprintf(&d.out, `<w:%sRangeEnd w:id="%d"/>`, tag, d.id)
	} else {
		defer fmt.Fprint(&d.out, "</w:p>")
	}
	if b.Marker != "" {
		words = append([]diff.Word{{Op: mark, Text: b.Marker + " "}}, words...)
	}
	for _, word := range words {
		d.run(word, in, out, move != "")
	}
}

// run writes words of one op. Moved words stay w:t: only w:del has w:delText.
func (d *document) run(word diff.Word, in, out string, moved bool) {
	text, tag := "w:t", ""
	switch word.Op {
	case diff.Deleted:
		if tag = out; !moved {
			text = "w:delText"
		}
	case diff.Inserted:
		tag = in
	}
	if tag != "" {
		fmt.Fprintf(&d.out, "<w:%s %s>", tag, d.tracked())
	}
	fmt.Fprintf(&d.out, `<w:r><%s xml:space="preserve">%s</%[1]s></w:r>`, text, escape(word.Text))
	if tag != "" {
		fmt.Fprintf(&d.out, "</w:%s>", tag)
	}
}

// tracked are the attributes of a tracked change.
func (d *document) tracked() string {
	d.id++
	return fmt.Sprintf(`w:id="%d" w:author="%s" w:date="%s"`, d.id, escape(d.author), d.date)
}

// properties are the document's title, author and description.
func (d *document) properties() string {
	return xml.Header + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		`<dc:title>` + escape(d.c.Title) + `</dc:title><dc:creator>` + escape(d.author) + `</dc:creator><dc:description>` + escape(d.c.Summary+" "+d.c.Before+arrow+d.c.After+". "+d.c.URL) + `</dc:description>` +
		`<dc:language>` + escape(d.c.Lang) + `</dc:language><dcterms:modified xsi:type="dcterms:W3CDTF">` + d.date + `</dcterms:modified></cp:coreProperties>`
}

// escape makes a text fit for XML; characters that XML cannot hold become U+FFFD.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}

// The parts of a Word document that are always the same.
const (
	contentTypes = xml.Header + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>` +
		`<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>` +
		`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`
	packageRels = xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`
	documentRels = xml.Header + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`
)

//go:embed styles.xml
var styles string

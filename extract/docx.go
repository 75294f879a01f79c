package extract

import (
	"context"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"veille/archive"
)

// strategyDOCX is the strategy of Word documents.
const strategyDOCX = "docx"

// A docxReader reads Word documents (ECMA-376, WordprocessingML): headings by
// style or outline level, numbered and bulleted paragraphs with the number
// that Word would draw, tables row by row, footnotes and endnotes apart,
// headers and footers as chrome, tracked changes marked.
type docxReader struct{}

// A docx is a document under way.
type docx struct {
	d      *document
	styles map[string]*docxStyle
	lists  numbering
	notes  map[string]string // text by "footnote/ID"
	told   map[string]int    // number by "footnote/ID"
	titled bool
	heads  []int // indexes of headings that come from styles "heading n"
}

type docxStyle struct {
	name, base string
	outline    int // 1 to 9, 0 for none
	num        string
	level      int
}

func (docxReader) read(ctx context.Context, in *input) (*document, error) {
	if !strings.HasPrefix(string(in.body[:min(len(in.body), 4096)]), "PK") && signature(in.body) == mediaDOCX {
		return nil, errProtected // the OLE container of an encrypted document
	}
	z, err := openZip(in.body)
	if err != nil {
		return nil, err
	}
	w := &docx{d: &document{strategy: strategyDOCX}, styles: map[string]*docxStyle{}, notes: map[string]string{}, told: map[string]int{}}
	if err := w.readParts(ctx, z); err != nil {
		return nil, err
	}
	if w.titled { // the title stands above the headings
		for _, i := range w.heads {
			w.d.blocks[i].Level = min(w.d.blocks[i].Level+1, 6)
		}
	}
	return w.d, nil
}

func (w *docx) readParts(ctx context.Context, z *zipFile) error {
	main := "word/document.xml"
	for _, name := range []string{"word/document2.xml", "word/document.xml"} { // some programs number it
		if len(z.names(name, "")) > 0 {
			main = name
		}
	}
	for _, part := range []struct {
		name string
		read func(*xmlStream) error
	}{{"word/styles.xml", w.readStyles}, {"word/numbering.xml", w.readNumbering},
		{"word/footnotes.xml", w.readNotes("footnote")}, {"word/endnotes.xml", w.readNotes("endnote")},
		{"docProps/core.xml", w.d.readCore}} {
		x, err := z.part(ctx, part.name)
		if err == nil && x != nil {
			if _, err = x.root(); err == nil {
				err = part.read(x)
			}
		}
		if err != nil {
			return fmt.Errorf("%w in %s", err, part.name)
		}
	}
	x, err := z.part(ctx, main)
	if err != nil {
		return err
	}
	if x == nil {
		return fmt.Errorf("is damaged: it has no part %s", main)
	}
	if _, err := x.root(); err != nil {
		return err
	}
	if err := w.container(x, &docxPlace{}); err != nil {
		return err
	}
	return w.runningLines(ctx, z)
}

// runningLines reads headers and footers, each text once, as chrome.
func (w *docx) runningLines(ctx context.Context, z *zipFile) error {
	said := map[string]bool{}
	for _, name := range append(z.names("word/header", ".xml"), z.names("word/footer", ".xml")...) {
		x, err := z.part(ctx, name)
		if err != nil || x == nil {
			return err
		}
		if _, err := x.root(); err != nil {
			return err
		}
		inner := *w
		inner.d = &document{}
		if err := inner.container(x, &docxPlace{}); err != nil {
			return err
		}
		for _, b := range inner.d.blocks {
			if !said[b.Text] && !isPageNumber(b.Text) {
				said[b.Text] = true
				b.Role, b.Kind, b.Level, b.Marker = archive.Boilerplate, archive.Paragraph, 0, ""
				if err := w.d.add(b); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// readCore reads the properties of a document (Dublin Core).
func (d *document) readCore(x *xmlStream) error {
	return x.each(func(e xml.StartElement) error {
		s, err := x.text()
		switch e.Name.Local {
		case "language":
			d.lang = langCode(s)
		case "modified":
			d.updated = parseDate(s)
		}
		return err
	}, nil)
}

func (w *docx) readStyles(x *xmlStream) error {
	return x.each(func(e xml.StartElement) error {
		if e.Name.Local != "style" {
			return x.skip()
		}
		s := &docxStyle{}
		w.styles[value(&e, "styleId")] = s
		return x.each(func(e xml.StartElement) error {
			switch e.Name.Local {
			case "name":
				s.name = strings.ToLower(value(&e, "val"))
			case "basedOn":
				s.base = value(&e, "val")
			case "pPr":
				var p docxPara
				err := w.properties(x, &p)
				s.outline, s.num, s.level = p.outline, p.num, p.level
				return err
			}
			return x.skip()
		}, nil)
	}, nil)
}

// resolve fills in what a paragraph inherits from its style: heading level,
// list and whether it is the title.
func (w *docx) resolve(p *docxPara) (heading int, title bool) {
	id := p.style
	for range 16 { // styles may be based on each other in a ring
		s := w.styles[id]
		if s == nil {
			break
		}
		name := s.name
		if name == "title" {
			return 1, true
		}
		if n, ok := strings.CutPrefix(name, "heading "); ok && heading == 0 {
			heading = number(n)
		}
		if s.outline > 0 && heading == 0 {
			heading = s.outline
		}
		if p.num == "" && p.level == 0 {
			p.level = s.level // a style may give the level of a list that its base names
		}
		set(&p.num, s.num)
		id = s.base
	}
	if p.outline > 0 {
		heading = p.outline
	}
	return min(heading, 6), false
}

// readNotes reads the texts of footnotes or endnotes.
func (w *docx) readNotes(kind string) func(*xmlStream) error {
	return func(x *xmlStream) error {
		return x.each(func(e xml.StartElement) error {
			if e.Name.Local != kind || strings.Contains(value(&e, "type"), "eparator") || strings.Contains(value(&e, "type"), "Notice") {
				return x.skip()
			}
			inner := *w
			inner.d = &document{}
			if err := inner.container(x, &docxPlace{}); err != nil {
				return err
			}
			var parts []string
			for _, b := range inner.d.blocks {
				parts = append(parts, b.Text)
			}
			w.notes[kind+"/"+value(&e, "id")] = strings.Join(parts, " ")
			return nil
		}, nil)
	}
}

// A docxPlace is where text goes: into blocks, or into a cell of a table.
type docxPlace struct {
	cell   *textBuffer // nil outside tables
	struck int         // deletions that are open
}

// container reads what may hold paragraphs and tables, to its end.
func (w *docx) container(x *xmlStream, at *docxPlace) error {
	return x.each(func(e xml.StartElement) error { return w.element(x, e, at) }, nil)
}

func (w *docx) element(x *xmlStream, e xml.StartElement, at *docxPlace) error {
	switch e.Name.Local {
	case "p":
		return w.paragraph(x, at)
	case "tbl":
		return w.table(x, at)
	case "body", "document", "sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "txbxContent", "hdr", "ftr":
		return w.container(x, at)
	case "del", "moveFrom":
		at.struck++
		err := w.container(x, at)
		at.struck--
		return err
	case "AlternateContent":
		return w.alternative(x, func(x *xmlStream) error { return w.container(x, at) })
	}
	return x.skip()
}

// alternative reads the first of the ways in which a thing is written down.
func (w *docx) alternative(x *xmlStream, read func(*xmlStream) error) error {
	done := false
	return x.each(func(e xml.StartElement) error {
		if done || e.Name.Local != "Choice" && e.Name.Local != "Fallback" {
			return x.skip()
		}
		done = true
		return read(x)
	}, nil)
}

// table reads a table: a block for each row. A table in a cell is read as
// text of that cell.
func (w *docx) table(x *xmlStream, at *docxPlace) error {
	return w.rows(x, at, func(x *xmlStream, e xml.StartElement) error {
		var cells []string
		struck := false
		err := w.cells(x, at, &cells, &struck)
		if err != nil {
			return err
		}
		b := row(cells)
		if struck && b.Text != "" {
			b.Text = struckOpen + b.Text + struckClose
		}
		if at.cell != nil {
			at.cell.space()
			at.cell.write(b.Text)
			return nil
		}
		return w.d.add(b)
	})
}

func (w *docx) rows(x *xmlStream, at *docxPlace, read func(*xmlStream, xml.StartElement) error) error {
	return x.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "tr":
			return read(x, e)
		case "sdt", "sdtContent", "customXml", "ins", "moveTo":
			return w.rows(x, at, read)
		}
		return x.skip()
	}, nil)
}

func (w *docx) cells(x *xmlStream, at *docxPlace, cells *[]string, struck *bool) error {
	return x.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "tc":
			var b textBuffer
			err := w.container(x, &docxPlace{cell: &b, struck: at.struck})
			*cells = append(*cells, b.take())
			return err
		case "sdt", "sdtContent", "customXml":
			return w.cells(x, at, cells, struck)
		case "trPr":
			return x.each(func(e xml.StartElement) error {
				*struck = *struck || e.Name.Local == "del"
				return x.skip()
			}, nil)
		}
		return x.skip()
	}, nil)
}

// A docxPara is a paragraph under way.
type docxPara struct {
	text    textBuffer
	style   string
	num     string // id of its list
	level   int    // in the list, from 0
	outline int    // 1 to 9, 0 for none
	notes   []string
	struck  int
	open    bool // a deletion is open in text
}

func (w *docx) paragraph(x *xmlStream, at *docxPlace) error {
	p := &docxPara{struck: at.struck}
	if err := w.runs(x, p, at); err != nil {
		return err
	}
	p.strike(false)
	heading, title := w.resolve(p)
	marker := ""
	if p.num != "" && p.num != "0" && !p.text.empty() {
		marker = w.lists.next(p.num, p.level)
	}
	text := p.text.take()
	if at.cell != nil {
		at.cell.space()
		if marker != "" && text != "" {
			at.cell.write(marker + " ")
		}
		at.cell.write(text)
		at.cell.space()
		return w.tellNotes(p)
	}
	b := archive.Block{Kind: archive.Paragraph, Text: text}
	switch {
	case heading > 0:
		b.Kind, b.Level = archive.Heading, heading
		if marker != "" && marker != "•" && text != "" {
			b.Text = marker + " " + text
		}
		if w.titled = w.titled || title; !title && text != "" {
			w.heads = append(w.heads, len(w.d.blocks))
		}
	case marker != "":
		b = listed(marker, text, p.level+1)
	case strings.Contains(w.styleName(p.style), "quote"):
		b.Kind = archive.Quote
	}
	if err := w.d.add(b); err != nil {
		return err
	}
	return w.tellNotes(p)
}

func (w *docx) styleName(id string) string {
	if s := w.styles[id]; s != nil {
		return s.name
	}
	return ""
}

// tellNotes hands on the footnotes to which the paragraph just read refers.
func (w *docx) tellNotes(p *docxPara) error {
	for _, key := range p.notes {
		at := len(w.d.blocks) - 1
		if err := w.d.note(raise(strconv.Itoa(w.told[key])), w.notes[key], at); err != nil {
			return err
		}
	}
	return nil
}

// strike opens or closes a deletion in the text.
func (p *docxPara) strike(on bool) {
	if on == p.open {
		return
	}
	p.open = on
	if on {
		p.text.write(struckOpen)
		return
	}
	p.text.write(struckClose)
}

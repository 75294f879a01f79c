package extract

import (
	"encoding/xml"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The part of docx that reads what stands in a paragraph.

// runs reads the runs of a paragraph, and what may be around them.
func (w *docx) runs(x *xmlStream, p *docxPara, at *docxPlace) error {
	return x.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "r":
			return w.run(x, p)
		case "pPr":
			return w.properties(x, p)
		case "del", "moveFrom":
			p.struck++
			err := w.runs(x, p, at)
			p.struck--
			return err
		case "hyperlink", "ins", "moveTo", "smartTag", "sdt", "sdtContent", "fldSimple", "customXml", "dir", "bdo", "oMath", "oMathPara":
			return w.runs(x, p, at)
		case "AlternateContent":
			return w.alternative(x, func(x *xmlStream) error { return w.runs(x, p, at) })
		}
		return x.skip()
	}, nil)
}

// properties reads w:pPr, of a paragraph or a style.
func (w *docx) properties(x *xmlStream, p *docxPara) error {
	return x.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "pStyle":
			p.style = value(&e, "val")
		case "outlineLvl":
			if n := number(value(&e, "val")); n < 9 && value(&e, "val") != "" {
				p.outline = n + 1
			}
		case "numPr":
			return x.each(func(e xml.StartElement) error {
				switch e.Name.Local {
				case "ilvl":
					p.level = min(number(value(&e, "val")), 8)
				case "numId":
					p.num = value(&e, "val")
				}
				return x.skip()
			}, nil)
		}
		return x.skip()
	}, nil)
}

// run reads a run: text of one appearance.
func (w *docx) run(x *xmlStream, p *docxPara) error {
	raised, hidden := false, false
	return x.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "rPr":
			return x.each(func(e xml.StartElement) error {
				on := value(&e, "val") != "0" && value(&e, "val") != "false"
				switch e.Name.Local {
				case "vertAlign":
					raised = value(&e, "val") == "superscript"
				case "vanish":
					hidden = on
				}
				return x.skip()
			}, nil)
		case "t", "delText":
			var b strings.Builder
			err := x.each(func(xml.StartElement) error { return x.skip() }, func(s string) { b.WriteString(s) })
			if !hidden {
				p.say(b.String(), raised)
			}
			return err
		case "tab", "br", "cr", "ptab":
			p.text.space()
		case "noBreakHyphen":
			p.say("-", false)
		case "sym":
			p.symbol(value(&e, "char"))
		case "footnoteReference", "endnoteReference":
			w.reference(p, strings.TrimSuffix(e.Name.Local, "Reference")+"/"+value(&e, "id"))
		case "AlternateContent":
			return w.alternative(x, func(x *xmlStream) error { return w.boxes(x) })
		case "pict", "drawing", "object":
			return w.boxes(x)
		}
		return x.skip()
	}, nil)
}

func (p *docxPara) say(s string, raised bool) {
	p.strike(p.struck > 0)
	if raised {
		s = raise(s)
	}
	p.text.write(s)
}

// symbol writes a character of a symbol font: those in the private use area
// are bullets and arrows for which there is no telling.
func (p *docxPara) symbol(hex string) {
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		return
	}
	if r := rune(n); r >= 0x20 && utf8.ValidRune(r) && (r < 0xE000 || r > 0xF8FF) {
		p.say(string(r), false)
	}
}

// reference writes the mark of a footnote and remembers it. Notes are counted
// through the document, as Word does unless told otherwise.
func (w *docx) reference(p *docxPara, key string) {
	if _, ok := w.notes[key]; !ok {
		return
	}
	if w.told[key] == 0 {
		w.told[key] = len(w.told) + 1
		p.notes = append(p.notes, key)
	}
	p.say(strconv.Itoa(w.told[key]), true)
}

// boxes looks for text boxes in a drawing: their paragraphs become blocks of
// their own, before the paragraph they hang on.
func (w *docx) boxes(x *xmlStream) error {
	return x.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "txbxContent":
			return w.container(x, &docxPlace{})
		case "Fallback":
			return x.skip()
		}
		return w.boxes(x)
	}, nil)
}

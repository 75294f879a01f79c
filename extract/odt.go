package extract

import (
	"context"
	"encoding/xml"
	"fmt"
	"strings"

	"veille/archive"
)

// strategyODT is the strategy of OpenDocument texts.
const strategyODT = "odt"

// An odtReader reads OpenDocument texts (ISO/IEC 26300): headings, numbered and
// bulleted lists, tables row by row, notes apart, headers and footers as
// chrome, tracked deletions marked where they stood.
type odtReader struct{}

// An odt is a document under way.
type odt struct {
	d       *document
	parents map[string]string        // style → style it is based on
	lists   map[string]*[10]odtLevel // list styles
	styled  map[string]string        // paragraph style → list style
	outline [10]odtLevel             // numbers of headings
	heads   [10]int
	deleted map[string]string // text by the id of the change
	open    []*odtList
	counts  map[string]*[10]int // by list id, for lists that are continued
	last    *[10]int            // of the list before
	titled  bool
	levels  []int // indexes of headings
}

// An odtLevel is how one level of a list is marked.
type odtLevel struct {
	bullet                 bool
	format, prefix, suffix string
	start, shown           int
}

// An odtList is an open list: the style of its numbers and how far they are.
type odtList struct {
	style  string
	counts *[10]int
	marker string // of the open item, used up by its first paragraph
}

func (odtReader) read(ctx context.Context, in *input) (*document, error) {
	z, err := openZip(in.body)
	if err != nil {
		return nil, err
	}
	w := &odt{d: &document{strategy: strategyODT}, parents: map[string]string{}, lists: map[string]*[10]odtLevel{},
		styled: map[string]string{}, deleted: map[string]string{}, counts: map[string]*[10]int{}}
	if err := w.checkManifest(ctx, z); err != nil {
		return nil, err
	}
	for _, part := range []struct {
		name string
		elem func(*xmlStream, xml.StartElement) error
	}{{"meta.xml", w.metaElement}, {"styles.xml", w.styleElement}, {"content.xml", w.contentElement}} {
		x, err := z.part(ctx, part.name)
		if err != nil {
			return nil, err
		}
		if x == nil {
			if part.name == "content.xml" {
				return nil, fmt.Errorf("is damaged: it has no part content.xml")
			}
			continue
		}
		if _, err := x.root(); err != nil {
			return nil, err
		}
		if err := x.each(func(e xml.StartElement) error { return part.elem(x, e) }, nil); err != nil {
			return nil, fmt.Errorf("%w in %s", err, part.name)
		}
	}
	if w.titled {
		for _, i := range w.levels {
			w.d.blocks[i].Level = min(w.d.blocks[i].Level+1, 6)
		}
	}
	w.chromeLast()
	return w.d, nil
}

// checkManifest finds out whether the document is encrypted.
func (w *odt) checkManifest(ctx context.Context, z *zipFile) error {
	x, err := z.part(ctx, "META-INF/manifest.xml")
	if err != nil || x == nil {
		return err
	}
	for {
		t, err := x.next()
		if err != nil {
			return nil // a manifest that is damaged says nothing
		}
		if s, ok := t.(xml.StartElement); ok && s.Name.Local == "encryption-data" {
			return errProtected
		}
	}
}

// chromeLast moves headers and footers, which are read first, behind the text.
func (w *odt) chromeLast() {
	var frame, text []archive.Block
	for _, b := range w.d.blocks {
		if b.Role == archive.Boilerplate {
			frame = append(frame, b)
		} else {
			text = append(text, b)
		}
	}
	for i := range w.d.notes {
		w.d.notes[i].at -= len(frame)
	}
	w.d.blocks = append(text, frame...)
}

func (w *odt) metaElement(x *xmlStream, _ xml.StartElement) error {
	return x.each(func(e xml.StartElement) error {
		s, err := x.text()
		switch e.Name.Local {
		case "language":
			w.d.lang = langCode(s)
		case "date":
			w.d.updated = parseDate(s)
		}
		return err
	}, nil)
}

// styleElement reads a child of the root of styles.xml.
func (w *odt) styleElement(x *xmlStream, e xml.StartElement) error {
	switch e.Name.Local {
	case "styles", "automatic-styles":
		return w.readStyles(x)
	case "master-styles":
		return w.readMasters(x)
	}
	return x.skip()
}

func (w *odt) readStyles(x *xmlStream) error {
	return x.each(func(e xml.StartElement) error {
		name := value(&e, "name")
		switch e.Name.Local {
		case "style":
			w.parents[name] = value(&e, "parent-style-name")
			if l := value(&e, "list-style-name"); l != "" {
				w.styled[name] = l
			}
		case "list-style":
			l := &[10]odtLevel{}
			w.lists[name] = l
			return w.readLevels(x, l)
		case "outline-style":
			return w.readLevels(x, &w.outline)
		}
		return x.skip()
	}, nil)
}

func (w *odt) readLevels(x *xmlStream, to *[10]odtLevel) error {
	return x.each(func(e xml.StartElement) error {
		l := odtLevel{bullet: strings.HasSuffix(e.Name.Local, "bullet"), format: value(&e, "num-format"), prefix: value(&e, "num-prefix"),
			suffix: value(&e, "num-suffix"), start: 1, shown: max(1, number(value(&e, "display-levels")))}
		if s := value(&e, "start-value"); s != "" {
			l.start = number(s)
		}
		to[min(max(number(value(&e, "level"))-1, 0), 9)] = l
		return x.skip()
	}, nil)
}

// readMasters reads headers and footers, each text once.
func (w *odt) readMasters(x *xmlStream) error {
	said := map[string]bool{}
	var walk func(e xml.StartElement) error
	walk = func(e xml.StartElement) error {
		if e.Name.Local == "p" || e.Name.Local == "h" {
			var b textBuffer
			if err := w.inline(x, &b, false); err != nil {
				return err
			}
			if s := b.take(); s != "" && !said[s] && !isPageNumber(s) {
				said[s] = true
				return w.d.add(archive.Block{Kind: archive.Paragraph, Role: archive.Boilerplate, Text: s})
			}
			return nil
		}
		return x.each(walk, nil)
	}
	return x.each(walk, nil)
}

// contentElement reads a child of the root of content.xml.
func (w *odt) contentElement(x *xmlStream, e xml.StartElement) error {
	switch e.Name.Local {
	case "automatic-styles":
		return w.readStyles(x)
	case "body":
		return w.container(x, nil)
	}
	return x.skip()
}

// container reads what may hold paragraphs, lists and tables, to its end; into
// cell where that is not nil.
func (w *odt) container(x *xmlStream, cell *textBuffer) error {
	return x.each(func(e xml.StartElement) error { return w.element(x, e, cell) }, nil)
}

func (w *odt) element(x *xmlStream, e xml.StartElement, cell *textBuffer) error {
	switch e.Name.Local {
	case "p", "h":
		return w.paragraph(x, e, cell)
	case "list":
		return w.list(x, e, cell)
	case "table":
		return w.table(x, cell)
	case "text", "section", "index-body", "table-of-content", "index-title", "numbered-paragraph", "text-box", "frame", "a",
		"alphabetical-index", "illustration-index", "user-index", "bibliography", "g":
		return w.container(x, cell)
	case "tracked-changes":
		return w.readChanges(x)
	case "change":
		w.struckBlock(&e)
	}
	return x.skip()
}

// readChanges reads the deletions that the document keeps; insertions and
// changes of format are in the text.
func (w *odt) readChanges(x *xmlStream) error {
	return x.each(func(e xml.StartElement) error {
		id := value(&e, "id")
		return x.each(func(e xml.StartElement) error {
			if e.Name.Local != "deletion" {
				return x.skip()
			}
			var b textBuffer
			err := x.each(func(e xml.StartElement) error {
				if e.Name.Local == "change-info" {
					return x.skip()
				}
				b.space()
				return w.inline(x, &b, false)
			}, nil)
			w.deleted[id] = b.take()
			return err
		}, nil)
	}, nil)
}

// struckBlock tells a deletion that stood between paragraphs.
func (w *odt) struckBlock(e *xml.StartElement) {
	if s := w.deleted[value(e, "change-id")]; s != "" {
		_ = w.d.add(archive.Block{Kind: archive.Paragraph, Text: struckOpen + s + struckClose}) // too much text is found at the next block
	}
}

func (w *odt) paragraph(x *xmlStream, e xml.StartElement, cell *textBuffer) error {
	var b textBuffer
	if err := w.inline(x, &b, true); err != nil {
		return err
	}
	text := b.take()
	if cell != nil {
		cell.space()
		if n := len(w.open); n > 0 && w.open[n-1].marker != "" {
			cell.write(w.open[n-1].marker + " ")
			w.open[n-1].marker = ""
		}
		cell.write(text)
		cell.space()
		return nil
	}
	if text == "" {
		return nil
	}
	style := value(&e, "style-name")
	level := w.headingLevel(style)
	if e.Name.Local == "h" && level == 0 {
		level = max(1, number(value(&e, "outline-level")))
	}
	block := archive.Block{Kind: archive.Paragraph, Text: text}
	switch n := len(w.open); {
	case level > 0:
		block.Kind, block.Level = archive.Heading, min(level, 6)
		if m := w.headingNumber(e, level); m != "" {
			block.Text = m + " " + text
		}
		if w.isTitle(style) {
			w.titled = true
		} else {
			w.levels = append(w.levels, len(w.d.blocks))
		}
	case n > 0 && w.open[n-1].marker != "":
		block = listed(w.open[n-1].marker, text, n)
		w.open[n-1].marker = ""
	case strings.HasPrefix(style, "Quot"):
		block.Kind = archive.Quote
	}
	return w.d.add(block)
}

// inline reads the content of a paragraph into b. Notes are told only from
// the text itself.
func (w *odt) inline(x *xmlStream, b *textBuffer, notes bool) error {
	return x.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "s", "tab", "line-break":
			b.space()
		case "note":
			return w.noteElement(x, b, notes)
		case "annotation", "annotation-end", "tracked-changes", "ruby-text", "title", "desc", "script":
		case "change":
			if s := w.deleted[value(&e, "change-id")]; s != "" {
				b.write(struckOpen + s + struckClose)
			}
		case "frame", "text-box", "g":
			var inner textBuffer
			err := w.container(x, &inner)
			if s := inner.take(); s != "" {
				b.space()
				b.write(s)
				b.space()
			}
			return err
		case "p", "h":
			b.space()
			return w.inline(x, b, notes)
		default:
			return w.inline(x, b, notes)
		}
		return x.skip()
	}, b.write)
}

// noteElement reads a footnote or endnote: its mark goes into the text, the
// note itself to the end of the document.
func (w *odt) noteElement(x *xmlStream, b *textBuffer, tell bool) error {
	mark, text := "", ""
	err := x.each(func(e xml.StartElement) error {
		var inner textBuffer
		err := w.inline(x, &inner, false)
		if e.Name.Local == "note-citation" {
			mark = raise(inner.take())
			return err
		}
		text = inner.take()
		return err
	}, nil)
	if err != nil || !tell {
		return err
	}
	b.write(mark)
	return w.d.note(mark, text, len(w.d.blocks))
}

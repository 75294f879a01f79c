package extract

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"golang.org/x/net/html"
)

// strategyXML is the strategy of XML documents.
const strategyXML = "xml"

// An xmlReader reads XML documents of texts: each element becomes the element
// of HTML that it is most like, and the whole is read as HTML that is all
// text. It knows the names that publishers of law use – the German federal
// laws (gii-norm), Dutch judgments (open-rechtspraak), DocBook and Akoma Ntoso –
// and takes others for paragraphs.
type xmlReader struct{}

// xmlNames says what elements are like; "-" for those that are not text.
var xmlNames = map[string]string{
	"p": "p", "para": "p", "parablock": "div", "paragroup": "div", "section": "section", "chapter": "section", "article": "section", "content": "div",
	"title": "h3", "subtitle": "h4", "heading": "h3", "num": "b", "nr": "b", "enbez": "b", "titel": "b", "titlegroup": "div", "bridgehead": "h4",
	"langue": "h1", "doctitle": "h1", "gliederungsbez": "b", "gliederungstitel": "b", "gliederungseinheit": "h2",
	"list": "ul", "itemizedlist": "ul", "orderedlist": "ol", "listitem": "li", "item": "li", "point": "li", "dl": "dl", "dt": "dt", "dd": "dd", "la": "div",
	"table": "table", "informaltable": "table", "row": "tr", "entry": "td", "tr": "tr", "td": "td", "th": "th", "thead": "thead", "tbody": "tbody", "tgroup": "tbody",
	"blockquote": "blockquote", "pre": "pre", "br": "br", "sup": "sup", "sub": "sub", "b": "b", "i": "i", "u": "u", "em": "em", "emphasis": "em",
	"span": "span", "ref": "span", "a": "span", "ins": "ins", "del": "del", "q": "q", "f": "span", "sp": "span", "small": "small",
	"img": "-", "colspec": "-", "fundstelle": "-", "builddate": "-", "doknr": "-", "jurabk": "-", "amtabk": "-", "standangabe": "-",
	"ausfertigung-datum": "-", "gliederungskennzahl": "-", "rdf": "-", "meta": "-", "style": "-", "script": "-", "svg": "-", "math": "-",
}

func (xmlReader) read(ctx context.Context, in *input) (*document, error) {
	return readXML(ctx, newXML(ctx, bytes.NewReader(trimBOM(in.body))))
}

func readXML(ctx context.Context, x *xmlStream) (*document, error) {
	root, err := x.root()
	if err != nil {
		return nil, err
	}
	w := &xmlDoc{d: &document{strategy: strategyXML}}
	w.d.lang = langCode(value(&root, "lang"))
	if err := w.element(x, root); err != nil {
		return nil, err
	}
	blocks, err := htmlBlocks(ctx, w.out.Bytes())
	if err != nil {
		return nil, err
	}
	return w.d, w.d.addAll(blocks, 0)
}

// An xmlDoc is a document under way, written out as HTML.
type xmlDoc struct {
	d      *document
	out    bytes.Buffer
	number bool // the number of a paragraph was just written
}

// element writes the open element and what is in it.
func (w *xmlDoc) element(x *xmlStream, e xml.StartElement) error {
	n := strings.ToLower(e.Name.Local)
	tag, known := xmlNames[n]
	if !known {
		tag = "div"
	}
	if tag == "-" {
		return x.skip()
	}
	if n == "metadaten" { // number and title of a section stand in it
		tag = "h3"
	}
	if n == "para" && w.number { // stands on the line of its number
		tag = "span"
	}
	w.number = false
	w.out.WriteString("<" + tag + ">")
	err := x.each(func(e xml.StartElement) error {
		if w.out.Len() > maxDocumentText {
			return errDocumentSize
		}
		return w.element(x, e)
	}, func(s string) { w.out.WriteString(html.EscapeString(s)) })
	if errors.Is(err, io.EOF) {
		err = errors.New("is damaged or cut short (the XML ends early)")
	}
	if tag != "br" {
		w.out.WriteString("</" + tag + ">")
	}
	if tag == "b" {
		w.out.WriteString(" ")
		w.number = n == "nr"
	}
	return err
}

package extract

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"veille/archive"
	"veille/source"
)

// A reader reads the documents of one format. It gets the whole document and
// must stay within time and memory proportional to its size, whatever is in
// it; an error says in words that follow "the document" what is wrong.
type reader interface {
	read(ctx context.Context, in *input) (*document, error)
}

// An input is a document to be read.
type input struct {
	capture  *archive.Capture
	body     []byte
	media    string         // its media type
	source   *source.Source // nil if unknown
	strategy string         // of the page's previous version
	depth    int            // how many documents it lies in, as an attachment does in a mail
	budget   *int           // how many attachments may still be read in the outermost one
}

// A document is what a reader found.
type document struct {
	title, lang, published, updated string
	strategy                        string
	blocks                          []archive.Block
	notes                           []note // footnotes, which are told after the text
	why                             []string
	placed                          bool // the blocks have their paths already
	size                            int
}

// A note is a footnote or endnote, and the block that refers to it.
type note struct {
	block archive.Block
	at    int // index in document.blocks, -1 if nothing refers to it
}

// Bounds of one document.
const (
	maxDocumentText   = 64 << 20 // bytes of text
	maxDocumentBlocks = 400_000
	maxDocumentDepth  = 8 // documents in documents
	maxAttachments    = 64
)

var (
	errDocumentSize = errors.New("holds too much text")
	errProtected    = errors.New("is encrypted and needs a password")
	errNoText       = errors.New("holds no text")
)

// readers are the readers by media type.
func readerOf(media string) reader {
	switch media {
	case mediaPDF:
		return pdfReader{}
	case mediaText:
		return plainReader{}
	case mediaDOCX:
		return docxReader{}
	case mediaODT:
		return odtReader{}
	case mediaRTF:
		return rtfReader{}
	case mediaMail:
		return mailReader{}
	case mediaMHTML:
		return mhtmlReader{}
	case mediaFeed:
		return feedReader{}
	case mediaJSON:
		return jsonReader{}
	case mediaXML:
		return xmlReader{}
	}
	return nil
}

// names are the formats in words, for reasons.
var names = map[string]string{mediaPDF: "PDF", mediaText: "text", mediaDOCX: "Word document", mediaODT: "OpenDocument text",
	mediaRTF: "RTF document", mediaMail: "mail", mediaMHTML: "saved page (MHTML)", mediaFeed: "feed", mediaJSON: "JSON document", mediaXML: "XML document", mediaZip: "ZIP archive"}

// readDocument reads whatever is not a page of HTML.
func (t *Text) readDocument(ctx context.Context, in *input) {
	if in.media == mediaMHTML {
		t.readSaved(ctx, in)
		return
	}
	d, err := in.read(ctx)
	if err != nil {
		t.fail("%v", err)
		return
	}
	main, all := texts(d.blocks)
	if v := classifyText(in.body, d.title, main, all); v.settled() && d.strategy == strategyText {
		t.settle(v)
		return
	}
	v := &archive.Version{Title: d.title, PublishedOn: d.published, UpdatedOn: d.updated, Strategy: d.strategy, Blocks: d.blocks}
	t.Why = append(t.Why, d.why...)
	inPage := d.lang
	if inPage == "" {
		inPage = langCode(in.capture.Header.Get("Content-Language"))
	}
	t.content(in.capture, v, inPage)
}

// read finds the reader, runs it and completes what it found.
func (in *input) read(ctx context.Context) (*document, error) {
	r := readerOf(in.media)
	if in.media == mediaZip {
		r = in.zipped()
	}
	if r == nil {
		if what := unreadable[in.media]; what != "" {
			return nil, fmt.Errorf("cannot read documents of type %q: it is %s", in.media, what)
		}
		return nil, fmt.Errorf("cannot read documents of type %q", in.capture.Header.Get("Content-Type"))
	}
	d, err := r.read(ctx, in)
	if err == nil {
		err = d.finish()
	}
	if err != nil {
		return nil, fmt.Errorf("the %s %w", names[in.media], err)
	}
	return d, nil
}

// add appends a block; without a role it is main text.
func (d *document) add(b archive.Block) error {
	if b.Text == "" && b.Kind != archive.Article {
		return nil
	}
	if b.Role == "" {
		b.Role = archive.Main
	}
	if b.Kind == "" {
		b.Kind = archive.Paragraph
	}
	if d.size += len(b.Text) + 64; d.size > maxDocumentText || len(d.blocks) >= maxDocumentBlocks {
		return errDocumentSize
	}
	d.blocks = append(d.blocks, b)
	return nil
}

// note keeps a footnote apart, for the end. Its path is that of the block
// that refers to it: a note to Article 8 is found under Article 8.
func (d *document) note(marker, text string, at int) error {
	if text == "" {
		return nil
	}
	if d.size += len(text) + 64; d.size > maxDocumentText || len(d.notes) >= maxDocumentBlocks {
		return errDocumentSize
	}
	d.notes = append(d.notes, note{archive.Block{Kind: archive.Item, Role: archive.Main, Level: 1, Marker: marker, Text: text}, at})
	return nil
}

// finish gives the blocks their paths, appends the notes, and fills in title
// and dates where the document does not state them.
func (d *document) finish() error {
	if !d.placed {
		setPaths(d.blocks)
	}
	if len(d.blocks) == 0 && len(d.notes) == 0 {
		return errNoText
	}
	if d.title == "" {
		d.title = firstLine(d.blocks)
	}
	m := meta{published: d.published, updated: d.updated}
	textDates(&m, d.blocks)
	d.published, d.updated = m.published, m.updated
	for _, n := range d.notes {
		if n.at >= 0 && n.at < len(d.blocks) {
			at := &d.blocks[n.at]
			n.block.Path = at.Path
			if at.Kind == archive.Heading {
				n.block.Path = append(at.Path[:len(at.Path):len(at.Path)], shorten(at.Text))
			}
		}
		d.blocks = append(d.blocks, n.block)
	}
	d.notes = nil
	return nil
}

// listed makes the block of a numbered or bulleted paragraph. A number that
// is the number of an article belongs to the text, in which it is looked for.
func listed(marker, text string, level int) archive.Block {
	if mark, _, _ := article(marker + " " + text); mark != "" && len(mark)+1 >= len(strings.TrimRight(marker, ".")) && marker != "" {
		return archive.Block{Kind: archive.Paragraph, Text: marker + " " + text}
	}
	if marker == "" {
		marker = "•"
	}
	return archive.Block{Kind: archive.Item, Level: min(max(level, 1), 9), Marker: marker, Text: text}
}

// row makes the block of a table's row.
func row(cells []string) archive.Block {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return archive.Block{Kind: archive.Row, Text: strings.TrimSpace(strings.ReplaceAll(strings.Join(cells, " | "), "  ", " "))}
}

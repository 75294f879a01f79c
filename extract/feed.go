package extract

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"veille/archive"
)

// strategyFeed is the strategy of feeds that are watched as pages.
const strategyFeed = "feed"

// maxEntries bounds the entries of one feed.
const maxEntries = 20_000

// A feedReader reads RSS (0.9 to 2.0, RDF) and Atom feeds: each entry is a
// heading and its text, the feed's own dates are left out, for they move
// whenever it is asked for.
type feedReader struct{}

// A feedEntry is an item of a feed.
type feedEntry struct {
	title, link, date, summary, content string
}

func (feedReader) read(ctx context.Context, in *input) (*document, error) {
	w := &feed{ctx: ctx, d: &document{strategy: strategyFeed}}
	x := newXML(ctx, bytes.NewReader(trimBOM(in.body)))
	x.d.Strict = false
	root, err := x.root()
	if err != nil {
		return nil, err
	}
	w.d.lang = langCode(value(&root, "lang"))
	if err := x.each(func(e xml.StartElement) error { return w.element(x, e) }, nil); err != nil {
		return nil, err
	}
	return w.d, w.tell()
}

type feed struct {
	ctx     context.Context
	d       *document
	entries []feedEntry
}

// element reads a child of the feed or its channel.
func (w *feed) element(x *xmlStream, e xml.StartElement) error {
	switch e.Name.Local {
	case "channel":
		return x.each(func(e xml.StartElement) error { return w.element(x, e) }, nil)
	case "title":
		s, err := x.text()
		if w.d.title == "" && e.Name.Space != "http://search.yahoo.com/mrss/" {
			w.d.title = clean(html.UnescapeString(s))
		}
		return err
	case "language":
		s, err := x.text()
		w.d.lang = langCode(s)
		return err
	case "item", "entry":
		if len(w.entries) >= maxEntries {
			return errors.New("has too many entries")
		}
		var entry feedEntry
		err := x.each(func(e xml.StartElement) error { return entry.element(x, e) }, nil)
		w.entries = append(w.entries, entry)
		return err
	}
	return x.skip()
}

func (f *feedEntry) element(x *xmlStream, e xml.StartElement) error {
	to := (*string)(nil)
	switch e.Name.Local {
	case "title":
		to = &f.title
	case "link":
		if href := value(&e, "href"); href != "" {
			if rel := value(&e, "rel"); rel == "" || rel == "alternate" {
				set(&f.link, href)
			}
			return x.skip()
		}
		to = &f.link
	case "published", "pubDate", "issued", "date", "created":
		to = &f.date
	case "updated", "modified":
		if f.date != "" {
			return x.skip()
		}
		to = &f.date
	case "summary", "description":
		to = &f.summary
	case "content", "encoded":
		if value(&e, "src") != "" || value(&e, "url") != "" { // media
			return x.skip()
		}
		to = &f.content
	default:
		return x.skip()
	}
	s, err := x.markup()
	if strings.HasPrefix(e.Name.Space, "http://search.yahoo.com/mrss") || strings.HasPrefix(e.Name.Space, "http://www.itunes.com") {
		return err
	}
	set(to, strings.TrimSpace(s))
	return err
}

// markup reads the open element and returns what is in it: text as it is, and
// elements, of which XHTML content consists, as tags.
func (x *xmlStream) markup() (string, error) {
	var b strings.Builder
	for end := x.depth - 1; x.depth > end; {
		t, err := x.next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = errors.New("is damaged or cut short (the XML ends early)")
			}
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			b.WriteString("<" + t.Name.Local + ">")
		case xml.EndElement:
			if x.depth > end {
				b.WriteString("</" + t.Name.Local + ">")
			}
		case xml.CharData:
			b.Write(t)
		}
		if b.Len() > maxDocumentText {
			return "", errDocumentSize
		}
	}
	return b.String(), nil
}

// tell makes blocks of the entries: a heading, its day, its text.
func (w *feed) tell() error {
	d := w.d
	if d.title != "" {
		if err := d.add(archive.Block{Kind: archive.Heading, Level: 1, Text: d.title}); err != nil {
			return err
		}
	}
	for i := range w.entries {
		e := &w.entries[i]
		title := markupText(w.ctx, e.title)
		if title == "" {
			title = e.link
		}
		text := e.content
		if utf8.RuneCountInString(text) < utf8.RuneCountInString(e.summary) {
			text = e.summary
		}
		if err := d.add(archive.Block{Kind: archive.Heading, Level: 2, Text: clean(title)}); err != nil {
			return err
		}
		if day := parseDate(e.date); day != "" {
			if err := d.add(archive.Block{Text: day}); err != nil {
				return err
			}
		}
		blocks, err := markupBlocks(w.ctx, text)
		if err != nil {
			return err
		}
		if err := d.addAll(blocks, 2); err != nil {
			return err
		}
	}
	return nil
}

// markupBlocks reads a value that may be text or HTML.
func markupBlocks(ctx context.Context, s string) ([]archive.Block, error) {
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	if markup.MatchString(s) {
		return htmlBlocks(ctx, []byte(s))
	}
	return plainBlocks(s), nil
}

// markupText is the text of such a value on one line.
func markupText(ctx context.Context, s string) string {
	blocks, err := markupBlocks(ctx, s)
	if err != nil {
		return clean(s)
	}
	parts := make([]string, 0, len(blocks))
	for i := range blocks {
		parts = append(parts, strings.TrimSpace(blocks[i].Marker+" "+blocks[i].Text))
	}
	return strings.Join(parts, " ")
}

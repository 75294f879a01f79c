package extract

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"net/textproto"
	"strings"

	"golang.org/x/net/html/charset"

	"veille/archive"
	"veille/internal/boundhtml"
)

// strategyMail is the strategy of mails.
const strategyMail = "mail"

// Bounds of one mail, all parts together.
const (
	maxMailParts = 1000
	maxMailDepth = 12 // parts in parts
)

var errMailParts = errors.New("has too many parts")

// A mailReader reads a mail (RFC 5322, MIME): the subject as title, sender and
// addressees as chrome, the text – HTML where there is a choice, for it has
// the lists and headings –, then the attachments, each under its name, read as
// documents of their kind or named with the reason why they are not.
type mailReader struct{}

// A mailPart is a part of a message with its transfer encoding undone.
type mailPart struct {
	header textproto.MIMEHeader
	media  string
	params map[string]string
	name   string // of an attached file
	body   []byte
}

func (mailReader) read(ctx context.Context, in *input) (*document, error) {
	root, parts, err := openMail(ctx, in.body)
	if err != nil {
		return nil, err
	}
	d := &document{strategy: strategyMail, title: decodeHeader(root.Get("Subject")), lang: langCode(root.Get("Content-Language")), placed: true}
	if at, err := mail.ParseDate(root.Get("Date")); err == nil {
		d.published = at.UTC().Format("2006-01-02")
	}
	if d.title != "" {
		if err := d.add(archive.Block{Kind: archive.Heading, Level: 1, Text: d.title}); err != nil {
			return nil, err
		}
	}
	for _, k := range []string{"From", "To", "Cc", "Date"} {
		if v := decodeHeader(root.Get(k)); v != "" {
			if err := d.add(archive.Block{Role: archive.Boilerplate, Text: k + ": " + v}); err != nil {
				return nil, err
			}
		}
	}
	if in.budget == nil {
		n := maxAttachments
		in.budget = &n
	}
	for i := range parts {
		if err := d.mailPart(ctx, in, &parts[i]); err != nil {
			return nil, err
		}
	}
	setPaths(d.blocks)
	return d, nil
}

// mailPart adds one part: text as it is, an attachment under its name.
func (d *document) mailPart(ctx context.Context, in *input, p *mailPart) error {
	attached := p.name != "" || strings.HasPrefix(strings.ToLower(p.header.Get("Content-Disposition")), "attachment") || p.media == mediaMail
	if !attached && (p.media == mediaHTML || strings.HasPrefix(p.media, "text/")) {
		blocks, err := p.textBlocks(ctx)
		if err != nil {
			return err
		}
		return d.addAll(blocks, 1)
	}
	if strings.HasPrefix(p.media, "image/") && p.header.Get("Content-Id") != "" {
		return nil // a picture in the text
	}
	name := p.name
	if name == "" {
		name = p.media
	}
	blocks, err := p.attachment(ctx, in)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		d.why = append(d.why, fmt.Sprintf("attachment %s: %v", name, err))
		return d.add(archive.Block{Kind: archive.Heading, Level: 2, Text: fmt.Sprintf("%s (%d bytes, not read)", clean(name), len(p.body))})
	}
	if err := d.add(archive.Block{Kind: archive.Heading, Level: 2, Text: clean(name)}); err != nil {
		return err
	}
	return d.addAll(blocks, 2)
}

// addAll adds the blocks of an inner document, its headings below level.
func (d *document) addAll(blocks []archive.Block, level int) error {
	for _, b := range blocks {
		b.Path = nil
		if b.Kind == archive.Heading {
			b.Level = min(b.Level+level, 6)
		}
		if b.Kind == archive.Article { // setPaths splits the mark off again
			b.Kind, b.Text, b.Marker = archive.Paragraph, strings.TrimSpace(b.Marker+" "+b.Text), ""
		}
		if err := d.add(b); err != nil {
			return err
		}
	}
	return nil
}

// attachment reads an attached document as one of its kind.
func (p *mailPart) attachment(ctx context.Context, in *input) ([]archive.Block, error) {
	if in.depth >= maxDocumentDepth || *in.budget <= 0 {
		return nil, errors.New("not read: there are too many documents in documents")
	}
	*in.budget--
	h := http.Header{"Content-Type": {p.header.Get("Content-Type")}}
	media := mediaOf(h, p.body, "file:///"+strings.ReplaceAll(p.name, " ", "_"))
	if media == mediaHTML || strings.HasPrefix(media, "text/") {
		return p.textBlocks(ctx)
	}
	c := *in.capture
	c.Header = h
	inner := &input{capture: &c, body: p.body, media: media, depth: in.depth + 1, budget: in.budget}
	if media == mediaMHTML {
		return inner.savedBlocks(ctx)
	}
	d, err := inner.read(ctx)
	if err != nil {
		return nil, err
	}
	return d.blocks, nil
}

// textBlocks reads a part that is text or HTML.
func (p *mailPart) textBlocks(ctx context.Context) ([]archive.Block, error) {
	text := toUTF8(http.Header{"Content-Type": {p.header.Get("Content-Type")}}, p.body)
	if p.media == mediaHTML || looksHTML(bytes.TrimSpace(text[:min(len(text), 1024)])) {
		return htmlBlocks(ctx, text)
	}
	return plainBlocks(string(text)), nil
}

// htmlBlocks reads HTML that is all text, without the frame of a site.
func htmlBlocks(ctx context.Context, text []byte) ([]archive.Block, error) {
	doc, err := boundhtml.Parse(ctx, text)
	if err != nil {
		return nil, err
	}
	p := flatten(doc)
	p.markMain(&choice{strategy: strategySelect, tops: []int32{0}})
	return p.blocks(), nil
}

// openMail reads a message and takes its parts apart, in order.
func openMail(ctx context.Context, body []byte) (textproto.MIMEHeader, []mailPart, error) {
	body = bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), "\r\n \t")
	m, err := mail.ReadMessage(bytes.NewReader(body))
	if err != nil {
		return nil, nil, fmt.Errorf("is damaged: its header cannot be read (%w)", err)
	}
	root := textproto.MIMEHeader(m.Header)
	rest, err := io.ReadAll(m.Body)
	if err != nil {
		return nil, nil, err
	}
	w := &mailWalk{ctx: ctx}
	if err := w.take(root, rest, 0); err != nil {
		return nil, nil, err
	}
	return root, w.parts, nil
}

// A mailWalk gathers the parts of a message that have no parts themselves.
type mailWalk struct {
	ctx   context.Context
	parts []mailPart
	seen  int
}

// take undoes one part's transfer encoding, or takes its parts apart. Of
// alternatives the richest that can be read is taken.
func (w *mailWalk) take(h textproto.MIMEHeader, raw []byte, depth int) error {
	if w.seen++; w.seen > maxMailParts || depth > maxMailDepth {
		return errMailParts
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || media == "" {
		media = mediaText
		if h.Get("Content-Type") != "" && err != nil {
			media, _, _ = strings.Cut(strings.ToLower(h.Get("Content-Type")), ";")
			media = strings.TrimSpace(media)
		}
	}
	if strings.HasPrefix(media, "multipart/") && params["boundary"] != "" {
		return w.multipart(media, params["boundary"], raw, depth)
	}
	p := mailPart{header: h, media: media, params: params, body: undoTransfer(h.Get("Content-Transfer-Encoding"), raw)}
	if _, d, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil {
		p.name = decodeHeader(d["filename"])
	}
	if p.name == "" {
		p.name = decodeHeader(params["name"])
	}
	w.parts = append(w.parts, p)
	return nil
}

func (w *mailWalk) multipart(media, boundary string, raw []byte, depth int) error {
	r := multipart.NewReader(bytes.NewReader(raw), boundary)
	inner := &mailWalk{ctx: w.ctx, seen: w.seen}
	found := false
	for {
		part, err := r.NextRawPart()
		if err == io.EOF {
			break
		}
		var body []byte
		if err == nil {
			body, err = io.ReadAll(part)
		}
		if err != nil {
			if found && errors.Is(err, io.ErrUnexpectedEOF) && len(body) == 0 {
				break // the last boundary is missing, as in many mails
			}
			return fmt.Errorf("is damaged or cut short (%w)", err)
		}
		found = true
		if err := inner.take(part.Header, body, depth+1); err != nil {
			return err
		}
	}
	w.seen = inner.seen
	if media == "multipart/alternative" {
		inner.parts = inner.parts[best(inner.parts):]
		if len(inner.parts) > 1 && inner.parts[0].media != mediaHTML {
			inner.parts = inner.parts[:1]
		}
	}
	w.parts = append(w.parts, inner.parts...)
	return nil
}

// best finds the HTML among alternatives, else the text.
func best(parts []mailPart) int {
	at := 0
	for i := range parts {
		if parts[i].media == mediaHTML && len(bytes.TrimSpace(parts[i].body)) > 0 && parts[at].media != mediaHTML {
			at = i
		}
	}
	return at
}

// undoTransfer undoes quoted-printable and base64; what is broken is taken as
// far as it goes.
func undoTransfer(encoding string, raw []byte) []byte {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		out, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(raw)))
		if err != nil && len(out) == 0 {
			return raw
		}
		return out
	case "base64":
		packed := make([]byte, 0, len(raw))
		for _, c := range raw {
			if c == '+' || c == '/' || c >= '0' && c <= '9' || isLetter(c) {
				packed = append(packed, c)
			}
		}
		out := make([]byte, base64.RawStdEncoding.DecodedLen(len(packed)))
		n, _ := base64.RawStdEncoding.Decode(out, packed) // damaged: what could be decoded
		return out[:n]
	}
	return raw
}

// decodeHeader decodes the encoded words (RFC 2047) of a header field.
func decodeHeader(s string) string {
	d := mime.WordDecoder{CharsetReader: charset.NewReaderLabel}
	out, err := d.DecodeHeader(s)
	if err != nil {
		out = s
	}
	return clean(out)
}

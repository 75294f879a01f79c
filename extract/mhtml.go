package extract

import (
	"context"
	"errors"
	"net/http"

	"veille/archive"
)

// A mhtmlReader stands for MHTML files (RFC 2557), which browsers save: their
// main part is read as the page it was, at the address it had.
type mhtmlReader struct{}

func (mhtmlReader) read(ctx context.Context, in *input) (*document, error) {
	blocks, err := in.savedBlocks(ctx)
	if err != nil {
		return nil, err
	}
	return &document{blocks: blocks, placed: true}, nil
}

// openSaved finds the page in a saved page, its address, and the frames in it.
func openSaved(ctx context.Context, body []byte) (page *mailPart, address string, frames []mailPart, err error) {
	root, parts, err := openMail(ctx, body)
	if err != nil {
		return nil, "", nil, err
	}
	address = root.Get("Snapshot-Content-Location")
	if address == "" {
		address = root.Get("Content-Location")
	}
	for i := range parts {
		p := &parts[i]
		if p.media != mediaHTML && p.media != "application/xhtml+xml" {
			continue
		}
		at := p.header.Get("Content-Location")
		switch {
		case page == nil:
			page = p
		case address != "" && at == address && page.header.Get("Content-Location") != address:
			frames = append(frames, *page)
			page = p
		default:
			frames = append(frames, *p)
		}
	}
	if page == nil {
		return nil, "", nil, errors.New("is no saved page: it holds no HTML")
	}
	if at := page.header.Get("Content-Location"); address == "" {
		address = at
	}
	return page, address, frames, nil
}

// capture is the page as if it had just been answered.
func (p *mailPart) capture(of *archive.Capture, address string) *archive.Capture {
	c := *of
	c.Header = http.Header{"Content-Type": {p.header.Get("Content-Type")}}
	c.Body = p.body
	if address != "" {
		c.FinalURL = address
	}
	return &c
}

// readSaved reads a saved page as the page it was. What stands in its frames
// follows as chrome, so that nothing visible is lost; a page that is nothing
// but frames is read in the frame that holds the most text.
func (t *Text) readSaved(ctx context.Context, in *input) {
	page, address, frames, err := openSaved(ctx, in.body)
	if err != nil {
		t.fail("the %s %v", names[mediaMHTML], err)
		return
	}
	t.Why = append(t.Why, "saved page (MHTML) of "+address)
	t.readPart(ctx, in, page, address)
	if t.Version == nil || mainSize(t.Version.Blocks) < tinyText {
		for i := range frames {
			inner := &Text{Why: t.Why}
			inner.readPart(ctx, in, &frames[i], frames[i].header.Get("Content-Location"))
			if inner.Version != nil && (t.Version == nil || mainSize(inner.Version.Blocks) > mainSize(t.Version.Blocks)) {
				*t = *inner
			}
		}
		return
	}
	for i := range frames[:min(len(frames), maxAttachments)] {
		blocks, err := frames[i].textBlocks(ctx)
		if err != nil {
			continue
		}
		for _, b := range blocks {
			if len(t.Version.Blocks) < maxDocumentBlocks {
				b.Role, b.Path = archive.Boilerplate, nil
				t.Version.Blocks = append(t.Version.Blocks, b)
			}
		}
	}
}

// readPart reads one part of a saved page. Read's own why comes first.
func (t *Text) readPart(ctx context.Context, in *input, p *mailPart, address string) {
	why := t.Why
	t.readHTML(ctx, p.capture(in.capture, address), in.source, &Past{Strategy: in.strategy})
	t.Why = append(why[:len(why):len(why)], t.Why...)
}

func mainSize(blocks []archive.Block) int {
	n := 0
	for i := range blocks {
		if blocks[i].Role == archive.Main {
			n += len(blocks[i].Text)
		}
	}
	return n
}

// savedBlocks reads a saved page that is attached to a document.
func (in *input) savedBlocks(ctx context.Context) ([]archive.Block, error) {
	t := &Text{}
	t.readSaved(ctx, in)
	if t.Version == nil {
		return nil, errors.New(t.Reason)
	}
	return t.Version.Blocks, nil
}

// Package extract reads captures: bytes become title, language, dates and
// blocks, and an answer that is no content – blocked, missing, broken – is
// recognised as such and never becomes a version.
//
// [Read] reads one capture and is a pure function of it. [Sync] is a reader of
// the archive behind the cursor "extract": it reads the captures it has not
// seen and hands the archive what it made of them.
//
// Everything visible is kept. What belongs to the frame of a page (menus,
// consent banners, footers) gets the role boilerplate, so that no change is
// ever invisible; see [archive.Block].
package extract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"veille/archive"
	"veille/internal/boundhtml"
	"veille/source"
)

// A Text is what was read in one capture.
type Text struct {
	Class  archive.Class
	Kind   Kind   // what kind of answer of that class; "" for plain content
	Reason string // one sentence for the operator; "" for plain content in the language it is declared to be in
	// Version is the text; nil unless Class is Content or Gone.
	Version *archive.Version
	// Declared and Detected are the language the source, page or header
	// declares and the one guessed from the text, "" where there is none.
	Declared, Detected string
	// Why explains, step by step, how the text was read.
	Why []string
}

// Read reads one capture, which must have its Body. The error is ctx's; what
// is wrong with the capture is said in the Text. Read never panics, and its
// time and memory are bounded by the size of the body.
func Read(ctx context.Context, c *archive.Capture, list *source.List) (*Text, error) {
	return ReadAs(ctx, c, list, "")
}

// ReadAs is Read with the strategy by which the page's previous version was
// read ([archive.Version.Strategy]): it is kept as long as it finds a text.
func ReadAs(ctx context.Context, c *archive.Capture, list *source.List, strategy string) (*Text, error) {
	return ReadAfter(ctx, c, list, &Past{Strategy: strategy})
}

// ReadAfter is Read with what earlier captures tell of the page. The same
// capture and the same past give the same Text.
func ReadAfter(ctx context.Context, c *archive.Capture, list *source.List, past *Past) (t *Text, err error) {
	t = &Text{}
	defer func() {
		if r := recover(); r != nil { // a parser's defect is the document's trouble, not the program's
			t = &Text{Class: archive.Error, Kind: KindUnreadable, Reason: fmt.Sprintf("reading failed: %v", r)}
			err = ctx.Err()
		}
	}()
	if c.Header == nil {
		copied := *c
		copied.Header = http.Header{}
		c = &copied
	}
	if v := classifyHead(c, list); v.settled() {
		t.settle(v)
		if v.class == archive.Gone {
			t.Version = &archive.Version{Capture: c.Seq, Cause: archive.Published, Gone: true, Lang: c.Lang}
		}
		return t, ctx.Err()
	}
	t.read(ctx, c, list, past)
	if t.Version != nil {
		t.Version.Blocks = splitLong(t.Version.Blocks)
	}
	return t, ctx.Err()
}

// read reads the body of an answer that seems to be content.
func (t *Text) read(ctx context.Context, c *archive.Capture, list *source.List, past *Past) {
	var src *source.Source
	if list != nil {
		src = list.Source(c.Source)
	}
	media := mediaOf(c.Header, c.Body, c.FinalURL)
	if odd, binary := noText(c.Body); media == mediaHTML && binary {
		t.fail("the answer says it is a page and is no text: %d of its first bytes are control characters", odd)
	} else if media == mediaHTML {
		t.readHTML(ctx, c, src, past)
	} else {
		t.readDocument(ctx, &input{capture: c, body: c.Body, media: media, source: src, strategy: past.Strategy})
	}
	t.refuseGarbled()
	t.require(list, src, c.URL)
}

// refuseGarbled refuses a text of which a tenth or more could not be decoded: in
// another encoding than it says, in none, or of a PDF whose fonts do not name
// their letters.
func (t *Text) refuseGarbled() {
	if t.Version == nil {
		return
	}
	lost, all := 0, 0
	for i := range t.Version.Blocks {
		lost += strings.Count(t.Version.Blocks[i].Text, "\uFFFD")
		all += utf8.RuneCountInString(t.Version.Blocks[i].Text)
	}
	if lost >= 20 && lost*10 >= all {
		t.fail("the text is garbled: %d of its %d characters cannot be decoded", lost, all)
	}
}

// require holds a text against what sources.yaml says it must contain.
func (t *Text) require(list *source.List, src *source.Source, address string) {
	if t.Version == nil || list == nil {
		return
	}
	u, err := url.Parse(address)
	if err != nil {
		return
	}
	for _, want := range list.MustContain(src, u.Host) {
		if !contains(t.Version.Blocks, strings.ToLower(want)) {
			t.settle(verdict{archive.Error, KindTruncated, fmt.Sprintf("truncated: the page does not say “%s”, which sources.yaml says it must", want)})
			return
		}
	}
}

func contains(blocks []archive.Block, want string) bool {
	return slices.ContainsFunc(blocks, func(b archive.Block) bool { return strings.Contains(strings.ToLower(b.Text), want) })
}

// settle makes t an answer that is no content.
func (t *Text) settle(v verdict) {
	t.Class, t.Kind, t.Reason, t.Version = v.class, v.kind, v.reason, nil
}

func (t *Text) fail(format string, args ...any) {
	t.Class, t.Kind, t.Reason, t.Version = archive.Error, KindUnreadable, fmt.Sprintf(format, args...), nil
}

func (t *Text) readHTML(ctx context.Context, c *archive.Capture, src *source.Source, past *Past) {
	doc, err := boundhtml.Parse(ctx, toUTF8(c.Header, c.Body))
	if err != nil {
		if errors.Is(err, boundhtml.ErrTooSlow) {
			err = boundhtml.ErrTooSlow
		}
		t.fail("HTML cannot be read: %v", err)
		return
	}
	p := flatten(doc)
	if address := frames(doc); address != "" && p.nodes[0].text < tinyText {
		t.fail("a page of frames, without text of its own: watch the address of the frame, %s", address)
		return
	}
	p.setBase(c.FinalURL)
	p.markChrome()
	if src != nil {
		p.drop(src.Drop)
	}
	choice := p.choose(src, past)
	p.markMain(&choice)
	p.numbers = p.labels()
	if choice.scorer != nil {
		p.keepWhole()
	}
	blocks := p.blocks()
	keepTitle(blocks)
	setLabelledPaths(blocks, p.labelled)
	past.Habits.settle(blocks, &choice)
	m := p.meta(c.Header)
	p.pageDates(&m, blocks)
	t.Why = choice.why
	if m.force != "" {
		t.Why = append(t.Why, "by its metadata the act is "+m.force)
	}
	v := &archive.Version{Title: pageTitle(&m, blocks), PublishedOn: m.published, UpdatedOn: m.updated, InForceOn: firstOf(m.inForce, m.applies),
		Strategy: choice.strategy, Blocks: blocks}
	main, all := texts(blocks)
	title := v.Title
	if m.title != "" && len(main) <= shortText {
		title = m.title
	}
	if verdict := classifyText(c.Body, title, main, all); verdict.settled() {
		t.settle(verdict)
		return
	}
	t.content(c, v, m.lang)
}

// content makes t a text with version v, whose language it decides. inPage is
// the language that the document or its header declares.
func (t *Text) content(c *archive.Capture, v *archive.Version, inPage string) {
	t.Declared = langCode(c.Lang)
	if t.Declared == "" {
		t.Declared = inPage
	}
	s := sample(v.Blocks)
	var sure bool
	t.Detected, sure = detect(s, t.Declared)
	v.Lang = language(t.Declared, t.Detected, sure, len(s))
	if t.Declared != "" && t.Detected != "" && t.Detected != t.Declared {
		t.Why = append(t.Why, fmt.Sprintf("declared language %s, the text looks like %s: taken as %s", t.Declared, t.Detected, v.Lang))
	}
	if t.Declared != "" && v.Lang != t.Declared {
		t.Reason = fmt.Sprintf("declared to be in language %s, but the text is in %s: the translation may be missing", t.Declared, v.Lang)
	}
	v.Capture, v.Cause = c.Seq, archive.Published
	t.Class, t.Version = archive.Content, v
}

// keepTitle makes the page's only first-level heading main text where it
// stands outside the element that holds the rest.
func keepTitle(blocks []archive.Block) {
	found := -1
	for i := range blocks {
		if b := &blocks[i]; b.Kind == archive.Heading && b.Level == 1 {
			if b.Role == archive.Main || found >= 0 {
				return
			}
			found = i
		}
	}
	if found >= 0 {
		blocks[found].Role = archive.Main
	}
}

// texts joins the beginning of the main text and of all text.
func texts(blocks []archive.Block) (main, all string) {
	var m, a strings.Builder
	const enough = 4 * blockText
	for i := range blocks {
		b := &blocks[i]
		if b.Role == archive.Main && m.Len() < enough {
			m.WriteString(b.Text)
			m.WriteByte('\n')
		}
		if a.Len() < enough {
			a.WriteString(b.Text)
			a.WriteByte('\n')
		}
	}
	return m.String(), a.String()
}

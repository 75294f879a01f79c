// Package boundhtml parses HTML in time and memory proportional to its size,
// whatever is in it.
package boundhtml

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Bounds of one HTML document. Real pages stay far below them; beyond them
// tags are dropped and text is kept.
const (
	maxDepth   = 256             // open elements
	maxFormat  = 32              // open formatting elements, which the parser opens again in every block
	maxWork    = 500_000         // formatting elements opened again, over the document
	maxTags    = 400_000         // start tags and comments
	maxFosters = 64              // texts between table rows, which the parser moves and joins
	maxParse   = 4 * time.Second // processor time of parsing
)

// ErrTooSlow is returned when a document takes longer to parse than maxParse.
// A machine that is busy with other things takes no time off it.
var ErrTooSlow = errors.New("takes too long to parse")

// Parse parses UTF-8 HTML in time and memory proportional to its size.
//
// The HTML standard's rules for broken markup cost quadratic time on some
// input (unclosed formatting elements, text between table rows, stray tags
// that split one text into many). A pre-scan drops the tags that do this.
func Parse(ctx context.Context, body []byte) (*html.Node, error) {
	now, release := threadTime()
	defer release()
	r := &deadlineReader{ctx: ctx, rest: Bound(body), now: now, until: now() + maxParse}
	doc, err := html.Parse(r)
	if err != nil {
		return nil, fmt.Errorf("parse HTML: %w", err)
	}
	return doc, nil
}

// A deadlineReader hands out bytes in small pieces until its time is up.
type deadlineReader struct {
	ctx   context.Context
	rest  []byte
	now   func() time.Duration
	until time.Duration
}

func (r *deadlineReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	if r.now() > r.until {
		return 0, ErrTooSlow
	}
	n := copy(p[:min(len(p), 16<<10)], r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Bound returns body without the tags that would make parsing it expensive;
// body itself if there are none.
func Bound(body []byte) []byte {
	b := &bounder{body: body, dropped: map[uint32]int{}}
	z := html.NewTokenizer(bytes.NewReader(body))
	for {
		tt := z.Next()
		raw := z.Raw()
		if tt == html.ErrorToken {
			b.emit(raw, true)
			break
		}
		b.token(tt, z, raw)
		b.at += len(raw)
	}
	if b.out == nil {
		return body
	}
	return b.out
}

// A bounder follows the parser's stack of open elements closely enough to
// know which tags it would ignore or multiply.
type bounder struct {
	body []byte
	at   int    // offset of the current token
	out  []byte // what is kept; nil as long as that is everything

	open    []openTag
	format  []uint32 // open formatting elements
	dropped map[uint32]int
	roots   int // html, head and body tags
	tags    int
	work    int
	fosters int
	flat    bool // no more formatting elements
	rawText bool // the next text belongs to a dropped script or style
}

type openTag struct {
	key    uint32
	format int // length of format when it was opened
}

// emit keeps or drops the current token's bytes.
func (b *bounder) emit(raw []byte, keep bool) {
	if !keep && b.out == nil {
		b.out = append(make([]byte, 0, len(b.body)), b.body[:b.at]...)
	}
	if keep && b.out != nil {
		b.out = append(b.out, raw...)
	}
	if !keep && joins(b.out) {
		b.out = append(b.out, ' ')
	}
}

// joins reports whether a text ends in the beginning of a tag or entity, which
// must not be completed by what comes after a dropped tag.
func joins(text []byte) bool {
	for i := len(text) - 1; i >= 0 && i >= len(text)-40; i-- {
		switch c := text[i]; {
		case c == '<' || c == '&':
			return true
		case c <= ' ' || c == '>' || c == ';':
			return false
		}
	}
	return false
}

func (b *bounder) token(tt html.TokenType, z *html.Tokenizer, raw []byte) {
	switch tt {
	case html.StartTagToken, html.SelfClosingTagToken:
		name, _ := z.TagName()
		b.tags++
		keep := b.tags <= maxTags && b.start(key(name))
		b.rawText = !keep && isRawText(key(name))
		b.emit(raw, keep)
		if b.work > maxWork && !b.flat {
			b.closeFormats()
		}
	case html.EndTagToken:
		name, _ := z.TagName()
		b.tags++
		b.emit(raw, b.tags <= maxTags && b.end(key(name)))
	case html.CommentToken, html.DoctypeToken:
		b.tags++
		b.emit(raw, b.tags <= maxTags)
	case html.TextToken:
		b.text(raw)
	}
}

func (b *bounder) text(raw []byte) {
	if b.rawText {
		b.rawText = false
		b.emit(raw, false)
		return
	}
	if n := len(b.open); n > 0 && isTablePart(b.open[n-1].key) && len(bytes.TrimSpace(raw)) > 0 {
		if b.fosters++; b.fosters > maxFosters && b.tags < maxTags {
			b.tags += 2
			b.emit(raw, false)
			b.out = append(append(append(b.out, "<p>"...), raw...), "</p>"...)
			return
		}
	}
	b.emit(raw, true)
}

// closeFormats ends all open formatting elements and lets no more open.
func (b *bounder) closeFormats() {
	b.emit(nil, false)
	for i := len(b.format) - 1; i >= 0; i-- {
		b.out = append(append(append(b.out, "</"...), atom.Atom(b.format[i]).String()...), '>')
	}
	b.format, b.flat = nil, true
	for i := range b.open {
		b.open[i].format = 0
	}
}

// start follows a start tag and reports whether to keep it.
func (b *bounder) start(k uint32) bool {
	b.work += len(b.format)
	switch a := atom.Atom(k); {
	case a == atom.Html || a == atom.Head || a == atom.Body:
		b.roots++
		return b.roots <= 8
	case isVoid(a) || a == atom.P:
		return true
	case isFormat(a):
		return b.startFormat(a)
	case isTableChild(a):
		i := b.find(k, true, atom.Table)
		if i < 0 {
			return false
		}
		b.popTo(b.tableContext(i, a) + 1)
		if a == atom.Col {
			return true
		}
	case a == atom.Li:
		b.implied(k, atom.Ul, atom.Ol)
	case a == atom.Dd || a == atom.Dt:
		b.implied(uint32(atom.Dd), atom.Dl)
		b.implied(uint32(atom.Dt), atom.Dl)
	case a == atom.Option || a == atom.Optgroup:
		b.implied(k, atom.Select)
	}
	if len(b.open) >= maxDepth {
		b.dropped[k]++
		return false
	}
	b.open = append(b.open, openTag{k, len(b.format)})
	return true
}

func (b *bounder) startFormat(a atom.Atom) bool {
	if a == atom.A || a == atom.Nobr { // a second one ends the first
		b.endFormat(a)
	}
	if b.flat || len(b.format) >= maxFormat {
		b.dropped[uint32(a)]++
		return false
	}
	b.format = append(b.format, uint32(a))
	return true
}

// end follows an end tag and reports whether to keep it.
func (b *bounder) end(k uint32) bool {
	a := atom.Atom(k)
	if b.dropped[k] > 0 {
		b.dropped[k]--
		return false
	}
	switch {
	case a == atom.Html || a == atom.Body || a == atom.Head:
		b.roots++
		return b.roots <= 16
	case a == atom.P || a == atom.Br:
		return true
	case isVoid(a):
		return false
	case isFormat(a):
		return b.endFormat(a)
	}
	i := b.find(k, isTableChild(a) || a == atom.Table, a)
	if i < 0 {
		return false
	}
	b.popTo(i)
	return true
}

func (b *bounder) endFormat(a atom.Atom) bool {
	low := 0
	for i := len(b.open) - 1; i >= 0; i-- {
		if isMarker(b.open[i].key) {
			low = b.open[i].format
			break
		}
	}
	for i := len(b.format) - 1; i >= low; i-- {
		if b.format[i] == uint32(a) {
			b.format = slices.Delete(b.format, i, i+1)
			return true
		}
	}
	return false
}

// implied ends an open k if there is one inside the nearest of the parents.
func (b *bounder) implied(k uint32, parents ...atom.Atom) {
	for i := len(b.open) - 1; i >= 0; i-- {
		if b.open[i].key == k {
			b.popTo(i)
			return
		}
		if slices.Contains(parents, atom.Atom(b.open[i].key)) || isMarker(b.open[i].key) {
			return
		}
	}
}

// find returns the index of the innermost open element with that key, or name
// want, that is in scope; -1 if there is none.
func (b *bounder) find(k uint32, tableScope bool, want atom.Atom) int {
	for i := len(b.open) - 1; i >= 0; i-- {
		o := b.open[i].key
		if want != 0 && o == uint32(want) || want == 0 && o == k {
			return i
		}
		if o == uint32(atom.Table) || o == uint32(atom.Template) || !tableScope && (isMarker(o) || o == uint32(atom.Select)) {
			return -1
		}
	}
	return -1
}

// tableContext returns the index of the element that a table part goes into.
func (b *bounder) tableContext(table int, a atom.Atom) int {
	for i := len(b.open) - 1; i > table; i-- {
		switch atom.Atom(b.open[i].key) {
		case atom.Tr:
			if a == atom.Td || a == atom.Th {
				return i
			}
		case atom.Tbody, atom.Thead, atom.Tfoot:
			if a == atom.Td || a == atom.Th || a == atom.Tr {
				return i
			}
		}
	}
	return table
}

func (b *bounder) popTo(n int) {
	for i := len(b.open) - 1; i >= n; i-- {
		if isMarker(b.open[i].key) && b.open[i].format <= len(b.format) {
			b.format = b.format[:b.open[i].format]
		}
	}
	b.open = b.open[:n]
}

// key identifies an element name: its atom, or else a hash of it.
func key(name []byte) uint32 {
	if a := atom.Lookup(name); a != 0 {
		return uint32(a)
	}
	h := uint32(2166136261)
	for _, c := range name {
		h = (h ^ uint32(c)) * 16777619
	}
	return h | 1<<31
}

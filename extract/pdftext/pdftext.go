// Package pdftext reads the words of a PDF document and where they stand, in
// time and memory bounded by the size of the document, whatever is in it.
//
// It knows cross-reference tables and streams (and finds the objects of files
// in which they are broken), object streams, the filters that text is packed
// in, encryption under the empty password, simple and composite fonts with
// their encodings and ToUnicode maps, forms in pages, rotated pages, and text
// that stands for other text (ActualText). It knows no pictures and runs
// nothing. It follows ISO 32000-1.
//
// Nothing in it recurses without a bound, and every stream unpacks into a
// budget, so that a hostile document ends in an error and not in the end of
// the process.
package pdftext

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// The errors of [Read]; test with errors.Is.
var (
	ErrEncrypted = errors.New("is encrypted and needs a password")
	ErrDamaged   = errors.New("is damaged or is no PDF")
	ErrTooLarge  = errors.New("holds too much text or too many pages")
)

// A Page is one page.
type Page struct {
	Width, Height float64 // in points, as it is seen
	Words         []Word  // in the order in which they are drawn
}

// A Word is text that stands together. Its box is in points from the upper
// left corner of the page, as it is seen; the baseline is a fifth of Size
// above Bottom.
type Word struct {
	Text                     string
	Left, Top, Right, Bottom float64
	Size                     float64 // of the font
	Bold                     bool
	Glued                    bool // follows the word before it without a space
	Turned                   bool // is not written from left to right
}

// Limits of one document.
const (
	maxPages    = 5000
	maxTree     = 64
	maxGlyphs   = 20_000_000 // over all pages
	maxOps      = 40_000_000
	maxForms    = 12 // forms in forms
	maxFormRuns = 20_000
	maxStates   = 512     // saved graphics states
	maxWords    = 100_000 // on one page
)

// A reader reads pages.
type reader struct {
	f      *file
	fonts  map[int]*font
	signs  signNames
	glyphs int
	ops    int
	forms  int
}

// Read reads the pages of a document in order and hands each to page, whose
// error ends it. Other errors wrap ErrEncrypted, ErrDamaged or ErrTooLarge, or
// are ctx's. A page that cannot be unpacked makes Read fail, for half a
// document is no version of it.
func Read(ctx context.Context, src []byte, page func(Page) error) error {
	f, err := open(ctx, src)
	if err != nil {
		return err
	}
	var leaves []leaf
	seen := map[int]bool{}
	if err := f.walk(f.dict(f.trail["Root"])["Pages"], leaf{}, 0, seen, &leaves); err != nil {
		return err
	}
	if len(leaves) == 0 {
		return fmt.Errorf("%w: it has no pages", ErrDamaged)
	}
	r := &reader{f: f, fonts: map[int]*font{}, signs: newSigns()}
	for i := range leaves {
		p, err := r.page(&leaves[i])
		if err == nil {
			err = f.failed
		}
		if err != nil {
			return fmt.Errorf("%w (page %d)", err, i+1)
		}
		if err := page(p); err != nil {
			return err
		}
	}
	return nil
}

// A leaf is a page dictionary with what it inherits.
type leaf struct {
	d         dict
	resources any
	box       array
	rotate    float64
}

// walk goes through the tree of pages, which may be tied into a loop.
func (f *file) walk(v any, above leaf, depth int, seen map[int]bool, leaves *[]leaf) error {
	if err := f.ctx.Err(); err != nil {
		return err
	}
	if n := refNum(v); n >= 0 {
		if seen[n] {
			return fmt.Errorf("%w: its tree of pages is a loop", ErrDamaged)
		}
		seen[n] = true
	}
	if depth > maxTree || len(*leaves) > maxPages {
		return ErrTooLarge
	}
	d := f.dict(v)
	if d == nil {
		return fmt.Errorf("%w: a page is missing", ErrDamaged)
	}
	l := above
	l.d = d
	if d["Resources"] != nil {
		l.resources = d["Resources"]
	}
	if b := f.array(d["MediaBox"]); len(b) == 4 {
		l.box = b
	}
	if n, ok := f.resolve(d["Rotate"]).(float64); ok {
		l.rotate = n
	}
	kids, isNode := f.resolve(d["Kids"]).(array)
	if !isNode || f.name(d["Type"]) == "Page" {
		if len(*leaves) >= maxPages {
			return ErrTooLarge
		}
		*leaves = append(*leaves, l)
		return nil
	}
	for _, k := range kids {
		if err := f.walk(k, l, depth+1, seen, leaves); err != nil {
			return err
		}
	}
	return nil
}

// page reads one page.
func (r *reader) page(l *leaf) (Page, error) {
	x0, y0, x1, y1 := 0.0, 0.0, 612.0, 792.0
	if len(l.box) == 4 {
		x0, y0, x1, y1 = r.f.number(l.box[0]), r.f.number(l.box[1]), r.f.number(l.box[2]), r.f.number(l.box[3])
	}
	x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
	w, h := bounded(x1-x0), bounded(y1-y0)
	p := Page{Width: w, Height: h}
	view := matrix{1, 0, 0, -1, -x0, y1}
	switch turn := (int(l.rotate)%360 + 360) % 360; turn {
	case 90:
		view, p.Width, p.Height = matrix{0, 1, 1, 0, -y0, -x0}, h, w
	case 180:
		view = matrix{-1, 0, 0, 1, x1, -y0}
	case 270:
		view, p.Width, p.Height = matrix{0, -1, -1, 0, y1, x1}, h, w
	}
	var data []byte
	for _, c := range r.f.list(l.d["Contents"]) {
		s, ok := r.f.resolve(c).(*stream)
		if !ok {
			continue
		}
		part, err := r.f.unpack(s, true)
		if err != nil {
			return p, contentError(err)
		}
		if len(data)+len(part) > maxStream {
			return p, ErrTooLarge
		}
		if data == nil {
			data = part[:len(part):len(part)]
			continue
		}
		data = append(append(data, '\n'), part...)
	}
	i := &interpreter{r: r, page: &p}
	i.state = state{ctm: view, scale: 1}
	if err := i.run(data, l.resources, 0); err != nil {
		return p, err
	}
	i.endWord()
	return p, nil
}

func contentError(err error) error {
	if errors.Is(err, ErrTooLarge) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: a page cannot be unpacked", ErrDamaged)
}

func bounded(v float64) float64 {
	if math.IsNaN(v) || v < 0 || v > 1e6 {
		return 0
	}
	return v
}

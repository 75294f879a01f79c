package index

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"veille/archive"
)

// How a passage is stored beside the index: its fields in a fixed order,
// numbers as varints, texts and lists behind their length, times in ms (0: not
// known). A trace reads thousands of them, and JSON took a quarter of its time.
//
//	record   = page source url lang title kind role path text since interval
//	           from block until document articles event event last gone next
//	interval = after by         until = 0 | 1 interval
//	event    = news weight senses
//	next     = count *( id block )

// An recordWriter appends to a record.
type recordWriter struct{ b []byte }

func (w *recordWriter) int(n int64) { w.b = binary.AppendVarint(w.b, n) }

func (w *recordWriter) text(s string) {
	w.b = binary.AppendUvarint(w.b, uint64(len(s)))
	w.b = append(w.b, s...)
}

func (w *recordWriter) texts(list []string) {
	w.int(int64(len(list)))
	for _, s := range list {
		w.text(s)
	}
}

func (w *recordWriter) time(t time.Time) {
	if t.IsZero() {
		w.int(0)
		return
	}
	w.int(t.UnixMilli())
}

func (w *recordWriter) interval(i archive.Interval) {
	w.time(i.After)
	w.time(i.By)
}

func (w *recordWriter) event(e *Event) {
	w.int(map[bool]int64{true: 1}[e.News])
	w.int(int64(e.Weight))
	w.texts(e.Senses)
}

// record is the passage as it is stored.
func (p *passage) record() []byte {
	w := &recordWriter{make([]byte, 0, 160+len(p.URL)+len(p.Title)+len(p.Text))}
	w.int(int64(p.Page))
	for _, s := range []string{p.Source, p.URL, p.Lang, p.Title, string(p.Kind), string(p.Role)} {
		w.text(s)
	}
	w.texts(p.Path)
	w.text(p.Text)
	w.int(int64(p.Since))
	w.interval(p.Seen)
	w.int(p.From)
	w.int(int64(p.Block))
	if p.Until == nil {
		w.int(0)
	} else {
		w.int(1)
		w.interval(*p.Until)
	}
	w.text(p.Document)
	w.texts(p.Articles)
	w.event(&p.Came)
	w.event(&p.Went)
	w.int(int64(p.Last))
	w.int(int64(p.Gone))
	w.int(int64(len(p.Next)))
	for _, n := range p.Next {
		w.text(n.ID)
		w.int(int64(n.Block))
	}
	return w.b
}

// A recordReader reads a record. Once something is wrong, all that follows is
// zero. Texts are parts of one string, so that they are not copied one by one.
type recordReader struct {
	b   []byte
	all string // what b is the end of
	bad bool
}

func newRecordReader(b []byte) *recordReader { return &recordReader{b: b, all: string(b)} }

func (r *recordReader) int() int64 {
	n, size := binary.Varint(r.b)
	if size <= 0 {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *recordReader) text() string {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > uint64(len(r.b)-size) {
		r.b, r.bad = nil, true
		return ""
	}
	at := len(r.all) - len(r.b) + size
	r.b = r.b[size+int(n):]
	return r.all[at : at+int(n)]
}

// count is how many of something follow, each of a byte at least.
func (r *recordReader) count() int {
	n := r.int()
	if n < 0 || n > int64(len(r.b)) {
		r.b, r.bad = nil, true
		return 0
	}
	return int(n)
}

func (r *recordReader) texts() []string { return r.textsInto(nil) }

// textsInto appends texts to a list.
func (r *recordReader) textsInto(out []string) []string {
	n := r.count()
	out = slices.Grow(out, n)
	for range n {
		out = append(out, r.text())
	}
	return out
}

func (r *recordReader) time() time.Time {
	if ms := r.int(); ms != 0 {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

func (r *recordReader) interval() archive.Interval {
	after := r.time()
	return archive.Interval{After: after, By: r.time()}
}

func (r *recordReader) event() Event {
	news := r.int() != 0
	weight := int(r.int())
	return Event{News: news, Weight: weight, Senses: r.texts()}
}

// standing reads the part of a record that says what stands where, and when.
func (r *recordReader) standing(p *passage) {
	p.Page, p.Source, p.URL, p.Lang, p.Title = archive.PageID(r.int()), r.text(), r.text(), r.text(), r.text()
	p.Kind, p.Role = archive.Kind(r.text()), archive.Role(r.text())
	p.Path, p.Text = r.textsInto(p.Path), r.text()
	p.Since, p.Seen = archive.Seq(r.int()), r.interval()
	p.From, p.Block = r.int(), int(r.int())
	if r.int() != 0 {
		until := r.interval()
		p.Until = &until
	}
}

// readStanding reads that part into a passage, whose path it writes over. The
// error wraps [ErrDamaged].
func readStanding(b []byte, p *passage) error {
	r := newRecordReader(b)
	*p = passage{Path: p.Path[:0]}
	if r.standing(p); r.bad {
		return fmt.Errorf("record of a passage: %w", ErrDamaged)
	}
	return nil
}

// readRecord is the inverse of record. Its error wraps [ErrDamaged].
func readRecord(b []byte) (*passage, error) {
	r, p := newRecordReader(b), &passage{}
	r.standing(p)
	p.Document, p.Articles = r.text(), r.texts()
	p.Came, p.Went = r.event(), r.event()
	p.Last, p.Gone = archive.Seq(r.int()), archive.Seq(r.int())
	if n := r.count(); n > 0 {
		p.Next = make([]successor, n)
		for i := range p.Next {
			p.Next[i] = successor{r.text(), int(r.int())}
		}
	}
	if r.bad || len(r.b) > 0 {
		return nil, fmt.Errorf("record of a passage: %w", ErrDamaged)
	}
	return p, nil
}

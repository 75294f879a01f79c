package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"
	"time"

	"veille/archive"
)

// Tracing: where and when a phrase ever stood.
//
// A key is a run of words that stand side by side; a star in a word stands for
// any letters. Its words are compared as those of a "phrase" of a search are:
// folded. Unless the trace is exact, what else is traced – inflections,
// compounds, the names of the concepts that the phrase names – are keys too
// (traceforms.go).
//
// The index finds the passages that have all words of a key, with their
// lifespans; the keys are then looked for in the passages' own texts. A span
// is one line of the concordance – the key with what stands left and right of
// it – and the time for which it stood in the page without interruption,
// whatever else in the passage changed meanwhile, and wherever in the page it
// stood. How often it stood is counted beside how many words there were
// (tracecount.go).

// kwicBytes are given of the text on each side of a key.
const kwicBytes = 70

// A TraceQuery says what to trace.
type TraceQuery struct {
	// Phrase is words, in which a * stands for any letters, with OR and NEAR/n
	// between them; or concept:ID for all names of a concept.
	Phrase         string
	Langs, Sources []string  // leave only these, unless empty
	Exact          bool      // only what was typed: no variants, no other names
	Without        []string  // forms to leave out, as [Form.Text] has them
	All            bool      // boilerplate too
	Now            time.Time // where the timeline ends; zero: with the last change in the index
}

// A Trace is the story of a phrase.
type Trace struct {
	Expanded []Expansion
	Pages    []TracedPage // by when the phrase was first seen there
	Forms    []Form       // in which it stands, the most frequent first
	Timeline Timeline
	More     bool // there are more passages than could be looked at
}

// A Form is one way in which a phrase stands in the texts of a language.
type Form struct {
	Lang, Text string // folded, "return-hub"
	Example    string // as it stands in one of the lines
	How        string // Typed, Hyphen, Inflection, Spelling, Compound or Name
	Concept    string // of a Name
	Lines      int
	FirstSeen  archive.Interval
	Gone       *archive.Interval // when the last of them went, nil while one stands
	Off        bool              // it is left out
}

// A TracedPage is a page in which the phrase stood.
type TracedPage struct {
	Page                     archive.PageID
	Source, URL, Lang, Title string
	Spans                    []Span // by when they were first seen, then by their text
	// Now is how often it stands there now, Most when it stood there most often
	// beside the words of the page, of the ends of the timeline's periods.
	Now, Most Frequency

	off []Span // of forms that are left out, while the trace is made
}

// A Span is one line of the concordance and its time in the page.
type Span struct {
	// FirstSeen is the interval in which it came about, Gone the one in which
	// it went; nil while it stands.
	FirstSeen        archive.Interval
	Gone             *archive.Interval
	Left, Key, Right string
	Form, How        string // see [Form]
	Concept          string
	Path             []string // where it stood first
	Role             archive.Role
	Versions         int         // of the page, in which it stood
	Since            archive.Seq // the version that brought it
	Until            archive.Seq // the version that no longer has it, 0 while it stands
	Block            int         // its place in Since, -1 if that is not known

	lang string // of the text
}

// HTML is the line with the key in <mark>.
func (s *Span) HTML() string {
	return html.EscapeString(s.Left) + "<mark>" + html.EscapeString(s.Key) + "</mark>" + html.EscapeString(s.Right)
}

// Trace tells where and when a phrase ever stood. For a wrong phrase the error
// is a *[QueryError]. What it returns is shared with others, and not to be changed.
func (x *Index) Trace(ctx context.Context, a *archive.Archive, q TraceQuery) (t *Trace, err error) {
	defer x.damaged(&err)
	defer located(&err, q.Phrase)
	s, err := x.toTrace(ctx, &q)
	if err != nil {
		return nil, traceError(err)
	}
	defer s.release()
	name := q.name(a)
	made, err := s.traces.get(ctx, name, func(made *traced) error {
		leave, err := x.tracing.enter(ctx)
		if err != nil {
			return err
		}
		defer leave()
		return x.trace(ctx, s, a, &q, s.traces.formerOf(name), made)
	})
	if err != nil {
		return nil, traceError(err)
	}
	return made.counted(x, s, &q), nil
}

// toTrace is the state that a query is asked of, to be released, unless there is
// something wrong with the query.
func (x *Index) toTrace(ctx context.Context, q *TraceQuery) (*state, error) {
	if _, qerr := parseKeys(q.Phrase); qerr != nil { // before anything is opened
		return nil, qerr
	}
	s, err := x.use(ctx)
	if err != nil {
		return nil, err
	}
	if qerr := x.checkLists(&Query{Langs: q.Langs, Sources: q.Sources}, s.columns); qerr != nil {
		s.release()
		return nil, qerr
	}
	return s, nil
}

// toLookAt are the passages among which a query is asked.
func (x *Index) toLookAt(ctx context.Context, s *state, q *TraceQuery) filter {
	e := &engine{state: s, ctx: ctx, x: x, q: &Query{Past: true, All: q.All, Langs: q.Langs, Sources: q.Sources}}
	return e.base(false)
}

// trace makes a trace without its timeline: from the one of an earlier state, if
// that is known.
func (x *Index) trace(ctx context.Context, s *state, a *archive.Archive, q *TraceQuery, f *former, made *traced) error {
	keys, expanded, err := x.keysOf(ctx, s, q)
	if err != nil {
		return err
	}
	made.keys, made.kinds, made.without = keys, s.kinds, q.Without
	made.trace = &Trace{Expanded: expanded, Pages: []TracedPage{}, Forms: []Form{}}
	pass := x.toLookAt(ctx, s, q)
	if f != nil {
		if ok, err := s.retrace(ctx, a, q, f, pass, made); ok || err != nil {
			return err
		}
	}
	tr := newTracer(s, q, keys)
	more, err := tr.collect(ctx, keys, pass)
	if err != nil {
		return err
	}
	made.trace.More, made.lines, made.passages = more, tr.lines, tr.passages
	return tr.finish(ctx, a, nil, made)
}

// finish puts what was collected into a trace, beside pages of an earlier one.
func (tr *tracer) finish(ctx context.Context, a *archive.Archive, pages []TracedPage, made *traced) error {
	t := made.trace
	histories, err := tr.moments.of(ctx, a, slices.Collect(maps.Keys(tr.pages)))
	if err != nil {
		return err
	}
	for _, p := range tr.pages {
		if p.finish(histories[p.Page], tr.q.Without); len(p.Spans)+len(p.off) > 0 {
			pages = append(pages, p.TracedPage)
		}
	}
	slices.SortFunc(pages, func(a, b TracedPage) int { return cmp.Compare(a.Page, b.Page) })
	for i := range pages { // in an order that is always the same
		p := &pages[i]
		for k := range p.Spans {
			tr.form(&p.Spans[k], false)
		}
		for k := range p.off {
			tr.form(&p.off[k], true)
		}
		if p.off = nil; len(p.Spans) > 0 {
			t.Pages = append(t.Pages, *p)
		}
	}
	slices.SortStableFunc(t.Pages, func(a, b TracedPage) int {
		return cmp.Or(a.Spans[0].FirstSeen.By.Compare(b.Spans[0].FirstSeen.By), strings.Compare(a.URL, b.URL))
	})
	for _, f := range tr.forms {
		t.Forms = append(t.Forms, *f)
	}
	slices.SortFunc(t.Forms, func(a, b Form) int {
		return cmp.Or(cmp.Compare(b.Lines, a.Lines), strings.Compare(a.Lang, b.Lang), strings.Compare(a.Text, b.Text))
	})
	made.stood = tr.stood
	return nil
}

// traceError leaves errors about the phrase as they are.
func traceError(err error) error {
	var wrong *QueryError
	if errors.As(err, &wrong) {
		return wrong
	}
	return fmt.Errorf("trace: %w", err)
}

// An occurrence is a key in a passage, as it is counted.
type occurrence struct {
	page        archive.PageID
	kind        uint16
	from, until int64
}

type tracedPage struct {
	TracedPage
	latest int64 // From of the passage that gave the title
	lines  []line
}

// A line is one occurrence of a key in one passage; or in several that followed
// on one another, of which it is the first.
type line struct {
	place *keyPlace
	*standing
	until int64 // ms; forever while it stands
	gone  *archive.Interval
}

// span is the line as a trace has it, but for the versions.
func (l *line) span() Span {
	k := l.place
	return Span{FirstSeen: l.seen, Gone: l.gone, Left: k.left, Key: k.text, Right: k.right, Form: k.form, How: k.how, Concept: k.key.concept,
		Path: l.path, Role: l.role, Since: l.since, Block: l.block, lang: l.lang}
}

// form notes a span under its form; off says that it is left out.
func (tr *tracer) form(s *Span, off bool) {
	id := [2]string{s.lang, s.Form}
	f := tr.forms[id]
	if f == nil {
		f = &Form{Lang: s.lang, Text: s.Form, Example: s.Key, How: s.How, Concept: s.Concept, FirstSeen: s.FirstSeen, Gone: s.Gone, Off: off}
		tr.forms[id] = f
	}
	f.Lines++
	if s.Key > f.Example { // small letters come after capitals
		f.Example = s.Key
	}
	if s.FirstSeen.By.Before(f.FirstSeen.By) {
		f.FirstSeen = s.FirstSeen
	}
	if f.Gone != nil && (s.Gone == nil || s.Gone.By.After(f.Gone.By)) {
		f.Gone = s.Gone
	}
}

// finish joins the lines that follow on one another to spans, but for forms that
// are left out, and counts the versions in which each stood.
func (p *tracedPage) finish(h *history, without []string) {
	spans := p.joined()
	p.Spans = make([]Span, 0, len(spans))
	for i := range spans {
		l := &spans[i]
		if slices.Contains(without, l.place.form) {
			p.off = append(p.off, l.span())
			continue
		}
		s := l.span()
		s.Versions, s.Until = h.between(l.from, l.until)
		p.Spans = append(p.Spans, s)
	}
}

// joined are the spans, by when they were first seen, then by their place and text.
func (p *tracedPage) joined() []line {
	slices.SortFunc(p.lines, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.place.number, b.place.number), cmp.Compare(a.from, b.from), cmp.Compare(a.until, b.until), cmp.Compare(a.began, b.began), cmp.Compare(a.nth, b.nth))
	})
	spans := p.lines[:0]
	for _, l := range p.lines {
		if n := len(spans); n > 0 && spans[n-1].place.number == l.place.number && l.from <= spans[n-1].until {
			if last := &spans[n-1]; l.until > last.until {
				last.until, last.gone = l.until, l.gone
			}
			continue
		}
		spans = append(spans, l)
	}
	slices.SortFunc(spans, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.block, b.block), strings.Compare(a.place.id, b.place.id))
	})
	return spans
}

// Stands joins the times of a page's spans: the stretches during which the
// phrase stood in the page, oldest first.
func (p *TracedPage) Stands() []Lifespan {
	var out []Lifespan
	for _, s := range p.Spans {
		if n := len(out); n > 0 && (out[n-1].Gone == nil || !s.FirstSeen.By.After(out[n-1].Gone.By)) {
			if last := &out[n-1]; last.Gone != nil && (s.Gone == nil || s.Gone.By.After(last.Gone.By)) {
				last.Gone = s.Gone
			}
			continue
		}
		out = append(out, Lifespan{s.FirstSeen, s.Gone})
	}
	return out
}

// A Lifespan is when something came and when it went; Gone is nil while it stands.
type Lifespan struct {
	FirstSeen archive.Interval  `json:"first_seen"`
	Gone      *archive.Interval `json:"gone"`
}

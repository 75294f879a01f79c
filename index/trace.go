package index

import (
	"cmp"
	"context"
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
// A key is a run of words that stand side by side; a word that ends in * is
// the beginning of one. It is compared as a "phrase" of a search is: folded,
// without inflection. Unless the trace is exact, the names of the concepts
// that the phrase names, in all languages, are keys too.
//
// The index finds the passages that have all words of a key, with their
// lifespans; the keys are then looked for in the passages' own texts. A span
// is one line of the concordance – the key with what stands left and right of
// it – and the time for which it stood in the page without interruption,
// whatever else in the passage changed meanwhile, and wherever in the page it
// stood.

// The bounds of a trace.
const (
	maxTraced = 50_000 // passages
	kwicBytes = 70     // of text on each side of a key
)

// A TraceQuery says what to trace.
type TraceQuery struct {
	Phrase         string   // words, each of which may end in *
	Langs, Sources []string // leave only these, unless empty
	Exact          bool     // keep the thesaurus out of it
	All            bool     // boilerplate too
}

// A Trace is the story of a phrase.
type Trace struct {
	Expanded []Expansion
	Pages    []TracedPage // by when the phrase was first seen there
	More     bool         // there are more passages than could be looked at
}

// A TracedPage is a page in which the phrase stood.
type TracedPage struct {
	Page                     archive.PageID
	Source, URL, Lang, Title string
	Spans                    []Span // by when they were first seen, then by their text
}

// A Span is one line of the concordance and its time in the page.
type Span struct {
	// FirstSeen is the interval in which it came about, Gone the one in which
	// it went; nil while it stands.
	FirstSeen        archive.Interval
	Gone             *archive.Interval
	Left, Key, Right string
	Path             []string // where it stood first
	Role             archive.Role
	Versions         int         // of the page, in which it stood
	Since            archive.Seq // the version that brought it
	Until            archive.Seq // the version that no longer has it, 0 while it stands
	Block            int         // its place in Since, -1 if that is not known
}

// HTML is the line with the key in <mark>.
func (s *Span) HTML() string {
	return html.EscapeString(s.Left) + "<mark>" + html.EscapeString(s.Key) + "</mark>" + html.EscapeString(s.Right)
}

// A key is the words of a phrase; beginning says which are only the beginning of one.
type key struct {
	words     []string
	beginning []bool
}

// parseKey reads a phrase to trace. Positions of errors are in bytes.
func parseKey(phrase string) (*key, *QueryError) {
	if len(phrase) > maxQueryBytes {
		return nil, wrong(maxQueryBytes, "long", maxQueryBytes)
	}
	k := &key{}
	at := 0
	for i, r := range phrase + "*" {
		if r != '*' {
			continue
		}
		part := phrase[at:i]
		words := exactWords(part)
		for n, w := range words {
			k.words = append(k.words, w)
			k.beginning = append(k.beginning, n == len(words)-1 && i < len(phrase))
		}
		if i < len(phrase) {
			last := len(k.words) - 1
			switch {
			case len(words) == 0 || !strings.HasSuffix(part, strings.TrimRight(part, " \t\"'”»)")):
				return nil, wrong(i, "star-start")
			case len([]rune(k.words[last])) < 2:
				return nil, wrong(i, "star-short")
			}
		}
		at = i + 1
	}
	switch {
	case len(k.words) == 0:
		return nil, wrong(0, "nothing")
	case len(k.words) > maxLeaves:
		return nil, wrong(0, "many", maxLeaves)
	}
	return k, nil
}

// at reports how many tokens the key covers from the i-th on, 0 if it is not there.
func (k *key) at(tokens []token, i int) int {
	if len(k.words) > len(tokens)-i {
		return 0
	}
	for n, w := range k.words {
		if t := tokens[i+n].exact; t != w && !(k.beginning[n] && strings.HasPrefix(t, w)) {
			return 0
		}
	}
	return len(k.words)
}

// passages finds those that may have the key.
func (k *key) passages(ctx context.Context, s *state, pass filter) (map[uint32]bool, error) {
	if !slices.Contains(k.beginning, true) {
		t, err := s.phrase(ctx, fieldExact, k.words, 1, pass)
		found := make(map[uint32]bool, len(t.postings))
		for _, p := range t.postings {
			found[p.doc] = true
		}
		return found, err
	}
	var found map[uint32]bool
	for i, w := range k.words {
		words := []string{w}
		if k.beginning[i] {
			var err error
			if words, err = s.beginning(fieldExact, w, 0); err != nil {
				return nil, err
			}
		}
		have := map[uint32]bool{}
		for _, w := range words {
			t, err := s.term(ctx, fieldExact, w, 1, func(d uint32) bool { return pass(d) && (found == nil || found[d]) })
			if err != nil {
				return nil, err
			}
			for _, p := range t.postings {
				have[p.doc] = true
			}
		}
		found = have
	}
	return found, nil
}

// Trace tells where and when a phrase ever stood. For a wrong phrase the error
// is a *[QueryError].
func (x *Index) Trace(ctx context.Context, a *archive.Archive, q TraceQuery) (t *Trace, err error) {
	defer x.damaged(&err)
	first, qerr := parseKey(q.Phrase)
	if qerr != nil {
		return nil, qerr
	}
	t = &Trace{Expanded: []Expansion{}, Pages: []TracedPage{}}
	keys := []*key{first}
	if !q.Exact {
		for _, c := range x.thesaurus.Lookup(strings.Trim(strings.TrimSpace(q.Phrase), `"“”«»`)) {
			names := c.Names()
			t.Expanded = append(t.Expanded, Expansion{c.ID, names})
			for _, name := range names {
				if k, err := parseKey(strings.ReplaceAll(name, "*", " ")); err == nil {
					keys = append(keys, k)
				}
			}
		}
	}
	tr := &tracer{x: x, keys: keys, pages: map[archive.PageID]*tracedPage{}}
	if t.More, err = tr.collect(ctx, &q); err != nil {
		return nil, err
	}
	for _, p := range tr.pages {
		done, err := p.finish(ctx, a)
		if err != nil {
			return nil, fmt.Errorf("trace: %w", err)
		}
		t.Pages = append(t.Pages, *done)
	}
	slices.SortFunc(t.Pages, func(a, b TracedPage) int {
		return cmp.Or(a.Spans[0].FirstSeen.By.Compare(b.Spans[0].FirstSeen.By), strings.Compare(a.URL, b.URL))
	})
	return t, nil
}

// A tracer gathers the lines of one trace.
type tracer struct {
	x     *Index
	keys  []*key
	pages map[archive.PageID]*tracedPage
}

type tracedPage struct {
	TracedPage
	latest int64 // From of the passage that gave the title
	lines  map[string][]line
}

// A line is one occurrence of a key in one passage.
type line struct {
	Span
	from, until int64 // ms; until is forever while it stands
}

// collect reads all passages that have a key, oldest first.
func (tr *tracer) collect(ctx context.Context, q *TraceQuery) (more bool, err error) {
	s, err := tr.x.use(ctx)
	if err != nil {
		return false, fmt.Errorf("trace: %w", err)
	}
	defer s.release()
	e := &engine{state: s, ctx: ctx, x: tr.x, q: &Query{Past: true, All: q.All, Langs: q.Langs, Sources: q.Sources}}
	pass := e.base(false)
	found := map[uint32]bool{}
	for _, k := range tr.keys {
		docs, err := k.passages(ctx, s, pass)
		if err != nil {
			return false, fmt.Errorf("trace: %w", err)
		}
		maps.Copy(found, docs)
	}
	list := slices.SortedFunc(maps.Keys(found), func(a, b uint32) int {
		return cmp.Or(cmp.Compare(s.from[a], s.from[b]), cmp.Compare(s.page[a], s.page[b]), cmp.Compare(s.block[a], s.block[b]))
	})
	for i, d := range list[:min(len(list), maxTraced)] {
		if i%256 == 0 && ctx.Err() != nil {
			return false, ctx.Err()
		}
		_, p, err := s.stored(d)
		if err != nil {
			return false, err
		}
		tr.passage(p)
	}
	return len(list) > maxTraced, nil
}

// passage takes the lines of one passage.
func (tr *tracer) passage(p *passage) {
	tokens := analyse("", p.Text)
	for i := 0; i < len(tokens); {
		covers := 0
		for _, k := range tr.keys {
			covers = max(covers, k.at(tokens, i))
		}
		if covers == 0 {
			i++
			continue
		}
		tr.line(p, tokens[i].start, tokens[i+covers-1].end)
		i += covers
	}
}

func (tr *tracer) line(p *passage, start, end int) {
	page := tr.pages[p.Page]
	if page == nil {
		page = &tracedPage{lines: map[string][]line{}, latest: -1}
		page.TracedPage = TracedPage{Page: p.Page, Source: p.Source, URL: p.URL, Lang: p.Lang, Title: p.Title}
		tr.pages[p.Page] = page
	}
	if p.From > page.latest {
		page.latest, page.Title, page.Lang = p.From, p.Title, p.Lang
	}
	l := line{from: p.Seen.By.UnixMilli(), until: forever}
	l.Span = Span{FirstSeen: p.Seen, Gone: p.Until, Key: p.Text[start:end], Path: p.Path, Role: p.Role, Since: p.Since, Block: -1}
	if p.Seen.By.UnixMilli() == p.From {
		l.Block = p.Block
	}
	if p.Until != nil {
		l.until = p.Until.By.UnixMilli()
	}
	from, to := wordEdge(p.Text, max(0, start-kwicBytes), -1), wordEdge(p.Text, min(len(p.Text), end+kwicBytes), 1)
	l.Left, l.Right = p.Text[from:start], p.Text[end:to]
	if from > 0 {
		l.Left = "… " + l.Left
	}
	if to < len(p.Text) {
		l.Right += " …"
	}
	k := l.Left + "\x00" + l.Key + "\x00" + l.Right
	page.lines[k] = append(page.lines[k], l)
}

// finish joins the lines that follow on one another to spans, and counts the
// versions in which each stood.
func (p *tracedPage) finish(ctx context.Context, a *archive.Archive) (*TracedPage, error) {
	history, err := a.History(ctx, p.Page)
	if err != nil {
		return nil, err
	}
	var spans []line
	for _, lines := range p.lines {
		slices.SortFunc(lines, func(a, b line) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.until, b.until)) })
		last := lines[0]
		for _, l := range lines[1:] {
			switch {
			case l.from > last.until:
				spans = append(spans, last)
				last = l
			case l.until > last.until:
				last.until, last.Gone = l.until, l.Gone
			}
		}
		spans = append(spans, last)
	}
	slices.SortFunc(spans, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.Block, b.Block), strings.Compare(a.Left+a.Key+a.Right, b.Left+b.Key+b.Right))
	})
	for _, l := range spans {
		for _, v := range history {
			switch t := v.Time.UnixMilli(); {
			case t >= l.until:
				if l.Until == 0 {
					l.Until = v.ID
				}
			case t >= l.from && !v.Gone:
				l.Versions++
			}
		}
		if l.Path == nil {
			l.Path = []string{}
		}
		p.Spans = append(p.Spans, l.Span)
	}
	return &p.TracedPage, nil
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

// StoodAt reports whether it is known to have stood at a time.
func (l *Lifespan) StoodAt(t time.Time) bool {
	return !t.Before(l.FirstSeen.By) && (l.Gone == nil || t.Before(l.Gone.By))
}

package index

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"veille/archive"
	"veille/thesaurus"
)

// Where a phrase ever stood, without its lines: who wants no more than the pages
// need not wait until all passages that have the phrase were read.
//
// The index tells of most passages that they have a key: of words side by side
// the places, of a word with stars the words, of a single word its inflections.
// Of the others – words near one another, stars among other words, inflections of
// several words – it tells which may have it. Of each page the latest passage is
// read, which has its title; what may have a key is read only where that decides
// something: whether the phrase stood there at all, which passage is the latest,
// since when it stood there, and whether it was other names only.

// PagesTraced are the pages on which a phrase ever stood.
type PagesTraced struct {
	Pages []PageTraced // by when the phrase was first seen there, then by URL
	More  bool         // there are more passages than could be looked at
}

// A PageTraced is a page on which a phrase ever stood, with the language and the
// title of the latest passage that had it.
type PageTraced struct {
	Page                     archive.PageID
	Source, URL, Lang, Title string
	Named                    bool // only other names of the concept stood there

	first int64 // when the phrase was first seen there, ms
}

// TracedPages tells on which pages a phrase ever stood: those of its [Index.Trace],
// and, where that leaves out what came late because it is too much, those too. For
// a wrong phrase the error is a *[QueryError].
func (x *Index) TracedPages(ctx context.Context, a *archive.Archive, q TraceQuery) (t *PagesTraced, err error) {
	defer x.damaged(&err)
	defer located(&err, q.Phrase)
	s, err := x.toTrace(ctx, &q)
	if err != nil {
		return nil, traceError(err)
	}
	defer s.release()
	if made := s.traces.made(q.name(a)); made != nil && !made.trace.More {
		return made.trace.pages(), nil
	}
	if len(q.Without) > 0 { // forms are known once they were read
		made, err := x.Trace(ctx, a, q)
		if err != nil {
			return nil, err
		}
		return made.pages(), nil
	}
	leave, err := x.tracing.enter(ctx)
	if err != nil {
		return nil, traceError(err)
	}
	defer leave()
	keys, _, err := x.keysOf(ctx, s, &q)
	if err != nil {
		return nil, traceError(err)
	}
	f := &pageFinder{tracer: newTracer(s, &q, keys), most: maxTraced}
	if err := f.collect(ctx, keys, x.toLookAt(ctx, s, &q)); err != nil {
		return nil, traceError(err)
	}
	if t, err = f.pages(ctx); err != nil {
		return nil, traceError(err)
	}
	return t, nil
}

// pages are those of a trace.
func (t *Trace) pages() *PagesTraced {
	out := &PagesTraced{Pages: make([]PageTraced, 0, len(t.Pages)), More: t.More}
	for i := range t.Pages {
		p := &t.Pages[i]
		named := !slices.ContainsFunc(p.Spans, func(s Span) bool { return s.How != Name })
		out.Pages = append(out.Pages, PageTraced{p.Page, p.Source, p.URL, p.Lang, p.Title, named, p.Spans[0].FirstSeen.By.UnixMilli()})
	}
	return out
}

// A pageFinder finds pages.
type pageFinder struct {
	*tracer
	typed, names keyed
	most         int // so many passages are read to see whether they have a key
}

// keyed are the passages that have keys as the index tells, and those that may.
type keyed struct{ sure, may passageSet }

func (k *keyed) has(d uint32) bool { return k.sure.has(d) || k.may.has(d) }

// collect finds the passages that have a key or may have one.
func (f *pageFinder) collect(ctx context.Context, keys []*key, pass filter) error {
	f.typed, f.names = keyed{f.noPassages(), f.noPassages()}, keyed{f.noPassages(), f.noPassages()}
	langs := make([]bool, len(f.kinds))
	for _, k := range keys {
		to, among := &f.typed, pass
		if k.how == Name {
			to = &f.names
		}
		if len(k.langs) > 0 {
			for i := range langs {
				langs[i] = slices.Contains(k.langs, f.kinds[i].lang)
			}
			among = func(d uint32) bool { return langs[f.kind[d]] && pass(d) }
		}
		if err := k.passages(ctx, f.state, among, to.sure, to.may); err != nil {
			return err
		}
	}
	return nil
}

// pages are those on which a key stood.
func (f *pageFinder) pages(ctx context.Context) (*PagesTraced, error) {
	out := &PagesTraced{Pages: []PageTraced{}}
	for i, list := range f.byPage() {
		if i%64 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		p := &pageLook{pageFinder: f, list: list}
		found, err := p.look()
		if err != nil {
			return nil, err
		}
		if found {
			out.Pages = append(out.Pages, p.page)
		}
	}
	out.More = f.most < 0
	slices.SortFunc(out.Pages, func(a, b PageTraced) int {
		return cmp.Or(cmp.Compare(a.first, b.first), strings.Compare(a.URL, b.URL), cmp.Compare(a.Page, b.Page))
	})
	return out, nil
}

// byPage are the passages that may have a key, of each page the latest first; the
// pages that had one first come first.
func (f *pageFinder) byPage() [][]uint32 {
	all := f.noPassages()
	for _, set := range []passageSet{f.typed.sure, f.typed.may, f.names.sure, f.names.may} {
		all.join(set)
	}
	at, lists := make([]int32, len(f.began)), [][]uint32{}
	for _, d := range all.list() {
		page := f.page[d]
		if at[page] == 0 {
			lists = append(lists, nil)
			at[page] = int32(len(lists))
		}
		list := &lists[at[page]-1]
		*list = append(*list, d)
	}
	for _, list := range lists {
		slices.SortFunc(list, func(a, b uint32) int { return cmp.Or(cmp.Compare(f.from[b], f.from[a]), cmp.Compare(a, b)) })
	}
	slices.SortFunc(lists, func(a, b []uint32) int {
		last, other := a[len(a)-1], b[len(b)-1]
		return cmp.Or(cmp.Compare(f.from[last], f.from[other]), cmp.Compare(f.page[last], f.page[other]))
	})
	return lists
}

// A pageLook is a look at one page.
type pageLook struct {
	*pageFinder
	list []uint32        // passages that may have a key, the latest first
	seen map[uint32]bool // those that were read, and whether they have one
	page PageTraced
}

// look tells all of the page, if a key stood there.
func (p *pageLook) look() (found bool, err error) {
	p.page.Named = !slices.ContainsFunc(p.list, func(d uint32) bool { return p.typed.sure.has(d) && !p.names.has(d) })
	for i, d := range p.list {
		if found, err = p.has(d); err != nil {
			return false, err
		}
		if found {
			if err := p.head(d); err != nil {
				return false, err
			}
			p.list = p.list[i:]
			break
		}
	}
	if !found {
		return false, nil
	}
	if err := p.since(); err != nil {
		return false, err
	}
	return true, p.named()
}

// head takes what the latest passage says of the page.
func (p *pageLook) head(d uint32) error {
	at, err := p.traced(d)
	if err != nil {
		return err
	}
	own := strings.Clone
	p.page.Page, p.page.Source, p.page.URL, p.page.Lang, p.page.Title = at.Page, p.own(at.Source), own(at.URL), p.own(at.Lang), own(at.Title)
	p.page.first = at.Seen.By.UnixMilli()
	return nil
}

// since finds out when a key was first seen. Words may have stood in the page
// before a passage began to speak for them: that only its record tells. What has
// stood as long as there is the page has stood longest.
func (p *pageLook) since() error {
	began := p.began[p.page.Page]
	for i := len(p.list) - 1; i > 0 && p.page.first > began; i-- {
		d := p.list[i]
		if p.from[d] == began && (p.typed.sure.has(d) || p.names.sure.has(d)) {
			p.page.first = began
			return nil
		}
		at, err := p.traced(d)
		if err != nil {
			return err
		}
		if first := at.Seen.By.UnixMilli(); first < p.page.first {
			has, err := p.has(d)
			if err != nil {
				return err
			}
			if has {
				p.page.first = first
			}
		}
	}
	return nil
}

// named finds out whether the page has other names only: of words that are in a
// name too, the text tells which they are.
func (p *pageLook) named() error {
	for _, d := range p.list {
		if !p.page.Named {
			return nil
		}
		if p.typed.has(d) {
			if _, err := p.read(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// has reports whether a passage has a key.
func (p *pageLook) has(d uint32) (bool, error) {
	if p.typed.sure.has(d) || p.names.sure.has(d) {
		return true, nil
	}
	return p.read(d)
}

// read looks for the keys in the text of a passage, each once; in none, once too
// many were read.
func (p *pageLook) read(d uint32) (has bool, err error) {
	if has, ok := p.seen[d]; ok || p.most < 0 {
		return has, nil
	}
	if p.most--; p.most < 0 {
		return false, nil
	}
	at, err := p.traced(d)
	if err != nil {
		return false, err
	}
	p.text.each(at.Lang, at.Text, func(k *key, _ bool, _ []thesaurus.Word) {
		has = true
		p.page.Named = p.page.Named && k.how == Name
	})
	if p.seen == nil {
		p.seen = map[uint32]bool{}
	}
	p.seen[d] = has
	return has, nil
}

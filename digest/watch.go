package digest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"sync"
	"unicode"

	"veille/archive"
	"veille/diff"
	"veille/index"
	"veille/source"
)

// A watch is a filter made ready for asking. However many subscriptions share a
// filter, it is asked of each change once.
type watch struct {
	Filter
	match    *index.Matcher // nil without a search
	pages    map[archive.PageID]bool
	docs     map[document]bool
	passage  []string              // its words
	verdicts map[stretch]verdict   // those that are not outside
	hits     map[archive.Seq]*hits // by where they begin; none where nothing was found
}

// A document is what language twins share.
type document struct{ source, id string }

// A verdict is what a filter says of a change.
type verdict int8

const (
	outside  verdict = iota // it is not about this
	light                   // it is, and weighs too little
	reverted                // the page changed and changed back
	told
)

// hits are what a filter finds after a version.
type hits struct{ told, light, reverted []*change }

// watch makes a filter ready.
func (n *news) watch(ctx context.Context, f Filter) (*watch, error) {
	key := f.key()
	if w := n.watches[key]; w != nil {
		return w, nil
	}
	w := &watch{Filter: f, passage: wordsOf(f.Passage), verdicts: map[stretch]verdict{}, hits: map[archive.Seq]*hits{}}
	if f.Query != "" {
		if w.match = n.compiled[f.Query]; w.match == nil {
			var err error
			if w.match, err = n.compile(f.Query); err != nil {
				return nil, err
			}
		}
	}
	if len(f.Documents) > 0 {
		w.pages, w.docs = map[archive.PageID]bool{}, map[document]bool{}
	}
	for _, address := range f.Documents {
		p, err := n.d.Archive.Page(ctx, address)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the catalogue was made anew without it
		}
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", address, err)
		}
		w.pages[p.ID] = true
		if p.Document != "" {
			w.docs[document{p.Source, p.Document}] = true
		}
	}
	n.watches[key] = w
	return w, nil
}

func (n *news) compile(query string) (*index.Matcher, error) {
	m, err := index.Compile(query, n.d.Thesaurus)
	if err != nil {
		return nil, fmt.Errorf("search %s: %w", quote(query), err)
	}
	return m, nil
}

// compileAll makes searches ready, on all cores. Those that cannot be read any
// more, because searches were written in another way when they were asked for,
// are returned with why.
func (n *news) compileAll(searches []string) map[string]error {
	n.compiled = map[string]*index.Matcher{}
	var queries []string
	for _, q := range searches {
		if _, ok := n.compiled[q]; !ok && q != "" {
			n.compiled[q] = nil
			queries = append(queries, q)
		}
	}
	matchers, errs, cores := make([]*index.Matcher, len(queries)), make([]error, len(queries)), runtime.GOMAXPROCS(0)
	var all sync.WaitGroup
	for core := range cores {
		all.Go(func() {
			for i := core; i < len(queries); i += cores {
				matchers[i], errs[i] = n.compile(queries[i])
			}
		})
	}
	all.Wait()
	unreadable := map[string]error{}
	for i, q := range queries {
		if n.compiled[q] = matchers[i]; errs[i] != nil {
			unreadable[q] = errs[i]
		}
	}
	return unreadable
}

// ask says what a filter thinks of a run; the change is nil if it is outside
// and was not compared.
func (n *news) ask(ctx context.Context, w *watch, r run) (*change, verdict, error) {
	if v, ok := w.verdicts[r.stretch]; ok {
		return n.changes[r.stretch], v, nil
	}
	page, err := n.page(ctx, r.page)
	if err != nil {
		return nil, outside, err
	}
	if n.sifted[r.stretch] || !w.within(n.d.Sources.Source(page.Source), page, r) {
		return nil, outside, nil
	}
	c, err := n.change(ctx, r)
	if err != nil {
		return nil, outside, err
	}
	v, err := n.judge(ctx, w, c)
	if err != nil {
		return nil, outside, err
	}
	w.verdicts[r.stretch] = v
	return c, v, nil
}

// within reports whether a run can be meant, as far as can be said without
// comparing. src is the page's source, nil if it is no longer in sources.yaml.
func (w *watch) within(src *source.Source, p *archive.Page, r run) bool {
	kind := KindChange
	if r.from == 0 {
		kind = KindNew
	}
	if !w.wants(kind) || !w.ofSource(p.Source, src) {
		return false
	}
	return w.pages == nil || w.pages[p.ID] || p.Document != "" && w.docs[document{p.Source, p.Document}]
}

// judge says what a filter thinks of a change that is within.
func (n *news) judge(ctx context.Context, w *watch, c *change) (verdict, error) {
	switch {
	case c.Change == nil:
		if len(c.via) > 1 && w.match == nil && w.passage == nil { // of a page without edits no search can say whether it is meant
			return reverted, nil
		}
		return outside, nil
	case c.Weight < w.MinWeight:
		if w.match != nil && !n.touched(w, c, 0) {
			return outside, nil
		}
		return light, nil
	case w.match == nil && w.passage == nil:
		return told, nil
	}
	var meant []*diff.Edit
	for i := range c.Edits {
		if e := &c.Edits[i]; e.Weight >= w.MinWeight && (w.passage == nil || w.reads(e)) {
			meant = append(meant, e)
		}
	}
	if len(meant) == 0 || w.match == nil {
		return map[bool]verdict{true: told, false: outside}[len(meant) > 0], nil
	}
	found, err := n.searched(ctx, w, c, meant)
	if found {
		return told, err
	}
	return outside, err
}

// searched reports whether a search is about some edits of a change; see
// [index.Matcher.Change].
func (n *news) searched(ctx context.Context, w *watch, c *change, edits []*diff.Edit) (bool, error) {
	n.opens(c)
	// Where the wordings are at hand there is no need to ask whether they are worth reading.
	if n.open.new == nil && !n.touched(w, c, w.MinWeight) {
		return false, nil
	}
	p := n.open.pages[w.MinWeight]
	if p == nil || w.passage != nil { // with a wording it is not all that weighs enough
		read, err := n.pageChange(ctx, c, edits)
		if err != nil {
			return false, err
		}
		p = index.Prepare(read, &n.lexicon)
		if w.passage == nil {
			n.open.pages[w.MinWeight] = p
		}
	}
	return w.match.About(p), nil
}

// touched reports whether an edit that weighs enough has words of the search.
func (n *news) touched(w *watch, c *change, least int) bool {
	n.opens(c)
	for i, t := range n.open.texts {
		if c.Edits[i].Weight >= least && w.match.TouchesText(t) {
			return true
		}
	}
	return false
}

// pageChange is the open change as the index looks at it, with both wordings.
func (n *news) pageChange(ctx context.Context, c *change, edits []*diff.Edit) (*index.PageChange, error) {
	p := &index.PageChange{Page: index.Passage{URL: c.page.URL, Source: c.page.Source}}
	if s := c.src; s != nil {
		p.Page.Institution, p.Page.Kind, p.Page.Jurisdiction, p.Page.Topics = s.Institution, s.Kind, s.Jurisdiction, s.Topics
	}
	if err := n.read(ctx, c); err != nil {
		return nil, err
	}
	p.Old, p.New = n.open.old, n.open.new
	for _, e := range edits {
		switch {
		case e.From >= 0 || e.To >= 0:
			p.Effects = append(p.Effects, effect(p.Old, p.New, e))
		case p.Old == nil || p.Old.Gone || p.New.Gone:
			p.Whole = &index.Effect{Weight: e.Weight, Senses: sensesOf(e)}
		default:
			p.Title = true
		}
	}
	return p, nil
}

// read reads both wordings of the open change, once.
func (n *news) read(ctx context.Context, c *change) (err error) {
	if n.open.new != nil {
		return nil
	}
	if n.compared.new != nil && n.compared.stretch == c.stretch {
		n.open.old, n.open.new = n.compared.old, n.compared.new
		return nil
	}
	var old *archive.Version
	if c.from != 0 {
		if old, err = n.d.Archive.Version(ctx, c.from); err != nil {
			return fmt.Errorf("version %d: %w", c.from, err)
		}
	}
	if n.open.new, err = n.d.Archive.Version(ctx, c.to); err != nil {
		return fmt.Errorf("version %d: %w", c.to, err)
	}
	n.open.old = old
	return nil
}

// finds reports whether an edit has words of the search, and is about the
// wording: of the edits that a reader is told of those are shown first.
func (w *watch) finds(c *change, e *diff.Edit) bool {
	return (w.match == nil || w.match.Touches(c.page.Lang, e.Before+"\n"+e.After)) && (w.passage == nil || w.reads(e))
}

// reads reports whether an edit is about the wording: one of its sides holds
// it, or is so like it that it is what the wording has become. Six words of ten
// have to be the same.
func (w *watch) reads(e *diff.Edit) bool {
	for _, side := range []string{e.Before, e.After} {
		words := wordsOf(side)
		if len(words) == 0 {
			continue
		}
		common := shared(w.passage, words)
		if common == len(w.passage) && len(words) >= len(w.passage) && strings.Contains(strings.Join(words, " "), strings.Join(w.passage, " ")) ||
			10*2*common >= 6*(len(words)+len(w.passage)) {
			return true
		}
	}
	return false
}

// wordsOf are the words of a text in lower case; nil if there are none.
func wordsOf(s string) []string {
	return nilIfNone(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }))
}

func nilIfNone(words []string) []string {
	if len(words) == 0 {
		return nil
	}
	return words
}

// shared counts the words that two texts have in common, each as often as both
// have it.
func shared(a, b []string) (n int) {
	count := map[string]int{}
	for _, word := range a {
		count[word]++
	}
	for _, word := range b {
		if count[word] > 0 {
			count[word]--
			n++
		}
	}
	return n
}

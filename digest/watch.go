package digest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode"

	"veille/archive"
	"veille/diff"
	"veille/index"
)

// A watch is a filter made ready for asking. However many subscriptions share a
// filter, it is asked of each change once.
type watch struct {
	Filter
	match    *index.Matcher // nil without a search
	pages    map[archive.PageID]bool
	docs     map[document]bool
	passage  []string // its words
	verdicts map[stretch]verdict
	hits     map[archive.Seq]*hits // by where they begin
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
		var err error
		if w.match, err = index.Compile(f.Query, n.d.Thesaurus); err != nil {
			return nil, fmt.Errorf("search %s: %w", quote(f.Query), err)
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

// find lists what a filter finds after a version.
func (n *news) find(ctx context.Context, w *watch, after archive.Seq) (*hits, error) {
	if h := w.hits[after]; h != nil {
		return h, nil
	}
	runs, err := n.since(ctx, after)
	if err != nil {
		return nil, err
	}
	h := &hits{}
	for _, r := range runs {
		c, v, err := n.ask(ctx, w, r)
		if err != nil {
			return nil, err
		}
		switch v {
		case told:
			h.told = append(h.told, c)
		case light:
			h.light = append(h.light, c)
		case reverted:
			h.reverted = append(h.reverted, c)
		}
	}
	w.hits[after] = h
	return h, nil
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
	if !w.within(n, page, r) {
		w.verdicts[r.stretch] = outside
		return nil, outside, nil
	}
	c, err := n.change(ctx, r)
	if err != nil {
		return nil, outside, err
	}
	v := w.judge(c)
	w.verdicts[r.stretch] = v
	return c, v, nil
}

// within reports whether a run can be meant, as far as can be said without
// comparing.
func (w *watch) within(n *news, p *archive.Page, r run) bool {
	kind := KindChange
	if r.from == 0 {
		kind = KindNew
	}
	if !w.wants(kind) || !w.ofSource(p.Source, n.d.Sources.Source(p.Source)) {
		return false
	}
	return w.pages == nil || w.pages[p.ID] || p.Document != "" && w.docs[document{p.Source, p.Document}]
}

// judge says what a filter thinks of a change that is within.
func (w *watch) judge(c *change) verdict {
	switch {
	case c.Change == nil:
		if len(c.via) > 1 && w.match == nil && w.passage == nil { // of a page without edits no search can say whether it is meant
			return reverted
		}
		return outside
	case c.Weight < w.MinWeight:
		return light
	case w.match == nil && w.passage == nil:
		return told
	}
	for i := range c.Edits {
		if e := &c.Edits[i]; e.Weight >= w.MinWeight && w.finds(c, e) {
			return told
		}
	}
	return outside
}

// finds reports whether an edit is what the search and the wording are about.
func (w *watch) finds(c *change, e *diff.Edit) bool {
	return (w.match == nil || w.searches(c, e)) && (w.passage == nil || w.reads(e))
}

// searches reports whether the search finds an edit. Each side of it is
// searched on its own, with the page's title and the headings above it, as one
// text.
func (w *watch) searches(c *change, e *diff.Edit) bool {
	above := c.page.Title + "\n\n" + strings.Join(e.Path, "\n\n") + "\n\n"
	p := index.Passage{Lang: c.page.Lang, Title: c.page.Title, Path: e.Path, Role: string(e.Role), Source: c.page.Source}
	if c.src != nil {
		p.Kind, p.Jurisdiction, p.Topics = c.src.Kind, c.src.Jurisdiction, c.src.Topics
	}
	found := func(text string) bool {
		p.Text = text
		return w.match.Passage(&p)
	}
	for _, side := range []string{e.Before, e.After} {
		if side != "" && found(above+side) {
			return true
		}
	}
	return c.body != "" && found(above+c.body) || e.Before == "" && e.After == "" && found(above)
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

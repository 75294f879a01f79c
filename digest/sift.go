package digest

import (
	"context"
	"iter"
	"slices"

	"veille/archive"
)

// sift asks filters of the runs after a version, change by change: a change is
// compared once, its words are looked up once, and only the filters that know
// one of them are asked. So the work grows with the changes times the distinct
// filters, the better part of it with those that have something to say. A second
// call for the same version, with filters of the first, does nothing.
func (n *news) sift(ctx context.Context, watches []*watch, after archive.Seq) error {
	if n.done[after] {
		return nil
	}
	runs, err := n.since(ctx, after)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if err := n.siftOne(ctx, watches, after, r); err != nil {
			return err
		}
	}
	n.done[after] = true
	return nil
}

func (n *news) siftOne(ctx context.Context, watches []*watch, after archive.Seq, r run) error {
	if n.sifted[r.stretch] { // from another place: what it says is known
		for _, w := range n.found[r.stretch] {
			w.note(after, n.changes[r.stretch], w.verdicts[r.stretch])
		}
		return nil
	}
	n.sifted[r.stretch] = true
	page, err := n.page(ctx, r.page)
	if err != nil {
		return err
	}
	src := n.d.Sources.Source(page.Source)
	a := n.askersOf(watches, page.Lang)
	if !slices.ContainsFunc(a.ofPage(page.Source), func(k asker) bool { return k.within(src, page, r) }) &&
		!slices.ContainsFunc(a.searches, func(w *watch) bool { return w.within(src, page, r) }) {
		return nil // nobody wants it compared
	}
	c, err := n.change(ctx, r)
	if err != nil {
		return err
	}
	n.opens(c)
	if c.page.Lang != page.Lang {
		a = n.askersOf(watches, c.page.Lang)
	}
	for k := range a.mayAsk(n, page.Source, c) {
		w := k.watch
		if !w.within(src, page, r) {
			continue
		}
		if hopeless, err := n.hopeless(ctx, k, c); err != nil {
			return err
		} else if hopeless {
			continue
		}
		v, err := n.judge(ctx, w, c)
		if err != nil {
			return err
		}
		if v != outside {
			w.verdicts[r.stretch] = v
			n.found[r.stretch] = append(n.found[r.stretch], w)
			w.note(after, c, v)
		}
	}
	return nil
}

// note keeps what a filter has found after a version.
func (w *watch) note(after archive.Seq, c *change, v verdict) {
	if v == outside {
		return
	}
	h := w.hits[after]
	if h == nil {
		h = &hits{}
		w.hits[after] = h
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

// askers are filters, put so that those that may have something to say about a
// change in one language are found without asking all.
type askers struct {
	searches []*watch           // all with a search
	by       map[string][]asker // those, by the words without which they have nothing to say
	every    []asker            // those that may be about any text
	source   map[string][]asker // without a search, by source
	plain    []asker            // without a search, of any source
}

// An asker is a filter, and of a search for several things the words of one of
// them, that which the fewest filters ask for: a page has to have one of these.
type asker struct {
	*watch
	needs []string // nil if that cannot be said
}

// askersOf puts filters so, once a language.
func (n *news) askersOf(watches []*watch, lang string) *askers {
	if a := n.askers[lang]; a != nil {
		return a
	}
	a := &askers{by: map[string][]asker{}, source: map[string][]asker{}}
	n.askers[lang] = a
	common := map[string]int{} // how many filters ask for a word
	for _, w := range watches {
		if w.match != nil {
			for _, keys := range w.match.Needs(lang) {
				for _, k := range keys {
					common[k]++
				}
			}
		}
	}
	for _, w := range watches {
		switch {
		case w.match != nil:
			a.search(w, lang, common)
		case len(w.Sources) > 0:
			for _, id := range w.Sources {
				a.source[id] = append(a.source[id], asker{watch: w})
			}
		default:
			a.plain = append(a.plain, asker{watch: w})
		}
	}
	return a
}

// search puts a filter with a search.
func (a *askers) search(w *watch, lang string, common map[string]int) {
	k := asker{watch: w}
	if needs := w.match.Needs(lang); len(needs) > 1 {
		often := func(keys []string) (n int) {
			for _, key := range keys {
				n += common[key]
			}
			return n
		}
		k.needs = slices.MinFunc(needs, func(x, y []string) int { return often(x) - often(y) })
	}
	a.searches = append(a.searches, w)
	keys, every := w.match.Keys(lang)
	if every {
		a.every = append(a.every, k)
	}
	for _, key := range keys {
		a.by[key] = append(a.by[key], k)
	}
}

// hopeless reports whether a search can be seen not to be about a change without
// asking it: the page lacks a word. Of a change that weighs too little it is not
// asked whether the search finds the page, only whether an edit has words of it.
func (n *news) hopeless(ctx context.Context, k asker, c *change) (bool, error) {
	if k.needs == nil || c.Change == nil || c.Weight < k.MinWeight {
		return false, nil
	}
	if err := n.read(ctx, c); err != nil {
		return false, err
	}
	if old := n.open.old; old != nil && old.Lang != n.open.new.Lang {
		return false, nil // the words are those of one language
	}
	n.lexicon.Read(n.open.old, n.open.new)
	return !n.lexicon.HasOne(k.needs), nil
}

// ofPage are the filters without a search that may want to know of a page.
func (a *askers) ofPage(source string) []asker { return slices.Concat(a.source[source], a.plain) }

// mayAsk yields each filter once that may have something to say about a change.
func (a *askers) mayAsk(n *news, source string, c *change) iter.Seq[asker] {
	return func(yield func(asker) bool) {
		for _, w := range a.ofPage(source) {
			if !yield(w) {
				return
			}
		}
		if c.Change == nil {
			return // of a page without edits no search can say whether it is meant
		}
		n.turn++
		offer := func(ws []asker) bool {
			for _, w := range ws {
				if w.turn == n.turn {
					continue
				}
				w.turn = n.turn
				if !yield(w) {
					return false
				}
			}
			return true
		}
		if !offer(a.every) {
			return
		}
		keys := map[string]bool{}
		for _, t := range n.open.texts {
			t.AddKeys(keys)
		}
		for key := range keys {
			if !offer(a.by[key]) {
				return
			}
		}
	}
}

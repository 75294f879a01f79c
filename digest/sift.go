package digest

import (
	"context"
	"iter"
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"veille/archive"
	"veille/index"
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
	var fresh []run // the others were met from another place: what filters say of them is known
	for _, r := range runs {
		if !n.sifted[r.stretch] {
			fresh = append(fresh, r)
		}
	}
	if err := n.siftRuns(ctx, watches, fresh); err != nil {
		return err
	}
	for _, r := range runs {
		for _, f := range n.found[r.stretch] {
			f.note(after, n.changes[r.stretch], f.verdict)
		}
	}
	n.done[after] = true
	return nil
}

// fewRuns are so few times filters that one core asks them all.
const fewRuns = 20_000

// siftRuns asks filters of runs, on all cores: each looks at the runs of some
// pages, with a lexicon of its own.
func (n *news) siftRuns(ctx context.Context, watches []*watch, runs []run) error {
	cores := runtime.GOMAXPROCS(0)
	if len(runs)*len(watches) < fewRuns {
		cores = 1
	}
	for len(n.team) < cores {
		n.team = append(n.team, n.another())
	}
	var all errgroup.Group
	for core, one := range n.team[:cores] {
		one.comparing = 0
		all.Go(func() error {
			for _, r := range runs {
				if int(r.page)%cores != core {
					continue
				}
				if err := one.siftOne(ctx, watches, r); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := all.Wait()
	var longest time.Duration
	for _, one := range n.team[:cores] {
		maps.Copy(n.pages, one.pages)
		maps.Copy(n.changes, one.changes)
		maps.Copy(n.found, one.found)
		clear(one.changes)
		clear(one.found)
		longest = max(longest, one.comparing)
	}
	n.comparing += longest
	for _, r := range runs {
		n.sifted[r.stretch] = true
		for _, f := range n.found[r.stretch] {
			f.verdicts[r.stretch] = f.verdict
		}
	}
	return err
}

// another is news of the same changes for one more core.
func (n *news) another() *news {
	one := newNews(n.d, n.upto)
	one.memory, one.askers = n.memory, n.askers
	return one
}

// An opinion is what a filter says of a change that is not outside.
type opinion struct {
	*watch
	verdict
}

// siftOne asks filters of a run. The filters are not written to.
func (n *news) siftOne(ctx context.Context, watches []*watch, r run) error {
	page, err := n.page(ctx, r.page)
	if err != nil {
		return err
	}
	src := n.d.Sources.Source(page.Source)
	a := n.askersOf(watches, page.Lang)
	if !slices.ContainsFunc(a.ofPage(page.Source), func(k *asker) bool { return k.within(src, page, r) }) &&
		!slices.ContainsFunc(a.searches, func(k *asker) bool { return k.within(src, page, r) }) {
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
	if n.memos[a.lang] == nil {
		n.memos[a.lang] = make([]memo, len(watches))
	}
	n.open.memos = n.memos[a.lang]
	for k := range a.mayAsk(n, page.Source, c) {
		if hopeless, err := n.hopeless(ctx, k, c); err != nil {
			return err
		} else if hopeless || !k.within(src, page, r) {
			continue
		}
		v, err := n.judge(ctx, k.watch, c)
		if err != nil {
			return err
		}
		if v != outside {
			n.found[r.stretch] = append(n.found[r.stretch], opinion{k.watch, v})
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
	lang     string
	searches []*asker            // all with a search
	by       map[string][]*asker // those, by the words without which they have nothing to say
	every    []*asker            // those that may be about any text
	source   map[string][]*asker // without a search, by source
	plain    []*asker            // without a search, of any source
}

// An asker is a filter, and of a search for several things the words of one of
// them, that which the fewest filters ask for: a page has to have one of these.
type asker struct {
	*watch
	number int      // among those of the language
	needs  []string // nil if that cannot be said
}

// A register is the askers of all languages; all cores use the same.
type register struct {
	mu sync.Mutex // guards by
	by map[string]*askers
}

// A memo is what one core knows of an asker.
type memo struct {
	turn  int          // the last change of which it was asked; see mayAsk
	needs index.KeySet // nil until they are asked for
}

// askersOf puts filters so, once a language.
func (n *news) askersOf(watches []*watch, lang string) *askers {
	n.askers.mu.Lock()
	defer n.askers.mu.Unlock()
	if a := n.askers.by[lang]; a != nil {
		return a
	}
	a := &askers{lang: lang, by: map[string][]*asker{}, source: map[string][]*asker{}}
	n.askers.by[lang] = a
	needs, common := make([][][]string, len(watches)), map[string]int{} // how many filters ask for a word
	for i, w := range watches {
		if w.match == nil {
			continue
		}
		needs[i] = w.match.Needs(lang)
		for _, keys := range needs[i] {
			for _, k := range keys {
				common[k]++
			}
		}
	}
	for i, w := range watches {
		k := &asker{watch: w, number: i}
		switch {
		case w.match != nil:
			if len(needs[i]) > 1 {
				k.needs = fewest(needs[i], common)
			}
			a.search(k, lang)
		case len(w.Sources) > 0:
			for _, id := range w.Sources {
				a.source[id] = append(a.source[id], k)
			}
		default:
			a.plain = append(a.plain, k)
		}
	}
	return a
}

// fewest are of several lists of words those that are asked for least often.
func fewest(lists [][]string, common map[string]int) []string {
	often := func(keys []string) (n int) {
		for _, key := range keys {
			n += common[key]
		}
		return n
	}
	return slices.MinFunc(lists, func(x, y []string) int { return often(x) - often(y) })
}

// search puts a filter with a search.
func (a *askers) search(k *asker, lang string) {
	a.searches = append(a.searches, k)
	keys, every := k.match.Keys(lang)
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
func (n *news) hopeless(ctx context.Context, k *asker, c *change) (bool, error) {
	if k.needs == nil || c.Change == nil || c.Weight < k.MinWeight {
		return false, nil
	}
	if n.open.words == nil {
		if err := n.readWords(ctx, c); err != nil {
			return false, err
		}
	}
	m := &n.open.memos[k.number]
	if m.needs == nil {
		m.needs = n.lexicon.KeySet(k.needs)
	}
	return *n.open.words && !n.lexicon.HasOne(m.needs), nil
}

// readWords notes the words of both wordings of the open change, where searches
// can be told by them to be hopeless: where both are in the language that the
// searches were put for.
func (n *news) readWords(ctx context.Context, c *change) error {
	if err := n.read(ctx, c); err != nil {
		return err
	}
	old := n.open.old
	one := old == nil || old.Lang == n.open.new.Lang
	if one {
		n.lexicon.Read(old, n.open.new)
	}
	n.open.words = &one
	return nil
}

// ofPage are the filters without a search that may want to know of a page.
func (a *askers) ofPage(source string) []*asker { return slices.Concat(a.source[source], a.plain) }

// mayAsk yields each filter once that may have something to say about a change.
func (a *askers) mayAsk(n *news, source string, c *change) iter.Seq[*asker] {
	return func(yield func(*asker) bool) {
		for _, w := range a.ofPage(source) {
			if !yield(w) {
				return
			}
		}
		if c.Change == nil {
			return // of a page without edits no search can say whether it is meant
		}
		n.turn++
		offer := func(ws []*asker) bool {
			for _, w := range ws {
				m := &n.open.memos[w.number]
				if m.turn == n.turn {
					continue
				}
				m.turn = n.turn
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

package digest

import (
	"context"
	"strings"

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
	for _, r := range runs {
		if err := n.siftOne(ctx, watches, after, r); err != nil {
			return err
		}
	}
	n.done[after] = true
	return nil
}

func (n *news) siftOne(ctx context.Context, watches []*watch, after archive.Seq, r run) error {
	page, err := n.page(ctx, r.page)
	if err != nil {
		return err
	}
	src := n.d.Sources.Source(page.Source)
	var c *change
	var may map[*watch]bool
	for _, w := range watches {
		v, known := w.verdicts[r.stretch]
		if !known && (n.sifted[r.stretch] || !w.within(src, page, r)) {
			continue
		}
		if c == nil {
			if c, err = n.change(ctx, r); err != nil {
				return err
			}
			may = n.askersOf(watches, c)
		}
		if !known {
			if w.match != nil && !may[w] {
				continue
			}
			if v, err = n.judge(ctx, w, c); err != nil {
				return err
			}
			if v != outside {
				w.verdicts[r.stretch] = v
			}
		}
		w.note(after, c, v)
	}
	n.sifted[r.stretch] = true
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

// askers are filters with a search by the words without which they have nothing
// to say about a text in one language.
type askers struct {
	by    map[string][]*watch
	every []*watch // of any text
}

// askersOf are the filters whose search may be about a change.
func (n *news) askersOf(watches []*watch, c *change) map[*watch]bool {
	if c.Change == nil {
		return nil
	}
	lang := c.page.Lang
	a := n.askers[lang]
	if a == nil {
		a = &askers{by: map[string][]*watch{}}
		for _, w := range watches {
			if w.match == nil {
				continue
			}
			keys, every := w.match.Keys(lang)
			if every {
				a.every = append(a.every, w)
			}
			for _, k := range keys {
				a.by[k] = append(a.by[k], w)
			}
		}
		n.askers[lang] = a
	}
	var text strings.Builder
	for i := range c.Edits {
		text.WriteString(c.Edits[i].Before + "\n" + c.Edits[i].After + "\n")
	}
	text.WriteString(c.body)
	may := map[*watch]bool{}
	for _, w := range a.every {
		may[w] = true
	}
	for key := range index.TextKeys(lang, text.String()) {
		for _, w := range a.by[key] {
			may[w] = true
		}
	}
	return may
}

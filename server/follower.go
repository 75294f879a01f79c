package server

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"veille/archive"
	"veille/diff"
)

// A follower follows blocks through the history of a page.
type follower struct {
	d       *Documents
	history []*archive.Version // without blocks
	loaded  map[int]*archive.Version
	at      []placed // each wording of the document
}

// A placed is where a wording stands in the history. out is the version that
// took it out, 0 if it stood until the next wording came.
type placed struct{ at, out int }

func (f *follower) load(ctx context.Context, k int) (*archive.Version, error) {
	if v := f.loaded[k]; v != nil {
		return v, nil
	}
	v, err := f.d.Archive.Version(ctx, f.history[k].ID)
	if err == nil {
		if len(f.loaded) > 8 {
			clear(f.loaded)
		}
		f.loaded[k] = v
	}
	return v, err
}

// before is the place of the last version before k that has a text, -1 if
// there is none; withdrawn says that the page was away in between.
func (f *follower) before(k int) (at int, withdrawn bool) {
	for k--; k >= 0 && f.history[k].Gone; k-- {
		withdrawn = true
	}
	return k, withdrawn
}

// back adds the wordings up to that of version k, oldest first. Where blocks
// have stood for long is known of them, so that versions between are not read.
func (f *follower) back(ctx context.Context, doc *PassageDocument, k int, blocks []int) error {
	var wordings []PassageWording
	var places []placed
	out := 0 // the version that took out the wording that is read next
	for {
		v, err := f.load(ctx, k)
		if err != nil {
			return err
		}
		var latest int // the version that brought the last of the blocks
		for _, b := range blocks {
			latest = max(latest, slices.IndexFunc(f.history, func(h *archive.Version) bool { return h.ID == v.Blocks[b].Since }))
		}
		if latest < k {
			old, err := f.load(ctx, latest)
			if err != nil {
				return err
			}
			blocks, k, v = same(v, old, blocks), latest, old
		}
		w := wordingOf(v, blocks)
		prev, withdrawn := f.before(k)
		if prev < 0 || len(wordings) >= maxWordings {
			doc.More = prev >= 0
			doc.Born, w.Op = "appear", "appear"
			if f.history[k].Seen.After.IsZero() {
				doc.Born = "first look"
			}
			wordings, places = append(wordings, w), append(places, placed{k, out})
			break
		}
		old, err := f.load(ctx, prev)
		if err != nil {
			return err
		}
		step := diff.Back(old, v, blocks)
		was, left := prev, 0
		if len(step.From) > 0 {
			w.come(old, v, step, withdrawn)
		} else if was, step.From, left, err = f.arrived(ctx, &w, prev, k, blocks); err != nil {
			return err
		}
		wordings, places = append(wordings, w), append(places, placed{k, out})
		if len(step.From) == 0 {
			doc.Born = "insert"
			break
		}
		blocks, k, out = step.From, was, left
	}
	slices.Reverse(wordings)
	slices.Reverse(places)
	doc.Wordings, f.at = wordings, places
	return nil
}

// arrived says how a wording came that no redline leads to, in version k after
// prev, and where the one before it stood: see earlier.
func (f *follower) arrived(ctx context.Context, w *PassageWording, prev, k int, blocks []int) (at int, from []int, out int, err error) {
	at, from, out, op, err := f.earlier(ctx, prev, k, blocks)
	if err != nil {
		return 0, nil, 0, err
	}
	if len(from) == 0 {
		w.Op = "insert"
		return 0, nil, 0, nil
	}
	old, err := f.load(ctx, at)
	if err != nil {
		return 0, nil, 0, err
	}
	w.again(old, from, op)
	return at, from, out, nil
}

// same finds where blocks of a version stand in an earlier one since which they
// have all stood.
func same(v, old *archive.Version, blocks []int) []int {
	var out []int
	for _, b := range blocks {
		nth := 0 // of equal blocks
		for i := range b {
			if equal(&v.Blocks[i], &v.Blocks[b]) {
				nth++
			}
		}
		found := -1
		for i := range old.Blocks {
			if equal(&old.Blocks[i], &v.Blocks[b]) {
				if found = i; nth == 0 {
					break
				}
				nth--
			}
		}
		if found >= 0 && !slices.Contains(out, found) {
			out = append(out, found)
		}
	}
	slices.Sort(out)
	return out
}

func equal(a, b *archive.Block) bool {
	return a.Since == b.Since && a.Text == b.Text && a.Kind == b.Kind && a.Role == b.Role && a.Level == b.Level && a.Marker == b.Marker && slices.Equal(a.Path, b.Path)
}

// forth adds the wordings after that of version k.
func (f *follower) forth(ctx context.Context, doc *PassageDocument, k int, blocks []int) error {
	for {
		next, at, err := f.end(ctx, k, blocks)
		if err != nil || next < 0 {
			return err
		}
		old, err := f.load(ctx, next-1)
		if err != nil {
			return err
		}
		withdrawn := f.history[next].Gone
		gone := next
		for next < len(f.history) && f.history[next].Gone {
			next++
		}
		if next == len(f.history) {
			doc.Gone, doc.GoneBy = &f.history[gone].Seen, "withdraw"
			return nil
		}
		v, err := f.load(ctx, next)
		if err != nil {
			return err
		}
		step := diff.Forth(old, v, at)
		var w PassageWording
		if len(step.To) == 0 {
			was, to, op, err := f.later(ctx, gone-1, next, at)
			if err != nil {
				return err
			}
			if op == "" {
				doc.Gone, doc.GoneBy = &f.history[gone].Seen, "delete"
				if withdrawn {
					doc.GoneBy = "withdraw"
				}
				return nil
			}
			if v, err = f.load(ctx, was); err != nil {
				return err
			}
			w = wordingOf(v, to)
			w.again(old, at, op)
			f.at[len(f.at)-1].out = gone
			next, step.To = was, to
		} else {
			w = wordingOf(v, step.To)
			w.come(old, v, step, withdrawn)
		}
		if len(doc.Wordings) >= maxWordings {
			doc.More = true
			return nil
		}
		doc.Wordings, f.at = append(doc.Wordings, w), append(f.at, placed{at: next})
		k, blocks = next, step.To
	}
}

// end finds the first version after k in which blocks of k do not all stand as
// they are, and where they stand in the one before it; -1 if they stand to this
// day. Blocks that have stood since a version have done so without interruption,
// so that the end is found by halving.
func (f *follower) end(ctx context.Context, k int, blocks []int) (next int, at []int, err error) {
	v, err := f.load(ctx, k)
	if err != nil {
		return 0, nil, err
	}
	stands := func(n int) ([]int, error) {
		if f.history[n].Gone {
			return nil, nil
		}
		later, err := f.load(ctx, n)
		if err != nil {
			return nil, err
		}
		return same(v, later, blocks), nil
	}
	low, high := k, len(f.history) // stands in low, not in high
	at = blocks
	for high-low > 1 {
		middle := (low + high) / 2
		now, err := stands(middle)
		if err != nil {
			return 0, nil, err
		}
		if len(now) == len(blocks) {
			low, at = middle, now
		} else {
			high = middle
		}
	}
	if high == len(f.history) {
		return -1, nil, nil
	}
	return high, at, nil
}

// wordingOf is what some blocks of a version say.
func wordingOf(v *archive.Version, blocks []int) PassageWording {
	texts := make([]string, len(blocks))
	for i, b := range blocks {
		texts[i] = v.Blocks[b].Text
	}
	w := PassageWording{Version: v.ID, Number: v.Number, FirstSeen: v.Seen, Path: pathAbove(v, blocks), Text: strings.Join(texts, "\n"), Blocks: blocks,
		Senses: []diff.Sense{}, Words: []diff.Word{}, Reextracted: v.Cause == archive.Reextracted, Link: fmt.Sprintf("/v/%d#b%d", v.ID, blocks[0])}
	if v.Prev != 0 {
		w.Change = fmt.Sprintf("%d..%d", v.Prev, v.ID)
	}
	return w
}

// come says how a wording came about from the one before.
func (w *PassageWording) come(old, v *archive.Version, s *diff.Step, withdrawn bool) {
	w.Op = string(s.Op)
	var before []string
	for _, i := range s.From {
		before = append(before, old.Blocks[i].Text)
	}
	var after []string
	for _, j := range s.To {
		after = append(after, v.Blocks[j].Text)
	}
	w.Words = diff.Compare(strings.Join(before, "\n"), strings.Join(after, "\n"))
	for i := range s.Edits {
		w.Weight = max(w.Weight, s.Edits[i].Weight)
		w.Senses = append(w.Senses, s.Edits[i].Senses...)
	}
	if withdrawn {
		w.Op = "restored"
	}
}

// again says how a wording came about where no redline leads to it from the one
// before.
func (w *PassageWording) again(old *archive.Version, from []int, op string) {
	w.Op = op
	w.Words = diff.Compare(wordingOf(old, from).Text, w.Text)
}

// finish fills in until when each wording stood, and leaves out those in which
// neither text nor path nor place is other.
func (f *follower) finish(doc *PassageDocument) {
	kept, at := doc.Wordings[:0], f.at[:0]
	for i, w := range doc.Wordings {
		if n := len(kept); n > 0 && w.Op == "" && w.Text == kept[n-1].Text && slices.Equal(w.Path, kept[n-1].Path) {
			continue
		}
		kept, at = append(kept, w), append(at, f.at[i])
	}
	doc.Wordings = kept
	for i := range kept {
		end := len(f.history)
		switch {
		case i+1 < len(kept):
			end = at[i+1].at
			if at[i].out > 0 && at[i].out < end {
				end, kept[i].GoneBy = at[i].out, "delete"
			}
			for k := at[i].at + 1; k <= end; k++ {
				if f.history[k].Gone { // the page was withdrawn before the next wording came
					end, kept[i].GoneBy = k, "withdraw"
				}
			}
			kept[i].Gone = &f.history[end].Seen
		case doc.Gone != nil:
			kept[i].Gone, kept[i].GoneBy = doc.Gone, doc.GoneBy
			end = slices.IndexFunc(f.history, func(h *archive.Version) bool { return &h.Seen == doc.Gone })
		}
		kept[i].Versions = max(1, end-at[i].at)
		if i+1 < len(kept) && kept[i+1].Op == opReturned {
			kept[i+1].Away = &Absence{kept[i].Gone.By, kept[i+1].FirstSeen.After}
		}
	}
}

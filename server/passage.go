package server

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/archive"
	"veille/diff"
	"veille/extract"
)

// The bounds of a biography.
const (
	maxWordings = 400 // of a passage
	maxTogether = 200 // blocks that are followed together
)

// A PassageDocument is the biography of a passage: all its wordings, oldest
// first, each with the redline to the one before.
type PassageDocument struct {
	URL     string         `json:"url"`
	Source  string         `json:"source"`
	Lang    string         `json:"lang"`
	Title   string         `json:"title"`
	Page    archive.PageID `json:"page"`
	Version archive.Seq    `json:"version"` // in which it was asked for
	Where   string         `json:"where"`   // as it can be asked for again: "b7" or "art-7-par-2"
	Path    []string       `json:"path"`
	// Born is "first look" if the passage was there when we first looked, else
	// "appear", with the page, or "insert".
	Born     string            `json:"born"`
	Wordings []PassageWording  `json:"wordings"`
	Gone     *archive.Interval `json:"gone"`              // null: it still stands
	GoneBy   string            `json:"gone_by,omitempty"` // "delete" or "withdraw"
	More     bool              `json:"more"`              // there are more wordings than are told
}

// A PassageWording is one wording of a passage, or one place of it.
type PassageWording struct {
	Version   archive.Seq       `json:"version"` // that brought it
	Number    int               `json:"number"`
	FirstSeen archive.Interval  `json:"first_seen"`
	Gone      *archive.Interval `json:"gone"`     // null: it still stands
	Versions  int               `json:"versions"` // of the page, in which it stood
	Path      []string          `json:"path"`
	Text      string            `json:"text"` // its blocks, one a line
	Blocks    []int             `json:"blocks"`
	// Op is how it came about: as in changes, "appear" or "insert" for the first,
	// "restored" where the page had been withdrawn meanwhile, "" where only
	// something around it is other: the headings above it.
	Op          string       `json:"op"`
	Weight      int          `json:"weight"`
	Senses      []diff.Sense `json:"senses"`
	Words       []diff.Word  `json:"words"` // the redline to the wording before; empty for the first
	Reextracted bool         `json:"reextracted,omitempty"`
	Change      string       `json:"change,omitempty"` // "17..18"
	Link        string       `json:"link"`
}

// Passage tells the biography of a passage of the wording of a page that stood
// at a time, the latest if that is zero. where is "b7" (its eighth block) or an
// anchor such as "art-7-par-2", which takes all that stands under it. The error
// wraps fs.ErrNotExist if there was no such page, wording or passage.
func (d *Documents) Passage(ctx context.Context, url string, at time.Time, where string) (*PassageDocument, error) {
	v, err := d.wording(ctx, url, at)
	if err != nil {
		return nil, err
	}
	return d.passageOf(ctx, v, where)
}

// wording is the version of a page that stood at a time, the latest if that is
// zero: the last that had a text.
func (d *Documents) wording(ctx context.Context, url string, at time.Time) (*archive.Version, error) {
	page, err := d.page(ctx, url)
	if err != nil {
		return nil, err
	}
	history, err := d.Archive.History(ctx, page.ID)
	if err != nil {
		return nil, err
	}
	for _, h := range slices.Backward(history) {
		if !h.Gone && (at.IsZero() || !h.Time.After(at)) {
			return d.Archive.Version(ctx, h.ID)
		}
	}
	return nil, fmt.Errorf("%s had no wording: %w", page.URL, fs.ErrNotExist)
}

func (d *Documents) passageOf(ctx context.Context, v *archive.Version, where string) (*PassageDocument, error) {
	blocks, where, err := blocksAt(v, where)
	if err != nil {
		return nil, err
	}
	history, err := d.Archive.History(ctx, v.Page)
	if err != nil {
		return nil, fmt.Errorf("passage: %w", err)
	}
	f := &follower{d: d, history: history, loaded: map[int]*archive.Version{}}
	doc := &PassageDocument{URL: v.URL, Source: v.Source, Lang: v.Lang, Title: v.Title, Page: v.Page, Version: v.ID, Where: where, Path: pathAbove(v, blocks)}
	k := slices.IndexFunc(history, func(h *archive.Version) bool { return h.ID == v.ID })
	f.loaded[k] = v
	if err := f.back(ctx, doc, k, blocks); err != nil {
		return nil, fmt.Errorf("passage: %w", err)
	}
	if err := f.forth(ctx, doc, k, blocks); err != nil {
		return nil, fmt.Errorf("passage: %w", err)
	}
	f.finish(doc)
	return doc, nil
}

// blocksAt finds the blocks that an address in a version names.
func blocksAt(v *archive.Version, where string) (blocks []int, name string, err error) {
	if digits, ok := strings.CutPrefix(where, "b"); ok {
		if n, err := strconv.Atoi(digits); err == nil && n >= 0 && n < len(v.Blocks) {
			return []int{n}, where, nil
		}
	}
	for i := range v.Blocks {
		a := extract.Anchor(&v.Blocks[i])
		if where != "" && v.Blocks[i].Role == archive.Main && (a == where || strings.HasPrefix(a, where+"-")) && len(blocks) < maxTogether {
			blocks = append(blocks, i)
		}
	}
	if len(blocks) == 0 {
		return nil, "", &InputError{"block", fmt.Sprintf("version %d has no %s", v.ID, quote(where)), "write b and the number of a block, such as b7, or an address such as art-7-par-2; the links of the page's wording name them"}
	}
	return blocks, where, nil
}

// pathAbove is the path of the first of some blocks.
func pathAbove(v *archive.Version, blocks []int) []string {
	return append([]string{}, v.Blocks[blocks[0]].Path...)
}

// A follower follows blocks through the history of a page.
type follower struct {
	d       *Documents
	history []*archive.Version // without blocks
	loaded  map[int]*archive.Version
	at      []int // of each wording of the document: its place in the history
}

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
	var places []int
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
			wordings, places = append(wordings, w), append(places, k)
			break
		}
		old, err := f.load(ctx, prev)
		if err != nil {
			return err
		}
		step := diff.Back(old, v, blocks)
		if len(step.From) == 0 {
			doc.Born, w.Op = "insert", "insert"
			wordings, places = append(wordings, w), append(places, k)
			break
		}
		w.come(old, v, step, withdrawn)
		wordings, places = append(wordings, w), append(places, k)
		blocks, k = step.From, prev
	}
	slices.Reverse(wordings)
	slices.Reverse(places)
	doc.Wordings, f.at = wordings, places
	return nil
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
		if len(step.To) == 0 {
			doc.Gone, doc.GoneBy = &f.history[gone].Seen, "delete"
			if withdrawn {
				doc.GoneBy = "withdraw"
			}
			return nil
		}
		if len(doc.Wordings) >= maxWordings {
			doc.More = true
			return nil
		}
		w := wordingOf(v, step.To)
		w.come(old, v, step, withdrawn)
		doc.Wordings, f.at = append(doc.Wordings, w), append(f.at, next)
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
			end = at[i+1]
			for k := at[i] + 1; k < end; k++ {
				if f.history[k].Gone { // the page was withdrawn before the next wording came
					end = k
				}
			}
			kept[i].Gone = &f.history[end].Seen
		case doc.Gone != nil:
			kept[i].Gone = doc.Gone
			end = slices.IndexFunc(f.history, func(h *archive.Version) bool { return &h.Seen == doc.Gone })
		}
		kept[i].Versions = max(1, end-at[i])
	}
}

type passageInput struct {
	URL   string `query:"url" required:"true" doc:"Address of a page that is watched."`
	Block string `query:"block" required:"true" doc:"Which passage: b7, the eighth block of the wording, or an anchor such as art-7-par-2 with all that stands under it."`
	At    string `query:"at" doc:"In the wording that stood then; a day means its end. Default: the latest."`
}

func (w *web) apiPassage(ctx context.Context, in *passageInput) (*answer[*PassageDocument], error) {
	at, err := ParseTime("at", in.At, true)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	doc, err := w.docs.Passage(ctx, in.URL, at, in.Block)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(doc, nil)
}

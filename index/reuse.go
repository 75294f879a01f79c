package index

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"veille/archive"
)

// Reuse: which other passages have nearly the words of a text.
//
// The text is cut into windows of a few words; in each stretch of it the window
// with the rarest word is looked for in the index, as a phrase. A window that
// stands on many pages is common wording – a formula, a legal basis, a
// signature – and leads to no passage: it is reported with the number of pages.
// The passages that have most of the other windows are the candidates, to be
// compared word by word by the caller. So the work is bounded by the text, not
// by how much of the archive says the same.

// The bounds of looking for reuse.
const (
	windowWords   = 5
	mostWindows   = 48
	leastWords    = 8      // a text of fewer says nothing
	commonPages   = 25     // a window on more pages is common wording
	mostPostings  = 50_000 // a window whose rarest word is in more passages is not looked for
	mostCandidate = 200
	firstCommon   = 10 // pages that are named of wording that is all common
)

// ErrShort is wrapped by the error of [Index.Reuse] for a text of too few words.
var ErrShort = fmt.Errorf("a passage of fewer than %d words says nothing about reuse", leastWords)

// A Reuse is what the index has of the words of a text.
type Reuse struct {
	Words    int // of the text
	Searched int // windows that were looked for
	Common   []CommonRun
	// Passages have some of the words that are not common, those with most first; or,
	// where all is common wording, those that were first seen.
	Passages  []ReusedPassage
	AllCommon bool
	More      bool // there are more candidates than are given
	// Own are the passages of the page that was left out that have some of the
	// words, in whatever wording of it, those with most first.
	Own []ReusedPassage
}

// A CommonRun is a stretch of the text, in bytes, that stands on many pages.
type CommonRun struct {
	Start, End int
	Pages      int
	FirstSeen  archive.Interval // of the first of them
}

// A ReusedPassage is a passage that has some of the words.
type ReusedPassage struct {
	Page                     archive.PageID
	Source, URL, Lang, Title string
	Path                     []string
	Text                     string
	Role                     archive.Role
	FirstSeen                archive.Interval
	Gone                     *archive.Interval // nil while it stands
	Since                    archive.Seq
	Block                    int // its place in Since, -1 if that is not known
	Windows                  int // that it has, of those looked for
}

// Reuse finds the passages that have nearly the words of a text: on pages other
// than one (0: on all), and apart from these on that page. all takes boilerplate
// too. The error wraps [ErrShort] where the text is too short.
func (x *Index) Reuse(ctx context.Context, text string, except archive.PageID, all bool) (r *Reuse, err error) {
	defer x.damaged(&err)
	tokens := analyse("", text)
	if len(tokens) < leastWords {
		return nil, fmt.Errorf("reuse: %w", ErrShort)
	}
	s, err := x.use(ctx)
	if err != nil {
		return nil, fmt.Errorf("reuse: %w", err)
	}
	defer s.release()
	f := &reuseFinder{state: s, tokens: tokens, except: int32(except), found: map[uint32]int{}, own: map[uint32]int{},
		out: &Reuse{Words: len(tokens), Common: []CommonRun{}, Passages: []ReusedPassage{}}}
	f.pass = func(d uint32) bool { return all || s.main[d] }
	windows, err := f.windows(ctx)
	if err != nil {
		return nil, fmt.Errorf("reuse: %w", err)
	}
	for _, at := range windows {
		if err := f.look(ctx, at); err != nil {
			return nil, fmt.Errorf("reuse: %w", err)
		}
	}
	if err := f.passages(); err != nil {
		return nil, fmt.Errorf("reuse: %w", err)
	}
	return f.out, nil
}

// A reuseFinder looks for the words of one text.
type reuseFinder struct {
	*state
	tokens []token
	pass   filter
	except int32          // the page whose passages are apart
	own    map[uint32]int // windows, by passage of that page
	found  map[uint32]int // windows that are not common, by passage
	common [][]uint32     // the passages of each window that is
	out    *Reuse
}

// windows chooses where windows begin: in each stretch of the text the one
// with the rarest word.
func (f *reuseFinder) windows(ctx context.Context) ([]int, error) {
	df := map[string]int{}
	for _, t := range f.tokens {
		if _, ok := df[t.exact]; ok {
			continue
		}
		r, err := f.reader.TermFieldReader(ctx, []byte(t.exact), fieldExact, false, false, false)
		if err != nil {
			return nil, err
		}
		df[t.exact] = int(r.Count())
		if err := r.Close(); err != nil {
			return nil, err
		}
	}
	rarest := func(at int) int {
		n := df[f.tokens[at].exact]
		for _, t := range f.tokens[at : at+windowWords] {
			n = min(n, df[t.exact])
		}
		return n
	}
	last := len(f.tokens) - windowWords
	stretches := min(mostWindows, max(1, (last+1)/2))
	var out []int
	for k := range stretches {
		from, to := k*(last+1)/stretches, (k+1)*(last+1)/stretches
		best := from
		for at := from; at < to; at++ {
			if n := rarest(at); n < rarest(best) {
				best = at
			}
		}
		if n := rarest(best); n > 0 && n <= mostPostings {
			out = append(out, best)
		}
	}
	return out, nil
}

// look finds the passages that have a window.
func (f *reuseFinder) look(ctx context.Context, at int) error {
	words := make([]string, windowWords)
	for i := range words {
		words[i] = f.tokens[at+i].exact
	}
	all, err := f.window(ctx, words)
	if err != nil {
		return err
	}
	f.out.Searched++
	others := make([]uint32, 0, len(all))
	pages := map[int32]bool{}
	first := uint32(0)
	for _, d := range all {
		switch {
		case !f.pass(d):
		case f.page[d] == f.except:
			f.own[d]++
		default:
			if len(others) == 0 || f.from[d] < f.from[first] {
				first = d
			}
			if n := len(others); n == 0 || f.page[others[n-1]] != f.page[d] { // often one after another
				pages[f.page[d]] = true
			}
			others = append(others, d)
		}
	}
	if len(pages) <= commonPages {
		for _, d := range others {
			f.found[d]++
		}
		return nil
	}
	_, p, err := f.stored(first)
	if err != nil {
		return err
	}
	f.run(CommonRun{Start: f.tokens[at].start, End: f.tokens[at+windowWords-1].end, Pages: len(pages), FirstSeen: p.Seen})
	f.common = append(f.common, others)
	return nil
}

// Windows that many passages have are looked for again and again: with each text
// that has the same formula. They are kept as long as a state of the index is used.

// leastKept is how many passages a window has that is kept, and windowsKept for
// how many of all windows there is room.
const (
	leastKept   = 64
	windowsKept = 2 << 20
)

// windows are the passages that windows have, in order.
type windows struct {
	mu   sync.Mutex
	kept map[[windowWords]string][]uint32
	size int // passages
}

// window is the passages that have words side by side, in order; not to be changed.
func (s *state) window(ctx context.Context, words []string) ([]uint32, error) {
	w, key := &s.windows, [windowWords]string(words)
	w.mu.Lock()
	list, ok := w.kept[key]
	w.mu.Unlock()
	if ok {
		return list, nil
	}
	t, err := s.phrase(ctx, fieldExact, words, 1, func(uint32) bool { return true })
	if err != nil {
		return nil, err
	}
	list = make([]uint32, len(t.postings))
	for i, p := range t.postings {
		list[i] = p.doc
	}
	if len(list) < leastKept {
		return list, nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.size += len(list); w.kept == nil || w.size > windowsKept {
		w.kept, w.size = map[[windowWords]string][]uint32{}, len(list)
	}
	for i := range key {
		key[i] = strings.Clone(key[i]) // not the text that they were cut from
	}
	w.kept[key] = list
	return list, nil
}

// run notes common wording; runs that touch are one, on as many pages as the
// rarer of them.
func (f *reuseFinder) run(r CommonRun) {
	if n := len(f.out.Common); n > 0 {
		last := &f.out.Common[n-1]
		if r.Start <= last.End+1 {
			if last.End = max(last.End, r.End); r.Pages < last.Pages {
				last.Pages, last.FirstSeen = r.Pages, r.FirstSeen
			}
			return
		}
	}
	f.out.Common = append(f.out.Common, r)
}

// passages reads the candidates.
func (f *reuseFinder) passages() (err error) {
	if f.out.Own, _, err = f.read(f.own, f.most(f.own)); err != nil {
		return err
	}
	found := f.found
	if len(found) == 0 && len(f.common) > 0 {
		found, f.out.AllCommon = map[uint32]int{}, true
		for _, d := range slices.Concat(f.common...) {
			found[d]++
		}
	}
	list := f.most(found)
	if f.out.AllCommon { // of those that have all of it, the first seen, one a page
		pages := map[int32]bool{}
		list = slices.DeleteFunc(list, func(d uint32) bool {
			if pages[f.page[d]] || len(pages) == firstCommon {
				return true
			}
			pages[f.page[d]] = true
			return false
		})
	}
	f.out.Passages, f.out.More, err = f.read(found, list)
	return err
}

// most are passages, those with most windows first.
func (f *reuseFinder) most(found map[uint32]int) []uint32 {
	return slices.SortedFunc(maps.Keys(found), func(a, b uint32) int {
		return cmp.Or(cmp.Compare(found[b], found[a]), cmp.Compare(f.from[a], f.from[b]), cmp.Compare(f.page[a], f.page[b]), cmp.Compare(f.block[a], f.block[b]))
	})
}

// read reads the first passages of a list; more says that there are others.
func (f *reuseFinder) read(found map[uint32]int, list []uint32) (out []ReusedPassage, more bool, err error) {
	out = []ReusedPassage{}
	for _, d := range list[:min(len(list), mostCandidate)] {
		_, p, err := f.stored(d)
		if err != nil {
			return nil, false, err
		}
		hit := ReusedPassage{Page: p.Page, Source: p.Source, URL: p.URL, Lang: p.Lang, Title: p.Title, Path: p.Path, Text: p.Text, Role: p.Role,
			FirstSeen: p.Seen, Gone: p.Until, Since: p.Since, Block: -1, Windows: found[d]}
		if p.Seen.By.UnixMilli() == p.From {
			hit.Block = p.Block
		}
		out = append(out, hit)
	}
	return out, len(list) > mostCandidate, nil
}

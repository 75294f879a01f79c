package server

import (
	"context"
	"fmt"
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
	Gone      *archive.Interval `json:"gone"`              // null: it still stands
	GoneBy    string            `json:"gone_by,omitempty"` // "delete", "withdraw"; none where the next one replaced it
	Versions  int               `json:"versions"`          // of the page, in which it stood
	Path      []string          `json:"path"`
	Text      string            `json:"text"` // its blocks, one a line
	Blocks    []int             `json:"blocks"`
	// Op is how it came about: as in changes, "appear" or "insert" for the first,
	// "restored" where the page had been withdrawn meanwhile, "returned" where the
	// passage itself had been taken out, "replaced" where it was put in where the
	// one before was taken out, "" where only something around it is other: the
	// headings above it.
	Op          string       `json:"op"`
	Away        *Absence     `json:"away,omitempty"` // before it returned
	Weight      int          `json:"weight"`
	Senses      []diff.Sense `json:"senses"`
	Words       []diff.Word  `json:"words"` // the redline to the wording before; empty for the first
	Reextracted bool         `json:"reextracted,omitempty"`
	Change      string       `json:"change,omitempty"` // "17..18"
	Link        string       `json:"link"`
}

// An Absence is the first and the last look at which a passage was not there.
type Absence struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
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
	return nil, unseen(page, at)
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

package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"veille/archive"
	"veille/diff"
	"veille/index"
)

// How much another passage must share to be told: of the words of the passage
// that was asked about, or of its own if it has enough.
const (
	leastShare    = 0.5
	leastOfOther  = 0.8
	leastOtherLen = 12
)

// A ReuseDocument tells which other passages have nearly the same words, by
// when they were first seen. It says what stands in our record, and since when;
// not who had it from whom.
type ReuseDocument struct {
	Text      string            `json:"text"`
	Words     int               `json:"words"`
	URL       string            `json:"url,omitempty"`
	Title     string            `json:"title,omitempty"`
	Lang      string            `json:"lang,omitempty"`
	Version   archive.Seq       `json:"version,omitempty"`
	Where     string            `json:"where,omitempty"`
	FirstSeen *archive.Interval `json:"first_seen"` // of the passage that was asked about, in this wording; null for a text
	// Before is the first time at which the page itself had nearly these words, where
	// that was before FirstSeen: in another wording, or before they had gone.
	Before *EarlierWording `json:"before,omitempty"`
	// Common are stretches of the text that stand on many pages: formulas.
	Common []CommonWording `json:"common"`
	// AllCommon says that the whole text is common wording; Passages are then
	// the first pages that had it.
	AllCommon bool            `json:"all_common"`
	Passages  []ReusedPassage `json:"passages"` // one a page, by when they were first seen
	More      bool            `json:"more"`     // there are more than could be compared
}

// An EarlierWording is a passage of the same page that had nearly the same words
// before.
type EarlierWording struct {
	FirstSeen archive.Interval  `json:"first_seen"`
	Gone      *archive.Interval `json:"gone"`
	Share     float64           `json:"share"` // of the words asked about
	Version   archive.Seq       `json:"version"`
	Link      string            `json:"link"`
}

// CommonWording is a stretch of a text that stands on many pages.
type CommonWording struct {
	Text      string           `json:"text"`
	Pages     int              `json:"pages"`
	FirstSeen archive.Interval `json:"first_seen"` // on the first of them
}

// A ReusedPassage is a passage with nearly the same words.
type ReusedPassage struct {
	Source    string            `json:"source"`
	URL       string            `json:"url"`
	Lang      string            `json:"lang"`
	Title     string            `json:"title"`
	Page      archive.PageID    `json:"page"`
	Path      []string          `json:"path"`
	Text      string            `json:"text"`
	FirstSeen archive.Interval  `json:"first_seen"`
	Gone      *archive.Interval `json:"gone"`     // null: it still stands
	Shared    int               `json:"shared"`   // words they have in common, in order
	Share     float64           `json:"share"`    // of the words asked about
	OfOther   float64           `json:"of_other"` // of the other's own words
	Words     []diff.Word       `json:"words"`    // what the other has otherwise
	// Order is "earlier", "later" or "same" in our record, "" for a text: compared
	// with when the page that was asked about first had as many of the words. Certain
	// says that our looks leave no doubt: the intervals do not overlap.
	Order   string      `json:"order,omitempty"`
	Certain bool        `json:"certain"`
	Version archive.Seq `json:"version"` // that brought it
	Link    string      `json:"link"`
}

// Reuse tells where the words of a passage stand on other pages: of one that is
// named as for [Documents.Passage], or, without an address, of a text.
func (d *Documents) Reuse(ctx context.Context, url string, at time.Time, where, text string, all bool) (*ReuseDocument, error) {
	if (url == "") == (text == "") {
		return nil, &InputError{"text", "either a text or a page with a block is needed", "give one of the two"}
	}
	if url == "" {
		return d.reuse(ctx, &ReuseDocument{Text: strings.Join(strings.Fields(text), " ")}, 0, all)
	}
	v, err := d.wording(ctx, url, at)
	if err != nil {
		return nil, fmt.Errorf("reuse: %w", err)
	}
	return d.reuseOf(ctx, v, where, all)
}

func (d *Documents) reuseOf(ctx context.Context, v *archive.Version, where string, all bool) (*ReuseDocument, error) {
	blocks, where, err := blocksAt(v, where)
	if err != nil {
		return nil, err
	}
	w := wordingOf(v, blocks)
	doc := &ReuseDocument{Text: strings.ReplaceAll(w.Text, "\n", " "), URL: v.URL, Title: v.Title, Lang: v.Lang, Version: v.ID, Where: where}
	for _, b := range blocks { // the whole stands since the last of it came
		since, err := d.Archive.VersionHead(ctx, v.Blocks[b].Since)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("reuse: %w", err)
		}
		if err == nil && (doc.FirstSeen == nil || since.Seen.By.After(doc.FirstSeen.By)) {
			doc.FirstSeen = &since.Seen
		}
	}
	return d.reuse(ctx, doc, v.Page, all)
}

func (d *Documents) reuse(ctx context.Context, doc *ReuseDocument, page archive.PageID, all bool) (*ReuseDocument, error) {
	if d.Index == nil {
		return nil, errors.New("reuse: no index is open")
	}
	done, err := d.brief.take(ctx)
	if err != nil {
		return nil, fmt.Errorf("reuse: %w", err)
	}
	defer done()
	found, err := d.Index.Reuse(ctx, doc.Text, page, all)
	if errors.Is(err, index.ErrShort) {
		return nil, &InputError{"text", index.ErrShort.Error(), "choose a longer one"}
	}
	if err != nil {
		return nil, err
	}
	doc.Words, doc.AllCommon, doc.More = found.Words, found.AllCommon, found.More
	doc.Common, doc.Passages = []CommonWording{}, []ReusedPassage{}
	for _, c := range found.Common {
		doc.Common = append(doc.Common, CommonWording{doc.Text[c.Start:c.End], c.Pages, c.FirstSeen})
	}
	own := before(doc, found.Own)
	best := map[archive.PageID]*ReusedPassage{}
	for i := range found.Passages {
		p := reused(doc, &found.Passages[i])
		was := best[p.Page]
		if p.Share < leastShare && (p.OfOther < leastOfOther || len(strings.Fields(p.Text)) < leastOtherLen) || was != nil && was.Share >= p.Share {
			continue
		}
		best[p.Page] = p
	}
	for _, p := range best {
		p.Words = diff.Compare(doc.Text, p.Text)
		if doc.FirstSeen != nil {
			p.order(*doc.FirstSeen, own)
		}
		doc.Passages = append(doc.Passages, *p)
	}
	slices.SortFunc(doc.Passages, func(a, b ReusedPassage) int {
		return cmp.Or(a.FirstSeen.By.Compare(b.FirstSeen.By), strings.Compare(a.URL, b.URL))
	})
	return doc, nil
}

// reused compares a candidate word by word.
func reused(doc *ReuseDocument, c *index.ReusedPassage) *ReusedPassage {
	p := &ReusedPassage{Source: c.Source, URL: c.URL, Lang: c.Lang, Title: c.Title, Page: c.Page, Path: append([]string{}, c.Path...), Text: c.Text,
		FirstSeen: c.FirstSeen, Gone: c.Gone, Version: c.Since, Link: fmt.Sprintf("/v/%d", c.Since)}
	if c.Block >= 0 {
		p.Link += fmt.Sprintf("#b%d", c.Block)
	}
	shared, ofText, ofOther := diff.Shared(doc.Text, c.Text)
	p.Shared, p.Share, p.OfOther = shared, ratio(shared, ofText), ratio(shared, ofOther)
	return p
}

// before is what the page itself had of the words before the wording that was
// asked about, the earliest first.
func before(doc *ReuseDocument, found []index.ReusedPassage) (own []EarlierWording) {
	for i := range found {
		if c := &found[i]; doc.FirstSeen != nil && c.FirstSeen.By.Before(doc.FirstSeen.By) {
			if p := reused(doc, c); p.Share >= leastShare {
				own = append(own, EarlierWording{p.FirstSeen, p.Gone, p.Share, p.Version, p.Link})
			}
		}
	}
	slices.SortFunc(own, func(a, b EarlierWording) int { return a.FirstSeen.By.Compare(b.FirstSeen.By) })
	if len(own) > 0 {
		doc.Before = &own[0]
	}
	return own
}

// order says which was first in our record: a page that had as much of the words
// in an earlier wording has had them since then.
func (p *ReusedPassage) order(mine archive.Interval, own []EarlierWording) {
	if i := slices.IndexFunc(own, func(o EarlierWording) bool { return o.Share >= p.Share }); i >= 0 {
		mine = own[i].FirstSeen
	}
	switch theirs := p.FirstSeen; {
	case theirs.By.Before(mine.By):
		p.Order, p.Certain = "earlier", !mine.After.Before(theirs.By)
	case theirs.By.After(mine.By):
		p.Order, p.Certain = "later", !theirs.After.Before(mine.By)
	default:
		p.Order = "same"
	}
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a*1000/b) / 1000
}

type reuseInput struct {
	URL   string `query:"url" doc:"Address of a page that is watched."`
	Block string `query:"block" doc:"Which passage of it: b7, or an anchor such as art-7-par-2."`
	At    string `query:"at" doc:"In the wording that stood then; a day means its end. Default: the latest."`
	Text  string `query:"text" maxLength:"20000" doc:"A text, instead of a passage of a page."`
	All   bool   `query:"all" doc:"Page furniture too."`
}

func (w *web) apiReuse(ctx context.Context, in *reuseInput) (*answer[*ReuseDocument], error) {
	at, err := ParseTime("at", in.At, true)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	doc, err := w.docs.Reuse(ctx, in.URL, at, in.Block, in.Text, in.All)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(doc, nil)
}

package server

import (
	"context"
	"fmt"
	"time"

	"veille/archive"
	"veille/diff"
)

// A ChangeRef names another change.
type ChangeRef struct {
	ID   string `json:"id"`
	URL  string `json:"url"`
	Link string `json:"link"`

	Title string `json:"-"` // of the page, for web pages; the address of one without
	Lang  string `json:"-"`
}

// sameDays is how far apart the same edit may reach the pages of one source
// and still be one change: a site is not looked at in an hour.
const sameDays = 7 * 24 * time.Hour

// A grouper folds a list of changes, newest first: the same edits on many
// pages of a source are one entry with the others behind it, so is a change
// that language twins make alike, and a page that
// goes back and forth between wordings has one entry for all its returns. The
// first departure from a wording, and a departure that lasts, keep their own.
type grouper struct {
	d        *Documents
	change   teller
	lang     string // the reader's language, in which twins are shown if they can, and else in English; "": the latest twin is shown
	returned map[archive.PageID]*ChangeDocument
	same     map[string]*ChangeDocument
}

// A teller is [Documents.Change], or [Documents.listed].
type teller func(ctx context.Context, from, to archive.Seq, uiLang string) (*ChangeDocument, error)

func (d *Documents) grouper(lang string, change teller) *grouper {
	return &grouper{d, change, lang, map[archive.PageID]*ChangeDocument{}, map[string]*ChangeDocument{}}
}

// folded puts a step behind an entry of the list, if it belongs there.
func (g *grouper) folded(ctx context.Context, s archive.Step, h head) (bool, error) {
	if lead := g.returned[s.Page]; lead != nil && h.back != 0 {
		lead.Folded = append(lead.Folded, fmt.Sprintf("%d..%d", s.From, s.To))
		return true, nil
	}
	keys, err := g.keys(ctx, s, h)
	if err != nil {
		return false, err
	}
	for _, key := range keys {
		lead := g.same[key]
		if lead == nil || lead.page == s.Page || lead.To.Seen.By.Sub(s.Time) > sameDays {
			continue
		}
		v, err := g.d.Archive.VersionHead(ctx, s.To)
		if err != nil {
			return false, err
		}
		id := fmt.Sprintf("%d..%d", s.From, s.To)
		if g.rank(v.Lang) >= g.rank(lead.Lang) {
			lead.Also = append(lead.Also, ChangeRef{id, v.URL, "/change/" + id, or(v.Title, v.URL), v.Lang})
			return true, nil
		}
		c, err := g.change(ctx, s.From, s.To, g.lang) // the twin that the reader reads best stands in front
		if err != nil {
			return false, err
		}
		c.Also, c.Folded = append(lead.Also, ChangeRef{lead.ID, lead.URL, lead.Link, lead.Title, lead.Lang}), lead.Folded
		*lead = *c
		return true, nil
	}
	return false, nil
}

// rank is how far a language is from the reader: their own, English, any other.
func (g *grouper) rank(lang string) int {
	switch {
	case g.lang == "" || lang == g.lang:
		return 0
	case lang == "en":
		return 1
	}
	return 2
}

// keys are what a change must share with another to stand behind it: the
// source and the same edits, or the document and the same figures in edits of
// the same kinds.
func (g *grouper) keys(ctx context.Context, s archive.Step, h head) ([]string, error) {
	if h.signature == "" {
		return nil, nil
	}
	page, err := g.d.Archive.PageByID(ctx, s.Page)
	if err != nil {
		return nil, err
	}
	keys := []string{"source " + page.Source + " " + h.signature}
	if page.Document != "" && h.twin != "" {
		keys = append(keys, "document "+page.Source+" "+page.Document+" "+h.twin)
	}
	return keys, nil
}

// listed notes an entry of the list.
func (g *grouper) listed(ctx context.Context, s archive.Step, h head, c *ChangeDocument) error {
	if h.back != 0 {
		g.returned[s.Page] = c
	}
	keys, err := g.keys(ctx, s, h)
	for _, key := range keys {
		g.same[key] = c
	}
	return err
}

// returns finds the earlier version of a page whose main text a new version
// has again, the latest of them; nil if there is none, or if nothing of the
// main text changed.
func (d *Documents) returns(ctx context.Context, from, to *archive.Version) (*archive.Version, error) {
	is := d.fingerprint(to)
	if from == nil {
		return nil, nil
	}
	was := d.fingerprint(from)
	if is == was || to.Gone || from.Gone {
		return nil, nil
	}
	history, err := d.Archive.History(ctx, to.Page)
	if err != nil {
		return nil, err
	}
	looked := 0
	for i := len(history) - 1; i >= 0 && looked < maxReturns; i-- {
		h := history[i]
		if h.Number >= from.Number || h.Gone {
			continue
		}
		looked++
		print, ok := d.cache.fingerprint(h.ID)
		if !ok {
			v, err := d.Archive.Version(ctx, h.ID)
			if err != nil {
				return nil, err
			}
			print = d.fingerprint(v)
		}
		if print == is {
			return h, nil
		}
	}
	return nil, nil
}

// maxReturns is how many earlier versions of a page are looked at.
const maxReturns = 40

// fingerprint is that of a version, computed once.
func (d *Documents) fingerprint(v *archive.Version) diff.Fingerprint {
	print, ok := d.cache.fingerprint(v.ID)
	if !ok {
		print = diff.FingerprintOf(v)
		d.cache.putFingerprint(v.ID, print)
	}
	return print
}

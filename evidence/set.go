package evidence

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"time"

	"veille/archive"
)

// ErrEmpty is wrapped by errors about an export that would hold nothing.
var ErrEmpty = errors.New("there is nothing to export")

// A Set says which captures an export takes. One of All, Source, Page, Versions
// and Passages chooses them; From and Until narrow the choice.
type Set struct {
	All      bool           // everything, robots files and listings too
	Source   string         // everything of this source
	Page     archive.PageID // this page
	Versions []archive.Seq  // the captures that show these versions
	Passages []Passage      // the captures that were made while these stood

	At          time.Time // with Page: only the capture that shows what the page said then
	From, Until time.Time // captures made at these times or between; zero: no bound

	Title string // of the package
	Asked string // what was asked for, as a reader would say it, for the package's README
}

// A Passage is a stretch of time in which something stood in a page: from the
// capture that first showed it until the one that first did not (zero: it
// still stands).
type Passage struct {
	Page        archive.PageID
	From, Until time.Time
}

// A choice is a page and which of its captures are taken.
type choice struct {
	page *archive.Page
	keep func(*archive.Look) bool
}

// choices yields the pages of a set. It ends at the first error, which it
// yields.
func (s *Set) choices(ctx context.Context, a *archive.Archive) iter.Seq2[choice, error] {
	switch {
	case s.All, s.Source != "":
		return s.sourceChoices(ctx, a)
	case s.Page != 0:
		return one(s.pageChoice(ctx, a))
	}
	return s.pickedChoices(ctx, a)
}

func one(c choice, err error) iter.Seq2[choice, error] {
	return func(yield func(choice, error) bool) { yield(c, err) }
}

func (s *Set) sourceChoices(ctx context.Context, a *archive.Archive) iter.Seq2[choice, error] {
	return func(yield func(choice, error) bool) {
		for p, err := range a.HeldPages(ctx, s.Source) {
			if !yield(choice{p, s.inTime}, err) || err != nil {
				return
			}
		}
	}
}

func (s *Set) pageChoice(ctx context.Context, a *archive.Archive) (choice, error) {
	p, err := a.PageByID(ctx, s.Page)
	if err != nil || s.At.IsZero() {
		return choice{p, s.inTime}, err
	}
	m, err := a.MementoAt(ctx, p.ID, s.At)
	if err == nil && m.Time.After(s.At) {
		err = fmt.Errorf("%s was first captured on %s: %w", p.URL, m.Time.UTC().Format(time.RFC3339), fs.ErrNotExist)
	}
	if err != nil {
		return choice{}, err
	}
	return choice{p, func(l *archive.Look) bool { return l.Seq == m.Seq }}, nil
}

// pickedChoices are the pages of versions and passages, in the order of their
// numbers.
func (s *Set) pickedChoices(ctx context.Context, a *archive.Archive) iter.Seq2[choice, error] {
	return func(yield func(choice, error) bool) {
		versions, passages := map[archive.PageID][]archive.Seq{}, map[archive.PageID][]Passage{}
		var pages []archive.PageID
		for _, id := range s.Versions {
			v, err := a.VersionHead(ctx, id)
			if err != nil {
				yield(choice{}, err)
				return
			}
			versions[v.Page] = append(versions[v.Page], id)
			pages = append(pages, v.Page)
		}
		for _, p := range s.Passages {
			passages[p.Page] = append(passages[p.Page], p)
			pages = append(pages, p.Page)
		}
		slices.Sort(pages)
		for _, id := range slices.Compact(pages) {
			p, err := a.PageByID(ctx, id)
			keep := func(l *archive.Look) bool {
				return s.inTime(l) && (slices.Contains(versions[id], l.Version) || stood(passages[id], l))
			}
			if !yield(choice{p, keep}, err) || err != nil {
				return
			}
		}
	}
}

// stood reports whether a capture showed its page while a passage stood in it.
func stood(passages []Passage, l *archive.Look) bool {
	return l.Version != 0 && slices.ContainsFunc(passages, func(p Passage) bool {
		return !l.Time.Before(p.From) && (p.Until.IsZero() || l.Time.Before(p.Until))
	})
}

func (s *Set) inTime(l *archive.Look) bool {
	return (s.From.IsZero() || !l.Time.Before(s.From)) && (s.Until.IsZero() || !l.Time.After(s.Until))
}

package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"veille/archive"
	"veille/diff"
	"veille/index"
	"veille/source"
)

// DefaultWeight is the least weight of a change that is news; below it is
// housekeeping.
const DefaultWeight = 2

// A ChangesQuery chooses changes. Lists that are empty ask for nothing. Only
// what the publisher changed is ever chosen.
type ChangesQuery struct {
	Since, Until time.Time // when the new wording was first seen, both inclusive; zero: no bound
	Sources      []string
	Topics       []string    // of the source
	Senses       []string    // any of these
	MinWeight    int         // 0 chooses all; see DefaultWeight
	Lang         string      // of the text
	UILang       string      // of the summaries; "": each in the language of its page
	Before       archive.Seq // only what comes after the step to this version in the list, 0 for all: for paging that is steady while new ones arrive
	Page         archive.PageID
	Grouped      bool // fold the same edits on many pages, and the returns of a page, into one entry
	Limit        int  // 0: all
	Offset       int
}

// Changes lists the changes that a query chooses, newest first. Total counts
// all of them, whatever Limit.
func (d *Documents) Changes(ctx context.Context, q ChangesQuery) (*ChangesDocument, error) {
	doc := &ChangesDocument{Changes: []*ChangeDocument{}}
	g := d.grouper(q.UILang, d.Change)
	err := d.each(ctx, q, func(s archive.Step, h head) (bool, error) {
		if h.weight < q.MinWeight {
			doc.Hidden++
			return true, nil
		}
		if q.Grouped {
			if folded, err := g.folded(ctx, s, h); err != nil || folded {
				return err == nil, err
			}
		}
		doc.Total++
		if doc.Total <= q.Offset || q.Limit > 0 && doc.Total > q.Offset+q.Limit {
			return true, nil
		}
		c, err := d.Change(ctx, s.From, s.To, q.UILang)
		if err != nil {
			return false, err
		}
		if err := g.listed(ctx, s, h, c); err != nil {
			return false, err
		}
		doc.Changes = append(doc.Changes, c)
		return true, nil
	})
	if err != nil {
		return nil, fmt.Errorf("changes: %w", err)
	}
	return doc, nil
}

// each calls yield with every step that a query chooses, whatever its weight,
// newest first, until it returns false.
func (d *Documents) each(ctx context.Context, q ChangesQuery, yield func(archive.Step, head) (bool, error)) error {
	f, ok, err := d.stepFilter(ctx, q)
	if err != nil || !ok {
		return err
	}
	for {
		steps, err := d.Archive.Steps(ctx, f)
		if err != nil {
			return err
		}
		for _, s := range steps {
			h, err := d.head(ctx, stretch{s.From, s.To})
			if err != nil {
				return err
			}
			if len(q.Senses) > 0 && !overlap(q.Senses, h.senses) {
				continue
			}
			if more, err := yield(s, h); err != nil || !more {
				return err
			}
		}
		if len(steps) < f.Limit {
			return nil
		}
		f.Past = steps[len(steps)-1].To
		f.Limit = min(4*f.Limit, mostSteps) // whoever wants many wants all
	}
}

// mostSteps is how many steps are asked for at a time.
const mostSteps = 8192

// stepFilter is the part of a query that the archive can answer; ok is false
// if nothing can be chosen.
func (d *Documents) stepFilter(ctx context.Context, q ChangesQuery) (f archive.StepFilter, ok bool, err error) {
	for _, id := range q.Sources {
		if d.Sources.Source(id) == nil {
			return f, false, &InputError{"source", "there is no source " + quote(id), "use an id from the list of sources"}
		}
	}
	for _, id := range q.Topics {
		if _, known := d.Thesaurus.Topic(id); !known {
			return f, false, &InputError{"topic", "there is no topic " + quote(id), "use an id from the list of topics, such as closed-centres"}
		}
	}
	if err := knownSenses(q.Senses); err != nil {
		return f, false, err
	}
	if err := d.knownLang(ctx, q.Lang); err != nil {
		return f, false, err
	}
	f = archive.StepFilter{Since: q.Since, Lang: q.Lang, Past: q.Before, Page: q.Page, Published: true, Sources: q.Sources, Limit: 256}
	if !q.Until.IsZero() {
		f.Until = q.Until.Add(time.Millisecond)
	}
	if len(q.Topics) > 0 {
		covered := d.Sources.Select(nil, nil, q.Topics)
		if len(q.Sources) > 0 {
			covered = slices.DeleteFunc(covered, func(id string) bool { return !slices.Contains(q.Sources, id) })
		}
		if f.Sources = covered; len(covered) == 0 {
			return f, false, nil
		}
	}
	return f, true, nil
}

// knownLang is an *index.QueryError about a language that nothing here has.
func (d *Documents) knownLang(ctx context.Context, lang string) error {
	if lang == "" || slices.Contains(Langs, lang) || d.Index == nil {
		return nil
	}
	return d.Index.Check(ctx, index.Query{Langs: []string{lang}})
}

// senses are the codes that a change may carry.
var senses = []string{"modality", "negation", "exception", "deadline", "amount", "scope", "term", "definition", "xref", "force",
	"authority", "remedy", "other", "appear", "withdraw", "restored", "move-url", "contact", "nav", "date-stamp", "typo", "whitespace", "media"}

// knownSenses is an *[InputError] about the first code that is none.
func knownSenses(codes []string) error {
	for _, code := range codes {
		if !slices.Contains(senses, code) {
			return &InputError{"sense", "there is no sense " + quote(code), "use one such as amount, deadline or modality"}
		}
	}
	return nil
}

func (d *Documents) head(ctx context.Context, s stretch) (head, error) {
	if h, ok := d.cache.headNow(s, d.now); ok {
		return h, nil
	}
	c, err := d.compare(ctx, s)
	if err != nil {
		return head{}, err
	}
	if h, ok := d.cache.head(s); ok {
		return h, nil
	}
	return head{weight: c.Weight, senses: c.Senses, signature: c.Signature(), twin: c.TwinSignature()}, nil
}

// Change tells what changed between two versions of a page, neighbours or not;
// from is 0 for the page's appearance. The summary is in uiLang, or in the
// page's language if that is "". The error wraps fs.ErrNotExist if there is no
// such version; it is an *[InputError] if they are not of one page.
func (d *Documents) Change(ctx context.Context, from, to archive.Seq, uiLang string) (*ChangeDocument, error) {
	c, err := d.compare(ctx, stretch{from, to})
	if err != nil {
		return nil, fmt.Errorf("change %d..%d: %w", from, to, err)
	}
	return d.changeDocument(c, uiLang), nil
}

// ChangeByID is [Documents.Change] of an identifier such as "17..18".
func (d *Documents) ChangeByID(ctx context.Context, id, uiLang string) (*ChangeDocument, error) {
	from, to, err := parseChangeID(id)
	if err != nil {
		return nil, err
	}
	return d.Change(ctx, from, to, uiLang)
}

// compare computes a change or finds it in the cache. What it returns has
// versions without blocks, and is not to be modified.
func (d *Documents) compare(ctx context.Context, s stretch) (*diff.Change, error) {
	d.cache.expire(s, d.now())
	if c := d.cache.change(s); c != nil {
		return c, nil
	}
	to, err := d.version(ctx, s.to)
	if err != nil {
		return nil, err
	}
	var from *archive.Version
	if s.from != 0 {
		if from, err = d.version(ctx, s.from); err != nil {
			return nil, err
		}
		if from.Page != to.Page {
			return nil, &InputError{"change", fmt.Sprintf("versions %d and %d are of different pages", s.from, s.to), "compare two versions of one page"}
		}
		if from.Number >= to.Number {
			return nil, &InputError{"change", fmt.Sprintf("%d..%d does not go forward in time", s.from, s.to), "exchange the two versions"}
		}
	}
	now := d.now()
	c, until, err := d.memory.Between(ctx, d.Archive, from, to, now)
	if err != nil {
		return nil, err
	}
	if !until.After(now) {
		until = time.Time{} // its wording did not last, and never will have
	}
	var back *archive.Version
	if h, ok := d.cache.head(s); !ok {
		back, err = d.returns(ctx, from, to)
	} else if h.back != 0 {
		back, err = d.Archive.VersionHead(ctx, h.back)
	}
	if err != nil {
		return nil, err
	}
	c.From, c.To = withoutBlocks(from), withoutBlocks(to)
	d.cache.put(s, c, back, until)
	return c, nil
}

// version reads a version with its blocks, or finds it in the cache. It is not
// to be modified.
func (d *Documents) version(ctx context.Context, id archive.Seq) (*archive.Version, error) {
	if v := d.cache.text(id); v != nil {
		return v, nil
	}
	v, err := d.Archive.Version(ctx, id)
	if err == nil {
		d.cache.putText(v)
	}
	return v, err
}

func withoutBlocks(v *archive.Version) *archive.Version {
	if v == nil {
		return nil
	}
	h := *v
	h.Blocks = nil
	return &h
}

func (d *Documents) source(id string) *source.Source { return d.Sources.Source(id) }

// Diff tells what changed on the page at an address. from and to are version
// numbers, or times: then the versions that stood at those times. to is the
// latest if empty, from is the one before to if empty. A day means its end.
func (d *Documents) Diff(ctx context.Context, url, from, to, uiLang string) (*ChangeDocument, error) {
	page, err := d.page(ctx, url)
	if err != nil {
		return nil, err
	}
	if page.Latest == 0 {
		return nil, fmt.Errorf("diff: %s has no wording yet: %w", url, fs.ErrNotExist)
	}
	last := page.Latest
	if to != "" {
		if last, err = d.pick(ctx, page, "to", to); err != nil {
			return nil, err
		}
	}
	var first archive.Seq
	if from != "" {
		if first, err = d.pick(ctx, page, "from", from); err != nil {
			return nil, err
		}
	} else {
		v, err := d.Archive.VersionHead(ctx, last)
		if err != nil {
			return nil, fmt.Errorf("diff: %w", err)
		}
		first = v.Prev
	}
	if first == last {
		return nil, &InputError{"from", "version " + fmt.Sprint(first) + " is the same as in to", "choose two different ones"}
	}
	return d.Change(ctx, first, last, uiLang)
}

// page finds a page by any spelling of its address.
func (d *Documents) page(ctx context.Context, url string) (*archive.Page, error) {
	if url == "" {
		return nil, &InputError{"url", "there is no address", "give the address of a page that is watched"}
	}
	canonical, err := d.Sources.Canonical(url)
	if err != nil {
		return nil, &InputError{"url", quote(url) + " is not an address", "give a whole one, such as https://example.org/page"}
	}
	return d.Archive.Page(ctx, canonical)
}

// pick is the version of a page that a number or a time means.
func (d *Documents) pick(ctx context.Context, page *archive.Page, where, text string) (archive.Seq, error) {
	if id, ok := parseSeq(text); ok {
		if id == 0 && where == "from" {
			return 0, nil
		}
		v, err := d.Archive.VersionHead(ctx, id)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", where, err)
		}
		if v.Page != page.ID {
			return 0, &InputError{where, fmt.Sprintf("version %d is not one of %s", id, page.URL), "see the page's history for its version numbers"}
		}
		return id, nil
	}
	t, err := ParseTime(where, text, true)
	if err != nil {
		return 0, err
	}
	v, err := d.wordingAt(ctx, page, t)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", where, err)
	}
	return v.ID, nil
}

// wordingAt is the version of a page that stood at a time. The error for a time
// before we had looked says since when we have; it wraps [fs.ErrNotExist].
func (d *Documents) wordingAt(ctx context.Context, page *archive.Page, t time.Time) (*archive.Version, error) {
	v, err := d.Archive.VersionAt(ctx, page.ID, t)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, unseen(page, t)
	}
	return v, err
}

// unseen says that nothing is known of a page at a time, and since when we look.
func unseen(page *archive.Page, t time.Time) error {
	first := page.First.Time
	if t.IsZero() || !first.After(t) {
		return fmt.Errorf("a wording of %s: %w", page.URL, fs.ErrNotExist)
	}
	return fmt.Errorf("a wording of %s at %s, where the first look at it was at %s: %w", page.URL, t.Format(time.RFC3339), first.Format(time.RFC3339), fs.ErrNotExist)
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

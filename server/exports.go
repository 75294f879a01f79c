package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"time"

	"veille/archive"
	"veille/evidence"
	"veille/index"
)

// Exports makes exports from parameters: the routes under /export/ and the
// command line share it. Fields are set before the first use; methods may then
// be called concurrently. Errors are those of [Documents].
type Exports struct {
	*Documents
	Software string                  // "Veille 1.2"
	BaseURL  string                  // public address, for permanent links
	Progress func(done, total int64) // may be nil
}

// Exporter writes what parameters do not choose.
func (x *Exports) Exporter() *evidence.Exporter {
	return &evidence.Exporter{Archive: x.Archive, Software: x.Software, BaseURL: x.BaseURL, Now: x.Now, Progress: x.Progress}
}

// WACZ writes the captures that parameters choose as a package. One of these
// chooses: url or page (with at or version, if wanted), version, change, source, q (with
// the other parameters of a search), trace (with those of a trace), all. from and until narrow the choice to
// captures made then.
func (x *Exports) WACZ(ctx context.Context, w io.Writer, q url.Values) (*evidence.Exported, error) {
	s, err := x.set(ctx, q)
	if err != nil {
		return nil, err
	}
	rep, err := x.Exporter().WACZ(ctx, w, s)
	if errors.Is(err, evidence.ErrEmpty) {
		err = fmt.Errorf("%w (%w)", err, fs.ErrNotExist)
	}
	return rep, err
}

// set is the set that parameters choose.
func (x *Exports) set(ctx context.Context, q url.Values) (s *evidence.Set, err error) {
	s = &evidence.Set{}
	for _, t := range []struct {
		name string
		to   *time.Time
		end  bool
	}{{"at", &s.At, true}, {"from", &s.From, false}, {"until", &s.Until, true}} {
		if *t.to, err = ParseTime(t.name, q.Get(t.name), t.end); err != nil {
			return nil, err
		}
	}
	switch {
	case q.Get("url") != "", q.Get("page") != "":
		err = x.pageSet(ctx, s, q)
	case q.Get("version") != "":
		err = x.versionSet(ctx, s, q.Get("version"), 0)
	case q.Get("change") != "":
		err = x.changeSet(ctx, s, q.Get("change"))
	case q.Get("source") != "" && !q.Has("q") && !q.Has("trace"):
		err = x.sourceSet(ctx, s, q.Get("source"))
	case q.Has("q"):
		_, err = x.searchSet(ctx, s, q)
	case q.Has("trace"):
		_, err = x.traceSet(ctx, s, q)
	case truth(q.Get("all")):
		s.All, s.Title, s.Asked = true, "A web archive of Veille", "everything in the archive"
	default:
		err = &InputError{"url", "nothing says what to export", "give url, version, change, source, q, trace or all=1"}
	}
	return s, err
}

func (x *Exports) pageSet(ctx context.Context, s *evidence.Set, q url.Values) error {
	page, err := x.exportedPage(ctx, q)
	if err != nil {
		return err
	}
	if v := q.Get("version"); v != "" {
		return x.versionSet(ctx, s, v, page.ID)
	}
	s.Page, s.Title, s.Asked = page.ID, or(page.Title, page.URL), "the page "+page.URL
	if !s.At.IsZero() {
		s.Asked += " as it stood on " + s.At.Format(time.RFC3339)
	}
	return nil
}

// exportedPage is the page that an address or a number names.
func (x *Exports) exportedPage(ctx context.Context, q url.Values) (*archive.Page, error) {
	if q.Get("page") == "" {
		return x.page(ctx, q.Get("url"))
	}
	id, ok := parseSeq(q.Get("page"))
	if !ok {
		return nil, &InputError{"page", quote(q.Get("page")) + " is not the number of a page", "write one such as 12 for /page/12"}
	}
	return x.Archive.PageByID(ctx, archive.PageID(id))
}

// versionSet is the captures that show a version; of that page, unless it is 0.
func (x *Exports) versionSet(ctx context.Context, s *evidence.Set, text string, page archive.PageID) error {
	id, ok := parseSeq(text)
	if !ok || id == 0 {
		return &InputError{"version", quote(text) + " is not a version", "write its number, such as 17 for /v/17"}
	}
	v, err := x.Archive.VersionHead(ctx, id)
	if err != nil {
		return err
	}
	if page != 0 && v.Page != page {
		return &InputError{"version", fmt.Sprintf("version %d is of %s", id, v.URL), "give a version of the page, or no page"}
	}
	s.Versions, s.Title, s.Asked = []archive.Seq{id}, or(v.Title, v.URL), fmt.Sprintf("version %d of %s", id, v.URL)
	return nil
}

func (x *Exports) changeSet(ctx context.Context, s *evidence.Set, text string) error {
	from, to, err := parseChangeID(text)
	if err != nil {
		return err
	}
	c, err := x.Change(ctx, from, to, "")
	if err != nil {
		return err
	}
	if from != 0 {
		s.Versions = append(s.Versions, from)
	}
	s.Versions = append(s.Versions, to)
	s.Title, s.Asked = c.Title, fmt.Sprintf("the change %s of %s: both wordings", c.ID, c.URL)
	return nil
}

func (x *Exports) sourceSet(ctx context.Context, s *evidence.Set, id string) error {
	if err := evidence.KnownSource(ctx, x.Archive, x.Sources, id); err != nil {
		return inputError(err)
	}
	s.Source, s.Title, s.Asked = id, id, "the source "+id
	if src := x.source(id); src != nil {
		s.Title = src.Label("en")
		s.Asked += ", " + s.Title
	}
	return nil
}

// scope says what time a search is about.
func scope(q *index.Query, now time.Time) string {
	switch {
	case q.Past:
		return ", whenever they stood"
	case !q.AsOf.IsZero():
		return " among what stood on " + q.AsOf.Format(time.RFC3339)
	}
	return " among what stood on " + now.Format(time.RFC3339)
}

// Tables are the tables that there are.
var Tables = []string{"versions", "changes", "passages", "concordance", "blame"}

// Table writes one of [Tables]. "versions" and "changes" are narrowed by the
// parameters url, source, topic, lang, since, until; of changes, sense and
// min_weight too. "passages" is what a search finds: q and the other parameters
// of one. "concordance" is every line in which a phrase, q, ever stood, with the
// parameters of a trace. "blame" is the words of a wording, chosen by url and at.
func (x *Exports) Table(ctx context.Context, w io.Writer, what string, format evidence.Format, q url.Values) error {
	switch what {
	case "passages":
		return x.passages(ctx, w, format, q)
	case "concordance":
		return x.concordance(ctx, w, format, q)
	case "blame":
		return x.blamed(ctx, w, format, q)
	}
	return x.recorded(ctx, w, what, format, q)
}

// recorded writes the table of versions or of changes.
func (x *Exports) recorded(ctx context.Context, w io.Writer, what string, format evidence.Format, q url.Values) error {
	f := evidence.Filter{Sources: list(q["source"]), Topics: list(q["topic"]), Senses: list(q["sense"]), Lang: q.Get("lang")}
	var err error
	if f.Since, err = ParseTime("since", q.Get("since"), false); err != nil {
		return err
	}
	if f.Until, err = ParseTime("until", q.Get("until"), true); err != nil {
		return err
	}
	if f.MinWeight, err = parseNumber("min_weight", q.Get("min_weight"), DefaultWeight, 0, 5); err != nil {
		return err
	}
	if err := knownSenses(f.Senses); err != nil {
		return err
	}
	if q.Get("url") != "" {
		page, err := x.page(ctx, q.Get("url"))
		if err != nil {
			return err
		}
		f.Page = page.ID
	}
	t := &evidence.Table{Exporter: *x.Exporter(), Sources: x.Sources, Thesaurus: x.Thesaurus, Filter: f, Format: format}
	if what == "versions" {
		_, err = t.Versions(ctx, w)
	} else {
		_, err = t.Changes(ctx, w)
	}
	return inputError(err)
}

// inputError makes a wrong filter an error of input.
func inputError(err error) error {
	var f *evidence.FilterError
	if errors.As(err, &f) {
		return &InputError{f.Field, f.What, f.Do}
	}
	return err
}

package server

import (
	"context"
	"fmt"
	"slices"
	"time"

	"veille/archive"
	"veille/diff"
	"veille/digest"
)

// DefaultDrift is how long a translation may lag behind before it is told.
const DefaultDrift = 14 * 24 * time.Hour

// A DriftQuery chooses drifts.
type DriftQuery struct {
	Since   time.Time     // changes first seen at this time or later; zero: all
	Sources []string      // none: all
	Lag     time.Duration // how long a twin may take; 0: DefaultDrift
}

// A DriftDocument lists the changes that one language version of a document
// has and another has not followed.
type DriftDocument struct {
	Total  int     `json:"total"`
	Drifts []Drift `json:"drifts"` // newest first
}

// A Drift is a change in one language that has no counterpart in another,
// although the time for it has passed. It says that the texts differ, not
// which of them is right.
type Drift struct {
	Source   string     `json:"source"`
	Change   ChangeRef  `json:"change"`
	Lang     string     `json:"lang"`
	Title    string     `json:"title"`
	Summary  string     `json:"summary"` // of the change
	Seen     VersionRef `json:"seen"`    // the version that has it
	Twin     VersionRef `json:"twin"`    // the version of the other language that has stood since before
	TwinURL  string     `json:"twin_url"`
	TwinLang string     `json:"twin_lang"`
	// Followed is the first later version of the other language in which none of
	// the passages beside the change stands any more: it followed, too late. It is
	// nil while one stands, and where no passage corresponds.
	Followed *VersionRef  `json:"followed,omitempty"`
	Passages []TwinedEdit `json:"passages"`
}

// A TwinedEdit is what changed in one language beside the passage of the other.
type TwinedEdit struct {
	Op     diff.Op  `json:"op"`
	Path   []string `json:"path"`
	Before string   `json:"before"`
	After  string   `json:"after"`
	Twin   string   `json:"twin"` // the passage in the other language, "" if none corresponds
	Link   string   `json:"link,omitempty"`
}

// maxTwined is how many passages of a drift are shown.
const maxTwined = 20

// Drift finds the changes that weigh 2 or more and that a language twin of the
// page has not followed: it has no change of its own from one lag before to one
// lag after, and that time has passed.
func (d *Documents) Drift(ctx context.Context, q DriftQuery) (*DriftDocument, error) {
	if q.Lag <= 0 {
		q.Lag = DefaultDrift
	}
	doc := &DriftDocument{Drifts: []Drift{}}
	twins, err := d.twins(ctx, q.Sources)
	if err != nil {
		return nil, fmt.Errorf("drift: %w", err)
	}
	changes := ChangesQuery{Since: q.Since, Until: d.now().Add(-q.Lag), Sources: q.Sources}
	if doc.Drifts, err = d.drifts(ctx, changes, q.Lag, func(page archive.PageID) []*archive.Page { return twins[page] }); err != nil {
		return nil, fmt.Errorf("drift: %w", err)
	}
	doc.Total = len(doc.Drifts)
	return doc, nil
}

// drifts finds the changes of a query that the twins of their pages have not
// followed.
func (d *Documents) drifts(ctx context.Context, q ChangesQuery, lag time.Duration, twins func(archive.PageID) []*archive.Page) ([]Drift, error) {
	out := []Drift{}
	err := d.each(ctx, q, func(s archive.Step, h head) (bool, error) {
		if h.weight < DefaultWeight || s.From == 0 {
			return true, nil
		}
		for _, twin := range twins(s.Page) {
			stood, err := d.unmoved(ctx, twin, s.Time, lag)
			if err != nil {
				return false, err
			}
			if stood == nil {
				continue
			}
			drift, err := d.drift(ctx, s, stood)
			if err != nil {
				return false, err
			}
			out = append(out, *drift)
		}
		return true, nil
	})
	return out, err
}

// lagging are the changes of a page that a twin had not followed in time and
// has not followed since: passages beside them still stand in it.
func (d *Documents) lagging(ctx context.Context, page, twin *archive.Page) ([]Drift, error) {
	q := ChangesQuery{Page: page.ID, Until: d.now().Add(-DefaultDrift)}
	drifts, err := d.drifts(ctx, q, DefaultDrift, func(archive.PageID) []*archive.Page { return []*archive.Page{twin} })
	if err != nil {
		return nil, fmt.Errorf("drift of page %d: %w", page.ID, err)
	}
	if len(drifts) == 0 || twin.Latest == 0 {
		return nil, nil
	}
	now, err := d.Archive.VersionHead(ctx, twin.Latest)
	if err != nil || now.Gone {
		return nil, err
	}
	return slices.DeleteFunc(drifts, func(x Drift) bool {
		return x.Followed != nil || len(x.beside()) == 0
	}), nil
}

// beside are the passages of the twin that stand beside the change, each once.
func (x *Drift) beside() map[string]bool {
	out := map[string]bool{}
	for _, p := range x.Passages {
		if p.Twin != "" {
			out[p.Twin] = true
		}
	}
	return out
}

// followed is the first version of a page after one that has none of some
// passages any more, nil if there is none. What was withdrawn follows nothing.
func (d *Documents) followed(ctx context.Context, stood *archive.Version, passages map[string]bool) (*VersionRef, error) {
	if len(passages) == 0 {
		return nil, nil
	}
	history, err := d.Archive.History(ctx, stood.Page)
	if err != nil {
		return nil, err
	}
	stands := func(id archive.Seq) (bool, error) {
		v, err := d.Archive.Version(ctx, id)
		if err != nil {
			return false, err
		}
		return v.Gone || slices.ContainsFunc(v.Blocks, func(b archive.Block) bool { return passages[b.Text] }), nil
	}
	after := history[1+slices.IndexFunc(history, func(v *archive.Version) bool { return v.ID == stood.ID }):]
	if len(after) == 0 {
		return nil, nil
	}
	last := after[len(after)-1]
	if still, err := stands(last.ID); err != nil || still {
		return nil, err
	}
	for _, v := range after[:len(after)-1] {
		if still, err := stands(v.ID); err != nil || !still {
			return &VersionRef{v.ID, v.Seen}, err
		}
	}
	return &VersionRef{last.ID, last.Seen}, nil
}

// twins tells of each page its twins in other languages.
func (d *Documents) twins(ctx context.Context, sources []string) (map[archive.PageID][]*archive.Page, error) {
	if len(sources) == 0 {
		for _, s := range d.Sources.Sources {
			sources = append(sources, s.ID)
		}
	}
	out := map[archive.PageID][]*archive.Page{}
	for _, id := range sources {
		pages, err := d.Archive.Pages(ctx, id)
		if err != nil {
			return nil, err
		}
		together := map[string][]*archive.Page{}
		for _, p := range pages {
			if p.Document != "" && p.Latest != 0 {
				together[p.Document] = append(together[p.Document], p)
			}
		}
		for _, ps := range together {
			for _, a := range ps {
				for _, b := range ps {
					if a.ID != b.ID && a.Lang != b.Lang {
						out[a.ID] = append(out[a.ID], b)
					}
				}
			}
		}
	}
	return out, nil
}

// unmoved is the version of a page that stood unchanged for one lag before and
// after a time; nil if there is none, as where the page changed too, did not
// stand yet, or was not looked at in all that time.
func (d *Documents) unmoved(ctx context.Context, page *archive.Page, t time.Time, lag time.Duration) (*archive.Version, error) {
	if page.LastContent.Time.Before(t.Add(lag)) {
		return nil, nil // we have not looked: nothing can be said
	}
	history, err := d.Archive.History(ctx, page.ID)
	if err != nil {
		return nil, err
	}
	var stood *archive.Version
	for _, v := range history {
		switch {
		case v.Time.Before(t.Add(-lag)) || v.Number == 1 && !v.Time.After(t):
			stood = v
		case v.Time.Before(t.Add(lag)):
			h, err := d.head(ctx, stretch{v.Prev, v.ID})
			if err != nil {
				return nil, err
			}
			if h.weight >= DefaultWeight {
				return nil, nil
			}
		}
	}
	if stood != nil && stood.Gone {
		stood = nil
	}
	return stood, nil
}

// drift puts what changed beside the passages of the twin.
func (d *Documents) drift(ctx context.Context, s archive.Step, twin *archive.Version) (*Drift, error) {
	c, err := d.compare(ctx, stretch{s.From, s.To})
	if err != nil {
		return nil, err
	}
	doc := d.changeDocument(c, "")
	from, err := d.Archive.Version(ctx, s.From)
	if err != nil {
		return nil, err
	}
	to, err := d.Archive.Version(ctx, s.To)
	if err != nil {
		return nil, err
	}
	if twin, err = d.Archive.Version(ctx, twin.ID); err != nil {
		return nil, err
	}
	out := &Drift{Source: doc.Source, Change: ChangeRef{doc.ID, doc.URL, doc.Link, doc.Title, doc.Lang}, Lang: doc.Lang, Title: doc.Title, Summary: doc.Summary, Seen: doc.To,
		Twin: VersionRef{twin.ID, twin.Seen}, TwinURL: twin.URL, TwinLang: twin.Lang, Passages: []TwinedEdit{}}
	old, now := map[int]int{}, map[int]int{}
	for _, p := range diff.Twins(from, twin) {
		old[p.A] = p.B
	}
	for _, p := range diff.Twins(to, twin) {
		now[p.A] = p.B
	}
	for i := range c.Edits {
		e := &c.Edits[i]
		if e.Weight < DefaultWeight || len(out.Passages) == maxTwined {
			continue
		}
		x := TwinedEdit{Op: e.Op, Path: e.Path, Before: e.Before, After: e.After}
		n, ok := old[e.From] // the twin still says what stood before
		if !ok {
			n, ok = now[e.To]
		}
		if ok {
			x.Twin, x.Link = twin.Blocks[n].Text, fmt.Sprintf("/v/%d#b%d", twin.ID, n)
		}
		out.Passages = append(out.Passages, x)
	}
	out.Followed, err = d.followed(ctx, twin, out.beside())
	return out, err
}

// DriftNotices are the drifts of changes first seen at a time or later, as news
// for those who have subscribed to them. Each is news when the time for it is
// over, and has one name for as long as the twin has not followed.
func (d *Documents) DriftNotices(ctx context.Context, since time.Time) ([]digest.Notice, error) {
	doc, err := d.Drift(ctx, DriftQuery{Since: since})
	if err != nil {
		return nil, err
	}
	tongues, err := loadTongues()
	if err != nil {
		return nil, err
	}
	var out []digest.Notice
	for _, x := range doc.Drifts {
		n := digest.Notice{Key: fmt.Sprintf("drift %d %d", x.Seen.Version, x.Twin.Version), Kind: digest.KindDrift, Source: x.Source, Lang: x.Lang, Title: x.Title,
			Text: map[string]string{}, Link: x.Change.Link, Time: x.Seen.Seen.By.Add(DefaultDrift), Weight: 5}
		for lang, t := range tongues {
			n.Text[lang] = t.T("drift.notice", t.Of("lang", x.TwinLang), x.Summary)
		}
		out = append(out, n)
	}
	return out, nil
}

type driftInput struct {
	Since  string   `query:"since" doc:"Changes first seen not before."`
	Source []string `query:"source,explode"`
	Days   int      `query:"days" minimum:"0" maximum:"3650" default:"14" doc:"How many days a translation may take."`
}

func (w *web) apiDrift(ctx context.Context, in *driftInput) (*answer[*DriftDocument], error) {
	q := DriftQuery{Sources: list(in.Source), Lag: time.Duration(in.Days) * 24 * time.Hour}
	var err error
	if q.Since, err = ParseTime("since", in.Since, false); err != nil {
		return nil, w.apiError(ctx, err)
	}
	doc, err := w.docs.Drift(ctx, q)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(doc, nil)
}

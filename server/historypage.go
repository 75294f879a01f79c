package server

import (
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"time"

	"veille/archive"
)

// How many wordings are told with their changes, and how many looks are shown.
const (
	toldVersions = 30
	shownLooks   = 300
)

type historyPage struct {
	Doc      PageDocument
	Twins    []*archive.Page
	Count    int
	Versions []versionLine // newest first
	More     string
	Looks    []lookRun
}

// A versionLine is a wording and how it came about.
type versionLine struct {
	V           VersionDocument
	Change      *ChangeDocument // nil if it is not told
	ChangeID    string
	Reextracted bool
	Archived    string // where the archived page is read
}

// A lookRun is looks in a row that found the same.
type lookRun struct {
	Kind, What, Reason string
	Count              int
	First, Last        time.Time
}

// history is the history of a page: "/page/3", and its feeds.
func (w *web) history(rw http.ResponseWriter, r *http.Request) error {
	name, feed := twin(r.PathValue("id"))
	id, ok := parseSeq(name)
	if !ok || id == 0 {
		return &InputError{"page", quote(name) + " is not a number", "write the number of a page, such as 3"}
	}
	page, err := w.Archive.PageByID(r.Context(), archive.PageID(id))
	if err != nil {
		return err
	}
	if page.Purpose != archive.PurposePage {
		return fmt.Errorf("page %d is not one that is watched: %w", id, fs.ErrNotExist)
	}
	doc, err := w.docs.history(r.Context(), page)
	if err != nil {
		return err
	}
	if feed != "" {
		return w.pageFeed(rw, r, feed, &doc.Page)
	}
	w.historyRels(rw, r, page)
	v := w.view(rw, r, "page")
	p := &historyPage{Doc: doc.Page, Count: doc.Total}
	if p.Twins, err = w.twins(r, page); err != nil {
		return err
	}
	if err := w.versionLines(r, p, doc.Versions, page.News, v.Lang); err != nil {
		return err
	}
	looks, err := w.Archive.Looks(r.Context(), page.ID, shownLooks)
	if err != nil {
		return err
	}
	p.Looks = lookRuns(v.t, looks)
	v.Title, v.Page, v.NoIndex = doc.Page.Title+" – "+v.t.T("page.history"), p, true
	v.Feeds = w.feeds(v.t, v.t.T("feed.of", doc.Page.Title), doc.Page.Link, nil)
	return w.render(rw, r, http.StatusOK, "page.html", v)
}

// versionLines tells the wordings, newest first; older ones without what
// changed, and only if all are asked for.
func (w *web) versionLines(r *http.Request, p *historyPage, versions []VersionDocument, news bool, lang string) error {
	all := r.URL.Query().Get("all") == "1"
	for i, ver := range slices.Backward(versions) {
		n := len(versions) - 1 - i
		if n >= toldVersions && !all {
			p.More = p.Doc.Link + "?all=1"
			return nil
		}
		line := versionLine{V: ver, Archived: replayPath(ver.Seen.By, p.Doc.URL), Reextracted: ver.Cause == string(archive.Reextracted)}
		if ver.Prev != 0 || news {
			line.ChangeID = fmt.Sprintf("%d..%d", ver.Prev, ver.Version)
		}
		if line.ChangeID != "" && n < toldVersions {
			var err error
			if line.Change, err = w.docs.Change(r.Context(), ver.Prev, ver.Version, lang); err != nil {
				return err
			}
		}
		p.Versions = append(p.Versions, line)
	}
	return nil
}

// lookRuns puts looks that found the same together. They come newest first.
func lookRuns(t *tongue, looks []archive.Look) []lookRun {
	var out []lookRun
	for _, l := range looks {
		kind := string(l.Class)
		switch {
		case l.Unchanged && (l.Class == archive.Content || l.Class == ""):
			kind = "unchanged"
		case l.Class == "" && l.Err != "":
			kind = string(archive.Error)
		case l.Class == "":
			kind = "unread"
		}
		why := ""
		if kind != "unchanged" && kind != string(archive.Content) && kind != "unread" {
			why = reason(l)
		}
		if n := len(out); n > 0 && out[n-1].Kind == kind && out[n-1].Reason == why && kind != string(archive.Content) {
			out[n-1].Count++
			out[n-1].First = l.Time
			continue
		}
		out = append(out, lookRun{Kind: kind, What: t.Of("look", kind), Reason: why, Count: 1, First: l.Time, Last: l.Time})
	}
	return out
}

type sourcesPage struct {
	Sources []SourceDocument
	Tally   []tally
}

type tally struct {
	State string
	Count int
}

// sources lists what is watched and how it fares: "/sources", the troubled first.
func (w *web) sources(rw http.ResponseWriter, r *http.Request) error {
	doc, err := w.docs.SourceList(r.Context())
	if err != nil {
		return err
	}
	p := &sourcesPage{Sources: doc.Sources}
	order := []string{StateBlocked, StateFailing, StateOK, StateGone, StateNever, StateOff}
	slices.SortStableFunc(p.Sources, func(a, b SourceDocument) int {
		return slices.Index(order, a.State) - slices.Index(order, b.State)
	})
	for _, state := range order {
		n := 0
		for _, s := range p.Sources {
			if s.State == state {
				n++
			}
		}
		if n > 0 {
			p.Tally = append(p.Tally, tally{state, n})
		}
	}
	v := w.view(rw, r, "sources")
	v.Title, v.Page = v.t.T("sources.title"), p
	v.Description = v.t.T("sources.lead")
	return w.render(rw, r, http.StatusOK, "sources.html", v)
}

type sourcePage struct {
	Doc     *SourceDocument
	Pages   []PageDocument
	Changes []*ChangeDocument
}

// source is one source, its pages and its latest changes: "/source/{id}", and
// its feeds.
func (w *web) source(rw http.ResponseWriter, r *http.Request) error {
	id, feed := r.PathValue("id"), ""
	if w.Sources.Source(id) == nil {
		id, feed = twin(id)
	}
	doc, pages, err := w.docs.Source(r.Context(), id)
	if err != nil {
		return err
	}
	if feed != "" {
		return w.sourceFeed(rw, r, feed, doc)
	}
	v := w.view(rw, r, "source")
	p := &sourcePage{Doc: doc, Pages: pages}
	q := ChangesQuery{Sources: []string{id}, MinWeight: DefaultWeight, UILang: v.Lang}
	if p.Changes, err = w.newest(r, q, 10); err != nil {
		return err
	}
	label := w.sourceLabel(id, v.Lang)
	v.Title, v.Page = label, p
	v.Feeds = w.feeds(v.t, v.t.T("feed.of", label), "/source/"+id, nil)
	return w.render(rw, r, http.StatusOK, "source.html", v)
}

// number is a whole number in a link.
func number(n int64) string { return strconv.FormatInt(n, 10) }

package server

import (
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"time"

	"veille/archive"
	"veille/extract"
)

// How many wordings are told with their changes, how many looks are drawn and
// how many runs of them listed, and how much text of the latest wording stands
// on the page of a document, in bytes.
const (
	toldVersions = 25
	shownLooks   = 300
	listedLooks  = 40
	textToday    = 32 << 10
)

type documentPage struct {
	Doc      PageDocument
	V        *archive.Version // the latest wording, nil if there is none
	Groups   []group          // its text, as much as there is room for
	TextCut  bool
	InForce  string
	When     *timeline
	Twins    []twinLink
	Beside   *beside // the text beside that of a twin, if it is asked for
	Count    int
	Versions []versionLine // newest first
	More     string
	Looks    []lookRun
	Captures int // looks that were read
	AllLooks string
	Archived string
	Digest   string // of the bytes of the latest wording's capture
	Citation string
}

// A twinLink is the page of the same document in another language.
type twinLink struct {
	*archive.Page
	Beside string  // where both stand side by side
	Behind []Drift // changes of this page that it has not followed
	Ahead  []Drift // changes of its own that this page has not
	Chosen bool
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

// document is one page of a source: its text today, its wordings, and the looks
// at it: "/page/3", and its feeds.
func (w *web) document(rw http.ResponseWriter, r *http.Request) error {
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
	p := &documentPage{Doc: doc.Page, Count: doc.Total}
	if err := w.versionLines(r, p, doc.Versions, page.News, v.Lang); err != nil {
		return err
	}
	if err := w.fillLooks(r, p, v.t, page); err != nil {
		return err
	}
	if err := w.fillText(r, p, v, page); err != nil {
		return err
	}
	if err := w.fillTwins(r, p, page); err != nil {
		return err
	}
	v.Title, v.Page, v.NoIndex = doc.Page.Title, p, true
	v.Feeds = w.feeds(v.t, v.t.T("feed.of", doc.Page.Title), doc.Page.Link, nil)
	return w.render(rw, r, http.StatusOK, "page.html", v)
}

// fillText is the latest wording, and how it is cited.
func (w *web) fillText(r *http.Request, p *documentPage, v *view, page *archive.Page) error {
	if page.Latest == 0 {
		return nil
	}
	ver, err := w.Archive.Version(r.Context(), page.Latest)
	if err != nil {
		return err
	}
	p.V, p.InForce, p.Archived = ver, extract.InForce(ver), replayPath(ver.Time, page.URL)
	if p.Digest, err = w.Archive.PayloadDigest(r.Context(), ver.Capture); err != nil {
		return err
	}
	shown := *ver
	size := 0
	for i := range ver.Blocks {
		if size += len(ver.Blocks[i].Text); size > textToday && i > 0 {
			shown.Blocks, p.TextCut = ver.Blocks[:i], true
			break
		}
	}
	p.Groups = groups(&shown)
	plain(p.Groups)
	link := fmt.Sprintf("%s/v/%d", w.baseURL(r), ver.ID)
	label := w.sourceLabel(page.Source, v.Lang)
	p.Citation = v.t.T("cite.version", p.Doc.Title, label, page.URL, v.t.Seen(ver.Seen), link)
	v.Meta = citationMeta(p.Doc.Title, label, ver.Lang, ver.Seen.By, link)
	return nil
}

// plain takes the links of its own from each block.
func plain(list []group) {
	for i := range list {
		for j := range list[i].Blocks {
			list[i].Blocks[j].Plain = true
		}
		plain(list[i].Groups)
	}
}

// fillLooks draws the wordings and looks, and lists the looks.
func (w *web) fillLooks(r *http.Request, p *documentPage, t *tongue, page *archive.Page) error {
	looks, err := w.Archive.Looks(r.Context(), page.ID, shownLooks)
	if err != nil {
		return err
	}
	history, err := w.Archive.History(r.Context(), page.ID)
	if err != nil {
		return err
	}
	until := w.now()
	if !page.Last.Time.IsZero() && page.Last.Time.Before(until) {
		until = page.Last.Time // nothing is known of what came after
	}
	p.When = newTimeline(t, history, looks, until)
	p.Looks, p.Captures = lookRuns(t, looks), len(looks)
	if len(p.Looks) > listedLooks && r.URL.Query().Get("all") != "1" {
		p.Looks, p.AllLooks = p.Looks[:listedLooks], p.Doc.Link+"?all=1"
	}
	return nil
}

// versionLines tells the wordings, newest first; older ones without what
// changed, and only if all are asked for.
func (w *web) versionLines(r *http.Request, p *documentPage, versions []VersionDocument, news bool, lang string) error {
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
			if line.Change, err = w.docs.listed(r.Context(), ver.Prev, ver.Version, lang); err != nil {
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

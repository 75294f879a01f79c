package server

import (
	"fmt"
	"net/http"
	"strings"

	"veille/archive"
	"veille/extract"
)

type versionPage struct {
	V        *archive.Version
	Title    string
	Latest   archive.Seq // 0 if this is the latest
	ChangeID string
	Archived string // where the archived page is read
	InForce  string
	Twins    []*archive.Page
	Groups   []group
	Leaves   *leaves // nil: all of it is on this page
	Contents []part  // of what is not
}

// A group is a run of blocks that are set together: "fold" (page furniture,
// with Groups of its own), "list", "table", or "text".
type group struct {
	Kind   string
	Count  int
	Blocks []blockView
	Groups []group
}

// A blockView is a block as its template needs it. N is its anchor, #b{N};
// Name is one that does not move with the wording, "" where there is none.
type blockView struct {
	N            int
	Name         string
	Kind         archive.Kind
	Level, Depth int
	Marker       string
	Lang         string         // where it is not the page's
	Text         []run          // cut at the citations
	Refs         []CiteDocument // to what links lead that the text does not name
	Cells        [][]run
	Fresh        bool   // first stood in this version, which is not the page's first
	Story        string // its biography, "" for page furniture
	Plain        bool   // without links of its own: where the text is shown in brief
}

// version is one wording: "/v/41".
func (w *web) version(rw http.ResponseWriter, r *http.Request) error {
	id, err := pathSeq(r, "version")
	if err != nil {
		return err
	}
	ctx := r.Context()
	ver, err := w.Archive.Version(ctx, id)
	if err != nil {
		return err
	}
	page, err := w.Archive.PageByID(ctx, ver.Page)
	if err != nil {
		return err
	}
	p := &versionPage{V: ver, Title: ver.Title, InForce: extract.InForce(ver)}
	if err := fillWording(r, p); err != nil {
		return err
	}
	if p.Title == "" {
		p.Title = page.Title
	}
	if p.Title == "" {
		p.Title = ver.URL
	}
	if page.Latest != ver.ID {
		p.Latest = page.Latest
	}
	if ver.Prev != 0 || page.News {
		p.ChangeID = fmt.Sprintf("%d..%d", ver.Prev, ver.ID)
	}
	if p.Twins, err = w.twins(r, page); err != nil {
		return err
	}
	if err := w.versionRels(rw, r, page, ver); err != nil {
		return err
	}
	p.Archived = replayPath(ver.Time, page.URL)
	v := w.view(rw, r, "version")
	v.Title, v.Page, v.NoIndex = p.Title+" – "+v.t.T("version.n", ver.ID), p, true
	v.Canonical = w.baseURL(r) + "/v/" + number(int64(ver.ID))
	v.Meta = citationMeta(p.Title, w.sourceLabel(ver.Source, v.Lang), ver.Lang, ver.Seen.By, fmt.Sprintf("%s/v/%d", w.baseURL(r), ver.ID))
	v.Feeds = w.feeds(v.t, v.t.T("feed.of", p.Title), fmt.Sprintf("/page/%d", ver.Page), nil)
	return w.render(rw, r, http.StatusOK, "version.html", v)
}

// twins are the pages of the same document in other languages.
func (w *web) twins(r *http.Request, page *archive.Page) ([]*archive.Page, error) {
	if page.Document == "" {
		return nil, nil
	}
	pages, err := w.Archive.Pages(r.Context(), page.Source)
	if err != nil {
		return nil, err
	}
	var out []*archive.Page
	for _, o := range pages {
		if o.Document == page.Document && o.ID != page.ID && (o.Lang != page.Lang || o.Lang == "") { // not an alias
			out = append(out, o)
		}
	}
	return out, nil
}

// groups sets the blocks of a version in groups, page furniture folded.
func groups(v *archive.Version) []group { return groupsOf(v, 0, len(v.Blocks)) }

// groupsOf is groups of the blocks from one number up to another.
func groupsOf(v *archive.Version, from, to int) []group {
	var out []group
	var fold *group
	names, langs := extract.Anchors(v.Blocks), extract.BlockLanguages(v)
	for i := from; i < to; i++ {
		b := &v.Blocks[i]
		view := blockView{N: i, Name: names[i], Kind: b.Kind, Level: b.Level, Depth: max(1, min(b.Level, 4)), Marker: b.Marker, Text: runs(b.Text, langs[i]), Refs: Refs(b, langs[i]),
			Fresh: v.Number > 1 && b.Since == v.ID}
		if b.Role != archive.Boilerplate && v.ID != 0 {
			view.Story = fmt.Sprintf("/v/%d/passage/b%d", v.ID, i)
		}
		if langs[i] != v.Lang {
			view.Lang = langs[i]
		}
		if b.Kind == archive.Row {
			for cell := range strings.SplitSeq(b.Text, " | ") {
				view.Cells = append(view.Cells, runs(cell, langs[i]))
			}
		}
		if b.Role != archive.Boilerplate {
			fold = nil
			out = add(out, view)
			continue
		}
		if fold == nil {
			out = append(out, group{Kind: "fold"})
			fold = &out[len(out)-1]
		}
		fold.Groups = add(fold.Groups, view)
		fold.Count++
	}
	return out
}

// add puts a block into the last group, or begins one.
func add(list []group, b blockView) []group {
	kind := "text"
	switch b.Kind {
	case archive.Item:
		kind = "list"
	case archive.Row:
		kind = "table"
	}
	if n := len(list); n == 0 || list[n-1].Kind != kind {
		list = append(list, group{Kind: kind})
	}
	last := &list[len(list)-1]
	last.Blocks = append(last.Blocks, b)
	last.Count++
	return list
}

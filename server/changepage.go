package server

import (
	"fmt"
	"net/http"
	"strings"

	"veille/archive"
	"veille/diff"
	"veille/extract"
	"veille/redline"
)

// How many edits a page shows, and as many hidden ones, and how much of their
// text; how many wordings are offered to compare with.
const (
	shownEdits   = 60
	shownText    = 24 << 10
	shownChoices = 60
)

// The views of a change: both wordings in one, apart, and the whole new text
// with what differs marked in it.
const (
	viewInline = "inline"
	viewSide   = "side"
	viewFull   = "full"
)

type changePage struct {
	Doc           *ChangeDocument
	PageID        archive.PageID
	Before, After *archive.Version
	ArchivedFrom  string // where the archived pages are read
	ArchivedTo    string
	Reextracted   bool
	View          string
	Views         []option
	Edits, Hidden []pieceView
	Cut           int
	Full          []fullBlock
	New           []fullBlock // the text of a page that appeared, or that was withdrawn, below its title
	FullCut       bool        // the text goes on beyond what is shown
	Prev, Next    string
	Compare       []choice
	Permalink     string
	Citation      string
	When          *timeline
	Figures       bool // an amount, a period or a date is other
}

// A pieceView is an edit at one place, as its template needs it.
type pieceView struct {
	redline.Piece
	Lang    string
	Reasons []senseView
	Next    string // the anchor of the piece after it
}

// A senseView is a sense as its template needs it: what became of what (Pair),
// the words that triggered it (Quote), or both where they do not say the same.
type senseView struct {
	diff.Sense
	Pair, Quote bool
}

// A choice is a version to compare with.
type choice struct {
	ID       archive.Seq
	Label    string
	From, To bool
}

// change is the redline between two versions of a page: "/change/17..18".
func (w *web) change(rw http.ResponseWriter, r *http.Request) error {
	if id, ok := strings.CutSuffix(r.PathValue("id"), ".docx"); ok {
		return w.docx(rw, r, id)
	}
	from, to, err := parseChangeID(r.PathValue("id"))
	if err != nil {
		return err
	}
	mode := or(r.URL.Query().Get("view"), viewInline)
	if mode != viewInline && mode != viewSide && mode != viewFull {
		return &InputError{"view", "there is no view " + quote(mode), "use inline, side or full"}
	}
	v := w.view(rw, r, "change")
	ctx := r.Context()
	doc, err := w.docs.Change(ctx, from, to, v.Lang)
	if err != nil {
		return err
	}
	p := &changePage{Doc: doc, PageID: doc.page, Permalink: w.baseURL(r) + doc.Link, View: mode}
	versions, err := w.Archive.History(ctx, doc.page)
	if err != nil {
		return err
	}
	page, err := w.Archive.PageByID(ctx, doc.page)
	if err != nil {
		return err
	}
	w.fillNeighbours(p, v.t, versions, page, from, to)
	if err := w.fillEdits(r, p); err != nil {
		return err
	}
	p.Figures = overlap(doc.Senses, []string{"amount", "deadline", "force"})
	p.When = w.whenChanged(v.t, p, versions)
	p.Citation = v.t.T("cite.change", doc.Title, w.sourceLabel(doc.Source, v.Lang), doc.URL, v.t.Seen(doc.To.Seen), p.Permalink)
	v.Title, v.Description, v.Page, v.NoIndex = doc.Title+" – "+v.t.T("change.title", doc.ID), doc.Summary, p, true
	v.Canonical = p.Permalink
	v.Meta = citationMeta(doc.Title, w.sourceLabel(doc.Source, v.Lang), doc.Lang, doc.To.Seen.By, p.Permalink)
	v.Feeds = w.feeds(v.t, v.t.T("feed.of", doc.Title), fmt.Sprintf("/page/%d", doc.page), nil)
	return w.render(rw, r, http.StatusOK, "change.html", v)
}

// fillEdits sets the edits out as the view asks.
func (w *web) fillEdits(r *http.Request, p *changePage) error {
	var langs [2][]string // of the blocks before and after
	var texts [2]*archive.Version
	for i, h := range []*archive.Version{p.Before, p.After} {
		if h == nil {
			continue
		}
		v, err := w.Archive.Version(r.Context(), h.ID)
		if err != nil {
			return err
		}
		langs[i], texts[i] = extract.BlockLanguages(v), v
	}
	after := texts[1]
	path := "/change/" + p.Doc.ID
	for _, mode := range []string{viewInline, viewSide, viewFull} {
		if mode == viewFull && (p.After == nil || p.After.Gone) {
			continue
		}
		p.Views = append(p.Views, option{Value: mode, Href: with(path, nil, "view", strings.TrimPrefix(mode, viewInline)), Current: mode == p.View})
	}
	layout := redline.Inline
	if p.View == viewSide {
		layout = redline.SideBySide
	}
	view := redline.Arrange(p.Doc.Redline(), layout, 0, nil)
	if p.View == viewFull && after != nil && !after.Gone {
		p.Full, p.FullCut = fullText(after, langs[1], view)
	}
	if p.View == viewInline {
		p.fillWhole(texts, langs)
	}
	p.Edits, p.Cut = pieces(view.Edits, p.Doc, langs)
	hidden, cut := pieces(view.Hidden, p.Doc, langs)
	p.Hidden, p.Cut = hidden, p.Cut+cut
	return nil
}

// fillWhole tells the whole text of a page that appeared or was withdrawn: its
// redline is its title.
func (p *changePage) fillWhole(texts [2]*archive.Version, langs [2][]string) {
	side := 1
	if texts[1] != nil && texts[1].Gone {
		side = 0
	}
	v := texts[side]
	if v == nil || v.Gone || side == 1 && texts[0] != nil && !texts[0].Gone {
		return
	}
	p.New, p.FullCut = fullText(v, langs[side], &redline.View{})
	if len(p.New) > 0 && len(p.New[0].Words) == 1 && p.New[0].Words[0].Text == p.Doc.Title {
		p.New = p.New[1:] // it stands above, as what came or went
	}
}

// pieces prepares edits for their template, as many as a page holds; cut is
// how many it does not.
func pieces(list []redline.Piece, doc *ChangeDocument, langs [2][]string) (out []pieceView, cut int) {
	size := 0
	for i := range list {
		e := &list[i]
		if size += len(e.Before) + len(e.After); len(out) == shownEdits || size > shownText && len(out) > 0 {
			return out, len(list) - i
		}
		v := pieceView{Piece: *e, Lang: doc.Lang}
		v.Path = shown(e.Path, doc.Title)
		side, n := langs[1], e.To
		if e.Left || n < 0 {
			side, n = langs[0], e.From
		}
		if n >= 0 && n < len(side) && side[n] != "" {
			v.Lang = side[n]
		}
		for _, s := range e.Senses {
			whole := s.Evidence == s.Before+s.After || s.Evidence == or(s.Before, "—")+" → "+or(s.After, "—")
			v.Reasons = append(v.Reasons, senseView{s, s.Before+s.After != "" && s.Before+s.After != e.Before+e.After, !whole || s.Before+s.After == e.Before+e.After})
		}
		if len(out) > 0 {
			out[len(out)-1].Next = e.ID
		}
		out = append(out, v)
	}
	return out, 0
}

// whenChanged draws the two wordings and what lies between them.
func (w *web) whenChanged(t *tongue, p *changePage, versions []*archive.Version) *timeline {
	if p.Before == nil || p.After == nil {
		return nil
	}
	var shown []*archive.Version
	for _, v := range versions {
		if v.Number >= p.Before.Number && v.Number <= p.After.Number {
			shown = append(shown, v)
		}
	}
	until := w.now()
	if p.After.Until != nil {
		until = p.After.Until.By
	}
	return newTimeline(t, shown, nil, until, p.Before.ID, p.After.ID)
}

// fillNeighbours finds the two versions, the changes before and after, and
// what else can be compared.
func (w *web) fillNeighbours(p *changePage, t *tongue, versions []*archive.Version, page *archive.Page, from, to archive.Seq) {
	for i, h := range versions {
		switch h.ID {
		case from:
			p.Before, p.ArchivedFrom = h, replayPath(h.Seen.By, page.URL)
			if i > 0 {
				p.Prev = fmt.Sprintf("%d..%d", versions[i-1].ID, h.ID)
			} else if page.News {
				p.Prev = fmt.Sprintf("0..%d", h.ID)
			}
		case to:
			p.After, p.ArchivedTo = h, replayPath(h.Seen.By, page.URL)
			p.Reextracted = h.Cause == archive.Reextracted && h.Prev == from
			if i+1 < len(versions) {
				p.Next = fmt.Sprintf("%d..%d", h.ID, versions[i+1].ID)
			}
		}
	}
	if len(versions) < 3 {
		return // there is nothing else to compare
	}
	days := map[string]int{} // how many wordings came on a day: the hour tells these apart
	for _, h := range versions {
		days[t.Date(h.Time.UTC())]++
	}
	for i := len(versions) - 1; i >= 0 && len(p.Compare) < shownChoices; i-- {
		h := versions[i]
		when := t.Date(h.Time.UTC())
		if days[when] > 1 {
			when = t.Stamp(h.Time)
		}
		p.Compare = append(p.Compare, choice{h.ID, t.T("wording.n", h.Number) + " · " + when, h.ID == from, h.ID == to})
	}
}

// compare goes to the change between two versions that a form names:
// "/change?from=17&to=18".
func (w *web) compare(rw http.ResponseWriter, r *http.Request) error {
	from, ok := parseSeq(r.FormValue("from"))
	if !ok {
		return &InputError{"from", quote(r.FormValue("from")) + " is not the number of a version", "choose one from the list"}
	}
	to, ok := parseSeq(r.FormValue("to"))
	if !ok {
		return &InputError{"to", quote(r.FormValue("to")) + " is not the number of a version", "choose one from the list"}
	}
	if from == to {
		return &InputError{"to", "this is the same version as in from", "choose two different ones"}
	}
	if from != 0 && to != 0 { // the earlier in time first
		a, err := w.Archive.VersionHead(r.Context(), from)
		if err != nil {
			return err
		}
		b, err := w.Archive.VersionHead(r.Context(), to)
		if err != nil {
			return err
		}
		if a.Page == b.Page && a.Number > b.Number {
			from, to = to, from
		}
	} else if to == 0 {
		from, to = to, from
	}
	http.Redirect(rw, r, fmt.Sprintf("/change/%d..%d", from, to), http.StatusSeeOther)
	return nil
}

package server

import (
	"fmt"
	"net/http"
	"strings"

	"veille/archive"
	"veille/diff"
)

// shownEdits is how many edits a page shows, and how many hidden ones.
const shownEdits = 200

type changePage struct {
	Doc           *ChangeDocument
	PageID        archive.PageID
	Before, After *archive.Version
	Reextracted   bool
	Edits, Hidden []editView
	Cut           int
	Prev, Next    string
	Compare       []choice
	Permalink     string
}

// An editView is an edit as its template needs it.
type editView struct {
	N      int
	Op     diff.Op
	Path   []string
	Lang   string
	Weight int
	Chrome bool
	Runs   [][]diff.Word // one list a block
	Senses []senseView
	Origin []string // of a passage that moved: the headings it stood under
	// OriginHref is where it stood.
	OriginHref string
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
	v := w.view(rw, r, "change")
	ctx := r.Context()
	doc, err := w.docs.Change(ctx, from, to, v.Lang)
	if err != nil {
		return err
	}
	p := &changePage{Doc: doc, PageID: doc.page, Permalink: w.baseURL(r) + doc.Link}
	versions, err := w.Archive.History(ctx, doc.page)
	if err != nil {
		return err
	}
	page, err := w.Archive.PageByID(ctx, doc.page)
	if err != nil {
		return err
	}
	w.fillNeighbours(p, v.t, versions, page, from, to)
	for i := range doc.Edits {
		e := edit(&doc.Edits[i], i+1, doc.Lang)
		if e.Weight < DefaultWeight {
			if len(p.Hidden) < shownEdits {
				p.Hidden = append(p.Hidden, e)
			} else {
				p.Cut++
			}
		} else if len(p.Edits) < shownEdits {
			p.Edits = append(p.Edits, e)
		} else {
			p.Cut++
		}
	}
	if err := w.origins(r, p, from); err != nil {
		return err
	}
	v.Title, v.Description, v.Page, v.NoIndex = doc.Title+" – "+v.t.T("change.title", doc.ID), doc.Summary, p, true
	v.Canonical = p.Permalink
	v.Feeds = w.feeds(v.t, v.t.T("feed.of", doc.Title), fmt.Sprintf("/page/%d", doc.page), nil)
	return w.render(rw, r, http.StatusOK, "change.html", v)
}

// origins finds where the passages stood that moved.
func (w *web) origins(r *http.Request, p *changePage, from archive.Seq) error {
	var old *archive.Version
	for i := range p.Edits {
		e := &p.Edits[i]
		at := p.Doc.Edits[e.N-1].From
		if e.Op != diff.Move || at < 0 || from == 0 {
			continue
		}
		if old == nil {
			var err error
			if old, err = w.Archive.Version(r.Context(), from); err != nil {
				return err
			}
		}
		if at < len(old.Blocks) {
			e.Origin, e.OriginHref = old.Blocks[at].Path, fmt.Sprintf("/v/%d#b%d", from, at)
		}
		if len(e.Origin) == 0 {
			e.Origin = []string{p.Doc.Title}
		}
	}
	return nil
}

// fillNeighbours finds the two versions, the changes before and after, and
// what else can be compared.
func (w *web) fillNeighbours(p *changePage, t *tongue, versions []*archive.Version, page *archive.Page, from, to archive.Seq) {
	for i, h := range versions {
		switch h.ID {
		case from:
			p.Before = h
			if i > 0 {
				p.Prev = fmt.Sprintf("%d..%d", versions[i-1].ID, h.ID)
			} else if page.News {
				p.Prev = fmt.Sprintf("0..%d", h.ID)
			}
		case to:
			p.After = h
			p.Reextracted = h.Cause == archive.Reextracted && h.Prev == from
			if i+1 < len(versions) {
				p.Next = fmt.Sprintf("%d..%d", h.ID, versions[i+1].ID)
			}
		}
	}
	const most = 200
	if len(versions) < 3 {
		return // there is nothing else to compare
	}
	for i := len(versions) - 1; i >= 0 && len(p.Compare) < most; i-- {
		h := versions[i]
		p.Compare = append(p.Compare, choice{h.ID, t.T("wording.n", h.Number) + " · " + t.Stamp(h.Time), h.ID == from, h.ID == to})
	}
}

// edit prepares one edit for its template. Where it has several blocks on a
// side they stand in paragraphs of their own.
func edit(e *diff.Edit, n int, lang string) editView {
	v := editView{N: n, Op: e.Op, Path: e.Path, Lang: lang, Weight: e.Weight, Chrome: e.Role == archive.Boilerplate}
	for _, s := range e.Senses {
		whole := s.Evidence == s.Before+s.After || s.Evidence == or(s.Before, "—")+" → "+or(s.After, "—")
		v.Senses = append(v.Senses, senseView{s, s.Before+s.After != "" && s.Before+s.After != e.Before+e.After, !whole || s.Before+s.After == e.Before+e.After})
	}
	var run []diff.Word
	for _, word := range e.Words {
		for i, part := range strings.Split(word.Text, "\n") {
			if i > 0 && len(run) > 0 {
				v.Runs = append(v.Runs, run)
				run = nil
			}
			if part != "" {
				run = append(run, diff.Word{Op: word.Op, Text: part})
			}
		}
	}
	if len(run) > 0 {
		v.Runs = append(v.Runs, run)
	}
	return v
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

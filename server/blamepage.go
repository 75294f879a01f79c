package server

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"veille/archive"
)

// ageClasses is how many ages of words are told apart by colour.
const ageClasses = 6

type blamePage struct {
	Doc     *BlameDocument
	V       *archive.Version
	Origins []originView // the newest first
	Blocks  []blamedBlock
	Leaves  *leaves
	Hidden  int // blocks of page furniture that are not shown
	AllHref string
	JSON    string
}

// An originView is a version that words stand since, in the legend.
type originView struct {
	BlameOrigin
	Nth    int // 1 is the oldest
	Age    int // its class: 0 the oldest
	Number int // of the wording of the page
	Share  int // of the words, in hundredths
}

// A blamedBlock is a block with its words by origin.
type blamedBlock struct {
	BlamedBlock
	N    int
	Href string // its biography
	Runs []blamedRun
	Note *blameNote // what is told of some of its words
}

// A blamedRun is words that stand since the same version.
type blamedRun struct {
	Text   string
	Space  string // after it
	Origin *originView
	Again  archive.Seq // the version that first brought them, 0 where it is the same
	Href   string
}

// A blameNote tells how words came to stand: the wording of their passage that
// brought them, nil if it cannot be told, with what stood there before.
type blameNote struct {
	Wording *wordingView
	Born    string
	Href    string // the whole biography
}

// blame tells of each word since when it stands: "/v/41/blame". block=b7 is the
// part of it in which that block is; note=b7-w20 tells there how the words that
// stand since version 20 came.
func (w *web) blame(rw http.ResponseWriter, r *http.Request) error {
	id, err := pathSeq(r, "version")
	if err != nil {
		return err
	}
	ver, err := w.Archive.VersionHead(r.Context(), id)
	if err != nil {
		return err
	}
	doc, err := w.docs.blameVersion(r.Context(), ver)
	if err != nil {
		return err
	}
	p := &blamePage{Doc: doc, V: ver, JSON: "/api/v1/blame?" + url.Values{"url": {ver.URL}, "at": {stampCell(ver.Time)}}.Encode()}
	if err := w.fillBlame(r, p); err != nil {
		return err
	}
	v := w.view(rw, r, "version")
	v.Title, v.Page, v.NoIndex = v.t.T("blame.title")+" – "+doc.Title, p, true
	return w.render(rw, r, http.StatusOK, "blame.html", v)
}

// fillBlame chooses the blocks that the address asks for.
func (w *web) fillBlame(r *http.Request, p *blamePage) error {
	query, doc := without(r.URL.Query(), "ui"), p.Doc
	history, err := w.Archive.History(r.Context(), p.V.Page)
	if err != nil {
		return err
	}
	offset, err := offsetOf(query)
	if err != nil {
		return err
	}
	block, since := blameTarget(query)
	all := truth(query.Get("all"))
	var shown []int // blocks
	for i := range doc.Blocks {
		switch b := &doc.Blocks[i]; {
		case len(b.Tokens) == 0:
		case b.Role != string(archive.Main) && !all:
			p.Hidden++
		default:
			if i == block {
				offset = len(shown)
			}
			shown = append(shown, i)
		}
	}
	origins := originViews(doc, history)
	path := fmt.Sprintf("/v/%d/blame", doc.Version)
	from, to, l := leaf(path, query, offset, len(shown), leafBytes, func(i int) int { return weightOfBlame(&doc.Blocks[shown[i]]) })
	p.Leaves = l
	for _, i := range shown[from:to] {
		b := blamedRuns(&doc.Blocks[i], i, doc.Version, origins, all)
		if i == block && since > 0 {
			if b.Note, err = w.noteOf(r, doc.Version, i, since); err != nil {
				return err
			}
		}
		p.Blocks = append(p.Blocks, b)
	}
	for _, o := range origins {
		p.Origins = append(p.Origins, *o)
	}
	slices.SortFunc(p.Origins, func(a, b originView) int { return b.Nth - a.Nth })
	if p.Hidden > 0 {
		p.AllHref = path + "?all=1"
	}
	return nil
}

// blameTarget reads which block an address asks for, -1 if none, and which
// version of its words, 0 if none.
func blameTarget(query url.Values) (block int, since archive.Seq) {
	name, version, _ := strings.Cut(query.Get("note"), "-w")
	if since, _ = parseSeq(version); name == "" {
		name = query.Get("block")
	}
	digits, ok := strings.CutPrefix(name, "b")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil {
		return -1, 0
	}
	return n, since
}

// noteOf tells how words of a block came to stand.
func (w *web) noteOf(r *http.Request, version archive.Seq, block int, since archive.Seq) (*blameNote, error) {
	ver, err := w.Archive.Version(r.Context(), version)
	if err != nil {
		return nil, err
	}
	where := fmt.Sprintf("b%d", block)
	doc, err := w.docs.passageOf(r.Context(), ver, where)
	if err != nil {
		return nil, err
	}
	note := &blameNote{Href: fmt.Sprintf("/v/%d/passage/%s#w%d", version, where, since)}
	views := wordingViews(doc)
	for i := range views {
		if views[i].Version == since {
			note.Wording = &views[i]
			if i == 0 {
				note.Born = doc.Born
			}
		}
	}
	return note, nil
}

// weightOfBlame is about how many bytes a block is as HTML.
func weightOfBlame(b *BlamedBlock) int {
	n := 60
	for i, t := range b.Tokens {
		if n += len(t.Text); i == 0 || t.Since != b.Tokens[i-1].Since || t.First != b.Tokens[i-1].First {
			n += 200
		}
	}
	return n
}

// blameHref is where the blame of a passage is.
func blameHref(ver *archive.Version, where string) string {
	blocks, _, err := blocksAt(ver, where)
	if err != nil {
		return fmt.Sprintf("/v/%d/blame", ver.ID)
	}
	href := fmt.Sprintf("/v/%d/blame?block=b%d", ver.ID, blocks[0])
	if ver.Blocks[blocks[0]].Role != archive.Main {
		href += "&all=1"
	}
	return fmt.Sprintf("%s#b%d", href, blocks[0])
}

// originViews number the versions that words stand since, and divide them into
// ages: the oldest has its own, and so has the newest where there are several.
func originViews(doc *BlameDocument, history []*archive.Version) map[archive.Seq]*originView {
	out := make(map[archive.Seq]*originView, len(doc.Origins))
	total := 0
	for _, o := range doc.Origins {
		total += o.Words
	}
	for i, o := range doc.Origins {
		view := &originView{BlameOrigin: o, Nth: i + 1, Share: (100*o.Words + total/2) / max(total, 1)}
		if n := len(doc.Origins); n > 1 {
			view.Age = (i*(ageClasses-1) + n - 2) / (n - 1)
		}
		for _, h := range history {
			if h.ID == o.Version {
				view.Number = h.Number
			}
		}
		out[o.Version] = view
	}
	return out
}

func blamedRuns(b *BlamedBlock, n int, version archive.Seq, origins map[archive.Seq]*originView, all bool) blamedBlock {
	out := blamedBlock{BlamedBlock: *b, N: n, Href: fmt.Sprintf("/v/%d/passage/b%d", version, n)}
	furniture := ""
	if all {
		furniture = "all=1&"
	}
	for _, t := range b.Tokens {
		if k := len(out.Runs); k > 0 && out.Runs[k-1].Origin.Version == t.Since && out.Runs[k-1].Again == t.First {
			out.Runs[k-1].Text += t.Text
			continue
		}
		out.Runs = append(out.Runs, blamedRun{Text: t.Text, Origin: origins[t.Since], Again: t.First, Href: fmt.Sprintf("?%snote=b%d-w%d#note", furniture, n, t.Since)})
	}
	for i := range out.Runs {
		r := &out.Runs[i]
		text := strings.TrimRight(r.Text, " ")
		r.Text, r.Space = text, r.Text[len(text):]
	}
	return out
}

// blameAt leads to the blame of the wording of a page that stood at a time, the
// latest if none is given: "/blame?url=…&at=…".
func (w *web) blameAt(rw http.ResponseWriter, r *http.Request) error {
	at, err := ParseTime("at", r.FormValue("at"), true)
	if err != nil {
		return err
	}
	v, err := w.docs.wording(r.Context(), r.FormValue("url"), at)
	if err != nil {
		return err
	}
	http.Redirect(rw, r, fmt.Sprintf("/v/%d/blame", v.ID), http.StatusFound)
	return nil
}

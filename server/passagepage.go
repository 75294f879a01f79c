package server

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"veille/archive"
	"veille/diff"
)

type passagePage struct {
	Doc       *PassageDocument
	Wordings  []wordingView // the newest first
	BlameHref string
	ReuseHref string
	JSONHref  string
}

// A wordingView is a wording as its template needs it.
type wordingView struct {
	PassageWording
	Lang  string
	Runs  [][]wordRun // one list a block
	Nth   int         // 1 for the first
	Under []string    // the path, where it is not that of the wording before
	Kinds []senseKind
}

// A senseKind is the senses of one code.
type senseKind struct {
	Code, Evidence string
	Count          int
}

// senseKinds counts senses by their code, in their order.
func senseKinds(senses []diff.Sense) []senseKind {
	var out []senseKind
	for _, s := range senses {
		k := slices.IndexFunc(out, func(o senseKind) bool { return o.Code == s.Code })
		if k < 0 {
			k, out = len(out), append(out, senseKind{Code: s.Code})
		} else {
			out[k].Evidence += "; "
		}
		out[k].Evidence += s.Evidence
		out[k].Count++
	}
	return out
}

// A wordRun is words that were kept, deleted or inserted.
type wordRun struct{ Op, Text string }

// passage is the biography of a passage: "/v/41/passage/b7" and
// "/v/41/passage/art-7-par-2".
func (w *web) passage(rw http.ResponseWriter, r *http.Request) error {
	id, err := pathSeq(r, "version")
	if err != nil {
		return err
	}
	ver, err := w.Archive.Version(r.Context(), id)
	if err != nil {
		return err
	}
	doc, err := w.docs.passageOf(r.Context(), ver, r.PathValue("block"))
	if err != nil {
		return err
	}
	p := &passagePage{Doc: doc, BlameHref: fmt.Sprintf("/v/%d/blame#%s", ver.ID, doc.Where)}
	at := stampCell(ver.Time)
	p.JSONHref = "/api/v1/passage?" + url.Values{"url": {ver.URL}, "block": {doc.Where}, "at": {at}}.Encode()
	p.ReuseHref = fmt.Sprintf("/v/%d/reuse/%s", ver.ID, doc.Where)
	var above []string
	for i, wording := range doc.Wordings {
		view := wordingView{PassageWording: wording, Lang: doc.Lang, Nth: i + 1, Runs: wordLines(wording), Kinds: senseKinds(wording.Senses)}
		if i == 0 || !slices.Equal(above, wording.Path) {
			view.Under = wording.Path
		}
		above = wording.Path
		p.Wordings = append(p.Wordings, view)
	}
	slices.Reverse(p.Wordings)
	v := w.view(rw, r, "version")
	v.Title, v.Page, v.NoIndex = v.t.T("passage.title")+" – "+doc.Title, p, true
	return w.render(rw, r, http.StatusOK, "passage.html", v)
}

// wordLines cut the redline of a wording, or its text, at the ends of blocks.
func wordLines(w PassageWording) [][]wordRun {
	words := make([]wordRun, 0, len(w.Words))
	for _, word := range w.Words {
		words = append(words, wordRun{word.Op, word.Text})
	}
	if len(words) == 0 {
		words = []wordRun{{"equal", w.Text}}
	}
	var out [][]wordRun
	var run []wordRun
	for _, word := range words {
		for i, part := range strings.Split(word.Text, "\n") {
			if i > 0 && len(run) > 0 {
				out, run = append(out, run), nil
			}
			if part != "" {
				run = append(run, wordRun{word.Op, part})
			}
		}
	}
	if len(run) > 0 {
		out = append(out, run)
	}
	return out
}

// ageClasses is how many ages of words are told apart by colour.
const ageClasses = 6

type blamePage struct {
	Doc     *BlameDocument
	V       *archive.Version
	Origins []originView // the newest first
	Blocks  []blamedBlock
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
}

// A blamedRun is words that stand since the same version.
type blamedRun struct {
	Text   string
	Space  string // after it
	Origin *originView
	Again  archive.Seq // the version that first brought them, 0 where it is the same
	Href   string
}

// blame tells of each word since when it stands: "/v/41/blame".
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
	all := truth(r.URL.Query().Get("all"))
	p := &blamePage{Doc: doc, V: ver, JSON: "/api/v1/blame?" + url.Values{"url": {ver.URL}, "at": {stampCell(ver.Time)}}.Encode()}
	history, err := w.Archive.History(r.Context(), ver.Page)
	if err != nil {
		return err
	}
	origins := originViews(doc, history)
	for i := range doc.Blocks {
		b := &doc.Blocks[i]
		if len(b.Tokens) == 0 {
			continue
		}
		if b.Role != string(archive.Main) && !all {
			p.Hidden++
			continue
		}
		p.Blocks = append(p.Blocks, blamedRuns(b, i, doc.Version, origins))
	}
	for _, o := range origins {
		p.Origins = append(p.Origins, *o)
	}
	slices.SortFunc(p.Origins, func(a, b originView) int { return b.Nth - a.Nth })
	if p.Hidden > 0 {
		p.AllHref = fmt.Sprintf("/v/%d/blame?all=1", id)
	}
	v := w.view(rw, r, "version")
	v.Title, v.Page, v.NoIndex = v.t.T("blame.title")+" – "+doc.Title, p, true
	return w.render(rw, r, http.StatusOK, "blame.html", v)
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

func blamedRuns(b *BlamedBlock, n int, version archive.Seq, origins map[archive.Seq]*originView) blamedBlock {
	out := blamedBlock{BlamedBlock: *b, N: n, Href: fmt.Sprintf("/v/%d/passage/b%d", version, n)}
	for _, t := range b.Tokens {
		if k := len(out.Runs); k > 0 && out.Runs[k-1].Origin.Version == t.Since && out.Runs[k-1].Again == t.First {
			out.Runs[k-1].Text += t.Text
			continue
		}
		out.Runs = append(out.Runs, blamedRun{Text: t.Text, Origin: origins[t.Since], Again: t.First, Href: fmt.Sprintf("%s#w%d", out.Href, t.Since)})
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

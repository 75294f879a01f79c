package server

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"veille/diff"
)

type passagePage struct {
	Doc       *PassageDocument
	Wordings  []wordingView // the newest first
	BlameHref string
	ReuseHref string
	JSONHref  string

	SubscribeHref string // "" for a passage that is too short or too long to be watched
}

// watchHref is the form to watch a passage as it stands, or stood last. A new
// wording of it is recognised by its words: it needs some, and no more than a
// subscription holds.
func watchHref(doc *PassageDocument) string {
	text := doc.Wordings[len(doc.Wordings)-1].Text
	if words := len(strings.Fields(text)); words < 5 || len([]rune(text)) > 2000 {
		return ""
	}
	return "/subscribe?" + url.Values{"passage": {text}, "documents": {doc.URL}}.Encode()
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
	p := &passagePage{Doc: doc, BlameHref: blameHref(ver, doc.Where)}
	at := stampCell(ver.Time)
	p.JSONHref = "/api/v1/passage?" + url.Values{"url": {ver.URL}, "block": {doc.Where}, "at": {at}}.Encode()
	p.ReuseHref = fmt.Sprintf("/v/%d/reuse/%s", ver.ID, doc.Where)
	p.SubscribeHref = watchHref(doc)
	p.Wordings = wordingViews(doc)
	slices.Reverse(p.Wordings)
	v := w.view(rw, r, "version")
	v.Title, v.Page, v.NoIndex = v.t.T("passage.title")+" – "+doc.Title, p, true
	return w.render(rw, r, http.StatusOK, "passage.html", v)
}

// wordingViews are the wordings of a passage, the oldest first.
func wordingViews(doc *PassageDocument) []wordingView {
	var out []wordingView
	var above []string
	for i, wording := range doc.Wordings {
		view := wordingView{PassageWording: wording, Lang: doc.Lang, Nth: i + 1, Runs: wordLines(wording), Kinds: senseKinds(wording.Senses)}
		if i == 0 || !slices.Equal(above, wording.Path) {
			view.Under = shown(wording.Path, doc.Title)
		}
		above = wording.Path
		out = append(out, view)
	}
	return out
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

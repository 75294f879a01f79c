package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"veille/archive"
	"veille/crawler"
	"veille/digest"
	"veille/extract"
)

// maxUpload is how large a saved page may be, with the form around it.
const maxUpload = 16 << 20

// A SavedPage is a page that somebody saved and now gives to the archive.
type SavedPage struct {
	Name   string // of the file
	Body   []byte
	URL    string // of the page; "" if the file says it
	At     string // when it was saved; "" if the file says it, or else now
	Source string // "": the one that names the page
	By     string // who gives it
	Reason string
}

// An AddedPage is what became of it.
type AddedPage struct {
	Capture archive.Seq
	URL     string
	At      time.Time
	Held    bool          // it had been there already
	Pending bool          // it is read when the pass that is under way ends
	Class   archive.Class // what it was read as, unless Pending
	Reason  string
	Page    archive.PageID // 0 if it is Pending
}

type operatorPage struct {
	Stats    archive.Stats
	Bytes    int       // of the WARC files
	Next     time.Time // when the next page is due
	Troubled []sourceLine
	States   []stateLink
	Oldest   time.Time // of the letters that wait
	Name     string    // who is logged in
	Trusted  bool
	Adds     bool
}

// operatorHome is what an operator looks at first: "/operator".
func (w *web) operatorHome(rw http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := w.view(rw, r, "operator")
	p := &operatorPage{Name: operatorName(ctx), Adds: w.Add != nil, Trusted: operatorName(ctx) != "" || w.local(r)}
	var err error
	if p.Stats, err = w.Archive.Stats(ctx); err != nil {
		return err
	}
	p.Bytes = int(p.Stats.Bytes)
	list, err := w.docs.SourceList(ctx)
	if err != nil {
		return err
	}
	for i := range list.Sources {
		if s := &list.Sources[i]; s.State == StateBlocked || s.State == StateFailing || s.Troubled > 0 {
			p.Troubled = append(p.Troubled, sourceLine{*s, s.Pages - s.Troubled, w.robotsVerdict(s)})
		}
	}
	if w.Crawler != nil {
		if p.Next, err = w.Crawler.NextDue(ctx); err != nil {
			return err
		}
	}
	if w.Digest != nil {
		figures, err := w.Digest.Store.Figures(ctx)
		if err != nil {
			return err
		}
		p.States, p.Oldest = stateLinks(figures.Letters, digest.State("-")), figures.Oldest
	}
	v.Title, v.Page, v.NoIndex = v.t.T("operator.title"), p, true
	return w.render(rw, r, http.StatusOK, "operator.html", v)
}

type addPage struct {
	URL, At, Source, Reason string
	Sources                 []option
	Wrong                   string
	Added                   *AddedPage
}

// addForm is the form to add a saved page: "/operator/add", "?url=" fills it in.
func (w *web) addForm(rw http.ResponseWriter, r *http.Request) error {
	if w.Add == nil {
		return errNoAdding
	}
	q := r.URL.Query()
	return w.showAdd(rw, r, http.StatusOK, &addPage{URL: q.Get("url"), Source: q.Get("source")})
}

func (w *web) showAdd(rw http.ResponseWriter, r *http.Request, code int, p *addPage) error {
	v := w.view(rw, r, "operator")
	p.Sources = []option{{Label: v.t.T("operator.source.itself")}}
	for _, s := range w.Sources.Sources {
		p.Sources = append(p.Sources, option{Label: s.Label(v.Lang), Value: s.ID, Current: s.ID == p.Source})
	}
	v.Title, v.Page, v.NoIndex = v.t.T("operator.add"), p, true
	return w.render(rw, r, code, "operatoradd.html", v)
}

// added takes the form. What is wrong with it is said above it.
func (w *web) added(rw http.ResponseWriter, r *http.Request) error {
	if w.Add == nil {
		return errNoAdding
	}
	if err := r.ParseMultipartForm(1 << 20); err != nil {
		return formError(err)
	}
	defer r.MultipartForm.RemoveAll()
	p := &addPage{URL: strings.TrimSpace(r.PostFormValue("url")), At: strings.TrimSpace(r.PostFormValue("at")), Source: r.PostFormValue("source"), Reason: strings.TrimSpace(r.PostFormValue("reason"))}
	file, head, err := r.FormFile("file")
	if err != nil {
		return w.wrongAdd(rw, r, p, errors.New("no file was sent; choose the saved page"))
	}
	defer file.Close()
	body, err := io.ReadAll(file)
	if err != nil {
		return fmt.Errorf("saved page: %w", err)
	}
	added, err := w.Add(r.Context(), SavedPage{Name: head.Filename, Body: body, URL: p.URL, At: p.At, Source: p.Source, Reason: p.Reason,
		By: or(operatorName(r.Context()), "operator at this machine")})
	if err != nil {
		return w.wrongAdd(rw, r, p, err)
	}
	w.Log.Info("saved page added", "capture", added.Capture, "url", added.URL, "by", operatorName(r.Context()))
	return w.showAdd(rw, r, http.StatusOK, &addPage{Added: added})
}

func (w *web) wrongAdd(rw http.ResponseWriter, r *http.Request, p *addPage, err error) error {
	p.Wrong = err.Error()
	return w.showAdd(rw, r, http.StatusBadRequest, p)
}

type tryPage struct {
	URL, Wrong string
	Tried      *tried
}

// A tried is what was read in a page.
type tried struct {
	URL, Final, Title, Lang, Reason, Source string
	Status                                  int
	Class                                   archive.Class
	Kind                                    extract.Kind
	Why                                     []string
	Blocks                                  []triedBlock
	AddHref                                 string
}

type triedBlock struct {
	Text, Path string
	Main       bool
}

// tryForm is "/operator/try".
func (w *web) tryForm(rw http.ResponseWriter, r *http.Request) error {
	return w.showTry(rw, r, http.StatusOK, &tryPage{URL: r.URL.Query().Get("url")})
}

func (w *web) showTry(rw http.ResponseWriter, r *http.Request, code int, p *tryPage) error {
	v := w.view(rw, r, "operator")
	v.Title, v.Page, v.NoIndex = v.t.T("operator.try"), p, true
	return w.render(rw, r, code, "operatortry.html", v)
}

// triedOut fetches an address and shows what is read there; it keeps nothing.
func (w *web) triedOut(rw http.ResponseWriter, r *http.Request) error {
	if w.Crawler == nil {
		return errNoAdding
	}
	if err := r.ParseForm(); err != nil {
		return formError(err)
	}
	p := &tryPage{URL: strings.TrimSpace(r.PostForm.Get("url"))}
	ctx, cancel := context.WithTimeout(r.Context(), 40*time.Second)
	defer cancel()
	c, err := w.Crawler.FetchFor(ctx, p.URL)
	if err != nil {
		p.Wrong = err.Error()
		if errors.Is(err, crawler.ErrNoContact) {
			p.Wrong = crawler.ErrNoContact.Error()
		}
		return w.showTry(rw, r, http.StatusBadRequest, p)
	}
	past, err := extract.PastOf(ctx, w.Archive, c.URL)
	if errors.Is(err, fs.ErrNotExist) {
		past, err = &extract.Past{}, nil
	}
	if err != nil {
		return err
	}
	text, err := extract.ReadAfter(ctx, c, w.Sources, past)
	if err != nil {
		return err
	}
	p.Tried = newTried(c, text)
	if s := w.Sources.Claim(c.URL); s != nil {
		p.Tried.Source = s.ID
	}
	return w.showTry(rw, r, http.StatusOK, p)
}

// maxTried is how many blocks of a page that is tried are shown.
const maxTried = 200

func newTried(c *archive.Capture, text *extract.Text) *tried {
	t := &tried{URL: c.URL, Status: c.Status, Class: text.Class, Kind: text.Kind, Reason: or(text.Reason, c.Err), Lang: text.Detected, Why: text.Why,
		AddHref: "/operator/add?" + url.Values{"url": {c.URL}}.Encode()}
	if c.FinalURL != c.URL {
		t.Final = c.FinalURL
	}
	if v := text.Version; v != nil {
		t.Title, t.Lang = v.Title, v.Lang
		for _, b := range v.Blocks[:min(len(v.Blocks), maxTried)] {
			t.Blocks = append(t.Blocks, triedBlock{b.Text, strings.Join(b.Path, " › "), b.Role != archive.Boilerplate})
		}
	}
	t.Why = slices.DeleteFunc(t.Why, func(s string) bool { return s == "" })
	return t
}

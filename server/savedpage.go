package server

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"time"

	"veille/index"
)

// countFor is how long all saved searches of a reader may take to be counted;
// what is not counted by then is shown without a number.
const countFor = 3 * time.Second

type savedPage struct {
	Searches []savedRow
	Full     bool   // there was no room for one more
	Wanted   string // the search that there was no room for, as parameters
}

// A savedRow is a saved search as it is shown.
type savedRow struct {
	ID, Label, Name, Query string
	Href                   string
	Chosen                 []string // what it is narrowed down to
	Looked                 time.Time
	Trace                  bool
	Fresh                  int  // passages, or lines of a trace, that came since; -1: not counted
	First                  bool // nothing was found when it was looked at last
	Wrong                  string
	Feeds                  []feedLink
	SubscribeHref          string
	Exports                []pair
}

// saved lists the searches that this browser keeps: "/saved".
func (w *web) saved(rw http.ResponseWriter, r *http.Request) error {
	return w.showSaved(rw, r, readSaved(r), &savedPage{}, http.StatusOK)
}

func (w *web) showSaved(rw http.ResponseWriter, r *http.Request, kept []savedSearch, p *savedPage, code int) error {
	v := w.view(rw, r, "search")
	ctx, cancel := context.WithTimeout(r.Context(), countFor)
	defer cancel()
	for i := range kept {
		row, err := w.savedRow(ctx, v.t, &kept[i])
		if err != nil {
			return err
		}
		p.Searches = append(p.Searches, row)
	}
	rw.Header().Set("Cache-Control", "no-store")
	v.Title, v.NoIndex, v.Page = v.t.T("saved.title"), true, p
	return w.render(rw, r, code, "saved.html", v)
}

func (w *web) savedRow(ctx context.Context, t *tongue, s *savedSearch) (savedRow, error) {
	values := searchValues(s.Query)
	path, query := s.page()
	row := savedRow{ID: s.id(), Label: s.label(), Name: s.Name, Query: query.Get("q"), Href: path + "?" + query.Encode(), Looked: time.Unix(s.Looked, 0).UTC(), First: s.Mark == 0,
		Feeds: w.feeds(t, t.T("feed.search", s.label()), path, query), SubscribeHref: subscribeHref(values), Exports: exportsOf(t, values, "passages", "q")}
	if row.Trace = path == "/trace"; row.Trace {
		row.Feeds, row.Exports = w.feeds(t, t.T("feed.trace", s.label()), path, query), exportsOf(t, query, "concordance", "trace")
		row.SubscribeHref = "" // its page knows the forms
	}
	for _, key := range facetKeys {
		for _, value := range values[key] {
			row.Chosen = append(row.Chosen, w.term(t, key, value))
		}
	}
	for _, key := range []string{"as_of", "from", "until"} {
		if value := values.Get(key); value != "" {
			row.Chosen = append(row.Chosen, t.T("saved."+key, t.Date(value)))
		}
	}
	var err error
	row.Fresh, err = w.fresh(ctx, values, s.Mark)
	var wrong *index.QueryError
	var input *InputError
	switch {
	case errors.As(err, &wrong): // what it asks for is no longer there
		row.Wrong = t.reason(wrong)
	case errors.As(err, &input):
		row.Wrong = input.Error()
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, errBusy):
		row.Fresh = -1
	default:
		return row, err
	}
	return row, nil
}

// fresh is how many passages a search finds that began after a mark.
func (w *web) fresh(ctx context.Context, values url.Values, mark int64) (int, error) {
	if values.Has("trace") {
		fresh, _, err := w.freshTrace(ctx, values, mark)
		return fresh, err
	}
	q, err := searchQuery(values)
	if err != nil {
		return 0, err
	}
	if q.Limit = 1; mark > 0 {
		since := time.UnixMilli(mark + 1)
		if until := q.Until; !until.IsZero() && !since.Before(until) || !q.AsOf.IsZero() && since.After(q.AsOf) {
			return 0, nil // it looks at what is past
		}
		if since.After(q.From) {
			q.From = since
		}
	}
	doc, err := w.docs.Search(ctx, q)
	var wrong *index.QueryError
	if errors.As(err, &wrong) && wrong.Code == "period" && mark > 0 { // until: or as-of: in its text
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return doc.Total, nil
}

// newestOf is when the newest passage began that a search finds, in Unix
// milliseconds; 0 if it finds none.
func (w *web) newestOf(ctx context.Context, values url.Values) (int64, error) {
	if values.Has("trace") {
		_, newest, err := w.freshTrace(ctx, values, 0)
		return newest, err
	}
	q, err := searchQuery(values)
	if err != nil {
		return 0, err
	}
	q.Limit, q.Sort = 1, "newest"
	r, err := w.Index.Search(ctx, nil, q)
	if err != nil || len(r.Hits) == 0 {
		return 0, err
	}
	h := &r.Hits[0]
	if h.Change == "removed" && h.Until != nil {
		return h.Until.By.UnixMilli(), nil
	}
	return h.Began.UnixMilli(), nil
}

// keep does what the buttons of that page, and of a search, ask for.
func (w *web) keep(rw http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return formError(err)
	}
	kept, form := readSaved(r), r.PostForm
	at := slices.IndexFunc(kept, func(s savedSearch) bool { return s.id() == form.Get("id") })
	back, values := savedPath, url.Values(nil)
	switch do := form.Get("do"); {
	case do == "save":
		if values = searchValues(form.Get("search")); values == nil {
			return &InputError{"search", "there is nothing to keep", "search first, then use the button there"}
		}
		s := savedSearch{Query: values.Encode(), Name: savedName(form.Get("name"))}
		if at = slices.IndexFunc(kept, func(k savedSearch) bool { return k.Query == s.Query }); at < 0 {
			kept, at = slices.Insert(kept, 0, s), 0
		}
		back += "#s" + s.id()
	case do == "clear":
		kept, at = nil, -1
	case at < 0: // it has been deleted in another window
		return w.showSaved(rw, r, kept, &savedPage{}, http.StatusNotFound)
	case do == "look":
		values = searchValues(kept[at].Query)
		back = "/search?" + news(values, kept[at].Mark).Encode()
		if path, query := kept[at].page(); path == "/trace" {
			back = path + "?" + query.Encode()
		}
	case do == "rename":
		kept[at].Name = savedName(form.Get("name"))
		back += "#s" + kept[at].id()
	case do == "delete":
		kept = slices.Delete(kept, at, at+1)
	default:
		return errNoAction
	}
	if values != nil {
		mark, err := w.newestOf(r.Context(), values)
		if err != nil {
			return err
		}
		kept[at].Looked, kept[at].Mark = w.now().Unix(), mark
	}
	fits, err := w.keepSaved(rw, kept)
	if err != nil {
		return err
	}
	if !fits {
		return w.showSaved(rw, r, readSaved(r), &savedPage{Full: true, Wanted: values.Encode()}, http.StatusBadRequest)
	}
	http.Redirect(rw, r, back, http.StatusSeeOther)
	return nil
}

// news are the parameters of a search for what it finds after a mark.
func news(values url.Values, mark int64) url.Values {
	out := without(values)
	out.Set("sort", "newest")
	if from, err := ParseTime("from", values.Get("from"), false); mark > 0 && err == nil && from.UnixMilli() <= mark {
		out.Set("from", time.UnixMilli(mark+1).UTC().Format(time.RFC3339Nano))
	}
	return out
}

// An opml is a list of feeds as feed readers take it in (OPML 2.0).
type opml struct {
	XMLName xml.Name      `xml:"opml"`
	Version string        `xml:"version,attr"`
	Title   string        `xml:"head>title"`
	Feeds   []opmlOutline `xml:"body>outline"`
}

type opmlOutline struct {
	Type string `xml:"type,attr"`
	Text string `xml:"text,attr"`
	Feed string `xml:"xmlUrl,attr"`
	Page string `xml:"htmlUrl,attr"`
}

// A SavedSearch is a search that a reader's browser keeps, as it is exported.
type SavedSearch struct {
	Name   string    `json:"name"`
	Link   string    `json:"link"`
	Feed   string    `json:"feed"`
	Looked time.Time `json:"looked"`
}

// savedFile is the list to take along: "/saved/feeds.opml" for a feed reader,
// "/saved/searches.json".
func (w *web) savedFile(rw http.ResponseWriter, r *http.Request) error {
	base, name := w.baseURL(r), r.PathValue("name")
	lang, _ := choose(r)
	all := []SavedSearch{}
	out := opml{Version: "2.0", Title: w.tongues[lang].T("saved.title") + " – Veille"}
	for _, s := range readSaved(r) {
		path, query := s.page()
		link, feed := base+path+"?"+query.Encode(), base+path+".atom?"+query.Encode()
		all = append(all, SavedSearch{s.label(), link, feed, time.Unix(s.Looked, 0).UTC()})
		out.Feeds = append(out.Feeds, opmlOutline{"rss", s.label(), feed, link})
	}
	var body []byte
	var kind string
	var err error
	switch name {
	case "feeds.opml":
		kind = "text/x-opml; charset=utf-8"
		if body, err = xml.MarshalIndent(out, "", "  "); err == nil {
			body = append([]byte(xml.Header), body...)
		}
	case "searches.json":
		kind = "application/json"
		body, err = json.MarshalIndent(map[string]any{"searches": all}, "", "  ")
	default:
		err = fmt.Errorf("%s: %w", quote(r.URL.Path), fs.ErrNotExist)
	}
	if err != nil {
		return err
	}
	rw.Header().Set("Cache-Control", "no-store")
	rw.Header().Set("Content-Disposition", `attachment; filename="veille-`+name+`"`)
	return w.send(rw, r, kind, append(body, '\n'))
}

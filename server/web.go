package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"veille/archive"
	"veille/internal/courtesy"
	"veille/source"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// web is a Server at work: what the pages share.
type web struct {
	*Server
	docs      *Documents
	tongues   map[string]*tongue
	templates *templates
	assets    map[string]asset
	assetTag  string
	metrics   *metrics
	base      *url.URL      // of BaseURL; nil if there is none
	asking    *limits       // of requests for subscriptions
	replaying *limits       // of replays
	patience  time.Duration // how long an asker waits for the mail to leave
	topics    []string      // that some source covers
	made      *shelf        // of exports
	keeper    *keeper       // of pages
	stats     keptStats
	takes     map[string][]string // the parameters of each route
	logins    *logins             // nil: operators cannot log in
	// addressed are the routes that end in a whole address.
	addressed []addressed
}

// An asset is a file of our own that pages load.
type asset struct {
	data []byte
	kind string
}

// A handler answers a request, or says why it cannot; [web.fail] turns errors
// into pages.
type handler func(w http.ResponseWriter, r *http.Request) error

func newWeb(s *Server) (*web, error) {
	w := &web{Server: s, assets: map[string]asset{}, asking: newLimits(1, 60), replaying: newLimits(0.5, 20), patience: 3 * time.Second, made: newShelf(), keeper: newKeeper(s.Stale), takes: takenBy(),
		docs: &Documents{Archive: s.Archive, Index: s.Index, Sources: s.Sources, Thesaurus: s.Thesaurus, Now: s.Now, turns: newTurns(.5), brief: newTurns(1)}}
	if s.Readers == nil {
		s.Readers = &courtesy.Gate{}
	}
	if s.Log == nil {
		s.Log = slog.Default()
	}
	if s.BaseURL != "" {
		base, err := url.Parse(strings.TrimRight(s.BaseURL, "/"))
		if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
			return nil, fmt.Errorf("public address %q is not an http address; give one such as https://veille.example.org", s.BaseURL)
		}
		w.base = base
	}
	if s.Login != nil {
		if err := s.Login.Check(); err != nil {
			return nil, err
		}
		w.logins = newLogins(s.Login, w.base != nil && w.base.Scheme == "https")
	}
	var err error
	if w.tongues, err = loadTongues(); err != nil {
		return nil, err
	}
	if err := w.loadAssets(); err != nil {
		return nil, err
	}
	for _, t := range s.Thesaurus.Topics() {
		if len(s.Sources.Select(nil, nil, []string{t.ID})) > 0 {
			w.topics = append(w.topics, t.ID)
		}
	}
	w.metrics = newMetrics(w)
	w.templates, err = loadTemplates(w.tongues, w.funcs)
	return w, err
}

// funcs are what templates can call, in one language.
func (w *web) funcs(t *tongue) template.FuncMap {
	of := func(prefix string) func(any) string { return func(v any) string { return t.Of(prefix, v) } }
	return template.FuncMap{
		"t": t.T, "n": t.N, "seen": t.Seen, "until": t.Until, "left": t.Left, "date": t.Date, "stamp": t.Stamp,
		"exact": t.Exact, "say": t.Say, "between": t.Between, "ended": t.Ended, "size": size,
		"weight": of("weight"), "sense": of("sense"), "op": of("op"), "state": of("state"), "kind": of("kind"),
		"cadence": of("cadence"), "mailstate": of("mail"), "langname": of("lang"), "how": of("how"), "look": of("look"), "answer": of("answer"),
		"iso":         func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
		"label":       func(id string) string { return w.sourceLabel(id, t.lang) },
		"institution": func(id string) string { return w.institutionLabel(id, t.lang) },
		"topic":       func(id string) string { return w.topicLabel(id, t.lang) },
		"uilang":      func() string { return t.lang },
		"gist":        func(summary, title, lang string) []wordsIn { return quotesIn(gist(summary, title), lang, t.lang) },
		"weekdays":    func() []string { return append(slices.Clone(t.weekdays[1:]), t.weekdays[0]) },
		"excerpt":     excerpt,
		"shown":       shown,
		"collated":    func(doc *CollationDocument, rows []rowView) collatedRows { return collatedRows{doc, rows} },
		"kindof":      of("figure"),
		"place":       of("place"),
		"number":      t.Number,
		"period":      t.Period,
		"schedule":    t.Schedule,
		"local":       t.Local,
		"blank":       blank,
		"figurevalue": func(lang string, v FigureValue) figureValueRow { return figureValueRow{lang, v} },
		"line":        func(lang string, s TraceSpan) kwicLine { return kwicLine{lang, s} },
	}
}

func (w *web) sourceLabel(id, lang string) string {
	if s := w.Sources.Source(id); s != nil {
		return s.Label(lang)
	}
	return id
}

// institutionLabel is the name of a publisher; without one, that of its only source.
func (w *web) institutionLabel(id, lang string) string {
	name := w.Sources.InstitutionLabel(id, lang)
	var of []*source.Source
	for _, s := range w.Sources.Sources {
		if s.Institution == id {
			of = append(of, s)
		}
	}
	if name == id && len(of) == 1 {
		return of[0].Label(lang)
	}
	return name
}

func (w *web) topicLabel(id, lang string) string {
	if t, ok := w.Thesaurus.Topic(id); ok {
		return t.Label(lang)
	}
	return id
}

// view is what every template gets. Page is what the page itself needs.
type view struct {
	Lang, Title, Nav       string
	Description, Canonical string
	NoIndex, Operator      bool
	// Bare pages run no script: those that show archived markup, and errors.
	// Find is the search in the head of the page; not beside another, and not where
	// the page's own markup would be hard to tell from an archived form.
	Bare, Find bool
	Feeds      []feedLink
	Beside     []feedLink // of something else, in the foot of the page under its title
	Meta       []pair     // for reference managers
	Tongues    []tongueLink
	AssetTag   string
	Page       any

	t *tongue
}

type feedLink struct{ Type, Label, Title, Href string }

type tongueLink struct {
	Code, Name, Short, Href string
	Current                 bool
}

// AllFeeds are the feeds that programs are told of.
func (v *view) AllFeeds() []feedLink { return slices.Concat(v.Feeds, v.Beside) }

// keepTongue keeps the reader's choice if the address asks for a language.
func (w *web) keepTongue(rw http.ResponseWriter, r *http.Request) {
	if lang, _ := choose(r); r.URL.Query().Get("ui") == lang {
		http.SetCookie(rw, &http.Cookie{Name: cookieName, Value: lang, Path: "/", MaxAge: 365 * 24 * 3600,
			HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: w.base != nil && w.base.Scheme == "https"})
	}
}

// view begins the page of a request, and keeps the language that it asks for.
func (w *web) view(rw http.ResponseWriter, r *http.Request, nav string) *view {
	lang, _ := choose(r)
	query := r.URL.Query()
	w.keepTongue(rw, r)
	v := &view{Lang: lang, Nav: nav, AssetTag: w.assetTag, Operator: w.operator(r), Find: nav != "search" && nav != "trace" && nav != "memento", Bare: nav == "memento" || nav == "error", t: w.tongues[lang]}
	for _, l := range Langs {
		link := tongueLink{Code: l, Name: langNames[l], Short: strings.ToUpper(l), Current: l == lang}
		if r.PathValue("address") != "" {
			link.Href = with("/language", url.Values{"back": {self(r)}}, "ui", l)
		} else if r.Method == http.MethodGet || r.Method == http.MethodHead {
			link.Href = with(r.URL.EscapedPath(), query, "ui", l)
		} else {
			link.Href = "/?ui=" + l
		}
		v.Tongues = append(v.Tongues, link)
	}
	return v
}

// with is an address with one parameter of its query set, or taken away if the
// value is "".
func with(path string, query url.Values, key, value string) string {
	q := url.Values{}
	for k, v := range query {
		q[k] = v
	}
	q.Del(key)
	if value != "" {
		q.Set(key, value)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// render writes a page. Nothing is written if its template fails.
func (w *web) render(rw http.ResponseWriter, r *http.Request, code int, name string, v *view) error {
	var b bytes.Buffer
	page, err := w.templates.page(v.Lang, name)
	if err == nil {
		err = page.Execute(&b, v)
	}
	if err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	h := rw.Header()
	h.Set("Content-Language", v.Lang)
	h.Add("Vary", "Accept-Language, Cookie")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
	if v.NoIndex {
		h.Set("X-Robots-Tag", "noindex")
	}
	if !v.Bare {
		h.Set("Content-Security-Policy", scripted)
	}
	if code != http.StatusOK {
		h.Set("Content-Type", "text/html; charset=utf-8")
		rw.WriteHeader(code)
		_, err := rw.Write(b.Bytes())
		return gone(err)
	}
	return w.send(rw, r, "text/html; charset=utf-8", b.Bytes())
}

// send writes an answer with its ETag, or 304 if the asker has it already. The
// ETag is weak: the answer may be compressed on its way, see [compress].
func (w *web) send(rw http.ResponseWriter, r *http.Request, kind string, body []byte) error {
	sum := sha256.Sum256(body)
	tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	rw.Header().Set("Content-Type", kind)
	rw.Header().Set("ETag", tag)
	http.ServeContent(rw, r, "", time.Time{}, bytes.NewReader(body))
	return nil
}

// errGone says that the reader has left; there is nobody to tell.
var errGone = errors.New("the reader has left")

func gone(err error) error {
	if err != nil {
		return errGone
	}
	return nil
}

// page makes a handler's errors into pages.
func (w *web) page(h handler) http.Handler { return w.pageOf(maxForm, h) }

// pageOf is page for forms that may send so many bytes.
func (w *web) pageOf(most int64, h handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(rw, r.Body, most)
		_, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			err = &InputError{"address", "the part after the question mark cannot be read", "write a % that is not part of a code as %25, and a ; as %3B"}
		} else if _, err = choose(r); err == nil {
			if r, err = w.asTaken(r); err == nil {
				err = h(rw, r)
			}
		}
		if err != nil && !errors.Is(err, errGone) {
			w.fail(rw, r, err)
		}
		if r.Method == http.MethodPost && w.operator(r) { // who has just added a page sees it
			w.keeper.forget()
		}
	})
}

// maxForm is how much a form may send.
const maxForm = 64 << 10

func (w *web) now() time.Time { return w.docs.now() }

// baseURL is the public address, without a slash at its end.
func (w *web) baseURL(r *http.Request) string {
	if w.base != nil {
		return w.base.String()
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return (&url.URL{Scheme: scheme, Host: r.Host}).String()
}

// pathSeq reads a number in the address.
func pathSeq(r *http.Request, what string) (archive.Seq, error) {
	text := r.PathValue("id")
	n, ok := parseSeq(text)
	if !ok || n == 0 {
		return 0, &InputError{what, quote(text) + " is not a number", "write the number of a " + what + ", such as 17"}
	}
	return n, nil
}

// left reports whether an error only says that the reader has left.
func left(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, context.Canceled)
}

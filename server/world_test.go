package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/archive"
	"veille/crawler"
	"veille/digest"
	"veille/extract"
	"veille/index"
	"veille/internal/demosite"
	"veille/source"
	"veille/thesaurus"
)

// A world is the demonstration site, watched, and the server that shows it.
type world struct {
	t       testing.TB
	server  *Server
	web     *httptest.Server
	client  *http.Client
	site    *demosite.Site
	at      string // the address of the site, "http://127.0.0.1:8000"
	crawler *crawler.Crawler
	clock   time.Time
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	w.site, err = demosite.New()
	must(err)
	target := httptest.NewServer(w.site)
	t.Cleanup(target.Close)
	w.at = target.URL
	list, err := source.Parse("sources.yaml", demosite.Sources(strings.TrimPrefix(target.URL, "http://"), "@every 1h"))
	must(err)
	names, err := thesaurus.Load()
	must(err)
	dir, log, now := t.TempDir(), slog.New(slog.DiscardHandler), func() time.Time { return w.clock }
	a, err := archive.Open(dir, log)
	must(err)
	t.Cleanup(func() { a.Close() })
	x, err := index.Open(filepath.Join(dir, "index"), list, names, digest.Comparer())
	must(err)
	t.Cleanup(func() { x.Close() })
	store, err := digest.Open(filepath.Join(dir, "subscribers.db"))
	must(err)
	t.Cleanup(func() { store.Close() })
	w.crawler = &crawler.Crawler{Archive: a, Sources: list, Log: log, Now: now}
	w.server = &Server{Archive: a, Index: x, Sources: list, Thesaurus: names, Crawler: w.crawler, Open: true, Log: log, Now: now,
		BaseURL: "http://localhost:8080",
		Digest:  &digest.Digester{Archive: a, Sources: list, Thesaurus: names, Store: store, BaseURL: "http://localhost:8080", Log: log, Now: now}}
	w.server.Add = func(context.Context, SavedPage) (*AddedPage, error) { return nil, errors.New("nothing is added here") }
	w.web = httptest.NewServer(w.server.Handler())
	t.Cleanup(w.web.Close)
	jar, err := cookiejar.New(nil)
	must(err)
	w.client = &http.Client{Jar: jar}
	return w
}

// pass crawls, reads and indexes.
func (w *world) pass() {
	w.t.Helper()
	ctx := w.t.Context()
	if _, err := w.crawler.Run(ctx, crawler.Options{}); err != nil {
		w.t.Fatal(err)
	}
	if _, err := extract.Sync(ctx, w.server.Log, w.server.Archive, w.server.Sources); err != nil {
		w.t.Fatal(err)
	}
	if err := w.server.Index.Sync(ctx, w.server.Log, w.server.Archive); err != nil {
		w.t.Fatal(err)
	}
	w.clock = w.clock.Add(2 * time.Hour)
}

// live lets the site go through all its steps.
func (w *world) live() {
	w.t.Helper()
	w.pass()
	for range demosite.Steps {
		w.site.Advance()
		w.pass()
	}
}

func (w *world) get(path string) (int, string) {
	w.t.Helper()
	return w.answer(w.client.Get(w.web.URL + path))
}

func (w *world) post(path string, form url.Values) (int, string) {
	w.t.Helper()
	return w.answer(w.client.PostForm(w.web.URL+path, form))
}

func (w *world) answer(res *http.Response, err error) (int, string) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// want gets a page, which must have that status and say all of that.
func (w *world) want(path string, code int, says ...string) string {
	w.t.Helper()
	got, body := w.get(path)
	if got != code {
		w.t.Errorf("GET %s: status %d, want %d\n%.2000s", path, got, code, body)
	}
	for _, s := range says {
		if !strings.Contains(body, s) {
			w.t.Errorf("GET %s does not say %q:\n%.6000s", path, s, body)
		}
	}
	return body
}

// subscribe asks for a subscription, so that there is a letter in the outbox.
func (w *world) subscribe() {
	w.t.Helper()
	if code, body := w.post("/subscribe", url.Values{"email": {"reader@example.org"}, "topics": {"closed-centres"}, "cadence": {"daily"}, "lang": {"en"}}); code >= 300 {
		w.t.Fatalf("subscribe: status %d\n%s", code, body)
	}
}

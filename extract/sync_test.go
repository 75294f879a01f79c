package extract

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veille/archive"
	"veille/source"
)

// A world is an archive in which pages answer day after day.
type world struct {
	t    *testing.T
	a    *archive.Archive
	list *source.List
	day  int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	a, err := archive.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{t: t, a: a, list: &source.List{Sources: []*source.Source{{ID: "s"}}}}
}

func (w *world) answer(url string, status int, body string) {
	w.t.Helper()
	w.answerAs(archive.PurposePage, url, status, body)
}

func (w *world) answerAs(purpose archive.Purpose, url string, status int, body string) {
	w.t.Helper()
	at := time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC).AddDate(0, 0, w.day)
	w.day++
	res := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s",
		status, http.StatusText(status), len(body), body)
	c := &archive.Capture{Source: "s", Purpose: purpose, URL: url, Time: at, Exchanges: []archive.Exchange{{URL: url, Time: at,
		Request: []byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"), Response: []byte(res)}}}
	if err := w.a.Add(w.t.Context(), c); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) sync() *Report {
	w.t.Helper()
	r, err := Sync(w.t.Context(), nil, w.a, w.list)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// history returns the classes of a page's looks and what versions they brought.
func (w *world) history(url string) (classes []string, versions []string) {
	w.t.Helper()
	p, err := w.a.Page(w.t.Context(), url)
	if err != nil {
		w.t.Fatal(err)
	}
	looks, err := w.a.Looks(w.t.Context(), p.ID, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := len(looks) - 1; i >= 0; i-- {
		classes = append(classes, string(looks[i].Class))
	}
	vs, err := w.a.History(w.t.Context(), p.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, v := range vs {
		s := fmt.Sprintf("%d", v.Capture)
		if v.Gone {
			s += " gone"
		}
		versions = append(versions, s)
	}
	return classes, versions
}

func htmlPage(text string) string {
	return "<html lang=en><title>A page</title><body><main><h1>A page</h1><p>" + text + "</p></main></body></html>"
}

func TestSyncHistory(t *testing.T) {
	const url = "https://example.org/a/page"
	tests := []struct {
		name     string
		answers  []string // "200 text" or a status
		classes  []string
		versions []string
	}{
		{"unchanged", []string{"200 one", "200 one", "200 two"},
			[]string{"content", "content", "content"}, []string{"1", "3"}},
		{"one 404 is an accident", []string{"200 one", "404", "200 one"},
			[]string{"content", "gone", "content"}, []string{"1"}},
		{"two in a row are not", []string{"200 one", "404", "404", "404"},
			[]string{"content", "gone", "gone", "gone"}, []string{"1", "3 gone"}},
		{"410 is certain", []string{"200 one", "410", "200 one", "200 one"},
			[]string{"content", "gone", "content", "content"}, []string{"1", "2 gone", "3"}},
		{"never there", []string{"404", "404"},
			[]string{"gone", "gone"}, nil},
		{"blocked", []string{"200 one", "403", "500", "200 two"},
			[]string{"content", "blocked", "error", "content"}, []string{"1", "4"}},
	}
	for _, test := range tests {
		for _, once := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, at once %v", test.name, once), func(t *testing.T) {
				w := newWorld(t)
				for _, a := range test.answers {
					var status int
					var text string
					fmt.Sscanf(a, "%d %s", &status, &text)
					body := ""
					if text != "" {
						body = htmlPage(text)
					}
					w.answer(url, status, body)
					if !once {
						w.sync()
					}
				}
				w.sync()
				classes, versions := w.history(url)
				if d := cmp.Diff(test.classes, classes); d != "" {
					t.Errorf("classes: wanted -, got +:\n%s", d)
				}
				if d := cmp.Diff(test.versions, versions); d != "" {
					t.Errorf("versions by capture: wanted -, got +:\n%s", d)
				}
				if r := w.sync(); r.Read != 0 || r.NewVersions != 0 {
					t.Errorf("a second pass read %d captures, want none", r.Read)
				}
			})
		}
	}
}

func TestSyncReport(t *testing.T) {
	w := newWorld(t)
	for i := range 150 {
		w.answer(fmt.Sprintf("https://example.org/p/%d", i), 200, htmlPage(fmt.Sprintf("Text of page %d.", i)))
	}
	w.answer("https://example.org/wall", 200, "<title>Request Rejected</title><body>The requested URL was rejected.")
	w.answer("https://example.org/empty", 200, "")
	w.answer("https://example.org/lost", 200, "<title>Page not found</title><body><h1>Page not found</h1>")
	w.answerAs(archive.PurposeRobots, "https://example.org/robots.txt", 200, "User-agent: *")
	w.answerAs(archive.PurposeDiscovery, "https://example.org/news", 200, htmlPage("A list."))
	r := w.sync()
	if r.Read != 153 || r.NewVersions != 150 || r.Blocked != 1 || len(r.Errors) != 2 || len(r.Added) != 150 {
		t.Errorf("read %d, %d versions, %d blocked, %d errors, %d added; want 153, 150, 1, 2, 150: %+v",
			r.Read, r.NewVersions, r.Blocked, len(r.Errors), len(r.Added), r.Errors)
	}
	for i, v := range r.Added {
		if v.ID != archive.Seq(i+1) || v.Capture != archive.Seq(i+1) {
			t.Fatalf("version %d was made of capture %d: not handed over in order", v.ID, v.Capture)
		}
	}
}

// TestSyncStrategy: a page whose main element grows scarce keeps the strategy
// of its previous version, so that its text is not all told as changed.
func TestSyncStrategy(t *testing.T) {
	const url = "https://example.org/law"
	w := newWorld(t)
	body := func(outside int) string {
		return "<html lang=en><body><div><main><h1>Law</h1><p>" + strings.Repeat("The law is the law of the land. ", 12) + "</p></main>" +
			"<div><p>" + strings.Repeat("News of other things that happened in town today. ", outside) + "</p></div></div></body></html>"
	}
	for _, n := range []int{2, 30} {
		w.answer(url, 200, body(n))
		w.sync()
	}
	p, err := w.a.Page(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	vs, err := w.a.History(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range vs {
		if v.Strategy != strategyScored {
			t.Errorf("version %d was read by strategy %q, want %q", v.ID, v.Strategy, strategyScored)
		}
	}
	if len(vs) != 2 {
		t.Errorf("%d versions, want 2", len(vs))
	}
}

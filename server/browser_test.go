package server

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"veille/archive"
	"veille/internal/attacks"
)

// A trap is the attacker's server: it remembers what it was asked for.
type trap struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newTrap(t *testing.T) *trap {
	s := &trap{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.Path)
		s.mu.Unlock()
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	t.Cleanup(s.Close)
	return s
}

// caught is what was asked for since the last time.
func (s *trap) caught() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.asked
	s.asked = nil
	return out
}

// TestHostilePagesInABrowser: no page of the collection runs anything, or asks
// anything of its author's server, when it is looked at in the archive. The
// same pages, served as they are, do both: so the test can fail. All of them
// take a minute: without VEILLE_BROWSER it looks at every fifth.
func TestHostilePagesInABrowser(t *testing.T) {
	tab := newTab(t, 3*time.Minute)
	w, evil := newWorld(t), newTrap(t)
	pages, err := attacks.List(strings.TrimPrefix(evil.URL, "http:"))
	if err != nil {
		t.Fatal(err)
	}
	enough := 10
	if os.Getenv("VEILLE_BROWSER") == "" {
		var some []string
		for i := 0; i < len(pages); i += 5 {
			some = append(some, pages[i])
		}
		pages, enough = some, 2
	}
	// title looks at a page, and returns the title it has come to.
	title := func(address string) string {
		ctx, cancel := context.WithTimeout(tab, 20*time.Second)
		defer cancel()
		if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
			return "" // it is not shown: a file to save, or a page that went on
		}
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.title"))
		if err != nil {
			return ""
		}
		return got
	}

	live := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		var n int
		fmt.Sscanf(r.URL.Path, "/%d", &n)
		rw.Header().Set("Content-Type", "text/html")
		fmt.Fprint(rw, pages[n])
	}))
	defer live.Close()
	ran, reached := 0, 0
	for i := range pages {
		if strings.Contains(title(fmt.Sprintf("%s/%d", live.URL, i)), "pwned") {
			ran++
		}
		if len(evil.caught()) > 0 {
			reached++
		}
	}
	if ran < enough || reached < enough {
		t.Fatalf("served as they are, %d pages ran and %d reached the trap: the test does not test", ran, reached)
	}
	t.Logf("of %d pages served as they are, %d ran something and %d reached their author", len(pages), ran, reached)

	for i, page := range pages {
		address := fmt.Sprintf("https://a.example/%d", i)
		w.keep(address, morning, wire("200 OK", "Content-Type: text/html\r\nRefresh: 0;url="+evil.URL+"/header\r\nLink: <"+evil.URL+"/link>; rel=preload; as=image\r\n",
			"<!doctype html><title>archived</title><body>"+page), archive.Content)
		for _, look := range []string{replayPath(morning, address), rawPath(morning, address)} {
			if got := title(w.web.URL + look); strings.Contains(got, "pwned") {
				t.Errorf("%s ran: %q", look, page)
			}
		}
	}
	if got := title(w.web.URL + replayPath(morning, "https://a.example/0")); !strings.Contains(got, "archived") {
		t.Errorf("the pages were not shown at all: the title is %q", got)
	}
	title(live.URL + "/0") // it asks the trap, after whatever was still under way
	if caught := evil.caught(); len(caught) != strings.Count(strings.Join(caught, " "), "/script") {
		t.Errorf("pages of the archive reached their author: %q", caught)
	}
}

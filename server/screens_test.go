package server

import (
	"flag"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"veille/digest"
)

// screens is where TestScreens puts its pictures.
var screens = flag.String("screens", "", "directory for pictures of every page: wide, on a phone, at 320 px, in the dark and in print")

// screensOf chooses the pages, by how the names of their pictures begin.
var screensOf = flag.String("screens-of", "", "only pictures whose names begin so")

// personal are the pages that only the links in mails lead to, once somebody
// has subscribed: to be confirmed, to be stopped, to manage.
func (w *world) personal() []string {
	w.t.Helper()
	w.subscribe()
	confirm := w.link("confirm")
	w.does(http.StatusOK, w.link("confirm"), nil)
	w.clock = w.clock.Add(48 * time.Hour)
	if _, err := w.server.Digest.Sync(w.t.Context(), digest.Options{}); err != nil {
		w.t.Fatal(err)
	}
	w.does(http.StatusAccepted, "/manage", url.Values{"email": {"reader@example.org"}})
	manage := w.link("manage")
	page := w.want(manage, http.StatusOK)
	change := regexp.MustCompile(`href="(` + regexp.QuoteMeta(manage) + `/\d+)"`).FindStringSubmatch(page)
	if change == nil {
		w.t.Fatalf("the page to manage subscriptions leads to none:\n%s", page)
	}
	w.post("/subscribe", url.Values{"email": {"another@example.org"}, "query": {"return hub"}, "cadence": {"weekly"}, "lang": {"nl"}})
	return []string{confirm, w.link("confirm"), w.link("stop"), manage, change[1]}
}

// TestScreens takes pictures of every page, to be looked at:
//
//	go test ./server -run TestScreens -screens DIR
//
// The names are those of the addresses; the pictures of a page stand together.
func TestScreens(t *testing.T) {
	if *screens == "" {
		t.Skip("pictures are taken with -screens DIR")
	}
	if err := os.MkdirAll(*screens, 0o755); err != nil {
		t.Fatal(err)
	}
	tab := newTab(t, 9*time.Minute)
	w := newWorld(t)
	w.live()
	w.server.BaseURL = ""
	taken := map[string]bool{}
	for _, path := range append(everyPage(), w.personal()...) {
		name := pictureName(path)
		for taken[name] {
			name += "+"
		}
		taken[name] = true
		if !strings.HasPrefix(name, *screensOf) {
			continue
		}
		if err := chromedp.Do(tab, chromedp.Navigate(w.web.URL+strings.ReplaceAll(path, "{site}", w.at))); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, s := range []struct {
			name          string
			medium        string
			dark          bool
			width, height int64
		}{{"wide", "screen", false, 1280, 800}, {"dark", "screen", true, 1280, 800}, {"phone", "screen", false, 390, 844}, {"small", "screen", true, 320, 640}, {"print", "print", false, 720, 1018}} {
			err := chromedp.Do(tab, chromedp.EmulateViewport(s.width, s.height), shownOn(s.medium, s.dark))
			var picture []byte
			if err == nil {
				picture, err = chromedp.Run(tab, chromedp.FullScreenshot(100))
			}
			if err == nil {
				err = os.WriteFile(filepath.Join(*screens, name+"."+s.name+".png"), picture, 0o644)
			}
			if err != nil {
				t.Fatalf("%s, %s: %v", path, s.name, err)
			}
		}
	}
}

// pictureName is the name of a page's pictures: what of its address a file name
// can hold, without the tokens of personal links.
func pictureName(path string) string {
	name := regexp.MustCompile(`/[A-Za-z0-9_-]{30,}`).ReplaceAllString(path, "/token")
	name = strings.Trim(regexp.MustCompile(`[^A-Za-z0-9.=-]+`).ReplaceAllString(name, "_"), "_")
	if name == "" {
		return "home"
	}
	return name[:min(len(name), 60)]
}

package server

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
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

// screensLang is the language of the pages.
var screensLang = flag.String("screens-lang", "en", "language of the pages in the pictures")

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

// A pose is a page to take pictures of, and what is done in it first.
type pose struct{ name, path, do string }

// poses are all pages, and those that a click leads to.
func (w *world) poses() []pose {
	var out []pose
	taken := map[string]bool{}
	for _, path := range append(everyPage(), append(w.personal(), "/outbox/1.html", "/web/20260303080000/{site}/en/closed-centres", "/web/*/{site}/en/closed-centres")...) {
		name := pictureName(path)
		for taken[name] {
			name += "+"
		}
		taken[name] = true
		out = append(out, pose{name, path, ""})
	}
	gone, err := w.server.Archive.VersionHead(w.t.Context(), 43)
	if err != nil {
		w.t.Fatal(err)
	}
	withdrawal := fmt.Sprintf("/change/%d..43", gone.Prev)
	const fill = `for (const [k, v] of Object.entries(%s)) document.querySelector("[name=" + k + "]").value = v; document.querySelector("main form:last-of-type button").click()`
	return append(out,
		pose{"help", "/change/7..25", `document.querySelector("#keys").showModal()`},
		pose{"home-filter", "/", `document.querySelector(".filters details").open = true`},
		pose{"subscribe-all", "/subscribe", `document.querySelectorAll("details").forEach((d) => d.open = true)`},
		pose{"subscribe-preview", "/subscribe", fmt.Sprintf(fill, `{email: "reader@example.org", query: "closed centre"}`)},
		pose{"subscribe-wrong", "/subscribe", fmt.Sprintf(fill, `{email: "reader@example.org", query: "(a"}`)},
		pose{"operator-tried", "/operator/try", fmt.Sprintf(fill, `{url: "`+w.at+`/en/closed-centres"}`)},
		pose{"trace-wrong", "/trace?q=(a", ""},
		pose{"trace-none", "/trace?q=nothingofthekind", ""},
		pose{"figures-none", "/figures?q=nothingofthekind", ""},
		pose{"search-asof", "/search?q=places&as_of=2026-03-03&lang=en&topic=closed-centres", ""},
		pose{"search-concept", "/search?q=return+hub", ""},
		pose{"search-number", "/search?q=Directive+2008/115/EC", ""},
		pose{"wrong-filter", "/?min_weight=9", ""},
		pose{"saved-search", "/search?q=places", `document.querySelector("form [name=search]").form.querySelector("button").click()`},
		pose{"withdrawn", "/v/43", ""},
		pose{"withdrawal", withdrawal, ""},
		pose{"blame-note", "/v/20/blame?block=b9", ""})
}

// TestScreens takes pictures of every page, to be looked at:
//
//	go test ./server -run TestScreens -screens DIR
//
// The names are those of the addresses; the pictures of a page stand together.
// With -screens-lang fr all are in French.
func TestScreens(t *testing.T) {
	if *screens == "" {
		t.Skip("pictures are taken with -screens DIR")
	}
	if err := os.MkdirAll(*screens, 0o755); err != nil {
		t.Fatal(err)
	}
	tab := newTab(t, 15*time.Minute)
	bare := newWorld(t)
	bare.server.BaseURL = ""
	bare.photograph(tab, []pose{{"empty-home", "/", ""}, {"empty-sources", "/sources", ""}, {"empty-source", "/source/demo-ministry", ""}, {"empty-search", "/search?q=return", ""}, {"empty-topic", "/topics/closed-centres", ""}, {"empty-operator", "/operator", ""}, {"empty-outbox", "/outbox", ""}})
	hash, err := HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	closed := locked(t, &Login{PasswordHash: hash})
	closed.photograph(tab, []pose{{"login", "/operator", ""}, {"login-wrong", "/operator", `document.querySelector("#password").value = "wrong"; document.querySelector("main form button").click()`}})
	behind := drifted(t)
	behind.BaseURL = ""
	site := httptest.NewServer(behind.Handler())
	defer site.Close()
	(&world{t: t, web: site}).photograph(tab, []pose{{"drift", "/page/1?beside=2", ""}, {"drift-other", "/page/2?beside=1", ""}})
	w := newWorld(t)
	w.live()
	w.server.BaseURL = ""
	w.photograph(tab, w.poses())
}

// photograph takes the pictures of some pages.
func (w *world) photograph(tab context.Context, poses []pose) {
	t := w.t
	t.Helper()
	if err := chromedp.Do(tab, chromedp.Navigate(w.web.URL+"/sources?ui="+*screensLang)); err != nil {
		t.Fatal(err)
	}
	for _, p := range poses {
		if !strings.HasPrefix(p.name, *screensOf) {
			continue
		}
		// a picture is as high as the page was when it was last painted: it is loaded as the first is taken
		if err := chromedp.Do(tab, chromedp.EmulateViewport(1280, 800), shownOn("screen", false), chromedp.Navigate(w.web.URL+strings.ReplaceAll(p.path, "{site}", w.at))); err != nil {
			t.Fatalf("%s: %v", p.path, err)
		}
		if p.do != "" {
			w.act(tab, p)
		}
		for _, s := range []struct {
			name          string
			medium        string
			dark          bool
			width, height int64
		}{{"wide", "screen", false, 1280, 800}, {"dark", "screen", true, 1280, 800}, {"phone", "screen", false, 375, 812}, {"small", "screen", true, 320, 640}, {"print", "print", false, 720, 1018}} {
			err := chromedp.Do(tab, chromedp.EmulateViewport(s.width, s.height), shownOn(s.medium, s.dark))
			var picture []byte
			if err == nil {
				picture, err = chromedp.Run(tab, chromedp.FullScreenshot(100))
			}
			if err == nil {
				err = os.WriteFile(filepath.Join(*screens, p.name+"."+s.name+".png"), picture, 0o644)
			}
			if err != nil {
				t.Fatalf("%s, %s: %v", p.path, s.name, err)
			}
		}
	}
}

// act does what is to be done in a page, and waits for the page that a click
// leads to.
func (w *world) act(tab context.Context, p pose) {
	w.t.Helper()
	run := func(script string) string {
		state, err := chromedp.Run(tab, chromedp.Evaluate[string](script))
		if err != nil {
			w.t.Fatalf("%s, %s: %v", p.path, p.do, err)
		}
		return state
	}
	run(`document.documentElement.dataset.old = "1"; ` + p.do + `; ""`)
	for begin := time.Now(); strings.Contains(p.do, "click()") && run(`document.readyState === "complete" && !document.documentElement.dataset.old ? "new" : "old"`) == "old"; {
		if time.Since(begin) > 20*time.Second {
			w.t.Fatalf("%s, %s: leads nowhere", p.path, p.do)
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

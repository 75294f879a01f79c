package server

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"veille/archive"
)

// A walker goes through the pages with nothing but a keyboard.
type walker struct {
	t    *testing.T
	tab  func(what string, steps ...chromedp.Action[chromedp.Void])
	eval func(script string) string
}

// newWalker opens a page of a world that has had its life.
func newWalker(t *testing.T, path string) (*walker, *world) {
	t.Helper()
	tab := newTab(t, 2*time.Minute)
	w := newWorld(t)
	w.live()
	w.server.BaseURL = ""
	k := &walker{t: t, tab: func(what string, steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(tab, steps...); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}, eval: func(script string) string {
		t.Helper()
		s, err := chromedp.Run(tab, chromedp.Evaluate[string](script))
		if err != nil {
			t.Fatalf("%s: %v", script, err)
		}
		return s
	}}
	k.tab("open", chromedp.EmulateViewport(1280, 900), chromedp.Navigate(w.web.URL+path))
	return k, w
}

// press presses keys where the focus is.
func (k *walker) press(keys string) {
	k.t.Helper()
	k.tab("press "+keys, chromedp.KeyEvent(keys))
}

// to presses the tabulator until what has the focus matches a selector.
func (k *walker) to(selector string) {
	k.t.Helper()
	for range 300 {
		if k.eval(fmt.Sprintf(`String(document.activeElement?.matches(%q) ?? false)`, selector)) == "true" {
			if k.eval(`getComputedStyle(document.activeElement).outlineStyle`) == "none" {
				k.t.Errorf("nothing shows that %s has the focus", selector)
			}
			return
		}
		k.press(kb.Tab)
	}
	k.t.Fatalf("the tabulator never comes to %s on %s", selector, k.eval("location.href"))
}

// enter presses Enter and waits for the page it leads to.
func (k *walker) enter() {
	k.t.Helper()
	k.eval(`document.documentElement.dataset.old = "1"`)
	k.press(kb.Enter)
	for begin := time.Now(); k.eval(`document.readyState === "complete" && !document.documentElement.dataset.old ? "new" : "old"`) == "old"; {
		if time.Since(begin) > 20*time.Second {
			k.t.Fatalf("Enter leads nowhere from %s", k.eval("location.href"))
		}
	}
}

func (k *walker) see(want string) {
	k.t.Helper()
	if got := k.eval(`document.querySelector("main").innerText`); !strings.Contains(got, want) {
		k.t.Errorf("%s does not say %q:\n%.3000s", k.eval("location.href"), want, got)
	}
}

// TestAnOfficerInABrowser finds the wording of a sentence on a day, and cites it.
func TestAnOfficerInABrowser(t *testing.T) {
	k, w := newWalker(t, "/")
	k.press("/") // to the search
	k.press(`"total capacity"`)
	k.enter()
	k.see("815 places")
	k.to(`input[name="as_of"]`)
	k.eval(`document.activeElement.value = "2026-03-03"; ""`) // a date field is typed in the order of the reader's country
	k.enter()
	if at := k.eval("location.search"); !strings.Contains(at, "as_of=2026-03-03") {
		t.Errorf("the day is not asked for: %s", at)
	}
	k.to(`.hit a[href^="/v/"]`)
	k.enter()
	k.see("places")
	k.to(`a[href^="/cite/"]`)
	w.want(k.eval(`document.activeElement.getAttribute("href")`), 200, "Ministry", "/v/")
}

// TestAnAdvocateInABrowser subscribes to what is on the page.
func TestAnAdvocateInABrowser(t *testing.T) {
	k, w := newWalker(t, "/topics")
	k.to(`a[href="/topics/closed-centres"]`)
	k.enter()
	k.see("What stands today")
	k.to(`a[href^="/subscribe?topics="]`)
	k.enter()
	if k.eval(`String(document.querySelector("#topic-closed-centres").checked)`) != "true" {
		t.Error("the topic is not filled in")
	}
	k.to("#email")
	k.press("advocate@example.org")
	k.to(`button[value="subscribe"]`)
	k.enter()
	k.see("mail")
	w.want(w.link("confirm"), 200, "advocate@example.org")
}

// TestAResearcherInABrowser traces a phrase, and takes it along.
func TestAResearcherInABrowser(t *testing.T) {
	k, w := newWalker(t, "/trace")
	k.to("#q")
	k.press("places")
	k.enter()
	k.see("640 places")
	k.to(`a[href^="/trace.csv"]`)
	code, csv := w.get(k.eval(`document.activeElement.getAttribute("href")`))
	if code != 200 || !strings.Contains(csv, "capacity of 640 ,places") || !strings.Contains(csv, "first_seen") {
		t.Errorf("the export: %d\n%.800s", code, csv)
	}
}

// TestAnOperatorInABrowser sees which source is blocked, and attaches a copy
// that somebody saved.
func TestAnOperatorInABrowser(t *testing.T) {
	k, w := newWalker(t, "/operator")
	var got SavedPage // what would be put into the archive
	w.server.Add = func(_ context.Context, p SavedPage) (*AddedPage, error) {
		got = p
		return &AddedPage{Capture: 7, URL: p.URL, Class: archive.Content, Page: 12}, nil
	}
	w.web.Config.Handler = w.server.Handler()
	k.see("blocked")
	k.to(`main a[href="/source/demo-ministry"]`)
	k.enter()
	k.see("request rejected by a firewall")
	k.to(`a[href^="/operator/add"][href*="statistics"]`)
	k.enter()
	k.eval(`(() => { const saved = new DataTransfer();
		saved.items.add(new File(["<html lang=en><title>Return in figures</title><p>In the past year 3,500 people returned voluntarily.</p>"], "saved.html", {type: "text/html"}));
		document.querySelector("main input[type=file]").files = saved.files; return "" })()`)
	k.to("#reason")
	k.press("saved by a reader")
	k.to("main form button")
	k.enter()
	k.see("answered, with content")
	k.to(`main a[href="/page/12"]`)
	if !strings.HasSuffix(got.URL, "/en/statistics") || got.Reason != "saved by a reader" || !strings.Contains(string(got.Body), "3,500 people") {
		t.Errorf("attached is %+v", got)
	}
}

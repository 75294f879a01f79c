package server

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// newTab opens Chromium; the test is skipped where there is none, unless
// VEILLE_BROWSER says that there must be.
func newTab(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("VEILLE_BROWSER") != "" {
			t.Fatal("VEILLE_BROWSER is set, and there is no chromium")
		}
		t.Skip("chromium is not installed")
	}
	ctx, stop := context.WithTimeout(t.Context(), limit)
	t.Cleanup(stop)
	alloc, cancel := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))...)
	t.Cleanup(cancel)
	tab, cancelTab := chromedp.NewContext(alloc)
	t.Cleanup(cancelTab)
	if err := chromedp.Do(tab); err != nil {
		t.Fatal(err)
	}
	return tab
}

// everyPage are addresses of all pages, in the states that look different. The
// numbers are those that a world has after its life.
func everyPage() []string {
	return []string{"/", "/?min_weight=0", "/?sense=deadline", "/?topic=return-hubs&min_weight=5", "/search", "/search?q=return", "/search?q=places&past=1", "/search?q=return&calendar=1", "/search?q=(a", "/search?q=nothingofthekind", "/search?q=places+OR+return&limit=2", "/saved",
		"/trace", "/trace?q=places", "/figures", "/figures?q=places", "/figures?url={site}/en/closed-centres", "/topics", "/topics/closed-centres", "/topics/masterplan", "/sources", "/source/demo-ministry", "/source/demo-report", "/page/2", "/page/5?beside=7", "/page/11", "/page/12", "/v/1", "/v/20", "/v/20/blame", "/v/20/passage/b13", "/v/20/reuse/b13", "/collate?url={site}/en/return-decision",
		"/change/1..16", "/change/7..25", "/change/7..25?view=side", "/change/7..25?view=full", "/change/0..24", "/change/37..43", "/subscribe", "/subscribe?query=return&topics=appeals",
		"/operator", "/operator/add?url=https://a.example/x", "/operator/try", "/outbox", "/outbox/1", "/nonsense", "/confirm/forged", "/manage"}
}

// seen is what a browser finds in a page.
type seen struct {
	Wide, Width int     // of the content, of the window
	Shift       float64 // cumulative layout shift
	Widest      string  // what sticks out
	Moved       string  // what shifted
}

const look = `(async () => {
	await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30)));
	let shift = 0, moved = "";
	const found = await new Promise((done) => { new PerformanceObserver((l) => done(l.getEntries())).observe({type: "layout-shift", buffered: true}); setTimeout(() => done([]), 30); });
	for (const e of found) { shift += e.value; moved += e.sources.map((s) => s.node?.outerHTML?.slice(0, 120)).join(" | "); }
	const out = [...document.querySelectorAll("body *")].find((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, pre, .pointed"));
	return {Wide: document.documentElement.scrollWidth, Width: innerWidth, Shift: shift, Widest: out ? out.outerHTML.slice(0, 200) : "", Moved: moved};
})()`

const axeRun = `axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
	.then((r) => JSON.stringify(r.violations.map((v) => v.id + ": " + v.help + " – " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + " " + (n.any[0]?.message ?? "")).join(" | "))))`

// TestPagesInABrowser looks at every page in Chromium, wide and narrow, in
// light and dark: nothing sticks out at 320 px, nothing shifts, nothing is
// asked of other hosts, and axe-core finds nothing. axe-core is looked for
// under VEILLE_TOOLS, which .ci/run fills. Without VEILLE_BROWSER it looks at
// wide pages in light and narrow ones in dark.
func TestPagesInABrowser(t *testing.T) {
	tab := newTab(t, 5*time.Minute)
	axe, noAxe := os.ReadFile(filepath.Join(os.Getenv("VEILLE_TOOLS"), "axe-core", "axe.min.js"))
	w := newWorld(t)
	w.live()
	w.server.BaseURL = ""
	personal := w.personal()
	abroad := map[string]bool{}
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	must("listen", chromedp.Listen(tab, func(ev any) {
		if e, ok := ev.(*network.EventRequestWillBeSent); ok && !strings.HasPrefix(e.Request.URL, w.web.URL) && !strings.HasPrefix(e.Request.URL, "about:") && !strings.HasPrefix(e.Request.URL, "data:") {
			abroad[e.Request.URL] = true
		}
	}))
	pages := append(everyPage(), personal...)
	for _, dark := range []bool{false, true} {
		for _, width := range []int64{1280, 320} {
			if os.Getenv("VEILLE_BROWSER") == "" && dark != (width == 320) {
				continue
			}
			must("size", chromedp.Do(tab, chromedp.EmulateViewport(width, 900), shownOn("screen", dark)))
			for _, path := range pages {
				name := fmt.Sprintf("%s at %d px, dark %v", path, width, dark)
				open := func() seen {
					must(name, chromedp.Do(tab, chromedp.Navigate(w.web.URL+strings.ReplaceAll(path, "{site}", w.at))))
					s, err := chromedp.Run(tab, chromedp.Evaluate[seen](look, chromedp.EvalAwaitPromise))
					must(name, err)
					return s
				}
				s := open()
				if s.Shift > 0 { // on a busy machine a page may be painted in the middle of a style sheet: what is ours comes again
					s = open()
				}
				if s.Wide > s.Width {
					t.Errorf("%s: the page is %d px wide: %s", name, s.Wide, s.Widest)
				}
				if s.Shift > 0 {
					t.Errorf("%s: shifts by %.4f: %s", name, s.Shift, s.Moved)
				}
				if noAxe == nil && (width > 1000 || !dark) {
					examine(t, tab, name, string(axe))
				}
			}
		}
	}
	for u := range abroad {
		t.Errorf("a page asks for %s", u)
	}
	if noAxe != nil {
		t.Skipf("all but axe-core: %v", noAxe)
	}
}

// examine has axe-core look at the page.
func examine(t *testing.T, tab context.Context, name, axe string) {
	t.Helper()
	if _, err := chromedp.Run(tab, chromedp.Evaluate[any](axe+"; null")); err != nil {
		t.Fatalf("%s: axe: %v", name, err)
	}
	found, err := chromedp.Run(tab, chromedp.Evaluate[string](axeRun, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: axe: %v", name, err)
	}
	var violations []string
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Errorf("%s: axe: %s", name, v)
	}
}

// shownOn has the browser show pages as on a medium, "screen" or "print", to
// somebody who prefers light or dark.
func shownOn(medium string, dark bool) chromedp.Action[chromedp.Void] {
	value := map[bool]string{true: "dark", false: "light"}[dark]
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}}})
		return err
	})
}

// TestKeysInABrowser walks with single keys: to the search, from change to
// change, into one of them, from edit to edit, to its neighbour in time; and
// the keys can be turned off.
func TestKeysInABrowser(t *testing.T) {
	tab := newTab(t, 2*time.Minute)
	w := newWorld(t)
	w.live()
	w.server.BaseURL = ""
	open := func(path string) {
		t.Helper()
		if err := chromedp.Do(tab, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(w.web.URL+path)); err != nil {
			t.Fatal(err)
		}
	}
	// press types a key where the focus is, and says what has the focus then.
	press := func(key, want string) {
		t.Helper()
		const script = `(() => { (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", {key: %q, bubbles: true, cancelable: true}));
			const a = document.activeElement; return document.querySelector("dialog[open]") ? "help" : a.id || a.closest("article")?.querySelector("a")?.getAttribute("href") || a.tagName; })()`
		got, err := chromedp.Run(tab, chromedp.Evaluate[string](fmt.Sprintf(script, key)))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("after %q the focus is on %q, want %q", key, got, want)
		}
	}
	open("/")
	press("/", "find")
	press("j", "find") // it is typed
	press("Escape", "BODY")
	press("j", "/change/")
	press("j", "/change/")
	press("?", "help")
	open("/change/7..25")
	press("j", "#e")
	press("j", "#from")
	press("k", "#e")
	if _, err := chromedp.Run(tab, chromedp.Evaluate[any](`localStorage.setItem("keys", "off"); null`)); err != nil {
		t.Fatal(err)
	}
	open("/")
	press("/", "BODY")
}

// TestPaperInABrowser: what is printed says of itself what was asked.
func TestPaperInABrowser(t *testing.T) {
	w := newWorld(t)
	w.live()
	tab := newTab(t, time.Minute)
	for _, path := range []string{"/search?q=places", "/trace?q=places", "/figures?q=places"} {
		const height = `(() => { const h = document.querySelector("h1"), b = h.getBoundingClientRect(); return h.innerText.includes("places") && b.height > 10 && b.width > 50 ? "shown" : "not shown: " + h.innerText })()`
		if err := chromedp.Do(tab, chromedp.EmulateViewport(720, 1018), shownOn("print", false), chromedp.Navigate(w.web.URL+path)); err != nil {
			t.Fatal(err)
		}
		if got, err := chromedp.Run(tab, chromedp.Evaluate[string](height)); err != nil || got != "shown" {
			t.Errorf("%s on paper: %s, %v", path, got, err)
		}
	}
}

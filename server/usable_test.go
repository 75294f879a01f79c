package server

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// reach is what a finger or an eye would miss on a page: what makes it wider
// than the window, and targets of less than 24 px that are neither words in a
// sentence nor far enough from every other (WCAG 2.2, 1.4.10 and 2.5.8).
const reach = `(() => {
	const out = [];
	if (document.documentElement.scrollWidth > innerWidth) {
		const wide = [...document.querySelectorAll("body *")].find((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, pre, .pointed"));
		out.push("the page is " + document.documentElement.scrollWidth + " px wide: " + (wide?.outerHTML.slice(0, 160) ?? "?"));
	}
	const targets = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")].map((e) => {
		const label = e.matches("input") && document.querySelector("label[for='" + e.id + "']");
		const r = e.getBoundingClientRect(), l = label && label.getBoundingClientRect();
		return {e, r: l ? {left: Math.min(l.left, r.left), right: Math.max(l.right, r.right), top: Math.min(l.top, r.top), bottom: Math.max(l.bottom, r.bottom)} : r};
	}).filter(({e, r}) => e.checkVisibility({visibilityProperty: true}) && r.right > 0 && r.right - r.left > 1 && !e.closest(".vh, .skip"));
	const inText = (e) => getComputedStyle(e).display === "inline" && [...e.parentElement.childNodes].some((n) => n !== e && n.textContent.trim().length > 1);
	const small = ({r}) => r.right - r.left < 24 || r.bottom - r.top < 24;
	const near = (a, b) => { // does a circle of 24 px about the middle of a touch b, or b's circle?
		const x = (a.r.left + a.r.right) / 2, y = (a.r.top + a.r.bottom) / 2;
		if (small(b)) return Math.hypot(x - (b.r.left + b.r.right) / 2, y - (b.r.top + b.r.bottom) / 2) < 24;
		return Math.hypot(Math.max(b.r.left - x, 0, x - b.r.right), Math.max(b.r.top - y, 0, y - b.r.bottom)) < 12;
	};
	for (const t of targets.filter(small)) {
		if (inText(t.e)) continue;
		const other = targets.find((o) => o !== t && near(t, o));
		if (other) out.push("a target of " + Math.round(t.r.right - t.r.left) + " × " + Math.round(t.r.bottom - t.r.top) + " px, " + t.e.outerHTML.slice(0, 120) + ", beside " + other.e.outerHTML.slice(0, 120));
	}
	return out;
})()`

// TestUsableInABrowser: in every language, on the smallest phone – which is a
// window of 1280 px enlarged fourfold –, on a phone and enlarged twice, nothing
// sticks out of any page, and whatever can be pressed can be hit.
func TestUsableInABrowser(t *testing.T) {
	if os.Getenv("VEILLE_BROWSER") == "" {
		t.Skip("looks at every page in four languages, with VEILLE_BROWSER")
	}
	tab := newTab(t, 8*time.Minute)
	w := newWorld(t)
	w.live()
	w.server.BaseURL = ""
	pages := append(everyPage(), w.personal()...)
	for _, lang := range Langs {
		if err := chromedp.Do(tab, chromedp.Navigate(w.web.URL+"/sources?ui="+lang)); err != nil {
			t.Fatal(err)
		}
		for _, path := range pages {
			if err := chromedp.Do(tab, chromedp.Navigate(w.web.URL+strings.ReplaceAll(path, "{site}", w.at))); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			for _, width := range []int64{320, 375, 640} {
				if err := chromedp.Do(tab, chromedp.EmulateViewport(width, 800)); err != nil {
					t.Fatal(err)
				}
				missed, err := chromedp.Run(tab, chromedp.Evaluate[[]string](reach))
				if err != nil {
					t.Fatalf("%s: %v", path, err)
				}
				for _, m := range missed {
					t.Errorf("%s in %s at %d px: %s", path, lang, width, m)
				}
			}
		}
	}
}

// TestFocusInABrowser: whoever walks through a page with the tabulator, on and
// back, sees where the focus is, and nothing lies above it (WCAG 2.2, 2.4.7
// and 2.4.11). Without VEILLE_BROWSER it walks through two pages.
func TestFocusInABrowser(t *testing.T) {
	pages := []string{"/change/7..25", "/search?q=return", "/", "/page/2", "/v/20", "/subscribe"}
	if os.Getenv("VEILLE_BROWSER") == "" {
		pages = pages[:2]
	}
	for _, path := range pages {
		k, _ := newWalker(t, path)
		k.tab("a phone", chromedp.EmulateViewport(375, 600))
		k.prefer("prefers-reduced-motion", "reduce") // pages are where the focus is at once
		for _, step := range []chromedp.Action[chromedp.Void]{chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift))} {
			for n := 0; ; n++ {
				k.tab("the tabulator", step)
				got := k.eval(`(() => {
					const e = document.activeElement;
					if (!e || e === document.body) return "end";
					const r = e.getClientRects()[0], x = Math.min(r.left + r.width / 2, innerWidth - 2), y = r.top + r.height / 2;
					if (getComputedStyle(e).outlineStyle === "none") return "no outline: " + e.outerHTML.slice(0, 120);
					if (r.bottom < 1 || r.top > innerHeight - 1) return "out of sight: " + e.outerHTML.slice(0, 120);
					const above = document.elementFromPoint(x, Math.max(y, 1));
					const label = e.labels && [...e.labels].includes(above);
					return !above || e.contains(above) || above.contains(e) || label ? "" : above.outerHTML.slice(0, 80) + " lies above " + e.outerHTML.slice(0, 120);
				})()`)
				if got == "end" && n > 0 {
					break
				}
				if got != "" && got != "end" {
					t.Errorf("%s: %s", path, got)
				}
				if n > 400 {
					t.Fatalf("%s: the tabulator comes to no end", path)
				}
			}
		}
	}
}

// prefer has the reader prefer something.
func (k *walker) prefer(name, value string) {
	k.t.Helper()
	k.tab(name, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: name, Value: value}}})
		return err
	}))
}

// TestPreferencesInABrowser: motion is as the reader wants it, and a page in
// the reader's own colours keeps its marks.
func TestPreferencesInABrowser(t *testing.T) {
	k, _ := newWalker(t, "/change/7..25")
	for value, want := range map[string]string{"reduce": "auto", "no-preference": "smooth"} {
		k.prefer("prefers-reduced-motion", value)
		if got := k.eval(`getComputedStyle(document.documentElement).scrollBehavior`); got != want {
			t.Errorf("with prefers-reduced-motion: %s, pages scroll %s, want %s", value, got, want)
		}
	}
	k.prefer("forced-colors", "active")
	for selector, want := range map[string]string{"del": "line-through", "ins": "underline"} {
		if got := k.eval(fmt.Sprintf(`getComputedStyle(document.querySelector(".redline %s")).textDecorationLine`, selector)); got != want {
			t.Errorf("in forced colours, %s is marked by %q, want %q", selector, got, want)
		}
	}
}

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestInABrowser is a newcomer at the demonstration: sees a change as a
// redline, subscribes, and confirms from the mail.
func TestInABrowser(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 90*time.Second)
	defer stop()
	b := newBrowser(t, ctx)
	s := start(t, ctx, "demo", "--listen", "127.0.0.1:0", "--every", "1s")
	b.base = s.url

	// The first change appears by itself once the site has changed.
	b.until("/", `a[href^="/change/"]`)
	b.click(`a[href^="/change/"]`)
	if n := b.count("ins") + b.count("del"); n == 0 {
		t.Errorf("the change page shows nothing inserted or deleted:\n%s", b.text("main"))
	}
	b.see("main", "→")

	b.open("/subscribe")
	b.fill("#email", "newcomer@example.org")
	b.click(`button[value="subscribe"]`)
	b.open("/outbox")
	b.see("main", "newcomer@example.org")
	b.click(`a[href^="/outbox/"]`)
	b.click(`a[href*="/confirm/"]`)
	b.click(`form[method="post"] button`) // the link alone confirms nothing
	b.see("main", "newcomer@example.org")

	if errs := s.errs.String(); strings.Contains(errs, "level=ERROR") {
		t.Errorf("the program logged errors:\n%s", errs)
	}
	b.close()
	stop()
	if code := <-s.done; code != 0 {
		t.Errorf("the demonstration ended with %d:\n%s", code, s.errs)
	}
}

// A browser is one tab, looking at an instance.
type browser struct {
	t     *testing.T
	ctx   context.Context
	base  string
	close func()
}

// newBrowser opens a tab of the real Chromium; without one the test is skipped.
func newBrowser(t *testing.T, ctx context.Context) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("VEILLE_BROWSER") != "" {
			t.Fatal("VEILLE_BROWSER is set, and there is no chromium")
		}
		t.Skip("chromium is not installed")
	}
	alloc, cancel := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))...)
	t.Cleanup(cancel)
	tab, closeTab := chromedp.NewContext(alloc)
	t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil { // the tab lives as long as the context that opens it
		t.Fatal(err)
	}
	return &browser{t: t, ctx: tab, close: closeTab}
}

func (b *browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

func (b *browser) open(path string) {
	b.t.Helper()
	b.do("open "+path, chromedp.Navigate(b.base+path), chromedp.WaitReady(chromedp.CSS("main")))
}

// click follows a link or presses a button, and waits for the page it leads to.
func (b *browser) click(selector string) {
	b.t.Helper()
	b.do("mark the page", discard(chromedp.Evaluate[bool](`(document.documentElement.dataset.old = "1") === "1"`)))
	b.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
	for start := time.Now(); ; {
		// While the old page goes there may be no page to ask.
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.readyState === "complete" && !document.documentElement.dataset.old`))
		if ok && err == nil {
			return
		}
		if time.Since(start) > 20*time.Second {
			b.t.Fatalf("click %s leads nowhere: %v", selector, err)
		}
		select {
		case <-b.ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (b *browser) fill(selector, text string) {
	b.t.Helper()
	b.do("fill "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// until opens a page again and again until it holds what a selector chooses.
func (b *browser) until(path, selector string) {
	b.t.Helper()
	for b.open(path); b.count(selector) == 0; b.open(path) {
		select {
		case <-b.ctx.Done():
			b.t.Fatalf("%s never held %s:\n%s", path, selector, b.text("main"))
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (b *browser) count(selector string) int {
	b.t.Helper()
	n, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](fmt.Sprintf("document.querySelectorAll(%q).length", selector)))
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *browser) text(selector string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q).innerText", selector)))
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *browser) see(selector, want string) {
	b.t.Helper()
	if got := b.text(selector); !strings.Contains(got, want) {
		b.t.Errorf("the page does not say %q:\n%s", want, got)
	}
}

// discard makes a step of an action whose value does not matter.
func discard[T any](a chromedp.Action[T]) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := a(ctx, t)
		return chromedp.Void{}, err
	}
}

package main

import (
	"context"
	"os"
	"os/exec"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// The slow profile: a processor four times as slow as this one, behind a line of
// ten megabits whose answers begin 40 ms late.
const (
	slowdown   = 4
	latency    = 40             // ms
	throughput = 10e6 / 8 * 0.9 // bytes/s, after the line's own needs
)

// A browser is a tab of Chromium on a slow machine.
type browser struct {
	tab   context.Context
	close func()
}

func newBrowser(ctx context.Context) (*browser, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "veille-bench-browser-")
	if err != nil {
		return nil, err
	}
	alloc, stop := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(dir), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))...)
	tab, stopTab := chromedp.NewContext(alloc)
	b := &browser{tab: tab, close: func() { stopTab(); stop(); os.RemoveAll(dir) }}
	if err := chromedp.Do(tab, chromedp.EmulateViewport(1280, 900), chromedp.Func(slow), chromedp.Navigate("about:blank")); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// slow makes the machine and the line slow, and has nothing kept between pages.
func slow(ctx context.Context, target *chromedp.Target) error {
	if _, err := cdp.Call(ctx, target, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: slowdown}); err != nil {
		return err
	}
	if _, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{}); err != nil {
		return err
	}
	if _, err := cdp.Call(ctx, target, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}); err != nil {
		return err
	}
	_, err := cdp.Call(ctx, target, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Latency: latency, DownloadThroughput: throughput, UploadThroughput: throughput}}})
	return err
}

const seen = `(async () => {
	await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)));
	const entries = (type) => new Promise((done) => { new PerformanceObserver((l) => done(l.getEntries())).observe({type, buffered: true}); setTimeout(() => done([]), 200); });
	let shift = 0;
	for (const e of await entries("layout-shift")) shift += e.value;
	const paint = (await entries("paint")).find((e) => e.name === "first-contentful-paint");
	return {Paint: paint ? paint.startTime : -1, Shift: shift};
})()`

// look opens a page with nothing of it in the browser's cache, and notes when
// something was first shown, the better of two times, and how far it shifted.
func (b *browser) look(url string, r *result) error {
	tab, done := context.WithTimeout(b.tab, time.Minute)
	defer done()
	best := 0.0
	for i := range 2 {
		if err := chromedp.Do(tab, chromedp.Navigate("about:blank"), chromedp.Navigate(url)); err != nil {
			return err
		}
		got, err := chromedp.Run(tab, chromedp.Evaluate[struct{ Paint, Shift float64 }](seen, chromedp.EvalAwaitPromise))
		if err != nil {
			return err
		}
		if i == 0 || got.Paint < best {
			best = got.Paint
		}
		r.shift = max(r.shift, got.Shift)
	}
	r.paint = max(r.paint, best)
	return nil
}

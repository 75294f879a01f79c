// Command serve measures how fast Veille's pages are, how large, and how soon a
// browser shows them, on an archive of a thousand documents with twenty versions
// each.
//
//	go run ./bench/serve [-cache DIR] [-only PART] [-urls N] [-readers N]
//
// It makes the archive – texts of differing lengths in four languages, of twenty
// publishers – or takes the one that the directory has from an earlier run,
// starts the real `veille serve` on it, and prints one table: for each kind of
// page the time to answer many different addresses of it, one after another,
// and the processor time of the server for each, on the average and of 95 in
// 100; the size of the HTML, plain and compressed, and of the scripts; when
// Chromium first shows something on a slow machine behind a slow line, and how
// far the page shifts. Then so many readers, each opening a page, reading for
// some seconds and going on, while a
// site of five hundred pages is crawled, of which every tenth is other at each
// look. The limit stands beside each row.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// What a page may take.
const (
	limitTime   = 50.0  // ms, of 95 in 100 addresses
	limitHTML   = 100e3 // bytes
	limitScript = 60e3
	limitPaint  = 500.0 // ms
	limitLoad   = 250.0 // ms, of 95 in 100 requests
)

type bed struct {
	documents, versions int
	urls, readers       int
	dir, only, profile  string
	think, load         time.Duration
	browser             bool
}

func main() {
	b := &bed{}
	cache := flag.String("cache", filepath.Join(os.TempDir(), "veille-bench-serve"), "where the archive is kept between runs")
	flag.IntVar(&b.documents, "documents", 1000, "documents in the archive")
	flag.IntVar(&b.versions, "versions", 20, "versions of each")
	flag.IntVar(&b.urls, "urls", 40, "different addresses of each kind of page")
	flag.IntVar(&b.readers, "readers", 200, "readers at once, beside a crawl; 0 leaves this out")
	flag.DurationVar(&b.think, "think", 5*time.Second, "how long a reader reads a page, on the average")
	flag.DurationVar(&b.load, "load", 40*time.Second, "for how long they read")
	flag.BoolVar(&b.browser, "browser", true, "measure in Chromium too, where it is installed")
	flag.StringVar(&b.only, "only", "", "only kinds of page whose names begin so; several are separated by |")
	flag.StringVar(&b.profile, "profile", "", "measure no kind of page, but write a CPU profile of each into this directory, and of what the server does while everybody reads")
	flag.Parse()
	b.dir = filepath.Join(*cache, fmt.Sprintf("%dx%d", b.documents, b.versions))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := b.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

// run measures all of it.
func (b *bed) run(ctx context.Context) error {
	if err := b.make(ctx); err != nil {
		return err
	}
	program := filepath.Join(b.dir, "veille")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/veille").CombinedOutput(); err != nil {
		return fmt.Errorf("build veille: %w: %s", err, out)
	}
	kinds, err := b.kinds(ctx)
	if err != nil {
		return err
	}
	if b.profile != "" {
		if err := b.profiled(ctx, kinds); err != nil || b.readers == 0 {
			return err
		}
		return b.crowd(ctx, program, kinds)
	}
	s, err := b.start(ctx, program, b.data(), b.sourcesFile())
	if err != nil {
		return err
	}
	fmt.Printf("%d documents × %d versions; %d addresses of each kind; load of the machine %s\n\n", b.documents, b.versions, b.urls, machineLoad())
	err = b.pages(ctx, s, kinds)
	if err = errors.Join(err, s.stop()); err != nil || b.readers == 0 {
		return err
	}
	return b.crowd(ctx, program, kinds)
}

// pages prints the table of all kinds of pages.
func (b *bed) pages(ctx context.Context, s *server, kinds []kind) error {
	fmt.Printf("first page after the start: %.0f ms, the processor busy for %.0f ms since the start; at rest after %s\n\n", s.first, s.firstCPU, s.settle(ctx))
	var view *browser
	if b.browser {
		var err error
		if view, err = newBrowser(ctx); err != nil {
			fmt.Printf("without a browser: %v\n\n", err)
		} else {
			defer view.close()
		}
	}
	fmt.Printf("%-26s %7s %7s %7s %7s %7s %8s %7s %7s %7s %6s\n", "", "p50 ms", "p95 ms", "max ms", "cpu ms", "cpu p95", "HTML KB", "gz KB", "script", "paint", "shift")
	fmt.Printf("%-26s %7s %7.0f %7s %7s %7s %8.0f %7s %7.0f %7.0f %6d\n", "limit", "", limitTime, "", "", "", limitHTML/1e3, "", limitScript/1e3, limitPaint, 0)
	over := 0
	for _, k := range kinds {
		if !b.chosen(k) || ctx.Err() != nil {
			continue
		}
		r, err := s.measure(ctx, k)
		if err != nil {
			return err
		}
		paint, shift := "–", "–"
		if view != nil && k.page {
			for _, url := range r.shown() {
				if err := view.look(s.url+url, r); err != nil {
					return fmt.Errorf("%s in Chromium: %w", url, err)
				}
			}
			paint, shift = fmt.Sprintf("%.0f", r.paint), fmt.Sprintf("%.3f", r.shift)
		}
		faults := r.faults()
		over += len(faults)
		fmt.Printf("%-26s %7.1f %7.1f %7.1f %7.1f %7.1f %8.1f %7.1f %7.1f %7s %6s   %s\n", k.name, at(r.took, .5), at(r.took, .95), at(r.took, 1), mean(r.cpu), at(r.cpu, .95), r.html/1e3, r.gz/1e3, r.script/1e3, paint, shift, strings.Join(faults, ", "))
	}
	fmt.Printf("\n%d figures over their limit; load of the machine %s\n", over, machineLoad())
	return ctx.Err()
}

// chosen reports whether a kind of page is to be measured.
func (b *bed) chosen(k kind) bool {
	return slices.ContainsFunc(strings.Split(b.only, "|"), func(name string) bool { return strings.HasPrefix(k.name, name) })
}

func machineLoad() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(text))[0]
}

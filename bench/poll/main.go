// Command poll measures how long it takes to look again at pages that have not
// changed, side by side with urlwatch on the same machine in the same run.
//
//	go run ./bench/poll -server DIR
//
// DIR holds the source of a page server that takes -addr, -pages and -size,
// serves /page/N and answers POST /noise?on=1. urlwatch is Debian's package of
// that name; without it its columns stay empty.
//
// It prints wall time, CPU time and peak memory of whole processes: 500 and
// 5,000 unchanged pages of 60 KB; 500 pages with a clock and a random token on
// each, and how many changes that gives; and the start of `veille serve`.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

type bench struct {
	dir    string // scratch
	veille string // the program
	server string // the page server
	addr   string
	runs   int
}

// A result is what one process took.
type result struct {
	wall, cpu time.Duration
	rss       int64 // bytes
	out       string
}

func main() {
	dir := flag.String("server", os.Getenv("VEILLE_BENCHSERVER"), "directory of the page server's source")
	runs := flag.Int("runs", 5, "polls of which the median is printed")
	large := flag.Int("large", 5000, "pages of the large run; 0 leaves it out")
	flag.Parse()
	if *dir == "" {
		fmt.Println("skipped: name the page server's directory with -server or VEILLE_BENCHSERVER")
		return
	}
	if err := run(*dir, *runs, *large); err != nil {
		log.Fatal(err)
	}
}

func run(server string, runs, large int) error {
	dir, err := os.MkdirTemp("", "veille-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{dir: dir, veille: filepath.Join(dir, "veille"), server: filepath.Join(dir, "server"), addr: "127.0.0.1:18500", runs: runs}
	for _, build := range [][]string{{".", b.veille, "./cmd/veille"}, {server, b.server, "."}} {
		cmd := exec.Command("go", "build", "-o", build[1], build[2])
		cmd.Dir = build[0]
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w: %s", build[2], err, out)
		}
	}
	fmt.Printf("%-34s %10s %10s %10s %10s\n", "", "wall", "cpu", "peak MB", "urlwatch")
	small, err := b.size(500, true)
	if err != nil {
		return err
	}
	if large > 0 {
		big, err := b.size(large, false)
		if err != nil {
			return err
		}
		fmt.Printf("%-34s %10.2f   (limit 11)\n", fmt.Sprintf("time of %d / time of 500", large), big.Seconds()/small.Seconds())
	}
	return nil
}

// size measures one number of pages; it returns the median poll.
func (b *bench) size(n int, noise bool) (time.Duration, error) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	if err := b.serve(ctx, n); err != nil {
		return 0, err
	}
	defer func() { stop(); time.Sleep(200 * time.Millisecond) }()
	data, sources := filepath.Join(b.dir, fmt.Sprint("data", n)), filepath.Join(b.dir, fmt.Sprint(n, ".yaml"))
	if err := os.WriteFile(sources, []byte(b.sources(n)), 0o644); err != nil {
		return 0, err
	}
	crawl := []string{b.veille, "crawl", "--json", "--quiet", "--data", data, "--sources", sources}
	first, err := measure(crawl...)
	if err != nil {
		return 0, err
	}
	b.row(fmt.Sprintf("first crawl of %d pages", n), first, nil)
	poll, watch, err := b.polls(crawl, n)
	if err != nil {
		return 0, err
	}
	b.row(fmt.Sprintf("poll of %d unchanged pages", n), poll, watch)
	if noise {
		if err := b.noise(crawl, data, sources); err != nil {
			return 0, err
		}
	}
	return poll.wall, b.startup(data, sources)
}

// polls measures veille and urlwatch in turn, and returns the medians.
func (b *bench) polls(crawl []string, n int) (poll, watch *result, err error) {
	urlwatch := b.urlwatch(n)
	if urlwatch != nil {
		if _, err := measure(urlwatch...); err != nil {
			return nil, nil, err
		}
	}
	var ours, theirs []*result
	for range b.runs {
		r, err := measure(crawl...)
		if err != nil {
			return nil, nil, err
		}
		ours = append(ours, r)
		if urlwatch != nil {
			if r, err = measure(urlwatch...); err != nil {
				return nil, nil, err
			}
			theirs = append(theirs, r)
		}
	}
	return median(ours), median(theirs), nil
}

// noise turns the clock and the token on and counts the changes they make.
func (b *bench) noise(crawl []string, data, sources string) error {
	if err := post("http://" + b.addr + "/noise?on=1"); err != nil {
		return err
	}
	var last *result
	for range 3 {
		var err error
		if last, err = measure(crawl...); err != nil {
			return err
		}
	}
	b.row("poll of 500 pages with noise", last, nil)
	r, err := measure(b.veille, "changes", "--json", "--min-weight", "2", "--data", data, "--sources", sources)
	if err != nil {
		return err
	}
	var doc struct{ Total int }
	if err := json.Unmarshal([]byte(r.out), &doc); err != nil {
		return err
	}
	fmt.Printf("%-34s %10d   (limit 0)\n", "  changes of weight ≥ 2 from noise", doc.Total)
	return nil
}

// startup measures `veille serve` until it answers.
func (b *bench) startup(data, sources string) error {
	start := time.Now()
	cmd := exec.Command(b.veille, "serve", "--listen", "127.0.0.1:18600", "--data", data, "--sources", sources)
	if err := cmd.Start(); err != nil {
		return err
	}
	defer cmd.Wait()
	defer cmd.Process.Signal(syscall.SIGTERM)
	for time.Since(start) < 20*time.Second {
		if res, err := http.Get("http://127.0.0.1:18600/healthz"); err == nil {
			res.Body.Close()
			fmt.Printf("%-34s %9.2fs   (limit 1 s)\n", "start of veille serve", time.Since(start).Seconds())
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	return fmt.Errorf("veille serve does not answer")
}

func (b *bench) row(name string, r, watch *result) {
	other := ""
	if watch != nil {
		other = fmt.Sprintf("%.2fs/%dMB", watch.wall.Seconds(), watch.rss>>20)
	}
	fmt.Printf("%-34s %9.2fs %9.2fs %10d %10s\n", name, r.wall.Seconds(), r.cpu.Seconds(), r.rss>>20, other)
}

func (b *bench) serve(ctx context.Context, n int) error {
	cmd := exec.CommandContext(ctx, b.server, "-addr", b.addr, "-pages", fmt.Sprint(n))
	if err := cmd.Start(); err != nil {
		return err
	}
	go cmd.Wait()
	for range 400 {
		if res, err := http.Get("http://" + b.addr + "/page/0"); err == nil {
			res.Body.Close()
			return nil
		}
		time.Sleep(25 * time.Millisecond)
	}
	return fmt.Errorf("the page server does not answer")
}

func (b *bench) sources(n int) string {
	var s strings.Builder
	fmt.Fprintf(&s, "hosts:\n  %s: {min_delay: 0s}\nsources:\n  - id: bench\n    name: {en: Bench}\n    institution: bench\n    kind: government\n    jurisdiction: BE\n    topics: [closed-centres]\n    schedule: \"@every 1h\"\n    pages:\n", b.addr)
	for i := range n {
		fmt.Fprintf(&s, "      - {en: \"http://%s/page/%d\"}\n", b.addr, i)
	}
	return s.String()
}

// urlwatch is the command line that polls n pages, nil where it is missing.
func (b *bench) urlwatch(n int) []string {
	if _, err := exec.LookPath("urlwatch"); err != nil {
		return nil
	}
	var urls []string
	for i := range n {
		urls = append(urls, fmt.Sprintf("url: http://%s/page/%d\n", b.addr, i))
	}
	name := func(s string) string { return filepath.Join(b.dir, fmt.Sprint("urlwatch", n, s)) }
	for file, text := range map[string]string{name(".urls"): strings.Join(urls, "---\n"), name(".yaml"): "display: {new: false}\nreport: {stdout: {enabled: false}}\n"} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return nil
		}
	}
	return []string{"urlwatch", "--urls", name(".urls"), "--config", name(".yaml"), "--cache", name(".db")}
}

func measure(args ...string) (*result, error) {
	cmd := exec.Command(args[0], args[1:]...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w: %s%s", strings.Join(args[:2], " "), err, out.String(), errs.String())
	}
	u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return &result{time.Since(start), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), u.Maxrss << 10, out.String()}, nil
}

func median(rs []*result) *result {
	if len(rs) == 0 {
		return nil
	}
	slices.SortFunc(rs, func(a, b *result) int { return int(a.wall - b.wall) })
	return rs[len(rs)/2]
}

func post(url string) error {
	res, err := http.Post(url, "", nil)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

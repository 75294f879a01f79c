// Command crash kills the whole program – kill -9, at random moments of a
// crawl or an import – and looks after each time for what was lost:
//
//	go run ./bench/crash [-n 200]
//
// After each kill the archive is opened and verified, each version that the
// program had logged as kept must be there, and the tamper-evident log must go
// on from the checkpoint before (RFC 6962 consistency). At the end one crawl
// completes the work, and catalogue and changes must be what a rebuild makes.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"veille/archive"
	"veille/archive/warc"
)

const pages = 40

func main() {
	n := flag.Int("n", 200, "kills")
	seed := flag.Uint64("seed", 1, "of the moments")
	flag.Parse()
	if err := run(*n, *seed); err != nil {
		log.Fatal(err)
	}
}

type bench struct {
	dir, veille, data, sources, other string
	rand                              *rand.Rand
	kept                              map[archive.Seq]string // versions that were logged as kept, and their pages
	checkpoint                        *archive.Checkpoint
	span                              time.Duration
	kills, early, opened              int
}

func run(n int, seed uint64) error {
	dir, err := os.MkdirTemp("", "veille-crash-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{dir: dir, veille: filepath.Join(dir, "veille"), data: filepath.Join(dir, "data"), sources: filepath.Join(dir, "sources.yaml"),
		other: filepath.Join(dir, "other.warc.gz"), rand: rand.New(rand.NewPCG(seed, 200)), kept: map[archive.Seq]string{}}
	if out, err := exec.Command("go", "build", "-o", b.veille, "./cmd/veille").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, out)
	}
	var state atomic.Int64
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { page(w, r, state.Load()) }))
	defer site.Close()
	if err := b.describe(site.URL); err != nil {
		return err
	}
	start := time.Now()
	if _, err := b.output("crawl"); err != nil {
		return err
	}
	b.span = time.Since(start) // of a whole one
	for b.kills < n {
		state.Add(1)
		command := []string{"crawl", "--verbose"}
		if b.kills%4 == 3 {
			if err := b.write(site.URL, int(state.Load())); err != nil {
				return err
			}
			command = []string{"import", b.other, "--verbose"}
		}
		if err := b.kill(command...); err != nil {
			return err
		}
		if err := b.check(); err != nil {
			return fmt.Errorf("after kill %d, of %s: %w", b.kills, command[0], err)
		}
	}
	if err := b.end(); err != nil {
		return err
	}
	fmt.Printf("%d kills in %.0f s, %d of them before anything new was said to be kept: %d versions were kept and none lost; the log of %d entries goes on from all %d checkpoints; "+
		"no digest is wrong; catalogue and changes are what a rebuild makes\n", b.kills, time.Since(start).Seconds(), b.early, len(b.kept), b.checkpoint.Size, b.opened)
	return nil
}

// page is a page of which some are another each time.
func page(w http.ResponseWriter, r *http.Request, state int64) {
	n, err := strconv.Atoi(filepath.Base(r.URL.Path))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<html lang="en"><title>Page %d</title><main><h1>Page %d</h1><p>This is what stands here always.</p><p>There are %d places.</p>%s</main></html>`,
		n, n, 100+state/int64(1+n%5), bytes.Repeat([]byte("<p>And more of it, at length, for the sake of its size.</p>\n"), 100))
}

// describe writes sources.yaml.
func (b *bench) describe(site string) error {
	var y bytes.Buffer
	fmt.Fprintf(&y, "hosts:\n  %s: {min_delay: 0s}\nsources:\n  - id: crash\n    kind: ngo\n    jurisdiction: BE\n    topics: [all]\n    pages:\n", site[len("http://"):])
	for i := range pages {
		fmt.Fprintf(&y, "      - {en: %q}\n", fmt.Sprintf("%s/%d", site, i))
	}
	return os.WriteFile(b.sources, y.Bytes(), 0o644)
}

// write makes another crawler's file, of times before all others.
func (b *bench) write(site string, state int) error {
	var w warc.Writer
	for i := range 60 {
		rec := httptest.NewRecorder()
		n := b.rand.IntN(pages)
		page(rec, httptest.NewRequest(http.MethodGet, fmt.Sprintf("/%d", n), nil), int64(b.rand.IntN(1000)))
		body := rec.Body.Bytes()
		r := warc.New(warc.TypeResponse, time.Date(2010, 1, 1, 0, b.rand.IntN(1e6), state%60, i*1e6, time.UTC), "application/http;msgtype=response",
			append(fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n", len(body)), body...))
		r.Set("WARC-Target-URI", fmt.Sprintf("%s/%d", site, n))
		if _, err := w.Append(r); err != nil {
			return err
		}
	}
	return os.WriteFile(b.other, w.Bytes(), 0o644)
}

var newVersion = regexp.MustCompile(`msg="new version".* url=(\S+) capture=\d+ version=(\d+)`)

// kill runs a command and kills it after a while.
func (b *bench) kill(command ...string) error {
	for {
		cmd := exec.Command(b.veille, append(command, "--data", b.data, "--sources", b.sources)...)
		errs, err := cmd.StderrPipe()
		if err != nil {
			return err
		}
		if err := cmd.Start(); err != nil {
			return err
		}
		timer := time.AfterFunc(time.Duration(b.rand.Int64N(int64(b.span))), func() { cmd.Process.Kill() })
		logged := 0
		lines := bufio.NewReader(errs)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				break // what was not logged to the end does not count
			}
			if m := newVersion.FindStringSubmatch(line); m != nil {
				id, _ := strconv.Atoi(m[2])
				b.kept[archive.Seq(id)] = m[1]
				logged++
			}
		}
		err = cmd.Wait()
		timer.Stop()
		var exit *exec.ExitError
		if errors.As(err, &exit) && !exit.Exited() { // by a signal
			b.kills++
			if logged == 0 {
				b.early++
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("%v: %w", command, err)
		}
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// check opens the archive and looks for what is missing.
func (b *bench) check() error {
	ctx := context.Background()
	a, err := archive.Open(b.data, quiet())
	if err != nil {
		return err
	}
	defer a.Close()
	for id, url := range b.kept {
		v, err := a.VersionHead(ctx, id)
		if err != nil {
			return err
		}
		if v.URL != url {
			return fmt.Errorf("version %d is of %s, it was of %s", id, v.URL, url)
		}
	}
	rep, err := a.Verify(ctx)
	if err != nil {
		return err
	}
	if !rep.OK {
		return fmt.Errorf("verify: %q", rep.Problems)
	}
	now, err := archive.ParseCheckpoint(a.Checkpoint(), a.LogKey())
	if err != nil {
		return err
	}
	if old := b.checkpoint; old != nil && old.Size > 0 && old.Size < now.Size {
		reader := tlog.TileHashReader(tlog.Tree{N: now.Size, Hash: now.Root}, tiles{a})
		proof, err := tlog.ProveTree(now.Size, old.Size, reader)
		if err == nil {
			err = tlog.CheckTree(proof, now.Size, now.Root, old.Size, old.Root)
		}
		if err != nil {
			return fmt.Errorf("the log of %d entries does not go on from the one of %d: %w", now.Size, old.Size, err)
		}
		b.opened++
	} else if old != nil && old.Size > now.Size {
		return fmt.Errorf("the log had %d entries, it has %d", old.Size, now.Size)
	}
	b.checkpoint = now
	return nil
}

// tiles reads the log as a monitor would.
type tiles struct{ a *archive.Archive }

// Height implements [tlog.TileReader].
func (tiles) Height() int { return 8 }

// ReadTiles implements [tlog.TileReader].
func (t tiles) ReadTiles(want []tlog.Tile) (out [][]byte, err error) {
	for _, w := range want {
		b, err := t.a.Tile(context.Background(), w.L, w.N, w.W)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// SaveTiles implements [tlog.TileReader].
func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// end completes the work, and holds all against a rebuild.
func (b *bench) end() error {
	if _, err := b.output("crawl"); err != nil {
		return err
	}
	before, err := b.output("changes", "--json", "--min-weight", "0", "--limit", "500")
	if err != nil {
		return err
	}
	for _, command := range []string{"verify", "rebuild", "verify"} {
		if _, err := b.output(command); err != nil {
			return err
		}
	}
	after, err := b.output("changes", "--json", "--min-weight", "0", "--limit", "500")
	if err != nil {
		return err
	}
	if !bytes.Equal(before, after) {
		return errors.New("after a rebuild the changes are not the same")
	}
	return b.check()
}

func (b *bench) output(command ...string) ([]byte, error) {
	cmd := exec.Command(b.veille, append(command, "--quiet", "--data", b.data, "--sources", b.sources)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%v: %w: %s%s", command, err, out, errs.Bytes())
	}
	return out, nil
}

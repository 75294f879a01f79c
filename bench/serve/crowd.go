package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// livePages is how many pages are crawled beside the readers.
const livePages = 500

// A liveSite is what is crawled: every tenth page is other at each look.
type liveSite struct {
	docs  []*document
	asked []atomic.Int64
	looks atomic.Int64
}

func newLiveSite() *liveSite {
	s := &liveSite{docs: make([]*document, livePages), asked: make([]atomic.Int64, livePages)}
	r := rand.New(rand.NewPCG(11, 0))
	for n := range s.docs {
		s.docs[n] = newDocument(r, n*100) // no laws among them
	}
	return s
}

func (s *liveSite) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	var n int
	if _, err := fmt.Sscanf(r.URL.Path, "/page/%d", &n); err != nil || n < 0 || n >= livePages {
		http.NotFound(rw, r)
		return
	}
	s.looks.Add(1)
	look := s.asked[n].Add(1)
	body := s.docs[n].page(0)
	if n%10 == int(look)%10 {
		body = []byte(strings.Replace(string(body), "</h1>", fmt.Sprintf("</h1><p>The fine is %d euro as of look %d.</p>", 100+look, look), 1))
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.Write(body)
}

// crowd measures readers at once while a site is crawled, on a copy of the
// archive.
func (b *bed) crowd(ctx context.Context, program string, kinds []kind) error {
	dir, err := os.MkdirTemp("", "veille-bench-crowd-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(filepath.Join(dir, "data"), os.DirFS(b.data())); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	site := newLiveSite()
	web := &http.Server{Handler: site}
	go web.Serve(l)
	defer web.Close()
	sources := filepath.Join(dir, "sources.yaml")
	if err := os.WriteFile(sources, []byte(b.sources(l.Addr().String())), 0o644); err != nil {
		return err
	}
	s, err := b.start(ctx, program, filepath.Join(dir, "data"), sources)
	if err != nil {
		return err
	}
	for site.looks.Load() <= livePages && ctx.Err() == nil { // the second pass begins when what the first one fetched is indexed
		time.Sleep(50 * time.Millisecond)
	}
	var watching sync.WaitGroup
	if b.profile != "" {
		watching.Go(func() { b.watch(ctx, s) })
	}
	err = b.read(ctx, s, site, kinds)
	watching.Wait()
	return errors.Join(err, s.stop())
}

// watch writes what the server's processors do while everybody reads, and what
// lies in its memory at the end.
func (b *bed) watch(ctx context.Context, s *server) {
	for _, of := range []struct{ name, what string }{
		{"crowd.pprof", fmt.Sprintf("profile?seconds=%.0f", b.load.Seconds()-1)}, {"crowd-heap.pprof", "heap"},
	} {
		err := s.save(ctx, of.what, filepath.Join(b.profile, of.name))
		if err != nil {
			fmt.Fprintln(os.Stderr, "serve: profile:", err)
		}
	}
}

// save writes a profile of the server into a file.
func (s *server) save(ctx context.Context, what, file string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.profiles+what, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

// read has everybody read, and prints what came of it.
func (b *bed) read(ctx context.Context, s *server, site *liveSite, kinds []kind) error {
	ctx, done := context.WithTimeout(ctx, b.load)
	defer done()
	var mu sync.Mutex
	var took []float64
	var failed int
	own := 0.0 // memory, at most
	looks, cpu, began := site.looks.Load(), s.cpu(), time.Now()
	var all sync.WaitGroup
	for reader := range b.readers {
		all.Go(func() {
			r := rand.New(rand.NewPCG(12, uint64(reader)))
			for wait := time.Duration(r.Int64N(int64(b.think) + 1)); ctx.Err() == nil; wait = time.Duration(r.ExpFloat64() * float64(b.think)) {
				select {
				case <-ctx.Done():
					return
				case <-time.After(wait):
				}
				k := kinds[r.IntN(len(kinds))]
				a, err := s.get(ctx, k.urls[r.IntN(len(k.urls))])
				if ctx.Err() != nil {
					return
				}
				mu.Lock()
				if err != nil || a.code != http.StatusOK {
					failed++
				} else {
					took = append(took, a.ms)
				}
				mu.Unlock()
			}
		})
	}
	for ctx.Err() == nil {
		own = max(own, s.ownMemory())
		time.Sleep(100 * time.Millisecond)
	}
	all.Wait()
	if len(took) == 0 {
		return errors.New("no reader got a page")
	}
	slices.Sort(took)
	at := func(share float64) float64 { return took[min(len(took)-1, int(float64(len(took))*share))] }
	seconds := time.Since(began).Seconds()
	verdict := ""
	if at(.95) > limitLoad {
		verdict = "time over"
	}
	fmt.Printf("\n%d readers for %.0f s, %s between pages, beside %.0f looks/s of the crawler: %.1f pages/s, %d failed\n", b.readers, seconds, b.think, float64(site.looks.Load()-looks)/seconds, float64(len(took))/seconds, failed)
	fmt.Printf("%-26s %7s %7s %7s %7s %8s %7s\n", "", "p50 ms", "p95 ms", "max ms", "cpu ms", "peak MB", "own MB")
	fmt.Printf("%-26s %7s %7.0f\n", "limit", "", limitLoad)
	fmt.Printf("%-26s %7.1f %7.1f %7.1f %7.1f %8.0f %7.0f   %s\n", "all pages", at(.5), at(.95), at(1), (s.cpu()-cpu)/float64(len(took)), s.memory(), own, verdict)
	fmt.Printf("own memory is without the files that it sees as memory; the processor time is the crawler's too; load of the machine %s\n", machineLoad())
	return nil
}

package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"sync"

	"veille/archive"
	"veille/digest"
	"veille/index"
	veille "veille/server"
	"veille/source"
	"veille/thesaurus"
)

// profiled asks for all addresses of this process instead of veille serve, and
// writes a CPU profile of each kind of page.
func (b *bed) profiled(ctx context.Context, kinds []kind) (err error) {
	if err := os.MkdirAll(b.profile, 0o755); err != nil {
		return err
	}
	list, err := source.Load(b.sourcesFile())
	if err != nil {
		return err
	}
	th, err := thesaurus.Load()
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	a, err := archive.Open(b.data(), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	x, err := index.Open(filepath.Join(b.data(), "index"), list, th, digest.Comparer())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	site := &veille.Server{Archive: a, Index: x, Sources: list, Thesaurus: th, Log: log}
	web := httptest.NewServer(site.Handler())
	defer web.Close()
	warm, cool := context.WithCancel(ctx)
	var warming sync.WaitGroup
	warming.Go(func() { site.KeepWarm(warm) })
	defer warming.Wait()
	defer cool()
	s := &server{pid: os.Getpid(), url: web.URL, scripts: map[string]float64{}, client: http.DefaultClient}
	s.settle(ctx)
	for _, k := range kinds {
		if !b.chosen(k) {
			continue
		}
		f, err := os.Create(filepath.Join(b.profile, strings.ReplaceAll(k.name, " ", "-")+".pprof"))
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return errors.Join(err, f.Close())
		}
		_, err = s.measure(ctx, k)
		pprof.StopCPUProfile()
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"veille/archive"
	"veille/digest"
	"veille/index"
	"veille/thesaurus"
)

// historyLimit is how many times as much all versions of a law may cost to
// index as its last one alone.
const historyLimit = 4.0

// historyRounds is how often each is indexed; the cheapest counts.
const historyRounds = 3

// law indexes a law as all the versions it had, and as the last of them alone,
// and prints what either costs.
func (b *bed) law(ctx context.Context) error {
	files, err := filepath.Glob(filepath.Join(b.data, "be-fr-loi-1999-04-29", "versions", "*.md"))
	if err != nil || len(files) == 0 {
		return errors.Join(err, errors.New("the data has no be-fr-loi-1999-04-29"))
	}
	slices.Sort(files)
	stop, err := b.profiled("")
	if err != nil {
		return err
	}
	all, err := b.indexing(ctx, files)
	stop()
	if err != nil {
		return err
	}
	one, err := b.indexing(ctx, files[len(files)-1:])
	if err != nil {
		return err
	}
	fmt.Printf("%-32s %12s %12s\n", "", fmt.Sprint(len(files), " versions"), "the last one")
	fmt.Printf("%-32s %12d %12d\n", "passages", all.Passages, one.Passages)
	fmt.Printf("%-32s %12.0f %12.0f   %.1f times as much, of at most %.0f\n", "indexing, ms of CPU", all.CPU*1000, one.CPU*1000, all.CPU/one.CPU, historyLimit)
	fmt.Printf("%-32s %12.1f %12.1f   %.1f times\n", "index, MB", float64(all.Size)/1e6, float64(one.Size)/1e6, float64(all.Size)/float64(one.Size))
	return nil
}

// indexing indexes the states of one page.
func (b *bed) indexing(ctx context.Context, files []string) (m made, err error) {
	dir, err := os.MkdirTemp("", "veille-bench-law-")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	a, err := archive.Open(filepath.Join(dir, "data"), quiet())
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	for i, file := range files {
		read, err := blocks(file)
		if err != nil {
			return m, err
		}
		c := &archive.Capture{Source: "be-law", URL: "https://example.org/law", Lang: "fr", Time: dated(file, i), Exchanges: []archive.Exchange{{URL: "https://example.org/law",
			Time: dated(file, i), Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\n\r\n%s", file)}}}
		if err := a.Add(ctx, c); err != nil {
			return m, err
		}
		v := &archive.Version{Lang: "fr", Title: "Loi", Strategy: "main", Blocks: read}
		if _, err := a.AddReadings(ctx, c.Seq, []archive.Reading{{Capture: c.Seq, Class: archive.Content, Version: v}}); err != nil {
			return m, err
		}
	}
	for round := range historyRounds {
		now, err := b.indexOnce(ctx, filepath.Join(dir, fmt.Sprint("index-", round)), a)
		if err != nil {
			return m, err
		}
		if round == 0 || now.CPU < m.CPU {
			m = now
		}
	}
	return m, nil
}

// indexOnce makes an index of an archive.
func (b *bed) indexOnce(ctx context.Context, dir string, a *archive.Archive) (m made, err error) {
	th, err := thesaurus.Load()
	if err != nil {
		return m, err
	}
	before := cpuMS()
	x, err := index.Open(dir, publishers(1), th, digest.Comparer())
	if err != nil {
		return m, err
	}
	if err := x.Sync(ctx, quiet(), a); err != nil {
		return m, errors.Join(err, x.Close())
	}
	m.CPU = (cpuMS() - before) / 1000
	r, err := x.Search(ctx, nil, index.Query{Past: true, All: true})
	if err := errors.Join(err, x.Close()); err != nil {
		return m, err
	}
	m.Passages = r.Total
	m.Size, err = sizeOf(dir)
	return m, err
}

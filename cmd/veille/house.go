package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"veille/archive"
	"veille/crawler"
	"veille/digest"
	"veille/extract"
	"veille/index"
	"veille/source"
	"veille/thesaurus"
)

// A house is the rooms that own the data directory, opened.
type house struct {
	archive   *archive.Archive
	index     *index.Index
	sources   *source.List
	thesaurus *thesaurus.Thesaurus
	crawler   *crawler.Crawler

	reading    sync.Mutex    // held while captures are read and indexed; guards indexedAt and owed
	indexEvery time.Duration // how far apart passes that follow one another are indexed; 0: each is
	indexedAt  time.Time     // when the index was brought up to date last
	owed       bool          // captures were read since, and left for later
}

// indexEvery is the [house.indexEvery] of a running instance: each time, what is
// kept of answers becomes old.
const indexEvery = 10 * time.Second

// open opens the archive and the index, with the sources. The error wraps
// [archive.ErrLocked] if another process has them.
func (a *app) open(ctx context.Context) (*house, error) {
	list, err := a.loadSources()
	if err != nil {
		return nil, err
	}
	return a.openWith(ctx, list)
}

func (a *app) loadSources() (*source.List, error) {
	list, err := source.Load(a.flags.Sources)
	if err != nil {
		return nil, err
	}
	if a.flags.Contact != "" {
		list.Contact = a.flags.Contact
	}
	return list, nil
}

func (a *app) openWith(ctx context.Context, list *source.List) (*house, error) {
	h, err := a.openArchive(list)
	if err != nil {
		return nil, err
	}
	if err := h.openIndex(); err != nil {
		return nil, errors.Join(err, h.archive.Close())
	}
	return h, nil
}

// openArchive opens the archive and leaves the index closed until something
// has to be indexed.
func (a *app) openArchive(list *source.List) (*house, error) {
	h := &house{sources: list}
	var err error
	if h.thesaurus, err = thesaurus.Load(); err != nil {
		return nil, err
	}
	if h.archive, err = archive.Open(a.flags.Data, a.log); err != nil {
		return nil, err
	}
	h.crawler = &crawler.Crawler{Archive: h.archive, Sources: list, Log: a.log, Now: a.now, Version: version()}
	return h, nil
}

func (h *house) openIndex() (err error) {
	h.index, err = index.Open(h.indexDir(), h.sources, h.thesaurus, digest.Comparer())
	return err
}

func (h *house) indexDir() string { return filepath.Join(h.archive.Dir(), "index") }

// close gives the data directory back.
func (h *house) close() error {
	var err error
	if h.index != nil {
		err = h.index.Close()
	}
	return errors.Join(err, h.archive.Close())
}

// A pass is what came of one pass from the web to the index.
type pass struct {
	crawl *crawler.Report
	read  *extract.Report
}

// pass makes one pass from the web to the index. Each step reads only what an
// earlier step wrote, and each may be repeated, so a pass that fails half-way
// is completed by the next.
func (h *house) pass(ctx context.Context, a *app, o crawler.Options) (*pass, error) {
	p := &pass{read: &extract.Report{}, crawl: &crawler.Report{}}
	crawled, err := h.crawler.Run(ctx, o)
	if crawled != nil {
		p.crawl = crawled
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		return p, fmt.Errorf("crawl: %w", err)
	}
	return p, errors.Join(err, h.sync(context.WithoutCancel(ctx), a, p))
}

// sync reads what was captured and indexes what was read, unless something was
// indexed a moment ago. It waits for another that does.
func (h *house) sync(ctx context.Context, a *app, p *pass) error {
	h.reading.Lock()
	defer h.reading.Unlock()
	if err := h.read(ctx, a, p); err != nil {
		return err
	}
	if since := a.now().Sub(h.indexedAt); since >= 0 && since < h.indexEvery { // the clock may have been set back
		h.owed = h.owed || p.read.Read > 0
		return nil
	}
	return h.syncIndex(ctx, a)
}

// syncNow is sync for whoever holds reading and waits for what was read.
func (h *house) syncNow(ctx context.Context, a *app, p *pass) error {
	if err := h.read(ctx, a, p); err != nil {
		return err
	}
	return h.syncIndex(ctx, a)
}

// read reads what was captured.
func (h *house) read(ctx context.Context, a *app, p *pass) error {
	read, err := extract.Sync(ctx, a.log, h.archive, h.sources)
	if read != nil {
		p.read = read
	}
	if err != nil {
		return fmt.Errorf("extract: %w", err)
	}
	return nil
}

// indexIn is in how long sync should be called again, because it left something
// for later; 0 if it need not.
func (h *house) indexIn(now time.Time) time.Duration {
	h.reading.Lock()
	defer h.reading.Unlock()
	if !h.owed {
		return 0
	}
	return max(h.indexedAt.Add(h.indexEvery).Sub(now), time.Millisecond)
}

// indexed is the name of a cursor that repeats the index's own, so that a pass
// that brought nothing need not open the index to see that it has everything.
const (
	indexed = "index"
	wove    = "index-woven" // the same for what was woven into the past of pages
)

func (h *house) syncIndex(ctx context.Context, a *app) error {
	stats, err := h.archive.Stats(ctx)
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	if h.index == nil {
		known, err := h.archive.Cursor(ctx, indexed)
		if err != nil {
			return fmt.Errorf("index: %w", err)
		}
		woven, err := h.archive.Cursor(ctx, wove)
		if err != nil {
			return fmt.Errorf("index: %w", err)
		}
		if _, err := os.Stat(h.indexDir()); err == nil && known == stats.LatestVersion && woven == stats.LatestWoven {
			return nil
		}
		if err := h.openIndex(); err != nil {
			return err
		}
	}
	if err := h.index.Sync(ctx, a.log, h.archive); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	h.indexedAt, h.owed = a.now(), false
	return errors.Join(h.archive.SetCursor(ctx, indexed, stats.LatestVersion), h.archive.SetCursor(ctx, wove, stats.LatestWoven))
}

// catchUp takes into the index what the archive has and it has not: everything,
// once, where a new release reads passages in another way and so begins it anew.
func (h *house) catchUp(ctx context.Context, a *app) error {
	have, err := h.index.Cursor()
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	stats, err := h.archive.Stats(ctx)
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	if have >= stats.LatestVersion {
		return nil
	}
	fmt.Fprintf(a.err, "the index lacks %s of the archive; making it up, which may take minutes\n", plural(int(stats.LatestVersion-have), "version"))
	return h.syncIndex(ctx, a)
}

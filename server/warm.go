package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"veille/archive"
	"veille/diff"
	"veille/internal/courtesy"
)

// How the server keeps warm: how often it asks whether there is something new,
// and where it keeps what it found.
const (
	warmEvery   = 10 * time.Second
	cacheFolder = "cache"
	toldName    = "changes"
	figuresName = "figures"
)

// KeepWarm computes what lists need to know of each change before anybody asks,
// the newest first, and then the record of the figures of each page, at the start
// and whenever there are new versions, until ctx ends. It gives way to readers, and
// takes less than one processor. What it has found is written down in the folder
// "cache" of the archive: files that may be thrown away, see [toldFile] and
// [figureStore]. It is to be called after [Server.Handler].
func (s *Server) KeepWarm(ctx context.Context) {
	if s.docs == nil {
		return
	}
	ctx = courtesy.With(ctx, s.Readers)
	var last archive.Stats
	last.LatestVersion = -1
	figures, err := openFigures(filepath.Join(s.Archive.Dir(), cacheFolder, figuresName), figuresStamp(s.Archive))
	if err != nil {
		s.Log.Warn("figures are read anew for each question", "err", err)
	} else {
		s.docs.figures.Store(figures)
		defer s.docs.closeFigures()
	}
	tick := time.NewTicker(warmEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		stats, err := s.Archive.Stats(ctx)
		if err == nil && (stats.LatestVersion != last.LatestVersion || stats.LatestWoven != last.LatestWoven) {
			if last.LatestVersion < 0 {
				err = s.docs.openTold(ctx, filepath.Join(s.Archive.Dir(), cacheFolder, toldName), programName())
			} else if stats.LatestWoven != last.LatestWoven {
				if err = s.docs.rewoven(ctx, last.LatestWoven); err != nil {
					stats.LatestWoven = last.LatestWoven // what is not forgotten yet is to be forgotten next time
				}
			}
			_, werr := s.docs.warm(ctx)
			err = errors.Join(err, werr, s.docs.warmFigures(ctx, last.LatestVersion))
			last = stats
		}
		if err != nil && ctx.Err() == nil {
			s.Log.Warn("lists of changes are not kept ready", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	if err := s.docs.told.close(); err != nil {
		s.Log.Warn("lists of changes are not kept ready", "err", err)
	}
}

// warm computes the heads that are missing and writes down what lists tell, of the
// newest changes first; found is how many were not known or not written down.
func (d *Documents) warm(ctx context.Context) (found int, err error) {
	var unwritten error
	f := archive.StepFilter{Published: true, Limit: 256}
	for seen := 0; seen < maxHeads; {
		steps, err := d.Archive.Steps(ctx, f)
		if err != nil {
			return found, err
		}
		for _, s := range steps {
			seen++
			of := stretch{s.From, s.To}
			if _, known := d.cache.head(of); known && (d.cache.ends(of) || !d.told.lacks(of)) {
				continue
			}
			done := courtesy.Begin(ctx)
			began := time.Now()
			c, err := d.compare(ctx, of)
			done()
			if err != nil {
				return found, err
			}
			if found++; !d.cache.ends(of) {
				unwritten = errors.Join(unwritten, d.told.put(d.tell(c, of)))
			}
			if err := pause(ctx, time.Since(began)/4); err != nil {
				return found, err
			}
		}
		if len(steps) < f.Limit {
			break
		}
		f.Past = steps[len(steps)-1].To
	}
	return found, unwritten
}

// warmFigures makes the records of figures that are missing of pages with
// versions after one (negative: of all).
func (d *Documents) warmFigures(ctx context.Context, after archive.Seq) error {
	kept := d.figures.Load()
	if kept == nil {
		return nil
	}
	pages, err := d.Archive.Pages(ctx, "")
	if err != nil {
		return err
	}
	for _, p := range pages {
		if p.Latest <= max(after, 0) {
			continue
		}
		history, err := d.Archive.History(ctx, p.ID)
		if err != nil {
			return err
		}
		stamp := historyStamp(history)
		if kept.has(p.ID, stamp) {
			continue
		}
		done := courtesy.Begin(ctx)
		began := time.Now()
		made, err := d.makeFigures(ctx, history)
		if done(); err != nil {
			return err
		}
		if !kept.put(p.ID, stamp, made) {
			break
		}
		if err := pause(ctx, time.Since(began)/4); err != nil {
			return err
		}
	}
	return kept.tidy()
}

// closeFigures lets go of the file of records.
func (d *Documents) closeFigures() error {
	kept := d.figures.Swap(nil)
	if kept == nil {
		return nil
	}
	return kept.close()
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// openTold opens what an earlier run has found, and takes it over.
func (d *Documents) openTold(ctx context.Context, path, program string) error {
	if err := os.Remove(filepath.Join(filepath.Dir(path), "changes.gob")); err != nil && !errors.Is(err, fs.ErrNotExist) { // of programs before this format
		return fmt.Errorf("what is told of changes: %w", err)
	}
	woven, err := d.Archive.WovenAfter(ctx, 0)
	if err != nil {
		return err
	}
	good, err := d.told.open(path, toldBy{toldFormat, diff.Stamp() + " " + d.Archive.LogKey(), program}, woven)
	d.cache.restore(good)
	return err
}

// restore puts heads into the cache, beside what is there.
func (c *changeCache) restore(heads []toldChange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.room()
	for _, k := range heads {
		s := stretch{k.From, k.To}
		if _, ok := c.heads[s]; !ok && len(c.heads) < maxHeads {
			c.heads[s] = head{weight: k.Weight, senses: k.Senses, signature: k.Signature, twin: k.Twin, back: k.Back}
		}
	}
}

// rewoven forgets what is known of pages into which another history was woven
// after a capture.
func (d *Documents) rewoven(ctx context.Context, after archive.Seq) error {
	woven, err := d.Archive.WovenAfter(ctx, after)
	if err == nil {
		d.cache.forget(d.told.rewoven(woven))
	}
	return err
}

// forget forgets changes.
func (c *changeCache) forget(list []stretch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range list {
		delete(c.heads, s)
		delete(c.backs, s)
		delete(c.until, s)
		if e := c.whole[s]; e != nil {
			c.drop(e)
		}
	}
}

// ends reports whether a change may be told otherwise later.
func (c *changeCache) ends(s stretch) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ends := c.until[s]
	return ends
}

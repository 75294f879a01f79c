package server

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"veille/archive"
	"veille/diff"
)

// How the server keeps warm: how often it asks whether there is something new,
// and how long it waits for readers before it goes on beside them.
const (
	warmEvery   = 10 * time.Second
	warmYield   = 5 * time.Millisecond
	warmYields  = 40
	headsFolder = "cache"
	headsFile   = "changes.gob"
	figuresFile = "figures"
)

// KeepWarm computes what lists need to know of each change before anybody asks,
// the newest first, and then the record of the figures of each page, at the start
// and whenever there are new versions, until ctx ends. It gives way to readers, and
// takes less than one processor. What it has found is kept in the folder "cache" of
// the archive for the next start: files that may be thrown away, and are where the
// rules of package diff are others, or (of changes) another history was woven in.
// It is to be called after [Server.Handler].
func (s *Server) KeepWarm(ctx context.Context) {
	if s.docs == nil {
		return
	}
	file := filepath.Join(s.Archive.Dir(), headsFolder, headsFile)
	var last archive.Seq = -1
	figures, err := openFigures(filepath.Join(s.Archive.Dir(), headsFolder, figuresFile), figuresStamp(s.Archive))
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
		if err == nil && stats.LatestVersion != last {
			stamp := fmt.Sprintf("%s %s %d", diff.Stamp(), s.Archive.LogKey(), stats.LatestWoven)
			if last < 0 {
				err = s.docs.loadHeads(file, stamp)
			}
			var found int
			if err == nil {
				found, err = s.docs.warm(ctx)
			}
			if found > 0 {
				err = errors.Join(err, s.docs.saveHeads(file, stamp))
			}
			if err == nil {
				err = s.docs.warmFigures(ctx, last)
			}
			last = stats.LatestVersion
		}
		if err != nil && ctx.Err() == nil {
			s.Log.Warn("lists of changes are not kept ready", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// warm computes the heads that are missing, and as many whole changes, the
// newest first, as the cache holds; found is how many heads.
func (d *Documents) warm(ctx context.Context) (found int, err error) {
	f := archive.StepFilter{Published: true, Limit: 256}
	for seen := 0; seen < maxHeads; {
		steps, err := d.Archive.Steps(ctx, f)
		if err != nil {
			return found, err
		}
		for _, s := range steps {
			seen++
			of := stretch{s.From, s.To}
			h, known := d.cache.head(of)
			if known && (h.weight < DefaultWeight || d.cache.full() || d.cache.change(of) != nil) {
				continue
			}
			if err := d.giveWay(ctx); err != nil {
				return found, err
			}
			began := time.Now()
			if _, err := d.compare(ctx, of); err != nil {
				return found, err
			}
			if !known {
				found++
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
	return found, nil
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
		if err := d.giveWay(ctx); err != nil {
			return err
		}
		began := time.Now()
		made, err := d.makeFigures(ctx, history)
		if err != nil {
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

// giveWay waits while readers are being answered, but not for ever.
func (d *Documents) giveWay(ctx context.Context) error {
	for n := 0; d.readers.Load() > 0 && n < warmYields; n++ {
		if err := pause(ctx, warmYield); err != nil {
			return err
		}
	}
	return ctx.Err()
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

// keptHeads is the file of heads. Stamp is of the rules and the archive that
// they hold for.
type keptHeads struct {
	Stamp string
	Heads []keptHead
}

type keptHead struct {
	From, To, Back  archive.Seq
	Weight          int
	Senses          []string
	Signature, Twin string
}

// loadHeads reads what an earlier run found; a file that is damaged or of other
// rules is as good as none.
func (d *Documents) loadHeads(file, stamp string) error {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("heads of changes: %w", err)
	}
	var kept keptHeads
	if gob.NewDecoder(bytes.NewReader(text)).Decode(&kept) != nil || kept.Stamp != stamp {
		return nil
	}
	d.cache.restore(kept.Heads)
	return nil
}

// saveHeads writes what is known for good.
func (d *Documents) saveHeads(file, stamp string) error {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(keptHeads{stamp, d.cache.lasting()}); err != nil {
		return fmt.Errorf("heads of changes: %w", err)
	}
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if err == nil {
		err = os.WriteFile(file+".new", b.Bytes(), 0o644)
	}
	if err == nil {
		err = os.Rename(file+".new", file)
	}
	if err != nil {
		return fmt.Errorf("heads of changes: %w", err)
	}
	return nil
}

// restore puts heads into the cache, beside what is there.
func (c *changeCache) restore(heads []keptHead) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.room()
	for _, k := range heads[:min(len(heads), maxHeads)] {
		s := stretch{k.From, k.To}
		if _, ok := c.heads[s]; !ok {
			c.heads[s] = head{weight: k.Weight, senses: k.Senses, signature: k.Signature, twin: k.Twin, back: k.Back}
		}
	}
}

// lasting are the heads that no time makes others.
func (c *changeCache) lasting() []keptHead {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]keptHead, 0, len(c.heads))
	for s, h := range c.heads {
		if _, ends := c.until[s]; !ends {
			out = append(out, keptHead{s.from, s.to, h.back, h.weight, h.senses, h.signature, h.twin})
		}
	}
	return out
}

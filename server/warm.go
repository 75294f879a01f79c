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
	"veille/internal/courtesy"
)

// How the server keeps warm: how often it asks whether there is something new,
// and where it keeps what it found.
const (
	warmEvery   = 10 * time.Second
	headsFolder = "cache"
	headsFile   = "changes.gob"
)

// KeepWarm computes what lists need to know of each change before anybody asks,
// the newest first, at the start and whenever there are new versions, until ctx
// ends. It gives way to readers, and takes less than one processor. What
// it has found is kept in the folder "cache" of the archive for the next start:
// a file that may be thrown away, and is where the rules of package diff are
// others, or another history was woven in. It is to be called after
// [Server.Handler].
func (s *Server) KeepWarm(ctx context.Context) {
	if s.docs == nil {
		return
	}
	ctx = courtesy.With(ctx, s.Readers)
	file := filepath.Join(s.Archive.Dir(), headsFolder, headsFile)
	var last archive.Seq = -1
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
			done := courtesy.Begin(ctx)
			began := time.Now()
			_, err := d.compare(ctx, of)
			done()
			if err != nil {
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

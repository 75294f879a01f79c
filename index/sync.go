package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"

	"github.com/blevesearch/bleve/v2"
	bindex "github.com/blevesearch/bleve_index_api"

	"veille/archive"
	"veille/internal/courtesy"
)

// Passages are held until they have this much text together, or are so many:
// one that ends meanwhile is written once, with its end. They are then written
// in batches of so much text, or so many. Bleve needs some hundred times the
// text of the two batches that are in its hands while it writes and merges.
const (
	heldBytes     = 4 << 20
	heldPassages  = 20_000
	batchBytes    = 256 << 10
	batchPassages = 2000
)

// Sync takes in the versions that came to the archive since the last time. The
// cursor is written with the last batch of what it covers, and what was written
// before it is written again to the same effect, so that Sync may be stopped at
// any moment – by ctx too – and continues where it was. Calls wait for one
// another; searches go on meanwhile.
func (x *Index) Sync(ctx context.Context, log *slog.Logger, a *archive.Archive) (err error) {
	x.syncing.Lock()
	defer x.syncing.Unlock()
	defer x.damaged(&err)
	after, err := x.Cursor()
	if err != nil {
		return err
	}
	woven, err := x.wovenPages(ctx, a)
	if err != nil {
		return err
	}
	w := &writer{x: x, log: log, batch: x.bleve.NewBatch(), open: map[string]*passage{}, pages: map[archive.PageID]*archive.Page{}, recent: map[archive.Seq]*outline{}}
	defer func() { err = errors.Join(err, w.wait()) }() // whatever stops it, nothing is being written behind it
	versions := 0
	for v, err := range a.Versions(ctx, after) {
		if err == nil && woven[v.Page] != 0 {
			w.cursor = v.ID
			continue
		}
		if err == nil {
			done := courtesy.Begin(ctx)
			err = w.version(ctx, a, v)
			done()
		}
		if err != nil {
			return fmt.Errorf("index: %w", err)
		}
		versions++
	}
	if err := w.finish(ctx); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	if err := w.again(ctx, a, woven); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	if versions > 0 || len(woven) > 0 {
		done := courtesy.Begin(ctx)
		err := x.refresh()
		if done(); err != nil {
			return fmt.Errorf("index: %w", err)
		}
	}
	if versions > 0 {
		log.Info("indexed", "versions", versions, "begun", w.begun, "ended", w.ended, "version", w.cursor)
	}
	return nil
}

// damaged turns a panic of Bleve, which means a damaged file, into an error.
func (x *Index) damaged(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("index %s: %w (%v)", x.dir, ErrDamaged, r)
	}
}

// wrote notes that passages of a page are written.
func (x *Index) wrote(page archive.PageID) {
	if x.written == nil {
		x.written = map[archive.PageID]bool{}
	}
	x.written[page] = true
}

// A writer holds passages back, and writes them in batches.
type writer struct {
	x            *Index
	log          *slog.Logger
	batch        *bleve.Batch
	open         map[string]*passage // what is held, nil for deletions
	order        []string            // in which they came
	bytes        int
	made         documenter
	pages        map[archive.PageID]*archive.Page
	recent       map[archive.Seq]*outline // versions to which the next ones are compared
	recentBlocks int
	writing      *writing    // what was held before, while the last of it is written
	cursor       archive.Seq // the last version of which all is held
	begun        int
	ended        int
}

// A writing is a batch that is being written, while the next is filled, and
// what was held when it was made.
type writing struct {
	open map[string]*passage
	done chan error
}

// version takes in one version: passages of the version before that it no
// longer has end, and those that it is the first to have begin.
func (w *writer) version(ctx context.Context, a *archive.Archive, v *archive.Version) error {
	w.x.wrote(v.Page)
	old, err := w.before(ctx, a, v)
	if err != nil {
		return err
	}
	page, err := w.pageOf(ctx, a, v.Page)
	if err != nil {
		return err
	}
	now := outlineOf(v, old)
	s := w.x.step(old, now, page)
	s.end = now.first(w.x.most)
	heads := map[archive.Seq]*archive.Version{v.ID: v}
	for i := range v.Blocks {
		id := now.passage(i)
		if id == "" || old.has(id) || i >= s.end {
			continue
		}
		if err := w.begin(ctx, a, s, i, id, heads); err != nil {
			return err
		}
	}
	if old != nil {
		for i := range old.Blocks {
			id := old.passage(i)
			if id == "" || now.has(id) {
				continue
			}
			if err := w.end(ctx, s, i, id); err != nil {
				return err
			}
		}
	}
	if left := len(now.block) - w.x.most; left > 0 {
		w.log.Warn("this page is too long to be searched to its end", "url", v.URL, "version", v.ID, "searched", w.x.most, "left out", left)
	}
	w.remember(now)
	w.cursor = v.ID
	return nil
}

// maxRecent is how many blocks of versions are remembered for the ones that follow.
const maxRecent = 20_000

// remember keeps a version for the next one of its page.
func (w *writer) remember(o *outline) {
	if w.recentBlocks += len(o.Blocks); w.recentBlocks > maxRecent {
		clear(w.recent)
		w.recentBlocks = len(o.Blocks)
	}
	w.recent[o.ID] = o
}

// before is the version before one, nil if that is the first of its page.
func (w *writer) before(ctx context.Context, a *archive.Archive, v *archive.Version) (*outline, error) {
	if v.Prev == 0 {
		return nil, nil
	}
	if o := w.recent[v.Prev]; o != nil {
		delete(w.recent, v.Prev)
		w.recentBlocks -= len(o.Blocks)
		return o, nil
	}
	prev, err := a.Version(ctx, v.Prev)
	if err != nil {
		return nil, err
	}
	return outlineOf(prev, nil), nil
}

// pageOf is the page of a version, as the archive knows it now.
func (w *writer) pageOf(ctx context.Context, a *archive.Archive, id archive.PageID) (*archive.Page, error) {
	if p := w.pages[id]; p != nil {
		return p, nil
	}
	p, err := a.PageByID(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	if len(w.pages) >= batchPassages {
		clear(w.pages)
	}
	w.pages[id] = p
	return p, nil
}

// begin writes the passage that block i of the step's new version is.
func (w *writer) begin(ctx context.Context, a *archive.Archive, s *step, i int, id string, heads map[archive.Seq]*archive.Version) error {
	v, b := s.new, &s.new.Blocks[i]
	since := heads[b.Since]
	if since == nil { // it stood there before, behind an older one of the same text
		var err error
		if since, err = a.VersionHead(ctx, b.Since); err != nil {
			return err
		}
		heads[b.Since] = since
	}
	w.begun++
	return w.put(ctx, id, &passage{Page: v.Page, Source: v.Source, URL: v.URL, Lang: v.Lang, Title: v.Title,
		Kind: b.Kind, Role: b.Role, Path: b.Path, Text: b.Text, Since: b.Since, Seen: since.Seen, From: v.Seen.By.UnixMilli(), Block: i,
		Document: s.document, Articles: articlesOf(b), Came: s.came(i)})
}

// end writes a passage again, with the coming of the step's new version as its
// end. A passage that never stood – the version corrects our own reading of the
// same capture – is taken out. i is its block in the old version.
func (w *writer) end(ctx context.Context, s *step, i int, id string) error {
	p, err := w.known(id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // taken out by an earlier run that was stopped
	}
	if err != nil || p == nil {
		return err
	}
	w.ended++
	v := s.new
	ended := *p
	ended.Until, ended.Went, ended.Next, ended.Last, ended.Gone = &v.Seen, s.went(i), s.successors(i), s.old.ID, v.ID
	if v.Seen.By.UnixMilli() <= p.From {
		return w.put(ctx, id, nil)
	}
	return w.put(ctx, id, &ended)
}

// put holds a passage, nil to take it out.
func (w *writer) put(ctx context.Context, id string, p *passage) error {
	if _, ok := w.open[id]; !ok {
		w.order = append(w.order, id)
		if p != nil {
			w.bytes += len(p.Text) + 200
		}
	}
	w.open[id] = p
	if w.bytes >= heldBytes || len(w.open) >= heldPassages {
		return w.flush(ctx)
	}
	return nil
}

// flush writes what is held, the last of it with how far it reaches, while it
// returns.
func (w *writer) flush(ctx context.Context) error {
	held, order := w.open, w.order
	w.open, w.order, w.bytes = map[string]*passage{}, nil, 0
	bytes := 0
	for _, id := range order {
		p := held[id]
		if p == nil {
			w.batch.Delete(id)
			continue
		}
		if err := w.batch.IndexAdvanced(w.made.document(id, p)); err != nil {
			return fmt.Errorf("passage %s: %w", id, err)
		}
		if bytes += len(p.Text) + 200; bytes >= batchBytes || w.batch.Size() >= batchPassages {
			if err := w.write(ctx, held); err != nil {
				return err
			}
			bytes = 0
		}
	}
	if w.cursor != 0 {
		w.batch.SetInternal(cursorKey, []byte(strconv.FormatInt(int64(w.cursor), 10)))
	}
	return w.write(ctx, held)
}

// write begins to write the batch. It waits for the batch before.
func (w *writer) write(ctx context.Context, held map[string]*passage) error {
	if err := errors.Join(w.wait(), ctx.Err()); err != nil {
		return err
	}
	if w.batch.Size() == 0 {
		return nil
	}
	now := &writing{held, make(chan error, 1)}
	batch := w.batch
	go func() {
		var err error
		defer func() { now.done <- err }()
		defer w.x.damaged(&err)
		defer courtesy.Begin(ctx)()
		err = w.x.bleve.Batch(batch)
	}()
	w.writing, w.batch = now, w.x.bleve.NewBatch()
	return nil
}

// wait waits for the batch that is being written.
func (w *writer) wait() error {
	if w.writing == nil {
		return nil
	}
	err := <-w.writing.done
	w.writing = nil
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// finish writes what is left.
func (w *writer) finish(ctx context.Context) error {
	return errors.Join(w.flush(ctx), w.wait())
}

// known is a passage as it was written last, nil if it was deleted. The error
// for an unknown one wraps [fs.ErrNotExist].
func (w *writer) known(id string) (*passage, error) {
	if p, ok := w.open[id]; ok {
		return p, nil
	}
	if w.writing != nil {
		if p, ok := w.writing.open[id]; ok {
			return p, nil
		}
	}
	return w.x.stored(id)
}

// stored reads a passage back. The error for an unknown one wraps [fs.ErrNotExist].
func (x *Index) stored(id string) (*passage, error) {
	doc, err := x.bleve.Document(id)
	if err != nil {
		return nil, fmt.Errorf("passage %s: %w", id, err)
	}
	if doc == nil {
		return nil, fmt.Errorf("passage %s: %w", id, fs.ErrNotExist)
	}
	var p *passage
	doc.VisitFields(func(f bindex.Field) {
		if f.Name() == fieldStored {
			p, err = readRecord(f.Value())
		}
	})
	if err != nil || p == nil {
		return nil, fmt.Errorf("passage %s: %w", id, ErrDamaged)
	}
	return p, nil
}

package index

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/blevesearch/bleve/v2"

	"veille/archive"
)

// A page into whose past something was woven is indexed again as a whole: its
// passages may have begun earlier, ended for a while, or been brought by
// another version than we knew.

// wovenPages are the pages whose past has changed since the last time, each
// with the capture that did it.
func (x *Index) wovenPages(ctx context.Context, a *archive.Archive) (map[archive.PageID]archive.Seq, error) {
	after, err := x.internal(wovenKey)
	if err != nil {
		return nil, err
	}
	woven, err := a.WovenAfter(ctx, after)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	pages := make(map[archive.PageID]archive.Seq, len(woven))
	for _, p := range woven {
		pages[p.Page] = p.By
	}
	return pages, nil
}

// again indexes pages anew, in the order in which their past has changed. What
// is done is noted when all are: a page is not the worse for being done twice.
func (w *writer) again(ctx context.Context, a *archive.Archive, pages map[archive.PageID]archive.Seq) error {
	if len(pages) == 0 {
		return nil
	}
	clear(w.recent) // read before, perhaps in another past
	w.recentBlocks = 0
	var last archive.Seq
	for _, page := range slices.Sorted(maps.Keys(pages)) {
		last = max(last, pages[page])
		if err := w.page(ctx, a, page); err != nil {
			return fmt.Errorf("page %d: %w", page, err)
		}
	}
	w.batch.SetInternal(wovenKey, []byte(strconv.FormatInt(int64(last), 10)))
	return w.finish(ctx)
}

// page takes a page's passages out and its whole history in.
func (w *writer) page(ctx context.Context, a *archive.Archive, page archive.PageID) error {
	w.x.wrote(page)
	if err := w.drop(ctx, page); err != nil {
		return err
	}
	history, err := a.History(ctx, page)
	if err != nil {
		return err
	}
	cursor := w.cursor
	for _, head := range history {
		v, err := a.Version(ctx, head.ID)
		if err != nil {
			return err
		}
		if err := w.version(ctx, a, v); err != nil {
			return err
		}
		w.cursor = cursor // it says how far all pages are
	}
	return nil
}

// drop takes all passages of a page out.
func (w *writer) drop(ctx context.Context, page archive.PageID) error {
	q := bleve.NewTermQuery(strconv.FormatInt(int64(page), 10))
	q.SetField(fieldPage)
	for {
		req := bleve.NewSearchRequestOptions(q, batchPassages, 0, false)
		res, err := w.x.bleve.SearchInContext(ctx, req)
		if err != nil {
			return fmt.Errorf("find its passages: %w", err)
		}
		if len(res.Hits) == 0 {
			return nil
		}
		for _, hit := range res.Hits {
			if err := w.put(ctx, hit.ID, nil); err != nil {
				return err
			}
		}
		if err := w.finish(ctx); err != nil {
			return err
		}
	}
}

// Package index searches the passages of all pages, as they read now or as
// they read at any earlier moment.
//
// # Passages
//
// A passage is a block of a page with its lifespan: one document in Bleve,
// whatever number of versions it stood in, so the index grows with what changes
// and not with how often we look. It is known by its page, its text, role and
// path, and the version since which it stands there (archive.Block.Since).
// Where one text stands several times in a page, the block that has stood there
// longest speaks for all: at any moment a page has one passage per text and
// role, and a search never shows the same words of a page twice.
//
// When a version no longer has a passage, the passage is written again with its
// end, "until"; its lifespan is then [from, until).
//
// # Pages as they stood
//
// A query is asked of pages, not of passages: "a AND b" is true of a page at a
// moment at which one passage has a and one has b; phrases and NEAR stay within
// a passage. Bleve stores and reads the postings of words; which pages a query
// is true of, and when, is decided here (engine.go, holds.go), with what must be
// known of every passage held in memory (columns.go).
//
// # Words
//
// This package splits and stems texts itself ([thesaurus.Words], then the
// stemmers that come with Bleve) and hands Bleve the words, counted. The
// same function reads queries, finds what to highlight and matches
// subscriptions, so these cannot disagree. Each passage has its stems in
// body_en, body_fr, body_nl or body_de, and its unstemmed words, with
// positions, in body_ex: a word is searched in both, so that the exact form
// ranks higher; a "phrase" is searched in body_ex alone. Stems have positions too:
// words side by side in a query count where they stand so in a passage. The parts
// of Dutch and German compounds are in parts_nl and parts_de (compounds.go).
//
// # What is stored
//
// Each passage is stored whole (record.go) beside the index proper, which costs
// about a third more disk than fetching texts from the archive would, and lets
// a page of hits be shown without decoding up to twenty page versions. Only the
// number of the block in today's version, which shifts as other blocks come and
// go, is asked of the archive, and remembered for the versions asked last.
//
// # Relevance
//
// BM25 of the passage, and for more BM25 of its page. What is rare and what is
// long follows from the passages alone, so that the same archive gives the same
// scores however the index was built up (rank.go). Of equals, the latest
// comes first, then the order of the page.
package index

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"

	"veille/archive"
	"veille/source"
	"veille/thesaurus"
)

// ErrLocked is wrapped by the error of [Open] when another process has the
// index open.
var ErrLocked = errors.New("the index is in use by another process")

// ErrDamaged is wrapped by errors about an index that cannot be read. Nothing
// is lost by deleting it: it is made again from the archive.
var ErrDamaged = errors.New("the index is damaged; delete it and run `veille rebuild`")

// format changes whenever documents are built in another way, so that indexes
// written before are made anew.
const format = 6

// The keys of what the index remembers about itself.
var (
	cursorKey = []byte("veille-cursor") // id of the last version taken in, in decimal
	wovenKey  = []byte("veille-woven")  // the last capture woven into a page's past that was taken in, in decimal
	formatKey = []byte("veille-format") // hash of format and mapping
)

// An Index is an open full-text index. Its methods may be called concurrently.
type Index struct {
	bleve     bleve.Index
	sources   *source.List
	thesaurus *thesaurus.Thesaurus
	compare   Comparer
	dir       string

	syncing sync.Mutex              // held by Sync; guards written
	written map[archive.PageID]bool // pages of which passages were written since the latest state was read
	closing sync.Once
	stating sync.Mutex // guards the three below
	state   *state     // the latest, nil before the first search
	kept    []*state   // earlier ones in which somebody reads on
	closed  bool
	places  places // where passages stand in versions

	searching, tracing gate
	frequent           int // [frequent.least]
	most               int // passages of a version that are written: maxPassages
}

// Open opens the index in dir, and creates it where there is none. An index
// written in another format, or with another comparer, is emptied; the next
// [Index.Sync] fills it again.
// Errors wrap [ErrLocked] or [ErrDamaged] where these apply.
func Open(dir string, s *source.List, t *thesaurus.Thesaurus, c Comparer) (*Index, error) {
	x := &Index{sources: s, thesaurus: t, compare: c, dir: dir, searching: newGate(), tracing: newGate(), frequent: leastFrequent, most: maxPassages}
	b, err := openBleve(dir)
	if err != nil {
		return nil, err
	}
	stamp, err := x.stamp()
	if err != nil {
		b.Close()
		return nil, err
	}
	have, err := b.GetInternal(formatKey)
	if err == nil && string(have) != stamp {
		if have != nil {
			if err = b.Close(); err == nil {
				b, err = createBleve(dir)
			}
		}
		if err == nil {
			err = b.SetInternal(formatKey, []byte(stamp))
		}
	}
	if err != nil {
		if b != nil {
			b.Close()
		}
		return nil, fmt.Errorf("open index %s: %w", dir, err)
	}
	x.bleve = b
	return x, nil
}

// Close closes the index. What was synchronised is on disk already. A running
// Sync fails, or has ended; closing twice does nothing.
func (x *Index) Close() error {
	var err error
	x.closing.Do(func() { // Bleve panics when closed twice
		x.stating.Lock()
		x.closed = true
		x.stating.Unlock()
		err = errors.Join(x.replace(nil), x.bleve.Close())
	})
	if err != nil {
		return fmt.Errorf("close index %s: %w", x.dir, err)
	}
	return nil
}

// Cursor returns the last version that has been taken in, 0 for none.
func (x *Index) Cursor() (archive.Seq, error) {
	return x.internal(cursorKey)
}

func (x *Index) internal(key []byte) (archive.Seq, error) {
	b, err := x.bleve.GetInternal(key)
	if err != nil || len(b) == 0 {
		return 0, err
	}
	var s archive.Seq
	if _, err := fmt.Sscanf(string(b), "%d", &s); err != nil {
		return 0, fmt.Errorf("cursor of index %s: %w", x.dir, ErrDamaged)
	}
	return s, nil
}

// openBleve opens the index in dir, or creates it if there is none, or none
// that was ever finished.
func openBleve(dir string) (b bleve.Index, err error) {
	defer func() { // Bleve panics on some damaged files
		if r := recover(); r != nil {
			b, err = nil, fmt.Errorf("open index %s: %w (%v)", dir, ErrDamaged, r)
		}
	}()
	if _, err := os.Stat(filepath.Join(dir, "store", "root.bolt")); errors.Is(err, os.ErrNotExist) {
		return createBleve(dir)
	}
	// Without a time-out, opening an index that is in use waits for ever.
	b, err = bleve.OpenUsing(dir, map[string]any{"bolt_timeout": "2s"})
	switch {
	case err == nil:
		return b, nil
	case strings.HasSuffix(err.Error(), "timeout"):
		return nil, fmt.Errorf("open index %s: %w", dir, ErrLocked)
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("open index %s: %w", dir, err)
	}
	return nil, fmt.Errorf("open index %s: %w (%w)", dir, ErrDamaged, err)
}

// createBleve makes an empty index in dir, in place of any there.
func createBleve(dir string) (bleve.Index, error) {
	for _, name := range []string{"index_meta.json", "store"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return nil, fmt.Errorf("create index %s: %w", dir, err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, fmt.Errorf("create index %s: %w", dir, err)
	}
	b, err := bleve.NewUsing(dir, newMapping(), scorch.Name, "scorch", map[string]any{"bolt_timeout": "2s"})
	if err != nil {
		return nil, fmt.Errorf("create index %s: %w", dir, err)
	}
	return b, nil
}

// stamp is the format an index must have to be used as it is.
func (x *Index) stamp() (string, error) {
	m, err := json.Marshal(newMapping())
	if err != nil {
		return "", fmt.Errorf("index mapping: %w", err)
	}
	h := fnv.New64a()
	h.Write(m)
	h.Write([]byte(x.compare.Stamp))
	return fmt.Sprintf("%d-%x", format, h.Sum64()), nil
}

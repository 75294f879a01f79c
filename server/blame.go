package server

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"strings"
	"time"
	"unicode"

	"veille/archive"
	"veille/diff"
	"veille/evidence"
)

// A BlameDocument tells of each word of a page since which version it has
// stood there.
type BlameDocument struct {
	URL     string        `json:"url"`
	Lang    string        `json:"lang"`
	Title   string        `json:"title"`
	Version archive.Seq   `json:"version"`
	Blocks  []BlamedBlock `json:"blocks"`
	// Origins are the versions that words stand since, oldest first.
	Origins []BlameOrigin `json:"origins"`
}

// A BlamedBlock is a block of the page. Since is the version since which it
// has stood as it is, FirstSeen when that came.
type BlamedBlock struct {
	Path      []string         `json:"path"`
	Kind      string           `json:"kind"`
	Role      string           `json:"role"`
	Since     archive.Seq      `json:"since"`
	FirstSeen archive.Interval `json:"first_seen"`
	Tokens    []BlamedToken    `json:"tokens"`
}

// A BlamedToken is a word with the white space after it; all of a block's put
// together are its text. First is the version that first brought the word, 0
// where it is Since: they differ where the word had been away.
type BlamedToken struct {
	Text  string      `json:"text"`
	Since archive.Seq `json:"since"`
	First archive.Seq `json:"first,omitempty"`
	// Out are the versions that took the word away, In those that brought it back.
	Out []archive.Seq `json:"out,omitempty"`
	In  []archive.Seq `json:"in,omitempty"`
}

// A BlameOrigin is a version that words stand since.
type BlameOrigin struct {
	Version   archive.Seq      `json:"version"`
	FirstSeen archive.Interval `json:"first_seen"`
	Words     int              `json:"words"`            // that stand since it
	Change    string           `json:"change,omitempty"` // the change that brought them, "17..18"
}

// Blame tells who said it since when, word by word, of the wording of a page
// that stood at a time, the latest if that is zero. The error wraps
// fs.ErrNotExist if there was none.
func (d *Documents) Blame(ctx context.Context, url string, at time.Time) (*BlameDocument, error) {
	v, err := d.wording(ctx, url, at)
	if err != nil {
		return nil, fmt.Errorf("blame: %w", err)
	}
	return d.blameVersion(ctx, v)
}

// blameVersion is the blame of a version. Its page's versions up to it are
// read one after another, so the last answers are kept.
func (d *Documents) blameVersion(ctx context.Context, of *archive.Version) (*BlameDocument, error) {
	history, err := d.Archive.History(ctx, of.Page)
	if err != nil {
		return nil, fmt.Errorf("blame: %w", err)
	}
	var told strings.Builder // the history that is told
	for _, h := range history {
		fmt.Fprintf(&told, "%d %d %d;", h.ID, h.Seen.After.UnixMilli(), h.Seen.By.UnixMilli())
		if h.ID == of.ID {
			break
		}
	}
	if doc := d.cache.blame(told.String()); doc != nil {
		return doc, nil
	}
	done, err := d.brief.take(ctx)
	if err != nil {
		return nil, fmt.Errorf("blame: %w", err)
	}
	defer done()
	heads := map[archive.Seq]*archive.Version{}
	var blamer diff.Blamer
	for _, head := range history {
		v, err := d.Archive.Version(ctx, head.ID)
		if err != nil {
			return nil, fmt.Errorf("blame: %w", err)
		}
		heads[v.ID] = head
		blamer.Next(v)
		if v.ID == of.ID {
			break
		}
	}
	b := blamer.Blame()
	if b == nil || b.Version.ID != of.ID {
		return nil, fmt.Errorf("blame: version %d has no text: %w", of.ID, fs.ErrNotExist)
	}
	doc := blameDocument(b, history, heads)
	d.cache.putBlame(told.String(), doc)
	return doc, nil
}

func blameDocument(b *diff.Blame, history []*archive.Version, heads map[archive.Seq]*archive.Version) *BlameDocument {
	v := b.Version
	doc := &BlameDocument{URL: v.URL, Lang: v.Lang, Title: v.Title, Version: v.ID, Blocks: make([]BlamedBlock, len(v.Blocks)), Origins: []BlameOrigin{}}
	words := map[archive.Seq]int{}
	for i := range v.Blocks {
		block := &v.Blocks[i]
		out := BlamedBlock{Path: append([]string{}, block.Path...), Kind: string(block.Kind), Role: string(block.Role), Since: block.Since,
			Tokens: make([]BlamedToken, len(b.Blocks[i]))}
		if h := heads[block.Since]; h != nil {
			out.FirstSeen = h.Seen
		}
		for k, w := range b.Blocks[i] {
			out.Tokens[k] = BlamedToken{Text: w.Text, Since: w.Since, Out: w.Out, In: w.In}
			if w.First != w.Since {
				out.Tokens[k].First = w.First
			}
			words[w.Since]++
		}
		doc.Blocks[i] = out
	}
	for _, h := range history {
		if n := words[h.ID]; n > 0 {
			o := BlameOrigin{Version: h.ID, FirstSeen: h.Seen, Words: n}
			if h.Prev != 0 {
				o.Change = fmt.Sprintf("%d..%d", h.Prev, h.ID)
			}
			doc.Origins = append(doc.Origins, o)
		}
	}
	return doc
}

// blameColumns are those of a table of words: see docs/exports.md.
var blameColumns = []string{"url", "version", "block", "n", "token", "space", "origin_version", "since_version", "out", "in"}

// blamed writes the words of a wording, each with the versions that brought it,
// took it away and brought it back.
func (x *Exports) blamed(ctx context.Context, w io.Writer, format evidence.Format, q url.Values) error {
	if q.Get("url") == "" {
		return &InputError{"url", "it is not said of which page", "give the address of one"}
	}
	at, err := ParseTime("at", q.Get("at"), true)
	if err != nil {
		return err
	}
	doc, err := x.Blame(ctx, q.Get("url"), at)
	if err != nil {
		return err
	}
	out := evidence.NewRows(w, format, blameColumns)
	for i, b := range doc.Blocks {
		for n, t := range b.Tokens {
			word := strings.TrimRightFunc(t.Text, unicode.IsSpace)
			if err := out.Row(doc.URL, doc.Version, i, n, word, t.Text[len(word):], cmp.Or(t.First, t.Since), t.Since,
				append([]archive.Seq{}, t.Out...), append([]archive.Seq{}, t.In...)); err != nil {
				return err
			}
		}
	}
	return out.Close()
}

type blameInput struct {
	URL string `query:"url" required:"true" doc:"Address of a page that is watched."`
	At  string `query:"at" doc:"The wording that stood then; a day means its end. Default: now."`
}

func (w *web) apiBlame(ctx context.Context, in *blameInput) (*answer[*BlameDocument], error) {
	at, err := ParseTime("at", in.At, true)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	doc, err := w.docs.Blame(ctx, in.URL, at)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(doc, nil)
}

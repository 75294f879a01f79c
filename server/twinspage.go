package server

import (
	"net/http"

	"veille/archive"
	"veille/diff"
	"veille/extract"
)

// fillTwins finds the pages of the same document in other languages, the
// changes that one has and another has not followed, and sets the text beside
// that of the twin that "?beside=5" asks for.
func (w *web) fillTwins(r *http.Request, p *documentPage, page *archive.Page) error {
	twins, err := w.twins(r, page)
	if err != nil || len(twins) == 0 {
		return err
	}
	asked := r.URL.Query().Get("beside")
	for _, o := range twins {
		link := twinLink{Page: o, Beside: with(p.Doc.Link, nil, "beside", number(int64(o.ID))), Chosen: asked == number(int64(o.ID))}
		if link.Behind, err = w.docs.lagging(r.Context(), page, o); err != nil {
			return err
		}
		if link.Ahead, err = w.docs.lagging(r.Context(), o, page); err != nil {
			return err
		}
		p.Twins = append(p.Twins, link)
		if link.Chosen && p.V != nil && o.Latest != 0 {
			other, err := w.Archive.Version(r.Context(), o.Latest)
			if err != nil {
				return err
			}
			p.Beside = setBeside(p.V, other, &link)
		}
	}
	if asked != "" && p.Beside == nil {
		return &InputError{"beside", quote(asked) + " is not this document in another language", "choose one of those on the page"}
	}
	return nil
}

// A beside is two language versions of a document, row by row.
type beside struct {
	A, B *archive.Version
	Rows []besideRow
	Cut  bool
}

// A besideRow is a block and its counterpart; one of them may be missing. Lag
// is the change that one side has and the other does not.
type besideRow struct {
	A, B *besideBlock
	Lag  *Drift
}

type besideBlock struct {
	N       int
	Heading bool
	Lang    string
	Text    string
	Lagging bool // it has not followed
}

// besideSize is how much of both texts stands on one page, in bytes.
const besideSize = 40 << 10

// setBeside pairs the main text of two language versions. A block without
// counterpart stands alone, where it stands in its own text.
func setBeside(a, b *archive.Version, link *twinLink) *beside {
	out := &beside{A: a, B: b}
	langs := [2][]string{extract.BlockLanguages(a), extract.BlockLanguages(b)}
	behind, ahead := lags(link.Behind), lags(link.Ahead)
	size := 0
	put := func(i, j int) {
		row := besideRow{A: block(a, langs[0], i), B: block(b, langs[1], j)}
		if row.A == nil && row.B == nil || size > besideSize {
			out.Cut = out.Cut || size > besideSize
			return
		}
		if row.A != nil {
			size += len(row.A.Text)
			if row.Lag = ahead[a.Blocks[i].Text]; row.Lag != nil {
				row.A.Lagging = true
			}
		}
		if row.B != nil {
			size += len(row.B.Text)
			if lag := behind[b.Blocks[j].Text]; lag != nil {
				row.Lag, row.B.Lagging = lag, true
			}
		}
		out.Rows = append(out.Rows, row)
	}
	i, j := 0, 0
	for _, pair := range diff.Twins(a, b) {
		for ; i < pair.A; i++ {
			put(i, -1)
		}
		for ; j < pair.B; j++ {
			put(-1, j)
		}
		put(pair.A, pair.B)
		i, j = pair.A+1, max(j, pair.B+1)
	}
	for ; i < len(a.Blocks); i++ {
		put(i, -1)
	}
	for ; j < len(b.Blocks); j++ {
		put(-1, j)
	}
	return out
}

// block is a block of the main text; nil for others and for -1.
func block(v *archive.Version, langs []string, n int) *besideBlock {
	if n < 0 || n >= len(v.Blocks) || v.Blocks[n].Role == archive.Boilerplate {
		return nil
	}
	b := &v.Blocks[n]
	text := b.Text
	if b.Marker != "" {
		text = b.Marker + " " + text
	}
	return &besideBlock{N: n, Heading: b.Kind == archive.Heading, Lang: langs[n], Text: text}
}

// lags are drifts by the passage that has not followed.
func lags(drifts []Drift) map[string]*Drift {
	out := map[string]*Drift{}
	for i := range drifts {
		for _, p := range drifts[i].Passages {
			if p.Twin != "" {
				out[p.Twin] = &drifts[i]
			}
		}
	}
	return out
}

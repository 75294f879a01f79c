package server

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"veille/archive"
	"veille/diff"
)

// The number of wordings that are collated: at most, and if none is named.
const (
	maxColumns   = 24
	usualColumns = 4
)

// A CollationDocument sets wordings of a page beside one another.
type CollationDocument struct {
	URL     string            `json:"url"`
	Source  string            `json:"source"`
	Lang    string            `json:"lang"`
	Title   string            `json:"title"`
	Page    archive.PageID    `json:"page"`
	Columns []CollationColumn `json:"columns"` // oldest first
	// Rows are the passages in the order of the last wording; what is not in it
	// any more stands behind what it stood behind last.
	Rows   []CollationRow `json:"rows"`
	Differ int            `json:"differ"` // rows that are not the same in all
}

// A CollationColumn is a wording.
type CollationColumn struct {
	Version   archive.Seq       `json:"version"`
	Number    int               `json:"number"`
	FirstSeen archive.Interval  `json:"first_seen"`
	Gone      *archive.Interval `json:"gone"` // null: it still stands
	Withdrawn bool              `json:"withdrawn,omitempty"`
	Link      string            `json:"link"`
}

// A CollationRow is one passage. Same says that all wordings have it, in the same words.
type CollationRow struct {
	Path  []string        `json:"path"` // where it stands last
	Role  string          `json:"role"`
	Kind  string          `json:"kind"`
	Same  bool            `json:"same"`
	Cells []CollationCell `json:"cells"` // one a column
}

// A CollationCell is a passage in one wording; Text is null where it is not
// there. Words are the redline to the wording before that has it, empty where
// there is none or it is the same.
type CollationCell struct {
	Text  *string     `json:"text"`
	Words []diff.Word `json:"words,omitempty"`
	Link  string      `json:"link,omitempty"`
}

// Collate sets wordings of a page beside one another, passage by passage. They
// are named by number or time; without any the last four are taken. all takes
// page furniture too.
func (d *Documents) Collate(ctx context.Context, url string, names []string, all bool) (*CollationDocument, error) {
	page, err := d.page(ctx, url)
	if err != nil {
		return nil, err
	}
	var ids []archive.Seq
	for _, name := range names {
		id, err := d.pick(ctx, page, "version", name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return d.collation(ctx, page, ids, all)
}

func (d *Documents) collation(ctx context.Context, page *archive.Page, ids []archive.Seq, all bool) (*CollationDocument, error) {
	history, err := d.Archive.History(ctx, page.ID)
	if err != nil {
		return nil, fmt.Errorf("collate: %w", err)
	}
	if len(ids) == 0 {
		for _, h := range history[max(0, len(history)-usualColumns):] {
			ids = append(ids, h.ID)
		}
	}
	if len(ids) > maxColumns {
		return nil, &InputError{"version", strconv.Itoa(len(ids)) + " wordings are too many for a table", "name " + strconv.Itoa(maxColumns) + " at most"}
	}
	doc := &CollationDocument{URL: page.URL, Source: page.Source, Lang: page.Lang, Title: page.Title, Page: page.ID, Columns: []CollationColumn{}, Rows: []CollationRow{}}
	var versions []*archive.Version
	for _, h := range history { // in the order of time
		if !slices.Contains(ids, h.ID) {
			continue
		}
		v, err := d.Archive.Version(ctx, h.ID)
		if err != nil {
			return nil, fmt.Errorf("collate: %w", err)
		}
		versions = append(versions, v)
		doc.Columns = append(doc.Columns, CollationColumn{Version: v.ID, Number: h.Number, FirstSeen: h.Seen, Gone: h.Until, Withdrawn: v.Gone, Link: fmt.Sprintf("/v/%d", v.ID)})
	}
	if len(versions) != len(ids) {
		return nil, &InputError{"version", "not all of these are wordings of " + page.URL, "see the page's history for their numbers"}
	}
	for _, row := range diff.Collate(versions...).Rows {
		if r := collationRow(versions, row); all || r.Role == string(archive.Main) {
			doc.Rows = append(doc.Rows, r)
			if !r.Same {
				doc.Differ++
			}
		}
	}
	return doc, nil
}

func collationRow(versions []*archive.Version, row diff.CollatedRow) CollationRow {
	out := CollationRow{Path: []string{}, Same: true, Cells: make([]CollationCell, len(versions))}
	var before *string
	for k, n := range row.Blocks {
		if n < 0 {
			out.Same = false
			continue
		}
		b := &versions[k].Blocks[n]
		out.Path, out.Role, out.Kind = append([]string{}, b.Path...), string(b.Role), string(b.Kind)
		cell := &out.Cells[k]
		cell.Text, cell.Link = &b.Text, fmt.Sprintf("/v/%d#b%d", versions[k].ID, n)
		if before != nil && *before != b.Text {
			out.Same = false
			cell.Words = diff.Compare(*before, b.Text)
		}
		before = cell.Text
	}
	return out
}

type collationInput struct {
	URL     string   `query:"url" required:"true" doc:"Address of a page that is watched."`
	Version []string `query:"version,explode" doc:"Numbers of versions, or times; at most 24. Default: the last four."`
	All     bool     `query:"all" doc:"Page furniture too."`
}

func (w *web) apiCollation(ctx context.Context, in *collationInput) (*answer[*CollationDocument], error) {
	doc, err := w.docs.Collate(ctx, in.URL, list(in.Version), in.All)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(doc, nil)
}

package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"veille/archive"
	"veille/diff"
	"veille/source"
	"veille/thesaurus"
)

// VersionColumns are the columns of a table of versions, one row a version.
//
//   - doc_id is shared by the language twins of a document, and the page's address
//     where it has none;
//   - version_no is 1 for a page's first wording; the permalink holds the number
//     that never changes;
//   - prev_captured_at is the last capture that did not show this text, captured_at
//     the first that did: it came about between the two;
//   - page_stated_date is the date that the page itself gives, of its update or else of
//     its publication; legal_date, that of entry into force, is empty where it is
//     not known;
//   - text_sha256 is of the text as bundles of `veille prove` have it in text.txt;
//   - n_revisits_unchanged counts the later captures that found the same text;
//   - warc_file and offset say where the first capture's record lies.
var VersionColumns = []string{"doc_id", "url", "lang", "version_no", "captured_at", "prev_captured_at", "http_status", "page_stated_date",
	"legal_date", "payload_sha256", "text_sha256", "words", "n_revisits_unchanged", "warc_file", "offset", "permalink"}

// ChangeColumns are the columns of a table of changes, one row an edit.
//
//   - change_id names both versions by the numbers that never change ("17..18"),
//     from_version and to_version are the version_no of each (empty: the page
//     appeared);
//   - not_before is the last capture without the edit, not_after the first with it;
//   - class are the senses of the edit, signals and not findings;
//   - edit_distance is how many words were deleted and inserted;
//   - confidence is how sure it is that before and after belong together: the
//     share of their words that they have in common, and 1 where there is only one
//     of the two.
var ChangeColumns = []string{"change_id", "doc_id", "lang", "from_version", "to_version", "not_before", "not_after", "class", "op", "path",
	"before", "after", "edit_distance", "confidence"}

// A Filter chooses versions and changes. Its zero value chooses all.
type Filter struct {
	Sources, Topics []string // ids; a topic stands for the sources that are about it
	Page            archive.PageID
	Lang            string    // of the text
	Since, Until    time.Time // when the wording was first seen, both inclusive
	// Of changes only:
	Senses    []string // any of these
	MinWeight int      // of the edit; 0 to 5
}

// A FilterError says which part of a filter names nothing.
type FilterError struct{ Field, What, Do string }

// Error is "topic: there is no topic "x"; use …".
func (e *FilterError) Error() string { return e.Field + ": " + e.What + "; " + e.Do }

// sources resolves a filter's sources and topics; none says that nothing can
// be chosen, and no sources otherwise that all are.
func (f *Filter) sources(ctx context.Context, a *archive.Archive, list *source.List, names *thesaurus.Thesaurus) (ids []string, none bool, err error) {
	for _, id := range f.Sources {
		if err := KnownSource(ctx, a, list, id); err != nil {
			return nil, false, err
		}
	}
	for _, id := range f.Topics {
		if _, known := names.Topic(id); !known {
			return nil, false, &FilterError{"topic", fmt.Sprintf("there is no topic %q", id), "use an id from the list of topics, such as closed-centres"}
		}
	}
	if len(f.Topics) == 0 {
		return f.Sources, false, nil
	}
	ids = list.Select(nil, nil, f.Topics)
	if len(f.Sources) > 0 {
		ids = slices.DeleteFunc(ids, func(id string) bool { return !slices.Contains(f.Sources, id) })
	}
	return ids, len(ids) == 0, nil
}

// KnownSource reports a *[FilterError] if neither sources.yaml nor the archive
// knows a source.
func KnownSource(ctx context.Context, a *archive.Archive, list *source.List, id string) error {
	if list.Source(id) != nil {
		return nil
	}
	for _, err := range a.HeldPages(ctx, id) {
		return err // one of a source that is no longer watched, or nil
	}
	return &FilterError{"source", fmt.Sprintf("there is no source %q", id), "use an id of sources.yaml"}
}

// Table is a table of versions or changes.
type Table struct {
	Exporter
	Sources   *source.List
	Thesaurus *thesaurus.Thesaurus
	Filter    Filter
	Format    Format

	memory diff.Memory // of what flaps
}

// Versions writes the versions of a filter, page by page, oldest first, and
// says how many. The error is a *[FilterError] for a wrong filter.
func (t *Table) Versions(ctx context.Context, w io.Writer) (n int, err error) {
	ids, none, err := t.Filter.sources(ctx, t.Archive, t.Sources, t.Thesaurus)
	if err != nil {
		return 0, err
	}
	out := NewRows(w, t.Format, VersionColumns)
	if none {
		return 0, out.Close()
	}
	for p, err := range t.pages(ctx, ids) {
		if err != nil {
			return n, fmt.Errorf("export: %w", err)
		}
		heads, err := t.Archive.History(ctx, p.ID)
		if err != nil {
			return n, fmt.Errorf("export: %w", err)
		}
		for _, v := range heads {
			if !t.Filter.takes(v) {
				continue
			}
			if err := t.version(ctx, out, p, v.ID); err != nil {
				return n, fmt.Errorf("export: %w", err)
			}
			n++
		}
	}
	return n, out.Close()
}

// pages yields the pages of some sources (none: of all), or the filter's page.
func (t *Table) pages(ctx context.Context, ids []string) func(func(*archive.Page, error) bool) {
	return func(yield func(*archive.Page, error) bool) {
		if t.Filter.Page != 0 {
			p, err := t.Archive.PageByID(ctx, t.Filter.Page)
			if err != nil || len(ids) == 0 || slices.Contains(ids, p.Source) {
				yield(p, err)
			}
			return
		}
		if len(ids) == 0 {
			ids = []string{""}
		}
		for _, id := range ids {
			for p, err := range t.Archive.HeldPages(ctx, id) {
				if !yield(p, err) {
					return
				}
			}
		}
	}
}

func (f *Filter) takes(v *archive.Version) bool {
	return (f.Lang == "" || v.Lang == f.Lang) && (f.Since.IsZero() || !v.Time.Before(f.Since)) && (f.Until.IsZero() || !v.Time.After(f.Until))
}

func (t *Table) version(ctx context.Context, out *Rows, p *archive.Page, id archive.Seq) error {
	v, err := t.Archive.Version(ctx, id)
	if err != nil {
		return err
	}
	h, err := t.Archive.Holding(ctx, v.Capture)
	if err != nil {
		return err
	}
	shown, err := t.Archive.Shown(ctx, id)
	if err != nil {
		return err
	}
	stated := v.UpdatedOn
	if stated == "" {
		stated = v.PublishedOn
	}
	sum := sha256.Sum256([]byte(text(v)))
	words := 0
	for i := range v.Blocks {
		if v.Blocks[i].Role == archive.Main {
			words += len(strings.Fields(v.Blocks[i].Text))
		}
	}
	return out.Row(DocID(p), v.URL, v.Lang, v.Number, v.Seen.By, v.Seen.After, h.Status, stated, "", strings.TrimPrefix(h.Payload, "sha256:"),
		hex.EncodeToString(sum[:]), words, max(0, shown-1), h.File, h.Offset, fmt.Sprintf("%s/v/%d", t.BaseURL, v.ID))
}

// DocID is what the language twins of a document share in tables: the name of
// the document, or the address of a page without twins.
func DocID(p *archive.Page) string {
	if p.Document != "" {
		return p.Document
	}
	return p.URL
}

// Changes writes the edits of the changes of a filter, oldest first, and says
// of how many changes they are. Only what publishers changed is told. The error
// is a *[FilterError] for a wrong filter.
func (t *Table) Changes(ctx context.Context, w io.Writer) (n int, err error) {
	ids, none, err := t.Filter.sources(ctx, t.Archive, t.Sources, t.Thesaurus)
	if err != nil {
		return 0, err
	}
	out := NewRows(w, t.Format, ChangeColumns)
	if none {
		return 0, out.Close()
	}
	f := archive.StepFilter{Since: t.Filter.Since, Lang: t.Filter.Lang, Page: t.Filter.Page, Sources: ids, Published: true, Oldest: true, Limit: 256}
	if !t.Filter.Until.IsZero() {
		f.Until = t.Filter.Until.Add(time.Millisecond)
	}
	for {
		steps, err := t.Archive.Steps(ctx, f)
		if err != nil {
			return n, fmt.Errorf("export: %w", err)
		}
		for _, s := range steps {
			told, err := t.change(ctx, out, s)
			if err != nil {
				return n, fmt.Errorf("export: %w", err)
			}
			if told {
				n++
			}
		}
		if len(steps) < f.Limit {
			return n, out.Close()
		}
		f.Past = steps[len(steps)-1].To
	}
}

// change writes the edits of one change; told is false if none was chosen.
func (t *Table) change(ctx context.Context, out *Rows, s archive.Step) (told bool, err error) {
	to, err := t.Archive.Version(ctx, s.To)
	if err != nil {
		return false, err
	}
	var from *archive.Version
	var number any
	lang := to.Lang
	if s.From != 0 {
		if from, err = t.Archive.Version(ctx, s.From); err != nil {
			return false, err
		}
		if number = from.Number; lang == "" {
			lang = from.Lang
		}
	}
	p, err := t.Archive.PageByID(ctx, s.Page)
	if err != nil {
		return false, err
	}
	c, _, err := t.memory.Between(ctx, t.Archive, from, to, t.now())
	if err != nil {
		return false, err
	}
	for i := range c.Edits {
		e := &c.Edits[i]
		class := classes(e)
		if e.Weight < t.Filter.MinWeight || len(t.Filter.Senses) > 0 && !slices.ContainsFunc(class, func(c string) bool { return slices.Contains(t.Filter.Senses, c) }) {
			continue
		}
		distance, confidence := measure(e)
		if err := out.Row(c.ID(), DocID(p), lang, number, to.Number, to.Seen.After, to.Seen.By, List{class, ";"}, string(e.Op), List{e.Path, " › "},
			e.Before, e.After, distance, confidence); err != nil {
			return false, err
		}
		told = true
	}
	return told, nil
}

// classes are the codes of an edit's senses, each once.
func classes(e *diff.Edit) []string {
	var out []string
	for _, s := range e.Senses {
		if !slices.Contains(out, s.Code) {
			out = append(out, s.Code)
		}
	}
	return out
}

// measure counts the words that differ, and says how much of its two texts an
// edit's pairing rests on.
func measure(e *diff.Edit) (distance int, confidence float64) {
	same := 0
	for _, w := range e.Words {
		n := len(strings.Fields(w.Text))
		if w.Op == diff.Equal {
			same += n
		} else {
			distance += n
		}
	}
	if e.Before == "" || e.After == "" {
		return distance, 1
	}
	if same+distance == 0 { // only white space or punctuation
		return 0, 1
	}
	return distance, float64(int(2*float64(same)/float64(2*same+distance)*1000+0.5)) / 1000
}

// A Format is how a table is written.
type Format string

// The formats.
const (
	// CSV is RFC 4180 in UTF-8, with a head line, ended by line feeds. Several
	// values in a cell are separated by ";", those of a path by " › ". A cell that a
	// spreadsheet would take for a formula – one that begins with = + - @, a
	// tabulator or a carriage return – begins with an apostrophe more, and so does
	// what would be one where semicolons part cells.
	CSV Format = "csv"
	// RawCSV is CSV without these apostrophes, for programs.
	RawCSV Format = "rawcsv"
	// ExcelCSV is CSV as spreadsheets open it by a double click where a comma parts
	// cells: with the mark of UTF-8 (a BOM) at the beginning, without which they take
	// it for windows-1252. ExcelSemicolonCSV is the same for where numbers are
	// written with a comma: cells are parted by semicolons, decimals by a comma.
	ExcelCSV          Format = "excelcsv"
	ExcelSemicolonCSV Format = "excelsemicoloncsv"
	// JSONL is one JSON object a line, with the columns as fields in their order;
	// what is not known is null.
	JSONL Format = "jsonl"
)

// inner is where a cell would begin with a formula if semicolons parted cells, as
// they do in spreadsheets of countries that write decimals with a comma.
var inner = regexp.MustCompile(`([;\r\n])([ \x{A0}]*[=@\x{FF1D}\x{FF20}]|[+\x{FF0B}\x{FF0D}-])`)

// Cell is a text as a cell of CSV: with an apostrophe in front of what a
// spreadsheet would compute, at its beginning and behind a semicolon.
func Cell(text string) string {
	if strings.ContainsAny(text, ";\r\n") {
		text = inner.ReplaceAllString(text, "$1'$2")
	}
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, " \u00a0"))
	if text != "" && strings.ContainsRune("=+-@\t\r\uff1d\uff0b\uff0d\uff20", r) {
		return "'" + text
	}
	return text
}

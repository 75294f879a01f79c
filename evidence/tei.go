package evidence

import (
	"bufio"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"veille/archive"
	"veille/diff"
)

// An Edition is the wordings of a page as a critical edition: TEI P5 with a
// parallel-segmentation apparatus, one witness a wording.
type Edition struct {
	Page      archive.PageID
	Versions  []archive.Seq // these wordings only; none: all
	Block     int           // with From: only the passage that is this block of it; -1: the whole text
	From      archive.Seq   // the version that Block is a number in
	All       bool          // menus, banners and footers too
	Publisher string        // name of the source
}

// TEI writes an edition. What all witnesses have stands once; where they
// differ there is an app with a rdg for each reading, which names its
// witnesses. Put together, a witness's readings are its text, to the byte. A
// page without text gives an error that wraps [ErrEmpty]; one, or a version or
// block, that is not there [fs.ErrNotExist].
func (e *Exporter) TEI(ctx context.Context, w io.Writer, ed *Edition) error {
	versions, err := e.witnesses(ctx, ed)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	t := &teiWriter{Exporter: e, ed: ed, w: bufio.NewWriterSize(w, 64<<10), table: diff.Collate(versions...)}
	rows, err := t.rows()
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	t.head()
	for _, row := range rows {
		t.passage(row)
	}
	t.put("</div>\n</body>\n</text>\n</TEI>\n")
	if err := t.w.Flush(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// witnesses reads the wordings of an edition, oldest first. Withdrawals are
// none: they have no text.
func (e *Exporter) witnesses(ctx context.Context, ed *Edition) ([]*archive.Version, error) {
	heads, err := e.Archive.History(ctx, ed.Page)
	if err != nil {
		return nil, err
	}
	var out []*archive.Version
	for _, h := range heads {
		if h.Gone || len(ed.Versions) > 0 && !slices.Contains(ed.Versions, h.ID) {
			continue
		}
		v, err := e.Archive.Version(ctx, h.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: the page has no wording, or none of those", ErrEmpty)
	}
	return out, nil
}

// A teiWriter writes one edition.
type teiWriter struct {
	*Exporter
	ed    *Edition
	w     *bufio.Writer
	table *diff.Collation
}

// put writes markup; errors stay with the writer until it is flushed.
func (t *teiWriter) put(format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = xmlText(s)
		}
	}
	fmt.Fprintf(t.w, format, args...)
}

// xmlText is a text as XML has it; characters that XML cannot have are U+FFFD.
func xmlText(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic(err) // a builder takes everything
	}
	return b.String()
}

// rows are those of the passages that are wanted.
func (t *teiWriter) rows() ([]int, error) {
	column := -1
	if t.ed.Block >= 0 {
		column = slices.IndexFunc(t.table.Versions, func(v *archive.Version) bool { return v.ID == t.ed.From })
		if column < 0 {
			return nil, fmt.Errorf("version %d is none of the witnesses: %w", t.ed.From, fs.ErrNotExist)
		}
	}
	var out []int
	for i := range t.table.Rows {
		blocks := t.table.Rows[i].Blocks
		if column >= 0 && blocks[column] != t.ed.Block {
			continue
		}
		if t.ed.All || column >= 0 || t.isMain(blocks) {
			out = append(out, i)
		}
	}
	if column >= 0 && len(out) == 0 {
		return nil, fmt.Errorf("block %d of version %d: %w", t.ed.Block, t.ed.From, fs.ErrNotExist)
	}
	return out, nil
}

// isMain reports whether a passage was ever main text.
func (t *teiWriter) isMain(blocks []int) bool {
	for k, n := range blocks {
		if n >= 0 && t.table.Versions[k].Blocks[n].Role == archive.Main {
			return true
		}
	}
	return false
}

// head writes everything up to the text.
func (t *teiWriter) head() {
	last := t.table.Versions[len(t.table.Versions)-1]
	title := tidy(last.Title)
	if title == "" {
		title = last.URL
	}
	lang := last.Lang
	if lang == "" {
		lang = "und"
	}
	t.put(xml.Header+`<TEI xmlns="http://www.tei-c.org/ns/1.0">
<teiHeader>
<fileDesc>
<titleStmt><title xml:lang="%s">%s</title><author>%s</author></titleStmt>
<publicationStmt>
<publisher>%s</publisher>
<date when="%s"/>
<availability><p>The text belongs to its publisher; the licence under which it may be used is the publisher's to give.</p></availability>
</publicationStmt>
<sourceDesc>
<listWit>
<head>The wordings of <ref target="%s">%s</ref> that were seen. A wording came about after the first and by the second date of its witness; what the page said between two captures is not known.</head>
`, lang, title, t.ed.Publisher, t.Software, t.now().Format(time.RFC3339), last.URL, last.URL)
	for _, v := range t.table.Versions {
		t.witness(v)
	}
	t.put(`</listWit>
</sourceDesc>
</fileDesc>
<encodingDesc>
<editorialDecl><p>A passage that was moved stands where it stood last; one that is gone, behind what it stood behind. Paragraphs are those of the pages, without their markup.</p></editorialDecl>
<variantEncoding method="parallel-segmentation" location="internal"/>
</encodingDesc>
</teiHeader>
<text xml:lang="%s">
<body>
<div>
`, lang)
}

// witness says what is known of when a wording was there.
func (t *teiWriter) witness(v *archive.Version) {
	t.put(`<witness xml:id="v%d" n="%d">`, v.ID, v.Number)
	if v.Seen.After.IsZero() {
		t.put(`<date type="first-seen" notAfter="%s"/>`, v.Seen.By.UTC().Format(time.RFC3339))
	} else {
		t.put(`<date type="first-seen" notBefore="%s" notAfter="%s"/>`, v.Seen.After.UTC().Format(time.RFC3339), v.Seen.By.UTC().Format(time.RFC3339))
	}
	if v.Until != nil {
		t.put(` <date type="gone" notBefore="%s" notAfter="%s"/>`, v.Until.After.UTC().Format(time.RFC3339), v.Until.By.UTC().Format(time.RFC3339))
	}
	t.put(` <ref target="%s">version %d</ref></witness>`+"\n", fmt.Sprintf("%s/v/%d", t.BaseURL, v.ID), int64(v.ID))
}

// passage writes a row of the table. One that not all witnesses have stands in
// an app of its own.
func (t *teiWriter) passage(row int) {
	blocks := t.table.Rows[row].Blocks
	var have, lack []int
	for k, n := range blocks {
		if n < 0 {
			lack = append(lack, k)
		} else {
			have = append(have, k)
		}
	}
	if len(lack) > 0 {
		t.put(`<app><rdg wit="%s">`, t.sigla(have))
	}
	last := have[len(have)-1]
	b := &t.table.Versions[last].Blocks[blocks[last]]
	name := "ab"
	if b.Kind == archive.Paragraph || b.Kind == archive.Article || b.Kind == archive.Quote {
		name = "p"
		t.put(`<p`)
	} else {
		t.put(`<ab type="%s"`, string(b.Kind))
	}
	if b.Marker != "" {
		t.put(` n="%s"`, tidy(b.Marker))
	}
	t.put(` corresp="%s">`, fmt.Sprintf("%s/v/%d#b%d", t.BaseURL, t.table.Versions[last].ID, blocks[last]))
	for _, s := range t.table.Segments(row) {
		t.segment(s)
	}
	t.put("</%s>", name)
	if len(lack) > 0 {
		t.put(`</rdg><rdg wit="%s"/></app>`, t.sigla(lack))
	}
	t.put("\n")
}

func (t *teiWriter) segment(s diff.Segment) {
	if len(s.Readings) == 1 {
		t.put("%s", s.Readings[0].Text)
		return
	}
	t.put("<app>")
	for _, r := range s.Readings {
		if r.Text == "" {
			t.put(`<rdg wit="%s"/>`, t.sigla(r.Versions))
			continue
		}
		t.put(`<rdg wit="%s">%s</rdg>`, t.sigla(r.Versions), r.Text)
	}
	t.put("</app>")
}

// sigla are references to witnesses: "#v11 #v12".
func (t *teiWriter) sigla(columns []int) string {
	var b strings.Builder
	for _, k := range columns {
		fmt.Fprintf(&b, " #v%d", t.table.Versions[k].ID)
	}
	return strings.TrimPrefix(b.String(), " ")
}

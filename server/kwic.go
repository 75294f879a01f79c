package server

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"veille/archive"
	"veille/evidence"
)

// kwicColumns are those of kwic.csv: one row a wording's span, not one a
// capture, or pages that do not change would inflate the counts. Intervals are
// two columns each: not there at the first time, there at the second.
var kwicColumns = []string{"left", "key", "right", "doc_id", "lang", "first_seen_after", "first_seen_by", "gone_after", "gone_by",
	"n_versions", "heading", "source", "url", "permalink", "form", "how", "title", "institution"}

// WriteKWIC writes a trace as a concordance in CSV (RFC 4180), with a header.
// A cell that a spreadsheet would take for a formula begins with an apostrophe.
func WriteKWIC(w *csv.Writer, doc *TraceDocument) error {
	w.UseCRLF = true
	err := w.Write(kwicColumns)
	for _, p := range doc.Pages {
		for _, s := range p.Spans {
			var gone archive.Interval
			if s.Gone != nil {
				gone = *s.Gone
			}
			row := []string{s.Left, s.Key, s.Right, p.Document, p.Lang, stampCell(s.FirstSeen.After), stampCell(s.FirstSeen.By),
				stampCell(gone.After), stampCell(gone.By), strconv.Itoa(s.Versions), strings.Join(s.Path, " › "), p.Source, p.URL, s.Link,
				s.Form, s.How, p.Title, p.Institution}
			for i := range row {
				row[i] = evidence.Cell(row[i])
			}
			if werr := w.Write(row); err == nil {
				err = werr
			}
		}
	}
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	if err != nil {
		return fmt.Errorf("write the concordance: %w", err)
	}
	return nil
}

// stampCell is a time to the instant that was recorded: a fraction cut off would
// lie before the capture that proves it.
func stampCell(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

package server

import (
	"fmt"
	"io"
	"time"

	"veille/archive"
	"veille/evidence"
)

// kwicColumns are those of a concordance: one row a wording's span, not one a
// capture, or pages that do not change would inflate the counts. Intervals are
// two columns each: not there at the first time, there at the second.
var kwicColumns = []string{"left", "key", "right", "doc_id", "lang", "first_seen_after", "first_seen_by", "gone_after", "gone_by",
	"n_versions", "heading", "source", "url", "permalink", "form", "how", "title", "institution"}

// WriteConcordance writes the lines of a trace as a table. base is the public
// address of the site, without a slash at its end, with which permalinks begin.
func WriteConcordance(w io.Writer, format evidence.Format, doc *TraceDocument, base string) error {
	rows := evidence.NewRows(w, format, kwicColumns)
	for i := range doc.Pages {
		p := &doc.Pages[i]
		for k := range p.Spans {
			s := &p.Spans[k]
			var gone archive.Interval
			if s.Gone != nil {
				gone = *s.Gone
			}
			if err := rows.Row(s.Left, s.Key, s.Right, p.Document, p.Lang, s.FirstSeen.After, s.FirstSeen.By, gone.After, gone.By, s.Versions,
				evidence.List{Items: s.Path, Sep: " › "}, p.Source, p.URL, base+s.Link,
				s.Form, s.How, p.Title, p.Institution); err != nil {
				return fmt.Errorf("write the concordance: %w", err)
			}
		}
	}
	if err := rows.Close(); err != nil {
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

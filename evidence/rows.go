package evidence

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"veille/archive"
)

// Rows writes the rows of a table in any [Format]. It is not safe for concurrent
// use.
type Rows struct {
	columns []string
	format  Format
	csv     *csv.Writer
	json    *bufio.Writer
}

// A List is several values in one cell: in CSV with Sep between them, in JSON
// Lines a list.
type List struct {
	Items []string
	Sep   string
}

// NewRows begins a table with these columns. What cannot be written is said by
// [Rows.Row] or [Rows.Close].
func NewRows(w io.Writer, format Format, columns []string) *Rows {
	r := &Rows{columns: columns, format: format}
	if format == JSONL {
		r.json = bufio.NewWriterSize(w, 64<<10)
		return r
	}
	r.csv = NewCSV(w, format)
	r.csv.Write(columns) // what fails is said by close
	return r
}

// NewCSV is a writer of CSV in a format. The mark of UTF-8 is written with what
// comes first.
func NewCSV(w io.Writer, format Format) *csv.Writer {
	if format != ExcelCSV && format != ExcelSemicolonCSV {
		return csv.NewWriter(w)
	}
	out := csv.NewWriter(&marked{w: w})
	if format == ExcelSemicolonCSV {
		out.Comma = ';'
	}
	return out
}

// A marked is a writer that begins with the mark of UTF-8.
type marked struct {
	w     io.Writer
	begun bool
}

func (m *marked) Write(b []byte) (int, error) {
	if !m.begun {
		if _, err := io.WriteString(m.w, "\uFEFF"); err != nil {
			return 0, err
		}
		m.begun = true
	}
	return m.w.Write(b)
}

// Decimal is a number as a format writes it.
func (f Format) Decimal(x float64) string {
	s := strconv.FormatFloat(x, 'f', -1, 64)
	if f == ExcelSemicolonCSV {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

// Row writes one row: a value for each column, which is a text, a number, a
// time, a [List], numbers of versions or nil. The zero time, an empty text and nil are not known.
func (r *Rows) Row(values ...any) error {
	if r.format == JSONL {
		return r.object(values)
	}
	cells := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case nil:
		case string:
			cells[i] = r.text(v)
		case time.Time:
			cells[i] = tableTime(v)
		case []archive.Seq:
			cells[i] = strings.Trim(fmt.Sprint(v), "[]")
		case List:
			cells[i] = r.text(strings.Join(v.Items, v.Sep))
		case float64:
			cells[i] = r.format.Decimal(v)
		default:
			cells[i] = fmt.Sprint(v)
		}
	}
	return r.csv.Write(cells)
}

// text is a text that no spreadsheet computes.
func (r *Rows) text(s string) string {
	if r.format == RawCSV {
		return s
	}
	return Cell(s)
}

func (r *Rows) object(values []any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for i, v := range values {
		switch w := v.(type) {
		case string:
			if w == "" {
				v = nil
			}
		case time.Time:
			if v = nil; !w.IsZero() {
				v = tableTime(w)
			}
		case List:
			if v = w.Items; w.Items == nil {
				v = []string{}
			}
		}
		b.WriteString(map[bool]string{true: "{", false: ","}[i == 0] + strconv.Quote(r.columns[i]) + ":")
		if err := enc.Encode(v); err != nil {
			return err
		}
		b.Truncate(b.Len() - 1) // the line feed
	}
	b.WriteString("}\n")
	_, err := r.json.Write(b.Bytes())
	return err
}

// Close writes what is left. It does not close what it writes to.
func (r *Rows) Close() error {
	if r.json != nil {
		return r.json.Flush()
	}
	r.csv.Flush()
	return r.csv.Error()
}

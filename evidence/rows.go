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
)

// rows writes the rows of a table.
type rows struct {
	columns []string
	format  Format
	csv     *csv.Writer
	json    *bufio.Writer
}

// list is several values in one cell.
type list struct {
	items []string
	sep   string
}

func newRows(w io.Writer, format Format, columns []string) *rows {
	r := &rows{columns: columns, format: format}
	if format == JSONL {
		r.json = bufio.NewWriterSize(w, 64<<10)
		return r
	}
	r.csv = csv.NewWriter(w)
	r.csv.Write(columns) // what fails is said by close
	return r
}

// row writes one row: a value for each column, which is a text, a number, a
// time, a list or nil. The zero time, an empty text and nil are not known.
func (r *rows) row(values ...any) error {
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
		case list:
			cells[i] = r.text(strings.Join(v.items, v.sep))
		case float64:
			cells[i] = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			cells[i] = fmt.Sprint(v)
		}
	}
	return r.csv.Write(cells)
}

// text is a text that no spreadsheet computes.
func (r *rows) text(s string) string {
	if r.format == CSV {
		return Cell(s)
	}
	return s
}

func (r *rows) object(values []any) error {
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
		case list:
			if v = w.items; w.items == nil {
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

func (r *rows) close() error {
	if r.json != nil {
		return r.json.Flush()
	}
	r.csv.Flush()
	return r.csv.Error()
}

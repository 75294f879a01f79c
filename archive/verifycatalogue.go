package archive

import (
	"bytes"
	"context"
	"database/sql"
	"slices"
	"strings"
)

// A table of the catalogue that follows from the WARC files.
type table struct {
	name, key, what string
	// derived are the columns that follow from more than the row's own records;
	// of tables that do so altogether it is nil.
	derived []string
}

var tables = []table{
	{"file", "id", "WARC file", []string{"size"}},
	{"page", "id", "page", nil},
	{"capture", "seq", "capture", []string{"same", "late", "class", "reason", "version", "span"}},
	{"version", "id", "version", []string{"capture", "time", "number", "prev", "cause", "late", "seen_after", "until_after", "until_by", "blocks", "texts"}},
	{"leaf", "id", "entry of the log", nil},
	{"hash", "id", "hash of the log", nil},
}

// catalogue holds the catalogue against the one made from the records.
func (v *verifier) catalogue(ctx context.Context) error {
	rows, err := v.a.read.QueryContext(ctx, `PRAGMA integrity_check(20)`)
	said, err := collect(rows, err, func(row scanner) (s string, err error) {
		err = row.Scan(&s)
		return s, err
	})
	if err != nil || len(said) != 1 || said[0] != "ok" {
		v.rep.problem("catalogue.db: %s%v: run `veille rebuild`", strings.Join(said, "; "), errText(err))
		return ctx.Err()
	}
	for _, t := range tables {
		if t.derived == nil && v.damaged { // nothing of it can be compared
			continue
		}
		if err := v.table(ctx, t); err != nil {
			v.rep.problem("catalogue.db: table %s cannot be read (%v): run `veille rebuild`", t.name, err)
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return v.counts(ctx)
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// counts says how much there is, and whether rows and records are as many.
func (v *verifier) counts(ctx context.Context) error {
	got, err := v.shadow.Stats(ctx)
	if err != nil {
		return err
	}
	v.rep.Captures, v.rep.Versions = got.Captures, got.Versions
	have, err := v.a.Stats(ctx)
	if err != nil {
		return err
	}
	if have.Captures != got.Captures {
		v.rep.problem("the catalogue lists %d captures, the WARC files hold %d", have.Captures, got.Captures)
	}
	if have.Versions != got.Versions {
		v.rep.problem("the catalogue lists %d versions, the WARC files hold %d", have.Versions, got.Versions)
	}
	return nil
}

// A sortedTable reads the rows of a table in the order of its key.
type sortedTable struct {
	rows *sql.Rows
	row  []any // nil at the end
	to   []any
}

func openTable(ctx context.Context, a *Archive, t table) (*sortedTable, []string, error) {
	rows, err := a.read.QueryContext(ctx, `SELECT `+t.key+` AS sorted, * FROM `+t.name+` ORDER BY `+t.key)
	if err != nil {
		return nil, nil, err
	}
	columns, err := rows.Columns()
	if err != nil {
		rows.Close()
		return nil, nil, err
	}
	s := &sortedTable{rows: rows, to: make([]any, len(columns))}
	return s, columns, s.next()
}

func (s *sortedTable) next() error {
	if !s.rows.Next() {
		s.row = nil
		return s.rows.Err()
	}
	s.row = make([]any, len(s.to))
	for i := range s.row {
		s.to[i] = &s.row[i]
	}
	return s.rows.Scan(s.to...)
}

func (s *sortedTable) key() int64 {
	n, _ := s.row[0].(int64)
	return n
}

// table holds one table against the shadow's.
func (v *verifier) table(ctx context.Context, t table) error {
	have, columns, err := openTable(ctx, v.a, t)
	if err != nil {
		return err
	}
	defer have.rows.Close()
	want, _, err := openTable(ctx, v.shadow, t)
	if err != nil {
		return err
	}
	defer want.rows.Close()
	found := &few{what: t.what + "s"}
	for have.row != nil || want.row != nil {
		switch {
		case want.row == nil || have.row != nil && have.key() < want.key():
			if !v.damaged { // else it was said which records are missing
				found.add(v.rep, "catalogue.db: it has %s %d, which no record gives: run `veille rebuild`", t.what, have.key())
			}
			err = have.next()
		case have.row == nil || want.key() < have.key():
			found.add(v.rep, "catalogue.db: it lacks %s %d, which the WARC files hold: run `veille rebuild`", t.what, want.key())
			err = want.next()
		default:
			ghost := v.damaged && t.name == "capture" && slices.Contains(want.row, any(lostRecord))
			if differ := v.differ(t, columns, have.row, want.row); len(differ) > 0 && !ghost {
				found.add(v.rep, "catalogue.db: %s %d: what it says of %s is not what the records give: run `veille rebuild`", t.what, have.key(), strings.Join(differ, ", "))
			}
			if err = have.next(); err == nil {
				err = want.next()
			}
		}
		if err != nil {
			return err
		}
	}
	found.end(v.rep)
	return nil
}

// differ lists the columns in which two rows differ.
func (v *verifier) differ(t table, columns []string, have, want []any) (out []string) {
	for i, c := range columns {
		if v.damaged && slices.Contains(t.derived, c) || sameValue(have[i], want[i]) {
			continue
		}
		if c == "texts" && v.sameTexts(have[0], have[i], want[i]) {
			continue // compressed in another way, by another release of the program
		}
		out = append(out, c)
	}
	return out
}

func sameValue(a, b any) bool {
	if x, ok := a.([]byte); ok {
		y, ok := b.([]byte)
		return ok && bytes.Equal(x, y)
	}
	if _, ok := b.([]byte); ok {
		return false
	}
	return a == b
}

func (v *verifier) sameTexts(id, a, b any) bool {
	seq, _ := id.(int64)
	var blocks [2][]Block
	for i, x := range []any{a, b} {
		data, _ := x.([]byte)
		var err error
		if blocks[i], err = v.a.codec.decode(data, Seq(seq)); err != nil {
			return false
		}
	}
	return slices.EqualFunc(blocks[0], blocks[1], func(a, b Block) bool { return a.key() == b.key() })
}

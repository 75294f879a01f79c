package evidence

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
)

// What Excel opens by a double click begins with the mark of UTF-8, and is
// otherwise the same table, armed against formulas.
func TestTablesForExcel(t *testing.T) {
	for format, want := range map[Format]string{
		CSV:               "place,share\n\"Arlon, été\",0.75\n'=1+1,\n",
		RawCSV:            "place,share\n\"Arlon, été\",0.75\n=1+1,\n",
		ExcelCSV:          "\uFEFFplace,share\n\"Arlon, été\",0.75\n'=1+1,\n",
		ExcelSemicolonCSV: "\uFEFFplace;share\nArlon, été;0,75\n'=1+1;\n",
	} {
		var out bytes.Buffer
		rows := NewRows(&out, format, []string{"place", "share"})
		for _, row := range [][]any{{"Arlon, été", .75}, {"=1+1", ""}} {
			if err := rows.Row(row...); err != nil {
				t.Fatal(err)
			}
		}
		if out.Len() > 0 {
			t.Errorf("%s: begun before there was anything to say", format)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("%s: %q, want %q", format, out.String(), want)
		}
	}
}

// Semicolons in a cell do not part it where semicolons part cells.
func TestSemicolonsInCells(t *testing.T) {
	var out bytes.Buffer
	rows := NewRows(&out, ExcelSemicolonCSV, []string{"class", "before"})
	if err := rows.Row(List{[]string{"deadline", "amount"}, ";"}, "one; =two"); err != nil {
		t.Fatal(err)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	read := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\uFEFF")))
	read.Comma = ';'
	got, err := read.ReadAll()
	if err != nil || len(got) != 2 || got[1][0] != "deadline;amount" || !strings.HasPrefix(got[1][1], "one;") {
		t.Errorf("%q, %v", got, err)
	}
}

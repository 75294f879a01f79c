package server

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
)

// TestConcordancesAgree: the concordance of a trace page and that of the exports
// have the same rows, as many cells as columns, the document that the other
// tables name, times to the instant that was recorded, and links with the host.
func TestConcordancesAgree(t *testing.T) {
	w := newWorld(t)
	w.live()
	h := w.server.Handler()
	table := func(path string) [][]string {
		t.Helper()
		res := newRecorder(t, h, http.MethodGet, path)
		if res.Code != http.StatusOK {
			t.Fatalf("%s: %d\n%s", path, res.Code, res.Body)
		}
		rows, err := csv.NewReader(res.Body).ReadAll() // refuses rows of another length
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return rows
	}
	shown, exported := table("/trace.csv?q=places"), table("/export/concordance.csv?q=places")
	if len(shown) < 3 || len(shown) != len(exported) {
		t.Fatalf("%d rows on the page, %d exported", len(shown), len(exported))
	}
	documents := map[string]bool{}
	for _, row := range table("/export/versions.csv")[1:] {
		documents[row[0]] = true
	}
	const docID, firstSeenBy, permalink = 3, 6, 13
	for i := range shown {
		for k := range shown[i] {
			if a, b := shown[i][k], exported[i][k]; a != b {
				t.Errorf("row %d, %s: %q on the page, %q exported", i, shown[0][k], a, b)
			}
		}
		if i > 0 && (!documents[shown[i][docID]] || !strings.HasSuffix(shown[i][firstSeenBy], "Z") || !strings.HasPrefix(shown[i][permalink], "http")) {
			t.Errorf("row %d is of document %q, first seen by %q; the table of versions has %v", i, shown[i][docID], shown[i][firstSeenBy], documents)
		}
	}
}

// TestTablesForSpreadsheets: every address of a table takes excel=, whose bytes
// are those of the table but for the mark and the semicolons; the pages lead to
// the one of their language; what it cannot be is said.
func TestTablesForSpreadsheets(t *testing.T) {
	w := newWorld(t)
	w.live()
	for _, path := range []string{"/trace.csv?q=places", "/trace.csv?q=places&table=timeline", "/figures.csv?q=places", "/export/passages.csv?q=places", "/export/changes.csv?"} {
		_, plain := w.get(path)
		_, comma := w.get(path + "&excel=comma")
		_, semicolon := w.get(path + "&excel=semicolon")
		if table := "\uFEFF" + plain; comma != table {
			t.Errorf("%s: with commas %.80q, want %.80q", path, comma, table)
		}
		want, err := csv.NewReader(strings.NewReader(plain)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(semicolon, "\uFEFF")))
		r.Comma = ';'
		got, err := r.ReadAll()
		if err != nil || !strings.HasPrefix(semicolon, "\uFEFF") || len(got) != len(want) || len(got) < 2 {
			t.Errorf("%s: %d rows with semicolons, want %d: %v", path, len(got), len(want), err)
		}
		w.want(path+"&excel=tab&ui=en", http.StatusBadRequest, "comma or semicolon")
	}
	w.want("/export/versions.csv?raw=1&excel=comma", http.StatusBadRequest)
	w.want("/search?q=places&ui=nl", http.StatusOK, "/export/passages.csv?excel=semicolon&amp;q=places")
	w.want("/search?q=places&ui=en", http.StatusOK, "/export/passages.csv?excel=comma&amp;q=places", "/export/passages.csv?q=places")
	w.want("/figures?q=places&ui=fr", http.StatusOK, "/figures.csv?excel=semicolon&amp;q=places")
}

package extract

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/archive"
)

type pair struct {
	ID, Label, Doc, Before, After string
	VersionBefore                 string `json:"version_before"`
}

// TestChangePairs reads real pages before and after a change or mere noise,
// and measures how many changes are in main text and how much noise is not.
// It needs the set ota-change-pairs, unpacked in the folder VEILLE_DATA.
func TestChangePairs(t *testing.T) {
	dir := os.Getenv("VEILLE_DATA")
	if dir == "" {
		t.Skip("VEILLE_DATA is not set")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "ota-change-pairs", "*", "pairs.jsonl"))
	if len(files) == 0 {
		t.Skip("VEILLE_DATA holds no ota-change-pairs")
	}
	total, differ, unread := map[string]int{}, map[string]int{}, 0
	for _, file := range files {
		for _, p := range readPairs(t, file) {
			before := readSaved(t, filepath.Join(filepath.Dir(file), p.Before), "")
			strategy := ""
			if before.Version != nil {
				strategy = before.Version.Strategy
			}
			after := readSaved(t, filepath.Join(filepath.Dir(file), p.After), strategy)
			if before.Version == nil || after.Version == nil {
				unread++
				t.Logf("%s %s (%s): %s %s", p.ID, p.Label, p.Doc, before.Reason, after.Reason)
				continue
			}
			total[p.Label]++
			changed := mainText(before.Version) != mainText(after.Version)
			if changed {
				differ[p.Label]++
			}
			if testing.Verbose() && changed != strings.HasPrefix(p.Label, "content") {
				t.Logf("%s %s (%s) %s %s", p.ID, p.Label, p.Doc, before.Version.Strategy, after.Version.Strategy)
			}
		}
	}
	for label, n := range total {
		t.Logf("%-28s %4d pairs, main text differs in %4d (%.1f %%)", label, n, differ[label], 100*float64(differ[label])/float64(n))
	}
	t.Logf("%d pairs with a page classed as no content", unread)
}

func readPairs(t *testing.T, file string) []pair {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []pair
	s := bufio.NewScanner(bytes.NewReader(data))
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var p pair
		if err := json.Unmarshal(s.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// gunzip reads a file, gzipped or not.
func gunzip(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		if data, err = os.ReadFile(file + ".gz"); err != nil {
			t.Fatal(err)
		}
	}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if data, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

// readSaved reads a saved page.
func readSaved(t *testing.T, file, strategy string) *Text {
	t.Helper()
	data := gunzip(t, file)
	c := &archive.Capture{URL: "https://www.example.org/a/page", FinalURL: "https://www.example.org/a/page", Status: 200,
		Header: http.Header{"Content-Type": {"text/html"}}, Body: data}
	text, err := ReadAs(t.Context(), c, nil, strategy)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func mainText(v *archive.Version) string {
	var s strings.Builder
	for i := range v.Blocks {
		if v.Blocks[i].Role == archive.Main {
			s.WriteString(v.Blocks[i].Text)
			s.WriteByte('\n')
		}
	}
	return s.String()
}

package extract

import (
	"encoding/json"
	"html"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/archive"
)

// dataFiles are the files of a data set, or the test is skipped.
func dataFiles(t *testing.T, patterns ...string) []string {
	t.Helper()
	dir := os.Getenv("VEILLE_DATA")
	if dir == "" {
		t.Skip("VEILLE_DATA is not set")
	}
	var all []string
	for _, p := range patterns {
		files, err := filepath.Glob(filepath.Join(dir, p))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, files...)
	}
	if len(all) == 0 {
		t.Skipf("VEILLE_DATA holds no %s", strings.Join(patterns, ", "))
	}
	return all
}

// TestBlockPages reads what the set edgi-change-labels keeps of answers that
// networks and firewalls put before a page: the status, the headers, the title
// and where it was redirected. The bodies are not in the set, so the body here
// holds the title and a neutral text of about the length. The real pages (score
// 1) that were there are content, and nothing else is.
func TestBlockPages(t *testing.T) {
	files := dataFiles(t, "edgi-change-labels/test/fixtures/version_quality/*/*.json")
	right, classes := 0, map[archive.Class]int{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var f struct {
			Data struct {
				URL, Title    string
				Status        int
				ContentLength int               `json:"content_length"`
				Headers       map[string]string `json:"headers"`
				Metadata      struct {
					Redirected string `json:"redirected_url"`
				} `json:"source_metadata"`
			} `json:"data"`
		}
		if err := json.Unmarshal(data, &f); err != nil {
			t.Fatal(err)
		}
		d := f.Data
		c := &archive.Capture{URL: d.URL, FinalURL: d.Metadata.Redirected, Status: d.Status, Header: http.Header{}}
		if c.FinalURL == "" {
			c.FinalURL = c.URL
		}
		for k, v := range d.Headers {
			if !strings.EqualFold(k, "content-length") {
				c.Header.Set(k, v)
			}
		}
		if d.ContentLength > 0 {
			c.Body = []byte("<html><head><title>" + html.EscapeString(d.Title) + "</title></head><body><main><p>" +
				strings.Repeat("This text is not in the set. ", min(d.ContentLength, 6000)/60) + "</p></main></body></html>")
		}
		text, err := Read(t.Context(), c, nil)
		if err != nil {
			t.Fatal(err)
		}
		classes[text.Class]++
		real := strings.Contains(filepath.Base(filepath.Dir(file)), "-1.0") && d.Status == http.StatusOK
		if real == (text.Class == archive.Content) {
			right++
		} else {
			t.Errorf("%s: %d %q is %s (%s)", file, d.Status, d.Title, text.Class, text.Reason)
		}
		t.Logf("%-28s %d %-40.40q %s: %s", filepath.Base(filepath.Dir(file)), d.Status, d.Title, text.Class, text.Reason)
	}
	t.Logf("%d of %d right; classes %v", right, len(files), classes)
}

// TestPagesAreContent reads the real pages of the extraction sets and of
// ota-change-pairs, and counts those that are taken for something else. No
// page may be taken for a refusal.
func TestPagesAreContent(t *testing.T) {
	files := dataFiles(t, "extraction/*/html/*.html*", "extraction/trafilatura/pages/*.html", "ota-change-pairs/*/*/*.html.gz")
	if testing.Short() {
		t.Skip("long")
	}
	classes := map[archive.Class]int{}
	for _, file := range files {
		text := readSaved(t, file, "")
		classes[text.Class]++
		if text.Class != archive.Content {
			t.Logf("%s %s: %s", text.Class, strings.TrimPrefix(file, os.Getenv("VEILLE_DATA")), text.Reason)
		}
	}
	t.Logf("%d pages: %v", len(files), classes)
}

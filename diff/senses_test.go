package diff

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"veille/archive"
)

// version makes a version of main paragraphs.
func version(id archive.Seq, lang string, texts ...string) *archive.Version {
	v := &archive.Version{ID: id, Lang: lang, Title: "A page"}
	for _, t := range texts {
		v.Blocks = append(v.Blocks, archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: t})
	}
	return v
}

func TestRulesRead(t *testing.T) {
	if _, err := allRules(); err != nil {
		t.Fatal(err)
	}
	for _, lang := range languages {
		data, err := ruleFiles.ReadFile("rules/" + lang + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		var f map[string]any
		if err := yaml.Unmarshal(data, &f); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"modality", "negation", "exception", "numbers", "time", "months", "units", "references", "limits", "stamps", "contact", "summary"} {
			if key != "contact" && f[key] == nil {
				t.Errorf("%s: %s is missing", lang, key)
			}
		}
		if months := f["months"].([]any); len(months) != 12 {
			t.Errorf("%s: %d months", lang, len(months))
		}
	}
}

// TestSenses runs the tables of testdata/senses_*.txt, which are also the
// documentation of the rules.
func TestSenses(t *testing.T) {
	files, err := filepath.Glob("testdata/senses_*.txt")
	if err != nil || len(files) != len(languages) {
		t.Fatalf("tables: %v, %v", files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(data), "\n") {
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			cells := strings.Split(line, "|")
			if len(cells) < 4 {
				t.Fatalf("%s:%d: want four cells", file, n+1)
			}
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			example(t, file, n+1, cells)
		}
	}
}

// example checks one line of a table.
func example(t *testing.T, file string, line int, cells []string) {
	t.Helper()
	old, new := version(1, cells[0], cells[1]), version(2, cells[0], cells[2])
	if cells[1] == "" {
		old.Blocks = nil
	}
	if cells[2] == "" {
		new.Blocks = nil
	}
	c := Between(old, new)
	var asNews bool // "contact (2)": news here, though it is not always
	cells[3], asNews = strings.CutSuffix(cells[3], " (2)")
	if got := strings.Join(c.Senses, ", "); got != cells[3] {
		t.Errorf("%s:%d: senses %q, want %q\n\t%s\n\t%s\n\t%+v", file, line, got, cells[3], cells[1], cells[2], c.Edits)
		return
	}
	if len(cells) > 4 && len(c.Edits) > 0 {
		for _, s := range c.Edits[0].Senses {
			if s.Code == c.Senses[0] {
				if s.Evidence != cells[4] {
					t.Errorf("%s:%d: evidence %q, want %q", file, line, s.Evidence, cells[4])
				}
				break
			}
		}
	}
	for _, e := range c.Edits {
		for _, s := range e.Senses {
			if s.Evidence == "" {
				t.Errorf("%s:%d: %s has no evidence", file, line, s.Code)
			}
		}
		news := weightOf[c.Senses[0]] >= 2 || asNews
		if (e.Weight >= 2) != news {
			t.Errorf("%s:%d: weight %d for %s", file, line, e.Weight, c.Senses)
		}
	}
}

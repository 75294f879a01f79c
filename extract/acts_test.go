package extract

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"veille/archive"
	"veille/cite"
)

// TestActs reads acts in four languages as the page of a publisher and as a PDF
// of one column and of two, through both readers: each form must have the same
// articles and points, under the same anchors, and cite the same.
func TestActs(t *testing.T) {
	files, err := filepath.Glob("testdata/acts/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		act := string(ar.Files[0].Data)
		same := func(t *testing.T, c *archive.Capture, strategy string) {
			t.Helper()
			text, err := ReadAs(t.Context(), c, nil, strategy)
			if err != nil || text.Version == nil {
				t.Fatalf("%s, %v", text.Reason, err)
			}
			got := printAct(text.Version.Blocks)
			if *update && c.URL != pdfCapture(nil).URL { // the page is the model
				ar.Files = append(ar.Files[:1], txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(ar), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if len(ar.Files) < 2 {
				t.Fatalf("%s has no wanted part; run the test with -update", file)
			}
			if d := cmp.Diff(string(ar.Files[1].Data), got); d != "" {
				t.Errorf("wanted -, got +:\n%s", d)
			}
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Run("page", func(t *testing.T) { same(t, pageOfAct(act), "") })
			for columns := 1; columns <= 2; columns++ {
				body := setLaw(t, act, columns)
				t.Run(fmt.Sprintf("columns%d", columns), func(t *testing.T) {
					bothReaders(t, func(t *testing.T, strategy string) { same(t, pdfCapture(body), strategy) })
				})
			}
		})
	}
}

// pageOfAct is an act as a site of laws shows it, with its menu and its foot.
func pageOfAct(act string) *archive.Capture {
	var b strings.Builder
	b.WriteString("<!doctype html><html><head><title>Acts</title></head><body><nav><ul><li><a href=/a>Acts</a></li><li><a href=/s>Search</a></li></ul></nav><main>\n")
	for line := range strings.Lines(act) {
		line = strings.TrimSpace(line)
		text := strings.TrimLeft(line, "#")
		tag := "p"
		if n := len(line) - len(text); n > 0 {
			tag = "h" + itoa(n)
		}
		fmt.Fprintf(&b, "<%s>%s</%[1]s>\n", tag, html.EscapeString(strings.TrimSpace(text)))
	}
	b.WriteString("</main><footer><p><a href=/c>Contact</a> <a href=/p>Privacy</a></p></footer></body></html>")
	c := documentCapture("act.html", []byte(b.String()))
	c.Header.Set("Content-Type", "text/html; charset=utf-8")
	return c
}

// printAct lists the headings and the numbered texts of an act, each behind its
// anchor and with its first words, and what each text cites.
func printAct(blocks []archive.Block) string {
	var s strings.Builder
	anchors := Anchors(blocks)
	for i := range blocks {
		b := &blocks[i]
		if b.Role != archive.Main || b.Text == lawHeader { // on one page nothing shows that it runs
			continue
		}
		words := strings.Fields(b.Marker + " " + b.Text)
		fmt.Fprintf(&s, "%s: %s\n", anchors[i], strings.Join(words[:min(len(words), 8)], " "))
		for _, c := range cite.Find(b.Text) {
			fmt.Fprintf(&s, "  cites %s %s\n", c.Kind, c.ID)
		}
	}
	return s.String()
}

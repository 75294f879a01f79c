package extract

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"veille/archive"
	"veille/cite"
	"veille/source"
)

var update = flag.Bool("update", false, "rewrite the wanted parts of the golden files")

// Each golden file is a page and what is to be read in it. The comment holds
// lines "key: value" (url, final, lang, status, select, drop, and header
// fields with a capital); a file named "page" is the body, "want" the reading.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c, list := goldenCapture(t, ar)
			text, err := Read(t.Context(), c, list)
			if err != nil {
				t.Fatal(err)
			}
			got := printText(text)
			if *update {
				ar.Files = append(ar.Files[:1], txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(ar), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if len(ar.Files) < 2 {
				t.Fatalf("%s has no wanted part; run the test with -update", file)
			}
			if d := cmp.Diff(string(ar.Files[1].Data), got); d != "" {
				t.Errorf("wanted -, got +:\n%s", d)
			}
		})
	}
}

func goldenCapture(t *testing.T, ar *txtar.Archive) (*archive.Capture, *source.List) {
	t.Helper()
	src := &source.Source{ID: "test"}
	c := &archive.Capture{Source: "test", Status: 200, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Time: time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC), Seq: 1, Body: ar.Files[0].Data}
	for line := range strings.Lines(string(ar.Comment)) {
		k, v, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			continue
		}
		switch k {
		case "url":
			c.URL = v
		case "final":
			c.FinalURL = v
		case "lang":
			c.Lang = v
		case "status":
			var err error
			if c.Status, err = strconv.Atoi(v); err != nil {
				t.Fatal(err)
			}
		case "select":
			src.Select = append(src.Select, v)
		case "drop":
			src.Drop = append(src.Drop, v)
		default:
			if k[0] >= 'A' && k[0] <= 'Z' {
				c.Header.Set(k, v)
			}
		}
	}
	if c.FinalURL == "" {
		c.FinalURL = c.URL
	}
	return c, &source.List{Sources: []*source.Source{src}}
}

// printText writes a reading for people: "M" main, "b" boilerplate.
func printText(text *Text) string {
	var s strings.Builder
	fmt.Fprintf(&s, "class: %s\n", text.Class)
	if text.Reason != "" {
		fmt.Fprintf(&s, "reason: %s\n", text.Reason)
	}
	v := text.Version
	if v == nil {
		return s.String()
	}
	fmt.Fprintf(&s, "title: %s\nlang: %s\n", v.Title, v.Lang)
	if v.Gone {
		return s.String() + "gone: true\n"
	}
	fmt.Fprintf(&s, "published: %s\nupdated: %s\nstrategy: %s\n", v.PublishedOn, v.UpdatedOn, v.Strategy)
	if d := InForce(v); d != "" {
		fmt.Fprintf(&s, "in force: %s\n", d)
	}
	path := ""
	for i := range v.Blocks {
		b := &v.Blocks[i]
		if p := strings.Join(b.Path, " › "); p != path {
			fmt.Fprintf(&s, "[%s]\n", p)
			path = p
		}
		role := "M"
		if b.Role == archive.Boilerplate {
			role = "b"
		}
		fmt.Fprintf(&s, "%s %s", role, b.Kind)
		if b.Level > 0 {
			fmt.Fprintf(&s, "%d", b.Level)
		}
		if b.Marker != "" {
			fmt.Fprintf(&s, " (%s)", b.Marker)
		}
		fmt.Fprintf(&s, ": %s\n", b.Text)
		for _, c := range cite.Find(b.Text) {
			fmt.Fprintf(&s, "  cites %s %s\n", c.Kind, c.ID)
		}
		for _, r := range b.Refs {
			fmt.Fprintf(&s, "  links to %s\n", r)
		}
	}
	return s.String()
}

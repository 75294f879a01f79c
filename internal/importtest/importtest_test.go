// Package importtest holds the house's import table (docs/ARCHITECTURE.md) as
// a test: imports run one way, and each foreign trade has one room.
package importtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport lists, for each room, the rooms below it that it may import.
// internal/… may be imported by all, and imports none of them.
var mayImport = map[string][]string{
	"cite":       {},
	"archive":    {"cite"},
	"replay":     {},
	"source":     {},
	"thesaurus":  {},
	"crawler":    {"archive", "cite", "source", "thesaurus"},
	"extract":    {"archive", "cite", "source", "thesaurus"},
	"diff":       {"archive", "cite", "source", "thesaurus"},
	"index":      {"archive", "cite", "source", "thesaurus"},
	"evidence":   {"archive", "cite", "source", "thesaurus", "extract", "diff"},
	"redline":    {"archive", "diff"},
	"digest":     {"archive", "cite", "source", "thesaurus", "index", "diff", "extract", "crawler"},
	"server":     {"archive", "cite", "source", "thesaurus", "index", "diff", "extract", "crawler", "digest", "evidence", "redline", "replay"},
	"cmd/veille": {"archive", "cite", "source", "thesaurus", "index", "diff", "extract", "crawler", "digest", "evidence", "redline", "server"},
}

// onlyIn says which rooms may import a foreign module, by prefix of its path.
var onlyIn = map[string][]string{
	"modernc.org/sqlite":               {"archive", "digest"},
	"database/sql":                     {"archive", "digest"},
	"github.com/blevesearch/":          {"index"},
	"codeberg.org/readeck/":            {"extract"},
	"github.com/gocolly/colly/":        {"crawler"},
	"github.com/chromedp/":             {"crawler"},
	"github.com/wneessen/go-mail":      {"digest"},
	"github.com/arran4/golang-ical":    {"server"},
	"github.com/standard-webhooks/":    {"digest"},
	"github.com/nicholas-fedor/":       {"digest"},
	"github.com/danielgtaylor/huma/":   {"server"},
	"github.com/robfig/cron/":          {"source"},
	"github.com/goccy/go-yaml":         {"source", "thesaurus", "diff"},
	"github.com/PuerkitoBio/goquery":   {"extract", "crawler"},
	"golang.org/x/net/html":            {"extract", "crawler", "replay", "internal"},
	"golang.org/x/mod/sumdb/":          {"archive", "evidence"},
	"github.com/digitorus/":            {"evidence", "internal"},
	"github.com/alecthomas/kong":       {"cmd/veille"},
	"github.com/schollz/progressbar":   {"cmd/veille"},
	"github.com/clipperhouse/uax29/v2": {"diff"},
	"github.com/alexedwards/":          {"server"},
	"github.com/coreos/go-oidc/":       {"server"},
	"golang.org/x/oauth2":              {"server"},
}

// room is the room a package directory belongs to.
func room(dir string) string {
	for _, r := range []string{"cmd/veille", "internal", "bench"} {
		if dir == r || strings.HasPrefix(dir, r+"/") {
			return r
		}
	}
	first, _, _ := strings.Cut(dir, "/")
	return first
}

func TestImportsRunOneWay(t *testing.T) {
	root, seen := "../..", 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != root || d.Name() == "testdata" || d.Name() == "tools" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		seen++
		return check(t, path, room(filepath.ToSlash(filepath.Dir(rel))))
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 20 {
		t.Fatalf("looked at %d files only: the walk is broken", seen)
	}
}

func check(t *testing.T, path, from string) error {
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		return err
	}
	test := strings.HasSuffix(path, "_test.go")
	for _, spec := range f.Imports {
		to, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		if inside, ok := strings.CutPrefix(to, "veille/"); ok {
			checkInside(t, path, from, room(inside))
			continue
		}
		for prefix, rooms := range onlyIn {
			if strings.HasPrefix(to, prefix) && !test && !slices.Contains(rooms, from) && from != "bench" && from != "internal" {
				t.Errorf("%s imports %s, which only %v may", path, to, rooms)
			}
		}
	}
	return nil
}

func checkInside(t *testing.T, path, from, to string) {
	if to == from || to == "internal" || from == "bench" {
		return
	}
	allowed, known := mayImport[from]
	if !known {
		t.Errorf("%s: %s is not in the table of rooms", path, from)
	} else if !slices.Contains(allowed, to) {
		t.Errorf("%s: %s may not import %s", path, from, to)
	}
}

package server

import (
	"io/fs"
	"path"
	"testing"
)

// TestEveryTemplateParses holds what the start of a server does not: each page
// can be had in each language.
func TestEveryTemplateParses(t *testing.T) {
	w := newWorld(t)
	web, err := newWeb(w.server)
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil || len(names) < 25 {
		t.Fatalf("%d templates, %v", len(names), err)
	}
	for lang := range web.tongues {
		for _, name := range names {
			if _, err := web.templates.page(lang, path.Base(name)); err != nil {
				t.Errorf("%s in %s: %v", name, lang, err)
			}
		}
	}
}

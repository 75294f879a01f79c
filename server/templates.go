package server

import (
	"fmt"
	"html/template"
	"sync"
)

// templates are the pages in all languages. A page is parsed for a language,
// so that it can say {{t "key"}} wherever it is, when somebody first asks for it
// there: parsing all at the start would take some 0.2 s.
// They are parts of the binary; a test parses each of them.
type templates struct {
	layouts map[string]*template.Template // by language; cloned, never executed

	mu    sync.Mutex
	pages map[string]*template.Template // by language and name, "en/home.html"
}

func loadTemplates(tongues map[string]*tongue, funcs func(*tongue) template.FuncMap) (*templates, error) {
	ts := &templates{layouts: map[string]*template.Template{}, pages: map[string]*template.Template{}}
	for lang, t := range tongues {
		layout, err := template.New("layout.html").Funcs(funcs(t)).ParseFS(templateFiles, "templates/layout.html", "templates/fields.html")
		if err != nil {
			return nil, fmt.Errorf("templates: %w", err)
		}
		ts.layouts[lang] = layout
	}
	return ts, nil
}

// page is a page in a language, such as "home.html" in "en".
func (ts *templates) page(lang, name string) (*template.Template, error) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if page, ok := ts.pages[lang+"/"+name]; ok {
		return page, nil
	}
	page, err := ts.layouts[lang].Clone()
	if err != nil {
		return nil, err
	}
	if _, err := page.ParseFS(templateFiles, "templates/"+name); err != nil {
		return nil, err
	}
	ts.pages[lang+"/"+name] = page.Lookup(name)
	return ts.pages[lang+"/"+name], nil
}

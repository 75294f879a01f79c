package server

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestWhatWasTypedStandsInMarks: pages repeat what was typed between the
// quotation marks of their language; programs are told with plain ones.
func TestWhatWasTypedStandsInMarks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.live()
	for lang, marks := range map[string]string{"en": "“%s”", "fr": "«\u00a0%s\u00a0»", "nl": "“%s”", "de": "„%s“"} {
		for path, typed := range map[string]string{
			"/?min_weight=9":                     "9",
			"/?source=no+such":                   "no such",
			"/?sense=%22odd%22":                  `"odd"`,
			"/search?q=places&asof=2020":         "asof",
			"/change/7..x":                       "7..x",
			"/v/seven":                           "seven",
			"/v/20/passage/art-99":               "art-99",
			"/drift.atom?days=soon":              "soon",
			"/sources?jurisdiction=Atl%0Aantis":  `Atl\nantis`,
			"/search?q=places&as_of=yester%5Cay": `yester\ay`,
		} {
			address := path + "?ui=" + lang
			if strings.Contains(path, "?") {
				address = path + "&ui=" + lang
			}
			code, body := w.get(address)
			body = html.UnescapeString(body)
			if want := fmt.Sprintf(marks, typed); code < 400 || !strings.Contains(body, want) {
				_, said, _ := strings.Cut(body, "<h1>")
				t.Errorf("%s: %d, without %s: %.400s", address, code, want, said)
			}
			if strings.Contains(body, `"`+typed+`"`+" ") {
				t.Errorf("%s: %q stands between straight marks", address, typed)
			}
		}
	}
	w.want("/api/v1/changes?min_weight=x&ui=fr", http.StatusUnprocessableEntity)
	if body := w.want("/api/v1/changes?source=no+such&ui=fr", http.StatusBadRequest); strings.ContainsAny(body, "“«") {
		t.Errorf("a program is told: %s", body)
	}
}

// TestOnlyWhatWasTypedGetsOtherMarks: a text of a page that quotes keeps its own.
func TestOnlyWhatWasTypedGetsOtherMarks(t *testing.T) {
	for _, c := range []struct{ lang, text, want string }{
		{"de", `"a"`, "„a“"}, {"fr", "“a”", "«\u00a0a\u00a0»"}, {"nl", `"say \"a\" \\ b"`, `“say "a" \ b”`},
		{"de", `"a" and "b"`, `"a" and "b"`}, {"de", "“a” and “b”", "“a” and “b”"}, {"fr", "", ""}, {"fr", `"`, `"`}, {"fr", "“", "“"}, {"fr", "“ab", "“ab"}, {"en", `""`, "“”"},
	} {
		if got := inMarks(c.lang, c.text); got != c.want {
			t.Errorf("%s: %s becomes %s, want %s", c.lang, c.text, got, c.want)
		}
	}
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ lang, english, want string }{
		{"de", "“He said " + `"no"` + "” stands on 7 of 9 pages of the host: chrome", `„He said "no"“ steht auf 7 von 9 Seiten des Hosts: Rahmen`},
		{"fr", "what stands under “News” changed in 5 of the last 6 steps: volatile, taken out of the main text", "ce qui se trouve sous «\u00a0News\u00a0» a changé à 5 des 6 dernières étapes\u00a0: instable, retiré du texte principal"},
		{"nl", "“Read on” changed in 5 of the last 6 steps: volatile, taken out of the main text", "“Read on” veranderde in 5 van de laatste 6 stappen: vluchtig, uit de hoofdtekst gehaald"},
		{"de", "by its metadata the act is partly in force", "nach seinen Metadaten ist der Rechtsakt teilweise in Kraft"},
		{"en", `the site said "no"`, "the site said “no”"},
	} {
		if got := tongues[c.lang].Say(c.english); got.Text != c.want || got.Lang != "" {
			t.Errorf("%q in %s: %+v, want %q", c.english, c.lang, got, c.want)
		}
	}
}

// decided are examples of what package extract says it decided: what goes into
// a choice, or into the Why of a text.
func decided(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../extract/*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	take := func(e ast.Expr, formatted bool) {
		values := 0
		if formatted {
			e = &ast.CallExpr{Fun: &ast.SelectorExpr{X: ast.NewIdent("fmt"), Sel: ast.NewIdent("Sprintf")}, Args: []ast.Expr{e}}
		}
		if text := spoken(e, &values); strings.ContainsFunc(text, func(r rune) bool { return r >= 'a' && r <= 'z' }) {
			found[text] = true
		}
	}
	named := func(e ast.Expr, names ...string) bool {
		switch x := e.(type) {
		case *ast.Ident:
			return slices.Contains(names, x.Name)
		case *ast.SelectorExpr:
			of, ok := x.X.(*ast.Ident)
			return ok && slices.Contains(names, of.Name+"."+x.Sel.Name)
		}
		return false
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.CallExpr:
				switch {
				case named(x.Fun, "c.say"):
					take(x.Args[0], true)
				case named(x.Fun, "say") && len(x.Args) > 0:
					take(x.Args[0], false)
				case named(x.Fun, "append") && named(x.Args[0], "t.Why", "d.why") && x.Ellipsis == token.NoPos:
					take(x.Args[1], false)
				}
			case *ast.KeyValueExpr:
				if list, ok := x.Value.(*ast.CompositeLit); ok && named(x.Key, "why") {
					take(list.Elts[0], false)
				}
			}
			return true
		})
	}
	return slices.Sorted(maps.Keys(found))
}

// TestDecisionsAreTranslated: the page on which an address is tried tells in the
// reader's language why it was read so.
func TestDecisionsAreTranslated(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	all := decided(t)
	if len(all) < 13 {
		t.Fatalf("only %d decisions were found: %q", len(all), all)
	}
	for _, text := range append(all, "by its metadata the act is in force", "by its metadata the act is not in force") {
		for _, lang := range []string{"fr", "nl", "de"} {
			if said := tongues[lang].Say(text); said.Lang != "" {
				t.Errorf("messages/said.json has no words in %s for %q", lang, text)
			}
		}
	}
	w := newWorld(t)
	w.server.BaseURL = ""
	for lang, says := range map[string]string{"en": "main text is ", "fr": "le texte principal fait ", "nl": "de hoofdtekst is ", "de": "der Haupttext sind "} {
		code, body := w.post("/operator/try?ui="+lang, url.Values{"url": {w.at + "/en/closed-centres"}})
		if code != http.StatusOK || !strings.Contains(body, "<li>"+says) {
			t.Errorf("%s: %d, without %q", lang, code, says)
		}
	}
}

// TestChoicesHaveTheHourWhereItTells: of wordings that came on days of their own,
// the day is enough.
func TestChoicesHaveTheHourWhereItTells(t *testing.T) {
	w := newWorld(t)
	w.publish(w.at+"/en/days", leave, ten, may)
	v, err := (&Documents{Archive: w.server.Archive, Sources: w.server.Sources}).wording(t.Context(), w.at+"/en/days", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	w.want(fmt.Sprintf("/change/%d..%d", v.Prev, v.ID), http.StatusOK, ">wording 3 · 3 January 2025</option>")
	w = newWorld(t)
	w.live()
	w.want("/change/7..25", http.StatusOK, ">wording 3 · 3 March 2026, 16:00</option>")
}

package server

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// spoken is an example of what an expression says: its literals, and 1, 2, …
// for what differs.
func spoken(e ast.Expr, n *int) string {
	verbs := regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z]`)
	something := func() string { *n++; return strconv.Itoa(*n) }
	switch x := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(x.Value)
		if err != nil {
			return x.Value
		}
		return text
	case *ast.BinaryExpr:
		return spoken(x.X, n) + spoken(x.Y, n)
	case *ast.CallExpr:
		if f, ok := x.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Sprintf" {
			return verbs.ReplaceAllStringFunc(spoken(x.Args[0], n), func(string) string { return something() })
		}
	}
	return something()
}

// saidIn are examples of what the files of a package say in the fields, from
// one on, of a type.
func saidIn(t *testing.T, dir, kind string, from int) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		p, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(p, func(n ast.Node) bool {
			if lit, ok := n.(*ast.CompositeLit); ok && len(lit.Elts) == 3 {
				if id, ok := lit.Type.(*ast.Ident); ok && id.Name == kind {
					for _, e := range lit.Elts[from:] {
						values := 0
						if text := spoken(e, &values); strings.ContainsFunc(text, func(r rune) bool { return r >= 'a' && r <= 'z' }) {
							found[text] = true
						}
					}
				}
			}
			return true
		})
	}
	return slices.Sorted(maps.Keys(found))
}

// TestWhatIsSaidIsTranslated: what is wrong with a parameter and why a look
// brought nothing are said in English wherever they are found; on pages they
// are said in the language of the reader, all of them, and everything that was
// put in stays.
func TestWhatIsSaidIsTranslated(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	examples := append(saidIn(t, ".", "InputError", 1), saidIn(t, "../extract", "verdict", 2)...)
	if len(examples) < 120 {
		t.Fatalf("only %d sentences were found: %q", len(examples), examples)
	}
	for _, text := range examples {
		for _, lang := range []string{"fr", "nl", "de"} {
			if said := tongues[lang].Say(text); said.Lang != "" {
				t.Errorf("messages/said.json has no words in %s for %q", lang, text)
			}
		}
		if said := tongues["en"].Say(text); said.Text != text || said.Lang != "" {
			t.Errorf("in English %q becomes %+v", text, said)
		}
	}
	for _, p := range tongues["fr"].idioms {
		for _, lang := range Langs {
			in := placeholder.FindAllString(p.in["en"], -1)
			for _, hole := range placeholder.FindAllString(p.in[lang], -1) {
				if !slices.Contains(in, hole) {
					t.Errorf("%q takes %s in %s, not in English", p.in["en"], hole, lang)
				}
			}
			if p.in[lang] == "" {
				t.Errorf("%q is not said in %s", p.in["en"], lang)
			}
		}
	}
}

// TestSay: the most telling words are taken, what was put in is said too, and
// what nobody foresaw stays as it is, in its language.
func TestSay(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ lang, english, want, in string }{
		{"de", "request rejected by a firewall", "Anfrage von einer Firewall abgewiesen", ""},
		{"fr", "status 403: the server refuses the request", "statut 403\u00a0: le serveur refuse la demande", ""},
		{"nl", "truncated: the PDF has no end", "afgebroken: de pdf heeft geen einde", ""},
		{"nl", "truncated: only 3 articles where there were 90; it is taken for the page's new text if the next look says so too",
			"afgebroken: maar 3 artikelen waar er 90 waren; het geldt als de nieuwe tekst van de pagina als de volgende keer hetzelfde zegt", ""},
		{"de", "no usable answer: dial tcp: refused", "keine brauchbare Antwort: dial tcp: refused", ""},
		{"de", "what nobody foresaw", "what nobody foresaw", "en"},
		{"en", "status 410", "status 410", ""},
		{"fr", "", "", ""},
	} {
		if got := tongues[c.lang].Say(c.english); got.Text != c.want || got.Lang != c.in {
			t.Errorf("%q in %s: %+v, want %q in %q", c.english, c.lang, got, c.want, c.in)
		}
	}
}

// TestErrorsAreInTheReadersLanguage: a page says what is wrong with its address
// in the language of the reader; a program is told in English.
func TestErrorsAreInTheReadersLanguage(t *testing.T) {
	w := newWorld(t)
	page := w.want("/?min_weight=9&ui=de", http.StatusBadRequest)
	if !strings.Contains(page, "ist keine Zahl, die hier möglich ist") || !strings.Contains(page, "Schreiben Sie eine ganze Zahl von 0 bis 5.") || strings.Contains(page, `lang="en">min_weight`) {
		t.Errorf("a German reader is told:\n%s", page)
	}
	w.want("/?min_weight=9&ui=fr", http.StatusBadRequest, "n’est pas un nombre utilisable ici", ">Écrivez un nombre entier de 0 à 5.<")
	if answer := w.want("/export/corpus.zip?ui=de", http.StatusBadRequest); !strings.Contains(answer, "nothing says what") {
		t.Errorf("a program is told:\n%s", answer)
	}
}

// TestFrenchSignsStayOnTheLine: what French sets apart from a word – a colon, a
// quotation mark – is never alone on the next line, and the page of a source
// says in words why it cannot be read and what robots.txt decides.
func TestFrenchSignsStayOnTheLine(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	for key, text := range tongues["fr"].words {
		if strings.Contains(text, " :") || strings.Contains(text, " ;") || strings.Contains(text, "« ") || strings.Contains(text, " »") {
			t.Errorf("%s: %q may be broken before a sign", key, text)
		}
	}
	w := newWorld(t)
	w.live()
	w.want("/source/demo-ministry?ui=fr", http.StatusOK, "demande rejetée par un pare-feu", "n’interdit pas nos visites")
	w.want("/page/12?ui=de", http.StatusOK, "Anfrage von einer Firewall abgewiesen")
	if page := w.want("/sources?ui=nl", http.StatusOK, "verzoek geweigerd door een firewall"); strings.Contains(page, "verbiedt onze bezoeken niet") {
		t.Error("the list of sources says of each that nothing forbids it")
	}
	w.want("/figures?ui=nl", http.StatusOK, "capaciteit")
}

// TestQuotesInSummaries: what a summary quotes is in the language of the text,
// so that a voice reads it as that; the summary of a text in the reader's
// language has no marks.
func TestQuotesInSummaries(t *testing.T) {
	for _, c := range []struct{ summary, lang, reader, want string }{
		{"„shall“ wird „may“", "en", "de", "„|shall@en|“ wird „|may@en|“"},
		{"“shall” becomes “may”", "fr", "en", "“|shall@fr|” becomes “|may@fr|”"},
		{"«\u00a0shall\u00a0» devient autre", "en", "fr", "«|\u00a0shall\u00a0@en|» devient autre"},
		{"“shall” becomes “may”", "en", "en", "“shall” becomes “may”"},
		{"10 → 12 (+20 %), “never closed", "en", "nl", "10 → 12 (+20\u00a0%), “never closed"},
	} {
		var got []string
		for _, w := range quotesIn(c.summary, c.lang, c.reader) {
			if w.Lang != "" {
				w.Text += "@" + w.Lang
			}
			got = append(got, w.Text)
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s: %q, want %q", c.summary, got, c.want)
		}
	}
	w := newWorld(t)
	w.live()
	w.want("/change/7..25?ui=de", http.StatusOK, `„<span lang="en">shall</span>“`)
}

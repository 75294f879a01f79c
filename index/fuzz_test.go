package index

import (
	"context"
	"errors"
	"html"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzQuery asks any bytes as a query, of an index and of a single text: there
// is an answer or a *QueryError about a place in the query.
func FuzzQuery(f *testing.F) {
	a := openArchive(f)
	corpus(f, a)
	x := openIndex(f, filepath.Join(f.TempDir(), "index"))
	syncIndex(f, x, a)
	for _, q := range queries {
		f.Add(q.q.Text, "The return hub, l’accueil & 1 145 places.")
	}
	f.Add("((-a* OR \"b\" NOT c:d) lang:(fr OR nl)", "x")
	f.Fuzz(func(t *testing.T, q, text string) {
		res, err := x.Search(context.Background(), a, Query{Text: q, Past: true, Limit: 5})
		var qe *QueryError
		switch {
		case errors.As(err, &qe):
			if qe.Pos < 0 || qe.Pos > len(q) || qe.Msg == "" {
				t.Fatalf("%q: %v", q, err)
			}
		case err != nil:
			t.Fatalf("%q: %v", q, err)
		default:
			for _, h := range res.Hits {
				if s := html.UnescapeString(plainText(h.Highlight)); len(h.Text) < snippetBytes && s != h.Text {
					t.Fatalf("%q: highlight %q of %q", q, h.Highlight, h.Text)
				}
			}
		}
		m, merr := Compile(q, x.thesaurus)
		if merr != nil {
			if err == nil {
				t.Fatalf("%q is searched but not compiled: %v", q, merr)
			}
			return
		}
		for _, lang := range []string{"en", "de", "it"} {
			m.Match(lang, text)
			if h := highlight(text, marks(m.query, lang, text)); utf8.ValidString(text) && !utf8.ValidString(h) {
				t.Fatalf("highlight %q of %q is not UTF-8", h, text)
			}
		}
	})
}

func plainText(highlighted string) string {
	return strings.NewReplacer("<mark>", "", "</mark>", "").Replace(highlighted)
}

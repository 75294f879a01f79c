package index

import (
	"context"
	"errors"
	"fmt"
	"html"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"veille/archive"
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
	for _, q := range hostile() {
		f.Add(q, "x")
	}
	f.Add("((-a* OR \"b\" NOT c:d) lang:(fr OR nl)", "x")
	f.Fuzz(func(t *testing.T, q, text string) {
		res, err := x.Search(context.Background(), a, Query{Text: q, Past: true, Limit: 5, Grouped: len(q)%2 == 0})
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
			var we *QueryError
			if watch := errors.As(merr, &we) && we.Code == "watch"; err == nil && !watch {
				t.Fatalf("%q is searched but not compiled: %v", q, merr)
			}
			return
		}
		for _, lang := range []string{"en", "de", "it"} {
			m.Match(lang, text)
			m.Touches(lang, text)
			m.Change(&PageChange{New: &archive.Version{Lang: lang, Title: text, Blocks: []archive.Block{{Role: archive.Main, Text: text}}}, Whole: &Effect{}})
			if h := highlight(text, marks(m.query, lang, text)); utf8.ValidString(text) && !utf8.ValidString(h) {
				t.Fatalf("highlight %q of %q is not UTF-8", h, text)
			}
		}
	})
}

func plainText(highlighted string) string {
	return strings.NewReplacer("<mark>", "", "</mark>", "").Replace(highlighted)
}

// hostile are queries that are as hard as the language lets them be.
func hostile() []string {
	each := func(form string, n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(form, "%", string(rune('a'+i%26))+string(rune('a'+i/26))))
		}
		return b.String()
	}
	return []string{
		each("%* OR ", 60) + "aa*", each("%* ", 64), each("%~2 ", 60), each("%aaaaaaaaaa~2 OR ", 60) + "x",
		strings.Repeat("(", 20) + "a" + strings.Repeat(")", 20), strings.Repeat("(a OR ", 19) + "b" + strings.Repeat(")", 19),
		strings.Repeat("(-", 10) + "a" + strings.Repeat(")", 10), strings.Repeat("NOT ", 19) + "a",
		"the" + strings.Repeat(" NEAR/50 the", 60), "added:(" + each("%* ", 40) + ") removed:(" + each("%* ", 20) + ")",
		"in:removed " + each("-% ", 30) + "the", strings.Repeat("2008/115/EC ", 60), strings.Repeat("the ", 64), `"` + strings.Repeat("the ", 900) + `"`,
		strings.Repeat("a", 4000) + "~", strings.Repeat("ab*", 1), strings.Repeat("\xff", 4096), strings.Repeat("x", 1<<20), strings.Repeat("(", 1<<20),
		strings.Repeat("cites:32008L0115 OR ", 60) + "x", "article:" + strings.Repeat("1.", 500), strings.Repeat("\"", 1001), "\x00", strings.Repeat("é", 2000),
		"title:(" + each("%* ", 50) + ")", "lang:(" + strings.Repeat("fr OR ", 60) + "nl)",
	}
}

// TestHostileQueries asks what is as hard as the language lets it be, of an
// index with many words. Each is answered or refused; how long it takes is
// said, and bounded by what a query may have the index read.
func TestHostileQueries(t *testing.T) {
	a := openArchive(t)
	corpus(t, a)
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, "the %c%c%x ", 'a'+i%26, 'a'+i/26%26, i)
		if i%40 == 39 {
			b.WriteString("\n")
		}
	}
	publish(t, a, "be-office", "en", "https://office.example/words", t0, b.String())
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	syncIndex(t, x, a)
	for _, q := range hostile() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		_, err := x.Search(t.Context(), a, Query{Text: q, Past: true})
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		var qe *QueryError
		if err != nil && !errors.As(err, &qe) {
			t.Errorf("%.40q: %v", q, err)
		}
		t.Logf("%6.1f ms %6.1f MB %.50q %v", float64(took.Microseconds())/1000, float64(after.TotalAlloc-before.TotalAlloc)/(1<<20), q, err)
	}
}

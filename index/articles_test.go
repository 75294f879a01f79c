package index

import (
	"strings"
	"testing"
)

// laws are pages with articles in four languages, as their publishers number them;
// some were reworded on the tenth day.
func laws(t testing.TB) *Index {
	t.Helper()
	a := openArchive(t)
	german := "# Gesetz über den Aufenthalt\n## § 50 Ausreisepflicht\nEin Ausländer ist binnen dreißig Tagen zur Ausreise verpflichtet.\n" +
		"## § 58 Abschiebung\nDie Ausreisepflicht nach § 50 Abs. 1 ist vollziehbar, wie § 50 Absatz 1 und § 50 Abs. 1 AufenthG bestimmen.\n## §\u00a060a Duldung\nDie Abschiebung kann ausgesetzt werden."
	publish(t, a, "de-amt", "de", "https://example.org/aufenthg", day(0), german)
	publish(t, a, "de-amt", "de", "https://example.org/aufenthg", day(10), strings.Replace(german, "dreißig", "sieben", 1))
	dutch := "# Vreemdelingenwet\n## Artikel 3\nDe toegang wordt geweigerd aan wie een gevaar oplevert.\n## Artikel 59\nDe vreemdeling kan in bewaring worden gesteld.\n" +
		"## Artikel 94\nHet beroep tegen artikel 3, lid 2, en artikel 59, tweede lid, geldt ook voor artikel 3, tweede lid.\n## Artikel 74/14\nDe termijn bedraagt dertig dagen."
	publish(t, a, "be-office", "nl", "https://example.org/vw", day(0), dutch)
	publish(t, a, "be-office", "nl", "https://example.org/vw", day(10), strings.Replace(dutch, "dertig", "zeven", 1))
	french := "# Code de l’entrée et du séjour\n## Article L612-1\nL’étranger dispose d’un délai de trente jours.\n## Article L612-2\nPar dérogation à l’article L. 612-1 et à l’article L612-1, ce délai peut être refusé.\n" +
		"## Article 1er\nLe présent code régit l’entrée.\n## Article 7undecies\nUn mécanisme est instauré."
	publish(t, a, "be-court", "fr", "https://example.org/ceseda", day(0), french)
	publish(t, a, "be-court", "fr", "https://example.org/ceseda", day(10), strings.Replace(french, "trente", "sept", 1))
	publish(t, a, "eu-law", "en", "https://example.org/regulation", day(0),
		"# Regulation on returns\n## Article 3\nDefinitions for the purposes of this Regulation.\n## Article 4\nAs Article 3(2) and Article 3, paragraph 2, provide, Article 3 applies to all.")
	publish(t, a, "eu-law", "en", "https://example.org/act", day(0),
		"# Act on entry\n## Section 3. Leave to enter\nLeave is given in writing.\n## Section 49A. Appeal\nAs section 3(1), s. 3(1) and section 3 say, there is none.\n## § 1231 Detention\nNinety days.")
	x := openIndex(t, t.TempDir())
	syncIndex(t, x, a)
	return x
}

// The officer types an article as it stands in the file at hand; that article comes
// first, as it read on the day.
func TestAnArticleAsItIsTyped(t *testing.T) {
	x := laws(t)
	for _, test := range []struct{ lang, query, head, reads string }{
		{"de", "§ 50 Absatz 1", "§ 50", "sieben"},
		{"de", "§ 50 Abs. 1 AufenthG", "§ 50", "sieben"},
		{"de", "§ 50 Abs. 1 AufenthG as-of:2026-03-05", "§ 50", "dreißig"},
		{"de", "§50", "§ 50", "sieben"},
		{"de", "§ 60a Abs. 2 Satz 3", "§\u00a060a", "ausgesetzt"},
		{"de", "article:'§ 50' as-of:2026-03-05", "§ 50", "dreißig"},
		{"nl", "artikel 3, lid 2", "Artikel 3", "geweigerd"},
		{"nl", "art. 59, tweede lid", "Artikel 59", "bewaring"},
		{"nl", "artikel 59 Vw", "Artikel 59", "bewaring"},
		{"nl", "artikel 74/14", "Artikel 74/14", "zeven"},
		{"nl", "artikel 74/14, § 1 as-of:2026-03-05", "Artikel 74/14", "dertig"},
		{"fr", "article L. 612-1", "Article L612-1", "sept"},
		{"fr", "article L612-1 as-of:2026-03-05", "Article L612-1", "trente"},
		{"fr", "L. 612-1 du CESEDA", "Article L612-1", "sept"},
		{"fr", "article:L. 612-1", "Article L612-1", "sept"},
		{"fr", "art. 1er, alinéa 2", "Article 1er", "régit"},
		{"fr", "article 7undecies, § 1er", "Article 7undecies", "mécanisme"},
		{"fr", "article:1", "Article 1er", "régit"},
		{"en", "Article 3(2)", "Article 3", "Definitions"},
		{"en", "Art. 3 Abs. 2", "Article 3", "Definitions"},
		{"de", "Paragraph 50", "§ 50", "sieben"},
		{"de", "Paragraph 50 Absatz 1 AufenthG as-of:2026-03-05", "§ 50", "dreißig"},
		{"en", "section 3", "Section 3", "writing"},
		{"en", "Section 3(1)", "Section 3", "writing"},
		{"en", "section 3, subsection (1)", "Section 3", "writing"},
		{"en", "s. 3", "Section 3", "writing"},
		{"en", "s 3(1)", "Section 3", "writing"},
		{"en", "sec. 49A", "Section 49A", "there is none"},
		{"en", "section 1231(a)(6)", "§ 1231", "Ninety"},
		{"en", "article 3, paragraph 2", "Article 3", "Definitions"},
	} {
		got, err := x.Search(t.Context(), nil, Query{Text: test.query, Langs: []string{test.lang}, Limit: 20})
		if err != nil {
			t.Errorf("%s: %v", test.query, err)
			continue
		}
		if len(got.Hits) == 0 || !strings.HasPrefix(got.Hits[0].Text, test.head) && !strings.HasPrefix(strings.Join(got.Hits[0].Path[1:], ""), test.head) {
			t.Errorf("%s: first is %+v, want %s", test.query, got.Hits, test.head)
			continue
		}
		reads := false
		for _, h := range got.Hits {
			reads = reads || strings.Contains(h.Text, test.reads) && len(h.Path) > 1 && strings.HasPrefix(h.Path[1], test.head)
		}
		if !reads {
			t.Errorf("%s: its wording with %q is not among %d hits", test.query, test.reads, len(got.Hits))
		}
	}
}

// What cites an article is found by its number, too, behind it.
func TestWhatCitesAnArticleAsItIsTyped(t *testing.T) {
	got, err := laws(t).Search(t.Context(), nil, Query{Text: "§ 50 Abs. 1", Langs: []string{"de"}, Limit: 20})
	if err != nil {
		t.Fatal(err)
	}
	last := got.Hits[len(got.Hits)-1]
	if got.Total != 3 || !strings.Contains(last.Text, "vollziehbar") {
		t.Errorf("%d hits, last %q", got.Total, last.Text)
	}
}

// What only looks like an article is words, as before.
func TestWhatIsNoTypedArticle(t *testing.T) {
	for _, query := range []string{"article", "art 3*", "article 3~", "article NEAR/3 4", "artikel 5 NEAR/3 lid", "departement 3", "sections", "s3", "S. 3", "person's 3", "paragraph 5", "sense:scope 3", "l 5", "\"article 3\"", "d 2024-01-01"} {
		lexemes, err := lex(query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
		for _, l := range lexemes {
			if l.kind == lexArticle {
				t.Errorf("%s: %q is taken for an article", query, l.text)
			}
		}
	}
	for query, want := range map[string]string{"article 5 a été": "5", "article 10bis": "10bis", "article 10 bis": "10bis", "art. 3 OR art. 4": "3", "(§ 5)": "5", "Article 3(2) (b)": "3", "article 3, paragraphe 2": "3", "article 3 s’applique": "3"} {
		lexemes, err := lex(query)
		if err != nil {
			t.Fatal(err)
		}
		found := ""
		for _, l := range lexemes {
			if l.kind == lexArticle && found == "" {
				found = l.article.key
			}
		}
		if n := len(lexemes); strings.Contains(query, ",") && n != 2 {
			t.Errorf("%s: %d words, want none beside the article", query, n-2)
		}
		if found != want {
			t.Errorf("%s: article %q, want %q", query, found, want)
		}
	}
}

// A subscription to an article is told of a change in it, whatever its words.
func TestATypedArticleIsWatched(t *testing.T) {
	m, err := Compile("§ 50 Abs. 1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, every := m.Keys("de"); !every {
		t.Error("texts without the number are never asked")
	}
}

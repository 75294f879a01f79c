package index

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veille/archive"
)

var update = flag.Bool("update", false, "write the golden files anew")

// queries are searched over the corpus; the results are in testdata/NAME.txt.
var queries = []struct {
	name string
	q    Query
}{
	{"word", Query{Text: "centres"}},
	{"word-singular", Query{Text: "centre"}},
	{"and", Query{Text: "closed centre places"}},
	{"seed", Query{Text: `"closed centre" OR "closed centres" OR "closed center"`, Exact: true}},
	{"seed-expanded", Query{Text: `"closed centre" OR "closed centres" OR "closed center"`}},
	{"concept-words", Query{Text: "return hub"}},
	{"concept-exact", Query{Text: "return hub", Exact: true}},
	{"concept-nl", Query{Text: "terugkeerhub"}},
	{"concept-de-typed-plainly", Query{Text: "ruckkehrzentrum"}},
	{"concept-everyday-alone", Query{Text: "retour centres"}},
	{"concept-everyday-in-context", Query{Text: "retour étranger"}},
	{"concept-everyday-not-under-not", Query{Text: "retour -étranger"}},
	{"concept-abbreviation", Query{Text: "ICAM OR DVZ"}},
	{"concept-off", Query{Text: "retour étranger", Exact: true}},
	{"concept-and-word", Query{Text: "entry ban ten OR tien"}},
	{"french-elision", Query{Text: "accueil"}},
	{"french-phrase-any-apostrophe", Query{Text: `"droit a l'accueil"`, Past: true}},
	{"french-inflected", Query{Text: "ordres territoires"}},
	{"german-umlaut", Query{Text: "rueckkehrentscheidungen"}},
	{"german-sharp-s", Query{Text: "STRASSEN"}},
	{"dutch-compound", Query{Text: "beleid"}},
	{"dutch-compound-part", Query{Text: "bewaring"}},
	{"german-compound", Query{Text: "entscheidung"}},
	{"german-compound-inflected", Query{Text: "Ausreisefristen"}},
	{"german-compound-not-in-phrase", Query{Text: `"haft"`}},
	{"dutch-hyphen", Query{Text: "re-integratie"}},
	{"stop-words", Query{Text: "the colour of the card"}},
	{"stop-words-only", Query{Text: "of the"}},
	{"stop-word-of-another-language", Query{Text: "die ausländer"}},
	{"phrase-with-stop-words", Query{Text: `"in a closed centre for"`}},
	{"number", Query{Text: "1145"}},
	{"number-as-of", Query{Text: "751 OR 1145", AsOf: day(5)}},
	{"number-past", Query{Text: "751", Past: true}},
	{"prefix", Query{Text: "terugkeer*"}},
	{"not", Query{Text: "closed -capacity NOT places"}},
	{"not-alone", Query{Text: "-centres lang:nl"}},
	{"prefix-of-nothing", Query{Text: "zzzz* centres"}},
	{"nothing-or-word", Query{Text: "zzzz* OR astreinte OR visitors"}},
	{"parentheses", Query{Text: "(hub OR terugkeerhub) (land OR agreement)"}},
	{"field-source", Query{Text: "source:eu-press entry"}},
	{"field-lang", Query{Text: "lang:(fr OR nl) 751 OR lang:fr 1145"}},
	{"field-kind", Query{Text: "kind:eu hub"}},
	{"field-jurisdiction", Query{Text: "jurisdiction:de frist"}},
	{"field-topic", Query{Text: "topic:return-hubs agreement"}},
	{"field-title", Query{Text: `title:"closed centres" register`}},
	{"field-path", Query{Text: "path:visits"}},
	{"field-role", Query{Text: "role:boilerplate return"}},
	{"boilerplate-left-out", Query{Text: "programme"}},
	{"boilerplate-all", Query{Text: "programme", All: true}},
	{"everything", Query{Limit: 3, Sort: "newest"}},
	{"oldest", Query{Text: "hub", Sort: "oldest"}},
	{"period", Query{Text: "centres", From: day(10), Until: day(15)}},
	{"facets-filtered", Query{Text: "751 OR 1145", Jurisdictions: []string{"BE"}, Past: true}},
	{"langs", Query{Text: "die", Langs: []string{"de"}}},
	{"withdrawn", Query{Text: "astreinte"}},
	{"withdrawn-as-of", Query{Text: "astreinte", AsOf: day(11)}},
	{"other-language", Query{Text: "centri chiusi"}},
	{"identifier", Query{Text: "2008/115/EC"}},
	{"html-in-text", Query{Text: `"no agreement"`}},
	{"fuzzy", Query{Text: "Eastfeild~"}},
	{"fuzzy-one-letter", Query{Text: "centrs~1"}},
	{"near", Query{Text: "centres NEAR/3 places"}},
	{"near-too-far", Query{Text: "office NEAR/2 places"}},
	{"near-in-any-order", Query{Text: "places NEAR/4 seven NEAR/1 closed", All: true}},
	{"and-over-passages", Query{Text: "register AND seven AND months"}},
	{"not-over-passages", Query{Text: "centres NOT months"}},
	{"and-at-one-time", Query{Text: "751 AND 1145", Past: true}},
	{"question", Query{Text: "how many places do closed centres in Belgium have today"}},
	{"field-institution", Query{Text: "institution:office places"}},
	{"field-article", Query{Text: "article:capacity places"}},
	{"removed-not-where-it-moved", Query{Text: "removed:'suspensive effect' since 2025"}},
	{"removed-before-the-period", Query{Text: "removed:'suspensive effect' until:2026-03-15"}},
	{"removed-split-is-none", Query{Text: `removed:"detention shall be ordered"`}},
	{"removed-by-sense", Query{Text: "in:removed sense:modality"}},
	{"removed-with-page", Query{Text: "removed:astreinte"}},
	{"added-word", Query{Text: "added:may"}},
	{"added-and-removed", Query{Text: "added:may removed:shall lang:en"}},
	{"added-concept", Query{Text: "added:'hub de retour' from:2026-03"}},
	{"in-added-period", Query{Text: "in:added since 2026-03-20 until 2026-03-25"}},
	{"in-removed-words", Query{Text: "in:removed 751 places"}},
	{"change-and-context", Query{Text: "removed:thirty -added:twelve"}},
	{"weight", Query{Text: "weight:5 departure"}},
	{"weight-past", Query{Text: "weight:5 detention", Past: true}},
	{"sense-amount", Query{Text: "sense:amount centres"}},
	{"as-of-in-query", Query{Text: "article:7 title:directive lang:en as-of:2026-03-25"}},
	{"from-until-in-query", Query{Text: "hub from:2026-03-10 until:2026-03-20"}},
	{"celex", Query{Text: "32008L0115"}},
	{"directive-en", Query{Text: "Directive 2008/115/EC"}},
	{"directive-nl", Query{Text: "richtlijn 2008/115/EG"}},
	{"directive-and-word", Query{Text: "Directive 2008/115/EC remedy"}},
	{"directive-exact", Query{Text: "Directive 2008/115/EC", Exact: true}},
	{"case-any-dash", Query{Text: "C–758/24"}},
	{"case-itself", Query{Text: "C-999/24"}},
	{"procedure", Query{Text: "2025/0059(COD)"}},
	{"com", Query{Text: "COM(2025) 101"}},
	{"ecli", Query{Text: "ECLI:EU:C:2025:17"}},
	{"arrest-number", Query{Text: "RvV nr. 269 083"}},
	{"arrest-alone", Query{Text: "arrest nr 269.083"}},
	{"case-without-hyphen", Query{Text: "C 758/24"}},
	{"cites", Query{Text: "cites:32008L0115 detention OR cites:'COM(2025) 101'"}},
	{"cites-not-itself", Query{Text: `cites:"Directive 2008/115/EC"`}},
	{"article-typed-nl", Query{Text: "artikel 74/9, § 1"}},
	{"article-typed-en", Query{Text: "Article 7(2) of the directive"}},
	{"article-typed-fr", Query{Text: "article 7, paragraphe 2", Langs: []string{"fr"}}},
	{"article-typed-de", Query{Text: "Artikel 7 Absatz 2", Langs: []string{"de"}}},
	{"article-typed-day", Query{Text: "article 7 as-of:2026-03-25"}},
	{"article-belgian", Query{Text: "article:74/9"}},
	{"article-bis", Query{Text: "article:'Art. 10 bis'"}},
	{"grouped-twins", Query{Text: "Directive 2008/115/EC", Grouped: true}},
	{"grouped-past-newest", Query{Text: "centres OR detention", Grouped: true, Past: true, Sort: "newest", Limit: 2}},
	{"misspelt-en", Query{Text: "suspesnive remdy"}},
	{"misspelt-fr", Query{Text: "retentoin lang:fr"}},
	{"misspelt-nl", Query{Text: `"vrijwillige terugker"`}},
	{"misspelt-de", Query{Text: "Abschiebungshft"}},
	{"misspelt-of-another-language", Query{Text: "retentoin lang:de"}},
	{"same-words-on-two-pages", Query{Text: `"seven closed centres"`}},
}

func TestQueries(t *testing.T) {
	a := openArchive(t)
	corpus(t, a)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	syncIndex(t, x, a)
	for _, c := range queries {
		t.Run(c.name, func(t *testing.T) {
			got := show(t, x, a, c.q)
			file := filepath.Join("testdata", c.name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("(-want +got; -update writes it anew)\n%s", d)
			}
		})
	}
}

// show prints all of a result but the time it took.
func show(t *testing.T, x *Index, a *archive.Archive, q Query) string {
	t.Helper()
	res, err := x.Search(t.Context(), a, q)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "query: %s\ntotal: %d\n", q.Text, res.Total)
	if s := res.Suggestion; s != nil {
		fmt.Fprintf(&b, "did you mean: %s\n", s.Query)
	}
	for _, u := range res.Understood {
		fmt.Fprintf(&b, "understood: %s as %s\n", u.Text, u.Cite.ID)
	}
	for _, e := range res.Expanded {
		fmt.Fprintf(&b, "also: %s (%d names)\n", e.Concept, len(e.Terms))
	}
	groups := res.Groups
	left := 0
	for _, h := range res.Hits {
		if left == 0 && len(groups) > 0 {
			fmt.Fprintf(&b, "\n== %s: %d of %d\n", groups[0].Document, groups[0].Hits, groups[0].Total)
			left, groups = groups[0].Hits, groups[1:]
		}
		left--
		until := ""
		if h.Until != nil {
			until = " until " + h.Until.By.Format("01-02")
		}
		if h.Change != "" {
			until += " (" + h.Change + ")"
		}
		fmt.Fprintf(&b, "\n%.4f %s %s %s %s since %d%s\n\t%s | %s\n\t%s\n", h.Score, h.Link(), h.Lang, h.Source,
			h.FirstSeen.By.Format("01-02"), h.Since, until, h.Title, strings.Join(h.Path, " › "), h.Highlight)
		for _, r := range h.Replaced {
			fmt.Fprintf(&b, "\tnow %s: %s\n", r.Link(), r.Text)
		}
	}
	b.WriteString("\n")
	for _, name := range []string{"source", "lang", "kind", "jurisdiction", "topic", "year"} {
		fmt.Fprintf(&b, "%s:", name)
		for _, f := range res.Facets[name] {
			fmt.Fprintf(&b, " %s %d", f.Term, f.Count)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestMatchAgrees asks every query of single passages in memory, and of an
// index in which each of them is a page of its own.
func TestMatchAgrees(t *testing.T) {
	a := openArchive(t)
	corpus(t, a)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	syncIndex(t, x, a)
	all, err := x.Search(t.Context(), a, Query{Past: true, All: true, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	single, pages := openArchive(t), map[string]*Passage{}
	for _, h := range all.Hits {
		s := sources().Source(h.Source)
		url := "https://example.org/" + h.ID
		pages[url] = &Passage{Lang: h.Lang, Text: h.Text, Title: h.Title, Path: h.Path, Role: string(h.Role), Block: h.Kind, URL: url,
			Source: h.Source, Institution: s.Institution, Kind: s.Kind, Jurisdiction: s.Jurisdiction, Topics: s.Topics}
		alone(t, single, url, pages[url])
	}
	x = openIndex(t, filepath.Join(t.TempDir(), "single"))
	syncIndex(t, x, single)
	for _, c := range queries {
		if q, _ := parse(c.q.Text); q.changes || q.when.given || q.root.asks("sense") || q.root.asks("weight") {
			continue // these pages never changed
		}
		th := words(t)
		if c.q.Exact {
			th = nil
		}
		m, err := Compile(c.q.Text, th)
		if err != nil {
			t.Fatal(err)
		}
		res, err := x.Search(t.Context(), single, Query{Text: c.q.Text, Exact: c.q.Exact, All: true, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for _, h := range res.Hits {
			found[h.URL] = true
		}
		for url, p := range pages {
			if got := m.Passage(p); got != found[url] && !res.Loose {
				t.Errorf("%s: the index finds %v, the matcher %v: %s", c.q.Text, found[url], got, p.Text)
			}
		}
	}
}

// alone publishes a passage as a page of its own.
func alone(t *testing.T, a *archive.Archive, url string, p *Passage) {
	t.Helper()
	c := &archive.Capture{Source: p.Source, URL: url, Lang: p.Lang, Time: t0, Exchanges: []archive.Exchange{{URL: url, Time: t0,
		Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\n\r\n%s", url)}}}
	if err := a.Add(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	v := &archive.Version{Lang: p.Lang, Title: p.Title, Strategy: "main",
		Blocks: []archive.Block{{Kind: p.Block, Role: archive.Role(p.Role), Text: p.Text, Path: p.Path}}}
	if _, err := a.AddReadings(t.Context(), c.Seq, []archive.Reading{{Capture: c.Seq, Class: archive.Content, Version: v}}); err != nil {
		t.Fatal(err)
	}
}

func TestSamePagesOfHits(t *testing.T) {
	a := openArchive(t)
	corpus(t, a)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	syncIndex(t, x, a)
	for _, sort := range []string{"", "newest", "oldest"} {
		whole, err := x.Search(t.Context(), a, Query{Past: true, Limit: 1000, Sort: sort})
		if err != nil {
			t.Fatal(err)
		}
		var pieces []Hit
		for off := 0; off < whole.Total; off += 3 {
			r, err := x.Search(t.Context(), a, Query{Past: true, Limit: 3, Offset: off, Sort: sort})
			if err != nil {
				t.Fatal(err)
			}
			pieces = append(pieces, r.Hits...)
		}
		if d := cmp.Diff(whole.Hits, pieces); d != "" {
			t.Errorf("sort %q: pages of three differ from the whole:\n%s", sort, d)
		}
	}
}

func TestSearchWithoutArchive(t *testing.T) {
	a := openArchive(t)
	corpus(t, a)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	syncIndex(t, x, a)
	res, err := x.Search(t.Context(), nil, Query{Text: "Eastfield"})
	if err != nil || len(res.Hits) != 1 {
		t.Fatalf("%v hits, %v", res, err)
	}
	if h := res.Hits[0]; h.Link() != fmt.Sprintf("/v/%d#b9", h.Since) {
		t.Errorf("link %s of a passage since %d", h.Link(), h.Since)
	}
}

func TestHighlight(t *testing.T) {
	long := strings.Repeat("Lorem ipsum dolor sit amet. ", 40)
	text := long + "Here <stands> the hub & the réhub; " + long
	q, _ := parse("hub")
	h := highlight(text, marks(q.root, "en", text))
	if !strings.Contains(h, "&lt;stands&gt; the <mark>hub</mark> &amp; the") || !strings.HasPrefix(h, "… ") ||
		!strings.HasSuffix(h, " …") || len(h) > 3*snippetBytes/2 {
		t.Errorf("highlight: %s", h)
	}
	if h := highlight(strings.Repeat("é", 1000), nil); !strings.HasPrefix(h, "é") || strings.Contains(h, "\uFFFD") {
		t.Errorf("a cut character: %s", h)
	}
}

func TestAsOf(t *testing.T) {
	a := openArchive(t)
	corpus(t, a)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	syncIndex(t, x, a)
	second := day(10)
	for _, c := range []struct {
		at        time.Time
		old, new_ int
	}{
		{t0.Add(-time.Millisecond), 0, 0},
		{t0, 1, 0},
		{second.Add(-time.Millisecond), 1, 0},
		{second, 0, 1},
		{time.Time{}, 0, 1},
	} {
		for text, want := range map[string]int{"751 lang:en": c.old, "1145 source:be-office title:\"closed centres\" lang:en": c.new_} {
			res, err := x.Search(t.Context(), a, Query{Text: text, AsOf: c.at})
			if err != nil || res.Total != want {
				t.Errorf("%s at %s: %d found (%v), want %d", text, c.at, res.Total, err, want)
			}
		}
	}
}

package crawler

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veille/archive"
	"veille/source"
)

// A publisher is a local server that answers like the real one: by path, and
// only to requests that ask as it wants.
type publisher map[string]func(rw http.ResponseWriter, r *http.Request)

func (p publisher) serve(rw http.ResponseWriter, r *http.Request) {
	answer, ok := p[r.URL.Path]
	if !ok {
		http.NotFound(rw, r)
		return
	}
	answer(rw, r)
}

// says answers with a text of a type, whatever the query.
func says(kind, text string) func(http.ResponseWriter, *http.Request) {
	return func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", kind)
		fmt.Fprint(rw, strings.ReplaceAll(text, "HOST", r.Host))
	}
}

// page is a page for people.
func pageOf(text string) func(http.ResponseWriter, *http.Request) {
	return says("text/html; charset=utf-8", "<html><body><main><h1>"+text+"</h1></main></body></html>")
}

// found are the pages of a source as "path lang document title", the path
// without the host, in the order in which they were found.
func found(w *world) []string {
	w.t.Helper()
	pages, err := w.archive.Pages(w.t.Context(), "s")
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, p := range pages {
		if p.Purpose != archive.PurposePage || p.Last.Status != http.StatusOK {
			continue
		}
		s := strings.TrimPrefix(p.URL, w.site.URL)
		if p.Lang != "" {
			s += " " + p.Lang
		}
		if p.Document != "" {
			s += " of " + strings.TrimPrefix(p.Document, w.site.URL)
		}
		if p.News {
			s += " new"
		}
		out = append(out, s)
	}
	return out
}

const oneSource = `
hosts: {"HOST": {min_delay: 0s}}
sources:
  - id: s
    kind: court
    jurisdiction: EU
    topics: [dublin]
    schedule: "@every 1h"
`

// TestSPARQL: CELLAR is asked for acts that cite the Return Directive. Each has
// four languages, which are one document; a new one is news.
func TestSPARQL(t *testing.T) {
	celex := []string{"62013CJ0562"}
	p := publisher{"/webapi/rdf/sparql": func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "application/sparql-results+json" || !strings.Contains(r.URL.Query().Get("query"), "32008L0115") {
			http.Error(rw, "not acceptable", http.StatusNotAcceptable)
			return
		}
		var rows []string
		for _, c := range celex {
			rows = append(rows, `{"celex":{"type":"literal","value":"`+c+`"},"date":{"type":"typed-literal","value":"2014-12-18"}}`)
		}
		says("application/sparql-results+json", `{"head":{"link":[],"vars":["celex","date"]},"results":{"distinct":false,"ordered":true,"bindings":[`+strings.Join(rows, ",")+`]}}`)(rw, r)
	}}
	for _, c := range []string{"62013CJ0562", "62024CJ0758"} {
		p["/resource/celex/"+c+".ENG"] = pageOf(c)
		p["/resource/celex/"+c+".FRA"] = pageOf(c)
	}
	w := newWorld(t, without(p.serve), oneSource+`
    discover:
      - as: sparql
        from: http://HOST/webapi/rdf/sparql
        query: |
          PREFIX cdm: <http://publications.europa.eu/ontology/cdm#>
          SELECT ?celex ?date WHERE { ?w cdm:work_cites_work ?a ; cdm:resource_legal_id_celex ?celex .
            ?a cdm:resource_legal_id_celex "32008L0115" } LIMIT 20
        page: {en: "http://HOST/resource/celex/{celex}.ENG", fr: "http://HOST/resource/celex/{celex}.FRA"}
`)
	w.run(Options{})
	want := []string{"/resource/celex/62013CJ0562.ENG en of /resource/celex/62013CJ0562.ENG", "/resource/celex/62013CJ0562.FRA fr of /resource/celex/62013CJ0562.ENG"}
	if diff := cmp.Diff(want, found(w)); diff != "" {
		t.Fatalf("-want +got\n%s", diff)
	}
	celex = append([]string{"62024CJ0758"}, celex...)
	w.clock = w.clock.Add(2 * time.Hour)
	w.run(Options{})
	want = append(want, "/resource/celex/62024CJ0758.ENG en of /resource/celex/62024CJ0758.ENG new", "/resource/celex/62024CJ0758.FRA fr of /resource/celex/62024CJ0758.ENG new")
	if diff := cmp.Diff(want, found(w)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestCELLAR: content negotiation leads by 303 to the file; an act of several
// streams answers 300, and each stream is a page; a language that is missing is
// a 404.
func TestCELLAR(t *testing.T) {
	p := publisher{
		"/resource/celex/32024L1346.ENG": func(rw http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.Header.Get("Accept"), "application/xhtml+xml") {
				http.Error(rw, "", http.StatusNotAcceptable)
				return
			}
			http.Redirect(rw, r, "/resource/cellar/1.0006.03/DOC_1", http.StatusSeeOther)
		},
		"/resource/cellar/1.0006.03/DOC_1": says("application/xhtml+xml;charset=UTF-8", "<html><body><main><p>Directive (EU) 2024/1346</p></main></body></html>"),
		"/resource/celex/52025PC0101.ENG": func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", "text/html")
			rw.WriteHeader(http.StatusMultipleChoices)
			fmt.Fprint(rw, `<html><body><ul><li><a href="/resource/cellar/2.0001.02/DOC_1">DOC_1</a></li><li><a href="/resource/cellar/2.0001.02/DOC_2">DOC_2</a></li><li><a href="https://elsewhere.example/">x</a></li></ul></body></html>`)
		},
		"/resource/cellar/2.0001.02/DOC_1": pageOf("Proposal"),
		"/resource/cellar/2.0001.02/DOC_2": pageOf("Annex"),
	}
	w := newWorld(t, without(p.serve), oneSource+`
    accept: "application/xhtml+xml, text/html;q=0.9"
    pages:
      - {en: "http://HOST/resource/celex/32024L1346.ENG", nl: "http://HOST/resource/celex/32024L1346.NLD"}
      - {en: "http://HOST/resource/celex/52025PC0101.ENG"}
`)
	w.run(Options{})
	want := []string{"/resource/celex/32024L1346.ENG en of /resource/celex/32024L1346.ENG", "/resource/cellar/2.0001.02/DOC_1 en", "/resource/cellar/2.0001.02/DOC_2 en"}
	if diff := cmp.Diff(want, found(w)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if c := w.last("/resource/celex/32024L1346.ENG"); !strings.HasSuffix(c.FinalURL, "/1.0006.03/DOC_1") || !bytes.Contains(c.Body, []byte("2024/1346")) {
		t.Errorf("the act leads to %s", c.FinalURL)
	}
	if s := w.page("/resource/celex/32024L1346.NLD").Last.Status; s != http.StatusNotFound {
		t.Errorf("the missing language answers %d", s)
	}
	if c := w.last("/resource/celex/52025PC0101.ENG"); c.Notes["parts"] != "" && c.Notes["parts"] != "2" {
		t.Errorf("notes %v", c.Notes)
	}
	looks := w.page("/resource/cellar/2.0001.02/DOC_2").Last.Seq
	w.clock = w.clock.Add(2 * time.Hour)
	w.run(Options{DueOnly: true})
	if again := w.page("/resource/cellar/2.0001.02/DOC_2").Last.Seq; again == looks {
		t.Error("the parts are not looked at again")
	}
}

// TestGovUK: the content API names the sections of a manual, and its change
// notes what was changed; the note is kept with the capture.
func TestGovUK(t *testing.T) {
	notes := `{"base_path":"/guidance/immigration-rules/appendix-returns","title":"Appendix Returns","change_note":"Updated with statement of changes HC 1.","published_at":"2026-03-01T09:10:11Z"}`
	p := publisher{"/api/content/guidance/immigration-rules": func(rw http.ResponseWriter, r *http.Request) {
		says("application/json", `{"base_path":"/guidance/immigration-rules","schema_name":"manual","title":"Immigration Rules","updated_at":"2026-03-01T09:10:11Z",
 "details":{"child_section_groups":[{"title":"Contents","child_sections":[{"title":"Part 1","base_path":"/guidance/immigration-rules/part-1"}]}],"change_notes":[`+notes+`]},
 "links":{"organisations":[{"title":"Home Office","base_path":"/government/organisations/home-office"}]}}`)(rw, r)
	}}
	for _, path := range []string{"part-1", "appendix-returns", "part-9"} {
		p["/guidance/immigration-rules/"+path] = pageOf(path)
	}
	w := newWorld(t, without(p.serve), oneSource+`
    lang: en
    discover: [{as: govuk, from: "http://HOST/api/content/guidance/immigration-rules"}]
`)
	w.run(Options{})
	want := []string{"/guidance/immigration-rules/appendix-returns en", "/guidance/immigration-rules/part-1 en"}
	if diff := cmp.Diff(want, found(w)); diff != "" {
		t.Fatalf("-want +got\n%s", diff)
	}
	notes = `{"base_path":"/guidance/immigration-rules/part-9","title":"Part 9","change_note":"New grounds for refusal.","published_at":"2026-03-03T09:00:00Z"},
 {"base_path":"/guidance/immigration-rules/part-1","title":"Part 1","change_note":"Definitions.","published_at":"2026-03-03T09:00:00Z"},` + notes
	w.clock = w.clock.Add(2 * time.Hour)
	w.run(Options{})
	want = append(want, "/guidance/immigration-rules/part-9 en new")
	if diff := cmp.Diff(want, found(w)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if !noted(t, w, "publisher: 2026-03-03: New grounds for refusal.") {
		t.Error("the publisher's change note is not in the archive")
	}
}

// noted reports whether some metadata record of the archive says so.
func noted(t *testing.T, w *world, want string) bool {
	t.Helper()
	for _, r := range records(t, w.archive.Dir()) {
		if r.Type() == "metadata" && bytes.Contains(r.Block, []byte(want)) {
			return true
		}
	}
	return false
}

// TestHUDOC: items of the RSS lead to the texts, not to the shells of
// JavaScript; the query's answer gives the same.
func TestHUDOC(t *testing.T) {
	p := publisher{
		"/app/transform/rss": says("application/rss+xml", `<?xml version="1.0"?><rss version="2.0"><channel><title>HUDOC</title><link>http://HOST/</link><description/>
<item><title>CASE OF CAMARA v. BELGIUM</title><link>http://HOST/eng#{%22itemid%22:[%22001-225884%22]}</link><guid isPermaLink="false">001-225884</guid></item>
<item><title>CASE OF B v. C</title><link>http://HOST/eng?i=001-187278</link></item><item><title>no item</title><link>http://HOST/eng</link></item></channel></rss>`),
		"/app/query/results": says("application/json", `{"resultcount":1,"results":[{"columns":{"itemid":"001-58337","docname":"CASE OF D v. E","respondent":"BEL"}}]}`),
		"/app/conversion/docx/html/body": func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("library") != "ECHR" {
				http.NotFound(rw, r)
				return
			}
			pageOf("PROCEDURE "+r.URL.Query().Get("id"))(rw, r)
		},
	}
	w := newWorld(t, without(p.serve), oneSource+`
    lang: en
    discover:
      - {as: hudoc, from: "http://HOST/app/transform/rss?library=echreng&query=contentsitename%3AECHR&sort=&start=1"}
      - {as: hudoc, from: "http://HOST/app/query/results?query=contentsitename:ECHR&select=itemid,docname&start=0&length=50"}
`)
	w.run(Options{})
	want := []string{"/app/conversion/docx/html/body?library=ECHR&id=001-225884 en", "/app/conversion/docx/html/body?library=ECHR&id=001-187278 en", "/app/conversion/docx/html/body?library=ECHR&id=001-58337 en"}
	got := map[string]bool{}
	for _, f := range found(w) {
		got[f] = true
	}
	for _, f := range want {
		if !got[f] || len(got) != len(want) {
			t.Errorf("found %v, want %s", got, f)
		}
	}
}

// TestLegislation: feeds of acts go on by rel="next"; feeds of changes tell
// which act is affected, and how.
func TestLegislation(t *testing.T) {
	p := publisher{
		"/ukpga/data.feed": func(rw http.ResponseWriter, r *http.Request) {
			next, n := `<link rel="next" href="/ukpga/data.feed?page=2"/>`, "36"
			if r.URL.Query().Get("page") == "2" {
				next, n = "", "8"
			}
			says("application/atom+xml", `<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>`+next+`<entry><id>http://HOST/id/ukpga/2022/`+n+`</id><title>Act `+n+`</title>
<link rel="self" href="http://HOST/id/ukpga/2022/`+n+`"/><link rel="alternate" type="application/xml" href="http://HOST/ukpga/2022/`+n+`/data.xml"/><link href="http://HOST/ukpga/2022/`+n+`"/><updated>2026-01-01T00:00:00Z</updated></entry></feed>`)(rw, r)
		},
		"/changes/affected/ukpga/1971/77/data.feed": says("application/atom+xml", `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:ukm="http://www.legislation.gov.uk/namespaces/metadata"><entry><id>x</id><title>effect</title>
<content type="text/xml"><ukm:Effect Type="words inserted" AffectedURI="http://HOST/id/ukpga/1971/77" AffectedProvisions="s. 3" AffectingClass="UnitedKingdomPublicGeneralAct" AffectingYear="2026" AffectingNumber="5"/></content></entry></feed>`),
		"/ukpga/2022/36": pageOf("Act 36"), "/ukpga/2022/8": pageOf("Act 8"), "/ukpga/1971/77": pageOf("Immigration Act 1971"),
	}
	w := newWorld(t, without(p.serve), oneSource+`
    lang: en
    discover: [{as: legislation, from: ["http://HOST/ukpga/data.feed", "http://HOST/changes/affected/ukpga/1971/77/data.feed"]}]
`)
	w.run(Options{})
	got := strings.Join(found(w), "\n")
	for _, want := range []string{"/ukpga/2022/36 en", "/ukpga/2022/8 en", "/ukpga/1971/77 en"} {
		if !strings.Contains(got, want) {
			t.Errorf("found\n%s\nwant %s", got, want)
		}
	}
	if !noted(t, w, "publisher: s. 3 words inserted by UnitedKingdomPublicGeneralAct 2026/5") {
		t.Error("the effect is not in the archive")
	}
}

// TestGesetze: of the thousands of laws in the table of contents, those with
// the wanted titles are fetched, as their XML in a ZIP file.
func TestGesetze(t *testing.T) {
	var zipped bytes.Buffer
	z := zip.NewWriter(&zipped)
	f, err := z.Create("BJNR195010004.xml")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, `<?xml version="1.0" encoding="UTF-8"?><dokumente builddate="20260301214500" doknr="BJNR195010004"><norm builddate="1"><metadaten><jurabk>AufenthG</jurabk><langue>Gesetz über den Aufenthalt</langue></metadaten></norm></dokumente>`)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	p := publisher{
		"/gii-toc.xml": says("application/xml", `<?xml version="1.0" encoding="UTF-8" standalone="no"?><!DOCTYPE items SYSTEM "http://HOST/dtd/1.0/gii-toc.dtd"><items><item><title>Gesetz über den Aufenthalt, die Erwerbstätigkeit und die Integration von Ausländern im Bundesgebiet</title><link>http://HOST/aufenthg_2004/xml.zip</link></item><item><title>Gesetz über Kakao</title><link>http://HOST/kakao/xml.zip</link></item></items>`),
		"/aufenthg_2004/xml.zip": func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", "application/zip")
			rw.Write(zipped.Bytes())
		},
	}
	w := newWorld(t, without(p.serve), oneSource+`
    lang: de
    discover: [{as: gesetze, from: "http://HOST/gii-toc.xml"}]
    follow: {titles: ['Aufenthalt']}
`)
	w.run(Options{})
	if diff := cmp.Diff([]string{"/aufenthg_2004/xml.zip de"}, found(w)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestRechtspraak: each ECLI of the feed leads to the text at the content
// service; what was withdrawn does not.
func TestRechtspraak(t *testing.T) {
	p := publisher{
		"/uitspraken/zoeken": says("application/atom+xml", `<feed xmlns="http://www.w3.org/2005/Atom"><title>Zoekresultaten</title><subtitle>Aantal gevonden ECLI's: 2</subtitle>
<entry><id>ECLI:NL:RVS:2026:123</id><title type="text">ECLI:NL:RVS:2026:123, Raad van State, 01-03-2026</title><updated>2026-03-01T10:00:00Z</updated><link rel="alternate" type="text/html" href="https://uitspraken.rechtspraak.nl/details?id=ECLI:NL:RVS:2026:123"/></entry>
<entry deleted="doc"><id>ECLI:NL:RVS:2026:124</id><title>x</title></entry></feed>`),
		"/uitspraken/content": func(rw http.ResponseWriter, r *http.Request) {
			says("application/xml", "<open-rechtspraak><uitspraak><para>"+r.URL.Query().Get("id")+"</para></uitspraak></open-rechtspraak>")(rw, r)
		},
	}
	w := newWorld(t, without(p.serve), oneSource+`
    lang: nl
    discover: [{as: rechtspraak, from: "http://HOST/uitspraken/zoeken?subject=x&modified={yyyy}-{mm}-{dd}T00:00:00"}]
`)
	w.run(Options{})
	if diff := cmp.Diff([]string{"/uitspraken/content?id=ECLI:NL:RVS:2026:123 nl"}, found(w)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestInterfacesThatFail: an answer in another format is said to be one, and
// finds nothing.
func TestInterfacesThatFail(t *testing.T) {
	at, err := url.Parse("https://example.org/api")
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range interpreters {
		for _, body := range []string{"", "<html><body>Request Rejected</body></html>", "{}", "[]", "{\"results\":", "<feed", "<items><item>"} {
			found, _, err := read(at, []byte(body))
			if err == nil && !(name == "hudoc" && body == "{}") || len(found) > 0 {
				t.Errorf("%s reads %q without complaint: %v", name, body, found)
			}
		}
	}
}

// TestLastmod: a sitemap's date brings a look at a page before its time, once;
// dates of the future and of before the last look do not.
func TestLastmod(t *testing.T) {
	modified := "2026-03-01"
	looks := 0
	w := newWorld(t, without(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/sitemap.xml":
			says("application/xml", `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://HOST/a</loc><lastmod>`+modified+`</lastmod></url></urlset>`)(rw, r)
		default:
			looks++
			pageOf(modified)(rw, r)
		}
	}), strings.Replace(oneSource, "@every 1h", "@every 3h", 1)+`
    sitemap: http://HOST/sitemap.xml
`)
	w.run(Options{})
	for _, step := range []struct {
		modified string
		want     int
	}{{"2026-03-01", 1}, {"2026-03-03T09:30:00+01:00", 2}, {"2026-03-03T09:30:00+01:00", 2}, {"2031-01-01", 2}} {
		modified = step.modified
		w.clock = w.clock.Add(40 * time.Minute)
		if err := w.listing("/sitemap.xml"); err != nil {
			t.Fatal(err)
		}
		if looks != step.want {
			t.Errorf("with lastmod %s: %d looks, want %d", step.modified, looks, step.want)
		}
	}
}

// listing looks at a listing alone, as if only it were due.
func (w *world) listing(path string) error {
	r := w.crawler.newRun(Options{DueOnly: true}, w.crawler.newGuard())
	written := make(chan error, 1)
	go func() { written <- r.write(w.t.Context(), func(error) {}) }()
	for _, j := range listings(w.crawler.Sources.Sources[0], w.crawler.Sources, w.clock) {
		if strings.HasSuffix(j.url, path) {
			r.add(j)
		}
	}
	r.start(w.t.Context())
	r.working.Wait()
	close(r.captures)
	r.close()
	return <-written
}

func FuzzInterfaces(f *testing.F) {
	f.Add("sparql", `{"head":{},"results":{"bindings":[{"page":{"value":"x"}}]}}`)
	f.Add("govuk", `{"base_path":"/x","details":{"change_notes":[{"base_path":"/y"}]}}`)
	f.Add("legislation", `<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>x</id></entry></feed>`)
	f.Add("gesetze", `<items><item><link>x</link></item></items>`)
	f.Add("hudoc", `<rss><channel><item><link>001-12345</link></item></channel></rss>`)
	f.Fuzz(func(t *testing.T, as, body string) {
		d := &source.Discovery{As: as, Page: []source.Template{{URL: "https://example.org/{id}{celex}{path}"}}}
		if interpreters[as] != nil {
			published(d)("https://example.org/x?library=echreng", []byte(body), "")
		}
	})
}

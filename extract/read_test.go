package extract

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"veille/archive"
	"veille/source"
)

func read(t *testing.T, c *archive.Capture, list *source.List) *Text {
	t.Helper()
	if c.URL == "" {
		c.URL = "https://example.org/a/page"
	}
	if c.FinalURL == "" {
		c.FinalURL = c.URL
	}
	text, err := Read(t.Context(), c, list)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func header(kv ...string) http.Header {
	h := http.Header{}
	for i := 0; i+1 < len(kv); i += 2 {
		h.Set(kv[i], kv[i+1])
	}
	return h
}

func TestClass(t *testing.T) {
	long := htmlPage(strings.Repeat("The centre has 751 places and opens its doors every day. ", 30))
	tests := []struct {
		name   string
		c      archive.Capture
		class  archive.Class
		reason string // part of it
	}{
		{"content", archive.Capture{Status: 200, Body: []byte(long)}, archive.Content, ""},
		{"short content", archive.Capture{Status: 200, Body: []byte(htmlPage("The office is closed on Monday."))}, archive.Content, ""},
		{"no answer", archive.Capture{Err: "dial tcp: connection refused"}, archive.Error, "connection refused"},
		{"too large", archive.Capture{Status: 200, Err: "body over 15 MB", Body: []byte(long)}, archive.Error, "15 MB"},
		{"403", archive.Capture{Status: 403, Body: []byte(long)}, archive.Blocked, "403"},
		{"429", archive.Capture{Status: 429}, archive.Blocked, "429"},
		{"503", archive.Capture{Status: 503, Body: []byte("busy")}, archive.Error, "503"},
		{"202", archive.Capture{Status: 202, Header: header("X-Amzn-Waf-Action", "challenge")}, archive.Blocked, ""},
		{"500", archive.Capture{Status: 500, Body: []byte(long)}, archive.Error, "500"},
		{"400", archive.Capture{Status: 400, Body: []byte(long)}, archive.Error, "400"},
		{"404", archive.Capture{Status: 404, Body: []byte(long)}, archive.Gone, "404"},
		{"410", archive.Capture{Status: 410}, archive.Gone, "410"},
		{"empty", archive.Capture{Status: 200, Body: []byte("  \n")}, archive.Error, "empty"},
		{"script only", archive.Capture{Status: 200, Body: []byte("<html><body><div id=root></div><script>run()</script></body></html>")}, archive.Error, "JavaScript"},
		{"just a moment", archive.Capture{Status: 200, Body: []byte("<html><title>Just a moment...</title><body><h1>example.org</h1><p>Verifying you are human. This may take a few seconds.</p></body></html>")}, archive.Blocked, ""},
		{"captcha", archive.Capture{Status: 200, Body: []byte("<html><title>Security</title><body><p>Please solve this CAPTCHA to continue.</p></body></html>")}, archive.Blocked, "captcha"},
		{"consent wall", archive.Capture{Status: 200, Body: []byte(`<html><title>Site</title><body><div class="cookie-consent"><p>We value your privacy. Accept all cookies to go on.</p></div></body></html>`)}, archive.Blocked, "consent"},
		{"log-in", archive.Capture{Status: 200, Body: []byte(htmlPage("You must be logged in to see this page."))}, archive.Blocked, "log-in"},
		{"maintenance", archive.Capture{Status: 200, Body: []byte(htmlPage("Ce site est temporairement indisponible."))}, archive.Error, "indisponible"},
		{"front page", archive.Capture{Status: 200, Body: []byte(long), FinalURL: "https://example.org/en/"}, archive.Moved, "front page"},
		{"other page", archive.Capture{Status: 200, Body: []byte(long), FinalURL: "https://example.org/b/page"}, archive.Content, ""},
		{"redirect not followed", archive.Capture{Status: 302, Body: []byte(long)}, archive.Moved, "302"},
		{"binary", archive.Capture{Status: 200, Header: header("Content-Type", "image/png"), Body: []byte("\x89PNG\r\n\x1a\n\x00\x00")}, archive.Error, "image/png"},
		{"plain text", archive.Capture{Status: 200, Header: header("Content-Type", "text/plain"), Body: []byte("First line.\n\nSecond.")}, archive.Content, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := read(t, &test.c, nil)
			if text.Class != test.class || !strings.Contains(text.Reason, test.reason) {
				t.Errorf("class %q, reason %q; want %q, %q", text.Class, text.Reason, test.class, test.reason)
			}
			if has := text.Version != nil; has != (test.class == archive.Content || test.class == archive.Gone) {
				t.Errorf("version present: %v", has)
			}
			if (text.Reason == "") != (test.class == archive.Content) {
				t.Errorf("reason %q of class %q", text.Reason, text.Class)
			}
		})
	}
}

func TestSignatures(t *testing.T) {
	list := &source.List{Hosts: map[string]source.Host{"example.org": {
		Blocked:  []source.Signature{{Status: 200, Text: "service gate 7", Reason: "the gate"}},
		NotFound: []source.Signature{{Status: 200, Text: "no such dossier", Reason: "no dossier"}},
	}}}
	for body, want := range map[string]archive.Class{"Service Gate 7": archive.Blocked, "No such dossier.": archive.Soft404, "Dossier 7": archive.Content} {
		if text := read(t, &archive.Capture{Status: 200, Body: []byte(htmlPage(body))}, list); text.Class != want {
			t.Errorf("%q is classed %q (%s), want %q", body, text.Class, text.Reason, want)
		}
	}
}

func TestCharset(t *testing.T) {
	const want = "l’éloignement – 50 €"
	page := func(meta string) string {
		return "<html><head>" + meta + "<title>x</title></head><body><main><p>" + want + "</p></main></body></html>"
	}
	cp1252, err := charmap.Windows1252.NewEncoder().String(page(`<meta charset="iso-8859-1">`))
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(page(""))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, contentType, body string }{
		{"UTF-8 by header", "text/html; charset=utf-8", page("")},
		{"UTF-8 undeclared", "text/html", page("")},
		{"UTF-8 with mark", "text/html; charset=iso-8859-1", "\xef\xbb\xbf" + page("")},
		{"windows-1252 called ISO-8859-1 by meta", "text/html", cp1252},
		{"windows-1252 called ISO-8859-1 by header", "text/html; charset=ISO-8859-1", cp1252},
		{"windows-1252 undeclared", "text/html", strings.Replace(cp1252, `<meta charset="iso-8859-1">`, "", 1)},
		{"UTF-8 with a wrong meta", "text/html", page(`<meta charset="iso-8859-1">`)},
		{"UTF-16 with mark", "text/html", utf16},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := read(t, &archive.Capture{Status: 200, Header: header("Content-Type", test.contentType), Body: []byte(test.body)}, nil)
			if text.Version == nil || len(text.Version.Blocks) != 1 || text.Version.Blocks[0].Text != want {
				t.Errorf("read %s, want one block %q", printText(text), want)
			}
		})
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"  a\u00a0b\t\nc ":                 "a b c",
		"éloi\u00adgnement":                "éloignement",
		"e\u0301tat":                       "état",
		"x\u200by\ufeffz":                  "xyz",
		"10\u202f000 €":                    "10 000 €",
		"bad \xff byte":                    "bad \uFFFD byte",
		"\x00\x01":                         "",
		"third\u2010country":               "third‐country",
		strings.Repeat("x ", 3) + "\u2028": "x x x",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSelectors(t *testing.T) {
	body := `<html lang=en><body><p>Outside.</p><div id=law><p>The law has one article and some more words to it.</p><p class=count>Read 71 times</p></div></body></html>`
	list := &source.List{Sources: []*source.Source{{ID: "s", Select: []string{"#nothing", "#law"}, Drop: []string{".count"}}}}
	text := read(t, &archive.Capture{Source: "s", Status: 200, Body: []byte(body)}, list)
	if text.Version == nil || text.Version.Strategy != strategySelect {
		t.Fatalf("read %s, want strategy select", printText(text))
	}
	want := "b paragraph: Outside.\nM paragraph: The law has one article and some more words to it.\nb paragraph: Read 71 times\n"
	if got := printText(text); !strings.HasSuffix(got, want) {
		t.Errorf("read\n%s\nwant\n%s", got, want)
	}
}

// TestNoise: a clock, a token and a counter change at each capture; the main
// text does not.
func TestNoise(t *testing.T) {
	page := func(n int) *archive.Capture {
		return &archive.Capture{Status: 200, Body: fmt.Appendf(nil, `<html lang=en><head><meta name=token content=%x></head><body>
			<header><nav><a href="/?s=%x">Home</a></nav></header>
			<main><h1>Detention</h1><p>%s</p><p>Page generated at 10:%02d:31, visit %d</p><p>12:%02d:01</p><input type=hidden name=csrf value=%x></main>
			<footer><p class=clock>Page generated at 2026-10-01T10:%02d:31Z, visit %d</p></footer></body></html>`,
			n*7919, n*104729, strings.Repeat("The period of detention may not exceed six months. ", 10), n, n, n, n*31, n, n)}
	}
	a, b := read(t, page(11), nil), read(t, page(12), nil)
	if mainText(a.Version) != mainText(b.Version) {
		t.Errorf("main text differs:\n%s\n%s", mainText(a.Version), mainText(b.Version))
	}
	if printText(a) == printText(b) {
		t.Error("the noise is not kept as boilerplate")
	}
}

func TestLanguage(t *testing.T) {
	fr := strings.Repeat("Les personnes qui sont retenues dans un centre fermé peuvent introduire une requête auprès du tribunal. ", 6)
	nl := "De dienst beslist over het verzoek van de vreemdeling binnen een termijn van dertig dagen en deelt dat aan hem mee."
	tests := []struct {
		name, source, html, header, text, want string
	}{
		{"declared by the page", "", "nl-BE", "", nl, "nl"},
		{"declared by the header", "", "", "nl", nl, "nl"},
		{"not declared", "", "", "", nl, "nl"},
		{"declared wrongly, short", "en", "", "", nl, "en"},
		{"declared wrongly, long", "en", "en", "", fr, "fr"},
		{"too short to tell", "", "", "", "Ja.", ""},
		{"the source outranks the page", "fr", "en", "", "Texte.", "fr"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			body := "<html lang='" + test.html + "'><body><main><p>" + test.text + "</p></main></body></html>"
			h := header("Content-Type", "text/html", "Content-Language", test.header)
			text := read(t, &archive.Capture{Status: 200, Lang: test.source, Header: h, Body: []byte(body)}, nil)
			if text.Version == nil || text.Version.Lang != test.want {
				t.Errorf("read as\n%s\nwant language %q", printText(text), test.want)
			}
		})
	}
}

func TestParseDate(t *testing.T) {
	for in, want := range map[string]string{
		"2023-03-15T09:00:00+01:00":  "2023-03-15",
		"15/03/2023":                 "2023-03-15",
		"15.3.2023":                  "2023-03-15",
		"15-03-2023 à 10h":           "2023-03-15",
		"03/25/2023":                 "2023-03-25",
		"Wednesday 15 March 2023":    "2023-03-15",
		"March 15, 2023":             "2023-03-15",
		"1er mars 2023":              "2023-03-01",
		"15 août 2024":               "2024-08-15",
		"vrijdag 3 mei 2024":         "2024-05-03",
		"1. März 2024":               "2024-03-01",
		"3rd of February 2022":       "2022-02-03",
		"5 Sept. 2021":               "2021-09-05",
		"from 31/02/2023":            "",
		"law of 2024":                "",
		"tel. 02 123 45 67":          "",
		"2 hours, 14 days":           "",
		"Article 12 of 1 Foo 2020":   "",
		"1 January 2020, 2 May 2021": "2020-01-01",
		"Sun, 06 Nov 1994 08:49:37":  "1994-11-06",
	} {
		if got := parseDate(in); got != want {
			t.Errorf("parseDate(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLabelledDates(t *testing.T) {
	for in, want := range map[string]string{
		"Last updated: 15/03/2023":             "u2023-03-15",
		"Laatste update: 3 mei 2024":           "u2024-05-03",
		"Dernière mise à jour le 15 août 2024": "u2024-08-15",
		"Stand: 1. März 2024":                  "u2024-03-01",
		"Zuletzt aktualisiert am 02.01.2025":   "u2025-01-02",
		"Published on 4 June 2022":             "p2022-06-04",
		"Publié le 4 juin 2022":                "p2022-06-04",
		"Publicatiedatum: 04-06-2022":          "p2022-06-04",
		"Veröffentlicht am 4. Juni 2022":       "p2022-06-04",
		"The law of 4 June 2022":               "",
	} {
		var m meta
		textDates(&m, []archive.Block{{Text: in}})
		got := ""
		if m.updated != "" {
			got += "u" + m.updated
		}
		if m.published != "" {
			got += "p" + m.published
		}
		if got != want {
			t.Errorf("dates in %q: %q, want %q", in, got, want)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	f.Add("Last updated: 15 March 2023")
	f.Add("1er août 2024 12/31/1999")
	f.Fuzz(func(t *testing.T, s string) {
		if d := parseDate(s); d != "" && parseDate(d) != d {
			t.Errorf("parseDate(%q) = %q, which is no date", s, d)
		}
		var m meta
		textDates(&m, []archive.Block{{Text: s}})
	})
}

func TestArticle(t *testing.T) {
	for in, want := range map[string]string{
		"Art. 8. L'étranger":                    "Art. 8.|L'étranger|false",
		"Art. 7/1bis. L'article":                "Art. 7/1bis.|L'article|false",
		"Article 3":                             "Article 3||true",
		"Article 3(1)(b)":                       "Article 3(1)(b)||true",
		"Artikel 12 Opvang":                     "Artikel 12||true",
		"Article premier. La loi":               "Article premier.|La loi|false",
		"Article L. 511-1":                      "Article L. 511-1||true",
		"§ 62b Ausreisegewahrsam":               "§ 62b||true",
		"§ 2. L'ordre":                          "§ 2.|L'ordre|false",
		"Art. 8bis – De termijn is verlengd.":   "Art. 8bis|De termijn is verlengd.|false",
		"Article 3 of the Convention provides.": "||false",
		"Articles of association":               "||false",
		"Artists":                               "||false",
		"art":                                   "||false",
	} {
		mark, rest, lone := article(in)
		if got := fmt.Sprintf("%s|%s|%v", mark, rest, lone); got != want {
			t.Errorf("article(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestOrdinal(t *testing.T) {
	for _, test := range []struct {
		n           int
		style, want string
	}{{3, "", "3."}, {1, "a", "a."}, {27, "A", "AA."}, {4, "i", "iv."}, {1999, "I", "MCMXCIX."}, {0, "a", "0."}} {
		if got := ordinal(test.n, test.style); got != test.want {
			t.Errorf("ordinal(%d, %q) = %q, want %q", test.n, test.style, got, test.want)
		}
	}
}

func BenchmarkRead60KB(b *testing.B) {
	var s strings.Builder
	s.WriteString("<!doctype html><html lang=en><head><meta charset=utf-8><title>Law</title></head><body><header><nav><ul>")
	for i := range 40 {
		fmt.Fprintf(&s, "<li><a href='/p/%d'>Menu entry %d</a></li>", i, i)
	}
	s.WriteString("</ul></nav></header>%s<h1>The law of the land</h1>")
	for i := 0; s.Len() < 60_000; i++ {
		if i%6 == 0 {
			fmt.Fprintf(&s, "<h2>Article %d</h2>", i/6+1)
		}
		fmt.Fprintf(&s, "<p>%d. %s</p>", i%6+1, strings.Repeat("The applicant shall be heard within thirty days of the decision. ", 5))
	}
	s.WriteString("%s<footer><p>All rights reserved.</p></footer></body></html>")
	for name, tag := range map[string]string{"main": "main", "no mark": "div"} {
		b.Run(name, func(b *testing.B) {
			body := fmt.Appendf(nil, s.String(), "<"+tag+">", "</"+tag+">")
			c := &archive.Capture{URL: "https://example.org/a", FinalURL: "https://example.org/a", Status: 200,
				Header: header("Content-Type", "text/html"), Body: body}
			list := &source.List{}
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if text, err := Read(b.Context(), c, list); err != nil || text.Class != archive.Content {
					b.Fatal(err, text)
				}
			}
		})
	}
}

// TestLeadsBack: the arrow that leads from a footnote back to the text is no
// part of the note; an arrow in the text stays.
func TestLeadsBack(t *testing.T) {
	c := documentCapture("a.html", []byte(`<html lang=en><body><main><p>A person may be detained for two months<a id=r1 href="#n1">[1]</a>, as the rate ↑ shows.</p>
<ol><li id=n1>Law of 15 December 1980, article 7. <a href="#r1">↩︎</a></li></ol></main></body></html>`))
	text, err := Read(t.Context(), c, nil)
	if err != nil || text.Version == nil {
		t.Fatalf("%s, %v", text.Reason, err)
	}
	got := printText(text)
	if strings.Contains(got, "↩") || !strings.Contains(got, "Law of 15 December 1980, article 7.\n") || !strings.Contains(got, "rate ↑ shows") {
		t.Errorf("read as\n%s", got)
	}
}

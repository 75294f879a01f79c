package crawler

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veille/source"
)

func TestTwinsOf(t *testing.T) {
	const at = "https://dofi.example.be/nl/about-us/gesloten-centra"
	for _, test := range []struct {
		name, body string
		header     http.Header
		want       map[string]string
	}{
		{"hreflang", `<html><head><link rel="alternate" hreflang="nl" href="/nl/about-us/gesloten-centra"><link rel="alternate" hreflang="fr-be" href="/fr/a-propos/centres-fermes#top"><link rel=alternate hreflang=x-default href=/x></head>`, nil,
			map[string]string{"nl": at, "fr": "https://dofi.example.be/fr/a-propos/centres-fermes"}},
		{"hreflang on another host of the publisher", `<link rel="alternate" hreflang="fr" href="https://fr.example.be/centres">`, nil,
			map[string]string{"fr": "https://fr.example.be/centres"}},
		{"another publisher", `<link rel="alternate" hreflang="fr" href="https://other.example/centres">`, nil, map[string]string{}},
		{"header", "no page", http.Header{"Link": {`</fr/x.pdf>; rel="alternate"; hreflang="fr", </style.css>; rel=preload`}}, map[string]string{"fr": "https://dofi.example.be/fr/x.pdf"}},
		{"switcher", `<ul class="language-switcher"><li>NL</li><li><a href="/fr/a-propos/centres-fermes" lang="fr">Français</a></li><li><a href="/en/closed">EN</a></li></ul>`, nil,
			map[string]string{"fr": "https://dofi.example.be/fr/a-propos/centres-fermes", "en": "https://dofi.example.be/en/closed"}},
		{"switcher to the front page: no translation", `<div id="lang"><a href="/fr/">FR</a><a href="/de">DE</a></div>`, nil, map[string]string{}},
		{"names of languages elsewhere", `<main>This language course: <a href="/courses/fr">Français</a></main>`, nil, map[string]string{}},
		{"documents to load down", `<main><p>The language of the leaflet: <a hreflang="fr" href="/leaflet-fr.pdf">leaflet</a></p></main>`, nil, map[string]string{}},
		{"base", `<head><base href="/sub/"><link rel="alternate" hreflang="de" href="de/x"></head>`, nil, map[string]string{"de": "https://dofi.example.be/sub/de/x"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := test.header
			if h == nil {
				h = http.Header{"Content-Type": {"text/html; charset=utf-8"}}
			}
			if diff := cmp.Diff(test.want, RelatedOf(at, h, []byte(test.body)).Twins); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestRelated: the page's own address and its feeds.
func TestRelated(t *testing.T) {
	got := RelatedOf("https://example.org/node/7169", http.Header{"Content-Type": {"text/html"}}, []byte(`<head><link rel="canonical" href="/actualites/x"><link rel="alternate" type="application/rss+xml" href="/rss"><link rel=alternate type="text/css" href=x></head>`))
	want := &Related{Canonical: "https://example.org/actualites/x", Twins: map[string]string{}, Feeds: []string{"https://example.org/rss"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestDocumentOfFoundPages: pages that a listing named, and that name each
// other, are one document, whichever of them names itself.
func TestDocumentOfFoundPages(t *testing.T) {
	page := func(links string) string {
		return `<html><body><ul class="lang-menu">` + links + `</ul><main><p>Text.</p></main></body></html>`
	}
	pages := map[string]string{
		"/list":       `<a href="/fr/centres">x</a> <a href="/nl/centra">x</a> <a href="/nl/alone">x</a>`,
		"/fr/centres": page(`<li>FR</li><li><a href="/nl/centra?utm_source=x">NL</a></li>`),
		"/nl/centra":  page(`<li><a href="/nl/centra">NL</a></li><li><a href="/fr/centres">FR</a></li>`),
		"/nl/alone":   page(`<li><a href="/fr/">FR</a></li>`),
		"/en/named":   page(`<li><a href="/fr/nomme">FR</a></li>`),
	}
	w := newWorld(t, without(func(rw http.ResponseWriter, r *http.Request) {
		body, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(rw, r)
			return
		}
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		rw.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") != "" {
			rw.WriteHeader(http.StatusNotModified)
			return
		}
		rw.Write([]byte(body))
	}), `
hosts: {"HOST": {min_delay: 0s}}
sources:
  - {id: s, kind: ngo, jurisdiction: BE, topics: [dublin], schedule: "@every 1h", follow: {from: "http://HOST/list"}}
  - {id: t, kind: ngo, jurisdiction: BE, topics: [dublin], schedule: "@every 1h", pages: [{en: "http://HOST/en/named"}]}
`)
	for range 2 { // the second answers are 304
		w.run(Options{})
		for path, want := range map[string]string{"/fr/centres": "/fr/centres", "/nl/centra": "/fr/centres", "/nl/alone": "", "/en/named": "/en/named"} {
			if got := strings.TrimPrefix(w.page(path).Document, w.site.URL); got != want {
				t.Errorf("document of %s is %q, want %q", path, got, want)
			}
		}
	}
}

// TestAliases: a page that calls a known page of its source its own address is
// of that one's document, and no news; one that calls the front page so, as
// sites that are set up badly do, is a page like any other.
func TestAliases(t *testing.T) {
	list := `<a href="/news/one">x</a>`
	page := func(canonical string) string {
		return `<html><head><link rel="canonical" href="` + canonical + `"></head><body><main><p>Text.</p></main></body></html>`
	}
	w := newWorld(t, without(func(rw http.ResponseWriter, r *http.Request) {
		body, ok := map[string]string{"/list": list, "/news/one": page("/news/one"), "/node/7169": page("/news/one"), "/news/two": page("/")}[r.URL.Path]
		if !ok {
			http.NotFound(rw, r)
			return
		}
		says("text/html", body)(rw, r)
	}), oneSource+`
    follow: {from: "http://HOST/list"}
`)
	w.run(Options{})
	list += ` <a href="/node/7169">x</a> <a href="/news/two">y</a>`
	for range 2 {
		w.clock = w.clock.Add(2 * time.Hour)
		w.run(Options{})
	}
	for path, want := range map[string]string{"/news/one": "/news/one", "/node/7169": "/news/one", "/news/two": " new"} {
		p := w.page(path)
		got := strings.TrimPrefix(p.Document, w.site.URL)
		if p.News {
			got += " new"
		}
		if got != want {
			t.Errorf("%s is of the document %q, want %q", path, got, want)
		}
	}
}

func FuzzTwins(f *testing.F) {
	f.Add(`<a class=lang href=/fr hreflang=fr>`, `<a>; rel=alternate; hreflang=fr`)
	f.Fuzz(func(t *testing.T, body, link string) {
		c := &Crawler{Sources: &source.List{}}
		c.document("https://example.org/nl/x", http.Header{"Link": {link}}, []byte(body))
	})
}

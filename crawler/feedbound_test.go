package crawler

import (
	"net/http"
	"strings"
	"testing"

	"veille/source"
)

// TestHostileListings: whatever a publisher's listing is made of, it ends in an
// error with a name or in links, in little memory and time.
func TestHostileListings(t *testing.T) {
	finders := map[string]finder{"feed": feedLinks, "sitemap": sitemapLinks, "html": htmlLinks("main a[href]")}
	for as := range interpreters {
		finders[as] = published(&source.Discovery{As: as})
	}
	rss := `<rss version="2.0" xmlns:x="http://x"><channel><item>`
	for name, test := range map[string]struct{ body, feed string }{
		"elements in elements":     {rss + strings.Repeat("<x:a>", 300_000), "nested more than 200 deep"},
		"entities of entities":     {`<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>` + rss + `<link>http://e.example/&b;</link></item></channel></rss>`, ""},
		"one line":                 {rss + "<title>" + strings.Repeat("a", 20<<20), "larger than 16 MB"},
		"items without end":        {`<rss version="2.0"><channel>` + strings.Repeat("<item><link>http://e.example/</link></item>", 25_000), "more than 20000 items"},
		"text between table rows":  {"<table>" + strings.Repeat("x<tr>", 200_000), "nested more than 200 deep"},
		"brackets":                 {strings.Repeat("[", 2_000_000), "detect feed type"},
		"a result full of nothing": {`{"head":{},"results":{"bindings":[` + strings.Repeat("{},", 200_000) + "{}]}}", ""},
		"nothing":                  {"", "detect feed type"},
	} {
		for as, find := range finders {
			links, nested, err := find("https://e.example/list", []byte(test.body), "")
			if len(links)+len(nested) > maxPublications {
				t.Errorf("%s as %s: %d links", name, as, len(links)+len(nested))
			}
			if as == "feed" && test.feed != "" && (err == nil || !strings.Contains(err.Error(), test.feed)) {
				t.Errorf("%s as a feed: %v, want that it says %q", name, err, test.feed)
			}
		}
		RelatedOf("https://e.example/", http.Header{}, []byte("<link rel=canonical href=x>"+test.body))
	}
}

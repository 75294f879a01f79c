package crawler

import (
	"strings"
	"testing"
)

func TestSitemapForms(t *testing.T) {
	for name, tt := range map[string]struct{ text, links, nested string }{
		"plain":           {"\ufeffhttp://a.example/1\r\n\r\n  https://a.example/2 \nno address\n", "http://a.example/1 https://a.example/2", ""},
		"index":           {"<sitemapindex><sitemap><loc>http://a.example/s</loc></sitemap></sitemapindex>", "", "http://a.example/s"},
		"entities":        {"<urlset><url><loc>http://a.example/?a=1&amp;b=<![CDATA[2&3]]></loc></url></urlset>", "http://a.example/?a=1&b=2&3", ""},
		"other charset":   {"<?xml version='1.0' encoding='ISO-8859-1'?><urlset><url><loc>http://a.example/\xe9</loc></url></urlset>", "http://a.example/é", ""},
		"breaks off":      {"<urlset><url><loc>http://a.example/1</loc></url><url><loc>http://a.exa", "http://a.example/1", ""},
		"image in a page": {"<urlset><url><loc>http://a.example/1</loc><image:image><image:title>x</image:title></image:image></url></urlset>", "http://a.example/1", ""},
	} {
		links, nested, err := sitemapLinks("", []byte(tt.text), "")
		var got []string
		for _, l := range links {
			got = append(got, l.url)
		}
		if err != nil || strings.Join(got, " ") != tt.links || strings.Join(nested, " ") != tt.nested {
			t.Errorf("%s: %q, nested %q, %v", name, got, nested, err)
		}
	}
	for _, text := range []string{"", "<html><p>not found</p></html>", "\x1f\x8b", "\x00\x01"} {
		if links, nested, err := sitemapLinks("", []byte(text), ""); err == nil {
			t.Errorf("%q is a sitemap: %v %v", text, links, nested)
		}
	}
}

package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestNothingIsReflected puts markup into every parameter of every page, into
// their paths and forms: no answer is our fault, and none holds it as markup.
func TestNothingIsReflected(t *testing.T) {
	w := newWorld(t)
	w.live()
	const evil = `"'><zq onload=alert(1)>`
	params := []string{"q", "as_of", "from", "until", "since", "before", "lang", "source", "topic", "kind", "jurisdiction", "sense", "min_weight", "sort", "past", "exact", "all",
		"limit", "offset", "document", "calendar", "view", "beside", "to", "url", "at", "page", "version", "v", "query", "topics", "sources", "documents", "passage", "name", "ui", "back", "as"}
	check := func(what string, res *http.Response, body string) {
		t.Helper()
		if res.StatusCode >= 500 {
			t.Errorf("%s: %s", what, res.Status)
		}
		plain := strings.HasSuffix(res.Header.Get("Content-Type"), "json") && res.Header.Get("X-Content-Type-Options") == "nosniff"
		if strings.Contains(body, "<zq") && !plain {
			t.Errorf("%s reflects markup, as %s", what, res.Header.Get("Content-Type"))
		}
	}
	post := func(path string, form url.Values) (*http.Response, string) {
		res, err := w.client.PostForm(w.web.URL+path, form)
		_, body := w.answer(res, err)
		return res, body
	}
	for _, path := range []string{"/", "/search", "/trace", "/figures", "/figures.csv", "/sources", "/source/demo-ministry", "/page/2", "/v/1", "/v/1/blame", "/change/1..16", "/change", "/collate", "/blame", "/subscribe", "/manage", "/outbox", "/language",
		"/changes.atom", "/search.atom", "/search.json", "/api/v1/search", "/api/v1/changes", "/api/v1/diff", "/api/v1/trace", "/export/archive.wacz", "/opensearch.xml"} {
		for _, p := range params {
			address := path + "?" + url.Values{p: {evil}}.Encode()
			if p != "q" && (path == "/search" || path == "/trace") {
				address += "&q=return"
			}
			res, body := w.fetch(address)
			check("GET "+address, res, body)
		}
	}
	for _, prefix := range []string{"/", "/source/", "/page/", "/v/", "/change/", "/confirm/", "/stop/", "/manage/", "/outbox/", "/export/", "/cite/", "/tile/", "/assets/", "/web/", "/timemap/", "/timegate/"} {
		res, body := w.fetch(prefix + url.PathEscape(evil))
		check("GET "+prefix+"…", res, body)
	}
	for _, path := range []string{"/subscribe", "/confirm/x", "/stop/x", "/manage"} {
		form := url.Values{}
		for _, p := range append(params, "email", "cadence", "note", "zone", "density", "kinds", "weight", "preview") {
			form.Set(p, evil)
			res, body := post(path, url.Values{p: {evil}, "email": {"a@example.org"}})
			check("POST "+path+" "+p, res, body)
		}
		res, body := post(path, form)
		check("POST "+path, res, body)
	}
}

// FuzzForms: no form makes the server fail.
func FuzzForms(f *testing.F) {
	for _, s := range []string{"email=a%40example.org&topics=closed-centres", "email=&query=%22a", "email=a@b&min_weight=9&cadence=hourly&lang=xx", "query=(a&preview=1", "documents=x%0Ay&at=25:00&zone=Mars", "%zz=1", "email=a@b;c=d", "a=\x00"} {
		f.Add("/subscribe", s)
		f.Add("/manage", s)
		f.Add("/stop/x", s)
	}
	w := newWorld(f)
	w.pass()
	f.Fuzz(func(t *testing.T, path, body string) {
		u, err := url.Parse(w.web.URL + "/" + strings.TrimPrefix(path, "/"))
		if err != nil || u.Host != strings.TrimPrefix(w.web.URL, "http://") {
			return
		}
		res, err := w.client.Post(u.String(), "application/x-www-form-urlencoded", strings.NewReader(body))
		if err != nil {
			return
		}
		res.Body.Close()
		if res.StatusCode >= 500 && res.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("POST %s %q: %s", u, body, res.Status)
		}
	})
}

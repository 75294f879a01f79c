package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"veille/digest"
)

// TestConditionsThatNothingMeets: what nothing here has is said in the reader's
// language with the character it is about, on the page as in the API, and a long
// search is not repeated whole.
func TestConditionsThatNothingMeets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.live()
	ask := func(path, q, rest string) string { return path + "?q=" + url.QueryEscape(q) + rest }
	for lang, says := range map[string]string{"en": "There is no lang xx here; there are ", "fr": "Il n’y a pas ici de valeur xx pour lang\u00a0; il y a ",
		"nl": "Er is hier geen lang xx; er zijn ", "de": "Es gibt hier kein lang xx; es gibt "} {
		w.want(ask("/search", "é lang:xx", "&ui="+lang), http.StatusBadRequest, says, "é lang:<mark>x</mark>x\n       ^")
		w.want(ask("/trace", "places", "&lang=xx&ui="+lang), http.StatusBadRequest, says)
	}
	w.want(ask("/search", "places", "&lang=xx&ui=en"), http.StatusBadRequest, "Language: There is no lang xx here")
	w.want(ask("/search", "places lang:fr lang:nl", "&ui=en"), http.StatusBadRequest, "lang:fr and lang:nl exclude each other")
	w.want(ask("/search", "places", "&from=2026-01-01&until=2025-01-01&ui=en"), http.StatusBadRequest, "from: comes after until:")
	w.want(ask("/figures", "places", "&source=nowhere"), http.StatusBadRequest, "nowhere")
	w.want(ask("/search.atom", "places", "&lang=xx"), http.StatusBadRequest, "lang")
	w.want(ask("/api/v1/search", "places lang:xx", ""), http.StatusBadRequest, `"position": 12`, `"character": 13`, `"code": "field-known"`, `"location": "query.q"`)
	w.want(ask("/api/v1/search", "places", "&lang=xx"), http.StatusBadRequest, `"position": -1`, `"location": "query.lang"`)
	w.want(ask("/api/v1/trace", "places", "&lang=xx"), http.StatusBadRequest, `"location": "query.lang"`)

	w.want("/?lang=xx&ui=de", http.StatusBadRequest, "Es gibt hier kein lang xx")
	w.want("/changes.atom?lang=xx&ui=en", http.StatusBadRequest, "There is no lang xx here")
	w.want("/api/v1/changes?lang=xx", http.StatusBadRequest, `"location": "query.lang"`, "there is no lang xx here; there are ")
	w.want("/api/v1/changes?source=xx", http.StatusBadRequest, `"location": "query.source"`)
	w.want("/?lang=de", http.StatusOK)
	w.want(ask("/search.atom", "éé (", "&ui=en"), http.StatusBadRequest, "character 4")
	w.want(ask("/trace.csv", "éé (a", "&ui=en"), http.StatusBadRequest, "This ( is not closed", "character 4")
	w.want(ask("/trace", "é (hub OR centre)", "&ui=fr"), http.StatusBadRequest, "Entre parenthèses")
	w.want(ask("/api/v1/trace", "é (a", ""), http.StatusBadRequest, `"code": "open"`, `"position": 3`, `"character": 3`)

	for lang, says := range map[string]string{"en": "We know these pages since ", "fr": "Nous ne connaissons ces pages que depuis le ", "nl": "Wij kennen deze pagina’s pas sinds ", "de": "Wir kennen diese Seiten erst seit "} {
		w.want(ask("/search", "places", "&as_of=1999-12-31&ui="+lang), http.StatusOK, says)
	}
	w.want(ask("/api/v1/search", "places", "&as_of=1999-12-31"), http.StatusOK, `"looked_since": "20`)

	long := strings.Repeat("wrong ", 600) + "lang:xx" + strings.Repeat(" words", 50)
	body := w.want(ask("/search", long, "&ui=en"), http.StatusBadRequest, "too many words", "<pre class=\"pointed\"")
	_, pointed, _ := strings.Cut(body, `<pre class="pointed"`)
	if pointed, _, _ = strings.Cut(pointed, "</pre>"); len(pointed) > 250 || !strings.Contains(pointed, "…") {
		t.Errorf("a long search is repeated: %s", pointed)
	}
	if title := body[strings.Index(body, "<title>"):strings.Index(body, "</title>")]; len(title) > 200 {
		t.Errorf("the title has %d bytes", len(title))
	}
}

// TestASearchThatFindsNothingEverIsNotWatched: whoever subscribes to what nothing
// here can have is told so in their language, when trying it as when subscribing,
// and no mail is sent; a search that may find something later is taken.
func TestASearchThatFindsNothingEverIsNotWatched(t *testing.T) {
	w := newWorld(t)
	w.live()
	for _, do := range []string{"preview", ""} {
		for query, says := range map[string]string{"places lang:xx": "Es gibt hier kein lang xx", "places lang:fr lang:nl": "lang:fr"} {
			code, body := w.post("/subscribe?ui=de", url.Values{"do": {do}, "email": {"reader@example.org"}, "query": {query}, "cadence": {"weekly"}, "lang": {"de"}})
			if code != http.StatusBadRequest || !strings.Contains(body, says) {
				t.Errorf("%q, %s: %d without %q\n%s", do, query, code, says, body)
			}
		}
	}
	if sent, err := w.server.Digest.Store.Outbox(t.Context(), digest.OutboxFilter{}); err != nil || len(sent) != 0 {
		t.Errorf("%d letters were written: %v", len(sent), err)
	}
	if code, body := w.post("/subscribe", url.Values{"email": {"reader@example.org"}, "query": {"nobody has written this yet lang:nl"}, "cadence": {"weekly"}, "lang": {"de"}}); code >= 400 {
		t.Errorf("a search for what is still to come: %d\n%s", code, body)
	}
}

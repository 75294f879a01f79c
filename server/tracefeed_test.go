package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestATraceIsKept: a researcher keeps a trace, is told after the site has changed
// how many lines are new, follows its feed, in which words come and go, and
// subscribes to its forms.
func TestATraceIsKept(t *testing.T) {
	w := newWorld(t)
	w.pass()
	w.reader()
	save := `<input type="hidden" name="search" value="lang=en&amp;trace=640&#43;places&#43;OR&#43;815&#43;places">`
	body := w.want("/trace?q=640+places+OR+815+places&lang=en&ui=en", http.StatusOK, save, `href="/trace.atom?lang=en&amp;q=640`,
		"/subscribe?query=%28%22640&#43;places%22", "/search?past=1&amp;q=%28%22640&#43;places%22&#43;OR&#43;%22815&#43;places%22%29&#43;lang%3Aen")
	w.want("/trace?q=nobody+wrote+this&ui=en", http.StatusOK, "Keep this trace", "/subscribe?query=%22nobody&#43;wrote&#43;this%22")
	if strings.Contains(body, "/search.atom") {
		t.Errorf("the trace names the feeds of a search:\n%s", body)
	}
	saved := url.Values{"do": {"save"}, "search": {"trace=640 places OR 815 places&lang=en"}}
	if code, body := w.post("/saved", saved); code != http.StatusOK || !strings.Contains(body, "Nothing new.") || !strings.Contains(body, `href="/trace?lang=en&amp;q=640`) {
		t.Fatalf("saved: %d\n%s", code, body)
	}
	feed := w.want("/trace.atom?q=640+places+OR+815+places&lang=en&ui=en", http.StatusOK, "640 places")
	if strings.Contains(feed, "Gone: ") {
		t.Errorf("it has not gone yet:\n%s", feed)
	}

	w.live() // 640 places become 815
	w.want("/saved?ui=en", http.StatusOK, "1 new line: show it", "/trace.json?lang=en", "/export/concordance.csv?")
	id := (&savedSearch{Query: "lang=en&trace=640+places+OR+815+places"}).id()
	if code, body := w.post("/saved", url.Values{"do": {"look"}, "id": {id}}); code != http.StatusOK || !strings.Contains(body, "<mark>815 places</mark>") {
		t.Errorf("what is new: %d\n%s", code, body)
	}
	w.want("/saved?ui=en", http.StatusOK, "Nothing new.")
	w.want("/saved/feeds.opml", http.StatusOK, "/trace.atom?lang=en&amp;q=640")
	w.want("/trace.atom?q=640+places+OR+815+places&lang=en&ui=en", http.StatusOK, "Gone: ", "815 places")
	w.want("/trace.json?q=640+places&ui=de", http.StatusOK, `"Verschwunden: `, `"gone"`)
	if body := w.want("/trace?q=(a&ui=en", http.StatusBadRequest); strings.Contains(body, "/trace.atom") {
		t.Errorf("a wrong phrase has a feed:\n%s", body)
	}
	w.want("/trace.atom?q=(a&ui=en", http.StatusBadRequest, "This ( is not closed")
}

// TestWatchedForms: a search finds what is traced, however it was typed.
func TestWatchedForms(t *testing.T) {
	forms := []TraceForm{{Form: "return-hub"}, {Form: "return hubs"}, {Form: "terugkeerhub", Off: true}}
	for phrase, want := range map[string]string{
		"return hub": `"return hub" OR "return hubs"`, `"return hub" OR centre`: `"return hub" OR "centre" OR "return hubs"`,
		"*hub": `"return hub" OR "return hubs"`, "return NEAR/5 hub": "return NEAR/5 hub", "concept:return-hub": `"return hub" OR "return hubs"`,
	} {
		if got := watched(phrase, nil, forms); got != want {
			t.Errorf("%s: %s, want %s", phrase, got, want)
		}
	}
	if got := watched("a", []string{"en", "fr"}, nil); got != `("a") lang:(en OR fr)` {
		t.Errorf("in two languages: %s", got)
	}
	if got := watched("*hub", nil, nil); got != "" {
		t.Errorf("of no form: %s", got)
	}
}

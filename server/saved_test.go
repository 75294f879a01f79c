package server

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

// reader gives the world's reader a browser that keeps cookies.
func (w *world) reader() {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.client = &http.Client{Jar: jar}
}

// TestSavedSearches: a researcher saves a search, comes back after the site has
// changed, sees how much is new and only that, gives it a name, takes the feeds
// along, and deletes it; nothing of it is kept here.
func TestSavedSearches(t *testing.T) {
	w := newWorld(t)
	w.pass()
	w.reader()
	w.want("/saved?ui=en", http.StatusOK, "You have not saved a search yet")
	w.want("/search?q=places&lang=en&offset=0&ui=en", http.StatusOK, `<input type="hidden" name="search" value="lang=en&amp;q=places">`, "in this browser")
	if code, body := w.post("/saved", url.Values{"do": {"save"}, "search": {"q=places&lang=en&offset=20&evil=1"}}); code != http.StatusOK || !strings.Contains(body, "Nothing new.") ||
		!strings.Contains(body, `href="/search?lang=en&amp;q=places"`) || strings.Contains(body, "evil") {
		t.Fatalf("saved: %d\n%s", code, body)
	}
	id := (&savedSearch{Query: "lang=en&q=places"}).id()

	w.live() // the site changes
	body := w.want("/saved?ui=en", http.StatusOK, "new passage", "/search.atom?lang=en&amp;q=places", "/subscribe?query=places", "/export/passages.csv?lang=en&amp;q=places")
	if strings.Contains(body, "Nothing new.") {
		t.Errorf("nothing is new after the site changed:\n%s", body)
	}
	code, body := w.post("/saved", url.Values{"do": {"look"}, "id": {id}})
	if code != http.StatusOK || !strings.Contains(body, "<mark>815</mark>") && !strings.Contains(body, "815") || strings.Contains(body, "640 <mark>places") {
		t.Errorf("what is new: %d\n%s", code, body)
	}
	w.want("/saved?ui=en", http.StatusOK, "Nothing new.")

	w.post("/saved", url.Values{"do": {"rename"}, "id": {id}, "name": {" Places,\n <b>counted</b> "}})
	w.want("/saved?ui=de", http.StatusOK, "Places, &lt;b&gt;counted&lt;/b&gt;", "<code>places</code>", "Nichts Neues.")
	var list struct {
		Outlines []struct {
			Text string `xml:"text,attr"`
			Feed string `xml:"xmlUrl,attr"`
		} `xml:"body>outline"`
	}
	if err := xml.Unmarshal([]byte(w.want("/saved/feeds.opml", http.StatusOK)), &list); err != nil || len(list.Outlines) != 1 ||
		list.Outlines[0].Text != "Places, <b>counted</b>" || !strings.HasSuffix(list.Outlines[0].Feed, "/search.atom?lang=en&q=places") || !strings.HasPrefix(list.Outlines[0].Feed, "http") {
		t.Errorf("feeds: %+v, %v", list, err)
	}
	w.want("/saved/searches.json", http.StatusOK, `"name": "Places,`, `/search?lang=en`)
	w.want("/saved/nothing.txt", http.StatusNotFound)

	w.post("/saved", url.Values{"do": {"save"}, "search": {"q=hub lang:xx"}})
	w.post("/saved", url.Values{"do": {"delete"}, "id": {id}})
	w.want("/saved?ui=en", http.StatusOK, "You have not saved a search yet")
}

// TestSavedSearchesAreBounded: a cookie holds so much; what does not fit is said
// and changes nothing, and what somebody wrote into a cookie is no error.
func TestSavedSearchesAreBounded(t *testing.T) {
	w := newWorld(t)
	w.live()
	w.reader()
	full := false
	for i := range maxSearches + 5 {
		code, body := w.post("/saved?ui=en", url.Values{"do": {"save"}, "search": {url.Values{"q": {fmt.Sprintf("places %d", i)}}.Encode()}})
		if full = code == http.StatusBadRequest; full {
			if i != maxSearches || strings.Count(body, `class="box"`) != maxSearches || !strings.Contains(body, "There is no room for one more") {
				t.Errorf("search %d: %d\n%s", i, code, body)
			}
			break
		}
	}
	if !full {
		t.Error("any number of searches can be saved")
	}
	if code, _ := w.post("/saved", url.Values{"do": {"clear"}}); code != http.StatusOK {
		t.Errorf("clear: %d", code)
	}
	if code, body := w.post("/saved?ui=en", url.Values{"do": {"save"}, "search": {"q=" + strings.Repeat("long+", 800)}}); code != http.StatusBadRequest {
		t.Errorf("a search longer than a cookie: %d\n%s", code, body)
	}
	for _, form := range []url.Values{{}, {"do": {"save"}}, {"do": {"save"}, "search": {"offset=3"}}, {"do": {"explode"}, "id": {"x"}}, {"do": {"look"}, "id": {"none"}}} {
		if code, _ := w.post("/saved", form); code != http.StatusBadRequest && code != http.StatusNotFound {
			t.Errorf("%v: %d", form, code)
		}
	}
	home, err := url.Parse(w.web.URL + "/saved")
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"x", "bnVsbA", "W10", "W3sicSI6IiUifV0", strings.Repeat("A", maxSaved), "W3sicSI6InE9bGFuZzp4eCIsImwiOjl9XQ"} {
		w.client.Jar.SetCookies(home, []*http.Cookie{{Name: savedCookie, Value: value, Path: savedPath}})
		w.want("/saved", http.StatusOK)
	}
	w.want("/saved?ui=en", http.StatusOK, "This search can no longer be asked: There is no lang xx here")
}

// TestSavedSearchesOfThePast: what has an end finds nothing new, and says so.
func TestSavedSearchesOfThePast(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.live()
	web, err := newWeb(w.server)
	if err != nil {
		t.Fatal(err)
	}
	now := w.server.Now().UnixMilli() + (48 * time.Hour).Milliseconds()
	for _, values := range []url.Values{{"q": {"places"}, "as_of": {"2026-03-01"}}, {"q": {"places"}, "until": {"2026-03-01"}}, {"q": {"places until:2026-03"}}, {"q": {"places as-of:2026-03-01"}}, {"q": {"places"}}} {
		if n, err := web.fresh(t.Context(), values, now); n != 0 || err != nil {
			t.Errorf("%v: %d, %v", values, n, err)
		}
	}
}

package server

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestAnEmptyArchive: every page says calmly that there is nothing yet.
func TestAnEmptyArchive(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/", "/search", "/search?q=return", "/topics", "/topics/dublin", "/sources", "/source/demo-ministry", "/subscribe", "/outbox",
		"/changes.atom", "/changes.json", "/search.atom?q=x", "/api/v1/changes", "/api/v1/search?q=x", "/api/v1/sources", "/healthz", "/metrics", "/robots.txt", "/openapi.json"} {
		w.want(path, http.StatusOK)
	}
	w.want("/page/1", http.StatusNotFound)
	w.want("/v/1", http.StatusNotFound)
	w.want("/change/1..2", http.StatusNotFound)
}

// TestALifeOfPages walks through what a reader sees after the demonstration
// site has gone through all its steps.
func TestALifeOfPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.live()
	home := w.want("/", 200, "640 places → 815 places", "“shall” becomes “may”", "Withdrawn: Return bonus", `lang="nl"`, `href="/change/`)
	change := regexp.MustCompile(`/change/(\d+)\.\.(\d+)`).FindStringSubmatch(home)
	if change == nil {
		t.Fatal("home links no change")
	}
	w.want(change[0], 200, "Before", "After", `href="/v/`+change[2], "noindex")
	w.want("/v/"+change[2], 200, `id="b0"`, "noindex")
	w.want("/?sense=deadline", 200, "30 days → 10 days")
	w.want("/?min_weight=0", 200)
	w.want("/search?q=%22closed+centres%22", 200, "<mark>", "first seen", "still stands", "Narrow down")
	w.want("/search?q=640+places&as_of=2026-03-03T09:00:00Z", 200, "<mark>640</mark>")
	w.want("/search?q=return+hub", 200, "hub de retour")
	w.want("/search?q=(broken", http.StatusBadRequest, `role="alert"`)
	w.want("/sources", 200, "blocked", "Ministry news")
	w.want("/source/demo-ministry", 200, "request rejected", "/page/")
	w.want("/sources?ui=fr", 200, "bloqué", `<html lang="fr">`)
	w.want("/?ui=nl", 200, `<html lang="nl">`)
	w.want("/?ui=de", 200, `<html lang="de">`)
	w.want("/", 200, `<html lang="de">`) // remembered
}

func TestFeedsAreWellFormed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.live()
	for _, path := range []string{"/changes.atom", "/source/demo-ministry.atom", "/search.atom?q=appeal"} {
		var feed struct {
			XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
			ID      string   `xml:"id"`
			Entries []struct {
				ID      string `xml:"id"`
				Updated string `xml:"updated"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal([]byte(w.want(path, 200)), &feed); err != nil || len(feed.Entries) == 0 || !strings.HasPrefix(feed.Entries[0].ID, "tag:") {
			t.Errorf("%s: %v, %d entries", path, err, len(feed.Entries))
		}
	}
	var feed struct {
		Version string
		Items   []struct{ ID, URL string }
	}
	if err := json.Unmarshal([]byte(w.want("/changes.json", 200)), &feed); err != nil || feed.Version != "https://jsonfeed.org/version/1.1" || len(feed.Items) == 0 {
		t.Errorf("/changes.json: %v, %+v", err, feed)
	}
}

// TestListsNameTheirFeeds: feed readers find the feeds of every page that lists
// something in its head, and what they find is a feed of the kind that is promised.
func TestListsNameTheirFeeds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.live()
	link := regexp.MustCompile(`<link rel="alternate" type="([^"]+)" title="[^"]+" href="([^"]+)">`)
	for _, page := range []string{"/", "/?topic=closed-centres&sense=amount", "/search?q=appeal", "/topics", "/topics/closed-centres", "/sources", "/sources?jurisdiction=BE",
		"/source/demo-ministry", "/page/2", "/v/2", "/trace?q=appeal&lang=en"} {
		found := link.FindAllStringSubmatch(w.want(page, 200), -1)
		kinds := map[string]bool{}
		for _, m := range found {
			kind := html.UnescapeString(m[1])
			if kind == atomKind || kind == jsonKind {
				kinds[kind] = true
			}
			res, body := w.fetch(html.UnescapeString(m[2]))
			if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), kind) {
				t.Errorf("%s names %s: %s, %s\n%.300s", page, m[2], res.Status, res.Header.Get("Content-Type"), body)
			}
		}
		if len(kinds) != 2 {
			t.Errorf("%s names %q", page, found)
		}
	}
	w.want("/sources.atom?jurisdiction=XX", http.StatusBadRequest)
}

// TestSubscribeConfirmStop is one reader's way in and out. Links alone change
// nothing.
func TestSubscribeConfirmStop(t *testing.T) {
	w := newWorld(t)
	w.pass()
	if code, body := w.post("/subscribe", url.Values{"email": {"not an address"}}); code != http.StatusBadRequest || !strings.Contains(body, `role="alert"`) {
		t.Errorf("a bad address: status %d", code)
	}
	if code, _ := w.post("/subscribe", url.Values{"email": {"reader@example.org"}, "topics": {"closed-centres"}, "cadence": {"daily"}, "lang": {"en"}}); code >= 300 {
		t.Fatalf("subscribe: status %d", code)
	}
	letter := w.want("/outbox/1", 200, "reader@example.org")
	confirm := regexp.MustCompile(`/confirm/[\w-]+`).FindString(letter)
	stop := regexp.MustCompile(`/stop/[\w-]+`).FindString(letter)
	if confirm == "" || stop == "" {
		t.Fatalf("the letter lacks its links:\n%s", letter)
	}
	confirmed := func() bool {
		subs, err := w.server.Digest.Store.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(subs) == 1 && !subs[0].Confirmed.IsZero() && subs[0].Ended.IsZero()
	}
	w.want(confirm, 200, `method="post"`)
	if confirmed() {
		t.Error("following the link alone confirmed")
	}
	if code, _ := w.post(confirm, nil); code != 200 || !confirmed() {
		t.Errorf("confirm: status %d, confirmed %v", code, confirmed())
	}
	w.want(stop, 200, `method="post"`)
	if !confirmed() {
		t.Error("following the link alone stopped")
	}
	// As a mail program does: from another site, with no cookie.
	res, err := http.Post(w.web.URL+stop, "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click"))
	if err != nil || res.StatusCode != 200 || confirmed() {
		t.Errorf("one click: %v %v, still confirmed: %v", res.Status, err, confirmed())
	}
	w.want("/confirm/forged", http.StatusNotFound)
	w.want("/stop/forged", http.StatusNotFound)
}

// TestTheOutboxIsTheOperators: from elsewhere it is not there.
func TestTheOutboxIsTheOperators(t *testing.T) {
	w := newWorld(t)
	w.server.Open = false
	req, _ := http.NewRequest("GET", w.web.URL+"/outbox", nil)
	req.Header.Set("X-Forwarded-For", "203.0.113.9")
	res, err := w.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode == 200 {
		t.Error("a reader behind a proxy sees the outbox")
	}
}

// TestWrongParameters: each a 4xx page or problem, and nothing is reflected.
func TestWrongParameters(t *testing.T) {
	w := newWorld(t)
	w.live()
	for _, path := range []string{"/v/x", "/v/99999", "/v/-1", "/page/x", "/page/9999", "/change/1..", "/change/9..1", "/change/1..9999", "/change/a..b",
		"/source/nobody", "/?topic=weather", "/?min_weight=9", "/?sense=colour", "/search?q=x&sort=colour", "/search?q=x&as_of=soon", "/outbox/x", "/nonsense",
		"/api/v1/diff", "/api/v1/diff?url=https://unknown.example/", "/api/v1/changes?min_weight=9", "/api/v1/search?q=%22open", "/api/v1/versions/0", "/assets/x"} {
		if code, body := w.get(path); code < 400 || code >= 500 || len(body) == 0 {
			t.Errorf("GET %s: status %d, want a 4xx with an explanation", path, code)
		}
	}
	const evil = `"><script>alert(1)</script>`
	for _, path := range []string{"/search?q=", "/?topic=", "/source/", "/v/", "/subscribe?q=", "/search?q=x&as_of=", "/change/", "/?ui="} {
		if _, body := w.get(path + url.QueryEscape(evil)); strings.Contains(body, "<script>") {
			t.Errorf("GET %s… reflects markup", path)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	w := newWorld(t)
	res, err := w.client.Get(w.web.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	csp := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe-inline") || res.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", res.Header)
	}
	req, _ := http.NewRequest("POST", w.web.URL+"/subscribe", strings.NewReader("email=a@example.org"))
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if res, err = w.client.Do(req); err != nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("a form sent from another site: %v %v", res.Status, err)
	}
}

// TestNoOtherSiteMakesABrowserPost: whatever takes a form refuses one that another
// site had a browser send, but for the one click of a mail program, whose token
// nobody else knows; and no address with a token leaks to other sites.
func TestNoOtherSiteMakesABrowserPost(t *testing.T) {
	w := newWorld(t)
	w.subscribe()
	code, err := os.ReadFile("server.go")
	if err != nil {
		t.Fatal(err)
	}
	routes := regexp.MustCompile(`"POST (/[^"]*)"`).FindAllStringSubmatch(string(code), -1)
	routes = append(routes, []string{"", "/api/v1/subscriptions"}, []string{"", "/api/v1/subscriptions/replay"})
	for _, m := range routes {
		for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example", "origin": "null"} {
			path := strings.NewReplacer("{token}", "x", "{id}", "1").Replace(m[1])
			req, _ := http.NewRequest("POST", w.web.URL+path, strings.NewReader("do=erase&email=a@example.org"))
			req.Header.Set(name, value)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			res, err := w.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if want := map[bool]int{true: http.StatusNotFound, false: http.StatusForbidden}[m[1] == "/stop/{token}"]; res.StatusCode != want {
				t.Errorf("POST %s with %s: %s answers %s", path, name, value, res.Status)
			}
			if policy := res.Header.Get("Referrer-Policy"); policy != "same-origin" {
				t.Errorf("POST %s: Referrer-Policy %q", path, policy)
			}
		}
	}
	if len(routes) < 12 {
		t.Errorf("only %d routes were found", len(routes))
	}
}

// TestEveryRouteIsDocumented holds docs/api.md against Handler.
func TestEveryRouteIsDocumented(t *testing.T) {
	code, err := os.ReadFile("server.go")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	var routes []string
	for _, m := range regexp.MustCompile(`"((?:GET|POST) /[^"]*)"`).FindAllStringSubmatch(string(code), -1) {
		routes = append(routes, m[1])
	}
	for _, m := range regexp.MustCompile(`huma\.(Get|Post)\(api, "([^"]+)"`).FindAllStringSubmatch(string(code), -1) {
		routes = append(routes, strings.ToUpper(m[1])+" "+m[2])
	}
	if len(routes) < 25 {
		t.Fatalf("found %d routes only: the pattern is broken", len(routes))
	}
	for _, r := range routes {
		if !strings.Contains(string(docs), "`"+r+"`") {
			t.Errorf("docs/api.md does not explain `%s`", r)
		}
	}
}

// TestMessagesAreComplete: every language says everything.
func TestMessagesAreComplete(t *testing.T) {
	keys := func(lang string) map[string]string {
		b, err := os.ReadFile("messages/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]string
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		return m
	}
	verbs := regexp.MustCompile(`\{\d\}`)
	english := keys("en")
	for _, lang := range []string{"fr", "nl", "de"} {
		other := keys(lang)
		for k, v := range english {
			if other[k] == "" && v != "" {
				t.Errorf("%s lacks %s", lang, k)
			}
			if a, b := len(verbs.FindAllString(v, -1)), len(verbs.FindAllString(other[k], -1)); a != b {
				t.Errorf("%s: %s takes %d values, in English %d", lang, k, b, a)
			}
		}
		for k := range other {
			if _, ok := english[k]; !ok {
				t.Errorf("%s has %s, English does not", lang, k)
			}
		}
	}
}

// TestRedlinesAreSpoken: what the style sheet says around deleted and inserted
// words are the messages of each language.
func TestRedlinesAreSpoken(t *testing.T) {
	css, err := os.ReadFile("assets/style.css")
	if err != nil {
		t.Fatal(err)
	}
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range Langs {
		before := map[bool]string{true: "\n", false: ":root:lang(" + lang + ") "}[lang == Langs[0]]
		for key, rule := range map[string]string{"edit.del": `del:not(:has(.vh))::before { content: "%s "; }`, "edit.enddel": `del:not(:has(.vh))::after { content: " %s"; }`,
			"edit.ins": `ins:not(:has(.vh))::before { content: "%s "; }`, "edit.endins": `ins:not(:has(.vh))::after { content: " %s"; }`} {
			want := fmt.Sprintf(rule, tongues[lang].T(key))
			if !strings.HasPrefix(key, "edit.end") { // the end stands behind the beginning
				want = before + want
			}
			if !strings.Contains(string(css), want) {
				t.Errorf("style.css does not say %s in %s: %s", key, lang, want)
			}
		}
	}
}

// FuzzPaths: no path and no parameter makes the server fail.
func FuzzPaths(f *testing.F) {
	for _, s := range []string{"/search?q=%22a", "/change/1..2", "/?since=x&until=y", "/page/1.atom", "/outbox/1.html", "/api/v1/diff?url=x&from=0", "/search?q=a&lang=xx&sort=newest&offset=-1",
		"/web/2026/http://a/?b#c", "/web/*/x", "/timegate/http:/x", "/timemap/cdxj/2/x", "/web/20260303080000id_/" + "http://127.0.0.1/", "/language?ui=fr&back=/web/",
		"/figures?q=a*&offset=-1", "/figures?url=x"} {
		f.Add(s)
	}
	w := newWorld(f)
	w.pass()
	f.Fuzz(func(t *testing.T, path string) {
		u, err := url.Parse(w.web.URL + "/" + strings.TrimPrefix(path, "/"))
		if err != nil || u.Host != strings.TrimPrefix(w.web.URL, "http://") {
			return
		}
		res, err := w.client.Get(u.String())
		if err != nil {
			return
		}
		res.Body.Close()
		if res.StatusCode >= 500 {
			t.Errorf("GET %s: %s", u, res.Status)
		}
	})
}

// TestComeAndGone: the redline of a page that appeared or was withdrawn is its
// title; its text stands below it, in every place once.
func TestComeAndGone(t *testing.T) {
	w := newWorld(t)
	w.live()
	gone, err := w.server.Archive.VersionHead(t.Context(), 43)
	if err != nil || !gone.Gone {
		t.Fatalf("version 43 is not the withdrawal: %+v, %v", gone, err)
	}
	for path, want := range map[string]string{
		"/change/0..24":                                "Unaccompanied minors and families with children cannot be sent to the return hub.",
		fmt.Sprintf("/change/%d..43", gone.Prev):       "can receive a return bonus",
		fmt.Sprintf("/change/%d..43?ui=fr", gone.Prev): "Son dernier texte",
	} {
		if page := w.want(path, 200); strings.Count(page, want) != 1 {
			t.Errorf("%s says %q %d times", path, want, strings.Count(page, want))
		}
	}
	if page := w.want("/change/7..25", 200); strings.Contains(page, "newtext") {
		t.Error("a change among others has a text of its own")
	}
}

// TestPublishersHaveNames: traces count by publisher, and name it in the
// reader's language.
func TestPublishersHaveNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.live()
	page := w.want("/trace?q=places&ui=fr", 200, `<th scope="row">Ministère du Retour et de l’Accueil</th>`, `<th scope="row">Agency for Return and Reception</th>`)
	if strings.Contains(page, ">demo-") {
		t.Error("a publisher is shown by its short name")
	}
}

// TestUnseenIsSaid: the page of a document that cannot be read now says so
// above its text.
func TestUnseenIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.live()
	const said = "could not be read since"
	w.want("/page/12", 200, said, "request rejected by a firewall")
	if page := w.want("/page/2", 200); strings.Contains(page, said) {
		t.Error("a page that is read well says that it is not")
	}
}

package crawler

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/archive/warc"
)

const shell = `<!DOCTYPE html><html lang="en"><head><title>Shell</title><link rel="stylesheet" href="/style.css"><script src="/app.js"></script></head><body><div id="app"></div><img src="/pixel.png"></body></html>`

// app writes the text it fetches into the page, and tries what it may not.
const app = `window.addEventListener("load", async () => {
  const get = async (u, o) => { try { return await (await fetch(u, o)).text() } catch (e) { return "refused" } }
  const said = await get("/api/text")
  const secret = await get("/private/secret")
  const other = await get("http://OTHER/inside")
  const post = await get("/api/post", {method: "POST", body: "x"})
  document.getElementById("app").innerHTML = "<main><h1>Closed centres</h1><p>" + [said, secret, other, post].join(" | ") + "</p></main>"
})`

// TestRender: the browser's page is read; what it asks for on the way passes
// robots.txt and the guard; the server's own answer is kept beside it.
func TestRender(t *testing.T) {
	if findBrowser() == "" {
		t.Skip("chromium is not installed")
	}
	var mu sync.Mutex
	asked := map[string]string{}
	inside := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked["inside"] = r.UserAgent()
	}))
	defer inside.Close()
	other := strings.Replace(strings.TrimPrefix(inside.URL, "http://"), "127.0.0.1", "127.0.0.2", 1)
	w := newWorld(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.URL.Path] = r.UserAgent()
		mu.Unlock()
		switch r.URL.Path {
		case "/robots.txt":
			fmt.Fprint(rw, "User-agent: *\nDisallow: /private/\n")
		case "/page":
			says("text/html; charset=utf-8", shell)(rw, r)
		case "/app.js":
			says("text/javascript", strings.ReplaceAll(app, "OTHER", other))(rw, r)
		case "/api/text":
			says("text/plain", "There are 751 places.")(rw, r)
		default:
			says("text/plain", "secret")(rw, r)
		}
	}), strings.Replace(onePage, "kind: ngo,", "kind: ngo, render: js,", 1))
	w.crawler.Timeout = 20 * time.Second
	rep := w.run(Options{})
	if len(rep.Errors) > 0 {
		t.Fatalf("errors %v", rep.Errors)
	}
	if body, want := string(w.last("/page").Body), "<p>There are 751 places. | refused | refused | refused</p>"; !strings.Contains(body, want) {
		t.Errorf("the browser made\n%s\nwant %q in it", body, want)
	}
	for _, path := range []string{"/page", "/app.js", "/api/text"} {
		if ua := asked[path]; !strings.HasPrefix(ua, "Veille/") {
			t.Errorf("%s was asked for as %q", path, ua)
		}
	}
	for _, path := range []string{"/private/secret", "inside", "/api/post", "/pixel.png", "/style.css"} {
		if _, was := asked[path]; was {
			t.Errorf("%s was asked for", path)
		}
	}
	var types []string
	for _, r := range records(t, w.archive.Dir()) {
		if r.URI() == w.site.URL+"/page" {
			types = append(types, r.Type())
		}
		if r.Type() == warc.TypeResource && r.Get("Veille-Rendered") == "" {
			t.Error("the record does not say who made the page")
		}
	}
	if got := strings.Join(types, " "); got != "request response metadata resource" {
		t.Errorf("records of the page: %s", got)
	}
	if rep, err := w.archive.Verify(t.Context()); err != nil || len(rep.Problems) > 0 {
		t.Errorf("verify: %v %v", rep, err)
	}
	w.clock = w.clock.Add(2 * time.Hour)
	w.run(Options{})
	if c := w.last("/page"); !c.Unchanged() {
		t.Error("the same page, made again, counts as changed")
	}
}

// TestRenderWithoutBrowser: that there is none is a fact about the source's
// health; the server's answer is archived all the same.
func TestRenderWithoutBrowser(t *testing.T) {
	w := newWorld(t, without(says("text/html", shell)), strings.Replace(onePage, "kind: ngo,", "kind: ngo, render: js,", 1))
	w.crawler.Browser = filepath.Join(t.TempDir(), "none")
	rep := w.run(Options{})
	if len(rep.Errors) != 1 || !strings.Contains(rep.Errors[0].Error, "render") {
		t.Fatalf("errors %v", rep.Errors)
	}
	if c := w.last("/page"); !strings.Contains(c.Err, "render") || c.Status != http.StatusOK {
		t.Errorf("status %d, error %q", c.Status, c.Err)
	}
	t.Setenv("PATH", os.DevNull)
	w.crawler.Browser = ""
	w.clock = w.clock.Add(2 * time.Hour)
	if rep := w.run(Options{}); len(rep.Errors) != 1 || !strings.Contains(rep.Errors[0].Error, "install Chromium") {
		t.Errorf("errors %v", rep.Errors)
	}
}

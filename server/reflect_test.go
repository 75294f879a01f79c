package server

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// hostile are values that no parameter of ours may have: markup, numbers that
// are none, times that never were, paths that lead out, bytes that are no text.
var hostile = []string{`"'><zq onload=alert(1)>`, "-1", "99999999999999999999", "1e309", "2026-02-30", "../../../../etc/passwd", "a\x00b\xff\xfe", "' OR 1=1 --", "{{.Log}}",
	strings.Repeat("<zq>(", 700), "javascript:alert(1)//<zq", "*", "\u202e<zq>\r\nSet-Cookie: zq=1"}

// routesAndParameters reads in the package's own files which routes are
// registered, "GET /v/{id}", and what parameters are asked for by name: so that
// none is forgotten.
func routesAndParameters(t *testing.T) (routes, params []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if f == "server.go" {
			for _, m := range regexp.MustCompile(`"((?:GET|POST) /[^"]*)"`).FindAllSubmatch(text, -1) {
				routes = append(routes, string(m[1]))
			}
			for _, m := range regexp.MustCompile(`huma\.(Get|Post)\(api, "([^"]+)"`).FindAllSubmatch(text, -1) {
				routes = append(routes, strings.ToUpper(string(m[1]))+" "+string(m[2]))
			}
		}
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`(?:Value\(|Get\(|[qQ]uery\[|[fF]orm\[|truth\(|query:)"([a-z_]+)`).FindAllSubmatch(text, -1) {
			known[string(m[1])] = true
		}
	}
	params = slices.Sorted(maps.Keys(known))
	if len(routes) < 80 || len(params) < 45 {
		t.Fatalf("%d routes and %d parameters were found: the test does not test", len(routes), len(params))
	}
	return routes, params
}

// good are paths that the routes with a name in them answer well.
var good = strings.NewReplacer("/source/{id}", "/source/demo-ministry", "/sources/{id}", "/sources/demo-ministry", "/topics/{id}", "/topics/closed-centres", "/change/{id}", "/change/1..16", "/changes/{id}", "/changes/1..16",
	"{block}", "b3", "{id}", "1", "{token}", "x", "/export/{what}/{name}", "/export/version/1.wacz", "/export/{name}", "/export/archive.wacz", "/cite/{name}", "/cite/1.txt", "/assets/{name}", "/assets/style.css",
	"{address...}", "https://a.example/", "{path...}", "0/000", "{$}", "")

// TestNothingIsReflected puts hostile values into every parameter of every route
// that is registered, those of operators too, and into every name in their paths:
// no answer is our fault, none holds them as markup, and none as a header.
func TestNothingIsReflected(t *testing.T) {
	t.Parallel()
	hash, err := HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	w := locked(t, &Login{PasswordHash: hash})
	w.live()
	w.subscribe()
	w.does(http.StatusOK, "/operator/login", url.Values{"password": {password}})
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	ask := func(method, path string, values url.Values) {
		t.Helper()
		address, body := w.web.URL+path, ""
		if method == http.MethodPost {
			body = values.Encode()
		} else if len(values) > 0 {
			address += "?" + values.Encode()
		}
		req, err := http.NewRequest(method, address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := w.client.Do(req)
		code, text := w.answer(res, err)
		if code >= 500 {
			t.Errorf("%s %.300s %.300s: %s", method, address, body, res.Status)
		}
		media, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
		plain := strings.HasSuffix(media, "json") || media == "text/plain" || media == "text/csv"
		if strings.Contains(text, "<zq") && !(plain && res.Header.Get("X-Content-Type-Options") == "nosniff") {
			t.Errorf("%s %.300s %.300s reflects markup, as %s", method, address, body, res.Header.Get("Content-Type"))
		}
		if strings.Contains(strings.Join(res.Header.Values("Set-Cookie"), ";"), "zq=1") {
			t.Errorf("%s %.300s sets a cookie of the attacker's", method, address)
		}
	}
	routes, params := routesAndParameters(t)
	for n, route := range routes {
		method, pattern, _ := strings.Cut(route, " ")
		if pattern == "/operator/logout" {
			continue // it would end the session that the others need
		}
		path := good.Replace(pattern)
		takes := taken(w, route, params)
		for i, value := range hostile {
			ask(method, path, allOf(params, value)) // programs are told that there are no such parameters
			ask(method, path, allOf(takes, value))
			for name := range pathNames(pattern) {
				ask(method, good.Replace(strings.Replace(pattern, name, strings.ReplaceAll(url.PathEscape(value), "/", "%2F"), 1)), nil)
			}
			for k := (i + n) % len(hostile); k < len(takes); k += len(hostile) * sparser {
				for _, beside := range []url.Values{{"q": {"return"}, "email": {"a@example.org"}}, {"url": {w.at + "/en/closed-centres"}}} {
					maps.DeleteFunc(beside, func(name string, _ []string) bool { return !slices.Contains(takes, name) })
					beside.Set(takes[k], value)
					ask(method, path, beside)
				}
			}
		}
	}
	if !strings.Contains(w.want("/operator", http.StatusOK), "Logged in as operator") {
		t.Error("the operator was logged out on the way: the test does not test operators' pages")
	}
}

// taken are those of the parameters that a route does not refuse, as what it
// refuses never comes as far as the code that could go wrong.
func taken(w *world, route string, params []string) []string {
	w.t.Helper()
	method, pattern, _ := strings.Cut(route, " ")
	if takes, ok := takenBy()[route]; ok {
		return takes
	}
	if method != http.MethodGet || !strings.HasPrefix(pattern, "/api/") {
		return params
	}
	var description struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal([]byte(w.want("/openapi.json", http.StatusOK)), &description); err != nil {
		w.t.Fatal(err)
	}
	operation, ok := description.Paths[pattern]["get"]
	if !ok {
		w.t.Fatalf("%s is not described", route)
	}
	var takes []string
	for _, p := range operation.Parameters {
		if p.In == "query" {
			takes = append(takes, p.Name)
		}
	}
	return takes
}

// allOf gives all parameters the same value.
func allOf(params []string, value string) url.Values {
	out := url.Values{}
	for _, p := range params {
		out.Set(p, value)
	}
	return out
}

// pathNames are the names in the path of a route, "{id}".
func pathNames(pattern string) map[string]bool {
	out := map[string]bool{}
	for _, name := range regexp.MustCompile(`\{[a-z]+(\.\.\.)?\}`).FindAllString(pattern, -1) {
		out[name] = true
	}
	return out
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

package server

import (
	"bufio"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestRoutes runs testdata/routes.txt, which says itself how it is written.
func TestRoutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.live()
	w.run("testdata/routes.txt")
}

// run runs a script of requests and of what must hold of the answers. {site} in
// it is the address of the site that is watched.
func (w *world) run(file string) {
	t := w.t
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var res *http.Response
	var body, request string
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.ReplaceAll(strings.TrimSpace(lines.Text()), "{site}", w.at)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		method, rest, _ := strings.Cut(line, " ")
		if method == "GET" || method == "HEAD" || method == "POST" {
			path, header, with := strings.Cut(rest, " with ")
			req, err := http.NewRequest(method, w.web.URL+path, nil)
			if err != nil {
				t.Fatalf("line %d: %v", n, err)
			}
			if name, value, _ := strings.Cut(header, ": "); with {
				req.Header.Set(name, value)
			}
			if res, err = w.client.Do(req); err != nil {
				t.Fatalf("line %d: %v", n, err)
			}
			request = line
			_, body = w.answer(res, nil)
			continue
		}
		if !holds(t, n, line, res, body) {
			t.Errorf("line %d: %s: not so: %s (code %d)\n%.1500s", n, request, line, res.StatusCode, body)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// holds reports whether a line of the script is true of an answer.
func holds(t testing.TB, n int, line string, res *http.Response, body string) bool {
	t.Helper()
	if want, ok := strings.CutPrefix(line, "code == "); ok {
		return strconv.Itoa(res.StatusCode) == want
	}
	if want, ok := strings.CutPrefix(line, "body contains "); ok {
		return strings.Contains(body, want)
	}
	if want, ok := strings.CutPrefix(line, "body lacks "); ok {
		return !strings.Contains(body, want)
	}
	if rest, ok := strings.CutPrefix(line, "header "); ok {
		if name, ok := strings.CutSuffix(rest, " is absent"); ok {
			return res.Header.Values(name) == nil
		}
		if name, want, ok := strings.Cut(rest, " lacks "); ok {
			return !strings.Contains(strings.Join(res.Header.Values(name), ", "), want)
		}
		if name, want, ok := strings.Cut(rest, " == "); ok {
			return strings.Join(res.Header.Values(name), ", ") == want
		}
		name, want, _ := strings.Cut(rest, " contains ")
		return strings.Contains(strings.Join(res.Header.Values(name), ", "), want)
	}
	t.Fatalf("line %d: %q is not understood", n, line)
	return false
}

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
	f, err := os.Open("testdata/routes.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := newWorld(t)
	w.live()
	w.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var res *http.Response
	var body, request string
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		method, rest, _ := strings.Cut(line, " ")
		if method == "GET" || method == "POST" {
			req, err := http.NewRequest(method, w.web.URL+rest, nil)
			if err != nil {
				t.Fatalf("line %d: %v", n, err)
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
func holds(t *testing.T, n int, line string, res *http.Response, body string) bool {
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
		name, want, _ := strings.Cut(rest, " contains ")
		return strings.Contains(strings.Join(res.Header.Values(name), ", "), want)
	}
	t.Fatalf("line %d: %q is not understood", n, line)
	return false
}

package extract

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veille/archive"
)

// led is an answer of a page behind a redirect.
func (w *world) led(url string, status int, to, body string) {
	w.t.Helper()
	at := time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC).AddDate(0, 0, w.day)
	w.day++
	hop := fmt.Sprintf("HTTP/1.1 %d %s\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", status, http.StatusText(status), to)
	res := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	c := &archive.Capture{Source: "s", URL: url, Time: at, Exchanges: []archive.Exchange{
		{URL: url, Time: at, Request: []byte("GET / HTTP/1.1\r\n\r\n"), Response: []byte(hop)},
		{URL: to, Time: at, Request: []byte("GET / HTTP/1.1\r\n\r\n"), Response: []byte(res)}}}
	if err := w.a.Add(w.t.Context(), c); err != nil {
		w.t.Fatal(err)
	}
}

// whereabouts lists where the versions of a page stood.
func (w *world) whereabouts(url string) []string {
	w.t.Helper()
	p, err := w.a.Page(w.t.Context(), url)
	if err != nil {
		w.t.Fatal(err)
	}
	vs, err := w.a.History(w.t.Context(), p.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, v := range vs {
		s := fmt.Sprintf("%d %s", v.Capture, v.Cause)
		if v.Gone {
			s += ", gone"
		}
		if v.MovedTo != "" {
			s += ", to " + strings.TrimPrefix(v.MovedTo, "https://example.org")
		}
		if v.MovedFrom != "" {
			s += ", from " + strings.TrimPrefix(v.MovedFrom, "https://example.org")
		}
		out = append(out, s)
	}
	return out
}

// TestMovedByRedirect: a page whose publisher gives it another address for good
// goes on, and one version says so, in whatever batches the looks are read; a
// redirect for now, one that was there from the beginning, and a slash more
// say nothing.
func TestMovedByRedirect(t *testing.T) {
	const url = "https://example.org/illegal-stay/return"
	page := htmlPage("The text of the page, which does not change.")
	for name, test := range map[string]struct {
		looks []string // "200", or status and target
		want  []string
	}{
		"moved":                       {[]string{"200", "200", "301 /stay/return", "301 /stay/return"}, []string{"1 published", "3 published, to /stay/return"}},
		"moved twice and back":        {[]string{"200", "301 /b/one", "308 /c/one", "200"}, []string{"1 published", "2 published, to /b/one", "3 published, to /c/one", "4 published"}},
		"for now":                     {[]string{"200", "302 /stay/return", "307 /stay/return", "200"}, []string{"1 published"}},
		"from the beginning":          {[]string{"301 /stay/return", "301 /stay/return"}, []string{"1 published, to /stay/return"}},
		"for now, then for good":      {[]string{"302 /b/one", "301 /b/one", "301 /b/one"}, []string{"1 published", "1 reextracted, to /b/one"}},
		"a slash, a query":            {[]string{"200", "301 /illegal-stay/return/", "301 /illegal-stay/return?x=1"}, []string{"1 published"}},
		"a query that always differs": {[]string{"200", "301 /b/one?s=1", "301 /b/one?s=2"}, []string{"1 published", "2 published, to /b/one?s=1"}},
	} {
		for _, once := range []bool{true, false} {
			w := newWorld(t)
			for _, look := range test.looks {
				status, to, led := strings.Cut(look, " ")
				if !led {
					w.answer(url, 200, page)
				} else {
					n := 0
					fmt.Sscan(status, &n)
					w.led(url, n, "https://example.org"+to, page)
				}
				if !once {
					w.sync()
				}
			}
			w.sync()
			if d := cmp.Diff(test.want, w.whereabouts(url)); d != "" {
				t.Errorf("%s, at once %v (-want +got):\n%s", name, once, d)
			}
		}
	}
}

// TestMovedWithoutRedirect: the old address is gone, and another page of the
// source has its text: whichever is seen first, the two name each other.
func TestMovedWithoutRedirect(t *testing.T) {
	const from, to = "https://example.org/news/one", "https://example.org/node/7169"
	text := func(n int) string { return htmlPage(fmt.Sprintf("%s Read %d times.", sentences(0, 40), n)) }
	for name, test := range map[string]struct {
		looks    []string // address and status
		old, new []string
	}{
		"gone, then there": {[]string{"from 200", "from 410", "to 200"}, []string{"1 published", "2 published, gone"}, []string{"3 published, from /news/one"}},
		"there, then gone": {[]string{"from 200", "to 200", "from 404", "from 404"}, []string{"1 published", "4 published, gone, to /node/7169"}, []string{"2 published"}},
	} {
		for _, once := range []bool{true, false} {
			w := newWorld(t)
			for i, look := range test.looks {
				at, status, _ := strings.Cut(look, " ")
				n := 0
				fmt.Sscan(status, &n)
				url := map[string]string{"from": from, "to": to}[at]
				body := text(i)
				if n != 200 {
					body = "gone"
				}
				w.answer(url, n, body)
				if !once {
					w.sync()
				}
			}
			w.sync()
			if d := cmp.Diff(test.old, w.whereabouts(from)); d != "" {
				t.Errorf("%s, at once %v: the old page (-want +got):\n%s", name, once, d)
			}
			if d := cmp.Diff(test.new, w.whereabouts(to)); d != "" {
				t.Errorf("%s, at once %v: the new page (-want +got):\n%s", name, once, d)
			}
		}
	}
}

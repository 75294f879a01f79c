package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"veille/archive"
	"veille/source"
)

// without is a handler for all but robots.txt, of which there is none.
func without(serve http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(rw, r)
			return
		}
		serve(rw, r)
	})
}

// raw sends an answer as it stands and hangs up.
func raw(rw http.ResponseWriter, answer string) {
	c, _, err := rw.(http.Hijacker).Hijack()
	if err == nil {
		fmt.Fprint(c, answer)
		c.Close()
	}
}

func TestWhatIsKeptOfABrokenAnswer(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
	for name, tt := range map[string]struct {
		answer          string
		err, truncated  string
		atLeast, atMost int
	}{
		"too large":      {head + "Content-Length: 2000000\r\n\r\n" + strings.Repeat("x", 2_000_000), "body over 1 MB", "length", keptOfTooLarge, keptOfTooLarge + 200},
		"hung up":        {head + "Content-Length: 200000\r\n\r\n" + strings.Repeat("x", 100_000), "hung up", "disconnect", 100_000, 101_000},
		"not gzip":       {head + "Content-Encoding: gzip\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 100_000), "content coding gzip", "", 100_000, 101_000},
		"unknown coding": {head + "Content-Encoding: zip\r\nContent-Length: 3\r\n\r\nxxx", "content coding zip", "", 50, 200},
		"interim first":  {"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + head + "Content-Length: 3\r\n\r\nyes", "", "", len(head), len(head) + 30},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, without(func(rw http.ResponseWriter, r *http.Request) { raw(rw, tt.answer) }), onePage)
			w.run(Options{})
			c := w.last("/page")
			x := c.Exchanges[0]
			if !strings.Contains(c.Err, tt.err) || (c.Err == "") != (tt.err == "") || x.Truncated != tt.truncated {
				t.Errorf("error %q, truncated %q, want %q, %q", c.Err, x.Truncated, tt.err, tt.truncated)
			}
			if n := len(x.Response); n < tt.atLeast || n > tt.atMost || !strings.HasPrefix(string(x.Response), "HTTP/1.1 200") {
				t.Errorf("kept %d bytes: %.40q, want %d to %d", n, x.Response, tt.atLeast, tt.atMost)
			}
		})
	}
}

// TestASlowBodyIsRead: what counts is that something comes.
func TestASlowBodyIsRead(t *testing.T) {
	const timeout = 400 * time.Millisecond
	w := newWorld(t, without(func(rw http.ResponseWriter, r *http.Request) {
		for range 4 {
			fmt.Fprint(rw, "part ")
			rw.(http.Flusher).Flush()
			select {
			case <-time.After(timeout / 2):
			case <-r.Context().Done():
			}
		}
	}), onePage)
	w.crawler.Timeout = timeout
	if rep := w.run(Options{}); rep.Fetched != 1 || string(w.last("/page").Body) != "part part part part " {
		t.Errorf("%+v, body %q", rep, w.last("/page").Body)
	}
}

// TestACookieAndBack: some servers give a cookie and lead back to the same
// page. It is carried there, and forgotten after the visit.
func TestACookieAndBack(t *testing.T) {
	w := newWorld(t, without(func(rw http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("seen"); err != nil {
			http.SetCookie(rw, &http.Cookie{Name: "seen", Value: "yes", Path: "/"})
			http.Redirect(rw, r, r.URL.Path, http.StatusFound)
			return
		}
		fmt.Fprint(rw, "text of "+r.URL.Path)
	}), strings.Replace(onePage, `[{en: "http://HOST/page"}]`, `[{en: "http://HOST/page"}, {en: "http://HOST/other"}]`, 1))
	if rep := w.run(Options{}); rep.Fetched != 2 || len(rep.Errors) != 0 {
		t.Fatalf("%+v, want 2 pages", rep)
	}
	for _, path := range []string{"/page", "/other"} {
		if got := string(w.last(path).Body); got != "text of "+path {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestAForbiddenPageIsNotedOnceADay(t *testing.T) {
	w := newWorld(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/robots.txt" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		fmt.Fprint(rw, "User-agent: *\nDisallow: /page\n")
	}), onePage)
	for range 3 {
		rep := w.run(Options{})
		if len(rep.Errors) != 1 || !strings.HasPrefix(rep.Errors[0].Error, forbiddenPrefix) {
			t.Errorf("report %+v", rep.Errors)
		}
		w.clock = w.clock.Add(time.Hour)
	}
	looks, err := w.archive.Looks(t.Context(), w.page("/page").ID, 0)
	if err != nil || len(looks) != 1 {
		t.Errorf("%d looks, %v, want 1", len(looks), err)
	}
	next, err := w.crawler.NextDue(t.Context())
	if err != nil || next.Sub(w.page("/page").Last.Time) != 24*time.Hour {
		t.Errorf("due %s after the look, %v, want a day", next.Sub(w.page("/page").Last.Time), err)
	}
	if rep := w.run(Options{DueOnly: true}); len(rep.Errors) != 0 {
		t.Errorf("not due, and yet: %+v", rep.Errors)
	}
}

func TestRobotsByPermission(t *testing.T) {
	w := newWorld(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			t.Error("asked for robots.txt")
		}
		fmt.Fprint(rw, "text")
	}), strings.Replace(onePage, "{min_delay: 0s}", `{min_delay: 0s, robots: permitted, permission: "letter of 3 March"}`, 1))
	if rep := w.run(Options{}); rep.Fetched != 1 {
		t.Errorf("%+v", rep)
	}
}

// TestAHostThatAskedForRest: its other pages are not asked for, nothing is
// noted about them, and the next run leaves it alone too.
func TestAHostThatAskedForRest(t *testing.T) {
	asked := 0
	w := newWorld(t, without(func(rw http.ResponseWriter, r *http.Request) {
		asked++
		rw.Header().Set("Retry-After", "7200")
		rw.WriteHeader(http.StatusTooManyRequests)
	}), strings.Replace(onePage, `[{en: "http://HOST/page"}]`, `[{en: "http://HOST/page"}, {en: "http://HOST/other"}]`, 1))
	rep := w.run(Options{})
	if asked != 1 || len(rep.Errors) != 1 || !strings.Contains(rep.Errors[0].Error, "asked to be left alone") {
		t.Errorf("asked %d times, report %+v", asked, rep.Errors)
	}
	if _, err := w.archive.Page(t.Context(), w.site.URL+"/other"); err == nil {
		t.Error("the page that was not asked for was archived")
	}
	w.crawler = &Crawler{Archive: w.archive, Sources: w.crawler.Sources, Now: w.crawler.Now} // a new process
	if next, err := w.crawler.NextDue(t.Context()); err != nil || next.Sub(w.clock) != 2*time.Hour {
		t.Errorf("due in %s, %v, want two hours", next.Sub(w.clock), err)
	}
	if rep := w.run(Options{DueOnly: true}); asked != 1 || len(rep.Errors) != 0 {
		t.Errorf("asked %d times, report %+v", asked, rep.Errors)
	}
}

// TestWhatARunThatWasStoppedLeft is no news to the next one, though the
// listing has been looked at by then.
func TestWhatARunThatWasStoppedLeft(t *testing.T) {
	names := []string{"a", "b"}
	ctx, cancel := context.WithCancel(t.Context())
	w := newWorld(t, without(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/list":
			for _, n := range names {
				fmt.Fprintf(rw, `<a href="/%s">%s</a>`, n, n)
			}
		case "/b":
			cancel()
			fmt.Fprint(rw, "text")
		default:
			fmt.Fprint(rw, "text")
		}
	}), `
hosts: {"HOST": {min_delay: 0s}}
sources:
  - {id: s, kind: ngo, jurisdiction: BE, topics: [dublin], lang: en, follow: {from: "http://HOST/list", links: "a"}}
`)
	if _, err := w.crawler.Run(ctx, Options{}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	names = append(names, "c")
	w.run(Options{})
	for path, news := range map[string]bool{"/a": false, "/b": false, "/c": true} {
		if w.page(path).News != news {
			t.Errorf("%s: news %v, want %v", path, !news, news)
		}
	}
	names = names[2:]
	w.clock = w.clock.Add(48 * time.Hour)
	if rep := w.run(Options{DueOnly: true}); rep.Fetched != 3 {
		t.Errorf("%d pages, want 3: what fell off the listing is watched still", rep.Fetched)
	}
}

func TestAnUnknownSourceIsNotFarFromAKnownOne(t *testing.T) {
	w := newWorld(t, http.NotFoundHandler(), strings.Replace(onePage, "id: s,", "id: be-office,", 1))
	for id, want := range map[string]string{"be-ofice": "did you mean be-office?", "office": "be-office", "x": "its ids stand after"} {
		if _, err := w.crawler.Run(t.Context(), Options{Sources: []string{id}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", id, err, want)
		}
	}
}

func TestWhenPagesAreDue(t *testing.T) {
	at := time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)
	schedule, err := source.ParseSchedule("@every 6h")
	if err != nil {
		t.Fatal(err)
	}
	s := &source.Source{Schedule: schedule}
	for name, tt := range map[string]struct {
		last  archive.Look
		fails int
		want  time.Duration
	}{
		"content":              {archive.Look{Status: 200}, 0, 6 * time.Hour},
		"no answer":            {archive.Look{Err: "no answer"}, 1, 10 * time.Minute},
		"server error, often":  {archive.Look{Status: 503}, 8, 1280 * time.Minute},
		"server error, long":   {archive.Look{Status: 503}, 200, 24 * time.Hour},
		"withdrawn":            {archive.Look{Status: 404}, 1, 6 * time.Hour},
		"withdrawn long ago":   {archive.Look{Status: 404}, 30, 24 * time.Hour},
		"refused":              {archive.Look{Status: 200, Class: archive.Blocked}, 1, 6 * time.Hour},
		"refused again":        {archive.Look{Status: 200, Class: archive.Blocked}, 4, 24 * time.Hour},
		"half a page":          {archive.Look{Status: 200, Class: archive.Error, Reason: "truncated: only 3 articles"}, 1, 10 * time.Minute},
		"half a page for days": {archive.Look{Status: 200, Class: archive.Error, Reason: "truncated: only 3 articles"}, 30, 6 * time.Hour},
		"no text at all":       {archive.Look{Status: 200, Class: archive.Error, Reason: "the answer is empty"}, 1, 6 * time.Hour},
		"asked for rest":       {archive.Look{Status: 429, RetryAfter: at.Add(9 * time.Hour)}, 1, 9 * time.Hour},
		"asked for a month":    {archive.Look{Status: 429, RetryAfter: at.Add(720 * time.Hour)}, 1, 24 * time.Hour},
		"robots.txt forbids":   {archive.Look{Err: forbiddenPrefix + "a.example/x"}, 1, 24 * time.Hour},
	} {
		tt.last.Time = at
		if got := Due(s, &archive.Page{Last: tt.last, Fails: tt.fails}).Sub(at); got != tt.want {
			t.Errorf("%s: due in %s, want %s", name, got, tt.want)
		}
	}
}

func TestHostsAreLeftAlone(t *testing.T) {
	at := time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)
	page := func(minutes, status, fails int) *archive.Page {
		return &archive.Page{Fails: fails, Last: archive.Look{Time: at.Add(time.Duration(minutes) * time.Minute), Status: status}}
	}
	for name, tt := range map[string]struct {
		pages []*archive.Page
		want  time.Duration // after at; 0: not held
	}{
		"answers":              {[]*archive.Page{page(0, 200, 0), page(1, 404, 1)}, 0},
		"its only page silent": {[]*archive.Page{page(0, 0, 1)}, 10 * time.Minute},
		"one page of many":     {[]*archive.Page{page(0, 200, 0), page(1, 200, 0), page(2, 0, 8)}, 0},
		"three in a row":       {[]*archive.Page{page(0, 200, 0), page(1, 0, 1), page(2, 0, 2), page(3, 0, 1)}, 22 * time.Minute},
		"answered since":       {[]*archive.Page{page(1, 0, 1), page(2, 0, 1), page(3, 0, 1), page(4, 500, 1)}, 0},
	} {
		var h hostState
		for _, p := range tt.pages {
			h.see(p)
		}
		want := time.Time{}
		if tt.want > 0 {
			want = at.Add(tt.want)
		}
		if got := h.hold(); !got.Equal(want) {
			t.Errorf("%s: held until %s, want %s", name, got, want)
		}
	}
}

// TestWhereAPublicHostLeads: not to what the operator's own list may reach.
func TestWhereAPublicHostLeads(t *testing.T) {
	w := newWorld(t, http.NotFoundHandler(), onePage)
	r := w.crawler.newRun(Options{}, w.crawler.newGuard())
	defer r.close()
	for _, publicOnly := range []bool{false, true, false} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.site.URL+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		_, h, err := r.recorder.roundTrip(req, publicOnly)
		if (err != nil) != publicOnly || publicOnly && len(h.Request) > 0 {
			t.Errorf("public only %v: %v, sent %q", publicOnly, err, h.Request)
		}
	}
	for ip, public := range map[string]bool{"": false, "127.0.0.1": false, "10.1.2.3": false, "::1": false, "fe80::1": false, "192.0.32.8": true, "2001:500:88:200::8": true} {
		if isPublic(ip) != public {
			t.Errorf("%q is public: %v", ip, !public)
		}
	}
}

package server

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"veille/archive"
)

// counted is a page that says how often it was made, in the language asked for.
func counted(w *web, made *atomic.Int64) handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		v := w.view(rw, r, "home")
		rw.Header().Set("Content-Language", v.Lang)
		rw.Header().Add("Vary", "Accept-Language, Cookie")
		return w.send(rw, r, "text/plain; charset=utf-8", fmt.Appendf(nil, "made %d, %s, operator %t", made.Add(1), v.Lang, v.Operator))
	}
}

// keeping is a web without a site, and the kept page that counts; state is what
// it shows.
func keeping(t *testing.T) (w *web, page http.Handler, made *atomic.Int64, state *string) {
	t.Helper()
	w, err := newWeb(newWorld(t).server)
	if err != nil {
		t.Fatal(err)
	}
	made, state = &atomic.Int64{}, new("one")
	return w, w.page(w.kept(func(*http.Request) string { return *state }, counted(w, made))), made, state
}

func ask(page http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rw := httptest.NewRecorder()
	page.ServeHTTP(rw, r)
	return rw
}

// TestAPageIsMadeOnceForEachState: and never shown for another state, language,
// question, host, or kind of reader.
func TestAPageIsMadeOnceForEachState(t *testing.T) {
	w, page, _, state := keeping(t)
	w.Open, w.base = false, nil
	says := func(want, path string, headers ...string) {
		t.Helper()
		if got := ask(page, path, headers...).Body.String(); got != want {
			t.Errorf("%s %q: %q, want %q", path, headers, got, want)
		}
	}
	says("made 1, en, operator false", "/x?a=1")
	says("made 1, en, operator false", "/x?a=1")
	says("made 1, en, operator false", "/x?a=1", "Cookie", "other=secret")
	says("made 2, en, operator false", "/x?a=2")
	says("made 3, de, operator false", "/x?a=1", "Accept-Language", "de")
	says("made 4, fr, operator false", "/x?a=1", "Cookie", cookieName+"=fr")
	says("made 3, de, operator false", "/x?a=1", "Cookie", cookieName+"=de")
	says("made 5, en, operator false", "http://other.example.org/x?a=1")
	w.Open = true // it is the operator who asks now
	says("made 6, en, operator true", "/x?a=1")
	w.Open = false
	says("made 1, en, operator false", "/x?a=1")
	*state = "two"
	says("made 7, en, operator false", "/x?a=1")
	*state = ""
	says("made 8, en, operator false", "/x?a=1")
	says("made 9, en, operator false", "/x?a=1")
}

// TestACookieIsNobodyElses: who chooses a language gets the cookie for it, from a
// page that is kept too; it is not kept with the page.
func TestACookieIsNobodyElses(t *testing.T) {
	w, page, made, _ := keeping(t)
	for range 2 {
		if c := ask(page, "/x?ui=nl").Result().Cookies(); len(c) != 1 || c[0].Value != "nl" {
			t.Errorf("the choice of Dutch is not kept: %v", c)
		}
	}
	if made.Load() != 1 {
		t.Errorf("the page was made %d times", made.Load())
	}
	p, _ := w.keeper.pages.Get(w.keyOf(httptest.NewRequest(http.MethodGet, "/x?ui=nl", nil), func(*http.Request) string { return "one" }, time.Minute))
	if p == nil || len(p.header.Values("Set-Cookie")) > 0 {
		t.Errorf("kept with the page: %v", p)
	}
}

// TestWhoHasThePageIsToldSo: by its ETag, which is the same however often it is
// made, and also where the page was first made for somebody who had it.
func TestWhoHasThePageIsToldSo(t *testing.T) {
	_, page, _, state := keeping(t)
	first := ask(page, "/x", "If-None-Match", `"of another"`)
	tag := first.Header().Get("ETag")
	if first.Code != http.StatusOK || tag == "" || !slices.Contains(first.Header().Values("Vary"), "Accept-Language, Cookie") {
		t.Fatalf("status %d, headers %v", first.Code, first.Header())
	}
	if again := ask(page, "/x", "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("status %d with %d bytes for who has it", again.Code, again.Body.Len())
	}
	*state = "two"
	ask(page, "/x", "If-None-Match", tag, "Range", "bytes=0-1") // makes it
	if got := ask(page, "/x"); got.Code != http.StatusOK || got.Body.String() != "made 2, en, operator true" {
		t.Errorf("status %d: %q", got.Code, got.Body)
	}
}

// TestManyWhoAskAtOnceWaitForOne: the page is made once.
func TestManyWhoAskAtOnceWaitForOne(t *testing.T) {
	w, _, made, _ := keeping(t)
	asked, free := make(chan struct{}, 8), make(chan struct{})
	page := w.page(w.kept(func(*http.Request) string { asked <- struct{}{}; return "one" }, func(rw http.ResponseWriter, r *http.Request) error {
		<-free
		return counted(w, made)(rw, r)
	}))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got := ask(page, "/x").Body.String(); got != "made 1, en, operator true" {
				t.Errorf("got %q", got)
			}
		})
	}
	for range 8 {
		<-asked
	}
	close(free)
	all.Wait()
}

// staleWeb shows pages that are up to 20 seconds old.
func staleWeb(t *testing.T, clock *time.Time) *web {
	t.Helper()
	world := newWorld(t)
	world.server.Stale = 20 * time.Second
	world.server.Now = func() time.Time { return *clock }
	w, err := newWeb(world.server)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestAPageIsShownWhileItIsMadeAnew: the one that was right a moment ago, and
// the new one to the next who asks; never one that is older than was said, of
// another language or kind of reader, or from before something was sent in.
func TestAPageIsShownWhileItIsMadeAnew(t *testing.T) {
	clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	w := staleWeb(t, &clock)
	w.keeper.patient = time.Hour // until it is made
	made, state := &atomic.Int64{}, "one"
	page := w.page(w.kept(func(*http.Request) string { return state }, counted(w, made)))
	says := func(want string, headers ...string) {
		t.Helper()
		if got := ask(page, "/x", headers...).Body.String(); got != want {
			t.Errorf("at %s, in state %s: %q, want %q", clock.Format(time.TimeOnly), state, got, want)
		}
		w.keeper.renewing <- struct{}{} // what is made behind our back is done
		<-w.keeper.renewing
	}
	says("made 1, en, operator true")
	clock, state = clock.Add(19*time.Second), "two"
	says("made 1, en, operator true")
	says("made 2, en, operator true")
	clock, state = clock.Add(19*time.Second), "three"
	says("made 3, de, operator true", "Accept-Language", "de")
	w.Open = false
	says("made 4, en, operator false")
	w.Open = true
	says("made 2, en, operator true")
	clock, state = clock.Add(20*time.Second), "four"
	says("made 6, en, operator true")
	state = "five"
	says("made 6, en, operator true")
	state = "six"
	w.page(func(http.ResponseWriter, *http.Request) error { return nil }).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/x", nil))
	says("made 8, en, operator true")
}

// TestAPageThatTakesLongIsShownAsItWas: up to six times as old as a page for
// which nobody waits, and also where too many long questions are asked; not
// older, and not where something was sent in meanwhile.
func TestAPageThatTakesLongIsShownAsItWas(t *testing.T) {
	clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	w := staleWeb(t, &clock)
	w.keeper.patient = 0
	made, state, free := &atomic.Int64{}, "one", make(chan error, 1)
	page := w.page(w.kept(func(*http.Request) string { return state }, func(rw http.ResponseWriter, r *http.Request) error {
		if err := <-free; err != nil {
			return err
		}
		return counted(w, made)(rw, r)
	}))
	says := func(want string) {
		t.Helper()
		if got := ask(page, "/x"); got.Code != http.StatusOK || got.Body.String() != want {
			t.Errorf("at %s, in state %s: %d %q, want %q", clock.Format(time.TimeOnly), state, got.Code, got.Body, want)
		}
	}
	over := func(err error) { // what is made behind our back is made, or not
		free <- err
		for range mostAwaited {
			w.keeper.awaited <- struct{}{}
		}
		for range mostAwaited {
			<-w.keeper.awaited
		}
	}
	free <- nil
	says("made 1, en, operator true")
	clock, state = clock.Add(119*time.Second), "two"
	says("made 1, en, operator true")
	over(nil)
	says("made 2, en, operator true")
	clock, state = clock.Add(60*time.Second), "three"
	w.keeper.patient = time.Hour
	free <- errBusy
	says("made 2, en, operator true")
	w.keeper.patient = 0
	clock = clock.Add(60 * time.Second)
	free <- nil
	says("made 3, en, operator true") // the old one is too old
	clock, state = clock.Add(60*time.Second), "four"
	w.page(func(http.ResponseWriter, *http.Request) error { return nil }).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/x", nil))
	free <- nil
	says("made 4, en, operator true")
}

// TestAnErrorIsNotKept: what was not there may be there the next time.
func TestAnErrorIsNotKept(t *testing.T) {
	w, _, made, _ := keeping(t)
	wrong := []error{fs.ErrNotExist, errBusy, errors.New("our own")}
	page := w.page(w.kept(func(*http.Request) string { return "one" }, func(rw http.ResponseWriter, r *http.Request) error {
		if len(wrong) > 0 {
			err := wrong[0]
			wrong = wrong[1:]
			return err
		}
		return counted(w, made)(rw, r)
	}))
	for _, want := range []int{404, 503, 500, 200, 200} {
		got := ask(page, "/x")
		if got.Code != want {
			t.Errorf("status %d, want %d", got.Code, want)
		}
		if retry := got.Header().Get("Retry-After"); (retry != "") != (want == 503) {
			t.Errorf("status %d with Retry-After %q", want, retry)
		}
	}
}

// TestWhoHasLoggedInGetsNoPageThatIsKept: nor does anybody get theirs.
func TestWhoHasLoggedInGetsNoPageThatIsKept(t *testing.T) {
	hash, err := HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	w := locked(t, &Login{PasswordHash: hash})
	w.pass()
	w.want("/sources", http.StatusOK)
	w.does(http.StatusOK, "/operator/login", url.Values{"password": {password}})
	w.want("/sources", http.StatusOK, `href="/operator"`)
	stranger := *w.client
	stranger.Jar = nil
	if _, body := w.answer(stranger.Get(w.web.URL + "/sources")); strings.Contains(body, `href="/operator"`) {
		t.Error("a stranger is shown the operator's page")
	}
}

// TestEveryKeptPageIsTheOneThatWouldBeMade: after each step of the site's life,
// all pages that are kept say what a server says that has just been started.
func TestEveryKeptPageIsTheOneThatWouldBeMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	check := func(step int) {
		t.Helper()
		fresh := httptest.NewServer(w.server.Handler())
		defer fresh.Close()
		paths := []string{"/", "/?source=bulletin", "/search?q=centre", "/trace?q=centre", "/figures?q=centre", "/topics", "/topics/closed-centres", "/sources", "/changes.json", "/drift.atom", "/search.atom?q=centre"}
		pages, err := w.server.Archive.Pages(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pages {
			address := url.QueryEscape(p.URL)
			paths = append(paths, fmt.Sprintf("/page/%d", p.ID), "/source/"+p.Source, "/figures?url="+address)
			if p.Latest != 0 {
				paths = append(paths, fmt.Sprintf("/v/%d", p.Latest), fmt.Sprintf("/v/%d/blame", p.Latest), "/collate?url="+address)
			}
		}
		steps, err := w.server.Archive.Steps(t.Context(), archive.StepFilter{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range steps {
			paths = append(paths, fmt.Sprintf("/change/%d..%d", s.From, s.To))
		}
		for _, path := range paths {
			code, got := w.get(path)
			if _, want := w.answer(http.Get(fresh.URL + path)); got != want {
				t.Errorf("step %d, %s (status %d) is not what it would be now", step, path, code)
			}
		}
	}
	w.pass()
	clock := w.clock // all within a minute, so that only what is written makes pages other
	for step := range 3 {
		check(step)
		w.site.Advance()
		w.pass()
		clock = clock.Add(10 * time.Second)
		w.clock = clock
	}
	check(3)
}

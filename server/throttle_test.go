package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"veille/digest"
)

// One network that asks and asks is refused, and others are not.
func TestOneNetworkDoesNotKeepOthersOut(t *testing.T) {
	w := newWorld(t)
	w.pass()
	ask := func(from, path, form string) int {
		t.Helper()
		kind := "application/x-www-form-urlencoded"
		if strings.HasPrefix(path, "/api/") {
			kind = "application/json"
		}
		req, err := http.NewRequest(http.MethodPost, w.web.URL+path, strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Forwarded-For", from)
		req.Header.Set("Content-Type", kind)
		code, _ := w.answer(w.client.Do(req))
		return code
	}
	const flood = 80 // more than all together may ask at once
	for _, c := range []struct{ path, form string }{
		{"/subscribe", "email=wrong&query=x"}, {"/manage", "email=reader@example.org"},
		{"/subscribe", "do=preview&query=nothing+like+it"}, {"/api/v1/subscriptions/replay", `{"query": "nothing like it"}`},
	} {
		var code int
		for range flood {
			code = ask("203.0.113.7", c.path, c.form)
		}
		if code != http.StatusTooManyRequests {
			t.Errorf("%s %s: the last of %d requests: %d, want 429", c.path, c.form, flood, code)
		}
		if code := ask("203.0.113.99", c.path, c.form); code != http.StatusTooManyRequests {
			t.Errorf("%s %s: a neighbour: %d, want 429", c.path, c.form, code)
		}
		if code := ask("198.51.100.9", c.path, c.form); code == http.StatusTooManyRequests {
			t.Errorf("%s %s: somebody else is refused as well", c.path, c.form)
		}
	}
}

// A slow mail server.
type slowServer struct{ enough chan struct{} }

func (s slowServer) Send(context.Context, *digest.Mail, func() error) error {
	<-s.enough
	return digest.ErrAddress
}

// How long the answer takes does not tell whether an address is known: it does
// not wait for a mail.
func TestTheLinkIsNotWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.pass()
	w.subscribe()
	w.does(http.StatusOK, w.link("confirm"), nil)
	slow := slowServer{make(chan struct{})}
	t.Cleanup(func() { close(slow.enough) })
	w.server.Digest.Mailer, w.server.Digest.From = slow, "Veille <veille@example.org>"
	pages, err := newWeb(w.server)
	if err != nil {
		t.Fatal(err)
	}
	pages.patience = time.Hour
	var body string
	answered := make(chan int, 1)
	go func() {
		r := httptest.NewRequest(http.MethodPost, "/manage", strings.NewReader(url.Values{"email": {"reader@example.org"}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rw := httptest.NewRecorder()
		pages.page(pages.askedManage).ServeHTTP(rw, r)
		body = rw.Body.String()
		answered <- rw.Code
	}()
	select {
	case code := <-answered:
		if code != http.StatusAccepted {
			t.Errorf("%d, want 202\n%s", code, body)
		}
	case <-time.After(time.Minute):
		t.Fatal("the answer waits for the mail server")
	}
	ms, err := w.server.Digest.Store.Outbox(t.Context(), digest.OutboxFilter{Limit: 1})
	if err != nil || len(ms) != 1 || ms[0].Kind != "manage" {
		t.Errorf("no letter with the link: %v %v", ms, err)
	}
}

package digest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	webhook "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"veille/archive"
)

// A receiver is a webhook's other end: it checks signatures with the library,
// and answers as it is told.
type receiver struct {
	*httptest.Server
	t      testing.TB
	signer *webhook.Webhook

	mu     sync.Mutex // guards what follows
	answer int
	got    []string // webhook-id and change of what was signed well
}

func (w *world) receiver() *receiver {
	w.Helper()
	r := &receiver{t: w, answer: http.StatusNoContent}
	r.Server = httptest.NewServer(r)
	w.Cleanup(r.Close)
	w.digest.Postman = NewPostman(true, 0)
	w.digest.Document = func(_ context.Context, from, to archive.Seq, lang string) (any, error) {
		return map[string]any{"id": fmt.Sprintf("%d..%d", from, to), "lang": lang}, nil
	}
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	var event struct {
		Type string
		Data struct{ ID string }
	}
	if err := json.Unmarshal(body, &event); err != nil {
		r.t.Errorf("body %s: %v", body, err)
	}
	if err := r.signer.VerifyIgnoringTimestamp(body, req.Header); err != nil { // the tests' clock stands in the past
		r.t.Errorf("signature: %v", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.answer/100 == 2 {
		r.got = append(r.got, req.Header.Get("webhook-id")+" "+event.Type+" "+event.Data.ID)
	}
	if r.answer == http.StatusFound {
		w.Header().Set("Location", r.URL+"/elsewhere")
	}
	w.WriteHeader(r.answer)
}

func (r *receiver) will(code int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = code
}

// took is what was taken, without the webhook-ids.
func (r *receiver) took() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, s := range r.got {
		_, s, _ = strings.Cut(s, " ")
		out = append(out, s)
	}
	r.got = nil
	return strings.Join(out, ", ")
}

func (w *world) hook(r *receiver, f Filter) *Hook {
	w.Helper()
	h, err := w.digest.AddHook(w.Context(), HookRequest{URL: r.URL + "/hook", Filter: f})
	if err != nil {
		w.Fatal(err)
	}
	if r.signer, err = webhook.NewWebhook(w.store.HookSecret(h.ID)); err != nil {
		w.Fatal(err)
	}
	return h
}

func (w *world) hooked() HookReport {
	w.Helper()
	r, err := w.digest.SyncHooks(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return *r
}

// What changes is told once, in order, whatever the receiver answers meanwhile.
func TestAWebhookIsTold(t *testing.T) {
	w := start(t)
	r := w.receiver()
	w.publish(centres, places("1")...)
	w.publish(hubs, places("1")...)
	w.hook(r, Filter{Sources: []string{"be-ministry"}})
	want(t, "what was there before", w.hooked(), HookReport{})
	w.publish(hubs, places("2")...) // of another source
	w.publish(centres, places("2")...)
	want(t, "found and sent", w.hooked(), HookReport{Found: 1, Sent: 1})
	want(t, "told", r.took(), "change 1..4")
	want(t, "again", w.hooked(), HookReport{})

	for _, code := range []int{http.StatusInternalServerError, http.StatusFound, http.StatusBadRequest, http.StatusTooManyRequests} {
		r.will(code)
		w.publish(centres, places(fmt.Sprint(code))...)
		want(t, fmt.Sprint("while it answers ", code), w.hooked().Sent, 0)
	}
	r.will(http.StatusOK)
	want(t, "too early", w.hooked(), HookReport{})
	w.pass(longWait)
	want(t, "later", w.hooked().Sent, 4)
	want(t, "told", r.took(), "change 4..5, change 5..6, change 6..7, change 7..8")
	if err := w.store.RemoveHook(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if err := w.store.RemoveHook(t.Context(), 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed twice: %v", err)
	}
	w.publish(centres, places("9")...)
	want(t, "after it was removed", w.hooked(), HookReport{})
}

// Killed after a message went out and before that was written down, it goes out
// again under the same webhook-id; nothing else does, nothing is lost.
func TestAWebhookIsToldUnderOneID(t *testing.T) {
	w := start(t)
	r := w.receiver()
	w.publish(centres, places("1")...)
	w.publish(hubs, places("1")...)
	w.hook(r, Filter{})
	w.publish(centres, places("2")...)
	w.publish(hubs, places("2")...)
	ctx, kill := context.WithCancel(t.Context())
	w.digest.crash = func(string) {
		kill()
		w.store.write.Exec(`PRAGMA query_only = 1`) // nothing more is written down
	}
	if _, err := w.digest.SyncHooks(ctx); err == nil {
		t.Fatal("it was not killed")
	}
	w.digest.crash = nil
	w.store.write.Exec(`PRAGMA query_only = 0`)
	want(t, "after it", w.hooked(), HookReport{Sent: 2})
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.got) != 3 || r.got[0] != r.got[1] || r.got[1] == r.got[2] {
		t.Errorf("got %q", r.got)
	}
}

func TestAWebhookThatWantsNoMore(t *testing.T) {
	w := start(t)
	r := w.receiver()
	w.publish(centres, places("1")...)
	h := w.hook(r, Filter{})
	w.publish(centres, places("2")...)
	r.will(http.StatusGone)
	w.hooked()
	r.will(http.StatusOK)
	w.pass(longWait)
	want(t, "afterwards", w.hooked(), HookReport{})
	h, err := w.store.Hook(t.Context(), h.ID)
	if err != nil || h.Stopped.IsZero() || h.Waiting != 1 || !strings.Contains(h.Error, "410") {
		t.Errorf("%+v, %v", h, err)
	}
}

// What is not taken for five days is given up, and what comes after follows.
func TestAWebhookThatIsDownForLong(t *testing.T) {
	w := start(t)
	r := w.receiver()
	w.publish(centres, places("1")...)
	w.hook(r, Filter{})
	w.publish(centres, places("2")...)
	r.will(http.StatusBadGateway)
	w.hooked()
	w.pass(hookPatient)
	want(t, "after five days", w.hooked(), HookReport{Failed: 1})
	r.will(http.StatusOK)
	w.publish(centres, places("3")...)
	want(t, "then", w.hooked(), HookReport{Found: 1, Sent: 1})
	want(t, "told", r.took(), "change 2..3")
}

// A receiver that hangs costs its own time, not the others'.
func TestAWebhookThatHangs(t *testing.T) {
	w := start(t)
	r := w.receiver()
	over := make(chan struct{})
	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		select {
		case <-over:
		case <-req.Context().Done():
		}
	}))
	t.Cleanup(func() { close(over); hang.Close() })
	w.digest.Postman = NewPostman(true, 50*time.Millisecond)
	w.publish(centres, places("1")...)
	if _, err := w.digest.AddHook(t.Context(), HookRequest{URL: hang.URL}); err != nil {
		t.Fatal(err)
	}
	w.hook(r, Filter{})
	w.publish(centres, places("2")...)
	want(t, "one waits", w.hooked(), HookReport{Found: 2, Sent: 1, Waiting: 1})
	want(t, "the other is told", r.took(), "change 1..2")
}

func TestHooksThatCannotBe(t *testing.T) {
	w := start(t)
	for _, r := range []HookRequest{
		{URL: ""}, {URL: "example.org/hook"}, {URL: "ftp://example.org/"}, {URL: "https://"}, {URL: "https://me:secret@example.org/"}, {URL: "https://example.org/#x"}, {URL: "http://example.org/hook"},
		{URL: "generic://example.org"}, {URL: "smtp://example.org"}, {URL: "discord://"}, {URL: "logger://"},
		{URL: "https://example.org/", Lang: "xx"}, {URL: "https://example.org/", Filter: Filter{Topics: []string{"weather"}}},
		{URL: "https://example.org/", Filter: Filter{Kinds: []Kind{"gossip"}}},
	} {
		var wrong *RequestError
		if _, err := w.digest.AddHook(t.Context(), r); !errors.As(err, &wrong) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	list, err := w.store.Hooks(t.Context())
	if err != nil || len(list) != 0 {
		t.Errorf("%d hooks, %v", len(list), err)
	}
}

// A chat gets one line a change, with the link, and calls nobody.
func TestAChatIsTold(t *testing.T) {
	w := start(t)
	var mu sync.Mutex
	var said []string
	code := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		mu.Lock()
		defer mu.Unlock()
		rw.WriteHeader(code)
		if io.WriteString(rw, "{}"); code == http.StatusOK {
			said = append(said, string(body))
		}
	}))
	t.Cleanup(server.Close)
	w.publish(centres, places("1")...)
	w.digest.Postman = NewPostman(true, 0)
	address := "ntfy://me:secret@" + strings.TrimPrefix(server.URL, "http://") + "/veille?scheme=http"
	h, err := w.digest.AddHook(t.Context(), HookRequest{URL: address, Lang: "fr"})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "where", h.Where(), "ntfy")
	w.publish(centres, places("2 @everyone")...)
	mu.Lock()
	code = http.StatusServiceUnavailable
	mu.Unlock()
	want(t, "while it is down", w.hooked(), HookReport{Found: 1, Waiting: 1})
	if h, err = w.store.Hook(t.Context(), 1); err != nil || h.Error == "" || strings.Contains(h.Error, "secret") || strings.Contains(h.Error, server.URL) {
		t.Errorf("%+v, %v", h, err)
	}
	mu.Lock()
	code = http.StatusOK
	mu.Unlock()
	w.pass(time.Hour)
	want(t, "then", w.hooked(), HookReport{Sent: 1})
	mu.Lock()
	defer mu.Unlock()
	if len(said) != 1 || !strings.Contains(said[0], "https://veille.example.org/change/1..2") || !strings.Contains(said[0], "Places in centres") ||
		strings.Contains(said[0], "@everyone") || strings.Contains(said[0], "\n") {
		t.Errorf("said %q", said)
	}
}

package digest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/archive"
)

// A webhook that asks for health is told once that a source cannot be read, and
// that it can be read again; one that asks for changes is told of neither.
func TestAWebhookIsToldOfHealth(t *testing.T) {
	w := start(t)
	r := w.receiver()
	w.publish(centres, places("1")...)
	w.publish(hubs, places("1")...)
	h := w.hook(r, Filter{Kinds: []Kind{KindHealth}, Sources: []string{"be-ministry"}})
	blocked := func() {
		w.read(w.captured(centres, "no"), archive.Reading{Class: archive.Blocked, Reason: "a challenge"})
		w.read(w.captured(hubs, "no"), archive.Reading{Class: archive.Blocked, Reason: "a challenge"})
	}
	w.pass(time.Hour)
	blocked()
	want(t, "after an hour", w.hooked(), HookReport{})
	w.pass(25 * time.Hour)
	blocked()
	want(t, "after a day", w.hooked(), HookReport{Found: 1, Sent: 1})
	key := (&gap{source: "be-ministry", since: monday.Add(3 * time.Hour)}).key("health")
	want(t, "told", r.took(), "health "+key)
	w.pass(25 * time.Hour)
	want(t, "a day later", w.hooked(), HookReport{})
	w.publish(centres, places("2")...)
	w.pass(2 * time.Hour)
	want(t, "when it can be read again", w.hooked(), HookReport{Found: 1, Sent: 1})
	want(t, "told", r.took(), "health "+strings.Replace(key, "health", "readable", 1))
	w.pass(2 * time.Hour)
	want(t, "then", w.hooked(), HookReport{})
	if h, err := w.store.Hook(t.Context(), h.ID); err != nil || h.Waiting != 0 || h.Failed != 0 {
		t.Errorf("%+v, %v", h, err)
	}
}

// A drift is told once, in the hook's language, when it became news after the
// hook was added; a chat gets it as a line.
func TestHooksAreToldOfDrifts(t *testing.T) {
	w := start(t)
	var mu sync.Mutex
	got := map[string]string{}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		rw.Write([]byte("{}"))
		mu.Lock()
		defer mu.Unlock()
		got[req.URL.Path] += string(body)
	}))
	t.Cleanup(server.Close)
	w.digest.Postman = NewPostman(true, 0)
	f := Filter{Kinds: []Kind{KindDrift}}
	for _, address := range []string{server.URL + "/hook", "ntfy://" + strings.TrimPrefix(server.URL, "http://") + "/chat?scheme=http"} {
		if _, err := w.digest.AddHook(t.Context(), HookRequest{URL: address, Lang: "nl", Filter: f}); err != nil {
			t.Fatal(err)
		}
	}
	asked := 0
	w.digest.Drifts = func(_ context.Context, since time.Time) ([]Notice, error) {
		if asked++; since.After(monday.Add(-100 * 24 * time.Hour)) {
			t.Errorf("asked since %s only", since)
		}
		n := Notice{Key: "drift 1 2", Kind: KindDrift, Source: "be-ministry", Lang: "fr", Title: "Centres fermés", Text: map[string]string{"nl": "Het Nederlands @volgt niet."},
			Link: "/change/2..3", Time: monday.Add(-time.Hour), Weight: 5}
		later := n
		later.Key, later.Time = "drift 3 4", monday.Add(time.Hour)
		return []Notice{n, later}, nil
	}
	want(t, "at once", w.hooked(), HookReport{})
	want(t, "asked", asked, 0)
	for range 3 {
		w.pass(2 * time.Hour)
		w.hooked()
		w.hooked() // in the same hour nobody is asked
	}
	want(t, "asked", asked, 3)
	mu.Lock()
	defer mu.Unlock()
	var event struct {
		Type string
		Data hookNotice
	}
	if err := json.Unmarshal([]byte(got["/hook"]), &event); err != nil {
		t.Fatalf("%v: %s", err, got["/hook"])
	}
	want(t, "type", event.Type, "drift")
	want(t, "of what", event.Data, hookNotice{ID: "drift 3 4", Source: "be-ministry", Title: "Centres fermés", Lang: "fr", Summary: "Het Nederlands @volgt niet.",
		Link: "/change/2..3", Time: monday.Add(time.Hour)})
	if line := got["/chat"]; strings.Count(line, "https://veille.example.org/change/2..3") != 1 || !strings.Contains(line, "Centres fermés: Het Nederlands @\u200bvolgt niet.") {
		t.Errorf("the chat was told %q", line)
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	webhook "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// The whole of webhooks on the command line: a receiver gets the same document
// as `veille changes --json` prints, signed.
func TestWebhooks(t *testing.T) {
	var mu sync.Mutex
	var bodies [][]byte
	var secret string
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		signer, err := webhook.NewWebhook(secret)
		if err == nil {
			err = signer.Verify(body, r.Header)
		}
		if err != nil {
			t.Errorf("signature: %v", err)
		}
		bodies = append(bodies, body)
	}))
	defer receiver.Close()
	demo := watchDemo(t, "@every 1h")
	veille := func(code int, args ...string) string {
		t.Helper()
		var out, log bytes.Buffer
		a := &app{out: &out, err: &log, now: time.Now}
		if got := a.run(t.Context(), demo.args(args...)); got != code {
			t.Fatalf("%q: exit status %d, want %d\n%s%s", args, got, code, &out, &log)
		}
		return out.String() + log.String()
	}
	veille(0, "crawl")
	_, secret, _ = strings.Cut(strings.TrimSpace(veille(0, "webhooks", "add", receiver.URL, "--private-hooks", "--name", "Ours", "--min-weight", "3")), "secret: ")
	if said := veille(0, "webhooks", "add", "ntfy://ntfy.example.org/topic", "--topic", "return-hubs"); strings.Contains(said, "secret") || strings.Contains(said, "example.org") {
		t.Errorf("of a chat it says:\n%s", said)
	}
	veille(0, "webhooks", "remove", "2")
	veille(1, "webhooks", "add", "gopher://example.org")
	if said := veille(1, "webhooks", "add", "http://example.org/hook"); !strings.Contains(said, "not https") {
		t.Errorf("of an address without TLS it says:\n%s", said)
	}
	if said := veille(1, "webhooks", "test", "1"); !strings.Contains(said, "--private-hooks") {
		t.Errorf("of a private address it says:\n%s", said)
	}
	veille(0, "webhooks", "test", "1", "--private-hooks")
	demo.Advance()
	demo.Advance()
	veille(0, "crawl")
	if said := veille(0, "digest", "--private-hooks"); !strings.Contains(said, "0 waiting, 0 failed") {
		t.Errorf("digest says:\n%s", said)
	}
	if said := veille(0, "webhooks", "list"); !strings.Contains(said, receiver.URL+"  Ours  0 waiting, 0 failed\n1 webhook\n") {
		t.Errorf("the list says:\n%s", said)
	}
	var listed struct{ Changes []json.RawMessage }
	if err := json.Unmarshal([]byte(veille(0, "changes", "--json", "--ui-lang", "en", "--min-weight", "0")), &listed); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range listed.Changes {
		known[plain(t, c)] = true
	}
	mu.Lock()
	defer mu.Unlock()
	if len(bodies) < 2 {
		t.Fatalf("%d messages", len(bodies))
	}
	for _, body := range bodies[1:] {
		var event struct {
			Type string
			Data json.RawMessage
		}
		if err := json.Unmarshal(body, &event); err != nil || event.Type != "change" || !known[plain(t, event.Data)] {
			t.Errorf("not as in the list: %v, %.500s", err, body)
		}
	}
}

// plain is a JSON document without spaces.
func plain(t *testing.T, doc []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

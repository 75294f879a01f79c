package digest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/archive"
	"veille/source"
	"veille/thesaurus"
)

// monday is a Monday at 09:00 in Brussels.
var monday = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// A world is an archive, a store and a digester, with a clock that stands still
// until it is moved.
type world struct {
	testing.TB
	dir     string
	archive *archive.Archive
	store   *Store
	digest  *Digester
	mailer  *pigeon

	mu  sync.Mutex // guards now
	now time.Time
}

// A pigeon is a Mailer that remembers what it carried, or fails as it is told.
type pigeon struct {
	mu    sync.Mutex
	sent  []Mail
	fails func(m *Mail) error
}

func (p *pigeon) Send(_ context.Context, m *Mail, last func() error) error {
	if err := last(); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails != nil {
		if err := p.fails(m); err != nil {
			return err
		}
	}
	p.sent = append(p.sent, *m)
	return nil
}

func (p *pigeon) take() []Mail {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.sent
	p.sent = nil
	return out
}

func sources() *source.List {
	return &source.List{Sources: []*source.Source{
		{ID: "be-ministry", Name: map[string]string{"en": "The Ministry", "fr": "Le Ministère", "nl": "Het Ministerie", "de": "Das Ministerium"}, Topics: []string{"closed-centres"}, Jurisdiction: "BE", Enabled: true},
		{ID: "be-agency", Name: map[string]string{"en": "The Agency"}, Topics: []string{"return-hubs"}, Jurisdiction: "EU", Enabled: true},
	}}
}

// newWorld opens everything in a directory, which may hold an earlier world.
func newWorld(t testing.TB, dir string) *world {
	t.Helper()
	w := &world{TB: t, dir: dir, now: monday, mailer: &pigeon{}}
	var err error
	if w.archive, err = archive.Open(dir, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if w.store, err = Open(filepath.Join(dir, "subscribers.db")); err != nil {
		t.Fatal(err)
	}
	terms, err := thesaurus.Load()
	if err != nil {
		t.Fatal(err)
	}
	w.digest = &Digester{Archive: w.archive, Sources: sources(), Thesaurus: terms, Store: w.store, Mailer: w.mailer,
		BaseURL: "https://veille.example.org", From: "Veille <veille@example.org>", Log: slog.New(slog.DiscardHandler), Now: w.time}
	t.Cleanup(w.close)
	return w
}

func start(t testing.TB) *world { return newWorld(t, t.TempDir()) }

func (w *world) close() {
	w.store.Close()
	w.archive.Close()
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// captured adds a capture of a page, whose address names the source.
func (w *world) captured(url, body string) *archive.Capture {
	w.Helper()
	src, _, _ := strings.Cut(strings.TrimPrefix(url, "https://"), ".")
	now := w.time()
	c := &archive.Capture{Source: "be-" + src, URL: url, Lang: "en", Time: now, Exchanges: []archive.Exchange{{URL: url, Time: now, IP: "127.0.0.1",
		Request:  []byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"),
		Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(body), body)}}}
	if err := w.archive.Add(w.Context(), c); err != nil {
		w.Fatal(err)
	}
	return c
}

func (w *world) read(c *archive.Capture, r archive.Reading) archive.Seq {
	w.Helper()
	r.Capture = c.Seq
	added, err := w.archive.AddReadings(w.Context(), c.Seq, []archive.Reading{r})
	if err != nil {
		w.Fatal(err)
	}
	if len(added) == 0 {
		return 0
	}
	return added[0].ID
}

func content(title string, texts ...string) archive.Reading {
	v := &archive.Version{Title: title, Lang: "en", Strategy: "main"}
	for _, s := range texts {
		v.Blocks = append(v.Blocks, archive.Block{Kind: archive.Paragraph, Role: archive.Main, Path: []string{title, "Capacity"}, Text: s})
	}
	return archive.Reading{Class: archive.Content, Version: v}
}

// publish lets a page say something else, an hour later, and returns the
// version that this made.
func (w *world) publish(url string, texts ...string) archive.Seq {
	w.Helper()
	w.pass(time.Hour)
	return w.read(w.captured(url, strings.Join(texts, "\n")), content("Places in centres", texts...))
}

const (
	centres = "https://ministry.example.org/centres"
	hubs    = "https://agency.example.org/hubs"
)

func places(n string) []string {
	return []string{"The closed centres have " + n + " places in all.", "Each request is answered within thirty days.", "The centre is reached by bus from the railway station."}
}

// subscribed is a subscription that the operator added.
func (w *world) subscribed(r Request) *Subscription {
	w.Helper()
	if r.Email == "" {
		r.Email = "reader@example.org"
	}
	if r.Cadence == "" {
		r.Cadence = Now
	}
	s, err := w.digest.AddConfirmed(w.Context(), r)
	if err != nil {
		w.Fatal(err)
	}
	return s
}

// sync tells what is due, and returns the mails that left.
func (w *world) sync() []Mail {
	w.Helper()
	if _, err := w.digest.Sync(w.Context(), Options{}); err != nil {
		w.Fatal(err)
	}
	return w.mailer.take()
}

// states lists the letters of the outbox by state, oldest first.
func (w *world) states() string {
	w.Helper()
	ms, err := w.store.Outbox(w.Context(), OutboxFilter{})
	if err != nil {
		w.Fatal(err)
	}
	var out []string
	for _, m := range ms {
		out = append([]string{m.Kind + " " + string(m.State)}, out...)
	}
	return strings.Join(out, ", ")
}

func changes(ms []Mail) string {
	var out []string
	for _, m := range ms {
		out = append(out, strings.Join(m.Changes, " "))
	}
	return strings.Join(out, ", ")
}

// token finds the token of a link in a mail.
func token(t *testing.T, text, what string) string {
	t.Helper()
	m := regexp.MustCompile(`https://veille\.example\.org/` + what + `/(\S{43})\s`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("there is no %s link in:\n%s", what, text)
	}
	return m[1]
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

var _ io.Closer = (*SMTP)(nil)

package main

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"veille/internal/demosite"
	"veille/internal/smtptest"
)

// TestANewcomerSubscribes is the whole of telling, with a real browser and a
// real mail server: a newcomer subscribes to a search, sees what it would have
// told, confirms from the mail, receives one digest for three edits of one
// page, and leaves with one click.
func TestANewcomerSubscribes(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	defer stop()
	b := newBrowser(t, ctx)
	office := &mailbox{t: t, ctx: ctx, server: smtptest.Start(t)}
	var ahead atomic.Int64 // of the program's clock
	site, s := serveDemo(t, ctx, &ahead, office.server.Addr)
	b.base = s.url
	edit := func() {
		site.Advance()
		everywhere(t, ctx, s.url, capacityNow(t, site.Site))
		// A figure that is another whenever one looks is a counter: publishers do not edit so.
		for seen := site.looks.Load() + 2; site.looks.Load() < seen; {
			select {
			case <-ctx.Done():
				t.Fatal("nobody looks at the page any more")
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	b.until("/search?q=closed+centres", "mark")
	for site.Step() < len(demosite.Steps) { // from here on only the capacity rises
		site.Advance()
	}
	everywhere(t, ctx, s.url, capacityNow(t, site.Site))

	b.open("/search?q=closed+centres")
	b.click(`a[href^="/subscribe?"]`)
	b.fill("#email", "newcomer@example.org")
	b.click(`button[value="preview"]`)
	b.see("#replay-title", "With these settings you would have received 1 mail with ")
	b.click(`button[value="subscribe"]`)
	b.see("main", "Nearly done")

	asked := office.wait(1)
	b.base = ""
	confirm := link(t, asked.text, "/confirm/")
	b.open(confirm)
	b.click(`form[method="post"] button`) // the link alone confirms nothing
	b.see("main", "closed centres")
	b.base = s.url

	for range 3 {
		edit()
	}
	if n := len(office.server.Mails()); n != 1 {
		t.Fatalf("%d mails before the hour", n)
	}
	ahead.Store(int64(26 * time.Hour))
	told := office.wait(2)
	for _, say := range []string{"Changed 3 times in that period; told here as one change.", "[-815-]", "{+860+}", "First seen ", "/change/"} { // "between" or, on one day, "on"
		if !strings.Contains(told.text, say) {
			t.Errorf("the digest lacks %q:\n%s", say, told.text)
		}
	}
	if strings.Contains(told.text, "845") {
		t.Errorf("the digest tells what no longer stands:\n%s", told.text)
	}

	leave := strings.Trim(told.header.Get("List-Unsubscribe"), "<>")
	if told.header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Fatalf("one click is not offered: %v", told.header)
	}
	res, err := http.Post(leave, "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click")) // as a mail program does
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	b.base = ""
	b.open(leave)
	b.see("main", "You will receive no more mails")
	b.base = s.url
	edit()
	ahead.Store(int64(52 * time.Hour))
	looked := site.Step()
	edit() // seen after the clock went on: a digest would have been due before
	if n := len(office.server.Mails()); n != 2 {
		t.Errorf("%d mails, want the confirmation and one digest (the site is at step %d)", n, looked)
	}
	if errs := s.errs.String(); strings.Contains(errs, "level=ERROR") {
		t.Errorf("the program logged errors:\n%s", errs)
	}
	b.close()
	stop()
	if code := <-s.done; code != 0 {
		t.Errorf("the program ended with %d:\n%s", code, s.errs)
	}
}

// serveDemo runs the program on the demonstration site, with its own clock and
// a mail server.
func serveDemo(t *testing.T, ctx context.Context, ahead *atomic.Int64, smtp string) (*watched, *started) {
	t.Helper()
	demo := watchDemo(t, "@every 1s")
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	return demo, startAt(t, ctx, now, demo.args("serve", "--listen", "127.0.0.1:0", "--smtp", "smtp://"+smtp, "--from", "Veille <veille@example.org>")...)
}

// capacityNow is the figure that the site's pages of closed centres show.
func capacityNow(t *testing.T, site *demosite.Site) string {
	t.Helper()
	rec := httptest.NewRecorder()
	site.ServeHTTP(rec, httptest.NewRequest("GET", "/en/closed-centres", nil))
	found := regexp.MustCompile(`(\d+) places`).FindStringSubmatch(rec.Body.String())
	if found == nil {
		t.Fatalf("no capacity on:\n%s", rec.Body)
	}
	return found[1]
}

// everywhere waits until the program has seen a figure on the page in all its
// three languages.
func everywhere(t *testing.T, ctx context.Context, base, figure string) {
	t.Helper()
	for {
		var doc struct{ Total int }
		res, err := http.Get(base + "/api/v1/search?q=" + figure)
		if err == nil {
			err = json.NewDecoder(res.Body).Decode(&doc)
			res.Body.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		if doc.Total >= 3 {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s was never found on three pages", figure)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// A mailbox is where the newcomer's mails arrive.
type mailbox struct {
	t      *testing.T
	ctx    context.Context
	server *smtptest.Server
}

// An arrived mail: its header, and its text as it is read.
type arrived struct {
	header mail.Header
	text   string
}

// wait waits for the n-th mail.
func (m *mailbox) wait(n int) arrived {
	m.t.Helper()
	for {
		if mails := m.server.Mails(); len(mails) >= n {
			return opened(m.t, mails[n-1].Raw)
		}
		select {
		case <-m.ctx.Done():
			m.t.Fatalf("mail %d never came", n)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// opened reads a mail's text part.
func opened(t *testing.T, raw string) arrived {
	t.Helper()
	msg, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	part, err := multipart.NewReader(msg.Body, params["boundary"]).NextRawPart()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(part))
	if err != nil {
		t.Fatal(err)
	}
	return arrived{msg.Header, strings.ReplaceAll(string(text), "\r\n", "\n")}
}

// link finds a link in a mail.
func link(t *testing.T, text, to string) string {
	t.Helper()
	found := regexp.MustCompile(`http://\S+` + to + `\S+`).FindString(text)
	if found == "" {
		t.Fatalf("no link to %s in:\n%s", to, text)
	}
	return found
}

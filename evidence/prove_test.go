package evidence

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"time"

	"veille/archive"
	"veille/extract"
)

var t0 = time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)

func open(t *testing.T) *archive.Archive {
	t.Helper()
	a, err := archive.Open(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// look keeps what a page showed, minutes after t0, and reads it.
func look(t *testing.T, a *archive.Archive, url string, minutes int, text string) {
	t.Helper()
	at := t0.Add(time.Duration(minutes) * time.Minute)
	c := &archive.Capture{Source: "be-test", URL: url, Lang: "en", Time: at, Exchanges: []archive.Exchange{{URL: url, Time: at, IP: "127.0.0.1",
		Request:  []byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"),
		Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(text), text)}}}
	if err := a.Add(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if c.Same {
		return
	}
	_, err := a.AddReadings(t.Context(), c.Seq, []archive.Reading{{Capture: c.Seq, Class: archive.Content, Version: &archive.Version{
		Title: "Return", Lang: "en", Strategy: "main", Blocks: []archive.Block{{Kind: archive.Paragraph, Role: archive.Main, Text: text}}}}})
	if err != nil {
		t.Fatal(err)
	}
}

const page = "https://example.org/return"

// history is a page that said 30 days, three times 14, and 30 again.
func history(t *testing.T) *archive.Archive {
	a := open(t)
	look(t, a, page, 0, "within 30 days")
	look(t, a, "https://example.org/other", 1, "something else")
	look(t, a, page, 60, "within 14 days")
	look(t, a, page, 120, "within 14 days")
	look(t, a, page, 180, "within 14 days")
	look(t, a, page, 240, "within 30 days")
	return a
}

func prover(a *archive.Archive) *Prover {
	return &Prover{Archive: a, Software: "Veille", Now: t0.AddDate(0, 0, 2)}
}

func prove(t *testing.T, a *archive.Archive, minutes int) []byte {
	t.Helper()
	p, err := a.Page(t.Context(), page)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := prover(a).Page(t.Context(), &b, p, t0.Add(time.Duration(minutes)*time.Minute)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func judge(t *testing.T, bundle []byte, key string, roots *x509.CertPool) (*Verdict, error) {
	t.Helper()
	return Check(t.Context(), bytes.NewReader(bundle), int64(len(bundle)), key, roots)
}

func TestASceptic(t *testing.T) {
	a := history(t)
	b := prove(t, a, 130)
	v, err := judge(t, b, a.LogKey(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := v.Claim
	if c.Kind != KindWording || c.Checks != 3 || !c.First.Equal(t0.Add(time.Hour)) || !c.Last.Equal(t0.Add(3*time.Hour)) || !c.Seen.After.Equal(t0) || c.Until == nil ||
		!c.Until.By.Equal(t0.Add(4*time.Hour)) || !c.Complete || c.Failed != 0 || v.Text != "within 14 days\n\n" || v.OwnKey || v.Entries != 6 {
		t.Errorf("%+v, claim %+v", v, c)
	}
	if v.SameBytes != 3 || v.Asserted != 0 || !v.Reading || len(v.Notes) != 1 || !strings.Contains(v.Notes[0], "No time-stamp authority") {
		t.Errorf("%+v", v)
	}
	// The wording that came back refers to a capture from before, which is there too.
	b = prove(t, a, 250)
	if v, err = judge(t, b, "", nil); err != nil || !v.OwnKey || v.Claim.Checks != 1 || v.Claim.Until != nil || v.Claim.Looks[0].Found != LookBase {
		t.Errorf("%+v, %v", v, err)
	}
	text := readmeOf(t, b)
	for _, want := range []string{"**1 time**, on **3 March 2026, 12:00:00 UTC**", "On 3 March 2026, 11:00:00 UTC the page brought something else", "this file says nothing",
		"No look at the page", strings.Split(a.LogKey(), "+")[0]} {
		if !strings.Contains(text, want) {
			t.Errorf("README.md lacks %q:\n%s", want, text)
		}
	}
}

func readmeOf(t *testing.T, bundle []byte) string {
	t.Helper()
	return string(unpack(t, bundle).data["about/README.md"])
}

// answers keeps what a page answered, minutes after t0, and how it was read.
func answers(t *testing.T, a *archive.Archive, minutes, status int, text string, class archive.Class) {
	t.Helper()
	at := t0.Add(time.Duration(minutes) * time.Minute)
	c := &archive.Capture{Source: "be-test", URL: page, Lang: "en", Time: at, Exchanges: []archive.Exchange{{URL: page, Time: at,
		Response: fmt.Appendf(nil, "HTTP/1.1 %d X\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", status, len(text), text)}}}
	if status == 0 {
		c.Exchanges, c.Err = nil, "dial: connection refused"
	}
	if err := a.Add(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	r := archive.Reading{Capture: c.Seq, Class: class}
	switch class {
	case archive.Content:
		r.Version = &archive.Version{Title: "Return", Lang: "en", Strategy: "main", Blocks: []archive.Block{{Kind: archive.Paragraph, Role: archive.Main, Text: text}}}
	case archive.Gone:
		r.Version = &archive.Version{Gone: true}
	}
	if c.Same {
		return
	}
	if _, err := a.AddReadings(t.Context(), c.Seq, []archive.Reading{r}); err != nil {
		t.Fatal(err)
	}
}

// TestWhatIsProvenOfATroubledPage: looks that found no page are counted apart;
// a withdrawal and an answer that is no page can be proven too.
func TestWhatIsProvenOfATroubledPage(t *testing.T) {
	a := open(t)
	answers(t, a, 0, 403, "Forbidden", archive.Blocked)
	answers(t, a, 10, 403, "Forbidden", archive.Blocked)
	answers(t, a, 60, 200, "within 14 days", archive.Content)
	answers(t, a, 120, 200, "Checking your browser", archive.Blocked)
	answers(t, a, 180, 0, "", archive.Error)
	answers(t, a, 240, 200, "within 14 days", archive.Content)
	answers(t, a, 300, 404, "no such page", archive.Gone)
	answers(t, a, 360, 404, "no such page!", archive.Gone)
	for minutes, want := range map[int]string{
		15:  "answer: 2 looks from 2026-03-03T08:00:00Z to 2026-03-03T08:10:00Z, status 403, 0 failed, not there at never, replaced by 2026-03-03T09:00:00Z, no look left out",
		70:  "wording: 2 looks from 2026-03-03T09:00:00Z to 2026-03-03T12:00:00Z, status 200, 2 failed, not there at never, replaced by 2026-03-03T13:00:00Z, no look left out",
		400: "withdrawn: 2 looks from 2026-03-03T13:00:00Z to 2026-03-03T14:00:00Z, status 404, 0 failed, not there at 2026-03-03T12:00:00Z, no look left out",
	} {
		v, err := judge(t, prove(t, a, minutes), a.LogKey(), nil)
		if err != nil {
			t.Errorf("at %d: %v", minutes, err)
			continue
		}
		if got := v.Claim.Kind + ": " + summary(v.Claim); got != want {
			t.Errorf("at %d:\ngot  %s\nwant %s", minutes, got, want)
		}
	}
	p, err := a.Page(t.Context(), page)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := prover(a).Page(t.Context(), io.Discard, p, t0.Add(-time.Hour)); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "nobody had looked") {
		t.Errorf("before the first look: %v", err)
	}
	if _, err := prover(a).Version(t.Context(), io.Discard, 99); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an unknown version: %v, want fs.ErrNotExist", err)
	}
}

// TestStampsInBundles: the first stamp after the wording was found and the
// latest one are in the bundle; they date the looks.
func TestStampsInBundles(t *testing.T) {
	auth := newTSA(t, nil)
	a := open(t)
	stampAt := func(minutes int) {
		auth.now = t0.Add(time.Duration(minutes) * time.Minute)
		s, err := auth.stamp(t, a.Checkpoint())
		if err != nil {
			t.Fatal(err)
		}
		if err := a.KeepStamp(s); err != nil {
			t.Fatal(err)
		}
	}
	look(t, a, page, 0, "within 30 days")
	stampAt(1) // before the wording
	for i := 1; i < 6; i++ {
		look(t, a, page, i*60, "within 14 days")
		stampAt(i*60 + 1)
	}
	look(t, a, page, 360, "within 14 days")
	b := prove(t, a, 130)
	v, err := judge(t, b, a.LogKey(), auth.Roots())
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Stamps) != 2 || !v.Stamps[0].Time.Equal(t0.Add(61*time.Minute)) || v.Stamps[0].Looks != 1 || !v.Stamps[0].Trusted ||
		!v.Stamps[1].Time.Equal(t0.Add(301*time.Minute)) || v.Stamps[1].Looks != 5 || v.Claim.Checks != 6 {
		t.Errorf("%+v", v.Stamps)
	}
	if v, err := judge(t, b, a.LogKey(), nil); err != nil || v.Stamps[0].Trusted {
		t.Errorf("without the authority's certificate: %+v, %v", v, err)
	}
	if _, err := judge(t, b, a.LogKey(), newTSA(t, nil).Roots()); !errors.Is(err, ErrNotProven) || !errors.Is(err, ErrNotStamped) {
		t.Errorf("with another authority's certificate: %v", err)
	}
	if text := readmeOf(t, b); !strings.Contains(text, "openssl ts -verify -in proofs/stamp-1.tsr") || !strings.Contains(text, "not even they") {
		t.Errorf("README.md does not speak of the stamps:\n%s", text)
	}
	// A look that says it was made after it was stamped.
	auth.now = t0.Add(-time.Hour)
	s, err := auth.stamp(t, a.Checkpoint())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.KeepStamp(s); err != nil {
		t.Fatal(err)
	}
	if _, err := judge(t, prove(t, a, 130), a.LogKey(), nil); !errors.Is(err, ErrNotProven) || !strings.Contains(err.Error(), "was in the log when it was stamped") {
		t.Errorf("a stamp from before: %v", err)
	}
}

func FuzzParseProof(f *testing.F) {
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 5\ngSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n\ncheckpoint\n"))
	f.Add([]byte("c2sp.org/tlog-proof@v1\nextra eA==\nindex 0\n\nx\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParseProof(b)
		if err != nil {
			return
		}
		again, err := ParseProof(p.Format())
		if err != nil || again.Index != p.Index || len(again.Hashes) != len(p.Hashes) || !bytes.Equal(again.Checkpoint, p.Checkpoint) {
			t.Fatalf("%q is not read as written: %v", b, err)
		}
	})
}

// TestAnotherBanner: a version that differs only in its banner does not date the
// wording; a bundle that keeps quiet about it is found out.
func TestAnotherBanner(t *testing.T) {
	a := open(t)
	for i, banner := range []string{"Closed on Friday", "Open on all days of the week", "Moved to another street"} {
		at := t0.Add(time.Duration(i) * time.Hour)
		body := "<html lang=en><body><header>" + banner + "</header><main><h1>Return</h1><p>within 14 days of the decision on the application</p></main></body></html>"
		c := &archive.Capture{Source: "be-test", URL: page, Lang: "en", Time: at, Exchanges: []archive.Exchange{{URL: page, Time: at,
			Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(body), body)}}}
		if err := a.Add(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := extract.Sync(t.Context(), nil, a, sources(t)); err != nil {
		t.Fatal(err)
	}
	b := prove(t, a, 70)
	v, err := judge(t, b, a.LogKey(), nil)
	if err != nil || v.Claim.Version != 2 || !v.Claim.SameBefore || !v.Claim.SameAfter || !strings.Contains(strings.Join(v.Notes, " "), "the wording was there already") {
		t.Fatalf("%+v, %v", v, err)
	}
	if text := readmeOf(t, b); !strings.Contains(text, "The text was there before") || !strings.Contains(text, "The text was still there") {
		t.Errorf("README.md:\n%s", text)
	}
	p := unpack(t, b)
	p.claim(t, func(c *Claim) { c.SameBefore = false })
	if v, err = judge(t, p.pack(t), a.LogKey(), nil); err != nil || !strings.Contains(strings.Join(v.Notes, " "), "reads the same main text in its bytes") {
		t.Errorf("%+v, %v", v, err)
	}
}

package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"time"

	"veille/archive"
	"veille/archive/wacz"
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

func prove(t *testing.T, a *archive.Archive, minutes int, stamp Stamp) []byte {
	t.Helper()
	p, err := a.Page(t.Context(), page)
	if err != nil {
		t.Fatal(err)
	}
	v, err := a.VersionAt(t.Context(), p.ID, t0.Add(time.Duration(minutes)*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := Prove(t.Context(), a, &b, v.ID, "Veille", t0, stamp); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestASceptic(t *testing.T) {
	a := history(t)
	b := prove(t, a, 130, nil)
	v, err := Check(bytes.NewReader(b), int64(len(b)), a.LogKey())
	if err != nil {
		t.Fatal(err)
	}
	c := v.Claim
	if c.Checks != 3 || !c.First.Equal(t0.Add(time.Hour)) || !c.Last.Equal(t0.Add(3*time.Hour)) || !c.Seen.After.Equal(t0) || c.Until == nil ||
		!c.Until.By.Equal(t0.Add(4*time.Hour)) || v.Text != "within 14 days\n\n" || v.OwnKey || v.Entries != 5 {
		t.Errorf("%+v, claim %+v", v, c)
	}
	// The wording that came back refers to a capture from before, which is there too.
	b = prove(t, a, 250, nil)
	if v, err = Check(bytes.NewReader(b), int64(len(b)), ""); err != nil || !v.OwnKey || v.Claim.Checks != 1 || v.Claim.Until != nil {
		t.Errorf("%+v, %v", v, err)
	}
	z, err := wacz.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := z.File("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"**1 time** between **3 March 2026, 12:00:00 UTC**", "the look before", "the latest wording known", a.LogKey()[:20]} {
		if want == a.LogKey()[:20] {
			want = strings.Split(a.LogKey(), "+")[0]
		}
		if !strings.Contains(string(text), want) {
			t.Errorf("README.md lacks %q:\n%s", want, text)
		}
	}
}

func TestNothingToProve(t *testing.T) {
	a := history(t)
	if _, err := Prove(t.Context(), a, io.Discard, 99, "", t0, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an unknown version: %v, want fs.ErrNotExist", err)
	}
	failing := func(context.Context, [32]byte) ([]byte, error) { return nil, errors.New("the authority is away") }
	if _, err := Prove(t.Context(), a, io.Discard, 1, "", t0, failing); err == nil || !strings.Contains(err.Error(), "away") {
		t.Errorf("without the authority: %v", err)
	}
}

// repack writes a bundle again with one part changed, and all digests of the
// package made right: the work of a forger who knows the format.
func repack(t *testing.T, bundle []byte, change func(name string, content []byte) []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(bundle), int64(len(bundle)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := wacz.NewWriter(&out, wacz.Meta{Created: t0})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		content = change(f.Name, content)
		switch {
		case f.Name == "archive/data.warc.gz":
			_, err = w.Member(content)
		case strings.HasPrefix(f.Name, "proofs/") && content != nil, f.Name == "statement.json", f.Name == "README.md":
			err = w.File(f.Name, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestForgeriesAreFound(t *testing.T) {
	a, other := history(t), open(t)
	look(t, other, page, 60, "within 14 days")
	b := prove(t, a, 130, nil)
	same := func(_ string, c []byte) []byte { return c }
	if _, err := Check(bytes.NewReader(repack(t, b, same)), int64(len(repack(t, b, same))), a.LogKey()); err != nil {
		t.Fatalf("the repacked bundle: %v", err)
	}
	forged := prove(t, other, 70, nil)
	z, err := wacz.Open(bytes.NewReader(forged), int64(len(forged)))
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := z.File("archive/data.warc.gz")
	if err != nil {
		t.Fatal(err)
	}
	replace := func(part, from, to string) func(string, []byte) []byte {
		return func(name string, c []byte) []byte {
			if name == part {
				return bytes.Replace(c, []byte(from), []byte(to), 1)
			}
			return c
		}
	}
	for name, change := range map[string]func(string, []byte) []byte{
		"more looks than there were": replace("statement.json", `"checks": 3`, `"checks": 4`),
		"an earlier first look":      replace("statement.json", "2026-03-03T09:00:00Z", "2026-03-03T08:30:00Z"),
		"another page":               replace("statement.json", "example.org", "example.com"),
		"a larger log":               replace("statement.json", `"log_size": 10`, `"log_size": 11`),
		"no look before":             replace("statement.json", `"after": "2026-03-03T08:00:00Z",`, ""),
		"another checkpoint": func(n string, c []byte) []byte {
			return map[bool][]byte{true: other.Checkpoint(), false: c}[n == "proofs/checkpoint"]
		},
		"another's records": func(n string, c []byte) []byte {
			return map[bool][]byte{true: foreign, false: c}[n == "archive/data.warc.gz"]
		},
		"a look left out": func(n string, c []byte) []byte {
			return map[bool][]byte{true: c[:len(c)/2], false: c}[n == "archive/data.warc.gz"]
		},
		"a proof left out": func(n string, c []byte) []byte {
			return map[bool][]byte{true: nil, false: c}[n == "proofs/capture-4.tlog-proof"]
		},
		"another entry's proof": replace("proofs/capture-4.tlog-proof", "index ", "index 1"),
	} {
		f := repack(t, b, change)
		if bytes.Equal(f, repack(t, b, same)) {
			t.Errorf("%s: nothing was forged", name)
		}
		if _, err := Check(bytes.NewReader(f), int64(len(f)), a.LogKey()); !errors.Is(err, ErrNotProven) {
			t.Errorf("%s: %v, want ErrNotProven", name, err)
		}
	}
	if _, err := Check(bytes.NewReader(b), int64(len(b)), other.LogKey()); !errors.Is(err, ErrNotProven) {
		t.Errorf("with another log's key: %v, want ErrNotProven", err)
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

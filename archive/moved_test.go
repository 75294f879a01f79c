package archive

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// redirected is an answer behind redirects: each hop is the status with which
// the address before leads to it.
func redirected(url string, minutes int, body string, hops ...string) *Capture {
	c := capture(url, minutes, body)
	last := c.Exchanges[0]
	c.Exchanges = nil
	for i := 0; i < len(hops); i += 2 {
		c.Exchanges = append(c.Exchanges, Exchange{URL: url, Time: last.Time, Request: last.Request,
			Response: []byte("HTTP/1.1 " + hops[i] + " Moved\r\nLocation: " + hops[i+1] + "\r\nContent-Length: 0\r\n\r\n")})
		url = hops[i+1]
	}
	last.URL = url
	c.Exchanges = append(c.Exchanges, last)
	return c
}

// TestMoved: the archive knows where permanent redirects lead, and after a
// rebuild too; what leads on only for now is no move.
func TestMoved(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	const url = "https://example.org/a"
	cs := []*Capture{
		capture(url, 0, "one"),
		redirected(url, 10, "one", "301", "https://example.org/b"),
		redirected(url, 20, "two", "308", "https://example.org/b", "302", "https://example.org/c"),
		redirected(url, 30, "three", "302", "https://example.org/c", "301", "https://example.org/d"),
	}
	add(t, a, cs...)
	check := func(a *Archive) {
		t.Helper()
		for i, want := range []string{"", "https://example.org/b", "https://example.org/b", ""} {
			c, err := a.Capture(t.Context(), cs[i].Seq)
			if err != nil || c.MovedTo != want || cs[i].MovedTo != want {
				t.Errorf("capture %d: moved to %q, when added %q, want %q (%v)", i, c.MovedTo, cs[i].MovedTo, want, err)
			}
		}
	}
	check(a)

	r := func(c *Capture, to string) Reading {
		r := content(c, "The same text.")
		r.Version.Blocks[0].Refs = []string{"32008L0115", "C-562/13"}
		r.Version.InForceOn, r.Version.MovedTo, r.Version.MovedFrom = "2026-06-12", to, "https://example.org/z"
		return r
	}
	added := reads(t, a, r(cs[0], ""), r(cs[1], "https://example.org/b"), r(cs[2], "https://example.org/b"), r(cs[3], ""))
	if len(added) != 3 {
		t.Fatalf("%d versions, want 3: there, moved, back", len(added))
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	healthy(t, dir)
	if err := Rebuild(t.Context(), dir, quiet(), false); err != nil {
		t.Fatal(err)
	}
	a = open(t, dir)
	check(a)
	for i, v := range added {
		got, err := a.Version(t.Context(), v.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := *v
		want.Until = got.Until
		if d := cmp.Diff(&want, got); d != "" {
			t.Errorf("version %d (-added +rebuilt):\n%s", i, d)
		}
	}
}

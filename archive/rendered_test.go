package archive

import (
	"strings"
	"testing"

	"veille/archive/warc"
)

// TestRendered: what a browser made of an answer lies in a record whose block
// is the page itself, as other tools want a resource to be, and is read back as
// the page's answer; so is one from before, which was an answer of HTTP.
func TestRendered(t *testing.T) {
	dir := t.TempDir()
	a := open(t, dir)
	const url, page = "https://example.org/a", "<html><body><p>Made by scripts: é</p></body></html>"
	one, two := capture(url, 0, "<div id=root></div>"), capture(url, 10, "<div id=root></div>")
	for _, c := range []*Capture{one, two} {
		c.Exchanges = append(c.Exchanges, Exchange{URL: url, Time: c.Time, Rendered: true,
			Response: []byte("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nVeille-Rendered: a browser\r\n\r\n" + page)})
	}
	add(t, a, one, two)
	if two.Refers != one.Seq {
		t.Errorf("the same page refers to %d", two.Refers)
	}
	check := func(a *Archive) {
		t.Helper()
		for _, seq := range []Seq{one.Seq, two.Seq} {
			c, err := a.Capture(t.Context(), seq)
			if err != nil || string(c.Body) != page || c.Status != 200 || c.Header.Get("Content-Type") != "text/html; charset=utf-8" || c.Header.Get("Veille-Rendered") != "a browser" {
				t.Errorf("capture %d: status %d, header %v, body %q, %v", seq, c.Status, c.Header, c.Body, err)
			}
		}
		if l, err := a.IndexLine(t.Context(), one.Seq); err != nil || l.MIME != "text/html" {
			t.Errorf("index line %+v, %v", l, err)
		}
	}
	check(a)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	_, recs := records(t, dir)
	found := false
	for _, r := range recs {
		if r.Type() != warc.TypeResource {
			continue
		}
		found = true
		if string(r.Block) != page || r.Get("Content-Type") != "text/html; charset=utf-8" || r.Get("WARC-Payload-Digest") != r.Get("WARC-Block-Digest") {
			t.Errorf("the record is\n%s%s", r.Head(), r.Block)
		}
		before := warc.New(warc.TypeResource, t0, typeHTTPResponse, []byte("HTTP/1.1 200 OK\r\n\r\n"+page))
		if got := string(answerOf(before)); got != string(before.Block) {
			t.Errorf("one from before is read as %q", got)
		}
	}
	if !found {
		t.Error("there is no resource")
	}
	healthy(t, dir)
	if err := Rebuild(t.Context(), dir, quiet(), false); err != nil {
		t.Fatal(err)
	}
	check(open(t, dir))
	if !strings.Contains(string(answerOf(&warc.Record{Fields: []warc.Field{{Name: "WARC-Type", Value: "resource"}, {Name: "Content-Type", Value: "text/html"}}, Block: []byte("x")})), "\r\n\r\nx") {
		t.Error("a resource without a browser's name is no answer")
	}
}

package cdxj

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestKeys(t *testing.T) {
	for address, want := range map[string]string{
		"https://www.fedasil.be/fr/Retour":          "be,fedasil)/fr/retour",
		"http://example.com":                        "com,example)/",
		"http://example.com:80/a?b=2&a=1#top":       "com,example)/a?a=1&b=2",
		"https://example.com:8443/":                 "com,example:8443)/",
		"http://user:pass@example.com/":             "com,example)/",
		"http://127.0.0.1:8000/x":                   "127.0.0.1:8000)/x",
		"https://EUR-LEX.europa.eu/eli/dir/2008%20": "eu,europa,eur-lex)/eli/dir/2008%20",
		"dns:example.com":                           "dns:example.com",
	} {
		if got := Key(address); got != want {
			t.Errorf("Key(%q) = %q, want %q", address, got, want)
		}
	}
}

func TestLinesAreReadAsWritten(t *testing.T) {
	l := &Line{URL: "https://example.org/a?x=1", Time: time.Date(2026, 5, 30, 10, 15, 0, 5e6, time.UTC), MIME: "text/html", Status: 200,
		Digest: "sha256:00", Length: 2269, Offset: 283, File: "data.warc.gz"}
	b, err := l.Format()
	if err != nil {
		t.Fatal(err)
	}
	const want = `org,example)/a?x=1 20260530101500005 {"url":"https://example.org/a?x=1","mime":"text/html","status":200,"digest":"sha256:00","length":2269,"offset":283,"filename":"data.warc.gz"}`
	if string(b) != want {
		t.Errorf("wrote\n%s, want\n%s", b, want)
	}
	got, err := Parse(b)
	l.Key = "org,example)/a?x=1"
	if d := cmp.Diff(l, got); err != nil || d != "" {
		t.Errorf("read back (%v):\n%s", err, d)
	}
}

func TestOthersLines(t *testing.T) {
	l, err := Parse([]byte(`com,example)/ 20140103030321 {"url":"http://example.com?example=1","mime":"text/html","status":"200","digest":"B2LTWWPUOYAH7UIPQ7ZUPQ4VMBSVC36A","length":"1043","offset":"333","filename":"example.warc.gz"}` + "\r\n"))
	if err != nil || l.Offset != 333 || l.Status != 200 || l.Time.Year() != 2014 {
		t.Errorf("%+v, %v", l, err)
	}
	for _, bad := range []string{"", "a", "a b", "a 2014 {}", "a 20141303030321 {}", "a 20140103030321 {", `a 20140103030321 {"offset":"x"}`} {
		if _, err := Parse([]byte(bad)); !errors.Is(err, ErrMalformed) {
			t.Errorf("Parse(%q): %v, want ErrMalformed", bad, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`com,example)/ 20140103030321 {"url":"http://example.com","offset":"333"}`))
	f.Add([]byte("a b c"))
	f.Fuzz(func(t *testing.T, line []byte) {
		l, err := Parse(line)
		if err != nil {
			return
		}
		b, err := l.Format()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := Parse(b); err != nil || !again.Time.Equal(l.Time) || again.URL != l.URL {
			t.Fatalf("%q is read as %+v, and written as %q (%v)", line, l, b, err)
		}
	})
}

func FuzzKey(f *testing.F) {
	f.Add("https://www.example.org/a?b=1")
	f.Fuzz(func(t *testing.T, s string) { Key(s) })
}
